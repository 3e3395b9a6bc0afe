"""Information quantities of distributions on a finite alphabet.

A distribution is any iterable of numbers, NumPy arrays included: non-negative, finite, and summing
to 1 within `TOLERANCE`. What is left of that slack is divided out, as SciPy does: p stands for
p / sum(p), so that every theorem (Gibbs' inequality, entropy <= log n) holds for what is returned.
Throughout, p is the truth, q the model, 0 log 0 = 0, and infinity is a value. Bases are greater
than 1: 2 gives bits, e nats.

>>> p, q = (0.2, 0.2, 0.2, 0.2, 0.2), (0.1, 0.1, 0.6, 0.1, 0.1)
>>> print(f"{kl(p, q):.4f} {kl(q, p):.4f}")
0.4830 0.5510

Accuracy: 1e-12 relative or better, also for nearly equal p and q, except below 1e-300, where
doubles lose their own digits (and below 1e-24 for p and q whose sums differ by more than rounding).
"""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from klweb.errors import InputError, finite, log_base, place, same_length, vector

TOLERANCE = 1e-9
"""How far from 1 the sum of a distribution may be."""


class _Pair(NamedTuple):
    """One symbol's normalised probabilities, and b - a with the digits a subtraction loses."""

    a: float
    b: float
    gap: float


def check_distribution(p: Iterable[float], name: str = "p") -> tuple[float, ...]:
    """Return p as a tuple of floats, unchanged in value, if it is a distribution.

    Domain: at least one symbol; each probability finite and >= 0; the sum within 1e-9 of 1.

    Raises InputError, under the argument's `name`, for anything else.

    >>> check_distribution([1, 0])
    (1.0, 0.0)
    >>> check_distribution((0.5, 0.6), "q")
    Traceback (most recent call last):
        ...
    klweb.errors.InputError: q sums to 1.1, but probabilities must sum to 1
    """
    return _checked(p, name)[0]


def normalize(weights: Iterable[float], name: str = "weights") -> tuple[float, ...]:
    """Divide the weights by their sum, whatever their scale.

    Domain: at least one weight; each finite and >= 0; not all 0.

    Raises InputError, under the argument's `name`, for anything else.

    >>> normalize((9, 12, 4))
    (0.36, 0.48, 0.16)
    """
    values = _non_negative(weights, name, "a weight")
    heaviest = max(values)
    if heaviest == 0.0:
        raise InputError(f"{name} sums to 0.0, but at least one weight must be positive", name)
    # A power of two brings extreme weights near 1 without rounding: their sum cannot overflow.
    if not 1e-300 < heaviest < 1e300:
        exponent = math.frexp(heaviest)[1]
        values = tuple(math.ldexp(value, -exponent) for value in values)
    total = math.fsum(values)
    return tuple(value / total for value in values)


def mixture(p: Iterable[float], q: Iterable[float], t: float) -> tuple[float, ...]:
    """Mix two distributions, (1 - t) p + t q: exactly p at t = 0, exactly q at t = 1.

    Domain: p and q distributions on one alphabet; 0 <= t <= 1.

    Raises InputError for anything else.

    >>> mixture((1, 0), (0, 1), 0.25)
    (0.75, 0.25)
    """
    p_values, q_values = check_distribution(p, "p"), check_distribution(q, "q")
    same_length(q_values, "q", p_values, "p")
    share = finite(t, "t")
    if not 0.0 <= share <= 1.0:
        raise InputError(f"t is {share!r}, but it must be between 0 and 1", "t")
    return tuple(a if a == b else (1.0 - share) * a + share * b for a, b in zip(p_values, q_values, strict=True))


def surprisal(probability: float, base: float = 2.0) -> float:
    """Measure the surprise of an event, -log(probability): infinity for 0, and 0 for 1.

    Domain: 0 <= probability <= 1; the rounding slack of a sum (1e-9) above 1 counts as 1. Unit:
    bits, or what `base` says.

    Raises InputError outside that domain, or for a base that is not finite and greater than 1.

    >>> surprisal(1 / 8)
    3.0
    """
    log = _logarithm(log_base(base))
    value = finite(probability, "probability")
    if not 0.0 <= value <= 1.0 + TOLERANCE:
        message = f"probability is {value!r}, but it must be between 0 and 1"
        raise InputError(message, "probability")
    return math.inf if value == 0.0 else max(0.0, -log(value))


def entropy(p: Iterable[float], base: float = 2.0) -> float:
    """Compute Shannon's entropy, H(p) = -sum p log p.

    The least mean code length for symbols from p, between 0 (one symbol is certain) and log n (p
    uniform). Unit: bits, or what `base` says.

    Raises InputError if p is not a distribution, or for a base that is not finite and above 1.

    Source: C. E. Shannon, A Mathematical Theory of Communication (1948), section 6.

    >>> entropy((1 / 2, 1 / 4, 1 / 8, 1 / 8))
    1.75
    """
    log = _logarithm(log_base(base))
    return max(0.0, -math.fsum(a * log(a) for a in _scaled(p, "p") if a > 0.0))


