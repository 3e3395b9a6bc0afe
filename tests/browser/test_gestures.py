"""Taking hold of a figure: by mouse, by finger, by key."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.support import Answer, Figure, Finger, Opener, Reader, after, preset, put, until

pytestmark = pytest.mark.browser

HANDLES = [("asymmetry", "q.2", 0, 40), ("gaussians", "mu_q", -60, 0), ("gaussians", "mu_p", 50, 0)]
SLIDERS = [("wasted-bits", "morph"), ("gaussians", "sigma_p"), ("gaussians", "sigma_q"), ("gaussians", "mu_p")]


def centre(figure: Figure, handle: str) -> tuple[float, float]:
    # In the middle of the screen, so that a drag stays on it and scrolling has room both ways.
    figure.handle(handle).evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = figure.handle(handle).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# ── mouse ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("widget", "handle", "dx", "dy"), HANDLES)
def test_a_handle_follows_the_mouse(live_desk: Reader, widget: str, handle: str, dx: int, dy: int) -> None:
    figure, mouse = live_desk.figure(widget).reset(), live_desk.page.mouse
    x, y = centre(figure, handle)
    start = figure.look()["handles"][handle]["value"]
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + dx, y + dy, steps=8)
    # The picture answers while the button is still down.
    until(live_desk.page, lambda: figure.look()["handles"][handle]["value"] != start, "the handle moves")
    value = figure.look()["handles"][handle]["value"]
    figure.shows(after(widget, put(handle, value)))
    mouse.move(x + 2 * dx, y + 2 * dy, steps=8)
    mouse.up()
    value = figure.look()["handles"][handle]["value"]
    answer = after(widget, put(handle, value))
    figure.shows(answer)
    shown = figure.look()
    assert (value - start) * (dx - dy) > 0
    assert shown["pressed"] == []
    words = {m["name"]: m["value_text"] for m in answer["view"]["scene"]["marks"] if m["mark"] == "handle"}
    assert {name: item["words"] for name, item in shown["handles"].items()} == words
    until(live_desk.page, lambda: f"{widget}=" in figure.look()["hash"], "the address has the state")


@pytest.mark.parametrize(("widget", "handle", "dx", "dy"), HANDLES)
def test_a_handle_touched_and_left_alone_stays(live_desk: Reader, widget: str, handle: str, dx: int, dy: int) -> None:
    figure, mouse = live_desk.figure(widget).reset(), live_desk.page.mouse
    x, y = centre(figure, handle)
    before = figure.look()
    mouse.move(x + 6, y + 6)
    mouse.down()
    mouse.up()
    # Something after it in the queue, so that its answer has come.
    live_desk.page.evaluate("() => new Promise(requestAnimationFrame)")
    figure.has_status("live")
    assert figure.look()["handles"] == before["handles"]
    assert figure.look()["readouts"] == before["readouts"]


@pytest.mark.parametrize(("widget", "handle", "dx", "dy"), HANDLES)
def test_a_handle_stops_at_its_ends(live_desk: Reader, widget: str, handle: str, dx: int, dy: int) -> None:
    figure, mouse = live_desk.figure(widget).reset(), live_desk.page.mouse
    x, y = centre(figure, handle)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 30 * dx, y + 30 * dy, steps=4)
    mouse.up()
    end = float(figure.handle(handle).get_attribute("min" if dx < 0 or dy > 0 else "max") or "nan")
    until(live_desk.page, lambda: figure.look()["handles"][handle]["value"] == end, "the handle is at its end")
    figure.shows(after(widget, put(handle, end)))


@pytest.mark.parametrize(("widget", "name"), SLIDERS)
def test_a_slider_follows_the_mouse(live_desk: Reader, widget: str, name: str) -> None:
    figure, mouse = live_desk.figure(widget).reset(), live_desk.page.mouse
    slider = figure.slider(name)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] * 0.3, y)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.8, y, steps=6)
    mouse.up()
    value = float(slider.input_value())
    low, high = (float(slider.get_attribute(end) or "nan") for end in ("min", "max"))
    assert (value - low) / (high - low) == pytest.approx(0.8, abs=0.06)
    figure.shows(after(widget, put(name, value)))
    # The number field beside it and the words over it say the same.
    assert float(figure.find(f'[data-number="{name}"]').input_value()) == value


# ── finger ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def finger(live_phone: Reader) -> Iterator[Finger]:
    finger = Finger(live_phone)
    yield finger
    finger.session.detach()


def scrolled(reader: Reader) -> float:
    return float(reader.page.evaluate("scrollY"))


@pytest.mark.parametrize(("widget", "handle", "dx", "dy"), HANDLES)
def test_a_finger_on_a_handle_moves_it_and_not_the_page(
    live_phone: Reader, finger: Finger, widget: str, handle: str, dx: int, dy: int
) -> None:
    figure = live_phone.figure(widget).reset()
    x, y = centre(figure, handle)
    at, start = scrolled(live_phone), figure.look()["handles"][handle]["value"]
    finger.swipe((x, y), (x + dx, y + dy))
    until(live_phone.page, lambda: figure.look()["handles"][handle]["value"] != start, "the handle moves")
    value = figure.look()["handles"][handle]["value"]
    assert (value - start) * (dx - dy) > 0
    figure.shows(after(widget, put(handle, value)))
    assert scrolled(live_phone) == at


@pytest.mark.parametrize("aside", [-14, 14])
def test_a_finger_beside_the_middle_of_a_bar_takes_hold_without_moving_it(
    live_phone: Reader, finger: Finger, aside: int
) -> None:
    figure = live_phone.figure("asymmetry").reset()
    x, y = centre(figure, "q.2")
    heard = """e => { window.values = []; e.addEventListener("input", () => values.push(Number(e.value)));
        e.addEventListener("pointermove", () => values.push(Number(e.value))); }"""
    figure.handle("q.2").evaluate(heard)
    finger.swipe((x + aside, y), (x + aside, y + 30))
    values = live_phone.page.evaluate("values")
    # Downwards all the way, in small steps.
    assert values == sorted(values, reverse=True)
    assert max(values) <= 0.6
    assert min(values) > 0.3


def test_a_thumb_beside_the_handles_scrolls_the_page(live_phone: Reader, finger: Finger) -> None:
    figure = live_phone.figure("asymmetry").reset()
    figure.picture.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = figure.picture.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8
    at, before = scrolled(live_phone), figure.look()
    hit = live_phone.page.evaluate("([x, y]) => document.elementFromPoint(x, y).matches('[data-handle]')", [x, y])
    assert not hit, "this is the place of a handle"
    finger.swipe((x, y), (x, y - 150))
    until(live_phone.page, lambda: scrolled(live_phone) > at + 50 or scrolled(live_phone), "the page scrolls", 5)
    assert figure.look()["readouts"] == before["readouts"]


def test_touch_action_stands_on_handles_only(live_phone: Reader) -> None:
    for widget in ("asymmetry", "gaussians"):
        figure = live_phone.figure(widget).reset()
        blocked = figure.root.evaluate(
            "figure => [figure, ...figure.querySelectorAll('*')]"
            ".filter(e => getComputedStyle(e).touchAction === 'none').map(e => e.dataset.handle ?? e.outerHTML)"
        )
        assert sorted(blocked) == sorted(figure.look()["handles"])


def test_sliders_answer_to_a_finger(live_phone: Reader, finger: Finger) -> None:
    figure = live_phone.figure("wasted-bits").reset()
    slider = figure.slider("morph")
    slider.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    finger.swipe((box["x"] + 14, y), (box["x"] + box["width"] * 0.6, y))
    value = float(slider.input_value())
    assert 0.4 < value < 0.75
    figure.shows(after("wasted-bits", put("morph", value)))


def test_a_tap_on_a_preset_answers(live_phone: Reader) -> None:
    figure = live_phone.figure("asymmetry").reset()
    figure.preset("nearly-equal").tap()
    until(live_phone.page, lambda: figure.look()["pressed"] == ["nearly-equal"], "the preset is shown")


# ── keys ─────────────────────────────────────────────────────────────────────────────────────


def tab_to(figure: Figure, selector: str) -> None:
    """Press Tab from the figure's first preset until what is wanted has the focus."""
    figure.find("button[data-preset]").first.focus()
    for _ in range(60):
        if figure.find(selector).evaluate("e => e === document.activeElement"):
            return
        figure.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {selector}")


