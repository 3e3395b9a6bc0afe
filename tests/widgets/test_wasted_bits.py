"""Cross-entropy as wasted bits: golden figures, the code's bounds, and what each preset shows."""

import json
import math
import time
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from klweb.categorical import kl
from klweb.errors import InputError
from klweb.parameter import Choice
from klweb.scene import Line, Rect, Text
from klweb.widget import FRAMES, State, View
from klweb.widgets.wasted_bits import SOURCES, WIDGET
from tests.widgets.strategies import WEIGHT, states
from tests.widgets.test_views import check, overlaps

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


# ── a pair that another figure shares ────────────────────────────────────────────────────────

P, Q = [0.45, 0.25, 0.2, 0.1], [0.15, 0.25, 0.2, 0.4]


def shared(p: list[float], q: list[float], **values: Any) -> State:
    """Return the state after another figure gave a pair, and these controls were set."""
    state = WIDGET.update(WIDGET.default, {"type": "share", "name": "pair", "value": {"p": p, "q": q}})
    return WIDGET.read({**state, **values})


@st.composite
def pairs(draw: st.DrawFn) -> State:
    symbols = draw(st.integers(1, 12))
    weights = st.lists(WEIGHT, min_size=symbols, max_size=symbols).filter(any)
    morph = draw(st.one_of(st.just(0.0), st.floats(0, 1)))
    return shared(draw(weights), draw(weights), morph=morph, block=draw(st.sampled_from("123")))


def test_the_chapters_pair_is_shown_as_it_was_given() -> None:
    state = shared(P, Q)
    assert state == {"morph": 0, "source": "pair", "block": "1", "p": P, "q": Q}
    assert WIDGET.pair is not None
    assert WIDGET.pair(state) == (tuple(P), tuple(Q))
    view = WIDGET.view(state, PHONE)
    assert [item.text for item in view.readouts] == ["1.815 bits", "2.328 bits", "0.513 bits", "2.550 bits"]
    assert values(view)["kl_pq"] == kl(P, Q)
    assert [row[0] for row in view.table.rows] == list("ABCD")


def test_the_morph_moves_the_pairs_q_and_a_new_pair_begins_anew() -> None:
    assert WIDGET.pair is not None
    moved = WIDGET.update(shared(P, Q), {"type": "set", "name": "morph", "value": 0.5})
    p, q = WIDGET.pair(moved)
    assert p == tuple(P)
    assert q == pytest.approx([(a + b) / 2 for a, b in zip(P, Q, strict=True)])
    again = WIDGET.update(moved, {"type": "share", "value": {"p": Q, "q": P}})
    assert again == shared(Q, P)


@given(STATE)
def test_every_source_has_a_pair_to_share(state: State) -> None:
    assert WIDGET.pair is not None
    p, q = WIDGET.pair(state)
    assert values(WIDGET.view(state, PHONE))["kl_pq"] == kl(p, q)


@pytest.mark.parametrize(
    ("block", "symbols", "kept"), [("3", 8, "3"), ("3", 9, "2"), ("3", 12, "2"), ("2", 12, "2"), ("1", 12, "1")]
)
def test_blocks_stay_as_long_as_the_alphabet_allows(block: str, symbols: int, kept: str) -> None:
    state = WIDGET.read({"block": block, "morph": 0.5})
    pair = {"p": [1] * symbols, "q": [1] * symbols}
    assert WIDGET.update(state, {"type": "share", "value": pair})["block"] == kept


def test_an_impossible_symbol_costs_infinitely_many_bits_but_has_a_codeword() -> None:
    view = WIDGET.view(shared([0.5, 0.25, 0.25, 0], [0.5, 0.5, 0, 0]), PHONE)
    found = values(view)
    assert found["kl_pq"] == found["h_pq"] == math.inf
    assert math.isfinite(found["mean_length"])
    assert view.readouts[2].detail == "p uses C, to which q gives probability 0"
    assert "infinitely many bits, since p uses C" in view.summary
    assert [row[3] != "" for row in view.table.rows] == [True] * 4
    # Where p never uses a symbol, its word might be as long as it likes.
    words = {mark.key: mark.text for mark in view.scene.marks if isinstance(mark, Text) and mark.key}
    assert words["beyond.3"] == words["mean.cross"] == "∞"
    assert not [mark for mark in view.scene.marks if isinstance(mark, Line) and mark.key == "ideal.3"]


