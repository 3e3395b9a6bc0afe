"""Bregman divergence: the exact pairs, functions and ends, and pictures whose lengths are the figures."""

import math
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from klweb import categorical
from klweb.bregman import three_points
from klweb.scene import Dot, Line, Path, Rect, Text
from klweb.widget import FRAMES, Frame, State, View
from klweb.widgets.bregman import UNITS, WIDGET
from tests.widgets.strategies import FRAME, states
from tests.widgets.test_views import check, overlaps

PHONE, DESK = FRAMES["phone"], FRAMES["desk"]
STATE = states(WIDGET)
ENDS = st.sampled_from([0.0, 5e-324, 1e-300, 1e-9, 0.01, 0.5, 0.99, 1 - 1e-9, 1.0])
PLACE = st.one_of(ENDS, st.integers(0, 100).map(lambda i: i / 100))
FEW = settings(max_examples=60)
SHORT = settings(max_examples=40)


def figures(state: State) -> list[float]:
    return [readout.value for readout in WIDGET.view(state, PHONE).readouts]


def printed(name: str) -> list[str]:
    return [readout.text for readout in WIDGET.view(WIDGET.preset(name), PHONE).readouts]


def keyed(view: View, kind: type[Any]) -> dict[str, Any]:
    return {mark.key: mark for mark in view.scene.marks if isinstance(mark, kind) and mark.key}


def cells(view: View) -> dict[str, float]:
    """Read the table's figures; one that is only bounded counts as infinite."""
    return {
        name: math.inf if "99999" in text else float(text.replace("−", "-").replace("∞", "inf"))
        for name, text in view.table.rows
    }


def test_the_pages_exact_pairs() -> None:
    assert [printed(name)[0] for name in ("middle", "edge")] == ["0.0294 bits", "0.2438 bits"]
    assert [printed(name)[2] for name in ("middle", "edge")] == ["0.1000", "0.1000"]


def test_readouts_have_the_same_names_for_every_function() -> None:
    for function in UNITS:
        readouts = WIDGET.view(WIDGET.read({"function": function}), PHONE).readouts
        assert [item.name for item in readouts] == ["divergence", "reverse", "norm"]
        assert [item.symbol for item in readouts] == ["B(p, q)", "B(q, p)", "|p − q|"]
        assert all(item.text.endswith(UNITS[function]) for item in readouts[:2])


def test_the_default_is_the_fair_coin_against_nine_in_ten() -> None:
    assert printed("gap")[:2] == ["0.7370 bits", "0.5310 bits"]
    assert "= D(p ‖ q)" in WIDGET.view(WIDGET.default, PHONE).readouts[0].detail


@given(PLACE, PLACE)
def test_negative_entropy_shows_kl_both_ways(p: float, q: float) -> None:
    forward, backward, norm = figures(WIDGET.read({"at_p": p, "at_q": q}))
    truth, model = (p, 1 - p), (q, 1 - q)
    assert forward == pytest.approx(categorical.kl(truth, model), rel=1e-12, abs=1e-24)
    assert backward == pytest.approx(categorical.kl(model, truth), rel=1e-12, abs=1e-24)
    assert norm == abs(p - q)


def test_what_presets_claim() -> None:
    assert printed("squared")[0] == printed("squared")[1] == "0.3600"
    ratio, twice = (figures(WIDGET.read({"function": "log", "at_p": p, "at_q": q})) for p, q in ((0.2, 0.5), (0.4, 1)))
    assert ratio[:2] == pytest.approx(twice[:2])
    assert ratio[2] * 2 == pytest.approx(twice[2])
    assert printed("ratio")[0] == "0.3163 nats"
    assert printed("never")[0] == "∞ bits"
    assert printed("certain")[0] == "2.0000 bits"
    state = WIDGET.preset("three-points")
    parts = three_points("entropy", state["at_p"], state["at_q"], state["at_r"])
    assert parts.whole > parts.first + parts.second


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"at_p": 0.3, "at_q": 0}, "q gives heads probability 0, and p does not"),
        ({"at_p": 0.3, "at_q": 1}, "q gives tails probability 0, and p does not"),
        ({"function": "log", "at_p": 0.3, "at_q": 0}, "q is 0, where −ln x is infinite"),
        ({"function": "log", "at_p": 0, "at_q": 0.3}, "p is 0, where −ln x is infinite"),
    ],
)
def test_infinity_is_said_in_words_with_its_reason(values: State, words: str) -> None:
    view = WIDGET.view(WIDGET.read(values), PHONE)
    assert view.readouts[0].value == math.inf
    assert view.readouts[0].detail == words
    assert words in view.summary
    assert keyed(view, Text)["gap.value"].text.startswith("∞")


