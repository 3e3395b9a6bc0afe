"""Lotteries against SciPy's Poisson distribution, and against every lottery that is small enough to be listed."""

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from klweb import categorical, lottery
from klweb.errors import InputError

EVEN = (0.2, 0.2, 0.2, 0.2, 0.2)
PAIR = ((0.45, 0.25, 0.2, 0.1), (0.15, 0.25, 0.2, 0.4))
LAM = st.floats(0.01, 100)
CUT = st.floats(0, 0.99)
ROLLOVER = st.one_of(st.just(0.0), st.floats(0, 5))
WEIGHT = st.one_of(st.sampled_from([0.0, 5e-324, 1e-300, 1e-9, 1.0]), st.floats(0.001, 1))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[tuple[float, ...], tuple[float, ...]]:
    size = draw(st.integers(1, 12))
    lists = st.lists(WEIGHT, min_size=size, max_size=size).filter(any)
    return categorical.normalize(draw(lists)), categorical.normalize(draw(lists))


def of_binomial(tickets: int, chance: Fraction) -> Fraction:
    """Return E[1/(1 + K)] exactly, where K of so many tickets are on a number, each with this chance."""
    if chance == 0:
        return Fraction(1)
    return (1 - (1 - chance) ** (tickets + 1)) / ((tickets + 1) * chance)


def finite_return(sizes: Sequence[int], money: Sequence[Fraction], tickets: int, kept: Fraction) -> Fraction:
    """Return the exact `buyout_return` of a lottery with few numbers and a fixed number of tickets, by a formula."""
    n = sum(sizes)
    shares = (
        Fraction(size, n) * of_binomial(tickets, part / size) for size, part in zip(sizes, money, strict=True) if size
    )
    return kept * (tickets + n) * sum(shares, Fraction(0)) / n


def listed_return(sizes: Sequence[int], money: Sequence[Fraction], tickets: int, kept: Fraction) -> Fraction:
    """Return the same by listing all ways to place the tickets, and all winners."""
    chances = [part / size for size, part in zip(sizes, money, strict=True) for _ in range(size)]
    n = len(chances)
    total = Fraction(0)
    for placed in product(range(n), repeat=tickets):
        weight = math.prod((chances[number] for number in placed), start=Fraction(1))
        for winner in range(n):
            pot = kept * (tickets + n)
            total += weight / n * pot / (1 + placed.count(winner))
    return total / n


def test_figures() -> None:
    assert f"{lottery.share(1):.4f}" == "0.6321"
    assert f"{lottery.buyout_return((1,), (1,), 2):.4f}" == "1.2970"
    assert f"{lottery.break_even_cut((1,), (1,), 2):.4f}" == "0.2290"
    assert f"{lottery.buyout_return(*PAIR, 2, 0.4):.3f}" == "0.964"
    assert f"{lottery.break_even_cut(*PAIR, 2):.3f}" == "0.378"


@given(st.floats(0, 200))
def test_the_share_is_the_mean_over_poisson_counts(lam: float) -> None:
    counts = np.arange(600)
    mean = math.fsum(poisson.pmf(counts, lam) / (1 + counts))
    assert lottery.share(lam) == pytest.approx(mean, rel=1e-11)


@pytest.mark.parametrize("lam", [0.0, 5e-324, 1e-300, 1e-17])
def test_nobody_shares_where_there_are_no_others(lam: float) -> None:
    assert lottery.share(lam) == 1.0


@pytest.mark.parametrize("lam", [1e-9, 1e-5, 1e-3])
def test_few_others_take_half_of_their_number(lam: float) -> None:
    # (1 - e^-x)/x = 1 - x/2 + x^2/6 - ...
    assert 1 - lottery.share(lam) == pytest.approx(lam / 2 - lam**2 / 6, rel=1e-6, abs=1e-15)


def test_a_crowd_without_end_leaves_nothing() -> None:
    assert lottery.share(math.inf) == 0.0
    assert lottery.share(1e300) == 1e-300


@given(pairs(), LAM)
@settings(max_examples=30)
def test_holders_are_a_mixture_of_poisson_distributions(
    pair: tuple[tuple[float, ...], tuple[float, ...]], lam: float
) -> None:
    p, q = pair
    got = lottery.other_holders(p, q, lam, 30)
    want = np.zeros(31)
    for a, b in zip(p, q, strict=True):
        if a > 0 and math.isfinite(lam * b / a):
            want += a * poisson.pmf(np.arange(31), lam * b / a)
    assert got == pytest.approx(want, rel=1e-9, abs=1e-12)
    assert math.fsum(got) <= 1 + 1e-12


