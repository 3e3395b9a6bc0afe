"""How numbers are printed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb.words import bits, fixed, listed


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.48300, 4, "0.4830"), (-0.31699, 3, "−0.317"), (math.inf, 4, "∞"), (-math.inf, 2, "−∞"), (0, 2, "0.00"),
        (-0.0, 2, "0.00"), (-0.00004, 4, "0.0000"), (-0.00006, 4, "−0.0001"), (2, 0, "2"), (-0.4, 0, "0"),
        (1234567.891, 1, "1234567.9"),
    ],
)  # fmt: skip
def test_numbers_are_printed_with_a_true_minus_and_no_minus_zero(value: float, digits: int, text: str) -> None:
    assert fixed(value, digits) == text


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_what_is_printed_is_the_value_to_half_a_last_digit(value: float, digits: int) -> None:
    text = fixed(value, digits)
    assert abs(float(text.replace("−", "-")) - value) <= 0.5 * 10**-digits * (1 + 1e-6)
    assert "-" not in text
    assert not (text.startswith("−") and float(text[1:]) == 0)


def test_bits_have_their_unit() -> None:
    assert bits(2.42, 3) == "2.420 bits"
    assert bits(math.inf) == "∞ bits"


@pytest.mark.parametrize(
    ("items", "text"), [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (list("ABCD"), "A, B, C and D")]
)
def test_lists_read_as_sentences_do(items: list[str], text: str) -> None:
    assert listed(items) == text
