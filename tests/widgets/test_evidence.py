"""Evidence: golden figures, what each preset shows, and walks that obey their law."""

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klweb.categorical import kl
from klweb.evidence import log_ratios, observations_until, spread
from klweb.scene import Handle, Line, Path, Scene, Text
from klweb.simulation import draws, uniforms
from klweb.widget import FRAMES, State, View
from klweb.widgets.evidence import BUNDLE, BUTTONS, THRESHOLD, WIDGET
from tests.widgets.strategies import states

PHONE = FRAMES["phone"]
STATE = states(WIDGET)
FEW = settings(max_examples=40)
P, Q = (0.45, 0.25, 0.2, 0.1), (0.15, 0.25, 0.2, 0.4)


def view(preset: str) -> View:
    return WIDGET.view(WIDGET.preset(preset), PHONE)


def figures(state: State) -> dict[str, float]:
    return {readout.name: readout.value for readout in WIDGET.view(state, PHONE).readouts}


def press(state: State, name: str) -> State:
    return WIDGET.update(state, {"type": "press", "name": name})


def walk_paths(scene: Scene) -> dict[str, Path]:
    return {mark.key: mark for mark in scene.marks if isinstance(mark, Path) and ".walk." in mark.key}


def words(scene: Scene) -> str:
    return " | ".join(mark.text for mark in scene.marks if isinstance(mark, Text))


def walk(state: State, name: str, place: int) -> list[float]:
    """Return a walk's sums from the first principles: the drawn symbols' ratios, added up."""
    p, q = state["p"], state["q"]
    stream = place if name == "p" else BUNDLE + place
    symbols = draws(p if name == "p" else q, uniforms(int(state["seed"]), 1000, stream))
    ratios, sums = log_ratios(p, q), [0.0]
    for symbol in symbols:
        sums.append(sums[-1] + ratios[symbol])
    return sums


def test_golden_figures_of_the_default_view() -> None:
    state = WIDGET.default
    assert (tuple(state["p"]), tuple(state["q"]), state["draws"], state["seed"]) == (P, Q, 0, 1)
    shown = WIDGET.view(state, PHONE)
    assert [(item.name, item.symbol, item.text) for item in shown.readouts] == [
        ("kl_pq", "D(p ‖ q)", "0.5132 bits"),
        ("kl_qp", "D(q ‖ p)", "0.5623 bits"),
        ("n_20", "20 : 1", "8.4 observations"),
        ("evidence", "evidence", "0.00 bits"),
    ]
    assert shown.summary.startswith("Nothing is observed yet; the odds reach 20 : 1 after about 8 observations if p")
    assert "drifts up 0.5132 bits" in shown.summary
    assert "drifts down 0.5623 bits" in shown.summary
    assert WIDGET.walk == "draws"
    assert WIDGET.shares


def test_nothing_drawn_shows_the_law_alone() -> None:
    scene = view("nothing-yet").scene
    assert walk_paths(scene) == {}
    assert {mark.key for mark in scene.marks if isinstance(mark, Line)} >= {"p.drift", "q.drift", "p.wait", "q.wait"}
    assert "walks so far" not in words(scene)


def test_twenty_observations_tell_most_walks_apart() -> None:
    state = WIDGET.preset("twenty")
    past = [sum(max(walk(state, "p", i)[:21]) >= THRESHOLD for i in range(BUNDLE)),
            sum(min(walk(state, "q", i)[:21]) <= -THRESHOLD for i in range(BUNDLE))]  # fmt: skip
    assert min(past) > BUNDLE / 2, "the preset’s note says so"
    shown = view("twenty")
    assert f"{past[0]} of 8 walks under p and {past[1]} of 8 walks under q have reached 20 : 1" in shown.summary
    assert len(walk_paths(shown.scene)) == 2 * BUNDLE


def test_nearly_equal_hypotheses_take_long() -> None:
    found = figures(WIDGET.preset("nearly-equal"))
    assert found["kl_pq"] < 0.03
    assert 100 < found["n_20"] < 300
    assert WIDGET.preset("nearly-equal")["draws"] == 1000


def test_identical_hypotheses_stay_flat() -> None:
    shown = view("identical")
    assert [readout.value for readout in shown.readouts] == [0, 0, math.inf, 0]
    assert shown.readouts[2].text == "∞ observations"
    assert "flat" in shown.summary
    for path in walk_paths(shown.scene).values():
        assert len(set(path.points[1::2])) == 1


