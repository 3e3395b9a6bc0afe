"""Expected surprise: symbols drawn from p, how much each surprises under p and under q, and the gap that stays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import truediv
from typing import Any

from klweb.bars import Bars, two_decimals
from klweb.categorical import cross_entropy, entropy, kl, surprisal
from klweb.pairs import MODEL, SYMBOLS, TRUTH, fitted, moved
from klweb.parameter import Button, Choice, Distribution, Number
from klweb.scene import LOOKS, AnyMark, Dot, Drawn, Line, Path, Rect, Role, Scale, Scene, Text, polyline
from klweb.simulation import MOST, SEEDS, STEPS, draws, pressed, uniforms
from klweb.snippet import assigned, script, shown
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import bits, fixed, listed

NAMES = {"p": "the truth", "q": "the model"}

PARAMETERS = (
    Choice(
        "edit",
        "Drag the bars of",
        (("p", "p, the truth"), ("q", "q, the model")),
        "q",
        ("p-text", "q-text"),
    ),
    Distribution("p", "p, the truth", TRUTH, "p-text", len(SYMBOLS)),
    Distribution("q", "q, the model", MODEL, "q-text", len(SYMBOLS)),
    Number("draws", "draws so far", 0, MOST, 1, 0, whole=True),
    Number("seed", "seed", 1, SEEDS, 1, 1, whole=True, slides=False),
)
BUTTONS = (
    *(Button(name, f"Draw {step}") for name, step in STEPS.items()),
    Button("clear", "Start again"),
    Button("reseed", "Other luck"),
)
PRESETS = (
    Preset(
        "before-any-draw",
        "Before any draw",
        "Nothing is drawn yet: the dashed lines are the law, where the averages will settle.",
    ),
    Preset(
        "hundred-draws",
        "A hundred draws",
        "After a hundred draws luck still shows: the gap is near the law, and not on it.",
        {"draws": 100, "seed": 3},
    ),
    Preset(
        "thousand-draws",
        "A thousand draws",
        "The same luck, drawn on: after a thousand the gap has settled on D(p ‖ q).",
        {"draws": 1000, "seed": 3},
    ),
    Preset(
        "identical",
        "Identical",
        "When q is p, both are surprised alike at every draw: the gap is 0 from the first on, whatever the luck.",
        {"p": TRUTH, "q": TRUTH, "draws": 100},
    ),
    Preset(
        "rare-symbol",
        "A rare symbol",
        "Mostly q looks as good as p. Then D comes, and its surprise alone makes the gap.",
        {"p": (0.5, 0.3, 0.16, 0.04), "q": (0.52, 0.31, 0.169, 0.001), "draws": 100, "seed": 2},
    ),
    Preset(
        "support-mismatch",
        "Support mismatch",
        "q calls D impossible. The first D that comes is an infinite surprise, and no average recovers from it.",
        {"p": TRUTH, "q": (0.5, 0.3, 0.2, 0), "draws": 100, "seed": 7},
    ),
)


def change(state: State, name: str, value: Any) -> State:
    """Set a control, draw on, start again, or change the luck; one bar that moves takes the others with it."""
    drawn = pressed(state, name)
    return {**state, **drawn} if drawn else moved(state, name, value)


# ── the law and the luck ─────────────────────────────────────────────────────────────────────


def moments(p: Sequence[float], costs: Sequence[float]) -> tuple[float, float]:
    """Return the mean and standard deviation of what one draw from p costs, infinite costs left out.

    Domain: as many costs as probabilities. The symbols left are taken in proportion to p; (0, 0) where none is.

    >>> moments((0.5, 0.25, 0.25), (0.0, 2.0, 2.0))
    (1.0, 1.0)
    """
    kept = [(a, cost) for a, cost in zip(p, costs, strict=True) if a > 0 and math.isfinite(cost)]
    total = math.fsum(a for a, _ in kept)
    if not kept:
        return 0.0, 0.0
    mean = math.fsum(a / total * cost for a, cost in kept)
    return mean, math.sqrt(math.fsum(a / total * (cost - mean) ** 2 for a, cost in kept))


@dataclass(frozen=True, slots=True)
class Law:
    """What a draw costs in bits, symbol by symbol and on average: under p, under q, and the gap between the two."""

    under_p: tuple[float, ...]
    under_q: tuple[float, ...]
    gaps: tuple[float, ...]
    h_p: float
    h_pq: float
    kl_pq: float
    deviation: float
    """Standard deviation of one draw's gap: infinite where the gap may be."""


