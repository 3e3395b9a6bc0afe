"""Bregman divergences against their definition in 800 digits, SciPy, other divergences, and their identities."""

import math
from itertools import product
from typing import Any

import mpmath
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import special, stats

from klweb import bregman, categorical
from klweb.errors import InputError
from tests.core import oracles

FUNCTIONS = ("square", "entropy", "log")
EVERY = pytest.mark.parametrize("function", FUNCTIONS)
EDGES = [0.0, 5e-324, 1e-310, 1e-200, 1e-17, 1e-9, 0.1, 1 / 3, 0.5, 0.5000000000000001, 0.89, 0.99, 1.0 - 2.0**-53, 1.0]
SHARES = st.one_of(st.sampled_from(EDGES), st.floats(0.0, 1.0))
INNER = st.floats(0.001, 0.999)


def exact(function: str, x: Any) -> Any:
    """F(x) for a number of 800 digits, from its definition."""
    if function == "square":
        return x * x
    if function == "log":
        return -mpmath.log(x) if x else mpmath.inf
    return mpmath.fsum(a * mpmath.log(a, 2) for a in (x, 1 - x) if a > 0)


def exact_slope(function: str, x: Any) -> Any:
    if function == "square":
        return 2 * x
    return -1 / x if function == "log" else mpmath.log(x / (1 - x), 2)


@oracles.precise
def definition(function: str, p: float, q: float) -> Any:
    """F(p) − F(q) − F′(q)(p − q), with the limits that the module promises."""
    a, b = mpmath.mpf(p), mpmath.mpf(q)
    if p == q:
        return mpmath.mpf(0)
    if (function == "log" and 0 in (p, q)) or (function == "entropy" and q in (0, 1)):
        return mpmath.inf
    return exact(function, a) - exact(function, b) - exact_slope(function, b) * (a - b)


def test_the_pages_figures() -> None:
    pairs = [(0.5, 0.6), (0.89, 0.99)]
    assert [f"{bregman.divergence('entropy', p, q):.4f}" for p, q in pairs] == ["0.0294", "0.2438"]
    assert [abs(p - q) for p, q in pairs] == pytest.approx([0.1, 0.1], rel=1e-12)


@EVERY
def test_against_the_definition_on_a_grid_of_edges(function: str) -> None:
    for p, q in product(EDGES, EDGES):
        got = bregman.divergence(function, p, q)
        assert math.copysign(1.0, got) == 1.0
        assert oracles.relative_error(got, definition(function, p, q)) < 4e-15, (p, q)


@EVERY
@given(p=SHARES, q=SHARES)
def test_against_the_definition(function: str, p: float, q: float) -> None:
    assert oracles.relative_error(bregman.divergence(function, p, q), definition(function, p, q)) < 4e-15


@EVERY
@given(p=INNER, size=st.floats(-15.0, -1.0), sign=st.sampled_from([-1.0, 1.0]))
def test_nearly_equal_points_cost_no_digits(function: str, p: float, size: float, sign: float) -> None:
    q = min(max(p * (1.0 + sign * 10.0**size), 1e-4), 1.0 - 1e-4)
    assert oracles.relative_error(bregman.divergence(function, p, q), definition(function, p, q)) < 4e-15


@given(SHARES, SHARES)
def test_negative_entropy_gives_kl(p: float, q: float) -> None:
    found = bregman.divergence("entropy", p, q)
    assert found == pytest.approx(categorical.kl((p, 1 - p), (q, 1 - q)), rel=1e-12, abs=1e-24)


@given(INNER, INNER)
def test_negative_entropy_gives_scipys_kl(p: float, q: float) -> None:
    nats = special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q)
    assert bregman.divergence("entropy", p, q) == pytest.approx(nats / math.log(2), rel=1e-9, abs=1e-14)
    assert bregman.value("entropy", p) == pytest.approx(-stats.entropy([p, 1 - p], base=2), rel=1e-12)


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_itakura_saito_knows_only_the_ratio(p: float, q: float, factor: float) -> None:
    """Neither the scale of both counts, nor anything but p/q: twice the KL of two centred Gaussians."""
    found = bregman.divergence("log", p, q)
    assert found == pytest.approx(bregman.divergence("log", factor * p, factor * q), rel=1e-9, abs=1e-13)
    assert found == pytest.approx(p / q - math.log(p / q) - 1, rel=1e-9, abs=1e-12)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_the_square_gives_the_squared_distance_both_ways(p: float, q: float) -> None:
    assert bregman.divergence("square", p, q) == bregman.divergence("square", q, p) == (p - q) * (p - q)


@EVERY
@given(p=SHARES, q=SHARES)
def test_never_negative_and_nothing_where_the_points_are_one(function: str, p: float, q: float) -> None:
    assert bregman.divergence(function, p, q) >= 0
    assert bregman.divergence(function, p, p) == 0


