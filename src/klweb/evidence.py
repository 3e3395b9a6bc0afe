"""Evidence between two hypotheses: what observations add to the log-likelihood ratio, and how fast it grows.

One observation x is worth log p(x)/q(x) for p over q; independent observations add up. While p is true the sum drifts
up at D(p || q) an observation, while q is true it drifts down at D(q || p).

>>> p, q = (0.5, 0.5), (0.75, 0.25)
>>> print(f"{observations_until(p, q, 20):.1f} observations under p, {observations_until(q, p, 20):.1f} under q")
20.8 observations under p, 22.9 under q
"""

import math
from collections.abc import Iterable

from klweb.categorical import check_distribution, kl, normalize
from klweb.errors import InputError, finite, same_length

Shares = tuple[float, ...]


def log_ratios(p: Iterable[float], q: Iterable[float]) -> tuple[float, ...]:
    """List the evidence that each symbol gives for p over q: log2 p/q.

    Infinity where p > 0 = q, which settles the matter for p, and minus infinity where q > 0 = p. A symbol that neither
    can produce gets 0. Unit: bits.

    Raises InputError if p and q are not distributions on one alphabet.

    Source: I. J. Good, Probability and the Weighing of Evidence (1950), where it is called weight of evidence.

    >>> log_ratios((0.5, 0.5, 0), (0.25, 0, 0.75))
    (1.0, inf, -inf)
    """
    return tuple(_log_ratio(a, b) for a, b in zip(*_shares(p, q), strict=True))


def spread(p: Iterable[float], q: Iterable[float]) -> float:
    """Compute the standard deviation of log2 p(x)/q(x) for x from p.

    The sum over n observations has n D(p || q) for its mean and sqrt(n) times this for its standard deviation. 0 where
    every possible symbol gives the same evidence; infinite where D(p || q) is. Unit: bits.

    Raises InputError if p and q are not distributions on one alphabet.

    >>> print(f"{spread((0.5, 0.5), (0.25, 0.75)):.4f}")
    0.7925
    >>> spread((0.5, 0.5, 0), (0.25, 0.25, 0.5))
    0.0
    """
    truth, model = _shares(p, q)
    mean = kl(truth, model)
    if math.isinf(mean):
        return math.inf
    return math.sqrt(math.fsum(a * (_log_ratio(a, b) - mean) ** 2 for a, b in zip(truth, model, strict=True) if a > 0))


def observations_until(p: Iterable[float], q: Iterable[float], odds: float) -> float:
    """Estimate how many observations it takes, while p is true, until the odds for p over q are `odds` to 1.

    Where D(p || q) is finite: log2(odds) / D(p || q), when a walk that keeps to its drift gets there. That is Wald's
    approximation; real walks take a little longer on average, as the last step overshoots. Infinite where p = q.

    Where a symbol with p > 0 = q may come, which decides at once and has probability c in all, D(p || q) is infinite.
    Then it is the mean of the wait for such a symbol, ended after m observations where the other symbols' drift gets
    there in m: (1 - (1 - c)^m) / c.

    Domain: odds a finite number > 1; p and q distributions on one alphabet. Raises InputError for anything else.

    Source: A. Wald, Sequential Analysis (1947), chapter 3.

    >>> observations_until((1, 0), (0.5, 0.5), 16)
    4.0
    >>> observations_until((0.75, 0.25), (1, 0), 16)
    4.0
    """
    goal = finite(odds, "odds")
    if goal <= 1.0:
        raise InputError(f"odds is {goal!r}, but it must be greater than 1", "odds")
    target = math.log2(goal)
    truth, model = _shares(p, q)
    pairs = list(zip(truth, model, strict=True))
    decisive = math.fsum(a for a, b in pairs if a > 0.0 == b)
    if decisive == 0.0:
        drift = kl(truth, model)
        return target / drift if drift > 0.0 else math.inf
    rest = math.fsum(a for a, b in pairs if b > 0.0)
    if decisive >= 1.0 or rest == 0.0:
        return 1.0
    drift = math.fsum(a * _log_ratio(a, b) for a, b in pairs if a > 0.0 < b) / rest
    limit = target / drift if drift > 0.0 else math.inf
    doomed = limit * math.log1p(-decisive)
    # As good as never: and the smallest of such chances have no digits left to divide by.
    return limit if doomed > -1e-15 else -math.expm1(doomed) / decisive


def _shares(p: Iterable[float], q: Iterable[float]) -> tuple[Shares, Shares]:
    p_values, q_values = check_distribution(p, "p"), check_distribution(q, "q")
    same_length(q_values, "q", p_values, "p")
    return normalize(p_values, "p"), normalize(q_values, "q")


def _log_ratio(a: float, b: float) -> float:
    if a == b:
        return 0.0
    if a == 0.0 or b == 0.0:
        return math.inf if a > 0.0 else -math.inf
    ratio = a / b
    if 0.5 < ratio < 2.0:
        return math.log1p((a - b) / b) / math.log(2.0)
    # Beyond these the quotient overflows, or is subnormal and has lost digits.
    return math.log2(ratio) if 1e-300 < ratio < math.inf else math.log2(a) - math.log2(b)
