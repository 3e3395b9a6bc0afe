"""The display list: what a figure shows, as plain data that any painter can draw.

A :class:`Scene` is a box of CSS pixels and a tuple of marks in painting order. Marks carry no drawing code and no
colours: a colour is a *role* (``"p"``, ``"gap"``, ``"ink"``, …) that the style sheet turns into a colour, so that dark
mode, print and high contrast are decided in one place. ``klweb.svg`` and ``browser/painter.js``
draw the same marks.

==========  ===================================================================
mark        draws
==========  ===================================================================
`Rect`      an axis-parallel box, optionally with rounded corners
`Line`      one straight stroke
`Path`      a polyline, open or closed
`Text`      one line of text
`Dot`       a circle
`Handle`    nothing: a region a reader can drag, with its value and its words
`Spot`      nothing: a region a reader can press, with its words
==========  ===================================================================

>>> scene = Scene(100, 50, (Rect(10, 10, 30, 20, fill="p"), Dot(50, 25, 4, fill="q")))
>>> scene.to_json()["marks"][1]
{'mark': 'dot', 'x': 50, 'y': 25, 'r': 4, 'fill': 'q'}
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, ClassVar, Literal, NamedTuple, get_args

Role = Literal[
    "ink", "muted", "faint", "paper",
    "p", "p-soft", "p-text",
    "q", "q-soft", "q-text",
    "gap", "gap-soft", "gap-text",
]  # fmt: skip
ROLES: tuple[str, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Look:
    """The roles that bars and words of one distribution take."""

    fill: Role
    stroke: Role
    text: Role


LOOKS = {"p": Look("p", "p", "p-text"), "q": Look("q-soft", "q", "q-text")}
"""How p and q are told apart without colour too: p is filled, q is outlined."""

MIN_TEXT = 12
"""No text in a figure is smaller than this, in CSS pixels."""


class Drawn(tuple[float, ...]):
    """Coordinates that are rounded already, and are written as they are."""

    __slots__ = ()


def rounded(values: Iterable[float], digits: int = 2) -> list[float]:
    """Round coordinates, whole ones to integers: files stay small and comparable.

    >>> rounded([1.2345, 2.999, 3])
    [1.23, 3, 3]
    """
    # Not by round(value, digits), which writes a number out and reads it again.
    whole = 10**digits
    return [part / whole if part % whole else part // whole for part in (round(value * whole) for value in values)]


def _plain(value: Any) -> Any:
    """Return a field's value as JSON has it: to a hundredth of a pixel, since the eye sees no more."""
    kind = type(value)
    if kind is float:
        part = round(value * 100)
        return part / 100 if part % 100 else part // 100
    if kind is Drawn:
        return list(value)
    return rounded(value) if kind is tuple else value


class _Fields(NamedTuple):
    """What to write of marks of one kind; looked up once, since a picture has hundreds of marks."""

    kind: str
    values: Callable[[Any], tuple[Any, ...]]
    names: tuple[str, ...]
    defaults: tuple[Any, ...]
    exact: frozenset[str]


@cache
def _fields_of(mark: "type[Mark]") -> _Fields:
    found = fields(mark)  # type: ignore[arg-type]
    names = tuple(field.name for field in found)
    defaults = tuple(field.default for field in found)
    return _Fields(mark.__name__.lower(), attrgetter(*names), names, defaults, frozenset(mark.exact))


class Mark:
    """Base of all marks: knows only how to become JSON, leaving out what has its default value.

    Marks are not to be changed, though nothing keeps anyone from it: to make a frozen one takes three times as long,
    and each frame of a drag makes a hundred.
    """

    __slots__ = ()
    exact: ClassVar[tuple[str, ...]] = ()
    """Names of fields that are values rather than coordinates, and are not rounded."""

    def to_json(self) -> dict[str, Any]:
        """Return the mark as plain data, ``{"mark": kind, …}``."""
        kind, values, names, defaults, exact = _fields_of(type(self))  # type: ignore[arg-type]
        data: dict[str, Any] = {"mark": kind}
        for name, value, default in zip(names, values(self), defaults, strict=True):
            if value is not default and value != default:
                data[name] = value if type(value) is str or name in exact else _plain(value)
        return data


@dataclass(slots=True)
class Rect(Mark):
    """A box with its top left corner at (x, y). `key` names it across scenes, so that a preset can move it there."""

    x: float
    y: float
    w: float
    h: float
    fill: Role | None = None
    stroke: Role | None = None
    width: float = 1
    dash: tuple[float, ...] = ()
    radius: float = 0
    key: str = ""


