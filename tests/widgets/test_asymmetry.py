"""The asymmetry of KL: golden figures, what each preset shows, and bars that stay distributions."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import rel_entr
from scipy.stats import entropy

from klweb.pairs import SYMBOLS
from klweb.scene import Rect
from klweb.widget import FRAMES, State, View
from klweb.widgets.asymmetry import WIDGET
from tests.widgets.strategies import states

PHONE = FRAMES["phone"]
STATE = states(WIDGET)
FEW = settings(max_examples=40)


def view(preset: str) -> View:
    return WIDGET.view(WIDGET.preset(preset), PHONE)


def figures(preset: str) -> list[float]:
    return [readout.value for readout in view(preset).readouts]


def test_golden_figures_of_the_default_view() -> None:
    state = WIDGET.default
    assert state["p"] == [0.2] * 5
    assert state["q"] == [0.1, 0.1, 0.6, 0.1, 0.1]
    shown = WIDGET.view(state, PHONE)
    assert [(item.symbol, item.text) for item in shown.readouts] == [
        ("D(p ‖ q)", "0.4830 bits"),
        ("D(q ‖ p)", "0.5510 bits"),
    ]
    assert "0.4830 bits a symbol" in shown.summary
    assert "0.5510 bits" in shown.summary
    assert WIDGET.presets[0].name == "uniform-vs-peaked"


def test_nearly_equal_distributions_cost_little_either_way() -> None:
    forward, backward = figures("nearly-equal")
    assert 0 < forward < 0.02
    assert 0 < backward < 0.02
    assert forward == pytest.approx(backward, rel=0.05)


def test_a_mirror_image_costs_the_same_both_ways() -> None:
    state = WIDGET.preset("mirror-image")
    assert state["p"] == state["q"][::-1]
    forward, backward = figures("mirror-image")
    assert forward == pytest.approx(backward, rel=1e-14)
    assert forward > 0.1
    assert "exactly as much" in view("mirror-image").summary


def test_identical_distributions_cost_nothing() -> None:
    shown = view("identical")
    assert [readout.value for readout in shown.readouts] == [0, 0]
    assert [readout.text for readout in shown.readouts] == ["0.0000 bits", "0.0000 bits"]
    assert "nothing" in shown.summary


def test_a_long_tail_costs_more_one_way() -> None:
    forward, backward = figures("long-tail")
    assert len(WIDGET.preset("long-tail")["p"]) > 5
    assert forward < backward


def test_a_support_mismatch_is_infinite_one_way_only() -> None:
    shown = view("support-mismatch")
    forward, backward = shown.readouts
    assert forward.value == math.inf
    assert forward.text == "∞ bits"
    assert forward.to_json()["value"] == "inf"
    assert "D" in forward.detail
    assert 0 < backward.value < 1
    assert backward.detail == ""
    assert "p uses D" in shown.summary
    assert "infinite" in shown.summary


@given(STATE)
def test_readouts_agree_with_scipy(state: State) -> None:
    p, q = state["p"], state["q"]
    forward, backward = (item.value for item in WIDGET.view(state, PHONE).readouts)
    assert forward == pytest.approx(float(entropy(p, q, base=2)), rel=1e-9, abs=1e-12)
    assert backward == pytest.approx(float(entropy(q, p, base=2)), rel=1e-9, abs=1e-12)


@given(STATE)
@FEW
def test_an_infinity_names_every_symbol_that_causes_it(state: State) -> None:
    shown = WIDGET.view(state, PHONE)
    pairs = ((state["p"], state["q"]), (state["q"], state["p"]))
    for readout, (truth, model) in zip(shown.readouts, pairs, strict=True):
        culprits = [s for s, a, b in zip(SYMBOLS, truth, model, strict=False) if a > 0 and b == 0]
        assert math.isinf(readout.value) == bool(culprits)
        if culprits:
            named = f"{', '.join(culprits[:-1])} and {culprits[-1]}" if len(culprits) > 1 else culprits[0]
            assert f"uses {named}," in readout.detail
            assert readout.detail in shown.summary
        else:
            assert readout.detail == ""


@given(STATE, st.data())
@FEW
def test_dragging_a_bar_keeps_the_sum_and_the_others_in_proportion(state: State, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from("pq"))
    index = data.draw(st.integers(0, len(state[name]) - 1))
    value = data.draw(st.floats(0, 1))
    after = WIDGET.update(state, {"type": "set", "name": f"{name}.{index}", "value": value})
    before, moved = state[name], after[name]
    assert math.isclose(math.fsum(moved), 1, rel_tol=1e-12)
    assert all(0 <= item <= 1 for item in moved)
    assert after["pq".replace(name, "")] == state["pq".replace(name, "")], "the other distribution stays"
    assert after["edit"] == name
    if len(before) == 1:
        assert moved == [1]
        return
    assert moved[index] == pytest.approx(value, abs=1e-12)
    rest = 1 - before[index]
    if rest > 1e-6 and value < 1 - 1e-6:
        for i, (old, new) in enumerate(zip(before, moved, strict=True)):
            if i != index:
                assert new / (1 - value) == pytest.approx(old / rest, rel=1e-6, abs=1e-9)


def test_a_bar_can_be_dragged_to_the_top_and_back() -> None:
    state = WIDGET.default
    full = WIDGET.update(state, {"type": "set", "name": "q.2", "value": 1})
    assert full["q"] == [0, 0, 1, 0, 0]
    assert WIDGET.view(full, PHONE).readouts[0].value == math.inf
    back = WIDGET.update(full, {"type": "set", "name": "q.2", "value": 0.6})
    assert back["q"] == pytest.approx([0.1, 0.1, 0.6, 0.1, 0.1])


@given(STATE, st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(any), st.sampled_from("pq"))
@FEW
def test_typing_a_list_of_another_length_fits_the_other_distribution(
    state: State, weights: list[int], name: str
) -> None:
    after = WIDGET.update(state, {"type": "set", "name": name, "value": ", ".join(map(str, weights))})
    assert after[name] == pytest.approx([weight / sum(weights) for weight in weights])
    other = after["pq".replace(name, "")]
    assert len(other) == len(weights)
    assert math.isclose(math.fsum(other), 1, rel_tol=1e-12)


def test_a_link_to_one_distribution_alone_fits_the_other_to_it() -> None:
    state = WIDGET.decode("p:0.5,0.25,0.25")
    assert len(state["q"]) in (3, 5)
    assert len(state["q"]) == len(state["p"])


@given(STATE)
@FEW
def test_bars_are_as_high_as_their_probabilities(state: State) -> None:
    for size in FRAMES.values():
        scene = WIDGET.view(state, size).scene
        handle = scene.handles[0]
        unit = abs(handle.at_high - handle.at_low)
        bars = {mark.key: mark for mark in scene.marks if isinstance(mark, Rect) and mark.key}
        for name in "pq":
            for i, value in enumerate(state[name]):
                bar = bars.get(f"{name}.{i}")
                assert (bar.h if bar else 0) == pytest.approx(value * unit, abs=1e-6)


@given(STATE)
@FEW
def test_rows_of_contributions_have_the_sign_of_their_terms(state: State) -> None:
    scene = WIDGET.view(state, PHONE).scene
    bars = {mark.key: mark for mark in scene.marks if isinstance(mark, Rect) and mark.key}
    for key, truth, model in (("pq", state["p"], state["q"]), ("qp", state["q"], state["p"])):
        for i, term in enumerate(rel_entr(truth, model)):
            if abs(term) > 1e-9:
                assert bars[f"{key}.{i}"].fill == ("gap" if term > 0 else "gap-soft")


@pytest.mark.parametrize("edit", ["p", "q"])
def test_handles_are_the_bars_of_the_distribution_that_is_edited(edit: str) -> None:
    state = WIDGET.update(WIDGET.default, {"type": "set", "name": "edit", "value": edit})
    handles = WIDGET.view(state, PHONE).scene.handles
    assert [handle.name for handle in handles] == [f"{edit}.{i}" for i in range(5)]
    assert all(handle.axis == "y" for handle in handles)
    assert handles[2].label == f"{edit} of C"
    assert "0.200" in handles[2].value_text
    assert "0.600" in handles[2].value_text


@given(STATE)
@FEW
def test_the_table_has_a_row_for_every_symbol_and_one_for_the_sum(state: State) -> None:
    table = WIDGET.view(state, PHONE).table
    assert [row[0] for row in table.rows] == [*SYMBOLS[: len(state["p"])], "sum"]
    shown = [item.text.removesuffix(" bits") for item in WIDGET.view(state, PHONE).readouts]
    assert list(table.rows[-1][3:]) == shown
