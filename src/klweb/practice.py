"""Practice questions: every variant of one, with its answer, drawn from a seed.

A question's definition is plain data, made by the build (`klweb.sitegen.questions`) and sent to the page. All that is
computed in it are expressions, as nested lists that `evaluate` walks; no text is parsed here, let alone run:

=================================  ============================
expression                         in the questions' source
=================================  ============================
``0.5``, ``"bits"``, ``True``      ``0.5``, ``"bits"``, ``True``
``["name", "p"]``                  ``p``
``["list", a, b]``                 ``[a, b]``
``["call", "kl", a, b]``           ``kl(a, b)``
``["call", "+", a, b]``            ``a + b``
``["if", condition, a, b]``        ``a if condition else b``
=================================  ============================

Names are those of the draws. The same seed gives the same variant in every browser, in the build and in the tests.

>>> coin = ["call", "entropy", ["list", ["name", "p"], ["call", "-", 1, ["name", "p"]]]]
>>> question = {
...     "id": "coin", "kind": "numeric", "unit": "bits", "tolerance": 0.01, "draw": [["p", 0.25]], "where": [],
...     "answer": coin, "mistakes": [], "slots": [[["name", "p"], "/"], [["name", "answer"], "3"]],
... }
>>> found = variant(question, 1)
>>> found["answer"]["text"], found["slots"]
('0.8113 bits', ['1/4', '0.811'])
"""

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from klweb import betting, bregman, categorical, coding, evidence, families, gaussian
from klweb.errors import InputError
from klweb.parameter import shorten
from klweb.simulation import uniforms
from klweb.widget import FRAMES
from klweb.widgets import WIDGETS
from klweb.words import fixed

KINDS = ("numeric", "choice", "order", "read")

MOST_ATTEMPTS = 500
"""How often a variant is drawn, until its conditions hold."""

LUCK = 128
"""How many random numbers a drawing may use."""

Expression = Any
Function = Callable[..., Any]


# ── what questions can compute ───────────────────────────────────────────────────────────────


def _row_sums(table: Sequence[Sequence[float]]) -> list[float]:
    return [math.fsum(row) for row in table]


def _column_sums(table: Sequence[Sequence[float]]) -> list[float]:
    return [math.fsum(column) for column in zip(*table, strict=True)]


def _flat(table: Sequence[Sequence[float]]) -> list[float]:
    return [cell for row in table for cell in row]


def _outer(rows: Sequence[float], columns: Sequence[float]) -> list[list[float]]:
    return [[a * b for b in columns] for a in rows]


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def _arranged(items: Sequence[Any], keys: Sequence[float]) -> list[Any]:
    """Return the items in the order of their keys, least first."""
    return [item for _, item in sorted(zip(keys, items, strict=True), key=operator.itemgetter(0))]


def _each(pattern: str, *lists: Sequence[float]) -> list[str]:
    """Write a line for each symbol: every # of the pattern is that symbol's number in the next list.

    >>> " + ".join(_each("# · log₂(#/#)", (0.5, 0.5), (0.5, 0.5), (0.25, 0.75)))
    '0.5 · log₂(0.5/0.25) + 0.5 · log₂(0.5/0.75)'
    """
    head, *rest = pattern.split("#")
    if len(rest) != len(lists):
        raise InputError(f"{shorten(pattern)} has {len(rest)} places for {len(lists)} lists", "pattern")
    lines = zip(*lists, strict=True)
    return ["".join([head, *(written(n) + part for n, part in zip(line, rest, strict=True))]) for line in lines]


CONSTANTS: dict[str, float] = {"e": math.e, "inf": math.inf}

OPERATORS: dict[str, Function] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "//": operator.floordiv, "[]": operator.getitem,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "not": operator.not_, "neg": operator.neg,
}  # fmt: skip
"""What operators become in expressions. Like Python's own, ``and`` and ``or`` become conditions."""

