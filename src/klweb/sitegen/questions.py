r"""Practice questions: from ``content/questions.toml`` to definitions that draw variants, and texts that show them.

An example with all that a question may have::

    [[question]]
    id = "kl-two-coins"            # unique and stable: readers' records hang on it
    topic = "kl-divergence"
    kind = "numeric"               # numeric | choice | order | read
    draw.p = "distribution(2, 10)" # drawn in this order; later ones may use earlier ones
    draw.q = "shuffled(p)"
    where = ["p != q"]             # drawn again until all hold
    text = "With p = ({p}) and q = ({q}), how large is $\\KL{\\p}{\\q}$?"
    answer = "kl(p, q)"
    unit = "bits"                  # what the answer counts; a number alone if left out
    tolerance = 0.01               # relative, and absolute about 0; this one if left out
    hints = ["Average over p."]
    solution = "{join(each('# · log₂(#/#)', p, p, q), ' + ')} = {answer:3} bits."
    [[question.mistakes]]
    answer = "kl(q, p)"
    says = "That is D(q ‖ p)."

``choice`` has ``[[question.choices]]`` instead of answer, unit, tolerance and mistakes: ``text``, ``says`` (why), and
``right``, true or an expression; ``order`` has ``[[question.steps]]`` in the right order: ``text`` and ``why``.
``read`` has ``widget``, ``preset`` (an expression), ``readout`` (a name) instead of an answer, and maybe ``do``,
settings such as ``["q.1", "x"]`` or ``["q.{place}", "x"]``. Its mistakes may name a ``readout`` too.

Texts are Markdown with ``{expression}`` or ``{expression:format}`` slots outside formulas. Expressions are Python's in
syntax only: they become nested lists that `klweb.practice` evaluates, which also lists functions and formats. Slots
know ``answer``; those of ``read`` also ``label``, the preset's, and ``readout("name")`` and ``before("name")``, values
after the settings and before them.
"""

import ast
import html
import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from klweb.errors import InputError
from klweb.practice import CONSTANTS, DRAWS, FUNCTIONS, KINDS, READING, Expression, variant
from klweb.sitegen import markup
from klweb.sitegen.formulas import Formula
from klweb.sitegen.problems import BuildError, SourceError, line_of
from klweb.widgets import WIDGETS

PATH = "content/questions.toml"
CHECKED = range(1, 21)
"""The seeds whose variants the build draws."""
FEWEST = 3
"""How many different variants a question that draws must have among these."""
TOLERANCE = 0.01

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PART = re.compile(r"(?P<table>choices|steps|mistakes)(\[(?P<index>\d+)\])?\.?(?P<key>.*)")
TABLE = re.compile(r"^\[\[question\.", re.MULTILINE)
HEAD = re.compile(r"^\[\[question\]\]", re.MULTILINE)
# Formulas are found as `klweb.sitegen.markup` finds them, since their braces are no slots.
FORMULA_OR_SLOT = re.compile(r"\$\$.*?\$\$|\$(?!\s)(?:[^$\\]|\\.)+?(?<!\s)\$|\{(?P<slot>[^{}]*)\}", re.DOTALL)
FORMAT = re.compile(r"(?P<expression>.*?)(:(?P<form>[0-9]?([%+/]|bits|nats)?))?", re.DOTALL)
PLACE = re.compile(r'<span data-slot="(\d+)"></span>')
PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>", re.DOTALL)
BREAK = "<hr>"
"""Stands between the texts of a question while they are one Markdown source."""

Keys = Mapping[str, type | tuple[type, ...]]
KEYS: dict[str, dict[str, type]] = {
    "all": {"id": str, "topic": str, "kind": str, "text": str, "hints": list, "solution": str},
    "numeric": {"answer": str},
    "choice": {"choices": list},
    "order": {"steps": list},
    "read": {"widget": str, "preset": str, "readout": str},
}
OPTIONAL: dict[str, Keys] = {
    "all": {"draw": dict, "where": list},
    "numeric": {"unit": str, "tolerance": float, "mistakes": list},
    "choice": {},
    "order": {},
    "read": {"unit": str, "tolerance": float, "mistakes": list, "do": list},
}
TABLES: dict[str, Keys] = {
    "choices": {"text": str, "says": str, "right": (bool, str)},
    "steps": {"text": str, "why": str},
    "mistakes": {"says": str},
}
FEWEST_PARTS = {"choices": 2, "steps": 3}


