"""Betting at fair odds: against definitions in many digits, exact enumeration, an optimiser, and simulated walks."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from klweb.betting import growth_deviation, growth_rate, kelly_bets, log_bankrolls, log_returns, shortfall
from klweb.categorical import kl
from klweb.errors import InputError
from klweb.simulation import draws, uniforms
from tests.core import oracles
from tests.core.strategies import Distribution, distributions, positive_distributions

P, Q = (0.45, 0.25, 0.2, 0.1), (0.15, 0.25, 0.2, 0.4)
GAMES = [
    (P, Q, P),
    (P, Q, Q),
    (P, Q, (0.1, 0.2, 0.2, 0.5)),
    ((0.5, 0.5), (0.125, 0.875), (0.75, 0.25)),
    ((0.25, 0.75), (0.25, 0.75), (0.25, 0.75)),
    ((0.5, 0, 0.5), (0.25, 0.75, 0), (0.5, 0.25, 0.25)),
    ((0.5, 0, 0.5), (0.5, 0.25, 0.25), (0.75, 0, 0.25)),
    ((0.5, 0.5), (0.25, 0.75), (1, 0)),
]


@st.composite
def games(draw: st.DrawFn, strategy: Any = distributions) -> tuple[Distribution, Distribution, Distribution]:
    size = draw(st.integers(1, 6))
    return draw(strategy(size)), draw(strategy(size)), draw(strategy(size))


@oracles.precise
def exact_growth(p: Sequence[float], q: Sequence[float], b: Sequence[float]) -> tuple[Any, Any]:
    """Return the growth rate by its definition, and the sum of the sizes of its terms."""
    a, x, y = ([mpmath.mpf(value) / mpmath.fsum(map(mpmath.mpf, values)) for value in values] for values in (p, q, b))
    terms = [s * mpmath.log(v / u, 2) for s, u, v in zip(a, x, y, strict=True) if s > 0]
    return mpmath.fsum(terms), mpmath.fsum(map(abs, terms))


def test_the_pages_figures() -> None:
    assert f"{growth_rate(P, Q, kelly_bets(P)):.4f}" == f"{kl(P, Q):.4f}" == "0.5132"
    assert growth_rate(P, Q, (0.1, 0.2, 0.2, 0.5)) < 0


def test_kellys_bets_are_the_truth_whatever_the_odds() -> None:
    assert kelly_bets(P) == P
    assert kelly_bets([1]) == (1.0,)


@given(games())
def test_growth_is_what_the_definition_says(game: tuple[Distribution, Distribution, Distribution]) -> None:
    p, q, b = game
    found = growth_rate(p, q, b)
    if any(x > 0 == y for x, y in zip(p, b, strict=True)):
        assert found == -math.inf, "ruin is certain, whatever else is won before it"
    elif any(x > 0 == y for x, y in zip(p, q, strict=True)):
        assert found == math.inf
    else:
        want, size = exact_growth(p, q, b)
        # Next to 1 a double knows no difference that is smaller than this.
        assert abs(found - want) <= 1e-12 * size + 1e-15


@given(games(positive_distributions))
def test_growth_is_what_kelly_gets_less_what_the_bets_miss(
    game: tuple[Distribution, Distribution, Distribution],
) -> None:
    p, q, b = game
    assert growth_rate(p, q, b) == pytest.approx(kl(p, q) - shortfall(p, b), abs=1e-13)
    assert shortfall(p, b) == kl(p, b)
    assert growth_rate(p, q, b, math.e) == pytest.approx(growth_rate(p, q, b) * math.log(2), abs=1e-13)


@given(games())
def test_no_bets_grow_faster_than_kellys(game: tuple[Distribution, Distribution, Distribution]) -> None:
    p, q, b = game
    assert growth_rate(p, q, kelly_bets(p)) == kl(p, q), "to the last bit"
    assert growth_rate(p, q, b) <= kl(p, q)


@given(games(positive_distributions))
def test_betting_as_the_house_does_keeps_the_money(game: tuple[Distribution, Distribution, Distribution]) -> None:
    p, q, _ = game
    assert growth_rate(p, q, q) == 0.0
    assert growth_deviation(p, q, q) == 0.0
    assert log_returns(q, q) == (0.0,) * len(q)


@pytest.mark.parametrize(("p", "q"), [(P, Q), ((0.3, 0.3, 0.3, 0.1), (0.2, 0.2, 0.2, 0.4)), ((0.6, 0.4), (0.5, 0.5))])
def test_an_optimiser_finds_kellys_bets(p: Distribution, q: Distribution) -> None:
    """Bets as the softmax of free numbers, so that they stay positive and sum to 1."""

    def loss(numbers: Any) -> float:
        weights = np.exp(numbers - np.max(numbers))
        return -float(np.sum(np.array(p) * np.log2(weights / weights.sum() / np.array(q))))

    best = optimize.minimize(loss, np.zeros(len(p)), tol=1e-12)
    weights = np.exp(best.x - np.max(best.x))
    assert weights / weights.sum() == pytest.approx(kelly_bets(p), abs=1e-4)
    assert -best.fun == pytest.approx(growth_rate(p, q, kelly_bets(p)), abs=1e-8)


@pytest.mark.parametrize(("p", "q", "b"), GAMES)
def test_short_walks_enumerated(p: Distribution, q: Distribution, b: Distribution) -> None:
    """Every sequence of four rounds: money by multiplying fractions, its mean and variance by adding up."""
    rounds = 4
    money = [Fraction(y) / Fraction(x) if x else None for x, y in zip(q, b, strict=True)]
    mean, square = 0.0, 0.0
    for sequence in product(range(len(p)), repeat=rounds):
        chance = math.prod(p[i] for i in sequence)
        walk = log_bankrolls(sequence, log_returns(q, b))
        assert len(walk) == rounds + 1
        if any(b[i] == 0 for i in sequence):
            assert walk[-1] == -math.inf
        elif any(money[i] is None for i in sequence):
            assert walk[-1] == math.inf
        else:
            product_of = math.prod((money[i] or Fraction(0) for i in sequence), start=Fraction(1))
            assert walk[-1] == pytest.approx(math.log2(product_of), abs=1e-12)
        if chance > 0:
            # Ruin comes first, as in the growth rate: an infinite win is lost again.
            mean = -math.inf if -math.inf in (mean, walk[-1]) else mean + chance * walk[-1]
            square += chance * walk[-1] ** 2
    growth = growth_rate(p, q, b)
    assert mean == pytest.approx(rounds * growth, abs=1e-12)
    deviation = growth_deviation(p, q, b)
    if math.isfinite(growth):
        assert square - mean**2 == pytest.approx(rounds * deviation**2, abs=1e-11)
    else:
        assert deviation == math.inf


@pytest.mark.parametrize("b", [P, Q, (0.25, 0.25, 0.25, 0.25), (0.1, 0.2, 0.2, 0.5)])
def test_simulated_walks_keep_to_growth_and_deviation(b: Distribution) -> None:
    """400 walks of 250 rounds: the mean within four of its standard errors, the spread within a sixth of itself.

    The standard error of the deviation of 400 nearly normal numbers is 1 / sqrt(800) of it, 3.5 %.
    """
    walks, rounds = 400, 250
    returns = log_returns(Q, b)
    ends = [log_bankrolls(draws(P, uniforms(seed, rounds)), returns)[-1] for seed in range(1, walks + 1)]
    expected, spread = rounds * growth_rate(P, Q, b), math.sqrt(rounds) * growth_deviation(P, Q, b)
    assert abs(np.mean(ends) - expected) <= 4 * spread / math.sqrt(walks)
    assert np.std(ends) == pytest.approx(spread, rel=1 / 6)
    inside = sum(abs(end - expected) <= 2 * spread for end in ends)
    assert inside == walks if spread == 0 else 0.9 * walks < inside < 0.99 * walks


def test_ruin_is_for_ever_and_infinite_wins_are_not() -> None:
    returns = log_returns((0.5, 0.25, 0.25, 0), (0.25, 0.5, 0, 0.25))
    assert returns == (-1.0, 1.0, -math.inf, math.inf)
    assert log_bankrolls([], returns) == [0.0]
    assert log_bankrolls([0, 1, 1, 3, 0, 2, 3, 1], returns) == [0, -1, 0, 1, math.inf, math.inf, *[-math.inf] * 3]
    assert log_returns((1, 0), (1, 0)) == (0.0, -math.inf), "nothing bet is nothing paid, at any odds"


@given(games())
@settings(max_examples=50)
def test_walks_only_know_the_outcomes_that_came(game: tuple[Distribution, Distribution, Distribution]) -> None:
    p, q, b = game
    outcomes = draws(p, uniforms(7, 40))
    walk = log_bankrolls(outcomes, log_returns(q, b))
    assert not any(math.isnan(money) for money in walk)
    assert all(later == -math.inf for money, later in pairwise(walk) if money == -math.inf)
    assert log_bankrolls(outcomes[:13], log_returns(q, b)) == walk[:14]


@pytest.mark.parametrize("ratio", [1e-15, -1e-15, 1e-9, 0.3, -0.49, 0.99, 3.0])
def test_returns_of_bets_near_the_odds_keep_their_digits(ratio: float) -> None:
    q = (0.25, 0.75)
    b = (0.25 * (1 + ratio), 1 - 0.25 * (1 + ratio))
    with mpmath.workdps(50):
        want = mpmath.log(mpmath.mpf(b[0]) / mpmath.mpf(q[0]), 2)
    assert oracles.relative_error(log_returns(q, b)[0], want) < 1e-15


def test_returns_beyond_what_doubles_hold_as_quotients() -> None:
    tiny = 5e-324
    assert log_returns((tiny, 1), (0.5, 0.5))[0] == pytest.approx(1073, rel=1e-13)
    assert log_returns((0.5, 0.5), (tiny, 1))[0] == pytest.approx(-1073, rel=1e-13)
    assert math.isfinite(growth_rate((0.5, 0.5), (tiny, 1), (1, tiny)))
    assert log_returns((0.2, 0.8), (0.8, 0.2), 4)[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "argument", "words"),
    [
        (lambda: growth_rate((0.5, 0.5), (0.5, 0.5), (1,)), "b", "b has length 1 and p has length 2"),
        (lambda: growth_rate((0.5, 0.5), (1,), (0.5, 0.5)), "q", "q has length 1 and p has length 2"),
        (lambda: growth_rate((0.5, 0.4), (0.5, 0.5), (0.5, 0.5)), "p", "p sums to 0.9"),
        (lambda: growth_rate((1,), (1,), (1,), 1), "base", "greater than 1"),
        (lambda: log_returns((0.5, 0.5), (1.5, -0.5)), "b", r"b\[1\] is -0.5"),
        (lambda: log_returns((1,), (1,), 0.5), "base", "base is 0.5"),
        (lambda: shortfall((1,), (0.5, 0.5)), "b", "b has length 2 and p has length 1"),
        (lambda: growth_deviation((), (1,), (1,)), "p", "p is empty"),
        (lambda: kelly_bets((math.nan,)), "p", "must be finite"),
        (lambda: log_bankrolls([0, 2], (1.0, 0.0)), "outcomes", r"outcomes\[1\] is 2, but there are 2 outcomes"),
        (lambda: log_bankrolls([-1], (1.0, 0.0)), "outcomes", r"outcomes\[0\] is -1"),
    ],
)
def test_bad_input_is_named(call: Any, argument: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        call()
    assert caught.value.argument == argument
