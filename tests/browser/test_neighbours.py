"""The first gesture never waits: until Python is up, the control that a reader moves snaps to exact stops."""

from collections.abc import Iterator
from typing import Any

import pytest

from klweb.sitegen import neighbours
from klweb.widget import FRAMES
from klweb.widgets import WIDGETS
from tests.browser.support import (
    PAINTED,
    RUNTIME,
    Answer,
    Figure,
    Finger,
    Opener,
    Reader,
    after,
    ask,
    differences,
    held,
    put,
    until,
)
from tests.browser.test_gestures import centre

pytestmark = pytest.mark.browser

COARSE = r"^Coarse steps until Python is here"
WAITS = r"^Your change waits for Python"
# A jump is what a reader would see as one; the rest of the way is short, and takes its time.
NEAR = pytest.mark.parametrize(
    ("widget", "handle", "dx", "dy"), [("asymmetry", "q.2", 0, 60), ("gaussians", "mu_q", -60, 0)]
)


@pytest.fixture
def stalled(open_page: Opener) -> Iterator[tuple[Reader, Any]]:
    """Return a page on which Python is on its way and does not come until it is let."""
    reader = open_page(reduced_motion="reduce")
    with held(reader) as release:
        yield reader.visit(), release


def ready(reader: Reader, widget: str) -> Figure:
    """Wait for a figure's stops, as a reader does who comes near."""
    figure = reader.figure(widget)
    with reader.page.expect_response(lambda response: f"/{widget}." in response.url and ".near." in response.url):
        figure.root.scroll_into_view_if_needed()
    figure.ready()
    reader.page.wait_for_timeout(300)  # a body that has come is inflated, too
    return figure


def stops(widget: str, control: str, preset: str = "") -> dict[Any, Answer]:
    """Return what Python outside the browser says at each stop of a control."""
    state = WIDGETS[widget].preset(preset) if preset else WIDGETS[widget].default
    (found,) = (item for item in neighbours.controls(WIDGETS[widget], state, FRAMES["phone"]) if item.name == control)
    return {
        value: ask(op="events", widget=widget, state=state, events=[event])
        for value, event in zip(found.values, found.events(), strict=True)
    }


def is_at(figure: Figure, answers: dict[Any, Answer]) -> Any:
    """Return the stop whose answer a figure shows, once what was done is painted."""
    figure.page.evaluate(PAINTED)
    shown = figure.look()
    spoken = {name: item["words"] for name, item in shown["handles"].items()}
    return next(
        (value for value, answer in answers.items() if not differences(shown, answer, 0) and words(answer) == spoken),
        None,
    )


def words(answer: Answer) -> dict[str, str]:
    """Return what an answer's handles say."""
    return {mark["name"]: mark["value_text"] for mark in answer["view"]["scene"]["marks"] if mark["mark"] == "handle"}


# ── every way of moving a control ────────────────────────────────────────────────────────────


@NEAR
def test_a_mouse_moves_a_handle_from_stop_to_stop(
    stalled: tuple[Reader, Any], widget: str, handle: str, dx: int, dy: int
) -> None:
    reader, _ = stalled
    figure, mouse = ready(reader, widget), reader.page.mouse
    answers = stops(widget, handle)
    x, y = centre(figure, handle)
    mouse.move(x, y)
    mouse.down()
    seen = []
    for step in range(1, 13):
        mouse.move(x + dx * step / 12, y + dy * step / 12)
        # Without any waiting: what is painted belongs to the event.
        value = is_at(figure, answers) if step > 4 else 0
        assert value is not None, f"no stop is shown: {figure.look()}"
        seen.append(value)
    assert len(set(seen)) > 2
    shown = figure.look()
    assert shown["status"] == "starting"
    assert shown["hash"] == ""
    assert shown["pressed"] == []
    assert figure.says(COARSE)
    assert shown["handles"][handle]["value"] == pytest.approx(seen[-1])
    mouse.up()
    assert is_at(figure, answers) == seen[-1]


def test_a_finger_moves_a_handle_from_stop_to_stop(open_page: Opener) -> None:
    reader = open_page(360, touch=True, reduced_motion="reduce")
    with held(reader):
        reader.visit()
        figure, finger = ready(reader, "asymmetry"), Finger(reader)
        x, y = centre(figure, "q.2")
        finger.swipe((x, y), (x, y + 70))
        assert is_at(figure, stops("asymmetry", "q.2")) in (0.2, 0.25, 0.3)
        assert figure.look()["status"] == "starting"
        finger.session.detach()


