"""Variants of practice questions: drawn alike from the same seed, well-formed, and told apart from their mistakes."""

import json
import math
from collections import Counter
from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb.errors import InputError
from klweb.practice import DRAWS, KINDS, LUCK, MOST_ATTEMPTS, amount, evaluate, variant, written
from klweb.widget import FRAMES
from klweb.widgets import WIDGETS

P: list[Any] = ["name", "p"]
SEEDS = range(1, 201)


def call(name: str, *parts: Any) -> list[Any]:
    return ["call", name, *parts]


def numeric(**changes: Any) -> dict[str, Any]:
    """Return a question about the entropy of a drawn distribution."""
    usual: dict[str, Any] = {
        "id": "one", "kind": "numeric", "draw": [["p", call("distribution", 3, 10)]], "where": [],
        "answer": call("entropy", P), "unit": "bits", "tolerance": 0.01, "mistakes": [], "slots": [[P, ""]],
    }  # fmt: skip
    return usual | changes


def drawn(expression: Any, *seeds: int, **changes: Any) -> list[str]:
    """Return what an expression draws, as it is written."""
    question = numeric(answer=0, draw=[["x", expression]], slots=[[["name", "x"], ""]], **changes)
    return [variant(question, seed)["slots"][0] for seed in seeds]


def mistakes(answer: float, *values: Any, **changes: Any) -> dict[int, float]:
    """Return the mistakes that a question without draws tells apart."""
    found = variant(numeric(draw=[], slots=[], answer=answer, mistakes=list(values), **changes), 1)["mistakes"]
    return {item["place"]: float(item["value"]) for item in found}


def refusal(question: Any, seed: Any = 1) -> InputError:
    with pytest.raises(InputError) as caught:
        variant(question, seed)
    return caught.value


# ── expressions ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (0.5, 0.5),
        ("text", "text"),
        (True, True),
        (["name", "x"], 8),
        (["name", "inf"], math.inf),
        (["list", 1, ["name", "x"]], [1, 8]),
        (["list"], []),
        (["call", "log2", ["name", "x"]], 3.0),
        (["call", "-", ["call", "neg", 1], 2], -3),
        (["call", "[]", ["list", 5, 6], 1], 6),
        (["call", "[]", "ABC", 2], "C"),
        (["call", "not", False], True),
        (["if", ["call", ">", ["name", "x"], 0], "yes", ["name", "nobody"]], "yes"),
        (["if", 0, ["name", "nobody"], "no"], "no"),
    ],
    ids=str,
)
def test_expressions(expression: Any, value: Any) -> None:
    assert evaluate(expression, {"x": 8}) == value


def test_a_drawn_name_hides_a_constant() -> None:
    assert evaluate(["name", "e"], {"e": 0.05}) == 0.05


@pytest.mark.parametrize(
    "expression",
    [None, [], {}, ["name"], ["name", 3], ["call"], ["call", 3], ["if", 1, 2], ["names", "x"], [["name", "x"]], ("x",)],
    ids=str,
)
def test_what_is_no_expression_is_refused(expression: Any) -> None:
    with pytest.raises(InputError, match="is no expression"):
        evaluate(expression, {"x": 8})


@pytest.mark.parametrize("name", ["y", "__class__", "kl", "__builtins__", ""])
def test_only_known_names_are_names(name: str) -> None:
    with pytest.raises(InputError, match="there is no name"):
        evaluate(["name", name], {"x": 8})


@pytest.mark.parametrize("name", ["x", "eval", "exec", "open", "__import__", "getattr", "distribution", "readout"])
def test_only_listed_functions_are_called(name: str) -> None:
    with pytest.raises(InputError, match="there is no function"):
        evaluate(["call", name, 1], {"x": len})


