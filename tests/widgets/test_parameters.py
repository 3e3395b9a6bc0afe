"""Parameters read what people type and links carry; whatever comes, only `InputError` escapes."""

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from klweb import topics
from klweb.errors import InputError
from klweb.parameter import (
    MAX_TEXT,
    Choice,
    Distribution,
    Number,
    Parameter,
    Sample,
    TopicId,
    TopicSet,
    number,
    ordinal,
    shorten,
)
from klweb.widgets import WIDGETS
from tests.widgets.strategies import HOSTILE, WEIGHT, attempt, on_slider

SIZE = Number("size", "size", low=-1, high=10, step=0.5, default=3)
KIND = Choice("kind", "Kind", (("a", "first"), ("b", "second")), "a")
WEIGHTS = Distribution("p", "p, the truth", (0.5, 0.5), max_symbols=4)
COUNTS = Sample("counts", "counts", (1, 0), low=0, high=12, whole=True, most=5)
PLACES = Sample("places", "measurements", (), low=-4, high=4)
NAMED = {f"{widget.name}-{item.name}": item for widget in WIDGETS.values() for item in widget.parameters}
ALL = list(NAMED.values())
NUMBERS = {name: item for name, item in NAMED.items() if isinstance(item, Number)}


@pytest.mark.parametrize(
    ("value", "result"),
    [(4, 4), ("5", 5), (" 4.5 ", 4.5), ("4,5", 4.5), ("−1", -1), ("-0.5", -0.5), ("1e1", 10), ("0,0", 0), (-0.0, 0),
     (10, 10)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(value: object, result: float) -> None:
    found = SIZE.read(value)
    assert found == result
    assert type(found) is float


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (11, "The size must be between -1 and 10, but is 11"),
        (-1.0001, "The size must be between -1 and 10, but is -1.0001"),
        ("abc", "The size must be a number, but is “abc”"),
        ("", "The size must be a number, but is empty"),
        ("   ", "The size must be a number, but is empty"),
        (None, "The size must be a number, but is None"),
        (True, "The size must be a number, but is True"),
        ([1], "The size must be a number, but is [1]"),
        ("nan", "The size must be a finite number, but is “nan”"),
        (math.inf, "The size must be a finite number, but is inf"),
        ("1e999", "The size must be a finite number, but is “1e999”"),
        (10**400, "The size must be a finite number, but is 100000000000000000000000000000000000000…"),
        ("1,000,000", "The size must be a number, but is “1,000,000”"),
        ("1.000,5", "The size must be a number, but is “1.000,5”"),
    ],
)
def test_a_refused_number_is_told_with_its_control_and_its_value(value: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        SIZE.read(value)
    assert str(caught.value) == message
    assert caught.value.argument == "size"


@given(st.floats(-1, 10))
def test_a_typed_number_need_not_be_on_a_step(value: float) -> None:
    assert SIZE.read(value) == value == SIZE.read(repr(value))


@pytest.mark.parametrize("item", NUMBERS.values(), ids=NUMBERS)
def test_every_stop_of_a_slider_survives_a_link(item: Number) -> None:
    @given(on_slider(item))
    def check(value: float) -> None:
        assert math.isclose(item.read(item.write(value)), value, rel_tol=1e-12, abs_tol=1e-12)

    check()


def test_choices_are_read_by_name() -> None:
    assert KIND.read("b") == "b"
    assert KIND.write("b") == "b"
    for value in ("c", "A", "", None, ["a"], {"a": 1}, 1, math.nan):
        with pytest.raises(InputError, match=r"one of a, b, but is") as caught:
            KIND.read(value)
        assert caught.value.argument == "kind"


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("1, 1", [0.5, 0.5]),
        ("1 1", [0.5, 0.5]),
        ("  2,1\t1 ", [0.5, 0.25, 0.25]),
        ("0,5; 0,25; 0,25", [0.5, 0.25, 0.25]),
        ("1;3;", [0.25, 0.75]),
        ("0.25,0.75", [0.25, 0.75]),
        ([1, 0], [1, 0]),
        ((0.1, 0.2, 0.7), [0.1, 0.2, 0.7]),
        (["1", 3], [0.25, 0.75]),
        ("7", [1]),
        ([5e-324, 5e-324], [0.5, 0.5]),
        ([1e308, 1e308], [0.5, 0.5]),
    ],
)
def test_distributions_are_read_as_weights(value: object, result: list[float]) -> None:
    found = WEIGHTS.read(value)
    assert found == pytest.approx(result, rel=1e-15)
    assert all(type(item) is float for item in found)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "empty"),
        ([], "empty"),
        (" ; ; ", "empty"),
        ([1, 1, 1, 1, 1], "5 numbers"),
        ("1,-1,1", "2nd number of p is -1"),
        ([0.5, -1e-9], "2nd number of p is -1e-09"),
        ("1,x", "2nd number of p must be a number, but is “x”"),
        ([0.5, None], "2nd number of p must be a number, but is None"),
        ([math.nan, 1], "1st number of p must be a finite number"),
        ("0,0,0", "all 0"),
        ([0.0, -0.0], "all 0"),
        (5, "numbers, but is 5"),
        (None, "numbers, but is None"),
        ({"0": 1}, "numbers, but is"),
        ("1," * MAX_TEXT, "too long"),
    ],
)
def test_a_refused_distribution_is_told_with_what_is_wrong_in_it(value: object, words: str) -> None:
    with pytest.raises(InputError) as caught:
        WEIGHTS.read(value)
    assert words in str(caught.value)
    assert caught.value.argument == "p"