def cross_entropy(p: Iterable[float], q: Iterable[float], base: float = 2.0) -> float:
    """Compute the cross-entropy, H(p, q) = -sum p log q.

    The mean cost of symbols from p in a code that is ideal for q: H(p, q) = H(p) + D(p || q).
    Infinite where p > 0 = q; symbols with p = 0 cost nothing, even where q = 0. Unit: bits, or what
    `base` says.

    Raises InputError if p and q are not distributions on one alphabet, or for a base that is not
    finite and greater than 1.

    >>> cross_entropy((0.5, 0.5), (0.25, 0.75)) > entropy((0.5, 0.5))
    True
    >>> cross_entropy((0.5, 0.5), (1, 0))
    inf
    """
    log = _logarithm(log_base(base))
    pairs = list(zip(*_scaled_pair(p, q), strict=True))
    if any(a > 0.0 == b for a, b in pairs):
        return math.inf
    return max(0.0, -math.fsum(a * log(b) for a, b in pairs if a > 0.0))


def kl(p: Iterable[float], q: Iterable[float], base: float = 2.0) -> float:
    """Compute the Kullback-Leibler divergence, D(p || q) = sum p log(p / q).

    Infinite where p > 0 = q; symbols with p = 0 cost nothing. Never negative, and exactly 0.0 when
    q is p. Unit: bits, or what `base` says.

    Raises InputError if p and q are not distributions on one alphabet, or for a base that is not
    finite and greater than 1.

    Both sum to 1, so sum p log(p / q) = sum (p log(p / q) - p + q). No term of the second sum is
    negative, so adding them up loses nothing, whereas the terms of the first nearly cancel when q
    is close to p.

    Source: S. Kullback and R. A. Leibler, On Information and Sufficiency (1951).

    >>> kl((1, 0), (0.5, 0.5))
    1.0
    >>> kl((0.5, 0.5), (1, 0))
    inf
    """
    return _divergence(_pairs(p, q), log_base(base))


def kl_terms(p: Iterable[float], q: Iterable[float], base: float = 2.0) -> tuple[float, ...]:
    """List what each symbol adds to D(p || q): p log(p / q), negative where q > p.

    0 where p = 0, infinity where p > 0 = q. The terms sum to `kl`, up to rounding. Unit: bits, or
    what `base` says.

    Raises InputError if p and q are not distributions on one alphabet, or for a base that is not
    finite and greater than 1.

    >>> kl_terms((0.5, 0.5, 0), (0.25, 0.5, 0.25))
    (0.5, 0.0, 0.0)
    """
    radix = log_base(base)
    log = _logarithm(radix)
    return tuple(_kl_term(pair, log, radix) for pair in _pairs(p, q))


def js(p: Iterable[float], q: Iterable[float], base: float = 2.0) -> float:
    """Compute the Jensen-Shannon divergence: (D(p || m) + D(q || m)) / 2, m = (p + q) / 2.

    Symmetric to the last bit, always finite: from 0 (p = q) to log 2, one bit (no symbol in
    common). Its square root is a metric. SciPy's `jensenshannon` is that square root. Unit: bits,
    or what `base` says.

    Raises InputError if p and q are not distributions on one alphabet, or for a base that is not
    finite and greater than 1.

    Source: J. Lin, Divergence Measures Based on the Shannon Entropy (1991).

    >>> js((1, 0), (0, 1))
    1.0
    """
    radix = log_base(base)
    # Twice p against p + q, not p against half of it, which is 0 for the smallest double of all.
    doubled = [half for a, b, gap in _pairs(p, q) for half in (_Pair(2.0 * a, a + b, gap), _Pair(2.0 * b, a + b, -gap))]
    return _divergence(doubled, radix) / 4.0


def total_variation(p: Iterable[float], q: Iterable[float]) -> float:
    """Compute the total variation, half of sum |p - q|.

    The most that p and q can differ on any event. From 0 (p = q) to 1 (no symbol in common).

    Raises InputError if p and q are not distributions on one alphabet.

    >>> total_variation((1, 0), (0.75, 0.25))
    0.25
    """
    return min(1.0, math.fsum(abs(pair.gap) for pair in _pairs(p, q)) / 2.0)


