"""The parameters of a widget: what each is called, what values it takes, and how they are read and written.

One table of them per widget is the only place where a name, range, step or default is written: controls, number
fields, link texts and validation are made from it. ``read`` takes whatever a reader typed or a link says, and returns
a good value or raises `InputError` with a sentence for the reader; ``write`` is its inverse, for links.

>>> size = Number("size", "size", low=0, high=10, step=1, default=3)
>>> size.read("4")
4.0
>>> size.read(11)
Traceback (most recent call last):
...
klweb.errors.InputError: The size must be between 0 and 10, but is 11
"""

import math
import re
from dataclasses import dataclass

from klweb import topics
from klweb.categorical import normalize
from klweb.errors import InputError
from klweb.scene import Role

MAX_TEXT = 4000
"""Longest link text or list of numbers that is read at all."""


def number(value: object, name: str, words: str) -> float:
    """Read one finite number from a number or from text, with a decimal point or a decimal comma.

    `name` is the control that an error is put down to, `words` what its message calls the value.

    >>> number("0,25", "q.0", "the first number")
    0.25

    Raises
    ------
    InputError
        If it is no number, or not finite; the message says which value, and what it is instead.
    """
    text = value.strip().replace("−", "-") if isinstance(value, str) else value
    if isinstance(text, str) and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    readable = isinstance(text, str | int | float) and not isinstance(text, bool)
    try:
        result = float(text) if readable else None  # type: ignore[arg-type]
    except OverflowError:
        result = math.inf
    except ValueError:
        result = None
    if result is None:
        raise InputError(f"{_sentence(words)} must be a number, but is {shorten(value)}", name)
    if not math.isfinite(result):
        raise InputError(f"{_sentence(words)} must be a finite number, but is {shorten(value)}", name)
    return result


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def ordinal(place: int) -> str:
    """Return the word for a place in a list.

    >>> [ordinal(place) for place in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def shorten(value: object, limit: int = 40) -> str:
    """Quote a value for a message, cut to `limit` characters.

    >>> shorten("abc"), shorten("")
    ('“abc”', 'empty')
    """
    text = str(value)
    if not text.strip():
        return "empty"
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return f"“{text}”" if isinstance(value, str) else text


def _items(value: object, name: str, words: str) -> list[object]:
    """Return the items of a list, or of text with commas, spaces or semicolons between them."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise InputError(f"{words} is too long to be read: {len(value)} characters", name)
        separator = r";" if ";" in value else r"[,\s]+"  # with semicolons, decimal commas are welcome
        value = [item for item in re.split(separator, value.strip()) if item.strip()]
    if not isinstance(value, list | tuple):
        raise InputError(f"{words} must be numbers, but is {shorten(value)}", name)
    return list(value)


@dataclass(frozen=True, slots=True)
class Number:
    """A number on a slider, from `low` to `high` in steps of `step`; typed values need not be on a step."""

    name: str
    label: str
    low: float
    high: float
    step: float
    default: float
    symbol: str = ""
    role: Role = "ink"
    ends: tuple[str, str] | None = None
    whole: bool = False
    """Whether it counts something, so that halves of it have no meaning."""
    slides: bool = True
    """Whether it has a slider; without one it is only typed, or set by buttons."""
    when: tuple[str, str] | None = None
    """A choice and the value of it with which alone this counts, and is shown."""

    def read(self, value: object) -> float:
        """Return `value` as a float inside the range, or raise `InputError`."""
        result = number(value, self.name, f"the {self.label}")
        if self.whole and result != int(result):
            raise InputError(f"The {self.label} must be a whole number, but is {result:g}", self.name)
        if not self.low <= result <= self.high:
            limits = f"between {self.low:g} and {self.high:g}"
            raise InputError(f"The {self.label} must be {limits}, but is {result:g}", self.name)
        return result

    def write(self, value: float) -> str:
        """Return the link text of a value."""
        return f"{value:.12g}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few named values, `options` being (value, label) pairs; a hidden one has no control of its own."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    default: str
    roles: tuple[Role, ...] = ()
    hidden: bool = False
    unlisted: tuple[tuple[str, str], ...] = ()
    """More values, which are not offered: each is shown only while the choice has it."""

    def read(self, value: object) -> str:
        """Return `value` if it is one of the options, or raise `InputError`."""
        values = [option for option, _ in self.options]
        if value not in values and value not in [option for option, _ in self.unlisted]:
            one = f"one of {', '.join(values)}"
            raise InputError(f"The choice of {self.name} must be {one}, but is {shorten(value)}", self.name)
        return str(value)

    def write(self, value: str) -> str:
        """Return the link text of a value."""
        return value


