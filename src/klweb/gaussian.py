"""Normal distributions: density, entropy, and the closed forms of the KL divergence.

Means are any finite numbers, standard deviations (sigma) any finite numbers greater than 0. Units
are nats unless `base` says otherwise. No input makes these functions overflow with an exception: a
result beyond the largest double is returned as infinity.

>>> print(f"{kl(0, 1, 2, 1.5):.4f} nats, {kl(0, 1, 2, 1.5, base=2):.4f} bits")
1.0166 nats, 1.4666 bits
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from klweb.categorical import log1p_gap
from klweb.errors import InputError, elements, finite, log_base, positive, same_length, vector

_LOG_SQRT_2PI = 0.9189385332046727418
_SQRT_2PI = 2.5066282746310005024
# The sigma of zero differential entropy, 1 / sqrt(2 pi e), and what rounding it to a double leaves.
_ZERO_ENTROPY = 0.24197072451914334980
_ZERO_ENTROPY_REST = 1.2225883220660233e-17
_SYMMETRY_TOLERANCE = 1e-9
_EPSILON = 2.0**-52
_LARGEST_EXPONENT = 709.0
# No logarithm of a ratio of densities is larger than e^3000, so such a density outweighs it.
_NEGLIGIBLE = -4000.0

Matrix = list[list[float]]


def pdf(x: float, mu: float, sigma: float) -> float:
    """Compute the density of N(mu, sigma^2) at x.

    exp(-((x - mu) / sigma)^2 / 2) / (sigma sqrt(2 pi)).

    Domain: x and mu finite, sigma finite and > 0. Unit: one over the unit of x.

    Raises InputError outside that domain.

    >>> print(f"{pdf(0, 0, 1):.10f}")
    0.3989422804
    """
    return pdf_curve((finite(x, "x"),), mu, sigma)[0]


def pdf_curve(xs: Iterable[float], mu: float, sigma: float) -> list[float]:
    """Compute `pdf` at many places.

    Domain: one or more xs, finite; mu finite, sigma finite and > 0. Unit: one over the unit of x.

    Raises InputError outside that domain.

    >>> [round(height, 4) for height in pdf_curve((-1, 0, 1), 0, 1)]
    [0.242, 0.3989, 0.242]
    """
    xs, mu, sigma = vector(xs, "xs"), finite(mu, "mu"), positive(sigma, "sigma")
    return [_density(_distance(x, mu, sigma), sigma) for x in xs]


def log_pdf(x: float, mu: float, sigma: float) -> float:
    """Compute the logarithm of `pdf`, also far into the tails, where the density itself is 0.0.

    Domain: x and mu finite, sigma finite and > 0. Unit: nats.

    Raises InputError outside that domain.

    >>> print(f"{log_pdf(100, 0, 1):.4f}")
    -5000.9189
    """
    x, mu, sigma = finite(x, "x"), finite(mu, "mu"), positive(sigma, "sigma")
    z = _distance(x, mu, sigma)
    return -0.5 * z * z - math.log(sigma) - _LOG_SQRT_2PI


def entropy(sigma: float, base: float = math.e) -> float:
    """Compute the differential entropy of N(mu, sigma^2): log(sigma sqrt(2 pi e)), for any mu.

    Negative for sigma < 0.242, since it depends on the unit of x. Unit: nats, or what `base` says.

    Raises InputError unless sigma is finite and > 0, or for a base that is not finite and greater
    than 1.

    >>> print(f"{entropy(1):.6f}")
    1.418939
    """
    unit = math.log(log_base(base))
    sigma = positive(sigma, "sigma")
    if 0.5 < sigma / _ZERO_ENTROPY < 2.0:
        # The result passes through 0 here, and a plain sum of logarithms would lose its digits.
        excess = (sigma - _ZERO_ENTROPY) - _ZERO_ENTROPY_REST
        return math.log1p(excess / _ZERO_ENTROPY) / unit
    return (math.log(sigma) + _LOG_SQRT_2PI + 0.5) / unit


def kl(mu_p: float, sigma_p: float, mu_q: float, sigma_q: float, base: float = math.e) -> float:
    """Compute D(p || q) for p = N(mu_p, sigma_p^2) and q = N(mu_q, sigma_q^2).

    log(sigma_q / sigma_p) + (sigma_p^2 + (mu_p - mu_q)^2) / (2 sigma_q^2) - 1/2.

    Domain: means finite, sigmas finite and > 0. Never negative; exactly 0.0 when the parameters are
    the same; infinity only when the value is beyond the largest double. Unit: nats, or what `base`
    says.

    Raises InputError outside that domain, or for a base that is not finite and greater than 1.

    With r = (sigma_p / sigma_q)^2 - 1 this is (r - log(1 + r) + ((mu_p - mu_q) / sigma_q)^2) / 2:
    two parts, neither negative, so that nearly equal parameters cost no digits.

    Source: S. Kullback, Information Theory and Statistics (1959), chapter 9.

    >>> print(f"{kl(2, 1.5, 0, 1):.4f}")
    2.2195
    """
    unit = math.log(log_base(base))
    mu_p, sigma_p = finite(mu_p, "mu_p"), positive(sigma_p, "sigma_p")
    mu_q, sigma_q = finite(mu_q, "mu_q"), positive(sigma_q, "sigma_q")
    z = _distance(mu_p, mu_q, sigma_q)
    return 0.5 * (_spread_cost(sigma_p, sigma_q) + z * z) / unit


def kl_integrand(x: float, mu_p: float, sigma_p: float, mu_q: float, sigma_q: float, base: float = math.e) -> float:
    """Compute p(x) log(p(x) / q(x)), whose integral is `kl`. Negative where q(x) > p(x).

    Domain: x and the means finite, sigmas finite and > 0. Unit: nats, or what `base` says, per unit
    of x.

    Raises InputError outside that domain, or for a base that is not finite and greater than 1.

    >>> kl_integrand(1, 0, 1, 2, 1) == 0, kl_integrand(1.5, 0, 1, 2, 1) < 0
    (True, True)
    """
    return kl_integrand_curve((finite(x, "x"),), mu_p, sigma_p, mu_q, sigma_q, base)[0]


def kl_integrand_curve(
    xs: Iterable[float], mu_p: float, sigma_p: float, mu_q: float, sigma_q: float, base: float = math.e
) -> list[float]:
    """Compute `kl_integrand` at many places.

    Domain: one or more xs, finite; means finite, sigmas finite and > 0. Unit: nats, or what `base`
    says, per unit of x.

    Raises InputError outside that domain, or for a base that is not finite and greater than 1.

    >>> kl_integrand_curve((0, 1), 0, 1, 2, 1) == [kl_integrand(x, 0, 1, 2, 1) for x in (0, 1)]
    True
    """
    unit = math.log(log_base(base))
    xs, mu_p, sigma_p = vector(xs, "xs"), finite(mu_p, "mu_p"), positive(sigma_p, "sigma_p")
    mu_q, sigma_q = finite(mu_q, "mu_q"), positive(sigma_q, "sigma_q")
    shift, excess = _distance(mu_p, mu_q, sigma_q), (sigma_p - sigma_q) / sigma_q
    log_sigma, log_sigmas = math.log(sigma_p), _log_quotient(sigma_q, sigma_p)

    def integrand(x: float) -> float:
        z_p, z_q = _distance(x, mu_p, sigma_p), _distance(x, mu_q, sigma_q)
        if not math.isfinite(z_p):
            return 0.0
        # z_q^2 - z_p^2 as a product. Where p and q are nearly equal, z_q - z_p keeps its digits only
        # when it is put together from the parameters' own differences.
        stretch = z_p * excess
        step = shift + stretch if abs(shift) + abs(stretch) < abs(z_p) + abs(z_q) else z_q - z_p
        log_ratio = log_sigmas + 0.5 * step * (z_q + z_p)
        if log_ratio == 0.0:
            return 0.0
        log_density = -0.5 * z_p * z_p - log_sigma - _LOG_SQRT_2PI
        if abs(log_density) < 700.0 and math.isfinite(log_ratio):
            return _density(z_p, sigma_p) * log_ratio / unit
        # A factor alone is out of range here, but the product need not be.
        if log_density < _NEGLIGIBLE:
            return 0.0
        log_size = (
            math.log(abs(log_ratio))
            if math.isfinite(log_ratio)
            else math.log(abs(step)) + math.log(abs(z_q + z_p)) - math.log(2.0)
        )
        exponent = log_density + log_size - math.log(unit)
        size = math.inf if exponent > _LARGEST_EXPONENT else math.exp(exponent)
        return math.copysign(size, log_ratio)

    return [integrand(x) for x in xs]


class MultivariateTerms(NamedTuple):
    """The parts of D(p || q) = (trace + mahalanobis - dimension + log_det) / 2, in nats."""

    trace: float
    """tr(cov_q^-1 cov_p): how much wider p is than q; the dimension when both are alike."""
    mahalanobis: float
    """(mean_p - mean_q)^T cov_q^-1 (mean_p - mean_q): the means' squared distance, in q's units."""
    log_det: float
    """log(det cov_q / det cov_p): the logarithm of the volumes' ratio, squared."""
    dimension: int


