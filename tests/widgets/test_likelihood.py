"""Maximum likelihood: mirrored curves, the maximum at the mean, data that come and go, and what is impossible."""

import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from klweb.errors import InputError
from klweb.scene import Dot, Line, Path, Rect, Text
from klweb.widget import FRAMES, Frame, Readout, State
from klweb.widgets.likelihood import MODELS, MOST, NO_DATA, WIDGET
from tests.widgets.strategies import states

PHONE, DESK = FRAMES["phone"], FRAMES["desk"]
STATE = states(WIDGET)
FITTED = STATE.filter(lambda state: bool(state[state["family"]]))
FEW = settings(max_examples=40)


def readouts(state: State) -> dict[str, Readout]:
    return {item.name: item for item in WIDGET.view(state, PHONE).readouts}


def marks(state: State, frame: Frame = PHONE) -> dict[str, Any]:
    return {
        f"{type(mark).__name__} {mark.key}": mark
        for mark in WIDGET.view(state, frame).scene.marks
        if isinstance(mark, Dot | Line | Path | Rect | Text) and mark.key
    }


def press(state: State, name: str) -> State:
    return WIDGET.update(state, {"type": "press", "name": name})


def read(**values: Any) -> State:
    return WIDGET.read(values)


def data(state: State) -> list[float]:
    found: list[float] = state[state["family"]]
    return found


def theta(state: State) -> float:
    found: float = state[f"theta_{state['family']}"]
    return found


def test_golden_figures_of_the_presets() -> None:
    texts = {preset.name: [item.text for item in readouts(WIDGET.preset(preset.name)).values()]
             for preset in WIDGET.presets}  # fmt: skip
    assert texts == {
        "fair-looking-coin": ["0.2771 bits", "−1.2480 bits", "−0.9710 bits", "0.6000"],
        "ten-heads": ["1.0000 bits", "−1.0000 bits", "0.0000 bits", "1.0000"],
        "counts": ["0.6860 bits", "−3.0413 bits", "−2.3554 bits", "2.3333"],
        "two-humps": ["4.4204 bits", "−5.4204 bits", "−1.0000 bits", "4.0000"],
        "outlier": ["0.1724 bits", "−3.1724 bits", "−3.0000 bits", "−0.1111"],
        "at-the-maximum": ["0.0000 bits", "−1.6864 bits", "−1.6864 bits", "0.5000"],
    }


@given(FITTED)
def test_the_two_readouts_sum_to_the_third_whatever_theta_is(state: State) -> None:
    found = readouts(state)
    assume(math.isfinite(found["kl_pq"].value))
    total = found["kl_pq"].value + found["loglik"].value
    assert total == pytest.approx(found["sum"].value, rel=1e-10, abs=1e-10)
    moved = WIDGET.update(state, {"type": "set", "name": f"theta_{state['family']}", "value": "0,5"})
    assert readouts(moved)["sum"].value == found["sum"].value


@given(FITTED)
def test_the_log_likelihood_is_scipys(state: State) -> None:
    family = {"bernoulli": stats.bernoulli, "poisson": stats.poisson, "normal": stats.norm}[state["family"]]
    log = family.logpmf if state["family"] != "normal" else family.logpdf
    want = log(data(state), theta(state)).mean() / math.log(2)
    assert readouts(state)["loglik"].value == pytest.approx(want, rel=1e-11, abs=1e-11)


@given(FITTED)
def test_at_the_maximum_theta_is_the_mean_and_both_curves_are_best(state: State) -> None:
    found = readouts(state)
    best = press(state, "maximise")
    assert theta(best) == found["theta_hat"].value == pytest.approx(math.fsum(data(state)) / len(data(state)))
    after = readouts(best)
    assert after["kl_pq"].value <= found["kl_pq"].value + 1e-12
    assert after["loglik"].value >= found["loglik"].value - 1e-12
    assert ", the mean of the" in WIDGET.view(best, PHONE).summary


@given(FITTED, st.sampled_from([PHONE, DESK]))
@FEW
def test_the_curves_are_mirror_images_about_half_the_sum(state: State, frame: Frame) -> None:
    found = marks(state, frame)
    upper, lower = found["Path divergence"].points, found["Path likelihood"].points
    assert upper[::2] == lower[::2]
    line = found["Line sum"]
    zero = upper[1] + lower[1] - line.y1
    for one, other in zip(upper[1::2], lower[1::2], strict=True):
        assert one + other == pytest.approx(line.y1 + zero, abs=0.21), "pixels are rounded to a tenth"
    assert line.y1 == line.y2