@pytest.mark.parametrize(
    ("widget", "selector", "name", "strokes"),
    [
        ("asymmetry", 'input[data-handle="q.2"]', "q.2",
         [("ArrowUp", 0.65), ("ArrowDown", 0.6), ("ArrowDown", 0.55), ("Home", 0), ("End", 1), ("PageDown", 0.9)]),
        ("wasted-bits", 'input[name="morph"]', "morph", [("ArrowRight", 0.05), ("ArrowRight", 0.1), ("End", 1)]),
        ("gaussians", 'input[name="sigma_q"]:not([data-handle])', "sigma_q",
         [("ArrowLeft", 1.35), ("ArrowRight", 1.5)]),
    ],
)  # fmt: skip
def test_a_key_always_moves_to_another_stop(
    stalled: tuple[Reader, Any], widget: str, selector: str, name: str, strokes: list[tuple[str, float]]
) -> None:
    reader, _ = stalled
    figure = ready(reader, widget)
    answers = stops(widget, name)
    figure.find(selector).focus()
    for key, value in strokes:
        reader.page.keyboard.press(key)
        assert is_at(figure, answers) in [at for at in answers if at == pytest.approx(value, abs=0.03)], key
        assert float(figure.find(selector).input_value()) == pytest.approx(value, abs=0.03)
    assert figure.says(COARSE)


def test_a_slider_moves_from_stop_to_stop(stalled: tuple[Reader, Any]) -> None:
    reader, _ = stalled
    figure, mouse = ready(reader, "wasted-bits"), reader.page.mouse
    answers = stops("wasted-bits", "morph")
    slider = figure.slider("morph")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] * 0.3, y)
    mouse.down()
    for share in (0.33, 0.41, 0.52, 0.68):
        mouse.move(box["x"] + box["width"] * share, y)
        value = is_at(figure, answers)
        assert value == pytest.approx(share, abs=0.06)
        assert float(slider.input_value()) == pytest.approx(value)
        assert float(figure.find('[data-shown="morph"]').text_content() or "nan") == pytest.approx(value)
    mouse.up()


def test_choices_and_buttons_answer_at_once(stalled: tuple[Reader, Any]) -> None:
    reader, _ = stalled
    figure = ready(reader, "gaussians")
    figure.button("swap-means").click()
    assert not differences(figure.look(), after("gaussians", {"type": "press", "name": "swap-means"}), 0)
    figure = ready(reader, "wasted-bits")
    figure.find('input[name="source"][value="english"]').check(force=True)
    assert is_at(figure, stops("wasted-bits", "source")) == "english"


def test_the_other_distribution_is_dragged_after_it_was_chosen(stalled: tuple[Reader, Any]) -> None:
    reader, _ = stalled
    figure = ready(reader, "asymmetry")
    figure.find('input[name="edit"][value="p"]').check(force=True)
    until(
        reader.page,
        lambda: sorted(figure.look()["handles"]) == [f"p.{index}" for index in range(5)],
        "its handles are there",
    )
    figure.handle("p.1").focus()
    reader.page.keyboard.press("ArrowUp")
    assert is_at(figure, stops("asymmetry", "p.1")) == 0.25


def test_stops_lie_around_each_preset(stalled: tuple[Reader, Any]) -> None:
    reader, _ = stalled
    figure = ready(reader, "asymmetry")
    with reader.page.expect_response(lambda response: "long-tail.near." in response.url):
        figure.preset("long-tail").click()
    reader.page.wait_for_timeout(300)
    figure.handle("q.7").focus()
    reader.page.keyboard.press("ArrowUp")
    assert is_at(figure, stops("asymmetry", "q.7", "long-tail")) == 0.15
    # A preset is the way back, and takes the quiet line with it.
    figure.preset("uniform-vs-peaked").click()
    until(reader.page, lambda: figure.look()["pressed"] == ["uniform-vs-peaked"], "the preset is shown")
    figure.says_nothing()


# ── what has to wait ─────────────────────────────────────────────────────────────────────────


def test_a_second_control_waits_and_says_so(stalled: tuple[Reader, Any]) -> None:
    reader, release = stalled
    figure = ready(reader, "asymmetry")
    answers = stops("asymmetry", "q.2")
    for handle in ("q.2", "q.0"):
        figure.handle(handle).focus()
        reader.page.keyboard.press("ArrowUp")
    assert is_at(figure, answers) == 0.65
    assert figure.says(WAITS)
    release()
    value = figure.look()["handles"]["q.0"]["value"]
    figure.shows(after("asymmetry", put("q.2", 0.65), put("q.0", value)), 1e-9)
    figure.says_nothing()


