"""Pages fit the screens they are read on: no sideways scrolling, legible figures, targets for fingers."""

import pytest

from klweb.widgets import WIDGETS
from tests.browser.support import NAMES, PAGES, Opener, Reader, preset, until

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 640, 768, 1024, 1280)
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > room + 0.5)
    .map(e => `${e.outerHTML.slice(0, 90)} ends at ${e.getBoundingClientRect().right}`).slice(0, 6)
    .concat(`the page is ${document.documentElement.scrollWidth} wide`);
}"""


@pytest.mark.parametrize("path", [*PAGES, "404.html"])
def test_no_page_scrolls_sideways(open_page: Opener, path: str) -> None:
    reader = open_page(python=False, reduced_motion="reduce").visit(path)
    for width in WIDTHS:
        reader.page.set_viewport_size({"width": width, "height": 800})
        assert not reader.page.evaluate(TOO_WIDE), f"at {width}"


def test_no_page_scrolls_sideways_at_twice_the_size(open_page: Opener) -> None:
    reader = open_page(320, 400, device_scale_factor=2, python=False, reduced_motion="reduce")
    for path in [*PAGES, "404.html"]:
        reader.visit(path)
        assert not reader.page.evaluate(TOO_WIDE), path


def test_a_figure_in_use_does_not_scroll_the_page_sideways(live_phone: Reader) -> None:
    for name, control, value in (("asymmetry", "q", "1 -1"), ("wasted-bits", "morph", "9"), ("gaussians", "mu_p", "")):
        figure = live_phone.figure(name).reset()
        figure.field(control).fill(value)
        figure.field(control).press("Enter")
        figure.says("good values")
    assert not live_phone.page.evaluate(TOO_WIDE)
    figure = live_phone.figure("asymmetry").reset()
    figure.field("q").fill(" ".join("123456789abc"[:9] + "111"))
    figure.field("q").press("Enter")
    figure.says_nothing()
    assert not live_phone.page.evaluate(TOO_WIDE)
    figure.reset()


TEXT_SIZES = """figure => {
  const texts = [...figure.querySelectorAll("svg[data-figure] text")].filter(text => text.checkVisibility());
  return texts.map(text => {
  const svg = text.closest("svg");
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [parseFloat(getComputedStyle(text).fontSize) * scale, text.textContent];
  });
}"""


@pytest.mark.parametrize("widget", WIDGETS)
def test_text_in_figures_is_legible(open_page: Opener, widget: str) -> None:
    reader = open_page(java_script_enabled=False)
    reader.allow(r"^request failed: .*\.js ")
    figure = reader.visit(f"embed/{widget}/").figure(widget)
    for width in (320, 360, 640, 1280):
        reader.page.set_viewport_size({"width": width, "height": 800})
        sizes = figure.root.evaluate(TEXT_SIZES)
        assert sizes
        # Figures are laid out for 360 and more; below that they shrink a little with the page.
        least = 12 if width >= 360 else 11
        assert not [item for item in sizes if item[0] < least - 0.01], width


@pytest.mark.parametrize(
    ("widget", "name"), [(widget.name, item.name) for widget in WIDGETS.values() for item in widget.presets]
)
def test_no_text_leaves_its_figure(plain_phone: Reader, widget: str, name: str) -> None:
    """Text is measured with the page's own font, which the layout in Python cannot know."""
    for frame in ("phone", "desk"):
        scene = preset(widget, name, frame)["view"]["scene"]
        spilled = plain_phone.page.evaluate(
            """([scene, family]) => {
              const context = document.createElement("canvas").getContext("2d");
              return scene.marks.filter(mark => mark.mark === "text").map(mark => {
                const style = `${mark.italic ? "italic " : ""}${mark.bold ? "600 " : ""}`;
                context.font = `${style}${mark.size ?? 13}px ${family}`;
                const width = context.measureText(mark.text).width;
                const left = mark.x - ({middle: 0.5, end: 1}[mark.anchor] ?? 0) * width;
                return [mark.text, left, left + width, mark.y];
              }).filter(([, left, right, y]) => left < -0.5 || right > scene.width + 0.5 || y < 8 || y > scene.height);
            }""",
            [scene, plain_phone.figure("asymmetry").picture.evaluate("e => getComputedStyle(e).fontFamily")],
        )
        assert not spilled, frame


TARGETS = """([selector, least]) => {
  const seen = e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 1;
  return [...document.querySelectorAll(selector)].filter(seen).map(e => {
    // A label is as good a target as what it labels.
    const boxes = [e, ...(e.labels ?? [])].map(x => x.getBoundingClientRect());
    return [Math.max(...boxes.map(b => b.width)), Math.max(...boxes.map(b => b.height)), e.outerHTML.slice(0, 110)];
  }).filter(([width, height]) => width < 24 - 0.01 || height < least - 0.01);
}"""


@pytest.mark.parametrize("path", ["", *(f"embed/{name}/" for name in NAMES)])
def test_targets_are_large_enough_for_fingers(open_page: Opener, path: str) -> None:
    reader = open_page(360, touch=True, python=False, reduced_motion="reduce").visit(path)
    for widget in NAMES if not path else [path.split("/")[1]]:
        figure = reader.figure(widget).ready()
        figure.find("details[data-menu] > summary").click()
    assert reader.page.evaluate("matchMedia('(pointer: coarse)').matches")
    small = "button, input, select, summary, nav a, header a, footer .next a"
    assert not reader.page.evaluate(TARGETS, [small, 24])
    main = "figure.widget button, figure.widget input, details[data-menu] > summary, header button, header select"
    assert not reader.page.evaluate(TARGETS, [main, 44])


def test_handles_do_not_hide_each_other(open_page: Opener) -> None:
    reader = open_page(360, touch=True, python=False, reduced_motion="reduce").visit()
    for widget in ("asymmetry", "gaussians"):
        figure = reader.figure(widget).ready()
        for name in figure.look()["handles"]:
            hit = figure.handle(name).evaluate(
                """e => { e.scrollIntoView({block: "center", behavior: "instant"}); const b = e.getBoundingClientRect();
                return document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2) === e; }"""
            )
            assert hit, f"{widget}: the middle of {name} is another's"


def test_nothing_jumps_while_the_page_loads_and_wakes(open_page: Opener) -> None:
    observe = """window.shifts = [];
        new PerformanceObserver(list => shifts.push(...list.getEntries().map(entry => entry.value)))
        .observe({type: "layout-shift", buffered: true});"""
    reader = open_page(360, touch=True, init=observe).visit()
    figure = reader.figure("asymmetry").live()
    figure.root.scroll_into_view_if_needed()
    assert sum(reader.page.evaluate("shifts")) < 0.05


def test_the_picture_keeps_its_place_when_the_canvas_comes(open_page: Opener) -> None:
    reader = open_page(360, touch=True, python=False, reduced_motion="reduce").visit()
    for widget, name in (("asymmetry", "mirror-image"), ("gaussians", "wide-model"), ("wasted-bits", "uniform")):
        figure = reader.figure(widget).ready()
        before = figure.picture.bounding_box()
        figure.preset(name).tap()
        figure.shows(preset(widget, name))
        until(reader.page, lambda figure=figure: figure.find("canvas[data-figure]").count() == 1, "painted")  # type: ignore[misc]
        figure.preset(figure.find("button[data-preset]").first.get_attribute("data-preset") or "").tap()
        figure.shows(preset(widget))
        after = figure.picture.bounding_box()
        assert before is not None
        assert after is not None
        assert (before["width"], before["height"]) == pytest.approx((after["width"], after["height"]), abs=1)