@given(pairs(), LAM)
@settings(max_examples=30)
def test_the_expected_share_is_the_mean_over_holders(
    pair: tuple[tuple[float, ...], tuple[float, ...]], lam: float
) -> None:
    holders = lottery.other_holders(*pair, lam, 250)
    mean = math.fsum(chance / (1 + k) for k, chance in enumerate(holders))
    rest = 1 - math.fsum(holders)
    got = lottery.expected_share(*pair, lam)
    assert mean - 1e-12 <= got <= mean + rest / 252 + 1e-12


@pytest.mark.parametrize(
    ("sizes", "money", "tickets"),
    [
        ((2,), (1,), 1), ((3,), (1,), 4), ((1, 1), (3, 1), 5), ((1, 2), (1, 1), 4), ((2, 1, 1), (1, 4, 0), 4),
        ((1, 3), (5, 2), 3), ((4, 1), (1, 2), 0),
    ],
)  # fmt: skip
def test_the_formula_for_few_numbers_is_what_listing_them_gives(
    sizes: tuple[int, ...], money: tuple[int, ...], tickets: int
) -> None:
    parts = [Fraction(part, sum(money)) for part in money]
    kept = Fraction(7, 10)
    assert finite_return(sizes, parts, tickets, kept) == listed_return(sizes, parts, tickets, kept)


@pytest.mark.parametrize("scale", [10, 100])
@pytest.mark.parametrize("lam", [1, 3])
def test_many_numbers_come_as_close_to_poisson_as_le_cam_says(scale: int, lam: int) -> None:
    sizes, money = (5 * scale, 3 * scale, 2 * scale), (Fraction(2, 10), Fraction(5, 10), Fraction(3, 10))
    n = sum(sizes)
    p, q = [size / n for size in sizes], [float(part) for part in money]
    tickets = lam * n
    exact = float(finite_return(sizes, money, tickets, Fraction(3, 4)))
    # A share lies between 0 and 1, so its mean differs by the distance of the two distributions at most.
    apart = sum(a * tickets * float(part / size) ** 2 for a, size, part in zip(p, sizes, money, strict=True))
    assert lottery.buyout_return(p, q, lam, 0.25) == pytest.approx(exact, abs=0.75 * (lam + 1) * apart)
    assert abs(lottery.buyout_return(p, q, lam, 0.25) / exact - 1) < 1 / scale


def test_le_cams_bound_itself() -> None:
    tickets, chance = 200, 0.01
    counts = np.arange(200)
    half = abs(binom.pmf(counts, tickets, chance) - poisson.pmf(counts, tickets * chance)).sum() / 2
    assert half < tickets * chance**2


def test_draws_agree_with_the_return() -> None:
    """20,000 draws of a lottery with 1,000 numbers: their mean lies within 4 standard errors of the formula's."""
    sizes, q, lam, cut = np.array([450, 250, 200, 100]), np.array(PAIR[1]), 2, 0.4
    luck = np.random.default_rng(1)
    n = int(sizes.sum())
    group = luck.choice(4, size=20_000, p=sizes / n)
    others = luck.binomial(lam * n, (q / sizes)[group])
    paid = (1 - cut) * (lam + 1) / (1 + others)
    error = paid.std() / math.sqrt(len(paid))
    assert abs(paid.mean() - lottery.buyout_return(*PAIR, lam, cut)) < 4 * error


@given(LAM, CUT)
def test_a_fair_crowd_has_a_closed_form(lam: float, cut: float) -> None:
    want = (1 - cut) * (lam + 1) * (1 - math.exp(-lam)) / lam
    assert lottery.buyout_return(EVEN, EVEN, lam, cut) == pytest.approx(want, rel=1e-11)
    assert lottery.buyout_return(*(PAIR[0],) * 2, lam, cut) == pytest.approx(want, rel=1e-11)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=12), LAM)
def test_with_groups_of_one_size_only_the_crowds_shares_count(weights: list[float], lam: float) -> None:
    q, k = categorical.normalize(weights), len(weights)
    want = math.fsum((1 - math.exp(-lam * k * b)) / (lam * k * b) for b in q) / k
    assert lottery.expected_share([1 / k] * k, q, lam) == pytest.approx(want, rel=1e-9)


@given(pairs(), LAM)
def test_an_uneven_crowd_leaves_no_less_than_an_even_one(
    pair: tuple[tuple[float, ...], tuple[float, ...]], lam: float
) -> None:
    assert lottery.expected_share(*pair, lam) >= lottery.share(lam) * (1 - 1e-13)
    assert lottery.buyout_return(*pair, lam) >= 1 - 1e-13


