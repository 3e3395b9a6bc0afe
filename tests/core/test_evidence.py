"""Evidence: its closed forms against definitions, enumeration and Wald's identities."""

import math
from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb.categorical import kl
from klweb.errors import InputError
from klweb.evidence import log_ratios, observations_until, spread
from tests.core.strategies import Distribution, pairs, positive_distributions

P, Q = (0.45, 0.25, 0.2, 0.1), (0.15, 0.25, 0.2, 0.4)
POSITIVE_PAIRS = st.integers(2, 6).flatmap(
    lambda size: st.tuples(positive_distributions(size), positive_distributions(size))
)


def test_the_chapters_pair() -> None:
    assert log_ratios(P, Q) == pytest.approx((math.log2(3), 0, 0, -2), rel=1e-12)
    assert spread(P, Q) == pytest.approx(math.sqrt(0.45 * math.log2(3) ** 2 + 0.1 * 4 - kl(P, Q) ** 2), rel=1e-12)
    assert observations_until(P, Q, 20) == pytest.approx(math.log2(20) / kl(P, Q), rel=1e-15)


def test_symbols_that_settle_the_matter() -> None:
    assert log_ratios((0.5, 0.5, 0, 0), (0.25, 0, 0.75, 0)) == (1, math.inf, -math.inf, 0)


@given(pairs())
def test_swapping_the_hypotheses_turns_the_sign(pair: tuple[Distribution, Distribution]) -> None:
    p, q = pair
    assert log_ratios(q, p) == pytest.approx([-value for value in log_ratios(p, q)], rel=1e-12)


@given(pairs())
def test_ratios_agree_with_high_precision(pair: tuple[Distribution, Distribution]) -> None:
    p, q = pair
    with mpmath.workdps(50):
        p_sum, q_sum = mpmath.fsum(p), mpmath.fsum(q)
        for a, b, found in zip(p, q, log_ratios(p, q), strict=True):
            if min(a, b) > 1e-290:
                right = float(mpmath.log(mpmath.mpf(a) / p_sum * q_sum / mpmath.mpf(b), 2))
                assert found == pytest.approx(right, rel=1e-12, abs=1e-15)


@given(pairs())
def test_the_mean_is_the_divergence(pair: tuple[Distribution, Distribution]) -> None:
    p, q = pair
    mean = math.fsum(a * r for a, r in zip(p, log_ratios(p, q), strict=True) if a > 0)
    assert mean == pytest.approx(kl(p, q), rel=1e-9, abs=1e-12)


@given(POSITIVE_PAIRS)
def test_the_spread_is_numpys(pair: tuple[Distribution, Distribution]) -> None:
    p, q = pair
    ratios = np.log2(np.array(p) / np.array(q))
    variance = np.average((ratios - np.average(ratios, weights=p)) ** 2, weights=p)
    assert spread(p, q) == pytest.approx(math.sqrt(variance), rel=1e-9, abs=1e-13)


@given(st.integers(1, 5), POSITIVE_PAIRS.filter(lambda pair: len(pair[0]) <= 4))
def test_sums_of_short_walks_by_enumeration(count: int, pair: tuple[Distribution, Distribution]) -> None:
    """Mean and variance of the sum over n observations; and 2 to the sum has mean 1 while q is true."""
    p, q = pair
    ratios = log_ratios(p, q)
    mean = square = odds = 0.0
    for walk in product(range(len(p)), repeat=count):
        total = math.fsum(ratios[i] for i in walk)
        chance = math.prod(p[i] for i in walk)
        mean += chance * total
        square += chance * total**2
        odds += math.prod(q[i] for i in walk) * 2**total
    assert mean == pytest.approx(count * kl(p, q), rel=1e-9, abs=1e-12)
    assert math.sqrt(max(0, square - mean**2)) == pytest.approx(math.sqrt(count) * spread(p, q), rel=1e-6, abs=1e-6)
    assert odds == pytest.approx(1, rel=1e-9)


