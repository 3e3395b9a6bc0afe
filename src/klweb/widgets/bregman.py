"""Bregman divergence: a convex function, its tangent at q, and the gap that this leaves at p."""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, Literal, NamedTuple

from klweb.bregman import ThreePoints, divergence, slope, tangent, three_points, value
from klweb.parameter import Choice, Number
from klweb.scene import AnyMark, Dot, Handle, Line, Path, Rect, Role, Scale, Scene, Text, polyline
from klweb.snippet import assigned, script, shown
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import fixed

PARAMETERS = (
    Choice(
        "function",
        "Convex function",
        (("entropy", "negative entropy"), ("square", "x²"), ("log", "−ln x")),
        "entropy",
    ),
    Number("at_p", "point p", 0, 1, 0.01, 0.5, "p", "p-text"),
    Number("at_q", "point q", 0, 1, 0.01, 0.9, "q", "q-text"),
    Choice("third", "Third point r", (("off", "off"), ("on", "on")), "off"),
    Number("at_r", "point r", 0, 1, 0.01, 0.75, "r"),
)
PRESETS = (
    Preset(
        "gap",
        "KL as a gap",
        "Under negative entropy the gap is D(p ‖ q): a fair coin p, and a model q that expects 90 % heads.",
    ),
    Preset(
        "middle",
        "0.5 against 0.6",
        "One tenth apart in the middle, where the curve bends least: the tangent hardly leaves it.",
        {"at_p": 0.5, "at_q": 0.6},
    ),
    Preset(
        "edge",
        "0.89 against 0.99",
        "One tenth apart again, near the end, where the curve bends hard: |p − q| sees no difference, the gap does.",
        {"at_p": 0.89, "at_q": 0.99},
    ),
    Preset(
        "squared",
        "Squared distance",
        "x² bends alike everywhere: only the distance counts, and both directions agree.",
        {"function": "square", "at_p": 0.2, "at_q": 0.8},
    ),
    Preset(
        "ratio",
        "Only the ratio counts",
        "Under −ln x, 0.2 against 0.5 leaves the same gap as 0.4 against 1, though these are twice as far apart.",
        {"function": "log", "at_p": 0.2, "at_q": 0.5},
    ),
    Preset(
        "never",
        "A model that says never",
        "q = 1 leaves no room for tails: the tangent is vertical, and the gap at any other p has no bottom.",
        {"at_p": 0.7, "at_q": 1},
    ),
    Preset(
        "certain",
        "A certain truth",
        "p at the end of the curve is no trouble, since 0 · log 0 = 0: the gap is −log₂ q, the one outcome’s surprise.",
        {"at_p": 1, "at_q": 0.25},
    ),
    Preset(
        "three-points",
        "Three points",
        "q lies between p and r, and two short steps cost less than a long one: there is no triangle inequality.",
        {"at_p": 0.2, "at_q": 0.5, "at_r": 0.85, "third": "on"},
    ),
)

FORMULAS = {
    "entropy": "F(x) = x log₂ x + (1 − x) log₂(1 − x), in bits",
    "square": "F(x) = x²",
    "log": "F(x) = −ln x, in nats",
}
UNITS = {"entropy": " bits", "square": "", "log": " nats"}
TOPS = {"entropy": (0.0,), "square": (1.0,), "log": (2.5, 5.0, 10.0, 25.0)}
BOTTOMS = {
    "entropy": (-1.25, -2.0, -2.5, -3.5, -5.0, -7.5, -10.0, -20.0),
    "square": (-0.25, -0.5, -1.1),
    "log": (-1.0, -2.5, -5.0, -10.0, -25.0, -50.0, -100.0),
}
"""Ends that the vertical axis may have: few, so that it keeps still while a point moves a little."""

CURVE = 60
"""Points of a curve, less one."""

MOST = 99_999.0
"""The largest amount that is printed in full."""


def change(state: State, name: str, setting: Any) -> State:
    """Set a control; the third point comes into view when it is moved."""
    return {**state, **({"third": "on"} if name == "at_r" else {}), name: setting}


