import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

from klweb.errors import InputError, finite, log_base, positive, same_length, vector


def test_input_error_is_a_value_error_that_knows_the_place() -> None:
    with pytest.raises(ValueError, match=r"^p\[1\] is nan, but it must be finite$") as caught:
        vector([0.5, math.nan], "p")
    assert isinstance(caught.value, InputError)
    assert (caught.value.argument, caught.value.index) == ("p", 1)


def test_input_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(InputError("p[1] is bad", "p", 1)))  # noqa: S301
    assert (str(error), error.argument, error.index) == ("p[1] is bad", "p", 1)


@pytest.mark.parametrize(
    "value",
    [1, 1.0, True, Fraction(1), np.float64(1), np.float32(1), np.int64(1), np.array(1.0)],
    ids=repr,
)
def test_numbers_of_every_kind_are_numbers(value: object) -> None:
    number = finite(value, "x")
    assert number == 1.0
    assert type(number) is float


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("1", "must be a number"),
        (None, "must be a number"),
        (1j, "must be a number"),
        ([1.0], "must be a number"),
        (np.array([1.0]), "must be a number"),
        (10**400, "too large"),
        (math.nan, "must be finite"),
        (-math.inf, "must be finite"),
    ],
    ids=repr,
)
def test_what_is_no_finite_number_is_refused(value: object, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        finite(value, "x")
    assert caught.value.argument == "x"
    assert caught.value.index is None


def test_long_values_are_shortened_in_messages() -> None:
    with pytest.raises(InputError) as caught:
        finite("x" * 10_000, "p")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [0, -0.0, -1, math.inf])
def test_positive(value: float) -> None:
    with pytest.raises(InputError, match="sigma"):
        positive(value, "sigma")
    assert positive(5e-324, "sigma") == 5e-324


@pytest.mark.parametrize("base", [1, 0.5, 0, -2, math.inf, math.nan, "2", None])
def test_a_base_is_finite_and_above_1(base: object) -> None:
    with pytest.raises(InputError) as caught:
        log_base(base)
    assert caught.value.argument == "base"


def test_vectors_come_from_any_iterable() -> None:
    wanted = (0.25, 0.75)
    for values in ([0.25, 0.75], wanted, np.array(wanted), (x for x in wanted)):
        numbers = vector(values, "p")
        assert numbers == wanted
        assert all(type(number) is float for number in numbers)


@pytest.mark.parametrize(
    ("values", "index"),
    [([], None), (0.5, None), (None, None), ("ab", 0), ([0.5, "x"], 1), (np.eye(2), 0)],
    ids=repr,
)
def test_vectors_refuse_the_rest(values: object, index: int | None) -> None:
    with pytest.raises(InputError) as caught:
        vector(values, "p")  # type: ignore[arg-type]
    assert (caught.value.argument, caught.value.index) == ("p", index)
    assert str(caught.value).startswith("p")


def test_same_length_names_both() -> None:
    same_length("ab", "q", "cd", "p")
    with pytest.raises(InputError, match="q has length 1 and p has length 2"):
        same_length("a", "q", "cd", "p")