def test_drifts_may_differ_a_lot() -> None:
    state = WIDGET.preset("lopsided")
    found = figures(state)
    assert found["kl_pq"] > 3 * found["kl_qp"]
    assert observations_until(state["q"], state["p"], 20) > 3 * found["n_20"]


def test_a_decisive_symbol_ends_a_walk_through_the_top() -> None:
    state = WIDGET.preset("decisive")
    shown = view("decisive")
    assert figures(state)["kl_pq"] == math.inf
    assert figures(state)["n_20"] == pytest.approx(10)
    assert "q rules out D, which p uses" in shown.readouts[0].detail
    gone = sum(math.inf in walk(state, "p", i)[:21] for i in range(BUNDLE))
    assert 0 < gone < BUNDLE
    assert f"Only p makes D, which decides at once, and {gone} of 8 walks have left the picture." in shown.summary
    paths = walk_paths(shown.scene)
    highest = min(min(path.points[1::2]) for path in paths.values())
    assert sum(path.points[-1] == highest for path in paths.values()) == gone
    drifts = {mark.key for mark in shown.scene.marks if isinstance(mark, Line) and mark.key.endswith("drift")}
    assert drifts == {"q.drift"}, "an infinite drift has no line"


def test_hypotheses_with_nothing_in_common_are_told_apart_at_once() -> None:
    state = WIDGET.read({"p": [1, 0], "q": [0, 1], "draws": 1})
    assert figures(state) == {"kl_pq": math.inf, "kl_qp": math.inf, "n_20": 1, "evidence": math.inf}
    assert WIDGET.view(state, PHONE).readouts[3].text == "∞ bits for p"
    assert figures({**state, "draws": 0})["evidence"] == 0


@given(STATE)
@FEW
def test_readouts_are_the_cores(state: State) -> None:
    p, q = state["p"], state["q"]
    found = figures(state)
    assert found["kl_pq"] == kl(p, q)
    assert found["kl_qp"] == kl(q, p)
    assert found["n_20"] == observations_until(p, q, 20)
    now = walk(state, "q" if state["world"] == "q" else "p", 0)[int(state["draws"])]
    assert found["evidence"] == pytest.approx(abs(now), rel=1e-9, abs=1e-9)
    text = WIDGET.view(state, PHONE).readouts[3].text
    assert ("for p" in text, "for q" in text) == (now > 0, now < 0)


@given(STATE)
@FEW
def test_only_the_chosen_world_is_drawn(state: State) -> None:
    keys = walk_paths(WIDGET.view(state, PHONE).scene)
    expected = {"both": {"p", "q"}, "p": {"p"}, "q": {"q"}}[state["world"]] if state["draws"] else set()
    assert {key[0] for key in keys} == expected


@pytest.mark.parametrize("name", ["p", "q"])
def test_drawn_walks_end_at_their_sums(name: str) -> None:
    state = WIDGET.read({"draws": 137, "world": name})
    scene = WIDGET.view(state, FRAMES["desk"]).scene
    lines = {mark.key: mark for mark in scene.marks if isinstance(mark, Line)}
    # The two thresholds are 2 log2 20 bits apart: that is the scale.
    up, down = lines["p.threshold"].y1, lines["q.threshold"].y1
    for key, path in walk_paths(scene).items():
        total = walk(state, name, int(key[-1]))[137]
        assert path.points[-1] == pytest.approx((up + down) / 2 + (down - up) / 2 * -total / THRESHOLD, abs=0.06)


def test_the_wait_is_marked_where_the_drift_crosses_the_line() -> None:
    scene = WIDGET.view(WIDGET.preset("nothing-yet"), FRAMES["desk"]).scene
    lines = {mark.key: mark for mark in scene.marks if isinstance(mark, Line)}
    for name in "pq":
        drift, mark, line = (lines[f"{name}.{what}"] for what in ("drift", "wait", "threshold"))
        slope = (drift.y2 - drift.y1) / (drift.x2 - drift.x1)
        assert drift.y1 + slope * (mark.x1 - drift.x1) == pytest.approx(line.y1, abs=1e-6)


def test_walks_follow_their_law() -> None:
    """Of 8 × 40 walks of 200, the mean lies within 4 standard errors and 19 in 20 within the band, roughly."""
    for name, truth, model, sign in (("p", P, Q, 1), ("q", Q, P, -1)):
        mean, deviation = sign * 200 * kl(truth, model), math.sqrt(200) * spread(truth, model)
        ends = [walk(WIDGET.read({"seed": seed}), name, place)[200] for seed in range(1, 41) for place in range(BUNDLE)]
        assert abs(math.fsum(ends) / len(ends) - mean) < 4 * deviation / math.sqrt(len(ends))
        inside = sum(abs(end - mean) <= 2 * deviation for end in ends) / len(ends)
        # The share inside has a standard error of 0.012.
        assert abs(inside - 0.9545) < 4 * 0.012