@given(pairs(), st.sampled_from(sorted(FRAMES)))
def test_any_pair_is_a_sound_view(state: State, frame: str) -> None:
    view = check(WIDGET, state, FRAMES[frame])
    assert overlaps(view) == []
    assert len(view.scene.marks) < 1000
    assert WIDGET.pair is not None
    p, q = WIDGET.pair(state)
    found = values(view)
    assert found["kl_pq"] == kl(p, q)
    assert found["h_pq"] == pytest.approx(found["h_p"] + found["kl_pq"], rel=1e-9)
    assert found["mean_length"] >= found["h_p"] * (1 - 1e-12)
    assert (found["kl_pq"] == math.inf) == any(a > 0 == b for a, b in zip(p, q, strict=True))


@given(pairs())
def test_a_pair_survives_links_and_json(state: State) -> None:
    again = WIDGET.decode(WIDGET.encode(state))
    assert again["source"] == "pair"
    assert [item.text for item in WIDGET.view(again, PHONE).readouts] == [
        item.text for item in WIDGET.view(state, PHONE).readouts
    ]
    assert WIDGET.read(json.loads(json.dumps(state))) == state


def test_codewords_too_long_for_single_bits_are_drawn_in_one_piece() -> None:
    state = shared([1] * 5, [1e-90, 1e-60, 1e-30, 1e-10, 1], block="3")
    view = WIDGET.view(state, PHONE)
    lengths = [int(row[view.table.head.index("length")]) for row in view.table.rows]
    assert max(lengths) > 40
    pieces = [mark for mark in view.scene.marks if isinstance(mark, Rect) and mark.key.startswith("word.")]
    assert [mark.h / lengths[0] for mark in pieces[:1]] * len(lengths) == pytest.approx(
        [mark.h / length for mark, length in zip(pieces, lengths, strict=True)]
    )


def test_where_nothing_is_shared_the_pair_is_not_offered_and_leaves_no_trace() -> None:
    source = next(item for item in WIDGET.parameters if item.name == "source")
    assert isinstance(source, Choice)
    assert "pair" not in dict(source.options)
    with pytest.raises(InputError, match="must be one of six, uniform, dyadic, english, but is “gone”"):
        WIDGET.read({"source": "gone"})
    assert WIDGET.encode(WIDGET.read({"morph": 0.25})) == "morph:0.25;source:six;block:1"
    assert WIDGET.encode(shared(P, Q)) == "morph:0;source:pair;block:1"
    back = WIDGET.update(shared(Q, P), {"type": "set", "name": "source", "value": "six"})
    assert back == WIDGET.default


def test_p_and_q_may_be_set_one_by_one() -> None:
    state = WIDGET.update(WIDGET.default, {"type": "set", "name": "q.0", "value": 0.4})
    assert state["source"] == "pair"
    assert state["q"][0] == 0.4
    assert sum(state["q"]) == pytest.approx(1)
    state = WIDGET.update(state, {"type": "set", "name": "p", "value": "1, 1"})
    assert state["p"] == [0.5, 0.5]
    assert len(state["q"]) == 2
    assert WIDGET.decode("source:pair;p:1,1,2;q:1,2,1")["p"] == [0.25, 0.25, 0.5]
    assert len(WIDGET.decode("source:pair;p:1,1,2")["p"]) == 4, "the shorter alphabet is fitted to the longer one"


def test_following_another_figure_is_quick() -> None:
    """A pair of eight symbols makes 512 blocks: still a small part of a frame."""
    took = []
    for step in range(5):
        state = shared([1] * 8, [1 + step / 7, *range(1, 8)], block="3")
        began = time.perf_counter()
        WIDGET.view(state, PHONE)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.015
