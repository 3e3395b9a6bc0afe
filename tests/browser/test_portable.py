"""What readers carry away: the zip of the site behind Python's own small server, and each figure as a file on disk."""

import csv
import io
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, expect

from klweb.sitegen import exports, neighbours
from klweb.widget import FRAMES
from klweb.widgets import WIDGETS
from tests.browser.support import Figure, Opener, Reader, Studio, after, preset, put, until

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.flatMap(
  ({id, help, nodes}) => nodes.map(node => `${id}: ${help}: ${node.target.join(" ")}: ${node.failureSummary}`))"""
PLACE = "drei Körbe & a space"
"""A folder's name that an address can't hold as it is."""


@pytest.fixture(scope="module")
def folder(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the single files and nothing beside them."""
    place = tmp_path_factory.mktemp("disk") / PLACE
    place.mkdir()
    for name in WIDGETS:
        shutil.copy(site / "offline" / f"{name}.html", place)
    return place


def opened(reader: Reader, folder: Path, name: str) -> Figure:
    """Open a file from disk, and wait until its figure is ready."""
    reader.requests.clear()
    reader.page.goto((folder / f"{name}.html").as_uri(), wait_until="load")
    return reader.figure(name).ready()


@pytest.fixture(scope="module", params=["desk", "phone"])
def frame(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def reader(studio: Studio, frame: str) -> Iterator[Reader]:
    reader = studio.open(360 if frame == "phone" else 1280, touch=frame == "phone", reduced_motion="reduce")
    yield reader
    studio.close(reader)


# ── every example ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", WIDGETS)
def test_every_example_shows_what_the_core_says_with_its_steps_and_asks_nobody(
    reader: Reader, folder: Path, frame: str, name: str
) -> None:
    figure = opened(reader, folder, name)
    figure.shows(preset(name, frame=frame))
    widget = WIDGETS[name]
    for item in reversed(widget.presets):
        answer = preset(name, item.name, frame)
        figure.preset(item.name).click()
        figure.shows(answer)
        # What can be moved has steps, and what has none is not there.
        moving = {one.name for one in neighbours.controls(widget, widget.preset(item.name), FRAMES[frame])}

        def check(moving: set[str] = moving) -> object:
            offered = offers(figure.root)
            return offered <= moving or f"{sorted(offered - moving)} are offered besides {sorted(moving)}"

        until(reader.page, check, f"{name} {item.name} offers what has steps", 10)
        # Handles stand on the picture of what is chosen, the other bars behind a choice.
        assert bool(offers(figure.root)) == bool(moving)
        assert figure.look()["pressed"] == [item.name]
        assert figure.find("[data-preset-note]").inner_text() == item.note
        table = figure.find("table[data-table]")
        cells = table.evaluate("t => [...t.tBodies[0].rows].map(row => [...row.cells].map(c => c.textContent))")
        assert cells == answer["view"]["table"]["rows"]
        assert figure.find("canvas[data-figure]").is_visible()
    figure.says_nothing()
    assert reader.requests == [(folder / f"{name}.html").as_uri()]
    assert reader.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def offers(figure: Locator) -> set[str]:
    """Return the names of all that can be moved or pressed, examples and what is for taking along aside."""
    names: list[str] = figure.evaluate(
        """figure => [...figure.querySelectorAll("button, input, select")]
          .filter(one => one.checkVisibility() && !one.matches(":disabled"))
          .filter(one => !one.matches("[data-preset], [data-save], [data-action=reset], [data-picture-theme]"))
          .map(one => one.name || one.outerHTML.slice(0, 100))"""
    )
    return set(names)


def test_a_bar_moves_from_stop_to_stop(open_page: Opener, folder: Path) -> None:
    reader = open_page(reduced_motion="reduce")
    figure = opened(reader, folder, "asymmetry")
    handle = figure.handle("q.2")
    handle.press("Home")
    figure.shows(after("asymmetry", put("q.2", 0)), rel=1e-9)
    box = handle.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reader.page.mouse.move(*middle)
    reader.page.mouse.down()
    reader.page.mouse.move(middle[0], middle[1] - 100, steps=8)
    reader.page.mouse.up()
    value = figure.look()["handles"]["q.2"]["value"]
    assert 0.1 < value < 0.9
    figure.shows(after("asymmetry", put("q.2", value)), rel=1e-9)
    figure.says_nothing()
    assert figure.look()["pressed"] == []
    assert figure.find("[data-preset-note]").inner_text() == "One step from an example."


def test_a_second_change_takes_the_first_back_and_says_so(open_page: Opener, folder: Path) -> None:
    reader = open_page(reduced_motion="reduce")
    figure = opened(reader, folder, "gaussians")
    figure.slider("mu_q").press("End")
    figure.shows(after("gaussians", put("mu_q", float(figure.slider("mu_q").get_attribute("max") or ""))), rel=1e-9)
    figure.says_nothing()
    figure.slider("sigma_q").press("Home")
    low = float(figure.slider("sigma_q").get_attribute("min") or "")
    figure.shows(after("gaussians", put("sigma_q", low)), rel=1e-9)
    figure.says("one change at a time")
    figure.button("swap-means").click()
    figure.shows(after("gaussians", {"type": "press", "name": "swap-means"}), rel=1e-9)
    figure.preset("wide-model").click()
    figure.shows(preset("gaussians", "wide-model"))
    figure.says_nothing()


def test_a_choice_that_changes_no_number_is_no_change(open_page: Opener, folder: Path) -> None:
    figure = opened(open_page(reduced_motion="reduce"), folder, "asymmetry")
    figure.find('input[name="edit"][value="p"]').check(force=True)
    figure.handle("p.0").press("Home")
    figure.shows(after("asymmetry", put("edit", "p"), put("p.0", 0)), rel=1e-9)
    figure.says_nothing()


def test_when_the_window_grows_the_other_picture_stands_there(open_page: Opener, folder: Path) -> None:
    reader = open_page(360, reduced_motion="reduce")
    figure = opened(reader, folder, "wasted-bits")
    figure.preset("matched").click()
    figure.shows(preset("wasted-bits", "matched", "phone"))
    reader.page.set_viewport_size({"width": 1280, "height": 800})
    wide = preset("wasted-bits", "matched")["view"]["scene"]
    shape = f"{wide['width']} / {wide['height']}"
    expect(figure.find("canvas[data-figure]")).to_have_css("aspect-ratio", shape)
    figure.shows(preset("wasted-bits", "matched"))
    figure.says_nothing()


# ── all else that a page owes its readers ────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["asymmetry", "lottery", "topic-map"])
def test_axe_finds_nothing_in_either_theme(open_page: Opener, folder: Path, name: str) -> None:
    reader = open_page(360, reduced_motion="reduce")
    figure = opened(reader, folder, name)
    figure.find("details[data-menu] > summary").click()
    reader.page.evaluate(AXE.read_text())
    for width, scheme in ((360, "light"), (1280, "dark")):
        reader.page.set_viewport_size({"width": width, "height": 800})
        reader.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        reader.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found = reader.page.evaluate(RUN)
        assert not found, "\n".join(found)
        assert reader.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("name", WIDGETS)
def test_without_scripts_there_are_the_picture_and_a_table_of_examples(
    open_page: Opener, folder: Path, name: str
) -> None:
    reader = open_page(360, java_script_enabled=False)
    reader.page.goto((folder / f"{name}.html").as_uri())
    figure = reader.figure(name)
    expect(figure.find("svg[data-figure]:visible")).to_have_count(1)
    assert figure.find("[data-summary]").inner_text() == preset(name)["view"]["summary"]
    text = re.sub(r"\s+", " ", " | ".join(figure.find("table:visible tbody tr").all_inner_texts()))
    for item in WIDGETS[name].presets:
        assert item.label in text
        for readout in preset(name, item.name)["view"]["readouts"]:
            assert readout["text"] in text
    assert not reader.page.locator("button:visible, input:visible, select:visible").all()
    assert reader.requests == [(folder / f"{name}.html").as_uri()]


def test_what_is_shown_can_be_taken_along_and_tells_nothing_of_the_disk(open_page: Opener, folder: Path) -> None:
    reader = open_page(reduced_motion="reduce")
    figure = opened(reader, folder, "asymmetry")
    figure.preset("mirror-image").click()
    figure.shows(preset("asymmetry", "mirror-image"))
    figure.find("details[data-menu] > summary").click()
    saved = {}
    for what in ("svg", "png", "csv"):
        with reader.page.expect_download() as download:
            figure.find(f'[data-save="{what}"]').click()
        assert download.value.suggested_filename == f"klweb-asymmetry-mirror-image.{what}"
        saved[what] = download.value.path().read_bytes()
    drawing = ElementTree.fromstring(saved["svg"])  # noqa: S314  a file of ours
    assert drawing.findtext("{http://www.w3.org/2000/svg}title") == WIDGETS["asymmetry"].title
    assert saved["png"].startswith(b"\x89PNG")
    head, *rows = csv.reader(io.StringIO(saved["csv"].decode(), newline=""))
    assert len(rows) == len(preset("asymmetry", "mirror-image")["view"]["table"]["rows"])
    where = (str(folder), folder.as_uri(), "file:", folder.parent.name)
    for what in ("svg", "csv"):
        assert not [part for part in where if part.encode() in saved[what]]
    assert {row[head.index("link")] for row in rows} == {""}
    figure.find('[data-save="formula"]').click()
    expect(figure.find("[data-saved]")).to_contain_text("formula")
    assert exports.formula("asymmetry") == figure.find('[data-save="formula"]').get_attribute("data-tex")
    assert figure.find("[data-action=link]").count() == 0


def test_its_fonts_come_with_it(open_page: Opener, folder: Path) -> None:
    reader = open_page()
    opened(reader, folder, "gaussians")
    loaded = reader.page.evaluate(
        "async () => { await document.fonts.ready;"
        " return [...document.fonts].filter(face => face.status === 'loaded').map(face => face.family) }"
    )
    assert {family.strip('"') for family in loaded} >= {"Klweb Serif", "Klweb Sans"}


# ── the zip ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def unpacked(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the zip's content behind ``python -m http.server``, as its README.txt has it."""
    place = tmp_path_factory.mktemp("carried") / PLACE
    with zipfile.ZipFile(site / "offline" / "klweb.zip") as archive:
        archive.extractall(place)
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        command, cwd=place / "klweb", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        found = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())
        assert found
        yield found[0]
        server.terminate()