FUNCTIONS: dict[str, Function] = {
    # categorical: bits, unless a base is given
    "kl": categorical.kl, "kl_terms": categorical.kl_terms, "entropy": categorical.entropy, "js": categorical.js,
    "cross_entropy": categorical.cross_entropy, "surprisal": categorical.surprisal, "mixture": categorical.mixture,
    "normalize": categorical.normalize,
    # codes
    "huffman": coding.huffman, "code_lengths": coding.code_lengths, "mean_length": coding.mean_length,
    "kraft_sum": coding.kraft_sum, "blocks": coding.blocks, "ideal_lengths": coding.ideal_lengths,
    # normal distributions: nats, unless a base is given
    "gaussian_kl": gaussian.kl, "gaussian_kl_multivariate": gaussian.kl_multivariate,
    # evidence and betting
    "log_ratios": evidence.log_ratios, "observations_until": evidence.observations_until,
    "growth_rate": betting.growth_rate, "shortfall": betting.shortfall,
    # Bregman divergences
    "bregman": bregman.divergence, "convex": bregman.value, "slope": bregman.slope, "tangent": bregman.tangent,
    # families of models: nats, unless a base is given
    "bernoulli_estimate": families.BERNOULLI.estimate, "poisson_estimate": families.POISSON.estimate,
    "bernoulli_log_likelihood": families.BERNOULLI.mean_log_likelihood,
    # arithmetic, and tables as lists of rows
    "log2": math.log2, "ln": math.log, "exp": math.exp, "sqrt": math.sqrt, "abs": abs, "int": int,
    "min": min, "max": max, "sum": math.fsum, "len": len, "sorted": sorted, "set": set,
    "dot": _dot, "row_sums": _row_sums, "column_sums": _column_sums, "flat": _flat, "outer": _outer,
    # lists and words
    "arranged": _arranged, "each": _each, "join": lambda items, between: between.join(map(written, items)),
}  # fmt: skip
"""The functions that questions' expressions may call."""

READING = ("readout", "before")
"""What expressions of questions about a figure may call as well: a readout's value, at last and in the preset."""


def evaluate(expression: Expression, names: Mapping[str, Any], functions: Mapping[str, Function] = FUNCTIONS) -> Any:
    """Return the value of an expression, given the values of names.

    Raises InputError for what is no expression and for names and functions that are unknown. Errors of the functions
    themselves pass through.

    >>> evaluate(["if", ["call", ">", ["name", "x"], 0], ["call", "log2", ["name", "x"]], 0], {"x": 8})
    3.0
    """
    if isinstance(expression, str | int | float):  # booleans among them
        return expression
    match expression:
        case ["name", str(name)]:
            return _known(name, names if name in names else CONSTANTS, "name")
        case ["list", *parts]:
            return [evaluate(part, names, functions) for part in parts]
        case ["if", condition, first, second]:
            return evaluate(first if evaluate(condition, names, functions) else second, names, functions)
        case ["call", str(name), *parts]:
            function = _known(name, functions if name in functions else OPERATORS, "function")
            return function(*[evaluate(part, names, functions) for part in parts])
    raise InputError(f"{shorten(expression)} is no expression", "expression")


def _known(name: str, table: Mapping[str, Any], noun: str) -> Any:
    if name not in table:
        raise InputError(f"there is no {noun} {shorten(name)}", "expression")
    return table[name]


# ── how numbers are written ──────────────────────────────────────────────────────────────────