class _Values(NamedTuple):
    """A state, and what it comes to."""

    function: str
    p: float
    q: float
    r: float | None
    gap: float
    reverse: float
    parts: ThreePoints | None

    @property
    def unit(self) -> str:
        return UNITS[self.function]


def _values(state: State) -> _Values:
    function, p, q, r = state["function"], state["at_p"], state["at_q"], state["at_r"]
    has_third = state["third"] == "on"
    return _Values(
        function, p, q, r if has_third else None,
        divergence(function, p, q), divergence(function, q, p),
        three_points(function, p, q, r) if has_third else None,
    )  # fmt: skip


def view(state: State, frame: Frame) -> View:
    """Show the curve with its tangent at q and the gap at p, and below it the gaps of pairs equally far apart."""
    found = _values(state)
    norm = abs(found.p - found.q)
    return View(
        scene=_Picture(found, frame).scene(),
        readouts=(
            Readout(
                "divergence", "B(p, q)", found.gap, _amount(found.gap) + found.unit,
                "the gap at p between the curve and its tangent at q",
                detail=_detail(found.function, found.gap, found.p, found.q, ("p", "q")),
            ),
            Readout(
                "reverse", "B(q, p)", found.reverse, _amount(found.reverse) + found.unit,
                "the roles flipped: the gap at q under the tangent at p",
                detail=_detail(found.function, found.reverse, found.q, found.p, ("q", "p")),
            ),
            Readout(
                "norm", "|p − q|", norm, fixed(norm, 4),
                "the plain distance, which knows neither direction nor place", "ink",
            ),
        ),
        summary=_summary(found),
        table=_table(found),
    )  # fmt: skip


# ── in words ─────────────────────────────────────────────────────────────────────────────────


def _amount(number: float) -> str:
    """Return a figure with four decimals; what is too large to be read is only bounded."""
    if MOST < abs(number) < math.inf:
        return f"over {MOST:.0f}" if number > 0 else f"under −{MOST:.0f}"
    return fixed(number, 4)


def _place(x: float) -> str:
    """Return a place on the axis: two decimals where they say all, else four.

    >>> _place(0.5), _place(0.125)
    ('0.50', '0.1250')
    """
    return fixed(x, 2 if abs(x - round(x, 2)) < 1e-9 else 4)


def _detail(function: str, gap: float, p: float, q: float, names: tuple[str, str]) -> str:
    """Say what a divergence is known as, or why it is infinite."""
    if math.isinf(gap):
        return _why(function, p, q, names) or "too large to be written down"
    if function == "entropy":
        return f"= D({names[0]} ‖ {names[1]}), or {_amount(gap * math.log(2))} nats"
    return "the squared distance" if function == "square" else "Itakura–Saito"


def _why(function: str, p: float, q: float, names: tuple[str, str]) -> str:
    """Say which zero makes the divergence infinite, if any does; `names` are those of `p` and `q`."""
    a, b = names
    if function == "entropy":
        return f"{b} gives {'tails' if q else 'heads'} probability 0, and {a} does not"
    if 0.0 in (p, q):
        return f"{b if q == 0 else a} is 0, where −ln x is infinite"
    return ""


def _summary(found: _Values) -> str:
    if found.p == found.q:
        words = "p and q are one point, where the tangent touches the curve: there is no gap."
    elif math.isinf(found.gap):
        why = _why(found.function, found.p, found.q, ("p", "q")) or "it is too large to be written down"
        words = f"The gap at p = {_place(found.p)} is infinite: {why}. {_other_way(found)}"
    else:
        words = (
            f"At p = {_place(found.p)} the tangent at q = {_place(found.q)} lies {_amount(found.gap)}{found.unit} "
            f"below the curve: {_meaning(found)}"
        )
    return words if found.parts is None else f"{words} {_of_three(found.parts, found.unit)}"


def _other_way(found: _Values) -> str:
    if math.isinf(found.gap) and math.isinf(found.reverse):
        return "It is infinite the other way round too."
    cost = "infinite" if math.isinf(found.reverse) else _amount(found.reverse) + found.unit
    return f"The other way round it is {cost}."


