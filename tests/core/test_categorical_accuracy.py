"""Against 800 digits, where doubles are at their worst."""

import math
from itertools import product

import mpmath
import pytest
from hypothesis import given, settings

from klweb import categorical
from tests.core import oracles
from tests.core.strategies import Distribution, nearly_equal

TINY = [0.0, 5e-324, 1e-310, 2.2250738585072014e-308, 1e-200, 1e-16, 1e-9]
MIDDLE = [0.1, 1 / 3, 0.5 - 2.0**-54, 0.5, 0.5 + 2.0**-53]
COINS = [(x, 1.0 - x) for x in TINY + MIDDLE] + [(1.0 - x, x) for x in [*TINY[:3], 1e-9]]


@pytest.mark.parametrize("p", COINS, ids=repr)
def test_coins_at_the_boundaries(p: Distribution) -> None:
    for q in COINS:
        assert oracles.relative_error(categorical.kl(p, q, math.e), oracles.kl(p, q)) < 2e-15
        assert oracles.relative_error(categorical.js(p, q, math.e), oracles.js(p, q)) < 2e-15
        variation = oracles.total_variation(p, q)
        assert oracles.relative_error(categorical.total_variation(p, q), variation) < 2e-15


@pytest.mark.parametrize("p", [p for p in COINS if sum(map(bool, p)) > 1], ids=repr)
def test_entropies_of_coins(p: Distribution) -> None:
    # Coins whose sum misses 1 by less than a double can show are read as stored, as SciPy does.
    error = abs(categorical.entropy(p, math.e) - oracles.entropy(p))
    assert error < 2e-16
    for q in COINS:
        got, want = categorical.cross_entropy(p, q, math.e), oracles.cross_entropy(p, q)
        assert got == want == math.inf or abs(got - want) <= 4e-16 * max(1, want)


@settings(max_examples=60)
@given(nearly_equal())
def test_nearly_equal_distributions(pair: tuple[Distribution, Distribution]) -> None:
    p, q = pair
    # The promise is 1e-12. Where all entries differ by their last bit and in proportion, what is left after
    # normalising is some 1e-40, of which the doubles themselves know fewer digits.
    for quantity, oracle in ((categorical.kl, oracles.kl), (categorical.js, oracles.js)):
        got, want = quantity(p, q, math.e), oracle(p, q)
        assert abs(got - want) <= 1e-12 * want + 1e-45


@pytest.mark.parametrize("exponent", range(-15, 0))
def test_every_size_of_a_difference(exponent: int) -> None:
    step = 10.0**exponent
    p, q = (0.2, 0.3, 0.5), (0.2 + step, 0.3 - step, 0.5)
    assert oracles.relative_error(categorical.kl(p, q, math.e), oracles.kl(p, q)) < 1e-14
    assert oracles.relative_error(categorical.kl(q, p, math.e), oracles.kl(q, p)) < 1e-14
    assert oracles.relative_error(categorical.js(p, q, math.e), oracles.js(p, q)) < 1e-14


@pytest.mark.parametrize("slack", [-9e-10, 1e-12, 9e-10])
def test_the_slack_of_the_sum_is_divided_out(slack: float) -> None:
    p = (0.2, 0.3, 0.5)
    for step in (1e-9, 1e-6, 1e-3, 0.1):
        q = tuple(x * (1.0 + slack) for x in (0.2 + step, 0.3 - step, 0.5))
        assert oracles.relative_error(categorical.kl(p, q, math.e), oracles.kl(p, q)) < 1e-12
        assert oracles.relative_error(categorical.kl(q, p, math.e), oracles.kl(q, p)) < 1e-12
        assert oracles.relative_error(categorical.js(p, q, math.e), oracles.js(p, q)) < 1e-12
        for base in (2.0, math.e):
            want = oracles.entropy(q) / mpmath.log(base)
            assert oracles.relative_error(categorical.entropy(q, base), want) < 1e-15


def test_thousands_of_symbols() -> None:
    size = 4000
    p = categorical.normalize(range(1, size + 1))
    q = categorical.normalize([i * (1 + 1e-7 * (-1) ** i) for i in range(1, size + 1)])
    with mpmath.workdps(40):
        exact = [[mpmath.mpf(x) for x in v] for v in (p, q)]
        totals = [mpmath.fsum(v) for v in exact]
        want = mpmath.fsum(
            a / totals[0] * mpmath.log((a / totals[0]) / (b / totals[1])) for a, b in zip(*exact, strict=True)
        )
        assert abs(categorical.kl(p, q, math.e) / want - 1) < 1e-14


def test_terms_are_accurate_one_by_one() -> None:
    p, q = (0.2, 0.3, 0.5), (0.2 + 1e-9, 0.3 - 1e-9, 0.5)
    with mpmath.workdps(50):
        wanted = [mpmath.mpf(a) * mpmath.log(mpmath.mpf(a) / b) for a, b in zip(p, q, strict=True)]
    for got, want in zip(categorical.kl_terms(p, q, math.e), wanted, strict=True):
        # The sums of both miss 1 by rounding, which normalization shares out.
        assert abs(got - want) < 1e-16


@pytest.mark.parametrize(
    "r", [s * x for x, s in product([1e-300, 1e-12, 1e-3, 0.3, 0.49999], [1, -1])] + [
        -0.5, -0.500001, -0.9, -1 + 2.0**-53, 0.9999, 1.0, 1.0001, 1e10, 1e300
    ]
)  # fmt: skip
def test_log1p_gap(r: float) -> None:
    assert oracles.relative_error(categorical.log1p_gap(r), oracles.log1p_gap(r)) < 2e-15


def test_log1p_gap_is_exactly_zero_at_zero() -> None:
    assert categorical.log1p_gap(0.0) == 0.0
