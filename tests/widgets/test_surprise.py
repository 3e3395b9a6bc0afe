"""Expected surprise: the law against SciPy and exact enumeration, the luck against the law, and both in the picture."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import entropy, norm

from klweb.errors import InputError
from klweb.pairs import SYMBOLS
from klweb.scene import Dot, Line, Path, Rect, Text
from klweb.simulation import MOST, draws, uniforms
from klweb.widget import FRAMES, Readout, State, View
from klweb.widgets.surprise import PLACES, WIDGET, law, moments, walk
from tests.widgets.strategies import states

PHONE = FRAMES["phone"]
STATE = states(WIDGET)
FEW = settings(max_examples=40)
P, Q = (0.45, 0.25, 0.2, 0.1), (0.15, 0.25, 0.2, 0.4)


def view(state: State) -> View:
    return WIDGET.view(state, PHONE)


def readouts(state: State) -> dict[str, Readout]:
    return {readout.name: readout for readout in view(state).readouts}


def press(state: State, name: str) -> State:
    return WIDGET.update(state, {"type": "press", "name": name})


def drawn(count: int, preset: str = "before-any-draw", **values: object) -> State:
    return WIDGET.read({**WIDGET.preset(preset), "draws": count, **values})


def key(state: State) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(state["p"]), tuple(state["q"])


# ── the law ──────────────────────────────────────────────────────────────────────────────────


def test_golden_figures_of_the_default_view() -> None:
    shown = view(WIDGET.default)
    assert key(WIDGET.default) == (P, Q)
    assert WIDGET.default["draws"] == 0
    assert [(item.name, item.symbol, item.text) for item in shown.readouts] == [
        ("kl_pq", "D(p ‖ q)", "0.5132 bits"),
        ("gap", "gap", "not yet"),
        ("h_pq", "H(p, q)", "2.3282 bits"),
        ("h_p", "H(p)", "1.8150 bits"),
    ]
    assert shown.readouts[0].detail == "0.3557 nats"
    assert shown.summary.startswith("Nothing is drawn yet.")
    assert "0.5132 bits a symbol" in shown.summary


@given(STATE)
def test_the_law_agrees_with_scipy(state: State) -> None:
    found, (p, q) = readouts(state), key(state)
    assert found["kl_pq"].value == pytest.approx(float(entropy(p, q, base=2)), rel=1e-9, abs=1e-12)
    assert found["h_p"].value == pytest.approx(float(entropy(p, base=2)), rel=1e-9, abs=1e-12)
    total = float(entropy(p, base=2)) + float(entropy(p, q, base=2))
    assert found["h_pq"].value == pytest.approx(total, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_law_agrees_with_all_short_walks(count: int) -> None:
    """Enumerate every walk of a few draws: mean and standard error of its average gap are what the band is made of."""
    found = law(P, Q)
    mean = square = 0.0
    for path in product(range(4), repeat=count):
        weight = math.prod(P[symbol] for symbol in path)
        average = math.fsum(math.log2(P[symbol] / Q[symbol]) for symbol in path) / count
        mean += weight * average
        square += weight * average**2
    assert mean == pytest.approx(found.kl_pq, rel=1e-12)
    assert math.sqrt(square - mean**2) == pytest.approx(found.deviation / math.sqrt(count), rel=1e-12)


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(-50, 50)), min_size=1, max_size=8))
def test_moments_agree_with_numpy(pairs: list[tuple[float, float]]) -> None:
    weights, costs = np.array(pairs).T
    mean, spread = moments(weights / weights.sum(), costs)
    expected = np.average(costs, weights=weights)
    assert mean == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert spread == pytest.approx(math.sqrt(np.average((costs - expected) ** 2, weights=weights)), rel=1e-6, abs=1e-6)


def test_moments_leave_infinite_costs_out() -> None:
    assert moments((0.25, 0.25, 0.5), (1.0, 3.0, math.inf)) == (2, 1)
    assert moments((0.0, 1.0), (2.0, math.inf)) == (0, 0)


# ── the luck ─────────────────────────────────────────────────────────────────────────────────


@given(STATE, st.integers(1, MOST))
@FEW
def test_running_averages_are_the_averages_of_the_symbols_drawn(state: State, count: int) -> None:
    p, q = key(state)
    found = walk(p, q, int(state["seed"]))
    symbols = draws(p, uniforms(int(state["seed"]), MOST))[:count]
    assert list(found.symbols[:count]) == symbols
    with np.errstate(divide="ignore"):
        surprises = -np.log2(np.array([p, q]))[:, symbols]
    under_p, under_q = surprises.mean(axis=1)
    assert found.under_p[count - 1] == pytest.approx(under_p, rel=1e-9, abs=1e-12)
    assert found.under_q[count - 1] == pytest.approx(under_q, rel=1e-9, abs=1e-12)
    assert found.gap[count - 1] == pytest.approx(under_q - under_p, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_luck_keeps_to_the_law(count: int) -> None:
    """Over 400 walks: the mean gap is the divergence, and about 95 of 100 walks end in the band; both within 4 s.e."""
    walks, found = 400, law(P, Q)
    gaps = [walk(P, Q, seed).gap[count - 1] for seed in range(1, walks + 1)]
    error = found.deviation / math.sqrt(count)
    assert abs(np.mean(gaps) - found.kl_pq) < 4 * error / math.sqrt(walks)
    # The standard error of a standard deviation, of nearly normal averages.
    assert abs(np.std(gaps) - error) < 4 * error / math.sqrt(2 * walks)
    share = float(np.mean([abs(gap - found.kl_pq) <= 2 * error for gap in gaps]))
    inside = 1 - 2 * norm.sf(2)
    # Averages of ten draws of four symbols take few values, so that they are normal to some hundredths only.
    assert abs(share - inside) < 4 * math.sqrt(inside * (1 - inside) / walks) + 0.1 / math.sqrt(count)


def test_averages_settle_on_the_entropies() -> None:
    found = law(P, Q)
    for name, target in (("under_p", found.h_p), ("under_q", found.h_pq)):
        spread = moments(P, getattr(found, name))[1]
        ends = [getattr(walk(P, Q, seed), name)[-1] for seed in range(1, 201)]
        assert abs(np.mean(ends) - target) < 4 * spread / math.sqrt(1000 * 200)


@given(STATE)
@FEW
def test_equal_distributions_have_no_gap_at_any_draw(state: State) -> None:
    p, _ = key(state)
    assert set(walk(p, p, int(state["seed"])).gap) == {0.0}


@given(STATE, st.integers(1, MOST))
@FEW
def test_the_average_is_infinite_from_the_first_impossible_draw_on(state: State, count: int) -> None:
    p, q = key(state)
    state = {**state, "draws": float(count)}
    found, shown = walk(p, q, int(state["seed"])), view(state)
    first = next((place for place, symbol in enumerate(found.symbols, 1) if q[symbol] == 0), MOST + 1)
    gap = next(item for item in shown.readouts if item.name == "gap")
    assert math.isinf(gap.value) == (count >= first)
    assert all(map(math.isfinite, found.under_p))
    if count >= first:
        assert gap.text == "∞ bits"
        assert f"draw {first} was {SYMBOLS[found.symbols[first - 1]]}" in gap.detail
        assert f"Draw {first} was {SYMBOLS[found.symbols[first - 1]]}" in shown.summary


@given(STATE, st.data())
@FEW
def test_dragging_a_bar_bends_the_walk_instead_of_replacing_it(state: State, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from("pq"))
    index = data.draw(st.integers(0, len(state[name]) - 1))
    event = {"type": "set", "name": f"{name}.{index}", "value": data.draw(st.floats(0, 1))}
    after = WIDGET.update(state, event)
    assert (after["draws"], after["seed"], after["edit"]) == (state["draws"], state["seed"], name)
    assert math.isclose(math.fsum(after[name]), 1, rel_tol=1e-12)
    if name == "q":
        seed = int(state["seed"])
        assert walk(*key(after), seed).symbols == walk(*key(state), seed).symbols


# ── controls ─────────────────────────────────────────────────────────────────────────────────


def test_buttons_draw_on_up_to_a_thousand() -> None:
    state = WIDGET.default
    for name, count in (("draw-1", 1), ("draw-10", 11), ("draw-100", 111), ("draw-1000", 1000), ("draw-1", 1000)):
        state = press(state, name)
        assert state["draws"] == count
    assert WIDGET.walk == "draws"


def test_starting_again_keeps_the_luck_and_other_luck_keeps_the_draws() -> None:
    state = drawn(100, seed=9999)
    assert press(state, "clear") == {**state, "draws": 0}
    assert press(state, "reseed") == {**state, "seed": 1}
    assert press(drawn(7), "reseed") == drawn(7, seed=2)


def test_the_same_link_shows_the_same_walk() -> None:
    state = drawn(123, seed=77)
    again = WIDGET.decode(WIDGET.encode(state))
    assert again == state
    assert view(again) == view(state)


@pytest.mark.parametrize("link", ["draws:1001", "draws:-1", "draws:2.5", "seed:0", "seed:1e9", "draws:nan"])
def test_bad_numbers_of_draws_and_seeds_are_refused(link: str) -> None:
    with pytest.raises(InputError):
        WIDGET.decode(link)


@given(STATE, STATE)
@FEW
def test_another_figures_pair_is_taken_and_the_draws_stay(state: State, other: State) -> None:
    after = WIDGET.update(state, {"type": "share", "value": {"p": other["p"], "q": other["q"]}})
    assert key(after) == key(other)
    assert (after["draws"], after["seed"]) == (state["draws"], state["seed"])
    view(after)


# ── what the presets say ─────────────────────────────────────────────────────────────────────


def luck_of(name: str) -> float:
    """Return by how many standard errors a preset's gap misses the law."""
    state = WIDGET.preset(name)
    found, count = law(*key(state)), int(state["draws"])
    return (readouts(state)["gap"].value - found.kl_pq) / (found.deviation / math.sqrt(count))


