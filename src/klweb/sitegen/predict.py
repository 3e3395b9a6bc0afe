"""Predict, then see: a question that a reader answers before a figure does, with a word on every answer.

In a page::

    ??? predict "Which way will it move?"
        You raise the probability that q gives to the likeliest symbol.

        - ( ) The gap grows. :: Why that is wrong.
        - (x) The gap shrinks. :: Why that is right.
        then: nearly-equal

Exactly one choice is right, and each has an explanation after ``::``. ``then:`` may name the preset of the next figure
of the page that shows the answer. Question, choices and explanations may hold Markdown and formulas.

Without scripts the choices are a list, and the answer is folded under it; ``browser/predict.js`` makes the choices
something to press. A block becomes a placeholder line before Markdown sees it, so that mistakes have their lines.
"""

import re
import xml.etree.ElementTree as etree  # noqa: N813  as Python-Markdown calls it
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown import Extension, Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import ETX, STX

from klweb.sitegen.problems import SourceError
from klweb.widgets import WIDGETS

HEAD = re.compile(r"\?\?\?\+? *predict\b *(?P<rest>.*)")
TITLE = re.compile(r'"(?P<title>.*\S.*)"')
CHOICE = re.compile(r"- \((?P<mark>[^)]*)\) *(?P<text>.*)")
THEN = re.compile(r"then: *(?P<preset>.*)")
INDENT = 4
PLACE = re.compile(f"{STX}predict:([0-9]+){ETX}")

MARKS = {"right": "M2.5 8.5 6.2 12.5 13.5 3.5", "wrong": "M3 3 13 13M13 3 3 13"}
"""The shapes that tell right from wrong, drawn since not every font has ✓ and ✗, in a box of 16 by 16."""


@dataclass(frozen=True)
class Choice:
    """One answer: its words, why it is right or wrong, and where it stands."""

    text: str
    why: str
    is_right: bool
    line: int


@dataclass
class Prediction:
    """One question with its choices."""

    title: str
    line: int
    question: str = ""
    choices: list[Choice] = field(default_factory=list)
    then: str = ""
    """The preset that shows the answer, of the next figure on the page; or nothing."""
    then_line: int = 0
    following: int = 0
    """How many figures stand before it on the page."""


class Predictions(Extension):
    """The questions of one page, and what is wrong with them: messages with their lines."""

    def __init__(self, widgets: Sequence[str]) -> None:
        """Take the list that names the page's figures as they are met."""
        super().__init__()
        self.widgets = widgets
        self.found: list[Prediction] = []
        self.mistakes: list[tuple[str, int]] = []

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  Markdown's name
        """Read the blocks after line ends and tabs are made alike (30), and before HTML is taken out (20)."""
        md.preprocessors.register(_Reader(md, self), "klweb-predict", 25)
        md.parser.blockprocessors.register(_Writer(md, self), "klweb-predict", 107)

    def problems(self, path: str) -> list[SourceError]:
        """Return what is wrong, once the page is rendered; `path` is its source, as messages name it."""
        mistakes = [*self.mistakes, *self._lost()]
        return [SourceError(message, path, line) for message, line in sorted(mistakes, key=lambda item: item[1])]

    def _lost(self) -> Iterator[tuple[str, int]]:
        """Find presets that the next figure does not have. A figure that does not exist is told elsewhere."""
        for item in self.found:
            if not item.then:
                continue
            name = self.widgets[item.following] if item.following < len(self.widgets) else ""
            if not name:
                yield f"a question leads to the preset {item.then}, but no figure follows on the page", item.then_line
            elif name in WIDGETS:
                presets = [preset.name for preset in WIDGETS[name].presets]
                if item.then not in presets:
                    yield f"{name} has no preset {item.then}; it has {', '.join(presets)}", item.then_line


class _Reader(Preprocessor):
    """Takes the blocks out of the page's lines, and leaves a line with the number of each."""

    def __init__(self, md: Markdown, predictions: Predictions) -> None:
        super().__init__(md)
        self.predictions = predictions

    def run(self, lines: list[str]) -> list[str]:
        rest: list[str] = []
        place = 0
        while place < len(lines):
            head = HEAD.fullmatch(lines[place].rstrip())
            place += 1
            if not head:
                rest.append(lines[place - 1])
                continue
            end = place
            while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" " * INDENT)):
                end += 1
            read = _Block(head["rest"], place, self.predictions.mistakes).read(lines[place:end])
            rest += ["", f"{STX}predict:{len(self.predictions.found)}{ETX}", ""]
            self.predictions.found.append(read)
            place = end
        return rest


