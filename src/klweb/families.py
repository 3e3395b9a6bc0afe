"""Families of models with one parameter theta, and how well they fit data: likelihoods, their maximum, and KL.

========== ============================= ================== ======================
family     probability or density at x   theta              observations
========== ============================= ================== ======================
BERNOULLI  theta^x (1 - theta)^(1 - x)   between 0 and 1    0 and 1
POISSON    theta^x e^(-theta) / x!       0 or more          0, 1, 2 and so on
NORMAL     e^(-(x - theta)^2 / 2) /      any finite number  any finite numbers
           sqrt(2 pi)
========== ============================= ================== ======================

In all three the likelihood is greatest where theta is the mean of the data. Units are nats unless `base` says
otherwise.

>>> data = (1, 1, 1, 0)
>>> theta = BERNOULLI.estimate(data)
>>> print(f"{theta}: {BERNOULLI.mean_log_likelihood(data, theta, base=2):.4f} bits, {BERNOULLI.kl(data, theta):.4f}")
0.75: -0.8113 bits, 0.0000
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from klweb import categorical
from klweb.categorical import log1p_gap
from klweb.errors import InputError, finite, log_base, place, vector

_LOG_SQRT_2PI = 0.9189385332046727418
LARGEST_COUNT = 2**53
"""Counts beyond this are no longer told from the next."""


def empirical(data: Iterable[float]) -> dict[float, float]:
    """Return the empirical distribution: each value that was observed, in order, with its share of the observations.

    Raises InputError if there are no data, or if any is no finite number.

    >>> empirical((2, 0, 2, 2))
    {0.0: 0.25, 2.0: 0.75}
    """
    values = vector(data, "data")
    counts = Counter(values)
    return {value + 0.0: counts[value] / len(values) for value in sorted(counts)}


def entropy(data: Iterable[float], base: float = math.e) -> float:
    """Compute the entropy of the empirical distribution, 0 where all observations are equal.

    Raises InputError as `empirical` does, or for a base that is not finite and greater than 1.

    >>> entropy((0, 1, 1, 0), base=2)
    1.0
    """
    return categorical.entropy(empirical(data).values(), log_base(base))


@dataclass(frozen=True, slots=True)
class Family:
    """Models q with one parameter theta, whose likelihood is greatest at the mean of the data."""

    name: str
    is_discrete: bool
    """Whether q gives single values a probability, rather than a density."""
    low: float
    high: float
    """Ends of theta's range."""
    allows: Callable[[float], bool]
    """Whether a value can be observed at all."""
    law: Callable[[float, float], float]
    """log q(x) for x and theta, in nats."""
    gap: Callable[[float, float], float]
    """KL from the member with one mean to the member with another, in nats."""

    def log_density(self, x: float, theta: float) -> float:
        """Compute log q(x) in nats, for a density or a probability; minus infinity where q(x) is 0.

        Raises InputError for an x or a theta outside the family's domain.

        >>> print(f"{POISSON.log_density(2, 3.0):.6f}")
        -1.495923
        """
        (value,) = self._observed((x,), "x")
        return self.law(value, self._parameter(theta))

    def estimate(self, data: Iterable[float]) -> float:
        """Return the theta that maximises the likelihood, which is the mean of the data.

        Raises InputError if there are no data, or if the family does not allow one of them.

        >>> POISSON.estimate((2, 3, 3, 0))
        2.0
        """
        values = self._observed(data)
        try:
            return math.fsum(values) / len(values)
        except OverflowError:  # of the sum, which a mean never does
            return math.fsum(value / len(values) for value in values)

    def mean_log_likelihood(self, data: Iterable[float], theta: float, base: float = math.e) -> float:
        """Compute the mean of log q(x) over the data: minus the cross-entropy of their distribution and q.

        Minus infinity where q gives one of them probability 0.

        Raises InputError outside the family's domain, or for a base that is not finite and greater than 1.

        >>> BERNOULLI.mean_log_likelihood((1, 0), 0.5, base=2)
        -1.0
        """
        unit = math.log(log_base(base))
        theta = self._parameter(theta)
        shares = empirical(self._observed(data))
        total = math.fsum(share * self.law(value, theta) for value, share in shares.items())
        return total / unit + 0.0  # a zero without sign

    def excess(self, data: Iterable[float], theta: float, base: float = math.e) -> float:
        """Compute how far the cross-entropy of the data and q lies above its least over all theta.

        It is D of the best member of the family to q: never negative, 0.0 at the estimate itself, and infinite where q
        gives an observation probability 0.

        Raises InputError as `mean_log_likelihood` does.

        >>> NORMAL.excess((-1, 1), 2)
        2.0
        """
        unit = math.log(log_base(base))
        return self.gap(self.estimate(data), self._parameter(theta)) / unit

    def kl(self, data: Iterable[float], theta: float, base: float = math.e) -> float:
        """Compute D of the empirical distribution to q, the sum of s log(s / q(x)) over observed x with share s.

        Its sum with `mean_log_likelihood` is minus the data's `entropy`, whatever theta is. Never negative.

        Raises InputError as `mean_log_likelihood` does, and for a family of densities: they give single values
        probability 0, so that D would be infinite for all of them.

        It is computed as the divergence of the best member plus `excess`, neither of which is negative.

        >>> print(f"{POISSON.kl((0, 0, 0), 0.25)}")
        0.25
        """
        if not self.is_discrete:
            raise InputError(f"{self.name} is a family of densities, to which D of any data is infinite", "data")
        unit = math.log(log_base(base))
        values = self._observed(data)
        best, theta = self.estimate(values), self._parameter(theta)
        shares = empirical(values).items()
        least = math.fsum(share * (math.log(share) - self.law(value, best)) for value, share in shares)
        return (max(0.0, least) + self.gap(best, theta)) / unit

    def _observed(self, data: Iterable[float], name: str = "data") -> tuple[float, ...]:
        values = vector(data, name)
        for index, value in enumerate(values):
            if not self.allows(value):
                where = name if name == "x" else place(name, index)
                raise InputError(f"{where} is {value!r}, which {self.name} data cannot be", name, index)
        return values

    def _parameter(self, theta: float) -> float:
        theta = finite(theta, "theta")
        if not self.low <= theta <= self.high:
            ends = f"between {self.low:g} and {self.high:g}" if self.high < math.inf else f"at least {self.low:g}"
            raise InputError(f"theta is {theta!r}, but for {self.name} it must be {ends}", "theta")
        return theta


