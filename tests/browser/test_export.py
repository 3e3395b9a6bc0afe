"""What readers take along from a figure: its picture, its table, its formula."""

import csv
import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Download, expect

from klweb.sitegen import exports
from klweb.sitegen.serve import Server
from klweb.widgets import WIDGETS
from tests.browser.support import Figure, Opener, Reader, Studio, held, preset, until

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"
SCRIPT = re.compile(r"/export\.js")


def menu(figure: Figure) -> Figure:
    """Open the menu that the buttons stand in."""
    details = figure.find("details[data-menu]")
    if details.get_attribute("open") is None:
        details.locator("> summary").click()
    return figure


def saved(figure: Figure, what: str, theme: str = "") -> Download:
    """Press a button and return the file that it gives; the figure must say so."""
    menu(figure).find("[data-picture-theme]").select_option(theme)
    with figure.page.expect_download() as download:
        figure.find(f'[data-save="{what}"]').click()
    expect(figure.find("[data-saved]")).to_have_text(f"Saved as {download.value.suggested_filename}.")
    return download.value


def text_of(download: Download) -> str:
    return download.path().read_bytes().decode()


def image_of(download: Download) -> Image.Image:
    return Image.open(download.path()).convert("RGB")


def rows_of(download: Download) -> list[list[str]]:
    """Read a table strictly: lines end as RFC 4180 says, and all have as many fields."""
    text = text_of(download)
    assert "\n" not in text.replace("\r\n", "")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1
    return rows


def parsed(download: Download) -> ElementTree.Element:
    return ElementTree.fromstring(text_of(download))  # noqa: S314  a file of ours


def title_of(figure: Figure) -> str:
    return WIDGETS[figure.name].title


@pytest.fixture(scope="module")
def desk(studio: Studio) -> Iterator[Reader]:
    """Return a desk with light pages, sharp pixels, and no Python."""
    reader = studio.open(python=False, reduced_motion="reduce", color_scheme="light", device_scale_factor=2)
    yield reader
    studio.close(reader)


@pytest.mark.parametrize("name", WIDGETS)
def test_every_figure_gives_all_that_it_shows(desk: Reader, name: str) -> None:
    figure = desk.visit(f"embed/{name}/").figure(name)
    first, page = WIDGETS[name].presets[0].name, urldefrag(figure.find(".credit a").evaluate("a => a.href")).url
    answer = preset(name)["view"]

    drawing = saved(figure, "svg")
    assert drawing.suggested_filename == f"klweb-{name}-{first}.svg"
    root = parsed(drawing)
    assert root.findtext(f"{SVG}title") == title_of(figure)
    assert root.findtext(f"{SVG}desc") == f"{answer['summary']} {page}#{name}={first}"
    words = "".join(element.text or "" for element in root.iter(f"{SVG}text"))
    assert "".join(title_of(figure).split()) in "".join(words.split())
    assert f"KL divergence · {page}".replace(" ", "") in words.replace(" ", "")
    assert {element.tag.removeprefix(SVG) for element in root} <= {"title", "desc", "rect", "path", "circle", "text"}
    colours = {element.get(key, "") for element in root for key in ("fill", "stroke")}
    assert all(re.fullmatch(r"(rgb\(\d+, \d+, \d+\))?", colour) for colour in colours)

    picture = saved(figure, "png")
    assert picture.suggested_filename == f"klweb-{name}-{first}.png"
    size = (2 * int(root.get("width", "")), 2 * int(root.get("height", "")))
    assert image_of(picture).size == size

    table = saved(figure, "csv")
    assert table.suggested_filename == f"klweb-{name}-{first}.csv"
    head, *rows = rows_of(table)
    readouts = {item["name"]: item["value"] for item in answer["readouts"]}
    shown = answer["table"]
    assert head == [*shown["head"], *readouts, "caption", "link"]
    assert len(rows) == len(shown["rows"])
    for row, cells in zip(rows, shown["rows"], strict=True):
        assert row[0] == cells[0]
        assert row[len(cells) :] == [*readouts.values(), shown["caption"], f"{page}#{name}={first}"]
    assert not any(re.fullmatch(r"[×−]*[\d.∞]+", cell) and re.search("[×−∞]", cell) for row in rows for cell in row)

    # The page's own picture and the same scene on a canvas are one file.
    figure.preset(first).click()
    expect(figure.find("canvas[data-figure]")).to_be_attached()
    assert text_of(saved(figure, "svg")) == text_of(drawing)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_drawing_and_the_pixels_are_one_picture(desk: Reader, theme: str) -> None:
    figure = desk.visit().figure("asymmetry")
    figure.preset("mirror-image").click()
    figure.shows(preset("asymmetry", "mirror-image"))
    drawing, pixels = saved(figure, "svg", theme), image_of(saved(figure, "png", theme))
    end = "-dark" if theme == "dark" else ""
    assert drawing.suggested_filename == f"klweb-asymmetry-mirror-image{end}.svg"
    corner = pixels.getpixel((2, 2))
    assert isinstance(corner, tuple)
    assert (sum(corner) / 3 < 128) == (theme == "dark")
    assert len(pixels.getcolors(1 << 20) or []) > 20
    # Drawn by the browser, in the letters that the page has and other programs may not have.
    desk.page.evaluate(
        """text => {
          const svg = document.adoptNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement);
          svg.setAttribute("font-family", getComputedStyle(document.querySelector(".stage")).fontFamily);
          Object.assign(svg.style, {position: "fixed", inset: "0 auto auto 0", zIndex: 9});
          svg.id = "drawing";
          document.body.append(svg);
        }""",
        text_of(drawing),
    )
    drawn = Image.open(io.BytesIO(desk.page.locator("#drawing").screenshot())).convert("RGB")
    assert drawn.size == pixels.size
    difference = ImageChops.difference(drawn, pixels)
    assert sum(ImageStat.Stat(difference).mean) / 3 < 1.5
    assert max(difference.convert("L").reduce(12).tobytes()) < 80, "some mark is in one picture only"


