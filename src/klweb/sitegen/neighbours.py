"""Neighbourhoods: what a figure shows when one control alone is moved from a preset, computed ahead of time.

Until Python is up in the reader's browser, the control that a reader moves snaps to some 21 stops, and all that is
shown of a stop is what `klweb.live` says of it. Neighbouring answers hardly differ, so they are written as columns: an
answer is cut into *units* (a mark, a readout, a row of the table), a unit's text into a *template* and its numbers, and
each number becomes a column over the stops, of which only what could not be foretold from the stops before is written.
``browser/neighbours.js`` reads this; it knows nothing of widgets.

The file of one preset in one frame, gzipped here because hosts do not compress ``.bin``::

    length of the header (4 bytes, little-endian) · header (JSON) · base · one block for each control

``base`` holds the preset's own answer, from which columns that do not change are taken. Numbers are zigzag varints.
A state's probabilities and the exact value of a handle come to ten decimals, which is more than is shown of them;
events are replayed from the preset's own state, never from a stop's.
"""

import gzip
import json
import math
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from klweb import live
from klweb.parameter import Choice, Distribution, Number
from klweb.widget import Event, Frame, Preset, State, Widget

STOPS = 21
"""How many stops a range gets, its ends included; a preset's own value is one more where it lies on none of them."""

GRID = Number("", "probability", 0, 1, 0.01, 0)
"""The range of one entry of a distribution, as `Widget.read_control` has it."""

Answer = dict[str, Any]
Column = list[int]


@dataclass(frozen=True)
class Control:
    """One control moved alone: an event for each stop, and what a page needs to know of them."""

    name: str
    type: str
    values: tuple[Any, ...]
    own: int
    """The stop with the value that the control has in the preset, or −1."""
    is_home: bool
    """Whether that stop is the preset itself."""
    covers: tuple[str, ...]
    """Choices that make no difference once this control is moved: a bar of p can only be dragged while p is chosen."""

    def events(self) -> list[Event]:
        """Return the event of each stop."""
        return [{"type": self.type, "name": self.name, "value": value} for value in self.values]


def stops(parameter: Number, own: float) -> tuple[float, ...]:
    """Return values on a range's own step grid, both ends included, and the preset's `own`.

    >>> stops(Number("t", "t", 0, 1, 0.01, 0), 0.125)[:5]
    (0.0, 0.05, 0.1, 0.125, 0.15)
    """
    low, step = parameter.low, parameter.step
    steps = round((parameter.high - low) / step)
    found = {round(float(low + step * round(place * steps / (STOPS - 1))), 10) for place in range(STOPS)}
    return tuple(sorted(found | {own}))


def controls(widget: Widget, state: State, frame: Frame) -> Iterator[Control]:
    """Find all that can be moved from a state: sliders, choices, single bars, buttons, spots of the picture.

    Walks that were drawn already would go another way at every stop, which no packing makes small: from there
    nothing is found.
    """
    if widget.walk and state[widget.walk]:
        return
    choices = [item for item in widget.parameters if isinstance(item, Choice) and not item.hidden]

    def control(kind: str, name: str, values: tuple[Any, ...], value: Any) -> Control:
        own = values.index(value) if value in values else -1
        found = Control(name, kind, values, own, False, ())
        states = [widget.update(state, event) for event in found.events()]
        covers = tuple(
            choice.name
            for choice in choices
            if choice.name != name
            and all(
                [widget.update(widget.update(state, {"type": "set", "name": choice.name, "value": option}), event)
                 for event in found.events()] == states
                for option, _ in choice.options
            )
        )  # fmt: skip
        return Control(name, kind, values, own, own >= 0 and alike(state, states[own]), covers)

    for item in widget.parameters:
        match item:
            case Number() if item.slides and item.name != widget.walk and widget.counts(item, state):
                yield control("set", item.name, stops(item, state[item.name]), state[item.name])
            case Distribution(hidden=False):
                for index, value in enumerate(state[item.name]):
                    yield control("set", f"{item.name}.{index}", stops(GRID, value), value)
    for choice in choices:
        yield control("set", choice.name, tuple(option for option, _ in choice.options), state[choice.name])
    for button in widget.buttons:
        yield control("press", button.name, (None,), ())
    if widget.spots:
        # A picture has its own spots with every choice, so that none of them covers any.
        for spot in widget.view(state, frame).scene.spots:
            yield Control(spot.name, "press", (None,), -1, False, ())


