"""Evidence: likelihood-ratio walks under either of two hypotheses, and how soon one of them is known."""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

from klweb.bars import Bars
from klweb.categorical import kl
from klweb.evidence import log_ratios, observations_until, spread
from klweb.pairs import MODEL, SYMBOLS, TRUTH, fitted, moved
from klweb.parameter import Button, Choice, Distribution, Number
from klweb.scene import LOOKS, AnyMark, Dot, Line, Path, Role, Scale, Scene, Text, polyline
from klweb.simulation import MOST, SEEDS, pressed, uniforms
from klweb.simulation import draws as drawn_symbols
from klweb.snippet import assigned, script, shown
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import bits, fixed, listed

ODDS = 20
THRESHOLD = math.log2(ODDS)
BUNDLE = 8
"""Walks under each hypothesis."""

LENGTHS = (20, 50, 100, 200, 500, MOST)
"""How long the axis of observations may be."""

BAND = 2
"""Half the width of a band, in standard deviations."""

PARAMETERS = (
    Choice("edit", "Drag the bars of", (("p", "hypothesis p"), ("q", "hypothesis q")), "q", ("p-text", "q-text")),
    Choice(
        "world",
        "Observations come from",
        (("both", "each in turn"), ("p", "p"), ("q", "q")),
        "both",
        ("ink", "p-text", "q-text"),
    ),
    Distribution("p", "hypothesis p", TRUTH, "p-text", len(SYMBOLS)),
    Distribution("q", "hypothesis q", MODEL, "q-text", len(SYMBOLS)),
    Number("draws", "observations so far", 0, MOST, 1, 0, whole=True),
    Number("seed", "seed of the luck", 1, SEEDS, 1, 1, whole=True, slides=False),
)
BUTTONS = (
    Button("draw-1", "Observe 1"),
    Button("draw-10", "+10"),
    Button("draw-100", "+100"),
    Button("draw-1000", "+1000"),
    Button("clear", "Start again"),
    Button("reseed", "Other luck"),
)
PRESETS = (
    Preset(
        "nothing-yet",
        "Nothing observed yet",
        "The law alone: the sum is expected to climb if p is true, and to fall if q is.",
    ),
    Preset(
        "twenty",
        "Twenty observations",
        "The walks wander, but each bundle has its direction, and most are past 20 : 1.",
        {"draws": 20},
    ),
    Preset(
        "nearly-equal",
        "Nearly equal, a thousand",
        "A small divergence is a slow drift: for a long time luck outweighs it.",
        {"p": (0.28, 0.26, 0.24, 0.22), "q": (0.22, 0.24, 0.26, 0.28), "draws": 1000},
    ),
    Preset(
        "identical",
        "Identical",
        "Hypotheses that predict the same are never told apart, whatever is observed.",
        {"p": (0.4, 0.3, 0.2, 0.1), "q": (0.4, 0.3, 0.2, 0.1), "draws": 20},
    ),
    Preset(
        "lopsided",
        "Fast one way, slow the other",
        "p gives itself away with a C, which q hardly ever makes; q can only show itself by making none.",
        {"p": (0.6, 0.3, 0.1), "q": (0.7, 0.299, 0.001), "draws": 30},
    ),
    Preset(
        "decisive",
        "One decisive symbol",
        "q calls D impossible: the first D is infinite evidence for p, while its absence speaks but slowly for q.",
        {"p": TRUTH, "q": (0.35, 0.4, 0.25, 0), "draws": 20},
    ),
)

Shares = tuple[float, ...]


def change(state: State, name: str, value: Any) -> State:
    """Set a control, draw more, start again, or take other luck; whoever moves a bar edits its hypothesis."""
    drawn = pressed(state, name)
    return {**state, **drawn} if drawn else moved(state, name, value)


