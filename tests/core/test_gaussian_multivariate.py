import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from klweb import gaussian
from klweb.errors import InputError
from tests.core import oracles

Array = NDArray[np.float64]
Parameters = tuple[Array, Array, Array, Array]
IDENTITY = ((1.0, 0.0), (0.0, 1.0))


def drawn(seed: int, size: int) -> Parameters:
    generator = np.random.default_rng(seed)

    def covariance() -> Array:
        root = generator.normal(size=(size, size))
        product: Array = root @ root.T + 0.3 * np.eye(size)
        return product

    return generator.normal(size=size), covariance(), generator.normal(size=size), covariance()


def by_numpy(mean_p: Array, cov_p: Array, mean_q: Array, cov_q: Array) -> tuple[float, ...]:
    shift = mean_p - mean_q
    trace = np.trace(np.linalg.solve(cov_q, cov_p))
    distance = shift @ np.linalg.solve(cov_q, shift)
    log_det = np.linalg.slogdet(cov_q)[1] - np.linalg.slogdet(cov_p)[1]
    return float(trace), float(distance), float(log_det)


seeded = st.builds(drawn, st.integers(0, 2**32), st.integers(1, 6))


@given(seeded)
def test_against_numpys_formula(parameters: Parameters) -> None:
    terms = gaussian.kl_multivariate_terms(*parameters)
    assert terms[:3] == pytest.approx(by_numpy(*parameters), rel=1e-10, abs=1e-12)
    assert terms.dimension == len(parameters[0])
    whole = (terms.trace + terms.mahalanobis - terms.dimension + terms.log_det) / 2
    assert gaussian.kl_multivariate(*parameters) == pytest.approx(whole, rel=1e-10, abs=1e-12)


@settings(max_examples=20)
@given(st.builds(drawn, st.integers(0, 2**32), st.integers(1, 4)))
def test_against_the_formula_in_many_digits(parameters: Parameters) -> None:
    want = oracles.multivariate_kl(*(values.tolist() for values in parameters))
    assert oracles.relative_error(gaussian.kl_multivariate(*parameters), want) < 1e-12


def test_against_scipys_densities_by_sampling_without_noise() -> None:
    # log p - log q is quadratic, so its mean over p's sigma points (the mean +- sqrt(d) times each
    # column of a root of the covariance) is its exact expectation.
    mean_p, cov_p, mean_q, cov_q = drawn(5, 3)
    root = np.linalg.cholesky(cov_p) * math.sqrt(3)
    points = np.concatenate([mean_p + root.T, mean_p - root.T])
    p, q = stats.multivariate_normal(mean_p, cov_p), stats.multivariate_normal(mean_q, cov_q)
    expectation = float(np.mean(p.logpdf(points) - q.logpdf(points)))
    got = gaussian.kl_multivariate(mean_p, cov_p, mean_q, cov_q)
    assert got == pytest.approx(expectation, rel=1e-11)


@given(seeded, st.integers(0, 2**32))
def test_affine_maps_change_nothing(parameters: Parameters, seed: int) -> None:
    mean_p, cov_p, mean_q, cov_q = parameters
    size = len(mean_p)
    generator = np.random.default_rng(seed)
    # A rotation times a stretch: invertible, and not so skewed that rounding would show.
    rotation, _ = np.linalg.qr(generator.normal(size=(size, size)))
    matrix = rotation * generator.uniform(0.5, 2.0, size=size)
    shift = generator.normal(size=size)
    image = gaussian.kl_multivariate(
        matrix @ mean_p + shift,
        matrix @ cov_p @ matrix.T,
        matrix @ mean_q + shift,
        matrix @ cov_q @ matrix.T,
    )
    assert image == pytest.approx(gaussian.kl_multivariate(*parameters), rel=1e-9, abs=1e-11)


@given(seeded)
def test_never_negative_and_nothing_between_equals(parameters: Parameters) -> None:
    mean_p, cov_p, _, _ = parameters
    assert gaussian.kl_multivariate(*parameters) > 0.0
    same = gaussian.kl_multivariate(mean_p, cov_p, mean_p, cov_p)
    assert (same, math.copysign(1.0, same)) == (0.0, 1.0)
    nudged = gaussian.kl_multivariate(mean_p, cov_p, mean_p, cov_p * (1.0 + 1e-15))
    assert 0.0 <= nudged < 1e-25


@given(st.lists(st.tuples(*[st.floats(-3, 3), st.floats(0.1, 3)] * 2), min_size=1, max_size=5))
def test_diagonal_covariances_are_independent_normals(
    axes: list[tuple[float, float, float, float]],
) -> None:
    def diagonal(k: int) -> list[list[float]]:
        return [[axis[k] ** 2 if i == j else 0.0 for j in range(len(axes))] for i, axis in enumerate(axes)]

    got = gaussian.kl_multivariate([a[0] for a in axes], diagonal(1), [a[2] for a in axes], diagonal(3))
    want = math.fsum(gaussian.kl(*axis) for axis in axes)
    assert got == pytest.approx(want, rel=1e-12, abs=1e-20)


def test_a_base_is_a_change_of_unit() -> None:
    parameters = drawn(1, 3)
    bits = gaussian.kl_multivariate(*parameters, base=2)
    assert bits * math.log(2) == pytest.approx(gaussian.kl_multivariate(*parameters), rel=1e-15)