def _meaning(found: _Values) -> str:
    if found.function == "square":
        return "the squared distance, the same both ways."
    if found.function == "log":
        return f"the Itakura–Saito divergence, which only the ratio p/q decides. {_other_way(found)}"
    return f"this gap is D(p ‖ q), the cost of believing q when p is true. {_other_way(found)}"


def _of_three(parts: ThreePoints, unit: str) -> str:
    if not parts.is_finite:
        return "With r, one part of the three-point identity is infinite, so it says nothing."
    steps = parts.first + parts.second
    if math.isclose(parts.whole, steps, rel_tol=1e-9, abs_tol=1e-12):
        relation = "the same as"
    else:
        relation = "more than" if parts.whole > steps else "less than"
    return f"Straight to r, B(p, r) = {_amount(parts.whole)}{unit}: {relation} B(p, q) + B(q, r) = {_amount(steps)}."


def _table(found: _Values) -> Table:
    function, p, q, _, gap, reverse, parts = found
    rows = [
        ("F(p)", value(function, p)), ("F(q)", value(function, q)), ("F′(q), the tangent’s slope", slope(function, q)),
        ("height of the tangent at p", tangent(function, q, p)),
        ("B(p, q)", gap), ("B(q, p)", reverse), ("|p − q|", abs(p - q)),
    ]  # fmt: skip
    if parts:
        rows += [
            ("B(q, r)", parts.second),
            ("(F′(q) − F′(r)) · (p − q)", parts.cross),
            ("B(p, r) = B(p, q) + B(q, r) + the line above", parts.whole),
        ]
    caption = f"The curve, its tangent and their gaps; {FORMULAS[function]}"
    return Table(caption, ("quantity", "value"), tuple((name, _amount(number)) for name, number in rows))


# ── curves ───────────────────────────────────────────────────────────────────────────────────


def _spread(low: float, high: float) -> list[float]:
    """Return places from `low` to `high`, dense near both ends, where the curves are steep."""
    turns = (math.sin(math.pi * i / (2 * CURVE)) ** 2 for i in range(CURVE + 1))
    return [low + (high - low) * turn for turn in turns]


@lru_cache(maxsize=8)
def _curve(function: str, x: Scale, y: Scale) -> tuple[float, ...]:
    """Return the pixels of F where it lies inside the picture."""
    low = math.exp(-y.high) if function == "log" else 0.0
    # −ln x falls by equal amounts over equal ratios.
    places = [low ** (1 - i / CURVE) for i in range(CURVE + 1)] if low else _spread(0.0, 1.0)
    heights = [value(function, place) for place in places]
    return polyline(zip(x.drawn(places), y.drawn(heights), strict=True))


@lru_cache(maxsize=8)
def _profile(function: str, y: Scale) -> tuple[float, ...]:
    """Return the pixels of F at 0, 0.01 and so on to 1: near enough to keep labels off the curve."""
    return tuple(y.clamped(value(function, i / 100)) for i in range(101))


@lru_cache(maxsize=8)
def _equally_far(function: str, apart: float, high: float) -> tuple[list[float], list[float]]:
    """Return places p, and the gaps there of the pairs (p, p + apart), as far as these stay below `high`."""
    low, end = max(0.0, -apart), min(1.0, 1.0 - apart)

    def gap(p: float) -> float:
        return divergence(function, min(p, 1.0), min(max(p + apart, 0.0), 1.0))  # sums may round beyond an end

    best = min((low + (end - low) * i / 10 for i in range(11)), key=gap)

    def edge(outside: float) -> float:
        if gap(outside) <= high:
            return outside
        inside = best
        for _ in range(20):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if gap(middle) <= high else (inside, middle)
        return inside

    places = _spread(edge(low), edge(end))
    return places, [min(gap(place), high) for place in places]


def _step(number: float) -> float:
    """Return the least of 0.5, 1, 2, 5, 10, 20 and so on that is at least `number`.

    >>> _step(0.1), _step(1.5), _step(30)
    (0.5, 2.0, 50.0)
    """
    if number <= 0.5:
        return 0.5
    power = 10.0 ** math.floor(math.log10(number))
    return next((step * power for step in (1.0, 2.0, 5.0) if step * power >= number), 10.0 * power)


