"""What every view of every state must be: finite, inside its frame, legible, graspable, in words."""

import json
import math
import re
from itertools import combinations

import pytest
from hypothesis import given, settings

from klweb.scene import MIN_TEXT, Dot, Handle, Path, Rect, Spot, Text
from klweb.widget import FRAMES, Frame, Preset, State, View, Widget
from klweb.widgets import WIDGETS
from tests.widgets.metrics import Box, box, text_width
from tests.widgets.strategies import shown

FINGER = 24
"""The least side of what a finger is asked to hit, in CSS pixels (WCAG 2.2, 2.5.8)."""

SIGNED = {"gap", "growth", "loglik", "sum", "theta_hat"}
"""Readouts that may be negative: of luck, of money, logarithms of probabilities, and places on an axis."""

NO_FIGURE = "no data yet"
"""What stands for a figure where there is nothing to compute it from."""

SLACK = 1.0
"""How far a mark may reach over the edge, in pixels: half a stroke, or an estimate's error."""

CASES = [
    (widget, preset, frame) for widget in WIDGETS.values() for preset in widget.presets for frame in FRAMES.values()
]
EVERY_PRESET = pytest.mark.parametrize(
    ("widget", "preset", "frame"), CASES, ids=[f"{w.name}-{p.name}-{f.name}" for w, p, f in CASES]
)


def refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is not JSON")


def check(widget: Widget, state: State, frame: Frame) -> View:
    """Check everything that holds for any view, and return it."""
    view = widget.view(state, frame)
    json.loads(json.dumps(view.to_json(), allow_nan=False), parse_constant=refuse)
    check_marks(view, frame)
    check_handles(view, state)
    check_spots(view, widget)
    check_words(view)
    return view


def check_marks(view: View, frame: Frame) -> None:
    scene = view.scene
    assert scene.width == frame.width
    assert 100 < scene.height < 1.8 * 720
    edge = Box(0, 0, scene.width, scene.height)
    keys = [mark.key + type(mark).__name__ for mark in scene.marks if not isinstance(mark, Handle | Spot) and mark.key]
    assert len(keys) == len(set(keys)), "a key leads to one mark"
    for mark in scene.marks:
        assert box(mark).inside(edge, SLACK), f"{mark} takes {box(mark)} of {scene.width} × {scene.height}"
        match mark:
            case Text():
                assert mark.size >= MIN_TEXT
                assert mark.text.strip()
                assert not {"nan", "inf"} & set(re.findall(r"\w+", mark.text))
            case Rect():
                assert mark.w >= 0
                assert mark.h >= 0
            case Dot():
                assert mark.r > 0
            case Path():
                assert len(mark.points) % 2 == 0
                assert len(mark.points) >= 4
            case _:
                pass


def check_handles(view: View, state: State) -> None:
    scene = view.scene
    names = [handle.name for handle in scene.handles]
    assert len(names) == len(set(names))
    for handle in scene.handles:
        assert min(handle.w, handle.h) >= FINGER
        assert box(handle).inside(Box(0, 0, scene.width, scene.height))
        assert handle.label
        assert handle.value_text
        assert handle.low <= handle.value <= handle.high
        assert handle.step > 0
        assert handle.at_low != handle.at_high
        assert handle.value == value_of(state, handle.name)
        # The value lies on the axis inside the box that a finger grasps.
        at = handle.at_low + (handle.value - handle.low) / (handle.high - handle.low) * (handle.at_high - handle.at_low)
        start, length = (handle.x, handle.w) if handle.axis == "x" else (handle.y, handle.h)
        assert start <= at <= start + length


def check_spots(view: View, widget: Widget) -> None:
    scene = view.scene
    names = [spot.name for spot in scene.spots]
    assert len(names) == len(set(names))
    for spot in scene.spots:
        head, _, rest = spot.name.partition(".")
        assert head in widget.spots
        assert rest
        assert spot.label
        assert min(spot.w, spot.h) >= FINGER
        assert box(spot).inside(Box(0, 0, scene.width, scene.height), 1e-9)
    pressed: list[Spot | Handle] = [*scene.spots, *scene.handles]
    for (a, one), (b, other) in combinations([(mark.name, box(mark)) for mark in pressed], 2):
        wide = min(one.right, other.right) - max(one.left, other.left)
        high = min(one.bottom, other.bottom) - max(one.top, other.top)
        assert wide < 1e-6 or high < 1e-6 or not {a, b} & set(names), f"{a} lies on {b}"


def value_of(state: State, name: str) -> float:
    head, _, index = name.partition(".")
    value: float = state[head][int(index)] if index else state[head]
    return value