@pytest.mark.parametrize("function", UNITS)
@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_one_point_leaves_no_gap(function: str, place: float) -> None:
    view = WIDGET.view(WIDGET.read({"function": function, "at_p": place, "at_q": place}), PHONE)
    assert [readout.value for readout in view.readouts] == [0, 0, 0]
    assert "no gap" in view.summary
    assert "gap" not in keyed(view, Rect)


def test_p_at_an_end_is_finite() -> None:
    for p, share in ((0, 0.75), (1, 0.25)):
        assert figures(WIDGET.read({"at_p": p, "at_q": 0.25}))[0] == pytest.approx(-math.log2(share))


def test_a_gap_too_large_for_a_double_is_not_put_down_to_a_zero() -> None:
    view = WIDGET.view(WIDGET.read({"function": "log", "at_p": 1, "at_q": 5e-324}), PHONE)
    assert view.readouts[0].value == math.inf
    assert "too large" in view.readouts[0].detail
    large = WIDGET.view(WIDGET.read({"function": "log", "at_p": 1, "at_q": 1e-9}), PHONE)
    assert large.readouts[0].text == "over 99999 nats"
    assert large.readouts[0].value == pytest.approx(1e9, rel=1e-6)


@given(STATE, FRAME)
@example(WIDGET.read({"function": "log", "at_p": 0, "at_q": 0, "at_r": 0, "third": "on"}), PHONE)
@example(WIDGET.read({"function": "log", "at_p": 0.5, "at_q": 1.1e-308}), DESK)
@example(WIDGET.read({"at_p": 0, "at_q": 1, "at_r": 0, "third": "on"}), PHONE)
@example(WIDGET.read({"at_p": 1, "at_q": 1, "at_r": 1, "third": "on"}), PHONE)
@example(WIDGET.read({"at_p": 1, "at_q": 0.98, "at_r": 1, "third": "on"}), DESK)
@example(WIDGET.read({"at_p": 0.22, "at_q": 0.29, "at_r": 0.3, "third": "on"}), PHONE)
@settings(max_examples=200)
def test_every_state_is_sound_and_no_text_hides_another(state: State, frame: Frame) -> None:
    view = check(WIDGET, state, frame)
    # A tangent as good as vertical, at a point that nobody can tell from 0, may leave a label no free spot.
    assume(all(place == 0 or place > 1e-9 for name, place in state.items() if name.startswith("at_")))
    assert overlaps(view) == []


@given(st.sampled_from(sorted(UNITS)), PLACE, PLACE, PLACE, st.sampled_from(["off", "on"]), FRAME)
@settings(max_examples=200)
def test_ends_are_sound_too(function: str, p: float, q: float, r: float, third: str, frame: Frame) -> None:
    state = WIDGET.read({"function": function, "at_p": p, "at_q": q, "at_r": r, "third": third})
    assert overlaps(check(WIDGET, state, frame)) == []


@given(STATE, FRAME)
@FEW
def test_no_grip_or_label_hides_the_gap_or_another_grip(state: State, frame: Frame) -> None:
    view = WIDGET.view(state, frame)
    grips = [dot for key, dot in keyed(view, Dot).items() if key.endswith(".grip")]
    assert len(grips) == (3 if state["third"] == "on" else 2)
    for i, one in enumerate(grips):
        for other in grips[:i]:
            assert max(abs(one.x - other.x), abs(one.y - other.y)) >= 2 * one.r
    boxes = view.scene.handles
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            apart = max(box.x - other.x - other.w, other.x - box.x - box.w,
                        box.y - other.y - other.h, other.y - box.y - box.h)  # fmt: skip
            assert apart >= -1, "a finger can grasp either"


@given(STATE)
@FEW
def test_the_gaps_length_is_the_divergence(state: State) -> None:
    """One bit takes as many pixels as the axis says, wherever the gap ends inside the picture."""
    view = WIDGET.view(state, DESK)
    marks = keyed(view, Rect)
    if "gap" not in marks or "gap.arrow" in keyed(view, Path):
        return
    ticks = [mark for mark in view.scene.marks if isinstance(mark, Text) and mark.anchor == "end" and mark.x < 50]
    one, other = ticks[0], ticks[1]
    low, high = (float(tick.text.replace("−", "-")) for tick in (one, other))
    unit = (one.y - other.y) / (high - low)
    assert marks["gap"].h == pytest.approx(figures(state)[0] * unit, abs=0.02)


