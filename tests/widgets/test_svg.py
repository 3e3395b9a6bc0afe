"""The ahead-of-time painter: well-formed, without inline styles, every mark where the scene says."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb import svg
from klweb.scene import ROLES, Dot, Handle, Line, Path, Rect, Scene, Spot, Text
from klweb.widget import FRAMES, Frame, State, Widget
from klweb.widgets import WIDGETS
from tests.widgets.strategies import shown

SVG = "{http://www.w3.org/2000/svg}"


def parse(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314  our own output


def only(mark: Rect | Line | Path | Text | Dot) -> ElementTree.Element:
    (element,) = parse(svg.render(Scene(100, 50, (mark,))))
    return element


def test_a_scene_is_a_box_that_scales() -> None:
    root = parse(svg.render(Scene(360, 200.126, ())))
    assert root.tag == f"{SVG}svg"
    assert root.attrib == {"viewBox": "0 0 360 200.13", "width": "360", "height": "200.13"}
    assert len(root) == 0


def test_attributes_are_added_and_quoted() -> None:
    root = parse(svg.render(Scene(1, 1, ()), {"role": "img", "aria-label": '"a" < b & c'}))
    assert root.get("role") == "img"
    assert root.get("aria-label") == '"a" < b & c'


def test_rectangles() -> None:
    rect = only(Rect(1, 2, 3.456, 4, "p-soft", "q", 2.5, (5, 3), 1.5))
    assert rect.tag == f"{SVG}rect"
    assert rect.attrib == {
        "class": "f-p-soft s-q", "x": "1", "y": "2", "width": "3.46", "height": "4", "rx": "1.5", "stroke-width": "2.5",
        "stroke-dasharray": "5 3",
    }  # fmt: skip
    assert only(Rect(0, 0, 1, 1, "p")).get("class") == "f-p", "no stroke unless asked for"
    assert "rx" not in only(Rect(0, 0, 1, 1, "p")).attrib


def test_lines_have_ink_unless_told_otherwise() -> None:
    line = only(Line(1, 2, 3, 4))
    assert line.attrib == {"class": "f-none s-ink", "x1": "1", "y1": "2", "x2": "3", "y2": "4"}
    assert only(Line(1, 2, 3, 4, "p", 3, (5, 3))).attrib.items() >= {
        "class": "f-none s-p", "stroke-width": "3", "stroke-dasharray": "5 3",
    }.items()  # fmt: skip


def test_paths_open_and_closed() -> None:
    assert only(Path((0, 1, 2, 3.5, 4, 5), stroke="q")).get("d") == "M0,1 2,3.5 4,5"
    assert only(Path((0, 1, 2, 3, 4, 5), closed=True, fill="gap")).get("d") == "M0,1 2,3 4,5Z"
    assert only(Path((0, 1, 2, 3), stroke="q")).get("class") == "f-none s-q", "an open path is not filled"


def test_a_path_without_points_draws_nothing() -> None:
    assert len(parse(svg.render(Scene(1, 1, (Path(()),))))) == 0


def test_texts() -> None:
    text = only(Text(1, 2, "D(p ‖ q)", "gap-text", 14, "middle", bold=True, italic=True, halo=True))
    assert text.text == "D(p ‖ q)"
    assert text.attrib == {
        "class": "f-gap-text bold italic halo", "x": "1", "y": "2", "font-size": "14", "text-anchor": "middle",
    }  # fmt: skip
    plain = only(Text(1, 2, "a"))
    assert plain.attrib == {"class": "f-ink", "x": "1", "y": "2", "font-size": "13"}


def test_dots() -> None:
    assert only(Dot(1, 2, 3, "paper", "q", 2)).attrib == {
        "class": "f-paper s-q", "cx": "1", "cy": "2", "r": "3", "stroke-width": "2",
    }  # fmt: skip


def test_handles_and_spots_are_not_drawn() -> None:
    handle = Handle("q", "q", "y", 0, 0, 44, 44, 0, 1, 0, 1, 0.1, 0.5, "words")
    spot = Spot("add.1", "Add a 1", 0, 0, 44, 44)
    assert len(parse(svg.render(Scene(100, 50, (handle, spot))))) == 0


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_any_words_are_escaped(words: str) -> None:
    assert (only(Text(0, 0, words)).text or "") == words


@pytest.mark.parametrize("words", ["</text><script>alert(1)</script>", "a & b", "x < y > z", "]]>", "&lt;", '"'])
def test_hostile_words_stay_words(words: str) -> None:
    element = only(Text(0, 0, words))
    assert element.text == words
    assert len(element) == 0


@given(shown())
def test_every_figure_is_well_formed_and_has_no_style_of_its_own(case: tuple[Widget, State, Frame]) -> None:
    widget, state, frame = case
    scene = widget.view(state, frame).scene
    root = parse(svg.render(scene))
    painted = [mark for mark in scene.marks if not isinstance(mark, Handle | Spot)]
    assert [element.tag for element in root] == [SVG + tag(mark) for mark in painted]
    known = {f"{kind}-{role}" for role in (*ROLES, "none") for kind in "fs"} | {"bold", "italic", "halo"}
    for element in root.iter():
        assert not {"style", "fill", "stroke", "onclick", "href"} & element.attrib.keys()
        assert set(element.get("class", "").split()) <= known


def tag(mark: object) -> str:
    return {"Rect": "rect", "Line": "line", "Path": "path", "Text": "text", "Dot": "circle"}[type(mark).__name__]


def test_both_frames_of_all_presets_stay_small() -> None:
    for widget in WIDGETS.values():
        for frame in FRAMES.values():
            for preset in widget.presets:
                text = svg.render(widget.view(widget.preset(preset.name), frame).scene)
                assert len(text.encode()) < 60_000