def alike(one: Any, other: Any) -> bool:
    """Whether two states are the same but for last bits."""
    match one:
        case dict():
            return all(alike(value, other[name]) for name, value in one.items())
        case list():
            return len(one) == len(other) and all(map(alike, one, other))
        case float():
            return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-15)
    return bool(one == other)


@dataclass(frozen=True)
class Packed:
    """The file of one preset in one frame, and all characters that may be shown from it."""

    content: bytes
    characters: frozenset[str]


def pack(widget: Widget, preset: Preset, frame: Frame) -> Packed:
    """Compute and write what is shown around a preset."""
    state = widget.preset(preset.name)
    found = list(controls(widget, state, frame))

    def answer(state: State) -> Answer:
        said = live.answer(widget, state, frame)
        # Of links only a preset's name is shown; others wait for Python, which is exact.
        return said | {"link": said["link"] if ":" not in said["link"] else ""}

    base = answer(state)
    answers = [[answer(widget.update(state, event)) for event in control.events()] for control in found]
    writer = _Writer(base, found, answers)
    characters = {character for character in "".join(writer.templates) if not HOLE <= ord(character) <= HOLE + CURVE}
    return Packed(gzip.compress(writer.file(), 9, mtime=0), frozenset(characters | set("0123456789.−")))


# ── answers as units, units as templates and numbers ─────────────────────────────────────────

SECTIONS = ("rest", "marks", "readouts", "rows")
HOLE = 0xE000
"""Holes of templates are characters for private use, this one and those after it."""
LOOSE, DOUBLE, CURVE = 16, 32, 33
"""Kinds of holes: below 16 a number in a sentence, with that many decimals; then numbers of JSON, as short as they can
be; a double, all of it; the points of a curve, in tenths."""
COORDINATE, VALUE = LOOSE + 2, LOOSE + 10

_TOKEN = re.compile(r'(?P<text>"(?:[^"\\]|\\.)*")|(?P<curve>(?<="points":\[)[^]]*)|(?P<number>-?[0-9][0-9.e+-]*)')
_NUMERAL = re.compile(r"−?[0-9]+(?:\.[0-9]+)?")


def units(answer: Answer) -> list[tuple[str, str]]:
    """Cut an answer into units: a name that finds it again at other stops, beginning with its section, and its JSON."""
    view, scene = answer["view"], answer["view"]["scene"]
    table = view["table"]
    rest = {
        "state": answer["state"], "link": answer["link"], "size": [scene["width"], scene["height"]],
        "summary": view["summary"], "heads": [table["caption"], table["head"]],
    }  # fmt: skip
    found = [(f"0 {name}", value) for name, value in rest.items()]
    found += [(f"1 {mark['mark']} {mark.get('key') or mark.get('name', '')}", mark) for mark in scene["marks"]]
    found += [(f"2 {readout['name']}", readout) for readout in view["readouts"]]
    found += [(f"3 {place}", row) for place, row in enumerate(table["rows"])]
    return [(name, json.dumps(value, ensure_ascii=False, separators=(",", ":"))) for name, value in found]


@dataclass(frozen=True)
class Filled:
    """A unit's text: its template, the kinds of the template's holes, and what fills them."""

    template: str
    kinds: tuple[int, ...]
    values: tuple[Any, ...]


@lru_cache(maxsize=50_000)
def cut(text: str, exact: bool = False) -> Filled:
    """Cut the numbers out of a unit; where `exact`, all of them are values rather than coordinates.

    >>> cut('{"x":1.5,"text":"D is 0.25"}')
    Filled(template='{"x":\ue012,"text":"D is \ue002"}', kinds=(18, 2), values=(150, 25))
    """
    kinds: list[int] = []
    values: list[Any] = []

    def hole(kind: int, value: Any) -> str:
        kinds.append(kind)
        values.append(value)
        return chr(HOLE + kind)

    def numeral(found: re.Match[str]) -> str:
        text = found[0]
        digits = len(text.partition(".")[2])
        if digits >= LOOSE - 4:
            return hole(DOUBLE, float(text)) if repr(float(text)) == text else text
        value = int(text.replace(".", "").replace("−", "-"))
        # What would not be written again as it is (a codeword 011) stays in the template.
        return hole(digits, value) if abs(value) < 1e12 and printed(value, digits) == text else text

    def token(found: re.Match[str]) -> str:
        if found["text"]:
            return _NUMERAL.sub(numeral, found["text"])
        if found["number"]:
            before = text[: found.start()]
            if exact or before.endswith('"value":'):
                return hole(VALUE, shown_alike(float(found["number"])))
            return hole(COORDINATE, round(float(found["number"]) * 100))
        numbers = [float(item) for item in found["curve"].split(",")]
        # A closed curve ends with the two corners of its area, which are no samples.
        samples = len(numbers) - 4 if '"closed":true' in text else len(numbers)
        points = tuple(round(number * 10) for number in numbers[:samples])
        if any(point != number * 10 and point / 10 != number for point, number in zip(points, numbers, strict=False)):
            return ",".join(hole(COORDINATE, round(number * 100)) for number in numbers)
        if list(points[::2]) != sorted(points[::2]):
            return ",".join(hole(COORDINATE, round(number * 100)) for number in numbers)
        ends = [hole(CURVE, points)]
        return ",".join(ends + [hole(COORDINATE, round(number * 100)) for number in numbers[samples:]])

    template = _TOKEN.sub(token, text)
    return Filled(template, tuple(kinds), tuple(values))