def check_words(view: View) -> None:
    assert view.summary.endswith(".")
    assert view.summary[0].isupper() or view.summary[0] in "pq"
    assert len(view.summary) < 400
    assert len({readout.name for readout in view.readouts}) == len(view.readouts)
    for readout in view.readouts:
        assert readout.symbol
        assert readout.words
        assert math.isnan(readout.value) == (readout.text == NO_FIGURE)
        assert ("∞" in readout.text) == math.isinf(readout.value)
        if readout.name not in SIGNED:
            assert not readout.value < 0, "every other figure of ours is an information, and none is negative"
        is_zero = not any(digit in readout.text for digit in "123456789∞")
        assert readout.text.startswith("−") == (readout.value < 0 and not is_zero)
    assert view.table.caption
    for row in view.table.rows:
        assert len(row) == len(view.table.head)
        assert all(cell.strip() for cell in row)
    everything = " ".join([view.summary, *(cell for row in view.table.rows for cell in row)])
    assert "nan" not in everything.split()
    assert "inf" not in everything.split()
    assert "−0.0000" not in everything.split()


@EVERY_PRESET
def test_every_preset_is_a_sound_view(widget: Widget, preset: Preset, frame: Frame) -> None:
    check(widget, widget.preset(preset.name), frame)


@given(shown())
def test_every_state_is_a_sound_view(case: tuple[Widget, State, Frame]) -> None:
    check(*case)


@pytest.mark.parametrize("frame", FRAMES.values(), ids=list(FRAMES))
@pytest.mark.parametrize("block", ["2", "3"])
def test_blocks_of_many_symbols_are_a_sound_view(frame: Frame, block: str) -> None:
    widget = WIDGETS["wasted-bits"]
    check(widget, widget.read({"source": "english", "morph": 0.5, "block": block}), frame)


def overlaps(view: View) -> list[tuple[str, str]]:
    """List pairs of texts that stand in each other's way by more than a pixel or two."""
    texts = [(mark.text, box(mark)) for mark in view.scene.marks if isinstance(mark, Text)]
    return [
        (a, b)
        for (a, one), (b, other) in combinations(texts, 2)
        if min(one.right, other.right) - max(one.left, other.left) > 1.5
        and min(one.bottom, other.bottom) - max(one.top, other.top) > 3
    ]


@EVERY_PRESET
def test_no_text_of_a_preset_hides_another(widget: Widget, preset: Preset, frame: Frame) -> None:
    assert overlaps(widget.view(widget.preset(preset.name), frame)) == []


@given(shown())
def test_no_text_of_any_state_hides_another(case: tuple[Widget, State, Frame]) -> None:
    assert overlaps(case[0].view(*case[1:])) == []


@pytest.mark.parametrize("frame", FRAMES.values(), ids=list(FRAMES))
@pytest.mark.parametrize("edit", ["p", "q"])
def test_a_bar_at_the_top_leaves_the_legend_legible(edit: str, frame: Frame) -> None:
    widget = WIDGETS["asymmetry"]
    for index in range(5):
        state = widget.read({"edit": edit, edit: [float(i == index) for i in range(5)]})
        assert overlaps(widget.view(state, frame)) == []


@given(shown())
@settings(max_examples=50)
def test_readouts_and_sentence_do_not_depend_on_the_frame(case: tuple[Widget, State, Frame]) -> None:
    widget, state, _ = case
    phone, desk = (widget.view(state, frame) for frame in FRAMES.values())
    assert phone.readouts == desk.readouts
    assert phone.summary == desk.summary
    assert [handle.name for handle in phone.scene.handles] == [handle.name for handle in desk.scene.handles]
    assert [handle.value_text for handle in phone.scene.handles] == [handle.value_text for handle in desk.scene.handles]


@given(shown())
@settings(max_examples=50)
def test_moving_a_handle_by_a_step_changes_its_value_by_a_step(case: tuple[Widget, State, Frame]) -> None:
    widget, state, frame = case
    for handle in widget.view(state, frame).scene.handles:
        value = min(max(handle.value + handle.step, handle.low), handle.high)
        after = widget.update(state, {"type": "set", "name": handle.name, "value": value})
        moved = {item.name: item for item in widget.view(after, frame).scene.handles}
        alone = isinstance(state.get(handle.name.partition(".")[0]), list) and len(state["p"]) == 1
        assert moved[handle.name].value == pytest.approx(1 if alone else value, abs=1e-12)


def test_frames_are_a_phone_and_a_desk() -> None:
    assert [(frame.name, frame.width, frame.phone) for frame in FRAMES.values()] == [
        ("phone", 360, True),
        ("desk", 720, False),
    ]
    assert all(frame.text >= MIN_TEXT for frame in FRAMES.values())


def test_text_is_measured_in_the_figures_own_font() -> None:
    assert text_width("0000", 10) == pytest.approx(4 * 4.97, rel=1e-3)
    assert text_width("iiii", 13) < text_width("mmmm", 13) < text_width("mmmm", 13, bold=True)
    with pytest.raises(AssertionError, match="the font has no"):
        text_width("漢", 13)
