"""Theorems that hold for all distributions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb import categorical
from tests.core.strategies import Distribution, distributions, pairs, positive_distributions

Pair = tuple[Distribution, Distribution]
ROUNDING = 1e-13


def is_plus(value: float) -> bool:
    return value >= 0.0 and math.copysign(1.0, value) == 1.0


@given(pairs())
def test_gibbs_inequality(pair: Pair) -> None:
    p, q = pair
    assert is_plus(categorical.kl(p, q))
    if categorical.total_variation(p, q) > 1e-150:
        assert categorical.kl(p, q) > 0.0


@given(pairs())
def test_infinite_exactly_where_the_model_rules_out_what_happens(pair: Pair) -> None:
    p, q = pair
    ruled_out = any(a > 0.0 == b for a, b in zip(p, q, strict=True))
    assert math.isinf(categorical.kl(p, q)) == ruled_out
    assert math.isinf(categorical.cross_entropy(p, q)) == ruled_out
    terms = categorical.kl_terms(p, q)
    assert [math.isinf(t) for t in terms] == [a > 0.0 == b for a, b in zip(p, q, strict=True)]


@given(st.integers(1, 10).flatmap(distributions))
def test_nothing_is_lost_between_equals(p: Distribution) -> None:
    for value in (
        categorical.kl(p, p),
        categorical.js(p, p),
        categorical.total_variation(p, p),
        *categorical.kl_terms(p, p),
    ):
        assert value == 0.0
        assert is_plus(value)


@given(pairs())
def test_cross_entropy_is_entropy_and_divergence(pair: Pair) -> None:
    p, q = pair
    total = categorical.entropy(p) + categorical.kl(p, q)
    assert categorical.cross_entropy(p, q) == pytest.approx(total, rel=ROUNDING, abs=ROUNDING)


@given(pairs())
def test_terms_sum_to_the_divergence(pair: Pair) -> None:
    p, q = pair
    terms = categorical.kl_terms(p, q)
    assert math.fsum(terms) == pytest.approx(categorical.kl(p, q), rel=ROUNDING, abs=1e-15)
    # -0.0 would show as "-0" in a picture.
    assert all(term != 0.0 or is_plus(term) for term in terms)


@given(st.integers(1, 10).flatmap(distributions))
def test_entropy_lies_between_zero_and_the_uniform(p: Distribution) -> None:
    assert is_plus(categorical.entropy(p))
    assert categorical.entropy(p) <= math.log2(len(p)) * (1.0 + ROUNDING)


@given(pairs())
def test_jensen_shannon_is_symmetric_and_at_most_a_bit(pair: Pair) -> None:
    p, q = pair
    assert categorical.js(p, q) == categorical.js(q, p)
    assert is_plus(categorical.js(p, q))
    assert categorical.js(p, q) <= 1.0 + 4e-16


@given(st.tuples(*[distributions(4)] * 3))
def test_the_root_of_jensen_shannon_is_a_metric(three: tuple[Distribution, ...]) -> None:
    # Endres and Schindelin (2003).
    a, b, c = three

    def metric(p: Distribution, q: Distribution) -> float:
        return math.sqrt(categorical.js(p, q))

    assert metric(a, c) <= (metric(a, b) + metric(b, c)) * (1.0 + ROUNDING)


@given(pairs())
def test_pinskers_inequality(pair: Pair) -> None:
    p, q = pair
    nats = categorical.kl(p, q, base=math.e)
    assert nats >= 2.0 * categorical.total_variation(p, q) ** 2 * (1.0 - ROUNDING)


@given(pairs())
def test_total_variation_is_a_distance(pair: Pair) -> None:
    p, q = pair
    assert categorical.total_variation(p, q) == categorical.total_variation(q, p)
    assert 0.0 <= categorical.total_variation(p, q) <= 1.0


@given(pairs(), st.data())
def test_data_processing_by_merging_symbols(pair: Pair, data: st.DataObject) -> None:
    p, q = pair
    cells = data.draw(st.lists(st.integers(0, 3), min_size=len(p), max_size=len(p)))

    def merged(v: Distribution) -> Distribution:
        return tuple(math.fsum(x for x, cell in zip(v, cells, strict=True) if cell == kept) for kept in range(4))

    slack = 1.0 + ROUNDING
    assert categorical.kl(merged(p), merged(q)) <= categorical.kl(p, q) * slack + 1e-30
    assert categorical.js(merged(p), merged(q)) <= categorical.js(p, q) * slack + 1e-30
    assert categorical.entropy(merged(p)) <= categorical.entropy(p) * slack + 1e-15
    assert categorical.total_variation(merged(p), merged(q)) <= categorical.total_variation(p, q) + 1e-15


@given(
    st.tuples(positive_distributions(3), positive_distributions(3)),
    st.tuples(positive_distributions(4), positive_distributions(4)),
)
def test_divergences_of_independent_pairs_add(first: Pair, second: Pair) -> None:
    def joint(u: Distribution, v: Distribution) -> Distribution:
        return tuple(a * b for a in u for b in v)

    both = categorical.kl(joint(first[0], second[0]), joint(first[1], second[1]))
    apart = categorical.kl(*first) + categorical.kl(*second)
    assert both == pytest.approx(apart, rel=1e-12, abs=1e-18)
    h = categorical.entropy(first[0]) + categorical.entropy(second[0])
    assert categorical.entropy(joint(first[0], second[0])) == pytest.approx(h, rel=1e-12)


@given(pairs(), st.randoms(use_true_random=False))
def test_relabelling_changes_nothing(pair: Pair, random: object) -> None:
    p, q = pair
    order = list(range(len(p)))
    random.shuffle(order)  # type: ignore[attr-defined]
    p_shuffled, q_shuffled = (tuple(v[i] for i in order) for v in pair)
    assert categorical.kl(p_shuffled, q_shuffled) == categorical.kl(p, q)
    assert categorical.js(p_shuffled, q_shuffled) == categorical.js(p, q)
    assert categorical.entropy(p_shuffled) == categorical.entropy(p)
    assert categorical.cross_entropy(p_shuffled, q_shuffled) == categorical.cross_entropy(p, q)
    assert categorical.total_variation(p_shuffled, q_shuffled) == categorical.total_variation(p, q)


@given(pairs())
def test_symbols_that_never_happen_change_nothing(pair: Pair) -> None:
    p, q = pair
    assert categorical.kl((*p, 0.0), (*q, 0.0)) == categorical.kl(p, q)
    assert categorical.entropy((0.0, *p)) == categorical.entropy(p)


@given(st.tuples(*[positive_distributions(4)] * 4), st.floats(0.0, 1.0))
def test_kl_is_jointly_convex(four: tuple[Distribution, ...], t: float) -> None:
    p, q, r, s = four
    mixed = categorical.kl(categorical.mixture(p, q, t), categorical.mixture(r, s, t))
    chord = (1.0 - t) * categorical.kl(p, r) + t * categorical.kl(q, s)
    assert mixed <= chord * (1.0 + ROUNDING) + 1e-15


@given(pairs(), st.sampled_from([math.e, 10.0, 1.5, 1e6]))
def test_a_base_is_a_change_of_unit(pair: Pair, base: float) -> None:
    p, q = pair
    unit = math.log(base, 2)
    for quantity in (categorical.kl, categorical.js, categorical.cross_entropy):
        assert quantity(p, q, base) * unit == pytest.approx(quantity(p, q), rel=ROUNDING, abs=1e-15)
    assert categorical.entropy(p, base) * unit == pytest.approx(categorical.entropy(p), rel=ROUNDING)


@given(pairs(), st.floats(0.0, 1.0))
def test_mixtures_run_from_p_to_q(pair: Pair, t: float) -> None:
    p, q = pair
    assert categorical.mixture(p, q, 0.0) == p
    assert categorical.mixture(p, q, 1.0) == q
    assert categorical.mixture(p, p, t) == p
    mixed = categorical.check_distribution(categorical.mixture(p, q, t))
    for m, a, b in zip(mixed, p, q, strict=True):
        assert min(a, b) * (1.0 - 1e-15) - 5e-324 <= m <= max(a, b) * (1.0 + 1e-15) + 5e-324


@given(
    st.lists(st.floats(0.0, 1.7e308), min_size=1, max_size=20).filter(lambda w: max(w) > 0.0),
)
def test_normalizing_any_weights(weights: list[float]) -> None:
    p = categorical.normalize(weights)
    assert categorical.check_distribution(p) == p
    heaviest = weights.index(max(weights))
    assert p[heaviest] == max(p)
    assert categorical.kl(p, categorical.normalize(p)) <= 1e-30