@dataclass(frozen=True)
class Item:
    """A choice or a step: its words, and why it is right, wrong, or where it is."""

    text: str
    why: str


@dataclass(frozen=True)
class Parts:
    """The texts of a question as HTML, with the first variant's slots. `Item.text` is inline, all else is blocks."""

    text: str
    choices: list[Item]
    steps: list[Item]
    hints: list[str]
    solution: str
    mistakes: list[str]


@dataclass(frozen=True)
class Question:
    """One question: what draws its variants, the first of them, and its texts."""

    id: str
    topic: str
    kind: str
    line: int
    source: str
    """Its part of the file, which begins on that line."""
    definition: dict[str, Any]
    """What `klweb.practice.variant` takes; plain data, for the page."""
    first: dict[str, Any]
    """The variant of seed 1."""
    body: markup.Body
    """All texts; its formulas are to be rendered with all others of the site."""

    @property
    def fresh(self) -> bool:
        """Whether another seed changes more than the order of choices or steps."""
        return bool(self.definition["draw"])

    def problem(self, message: str, needle: str = "") -> SourceError:
        """Return a mistake of this question, at the line that holds `needle`."""
        return SourceError(message, PATH, line_of(self.source, needle, self.line) or self.line)

    def parts(self, formula: Callable[[Formula], str]) -> Parts:
        """Return the texts with their formulas, as `klweb.sitegen.formulas.render` made them."""
        texts = _split(markup.fill(self.body, formula, lambda _name, _place: ""))
        texts = [PLACE.sub(self._slot, text) for text in texts]
        definition, pairs = self.definition, iter(texts[1:])
        choices = [Item(_inline(next(pairs)), next(pairs)) for _ in definition.get("choices", ())]
        steps = [Item(_inline(next(pairs)), next(pairs)) for _ in range(definition.get("steps", 0))]
        *hints, solution = [next(pairs) for _ in range(definition["hints"] + 1)]
        return Parts(texts[0], choices, steps, hints, solution, list(pairs))

    def _slot(self, match: re.Match[str]) -> str:
        return f'<span data-slot="{match[1]}">{html.escape(self.first["slots"][int(match[1])])}</span>'


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(BREAK)]


def _inline(text: str) -> str:
    match = PARAGRAPH.fullmatch(text)
    return match[1] if match else text


def read_questions(root: Path, topics: Collection[str] | None = None) -> list[Question]:
    """Read and check all questions; `topics` are the ids that there are, which are not checked if left out.

    Raises `BuildError` with every mistake that was found.
    """
    try:
        source = (root / PATH).read_text(encoding="utf-8")
    except OSError as error:
        raise BuildError([SourceError(f"cannot be read: {error.strerror}", PATH)]) from None
    except UnicodeDecodeError:
        raise BuildError([SourceError("it is not UTF-8 text; save it as UTF-8", PATH)]) from None
    found, problems = _read(source)
    if topics is not None:
        lost = [question for question in found if question.topic not in topics]
        problems = [*problems, *(item.problem(f"there is no topic {item.topic}", item.topic) for item in lost)]
    if problems:
        raise BuildError(problems)
    return list(found)


@lru_cache(maxsize=1)
def _read(source: str) -> tuple[list[Question], list[SourceError]]:
    """Read all questions of a file; remembered, as drawing twenty variants of each takes longer than most of a build.

    What they depend on besides is code, with which the process starts anew.
    """
    try:
        table = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+)", str(error))
        return [], [SourceError(f"no TOML: {error}", PATH, int(place[1]) if place else None)]
    problems = [SourceError(f"unknown key `{key}`", PATH, line_of(source, key)) for key in table if key != "question"]
    found: dict[str, Question] = {}
    try:
        blocks = list(_blocks(table.get("question", []), source))
    except SourceError as error:
        return [], [*problems, error]
    for values, line, block in blocks:
        try:
            question = _Reader(_Block(values, line, block)).read()
        except BuildError as error:
            problems += error.problems
            continue
        if question.id in found:
            problems.append(question.problem(f"another question has the id {question.id}", question.id))
        found[question.id] = question
    return list(found.values()), problems


def _blocks(questions: object, source: str) -> Iterator[tuple[dict[str, Any], int, str]]:
    """Give each question's values, the line where it begins, and its part of the source."""
    starts = [match.start() for match in HEAD.finditer(source)]
    if not isinstance(questions, list) or len(starts) != len(questions):
        raise SourceError("each question must begin with [[question]] on a line of its own", PATH, 1)
    for values, start, end in zip(questions, starts, [*starts, len(source)][1:], strict=True):
        yield values, source.count("\n", 0, start) + 1, source[start:end]