# ── law ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Law:
    """What is to be expected while one hypothesis is true; `sign` is the direction of its drift."""

    name: str
    sign: int
    divergence: float
    spread: float
    wait: float
    """About how many observations it takes to 20 : 1 for the truth."""
    decisive: tuple[str, ...]
    """Symbols that only this hypothesis can produce."""

    @property
    def formula(self) -> str:
        return "D(p ‖ q)" if self.name == "p" else "D(q ‖ p)"

    @property
    def other(self) -> str:
        return "q" if self.name == "p" else "p"

    def mean(self, count: float) -> float:
        """Return the expected evidence for p over q after `count` observations, in bits."""
        return self.sign * self.divergence * count if count else 0.0

    def band(self, count: float) -> tuple[float, float]:
        """Return the expected evidence less and plus two standard deviations of the sum."""
        mean, reach = self.mean(count), BAND * self.spread * math.sqrt(count)
        return mean - reach, mean + reach


@lru_cache(maxsize=8)
def _laws(p: Shares, q: Shares) -> tuple[_Law, _Law]:
    laws = []
    for name, sign, truth, model in (("p", 1, p, q), ("q", -1, q, p)):
        decisive = tuple(SYMBOLS[i] for i, (a, b) in enumerate(zip(truth, model, strict=True)) if a > 0 == b)
        wait = observations_until(truth, model, ODDS)
        laws.append(_Law(name, sign, kl(truth, model), spread(truth, model), wait, decisive))
    return laws[0], laws[1]


# ── luck ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Walk:
    """Evidence for p over q after 0, 1, 2 … observations."""

    totals: tuple[float, ...]
    crossed: float
    """After how many observations it first reached 20 : 1 for the truth; infinity if it has not."""
    left: float
    """Which observation decided at once; infinity if none did."""

    def finite(self, count: int) -> int:
        """Return the last of the first `count` observations after which the evidence is still finite."""
        return int(min(count, self.left - 1))


@lru_cache(maxsize=8)
def _symbols(truth: Shares, seed: int, stream: int, count: int) -> tuple[tuple[int, ...], ...]:
    """Draw a bundle's observations. Apart from the walks, since moving the model's bars leaves them as they are."""
    return tuple(tuple(drawn_symbols(truth, uniforms(seed, MOST, stream + walk)[:count])) for walk in range(BUNDLE))