# ── numbers in texts ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.1 + 0.2, "", "0.3"),
        (0.015625, "", "0.015625"),
        (1 / 3, "", "0.3333"),
        (20 / 3, "", "6.667"),
        (12345.6789123, "", "12346"),
        (0.000123456789, "", "0.0001235"),
        (3.0, "", "3"),
        (3, "", "3"),
        (Fraction(7, 8), "", "0.875"),
        (-0.0, "", "0"),
        (-0.5, "", "−0.5"),
        (math.inf, "", "∞"),
        (-math.inf, "3", "−∞"),
        (0.5, "3", "0.500"),
        (-0.00001, "3", "0.000"),
        (0.25, "%", "25 %"),
        (0.125, "0%", "12 %"),
        (1 / 3, "1%", "33.3 %"),
        (0.75, "/", "3/4"),
        (-1.25, "/", "−5/4"),
        (2, "/", "2"),
        (math.inf, "/", "∞"),
        (math.inf, "bits", "∞ bits"),
        (1, "bits", "1 bit"),
        (1.0, "nats", "1 nat"),
        (0.5, "bits", "0.5 bits"),
        (1, "2bits", "1.00 bits"),
        ([0.5, 0.25], "", "0.5, 0.25"),
        ((1, 0.5), "/", "1, 1/2"),
        ([0.5, -0.25, 0], "2+", "0.50 − 0.25 + 0.00"),
        ([-1, 2], "+", "−1 + 2"),
        ([], "+", ""),
        (["0", "10"], "", "0, 10"),
        ([[0.5, 0.5], [1, 0]], "", "0.5, 0.5, 1, 0"),
        ("A", "3", "A"),
    ],
)
def test_how_values_are_written(value: Any, form: str, text: str) -> None:
    assert written(value, form) == text


@pytest.mark.parametrize(
    ("value", "form"),
    [(math.nan, ""), (True, ""), (None, ""), ({1: 2}, ""), (math.pi, "/"), ([1, math.nan], "")],
)
def test_what_cannot_be_written(value: Any, form: str) -> None:
    with pytest.raises(InputError):
        written(value, form)


