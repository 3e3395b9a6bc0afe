"""A widget ahead of time: the same answers that Python gives live, and HTML that keeps the page contract."""

import json
import re
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from klweb import live
from klweb.parameter import Choice, Distribution, Number, Sample, TopicId, TopicSet
from klweb.scene import Scene
from klweb.sitegen import figures, neighbours
from klweb.sitegen.problems import SourceError
from klweb.sitegen.runtime import Packed
from klweb.sitegen.writer import Project, Sources, Writer
from klweb.widget import FRAMES, Frame, Preset, State, Table, View, Widget
from klweb.widgets import WIDGETS

ROOT = Path(__file__).parents[2]
EVERY = pytest.mark.parametrize("name", WIDGETS)


class Page(HTMLParser):
    """The elements of a page: tag and attributes, and the text inside each output."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._inside: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        self._inside = next(
            (f"{key}={found[key]}" for key in ("data-readout", "data-summary") if key in found), self._inside
        )

    def handle_endtag(self, tag: str) -> None:
        if tag in ("output", "p"):
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside] = self.texts.get(self._inside, "") + data

    def with_attribute(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.elements if name in attrs]


@pytest.fixture(scope="module")
def environment() -> Environment:
    """Return the templates' environment, with the filters that the build gives it."""
    found = Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.filters |= Writer(Project(ROOT, ROOT / "site"), Sources([]), Packed({}, "", []), {}).environment.filters
    return found


@EVERY
def test_preset_data_is_what_live_python_answers(name: str) -> None:
    prepared = figures.prepare_all()[name]
    for frame in FRAMES:
        data = json.loads(prepared.files[prepared.data[frame]])
        assert list(data["presets"]) == [preset.name for preset in prepared.widget.presets]
        for preset, answer in data["presets"].items():
            request = {"op": "decode", "widget": name, "text": preset, "frame": frame}
            assert answer == json.loads(live.handle(json.dumps(request)))


@EVERY
def test_preset_files_are_named_after_widget_frame_and_content(name: str) -> None:
    prepared = figures.prepare_all()[name]
    assert prepared.data.keys() == prepared.near.keys() == FRAMES.keys()
    expected = set(prepared.data.values())
    for frame, path in prepared.data.items():
        assert path == f"data/{name}.{frame}.{_digest(prepared.files[path])}.json"
        near = json.loads(prepared.files[path])["near"]
        assert list(near) == [preset.name for preset in prepared.widget.presets]
        assert prepared.near[frame] == f"data/{next(iter(near.values()))}"
        for preset, file in near.items():
            assert file == f"{name}.{frame}.{preset}.near.{_digest(prepared.files[f'data/{file}'])}.bin"
            expected.add(f"data/{file}")
    assert expected == prepared.files.keys()


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]


@EVERY
def test_fonts_hear_of_all_characters_that_may_be_shown(name: str) -> None:
    prepared = figures.prepare_all()[name]
    widget = prepared.widget
    for preset in widget.presets:
        state = widget.preset(preset.name)
        for control in neighbours.controls(widget, state, FRAMES["phone"]):
            last = widget.update(state, control.events()[-1])
            text = json.dumps(live.answer(widget, last, FRAMES["phone"])["view"], ensure_ascii=False)
            assert set(text) <= prepared.characters


@EVERY
def test_a_figure_keeps_the_page_contract(name: str, environment: Environment) -> None:
    widget = WIDGETS[name]
    view = widget.view(widget.default, FRAMES["phone"])
    page = Page(figures.render(environment, name, f"figure-{name}"))

    (tag, figure) = page.elements[0]
    assert tag == "figure"
    assert figure["id"] == f"figure-{name}"
    assert figure["data-widget"] == name
    assert figure["data-status"] == "static"

    pictures = [attrs for tag, attrs in page.elements if tag == "svg" and "data-figure" in attrs]
    assert [attrs["data-figure"] for attrs in pictures] == list(FRAMES)
    assert [attrs["width"] for attrs in pictures] == [str(frame.width) for frame in FRAMES.values()]

    presets = page.with_attribute("data-preset")
    assert [attrs["data-preset"] for attrs in presets] == [preset.name for preset in widget.presets]
    assert [attrs["aria-pressed"] for attrs in presets] == ["true"] + ["false"] * (len(presets) - 1)

    readouts = page.with_attribute("data-readout")
    assert [attrs["data-readout"] for attrs in readouts] == [readout.name for readout in view.readouts]
    assert [attrs["data-value"] for attrs in readouts] == [readout.to_json()["value"] for readout in view.readouts]
    for readout in view.readouts:
        assert page.texts[f"data-readout={readout.name}"].strip() == readout.text

    (summary,) = page.with_attribute("data-summary")
    assert summary["aria-live"] == "polite"
    assert page.texts[f"data-summary={summary['data-summary']}"].strip() == view.summary