KEYS: list[tuple[str, str, list[tuple[str, float]]]] = [
    ("asymmetry", "q.2", [("ArrowUp", 0.61), ("ArrowRight", 0.62), ("ArrowDown", 0.61), ("PageUp", 0.71),
                          ("Home", 0), ("End", 1)]),
    ("gaussians", "mu_q", [("ArrowRight", 2.1), ("ArrowLeft", 2), ("PageDown", 1.2), ("Home", -4), ("End", 4)]),
]  # fmt: skip


@pytest.mark.parametrize(("widget", "handle", "strokes"), KEYS)
def test_a_handle_answers_to_keys(
    live_desk: Reader, widget: str, handle: str, strokes: list[tuple[str, float]]
) -> None:
    figure = live_desk.figure(widget).reset()
    tab_to(figure, f'input[data-handle="{handle}"]')
    events = []
    for key, value in strokes:
        live_desk.page.keyboard.press(key)
        events.append(put(handle, value))
        figure.shows(after(widget, *events))
    words = figure.handle(handle).get_attribute("aria-valuetext") or ""
    name = figure.handle(handle).get_attribute("aria-label") or ""
    assert name
    assert str(strokes[-1][1]).rstrip("0").rstrip(".") in words


@pytest.mark.parametrize(
    ("widget", "name", "strokes"),
    [
        ("wasted-bits", "morph", [("ArrowRight", 0.01), ("PageUp", 0.11), ("End", 1), ("Home", 0)]),
        ("gaussians", "sigma_q", [("ArrowRight", 1.55), ("ArrowLeft", 1.5), ("End", 3), ("Home", 0.25)]),
    ],
)
def test_a_slider_answers_to_keys(live_desk: Reader, widget: str, name: str, strokes: list[tuple[str, float]]) -> None:
    figure = live_desk.figure(widget).reset()
    tab_to(figure, f'input[type="range"][name="{name}"]:not([data-handle])')
    for key, value in strokes:
        live_desk.page.keyboard.press(key)
        figure.shows(after(widget, put(name, value)))