def test_luck_shows_after_a_hundred_draws_and_the_law_after_a_thousand() -> None:
    hundred, thousand = WIDGET.preset("hundred-draws"), WIDGET.preset("thousand-draws")
    assert thousand == {**hundred, "draws": 1000}
    assert 1 < abs(luck_of("hundred-draws")) < 2
    assert abs(luck_of("thousand-draws")) < 0.5
    misses = [abs(item["gap"].value - item["kl_pq"].value) for item in map(readouts, (hundred, thousand))]
    assert misses[0] > 0.1
    assert misses[1] < 0.01


def test_identical_distributions_never_part() -> None:
    found = readouts(WIDGET.preset("identical"))
    assert (found["gap"].value, found["kl_pq"].value) == (0, 0)
    assert "the gap is 0, as always" in view(WIDGET.preset("identical")).summary


def test_a_rare_symbol_makes_the_gap() -> None:
    state = WIDGET.preset("rare-symbol")
    found, luck = law(*key(state)), walk(*key(state), int(state["seed"]))
    first = luck.symbols.index(3) + 1
    assert first > 15
    assert -0.1 < luck.gap[first - 2] < 0, "without D, q looks as good as p, or better"
    assert luck.gap[first - 1] > found.kl_pq, "one D makes up for all"
    assert state["p"][3] * found.gaps[3] > found.kl_pq
    assert luck.symbols[:100].count(3) == 4, "as often as it should"
    assert abs(luck_of("rare-symbol")) < 0.5