# ── one question's part of the file ──────────────────────────────────────────────────────────


class _Block:
    """One question as it stands in the file, and the mistakes that were found in it."""

    def __init__(self, values: dict[str, Any], line: int, source: str) -> None:
        self.values, self.line, self.source = values, line, source
        self.problems: list[SourceError] = []

    def wrong(self, message: str, part: str = "", needle: str = "") -> None:
        """Note a mistake in a part, such as ``answer`` or ``choices[1].says``; `needle` stands in it."""
        name = self.values.get("id")
        said = f"question {name}: {message}" if isinstance(name, str) else message
        self.problems.append(SourceError(said, PATH, self._line(part, needle)))

    def stop(self) -> None:
        """Raise what was found so far, if anything was."""
        if self.problems:
            raise BuildError(self.problems)

    def _line(self, part: str, needle: str) -> int:
        """Return the line of the needle in a part, else of the part, else of what it is a part of."""
        match = PART.fullmatch(part)
        key = match["key"] if match else part
        heads = [head.start() for head in TABLE.finditer(self.source)]
        own = [place for place in heads if match and self.source.startswith(f"[[question.{match['table']}]]", place)]
        start = own[int(match["index"] or 0)] if match and own else 0
        end = next((place for place in heads if place > start), len(self.source))
        found = re.compile(rf"^{re.escape(key)}\b", re.MULTILINE).search(self.source, start, end) if key else None
        start = found.start() if found else start
        at = self.source.find(needle.strip().partition("\n")[0], start, end) if needle else -1
        return self.line + self.source.count("\n", 0, max(at, start))


class _Form:
    """Checks that a question has the keys that its kind has, and values of the right types."""

    def __init__(self, block: _Block) -> None:
        self.values, self.wrong = block.values, block.wrong

    def check(self) -> None:
        """Note everything that is wrong."""
        kind = self.values.get("kind")
        if kind not in KINDS:
            self.wrong(f"`kind` must be one of {', '.join(KINDS)}", "kind")
            return
        needed = KEYS["all"] | KEYS[kind]
        keys = {**needed, **OPTIONAL["all"], **OPTIONAL[kind]}
        if self._table(self.values, needed, keys, f"a {kind} question", ""):
            self._tables()
            self._lists()
            self._values()

    def _table(self, table: Mapping[str, Any], needed: Collection[str], keys: Keys, noun: str, part: str) -> bool:
        """Check the keys of a table; `part` says which one it is, with a dot at its end."""
        lacking = [key for key in needed if key not in table]
        for key in lacking:
            self.wrong(f"{noun} needs `{key}`", part)
        fits = not lacking
        for key, value in table.items():
            if key not in keys:
                complaint = f"{noun} has no key `{key}`; it may have {', '.join(keys)}"
            elif not isinstance(value, keys[key]):
                complaint = f"`{key}` must be {_noun(keys[key])}"
            elif isinstance(value, str) and not value.strip():
                complaint = f"`{key}` is empty"
            else:
                continue
            self.wrong(complaint, part + key)
            fits = False
        return fits

    def _tables(self) -> None:
        for name, usual in TABLES.items():
            for index, item in enumerate(self.values.get(name, ())):
                part = f"{name}[{index}]."
                if not isinstance(item, dict):
                    self.wrong(f"`{name}` must be tables: [[question.{name}]]", name)
                    continue
                keys = dict(usual)
                if name == "mistakes":
                    keys["readout" if self.values["kind"] == "read" and "readout" in item else "answer"] = str
                self._table(item, keys.keys() - {"right"}, keys, f"one of the {name}", part)
        for name, fewest in FEWEST_PARTS.items():
            if name in self.values and len(self.values[name]) < fewest:
                self.wrong(f"there must be at least {fewest} {name}, but here are {len(self.values[name])}", name)

    def _lists(self) -> None:
        for name in ("hints", "where"):
            if not all(isinstance(item, str) and item.strip() for item in self.values.get(name, ())):
                self.wrong(f"`{name}` must be texts", name)
        for name, item in self.values.get("draw", {}).items():
            if not isinstance(item, str) or not name.isidentifier() or name in (*CONSTANTS, "answer", "label"):
                part = f"draw.{name}"
                self.wrong(f"`{part}` must be an expression in quotes, under a name that is free", part)
        for item in self.values.get("do", ()):
            if not isinstance(item, list) or len(item) not in (1, 2) or not all(isinstance(x, str) for x in item):
                self.wrong('`do` must be pairs such as ["q.1", "x"], or buttons such as ["maximise"]', "do")

    def _values(self) -> None:
        values = self.values
        if not NAME.fullmatch(values["id"]):
            self.wrong("`id` must be words of small letters and digits, with hyphens between them", "id")
        if not values["hints"]:
            self.wrong("there must be at least one hint", "hints")
        if not 0 < values.get("tolerance", TOLERANCE) <= 0.2:
            self.wrong("`tolerance` must be above 0, and 0.2 at most", "tolerance")
        if values["kind"] == "read" and values["widget"] not in WIDGETS:
            self.wrong(f"there is no widget {values['widget']}; there are {', '.join(WIDGETS)}", "widget")