@lru_cache(maxsize=8)
def _walks(p: Shares, q: Shares, name: str, seed: int, count: int) -> tuple[_Walk, ...]:
    """Return the bundle under hypothesis `name`, whose first walk is the bold one."""
    steps = log_ratios(p, q)
    settled = any(math.isinf(step) for step in steps)
    bundle = _symbols(p, seed, 0, count) if name == "p" else _symbols(q, seed, BUNDLE, count)
    walks = []
    for symbols in bundle:
        totals = tuple(accumulate(map(steps.__getitem__, symbols), initial=0.0))
        if name == "p":
            crossed = next((place for place, total in enumerate(totals) if total >= THRESHOLD), math.inf)
        else:
            crossed = next((place for place, total in enumerate(totals) if total <= -THRESHOLD), math.inf)
        left = next((n for n, total in enumerate(totals) if math.isinf(total)), math.inf) if settled else math.inf
        walks.append(_Walk(totals, crossed, left))
    return tuple(walks)


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Law and luck under one hypothesis, after `count` observations."""

    law: _Law
    walks: tuple[_Walk, ...]
    count: int
    shown: bool
    """Whether observations are drawn from this hypothesis."""

    @property
    def past(self) -> int:
        """How many walks have reached 20 : 1 for the truth by now."""
        return sum(walk.crossed <= self.count for walk in self.walks)

    @property
    def decided(self) -> int:
        """How many walks have met a symbol that decides at once."""
        return sum(walk.left <= self.count for walk in self.walks)

    @property
    def now(self) -> float:
        """Evidence for p over q that the bold walk has, in bits."""
        return self.walks[0].totals[self.count]


class _Story:
    """A state worked out: both bundles, and how long the axis has to be for them."""

    def __init__(self, state: State) -> None:
        p, q = tuple(state["p"]), tuple(state["q"])
        self.p, self.q, self.steps = p, q, log_ratios(p, q)
        self.count, self.seed = int(state["draws"]), int(state["seed"])
        laws = _laws(p, q)
        self.length = _length(self.count, [law.wait for law in laws])
        self.bundles = tuple(self._bundle(law, state["world"] in ("both", law.name)) for law in laws)
        self.shown = [bundle for bundle in self.bundles if bundle.shown]

    def _bundle(self, law: _Law, shown: bool) -> _Bundle:
        walks = _walks(self.p, self.q, law.name, self.seed, self.length) if shown else ()
        return _Bundle(law, walks, self.count, shown)


def _length(count: int, waits: list[float]) -> int:
    """Return how many observations the axis has room for: those so far, and the waits for 20 : 1 if they fit."""
    needed = max([count, *(1.25 * wait for wait in waits if math.isfinite(wait))])
    return next((length for length in LENGTHS if length >= needed), MOST)


# ── words ────────────────────────────────────────────────────────────────────────────────────


def view(state: State, frame: Frame) -> View:
    """Show both hypotheses as bars, what each symbol says, and under them the walks and their law."""
    story = _Story(state)
    forward, backward = (bundle.law for bundle in story.bundles)
    return View(
        scene=_Picture(state, frame, story).scene(),
        readouts=(
            Readout(
                "kl_pq", "D(p ‖ q)", forward.divergence, bits(forward.divergence),
                "drift up in each observation, if p is true", detail=_drift_detail(forward),
            ),
            Readout(
                "kl_qp", "D(q ‖ p)", backward.divergence, bits(backward.divergence),
                "drift down in each observation, if q is true", detail=_drift_detail(backward),
            ),
            Readout(
                "n_20", "20 : 1", forward.wait, _wait_text(forward.wait),
                "about how long it takes to 20 : 1 for p, if p is true", "p-text", _wait_detail(forward),
            ),
            _evidence(story),
        ),
        summary=_summary(story),
        table=_table(story),
    )  # fmt: skip


def _drift_detail(law: _Law) -> str:
    if law.decisive:
        return f"{law.other} rules out {listed(law.decisive)}, which {law.name} uses"
    return f"{fixed(law.divergence * math.log(2), 4)} nats"


def _sign(law: _Law) -> str:
    """Name what decides for a hypothesis at once."""
    return f"any {listed(law.decisive)}" if len(law.decisive) == 1 else f"any of {len(law.decisive)} symbols"


def _observations(count: int) -> str:
    return f"{count:,} observation{'' if count == 1 else 's'}"


def _about(wait: float) -> str:
    """Return a finite wait as one says it."""
    return "over a million observations" if wait > 1e6 else f"about {_observations(max(1, round(wait)))}"


def _brief(amount: float) -> str:
    """Return an amount of bits to about three figures, behind an equals sign."""
    if amount < 1e-6:
        return "< 0.000001" if amount else "= 0"
    digits = 1 if amount >= 10 else 3 if amount >= 0.1 else 2 - math.floor(math.log10(amount))
    return f"= {fixed(amount, min(digits, 6))}"


def _wait_text(wait: float) -> str:
    if math.isinf(wait):
        return "∞ observations"
    return f"{fixed(wait, 1)} observations" if wait < 99.95 else _about(wait).removeprefix("about ")


def _wait_detail(law: _Law) -> str:
    if law.decisive:
        return f"{_sign(law)} decides at once"
    if math.isinf(law.wait):
        return "no drift leads there"
    return "one observation is enough as a rule" if law.wait < 1 else "log₂ 20 ÷ D(p ‖ q)"


def _evidence(story: _Story) -> Readout:
    bundle = story.shown[0]
    now = bundle.now
    side = "" if now == 0 else " for p" if now > 0 else " for q"
    return Readout(
        "evidence", "evidence", abs(now), bits(abs(now), 2) + side,
        "that the bold walk has gathered (the one under q, if only q is drawn)", "ink", _odds(now),
    )  # fmt: skip


def _odds(evidence: float) -> str:
    amount = abs(evidence)
    if amount == 0:
        return "odds 1 : 1"
    if math.isinf(amount):
        return "decided"
    name = "p" if evidence > 0 else "q"
    if amount > math.log2(1e6):
        return f"odds over a million : 1 for {name}"
    return f"odds {2**amount:,.{0 if amount > math.log2(9.95) else 1}f} : 1 for {name}"


def _summary(story: _Story) -> str:
    if story.bundles[0].law.divergence == story.bundles[1].law.divergence == 0:
        return "p and q predict the same, so no observation is evidence for either: every walk stays flat at 0 bits."
    parts = [_so_far(story)]
    for bundle in story.shown:
        law = bundle.law
        if law.decisive:
            which = listed(law.decisive) if len(law.decisive) < 4 else f"{len(law.decisive)} of the symbols"
            gone = f", and {bundle.decided} of {BUNDLE} walks have left the picture" if story.count else ""
            parts.append(f"Only {law.name} makes {which}, which decides at once{gone}.")
        else:
            way = "up" if law.name == "p" else "down"
            parts.append(f"If {law.name} is true the evidence drifts {way} {bits(law.divergence)} an observation.")
    return " ".join(parts)


def _so_far(story: _Story) -> str:
    if story.count:
        walks = [f"{bundle.past} of {BUNDLE} walks under {bundle.law.name}" for bundle in story.shown]
        return f"After {_observations(story.count)} {' and '.join(walks)} have reached 20 : 1 for the truth."
    laws = [bundle.law for bundle in story.shown if math.isfinite(bundle.law.wait)]
    waits = " and ".join(f"{_about(law.wait)} if {law.name} is true" for law in laws)
    return f"Nothing is observed yet; the odds reach 20 : 1 after {waits}." if waits else "Nothing is observed yet."


def _table(story: _Story) -> Table:
    bundles = story.bundles
    laws = [bundle.law for bundle in bundles]
    pairs = list(zip(SYMBOLS, story.p, story.q, story.steps, strict=False))
    rows = [
        *((f"probability of {symbol}", fixed(a, 4), fixed(b, 4)) for symbol, a, b, _ in pairs),
        *((f"evidence of one {symbol}, bits", *[fixed(step, 4)] * 2) for symbol, _, _, step in pairs),
        ("drift: mean of one observation, bits", *(fixed(law.mean(1), 4) for law in laws)),
        ("standard deviation of one, bits", *(fixed(law.spread, 4) for law in laws)),
        ("observations to 20 : 1, about", *(fixed(law.wait, 1) for law in laws)),
        ("observations so far", *[str(story.count)] * 2),
        ("expected evidence by now, bits", *(fixed(law.mean(story.count), 2) for law in laws)),
        ("the bold walk’s by now, bits", *(fixed(one.now, 2) if one.shown else "not drawn" for one in bundles)),
        ("walks past 20 : 1 by now", *(f"{one.past} of {BUNDLE}" if one.shown else "not drawn" for one in bundles)),
    ]
    return Table(
        "Evidence for p over q: the law, and the walks drawn so far",
        ("what", "if p is true", "if q is true"),
        tuple(rows),
    )


# ── picture ──────────────────────────────────────────────────────────────────────────────────


class _Picture:
    """Lays out one state in one frame: bars and what each symbol says above, walks below."""

    def __init__(self, state: State, frame: Frame, story: _Story) -> None:
        self.story, self.frame = story, frame
        self.left, self.right = frame.left, frame.right
        self.edge = 6 if frame.phone else self.left
        shares = {"p": state["p"], "q": state["q"]}
        self.bars = Bars(frame, shares, state["edit"], Scale(0, 1, 146, 50), self.left, self.right, most=36)
        # Each bundle that is shown has two lines of words on its side.
        above, below = (41 * bundle.shown for bundle in story.bundles)
        self.top, self.below = 254.0 + above, 42.0 + below
        self.bottom = self.top + (264 if frame.phone else 300)
        low, high, self.tick = _range(story)
        self.x = Scale(0, story.length, 50 if frame.phone else self.left, self.right)
        self.y = Scale(low, high, self.bottom, self.top)
        self.columns: dict[tuple[int, int], tuple[tuple[int, ...], list[float]]] = {}

    def scene(self) -> Scene:
        """Return the whole picture."""
        bars, stride = self.bars, 114 if self.frame.phone else 130
        marks: list[AnyMark] = [
            *bars.legend({name: f"hypothesis {name}" for name in LOOKS}, stride),
            *bars.axis("probability", (0, 0.5, 1)),
            *(mark for name in LOOKS for mark in bars.bars(name, labelled=bars.has_room(name))),
        ]
        marks += self._symbols()
        marks += [*self._bands(), *self._grid(), *self._thresholds()]
        for bundle in self.story.shown:
            marks += self._thin_walks(bundle)
        for bundle in self.story.shown:
            marks += self._drift(bundle.law)
        for bundle in self.story.shown:
            marks += self._bold_walk(bundle)
        for bundle in self.story.shown:
            marks += self._wait(bundle.law)
        marks += self._captions()
        return Scene(self.frame.width, self.bottom + self.below, (*marks, *bars.handles()))

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

    # bars

    def _symbols(self) -> list[AnyMark]:
        """Name the symbols, and under each of them write the evidence that it gives."""
        y = self.bars.base
        marks: list[AnyMark] = [
            self._text(self.edge, y + 40, "what one observation adds: log₂ p/q, in bits", "muted"),
        ]
        narrow = self.bars.slot < 50
        size = 12 if self.bars.slot < 32 else self.frame.text
        for index, step in enumerate(self.story.steps):
            x = self.bars.middle(index)
            marks.append(self.bars.letter(index))
            digits = 2 if not narrow and abs(step) < 100 else 1 if abs(step) < 10 else 0
            text = fixed(step, digits)
            fill: Role = "ink"
            if any(figure in text for figure in "123456789∞"):
                fill = "p-text" if step > 0 else "q-text"
                text = f"+{text}" if step > 0 else text
            if len(text) * size * 0.52 < self.bars.slot:
                marks.append(Text(x, y + 60, text, fill, size, "middle", math.isinf(step), key=f"step.{index}"))
        return marks

    # law

    def _grid(self) -> list[AnyMark]:
        story, y = self.story, self.y
        marks: list[AnyMark] = []
        taken = [row for row, _ in self._threshold_labels().values()]
        digits = 0 if self.tick * self._unit >= 1 else 1
        for place in range(math.ceil(y.low / self.tick - 1e-9), math.floor(y.high / self.tick + 1e-9) + 1):
            row = y(place * self.tick)
            marks.append(Line(self.x(0), row, self.right, row, "faint" if place else "muted"))
            if all(abs(row - other) >= self.frame.text for other in taken):
                label = fixed(place * self.tick * self._unit, digits)
                marks.append(self._text(self.x(0) - 7, row + 4.5, label, "muted", anchor="end"))
        for part in (0, 1, 2) if self.frame.phone else range(6):
            count = story.length * part // (2 if self.frame.phone else 5)
            at, last = self.x(count), count == story.length
            text = f"{count:,} observations" if last else str(count)
            marks.append(Line(at, self.bottom, at, self.bottom + 5, "muted"))
            marks.append(self._text(at, self.bottom + 19, text, "muted", anchor="end" if last else "middle"))
        return marks

    def _threshold_labels(self) -> dict[str, tuple[float, str]]:
        """Return the row and the words of both thresholds' labels; rows keep clear of the 0 between them."""
        zero, clear = self.y(0), self.frame.text + 1
        return {
            "p": (min(self.y(THRESHOLD), zero - clear), f"{ODDS} : 1"),
            "q": (max(self.y(-THRESHOLD), zero + clear), f"1 : {ODDS}"),
        }

    @property
    def _unit(self) -> float:
        """What numbers on the axis of evidence are multiplied by: long ones are written in thousands."""
        return 0.001 if max(-self.y.low, self.y.high) >= 10000 else 1

    def _bands(self) -> list[AnyMark]:
        """Shade where either law expects the sum; where q's band hides it, p's lower edge is drawn again."""
        marks: list[AnyMark] = []
        edges: list[AnyMark] = []
        counts = _counts(self.story.length)
        columns = self.x.drawn(counts, 1)
        for bundle in self.story.shown:
            law = bundle.law
            if math.isinf(law.divergence):
                continue
            low, high = (self.y.drawn(edge, 1) for edge in zip(*map(law.band, counts), strict=True))
            around = polyline([*zip(columns, high, strict=True), *zip(columns[::-1], low[::-1], strict=True)])
            soft: Role = "p-soft" if law.name == "p" else "q-soft"
            marks.append(Path(around, closed=True, fill=soft, key=f"{law.name}.band"))
            if law.name == "p":
                edges.append(Path(polyline(zip(columns, low, strict=True)), stroke=soft, width=1.5, key="p.edge"))
        return marks + edges

    def _drift(self, law: _Law) -> list[AnyMark]:
        if math.isinf(law.divergence):
            return []
        end = self.story.length
        ends = (self.x(0), self.y(0), self.x(end), self.y(law.mean(end)))
        return [Line(*ends, "gap", 2.5, (7, 5), key=f"{law.name}.drift")]

    def _thresholds(self) -> list[AnyMark]:
        """Draw the lines at 20 : 1 and 1 : 20, named where the axis has its numbers."""
        marks: list[AnyMark] = []
        for name, (row, words) in self._threshold_labels().items():
            level = self.y(THRESHOLD if name == "p" else -THRESHOLD)
            marks.append(Line(self.x(0), level, self.right, level, "ink", 1.5, key=f"{name}.threshold"))
            label = {"anchor": "end", "bold": True, "key": f"{name}.threshold"}
            marks.append(self._text(self.x(0) - 7, row + 4.5, words, LOOKS[name].text, **label))
        return marks

    def _wait(self, law: _Law) -> list[AnyMark]:
        """Mark where a walk that keeps to its drift crosses its threshold."""
        if law.wait > self.story.length:
            return []
        level, column = self.y(law.sign * THRESHOLD), self.x(law.wait)
        edge = self._exit(law)
        return [
            Line(column, level, column, edge, "ink", 1.5, (2, 3), key=f"{law.name}.wait"),
            Dot(column, level, 4.5, "ink", "paper", 1.5, key=f"{law.name}.wait"),
        ]

    # luck

    def _line(self, walk: _Walk, law: _Law, points: int) -> list[tuple[float, float]]:
        """Return the pixels of a walk so far, thinned out always at the same places, so that it grows at its end."""
        last = walk.finite(self.story.count)
        if (last, points) not in self.columns:
            places = (*range(0, last, max(1, self.story.length // points)), last)
            self.columns[last, points] = places, self.x.drawn(places, 1)
        places, columns = self.columns[last, points]
        line = list(zip(columns, self.y.drawn([walk.totals[i] for i in places], 1), strict=True))
        if walk.left <= self.story.count:
            (column,) = self.x.drawn([walk.left], 1)
            line += [(column, line[-1][1]), (column, self._exit(law))]
        return line

    def _exit(self, law: _Law) -> float:
        """Return the edge through which a decided walk leaves."""
        return self.top if law.sign > 0 else self.bottom

    def _thin_walks(self, bundle: _Bundle) -> list[AnyMark]:
        if not self.story.count:
            return []
        law = bundle.law
        role: Role = "p" if law.name == "p" else "q"
        return [
            Path(polyline(self._line(walk, law, 50)), stroke=role, width=1, key=f"{law.name}.walk.{place}")
            for place, walk in enumerate(bundle.walks[1:], 1)
        ]

    def _bold_walk(self, bundle: _Bundle) -> list[AnyMark]:
        if not self.story.count:
            return []
        law = bundle.law
        look = LOOKS[law.name]
        line = self._line(bundle.walks[0], law, 100)
        marks: list[AnyMark] = [Path(polyline(line), stroke=look.stroke, width=3, key=f"{law.name}.walk.0")]
        for walk in sorted({walk.left for walk in bundle.walks if walk.left <= self.story.count}):
            x, y, tip = self.x(walk), self._exit(law), 9 * law.sign
            arrow = (x - 6, y + tip, x, y, x + 6, y + tip)
            marks.append(Path(arrow, closed=True, fill=look.stroke, key=f"{law.name}.exit.{walk:.0f}"))
        if bundle.walks[0].left > self.story.count:
            x, y = line[-1]
            fill: Role = "p" if law.name == "p" else "paper"
            marks.append(Dot(x, y, 5, fill, look.stroke, 2.5, key=f"{law.name}.now"))
        return marks

    # words around the walks

    def _captions(self) -> list[AnyMark]:
        story = self.story
        unit = "bits" if self._unit == 1 else "thousand bits"
        title = 242.0
        marks: list[AnyMark] = [
            self._text(self.edge, title, f"evidence for p over q so far, in {unit}", bold=True),
            self._text(self.right, title, f"seed {story.seed}", "muted", anchor="end"),
        ]
        for bundle in story.shown:
            up = bundle.law.sign > 0
            marks += self._law_caption(bundle.law, title + 21 if up else self.bottom + 59)
            marks.append(self._wait_caption(bundle, self.top - 12 if up else self.bottom + 39))
        if any(0 < bundle.law.spread < math.inf for bundle in story.shown):
            words = "shaded: drift ± 2 standard deviations of the sum"
            marks.append(self._text(self.edge, self.bottom + self.below - 4, words, "muted"))
        return marks

    def _law_caption(self, law: _Law, y: float) -> list[AnyMark]:
        marks: list[AnyMark] = [self._text(self.edge, y, f"if {law.name} is true", LOOKS[law.name].text)]
        x = self.edge + (72 if self.frame.phone else 80)
        if law.decisive:
            return [*marks, self._text(x, y, f"{law.formula} = ∞ bits: {_sign(law)} decides", "gap-text")]
        way = "up" if law.sign > 0 else "down"
        drift = f"{way} {law.formula} {_brief(law.divergence)} bits an observation"
        marks.append(Line(x, y - 4.5, x + 19, y - 4.5, "gap", 2.5, (7, 5)))
        return [*marks, self._text(x + 24, y, drift, "gap-text")]

    def _wait_caption(self, bundle: _Bundle, y: float) -> Text:
        law = bundle.law
        if math.isinf(law.wait):
            words = self._threshold_labels()[law.name][1]
            return self._text(self.edge, y, f"no drift: {words} is not to be expected", LOOKS[law.name].text)
        so_far = f" · {bundle.past} of {BUNDLE} walks so far" if self.story.count else ""
        text = f"{self._threshold_labels()[law.name][1]} after {_about(law.wait)}{so_far}"
        half = len(text) * self.frame.text * 0.205  # letters are about 0.41 of their size wide
        at = self.x(min(law.wait, self.story.length))
        middle = max(min(at, self.right - half), self.edge + half)
        return self._text(middle, y, text, LOOKS[law.name].text, anchor="middle", key=f"{law.name}.wait")


def _counts(length: int) -> list[float]:
    """Return the places at which a band is sampled: densely at the start, where the square root is steep."""
    return [length * (place / 9) ** 2 for place in range(10)]


def _range(story: _Story) -> tuple[float, float, float]:
    """Return the ends of the axis of evidence and the distance of its ticks, in bits.

    It has room for the law over the whole axis, and for the walks so far; ends are rounded, so that it rarely moves
    while walks grow.
    """
    values = [-1.2 * THRESHOLD, 1.2 * THRESHOLD]
    for bundle in story.shown:
        if math.isfinite(bundle.law.divergence):
            for edges in map(bundle.law.band, _counts(story.length)):
                values += edges
        for walk in bundle.walks:
            totals = walk.totals[: walk.finite(story.count) + 1]
            values += (min(totals), max(totals))
    low, high = min(values), max(values)
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    tick = next((step * power for step in (1, 2, 5) if step * power >= rough), 10 * power)
    return math.floor(low / tick * 2) * tick / 2, math.ceil(high / tick * 2) * tick / 2, tick


def code(state: State) -> str:
    """Return the lines that compute the law, and walk the bold walk again."""
    truth, stream = ("q", f", stream={BUNDLE}") if state["world"] == "q" else ("p", "")
    return script(
        "categorical: kl; evidence: log_ratios, observations_until; simulation: draws, uniforms",
        [
            assigned("p", state["p"]),
            assigned("q", state["q"]),
            assigned("count", int(state["draws"]), "observations so far"),
            assigned("seed", int(state["seed"])),
            "",
            "evidence, steps = 0.0, log_ratios(p, q)  # for p over q",
            f"for symbol in draws({truth}, uniforms(seed, count{stream})):",
            "    evidence += steps[symbol]",
            "",
            shown("D(p ‖ q)", "kl(p, q)", "bits"),
            shown("D(q ‖ p)", "kl(q, p)", "bits"),
            shown("20 : 1", f"observations_until(p, q, {ODDS})", "observations"),
            shown("evidence", "abs(evidence)", "bits"),
        ],
    )


WIDGET = Widget(
    name="evidence",
    title="How many observations until you know?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    buttons=BUTTONS,
    change=change,
    check=fitted,
    walk="draws",
)