def test_an_impossible_symbol_ends_all_averages() -> None:
    state = WIDGET.preset("support-mismatch")
    first = walk(*key(state), int(state["seed"])).symbols.index(3) + 1
    assert 10 < first < 50
    before, after = drawn(first - 1, "support-mismatch"), drawn(first, "support-mismatch")
    assert readouts(before)["gap"].value < 0.5
    assert "when it comes, the surprise is infinite" in view(before).summary
    for state in (after, WIDGET.preset("support-mismatch")):
        found = readouts(state)
        assert found["gap"].value == found["kl_pq"].value == found["h_pq"].value == math.inf
        assert found["kl_pq"].detail == "p uses D, to which q gives probability 0"
        assert found["gap"].detail == f"draw {first} was D, to which q gives probability 0"
        assert f"Draw {first} was D" in view(state).summary


# ── words and figures ────────────────────────────────────────────────────────────────────────


@given(STATE)
@FEW
def test_the_sentence_holds_the_figures_of_the_readouts(state: State) -> None:
    found, summary = readouts(state), view(state).summary
    assume(state["p"] != state["q"])
    if not state["draws"]:
        assert "Nothing is drawn yet" in summary
        assert found["gap"].text == "not yet"
        assert found["gap"].value == 0
    elif math.isfinite(found["gap"].value):
        assert found["gap"].text in summary
        count = int(state["draws"])
        assert summary.startswith(f"After {count} draw{'s' if count > 1 else ''} ")


def test_a_gap_below_zero_is_shown_as_such() -> None:
    state = drawn(4, seed=3)
    found = readouts(state)["gap"]
    assert found.value < 0
    assert found.text.startswith("−")
    assert f"a gap of {found.text}" in view(state).summary


def test_one_draw_is_not_many() -> None:
    assert "After 1 draw the" in view(drawn(1)).summary
    assert readouts(drawn(1))["gap"].detail == "after 1 draw"


@given(STATE)
@FEW
def test_the_table_counts_the_symbols_drawn(state: State) -> None:
    table, count = view(state).table, len(state["p"])
    assert [row[0] for row in table.rows[: count + 1]] == [*SYMBOLS[:count], "expected"]
    assert sum(int(row[-1]) for row in table.rows[:count]) == state["draws"]
    assert ("so far" in [row[0] for row in table.rows]) == (state["draws"] > 0)
    shown = [item.text.removesuffix(" bits") for item in view(state).readouts]
    assert table.rows[count][3:6] == (shown[3], shown[2], shown[0])


# ── the picture ──────────────────────────────────────────────────────────────────────────────