def test_colours_are_those_that_are_shown_unless_others_are_chosen(desk: Reader) -> None:
    figure = desk.visit("about/").visit().figure("gaussians")
    light, dark = text_of(saved(figure, "svg")), text_of(saved(figure, "svg", "dark"))
    assert light != dark
    desk.page.locator("#theme").select_option("dark")
    shown = saved(figure, "svg")
    assert shown.suggested_filename.endswith("-dark.svg")
    assert text_of(shown) == dark
    assert text_of(saved(figure, "svg", "light")) == light
    desk.page.locator("#theme").select_option("auto")
    desk.page.emulate_media(color_scheme="dark")
    assert text_of(saved(figure, "svg")) == dark
    desk.page.emulate_media(color_scheme="light")


def test_a_stop_is_saved_as_it_is_shown_and_claims_no_link(desk: Reader) -> None:
    figure = desk.visit().figure("gaussians").ready()
    figure.slider("sigma_q").focus()
    desk.page.keyboard.press("End")
    until(desk.page, lambda: figure.find("canvas[data-figure]").count() == 1, "the stop is shown")
    table = saved(figure, "csv")
    assert table.suggested_filename == "klweb-gaussians-own-values.csv"
    head, row, *_ = rows_of(table)
    assert row[head.index("kl_pq")] == figure.look()["readouts"]["kl_pq"]["value"]
    assert row[head.index("link")] == ""


def test_the_pair_of_a_page_is_saved_as_such(desk: Reader) -> None:
    figure = desk.visit("six-ways/").figure("wasted-bits")
    assert figure.root.get_attribute("data-adopted") is not None
    table = saved(figure, "csv")
    assert table.suggested_filename == "klweb-wasted-bits-pair-of-this-page.csv"
    head, row, *_ = rows_of(table)
    assert row[head.index("kl_pq")] == figure.look()["readouts"]["kl_pq"]["value"]
    assert row[head.index("link")] == f"{desk.url}six-ways/"


def test_a_readers_own_values_are_saved_with_their_link(live_desk: Reader) -> None:
    figure = live_desk.figure("asymmetry").reset()
    field = figure.field("p")
    field.fill("1, 0, 3")
    field.press("Enter")
    expect(figure.find('output[data-readout="kl_qp"]')).to_have_attribute("data-value", "inf")
    table = saved(figure, "csv")
    assert table.suggested_filename == "klweb-asymmetry-own-values.csv"
    head, row, *_ = rows_of(table)
    assert row[head.index("kl_qp")] == "inf"
    assert row[head.index("link")].startswith(f"{live_desk.url}#asymmetry=edit:")
    assert "inf" in rows_of(table)[2][1:5]
    root = parsed(saved(figure, "svg"))
    assert (root.findtext(f"{SVG}desc") or "").endswith(row[head.index("link")])
    figure.reset()