@EVERY
@given(p=INNER, q=INNER)
def test_the_gap_lies_between_curve_and_tangent(function: str, p: float, q: float) -> None:
    gap = bregman.value(function, p) - bregman.tangent(function, q, p)
    assert bregman.divergence(function, p, q) == pytest.approx(gap, rel=1e-9, abs=1e-11)
    assert bregman.tangent(function, q, q) == bregman.value(function, q)


@EVERY
@given(x=SHARES)
def test_value_and_slope(function: str, x: float) -> None:
    with mpmath.workdps(oracles.DIGITS):
        point = mpmath.mpf(x)
        want = exact(function, point)
        # Where negative entropy is steep, 1 − x in doubles has lost what x has.
        assert bregman.value(function, x) == pytest.approx(float(want), rel=1e-14, abs=1e-15)
        assume(function == "square" or 0 < x < 1)
        assert bregman.slope(function, x) == pytest.approx(float(exact_slope(function, point)), rel=1e-12, abs=1e-14)


def test_vertical_tangents() -> None:
    assert bregman.slope("entropy", 0) == bregman.slope("log", 0) == -math.inf
    assert bregman.slope("entropy", 1) == math.inf
    assert bregman.tangent("entropy", 1, 0.5) == bregman.tangent("log", 0, 0.5) == -math.inf
    assert bregman.tangent("entropy", 1, 1) == 0


@pytest.mark.parametrize("q", [0.0, 1.0])
def test_ends_of_negative_entropy(q: float) -> None:
    assert bregman.divergence("entropy", 0.5, q) == bregman.divergence("entropy", 1 - q, q) == math.inf
    assert bregman.divergence("entropy", q, 0.5) == 1
    assert bregman.divergence("entropy", q, q) == 0


@EVERY
@given(p=INNER, q=INNER, r=INNER)
@example(p=0.3, q=0.3, r=0.8)
@example(p=0.3, q=0.8, r=0.8)
@example(p=0.3, q=0.8, r=0.3)
def test_the_three_point_identity(function: str, p: float, q: float, r: float) -> None:
    parts = bregman.three_points(function, p, q, r)
    assert parts.is_finite
    size = max(map(abs, parts))
    assert parts.first + parts.second + parts.cross == pytest.approx(parts.whole, abs=1e-12 * size + 1e-15)
    assert parts.whole == bregman.divergence(function, p, r)
    assert parts.first == bregman.divergence(function, p, q)
    assert parts.second == bregman.divergence(function, q, r)


@EVERY
@given(points=st.lists(INNER, min_size=3, max_size=3, unique=True))
def test_a_stop_on_the_way_saves_and_a_detour_costs(function: str, points: list[float]) -> None:
    """The cross term has the sign of q's place: between p and r or not. No triangle inequality, then."""
    p, q, r = points
    assume(min(abs(p - q), abs(q - r)) > 1e-6)
    assert (bregman.three_points(function, p, q, r).cross > 0) == (min(p, r) < q < max(p, r))


def test_an_identity_with_an_infinite_part_says_nothing() -> None:
    assert not bregman.three_points("entropy", 0.5, 0, 0.5).is_finite
    assert not bregman.three_points("entropy", 0.5, 0.5, 1).is_finite
    assert bregman.three_points("entropy", 0.5, 0.5, 1) == (math.inf, 0, math.inf, 0)
    assert not math.isnan(bregman.three_points("entropy", 0.5, 0, 0).cross)


@EVERY
@given(p=SHARES, q=SHARES, r=SHARES)
@example(p=0.5, q=1e-320, r=5e-324)
def test_no_part_is_ever_not_a_number(function: str, p: float, q: float, r: float) -> None:
    assert not any(map(math.isnan, bregman.three_points(function, p, q, r)))


@pytest.mark.parametrize(
    ("function", "p", "argument", "words"),
    [
        ("cube", 0.5, "function", "one of square, entropy, log"),
        ("entropy", 1.5, "p", "p is 1.5, but it must be between 0 and 1"),
        ("entropy", -0.1, "p", "between 0 and 1"),
        ("log", -1, "p", "p is -1.0, but it must be between 0 and 1e\\+150"),
        ("square", math.nan, "p", "finite"),
        ("square", "1", "p", "must be a number"),
    ],
)
def test_bad_input_is_refused_by_name(function: str, p: Any, argument: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        bregman.divergence(function, p, 0.5)
    assert caught.value.argument == argument


def test_places_on_a_curve_are_checked_too() -> None:
    for call in (bregman.value, bregman.slope):
        with pytest.raises(InputError, match="x is 2"):
            call("entropy", 2)
    with pytest.raises(InputError, match="q is 2"):
        bregman.tangent("entropy", 2, 0.5)
    with pytest.raises(InputError, match="x is nan"):
        bregman.tangent("entropy", 0.5, math.nan)
