"""The second chapter: six lenses on one pair, which all follow when it changes in one; and simulations to watch."""

import math
import re

import pytest
from playwright.sync_api import Locator, expect

from klweb.widgets import WIDGETS
from tests.browser.support import PAINTED, Figure, Finger, Opener, Reader, ask, preset, put, shown_on, until

pytestmark = pytest.mark.browser

CHAPTER = "six-ways/"
LENSES = shown_on("six-ways")
LINKED = [name for name in LENSES if WIDGETS[name].shares]
WALKS = [name for name in LENSES if WIDGETS[name].walk]
PRESETS = [(name, preset.name) for name in LENSES for preset in WIDGETS[name].presets]
PAIR = {name: WIDGETS[LINKED[0]].default[name] for name in "pq"}
OTHER = {"p": [0.1, 0.9], "q": [0.01, 0.99]}
SHARE = {"type": "share", "name": "pair", "value": OTHER}


def shared(widget: str, pair: dict[str, list[float]] = PAIR) -> dict[str, object]:
    """Return what Python answers for a lens that followed the chapter's pair from its default."""
    state = preset(widget)["state"]
    events = [{"type": "share", "name": "pair", "value": pair}]
    return ask(op="events", widget=widget, state=state, events=events, frame="desk")


@pytest.fixture(scope="module")
def chapter(studio: object) -> Reader:
    """Return the chapter on a desk, with Python up, without motion."""
    reader: Reader = studio.open(1280, reduced_motion="reduce").visit(CHAPTER)  # type: ignore[attr-defined]
    reader.figure(LINKED[0]).live()
    return reader


def typed(figure: Figure, name: str, text: str) -> None:
    figure.field(name).fill(text)
    figure.field(name).press("Enter")


def kl(figure: Figure) -> float:
    return float(figure.look()["readouts"]["kl_pq"]["value"])


@pytest.mark.parametrize(("widget", "name"), PRESETS)
def test_a_preset_shows_what_cpython_says(chapter: Reader, widget: str, name: str) -> None:
    figure = chapter.figure(widget).ready()
    figure.preset(name).click()
    figure.shows(preset(widget, name))


def test_the_chapter_begins_with_one_pair_in_every_lens(open_page: Opener) -> None:
    reader = open_page(python=False).visit(CHAPTER)
    values = {name: kl(reader.figure(name)) for name in LINKED}
    assert all(math.isclose(value, values[LINKED[0]], rel_tol=1e-12) for value in values.values()), values


@pytest.mark.parametrize("source", LINKED)
def test_a_pair_that_changes_in_one_lens_changes_in_all(open_page: Opener, source: str) -> None:
    reader = open_page(reduced_motion="reduce").visit(CHAPTER)
    first = reader.figure(source).live()
    before = kl(first)
    if "q" in {item.name for item in WIDGETS[source].parameters if item.name == "q"} and source != "wasted-bits":
        typed(first, "q", "0.2, 0.2, 0.3, 0.3")
    else:
        typed(first, "morph", "0.5")
    until(reader.page, lambda: kl(first) != before, "the lens shows another pair")
    for name in LINKED:
        figure = reader.figure(name)
        figure.root.scroll_into_view_if_needed()
        until(reader.page, lambda figure=figure: math.isclose(kl(figure), kl(first), rel_tol=1e-9), f"{name} follows")  # type: ignore[misc]
    assert "pair=" in reader.page.url


def test_the_pair_is_in_the_address(open_page: Opener) -> None:
    reader = open_page(reduced_motion="reduce").visit(f"{CHAPTER}#pair=p:0.1,0.9;q:0.01,0.99")
    for name in LINKED:
        figure = reader.figure(name)
        figure.root.scroll_into_view_if_needed()
        figure.shows(shared(name, OTHER), 1e-9)
    # A lens that only follows takes no room of its own in it.
    assert re.sub(r".*#", "", reader.page.url) == "pair=p:0.1,0.9;q:0.01,0.99"


