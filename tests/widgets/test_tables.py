"""One table of marks and one of roles: Python's, the SVG painter's, the canvas painter's, the style sheets'."""

import re
from pathlib import Path

import pytest

from klweb import svg
from klweb.scene import MARKS, ROLES, Handle, Spot, Text

BROWSER = Path(__file__).parents[2] / "src/klweb/browser"
PAINTER = (BROWSER / "painter.js").read_text()
BASE = (BROWSER / "base.css").read_text()
WIDGET = (BROWSER / "widget.css").read_text()
KINDS = [kind.__name__.lower() for kind in MARKS]


def block(text: str, start: str, end: str) -> str:
    """Return what stands between two markers, each of which must be there once."""
    assert text.count(start) == 1, f"{start!r} occurs {text.count(start)} times"
    return text.partition(start)[2].partition(end)[0]


def test_the_svg_painter_knows_every_mark_and_no_other() -> None:
    assert list(svg.PAINTERS) == KINDS


def test_the_canvas_painter_knows_every_mark_and_no_other() -> None:
    table = block(PAINTER, "const PAINTERS = {", "\n};")
    assert re.findall(r"^  (\w+)\(", table, re.MULTILINE) == KINDS


def test_the_canvas_painter_knows_every_role_and_no_other() -> None:
    assert re.findall(r'"([\w-]+)"', block(PAINTER, "const ROLES = [", "];")) == list(ROLES)


def test_the_canvas_painter_reads_only_fields_that_marks_have() -> None:
    known = {name for kind in MARKS for name in kind.__dataclass_fields__} | {"mark"}
    assert set(re.findall(r"\bmark\.(\w+)", PAINTER)) <= known


def test_moving_fields_are_the_coordinates_that_painted_marks_have() -> None:
    listed = re.findall(r'"(\w+)"', block(PAINTER, "const MOVING = [", "];"))
    painted = [kind for kind in MARKS if kind not in (Handle, Spot)]
    assert set(listed) <= {name for kind in painted for name in kind.__dataclass_fields__}
    assert {"x", "y", "w", "h", "x1", "y1", "x2", "y2", "r"} <= set(listed)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_colour_in_both_themes(role: str) -> None:
    light, dark = re.findall(rf"^  --{role}: light-dark\((#\w+), (#\w+)\);", BASE, re.MULTILINE)[0]
    assert light != dark


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_class_that_fills(role: str) -> None:
    assert WIDGET.count(f".f-{role} {{ fill: var(--{role}); }}") == 1


@pytest.mark.parametrize("role", [role for role in ROLES if not role.endswith("-text")])
def test_every_role_that_is_not_for_text_has_a_class_that_strokes(role: str) -> None:
    assert WIDGET.count(f".s-{role} {{ stroke: var(--{role}); }}") == 1


def test_style_sheets_know_no_other_role() -> None:
    assert set(re.findall(r"\.[fs]-([\w-]+) \{", WIDGET)) == {*ROLES, "none"}


def test_every_manner_of_text_has_a_class() -> None:
    manners = [name for name, item in Text.__dataclass_fields__.items() if item.type in ("bool", bool)]
    assert manners == ["bold", "italic", "halo"]
    for name in manners:
        assert f"svg .{name} {{" in WIDGET


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_text_has_a_contrast_of_four_and_a_half_and_graphics_of_three(theme: int, ground: str) -> None:
    rules = block(BASE, "\n:root {\n  color-scheme: light dark;", "}")
    found = re.findall(r"^  --([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", rules, re.MULTILINE)
    colours = {name: pair[theme] for name, *pair in found}
    for role in ("ink", "muted", "p-text", "q-text", "gap-text"):
        assert contrast(colours[role], colours[ground]) >= 4.5, role
    for role in ("p", "q", "gap"):
        assert contrast(colours[role], colours[ground]) >= 3, role