@lru_cache(maxsize=8)
def law(p: tuple[float, ...], q: tuple[float, ...]) -> Law:
    """Compute the surprises of every symbol, and their expectations under p.

    The gap of a symbol that p never draws is not counted, and is 0 here.

    >>> found = law((0.5, 0.25, 0.25), (0.25, 0.25, 0.5))
    >>> found.gaps, found.h_p, found.h_pq, found.kl_pq
    ((1.0, 0.0, -1.0), 1.5, 1.75, 0.25)
    """
    under_p, under_q = tuple(map(surprisal, p)), tuple(map(surprisal, q))
    gaps = tuple(b - a if math.isfinite(a) else 0.0 for a, b in zip(under_p, under_q, strict=True))
    divergence = kl(p, q)
    deviation = moments(p, gaps)[1] if math.isfinite(divergence) else math.inf
    return Law(under_p, under_q, gaps, entropy(p), cross_entropy(p, q), divergence, deviation)


@dataclass(frozen=True, slots=True)
class Walk:
    """A thousand symbols drawn from p, and the running averages of what they cost, after 1, 2, 3, … draws."""

    symbols: tuple[int, ...]
    under_p: tuple[float, ...]
    under_q: tuple[float, ...]
    gap: tuple[float, ...]


@lru_cache(maxsize=8)
def _symbols(p: tuple[float, ...], seed: int) -> tuple[int, ...]:
    return tuple(draws(p, uniforms(seed, MOST)))  # they stay while only q moves


@lru_cache(maxsize=8)
def walk(p: tuple[float, ...], q: tuple[float, ...], seed: int) -> Walk:
    """Draw the symbols of a seed and average their surprises; from the first impossible one on, infinite.

    >>> found = walk((0.5, 0.5), (0.25, 0.75), 1)
    >>> len(found.symbols), found.under_p[999]
    (1000, 1.0)
    """
    costs, symbols = law(p, q), _symbols(p, seed)

    def averages(each: Sequence[float]) -> tuple[float, ...]:
        sums = accumulate(map(each.__getitem__, symbols))
        return tuple(map(truediv, sums, range(1, MOST + 1)))

    return Walk(symbols, averages(costs.under_p), averages(costs.under_q), averages(costs.gaps))


# ── words ────────────────────────────────────────────────────────────────────────────────────


def view(state: State, frame: Frame) -> View:
    """Show the symbols with their surprises, the last draws, and how the averages and their gap have gone so far."""
    p, q, count = tuple(state["p"]), tuple(state["q"]), int(state["draws"])
    expected, luck = law(p, q), walk(p, q, int(state["seed"]))
    return View(
        scene=_Picture(state, frame, expected, luck).scene(),
        readouts=_readouts(p, q, count, expected, luck),
        summary=_summary(p, q, count, expected, luck),
        table=_table(p, q, count, expected, luck),
    )


def _impossible(p: Sequence[float], q: Sequence[float]) -> list[str]:
    return [SYMBOLS[i] for i, (a, b) in enumerate(zip(p, q, strict=True)) if a > 0 and b == 0]


def _first_impossible(count: int, luck: Walk) -> int:
    """Return the number of the draw at which the gap became infinite, or 0."""
    if not count or math.isfinite(luck.gap[count - 1]):
        return 0
    return luck.gap.index(math.inf) + 1


def _after(count: int) -> str:
    return f"after {count} draw{'' if count == 1 else 's'}"