def test_a_lens_can_be_taken_out_and_put_back(open_page: Opener) -> None:
    reader = open_page(reduced_motion="reduce").visit(CHAPTER)
    one, two = (reader.figure(name) for name in LINKED[:2])
    one.live()
    two.root.scroll_into_view_if_needed()
    before = kl(two)
    two.find(".shared button").click()
    expect(two.find(".shared")).to_contain_text("own")
    typed(one, "q", "0.2, 0.2, 0.3, 0.3")
    until(reader.page, lambda: kl(one) != before, "the first has another pair")
    two.root.scroll_into_view_if_needed()
    reader.page.wait_for_timeout(300)
    assert kl(two) == before
    assert f"apart={LINKED[1]}" in reader.page.url
    two.find(".shared button").click()
    until(reader.page, lambda: math.isclose(kl(two), kl(one), rel_tol=1e-9), "the second follows again")
    assert "apart" not in reader.page.url


def test_back_takes_the_pair_back(open_page: Opener) -> None:
    reader = open_page(reduced_motion="reduce").visit(CHAPTER)
    one = reader.figure(LINKED[0]).live()
    before = kl(one)
    name = next(p.name for p in WIDGETS[LINKED[0]].presets if not math.isclose(kl_of(LINKED[0], p.name), before))
    one.preset(name).click()
    until(reader.page, lambda: not math.isclose(kl(one), before), "the preset is shown")
    until(reader.page, lambda: "#pair=" in reader.page.url, "the address has it")
    reader.page.go_back()
    until(reader.page, lambda: math.isclose(kl(one), before, rel_tol=1e-9), "the pair is back")
    reader.page.wait_for_timeout(500)
    assert math.isclose(kl(one), before, rel_tol=1e-9), "and stays"
    assert "#" not in reader.page.url


def kl_of(widget: str, name: str) -> float:
    return next(float(item["value"]) for item in preset(widget, name)["view"]["readouts"] if item["name"] == "kl_pq")


@pytest.mark.parametrize("widget", WALKS)
def test_draws_are_made_one_after_the_other_and_can_be_held(open_page: Opener, widget: str) -> None:
    reader = open_page().visit(CHAPTER)
    figure = reader.figure(widget).live()
    figure.button("draw-100").click()
    pause = figure.find('[data-action="pause"]')
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    reader.page.wait_for_timeout(300)
    held = float(figure.slider("draws").input_value())
    assert 0 <= held < 100
    reader.page.wait_for_timeout(300)
    assert float(figure.slider("draws").input_value()) == held
    pause.click()
    until(reader.page, lambda: float(figure.slider("draws").input_value()) == 100, "all are drawn")
    expect(pause).to_be_hidden()
    answer = ask(op="events", widget=widget, state=preset(widget)["state"], events=[put("draws", 100)], frame="desk")
    figure.shows(answer)


@pytest.mark.parametrize("widget", WALKS)
def test_who_wants_no_motion_finds_all_drawn(chapter: Reader, widget: str) -> None:
    figure = chapter.figure(widget).reset()
    figure.button("draw-1000").click()
    until(chapter.page, lambda: float(figure.slider("draws").input_value()) == 1000, "all are drawn")
    assert figure.find('[data-action="pause"]').is_hidden()
    figure.reset()


def test_a_phone_goes_through_the_chapter(open_page: Opener) -> None:
    reader = open_page(360, 740, touch=True, reduced_motion="reduce").visit(CHAPTER)
    for name in LENSES:
        figure = reader.figure(name)
        figure.root.scroll_into_view_if_needed()
        figure.ready()
        assert reader.page.evaluate("document.documentElement.scrollWidth") == 360, name
        figure.preset(WIDGETS[name].presets[1].name).tap()
        figure.shows(preset(name, WIDGETS[name].presets[1].name, "phone"))


# ── by hand, finger and key ──────────────────────────────────────────────────────────────────


def spot(figure: Figure, name: str) -> Locator:
    return figure.find(f'.spots button[name="{name}"]')


def pressed(*names: str) -> dict[str, object]:
    """Return what Python answers when these are pressed one after the other in the first example."""
    events = [{"type": "press", "name": name} for name in names]
    return ask(op="events", widget="likelihood", state=preset("likelihood")["state"], events=events, frame="desk")