def _noun(kind: type | tuple[type, ...]) -> str:
    nouns = {str: "text in quotes", list: "a list", dict: "a table", float: "a decimal number", bool: "true"}
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join(nouns[item] for item in kinds)


# ── from texts to definitions ────────────────────────────────────────────────────────────────


class _Reader:
    """Compiles one question, and looks at its variants; mistakes are gathered as far as reading can go on."""

    def __init__(self, block: _Block) -> None:
        self.block, self.values, self.wrong = block, block.values, block.wrong
        self.slots: list[list[Any]] = []
        self.sources: dict[str, tuple[str, str]] = {}
        """For places in the definition: the part of the source that they come from, and what stands there."""
        self.names: set[str] = set()

    def read(self) -> Question:
        """Return the question, or raise `BuildError`."""
        _Form(self.block).check()
        self.block.stop()
        definition = self._definition()
        texts = self._texts()
        definition["slots"] = self.slots
        self.block.stop()
        body = markup.render(f"\n\n{BREAK}\n\n".join(texts), path=PATH)
        self._check_body(body, len(texts))
        variants = self._variants(definition)
        self.block.stop()
        self._check_variants(definition, variants, texts)
        self.block.stop()
        values, block = self.values, self.block
        return Question(
            values["id"], values["topic"], values["kind"], block.line, block.source, definition, variants[0], body
        )

    @property
    def _items(self) -> tuple[str, int]:
        """What the question has to choose from or to put in order, and how many."""
        name = "steps" if self.values["kind"] == "order" else "choices"
        return name, len(self.values.get(name, ()))

    # ── expressions ──────────────────────────────────────────────────────────────────────────

    def _definition(self) -> dict[str, Any]:
        """Compile all expressions but those of slots."""
        values = self.values
        draws = []
        for name, text in values.get("draw", {}).items():
            draws.append([name, self._compile(text, f"draw.{name}", functions=(*FUNCTIONS, *DRAWS))])
            self.names.add(name)
        where = [self._compile(text, f"where[{i}]", "where") for i, text in enumerate(values.get("where", ()))]
        found = {"id": values["id"], "kind": values["kind"], "draw": draws, "where": where}
        found["hints"] = len(values["hints"])
        if values["kind"] == "choice":
            rights = [choice.get("right", False) for choice in values["choices"]]
            found["choices"] = [
                self._compile(right, f"choices[{i}]", f"choices[{i}].right") if isinstance(right, str) else right
                for i, right in enumerate(rights)
            ]
        elif values["kind"] == "order":
            found["steps"] = len(values["steps"])
        else:
            found |= self._graded()
        return found

    def _graded(self) -> dict[str, Any]:
        """Compile what a number is compared with."""
        values = self.values
        found: dict[str, Any] = {"unit": values.get("unit", ""), "tolerance": values.get("tolerance", TOLERANCE)}
        if values["kind"] == "read":
            found["widget"] = values["widget"]
            found["preset"] = self._compile(values["preset"], "preset")
            found["do"] = [self._setting(item, f"do[{i}]") for i, item in enumerate(values.get("do", ()))]
            found["answer"] = self._readout(values["readout"], "answer", "readout")
        else:
            found["answer"] = self._compile(values["answer"], "answer")
        self.names.add("answer")
        found["mistakes"] = [
            self._readout(item["readout"], f"mistakes[{i}]", f"mistakes[{i}].readout")
            if "readout" in item
            else self._compile(item["answer"], f"mistakes[{i}]", f"mistakes[{i}].answer", self._functions)
            for i, item in enumerate(values.get("mistakes", ()))
        ]
        return found

    @property
    def _functions(self) -> tuple[str, ...]:
        """What may be called once everything is drawn."""
        return (*FUNCTIONS, *READING) if self.values["kind"] == "read" else tuple(FUNCTIONS)

    def _readout(self, name: str, place: str, part: str) -> Expression:
        self.sources[place] = part, name
        return ["call", "readout", name]

    def _setting(self, item: Sequence[str], place: str) -> list[Expression]:
        """Compile a control's name, which may have parts that are drawn, as in ``q.{place}``, and its value."""
        head, *rest = re.split(r"\{([^{}]*)\}", item[0])
        name: Expression = item[0]
        if rest:
            pairs = zip(rest[::2], rest[1::2], strict=True)
            parts = [part for text, after in pairs for part in (self._compile(text, place, "do"), after)]
            name = ["call", "join", ["list", head, *parts], ""]
        found = [name, *(self._compile(text, place, "do") for text in item[1:])]
        self.sources[place] = "do", item[0]
        return found

    def _compile(
        self, text: str, place: str, part: str = "", functions: Collection[str] = tuple(FUNCTIONS)
    ) -> Expression:
        """Compile the expression of a place in the definition; `part` is where it comes from, if called otherwise."""
        self.sources[place] = part or place, text
        try:
            return compile_expression(text, self.names, functions)
        except ValueError as error:
            self.wrong(f"{text.strip()}: {error}".removeprefix(": "), part or place, text)
            return 0

    # ── texts ────────────────────────────────────────────────────────────────────────────────

    def _texts(self) -> list[str]:
        """Return all texts as Markdown with numbered places in them, in the order of the slots' numbers."""
        values = self.values
        if values["kind"] == "read":
            self.names.add("label")
        found = [("text", values["text"])]
        for name, keys in (("choices", ("text", "says")), ("steps", ("text", "why"))):
            for index, item in enumerate(values.get(name, ())):
                found += [(f"{name}[{index}].{key}", item[key]) for key in keys]
        found += [("hints", hint) for hint in values["hints"]]
        found.append(("solution", values["solution"]))
        found += [(f"mistakes[{i}].says", item["says"]) for i, item in enumerate(values.get("mistakes", ()))]
        return [self._text(textwrap.dedent(text).strip(), part) for part, text in found]

    def _text(self, text: str, part: str) -> str:
        if BREAK in text:
            self.wrong(f"a text cannot hold {BREAK}", part, BREAK)
        rest = FORMULA_OR_SLOT.sub("", text)
        if "{" in rest or "}" in rest:
            self.wrong("a brace without its partner: outside formulas, braces are slots", part, text)
        return FORMULA_OR_SLOT.sub(lambda match: self._slot(match, part), text)

    def _slot(self, match: re.Match[str], part: str) -> str:
        if match["slot"] is None:
            return match[0]
        place = f"slots[{len(self.slots)}]"
        parts = FORMAT.fullmatch(match["slot"])
        text, form = (parts["expression"], parts["form"] or "") if parts else (match["slot"], "")
        self.slots.append([self._compile(text, place, part, self._functions), form])
        self.sources[place] = part, match[0]
        return f'<span data-slot="{len(self.slots) - 1}"></span>'

    def _check_body(self, body: markup.Body, count: int) -> None:
        texts = _split(body.html)
        if body.widgets or len(texts) != count:
            self.wrong("a text can hold neither a figure nor a line across")
            return
        name, items = self._items
        for index in range(items):
            if not PARAGRAPH.fullmatch(texts[1 + 2 * index]):
                self.wrong("the text of a choice or a step must be one paragraph", f"{name}[{index}].text")

    # ── variants ─────────────────────────────────────────────────────────────────────────────

    def _variants(self, definition: dict[str, Any]) -> list[dict[str, Any]]:
        found = []
        for seed in CHECKED:
            try:
                found.append(variant(definition, seed))
            except InputError as error:
                part, source = self.sources.get(error.argument, (error.argument, ""))
                self.wrong(f"{source or part}: {error} (seed {seed})", part, source)
                break
        return found

    def _check_variants(
        self, definition: dict[str, Any], variants: Sequence[dict[str, Any]], texts: Sequence[str]
    ) -> None:
        """Look for what can be told from variants only: dead mistakes, choices that look alike, too little variety."""
        apart = {mistake["place"] for found in variants for mistake in found.get("mistakes", ())}
        for index in range(len(self.values.get("mistakes", ()))):
            if index not in apart:
                said = "no variant tells this mistake apart from the answer, or from those above"
                self.wrong(said, f"mistakes[{index}].answer")
        name, items = self._items
        for found in variants:
            shown = [_filled(text, found["slots"]) for text in texts[1 : 1 + 2 * items : 2]]
            for index, text in enumerate(shown):
                if text in shown[:index]:
                    said = f"another of the {name} is “{text}” too (seed {found['seed']})"
                    self.wrong(said, f"{name}[{index}].text")
                    return
        different = {json.dumps({**found, "seed": 0, "order": 0}) for found in variants}
        if definition["draw"] and len(different) < FEWEST:
            self.wrong(f"seeds {CHECKED[0]} to {CHECKED[-1]} draw only {len(different)} variants", "draw")


