import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from klweb import gaussian
from klweb.errors import InputError
from tests.core import oracles

MEANS = st.floats(-10.0, 10.0)
SIGMAS = st.floats(0.1, 10.0)
SIGMA_EDGES = [
    5e-324, 1e-310, 1e-160, 1e-9, 0.7071, 1.0 - 2.0**-53, 1.0, 1.0 + 2.0**-52, 1.0 + 1e-9, 1.4143,
    1.9999, 3.0, 1e160, 1.7e308,
]  # fmt: skip
MEAN_EDGES = [-1.7e308, -1.0, 0.0, 1e-300, 1e-170, 1.0, 1.0 + 2.0**-52, 1e160, 1.7e308]


def test_the_pages_figures() -> None:
    forward, backward = gaussian.kl(0, 1, 2, 1.5), gaussian.kl(2, 1.5, 0, 1)
    assert [f"{forward:.4f}", f"{backward:.4f}"] == ["1.0166", "2.2195"]
    in_bits = [gaussian.kl(0, 1, 2, 1.5, base=2), gaussian.kl(2, 1.5, 0, 1, base=2)]
    assert [f"{value:.4f}" for value in in_bits] == ["1.4666", "3.2021"]


def test_shifts_alone_cost_half_their_square() -> None:
    # Kullback (1959), chapter 9: equal variances leave (mu_p - mu_q)^2 / (2 sigma^2).
    assert gaussian.kl(3, 1, 0, 1) == gaussian.kl(0, 1, 3, 1) == 4.5
    assert gaussian.kl(0, 2, 2, 2) == 0.5


@pytest.mark.parametrize("sigma_p", SIGMA_EDGES)
def test_closed_form_at_the_edges(sigma_p: float) -> None:
    for sigma_q, mu_p, mu_q in product(SIGMA_EDGES, MEAN_EDGES[::3], MEAN_EDGES):
        got = gaussian.kl(mu_p, sigma_p, mu_q, sigma_q)
        want = oracles.gaussian_kl(mu_p, sigma_p, mu_q, sigma_q)
        assert math.copysign(1.0, got) == 1.0
        assert oracles.relative_error(got, want) < 4e-15, (mu_p, mu_q, sigma_q)


@given(MEANS, SIGMAS, st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.floats(-15.0, -1.0))
def test_nearly_equal_parameters(mu: float, sigma: float, shift: float, stretch: float, size: float) -> None:
    other = (mu + shift * 10.0**size, sigma * (1.0 + stretch * 10.0**size))
    want = oracles.gaussian_kl(mu, sigma, *other)
    assert oracles.relative_error(gaussian.kl(mu, sigma, *other), want) < 4e-15
    assert gaussian.kl(mu, sigma, mu, sigma) == 0.0


@settings(max_examples=40)
@given(MEANS, SIGMAS, MEANS, SIGMAS)
def test_closed_form_against_numerical_integration(mu_p: float, sigma_p: float, mu_q: float, sigma_q: float) -> None:
    parameters = (mu_p, sigma_p, mu_q, sigma_q)
    ends = (mu_p - 12 * sigma_p, mu_p + 12 * sigma_p)
    area, _ = integrate.quad(gaussian.kl_integrand, *ends, args=parameters, epsabs=1e-13, epsrel=1e-11, limit=200)
    assert area == pytest.approx(gaussian.kl(*parameters), rel=1e-9, abs=1e-11)


@settings(max_examples=40)
@given(MEANS, SIGMAS)
def test_entropy_and_density_against_numerical_integration(mu: float, sigma: float) -> None:
    ends = (mu - 12 * sigma, mu + 12 * sigma)
    mass, _ = integrate.quad(gaussian.pdf, *ends, args=(mu, sigma), epsabs=1e-13)
    assert mass == pytest.approx(1.0, rel=1e-11)

    def surprise(x: float) -> float:
        return -gaussian.pdf(x, mu, sigma) * gaussian.log_pdf(x, mu, sigma)

    area, _ = integrate.quad(surprise, *ends, epsabs=1e-13)
    assert area == pytest.approx(gaussian.entropy(sigma), rel=1e-9, abs=1e-10)


@given(MEANS, SIGMAS, MEANS, SIGMAS, st.floats(-5.0, 5.0), st.floats(0.1, 5.0))
def test_affine_maps_change_nothing(
    mu_p: float, sigma_p: float, mu_q: float, sigma_q: float, shift: float, scale: float
) -> None:
    def moved(mu: float, sigma: float) -> tuple[float, float]:
        return shift + scale * mu, scale * sigma

    image = gaussian.kl(*moved(mu_p, sigma_p), *moved(mu_q, sigma_q))
    assert image == pytest.approx(gaussian.kl(mu_p, sigma_p, mu_q, sigma_q), rel=1e-9, abs=1e-12)


