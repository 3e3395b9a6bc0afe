"""Betting on outcomes at fair odds: growth of money, the best bets, and what other bets miss.

The house pays 1 / q(x) for each unit that was bet on the outcome x. A gambler puts the fraction b(x) of all money on
each x, round after round, so that money is multiplied by b(x) / q(x) when x comes. Outcomes come from p, independently.
Since the odds are fair to q, money put on q's fractions comes back unchanged: to bet b = q is to keep it.

p, q and b are distributions on one alphabet, as in `klweb.categorical`. Logarithms are to base 2 unless `base` says
otherwise: a bit of growth is a doubling.

Nothing bet is nothing paid: where b(x) = 0 the outcome x ruins, whatever q(x) is. Where q(x) = 0 < b(x) it pays
infinitely. Ruin is for ever, even after an infinite win.

Sources: J. L. Kelly, A New Interpretation of Information Rate (1956); T. M. Cover and J. A. Thomas, Elements of
Information Theory (2nd edition, 2006), chapter 6.

>>> p, q = (0.5, 0.25, 0.25), (0.25, 0.25, 0.5)
>>> growth_rate(p, q, kelly_bets(p)), growth_rate(p, q, q), growth_rate(p, q, (0, 0.5, 0.5))
(0.25, 0.0, -inf)
"""

import math
import sys
from collections.abc import Iterable, Sequence
from itertools import accumulate

from klweb.categorical import check_distribution, kl, normalize
from klweb.errors import InputError, log_base, same_length


def kelly_bets(p: Iterable[float]) -> tuple[float, ...]:
    """Return the bets under which money grows fastest: p itself, whatever the odds.

    Raises InputError if p is not a distribution.

    Source: Kelly (1956); Cover and Thomas (2006), theorem 6.1.2.

    >>> kelly_bets([0.75, 0.25])
    (0.75, 0.25)
    """
    return check_distribution(p, "p")


def log_returns(q: Iterable[float], b: Iterable[float], base: float = 2.0) -> tuple[float, ...]:
    """List the logarithm of what each outcome multiplies money by, log(b / q).

    -infinity where b = 0 (also where q = 0), else infinity where q = 0. Unit: bits (doublings), or what `base` says.

    Raises InputError if q and b are not distributions on one alphabet, or for a base that is not finite and greater
    than 1.

    >>> log_returns((0.25, 0.75, 0), (0.5, 0, 0.5))
    (1.0, -inf, inf)
    """
    unit = math.log(log_base(base))
    odds, bets = (normalize(values) for values in _fitting({"q": q, "b": b}))
    return tuple(_log_ratio(y, x, base, unit) for x, y in zip(odds, bets, strict=True))


def growth_rate(p: Iterable[float], q: Iterable[float], b: Iterable[float], base: float = 2.0) -> float:
    """Compute the expected growth of the logarithm of money in a round, sum p log(b / q) = D(p || q) - D(p || b).

    -infinity where p > 0 = b: such a gambler is ruined sooner or later, even if p > 0 = q elsewhere. Else infinity
    where p > 0 = q. At most D(p || q), and that only for b = p. Unit: bits (doublings), or what `base` says.

    Raises InputError if p, q and b are not distributions on one alphabet, or for a base that is not finite and greater
    than 1.

    Of the two forms, that with the smaller terms is taken: rounding errors are in proportion to the terms. So b = p
    gives D(p || q) and b = q gives 0 to the last bit.

    Source: Cover and Thomas (2006), section 6.1.

    >>> growth_rate((0.5, 0.5), (0.25, 0.75), (0.25, 0.75))
    0.0
    >>> growth_rate((0.5, 0.5), (1, 0), (0.5, 0.5)), growth_rate((0.5, 0.5), (1, 0), (0, 1))
    (inf, -inf)
    """
    p, q, b = _fitting({"p": p, "q": q, "b": b})
    most, missed = kl(p, q, base), kl(p, b, base)
    if math.isinf(missed):
        return -math.inf
    if math.isinf(most):
        return math.inf
    terms = [x * y for x, y in _weighted(p, log_returns(q, b, base))]
    if missed == 0.0 or most + missed <= math.fsum(map(abs, terms)):
        return most - missed
    return min(most, math.fsum(terms))