def _readouts(p: Sequence[float], q: Sequence[float], count: int, expected: Law, luck: Walk) -> tuple[Readout, ...]:
    missing = _impossible(p, q)
    why = f"p uses {listed(missing)}, to which q gives probability 0" if missing else ""
    nats = f"{fixed(expected.kl_pq * math.log(2), 4)} nats"
    gap, so_far = (luck.gap[count - 1], _after(count)) if count else (0.0, "nothing is drawn")
    first = _first_impossible(count, luck)
    if first:
        so_far = f"draw {first} was {SYMBOLS[luck.symbols[first - 1]]}, to which q gives probability 0"
    averages = [f"so far {bits(each[count - 1])}" if count else "" for each in (luck.under_q, luck.under_p)]
    return (
        Readout(
            "kl_pq", "D(p ‖ q)", expected.kl_pq, bits(expected.kl_pq),
            "the law: extra surprise of each symbol for believing q when p is true", detail=why or nats,
        ),
        Readout(
            "gap", "gap", gap, bits(gap) if count else "not yet",
            "the luck: average extra surprise of the draws so far", detail=so_far,
        ),
        Readout(
            "h_pq", "H(p, q)", expected.h_pq, bits(expected.h_pq),
            "expected surprise under q of a symbol from p", "q-text", averages[0],
        ),
        Readout(
            "h_p", "H(p)", expected.h_p, bits(expected.h_p),
            "expected surprise under p of a symbol from p", "p-text", averages[1],
        ),
    )  # fmt: skip


def _summary(p: Sequence[float], q: Sequence[float], count: int, expected: Law, luck: Walk) -> str:
    missing = listed(_impossible(p, q))
    warning = f"q gives probability 0 to {missing}, which p uses: when it comes, the surprise is infinite."
    if not count:
        outlook = warning if missing else (
            f"In the long run a symbol from p surprises by {bits(expected.h_pq)} who believes q, and by "
            f"{bits(expected.h_p)} who knows p: a gap of {bits(expected.kl_pq)} a symbol."
        )  # fmt: skip
        return f"Nothing is drawn yet. {outlook}"
    if list(p) == list(q):
        return f"p and q are the same, so every symbol surprises both alike: {_after(count)} the gap is 0, as always."
    under_p, under_q = bits(luck.under_p[count - 1]), bits(luck.under_q[count - 1])
    first = _first_impossible(count, luck)
    if first:
        return (
            f"Draw {first} was {SYMBOLS[luck.symbols[first - 1]]}, which q calls impossible: an infinite surprise. "
            f"So {_after(count)} the average under q is infinite, against {under_p} under p, and so is the gap."
        )
    gap = luck.gap[count - 1]
    found = f"{_after(count).capitalize()} the average surprise is {under_q} under q and {under_p} under p"
    if missing:
        return f"{found}: a gap of {bits(gap)}. But {warning}"
    return f"{found}: a gap of {bits(gap)}, where {fixed(expected.kl_pq, 4)} is expected{_luck(gap, count, expected)}."


def _luck(gap: float, count: int, expected: Law) -> str:
    """Say how far luck has led from the law, as the end of a sentence."""
    error = expected.deviation / math.sqrt(count)
    if error < 1e-9:
        return ""
    off = (gap - expected.kl_pq) / error
    if abs(off) < 0.05:
        return ": luck has it there to a twentieth of a standard error"
    return f": luck has it {fixed(abs(off), 1)} standard errors {'above' if off > 0 else 'below'}"


def _table(p: Sequence[float], q: Sequence[float], count: int, expected: Law, luck: Walk) -> Table:
    symbols = luck.symbols[:count]
    rows: list[tuple[str, ...]] = []
    for i, (a, b) in enumerate(zip(p, q, strict=True)):
        gap = fixed(expected.gaps[i], 4) if a > 0 else "never"
        surprises = (fixed(expected.under_p[i], 4), fixed(expected.under_q[i], 4))
        rows.append((SYMBOLS[i], fixed(a, 4), fixed(b, 4), *surprises, gap, str(symbols.count(i))))
    averages = (expected.h_p, expected.h_pq, expected.kl_pq)
    rows.append(("expected", "1", "1", *(fixed(value, 4) for value in averages), "–"))
    if count:
        so_far = (luck.under_p[count - 1], luck.under_q[count - 1], luck.gap[count - 1])
        rows.append(("so far", "–", "–", *(fixed(value, 4) for value in so_far), str(count)))
    return Table(
        "What each symbol costs in bits of surprise, and how often it came",
        ("symbol", "p", "q", "−log₂ p", "−log₂ q", "gap", "drawn"),
        tuple(rows),
    )