def test_every_control_of_a_figure_can_be_reached_by_tab(live_desk: Reader) -> None:
    figure = live_desk.figure("gaussians").reset()
    seen = []
    figure.find("button[data-preset]").first.focus()
    for _ in range(40):
        seen.append(live_desk.page.evaluate(
            "() => { const e = document.activeElement; return e.dataset.preset ?? e.dataset.handle ?? e.name"
            " ?? e.tagName.toLowerCase(); }"
        ))  # fmt: skip
        live_desk.page.keyboard.press("Tab")
    assert {"mu_p", "mu_q", "sigma_p", "sigma_q", "swap-means", "swap-variances", "summary"} <= set(seen)


def test_radios_answer_to_keys(live_desk: Reader) -> None:
    figure = live_desk.figure("wasted-bits").reset()
    figure.find('input[name="source"]:checked').focus()
    live_desk.page.keyboard.press("ArrowDown")
    figure.shows(after("wasted-bits", put("source", "uniform")))


def test_a_choice_of_whose_bars_to_drag_moves_the_handles(live_desk: Reader) -> None:
    figure = live_desk.figure("asymmetry").reset()
    figure.find('input[name="edit"][value="p"]').check()
    until(live_desk.page, lambda: sorted(figure.look()["handles"]) == [f"p.{i}" for i in range(5)], "p has handles")
    figure.handle("p.0").focus()
    live_desk.page.keyboard.press("ArrowUp")
    figure.shows(after("asymmetry", put("edit", "p"), put("p.0", 0.21)))


