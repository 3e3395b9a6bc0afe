"""Markdown to HTML: the maintained extensions of Python-Markdown, and four of our own.

==================  ==========================================================================
in Markdown         becomes
==================  ==========================================================================
``$…$``, ``$$…$$``  a formula, rendered by `klweb.sitegen.formulas` for all pages at once
``[[widget: x]]``   a place for a widget, filled by `klweb.sitegen.figures`
``[^note]``         a side note: in the margin where there is one, else opened in place
``??? predict``     a question to answer before a figure does; see `klweb.sitegen.predict`
==================  ==========================================================================

Formulas and widgets leave placeholders (``<klweb-formula>``, ``<klweb-widget>``), since both are
made for the whole site in one go; `fill` puts them in.
"""

import re
import xml.etree.ElementTree as etree  # noqa: N813  as Python-Markdown calls it
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from markdown import Extension, Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions.footnotes import NBSP_PLACEHOLDER
from markdown.extensions.toc import TocExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

from klweb.sitegen.formulas import Formula, keep_punctuation
from klweb.sitegen.predict import Predictions
from klweb.sitegen.problems import BuildError

WIDGET = re.compile(r"^\[\[widget:\s*([\w-]+)\s*\]\]$")
PLACEHOLDER = re.compile(r'<klweb-(formula|widget) data-index="(\d+)"></klweb-\1>')


@dataclass
class Body:
    """A page's HTML with placeholders, and what is to be put in them."""

    html: str
    contents: list[dict[str, Any]]
    """The headings, nested, as Python-Markdown's toc extension gives them."""
    formulas: list[Formula] = field(default_factory=list)
    widgets: list[str] = field(default_factory=list)


class _Tidy(Treeprocessor):
    """Point links between sources at the pages made of them, and leave no inline style: pages' policy forbids it."""

    def __init__(self, md: Markdown, links: Mapping[str, str]) -> None:
        super().__init__(md)
        self.links = links

    def run(self, root: etree.Element) -> None:
        for element in root.iter():
            source, hash_, anchor = element.get("href", "").partition("#")
            if source in self.links:
                element.set("href", (self.links[source] or "./") + hash_ + anchor)
            if align := element.attrib.pop("align", ""):
                element.set("class", align)
        for parent in list(root.iter()):
            for place, child in enumerate(list(parent)):
                if child.tag == "table":
                    box = etree.Element("div", {"class": "table-scroll"})
                    parent[place] = box
                    box.append(child)
                    box.tail, child.tail = child.tail, None


def _placeholder(kind: str, index: int) -> etree.Element:
    return etree.Element(f"klweb-{kind}", {"data-index": str(index)})