def _times_log(count: float, x: float) -> float:
    """Return count log x, with 0 log 0 = 0."""
    if count == 0:
        return 0.0
    return count * math.log(x) if x > 0 else -math.inf


def _bernoulli(x: float, theta: float) -> float:
    if x == 1:
        return _times_log(1, theta)
    return math.log1p(-theta) if theta < 1 else -math.inf


def _poisson(x: float, theta: float) -> float:
    return _times_log(x, theta) - theta - math.lgamma(x + 1)


def _normal(x: float, theta: float) -> float:
    return -0.5 * (x - theta) * (x - theta) - _LOG_SQRT_2PI


def _tilt(a: float, b: float) -> float:
    """Return a log(a / b) - a + b, which is never negative, without losing digits where b is close to a."""
    if a == 0:
        return b
    if b == 0:
        return math.inf
    excess = (b - a) / a
    return a * log1p_gap(excess) if -0.5 < excess < 1.0 else a * (math.log(a) - math.log(b)) + (b - a)


def _bernoulli_gap(mean: float, theta: float) -> float:
    return _tilt(mean, theta) + _tilt(1 - mean, 1 - theta)


def _normal_gap(mean: float, theta: float) -> float:
    return 0.5 * (mean - theta) * (mean - theta)


BERNOULLI = Family(
    "Bernoulli", True, 0.0, 1.0, lambda x: x in (0, 1), _bernoulli, _bernoulli_gap
)  # fmt: skip
POISSON = Family(
    "Poisson", True, 0.0, math.inf, lambda x: 0 <= x <= LARGEST_COUNT and x == int(x), _poisson, _tilt
)  # fmt: skip
NORMAL = Family(
    "normal", False, -math.inf, math.inf, lambda _: True, _normal, _normal_gap
)  # fmt: skip