@given(FITTED)
@FEW
def test_the_maximum_is_marked_where_the_curves_turn(state: State) -> None:
    found = marks(state)
    upper, lower = found["Path divergence"].points, found["Path likelihood"].points
    least, most = found["Dot best.divergence"], found["Dot best.likelihood"]
    assert least.x == most.x == found["Line best"].x1
    assert least.y >= max(upper[1::2]) - 0.06
    assert most.y <= min(lower[1::2]) + 0.06


@given(FITTED)
@FEW
def test_the_dots_at_theta_lie_on_the_curves(state: State) -> None:
    found = marks(state)
    for name, curve in (("now.divergence", "divergence"), ("now.likelihood", "likelihood")):
        dot, points = found[f"Dot {name}"], found[f"Path {curve}"].points
        around = [y for x, y in zip(points[::2], points[1::2], strict=True) if abs(x - dot.x) < 0.06]
        assert all(min(around) - 40 <= dot.y <= max(around) + 40 for _ in around)
        assert found["Line theta"].x1 == dot.x == found["Dot theta.grip"].x


@given(STATE, st.sampled_from([PHONE, DESK]), st.data())
@FEW
def test_every_spot_adds_or_takes_away_the_one_observation_that_it_names(
    state: State, frame: Frame, more: st.DataObject
) -> None:
    spots = WIDGET.view(state, frame).scene.spots
    assert sum(spot.name.startswith("add.") for spot in spots) == len(MODELS[state["family"]].places) - (
        8 if frame.phone and state["family"] == "normal" else 0
    )
    spot = more.draw(st.sampled_from(spots))
    head, _, rest = spot.name.partition(".")
    before = data(state)
    if head == "add" and len(before) == MOST:
        with pytest.raises(InputError, match=f"room for {MOST} observations"):
            press(state, spot.name)
        return
    after = data(press(state, spot.name))
    if head == "add":
        assert after == [*before, float(rest)]
    else:
        assert len(after) == len(before) - 1
        assert sorted([*after, next(x for x in before if f"{x:.12g}" == rest)]) == sorted(before)


@given(STATE)
@FEW
def test_there_is_a_way_to_take_each_column_of_data_away(state: State) -> None:
    for frame in (PHONE, DESK):
        current = state
        for _ in range(len(data(state))):
            spots = [spot for spot in WIDGET.view(current, frame).scene.spots if spot.name.startswith("remove.")]
            assert spots
            current = press(current, spots[0].name)
        assert data(current) == []
        assert not [s for s in WIDGET.view(current, frame).scene.spots if s.name.startswith("remove.")]


@pytest.mark.parametrize("name", ["add.", "add.2", "add.x", "add", "add.1.0", "add.nan", "remove", "fly.1", "add.٣"])
def test_what_no_column_is_for_is_refused_or_does_nothing(name: str) -> None:
    state = WIDGET.default
    if name == "remove":
        assert press(state, name) == state
        return
    with pytest.raises(InputError) as caught:
        press(state, name)
    assert caught.value.argument == name


def test_taking_away_what_is_not_there_does_nothing() -> None:
    state = read(bernoulli="1, 1")
    assert press(state, "remove.0") == state
    assert press(state, "remove.nonsense") == state
    assert data(press(read(bernoulli=""), "undo")) == []


def test_the_last_and_all_can_be_taken_away() -> None:
    state = read(bernoulli="1, 0, 0, 1")
    assert data(press(state, "undo")) == [1, 0, 0]
    assert data(press(state, "clear")) == []
    assert data(press(state, "remove.0")) == [1, 0, 1]


def test_each_family_keeps_its_own_data_and_theta() -> None:
    state = press(WIDGET.default, "add.1")
    other = WIDGET.update(state, {"type": "set", "name": "family", "value": "poisson"})
    other = press(other, "add.12")
    back = WIDGET.update(other, {"type": "set", "name": "family", "value": "bernoulli"})
    assert data(back) == data(state)
    assert theta(back) == theta(state)
    assert back["poisson"][-1] == 12