class _InlineFormula(InlineProcessor):
    def __init__(self, md: Markdown, formulas: list[Formula]) -> None:
        super().__init__(r"\$(?!\s)((?:[^$\\]|\\.)+?)(?<!\s)\$", md)
        self.formulas = formulas

    def handleMatch(  # type: ignore[override]  # noqa: N802  Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element, int, int]:
        self.formulas.append(Formula(m[1], display=False))
        return _placeholder("formula", len(self.formulas) - 1), m.start(0), m.end(0)


class _DisplayFormula(BlockProcessor):
    def __init__(self, md: Markdown, formulas: list[Formula]) -> None:
        super().__init__(md.parser)
        self.formulas = formulas

    def test(self, parent: etree.Element, block: str) -> bool:
        text = block.strip()
        return text.startswith("$$") and text.endswith("$$") and len(text) > 4

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        self.formulas.append(Formula(blocks.pop(0).strip()[2:-2].strip(), display=True))
        parent.append(_placeholder("formula", len(self.formulas) - 1))


class _WidgetPlace(BlockProcessor):
    def __init__(self, md: Markdown, widgets: list[str]) -> None:
        super().__init__(md.parser)
        self.widgets = widgets

    def test(self, parent: etree.Element, block: str) -> bool:
        return WIDGET.match(block.strip()) is not None

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        match = WIDGET.match(blocks.pop(0).strip())
        self.widgets.append(match[1] if match else "")
        parent.append(_placeholder("widget", len(self.widgets) - 1))


class _SideNotes(Treeprocessor):
    """Move every footnote behind the block that refers to it, as a ``<details>`` that opens in place."""

    def run(self, root: etree.Element) -> None:
        notes = next((div for div in root if div.get("class") == "footnote"), None)
        if notes is None:
            return
        root.remove(notes)
        bodies = {item.get("id", ""): item for item in notes.iter("li")}
        number = 0
        for block in list(root):
            place = list(root).index(block)
            for reference in block.iter("a"):
                if reference.get("class") != "footnote-ref":
                    continue
                number += 1
                body = bodies[reference.get("href", "#")[1:]]
                name = f"note-{number}"
                reference.attrib.clear()
                reference.attrib.update({"href": f"#{name}", "class": "note-mark", "aria-label": f"Note {number}"})
                reference.text = str(number)
                place += 1
                root.insert(place, self._note(body, number, name))

    @staticmethod
    def _note(body: etree.Element, number: int, name: str) -> etree.Element:
        note = etree.Element("details", {"class": "sidenote"})
        summary = etree.SubElement(note, "summary")
        summary.text = f"Note {number}"
        text = etree.SubElement(note, "div", {"id": name})
        for child in body:
            _drop_back_links(child)
            text.append(child)
        return note


def _drop_back_links(block: etree.Element) -> None:
    """Take out the links that lead from a footnote back to its mark, with the space before each."""
    for place, link in reversed(list(enumerate(block))):
        if link.get("class") == "footnote-backref":
            block.remove(link)
            if place:
                block[place - 1].tail = (block[place - 1].tail or "").removesuffix(NBSP_PLACEHOLDER)
            else:
                block.text = (block.text or "").removesuffix(NBSP_PLACEHOLDER)


class _Klweb(Extension):
    def __init__(self, formulas: list[Formula], widgets: list[str], links: Mapping[str, str]) -> None:
        super().__init__()
        self.formulas, self.widgets, self.links = formulas, widgets, links

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  Markdown's name
        # Before backslash escapes (180), or \{ would lose its backslash; blocks before paragraphs
        # and code.
        md.inlinePatterns.register(_InlineFormula(md, self.formulas), "klweb-formula", 185)
        md.parser.blockprocessors.register(_DisplayFormula(md, self.formulas), "klweb-display", 105)
        md.parser.blockprocessors.register(_WidgetPlace(md, self.widgets), "klweb-widget", 106)
        md.treeprocessors.register(_SideNotes(md), "klweb-notes", 15)  # after inline patterns (20)
        md.treeprocessors.register(_Tidy(md, self.links), "klweb-tidy", 14)


def render(text: str, links: Mapping[str, str] | None = None, path: str = "") -> Body:
    """Turn a page's Markdown into HTML with placeholders; `links` maps sources' names to pages' URLs.

    What it returns is remembered, and must not be changed.

    Raises `BuildError` for questions that are not as they should be; `path` is the page's source, as messages name it.

    >>> body = render("Cost $x$.")
    >>> body.formulas
    [Formula(tex='x', display=False)]
    >>> fill(body, lambda formula: f"<math>{formula.tex}</math>", lambda name, place: "")
    '<p>Cost <span class="math-glue"><math>x</math>.</span></p>'
    """
    return _render(text, tuple((links or {}).items()), path)


@lru_cache(maxsize=1 << 12)
def _render(text: str, links: tuple[tuple[str, str], ...], path: str) -> Body:
    formulas: list[Formula] = []
    widgets: list[str] = []
    predictions = Predictions(widgets)
    markdown = Markdown(
        extensions=[
            "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "smarty",
            TocExtension(toc_depth="2-3"),
            _Klweb(formulas, widgets, dict(links)),
            predictions,
        ],
        extension_configs={"smarty": {"smart_dashes": False}, "tables": {"use_align_attribute": True}},
        output_format="html",
    )  # fmt: skip
    html = markdown.convert(text)
    if problems := predictions.problems(path):
        raise BuildError(problems)
    contents: list[dict[str, Any]] = markdown.toc_tokens  # type: ignore[attr-defined]
    return Body(html, contents, formulas, widgets)


def fill(body: Body, formula: Callable[[Formula], str], widget: Callable[[str, int], str]) -> str:
    """Put formulas and widgets into their places; `widget` is called with the name and its place on the page."""

    def replaced(match: re.Match[str]) -> str:
        index = int(match[2])
        if match[1] == "widget":
            return widget(body.widgets[index], index)
        return formula(body.formulas[index])

    return keep_punctuation(PLACEHOLDER.sub(replaced, body.html))