@given(pairs(), LAM, ROLLOVER)
def test_the_largest_cut_breaks_even(
    pair: tuple[tuple[float, ...], tuple[float, ...]], lam: float, rollover: float
) -> None:
    cut = lottery.break_even_cut(*pair, lam, rollover)
    assert 0 <= cut <= 1
    if cut < 1:
        assert lottery.buyout_return(*pair, lam, cut, rollover) == pytest.approx(1, rel=1e-9)
        lower, higher = cut / 2, (1 + cut) / 2
        assert lottery.buyout_return(*pair, lam, lower, rollover) >= 1 - 1e-9
        if higher < 1:
            assert lottery.buyout_return(*pair, lam, higher, rollover) <= 1 + 1e-9
    else:
        assert lottery.buyout_return(*pair, lam, math.nextafter(1, 0), rollover) >= 1 - 1e-9


def test_a_rollover_is_not_cut_again() -> None:
    without, carried = (lottery.buyout_return(EVEN, EVEN, 3, 0.5, rollover) for rollover in (0, 1))
    assert carried - without == pytest.approx(3 * lottery.share(3), rel=1e-14)


def test_in_a_large_crowd_a_share_is_one_over_its_size() -> None:
    p, q = PAIR
    want = math.fsum(a * a / b for a, b in zip(p, q, strict=True))
    assert lottery.buyout_return(p, q, 1e8) == pytest.approx(want, rel=1e-7)
    # Stakes that do not move the pot multiply by (1 - cut) p/q.
    growth = math.fsum(a * math.log2(0.6 * a / b) for a, b in zip(p, q, strict=True))
    assert lottery.growth(p, q, 0.4) == pytest.approx(growth, rel=1e-13)


def test_growth_is_the_divergence_less_the_cut() -> None:
    assert lottery.growth(*PAIR, 0) == categorical.kl(*PAIR)
    assert lottery.growth(EVEN, EVEN, 0.5) == -1.0
    assert lottery.growth((0.5, 0.5), (1, 0), 0.5) == math.inf
    assert lottery.cut_cost(0.75) == 2.0
    assert math.copysign(1, lottery.cut_cost(0)) == 1


def test_groups_that_nobody_backs_and_groups_without_numbers() -> None:
    assert lottery.crowding((0.5, 0.5, 0, 0), (1, 0, 0, 0), 3) == (6.0, 0.0, 0.0, 0.0)
    assert lottery.crowding((1, 0), (0.5, 0.5), 3) == (1.5, math.inf)
    # All money lies on tickets that cannot win: the buyer gets the whole pot, always.
    assert lottery.buyout_return((1, 0), (0, 1), 3, 0.5) == 2.0
    assert lottery.other_holders((1, 0), (0, 1), 3, 2) == (1.0, 0.0, 0.0)


@given(pairs(), st.floats(1e-9, 1e9), CUT, ROLLOVER)
def test_results_are_finite_whatever_the_pair(
    pair: tuple[tuple[float, ...], tuple[float, ...]], lam: float, cut: float, rollover: float
) -> None:
    assert 0 < lottery.expected_share(*pair, lam) <= 1 + 1e-12
    assert math.isfinite(lottery.buyout_return(*pair, lam, cut, rollover))
    assert 0 <= lottery.break_even_cut(*pair, lam, rollover) <= 1
    assert all(0 <= chance <= 1 + 1e-9 for chance in lottery.other_holders(*pair, lam, 5))


def test_sums_that_are_slightly_off_are_divided_out() -> None:
    p = (0.5 + 4e-10, 0.5)
    assert lottery.expected_share(p, p, 1) == pytest.approx(lottery.share(1), rel=1e-14)


def holders_of(p: Iterable[float], q: Iterable[float], lam: float) -> tuple[float, ...]:
    return lottery.other_holders(p, q, lam, 3)


BAD: list[tuple[Callable[..., Any], tuple[Any, ...], str, str]] = [
    (lottery.share, (-1,), "lam", "cannot be negative"),
    (lottery.share, (math.nan,), "lam", "finite"),
    (lottery.crowding, ((0.5, 0.6), (1, 0), 1), "p", "sums to"),
    (lottery.expected_share, ((0.5, 0.5), (1,), 1), "q", "length 1 and p has length 2"),
    (holders_of, ((1,), (1,), 0), "lam", "greater than 0"),
    (lottery.expected_share, ((1,), (1,), 1e10), "lam", "at most"),
    (lottery.buyout_return, ((1,), (1,), 1, 1), "cut", "less than 1"),
    (lottery.buyout_return, ((1,), (1,), 1, -0.1), "cut", "at least 0"),
    (lottery.buyout_return, ((1,), (1,), 1, 0, -1), "rollover", "cannot be negative"),
    (lottery.break_even_cut, ((1,), (1,), 1, math.inf), "rollover", "finite"),
    (lottery.growth, ((1,), (1,), 1.5), "cut", "less than 1"),
    (lottery.cut_cost, ("a",), "cut", "must be a number"),
]


@pytest.mark.parametrize(("function", "arguments", "argument", "message"), BAD)
def test_bad_input(function: Callable[..., Any], arguments: tuple[Any, ...], argument: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        function(*arguments)
    assert caught.value.argument == argument
