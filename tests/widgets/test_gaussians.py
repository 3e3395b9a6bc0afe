"""KL between two Gaussians: golden figures, swaps, and pictures whose areas are the figures."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from klweb.scene import Path
from klweb.widget import FRAMES, State, View
from klweb.widgets.gaussians import WIDGET
from tests.widgets.strategies import states

PHONE = FRAMES["phone"]
STATE = states(WIDGET)
FEW = settings(max_examples=40)
NAMES = ("mu_p", "sigma_p", "mu_q", "sigma_q")


def figures(state: State) -> tuple[float, float]:
    forward, backward = WIDGET.view(state, PHONE).readouts
    return forward.value, backward.value


def preset(name: str) -> tuple[float, float]:
    return figures(WIDGET.preset(name))


def press(state: State, name: str) -> State:
    return WIDGET.update(state, {"type": "press", "name": name})


def view(state: State) -> View:
    return WIDGET.view(state, PHONE)


def test_golden_figures_of_the_default_view() -> None:
    state = WIDGET.default
    assert [state[name] for name in NAMES] == [0, 1, 2, 1.5]
    assert [(item.symbol, item.text) for item in view(state).readouts] == [
        ("D(p ‖ q)", "1.0166 nats = 1.4666 bits"),
        ("D(q ‖ p)", "2.2195 nats = 3.2021 bits"),
    ]
    assert figures(state) == pytest.approx((1.0166, 2.2195), abs=5e-5), "data-value is in nats"


def test_equal_widths_agree_both_ways() -> None:
    forward, backward = preset("same-width")
    assert forward == backward == pytest.approx(2)


def test_an_overconfident_model_costs_more_than_a_cautious_one() -> None:
    narrow, wide = preset("narrow-model"), preset("wide-model")
    assert narrow[0] > 3 * wide[0]
    assert narrow == wide[::-1]


def test_far_apart_costs_the_square_of_the_distance() -> None:
    assert preset("far-apart") == pytest.approx((12.5, 12.5))


def test_identical_curves_cost_nothing() -> None:
    assert preset("identical") == (0, 0)
    assert "nothing" in view(WIDGET.preset("identical")).summary


@given(STATE)
def test_readouts_agree_with_the_integral(state: State) -> None:
    """Of such smooth curves a sum over evenly spaced places is the integral, to rounding errors."""
    p, q = norm(state["mu_p"], state["sigma_p"]), norm(state["mu_q"], state["sigma_q"])
    for (truth, model), found in zip(((p, q), (q, p)), figures(state), strict=True):
        x, step = np.linspace(truth.mean() - 12 * truth.std(), truth.mean() + 12 * truth.std(), 2001, retstep=True)
        area = np.sum(truth.pdf(x) * (truth.logpdf(x) - model.logpdf(x))) * step
        assert found == pytest.approx(area, rel=1e-9, abs=1e-12)


@given(STATE)
@FEW
def test_both_units_are_printed(state: State) -> None:
    for readout in view(state).readouts:
        nats, bits = readout.text.removesuffix(" bits").split(" nats = ")
        assert float(nats) == pytest.approx(readout.value, abs=5.1e-5)
        assert float(bits) == pytest.approx(readout.value / math.log(2), abs=5.1e-5)


@given(STATE)
@FEW
def test_swapping_the_means_leaves_the_divergence_whatever_the_widths(state: State) -> None:
    after = press(state, "swap-means")
    assert (after["mu_p"], after["mu_q"]) == (state["mu_q"], state["mu_p"])
    assert (after["sigma_p"], after["sigma_q"]) == (state["sigma_p"], state["sigma_q"])
    assert figures(after) == pytest.approx(figures(state), rel=1e-14)
    assert "stays" in view(after).summary


@given(STATE)
@FEW
def test_swapping_the_variances_exchanges_the_two_directions(state: State) -> None:
    after = press(state, "swap-variances")
    assert (after["sigma_p"], after["sigma_q"]) == (state["sigma_q"], state["sigma_p"])
    assert (after["mu_p"], after["mu_q"]) == (state["mu_p"], state["mu_q"])
    assert figures(after) == pytest.approx(figures(state)[::-1], rel=1e-14)


@given(STATE, st.sampled_from(["swap-means", "swap-variances"]))
@FEW
def test_a_sentence_says_what_a_swap_did(state: State, button: str) -> None:
    after = press(state, button)
    summary = view(after).summary
    before, now = (item.readouts[0].text.split(" nats")[0] for item in (view(state), view(after)))
    assert ("Means" if button == "swap-means" else "Variances") in summary
    assert now in summary
    if before != now:
        assert before in summary
        assert "changed" in summary
    elif button == "swap-means" or state["sigma_p"] == state["sigma_q"]:
        assert "stays" in summary


@given(STATE, st.sampled_from(["swap-means", "swap-variances"]))
@FEW
def test_swapping_twice_changes_nothing(state: State, button: str) -> None:
    twice = press(press(state, button), button)
    assert [twice[name] for name in NAMES] == [state[name] for name in NAMES]


@given(STATE)
@FEW
def test_moving_a_slider_ends_the_sentence_about_a_swap(state: State) -> None:
    after = WIDGET.update(press(state, "swap-means"), {"type": "set", "name": "mu_p", "value": 0.5})
    assert after["pressed"] == "none"
    assert "swapped" not in view(after).summary


@given(STATE)
@FEW
def test_equal_widths_are_said_to_be_equal_and_unequal_ones_are_not(state: State) -> None:
    plain = {**state, "pressed": "none"}
    assume(any(figures(plain)))
    assert ("qual widths" in view(plain).summary) == (plain["sigma_p"] == plain["sigma_q"])


def enclosed(points: tuple[float, ...]) -> float:
    """Return the area inside a polygon (the shoelace formula)."""
    xs, ys = points[::2], points[1::2]
    pairs = zip(xs, ys, [*xs[1:], xs[0]], [*ys[1:], ys[0]], strict=True)
    return abs(math.fsum(x * v - u * y for x, y, u, v in pairs)) / 2


@pytest.mark.parametrize("name", ["shifted-and-wider", "same-width", "narrow-model", "far-apart"])
def test_the_integrands_area_is_the_divergence_in_the_picture_too(name: str) -> None:
    """Gains less losses, in squared pixels, of both directions on one scale."""
    state = WIDGET.preset(name)
    scene = WIDGET.view(state, FRAMES["desk"]).scene
    paths = {mark.key: mark for mark in scene.marks if isinstance(mark, Path)}
    areas = [enclosed(paths[f"{key}.gain"].points) - enclosed(paths[f"{key}.loss"].points) for key in ("pq", "qp")]
    forward, backward = figures(state)
    assert areas[0] / areas[1] == pytest.approx(forward / backward, rel=0.05)


@given(STATE)
@FEW
def test_curves_keep_their_number_of_points_so_that_one_turns_into_another(state: State) -> None:
    def lengths(scene_of: State) -> dict[str, int]:
        return {mark.key: len(mark.points) for mark in view(scene_of).scene.marks if isinstance(mark, Path)}

    assert lengths(state) == lengths(WIDGET.default)
    assert set(lengths(state)) == {"p.curve", "q.curve", "pq.gain", "pq.loss", "qp.gain", "qp.loss"}


@given(STATE)
@FEW
def test_the_curves_peak_at_their_means(state: State) -> None:
    paths = {mark.key: mark for mark in view(state).scene.marks if isinstance(mark, Path)}
    handles = {handle.name: handle for handle in view(state).scene.handles}
    for name in "pq":
        points = paths[f"{name}.curve"].points
        top = min(points[1::2])
        handle = handles[f"mu_{name}"]
        unit = (handle.at_high - handle.at_low) / (handle.high - handle.low)
        mean = handle.at_low + (handle.value - handle.low) * unit
        # Points are rounded to a tenth of a pixel, and a steep curve falls fast beside its peak.
        assert min(y for x, y in zip(points[::2], points[1::2], strict=True) if abs(x - mean) <= 0.06) <= top + 0.1


@given(STATE)
@FEW
def test_the_tables_terms_sum_to_the_divergence(state: State) -> None:
    for row, value in zip(view(state).table.rows, figures(state), strict=True):
        terms = [float(cell.replace("−", "-")) for cell in row[1:]]
        assert sum(terms[:-1]) == pytest.approx(terms[-1], abs=2.5e-4)
        assert terms[-1] == pytest.approx(value, abs=5.1e-5)