@given(MEANS, SIGMAS, MEANS, SIGMAS)
def test_swapping(mu_p: float, sigma_p: float, mu_q: float, sigma_q: float) -> None:
    # Exchanging the means alone never changes D; exchanging p and q does, unless sigmas agree.
    divergence = gaussian.kl(mu_p, sigma_p, mu_q, sigma_q)
    assert gaussian.kl(mu_q, sigma_p, mu_p, sigma_q) == divergence
    if sigma_p == sigma_q:
        assert gaussian.kl(mu_q, sigma_q, mu_p, sigma_p) == divergence


@given(st.floats(-30.0, 30.0), MEANS, SIGMAS)
def test_density_against_scipy(x: float, mu: float, sigma: float) -> None:
    assert gaussian.pdf(x, mu, sigma) == pytest.approx(stats.norm.pdf(x, mu, sigma), rel=1e-12, abs=1e-300)
    want = stats.norm.logpdf(x, mu, sigma)
    assert gaussian.log_pdf(x, mu, sigma) == pytest.approx(want, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("sigma", [1e-150, 0.3, 1.0, 1e150])
def test_density_in_the_tails(sigma: float) -> None:
    for z in (0.0, 1e-8, 1.0, 8.0, 20.0, 26.0):
        want = oracles.gaussian_pdf(z * sigma, 0.0, sigma)
        assert oracles.relative_error(gaussian.pdf(z * sigma, 0.0, sigma), want) < 1e-12
    assert gaussian.pdf(1e200 * min(sigma, 1.0), 0.0, 1e-150) == 0.0


@pytest.mark.parametrize(
    "sigma",
    [5e-324, 1e-9, 0.1, 0.2, 0.24, 0.2419707, 0.25, 0.4839, 0.484, 1.0, 1e300]
    + [0.24197072451914337 + k * 2.0**-55 for k in range(-3, 4)],
)
def test_entropy_through_its_zero(sigma: float) -> None:
    want = oracles.gaussian_entropy(sigma)
    assert oracles.relative_error(gaussian.entropy(sigma), want) < 1e-14
    bits = gaussian.entropy(sigma, base=2)
    assert bits == pytest.approx(gaussian.entropy(sigma) / math.log(2), rel=1e-15)


@given(st.floats(-8.0, 8.0), MEANS, SIGMAS, MEANS, SIGMAS)
def test_integrand_is_the_density_times_the_logarithm(
    z: float, mu_p: float, sigma_p: float, mu_q: float, sigma_q: float
) -> None:
    x = mu_p + z * sigma_p
    logs = gaussian.log_pdf(x, mu_p, sigma_p), gaussian.log_pdf(x, mu_q, sigma_q)
    density = gaussian.pdf(x, mu_p, sigma_p)
    got = gaussian.kl_integrand(x, mu_p, sigma_p, mu_q, sigma_q)
    # Absolutely, in units of what cancels where p and q cross.
    size = density * max(map(abs, logs))
    assert abs(got - density * (logs[0] - logs[1])) <= 1e-13 * size + 1e-300
    bits = gaussian.kl_integrand(x, mu_p, sigma_p, mu_q, sigma_q, base=2)
    assert bits == pytest.approx(got / math.log(2), rel=1e-14, abs=1e-300)


@pytest.mark.parametrize(
    "arguments",
    [
        (1.0, 0.0, 1.0, 1e-9, 1.0),
        (1.5, 0.0, 1.0, 0.0, 1.0 + 1e-9),
        (1e-300, 1.0, 0.2, 1e-300, 1e-300),
        (38.7, 0.0, 1.0, 0.0, 1e-150),
        (1e160, 1e-300, 1e160, 0.0, 1.9999),
        (0.0, 0.0, 1e-310, 0.0, 1.0),
        (40.0, 0.0, 1.0, 0.0, 1e-200),
        (0.3, 0.0, 1.0, -1.7e308, 1.7e308),
    ],
)
def test_integrand_at_the_edges(arguments: tuple[float, float, float, float, float]) -> None:
    got, want = gaussian.kl_integrand(*arguments), oracles.gaussian_integrand(*arguments)
    assert oracles.relative_error(got, want) < 1e-12


def test_integrand_is_never_nan() -> None:
    values = [-1.7e308, -1.0, 0.0, 1e-300, 1e200, 1.7e308]
    sigmas = [5e-324, 1e-160, 1.0, 1e200, 1.7e308]
    for x, mu_p, mu_q in product(values, repeat=3):
        for sigma_p, sigma_q in product(sigmas, repeat=2):
            value = gaussian.kl_integrand(x, mu_p, sigma_p, mu_q, sigma_q)
            assert not math.isnan(value)
            assert not math.isnan(gaussian.pdf(x, mu_p, sigma_p))
            assert not math.isnan(gaussian.log_pdf(x, mu_p, sigma_p))
    same = gaussian.kl_integrand(0.5, 0.0, 5e-324, 0.0, 5e-324)
    assert (same, math.copysign(1.0, same)) == (0.0, 1.0)


def test_integrand_is_negative_where_the_model_gives_more() -> None:
    assert gaussian.kl_integrand(1.5, 0, 1, 2, 1) < 0 < gaussian.kl_integrand(0.5, 0, 1, 2, 1)


@pytest.mark.parametrize("sigma", [0, -1, math.nan, math.inf, "1", None])
def test_standard_deviations_are_positive(sigma: Any) -> None:
    calls: dict[str, list[Callable[[], object]]] = {
        "sigma": [
            lambda: gaussian.pdf(0, 0, sigma),
            lambda: gaussian.log_pdf(0, 0, sigma),
            lambda: gaussian.entropy(sigma),
        ],
        "sigma_p": [
            lambda: gaussian.kl(0, sigma, 0, 1),
            lambda: gaussian.kl_integrand(0, 0, sigma, 0, 1),
        ],
        "sigma_q": [
            lambda: gaussian.kl(0, 1, 0, sigma),
            lambda: gaussian.kl_integrand(0, 0, 1, 0, sigma),
        ],
    }
    for name, functions in calls.items():
        for call in functions:
            with pytest.raises(InputError, match=f"^{name} is") as caught:
                call()
            assert caught.value.argument == name


@pytest.mark.parametrize("mean", [math.nan, -math.inf, "0", None, [0]])
def test_means_are_finite(mean: Any) -> None:
    calls: dict[str, list[Callable[[], object]]] = {
        "x": [lambda: gaussian.pdf(mean, 0, 1), lambda: gaussian.kl_integrand(mean, 0, 1, 0, 1)],
        "mu": [lambda: gaussian.pdf(0, mean, 1), lambda: gaussian.log_pdf(0, mean, 1)],
        "mu_p": [
            lambda: gaussian.kl(mean, 1, 0, 1),
            lambda: gaussian.kl_integrand(0, mean, 1, 0, 1),
        ],
        "mu_q": [
            lambda: gaussian.kl(0, 1, mean, 1),
            lambda: gaussian.kl_integrand(0, 0, 1, mean, 1),
        ],
    }
    for name, functions in calls.items():
        for call in functions:
            with pytest.raises(InputError, match=f"^{name} is"):
                call()


@pytest.mark.parametrize("base", [1, 0, -1, math.inf, math.nan])
def test_bases(base: float) -> None:
    calls: list[Callable[[], object]] = [
        lambda: gaussian.entropy(1, base),
        lambda: gaussian.kl(0, 1, 0, 1, base),
        lambda: gaussian.kl_integrand(0, 0, 1, 0, 1, base),
        lambda: gaussian.kl_multivariate([0], [[1]], [0], [[1]], base),
    ]
    for call in calls:
        with pytest.raises(InputError, match=r"^base is"):
            call()


def test_numpy_scalars_are_taken() -> None:
    numbers: list[Any] = [np.float64(0), np.int64(1), np.float32(2), np.float64(1.5)]
    value = gaussian.kl(*numbers)
    assert value == gaussian.kl(0, 1, 2, 1.5)
    assert type(value) is float


@given(st.lists(MEANS, min_size=1, max_size=5), MEANS, SIGMAS, MEANS, SIGMAS, st.sampled_from([2.0, math.e]))
def test_curves_are_their_functions_at_each_place(
    xs: list[float], mu_p: float, sigma_p: float, mu_q: float, sigma_q: float, base: float
) -> None:
    assert gaussian.pdf_curve(xs, mu_p, sigma_p) == [gaussian.pdf(x, mu_p, sigma_p) for x in xs]
    parameters = (mu_p, sigma_p, mu_q, sigma_q, base)
    assert gaussian.kl_integrand_curve(xs, *parameters) == [gaussian.kl_integrand(x, *parameters) for x in xs]


@pytest.mark.parametrize(("xs", "words"), [((), "xs is empty"), ((0, math.nan), r"xs\[1\] is nan"), (5, "a sequence")])
def test_curves_refuse_places_that_are_none(xs: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        gaussian.pdf_curve(xs, 0, 1)
    with pytest.raises(InputError, match=words):
        gaussian.kl_integrand_curve(xs, 0, 1, 0, 1)