def test_walks_are_sampled_finely_and_all_first_draws_are_there() -> None:
    assert PLACES[:12] == tuple(range(1, 13))
    assert PLACES[-1] == MOST
    assert len(PLACES) <= 120
    assert all(later - earlier <= max(1, 0.1 * later) for earlier, later in pairwise(PLACES))


@given(STATE)
@FEW
def test_courses_keep_their_number_of_points_so_that_one_turns_into_another(state: State) -> None:
    paths = {mark.key: len(mark.points) for mark in view(state).scene.marks if isinstance(mark, Path)}
    if state["draws"]:
        assert paths["p.course"] == paths["q.course"] == paths["gap.course"] == paths["between"] / 2 == 2 * len(PLACES)
    else:
        assert set(paths) <= {"band"}


@given(STATE, st.integers(1, MOST))
@FEW
def test_dots_stand_at_the_averages(state: State, count: int) -> None:
    """Where both are within the chart, the picture's heights are in proportion to the figures."""
    state = {**state, "draws": float(count)}
    for frame in FRAMES.values():
        marks = WIDGET.view(state, frame).scene.marks
        dots = {mark.key: mark for mark in marks if isinstance(mark, Dot)}
        lines = {mark.key: mark for mark in marks if isinstance(mark, Line)}
        paths = {mark.key: mark for mark in marks if isinstance(mark, Path)}
        assert dots["p.now"].x == dots["q.now"].x == dots["gap.dot"].x
        assert (dots["gap.dot"].x, dots["gap.dot"].y) == paths["gap.course"].points[-2:]
        assert lines["gap.between"].y1 == dots["p.now"].y
        assert lines["gap.between"].y2 == dots["q.now"].y
        gap = walk(*key(state), int(state["seed"])).gap[count - 1]
        rise = lines["gap.now"].y1 - dots["gap.dot"].y
        assert math.copysign(1, rise) == math.copysign(1, gap) or abs(rise) < 0.1


def test_the_band_is_two_standard_errors_around_the_law() -> None:
    found = law(P, Q)
    marks = WIDGET.view(drawn(1000), PHONE).scene.marks
    band = next(mark for mark in marks if isinstance(mark, Path) and mark.key == "band").points
    dashed = next(mark for mark in marks if isinstance(mark, Line) and mark.key == "gap.law")
    zero = next(mark for mark in marks if isinstance(mark, Line) and mark.key == "gap.now").y1
    unit = (zero - dashed.y1) / found.kl_pq
    half = len(band) // 2
    above, below = band[half - 1], band[half + 1]
    assert (dashed.y1 - above) / unit == pytest.approx(2 * found.deviation / math.sqrt(1000), abs=0.1 / unit)
    assert (below - dashed.y1) / unit == pytest.approx(2 * found.deviation / math.sqrt(1000), abs=0.1 / unit)


@given(STATE)
@FEW
def test_the_strip_ends_with_the_last_draw(state: State) -> None:
    count = int(state["draws"])
    symbols = walk(*key(state), int(state["seed"])).symbols[:count]
    for frame in FRAMES.values():
        texts = {mark.key: mark for mark in WIDGET.view(state, frame).scene.marks if isinstance(mark, Text)}
        letters = [texts[f"draw.{back}"].text for back in range(count) if f"draw.{back}" in texts]
        assert letters == [SYMBOLS[symbol] for symbol in reversed(symbols)][: len(letters)]
        assert len(letters) >= min(count, 10)


@given(STATE)
@FEW
def test_surprises_hang_as_deep_as_they_are_large(state: State) -> None:
    found = law(*key(state))
    bars = {mark.key: mark for mark in view(state).scene.marks if isinstance(mark, Rect) and mark.key}
    costs = {f"{name}.{i}.bits": cost for name in "pq" for i, cost in enumerate(getattr(found, f"under_{name}"))}
    finite = {name: cost for name, cost in costs.items() if 1e-6 < cost < math.inf}
    units = [bars[name].h / cost for name, cost in finite.items()]
    assert units == pytest.approx(units[:1] * len(units), rel=1e-9)
    deepest = max((bars[name].h for name in finite), default=0)
    for name, cost in costs.items():
        assert bool(bars[name].dash) == math.isinf(cost)
        if math.isinf(cost):
            assert bars[name].h >= deepest


@pytest.mark.parametrize("edit", ["p", "q"])
def test_handles_are_the_bars_of_the_distribution_that_is_edited(edit: str) -> None:
    handles = view(WIDGET.update(drawn(10), {"type": "set", "name": "edit", "value": edit})).scene.handles
    assert [handle.name for handle in handles] == [f"{edit}.{i}" for i in range(4)]
    assert handles[3].label == f"{edit} of D"
    assert "0.100" in handles[3].value_text
    assert "0.400" in handles[3].value_text