@given(st.floats(-1e9, 1e9))
def test_written_numbers_are_close_to_the_numbers(value: float) -> None:
    assert float(written(value).replace("−", "-")) == pytest.approx(value, rel=6e-4, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1, "bits", "1 bit"),
        (1, "bits a symbol", "1 bit a symbol"),
        (1, "observations", "1 observations"),
        (2.429168, "bits", "2.429 bits"),
        (1.75, "nats", "1.75 nats"),
        (math.inf, "bits", "∞ bits"),
        (42.57091, "%", "42.57 %"),
        (0.6, "", "0.6"),
    ],
)
def test_answers_are_written_with_their_unit(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


def test_a_seed_repeats_its_variant() -> None:
    assert variant(numeric(), 7) == variant(numeric(), 7)
    assert variant(numeric(), 7) == variant(json.loads(json.dumps(numeric())), 7)


def test_links_keep_their_numbers() -> None:
    """Were these to change, links to variants that readers have kept would show other numbers."""
    assert drawn(call("distribution", 3, 10), 1, 2, 9999) == ["0.5, 0.4, 0.1", "0.1, 0.2, 0.7", "0.3, 0.3, 0.4"]
    assert drawn(call("whole", 1, 100), 1, 2, 3) == ["100", "11", "32"]
    assert drawn(call("shuffled", ["list", 1, 2, 3, 4]), 1, 2, 3) == ["3, 4, 2, 1", "1, 3, 2, 4", "1, 2, 4, 3"]
    assert [variant(ORDER, seed)["order"] for seed in (1, 2, 3)] == [[3, 1, 0, 2], [2, 3, 0, 1], [3, 1, 2, 0]]


def test_questions_side_by_side_draw_differently() -> None:
    found = {tuple(drawn(call("whole", 1, 1000), 1, 2, 3, id=name)) for name in ("one", "two", "eno", "on", "e")}
    assert len(found) == 5


def test_seeds_draw_differently() -> None:
    assert len(set(drawn(call("whole", 1, 10**9), *SEEDS))) == len(SEEDS)


@pytest.mark.parametrize(("count", "parts"), [(1, 1), (1, 10), (2, 2), (2, 10), (4, 10), (5, 20), (5, 50)])
def test_a_distribution_is_made_of_equal_parts(count: int, parts: int) -> None:
    question = numeric(
        answer=0,
        draw=[["p", call("distribution", count, parts)]],
        slots=[[call("[]", P, i), "6"] for i in range(count)],
    )
    for seed in SEEDS:
        shares = [float(text) * parts for text in variant(question, seed)["slots"]]
        assert [round(share) for share in shares] == pytest.approx(shares, abs=parts * 1e-6)
        assert min(round(share) for share in shares) >= 1
        assert sum(map(round, shares)) == parts


def test_all_ways_to_deal_out_parts_are_as_likely() -> None:
    counts = Counter(drawn(call("distribution", 3, 5), *range(1, 1201)))
    assert len(counts) == 6
    # Six ways, 200 expected of each; five standard deviations are 65.
    assert max(abs(count - 200) for count in counts.values()) < 65


def test_ranges_hold_both_their_ends() -> None:
    assert set(drawn(call("whole", -2, 2), *SEEDS)) == {"−2", "−1", "0", "1", "2"}
    assert set(drawn(call("step", 0.1, 0.3, 20), *SEEDS)) == {"0.1", "0.15", "0.2", "0.25", "0.3"}
    assert set(drawn(call("pick", ["list", "a", "b"]), *SEEDS)) == {"a", "b"}
    assert len(set(drawn(call("shuffled", ["list", 1, 2, 3]), *SEEDS))) == 6


def test_later_draws_know_earlier_ones() -> None:
    draw = [["n", call("whole", 2, 5)], ["k", call("whole", 1, call("-", ["name", "n"], 1))]]
    question = numeric(draw=draw, where=[call("!=", ["name", "k"], 1)], answer=call("-", ["name", "n"], ["name", "k"]))
    question["slots"] = [[["name", "k"], ""]]
    for seed in SEEDS:
        found = variant(question, seed)
        assert float(found["answer"]["value"]) >= 1
        assert found["slots"] != ["1"]


def test_conditions_hold_in_every_variant() -> None:
    question = numeric(where=[call("<", call("entropy", P), 1)])
    assert max(float(variant(question, seed)["answer"]["value"]) for seed in SEEDS) < 1


def test_conditions_that_never_hold_are_refused() -> None:
    error = refusal(numeric(where=[call("<", call("entropy", P), 0)]))
    assert error.argument == "where"
    assert str(MOST_ATTEMPTS) in str(error)


def test_a_drawing_has_enough_luck_or_says_so() -> None:
    drawn(call("distribution", 3, LUCK), 1)
    error = refusal(numeric(draw=[["p", call("distribution", 3, LUCK + 2)]]))
    assert (error.argument, str(error)) == ("draw.p", f"a drawing needs more than {LUCK} random numbers")


@pytest.mark.parametrize(("count", "parts"), [(0, 10), (-1, 10), (11, 10), (1, 0)])
def test_parts_that_cannot_be_dealt_out(count: int, parts: int) -> None:
    error = refusal(numeric(draw=[["p", call("distribution", count, parts)]]))
    assert (error.argument, str(error)) == ("draw.p", f"{parts} parts cannot be dealt to {count} symbols")


@pytest.mark.parametrize("name", DRAWS)
def test_nothing_is_drawn_outside_draws(name: str) -> None:
    assert refusal(numeric(answer=call(name, 1, 2))).argument == "answer"
    assert refusal(numeric(where=[call(name, 1, 2)])).argument == "where[0]"
    assert refusal(numeric(slots=[[call(name, 1, 2), ""]])).argument == "slots[0]"


# ── numbers as answers ───────────────────────────────────────────────────────────────────────


def test_a_numeric_variant() -> None:
    question = numeric(mistakes=[call("log2", 3)], slots=[[P, "/"], [["name", "answer"], "2"]])
    found = variant(question, 3)
    assert found.keys() == {"id", "seed", "answer", "mistakes", "slots"}
    assert (found["id"], found["seed"]) == ("one", 3)
    p = [float(Fraction(item)) for item in found["slots"][0].split(", ")]
    entropy = -sum(x * math.log2(x) for x in p)
    assert float(found["answer"]["value"]) == pytest.approx(entropy, rel=1e-12)
    assert found["answer"]["text"] == f"{entropy:.3f} bits"
    assert found["slots"][1] == f"{entropy:.2f}"
    assert found["mistakes"] == [{"place": 0, "value": repr(math.log2(3))}]


def test_answers_may_be_infinite() -> None:
    found = variant(numeric(draw=[], slots=[], answer=["name", "inf"], mistakes=[["name", "inf"], 1]), 1)
    assert found["answer"] == {"value": "inf", "text": "∞ bits"}
    assert found["mistakes"] == [{"place": 1, "value": "1.0"}]
    json.dumps(found, allow_nan=False)


def test_mistakes_know_the_answer() -> None:
    assert mistakes(0.5, call("*", 2, ["name", "answer"])) == {0: 1.0}


def test_mistakes_that_are_the_answer_are_left_out() -> None:
    assert mistakes(0.5, 0.5, 0.505, 0.4951, 0.52, unit="") == {3: 0.52}
    assert mistakes(-2, -2.01, 2, unit="") == {1: 2}


def test_mistakes_that_are_each_other_are_left_out() -> None:
    assert mistakes(1, 2, 2.01, 3, unit="") == {0: 2, 2: 3}


def test_tolerance_is_absolute_about_zero() -> None:
    assert mistakes(0, 0.01, 0.5, unit="", tolerance=0.01) == {1: 0.5}
    assert mistakes(0.5, 0, unit="", tolerance=0.01) == {0: 0}


@pytest.mark.parametrize(
    ("unit", "other"),
    [("bits", math.log(2)), ("bits a day", math.log(2)), ("nats", 1 / math.log(2)), ("nats a symbol", 1 / math.log(2))],
)
def test_the_answer_in_the_other_unit_is_no_other_mistake(unit: str, other: float) -> None:
    assert mistakes(0.5, 0.5 * other, 0.8, unit=unit) == {1: 0.8}
    assert mistakes(0.5, 0.5 * other, 0.8, unit="") == {0: 0.5 * other, 1: 0.8}


@given(st.floats(-9, 9), st.lists(st.floats(-9, 9), max_size=5), st.floats(1e-3, 0.1))
def test_no_number_is_close_to_two_of_them(answer: float, values: list[float], tolerance: float) -> None:
    found = [answer, *mistakes(answer, *values, unit="", tolerance=tolerance).values()]
    for typed in [*values, answer, *((a + b) / 2 for a in found for b in found)]:
        assert sum(abs(typed - value) <= tolerance * (abs(value) or 1) for value in found) <= 1 or typed in found


@pytest.mark.parametrize("value", ["text", True, ["list", 1], ["call", "-", ["name", "inf"], ["name", "inf"]]], ids=str)
def test_answers_are_numbers(value: Any) -> None:
    assert refusal(numeric(answer=value)).argument == "answer"
    assert refusal(numeric(mistakes=[0, value])).argument == "mistakes[1]"


@pytest.mark.parametrize(
    "expression",
    [
        call("/", 1, 0),
        call("log2", 0),
        call("entropy", ["list", 1, 1]),
        call("entropy"),
        call("[]", P, 9),
        call("**", 9.0, 9999),
        call("+", P, 1),
        call("join", P, 1),
        ["name", "nobody"],
    ],
    ids=str,
)
def test_what_cannot_be_computed_is_put_down_to_its_place(expression: Any) -> None:
    assert refusal(numeric(draw=[["p", ["list", 1]], ["q", expression]])).argument == "draw.q"
    assert refusal(numeric(where=[True, expression])).argument == "where[1]"
    assert refusal(numeric(answer=expression)).argument == "answer"
    assert refusal(numeric(mistakes=[expression])).argument == "mistakes[0]"
    assert refusal(numeric(slots=[[1, ""], [expression, ""]])).argument == "slots[1]"
    assert str(refusal(numeric(answer=expression)))


# ── choices and steps ────────────────────────────────────────────────────────────────────────

CHOICE = {"id": "which", "kind": "choice", "draw": [["n", call("whole", 0, 2)]], "where": [], "slots": []}
CHOICE["choices"] = [call("==", ["name", "n"], i) for i in range(3)]
ORDER: dict[str, Any] = {"id": "steps", "kind": "order", "draw": [], "where": [], "slots": [], "steps": 4}


def test_a_choice_variant() -> None:
    found = [variant(CHOICE, seed) for seed in SEEDS]
    assert all(item.keys() == {"id", "seed", "right", "order", "slots"} for item in found)
    assert {item["right"] for item in found} == {0, 1, 2}
    assert all(sorted(item["order"]) == [0, 1, 2] for item in found)
    assert len({tuple(item["order"]) for item in found}) == 6


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ([False, False], "none is"),
        ([True, True, False], "those at 1, 2 are"),
        ([], "none is"),
    ],
)
def test_exactly_one_choice_is_right(choices: list[bool], words: str) -> None:
    error = refusal({**CHOICE, "choices": choices})
    assert (error.argument, str(error)) == ("choices", f"exactly one choice must be right, but {words}")