# ── the picture ──────────────────────────────────────────────────────────────────────────────

PLACES = tuple(sorted({round(10 ** (i / 36)) for i in range(109)}))
"""Numbers of draws at which walks are sampled: evenly on a log axis, all of the first ones."""

BAND_PLACES = tuple(10 ** (i / 10) for i in range(31))


@lru_cache(maxsize=32)
def _columns(left: float, right: float, places: tuple[float, ...]) -> tuple[float, ...]:
    """Return the pixels of numbers of draws on a log axis from 1 to 1000; they are the same in every view."""
    return tuple(round(left + math.log(place) / math.log(MOST) * (right - left), 1) for place in places)


def _step(reach: float) -> float:
    """Return a round distance between ticks that cuts a range into three or so: 1, 2 or 5 times a power of ten.

    >>> _step(2.9), _step(0.01), _step(13)
    (1.0, 0.1, 5.0)
    """
    third = max(reach / 3, 0.1)
    power = 10.0 ** math.floor(math.log10(third) + 1e-9)
    return next((step * power for step in (1, 2, 5) if step * power >= third * (1 - 1e-9)), 10 * power)


@dataclass(frozen=True, slots=True)
class _Panel:
    """One of the two charts over the number of draws. Infinity has a level of its own, along the top."""

    top: float
    bottom: float
    low: float
    high: float
    step: float
    infinite: bool

    @property
    def scale(self) -> Scale:
        return Scale(self.low, self.high, self.bottom, self.top + (18 if self.infinite else 0))

    def y(self, value: float) -> float:
        """Return the pixel of a value, held inside the panel."""
        return self.top if value == math.inf else self.scale.clamped(value)

    def rows(self, values: Sequence[float]) -> list[float]:
        """Return the pixels of many values, held inside the panel."""
        low, high = self.low, self.high
        rows = self.scale.drawn((min(max(value, low), high) for value in values), 1)
        return [self.top if value == math.inf else row for value, row in zip(values, rows, strict=True)]


def _panel(top: float, bottom: float, low: float, high: float, infinite: bool) -> _Panel:
    """Make a panel that reaches at least from `low` to `high`, to halves of the distance between its ticks."""
    step = _step(high - low)
    half = step / 2
    return _Panel(top, bottom, math.floor(low / half) * half, math.ceil(high / half) * half, step, infinite)


def _probability(value: float) -> str:
    return "<.01" if 0 < value < 0.005 else two_decimals(value)