@pytest.mark.parametrize("path", ["", "embed/asymmetry/"])
def test_python_answers_in_a_site_that_was_carried_away(open_page: Opener, unpacked: str, path: str) -> None:
    reader = open_page(url=unpacked, reduced_motion="reduce", service_workers="allow").visit(path)
    figure = reader.figure("asymmetry").live()
    figure.handle("q.2").press("Home")
    figure.shows(after("asymmetry", put("q.2", 0)))
    figure.handle("q.1").press("End")
    figure.shows(after("asymmetry", put("q.2", 0), put("q.1", 1)))


def test_a_site_that_was_carried_away_keeps_nothing_in_the_browser(open_page: Opener, unpacked: str) -> None:
    reader = open_page(url=unpacked, reduced_motion="reduce", service_workers="allow").visit()
    reader.figure("asymmetry").live()
    reader.page.wait_for_load_state("networkidle")
    assert reader.page.evaluate("navigator.serviceWorker.getRegistrations().then(found => found.length)") == 0
    assert not [url for url in reader.requests if url.endswith("sw.js")]
    assert reader.page.evaluate("caches.keys()") == []


def test_every_page_that_was_carried_away_finds_its_files(open_page: Opener, unpacked: str) -> None:
    reader = open_page(url=unpacked, reduced_motion="reduce")
    for path in ("six-ways/", "topics/", "topics/gaussian-kl/", "practice/"):
        reader.visit(path)
        expect(reader.page.locator("h1")).to_be_visible()
        reader.page.wait_for_load_state("networkidle")