def log1p_gap(r: float) -> float:
    """Measure how far log(1 + r) falls below its tangent: r - log(1 + r) >= 0, for r > -1.

    Every divergence of this package is a sum of such gaps. Near r = 0 the two parts agree in most
    of their digits; with z = r / (2 + r) and log(1 + r) = 2 artanh z, the part they share drops
    out: r - log(1 + r) = z (r - 2 z^2 (1/3 + z^2/5 + z^4/7 + ...)).

    Source: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions (1964), 4.1.27.

    >>> print(f"{log1p_gap(1e-9):.12e}")
    4.999999996667e-19
    """
    if not -0.5 <= r <= 1.0:
        return r - math.log1p(r)
    z = r / (2.0 + r)
    square = z * z
    series = 0.0
    for coefficient in _ARTANH_TAIL:
        series = series * square + coefficient
    return z * (r - 2.0 * square * series)


# |z| <= 1/3, so sixteen terms leave a remainder below 1e-17 of the whole.
_ARTANH_TAIL = tuple(1.0 / (2 * k + 3) for k in reversed(range(16)))


def _divergence(pairs: Iterable[_Pair], base: float) -> float:
    """Add up a log(a / b) - a + b over the pairs, in units of `base`."""
    log = _logarithm(base)
    logs: list[float] = []  # in units of the base, so that powers of two stay exact in bits
    rest: list[float] = []  # in nats
    for a, b, gap in pairs:
        if a == 0.0:
            rest.append(gap)
        elif b == 0.0:
            return math.inf
        elif -0.5 < gap / a < 1.0:
            rest.append(a * log1p_gap(gap / a))
        else:
            logs.append(a * _log_ratio(a, b, log))
            rest.append(gap)
    return max(0.0, math.fsum(logs) + math.fsum(rest) / math.log(base))


def _kl_term(pair: _Pair, log: Callable[[float], float], base: float) -> float:
    a, b, gap = pair
    if a == 0.0:
        return 0.0
    if b == 0.0:
        return math.inf
    if -0.5 < gap / a < 1.0:
        return 0.0 - a * math.log1p(gap / a) / math.log(base)
    return a * _log_ratio(a, b, log)


def _log_ratio(a: float, b: float, log: Callable[[float], float]) -> float:
    ratio = a / b
    # Beyond these the quotient overflows, or is subnormal and has lost digits.
    return log(ratio) if 1e-300 < ratio < math.inf else log(a) - log(b)


def _logarithm(base: float) -> Callable[[float], float]:
    # log2(8) is 3 exactly, where log(8) / log(2) need not be.
    if base == 2.0:
        return math.log2
    if base == 10.0:
        return math.log10
    unit = math.log(base)
    return lambda x: math.log(x) / unit


def _non_negative(values: Iterable[float], name: str, noun: str) -> tuple[float, ...]:
    numbers = vector(values, name)
    if min(numbers) < 0.0:
        i, number = next((i, number) for i, number in enumerate(numbers) if number < 0.0)
        message = f"{place(name, i)} is {number!r}, but {noun} cannot be negative"
        raise InputError(message, name, i)
    return numbers


def _checked(p: Iterable[float], name: str) -> tuple[tuple[float, ...], float]:
    values = _non_negative(p, name, "a probability")
    try:
        total = math.fsum(values)
    except OverflowError:
        total = math.inf
    if abs(total - 1.0) > TOLERANCE:
        raise InputError(f"{name} sums to {total!r}, but probabilities must sum to 1", name)
    return values, total


def _scaled(p: Iterable[float], name: str) -> tuple[float, ...]:
    values, total = _checked(p, name)
    return tuple(value / total for value in values)


def _scaled_pair(p: Iterable[float], q: Iterable[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    p_values, q_values = _scaled(p, "p"), _scaled(q, "q")
    same_length(q_values, "q", p_values, "p")
    return p_values, q_values


def _pairs(p: Iterable[float], q: Iterable[float]) -> list[_Pair]:
    p_values, p_total = _checked(p, "p")
    q_values, q_total = _checked(q, "q")
    same_length(q_values, "q", p_values, "p")
    return list(_normalized_pairs(p_values, p_total, q_values, q_total))


def _normalized_pairs(p: tuple[float, ...], p_total: float, q: tuple[float, ...], q_total: float) -> Iterator[_Pair]:
    # q/Q - p/P = ((q - p)(P + Q)/2 - (p + q)(Q - P)/2) / (PQ): q - p is exact for nearly equal
    # probabilities, Q - P is summed exactly, and exchanging p and q changes the sign and nothing
    # else.
    mean_total = (p_total + q_total) / 2.0
    half_excess = math.fsum(chain(q, (-a for a in p))) / 2.0
    product = p_total * q_total
    for a, b in zip(p, q, strict=True):
        gap = ((b - a) * mean_total - (a + b) * half_excess) / product
        yield _Pair(a / p_total, b / q_total, gap)