def test_walks_are_seldom_fooled() -> None:
    """While q is true at most one walk in twenty ever reaches 20 : 1 for p (Ville’s inequality)."""
    walks = [walk(WIDGET.read({"seed": seed}), "q", place) for seed in range(1, 26) for place in range(BUNDLE)]
    fooled = sum(max(sums) >= THRESHOLD for sums in walks) / len(walks)
    assert fooled < 1 / 20 + 4 * math.sqrt(0.05 * 0.95 / len(walks))


def test_one_draw_is_exactly_distributed() -> None:
    """A thousand evenly spaced lucks give each symbol as often as its probability says."""
    lucks = [float(Fraction(2 * i + 1, 2000)) for i in range(1000)]
    found = draws(P, lucks)
    assert [found.count(i) for i in range(4)] == [450, 250, 200, 100]


@pytest.mark.parametrize(("button", "count"), [("draw-1", 1), ("draw-10", 10), ("draw-100", 100), ("draw-1000", 1000)])
def test_buttons_draw_and_stop_at_a_thousand(button: str, count: int) -> None:
    state = press(WIDGET.default, button)
    assert state["draws"] == count
    assert press({**state, "draws": 995.0}, button)["draws"] == min(995 + count, 1000)


def test_starting_again_keeps_the_luck_and_other_luck_keeps_the_count() -> None:
    state = WIDGET.read({"draws": 30, "seed": 9999, "world": "q"})
    assert press(state, "clear") == {**state, "draws": 0}
    assert press(state, "reseed") == {**state, "seed": 1}
    assert press({**state, "seed": 5.0}, "reseed")["seed"] == 6
    assert len(BUTTONS) == 6


def test_a_longer_walk_begins_with_the_shorter_one() -> None:
    """What is drawn stays where it is while the axis does: only the ends of the walks grow."""
    for count in range(1, 1000, 83):
        state = WIDGET.read({"p": (0.28, 0.26, 0.24, 0.22), "q": (0.22, 0.24, 0.26, 0.28)})
        one, two = (
            walk_paths(WIDGET.view({**state, "draws": float(n)}, PHONE).scene)["p.walk.0"] for n in (count, count + 1)
        )
        assert one.points[:-2:2] == two.points[: len(one.points) - 2 : 2]


@given(STATE, st.sampled_from(["p", "q"]), st.integers(0, 11), st.floats(0, 1))
@FEW
def test_moving_a_bar_keeps_a_distribution_and_the_rest(state: State, name: str, index: int, value: float) -> None:
    place = index % len(state[name])
    after = WIDGET.update(state, {"type": "set", "name": f"{name}.{place}", "value": value})
    assert math.fsum(after[name]) == pytest.approx(1)
    assert after["edit"] == name
    assert {key: after[key] for key in ("draws", "seed", "world")} == {
        key: state[key] for key in ("draws", "seed", "world")
    }


def test_another_figures_pair_is_taken_over_with_its_zeros() -> None:
    pair = {"p": [0.5, 0.5, 0, 0, 0, 0, 0], "q": [0, 0.25, 0.25, 0.5, 0, 0, 0]}
    state = WIDGET.update(WIDGET.preset("twenty"), {"type": "share", "name": "pair", "value": pair})
    assert state["p"] == pair["p"]
    assert state["draws"] == 20
    scene = WIDGET.view(state, PHONE).scene
    assert sum(isinstance(mark, Handle) for mark in scene.marks) == 7


@given(STATE)
@FEW
def test_pictures_stay_small(state: State) -> None:
    scene = WIDGET.view(state, FRAMES["desk"]).scene
    assert len(scene.marks) < 250
    assert all(len(mark.points) <= 2 * 130 for mark in scene.marks if isinstance(mark, Path))
    for path in walk_paths(scene).values():
        assert all(a <= b for a, b in pairwise(path.points[::2])), "time runs to the right"


@given(STATE)
@FEW
def test_the_table_tells_luck_and_law(state: State) -> None:
    rows = {row[0]: row[1:] for row in WIDGET.view(state, PHONE).table.rows}
    assert rows["observations so far"][0] == str(int(state["draws"]))
    drawn = rows["walks past 20 : 1 by now"]
    assert [cell == "not drawn" for cell in drawn] == [state["world"] == "q", state["world"] == "p"]