class _Block:
    """Reads one block; mistakes are noted, and reading goes on."""

    def __init__(self, rest: str, line: int, mistakes: list[tuple[str, int]]) -> None:
        self.mistakes = mistakes
        title = TITLE.fullmatch(rest.strip())
        if not title:
            self._wrong('a question needs a title: ??? predict "Which is larger?"', line)
        self.found = Prediction(title["title"].strip() if title else "", line)

    def _wrong(self, message: str, line: int) -> None:
        self.mistakes.append((message, line))

    def read(self, lines: Sequence[str]) -> Prediction:
        """Read the lines below the title."""
        found = self.found
        question: list[str] = []
        raw: list[list[str]] = []
        starts: list[int] = []
        after_blank = False
        for number, line in enumerate(lines, start=found.line + 1):
            text = line[INDENT:].rstrip()
            if text.startswith("- ("):
                raw.append([text])
                starts.append(number)
            elif then := THEN.fullmatch(text):
                self._take_then(then["preset"], number)
            elif not (raw or found.then):
                question.append(text)
            elif text and (after_blank or found.then):
                self._wrong("after the choices of a question only “then:” may follow, and nothing after that", number)
            elif text:
                raw[-1].append(text.strip())
            after_blank = not text
        found.question = "\n".join(question).strip()
        for parts, number in zip(raw, starts, strict=True):
            self._take_choice(" ".join(parts), number)
        self._check(len(raw))
        return found

    def _take_then(self, preset: str, line: int) -> None:
        if self.found.then or not preset:
            self._wrong("“then:” names one preset", line)
        self.found.then, self.found.then_line = preset, line

    def _take_choice(self, text: str, line: int) -> None:
        match = CHOICE.fullmatch(text)
        if not match or match["mark"].strip().lower() not in ("", "x"):
            self._wrong("a choice begins with - ( ), or with - (x) if it is right", line)
            return
        # A sign of its own: the two colons of a formula stand between other signs.
        words, _, why = f"{match['text']} ".partition(" :: ")
        if not words.strip() or not why.strip():
            self._wrong("a choice needs an explanation: - ( ) It grows. :: Why it does not.", line)
        if "[^" in text:
            self._wrong("a choice is printed twice, so it can’t hold a note: put the note into the question", line)
        self.found.choices.append(Choice(words.strip(), why.strip(), bool(match["mark"].strip()), line))

    def _check(self, count: int) -> None:
        line = self.found.line
        if count < 2:
            self._wrong(f"a question needs at least two choices, but has {count or 'none'}", line)
        right = [choice for choice in self.found.choices if choice.is_right]
        if count == len(self.found.choices) >= 2 and len(right) != 1:
            self._wrong(
                f"exactly one choice of a question is right, marked (x), but here {len(right) or 'none'} "
                f"{'are' if len(right) > 1 else 'is'}",
                right[1].line if right else line,
            )


class _Writer(BlockProcessor):
    """Makes the elements of a question."""

    def __init__(self, md: Markdown, predictions: Predictions) -> None:
        super().__init__(md.parser)
        self.predictions = predictions

    def test(self, parent: etree.Element, block: str) -> bool:
        return PLACE.fullmatch(block.strip()) is not None

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        match = PLACE.fullmatch(blocks.pop(0).strip())
        index = int(match[1]) if match else 0
        item = self.predictions.found[index]
        item.following = len(self.predictions.widgets)
        name = f"predict-{index + 1}"
        section = etree.SubElement(parent, "section", {"class": "predict", "aria-labelledby": name})
        if item.then:
            section.set("data-then", item.then)
        title = etree.SubElement(section, "p", {"class": "predict-title"})
        kind = etree.SubElement(title, "span", {"class": "predict-kind"})
        kind.text, kind.tail = "Predict, then see", " "
        etree.SubElement(title, "span", {"id": name}).text = item.title

        body = etree.SubElement(section, "div", {"class": "predict-body"})
        self.parser.parseChunk(body, item.question)
        choices = etree.SubElement(body, "ul", {"class": "predict-choices", "role": "list", "aria-labelledby": name})
        for choice in item.choices:
            place = etree.SubElement(etree.SubElement(choices, "li"), "span", {"class": "predict-choice"})
            etree.SubElement(place, "span", {"class": "predict-words"}).text = choice.text
        answer = etree.SubElement(body, "details", {"class": "predict-answer"})
        etree.SubElement(answer, "summary").text = "Answer"
        for choice in item.choices:
            answer.append(_why(choice))


def _why(choice: Choice) -> etree.Element:
    verdict = "right" if choice.is_right else "wrong"
    element = etree.Element("div", {"class": "predict-why", "data-verdict": verdict})
    mark = etree.SubElement(element, "svg", {"class": "predict-mark", "viewBox": "0 0 16 16", "aria-hidden": "true"})
    etree.SubElement(mark, "path", {"d": MARKS[verdict]})
    words = etree.SubElement(element, "p")
    said = etree.SubElement(words, "span", {"class": "hidden"})
    said.text, said.tail = f"{verdict.capitalize()}:", " "
    own = etree.SubElement(words, "strong")
    own.text, own.tail = choice.text, " "
    etree.SubElement(words, "span", {"class": "predict-because"}).text = choice.why
    return element