def test_a_choice_that_cannot_be_judged() -> None:
    assert refusal({**CHOICE, "choices": [True, call("/", 1, 0)]}).argument == "choices[1]"


def test_steps_never_come_in_the_right_order() -> None:
    orders = [tuple(variant(ORDER, seed)["order"]) for seed in range(1, 501)]
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    assert len(set(orders)) == 23
    assert (0, 1, 2, 3) not in orders
    assert variant({**ORDER, "steps": 2}, 1)["order"] == [1, 0]


def test_one_step_has_no_order() -> None:
    assert refusal({**ORDER, "steps": 1}).argument == "steps"


# ── reading off a figure ─────────────────────────────────────────────────────────────────────

READ: dict[str, Any] = {
    "id": "read", "kind": "read", "draw": [["x", call("pick", ["list", 0.25, 0.5])]], "where": [],
    "widget": "asymmetry", "preset": "mirror-image", "do": [["q.1", ["name", "x"]]],
    "answer": call("readout", "kl_pq"), "unit": "bits", "tolerance": 0.01,
    "mistakes": [call("readout", "kl_qp"), call("before", "kl_pq")], "slots": [[["name", "label"], ""]],
}  # fmt: skip


def readouts(widget: str, preset: str, *events: dict[str, Any]) -> dict[str, float]:
    state = WIDGETS[widget].preset(preset)
    for event in events:
        state = WIDGETS[widget].update(state, event)
    return {item.name: item.value for item in WIDGETS[widget].view(state, FRAMES["desk"]).readouts}


