"""Gaming the pot: golden figures, what each preset shows, and pictures that say what the figures say."""

import math
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy, poisson

from klweb.scene import Dot, Line, Path, Rect, Text
from klweb.widget import FRAMES, State, View
from klweb.widgets.lottery import MOST, WIDGET
from tests.widgets.strategies import states

PHONE = FRAMES["phone"]
STATE = states(WIDGET)
FEW = settings(max_examples=40)
Drawn = TypeVar("Drawn", Rect, Line, Path, Dot)


def view(preset: str) -> View:
    return WIDGET.view(WIDGET.preset(preset), PHONE)


def figures(state: State) -> tuple[float, float, float]:
    gain, back, most = (item.value for item in WIDGET.view(state, PHONE).readouts)
    return gain, back, most


def preset(name: str) -> tuple[float, float, float]:
    return figures(WIDGET.preset(name))


def marks(state: State, kind: type[Drawn], frame: str = "phone") -> dict[str, Drawn]:
    scene = WIDGET.view(state, FRAMES[frame]).scene
    return {mark.key: mark for mark in scene.marks if isinstance(mark, kind) and mark.key}


def test_golden_figures_of_the_default_view() -> None:
    state = WIDGET.default
    assert (state["p"], state["q"]) == ([0.45, 0.25, 0.2, 0.1], [0.15, 0.25, 0.2, 0.4])
    shown = WIDGET.view(state, PHONE)
    assert [(item.name, item.text) for item in shown.readouts] == [
        ("kl_pq", "0.5132 bits"),
        ("return", "0.964"),
        ("max_cut", "37.8 %"),
    ]
    assert "0.513 bits a draw" in shown.summary
    assert "0.737" in shown.summary, "what the cut of 40 % takes"
    assert "loses 0.224 bits" in shown.readouts[0].detail


def test_a_fair_crowd_gives_nothing_away_and_buying_all_still_pays_without_a_cut() -> None:
    gain, back, most = preset("fair-crowd")
    assert gain == 0
    assert back == pytest.approx(3 * (1 - math.exp(-2)) / 2)
    assert most == pytest.approx(100 * (1 - 1 / back))
    assert "gain nothing" in view("fair-crowd").summary


def test_birthdays_are_the_numbers_up_to_31() -> None:
    state = WIDGET.preset("birthdays")
    assert state["p"] == pytest.approx([12 / 49, 19 / 49, 18 / 49])
    gain, back, most = preset("birthdays")
    assert 0 < gain < 0.415, "less than a cut of 25 % takes"
    assert back > 1
    assert 25 < most < 50
    fair = figures({**state, "q": state["p"]})
    assert fair[1] < 1 < back, "it pays only because dates are popular"


def test_half_the_pot_is_a_bit_a_draw() -> None:
    gain, back, _ = preset("half-the-pot")
    assert gain < 1
    assert back < 1
    assert "takes 1.000" in view("half-the-pot").summary


def test_few_tickets_pay_for_a_small_cut_only() -> None:
    state = WIDGET.preset("few-tickets")
    _, back, most = figures(state)
    assert back < 1
    assert most < 20
    assert marks(state, Rect)["holders.0"].h > marks(state, Rect)["holders.1"].h


def test_a_rollover_pays_at_a_cut_of_one_half() -> None:
    state = WIDGET.preset("rollover")
    _, back, most = figures(state)
    assert back > 1
    assert most > 50
    assert figures({**state, "rollover": 0.0})[1] < 1


def test_a_blind_spot_is_infinite_for_small_bets_only() -> None:
    shown = view("blind-spot")
    gain, back, most = (item.value for item in shown.readouts)
    assert gain == math.inf
    assert "D" in shown.readouts[0].detail
    assert "nobody backs D" in shown.summary
    assert back < 1
    assert 0 < most < 40


@given(STATE)
def test_readouts_agree_with_scipy(state: State) -> None:
    p, q, lam = state["p"], state["q"], state["lam"]
    gain, back, most = figures(state)
    assert gain == pytest.approx(float(entropy(p, q, base=2)), rel=1e-9, abs=1e-12)
    share = 0.0
    for a, b in zip(p, q, strict=True):
        if a > 0:
            mean = lam * b / a
            # The chance of at least one, over the mean, is the share; of none, the whole.
            share += a * (poisson.sf(0, mean) / mean if mean > 1e-12 else 1.0) if math.isfinite(mean) else 0.0
    cut = state["cut"] / 100
    pot = (1 - cut) * (lam + 1) + state["rollover"] * lam
    assert back == pytest.approx(pot * share, rel=1e-9)
    assert 0 <= most <= 100
    if abs(cut - most / 100) > 1e-6:
        assert (back > 1) == (cut < most / 100)


