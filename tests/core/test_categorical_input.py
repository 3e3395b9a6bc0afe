"""Bad input is named, place and value; odd but good input is taken."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from klweb import categorical
from klweb.errors import InputError

BAD = [
    ((), None, "empty"),
    ((0.5, -0.25, 0.75), 1, r"p\[1\] is -0.25"),
    ((math.nan, 1.0), 0, r"p\[0\] is nan"),
    ((0.0, math.inf), 1, r"p\[1\] is inf"),
    ((0.0, 0.0), None, "sums to 0.0"),
    ((0.5, 0.6), None, "sums to 1.1"),
    ((0.5, 0.5 - 2e-9), None, "sums to 0.99999999"),
    ((1e308, 1e308), None, "sums to inf"),
    ((0.5, "0.5"), 1, r"p\[1\] is '0.5'"),
    ((0.5, None), 1, r"p\[1\] is None"),
    ("ab", 0, r"p\[0\] is 'a'"),
    (0.5, None, "sequence"),
    (np.eye(2), 0, "must be a number"),
]
ONE: list[Callable[..., Any]] = [categorical.check_distribution, categorical.entropy]
TWO: list[Callable[..., Any]] = [
    categorical.cross_entropy,
    categorical.kl,
    categorical.kl_terms,
    categorical.js,
    categorical.total_variation,
    lambda p, q: categorical.mixture(p, q, 0.5),
]


@pytest.mark.parametrize(("bad", "index", "message"), BAD)
def test_what_is_no_distribution(bad: Any, index: int | None, message: str) -> None:
    for function in ONE:
        with pytest.raises(InputError, match=message) as caught:
            function(bad)
        assert (caught.value.argument, caught.value.index) == ("p", index)
    for function in TWO:
        with pytest.raises(InputError, match=message) as caught:
            function(bad, (0.5, 0.5))
        assert (caught.value.argument, caught.value.index) == ("p", index)
        with pytest.raises(InputError, match=message.replace("p", "q", 1) if "[" in message else message) as caught:
            function((0.5, 0.5), bad)
        assert (caught.value.argument, caught.value.index) == ("q", index)


@pytest.mark.parametrize("function", TWO)
def test_different_alphabets(function: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="q has length 3 and p has length 2") as caught:
        function((0.5, 0.5), (0.2, 0.3, 0.5))
    assert caught.value.argument == "q"


@pytest.mark.parametrize("base", [1.0, 0.5, 0.0, -2.0, math.inf, math.nan])
def test_bad_bases(base: float) -> None:
    calls: list[Callable[[], object]] = [
        lambda: categorical.surprisal(0.5, base),
        lambda: categorical.entropy((1,), base),
        lambda: categorical.cross_entropy((1,), (1,), base),
        lambda: categorical.kl((1,), (1,), base),
        lambda: categorical.kl_terms((1,), (1,), base),
        lambda: categorical.js((1,), (1,), base),
    ]
    for call in calls:
        with pytest.raises(InputError, match="base"):
            call()


@pytest.mark.parametrize("t", [-1e-9, 1.0000001, math.nan, "0.5"])
def test_mixture_shares(t: Any) -> None:
    with pytest.raises(InputError, match=r"^t is"):
        categorical.mixture((1,), (1,), t)


@pytest.mark.parametrize("probability", [-1e-300, 1.1, math.nan, math.inf, "1"])
def test_surprisal_of_what_is_no_probability(probability: Any) -> None:
    with pytest.raises(InputError, match=r"^probability is"):
        categorical.surprisal(probability)


def test_surprisal_of_a_sum_that_rounded_above_1_is_zero() -> None:
    value = categorical.surprisal(1.0 + 2.0**-52)
    assert value == 0.0
    assert math.copysign(1.0, value) == 1.0


@pytest.mark.parametrize(
    ("weights", "index"),
    [((), None), ((0, 0), None), ((1, -1), 1), ((1, math.inf), 1), ((math.nan,), 0), (3, None)],
)
def test_weights_that_cannot_be_normalized(weights: Any, index: int | None) -> None:
    with pytest.raises(InputError) as caught:
        categorical.normalize(weights, "counts")
    assert (caught.value.argument, caught.value.index) == ("counts", index)


def test_weights_of_every_scale() -> None:
    for scale in (5e-324, 1e-310, 1e-300, 1.0, 1e300, 1.7e308):
        assert categorical.normalize((scale, 0, scale, scale, scale)) == (0.25, 0, 0.25, 0.25, 0.25)
    assert categorical.normalize((1.0, 5e-324)) == (1.0, 5e-324)


def test_the_tolerance_on_both_sides() -> None:
    categorical.check_distribution((0.5, 0.5 + 9.9e-10))
    categorical.check_distribution((0.5, 0.5 - 9.9e-10))
    with pytest.raises(InputError):
        categorical.check_distribution((0.5, 0.5 + 1.1e-9))


def test_a_distribution_comes_back_as_it_was() -> None:
    p = (0.1, 0.2, 0.3, 0.4)
    assert categorical.check_distribution(p) == p
    assert categorical.check_distribution(np.array(p)) == p
    assert all(type(x) is float for x in categorical.check_distribution(np.array(p)))


def test_numpy_arrays_generators_and_integers_are_taken() -> None:
    p, q = np.array([0.25, 0.75]), np.array([0.5, 0.5])
    want = categorical.kl((0.25, 0.75), (0.5, 0.5))
    assert categorical.kl(p, q) == want
    assert type(categorical.kl(p, q)) is float
    assert categorical.kl((x for x in p), iter(q)) == want
    assert categorical.kl(np.array([1, 0]), [1, 0]) == 0.0
    assert categorical.entropy(p.astype(np.float32)) == categorical.entropy((0.25, 0.75))


def test_a_single_symbol_tells_nothing() -> None:
    assert categorical.entropy((1,)) == 0.0
    assert categorical.kl((1,), (1,)) == 0.0
    assert categorical.kl((1 + 9e-10,), (1 - 9e-10,)) == 0.0
    assert categorical.js((1,), (1,)) == 0.0
    assert categorical.total_variation((1,), (1,)) == 0.0
    assert f"{categorical.entropy((1,))}" == "0.0"