@given(st.lists(WEIGHT, min_size=1, max_size=4).filter(any))
def test_what_is_read_is_a_distribution_and_reads_as_itself(weights: list[float]) -> None:
    found = WEIGHTS.read(weights)
    assert math.isclose(math.fsum(found), 1, rel_tol=1e-12)
    assert all(0 <= item <= 1 for item in found)
    assert WEIGHTS.read(found) == found
    assert WEIGHTS.read(tuple(found)) == found


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=4))
def test_a_distribution_survives_a_link(weights: list[float]) -> None:
    found = WEIGHTS.read(weights)
    again = WEIGHTS.read(WEIGHTS.write(found))
    assert again == pytest.approx(found, rel=1e-11)


@pytest.mark.parametrize(
    ("value", "result"),
    [("1, 0, 3", [1, 0, 3]), ("2 2", [2, 2]), ("1;0;", [1, 0]), ([12, "0"], [12, 0]), ("", []), ("  ", []), ([], []),
     ((-0.0,), [0])],
)  # fmt: skip
def test_observations_are_read_in_their_order_and_may_be_none(value: object, result: list[float]) -> None:
    found = COUNTS.read(value)
    assert found == result
    assert all(type(item) is float and math.copysign(1, item) == 1 for item in found)
    assert COUNTS.read(found) == found


@given(st.lists(st.floats(-4, 4), max_size=10))
def test_measurements_survive_a_link(value: list[float]) -> None:
    found = PLACES.read(value)
    assert PLACES.read(PLACES.write(found)) == pytest.approx(found, rel=1e-11)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("1, x", "The 2nd of the counts must be a number, but is “x”"),
        ("1, 13", "The 2nd of the counts must be between 0 and 12, but is 13"),
        ([-1], "The 1st of the counts must be between 0 and 12, but is -1"),
        ("0, 1, 1.5", "The 3rd of the counts must be a whole number, but is 1.5"),
        ("1 1 1 1 1 1", "The list of counts has 6 numbers: there is room for 5"),
        (5, "The list of counts must be numbers, but is 5"),
        ([[1]], "The 1st of the counts must be a number, but is [1]"),
        (["nan"], "The 1st of the counts must be a finite number, but is “nan”"),
        ("1," * MAX_TEXT, "The list of counts is too long to be read: 8000 characters"),
    ],
)
def test_refused_observations_are_told_with_what_is_wrong_in_them(value: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        COUNTS.read(value)
    assert str(caught.value) == message
    assert caught.value.argument == "counts"


@given(HOSTILE)
@example([1e308, 1e308])
def test_whatever_is_read_only_input_errors_escape(value: Any) -> None:
    for item in (SIZE, KIND, WEIGHTS, COUNTS, PLACES, *ALL):
        found = attempt(lambda item=item: item.read(value))  # type: ignore[misc]
        if isinstance(found, InputError):
            assert found.argument == item.name
            assert str(found)[0].isupper()
            assert len(str(found)) < 400, "a message is a sentence, not a copy of what was sent"
        else:
            check(item, found)


def check(item: Parameter, found: Any) -> None:
    match item:
        case Number():
            assert item.low <= found <= item.high
        case Choice():
            assert found in dict(item.options)
        case Distribution():
            assert 1 <= len(found) <= item.max_symbols
            assert math.isclose(math.fsum(found), 1, rel_tol=1e-12)
        case Sample():
            assert len(found) <= item.most
            assert all(item.low <= value <= item.high for value in found)
            assert not item.whole or all(value == int(value) for value in found)
        case TopicId():
            assert found in topics.TOPICS
        case TopicSet():
            assert found == [topic.id for topic in topics.TOPICS if topic.id in found]


@given(HOSTILE)
def test_numbers_are_read_or_refused(value: Any) -> None:
    found = attempt(lambda: number(value, "n", "the number"))
    assert found.argument == "n" if isinstance(found, InputError) else math.isfinite(found)


@given(HOSTILE)
def test_quotes_are_short(value: Any) -> None:
    text = shorten(value)
    assert 0 < len(text) <= 42


def test_quotes_are_cut_with_an_ellipsis() -> None:
    assert shorten("x" * 40) == f"“{'x' * 40}”"
    assert shorten("x" * 41) == f"“{'x' * 39}…”"


@pytest.mark.parametrize("item", ALL, ids=NAMED)
def test_a_default_reads_as_itself(item: Parameter) -> None:
    default = list(item.default) if isinstance(item, Distribution | Sample | TopicSet) else item.default
    assert item.read(item.default) == default


@pytest.mark.parametrize("item", NUMBERS.values(), ids=NUMBERS)
def test_a_number_has_a_whole_count_of_steps_and_a_default_on_one(item: Number) -> None:
    for value in (item.high, item.default):
        steps = (value - item.low) / item.step
        assert math.isclose(steps, round(steps), abs_tol=1e-9)


def test_ordinals() -> None:
    assert [ordinal(place) for place in (1, 2, 3, 4, 11, 12, 13, 21, 111, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th", "112th",
    ]  # fmt: skip