class _Picture:
    """Lays out one state: symbols and their surprises first, then the draws; on a desk side by side."""

    def __init__(self, state: State, frame: Frame, expected: Law, luck: Walk) -> None:
        self.p, self.q = state["p"], state["q"]
        self.seed, self.draws = int(state["seed"]), int(state["draws"])
        self.law, self.luck, self.frame = expected, luck, frame
        phone = frame.phone
        self.left, self.right = frame.left, frame.right if phone else 346.0
        self.walk_left, self.walk_right = frame.left if phone else 404.0, frame.right
        scale = Scale(0, 1, 170 if phone else 236, 50)
        shares = {"p": self.p, "q": self.q}
        self.bars = Bars(frame, shares, state["edit"], scale, self.left, self.right, part=0.4)
        self.hang = self.bars.base + 50
        self.deep = 60.0 if phone else 98.0
        finite = [cost for cost in (*expected.under_p, *expected.under_q) if math.isfinite(cost)]
        self.deepest = float(next((step for step in (2, 4, 6, 8, 12, 16, 32, 64, 256) if step >= max(finite)), 1100))
        self.strip = self.hang + self.deep + 48 if phone else 19.0
        infinite = math.isinf(expected.kl_pq)
        top = self.strip + 40
        self.averages = _panel(top, top + (104 if phone else 118), 0, self._reach(), infinite)
        top = self.averages.bottom + 40
        mean, spread = moments(self.p, expected.gaps)
        high = max(0.1, mean + 0.8 * spread, 1.25 * mean)
        low = min(0, mean - 0.8 * spread, 0 if mean > 0.3 * high else -0.35 * high)
        self.gaps = _panel(top, top + (112 if phone else 148), low, high, infinite)

    def _reach(self) -> float:
        """Return the most surprise that the upper chart shows: more than either law, and what luck adds early."""
        found = (moments(self.p, costs) for costs in (self.law.under_p, self.law.under_q))
        return max(0.5, *(max(mean + 1.2 * spread, 1.2 * mean) for mean, spread in found))

    def scene(self) -> Scene:
        """Return the whole picture."""
        bars, size = self.bars, self.frame.text
        marks = [
            *bars.legend({name: f"{name}, {words}" for name, words in NAMES.items()}, 118), *bars.axis("probability"),
        ]  # fmt: skip
        for name in NAMES:
            labelled = self._room() or (name == bars.edited and bars.slot >= 1.8 * size + 3)
            marks += bars.bars(name, labelled=labelled, number=_probability)
        marks += [
            *self._letters(), *self._surprise_axis(), *self._surprises("p", self.law.under_p),
            *self._surprises("q", self.law.under_q), *self._strip(),
            *self._averages(), *self._gap(), *self._counts(), *bars.handles(),
        ]  # fmt: skip
        height = max(self.gaps.bottom + 28, self.hang + self.deep + 28)
        return Scene(self.frame.width, height, tuple(marks))

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

    # The symbols.

    def _room(self) -> bool:
        """Whether the numbers of p and of q have room beside each other."""
        return self.bars.width + 3 >= 1.8 * self.frame.text

    def _letters(self) -> list[AnyMark]:
        marks: list[AnyMark] = []
        latest = self.luck.symbols[self.draws - 1] if self.draws else -1
        if self.draws:
            x, y = self.bars.middle(latest) - 9, self.bars.base + 5
            marks.append(Rect(x, y, 18, 18, None, "ink", 1.5, radius=3, key="latest"))
        return marks + [self.bars.letter(index, 19, bold=index == latest) for index in range(self.bars.count)]

    def _surprise_axis(self) -> list[AnyMark]:
        end = self.hang + self.deep
        return [
            self._text(self.left, self.hang - 9, "surprise of each symbol, −log₂, in bits", "muted"),
            Line(self.left, end, self.right, end, "faint"),
            Line(self.left, self.hang, self.right, self.hang, "muted"),
            self._text(self.left - 8, self.hang + 4.5, "0", "muted", anchor="end"),
            self._text(self.left - 8, end + 4.5, f"{self.deepest:g}", "muted", anchor="end"),
        ]

    def _surprises(self, name: str, costs: tuple[float, ...]) -> list[AnyMark]:
        """Hang a bar for each symbol: the rarer it is, the longer; an impossible one has no end."""
        look = LOOKS[name]
        marks: list[AnyMark] = []
        for index, cost in enumerate(costs):
            x, infinite = self.bars.x(name, index), math.isinf(cost)
            h = self.deep * min(cost / self.deepest, 1)
            fill: Role | None = None if infinite else look.fill
            dash = (4.0, 3.0) if infinite else ()
            marks.append(Rect(x, self.hang, self.bars.width, h, fill, look.stroke, 2, dash, key=f"{name}.{index}.bits"))
            if infinite or (self._room() and cost < 1000):
                text = fixed(cost, 2 if cost < 9.995 else 1 if cost < 99.95 else 0)
                label = {"anchor": "middle", "halo": True, "bold": infinite, "key": f"{name}.{index}.surprise"}
                marks.append(self._text(x + self.bars.width / 2, self.hang + h + 15, text, look.text, **label))
        return marks

    # The draws.

    def x(self, count: float) -> float:
        """Return the pixel of a number of draws."""
        return self._at((count,))[0]

    def _at(self, places: tuple[float, ...]) -> tuple[float, ...]:
        return _columns(self.walk_left, self.walk_right, places)

    def _strip(self) -> list[AnyMark]:
        """Show the letters drawn last; the newest stands at the end."""
        y, pitch = self.strip, 16
        marks: list[AnyMark] = [self._text(self.walk_left, y, "last draws", "muted")]
        if not self.draws:
            marks.append(self._text(self.walk_right, y, "none so far", "muted", anchor="end"))
            return marks
        room = int((self.walk_right - self.walk_left - 86) / pitch)
        last = self.luck.symbols[max(0, self.draws - room) : self.draws]
        marks.append(Rect(self.walk_right - 18, y - 14, 18, 18, None, "ink", 1.5, radius=3, key="draw.latest"))
        for back, symbol in enumerate(reversed(last)):
            fill: Role = "muted" if back else "ink"
            x = self.walk_right - 9 - (pitch * back + (3 if back else 0))
            letter = {"anchor": "middle", "bold": not back, "key": f"draw.{back}"}
            marks.append(self._text(x, y, SYMBOLS[symbol], fill, **letter))
        return marks

    def _frame(self, panel: _Panel, title: str, role: Role) -> list[AnyMark]:
        """Draw a chart's title, levels and decades."""
        left, right = self.walk_left, self.walk_right
        marks: list[AnyMark] = [self._text(left, panel.top - 10, title, role)]
        for decade in (1, 10, 100, 1000):
            marks.append(Line(self.x(decade), panel.top, self.x(decade), panel.bottom, "faint"))
        for place in range(math.ceil(panel.low / panel.step), math.floor(panel.high / panel.step) + 1):
            y = panel.scale(place * panel.step)
            marks.append(Line(left, y, right, y, "faint" if place else "muted"))
            label = f"{place * panel.step:g}".replace("-", "−")
            marks.append(self._text(left - 8, y + 4.5, label, "muted", anchor="end"))
        if panel.infinite:
            marks.append(Line(left, panel.top, right, panel.top, "faint"))
            marks.append(self._text(left - 8, panel.top + 4.5, "∞", "muted", anchor="end"))
        return marks

    def _course(self, panel: _Panel, averages: Sequence[float]) -> list[tuple[float, float]]:
        """Return the points of a running average; those not reached yet lie on the last one.

        So their number never changes, and one walk can turn into another.
        """
        reached = [place for place in PLACES if place < self.draws]
        columns = [*self._at(PLACES)[: len(reached)], *self._at((self.draws,))]
        rows = panel.rows([averages[place - 1] for place in (*reached, self.draws)])
        points = list(zip(columns, rows, strict=True))
        return points + points[-1:] * (len(PLACES) - len(points))

    def _averages(self) -> list[AnyMark]:
        panel, left, right = self.averages, self.walk_left, self.walk_right
        marks = self._frame(panel, "average surprise so far, in bits", "muted")
        marks.append(self._text(right, panel.top - 10, f"seed {self.seed}", "muted", anchor="end"))
        p_law, q_law = panel.y(self.law.h_p), panel.y(self.law.h_pq)
        laws = [
            Line(left, p_law, right, p_law, "p", 1.5, (5, 4), "p.law"),
            Line(left, q_law, right, q_law, "q", 1.5, (5, 4), "q.law"),
        ]
        if self.draws:
            p, q = self._course(panel, self.luck.under_p), self._course(panel, self.luck.under_q)
            x, p_now, q_now = p[-1][0], p[-1][1], q[-1][1]
            marks += [
                Path(polyline([*p, *reversed(q)]), closed=True, fill="gap-soft", key="between"),
                *laws,
                Path(polyline(p), stroke="p", width=4.5, key="p.course"),
                Path(polyline(q), stroke="q", width=2, key="q.course"),
                Line(x, p_now, x, q_now, "gap", 4, key="gap.between"),
                Dot(x, p_now, 4.5, "p", "p", 2, "p.now"),
                Dot(x, q_now, 4.5, "q-soft", "q", 2, "q.now"),
            ]
        else:
            marks += [
                Rect(left, q_law, right - left, p_law - q_law, "gap-soft", key="between.laws"),
                *laws,
                Line(right - 2, p_law, right - 2, q_law, "gap", 4, key="gap.between"),
            ]
        # H(p, q) is never less than H(p): its words go above its line, those of H(p) below.
        below = min(p_law + 17, panel.bottom - 5)
        above = min(panel.top + 15 if self.law.h_pq == math.inf else q_law - 7, below - 17)
        words = {"anchor": "end", "halo": True}
        marks.append(self._text(right - 8, above, f"H(p, q) = {fixed(self.law.h_pq, 3)}", "q-text", **words))
        marks.append(self._text(right - 8, below, f"H(p) = {fixed(self.law.h_p, 3)}", "p-text", **words))
        return marks

    def _band(self) -> Drawn:
        """Trace the gap's law: two standard errors above it from left to right, and below it back again."""
        columns = self._at(BAND_PLACES)
        errors = [2 * self.law.deviation / math.sqrt(place) for place in BAND_PLACES]
        above = self.gaps.rows([self.law.kl_pq + error for error in errors])
        below = self.gaps.rows([self.law.kl_pq - error for error in errors])
        return polyline([*zip(columns, above, strict=True), *zip(columns[::-1], below[::-1], strict=True)])

    def _gap(self) -> list[AnyMark]:
        panel, left, right = self.gaps, self.walk_left, self.walk_right
        words = "gap so far, in bits"
        marks: list[AnyMark] = []
        if 1e-9 < self.law.deviation < math.inf:
            words += "; shaded: ± 2 standard errors"
            marks.append(Path(self._band(), closed=True, fill="gap-soft", key="band"))
        marks += self._frame(panel, words, "gap-text")
        level = panel.y(self.law.kl_pq)
        marks.append(Line(left, level, right, level, "gap", 2, (7, 4), "gap.law"))
        above = True
        if self.draws:
            course = self._course(panel, self.luck.gap)
            x, y = course[-1]
            marks.append(Path(polyline(course), stroke="gap", width=3, key="gap.course"))
            marks.append(Line(x, panel.y(0), x, y, "gap", 4, key="gap.now"))
            marks.append(Dot(x, y, 5.5, "gap", "paper", 2, "gap.dot"))
            above = y >= level
            marks.append(self._gap_now(x, y, level))
        at = level - 8 if above and not panel.infinite else level + 18
        text = f"D(p ‖ q) = {fixed(self.law.kl_pq, 3)}"
        marks.append(self._text(right - 8, at, text, "gap-text", anchor="end", halo=True, bold=True))
        return marks

    def _gap_now(self, x: float, y: float, level: float) -> Text:
        """Say the gap so far beside its dot, on that side of the law's line where its own words are not."""
        panel, gap = self.gaps, self.luck.gap[self.draws - 1]
        if y < level:
            at = max(min(y + 5, level - 10), panel.top + 12)
        else:
            at = min(max(y + 5, level + (37 if panel.infinite else 19)), panel.bottom - 5)
        fits = x + 12 + 5.6 * self.frame.text < self.walk_right
        side = {"anchor": "start" if fits else "end", "halo": True, "key": "gap.words"}
        return self._text(x + 12 if fits else x - 12, at, f"gap {fixed(gap, 3)}", "gap-text", **side)

    def _counts(self) -> list[AnyMark]:
        y = self.gaps.bottom + 19
        return [
            self._text(self.x(1), y, "1", "muted", anchor="middle"),
            self._text(self.x(10), y, "10", "muted", anchor="middle"),
            self._text(self.x(100), y, "100", "muted", anchor="middle"),
            self._text(self.x(1000), y, "1000 draws", "muted", anchor="end"),
        ]


def code(state: State) -> str:
    """Return the lines that compute the law, and average the gaps of the same draws."""
    return script(
        "categorical: cross_entropy, entropy, kl, surprisal; simulation: draws, uniforms",
        [
            assigned("p", state["p"], NAMES["p"]),
            assigned("q", state["q"], NAMES["q"]),
            assigned("count", int(state["draws"]), "draws so far"),
            assigned("seed", int(state["seed"])),
            "",
            "total = 0.0  # extra surprise under q",
            "for symbol in draws(p, uniforms(seed, count)):",
            "    total += surprisal(q[symbol]) - surprisal(p[symbol])",
            "",
            shown("D(p ‖ q)", "kl(p, q)", "bits"),
            shown("gap", "total / max(count, 1)", "bits"),
            shown("H(p, q)", "cross_entropy(p, q)", "bits"),
            shown("H(p)", "entropy(p)", "bits"),
        ],
    )


WIDGET = Widget(
    name="surprise",
    title="How surprised will you be?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    buttons=BUTTONS,
    change=change,
    check=fitted,
    walk="draws",
)