def printed(value: int, digits: int) -> str:
    """Print an integer as a number with so many decimals, as the browser does.

    >>> printed(-5, 2), printed(120, 0)
    ('−0.05', '120')
    """
    text = str(abs(value)).rjust(digits + 1, "0")
    point = len(text) - digits
    return ("−" if value < 0 else "") + text[:point] + ("." + text[point:] if digits else "")


def shown_alike(value: float) -> int:
    """Return a value in units of its tenth decimal, such that its first six digits, which controls show, are right."""
    scaled = round(value * 10**10)
    near = (scaled, scaled + 1, scaled - 1)
    return next((item for item in near if f"{item / 10**10:.6g}" == f"{value:.6g}"), scaled)


# ── columns ──────────────────────────────────────────────────────────────────────────────────


def varint(value: int) -> bytes:
    r"""Write an integer in groups of seven bits, the least first, small ones of either sign in one byte.

    >>> varint(-1), varint(300)
    (b'\x01', b'\xd8\x04')
    """
    rest = value * 2 if value >= 0 else -value * 2 - 1
    out = bytearray()
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    out.append(rest)
    return bytes(out)


@lru_cache(maxsize=10_000)
def weights(known: tuple[float, ...], place: float) -> tuple[float, ...]:
    """Return Lagrange's weights, with which the values at `known` places foretell the one at `place`."""
    found = []
    for here in known:
        weight = 1.0
        for other in known:
            if other != here:
                weight *= (place - other) / (here - other)
        found.append(weight)
    return tuple(found)


def foretold(weights: Sequence[float], values: Sequence[int]) -> int:
    """Continue a column by the polynomial through its last values. The browser computes the same, bit by bit.

    >>> foretold(weights((0, 1), 2), [10, 30])
    50
    """
    total = 0.0
    for weight, value in zip(weights, values, strict=True):
        total += weight * value
    return math.floor(total + 0.5)


BASE, CONSTANT, FIRST_ORDER = 0, 1, 2
"""Modes of a column: as in the base; another constant; then, foretold from the last one, two, three or four values."""
ORDERS = 4


@lru_cache(maxsize=1000)
def _plans(places: tuple[float, ...]) -> list[list[tuple[int, tuple[float, ...]]]]:
    """Return for each order, and each place but the first, from where on the values before it count, and how much."""
    spans = [[(max(0, at - order), at) for at in range(1, len(places))] for order in range(1, ORDERS + 1)]
    return [[(begin, weights(places[begin:at], places[at])) for begin, at in span] for span in spans]


def column(places: tuple[float, ...], values: Sequence[int], base: int) -> tuple[int, bytes]:
    """Return the mode in which a column becomes shortest, and its bytes."""
    first = values[0]
    if all(value == first for value in values):
        return (BASE, b"") if first == base else (CONSTANT, varint(first - base))
    tries = []
    for order, plan in enumerate(_plans(places)):
        surprises = [first - base]
        for at, (begin, weights) in enumerate(plan, 1):
            surprises.append(values[at] - foretold(weights, values[begin:at]))
        tries.append((sum(abs(item).bit_length() for item in surprises), order, surprises))
    _, order, surprises = min(tries)
    return FIRST_ORDER + order, b"".join(map(varint, surprises))