def kl_multivariate(
    mean_p: Iterable[float],
    cov_p: Iterable[Iterable[float]],
    mean_q: Iterable[float],
    cov_q: Iterable[Iterable[float]],
    base: float = math.e,
) -> float:
    """Compute D(p || q) for p = N(mean_p, cov_p) and q = N(mean_q, cov_q) in d dimensions.

    (tr(cov_q^-1 cov_p) + (mean_p - mean_q)^T cov_q^-1 (mean_p - mean_q) - d
    + log(det cov_q / det cov_p)) / 2.

    Domain: means of d finite numbers; covariances d by d, symmetric (within 1e-9 of the deviations'
    product) and positive definite beyond rounding. Never negative; exactly 0.0 when the parameters
    are the same. Unit: nats, or what `base` says.

    Raises InputError outside that domain, or for a base that is not finite and greater than 1.

    With cov_p = A A^T and cov_q = B B^T (Cholesky), all but the means' part is a sum over the lower
    triangular B^-1 A: its squared entries below the diagonal, and m^2 - 1 - log m^2 for each m
    on it. No part is negative.

    Source: S. Kullback, Information Theory and Statistics (1959), chapter 9.

    >>> kl_multivariate((0, 0), ((1, 0), (0, 1)), (1, 0), ((1, 0), (0, 1)))
    0.5
    """
    unit = math.log(log_base(base))
    parts = _factors(mean_p, cov_p, mean_q, cov_q)
    tilt = _sum_of_squares([entry for i, row in enumerate(parts.ratio) for entry in row[:i]])
    spread = sum(map(_spread_cost, parts.diagonal_p, parts.diagonal_q))
    return _or_infinity(0.5 * (tilt + spread + _sum_of_squares(parts.shift)) / unit)