def test_a_control_that_was_put_back_lets_another_one_be_the_first(stalled: tuple[Reader, Any]) -> None:
    reader, _ = stalled
    figure = ready(reader, "asymmetry")
    figure.handle("q.2").focus()
    reader.page.keyboard.press("ArrowUp")
    reader.page.keyboard.press("ArrowDown")
    figure.handle("q.0").focus()
    reader.page.keyboard.press("ArrowUp")
    assert is_at(figure, stops("asymmetry", "q.0")) == 0.15


def test_a_typed_number_waits_to_be_shown_as_typed(stalled: tuple[Reader, Any]) -> None:
    reader, release = stalled
    figure = ready(reader, "wasted-bits")
    figure.field("morph").fill("0.37")
    figure.field("morph").press("Enter")
    assert figure.says(WAITS)
    release()
    figure.shows(after("wasted-bits", put("morph", 0.37)))


# ── Python comes, or does not ────────────────────────────────────────────────────────────────


@NEAR
def test_the_gesture_goes_on_when_python_comes(
    stalled: tuple[Reader, Any], widget: str, handle: str, dx: int, dy: int
) -> None:
    reader, release = stalled
    figure, mouse = ready(reader, widget), reader.page.mouse
    answers = stops(widget, handle)
    x, y = centre(figure, handle)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + dx * 0.47, y + dy * 0.47, steps=5)
    stop = is_at(figure, answers)
    assert stop is not None
    release()
    figure.has_status("live")
    # The button is still down: the handle now is where the mouse is, less than half a stop away.
    until(reader.page, lambda: is_at(figure, answers) is None, "the picture leaves the stop")
    value = figure.look()["handles"][handle]["value"]
    widest = max(b - a for a, b in zip(list(answers), list(answers)[1:], strict=False))
    assert 0 < abs(value - stop) <= widest / 2 + 1e-9
    figure.shows(after(widget, put(handle, value)), 1e-9)
    mouse.move(x + dx * 0.63, y + dy * 0.63, steps=5)
    mouse.up()
    last = figure.look()["handles"][handle]["value"]
    assert last != value
    figure.shows(after(widget, put(handle, last)), 1e-9)
    figure.says_nothing()


def test_without_python_the_stops_go_on(open_page: Opener) -> None:
    reader = open_page(python=False, reduced_motion="reduce").visit()
    figure = ready(reader, "asymmetry")
    answers = stops("asymmetry", "q.2")
    figure.handle("q.2").focus()
    reader.page.keyboard.press("ArrowUp")
    figure.has_status("failed")
    message = figure.says(r"Try again$")
    reader.page.keyboard.press("ArrowUp")
    assert is_at(figure, answers) == 0.7
    assert figure.look()["notice"] == message
    assert figure.look()["status"] == "failed"
    reader.page.context.unroute(RUNTIME)
    figure.notice.locator("button").click()
    figure.has_status("live")
    figure.shows(answers[0.7], 1e-9)
    figure.says_nothing()


def test_without_stops_a_change_waits_for_python(open_page: Opener) -> None:
    reader = open_page(reduced_motion="reduce")
    reader.allow(r"\.near\.")
    reader.page.context.route("**/*.near.*", lambda route: route.abort())
    with held(reader) as release:
        figure = reader.visit().figure("asymmetry").ready()
        figure.handle("q.2").focus()
        reader.page.keyboard.press("ArrowUp")
        assert figure.says(WAITS)
        release()
        figure.shows(after("asymmetry", put("q.2", 0.61)), 1e-9)


def test_nothing_moves_under_the_finger(open_page: Opener) -> None:
    for width in (360, 1280):
        reader = open_page(width, reduced_motion="reduce")
        with held(reader):
            reader.visit()
            figure = ready(reader, "wasted-bits")
            figure.slider("morph").evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
            figure.slider("morph").focus()
            places = """figure => [...figure.querySelectorAll(".stage, input, output, .summary")].map(
              e => e.getBoundingClientRect().top)"""
            before = figure.root.evaluate(places)
            reader.page.keyboard.press("ArrowRight")
            assert figure.says(COARSE)
            assert figure.root.evaluate(places) == before
            # And the line is read in one piece.
            assert figure.notice.evaluate("e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight + 1")