@dataclass(frozen=True, slots=True)
class Distribution:
    """Probabilities of the symbols of an alphabet, as a list of floats that sum to 1.

    What a reader types or links to is read as weights and divided by its sum, so that 2, 1, 1 is a
    fair way of writing one half and two quarters; a state that says otherwise is refused like any
    other bad input.
    """

    name: str
    label: str
    default: tuple[float, ...]
    role: Role = "ink"
    max_symbols: int = 12
    hidden: bool = False
    """Whether it has no controls of its own: it comes from other figures and from links."""
    exact: bool = False
    """Whether links have all its digits, since more than what is printed hangs on them: ties, say."""

    def read(self, value: object) -> list[float]:
        """Return a list of probabilities from a list of weights or from text such as ``0.2, 0.3, 0.5``."""
        name = self.name
        value = _items(value, name, f"The list for {name}")
        if not value:
            raise InputError(f"The list for {name} is empty: give one number for each symbol", name)
        if len(value) > self.max_symbols:
            raise InputError(
                f"The list for {name} has {len(value)} numbers: there is room for {self.max_symbols}",
                name,
            )
        weights = [number(item, name, f"the {ordinal(i)} number of {name}") for i, item in enumerate(value, 1)]
        for place, weight in enumerate(weights, 1):
            if weight < 0:
                raise InputError(
                    f"The {ordinal(place)} number of {name} is {weight:g}: no probability is negative",
                    name,
                )
        if not any(weights):
            raise InputError(f"The numbers of {name} are all 0: at least one symbol must be possible", name)
        if max(weights) <= 1 and abs(math.fsum(weights) - 1) <= 1e-12:
            return weights
        return list(normalize(weights, name))

    def write(self, value: list[float]) -> str:
        """Return the link text of a distribution: twelve digits each, which `read` makes sum to 1 again, or all."""
        return ",".join(repr(item) if self.exact else f"{item:.12g}" for item in value)


@dataclass(frozen=True, slots=True)
class Sample:
    """Observations from `low` to `high`, in the order in which they were made; there may be none.

    >>> Sample("tosses", "coin tosses", (), 0, 1, whole=True).read("1, 0, 1")
    [1.0, 0.0, 1.0]
    """

    name: str
    label: str
    """What the observations are called, in the plural."""
    default: tuple[float, ...]
    low: float
    high: float
    whole: bool = False
    """Whether they count something, so that halves have no meaning."""
    most: int = 200
    role: Role = "ink"
    when: tuple[str, str] | None = None
    """A choice and the value of it with which alone this counts, and is shown."""

    def read(self, value: object) -> list[float]:
        """Return a list of observations from a list of numbers or from text such as ``1, 0, 0``."""
        items = _items(value, self.name, f"The list of {self.label}")
        if len(items) > self.most:
            raise InputError(
                f"The list of {self.label} has {len(items)} numbers: there is room for {self.most}", self.name
            )
        return [self._one(item, f"the {ordinal(place)} of the {self.label}") for place, item in enumerate(items, 1)]

    def _one(self, item: object, words: str) -> float:
        result = number(item, self.name, words)
        if self.whole and result != int(result):
            raise InputError(f"{_sentence(words)} must be a whole number, but is {result:g}", self.name)
        if not self.low <= result <= self.high:
            limits = f"between {self.low:g} and {self.high:g}"
            raise InputError(f"{_sentence(words)} must be {limits}, but is {result:g}", self.name)
        return result + 0.0  # a zero without sign

    def write(self, value: list[float]) -> str:
        """Return the link text of the observations, twelve digits each."""
        return ",".join(f"{item:.12g}" for item in value)


@dataclass(frozen=True, slots=True)
class TopicId:
    """One of the site's topics, as its id. It has no control of its own: spots of the picture and the page set it."""

    name: str
    label: str
    default: str

    def read(self, value: object) -> str:
        """Return the id that a topic has now, from that or from an older one; raise `InputError` if there is none."""
        found = topics.TOPICS.resolve(value) if isinstance(value, str) else None
        if found is None:
            raise InputError(f"There is no topic {shorten(value)}", self.name)
        return found

    def write(self, value: str) -> str:
        """Return the link text of a topic."""
        return value


@dataclass(frozen=True, slots=True)
class TopicSet:
    """Some of the site's topics, as a list of ids in the graph's order. It has no control of its own.

    As text, ``elbo*`` is a topic with all that it rests on, and ``-bits`` takes one out again, since what a reader
    knows is mostly such a whole. Ids that no topic has or had are passed over: they may come from another release.
    """

    name: str
    label: str
    default: tuple[str, ...] = ()

    def read(self, value: object) -> list[str]:
        """Return a list of ids from such a list or from a link's text."""
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise InputError(f"The list of {self.label} is too long to be read: {len(value)} characters", self.name)
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise InputError(f"The list of {self.label} must be names of topics, but is {shorten(value)}", self.name)
        graph = topics.TOPICS
        found: set[str] = set()
        less: set[str] = set()
        for item in map(str.strip, items):
            id_ = graph.resolve(item.removeprefix("-").removesuffix("*"))
            if id_ is not None:
                meant = {id_, *(topic.id for topic in graph.below(id_))} if item.endswith("*") else {id_}
                (less if item.startswith("-") else found).update(meant)
        return [topic.id for topic in graph if topic.id in found - less]

    def write(self, value: list[str]) -> str:
        """Return the text that `read` reads as this list."""
        return ",".join(value)


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press; it has no value of its own."""

    name: str
    label: str


Parameter = Number | Choice | Distribution | Sample | TopicId | TopicSet
Control = Parameter | Button