def test_a_spread_is_infinite_or_nothing_at_the_ends() -> None:
    assert spread((0.5, 0.5), (1, 0)) == math.inf
    assert spread(P, P) == 0
    assert spread((1, 0), (0.5, 0.5)) == 0


def test_no_drift_leads_nowhere() -> None:
    assert observations_until(P, P, 20) == math.inf


def expected_wait(p: Distribution, q: Distribution, odds: float) -> float:
    """Return the exact mean of the first time at which the odds reach `odds`, from the law of the walk's place.

    Only for two symbols: a place is the number of times that each came, and places past the line are left out.
    """
    up, down = log_ratios(p, q)
    alive, total = {0: 1.0}, 0.0
    for count in range(20000):
        weight = math.fsum(alive.values())
        if weight < 1e-12:
            break
        total += weight
        following: dict[int, float] = {}
        for ups, chance in alive.items():
            for step, share in ((1, p[0]), (0, p[1])):
                reached = (ups + step) * up + (count + 1 - ups - step) * down >= math.log2(odds) - 1e-12
                if share > 0 and not reached:
                    following[ups + step] = following.get(ups + step, 0) + chance * share
        alive = {place: chance for place, chance in following.items() if chance > 1e-18}
    return total


@pytest.mark.parametrize(("p", "q"), [((0.6, 0.4), (0.4, 0.6)), ((0.5, 0.5), (0.25, 0.75)), ((0.7, 0.3), (0.5, 0.5))])
def test_walds_approximation_leaves_out_the_overshoot(p: Distribution, q: Distribution) -> None:
    """A real walk overshoots by less than its largest step, so that its mean wait is that much longer at most."""
    drift, largest = kl(p, q), max(log_ratios(p, q))
    approximate, exact = observations_until(p, q, 20), expected_wait(p, q, 20)
    assert approximate - 1e-6 <= exact <= approximate + largest / drift + 1e-6


def test_a_decisive_symbol_alone_is_a_geometric_wait() -> None:
    assert observations_until((0.9, 0.1), (1, 0), 20) == pytest.approx(10, rel=1e-12)
    assert observations_until((0, 1), (1, 0), 20) == 1


def test_a_decisive_symbol_cuts_the_wait_short() -> None:
    """Under p the other symbols alone give one bit each, so four of them are enough; one in four decides before."""
    wait = observations_until((0.75, 0.25, 0), (0.375, 0, 0.625), 16)
    exact = sum(0.75**n for n in range(4))
    assert wait == pytest.approx(exact, rel=1e-12)


def test_a_rare_decisive_symbol_hardly_matters() -> None:
    common = observations_until((0.5, 0.5, 0), (0.25, 0.75, 0), 20)
    for rare in (1e-9, 1e-300, 5e-324):
        p = (0.5, 0.5 - rare, rare)
        assert observations_until(p, (0.25, 0.75, 0), 20) == pytest.approx(common, rel=1e-6)


@given(pairs(), st.floats(1.001, 1e6))
def test_waits_are_positive_or_infinite(pair: tuple[Distribution, Distribution], odds: float) -> None:
    assert observations_until(*pair, odds) > 0


@pytest.mark.parametrize("odds", [1, 0, -3, math.inf, math.nan, "20"])
def test_odds_must_favour_something(odds: float) -> None:
    with pytest.raises(InputError, match="odds"):
        observations_until(P, Q, odds)


@pytest.mark.parametrize("bad", [(0.5, 0.6), (-0.1, 1.1), (), (0.5, 0.5, 0)])
def test_bad_distributions_are_refused(bad: Distribution) -> None:
    for function in (log_ratios, spread):
        with pytest.raises(InputError):
            function((0.5, 0.5), bad)
    with pytest.raises(InputError):
        observations_until((0.5, 0.5), bad, 20)
