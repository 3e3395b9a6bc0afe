"""Themes, motion, and two painters of one scene."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser

from klweb import svg
from klweb.widget import FRAMES
from klweb.widgets import WIDGETS
from tests.browser.support import NAMES, PRESETS, Figure, Opener, Reader, Studio, preset, until

pytestmark = pytest.mark.browser

BRIGHTNESS = """() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number);
  return (r + g + b) / 3;
}"""


def is_dark(reader: Reader) -> bool:
    return float(reader.page.evaluate(BRIGHTNESS)) < 128


def canvas(figure: Figure) -> str:
    return str(figure.find("canvas[data-figure]").evaluate("c => c.toDataURL()"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_readers_choice(open_page: Opener, scheme: str) -> None:
    reader = open_page(python=False, color_scheme=scheme, reduced_motion="reduce").visit()
    figure, theme = reader.figure("asymmetry"), reader.page.locator("#theme")
    figure.preset("mirror-image").click()
    figure.shows(preset("asymmetry", "mirror-image"))
    assert theme.input_value() == "auto"
    assert is_dark(reader) == (scheme == "dark")
    pictures = {}
    for choice in ("dark", "light"):
        theme.select_option(choice)
        assert is_dark(reader) == (choice == "dark")
        pictures[choice] = canvas(figure)
    # What is painted changes its colours as well.
    assert pictures["dark"] != pictures["light"]
    theme.select_option("dark")
    reader.visit("about/")
    assert is_dark(reader)
    assert reader.page.locator("#theme").input_value() == "dark"
    reader.page.locator("#theme").select_option("auto")
    assert is_dark(reader) == (scheme == "dark")
    reader.page.reload()
    assert is_dark(reader) == (scheme == "dark")


def test_auto_follows_the_machine_while_the_page_is_open(open_page: Opener) -> None:
    reader = open_page(python=False, reduced_motion="reduce").visit()
    figure = reader.figure("gaussians")
    figure.preset("far-apart").click()
    figure.shows(preset("gaussians", "far-apart"))
    light = canvas(figure)
    reader.page.emulate_media(color_scheme="dark")
    until(reader.page, lambda: canvas(figure) != light, "the canvas is painted anew", 5)
    assert is_dark(reader)


# The readouts change in the very task that begins to paint, so that a look just then sees the first frame.
FIRST_FRAME = """figure => {
  window.firstFrame = new Promise(done => new MutationObserver((_, observer) => {
    observer.disconnect();
    done(figure.querySelector("canvas[data-figure]").toDataURL());
  }).observe(figure.querySelector("output[data-readout]"), {childList: true, characterData: true, subtree: true}));
}"""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_marks_move_unless_a_reader_wants_no_motion(open_page: Opener, motion: str) -> None:
    reader = open_page(python=False, reduced_motion=motion).visit()
    figure = reader.figure("gaussians")
    figure.preset("far-apart").click()
    figure.shows(preset("gaussians", "far-apart"))
    until(reader.page, lambda: still(figure), "the picture rests", 5)
    before = canvas(figure)
    figure.root.evaluate(FIRST_FRAME)
    figure.preset("same-width").click()
    first = reader.page.evaluate("firstFrame")
    until(reader.page, lambda: still(figure), "the picture rests", 5)
    end = canvas(figure)
    assert before != end
    # Without motion the first picture is the last; with motion it is still near the old one.
    assert (first == end) == (motion == "reduce")


def still(figure: Figure) -> bool:
    frames = figure.find("canvas[data-figure]").evaluate(
        """async c => { const frames = [];
        for (let i = 0; i < 3; i += 1) { frames.push(c.toDataURL()); await new Promise(requestAnimationFrame); }
        return frames; }"""
    )
    return len(set(frames)) == 1


def shot(figure: Figure) -> Image.Image:
    return Image.open(io.BytesIO(figure.picture.screenshot())).convert("RGB")


def swap_in(figure: Figure, scene_svg: str, frame: str) -> None:
    """Put the picture that the build would draw into the place of the canvas."""
    figure.root.evaluate(
        """(figure, [markup, frame]) => {
          figure.classList.remove("painted");
          figure.querySelector("canvas[data-figure]").hidden = true;
          figure.querySelector("canvas[data-figure]").style.display = "none";
          figure.querySelector(`svg[data-figure="${frame}"]`).outerHTML = markup;
        }""",
        [scene_svg, frame],
    )


def swap_out(figure: Figure) -> None:
    figure.root.evaluate(
        """figure => { figure.classList.add("painted"); const c = figure.querySelector("canvas[data-figure]");
        c.hidden = false; c.style.display = ""; }"""
    )


@pytest.fixture(scope="module", params=[(360, "light"), (1280, "dark")], ids=str)
def gallery(request: pytest.FixtureRequest, studio: Studio) -> Any:
    width, scheme = request.param
    reader = studio.open(width, python=False, color_scheme=scheme, reduced_motion="reduce").visit()
    # Until then what is off the screen has no height of its own, and figures may move between two looks.
    settling = "document.documentElement.classList.contains('settling')"
    until(reader.page, lambda: not reader.page.evaluate(settling), "the page settles", 10)
    yield reader, "phone" if width < 600 else "desk"
    studio.close(reader)


@pytest.mark.parametrize(("widget", "name"), PRESETS)
def test_both_painters_paint_the_same_picture(gallery: tuple[Reader, str], widget: str, name: str) -> None:
    reader, frame = gallery
    figure = reader.figure(widget).ready()
    for item in (WIDGETS[widget].presets[-1].name, name):
        figure.preset(item).click()
        figure.shows(preset(widget, item))
    reader.page.mouse.move(0, 0)
    reader.page.evaluate("() => document.activeElement.blur()")
    painted = shot(figure)
    view = WIDGETS[widget].view(WIDGETS[widget].preset(name), FRAMES[frame])
    swap_in(figure, svg.render(view.scene, {"data-figure": frame, "role": "img"}), frame)
    drawn = shot(figure)
    swap_out(figure)
    assert painted.size == drawn.size
    difference = ImageChops.difference(painted, drawn)
    # Edges are smoothed differently by the two, by some shades; a missing mark is much more.
    assert sum(ImageStat.Stat(difference).mean) / 3 < 1.2
    grey = list(difference.convert("L").reduce(6).tobytes())
    assert max(grey) < 70, "some mark is in one picture only, or in another place"
    assert len(painted.getcolors(1 << 20) or []) > 20


def test_nothing_on_the_screen_moves_once_the_page_has_settled(open_page: Opener) -> None:
    reader = open_page(360, python=False, init="addEventListener('load', () => { globalThis.isLoaded = true; })")
    reader.page.set_viewport_size({"width": 360, "height": 1600})
    reader.visit()
    page = reader.page
    where = """() => [...document.querySelectorAll("article > *")].map((part) => part.getBoundingClientRect())
      .filter(({ bottom }) => bottom > 0 && bottom < 1600).map(({ top, bottom }) => [top, bottom].map(Math.round))"""
    page.evaluate("document.fonts.ready.then(() => 0)")
    before = page.evaluate(where)
    settling = "document.documentElement.classList.contains('settling')"
    assert page.evaluate(settling)
    until(page, lambda: not page.evaluate(settling), "the page settles", 10)
    assert page.evaluate(where) == before
    assert len(before) > 5


def test_a_change_of_width_changes_the_frame(open_page: Opener) -> None:
    reader = open_page(1280, python=False, reduced_motion="reduce").visit()
    figure = reader.figure("asymmetry")
    figure.preset("long-tail").click()
    figure.shows(preset("asymmetry", "long-tail"))
    for width, frame in ((360, "phone"), (1280, "desk")):
        reader.page.set_viewport_size({"width": width, "height": 800})
        scene = preset("asymmetry", "long-tail", frame)["view"]["scene"]
        shape = scene["width"] / scene["height"]

        def fits(shape: float = shape) -> object:
            box = figure.find("canvas[data-figure]").bounding_box()
            return box is not None and (abs(box["width"] / box["height"] - shape) < 0.02 or box)

        until(reader.page, fits, f"the {frame} layout is painted", 5)
        figure.shows(preset("asymmetry", "long-tail"))


def test_print_shows_every_figure(open_page: Opener) -> None:
    reader = open_page(python=False, reduced_motion="reduce").visit()
    reader.figure("asymmetry").preset("identical").click()
    reader.figure("asymmetry").shows(preset("asymmetry", "identical"))
    reader.page.emulate_media(media="print", color_scheme="dark")
    for name in NAMES:
        box = reader.figure(name).picture.bounding_box()
        assert box is not None
        assert box["height"] > 100
    # Paper is white, whatever the screen was, so the ink is dark.
    ink = reader.page.evaluate("getComputedStyle(document.body).color.match(/[0-9.]+/g).map(Number)")
    assert max(ink[:3]) < 80
    assert len(reader.page.pdf()) > 10_000


def test_a_browser_without_webassembly_still_shows_the_page(launch: Callable[..., Browser], studio: Studio) -> None:
    # V8 has no WebAssembly where it may not write machine code.
    browser = launch("--js-flags=--jitless")
    try:
        reader = studio.open(browser=browser)
        reader.allow("WebAssembly")
        figure = reader.visit().figure("wasted-bits")
        figure.preset("dyadic").click()
        figure.shows(preset("wasted-bits", "dyadic"))
        figure.slider("morph").focus()
        reader.page.keyboard.press("Home")
        assert "Try again" in figure.says("WebAssembly")
        assert not studio.close(reader)
    finally:
        browser.close()