# ── the picture ──────────────────────────────────────────────────────────────────────────────


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        """Whether the two have a point in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )  # fmt: skip


STEEPEST = 1e9
"""Slopes beyond this are drawn as vertical; pixels would not tell them apart, and doubles might overflow."""

GRIP = 10.5
"""Radius of a grip, in pixels."""


class _Picture:
    """Lays out the curve, its tangents and gaps in one frame, and a panel under them."""

    def __init__(self, found: _Values, frame: Frame) -> None:
        self.found, self.frame, self.function = found, frame, found.function
        self.left, self.right = frame.left, frame.width - 16.0
        self.start = 8.0 if frame.phone else self.left
        self.x = Scale(0, 1, self.left + 12, self.right)
        self.axis = 286.0 if frame.phone else 326.0
        self.points = {"p": found.p, "q": found.q} | ({} if found.r is None else {"r": found.r})
        self.y = self._heights()
        self.at = {name: (self.x(place), self._curve_at(place)) for name, place in self.points.items()}
        self.roles: dict[str, Role] = {"p": "p", "q": "q", "r": "ink"}
        self.tangents = {name: self._tangent(name) for name in self.points if name != "p"}
        self.profile = _profile(self.function, self.y)
        self.gap_ends = self._ends("p", "q")
        self.guides = self.at | {"p": (self.at["p"][0], self.gap_ends[1])}
        self.thick = 7.0 if frame.phone else 9.0
        self.aside = math.copysign(self.thick / 2 + 4, found.p - found.q)
        self.grips = self._grips()

    def _heights(self) -> Scale:
        """Choose a vertical axis that holds every end of a gap, as far as they are finite."""
        ends = [value(self.function, place) for place in self.points.values()]
        for at, touch in (("p", "q"), ("p", "r"), ("q", "r")):
            if touch in self.points:
                ends.append(tangent(self.function, self.points[touch], self.points[at]))
        ends = [end for end in ends if math.isfinite(end)] or [0.0]
        tops, bottoms = TOPS[self.function], BOTTOMS[self.function]
        top = next((top for top in tops if max(ends) <= 0.95 * top or len(tops) == 1), tops[-1])
        bottom = next((low for low in bottoms if low + 0.04 * (top - low) <= min(ends)), bottoms[-1])
        return Scale(bottom, top, self.axis, 66)

    def _curve_at(self, place: float) -> float:
        return self.y.clamped(value(self.function, place))

    def _tangent_at(self, name: str, place: float) -> float:
        """Return the pixel of a tangent, which may lie far outside the picture."""
        height = tangent(self.function, self.points[name], place)
        return min(max(self.y(height), -1e4), 1e4) if math.isfinite(height) else math.copysign(1e4, -height)

    def _ends(self, at: str, touch: str) -> tuple[float, float]:
        """Return the pixels between which a gap is drawn."""
        top = self.at[at][1]
        return top, min(max(self._tangent_at(touch, self.points[at]), top), self.axis)

    def scene(self) -> Scene:
        """Return the whole picture."""
        return Scene(self.frame.width, self.axis + 186, tuple(self._marks()))

    def _marks(self) -> Iterator[AnyMark]:
        yield from self._axes()
        yield from self._row_of_places()
        yield from self._guides()
        yield from self._lines()
        yield from self._gaps()
        yield from self._dots()
        yield from self._labels()
        yield from self._three() if self.found.parts else self._pairs()
        yield from self._handles()

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, options.pop("size", self.frame.text), **options)

    # ── axes ─────────────────────────────────────────────────────────────────────────────────

    def _axes(self) -> Iterator[AnyMark]:
        yield self._text(self.start, 19, FORMULAS[self.function], key="formula")
        extent = self.y.high - self.y.low
        step = next(step for step in (0.5, 1, 2, 5, 10, 20, 50) if extent / step <= 4)
        for i in range(math.ceil(self.y.low / step), math.floor(self.y.high / step) + 1):
            y = self.y(i * step)
            yield Line(self.left, y, self.right, y, "faint")
            yield self._text(self.left - 8, y + 4.5, f"{i * step:g}".replace("-", "−"), "muted", anchor="end")
        yield Line(self.left, self.axis, self.right, self.axis, "muted")
        for tick in (0, 0.5, 1):
            x = self.x(tick)
            yield Line(x, self.axis, x, self.axis + 5, "muted")
            yield self._text(x, self.axis + 20, f"{tick:g}", "muted", anchor="middle")
        title = "x = P(heads)" if self.function == "entropy" else "x"
        yield self._text(self.x(0.75), self.axis + 20, title, "muted", anchor="middle", key="x.title")

    def _row_of_places(self) -> Iterator[AnyMark]:
        """Print p, q and their distance under the axis, where the distance is a thick stroke."""
        (p, _), (q, _) = self.at["p"], self.at["q"]
        yield Line(min(p, q), self.axis, max(p, q), self.axis, "ink", 4, key="norm")
        y, x = self.axis + 44, self.start
        fills: dict[str, Role] = {"p": "p-text", "q": "q-text", "r": "ink"}
        for name, place in self.points.items():
            yield self._text(x, y, f"{name} = {_place(place)}", fills[name], key=f"{name}.place")
            x += 76 if self.frame.phone else 104
        norm = f"|p − q| = {_place(abs(self.found.p - self.found.q))}"
        yield self._text(self.right, y, norm, anchor="end", key="norm.value")

    # ── the curve and what touches it ────────────────────────────────────────────────────────

    def _guides(self) -> Iterator[AnyMark]:
        for name, (x, low) in self.guides.items():
            role: Role = "muted" if name == "r" else self.roles[name]
            yield Line(x, low, x, self.axis, role, 1.25, (2, 4), key=f"{name}.guide")

    def _lines(self) -> Iterator[AnyMark]:
        if self.found.r is not None:
            yield Line(*self.tangents["r"], "muted", 1.5, (6, 4), key="r.tangent")
        yield Path(_curve(self.function, self.x, self.y), stroke="ink", width=2.5, key="curve")
        yield Line(*self.tangents["q"], "q", 2.25, key="q.tangent")

    def _tangent(self, name: str) -> tuple[float, float, float, float]:
        """Return the ends of a tangent, cut at the picture's edges."""
        x, _ = self.at[name]
        steep = slope(self.function, self.points[name])
        if abs(steep) > STEEPEST:
            return x, self.y.at_high, x, self.axis
        base = self.y(value(self.function, self.points[name]))
        tilt = (self.y(steep) - self.y(0)) / (self.x(1) - self.x(0))  # in pixels down for a pixel to the right
        cuts = [self.x(0), self.x(1)]
        if tilt:
            low, high = sorted(x + (edge - base) / tilt for edge in (self.y.at_high, self.axis))
            cuts = [min(max(cut, low), high) for cut in cuts]
        ends = [min(max(base + tilt * (cut - x), self.y.at_high), self.axis) for cut in cuts]
        return cuts[0], ends[0], cuts[1], ends[1]

    def _gaps(self) -> Iterator[AnyMark]:
        thick = self.thick
        top, bottom = self.gap_ends
        x = self.at["p"][0]
        if self.found.r is not None:
            qx = self.at["q"][0]
            start, end = self._ends("q", "r")
            yield Rect(qx - 3, start, 6, end - start, "gap-soft", "gap", 1.25, key="qr.gap")
            start, end = self._ends("p", "r")
            yield Line(x + self.aside, start, x + self.aside, end, "gap", 2, key="pr.gap")
        if not self.found.gap:
            return
        is_upwards = value(self.function, self.found.p) > self.y.high
        arrow = 9.0 if is_upwards or bottom >= self.axis else 0.0
        start = top + arrow if is_upwards else top
        yield Rect(x - thick / 2, start, thick, max(bottom - top - arrow, 0), "gap", key="gap")
        if arrow:
            tip, base = (top, top + 14) if is_upwards else (bottom, bottom - 14)
            yield Path((x - 9, base, x + 9, base, x, tip), closed=True, fill="gap", key="gap.arrow")

    def _grips(self) -> dict[str, tuple[float, float]]:
        """Put a grip by each point: p's above the curve and q's below, where no gap is hidden; then out of the way."""
        order = {"p": (-25, -54), "q": (27, -25), "r": (27, -25)}
        if self.found.r is not None:  # the gap under q to r's tangent hangs where q's grip would be
            order["q"] = (-25, 27)
        placed: dict[str, tuple[float, float]] = {}
        for name, (x, y) in self.at.items():
            # Two grips block less than half of what the last two of these reach, so one spot is free.
            spot = (x, y)
            for away in (*order[name], *range(27, 146, 7), *range(-25, -146, -7)):
                spot = (x, y + away)
                if 36 <= spot[1] <= self.axis - GRIP and all(_reach(spot, other) >= 26 for other in placed.values()):
                    break
            placed[name] = spot
        return placed

    def _dots(self) -> Iterator[AnyMark]:
        fills: dict[str, Role] = {"p": "p-text", "q": "q-text", "r": "ink"}
        for name, (x, y) in self.at.items():
            yield Line(x, y, *self.grips[name], self.roles[name], 1.5, key=f"{name}.stem")
            yield Dot(x, y, 4, self.roles[name] if name != "q" else "paper", self.roles[name], 2, key=f"{name}.dot")
        for name, (x, y) in self.grips.items():
            yield Dot(x, y, GRIP, "paper", self.roles[name], 2.5, key=f"{name}.grip")
            yield self._text(x, y + 4, name, fills[name], anchor="middle", bold=True, key=f"{name}.name")

    # ── labels that find a place of their own ────────────────────────────────────────────────

    def _labels(self) -> Iterator[AnyMark]:
        """Put the gap's value beside the gap, and the tangent's name along the tangent, where they cross nothing."""
        half = GRIP + 2
        taken = [_Box(x - half, y - half, x + half, y + half) for x, y in self.grips.values()]
        (x, _), (top, bottom) = self.at["p"], self.gap_ends
        taken.append(_Box(x - 9, top, x + 9, bottom))
        if self.found.r is not None:
            for name, place in (("q", self.at["q"][0]), ("p", x + self.aside)):
                start, end = self._ends(name, "r")
                taken.append(_Box(place - 4, start, place + 4, end))
        size = self.frame.text + 2.0
        if self.found.gap:
            text = _amount(self.found.gap) + self.found.unit
            box = self._best(self._spots_by_the_gap(0.57 * size * len(text), size), taken)
            taken.append(box)
            anchors: tuple[tuple[float, Literal["start", "middle", "end"]], ...] = (
                (box.left, "start"), (box.right, "end"), ((box.left + box.right) / 2, "middle"),
            )  # fmt: skip
            edge, anchor = anchors[0 if box.left > x else 1 if box.right < x else 2]
            yield self._text(
                edge, box.bottom - 4, text, "gap-text", size=size, bold=True, halo=True, anchor=anchor, key="gap.value"
            )
        vertical = math.isinf(slope(self.function, self.found.q))
        text = "vertical tangent" if vertical else "tangent at q"
        for box in self._spots_by_the_tangent(0.5 * self.frame.text * len(text)):
            if not self._cost(box, taken):
                yield self._text(
                    (box.left + box.right) / 2, box.bottom - 4, text, "q-text", anchor="middle", key="q.tangent.name"
                )
                return

    def _best(self, spots: Iterator[_Box], taken: list[_Box]) -> _Box:
        """Return the first spot that hides nothing, or else the one that hides least."""
        best, least = next(spots), math.inf
        for spot in chain((best,), spots):
            cost = self._cost(spot, taken)
            if cost < least:
                best, least = spot, cost
            if not cost:
                break
        return best

    def _spots_by_the_gap(self, width: float, size: float) -> Iterator[_Box]:
        x, (top, bottom) = self.at["p"][0], self.gap_ends
        sides = (x + 12, x - 12 - width) if self.found.p >= self.found.q else (x - 12 - width, x + 12)
        middle, grip = (top + bottom + size) / 2, self.grips["p"][1]
        for base in (middle, bottom + 4, bottom + size, bottom + 2 * size, middle - size, middle + size):
            for left in sides:
                yield _Box(left, base - size, left + width, base + 4)
        for base in (bottom + size + 6, bottom + 2 * size, grip - GRIP - 7, grip - GRIP - 24):
            yield _Box(x - width / 2, base - size, x + width / 2, base + 4)
        for away in (0, 30, 60):
            for row in range(13):
                for left in sides:
                    base = (top if row < 5 else self.axis) - 12 - row % 5 * 18
                    shifted = left + away if left > x else left - away
                    yield _Box(shifted, base - size, shifted + width, base + 4)

    def _spots_by_the_tangent(self, width: float) -> Iterator[_Box]:
        size = self.frame.text
        x1, y1, x2, y2 = self.tangents["q"]
        if x1 == x2:
            left = x1 - width - 8 if x1 > self.x(0.5) else x1 + 8
            for row in (2, 3, 4, 5, 1):
                base = self.y.at_high + (self.axis - self.y.at_high) * row / 6
                yield _Box(left, base - size, left + width, base + 4)
            return
        shares = (0.12, 0.2, 0.3, 0.88, 0.8, 0.7, 0.4, 0.6, 0.5)
        for share in shares:
            left = min(max(x1 + (x2 - x1) * share - width / 2, self.left), self.right - width)
            ends = [y1 + (y2 - y1) * (place - x1) / (x2 - x1) for place in (left, left + width)]
            base = max(ends) + size + 3
            yield _Box(left, base - size, left + width, base + 4)
        for share in shares:
            x, base = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share + 5
            for left in (x - width - 10, x + 10):
                yield _Box(left, base - size, left + width, base + 4)

    def _cost(self, box: _Box, taken: list[_Box]) -> float:
        """Count what a label would hide: other labels and grips weigh more than lines, which a halo parts."""
        cost = 0.0
        if box.left < self.left or box.right > self.right + 8 or box.top < 26 or box.bottom > self.axis - 3:
            cost += 50.0
        cost += 10.0 * sum(box.meets(other) for other in taken)
        first, last = (min(max(self._back(x), 0.0), 1.0) for x in (box.left, box.right))
        cost += _crossed(box, [self.profile[round(100 * (first + (last - first) * i / 4))] for i in range(5)])
        for x1, y1, x2, y2 in self.tangents.values():
            low, high = max(x1, box.left), min(x2, box.right)
            if low <= high:
                along = [y1, y2] if x1 == x2 else [y1 + (y2 - y1) * (x - x1) / (x2 - x1) for x in (low, high)]
                cost += _crossed(box, along)
        for x, low in self.guides.values():
            cost += 0.5 * (box.left < x < box.right and box.bottom > low)
        return cost

    def _back(self, x: float) -> float:
        """Return the place that lies at a pixel."""
        return (x - self.x.at_low) / (self.x.at_high - self.x.at_low)

    # ── the panel below ──────────────────────────────────────────────────────────────────────

    def _pairs(self) -> Iterator[AnyMark]:
        """Draw the gap of every pair that is as far apart as p and q: the norm cannot tell these pairs apart."""
        found = self.found
        apart = found.q - found.p
        middle = (1 - abs(apart)) / 2
        usual = divergence(found.function, middle + max(-apart, 0), min(middle + max(apart, 0), 1.0))
        finite = [gap for gap in (found.gap, usual) if gap < 900]
        scale = Scale(0, _step(1.1 * max([*finite, 0.1])), self.axis + 172, self.axis + 92)
        side = "right" if apart > 0 else "left"
        text = f"gap at every p with q {_place(abs(apart))} to its {side}" if apart else "gap at every p with q = p"
        text += f", in{found.unit}" if found.unit else ""
        yield self._text(self.start, self.axis + 76, text, "gap-text", key="panel.title")
        for tick in (0.0, scale.high):
            y = scale(tick)
            yield Line(self.left, y, self.right, y, "faint" if tick else "muted")
            yield self._text(self.left - 8, y + 4.5, f"{tick:g}", "muted", anchor="end")
        places, gaps = _equally_far(found.function, apart, scale.high)
        yield Path(polyline(zip(self.x.drawn(places), scale.drawn(gaps), strict=True)), stroke="gap", width=1.75,
                   key="pairs")  # fmt: skip
        x, y = self.at["p"][0], scale.clamped(found.gap)
        yield Line(x, scale(0), x, y, "gap", 5, key="pair.gap")
        if found.gap > scale.high:
            yield Path((x - 8, y + 12, x + 8, y + 12, x, y), closed=True, fill="gap", key="pair.arrow")
        else:
            yield Dot(x, y, 5.5, "gap", "paper", 1.5, key="pair")

    def _three(self) -> Iterator[AnyMark]:
        """Draw the three-point identity as bars that start where the one before them ends."""
        parts = self.found.parts
        if parts is None:
            return
        start = self.start
        title = "B(p, r) = B(p, q) + B(q, r) + (F′(q) − F′(r))·(p − q)"
        yield self._text(start, self.axis + 76, title, "gap-text", key="panel.title")
        steps = parts.first + parts.second
        rows: tuple[tuple[str, float, float, float, Role, Role], ...] = (
            ("B(p, q)", 0.0, parts.first, parts.first, "gap", "gap"),
            ("B(q, r)", parts.first, steps, parts.second, "gap-soft", "gap"),
            ("last term", steps, parts.whole, parts.cross, "faint", "muted"),
            ("B(p, r)", 0.0, parts.whole, parts.whole, "gap", "gap"),
        )
        drawn = parts.is_finite and math.isfinite(steps)
        extent = Scale(0, (max(steps, parts.whole) if drawn else 0) or 1, start + 68, self.right - 60)
        for i, (name, a, b, amount, fill, stroke) in enumerate(rows):
            y = self.axis + 98 + 24 * i
            yield self._text(start, y + 4.5, name, "muted" if i == 2 else "gap-text", key=f"part.{i}.name")
            yield self._text(self.right, y + 4.5, _amount(amount), "ink" if i == 2 else "gap-text", anchor="end",
                             bold=i in (0, 3), key=f"part.{i}.value")  # fmt: skip
            if drawn and steps + parts.whole:
                high = 4.0 if i == 3 else 13.0
                ends = sorted((extent(a), extent(b)))
                yield Rect(ends[0], y - high / 2, ends[1] - ends[0], high, fill, stroke, 1.25, key=f"part.{i}")
                if i < 3:
                    yield Line(extent(b), y + 6, extent(b), y + 18, "muted", 1, (2, 3), key=f"part.{i}.next")
        if not drawn:
            yield self._text(start + 80, self.axis + 98 + 16.5, "one part is ∞,", "muted")
            yield self._text(start + 80, self.axis + 98 + 40.5, "so there is no sum", "muted")

    # ── what is dragged ──────────────────────────────────────────────────────────────────────

    def _handles(self) -> Iterator[AnyMark]:
        labels = {"p": "p, where the gap is", "q": "q, where the tangent touches", "r": "r, the third point"}
        gap = "infinite" if math.isinf(self.found.gap) else _amount(self.found.gap) + self.found.unit
        for name, (x, y) in self.grips.items():
            others = [_reach((x, y), other) for key, other in self.grips.items() if key != name]
            side = min(44.0, *others) if others else 44.0
            half = max(side, 26.0) / 2
            left, right = max(x - half, 0), min(x + half, self.frame.width)
            yield Handle(
                f"at_{name}", labels[name], "x", left, y - half, right - left, 2 * half,
                self.x(0), self.x(1), 0, 1, 0.01, self.points[name],
                f"{name} is {_place(self.points[name])}, gap {gap}",
            )  # fmt: skip


def _reach(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the side of the squares around two points that just touch."""
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))


def _crossed(box: _Box, heights: list[float]) -> float:
    return float(min(heights) < box.bottom and max(heights) > box.top)


def code(state: State) -> str:
    """Return the lines that compute the gap both ways, and the distance."""
    function = state["function"]
    unit = UNITS[function].strip()
    return script(
        "bregman: divergence",
        [
            assigned("function", function, FORMULAS[function]),
            assigned("p", state["at_p"]),
            assigned("q", state["at_q"]),
            "",
            shown("B(p, q)", "divergence(function, p, q)", unit),
            shown("B(q, p)", "divergence(function, q, p)", unit),
            shown("|p − q|", "abs(p - q)"),
        ],
    )


WIDGET = Widget(
    name="bregman",
    title="What gap does a tangent leave?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    change=change,
)
