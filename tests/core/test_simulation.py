"""Random draws: the same for a seed, fair to the distribution, and never what is impossible."""

import math
import random
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, kstest, norm

from klweb.simulation import STREAMS, draws, uniforms
from tests.core.strategies import Distribution, distributions

SEED = st.integers(1, 9999)
STREAM = st.integers(0, STREAMS - 1)
SIZES = st.integers(1, 12)
LUCK = st.lists(st.floats(0, 1, exclude_max=True), max_size=50)


def test_known_numbers_of_a_seed() -> None:
    """Links hold seeds: these numbers may not change with a release, of ours or of Python's."""
    assert uniforms(1, 3) == pytest.approx((0.7970515714521261, 0.4834988702079559, 0.3894278133155098), abs=1e-15)
    assert draws([0.45, 0.25, 0.2, 0.1], uniforms(1, 12)) == [2, 1, 0, 2, 2, 0, 1, 3, 2, 2, 0, 3]


@given(SEED, STREAM, st.integers(0, 60), st.integers(0, 60))
def test_longer_sequences_begin_with_shorter_ones(seed: int, stream: int, one: int, other: int) -> None:
    short, long = sorted((one, other))
    assert uniforms(seed, long, stream)[:short] == uniforms(seed, short, stream)
    assert len(uniforms(seed, long, stream)) == long


@given(SEED, STREAM)
def test_a_seed_repeats_itself_whatever_else_is_drawn(seed: int, stream: int) -> None:
    before = uniforms(seed, 5, stream)
    uniforms.cache_clear()
    random.seed(0)
    assert uniforms(seed, 5, stream) == before


def test_nothing_is_drawn_from_the_randomness_of_others() -> None:
    random.seed(7)
    expected = random.Random(7).random()
    uniforms.cache_clear()
    uniforms(3, 10)
    assert random.random() == expected


@given(st.tuples(SEED, STREAM), st.tuples(SEED, STREAM))
def test_every_seed_and_stream_has_numbers_of_its_own(one: tuple[int, int], other: tuple[int, int]) -> None:
    found = [uniforms(seed, 3, stream) for seed, stream in (one, other)]
    assert (found[0] == found[1]) == (one == other)


def test_numbers_are_uniform() -> None:
    """No seed is chosen: of the first hundred, few fall below a level of one in a hundred, and none far below."""
    levels = [kstest(uniforms(seed, 1000), "uniform").pvalue for seed in range(1, 101)]
    assert all(0 <= number < 1 for number in uniforms(1, 1000))
    assert min(levels) > 1e-4
    assert sum(level < 0.01 for level in levels) <= 5


def test_streams_of_a_seed_do_not_go_together() -> None:
    """Correlations of 1,000 pairs of numbers are about normal, with a standard deviation of 1 / √1000."""
    numbers = np.array([uniforms(1, 1000, stream) for stream in range(12)])
    correlations = np.corrcoef(numbers)[np.triu_indices(12, 1)]
    assert np.abs(correlations).max() < norm.isf(1e-4) / math.sqrt(1000)


@given(SIZES.flatmap(distributions), LUCK)
def test_only_possible_symbols_are_drawn(p: Distribution, luck: list[float]) -> None:
    symbols = draws(p, [*luck, 0.0, math.nextafter(1, 0)])
    assert all(p[symbol] > 0 for symbol in symbols)
    assert all(isinstance(symbol, int) for symbol in symbols)


@given(SIZES.flatmap(distributions), LUCK)
def test_symbols_invert_the_distribution_function(p: Distribution, luck: list[float]) -> None:
    edges = [0.0, *np.cumsum(p)]
    for number, symbol in zip(luck, draws(p, luck), strict=True):
        assert edges[symbol] - 1e-12 <= number <= edges[symbol + 1] + 1e-12


@given(SIZES.flatmap(distributions), LUCK, LUCK)
def test_each_draw_depends_on_its_own_number_alone(p: Distribution, one: list[float], other: list[float]) -> None:
    assert draws(p, one + other) == draws(p, one) + draws(p, other)


@given(SIZES.flatmap(distributions), LUCK)
def test_more_luck_never_gives_an_earlier_symbol(p: Distribution, luck: list[float]) -> None:
    symbols = draws(p, sorted(luck))
    assert all(one <= other for one, other in pairwise(symbols))


@pytest.mark.parametrize(
    ("p", "number", "symbol"),
    [
        ((0.0, 0.5, 0.5), 0.0, 1),
        ((0.5, 0.0, 0.5), 0.5, 2),
        ((0.5, 0.5, 0.0), math.nextafter(1, 0), 1),
        ((0.1,) * 10, math.nextafter(1, 0), 9),  # the edges add up to a little less than 1
        ((0.0, *(0.1,) * 10, 0.0), math.nextafter(1, 0), 10),
        ((1.0,), 0.5, 0),
        ((0.0, 5e-324, 1.0), 0.0, 1),
    ],
)
def test_edges_belong_to_the_symbol_after_them(p: Distribution, number: float, symbol: int) -> None:
    assert draws(p, [number]) == [symbol]


def test_moving_a_probability_a_little_moves_few_draws() -> None:
    """As many as the moved probability says, give or take four standard errors: the rest of the walk stays."""
    luck = uniforms(1, 1000)
    one, other = draws([0.5, 0.3, 0.2], luck), draws([0.48, 0.32, 0.2], luck)
    moved = sum(a != b for a, b in zip(one, other, strict=True))
    assert abs(moved - 20) < 4 * math.sqrt(1000 * 0.02 * 0.98)


@pytest.mark.parametrize("p", [(0.45, 0.25, 0.2, 0.1), (0.9, 0.0, 0.1), (1 / 12,) * 12])
def test_symbols_come_as_often_as_they_should(p: Distribution) -> None:
    """Pearson's test over 40 seeds of 1,000 draws; a fair sampler fails it once in ten thousand times."""
    counts = [0] * len(p)
    for seed in range(1, 41):
        for symbol in draws(p, uniforms(seed, 1000)):
            counts[symbol] += 1
    likely = [(count, 40_000 * a) for count, a in zip(counts, p, strict=True) if a > 0]
    statistic = sum((count - expected) ** 2 / expected for count, expected in likely)
    assert statistic < chi2.isf(1e-4, len(likely) - 1)


def test_short_walks_come_as_often_as_they_should() -> None:
    """All 27 walks of three draws, by exact enumeration, against those of 4,000 seeds: draws are independent."""
    p, seeds = (0.5, 0.3, 0.2), 4000
    counts = dict.fromkeys(product(range(3), repeat=3), 0)
    for seed in range(1, seeds + 1):
        counts[tuple(draws(p, uniforms(seed, 3)))] += 1
    expected = {path: seeds * math.prod(p[symbol] for symbol in path) for path in counts}
    assert sum(expected.values()) == pytest.approx(seeds)
    statistic = sum((counts[path] - expected[path]) ** 2 / expected[path] for path in counts)
    assert statistic < chi2.isf(1e-4, 26)