def test_a_read_variant_is_what_the_figure_shows() -> None:
    for seed in range(1, 6):
        found = variant(READ, seed)
        ((name, x),) = found["do"]
        assert (found["preset"], name, x in (0.25, 0.5)) == ("mirror-image", "q.1", True)
        after = readouts("asymmetry", "mirror-image", {"type": "set", "name": name, "value": x})
        before = readouts("asymmetry", "mirror-image")
        assert found["answer"]["value"] == repr(after["kl_pq"])
        assert [float(item["value"]) for item in found["mistakes"]] == [after["kl_qp"], before["kl_pq"]]
        assert found["slots"] == ["Mirror image"]
        json.dumps(found, allow_nan=False)


def test_without_settings_the_preset_is_read() -> None:
    found = variant({**READ, "do": [], "mistakes": []}, 1)
    assert found["do"] == []
    assert found["answer"]["value"] == repr(readouts("asymmetry", "mirror-image")["kl_pq"])


def test_lists_and_choices_can_be_set_and_buttons_pressed() -> None:
    lists = {**READ, "do": [["p", ["list", 0.5, 0.5]], ["q", ["list", 0.25, 0.75]]], "mistakes": []}
    assert float(variant(lists, 1)["answer"]["value"]) == pytest.approx(0.2075, abs=1e-4)
    swapped = {**READ, "widget": "gaussians", "preset": "wide-model", "do": [["swap-variances"]], "mistakes": []}
    found = variant(swapped, 1)
    assert found["do"] == [["swap-variances"]]
    assert found["answer"]["value"] == repr(readouts("gaussians", "narrow-model")["kl_pq"])
    chosen = {**READ, "widget": "wasted-bits", "preset": "matched", "do": [["block", "3"]], "mistakes": []}
    found = variant({**chosen, "answer": call("readout", "mean_length")}, 1)
    assert found["answer"]["value"] == repr(readouts("wasted-bits", "blocks")["mean_length"])