@given(STATE)
@FEW
def test_the_gap_reaches_from_the_curves_dot_to_the_tangent(state: State) -> None:
    view = WIDGET.view(state, DESK)
    gap, dots, lines = keyed(view, Rect).get("gap"), keyed(view, Dot), keyed(view, Line)
    line = lines["q.tangent"]
    if gap is None or "gap.arrow" in keyed(view, Path) or line.x1 == line.x2:
        return
    assert gap.x + gap.w / 2 == pytest.approx(dots["p.dot"].x)
    assert gap.y == pytest.approx(dots["p.dot"].y)
    share = (dots["p.dot"].x - line.x1) / (line.x2 - line.x1)
    assert gap.y + gap.h == pytest.approx(line.y1 + share * (line.y2 - line.y1), abs=0.1)


@pytest.mark.parametrize("function", UNITS)
@pytest.mark.parametrize("q", [0.2, 0.5, 0.8])
def test_the_tangent_stays_below_the_curve(function: str, q: float) -> None:
    view = WIDGET.view(WIDGET.read({"function": function, "at_q": q}), DESK)
    line, curve = keyed(view, Line)["q.tangent"], keyed(view, Path)["curve"].points
    for x, y in zip(curve[::2], curve[1::2], strict=True):
        if line.x1 <= x <= line.x2:
            assert y <= line.y1 + (line.y2 - line.y1) * (x - line.x1) / (line.x2 - line.x1) + 0.05


@given(STATE)
@FEW
def test_the_table_prints_the_identity(state: State) -> None:
    found = cells(WIDGET.view({**state, "third": "on"}, PHONE))
    parts = [found[name] for name in ("B(p, q)", "B(q, r)", "(F′(q) − F′(r)) · (p − q)")]
    whole = found["B(p, r) = B(p, q) + B(q, r) + the line above"]
    if all(map(math.isfinite, (*parts, whole))):
        assert sum(parts) == pytest.approx(whole, abs=2.5e-4)


@given(st.sampled_from(sorted(UNITS)), *[st.integers(1, 99).map(lambda i: i / 100)] * 3)
@SHORT
def test_bars_of_the_identity_join_up(function: str, p: float, q: float, r: float) -> None:
    assume(len({p, q, r}) > 1)
    state = WIDGET.read({"function": function, "at_p": p, "at_q": q, "at_r": r, "third": "on"})
    bars = keyed(WIDGET.view(state, DESK), Rect)
    parts = three_points(function, p, q, r)
    one, two, last, whole = (bars[f"part.{i}"] for i in range(4))
    assert one.x == whole.x
    assert two.x == pytest.approx(one.x + one.w)
    assert {round(last.x, 6), round(last.x + last.w, 6)} == {round(two.x + two.w, 6), round(whole.x + whole.w, 6)} or (
        last.w == pytest.approx(0, abs=1e-6)
    )
    scale = (one.w + two.w + whole.w) / (parts.first + parts.second + parts.whole) if whole.w + one.w + two.w else 0
    assert last.w == pytest.approx(abs(parts.cross) * scale, abs=1e-6)


def test_moving_the_third_point_shows_it() -> None:
    after = WIDGET.update(WIDGET.default, {"type": "set", "name": "at_r", "value": 0.3})
    assert after["third"] == "on"
    assert [handle.name for handle in WIDGET.view(after, PHONE).scene.handles] == ["at_p", "at_q", "at_r"]
    assert [handle.name for handle in WIDGET.view(WIDGET.default, PHONE).scene.handles] == ["at_p", "at_q"]


def test_the_panel_draws_pairs_at_one_distance_on_one_scale() -> None:
    """Both exact pairs lie on the same curve: the norm is that curve's only parameter."""
    middle, edge = (WIDGET.view(WIDGET.preset(name), DESK) for name in ("middle", "edge"))
    one, other = (keyed(view, Path)["pairs"].points for view in (middle, edge))
    assert one == pytest.approx(other, abs=0.05)
    heights = [keyed(view, Line)["pair.gap"] for view in (middle, edge)]
    lengths = [line.y1 - line.y2 for line in heights]
    assert lengths[1] / lengths[0] == pytest.approx(0.24381283973934398 / 0.029446844526784283, rel=1e-6)


def test_the_squares_panel_is_flat() -> None:
    points = keyed(WIDGET.view(WIDGET.preset("squared"), DESK), Path)["pairs"].points
    assert max(points[1::2]) - min(points[1::2]) < 0.05


@given(STATE)
@FEW
def test_curves_keep_their_number_of_points(state: State) -> None:
    for mark in keyed(WIDGET.view(state, PHONE), Path).values():
        assert len(mark.points) == (6 if mark.key.endswith("arrow") else 122)


def test_it_does_not_share_the_chapters_pair() -> None:
    assert not WIDGET.shares
    assert WIDGET.pair is None