def kl_multivariate_terms(
    mean_p: Iterable[float],
    cov_p: Iterable[Iterable[float]],
    mean_q: Iterable[float],
    cov_q: Iterable[Iterable[float]],
) -> MultivariateTerms:
    """Compute the trace, Mahalanobis and log-determinant terms of `kl_multivariate`, in nats.

    Domain and InputError as for `kl_multivariate`. For nearly equal p and q take the divergence
    from there: here it is the small difference of large terms.

    >>> kl_multivariate_terms((0, 0), ((1, 0), (0, 1)), (3, 0), ((1, 0), (0, 1)))
    MultivariateTerms(trace=2.0, mahalanobis=9.0, log_det=0.0, dimension=2)
    """
    parts = _factors(mean_p, cov_p, mean_q, cov_q)
    trace = _or_infinity(_sum_of_squares([entry for row in parts.ratio for entry in row]))
    log_det = 2.0 * math.fsum(map(_log_quotient, parts.diagonal_q, parts.diagonal_p))
    mahalanobis = _or_infinity(_sum_of_squares(parts.shift))
    return MultivariateTerms(trace, mahalanobis, log_det + 0.0, len(parts.shift))


class _Factors(NamedTuple):
    ratio: Matrix
    shift: list[float]
    diagonal_p: list[float]
    diagonal_q: list[float]


def _factors(
    mean_p: Iterable[float],
    cov_p: Iterable[Iterable[float]],
    mean_q: Iterable[float],
    cov_q: Iterable[Iterable[float]],
) -> _Factors:
    p_mean, q_mean = vector(mean_p, "mean_p"), vector(mean_q, "mean_q")
    size = len(p_mean)
    same_length(q_mean, "mean_q", p_mean, "mean_p")
    p_root = _cholesky(_covariance(cov_p, size, "cov_p"), "cov_p")
    q_root = _cholesky(_covariance(cov_q, size, "cov_q"), "cov_q")
    columns = [_solve(q_root, [row[j] for row in p_root]) for j in range(size)]
    ratio = [[columns[j][i] for j in range(i + 1)] for i in range(size)]
    shift = _solve(q_root, [a - b for a, b in zip(p_mean, q_mean, strict=True)])
    return _Factors(ratio, shift, [p_root[i][i] for i in range(size)], [q_root[i][i] for i in range(size)])