@EVERY
def test_every_control_is_a_native_one_with_its_parameters_name(name: str, environment: Environment) -> None:
    widget = WIDGETS[name]
    page = Page(figures.render(environment, name, "figure"))
    named = [(tag, attrs) for tag, attrs in page.elements if attrs.get("name")]
    for item in widget.parameters:
        mine = [(tag, attrs) for tag, attrs in named if attrs["name"] == item.name]
        match item:
            case Number(slides=False):
                assert mine == []
            case Number():
                (attrs,) = [attrs for tag, attrs in mine if attrs.get("type") == "range"]
                assert [float(attrs[key] or "") for key in ("min", "max", "step", "value")] == [
                    item.low, item.high, item.step, widget.default[item.name],
                ]  # fmt: skip
            case Choice(hidden=True) | Distribution(hidden=True) | TopicId() | TopicSet():
                assert mine == []
            case Choice():
                assert [attrs["value"] for _, attrs in mine] == [option for option, _ in item.options + item.unlisted]
                checked = [attrs["value"] for _, attrs in mine if "checked" in attrs]
                assert checked == [widget.default[item.name]]
            case Distribution():
                (attrs,) = [attrs for tag, attrs in mine if tag == "input"]
                typed = item.read(attrs["value"])
                assert typed == pytest.approx(widget.default[item.name], rel=1e-5)
            case Sample():
                (attrs,) = [attrs for tag, attrs in mine if tag == "input"]
                assert item.read(attrs["value"]) == widget.default[item.name]
    buttons = [attrs["name"] for tag, attrs in named if tag == "button"]
    assert buttons == [button.name for button in widget.buttons]


@EVERY
def test_every_preset_is_a_row_for_readers_without_scripts(name: str, environment: Environment) -> None:
    widget = WIDGETS[name]
    html = figures.render(environment, name, "figure")
    table = html.split('class="presets-table"')[1].split("</table>")[0]
    rows = table.split("<tr>")[2:]
    assert len(rows) == len(widget.presets)
    for preset, row in zip(widget.presets, rows, strict=True):
        shown = widget.view(widget.preset(preset.name), FRAMES["phone"]).readouts
        assert re.findall(r"<td>([^<]*)</td>", row) == [readout.text for readout in shown]


@EVERY
def test_ids_are_unique_also_with_two_figures_on_a_page(name: str, environment: Environment) -> None:
    html = figures.render(environment, name, "one") + figures.render(environment, name, "two")
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    references = {word for attr in re.findall(r'\b(?:for|aria-\w+by)="([^"]*)"', html) for word in attr.split()}
    assert references <= set(ids)


def test_an_embed_says_where_it_comes_from(environment: Environment) -> None:
    assert 'href="../../#figure-x"' in figures.render(environment, "asymmetry", "figure", credit="../../#figure-x")
    assert "credit" not in figures.render(environment, "asymmetry", "figure")


def test_an_unknown_widget_is_told_with_its_line(environment: Environment) -> None:
    source = "One\n\n[[widget: nope]]\n"
    with pytest.raises(SourceError) as caught:
        figures.render(environment, "nope", "figure", place=("content/x.md", source))
    assert str(caught.value).startswith("content/x.md:3: there is no widget 'nope'; there are asymmetry")


@pytest.mark.parametrize("summary", ["", "  "])
def test_a_figure_without_words_is_refused(summary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def view(_state: State, _frame: Frame) -> View:
        return View(Scene(10, 10, ()), (), summary, Table("", (), ()))

    monkeypatch.setitem(WIDGETS, "mute", Widget("mute", "What?", (), (Preset("one", "One", "One."),), view, str))
    with pytest.raises(
        SourceError, match=r"tests/sitegen/test_figures\.py:\d+: preset one shows a figure without words"
    ):
        figures.prepare("mute")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("D(p ‖ q)", 'D(<i class="p">p</i> ‖ <i class="q">q</i>)'),
        ("q’s peak, up, PQ, p_i", "q’s peak, up, PQ, p_i"),
        ("a < p", 'a &lt; <i class="p">p</i>'),
        ("p log₂(p/q)", '<i class="p">p</i> log₂(<i class="p">p</i>/<i class="q">q</i>)'),
    ],
)
def test_p_and_q_are_coloured_where_they_stand_alone(text: str, html: str) -> None:
    assert figures.letters(text) == html


def test_symbols_have_subscripts() -> None:
    assert figures.symbol("μ_p") == '<var>μ</var><sub><i class="p">p</i></sub>'
    assert figures.symbol("t") == "<var>t</var>"
    assert figures.symbol("<") == "<var>&lt;</var>"
