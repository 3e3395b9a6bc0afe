"""Bregman divergences on the line: the gap between a convex function and its tangents.

For a convex F, B(p, q) = F(p) - F(q) - F'(q) (p - q). Three functions are known by name:

===========  ======================================  ==========================  ====================
name         F(x)                                    B(p, q)                     domain, unit
===========  ======================================  ==========================  ====================
`square`     x^2                                     (p - q)^2                   |x| <= LARGE, none
`entropy`    x log2 x + (1 - x) log2 (1 - x)         D((p, 1-p) || (q, 1-q))     0 <= x <= 1, bits
`log`        -ln x                                   p/q - ln(p/q) - 1           0 <= x <= LARGE, nats
===========  ======================================  ==========================  ====================

The last is the Itakura-Saito divergence. Ends of a domain belong to it, with the values of limits there: 0 log 0 = 0,
-ln 0 is infinite, and B is infinite wherever the tangent at q is vertical, or F(p) infinite, unless p is q.

Source: L. M. Bregman, The relaxation method of finding the common point of convex sets (1967); F. Itakura and S. Saito,
Analysis synthesis telephony based on the maximum likelihood method (1968).

>>> print(f"{divergence('entropy', 0.5, 0.6):.4f} bits, {divergence('entropy', 0.89, 0.99):.4f} bits")
0.0294 bits, 0.2438 bits
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from klweb.categorical import log1p_gap
from klweb.errors import InputError, finite

LARGE = 1e150
"""No x may be larger, so that squares and products of two stay far below the largest double."""

_LN2 = math.log(2.0)


def value(function: str, x: float) -> float:
    """Compute F(x); infinity for -ln 0. Unit: that of the function.

    Domain: `function` one of the three names, x in its domain. Raises InputError for anything else.

    >>> value("entropy", 0.5), value("entropy", 1), value("log", 0)
    (-1.0, 0.0, inf)
    """
    known = _named(function)
    return known.value(_inside(x, "x", known))


def slope(function: str, x: float) -> float:
    """Compute F'(x); an infinity where the tangent is vertical. Unit: that of the function, per unit of x.

    Domain: `function` one of the three names, x in its domain. Raises InputError for anything else.

    >>> slope("square", 3), slope("entropy", 0.5), slope("entropy", 0)
    (6.0, 0.0, -inf)
    """
    known = _named(function)
    return known.slope(_inside(x, "x", known))


def divergence(function: str, p: float, q: float) -> float:
    """Compute B(p, q), the gap at p between F and its tangent at q. Unit: that of the function.

    Never negative, and exactly 0.0 when p is q. Otherwise infinite where the tangent at q is vertical or F(p) is
    infinite, or beyond the largest double. No digits are lost when p is close to q: each divergence is computed from
    p - q, and not as the difference that defines it.

    Domain: `function` one of the three names, p and q in its domain. Raises InputError for anything else.

    >>> divergence("square", 1, 3), divergence("entropy", 1, 0.5), divergence("entropy", 0.5, 1)
    (4.0, 1.0, inf)
    """
    known = _named(function)
    a, b = _inside(p, "p", known), _inside(q, "q", known)
    return 0.0 if a == b else known.divergence(a, b)


def tangent(function: str, q: float, x: float) -> float:
    """Compute the height at x of the tangent at q, F(q) + F'(q) (x - q). Unit: that of the function.

    A vertical tangent, or one too steep for a double, passes through F(q) at q, and is minus infinity elsewhere.

    Domain: `function` one of the three names, q in its domain, x finite. Raises InputError for anything else.

    >>> tangent("square", 1, 0), tangent("entropy", 1, 0.5)
    (-1.0, -inf)
    """
    known = _named(function)
    touch, place = _inside(q, "q", known), finite(x, "x")
    if place == touch:
        return known.value(touch)
    steepness = known.slope(touch)
    return -math.inf if math.isinf(steepness) else known.value(touch) + steepness * (place - touch)


class ThreePoints(NamedTuple):
    """The parts of B(p, r) = B(p, q) + B(q, r) + (F'(q) - F'(r)) (p - q), in the unit of the function."""

    whole: float
    first: float
    second: float
    cross: float

    @property
    def is_finite(self) -> bool:
        """Whether all four are finite, so that there is a sum to speak of."""
        return all(map(math.isfinite, self))


def three_points(function: str, p: float, q: float, r: float) -> ThreePoints:
    """Compute B(p, r), B(p, q), B(q, r) and the term (F'(q) - F'(r)) (p - q) that makes the identity good.

    The last is 0.0 when p is q or q is r. Otherwise it is infinite where one of the tangents at q and r is vertical
    (or too steep for a double), and there the identity says nothing.

    Domain: `function` one of the three names, p, q and r in its domain. Raises InputError for anything else.

    Source: G. Chen and M. Teboulle, Convergence analysis of a proximal-like minimization algorithm using Bregman
    functions (1993), lemma 3.1.

    >>> three_points("square", 0, 1, 3)
    ThreePoints(whole=9.0, first=1.0, second=4.0, cross=4.0)
    """
    whole, first, second = divergence(function, p, r), divergence(function, p, q), divergence(function, q, r)
    if q in (p, r):
        return ThreePoints(whole, first, second, 0.0)
    turn = slope(function, q) - slope(function, r)
    if math.isnan(turn):  # both slopes are beyond the largest double; a convex function's slope rises
        turn = math.copysign(math.inf, q - r)
    return ThreePoints(whole, first, second, turn * (float(p) - float(q)))


@dataclass(frozen=True, slots=True)
class _Convex:
    """One function: its domain, its value and slope there, and its divergence for p other than q."""

    low: float
    high: float
    value: Callable[[float], float]
    slope: Callable[[float], float]
    divergence: Callable[[float, float], float]


def _named(function: str) -> _Convex:
    if function not in _FUNCTIONS:
        names = ", ".join(_FUNCTIONS)
        raise InputError(f"function is {function!r}, but it must be one of {names}", "function")
    return _FUNCTIONS[function]


def _inside(x: float, name: str, known: _Convex) -> float:
    number = finite(x, name)
    if not known.low <= number <= known.high:
        raise InputError(f"{name} is {number!r}, but it must be between {known.low:g} and {known.high:g}", name)
    return number


def _entropy(x: float) -> float:
    return math.fsum(a * math.log2(a) for a in (x, 1.0 - x) if a > 0.0)


def _entropy_slope(x: float) -> float:
    if x in (0.0, 1.0):
        return math.inf if x else -math.inf
    return math.log2(x) - math.log1p(-x) / _LN2


def _entropy_divergence(p: float, q: float) -> float:
    # Two gaps of a logarithm below its tangent, neither negative; what their tangents add cancels.
    return (_log_gap(p, q, q - p) + _log_gap(1.0 - p, 1.0 - q, p - q)) / _LN2


def _log_gap(a: float, b: float, difference: float) -> float:
    """Compute a ln(a / b) - a + b from a, b and b - a, which the caller may know better than they do."""
    if b == 0.0:
        return math.inf
    if a == 0.0:
        return b
    if -0.5 < difference / a < 1.0:
        return a * log1p_gap(difference / a)
    return difference - a * _log_ratio(b, a)


def _log_divergence(p: float, q: float) -> float:
    if 0.0 in (p, q):
        return math.inf
    excess = (p - q) / q
    if -0.5 < excess < 1.0:
        return log1p_gap(excess)
    return p / q - 1.0 - _log_ratio(p, q)


def _log_ratio(a: float, b: float) -> float:
    ratio = a / b
    # Beyond these the quotient overflows, or is subnormal and has lost digits.
    return math.log(ratio) if 1e-300 < ratio < math.inf else math.log(a) - math.log(b)


_FUNCTIONS = {
    "square": _Convex(-LARGE, LARGE, lambda x: x * x, lambda x: 2.0 * x, lambda p, q: (p - q) * (p - q)),
    "entropy": _Convex(0.0, 1.0, _entropy, _entropy_slope, _entropy_divergence),
    "log": _Convex(
        0.0,
        LARGE,
        lambda x: -math.log(x) if x else math.inf,
        lambda x: -1.0 / x if x else -math.inf,
        _log_divergence,
    ),
}