def row(xs: Sequence[int], ys: Sequence[int]) -> bytes:
    """Write the heights of a curve, each foretold from up to three before it; where places are equal, heights are."""
    out = bytearray()
    known: list[tuple[int, int]] = []
    for x, y in zip(xs, ys, strict=True):
        if known and known[-1][0] == x:
            guess = known[-1][1]
        else:
            last = known[-3:]
            guess = foretold(weights(tuple(place for place, _ in last), x), [height for _, height in last])
            known.append((x, y))
        out += varint(y - guess)
    return bytes(out)


def lanes(rows: Sequence[Sequence[int]]) -> list[Column]:
    """Give each of the sorted numbers of each row a lane of its own, in which it changes as little as possible.

    Sorting a row of all lanes gives the row again.

    >>> lanes([(1, 2, 3), (2, 3, 9)])
    [[1, 9], [2, 2], [3, 3]]
    """
    found = [[value] for value in rows[0]]
    for values in rows[1:]:
        left = list(values)
        moved = []
        for lane in found:
            if lane[-1] in left:
                left.remove(lane[-1])
                lane.append(lane[-1])
            else:
                moved.append(lane)
        moved.sort(key=lambda lane: lane[-1])
        for lane, value in zip(moved, left, strict=True):
            lane.append(value)
    return found


# ── the file ─────────────────────────────────────────────────────────────────────────────────


class _Track:
    """One unit through all stops: its templates, and the columns of their holes."""

    def __init__(self, section: int) -> None:
        self.section = section
        self.templates: dict[str, int] = {}
        """Template → which of the track's it is, from 1; 0 stands for a unit that is not there."""
        self.kinds: list[tuple[int, ...]] = []
        """Templates with the same kinds of holes share columns."""

    def add(self, filled: Filled) -> None:
        self.templates.setdefault(filled.template, len(self.templates) + 1)
        if filled.kinds not in self.kinds:
            self.kinds.append(filled.kinds)


Row = dict[int, Filled]
"""An answer: what there is of each track."""


class _Writer:
    """Writes the file of one preset."""

    def __init__(self, base: Answer, found: list[Control], answers: list[list[Answer]]) -> None:
        everything = [base, *(answer for some in answers for answer in some)]
        self.controls = found
        self.tracks: list[_Track] = []
        named = _aligned([units(answer) for answer in everything])
        numbers = {name: place for place, name in enumerate(named[0])}
        self.tracks = [_Track(int(name[0])) for name in numbers]
        rows: list[Row] = []
        for parts in named[1]:
            filled = {numbers[name]: cut(text, name.startswith("0 state")) for name, text in parts}
            for number, part in filled.items():
                self.tracks[number].add(part)
            rows.append(filled)
        self.templates = tuple(dict.fromkeys(template for track in self.tracks for template in track.templates))
        self.base, rest = rows[0], iter(rows[1:])
        self.blocks = [[next(rest) for _ in some] for some in answers]

    def file(self) -> bytes:
        numbers = {template: number for number, template in enumerate(self.templates)}
        blocks = [self._block(control, rows) for control, rows in zip(self.controls, self.blocks, strict=True)]
        header = {
            "templates": self.templates,
            "tracks": [[track.section, [numbers[item] for item in track.templates]] for track in self.tracks],
            "controls": [
                {"name": control.name, "type": control.type, "values": control.values, "own": control.own,
                 "isHome": control.is_home, "covers": control.covers, "bytes": len(block)}
                for control, block in zip(self.controls, blocks, strict=True)
            ],
        }  # fmt: skip
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        return b"".join([struct.pack("<I", len(text)), text, self._written_base(), *blocks])

    def _which(self, number: int, row: Row) -> int:
        return self.tracks[number].templates[row[number].template] if number in row else 0

    def _base(self, number: int, kinds: tuple[int, ...]) -> tuple[Any, ...]:
        """Return what fills holes of these kinds in the base, or zeros if there are none."""
        part = self.base.get(number)
        return part.values if part and part.kinds == kinds else (0,) * len(kinds)

    def _written_base(self) -> bytes:
        out = b"".join(varint(self._which(number, self.base)) for number in range(len(self.tracks)))
        for number, track in enumerate(self.tracks):
            for kinds in track.kinds:
                values = zip(kinds, self._base(number, kinds), strict=True)
                out += b"".join(varint(value) for kind, value in values if kind < DOUBLE)
        return out

    def _block(self, control: Control, rows: list[Row]) -> bytes:
        places = tuple(float(at) if isinstance(value, str | None) else value for at, value in enumerate(control.values))
        out = bytearray()
        out += _written(
            column(places, [self._which(number, row) for row in rows], self._which(number, self.base))
            for number in range(len(self.tracks))
        )
        numbers: list[tuple[int, bytes]] = []
        curved: list[Curve] = []
        doubles: list[list[float]] = []
        for number, track in enumerate(self.tracks):
            for kinds in track.kinds:
                there = [at for at, row in enumerate(rows) if number in row and row[number].kinds == kinds]
                if not there:
                    continue
                at = tuple(places[stop] for stop in there)
                filled = zip(*(rows[stop][number].values for stop in there), strict=True)
                for kind, base, values in zip(kinds, self._base(number, kinds), filled, strict=True):
                    if kind == CURVE:
                        curved.append((at, list(values)))
                    elif kind == DOUBLE:
                        doubles.append(list(values))
                    else:
                        numbers.append(column(at, values, base))
        out += _written(numbers) + curves(curved)
        for column_of in doubles:
            raw = [struct.pack("<d", value) for value in column_of]
            # Bytes of one significance together, which are alike.
            out += bytes(item[byte] for byte in range(8) for item in raw)
        return bytes(out)