def _filled(text: str, slots: Sequence[str]) -> str:
    return PLACE.sub(lambda match: slots[int(match[1])], text)


# ── expressions ──────────────────────────────────────────────────────────────────────────────

_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Pow: "**",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Not: "not", ast.USub: "neg",
}  # fmt: skip


def compile_expression(text: str, names: Collection[str], functions: Collection[str] = tuple(FUNCTIONS)) -> Expression:
    """Turn an expression in Python's syntax into the nested lists that `klweb.practice.evaluate` takes.

    Only literals, lists, names, calls of the functions by name, arithmetic, comparisons, ``and``, ``or``, ``not``,
    ``… if … else …`` and ``x[i]`` are let through. Raises ValueError, which says what is wrong, for anything else.

    >>> compile_expression("kl(p, q) > 0.1 and x[0] != 1", {"p", "q", "x"})
    ['if', ['call', '>', ['call', 'kl', ['name', 'p'], ['name', 'q']], 0.1], ['call', '!=', ['call', '[]', ['name', 'x'], 0], 1], False]
    """  # noqa: E501  one line of output
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"no expression: {getattr(error, 'msg', error)}") from None
    return _Compiler(names, functions).compile(tree.body)


class _Compiler:
    """Knows which names and functions an expression may use."""

    def __init__(self, names: Collection[str], functions: Collection[str]) -> None:
        self.names, self.functions = names, functions

    def compile(self, node: ast.expr) -> Expression:
        """Return the nested lists of one part of an expression."""
        match node:
            case ast.Constant(str() | int() | float() as value):
                return value
            case ast.Name(name):
                if name not in self.names and name not in CONSTANTS:
                    raise ValueError(f"there is no name {name}; there are {_listed(self.names)}")
                return ["name", name]
            case ast.List(parts) | ast.Tuple(parts):
                return ["list", *map(self.compile, parts)]
            case ast.IfExp(condition, first, second):
                return ["if", self.compile(condition), self.compile(first), self.compile(second)]
            case ast.Call(ast.Name(name), parts, []):
                if name not in self.functions:
                    raise ValueError(f"there is no function {name}; there are {_listed(self.functions)}")
                return ["call", name, *map(self.compile, parts)]
        return self._operation(node)

    def _operation(self, node: ast.expr) -> Expression:
        match node:
            case ast.UnaryOp(ast.USub() | ast.Not() as sign, part):
                return ["call", _SIGNS[type(sign)], self.compile(part)]
            case ast.BinOp(left, sign, right) if type(sign) in _SIGNS:
                return ["call", _SIGNS[type(sign)], self.compile(left), self.compile(right)]
            case ast.BoolOp(sign, parts):
                return self._chain([self.compile(part) for part in parts], is_and=isinstance(sign, ast.And))
            case ast.Compare(first, signs, others) if all(type(sign) in _SIGNS for sign in signs):
                parts = [self.compile(part) for part in (first, *others)]
                steps = [["call", _SIGNS[type(s)], a, b] for s, a, b in zip(signs, parts, parts[1:], strict=False)]
                return self._chain(steps, is_and=True)
            case ast.Subscript(part, index) if not isinstance(index, ast.Slice):
                return ["call", "[]", self.compile(part), self.compile(index)]
        raise ValueError(f"this cannot be part of an expression: {ast.unparse(node)}")

    @staticmethod
    def _chain(parts: Sequence[Expression], *, is_and: bool) -> Expression:
        """Join conditions, of which the later ones are looked at only if they matter."""
        *before, found = parts
        for part in reversed(before):
            found = ["if", part, found, False] if is_and else ["if", part, True, found]
        return found


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"