def test_handles_are_named_and_say_their_value_in_words(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    figure = reader.figure("asymmetry").ready()
    for name in figure.look()["handles"]:
        handle = figure.handle(name)
        letter = "ABCDE"[int(name.split(".")[1])]
        assert handle.get_attribute("aria-label") == f"q of {letter}"
        assert (handle.get_attribute("aria-valuetext") or "").startswith(f"{letter}: q is ")


MOVE = """async ([widget, handle, count]) => {
  const figure = document.querySelector(`figure.widget[data-widget="${widget}"]`);
  const input = figure.querySelector(`input[data-handle="${handle}"]`);
  const span = input.max - input.min;
  for (let i = 0; i < count; i += 1) {
    const answered = new Promise(done => figure.addEventListener("klweb:state", done, {once: true}));
    input.value = Number(input.min) + span * (i * 7 % 101) / 101;
    input.dispatchEvent(new Event("input", {bubbles: true}));
    await answered;
  }
}"""


def test_nothing_piles_up_while_a_reader_drags(live_desk: Reader) -> None:
    live_desk.figure("asymmetry").reset().live()
    browser = live_desk.page.context.new_cdp_session(live_desk.page)
    browser.send("Performance.enable")

    def held(moves: int) -> dict[str, float]:
        live_desk.page.evaluate(MOVE, ["asymmetry", "q.2", moves])
        for _ in range(2):  # what a first round lets go, a second one takes away
            browser.send("HeapProfiler.collectGarbage")
        return {item["name"]: item["value"] for item in browser.send("Performance.getMetrics")["metrics"]}

    before, after_many = held(100), held(400)
    for name in ("Nodes", "JSEventListeners"):
        assert after_many[name] <= before[name] + 5, name
    assert after_many["JSHeapUsedSize"] < before["JSHeapUsedSize"] + 150_000


# ── ahead of the hand ────────────────────────────────────────────────────────────────────────

AT_ONCE = """([widget, name, ...values]) => {
  const figure = document.querySelector(`figure.widget[data-widget="${widget}"]`);
  const input = figure.querySelector(`input[type="range"][name="${name}"]`);
  const canvas = figure.querySelector("canvas");
  const before = canvas.toDataURL();
  for (const value of values) {
    input.value = value;
    input.dispatchEvent(new Event("input", {bubbles: true}));
  }
  const readouts = [...figure.querySelectorAll("output[data-readout]")];
  return {moved: canvas.toDataURL() !== before, texts: readouts.map(output => output.textContent)};
}"""
"""Moves a control, and looks at the figure before anything else can happen."""
AHEAD = [("asymmetry", "q.2", 0.64, 0.1), ("gaussians", "mu_q", 1.4, -3.5), ("wasted-bits", "morph", 0.53, 0.02)]


def texts(answer: Answer) -> list[str]:
    return [item["text"] for item in answer["view"]["readouts"]]


@pytest.mark.parametrize(("widget", "name", "near", "far"), AHEAD)
def test_steps_around_a_hand_are_painted_in_the_same_turn(
    live_desk: Reader, widget: str, name: str, near: float, far: float
) -> None:
    figure, page = live_desk.figure(widget).reset(), live_desk.page
    page.evaluate(AT_ONCE, [widget, name, near])
    figure.shows(after(widget, put(name, near)))
    step = float(page.evaluate(f"document.querySelector('figure[data-widget={widget}] [name=\"{name}\"]').step"))
    # Each once: what Python has answered is known anyway.
    never = (round(near + steps * step, 10) for steps in range(1, 24))
    found: dict[str, Any] = {}

    def is_known() -> bool:
        page.wait_for_timeout(200)  # the hand rests
        value = next(never)
        found.update(page.evaluate(AT_ONCE, [widget, name, value]), answer=after(widget, put(name, value)))
        return bool(found["moved"])

    until(page, is_known, "a step is known before it is asked for")
    assert found["texts"] == texts(found["answer"])
    figure.shows(found["answer"])
    # What was asked before it and is answered after it no longer counts.
    page.evaluate(AT_ONCE, [widget, name, far, near])
    page.wait_for_timeout(300)
    figure.shows(after(widget, put(name, near)))


def test_a_bar_that_took_everything_gives_it_back(live_desk: Reader) -> None:
    figure, page = live_desk.figure("asymmetry"), live_desk.page
    figure.preset("mirror-image").click()
    figure.shows(preset("asymmetry", "mirror-image"))
    for value in (1, 0.2):
        page.evaluate(AT_ONCE, ["asymmetry", "q.2", value])
        figure.shows(after("asymmetry", put("q.2", value), state=preset("asymmetry", "mirror-image")["state"]))
    # Taken hold of anew, it still knows.
    page.evaluate(AT_ONCE, ["asymmetry", "q.2", 1])
    figure.handle("q.2").blur()
    figure.handle("q.2").focus()
    page.evaluate(AT_ONCE, ["asymmetry", "q.2", 0.15])
    figure.shows(after("asymmetry", put("q.2", 0.15), state=preset("asymmetry", "mirror-image")["state"]))