@given(STATE)
@FEW
def test_the_reader_is_on_the_line_and_the_limit_where_it_crosses_break_even(state: State) -> None:
    for frame in FRAMES:
        (x1, y1, x2, y2) = marks(state, Path, frame)["return"].points
        dot = marks(state, Dot, frame)["grip.cut"]
        place = (dot.x - x1) / (x2 - x1)
        assert place == pytest.approx(state["cut"] / 50, abs=1e-3)
        assert dot.y == pytest.approx(y1 + place * (y2 - y1), abs=0.05)
        even = marks(state, Path, frame)["pays"].points[5]
        limit = marks(state, Line, frame).get("limit")
        assert (limit is not None) == (figures(state)[2] <= 50)
        if limit:
            crossing = y1 + (limit.x1 - x1) / (x2 - x1) * (y2 - y1)
            assert crossing == pytest.approx(even, abs=0.05)


@given(STATE)
@FEW
def test_bars_of_gain_and_cost_are_on_one_scale(state: State) -> None:
    gain, cost = (marks(state, Rect)[name].w for name in ("gain", "cost"))
    bits = figures(state)[0]
    taken = -math.log2(1 - state["cut"] / 100)
    if math.isfinite(bits):
        assert gain * taken == pytest.approx(cost * bits, rel=1e-9, abs=1e-6)
    else:
        assert gain == pytest.approx(312)


@given(STATE)
@FEW
def test_the_chances_of_holders_sum_to_one(state: State) -> None:
    bars = [marks(state, Rect)[f"holders.{k}"] for k in range(MOST + 2)]
    texts = [mark for mark in WIDGET.view(state, PHONE).scene.marks if isinstance(mark, Text)]
    assert f"{MOST + 1}+" in [text.text for text in texts]
    faint = [mark for mark in WIDGET.view(state, PHONE).scene.marks if isinstance(mark, Line)]
    base = bars[0].y + bars[0].h
    grid = min(line.y1 for line in faint if line.y1 == line.y2 and base - 71 < line.y1 < base)
    label = next(text.text for text in texts if abs(text.y - 4.5 - grid) < 0.01 and text.fill == "muted")
    assert sum(bar.h for bar in bars) / (base - grid) * float(label) == pytest.approx(1, abs=1e-6)


@given(STATE, st.data())
@FEW
def test_dragging_the_crowds_money_keeps_the_odds(state: State, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(state["q"]) - 1))
    value = data.draw(st.floats(0, 1))
    after = WIDGET.update(state, {"type": "set", "name": f"q.{index}", "value": value})
    assert after["p"] == state["p"]
    assert math.isclose(math.fsum(after["q"]), 1, rel_tol=1e-12)
    assert after["q"][index] == pytest.approx(value if len(state["q"]) > 1 else 1, abs=1e-12)


@given(STATE, st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(any), st.sampled_from("pq"))
@FEW
def test_typing_a_list_of_another_length_fits_the_other_distribution(
    state: State, weights: list[int], name: str
) -> None:
    after = WIDGET.update(state, {"type": "set", "name": name, "value": ", ".join(map(str, weights))})
    assert after[name] == pytest.approx([weight / sum(weights) for weight in weights])
    assert len(after["p"]) == len(after["q"]) == len(weights)


def test_another_figures_pair_is_taken_whole_and_the_lottery_stays() -> None:
    pair = {"p": [0.5, 0.5, 0], "q": [0, 0.5, 0.5]}
    state = WIDGET.preset("rollover")
    after = WIDGET.update(state, {"type": "share", "name": "pair", "value": pair})
    assert after == {**state, **pair}
    assert figures(after)[0] == math.inf
    assert len(WIDGET.decode("p:0.5,0.25,0.25")["q"]) == len(WIDGET.decode("p:0.5,0.25,0.25")["p"])


@given(STATE)
@FEW
def test_the_sentence_and_the_figures_agree_on_whether_it_pays(state: State) -> None:
    shown = WIDGET.view(state, PHONE)
    assert ("it would pay" in shown.summary) == (shown.readouts[1].value < 1)


@given(STATE)
@FEW
def test_the_tables_shares_average_to_the_expected_share(state: State) -> None:
    *rows, last = WIDGET.view(state, PHONE).table.rows
    mean = math.fsum(a * float(row[4]) for a, row in zip(state["p"], rows, strict=True) if a > 0)
    assert float(last[4]) == pytest.approx(mean, abs=1.1e-4)


def test_handles_are_the_crowds_money_and_the_cut() -> None:
    handles = WIDGET.view(WIDGET.default, PHONE).scene.handles
    assert [(handle.name, handle.axis) for handle in handles] == [*((f"q.{i}", "y") for i in range(4)), ("cut", "x")]
    assert "0.964" in handles[-1].value_text
    assert "0.150" in handles[0].value_text
    assert "0.450" in handles[0].value_text
