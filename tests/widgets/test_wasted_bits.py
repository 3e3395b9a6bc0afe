"""Cross-entropy as wasted bits: golden figures, the code's bounds, and what each preset shows."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from klweb.scene import Line, Rect
from klweb.widget import FRAMES, State, View
from klweb.widgets.wasted_bits import SOURCES, WIDGET
from tests.widgets.strategies import states

PHONE = FRAMES["phone"]
STATE = states(WIDGET)


def values(view: View) -> dict[str, float]:
    return {readout.name: readout.value for readout in view.readouts}


def figures(preset: str) -> dict[str, float]:
    return values(WIDGET.view(WIDGET.preset(preset), PHONE))


def model(state: State) -> tuple[list[float], list[float]]:
    """Compute p and q anew from the definition of the morph."""
    source = SOURCES[state["source"]]
    t = state["morph"]
    return list(source.p), [(1 - t) * a + t * b for a, b in zip(source.start, source.p, strict=True)]


def test_golden_figures_of_the_default_view() -> None:
    view = WIDGET.view(WIDGET.default, PHONE)
    assert [(item.symbol, item.text) for item in view.readouts] == [
        ("H(p)", "2.420 bits"), ("H(p, q)", "3.128 bits"), ("D(p ‖ q)", "0.708 bits"), ("L̄", "3.220 bits"),
    ]  # fmt: skip
    assert SOURCES[WIDGET.default["source"]].p == (0.30, 0.22, 0.18, 0.14, 0.10, 0.06)
    assert WIDGET.default["morph"] == 0
    assert "0.708 bits" in view.summary
    assert "3.220 bits" in view.summary


def test_a_model_half_right_saves_most_of_the_waste() -> None:
    assert 0 < figures("halfway")["kl_pq"] < 0.5 * figures("mismatched")["kl_pq"]


@pytest.mark.parametrize("preset", ["matched", "dyadic", "blocks"])
def test_the_right_model_wastes_nothing(preset: str) -> None:
    found = figures(preset)
    assert found["kl_pq"] == 0
    assert found["h_pq"] == pytest.approx(found["h_p"], rel=1e-15)
    assert found["h_p"] <= found["mean_length"] * (1 + 1e-15)
    assert found["mean_length"] < found["h_p"] + 1


def test_whole_bits_lose_a_little_and_dyadic_sources_nothing() -> None:
    matched, dyadic = figures("matched"), figures("dyadic")
    assert matched["mean_length"] > matched["h_p"]
    assert dyadic["mean_length"] == dyadic["h_p"]
    summary = WIDGET.view(WIDGET.preset("dyadic"), PHONE).summary
    assert "exactly the least possible" in summary
    assert "wastes nothing" in summary


def test_longer_blocks_close_in_on_the_ideal() -> None:
    lengths = [values(WIDGET.view(WIDGET.read({"morph": 1, "block": n}), PHONE))["mean_length"] for n in "123"]
    ideal = figures("matched")["h_p"]
    assert lengths[0] > lengths[1] > lengths[2] > ideal
    assert figures("blocks")["mean_length"] == lengths[2]


def test_a_fair_source_makes_any_preference_a_mistake() -> None:
    assert figures("uniform")["kl_pq"] > 0.3
    assert figures("uniform")["h_p"] == pytest.approx(math.log2(6), rel=1e-15)


def test_english_has_twenty_six_letters_and_some_four_bits() -> None:
    view = WIDGET.view(WIDGET.preset("english"), PHONE)
    assert len(view.table.rows) == 26
    assert 4.1 < values(view)["h_p"] < 4.3
    assert values(view)["kl_pq"] > 1


@given(STATE)
def test_readouts_agree_with_scipy(state: State) -> None:
    p, q = model(state)
    found = values(WIDGET.view(state, PHONE))
    h_p, d = float(entropy(p, base=2)), float(entropy(p, q, base=2))
    assert found["h_p"] == pytest.approx(h_p, rel=1e-12)
    assert found["kl_pq"] == pytest.approx(d, rel=1e-9, abs=1e-12)
    assert found["h_pq"] == pytest.approx(h_p + d, rel=1e-12)
    assert found["h_pq"] == pytest.approx(float(-np.dot(p, np.log2(q))), rel=1e-12)


@given(STATE)
def test_the_tables_code_is_a_prefix_code_of_the_length_shown(state: State) -> None:
    table = WIDGET.view(state, PHONE).table
    column = table.head.index("codeword")
    words = [row[column] for row in table.rows]
    assert not [(a, b) for a, b in product(words, words) if a != b and b.startswith(a)]
    assert [row[table.head.index("length")] for row in table.rows] == [str(len(word)) for word in words]
    p, _ = model(state)
    if state["block"] == "1":
        assert sum(2.0 ** -len(word) for word in words) == 1
        mean = sum(a * len(word) for a, word in zip(p, words, strict=True))
        assert values(WIDGET.view(state, PHONE))["mean_length"] == pytest.approx(mean, rel=1e-12)


@given(STATE)
def test_no_code_beats_the_entropy(state: State) -> None:
    found = values(WIDGET.view(state, PHONE))
    assert found["mean_length"] >= found["h_p"] * (1 - 1e-12)


@given(st.sampled_from(["six", "uniform", "dyadic", "english"]), st.floats(0, 1), st.floats(0, 1))
def test_the_waste_falls_all_the_way_along_the_morph(source: str, a: float, b: float) -> None:
    near, far = (
        values(WIDGET.view(WIDGET.read({"source": source, "morph": t}), PHONE))["kl_pq"] for t in sorted((a, b))
    )
    assert near >= far - 1e-12


@given(STATE)
def test_blocks_of_bits_are_the_codewords_and_ticks_the_ideal_lengths(state: State) -> None:
    view = WIDGET.view(state, PHONE)
    lines = {mark.key: mark for mark in view.scene.marks if isinstance(mark, Line) and mark.key}
    stacks: dict[str, int] = {}
    for mark in view.scene.marks:
        if isinstance(mark, Rect) and mark.key.startswith("block."):
            place = mark.key.split(".")[1]
            stacks[place] = stacks.get(place, 0) + 1
    column = view.table.head.index("length")
    for place, count in stacks.items():
        assert count == int(view.table.rows[int(place)][column])
    assert stacks
    ticks = [line for key, line in lines.items() if key.startswith("ideal.")]
    assert len(ticks) == len(stacks)
    assert all(line.dash and line.stroke == "p" for line in ticks)


def test_the_huffman_codes_excess_is_not_the_divergence() -> None:
    """The page says that a code for another model may waste nothing: here it does, and D is 0.708."""
    found = figures("mismatched")
    assert found["mean_length"] - found["h_p"] != pytest.approx(found["kl_pq"], abs=0.01)


def test_views_of_thousands_of_blocks_are_quick_enough_to_drag() -> None:
    state = WIDGET.read({"source": "english", "morph": 0.123, "block": "3"})
    assert len(WIDGET.view(state, PHONE).table.rows) < 40, "the likeliest are shown, not all 17,576"