OWN_PLACES, SPLIT, REST = 1, 2, 4
"""Flags of a curve: it is sampled elsewhere than the one before it; it is the lower part, up to a level, of a curve
that is written whole; it is the rest of that curve."""

Curve = tuple[tuple[float, ...], list[tuple[int, ...]]]
"""Where there is a curve, and its points there."""


def curves(found: Sequence[Curve]) -> bytes:
    """Write curves at all of their stops."""
    out = bytearray()
    places: list[tuple[int, ...]] = []
    is_rest = False
    for number, (at, points) in enumerate(found):
        if is_rest:
            out.append(REST)
            is_rest = False
            continue
        xs, ys = [item[::2] for item in points], [item[1::2] for item in points]
        following = found[number + 1][1] if number + 1 < len(found) else []
        levels = _levels(points, following)
        is_rest = bool(levels)
        out.append((xs != places and OWN_PLACES) | (is_rest and SPLIT))
        if xs != places:
            out += varint(len(xs[0])) + _written(column(at, lane, 0) for lane in lanes(xs))
        if levels:
            others = [item[1::2] for item in following]
            ys = [
                tuple(a + b - level for a, b in zip(*pair, strict=True))
                for *pair, level in zip(ys, others, levels, strict=True)
            ]
            out += _written([column(at, levels, 0)])
        for x, y in zip(xs, ys, strict=True):
            out += row(x, y)
        places = xs
    return bytes(out)


def _written(columns: Iterable[tuple[int, bytes]]) -> bytes:
    """Write columns: first the modes of all, which are alike."""
    found = list(columns)
    return bytes(mode for mode, _ in found) + b"".join(content for _, content in found)


def _levels(points: Sequence[tuple[int, ...]], others: Sequence[tuple[int, ...]]) -> Column:
    """Return at what level a curve was split in two, at each stop; nothing where these are no such parts.

    >>> _levels([(0, 5, 1, 7)], [(0, 7, 1, 9)]), _levels([(0, 5, 1, 8)], [(0, 7, 1, 9)])
    ([7], [])
    """
    found: Column = []
    if len(points) != len(others):
        return []
    for one, other in zip(points, others, strict=True):
        if one[::2] != other[::2]:
            return []
        low, high = one[1::2], other[1::2]
        level = next(
            (
                level
                for level in (max(low), min(high))
                if all(level in (a, b) and a <= level <= b for a, b in zip(low, high, strict=True))
            ),
            None,
        )
        if level is None:
            return []
        found.append(level)
    return found


def _aligned(answers: list[list[tuple[str, str]]]) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """Put the units of all answers into one order, in which each answer's units come as they do there.

    A unit that stands elsewhere than in other answers, or twice, becomes another one.
    """
    order: list[str] = []
    index: dict[str, int] = {}
    renamed = []
    for answer in answers:
        at, parts = -1, []
        for name, text in answer:
            while index.get(name, len(order)) <= at:
                name += "'"  # noqa: PLW2901
            if name not in index:
                order.insert(at + 1, name)
                index = {name: place for place, name in enumerate(order)}
            at = index[name]
            parts.append((name, text))
        renamed.append(parts)
    return order, renamed