@dataclass(slots=True)
class Line(Mark):
    """A straight stroke from (x1, y1) to (x2, y2)."""

    x1: float
    y1: float
    x2: float
    y2: float
    stroke: Role = "ink"
    width: float = 1
    dash: tuple[float, ...] = ()
    key: str = ""


@dataclass(slots=True)
class Path(Mark):
    """A polyline through `points`, a flat tuple: x0, y0, x1, y1 and so on."""

    points: tuple[float, ...]
    closed: bool = False
    fill: Role | None = None
    stroke: Role | None = None
    width: float = 1
    dash: tuple[float, ...] = ()
    key: str = ""


@dataclass(slots=True)
class Text(Mark):
    """One line of text whose baseline is at y. `halo` puts paper behind the letters where lines cross them."""

    x: float
    y: float
    text: str
    fill: Role = "ink"
    size: float = 13
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False
    italic: bool = False
    halo: bool = False
    key: str = ""

    def __post_init__(self) -> None:
        """Refuse text too small to read."""
        if self.size < MIN_TEXT:
            msg = f"text {self.text!r} has size {self.size}: the smallest allowed is {MIN_TEXT}"
            raise ValueError(msg)


@dataclass(slots=True)
class Dot(Mark):
    """A circle of radius r around (x, y)."""

    x: float
    y: float
    r: float
    fill: Role | None = None
    stroke: Role | None = None
    width: float = 1
    key: str = ""


@dataclass(slots=True)
class Handle(Mark):
    """A region that a reader drags along one axis, or moves with the arrow keys.

    The box (x, y, w, h) is what a finger can grasp. The value `low` lies at pixel `at_low` of the
    axis and `high` at `at_high`; `step` is one press of an arrow key. `label` and `value_text` are
    what a screen reader says.
    """

    name: str
    label: str
    axis: Literal["x", "y"]
    x: float
    y: float
    w: float
    h: float
    at_low: float
    at_high: float
    low: float
    high: float
    step: float
    value: float
    value_text: str
    exact = ("low", "high", "step", "value")


@dataclass(slots=True)
class Spot(Mark):
    """A region that a reader presses, such as a column that takes one observation more.

    `name` is the control that is pressed: a head that the widget lists in its `spots`, a point, and what is meant, as
    in ``add.3``. `label` is what a screen reader says.
    """

    name: str
    label: str
    x: float
    y: float
    w: float
    h: float


AnyMark = Rect | Line | Path | Text | Dot | Handle | Spot
MARKS: tuple[type[AnyMark], ...] = get_args(AnyMark)


@dataclass(frozen=True, slots=True)
class Scene:
    """Marks in painting order, in a box of `width` by `height` CSS pixels with the origin at the top left."""

    width: float
    height: float
    marks: tuple[AnyMark, ...]

    @property
    def handles(self) -> tuple[Handle, ...]:
        """The draggable regions, in the order in which Tab visits them."""
        return tuple(mark for mark in self.marks if isinstance(mark, Handle))

    @property
    def spots(self) -> tuple[Spot, ...]:
        """The regions that can be pressed, in the order in which Tab visits them."""
        return tuple(mark for mark in self.marks if isinstance(mark, Spot))

    def to_json(self) -> dict[str, Any]:
        """Return the scene as plain data."""
        return {
            "width": _plain(float(self.width)),
            "height": _plain(float(self.height)),
            "marks": [mark.to_json() for mark in self.marks],
        }


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map from values in [low, high] to pixels from `at_low` to `at_high`.

    >>> Scale(0.0, 1.0, 200, 0)(0.25)
    150.0
    """

    low: float
    high: float
    at_low: float
    at_high: float

    def __call__(self, value: float) -> float:
        """Return the pixel of `value`; values outside the range lie outside the pixels."""
        return self.at_low + (value - self.low) / (self.high - self.low) * (self.at_high - self.at_low)

    def drawn(self, values: Iterable[float], digits: int = 2) -> list[float]:
        """Return the pixels of many values, rounded.

        >>> Scale(0.0, 1.0, 200, 0).drawn([0.25, 1 / 3])
        [150, 133.33]
        """
        low, at_low = self.low, self.at_low
        extent, length = self.high - low, self.at_high - at_low
        return rounded((at_low + (value - low) / extent * length for value in values), digits)

    def clamped(self, value: float) -> float:
        """Return the pixel of `value`, held inside the range; infinite values land on its ends."""
        return self(min(max(value, self.low), self.high))


def polyline(points: Iterable[tuple[float, float]]) -> Drawn:
    """Flatten (x, y) pairs, as `Scale.drawn` gives them, into the form that :class:`Path` takes.

    >>> polyline([(0, 1), (2, 3)])
    (0, 1, 2, 3)
    """
    return Drawn(chain.from_iterable(points))