def written(value: Any, form: str = "") -> str:
    """Write a value as texts of questions do.

    =========  ===============================================================================================
    form       a number is written
    =========  ===============================================================================================
    none       as it is if six decimals are enough, else with four significant digits
    ``3``      with three decimals
    ``3%``     as percent, with three decimals; without a digit as short as can be
    ``/``      as a fraction, which it must be
    ``bits``   with its unit, which may be one bit; likewise ``nats``, and ``3bits``
    =========  ===============================================================================================

    Lists have commas between their items, or with ``+`` (also ``3+``) the signs of a sum. Text is left as it is.

    Raises InputError for what cannot be written so.

    >>> written(0.1 + 0.2), written(2 / 3), written([0.5, -0.25]), written([0.5, -0.25], "3+"), written(0.75, "/")
    ('0.3', '0.6667', '0.5, −0.25', '0.500 − 0.250', '3/4')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        items = [written(item, form.removesuffix("+")) for item in value]
        return _as_sum(items) if form.endswith("+") else ", ".join(items)
    if not isinstance(value, int | float | Fraction) or isinstance(value, bool) or math.isnan(value):
        raise InputError(f"{shorten(value)} cannot be written as a number", "form")
    digits, sign = (form[:1], form[1:]) if form[:1].isdecimal() else ("", form)
    if sign == "/":
        return _as_fraction(float(value))
    number = 100 * float(value) if sign == "%" else float(value)
    return _with_unit(fixed(number, int(digits)) if digits else _short(number), sign)


def _with_unit(number: str, unit: str) -> str:
    first, *rest = unit.split(" ")
    if number == "1" and first in ("bits", "nats"):
        unit = " ".join([first.removesuffix("s"), *rest])
    return f"{number} {unit}".rstrip()


def _short(value: float, decimals: int = 6) -> str:
    if math.isinf(value):
        return fixed(value, 0)
    for digits in range(decimals + 1):
        if abs(value - round(value, digits)) <= 1e-12 * max(1.0, abs(value)):
            return fixed(value, digits)
    return fixed(value, max(0, 3 - math.floor(math.log10(abs(value)))))


def _as_fraction(value: float) -> str:
    if math.isinf(value):
        return fixed(value, 0)
    fraction = Fraction(value).limit_denominator(10_000)
    if abs(value - fraction) > 1e-12 * max(1.0, abs(value)):
        raise InputError(f"{value!r} is no fraction with a denominator up to 10,000", "form")
    return str(fraction).replace("-", "−")


def _as_sum(terms: Sequence[str]) -> str:
    signed = [f" − {term[1:]}" if term.startswith("−") else f" + {term}" for term in terms[1:]]
    return "".join([*terms[:1], *signed])


def amount(value: float, unit: str) -> str:
    """Write an answer with its unit: as it is if four decimals are enough, else with four significant digits.

    >>> amount(1, "bits a symbol"), amount(0.5, "bits"), amount(2 / 3, "")
    ('1 bit a symbol', '0.5 bits', '0.6667')
    """
    return _with_unit(_short(value, 4), unit)


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


DRAWS = ("pick", "whole", "step", "shuffled", "distribution")
"""What draws may call besides the functions: methods of `_Luck`."""


class _Luck:
    """The random numbers of one drawing, and what questions draw with them."""

    def __init__(self, name: str, seed: int, stream: int) -> None:
        # A question's name is part of the seed, or questions side by side would draw alike.
        number = int.from_bytes(name.encode(), "big") << 64 | seed
        self._numbers = iter(uniforms(number, LUCK, stream))

    def functions(self) -> dict[str, Function]:
        """Return what draws may call."""
        return FUNCTIONS | {name: getattr(self, name) for name in DRAWS}

    def _next(self) -> float:
        number = next(self._numbers, None)
        if number is None:
            raise InputError(f"a drawing needs more than {LUCK} random numbers", "draw")
        return number

    def pick(self, items: Sequence[Any]) -> Any:
        """Return one of the items."""
        return items[int(self._next() * len(items))]

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self._next() * (high - low + 1))

    def step(self, low: float, high: float, parts: int) -> float:
        """Return a whole number of `parts`-ths from `low` to `high`, both included."""
        return self.whole(round(low * parts), round(high * parts)) / parts

    def shuffled(self, items: Iterable[Any]) -> list[Any]:
        """Return the items in another order, or by chance in the same."""
        return [item for _, item in sorted(((self._next(), item) for item in items), key=operator.itemgetter(0))]

    def distribution(self, count: int, parts: int) -> list[float]:
        """Return `count` positive whole numbers of `parts`-ths that sum to 1."""
        if not 1 <= count <= parts:
            raise InputError(f"{parts} parts cannot be dealt to {count} symbols", "draw")
        cuts = sorted(self.shuffled(range(1, parts))[: count - 1])
        return [(end - start) / parts for start, end in zip([0, *cuts], [*cuts, parts], strict=True)]


def _drawn(question: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Draw until the conditions hold."""
    for attempt in range(MOST_ATTEMPTS):
        functions = _Luck(question["id"], seed, attempt).functions()
        names: dict[str, Any] = {}
        for name, expression in question["draw"]:
            names[name] = _value(expression, f"draw.{name}", names, functions)
        if all(_value(condition, f"where[{i}]", names) for i, condition in enumerate(question["where"])):
            return names
    raise InputError(f"its conditions held in none of {MOST_ATTEMPTS} drawings", "where")