@pytest.mark.parametrize(
    ("changes", "argument", "words"),
    [
        ({"widget": "nothing"}, "widget", "there is no widget “nothing”"),
        ({"preset": "nothing"}, "preset", "has no example “nothing”"),
        ({"preset": 3}, "preset", "has no example"),
        ({"do": [["q.1", 0.5], ["q.7", 0.5]]}, "do[1]", "q has 5 symbols"),
        ({"do": [["q.1", 2]]}, "do[0]", "must be between 0 and 1"),
        ({"do": [["q.1", "x"]]}, "do[0]", "must be a number"),
        ({"do": [["jump"]]}, "do[0]", "has no button “jump”"),
        ({"answer": ["call", "readout", "kl"]}, "answer", "there is no readout “kl”"),
        ({"mistakes": [["call", "before", "kl"]]}, "mistakes[0]", "there is no readout “kl”"),
    ],
)
def test_figures_that_cannot_be_read(changes: dict[str, Any], argument: str, words: str) -> None:
    error = refusal({**READ, **changes})
    assert error.argument == argument
    assert words in str(error)


# ── what is no question ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", [0, -1, 1.0, "1", None, True, [1]], ids=str)
def test_seeds_are_whole_numbers_from_one_on(seed: Any) -> None:
    error = refusal(numeric(), seed)
    assert error.argument == "seed"
    assert "whole number" in str(error)


def test_large_seeds_are_seeds() -> None:
    assert variant(numeric(), 2**53)["seed"] == 2**53


@pytest.mark.parametrize("question", [None, [], "numeric", {}, {"kind": "essay"}, {"kind": ["numeric"]}], ids=str)
def test_a_question_says_its_kind(question: Any) -> None:
    assert refusal(question).argument == "question"


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_without_its_parts_is_refused(kind: str) -> None:
    whole = {"numeric": numeric(), "choice": CHOICE, "order": ORDER, "read": READ}[kind]
    variant(whole, 1)
    for key in whole:
        assert isinstance(refusal({k: v for k, v in whole.items() if k != key}), InputError)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from(["p", "kl", "name", "call"]),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.sampled_from(["p", "id"]), parts, max_size=2),
    max_leaves=6,
)


@given(st.sampled_from([numeric(), CHOICE, ORDER, READ]), st.data())
def test_nonsense_is_a_question_or_refused(question: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(question.keys() - {"kind"})))
    with suppress(InputError):
        variant({**question, key: data.draw(JSON)}, 1)