def shortfall(p: Iterable[float], b: Iterable[float], base: float = 2.0) -> float:
    """Compute what the bets b miss of the fastest growth in a round: D(p || b), whatever the odds.

    Infinite where p > 0 = b; 0 only for b = p. Unit: bits (doublings), or what `base` says.

    Raises InputError if p and b are not distributions on one alphabet, or for a base that is not finite and greater
    than 1.

    Source: Cover and Thomas (2006), section 6.1.

    >>> shortfall((0.5, 0.5), (0.125, 0.875)) == growth_rate((0.5, 0.5), (0.5, 0.5), (0.5, 0.5)) - growth_rate(
    ...     (0.5, 0.5), (0.5, 0.5), (0.125, 0.875)
    ... )
    True
    """
    p, b = _fitting({"p": p, "b": b})
    return kl(p, b, base)


def growth_deviation(p: Iterable[float], q: Iterable[float], b: Iterable[float], base: float = 2.0) -> float:
    """Compute the standard deviation of the logarithm of what one round multiplies money by.

    Over n rounds it grows to sqrt(n) times as much. Infinite where p > 0 and one of q and b is 0. Unit: bits
    (doublings), or what `base` says.

    Raises InputError if p, q and b are not distributions on one alphabet, or for a base that is not finite and greater
    than 1.

    >>> growth_deviation((0.5, 0.5), (0.2, 0.8), (0.8, 0.2))
    2.0
    """
    p, q, b = _fitting({"p": p, "q": q, "b": b})
    returns = _weighted(p, log_returns(q, b, base))
    if any(math.isinf(y) for _, y in returns):
        return math.inf
    mean = math.fsum(x * y for x, y in returns)
    return math.sqrt(math.fsum(x * (y - mean) ** 2 for x, y in returns))


def log_bankrolls(outcomes: Iterable[int], returns: Sequence[float]) -> list[float]:
    """List the logarithm of money before the first round and after each, from what `log_returns` gives.

    `outcomes` are places in `returns`. -infinity from ruin on; infinity from an infinite win on, until ruin.

    Raises InputError for an outcome that is no place of `returns`.

    >>> log_bankrolls([0, 1, 0, 2, 0], (1.0, -2.0, -math.inf))
    [0.0, 1.0, -1.0, 0.0, -inf, -inf]
    """
    places = list(outcomes)
    if places and not 0 <= min(places) <= max(places) < len(returns):
        index, outcome = next((i, place) for i, place in enumerate(places) if not 0 <= place < len(returns))
        message = f"outcomes[{index}] is {outcome!r}, but there are {len(returns)} outcomes, counted from 0"
        raise InputError(message, "outcomes", index)
    gains = map(returns.__getitem__, places)
    if math.inf in returns and -math.inf in returns:
        return list(accumulate(gains, _gaining, initial=0.0))
    return list(accumulate(gains, initial=0.0))


def multiple(doublings: float) -> float:
    """Compute what so many doublings multiply money by; finite amounts beyond the largest double become that.

    Domain: any number but nan; -infinity is ruin.

    >>> multiple(3), multiple(-1), multiple(-math.inf), multiple(5000) == sys.float_info.max
    (8.0, 0.5, 0.0, True)
    """
    if doublings < 1024 or math.isinf(doublings):
        return math.pow(2, doublings)
    return sys.float_info.max


def _gaining(money: float, gain: float) -> float:
    """Add a gain, where one of the two may be infinite and the other minus infinity: that is ruin."""
    return -math.inf if money == -math.inf or gain == -math.inf else money + gain


def _fitting(named: dict[str, Iterable[float]]) -> list[tuple[float, ...]]:
    """Return distributions, checked, on one alphabet."""
    first = next(iter(named))
    found: list[tuple[float, ...]] = []
    for name, values in named.items():
        found.append(check_distribution(values, name))
        same_length(found[-1], name, found[0], first)
    return found


def _weighted(p: Iterable[float], returns: Iterable[float]) -> list[tuple[float, float]]:
    """Pair the probabilities of the outcomes that can come with their returns."""
    return [(x, y) for x, y in zip(normalize(p), returns, strict=True) if x > 0.0]


def _log_ratio(b: float, q: float, base: float, unit: float) -> float:
    if b == 0.0:
        return -math.inf
    if q == 0.0:
        return math.inf
    gap = (b - q) / q
    if -0.5 < gap < 1.0:
        return math.log1p(gap) / unit
    ratio = b / q
    # Beyond these the quotient overflows, or is subnormal and has lost digits.
    if 1e-300 < ratio < math.inf:
        return math.log2(ratio) if base == 2.0 else math.log(ratio) / unit
    return (math.log(b) - math.log(q)) / unit