def _covariance(rows: Iterable[Iterable[float]], size: int, name: str) -> Matrix:
    matrix: Matrix = []
    try:
        for i, row in enumerate(elements(rows, name)):
            matrix.append(list(vector(row, f"{name}[{i}]")))
    except InputError as error:
        # Said of a row or an entry; the argument is the matrix. Without rows there is none to name.
        index = None if error.argument == name else len(matrix)
        raise InputError(str(error), name, index) from None
    if len(matrix) != size:
        message = f"{name} has {len(matrix)} rows, but the means have {size} numbers"
        raise InputError(message, name)
    for i, numbers in enumerate(matrix):
        if len(numbers) != size:
            message = f"{name}[{i}] has {len(numbers)} numbers, but the means have {size}"
            raise InputError(message, name, i)
        if numbers[i] <= 0.0:
            message = f"{name}[{i}][{i}] is {numbers[i]!r}, but a variance must be greater than 0"
            raise InputError(message, name, i)
    _check_symmetric(matrix, name)
    return matrix


def _check_symmetric(matrix: Matrix, name: str) -> None:
    deviations = [math.sqrt(row[i]) for i, row in enumerate(matrix)]
    for i, row in enumerate(matrix):
        for j in range(i):
            slack = _SYMMETRY_TOLERANCE * deviations[i] * deviations[j]
            if abs(row[j] - matrix[j][i]) > slack:
                message = (
                    f"{name}[{i}][{j}] is {row[j]!r} and {name}[{j}][{i}] is {matrix[j][i]!r}, "
                    "but a covariance matrix must be symmetric"
                )
                raise InputError(message, name, i)


def _cholesky(matrix: Matrix, name: str) -> Matrix:
    """Find the lower triangular root L of matrix = L L^T, from the lower half of the matrix."""
    size = len(matrix)
    root = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i):
            known = _dot(root[i], root[j], j)
            root[i][j] = (matrix[i][j] - known) / root[j][j]
        pivot = matrix[i][i] - _dot(root[i], root[i], i)
        # What rounding leaves of an exact 0 is of this order; also false for NaN.
        if not pivot > size * _EPSILON * matrix[i][i]:
            message = (
                f"{name} is not positive definite: given the rows before it, row {i} has "
                f"a variance of {pivot!r} left, but it must be greater than 0"
            )
            raise InputError(message, name, i)
        root[i][i] = math.sqrt(pivot)
    return root


def _solve(root: Matrix, right: list[float]) -> list[float]:
    """Solve root x = right for x, by forward substitution."""
    x: list[float] = []
    for i, row in enumerate(root):
        x.append((right[i] - _dot(row, x, i)) / row[i])
    return x


def _dot(left: list[float], right: list[float], count: int) -> float:
    # A plain sum, not fsum, which raises on the infinities that huge entries can lead to.
    return sum((left[k] * right[k] for k in range(count)), 0.0)


def _sum_of_squares(values: list[float]) -> float:
    return sum((value * value for value in values), 0.0)


def _or_infinity(value: float) -> float:
    # NaN can only come from an entry that had overflowed, whose square is beyond every double.
    return math.inf if math.isnan(value) else value


def _density(z: float, sigma: float) -> float:
    return math.exp(-0.5 * z * z) / sigma / _SQRT_2PI


def _distance(x: float, mu: float, sigma: float) -> float:
    difference = x - mu
    if math.isinf(difference):
        return 2.0 * ((0.5 * x - 0.5 * mu) / sigma)
    return difference / sigma


def _spread_cost(sigma_p: float, sigma_q: float) -> float:
    """Compute s^2 - 1 - log s^2 with s = sigma_p / sigma_q."""
    ratio = sigma_p / sigma_q
    excess = (sigma_p - sigma_q) / sigma_q * (ratio + 1.0)
    if -0.5 < excess < 1.0:
        return log1p_gap(excess)
    return ratio * ratio - 1.0 - 2.0 * _log_quotient(sigma_p, sigma_q)


def _log_quotient(a: float, b: float) -> float:
    quotient = a / b
    if 0.5 < quotient < 2.0:
        return math.log1p((a - b) / b)
    return math.log(quotient) if 1e-300 < quotient < math.inf else math.log(a) - math.log(b)