def test_a_link_names_what_is_shown_and_leaves_out_other_families_that_are_as_they_were() -> None:
    link = WIDGET.encode(press(WIDGET.default, "add.1"))
    assert link == "family:bernoulli;theta_bernoulli:0.3;bernoulli:1,0,1,1,0,1,0,0,1,1,1"
    empty = press(WIDGET.default, "clear")
    assert WIDGET.encode(empty) == "family:bernoulli;theta_bernoulli:0.3;bernoulli:"
    assert WIDGET.decode(WIDGET.encode(empty)) == empty
    both = WIDGET.update(read(poisson="1,2"), {"type": "set", "name": "theta_bernoulli", "value": 0.4})
    assert "poisson:1,2" in WIDGET.encode(both)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"theta_bernoulli": 0, "bernoulli": "1, 0, 1"}, "q calls heads impossible, and the data hold 2"),
        ({"theta_bernoulli": 1, "bernoulli": "1, 0, 1"}, "q calls tails impossible, and the data hold 1"),
        ({"family": "poisson", "theta_poisson": 0, "poisson": "0, 3"}, "q allows only 0, and 1 of the data are more"),
    ],
)
def test_a_model_at_its_edge_that_the_data_contradict(values: dict[str, Any], words: str) -> None:
    state = read(**values)
    found = readouts(state)
    assert (found["kl_pq"].value, found["loglik"].value) == (math.inf, -math.inf)
    assert (found["kl_pq"].text, found["loglik"].text) == ("∞ bits", "−∞ bits")
    assert (found["kl_pq"].to_json()["value"], found["loglik"].to_json()["value"]) == ("inf", "-inf")
    assert found["kl_pq"].detail == words
    assert math.isfinite(found["sum"].value)
    assert words in WIDGET.view(state, PHONE).summary
    texts = [mark.text for mark in WIDGET.view(state, PHONE).scene.marks if isinstance(mark, Text)]
    assert {"∞", "−∞"} <= set(texts)


def test_data_that_are_all_alike_at_the_edge_fit_perfectly() -> None:
    for values in ({"bernoulli": [1] * 7, "theta_bernoulli": 1},
                   {"family": "poisson", "poisson": [0], "theta_poisson": 0}):  # fmt: skip
        found = readouts(read(**values))
        assert [item.value for item in found.values()][:3] == [0, 0, 0]
        assert [item.text for item in found.values()][:3] == ["0.0000 bits"] * 3


@pytest.mark.parametrize("family", list(MODELS))
def test_without_data_the_model_stands_alone_and_it_is_said(family: str) -> None:
    state = read(**{"family": family, family: ""})
    view = WIDGET.view(state, PHONE)
    assert "no data yet" in view.summary
    assert {item.text for item in view.readouts} == {NO_DATA}
    assert {item.to_json()["value"] for item in view.readouts} == {"nan"}
    assert not [name for name in marks(state) if name in ("Path divergence", "Path likelihood")]
    assert view.scene.handles[0].value == theta(state)
    assert press(state, "maximise") == state


def test_of_a_density_no_divergence_is_claimed() -> None:
    found = readouts(WIDGET.preset("outlier"))
    assert "cross-entropy above its least" in found["kl_pq"].detail
    assert "least cross-entropy" in found["sum"].detail
    summary = WIDGET.view(WIDGET.preset("outlier"), PHONE).summary
    assert "D(p̂ ‖ q)" not in summary
    assert "cross-entropy" in summary


@given(STATE)
@FEW
def test_there_is_a_mark_for_every_observation(state: State) -> None:
    found = marks(state, DESK)
    mine = [mark for name, mark in found.items() if name.startswith(("Rect p.", "Dot p."))]
    if state["family"] == "normal":
        assert len(mine) == len(data(state))
    elif data(state):
        area = sum(mark.h for mark in mine) / len(data(state))
        assert len(mine) == len(data(state)) or area < 3


@given(FITTED)
@FEW
def test_the_table_sums_to_the_readouts(state: State) -> None:
    found, table = readouts(state), WIDGET.view(state, PHONE).table
    *rows, last = table.rows
    assert sum(int(row[1]) for row in rows) == int(last[1]) == len(data(state))
    column = table.head.index("p̂ log₂ q")
    if math.isfinite(found["loglik"].value):
        total = sum(float(row[column].replace("−", "-")) for row in rows)
        assert total == pytest.approx(found["loglik"].value, abs=6e-5 * len(rows))


def test_it_does_not_share_the_chapters_pair() -> None:
    assert not WIDGET.shares
