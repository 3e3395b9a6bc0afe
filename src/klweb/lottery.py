"""Pari-mutuel lotteries: one pot, split evenly among the holders of the number that is drawn.

The numbers, each as likely as any other, fall into groups. Group i has the share p_i of the numbers, which is also
the chance that the winner is one of them, and the share q_i of the tickets that others hold. These others hold lam
tickets per number on average, placed at random within each group; so the other holders of a number of group i are
about Poisson(lam q_i / p_i). A ticket costs 1. The operator keeps `cut` of all sales, and may add to the pot what
earlier draws left in it: `rollover`, in units of what the others pay in this draw, and not cut again.

Two ways to play. Stakes too small to move the pot, spread over the groups in proportion to p, multiply by
(1 - cut) p_i / q_i when group i wins: `growth`. Buying every number once is spread the same way, but it feeds the
pot that it wins, and it meets fewer rivals than the average suggests: `buyout_return`.

Domain throughout: p and q distributions on one alphabet; 0 < lam <= 1e9; 0 <= cut < 1; rollover finite and >= 0.
Anything else raises InputError. Poisson counts are the limit of many numbers: of N tickets, each on a given number
with chance x, the count is binomial, and any chance about it differs by N x^2 at most.

Sources: T. M. Cover and J. A. Thomas, Elements of Information Theory (2nd ed., 2006), 6.1, for growth; L. Le Cam,
An Approximation Theorem for the Poisson Binomial Distribution (1960), for that bound.

>>> print(f"{buyout_return((1.0,), (1.0,), 2.0):.4f}, {buyout_return((1.0,), (1.0,), 2.0, cut=0.3):.4f}")
1.2970, 0.9079
"""

import math
from collections.abc import Iterable

from klweb.categorical import check_distribution, kl
from klweb.errors import InputError, finite, positive, same_length

MOST_TICKETS = 1e9
"""The largest number of tickets per number that is reckoned with."""


def share(lam: float) -> float:
    """Compute what a ticket on the winning number gets of the pot: E[1/(1 + K)] for K ~ Poisson(lam) other holders.

    (1 - e^-lam) / lam, and 1 at lam = 0, where nobody shares. Summing e^-lam lam^k / (k! (k + 1)) over k gives it,
    since each term is the Poisson probability of k + 1, divided by lam.

    Domain: lam >= 0; infinity is allowed, and leaves 0. Unit: the pot.

    Raises InputError outside that domain.

    >>> print(f"{share(1):.4f}")
    0.6321
    """
    if lam == math.inf:
        return 0.0
    value = finite(lam, "lam")
    if value < 0.0:
        raise InputError(f"lam is {value!r}, but it cannot be negative", "lam")
    return -math.expm1(-value) / value if value > 0.0 else 1.0


def crowding(p: Iterable[float], q: Iterable[float], lam: float) -> tuple[float, ...]:
    """Compute how many tickets others hold on each number of each group: lam q_i / p_i.

    A group without numbers (p_i = 0) has infinity where somebody pays for it all the same, else 0.

    Raises InputError outside the module's domain.

    >>> crowding((0.5, 0.5), (0.75, 0.25), 2)
    (3.0, 1.0)
    """
    tickets = _tickets(lam)
    return tuple(tickets * _ratio(b, a) for a, b in _pair(p, q))


def expected_share(p: Iterable[float], q: Iterable[float], lam: float) -> float:
    """Compute what whoever holds every number once gets of the pot, on average.

    sum p_i share(lam q_i / p_i): at least share(lam), by Jensen's inequality, since `share` is convex. So a crowd
    that is uneven leaves more of the pot than one that is not.

    Unit: the pot.

    Raises InputError outside the module's domain.

    >>> print(f"{expected_share((0.5, 0.5), (0.75, 0.25), 2):.4f}")
    0.4744
    """
    pairs = _pair(p, q)
    tickets = _tickets(lam)
    return math.fsum(a * share(tickets * _ratio(b, a)) for a, b in pairs)


def other_holders(p: Iterable[float], q: Iterable[float], lam: float, most: int) -> tuple[float, ...]:
    """Compute the chances that 0, 1, ... `most` others hold the winning number.

    sum p_i e^-x_i x_i^k / k!, where x_i = lam q_i / p_i: a mixture of Poisson distributions.

    Domain: the module's, and most >= 0.

    Raises InputError outside the module's domain.

    >>> [round(chance, 4) for chance in other_holders((1,), (1,), 2, 3)]
    [0.1353, 0.2707, 0.2707, 0.1804]
    """
    groups = [(a, crowd) for (a, _), crowd in zip(_pair(p, q), crowding(p, q, lam), strict=True) if a > 0.0]
    return tuple(math.fsum(a * _poisson(k, crowd) for a, crowd in groups) for k in range(most + 1))