def test_data_come_and_go_at_a_press(open_page: Opener) -> None:
    reader = open_page(reduced_motion="reduce").visit(CHAPTER)
    figure = reader.figure("likelihood").live()
    add, remove = "add.0", "remove.1"
    spot(figure, add).click()
    figure.shows(pressed(add))
    spot(figure, remove).focus()
    reader.page.keyboard.press("Enter")
    figure.shows(pressed(add, remove))
    assert spot(figure, remove).evaluate("e => e === document.activeElement"), "the keyboard stays where it was"
    figure.button("clear").click()
    figure.shows(pressed(add, remove, "clear"))
    assert "no data" in figure.look()["summary"]


def test_a_finger_adds_data_and_still_scrolls(open_page: Opener) -> None:
    reader = open_page(360, 740, touch=True, reduced_motion="reduce").visit(CHAPTER)
    figure = reader.figure("likelihood")
    figure.root.scroll_into_view_if_needed()
    figure.ready()
    spot(figure, "add.1").tap()
    figure.shows(pressed("add.1"))
    box = spot(figure, "add.1").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = reader.page.evaluate("scrollY")
    Finger(reader).swipe((x, y), (x, y - 120))
    until(reader.page, lambda: reader.page.evaluate("scrollY") > before + 40, "the page scrolls")
    figure.shows(pressed("add.1"))


HANDLES = [
    (name, next(mark["name"] for mark in preset(name)["view"]["scene"]["marks"] if mark["mark"] == "handle"))
    for name in LENSES
    if any(mark["mark"] == "handle" for mark in preset(name)["view"]["scene"]["marks"])
]


@pytest.mark.parametrize(("widget", "handle"), HANDLES)
def test_a_handle_follows_keys(open_page: Opener, widget: str, handle: str) -> None:
    reader = open_page(reduced_motion="reduce").visit(CHAPTER)
    figure = reader.figure(widget).live()
    mark = next(m for m in preset(widget)["view"]["scene"]["marks"] if m.get("name") == handle)
    figure.handle(handle).focus()
    reader.page.keyboard.press("ArrowUp")
    value = round(mark["value"] + mark["step"], 10)
    state = preset(widget)["state"]
    figure.shows(ask(op="events", widget=widget, state=state, events=[put(handle, value)], frame="desk"), 1e-9)


@pytest.mark.parametrize(("widget", "handle"), HANDLES)
def test_a_handle_follows_a_finger(open_page: Opener, widget: str, handle: str) -> None:
    reader = open_page(360, 740, touch=True, reduced_motion="reduce").visit(CHAPTER)
    figure = reader.figure(widget).live()
    grip = figure.handle(handle)
    grip.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = grip.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mark = next(m for m in preset(widget, frame="phone")["view"]["scene"]["marks"] if m.get("name") == handle)
    end = (x + 25, y) if mark["axis"] == "x" else (x, y + 25)
    Finger(reader).swipe((x, y), end)
    until(reader.page, lambda: figure.look()["handles"][handle]["value"] != mark["value"], "the handle has moved")
    value = figure.look()["handles"][handle]["value"]
    state = preset(widget)["state"]
    figure.shows(ask(op="events", widget=widget, state=state, events=[put(handle, value)], frame="phone"), 1e-6)


WATCH = """input => {
  globalThis.strayed = [];
  let left = "";
  addEventListener("pointermove", () => { left = input.value; });
  const look = () => {
    if (left && input.value !== left) globalThis.strayed.push([left, input.value]);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def test_a_handle_stays_where_the_finger_left_it(open_page: Opener) -> None:
    reader = open_page(reduced_motion="reduce").visit(CHAPTER)
    figure = reader.figure("likelihood").live()
    grip = figure.handle("theta_bernoulli")
    grip.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    grip.evaluate(WATCH)
    box = grip.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = reader.page.mouse
    # Answers to what came before arrive while the newest is on its way.
    for turn in range(12):
        mouse.move(x, y)
        mouse.down()
        for step in range(1, 6):
            mouse.move(x + (12 if turn % 2 else -12) * step, y)
        mouse.up()
    reader.page.evaluate(PAINTED)
    assert reader.page.evaluate("strayed") == []
