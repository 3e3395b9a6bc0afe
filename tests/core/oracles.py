"""The same quantities from their definitions, in 800 digits: slow, naive, and independent of klweb.

Doubles are taken at their exact values; distributions are divided by their exact sums. It takes so
many digits because the boundary grids mix 1 with 1e-310, and neither may be lost beside the other.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import mpmath

DIGITS = 800
LARGEST = 1.7976931348623157e308


def precise(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any) -> Any:
        with mpmath.workdps(DIGITS):
            return function(*args)

    return wrapper


def _normalized(p: Iterable[float]) -> list[Any]:
    values = [mpmath.mpf(float(x)) for x in p]
    total = mpmath.fsum(values)
    return [x / total for x in values]


def _divergence(p: Sequence[Any], q: Sequence[Any]) -> Any:
    if any(a > 0 and b == 0 for a, b in zip(p, q, strict=True)):
        return mpmath.inf
    return mpmath.fsum(a * mpmath.log(a / b) for a, b in zip(p, q, strict=True) if a > 0)


@precise
def entropy(p: Sequence[float]) -> Any:
    return -mpmath.fsum(a * mpmath.log(a) for a in _normalized(p) if a > 0)


@precise
def cross_entropy(p: Sequence[float], q: Sequence[float]) -> Any:
    pairs = list(zip(_normalized(p), _normalized(q), strict=True))
    if any(a > 0 and b == 0 for a, b in pairs):
        return mpmath.inf
    return -mpmath.fsum(a * mpmath.log(b) for a, b in pairs if a > 0)


@precise
def kl(p: Sequence[float], q: Sequence[float]) -> Any:
    return _divergence(_normalized(p), _normalized(q))


@precise
def js(p: Sequence[float], q: Sequence[float]) -> Any:
    a, b = _normalized(p), _normalized(q)
    m = [(x + y) / 2 for x, y in zip(a, b, strict=True)]
    return (_divergence(a, m) + _divergence(b, m)) / 2


@precise
def total_variation(p: Sequence[float], q: Sequence[float]) -> Any:
    pairs = zip(_normalized(p), _normalized(q), strict=True)
    return mpmath.fsum(abs(a - b) for a, b in pairs) / 2


@precise
def gaussian_kl(mu_p: float, sigma_p: float, mu_q: float, sigma_q: float) -> Any:
    a, s, b, t = (mpmath.mpf(x) for x in (mu_p, sigma_p, mu_q, sigma_q))
    return mpmath.log(t / s) + (s**2 + (a - b) ** 2) / (2 * t**2) - mpmath.mpf(1) / 2


@precise
def gaussian_entropy(sigma: float) -> Any:
    return mpmath.log(2 * mpmath.pi * mpmath.e * mpmath.mpf(sigma) ** 2) / 2


@precise
def gaussian_pdf(x: float, mu: float, sigma: float) -> Any:
    s = mpmath.mpf(sigma)
    z = (mpmath.mpf(x) - mpmath.mpf(mu)) / s
    return mpmath.exp(-z * z / 2) / (s * mpmath.sqrt(2 * mpmath.pi))


@precise
def gaussian_integrand(x: float, mu_p: float, sigma_p: float, mu_q: float, sigma_q: float) -> Any:
    # By logarithms of both densities, since an exact density underflows nowhere.
    def log_density(mu: float, sigma: float) -> Any:
        z = (mpmath.mpf(x) - mpmath.mpf(mu)) / mpmath.mpf(sigma)
        return -z * z / 2 - mpmath.log(mpmath.mpf(sigma) * mpmath.sqrt(2 * mpmath.pi))

    p = log_density(mu_p, sigma_p)
    return mpmath.exp(p) * (p - log_density(mu_q, sigma_q))


@precise
def log1p_gap(r: float) -> Any:
    return mpmath.mpf(r) - mpmath.log(1 + mpmath.mpf(r))


@precise
def multivariate_kl(
    mean_p: Sequence[float],
    cov_p: Sequence[Sequence[float]],
    mean_q: Sequence[float],
    cov_q: Sequence[Sequence[float]],
) -> Any:
    p, q = mpmath.matrix(cov_p), mpmath.matrix(cov_q)
    shift = mpmath.matrix(mean_p) - mpmath.matrix(mean_q)
    inverse = q**-1
    product = inverse * p
    trace = mpmath.fsum(product[i, i] for i in range(p.rows))
    distance = (shift.T * inverse * shift)[0]
    return (trace + distance - p.rows + mpmath.log(mpmath.det(q) / mpmath.det(p))) / 2


@precise
def relative_error(got: float, want: Any) -> float:
    """|got - want| / |want|; results below 1e-300 are compared absolutely, as doubles are there."""
    if want == mpmath.inf or abs(want) > LARGEST:
        return 0.0 if got == mpmath.sign(want) * math.inf else math.inf
    if not math.isfinite(got):
        return math.inf
    error = abs(mpmath.mpf(got) - want)
    if abs(want) < 1e-300:
        return 0.0 if error < 1e-300 else math.inf
    return float(error / abs(want))