def buyout_return(p: Iterable[float], q: Iterable[float], lam: float, cut: float = 0.0, rollover: float = 0.0) -> float:
    """Compute what buying every number once brings back on average, per unit staked.

    Of n numbers, the others hold lam n tickets and the buyer n. The pot is ((1 - cut)(lam + 1) + rollover lam) n, the
    buyer gets `expected_share` of it, and has paid n:

        ((1 - cut)(lam + 1) + rollover lam) sum p_i share(lam q_i / p_i)

    With a fair crowd (q = p) and no rollover that is (1 - cut)(lam + 1)(1 - e^-lam)/lam.

    Unit: none; 1 breaks even.

    Raises InputError outside the module's domain.

    >>> print(f"{buyout_return((0.5, 0.5), (0.75, 0.25), 2, cut=0.5, rollover=1):.4f}")
    1.6605
    """
    tickets = _tickets(lam)
    pot = (1.0 - _cut(cut)) * (tickets + 1.0) + _rollover(rollover) * tickets
    return pot * expected_share(p, q, lam)


def break_even_cut(p: Iterable[float], q: Iterable[float], lam: float, rollover: float = 0.0) -> float:
    """Compute the largest cut at which buying every number once still returns what it costs.

    1 - (1 / expected_share - rollover lam) / (lam + 1), and 1 where the rollover alone repays the buyer. Never
    negative: without a cut nobody who holds each number once loses, since lam + 1 times share(lam) is at least 1.

    Unit: a share of all sales, from 0 to 1.

    Raises InputError outside the module's domain.

    >>> print(f"{break_even_cut((1,), (1,), 2):.4f}")
    0.2290
    """
    tickets, carried = _tickets(lam), _rollover(rollover)
    needed = 1.0 / expected_share(p, q, lam)
    return min(1.0, max(0.0, 1.0 - (needed - carried * tickets) / (tickets + 1.0)))


def growth(p: Iterable[float], q: Iterable[float], cut: float) -> float:
    """Compute the growth rate of small stakes in proportion to p: D(p || q) + log2(1 - cut).

    Small means that they do not move the pot, which then pays (1 - cut)/q_i for a unit on a group that wins.

    Unit: bits a draw, negative where the cut takes more than the crowd gives; infinity where the crowd leaves out a
    group that can win.

    Raises InputError outside the module's domain.

    >>> growth((0.5, 0.5), (0.75, 0.25), 0) > 0 > growth((0.5, 0.5), (0.75, 0.25), 0.5)
    True
    """
    return kl(p, q) - cut_cost(cut)


def cut_cost(cut: float) -> float:
    """Compute what the operator's cut takes of a growth rate: -log2(1 - cut).

    Domain: 0 <= cut < 1. Unit: bits a draw.

    Raises InputError outside that domain.

    >>> cut_cost(0.5)
    1.0
    """
    return 0.0 - math.log2(1.0 - _cut(cut))


def _pair(p: Iterable[float], q: Iterable[float]) -> list[tuple[float, float]]:
    """Check two distributions on one alphabet, and divide out what their sums lack of 1."""
    truth, crowd = check_distribution(p, "p"), check_distribution(q, "q")
    same_length(crowd, "q", truth, "p")
    whole, money = math.fsum(truth), math.fsum(crowd)
    return [(a / whole, b / money) for a, b in zip(truth, crowd, strict=True)]


def _poisson(k: int, mean: float) -> float:
    """Compute the chance that a Poisson count of this mean is k; an infinite one is no number."""
    if mean == 0.0:
        return float(k == 0)
    return 0.0 if mean == math.inf else math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))


def _ratio(money: float, odds: float) -> float:
    if odds == 0.0:
        return math.inf if money > 0.0 else 0.0
    return money / odds


def _tickets(lam: float) -> float:
    value = positive(lam, "lam")
    if value > MOST_TICKETS:
        raise InputError(f"lam is {value!r}, but it may be {MOST_TICKETS:g} at most", "lam")
    return value


def _cut(cut: float) -> float:
    value = finite(cut, "cut")
    if not 0.0 <= value < 1.0:
        raise InputError(f"cut is {value!r}, but it must be at least 0 and less than 1", "cut")
    return value


def _rollover(rollover: float) -> float:
    value = finite(rollover, "rollover")
    if value < 0.0:
        raise InputError(f"rollover is {value!r}, but it cannot be negative", "rollover")
    return value
