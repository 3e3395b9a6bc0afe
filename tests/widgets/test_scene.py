"""The display list as plain data."""

import math
from dataclasses import MISSING, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb.scene import (
    MARKS,
    MIN_TEXT,
    ROLES,
    AnyMark,
    Dot,
    Handle,
    Line,
    Path,
    Rect,
    Scale,
    Scene,
    Spot,
    Text,
    polyline,
    rounded,
)  # fmt: skip

HANDLE = Handle("q.0", "q of A", "y", 0, 0, 44, 44, 200, 0, 0, 1, 0.01, 1 / 3, "A: q is 0.333")
EXAMPLES: dict[type[AnyMark], AnyMark] = {
    Rect: Rect(1, 2, 3, 4),
    Line: Line(1, 2, 3, 4),
    Path: Path((1, 2, 3, 4)),
    Text: Text(1, 2, "words"),
    Dot: Dot(1, 2, 3),
    Handle: HANDLE,
    Spot: Spot("add.3", "Add a 3", 1, 2, 30, 40),
}


def test_there_is_an_example_of_every_mark() -> None:
    assert set(EXAMPLES) == set(MARKS)


@pytest.mark.parametrize("mark", EXAMPLES.values(), ids=lambda mark: type(mark).__name__)
def test_a_mark_becomes_its_kind_and_what_has_no_default(mark: AnyMark) -> None:
    required = {item.name for item in fields(mark) if item.default is MISSING}
    data = mark.to_json()
    assert data["mark"] == type(mark).__name__.lower()
    assert data.keys() == {"mark"} | required


def test_what_differs_from_its_default_is_said() -> None:
    rect = Rect(0, 0, 1, 1, "p-soft", "p", 2.5, (5, 3), 1.5, "bar")
    assert rect.to_json() == {
        "mark": "rect", "x": 0, "y": 0, "w": 1, "h": 1, "fill": "p-soft", "stroke": "p", "width": 2.5,
        "dash": [5, 3], "radius": 1.5, "key": "bar",
    }  # fmt: skip
    assert Line(0, 0, 1, 1, "ink", 1, ()).to_json().keys() == {"mark", "x1", "y1", "x2", "y2"}
    text = Text(0, 0, "a", "gap-text", 14, "end", bold=True, italic=True, halo=True, key="k").to_json()
    assert (text["anchor"], text["bold"], text["italic"], text["halo"]) == ("end", True, True, True)


@given(st.floats(-1e6, 1e6))
def test_coordinates_are_rounded_to_a_hundredth_of_a_pixel(x: float) -> None:
    found = Dot(x, 0, 1).to_json()["x"]
    assert abs(found - x) <= 0.005 + 1e-9
    assert len(repr(found).partition(".")[2]) <= 2 or abs(found) < 1e-4
    assert isinstance(found, int) == (found == int(found)), "whole pixels are written without a point"


def test_points_are_rounded_one_by_one() -> None:
    assert Path((0.123456, 1.0, 2.999, -0.001)).to_json()["points"] == [0.12, 1, 3, 0]


def test_polylines_are_written_as_they_are_drawn() -> None:
    assert Path(polyline([(0.125, 1.0)])).to_json()["points"] == [0.125, 1.0]
    assert Path(polyline(zip(rounded([0.125, 4.0], 1), rounded([7.06, 2.96], 1), strict=True))).to_json()["points"] == [
        0.1, 7.1, 4, 3,
    ]  # fmt: skip


@given(st.floats(0, 1))
def test_a_handles_values_are_kept_to_the_last_digit(value: float) -> None:
    handle = Handle("q.0", "q", "y", 0.1234, 0, 44, 44, 200.4567, 0, 0.0, 1.0, 0.001, value, "words")
    data = handle.to_json()
    assert data["value"] == value
    assert data["step"] == 0.001
    assert (data["x"], data["at_low"]) == (0.12, 200.46)


@pytest.mark.parametrize("size", [MIN_TEXT - 0.01, 11, 1, 0, -5])
def test_text_too_small_to_read_is_refused(size: float) -> None:
    with pytest.raises(ValueError, match=rf"'tiny' has size {size}: the smallest allowed is {MIN_TEXT}"):
        Text(0, 0, "tiny", size=size)


def test_the_smallest_text_is_twelve_pixels() -> None:
    assert MIN_TEXT == 12
    assert Text(0, 0, "small", size=12).size == 12


def test_a_scene_has_its_size_and_its_marks_in_painting_order() -> None:
    spot = Spot("add.3", "Add a 3", 1, 2, 30, 40)
    scene = Scene(360, 100.504, (Dot(1, 2, 3), HANDLE, Text(0, 0, "a"), spot))
    data = scene.to_json()
    assert (data["width"], data["height"]) == (360, 100.5)
    assert [mark["mark"] for mark in data["marks"]] == ["dot", "handle", "text", "spot"]
    assert scene.handles == (HANDLE,)
    assert scene.spots == (spot,)


def test_roles_are_the_three_hues_and_the_neutrals() -> None:
    hues = {f"{hue}{tone}" for hue in ("p", "q", "gap") for tone in ("", "-soft", "-text")}
    assert set(ROLES) == hues | {"ink", "muted", "faint", "paper"}
    assert len(ROLES) == len(set(ROLES))


@given(st.floats(-100, 100), st.floats(0.01, 100), st.floats(-500, 500), st.floats(1, 500), st.floats(0, 1))
def test_a_scale_is_linear(low: float, width: float, at_low: float, length: float, t: float) -> None:
    scale = Scale(low, low + width, at_low, at_low - length)
    assert math.isclose(scale(low), at_low, abs_tol=1e-9)
    assert math.isclose(scale(low + width), at_low - length, abs_tol=1e-6)
    assert math.isclose(scale(low + t * width), at_low - t * length, abs_tol=1e-6)


@pytest.mark.parametrize(
    ("value", "pixel"), [(-5.0, 200), (0.25, 150), (9.0, 0), (math.inf, 0), (-math.inf, 200), (-0.0, 200)]
)
def test_a_scale_can_hold_values_inside_its_range(value: float, pixel: float) -> None:
    assert Scale(0, 1, 200, 0).clamped(value) == pixel


def test_a_scale_goes_on_outside_its_range() -> None:
    assert Scale(0, 1, 200, 0)(2) == -200


@given(st.lists(st.floats(-50, 50), max_size=5), st.integers(0, 2))
def test_many_values_have_the_pixels_of_each_one_rounded(values: list[float], digits: int) -> None:
    scale = Scale(-10, 30.5, 200.25, 7)
    drawn = scale.drawn(values, digits)
    assert drawn == [round(scale(value), digits) for value in values]
    assert all(isinstance(pixel, int) == (pixel == int(pixel)) for pixel in drawn)


def test_polylines() -> None:
    points: list[tuple[float, float]] = [(0, 1), (2, 3), (4, 5)]
    assert polyline(points) == (0, 1, 2, 3, 4, 5)
    assert polyline(iter(points)) == (0, 1, 2, 3, 4, 5)
    assert polyline(()) == ()


@pytest.mark.parametrize("value", [True, "1", None, [1.234]])
def test_only_floats_are_rounded(value: Any) -> None:
    assert Text(value, 0, "a").to_json()["x"] == value