def test_the_formula_is_copied_or_shown(open_page: Opener) -> None:
    reader = open_page(python=False, permissions=["clipboard-read", "clipboard-write"]).visit()
    figure = menu(reader.figure("gaussians"))
    button, note = figure.find('[data-save="formula"]'), figure.find("[data-saved]")
    button.focus()
    reader.page.keyboard.press("Enter")
    expect(note).to_have_text("The formula is copied.")
    expect(button).to_be_focused()
    tex = exports.formula("gaussians")
    assert reader.page.evaluate("navigator.clipboard.readText()") == tex
    reader.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')); }")
    button.click()
    expect(note).to_have_text(f"The formula: {tex}")


def test_by_keyboard_alone(open_page: Opener) -> None:
    reader = open_page(python=False, color_scheme="light").visit()
    figure = menu(reader.figure("asymmetry"))
    figure.find('[data-action="link"]').focus()
    for what in ("formula", "csv", "svg", "png"):
        reader.page.keyboard.press("Tab")
        expect(figure.find(f'[data-save="{what}"]')).to_be_focused()
    reader.page.keyboard.press("Tab")
    expect(figure.find("[data-picture-theme]")).to_be_focused()
    reader.page.keyboard.type("dark")
    reader.page.keyboard.press("Shift+Tab")
    with reader.page.expect_download() as download:
        reader.page.keyboard.press("Space")
    assert download.value.suggested_filename == "klweb-asymmetry-uniform-vs-peaked-dark.png"


def test_the_script_is_fetched_when_it_is_first_used_and_once(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    figure = menu(reader.figure("asymmetry"))
    reader.page.wait_for_timeout(300)
    assert not any(SCRIPT.search(url) for url in reader.requests)
    saved(figure, "csv")
    saved(reader.figure("gaussians"), "svg")
    assert sum(bool(SCRIPT.search(url)) for url in reader.requests) == 1


def test_without_a_connection_it_says_so_and_can_be_tried_again(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    reader.allow(SCRIPT.pattern)
    figure = menu(reader.figure("asymmetry"))
    reader.page.context.route(SCRIPT, lambda route: route.abort())
    figure.find('[data-save="svg"]').click()
    expect(figure.find("[data-saved]")).to_contain_text("could not be loaded. Check the connection")
    reader.page.context.unroute(SCRIPT)
    saved(figure, "svg")


def test_a_frame_that_may_save_nothing_is_told_of(open_page: Opener, server: Server, tmp_path: Path) -> None:
    host = '<!doctype html><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" src="{}">'
    Path(tmp_path, "index.html").write_text(host.format(f"{server.url}embed/asymmetry/"))
    with Server(tmp_path, 0) as course:
        threading.Thread(target=course.serve_forever, daemon=True).start()
        reader = open_page(origins=(course.url,))
        reader.allow("allow-downloads")
        reader.page.goto(course.url)
        frame = reader.page.frames[1]
        frame.locator("details[data-menu] > summary").click()
        frame.locator('[data-save="svg"]').click()
        expect(frame.locator("[data-saved]")).to_contain_text("allows none")
        course.shutdown()


@pytest.mark.parametrize("width", [280, 360])
def test_under_a_thumb(open_page: Opener, width: int) -> None:
    reader = open_page(width, touch=True, python=False).visit("embed/casino/")
    figure = menu(reader.figure("casino"))
    for target in figure.find(".sharing :is(button, select)").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    saved(figure, "png")
    assert reader.page.evaluate("document.documentElement.scrollWidth") == width


def test_a_slow_script_saves_what_is_shown_when_it_comes(open_page: Opener) -> None:
    reader = open_page(python=False, reduced_motion="reduce").visit()
    figure = menu(reader.figure("asymmetry"))
    with held(reader, SCRIPT) as release, reader.page.expect_download() as download:
        figure.find('[data-save="svg"]').click()
        figure.preset("identical").click()
        figure.shows(preset("asymmetry", "identical"))
        release()
    assert download.value.suggested_filename == "klweb-asymmetry-identical.svg"
