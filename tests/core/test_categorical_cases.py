"""Figures that others have published or computed."""

import math

import numpy as np
import pytest
from scipy import special, stats
from scipy.spatial import distance

from klweb import categorical

UNIFORM = (0.2, 0.2, 0.2, 0.2, 0.2)
PEAKED = (0.1, 0.1, 0.6, 0.1, 0.1)
SOURCE = (0.30, 0.22, 0.18, 0.14, 0.10, 0.06)


def test_kullbacks_table() -> None:
    # Kullback, Information Theory and Statistics (1959), table 2.1, example 2.1.
    p, q = categorical.normalize((9, 12, 4)), categorical.normalize((1, 1, 1))
    assert categorical.kl(p, q, base=math.e) == pytest.approx(0.0852996, abs=5e-8)
    assert categorical.kl(q, p, base=math.e) == pytest.approx(0.097455, abs=5e-7)


def test_scipys_entropy_examples() -> None:
    # The examples in the documentation of scipy.stats.entropy.
    fair, biased = (1 / 2, 1 / 2), (9 / 10, 1 / 10)
    assert categorical.entropy(fair) == 1.0
    assert categorical.entropy(biased) == pytest.approx(0.46899559358928117, rel=1e-15)
    assert categorical.kl(fair, biased) == pytest.approx(0.7369655941662062, rel=1e-15)
    assert categorical.cross_entropy(fair, biased) == pytest.approx(1.736965594166206, rel=1e-15)


def test_scipys_jensenshannon_examples() -> None:
    # The examples in the documentation of scipy.spatial.distance.jensenshannon, a square root.
    assert categorical.js((1, 0, 0), (0, 1, 0)) == 1.0
    root = math.sqrt(categorical.js((1, 0), (0.5, 0.5), base=math.e))
    assert root == pytest.approx(0.46450140402245893, rel=1e-15)
    assert categorical.js((1, 0, 0), (1, 0, 0)) == 0.0
    rows = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
    others = [[13, 14, 15, 16], [17, 18, 19, 20], [21, 22, 23, 24]]
    for row, other, wanted in zip(rows, others, (0.1402339, 0.0399106, 0.0201815), strict=True):
        p, q = categorical.normalize(row), categorical.normalize(other)
        assert math.sqrt(categorical.js(p, q, base=math.e)) == pytest.approx(wanted, abs=5e-8)


def test_the_pages_figures() -> None:
    def printed(value: float, digits: int) -> str:
        return f"{value:.{digits}f}"

    assert printed(categorical.kl(UNIFORM, PEAKED), 4) == "0.4830"
    assert printed(categorical.kl(PEAKED, UNIFORM), 4) == "0.5510"
    mirrored = SOURCE[::-1]
    assert printed(categorical.entropy(SOURCE), 3) == "2.420"
    assert printed(categorical.cross_entropy(SOURCE, mirrored), 3) == "3.128"
    assert printed(categorical.kl(SOURCE, mirrored), 3) == "0.708"
    assert printed(categorical.kl((0.1, 0.9), (0.01, 0.99), base=math.e), 4) == "0.1445"
    assert printed(categorical.kl((0.01, 0.99), (0.1, 0.9), base=math.e), 4) == "0.0713"
    assert printed(categorical.kl((0.5, 0.5), (0.6, 0.4)), 4) == "0.0294"
    assert printed(categorical.kl((0.89, 0.11), (0.99, 0.01)), 4) == "0.2438"


@pytest.mark.parametrize("size", [1, 2, 7, 300, 5000])
def test_scipy_agrees(size: int) -> None:
    generator = np.random.default_rng(size)
    p, q = generator.dirichlet(np.ones(size)), generator.dirichlet(np.ones(size))
    for base in (2.0, math.e, 10.0, 3.7):
        unit = math.log(base)
        assert categorical.entropy(p, base) == pytest.approx(stats.entropy(p, base=base), rel=1e-12)
        assert categorical.kl(p, q, base) == pytest.approx(stats.entropy(p, q, base), rel=1e-12)
        cross = -np.sum(p * np.log(q)) / unit
        assert categorical.cross_entropy(p, q, base) == pytest.approx(cross, rel=1e-12)
        terms = special.rel_entr(p, q) / unit
        assert categorical.kl_terms(p, q, base) == pytest.approx(terms, rel=1e-12, abs=1e-18)
        mean = distance.jensenshannon(p, q, base) ** 2
        assert categorical.js(p, q, base) == pytest.approx(mean, rel=1e-12)
    variation = np.abs(p - q).sum() / 2
    assert categorical.total_variation(p, q) == pytest.approx(variation, rel=1e-12)


def test_scipys_grid_of_edges_for_rel_entr() -> None:
    # rel_entr(x, y) is 0 where x = 0 <= y, and infinite where x > 0 = y.
    p, q = (0.0, 0.0, 0.5, 0.5), (0.0, 0.5, 0.0, 0.5)
    assert categorical.kl_terms(p, q) == tuple(special.rel_entr(p, q)) == (0.0, 0.0, math.inf, 0.0)


def test_uniform_entropy_is_the_logarithm_of_the_size() -> None:
    # Hartley (1928).
    for size in (1, 2, 3, 10, 1000, 4096):
        assert categorical.entropy((1 / size,) * size) == pytest.approx(math.log2(size), rel=1e-15)


def test_dyadic_figures_are_exact_in_bits() -> None:
    p, q = (0.5, 0.25, 0.125, 0.125), (0.125, 0.125, 0.25, 0.5)
    assert categorical.entropy(p) == 1.75
    assert categorical.cross_entropy(p, q) == 2.625
    assert categorical.kl(p, q) == 0.875
    assert categorical.kl_terms(p, q) == (1.0, 0.25, -0.125, -0.25)
    assert categorical.kl((1, 0, 0, 0), p) == 1.0
    assert [categorical.surprisal(x) for x in (1, 0.5, 0.25, 2.0**-1074, 0)] == [
        0,
        1,
        2,
        1074,
        math.inf,
    ]


def test_log2_is_exact_where_a_quotient_of_logarithms_is_not() -> None:
    assert categorical.surprisal(2.0**-29) == 29.0
    assert categorical.surprisal(1e-15, base=10) == 15.0
