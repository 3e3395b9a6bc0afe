"""Presets answer without Python, and show what Python would."""

import pytest

from klweb.widgets import WIDGETS
from tests.browser.support import NAMES, PRESETS, Opener, Reader, preset, until

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("widget", "name"), PRESETS)
def test_every_preset_shows_what_cpython_says(plain_desk: Reader, widget: str, name: str) -> None:
    figure = plain_desk.figure(widget).ready()
    figure.preset(name).click()
    figure.shows(preset(widget, name))
    shown = figure.look()
    assert shown["pressed"] == [name]
    assert shown["status"] != "live"
    handles = {m["name"]: m for m in preset(widget, name)["view"]["scene"]["marks"] if m["mark"] == "handle"}
    assert {key: item["value"] for key, item in shown["handles"].items()} == pytest.approx(
        {key: mark["value"] for key, mark in handles.items()}, abs=0.0051
    )
    assert {key: item["words"] for key, item in shown["handles"].items()} == {
        key: mark["value_text"] for key, mark in handles.items()
    }


@pytest.mark.parametrize("widget", NAMES)
def test_presets_change_the_sentence_and_the_table(plain_phone: Reader, widget: str) -> None:
    figure = plain_phone.figure(widget)
    summaries, tables = set(), set()
    for item in WIDGETS[widget].presets:
        figure.preset(item.name).click()
        figure.shows(preset(widget, item.name, "phone"))
        summaries.add(figure.look()["summary"])
        tables.add(figure.find("table[data-table]").text_content())
    assert len(summaries) == len(tables) == len(WIDGETS[widget].presets)


def test_a_tables_rows_come_and_go_with_the_symbols(plain_desk: Reader) -> None:
    figure = plain_desk.figure("asymmetry").ready()
    for name in ("long-tail", "identical", "long-tail"):
        figure.preset(name).click()
        answer = preset("asymmetry", name)
        figure.shows(answer)
        rows = answer["view"]["table"]["rows"]
        assert figure.find("table[data-table] tbody tr").count() == len(rows)
        assert figure.find('table[data-table] tbody th[scope="row"]').all_text_contents() == [row[0] for row in rows]
        cells = [cell for row in rows for cell in row[1:]]
        assert figure.find("table[data-table] tbody td").all_text_contents() == cells
        assert figure.find('table[data-table] thead th[scope="col"]').count() == 5


def test_the_page_as_served_is_the_first_preset(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    for widget in NAMES:
        shown = reader.figure(widget).look()
        assert shown["pressed"] == [WIDGETS[widget].presets[0].name]
        reader.figure(widget).shows(preset(widget), patience=1)


COUNT = """window.painted = 0;
const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = function (...given) { painted += 1; return getContext.apply(this, given); };"""
SAID = ("summary", "readout", "detail", "table", "preset-note", "preset")


def test_what_is_rehearsed_before_the_first_change_is_not_seen(open_page: Opener) -> None:
    def look(reader: Reader) -> list[str]:
        parts = reader.page.locator(", ".join(f"figure.widget [data-{name}]" for name in SAID))
        found: list[str] = parts.evaluate_all("all => all.map(part => part.innerHTML)")
        return found

    served = open_page(java_script_enabled=False).visit()
    reader = open_page(python=False, init=COUNT).visit()
    reader.figure("asymmetry").ready()
    until(reader.page, lambda: reader.page.evaluate("painted") > 0, "a canvas is painted")
    reader.page.evaluate("() => new Promise(resolve => requestIdleCallback(resolve))")
    assert look(reader) == look(served)
    assert reader.page.locator("figure.widget canvas, figure.painted").count() == 0


def test_a_hand_on_a_control_finds_the_canvas_in_place(open_page: Opener) -> None:
    reader = open_page(360, python=False, init=COUNT).visit()
    figure = reader.figure("asymmetry").ready()
    until(reader.page, lambda: reader.page.evaluate("painted") > 0, "the canvas is rehearsed")
    figure.find('[data-handle="q.2"]').focus()
    until(reader.page, lambda: figure.find("canvas[data-figure]").count() == 1, "the canvas is in place")
    figure.shows(preset("asymmetry", WIDGETS["asymmetry"].presets[0].name, "phone"))
    assert "#" not in reader.page.url


def test_what_a_press_painted_ahead_is_what_its_release_shows(open_page: Opener) -> None:
    reader = open_page(360, python=False, init=COUNT, reduced_motion="reduce").visit()
    figure = reader.figure("asymmetry").ready()
    until(reader.page, lambda: reader.page.evaluate("painted") > 0, "the canvas is rehearsed")
    box = figure.preset("mirror-image").bounding_box()
    assert box
    reader.page.mouse.move(box["x"] + 5, box["y"] + 5)
    reader.page.mouse.down()
    reader.page.wait_for_timeout(100)
    # A finger that leaves the button has chosen nothing.
    assert figure.find("canvas[data-figure]").count() == 0
    reader.page.mouse.move(0, 0)
    reader.page.mouse.up()
    assert figure.find("canvas[data-figure]").count() == 0
    figure.preset("long-tail").click(delay=100)
    figure.shows(preset("asymmetry", "long-tail"))
    until(reader.page, lambda: reader.page.url.endswith("#asymmetry=long-tail"), "the address says so")
    pixels = "canvas => canvas.toDataURL()"
    ahead = figure.find("canvas[data-figure]").evaluate(pixels)
    for name in ("mirror-image", "long-tail"):  # and now as anything later is painted
        figure.preset(name).click()
        figure.shows(preset("asymmetry", name))
    assert figure.find("canvas[data-figure]").evaluate(pixels) == ahead


def test_presets_need_no_python_file(open_page: Opener) -> None:
    reader = open_page(python=False, init="Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    figure = reader.visit().figure("asymmetry")
    figure.preset("mirror-image").click()
    figure.shows(preset("asymmetry", "mirror-image"))
    until(reader.page, lambda: figure.find("canvas[data-figure]").count() == 1, "a canvas is painted")
    # Somebody who pays for every byte is spared Python until a control is touched.
    assert not [url for url in reader.requests if "/runtime/" in url]
    assert figure.look()["status"] == "static"