def _value(
    expression: Expression, place: str, names: Mapping[str, Any], functions: Mapping[str, Function] = FUNCTIONS
) -> Any:
    """Evaluate an expression; what goes wrong is put down to its place in the question."""
    try:
        return evaluate(expression, names, functions)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise InputError(str(error) or type(error).__name__, place) from error


def _number(value: Any, place: str) -> float:
    if not isinstance(value, int | float | Fraction) or isinstance(value, bool) or math.isnan(value):
        raise InputError(f"it must be a number, but is {shorten(value)}", place)
    return float(value)


# ── variants ─────────────────────────────────────────────────────────────────────────────────


def variant(question: object, seed: object) -> dict[str, Any]:
    """Return what a seed makes of a question.

    ========================  ==========  =======================================================================
    key                       kinds       holds
    ========================  ==========  =======================================================================
    ``id``, ``seed``          all         which variant this is
    ``slots``                 all         texts for the numbered places in the question's texts
    ``answer``                numeric,    ``{"value": "0.25", "text": "0.25 bits"}``, in the question's unit
                              read
    ``mistakes``              numeric,    ``[{"place": 0, "value": "0.5"}]``: those that this variant tells apart
                              read        from the answer, and from each other
    ``order``                 choice,     the order of display: which choice, or step, comes first, second, …; of
                              order       steps, never the right one
    ``right``                 choice      which choice is right, counted in the question's own order
    ``preset``, ``do``        read        the figure's preset, and what is then set (or pressed: no value) in it
    ========================  ==========  =======================================================================

    Values are text, as readouts' are, since they may be infinite.

    Domain: a definition as `klweb.sitegen.questions` makes it; a whole number >= 1.

    Raises InputError for anything else; its `argument` says which part of the question is wrong.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 1:
        raise InputError(f"A seed must be a whole number from 1 on, but is {shorten(seed)}", "seed")
    if not isinstance(question, Mapping) or question.get("kind") not in KINDS:
        raise InputError(f"A question must say its kind, one of {', '.join(KINDS)}", "question")
    try:
        return _variant(question, seed)
    except InputError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise InputError(f"This is no definition of a question: {error!r}", "question") from error


def _variant(question: Mapping[str, Any], seed: int) -> dict[str, Any]:
    names = _drawn(question, seed)
    functions = FUNCTIONS
    found: dict[str, Any] = {"id": question["id"], "seed": seed}
    if question["kind"] == "read":
        figure, functions = _figure(question, names)
        found |= figure
    if question["kind"] in ("numeric", "read"):
        answer = _number(_value(question["answer"], "answer", names, functions), "answer")
        found["answer"] = {"value": repr(answer), "text": amount(answer, question["unit"])}
        names["answer"] = answer
        found["mistakes"] = list(_mistakes(question, answer, names, functions))
    elif question["kind"] == "choice":
        found["right"] = _right(question, names)
        found["order"] = _Luck(question["id"], seed, MOST_ATTEMPTS).shuffled(range(len(question["choices"])))
    else:
        found["order"] = _disorder(question, seed)
    found["slots"] = [
        _slot(expression, form, f"slots[{i}]", names, functions)
        for i, (expression, form) in enumerate(question["slots"])
    ]
    return found


def _slot(
    expression: Expression, form: str, place: str, names: Mapping[str, Any], functions: Mapping[str, Function]
) -> str:
    value = _value(expression, place, names, functions)
    try:
        return written(value, form)
    except InputError as error:
        raise InputError(str(error), place) from error


def _mistakes(
    question: Mapping[str, Any], answer: float, names: Mapping[str, Any], functions: Mapping[str, Function]
) -> Iterator[dict[str, Any]]:
    """Find the mistakes that have a value of their own: also in another unit the answer is no other mistake."""
    tolerance = question["tolerance"]
    taken = [answer]
    if question["unit"].startswith("bits"):
        taken.append(answer * math.log(2))
    elif question["unit"].startswith("nats"):
        taken.append(answer / math.log(2))
    for index, expression in enumerate(question["mistakes"]):
        place = f"mistakes[{index}]"
        value = _number(_value(expression, place, names, functions), place)
        if all(_differ(value, other, tolerance) for other in taken):
            taken.append(value)
            yield {"place": index, "value": repr(value)}


def _differ(a: float, b: float, tolerance: float) -> bool:
    """Tell whether no number is within the tolerance of both; it is relative, and absolute about 0.

    >>> _differ(1.0, 1.05, 0.01), _differ(1.0, 1.015, 0.01), _differ(math.inf, math.inf, 0.01)
    (True, False, False)
    """
    if math.isinf(a) or math.isinf(b):
        return a != b
    return abs(a - b) > sum(tolerance * (abs(value) or 1.0) for value in (a, b))


def _right(question: Mapping[str, Any], names: Mapping[str, Any]) -> int:
    holds = [_value(choice, f"choices[{i}]", names) for i, choice in enumerate(question["choices"])]
    right = [index for index, value in enumerate(holds) if value]
    if len(right) != 1:
        said = "none is" if not right else f"those at {', '.join(str(index + 1) for index in right)} are"
        raise InputError(f"exactly one choice must be right, but {said}", "choices")
    return right[0]


def _disorder(question: Mapping[str, Any], seed: int) -> list[int]:
    steps = list(range(question["steps"]))
    if len(steps) < 2:
        raise InputError("there must be at least two steps to put in order", "steps")
    streams = range(MOST_ATTEMPTS, 2 * MOST_ATTEMPTS)
    orders = (_Luck(question["id"], seed, stream).shuffled(steps) for stream in streams)
    return next(order for order in orders if order != steps)


def _figure(question: Mapping[str, Any], names: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Function]]:
    """Return a figure's preset and settings, and functions that read it; names get its preset's label."""
    preset = _value(question["preset"], "preset", names)
    done = [
        tuple(_setting(_value(part, f"do[{i}]", names)) for part in parts) for i, parts in enumerate(question["do"])
    ]
    before, after = _readouts(question["widget"], preset, ()), _readouts(question["widget"], preset, tuple(done))
    names["label"] = next(item.label for item in WIDGETS[question["widget"]].presets if item.name == preset)
    reading = {
        "readout": lambda name: _known(name, after, "readout"),
        "before": lambda name: _known(name, before, "readout"),
    }
    return {"preset": preset, "do": [list(item) for item in done]}, {**FUNCTIONS, **reading}


def _setting(value: Any) -> Any:
    """Return a control's name or value in a form that can be looked up: no lists."""
    return tuple(value) if isinstance(value, list) else value


@lru_cache(maxsize=64)
def _readouts(widget: str, preset: str, done: tuple[tuple[Any, ...], ...]) -> dict[str, float]:
    """Return the readouts of a figure after settings that were made one after another; asked for again and again."""
    if widget not in WIDGETS:
        raise InputError(f"there is no widget {shorten(widget)}", "widget")
    figure = WIDGETS[widget]
    try:
        state = figure.preset(preset)
    except InputError as error:
        raise InputError(str(error), "preset") from error
    for index, (name, *value) in enumerate(done):
        event = {"type": "set" if value else "press", "name": name, "value": next(iter(value), None)}
        try:
            state = figure.update(state, event)
        except InputError as error:
            raise InputError(str(error), f"do[{index}]") from error
    return {item.name: float(item.value) for item in figure.view(state, FRAMES["phone"]).readouts}
