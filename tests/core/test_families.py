"""Families of one parameter against SciPy, the definition of D, and a search for the greatest likelihood."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import optimize, stats
from scipy.special import rel_entr

from klweb import families
from klweb.categorical import kl as categorical_kl
from klweb.errors import InputError
from klweb.families import BERNOULLI, NORMAL, POISSON, Family

COINS = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=30)
COUNTS = st.lists(st.integers(0, 30).map(float), min_size=1, max_size=30)
REALS = st.lists(st.floats(-20, 20), min_size=1, max_size=30)
CHANCES = st.floats(0.001, 0.999)
RATES = st.floats(0.001, 40)
MEANS = st.floats(-20, 20)

ORACLES: dict[str, Any] = {
    "Bernoulli": stats.bernoulli.logpmf,
    "Poisson": stats.poisson.logpmf,
    "normal": stats.norm.logpdf,
}
"""log q of many values, from SciPy."""

FITS = st.one_of(
    st.tuples(st.just(BERNOULLI), COINS, CHANCES),
    st.tuples(st.just(POISSON), COUNTS, RATES),
    st.tuples(st.just(NORMAL), REALS, MEANS),
)
Fit = tuple[Family, list[float], float]


@given(FITS)
def test_mean_log_likelihood_against_scipy(fit: Fit) -> None:
    family, data, theta = fit
    want = ORACLES[family.name](data, theta).mean()
    assert family.mean_log_likelihood(data, theta) == pytest.approx(want, rel=1e-12, abs=1e-12)
    bits = family.mean_log_likelihood(data, theta, base=2)
    assert bits == pytest.approx(want / math.log(2), rel=1e-12, abs=1e-12)
    assert family.log_density(data[0], theta) == pytest.approx(ORACLES[family.name](data[:1], theta)[0], rel=1e-12)


@given(FITS)
def test_divergence_against_its_definition(fit: Fit) -> None:
    family, data, theta = fit
    assume(family.is_discrete)
    values = sorted(set(data))
    shares = [data.count(value) / len(data) for value in values]
    model = [math.exp(log) for log in ORACLES[family.name](values, theta)]
    # On values without data both rel_entr's terms and D's are none; over the others q need not sum to 1.
    want = float(rel_entr(shares, model).sum())
    assume(min(model) > 1e-300)
    assert family.kl(data, theta) == pytest.approx(want, rel=1e-11, abs=1e-12)
    assert family.kl(data, theta, base=2) == pytest.approx(want / math.log(2), rel=1e-11, abs=1e-12)


@given(COINS, CHANCES)
def test_of_a_coin_the_divergence_is_that_of_two_distributions(data: list[float], theta: float) -> None:
    mean = sum(data) / len(data)
    want = categorical_kl((1 - mean, mean), (1 - theta, theta))
    assert BERNOULLI.kl(data, theta, base=2) == pytest.approx(want, rel=1e-12, abs=1e-15)


@given(FITS)
def test_divergence_and_mean_log_likelihood_sum_to_minus_the_entropy(fit: Fit) -> None:
    family, data, theta = fit
    assume(family.is_discrete)
    likelihood = family.mean_log_likelihood(data, theta)
    total = family.kl(data, theta) + likelihood
    assert total == pytest.approx(-families.entropy(data), rel=1e-12, abs=1e-14 * abs(likelihood) + 1e-14)


@given(FITS)
def test_excess_and_mean_log_likelihood_sum_to_the_greatest_likelihood(fit: Fit) -> None:
    family, data, theta = fit
    best = family.mean_log_likelihood(data, family.estimate(data))
    total = family.excess(data, theta) + family.mean_log_likelihood(data, theta)
    assert total == pytest.approx(best, rel=1e-11, abs=1e-11)
    assert family.excess(data, theta) >= 0
    assert family.excess(data, family.estimate(data)) == 0


@given(FITS)
def test_no_theta_is_likelier_than_the_estimate(fit: Fit) -> None:
    family, data, theta = fit
    best = family.mean_log_likelihood(data, family.estimate(data))
    assert family.mean_log_likelihood(data, theta) <= best + 1e-12 * abs(best)


@given(FITS)
def test_a_blind_search_finds_the_estimate(fit: Fit) -> None:
    family, data, _ = fit
    ends = {"Bernoulli": (0, 1), "Poisson": (0, 31), "normal": (-21, 21)}[family.name]

    def cost(theta: float) -> float:
        return -float(ORACLES[family.name](data, theta).mean())

    found = optimize.minimize_scalar(cost, bounds=ends, method="bounded", options={"xatol": 1e-9})
    assert family.estimate(data) == pytest.approx(found.x, abs=1e-5)


@given(COINS, COUNTS)
def test_for_the_best_coin_nothing_is_left_and_for_the_best_counts_something_may_be(
    coins: list[float], counts: list[float]
) -> None:
    assert BERNOULLI.kl(coins, BERNOULLI.estimate(coins)) <= 1e-15
    assert POISSON.kl(counts, POISSON.estimate(counts)) >= 0
    assert POISSON.kl((0, 2), 1) > 0.1


@given(CHANCES, st.floats(-15, -3))
def test_near_the_estimate_the_excess_keeps_its_digits(theta: float, size: float) -> None:
    """There it is half the square of the distance over the variance; the next term is smaller by about the distance."""
    data = (0, 1, 1, 0)
    step = 10.0**size
    near = 0.5 + step
    distance = near - 0.5
    assert BERNOULLI.excess(data, near) == pytest.approx(distance**2 / 2 / 0.25, rel=5 * distance)
    near = 2 + step
    distance = near - 2
    assert POISSON.excess((1, 3), near) == pytest.approx(distance**2 / 2 / 2, rel=max(distance, 1e-15))


def test_golden_figures() -> None:
    heads = (1,) * 7 + (0,) * 3
    assert f"{BERNOULLI.kl(heads, 0.5, base=2):.4f}" == "0.1187"
    assert BERNOULLI.mean_log_likelihood(heads, 0.5, base=2) == -1
    assert f"{families.entropy(heads, base=2):.4f}" == "0.8813"
    assert BERNOULLI.kl((1,) * 10, 0.5, base=2) == 1
    assert NORMAL.excess((-1, 0, 1), 1) == 0.5


@pytest.mark.parametrize(
    ("family", "data", "theta"),
    [(BERNOULLI, (1, 0), 0), (BERNOULLI, (1, 0), 1), (BERNOULLI, (0,), 1), (POISSON, (0, 3), 0)],
)
def test_a_model_that_calls_the_data_impossible_is_infinitely_bad(
    family: Family, data: Sequence[float], theta: float
) -> None:
    assert family.kl(data, theta) == family.excess(data, theta) == math.inf
    assert family.mean_log_likelihood(data, theta) == -math.inf


@pytest.mark.parametrize(("family", "value"), [(BERNOULLI, 0), (BERNOULLI, 1), (POISSON, 0)])
def test_data_that_are_all_alike_at_the_edge_fit_perfectly(family: Family, value: float) -> None:
    data = (value,) * 5
    assert family.estimate(data) == value
    assert family.kl(data, value) == family.mean_log_likelihood(data, value) == families.entropy(data) == 0


@given(st.one_of(COINS, COUNTS, REALS))
def test_the_empirical_distribution_sums_to_one_and_is_in_order(data: list[float]) -> None:
    found = families.empirical(data)
    assert list(found) == sorted(set(data))
    assert math.fsum(found.values()) == pytest.approx(1, rel=1e-15)
    assert families.entropy(data) == pytest.approx(stats.entropy(list(found.values())), rel=1e-12, abs=1e-15)


def test_zero_has_no_sign() -> None:
    (value,) = families.empirical((-0.0, 0.0))
    assert math.copysign(1, value) == 1


@given(st.lists(st.floats(-1.7e308, 1.7e308), min_size=1, max_size=5), st.floats(-1.7e308, 1.7e308))
@example([1.7e308, 1.7e308], 0)
@example([1.0], 1.7e308)
@example([0.0, 2.0**53], 1e-320)
def test_nothing_overflows_with_an_exception(data: list[float], theta: float) -> None:
    assert math.isfinite(NORMAL.estimate(data))
    assert NORMAL.excess(data, theta) >= 0
    assert NORMAL.mean_log_likelihood(data, theta) <= 0
    counts = [float(abs(int(value)) % (2**53 + 1)) for value in data]
    assert POISSON.kl(counts, abs(theta)) >= 0
    assert POISSON.mean_log_likelihood(counts, abs(theta)) <= 1e-9


@pytest.mark.parametrize(
    ("action", "words", "argument"),
    [
        (lambda: families.empirical(()), "data is empty", "data"),
        (lambda: families.entropy((1, math.nan)), "data[1] is nan", "data"),
        (lambda: families.entropy((1,), base=1), "base is 1.0", "base"),
        (lambda: BERNOULLI.estimate((0, 0.5)), "data[1] is 0.5, which Bernoulli data cannot be", "data"),
        (lambda: POISSON.estimate((0, -1)), "data[1] is -1.0, which Poisson data cannot be", "data"),
        (lambda: POISSON.log_density(1.5, 1), "x is 1.5, which Poisson data cannot be", "x"),
        (lambda: BERNOULLI.kl((0, 1), 1.5), "theta is 1.5, but for Bernoulli it must be between 0 and 1", "theta"),
        (lambda: POISSON.excess((0, 1), -1), "theta is -1.0, but for Poisson it must be at least 0", "theta"),
        (lambda: NORMAL.excess((0, 1), math.inf), "theta is inf", "theta"),
        (lambda: NORMAL.excess((), 0), "data is empty, but it needs at least one", "data"),
        (lambda: NORMAL.kl((0, 1), 0), "normal is a family of densities", "data"),
    ],
)
def test_bad_input_is_told(action: Any, words: str, argument: str) -> None:
    with pytest.raises(InputError) as caught:
        action()
    assert words in str(caught.value)
    assert caught.value.argument == argument
