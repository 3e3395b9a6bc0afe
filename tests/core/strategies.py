"""Distributions for property tests: ordinary, sparse, and at the edge of what doubles hold."""

from hypothesis import strategies as st

from klweb.categorical import normalize

Distribution = tuple[float, ...]

# Boundary values: zero, the smallest subnormal and normal doubles, and both sides of one half.
_EDGES = st.sampled_from([0.0, 5e-324, 2.3e-308, 1e-200, 1e-16, 0.25, 0.5, 0.5000000000000001, 1.0])
_WEIGHTS = st.one_of(_EDGES, st.floats(0.0, 1.0), st.floats(0.01, 1.0))


def distributions(size: int) -> st.SearchStrategy[Distribution]:
    weights = st.lists(_WEIGHTS, min_size=size, max_size=size)
    return weights.filter(lambda w: max(w) > 0.0).map(normalize)


def positive_distributions(size: int) -> st.SearchStrategy[Distribution]:
    return st.lists(st.floats(0.01, 1.0), min_size=size, max_size=size).map(normalize)


@st.composite
def pairs(draw: st.DrawFn, most: int = 8) -> tuple[Distribution, Distribution]:
    size = draw(st.integers(1, most))
    return draw(distributions(size)), draw(distributions(size))


@st.composite
def nearly_equal(draw: st.DrawFn) -> tuple[Distribution, Distribution]:
    p = draw(positive_distributions(draw(st.integers(2, 8))))
    scale = 10.0 ** draw(st.floats(-15.0, -1.0))
    nudges = draw(st.lists(st.floats(-1.0, 1.0), min_size=len(p), max_size=len(p)))
    return p, normalize([a * (1.0 + scale * nudge) for a, nudge in zip(p, nudges, strict=True)])