def test_a_covariance_that_rounding_left_slightly_askew_is_taken() -> None:
    askew = ((1.0, 0.5 + 1e-13), (0.5, 1.0))
    gaussian.kl_multivariate((0, 0), askew, (0, 0), IDENTITY)


def test_values_of_every_size() -> None:
    for scale in (1e-300, 1e-150, 1e150, 1e300):
        cov = ((scale, 0.3 * scale), (0.3 * scale, scale))
        other = ((2 * scale, 0.0), (0.0, scale))
        want = gaussian.kl_multivariate((0, 0), ((1, 0.3), (0.3, 1)), (0, 0), ((2, 0), (0, 1)))
        got = gaussian.kl_multivariate((0, 0), cov, (0, 0), other)
        assert got == pytest.approx(want, rel=1e-13)
    huge, tiny = ((1e308, 0.0), (0.0, 1e308)), ((1e-308, 0.0), (0.0, 1e-308))
    assert gaussian.kl_multivariate((0, 0), huge, (0, 0), tiny) == math.inf
    assert gaussian.kl_multivariate((1e308, 0), IDENTITY, (-1e308, 0), IDENTITY) == math.inf
    assert gaussian.kl_multivariate_terms((1e308, 0), huge, (0, 0), tiny).trace == math.inf
    tilted = ((1e-308, 9e-309), (9e-309, 1e-308))
    assert gaussian.kl_multivariate((1e308, 1e308), huge, (0, 0), tilted) == math.inf
    assert 0.0 < gaussian.kl_multivariate((0, 0), tiny, (0, 0), huge) < 3000.0


BAD: list[tuple[dict[str, Any], str, int | None, str]] = [
    ({"mean_p": ()}, "mean_p", None, "empty"),
    ({"mean_p": (0, math.nan)}, "mean_p", 1, r"mean_p\[1\] is nan"),
    ({"mean_p": 0}, "mean_p", None, "sequence"),
    ({"mean_q": (0, 0, 0)}, "mean_q", None, "length 3 and mean_p has length 2"),
    ({"cov_p": ((1, 0),)}, "cov_p", None, "has 1 rows"),
    ({"cov_p": ((1, 0), (0, 1), (0, 0))}, "cov_p", None, "has 3 rows"),
    ({"cov_q": ((1, 0), (0, 1, 0))}, "cov_q", 1, r"cov_q\[1\] has 3 numbers"),
    ({"cov_q": ((1, 0), ())}, "cov_q", 1, r"cov_q\[1\] is empty"),
    ({"cov_q": ((1, "x"), (0, 1))}, "cov_q", 0, r"cov_q\[0\]\[1\] is 'x'"),
    ({"cov_q": ((1, 0), (0, math.inf))}, "cov_q", 1, r"cov_q\[1\]\[1\] is inf"),
    ({"cov_p": 1}, "cov_p", None, "cov_p is 1, but it must be a sequence"),
    ({"cov_p": ()}, "cov_p", None, "cov_p is empty"),
    ({"cov_p": (1, 2)}, "cov_p", 0, "must be a sequence"),
    ({"cov_p": ((1, 0.5), (0.4, 1))}, "cov_p", 1, r"cov_p\[1\]\[0\] is 0.4 and .* symmetric"),
    ({"cov_q": ((1, 0), (0, 0))}, "cov_q", 1, r"cov_q\[1\]\[1\] is 0.0, but a variance"),
    ({"cov_q": ((-1, 0), (0, 1))}, "cov_q", 0, r"cov_q\[0\]\[0\] is -1.0, but a variance"),
    ({"cov_p": ((1, 2), (2, 1))}, "cov_p", 1, "cov_p is not positive definite"),
    ({"cov_q": ((1, 1), (1, 1))}, "cov_q", 1, "cov_q is not positive definite"),
    ({"cov_q": ((1e-300, 1e300), (1e300, 1))}, "cov_q", 1, "cov_q is not positive definite"),
]


@pytest.mark.parametrize(("change", "argument", "index", "message"), BAD)
def test_bad_input(change: dict[str, Any], argument: str, index: int | None, message: str) -> None:
    good: dict[str, Any] = {
        "mean_p": (0, 0),
        "cov_p": IDENTITY,
        "mean_q": (0, 0),
        "cov_q": IDENTITY,
    }
    for function in (gaussian.kl_multivariate, gaussian.kl_multivariate_terms):
        with pytest.raises(InputError, match=message) as caught:
            function(**{**good, **change})
        assert (caught.value.argument, caught.value.index) == (argument, index)


@pytest.mark.parametrize(
    "columns",
    [
        ((0.5, 0.5), (0.7, 0.9), (0.1, 0.2)),
        ((0.8, 0.3), (0.1, 0.3), (0.4, 0.8)),
        ((0.1, 0.7), (0.2, 0.3), (0.9, 0.2)),
    ],
)
def test_singular_but_for_rounding(columns: tuple[tuple[float, float], ...]) -> None:
    # Of rank 2; rounding leaves the last pivot a little above 0, which a plain test lets through.
    singular = np.array(columns) @ np.array(columns).T
    with pytest.raises(InputError, match=r"cov_p is not .* row 2 has a variance of \d"):
        gaussian.kl_multivariate((0, 0, 0), singular, (0, 0, 0), np.eye(3))
