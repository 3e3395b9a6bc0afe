"""Maximum likelihood: data against a model with one parameter, and why the likeliest model is the nearest in KL."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from klweb import families
from klweb.errors import InputError
from klweb.families import Family
from klweb.parameter import Button, Choice, Number, Sample, shorten
from klweb.scene import AnyMark, Dot, Handle, Line, Path, Rect, Role, Scale, Scene, Spot, Text, polyline
from klweb.snippet import assigned, script, shown
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import bits, fixed

LN2 = math.log(2)
MOST = 100
"""How many observations there is room for."""
SAMPLES = 49
"""Places at which the curves over theta are computed."""
TENTH = 1
"""Digits of a curve's pixels."""


@dataclass(frozen=True, slots=True)
class Model:
    """A family as this figure shows it."""

    family: Family
    name: str
    meaning: str
    """What theta is."""
    places: tuple[float, ...]
    """Where a column takes an observation."""
    low: float
    high: float
    room: float
    """How many bits above the least of D are shown."""


MODELS = {
    "bernoulli": Model(families.BERNOULLI, "a coin", "the chance of heads", (0, 1), 0, 1, 3),
    "poisson": Model(families.POISSON, "Poisson", "the mean count", tuple(range(13)), 0, 12, 5),
    "normal": Model(families.NORMAL, "normal, σ = 1", "the mean of q", tuple(x / 2 for x in range(-8, 9)), -4, 4, 8),
}

COIN = (1, 0, 1, 1, 0, 1, 0, 0, 1, 1)
COUNTS = (2, 3, 1, 4, 2, 0, 3, 5, 2, 1, 3, 2)
PLACES = (-1.5, -1, -1, -0.5, -0.5, -0.5, 0, 0, 4)


def _theta(name: str, default: float, step: float) -> Number:
    model = MODELS[name]
    label = f"θ, {model.meaning}"
    return Number(
        f"theta_{name}", label, model.low, model.high, step, default, "θ", "q-text", when=("family", name)
    )  # fmt: skip


def _sample(name: str, label: str, default: tuple[float, ...], whole: bool) -> Sample:
    model = MODELS[name]
    return Sample(name, label, default, model.low, model.high, whole, MOST, "p-text", ("family", name))


PARAMETERS = (
    Choice(
        "family",
        "The model q is",
        (("bernoulli", "a coin"), ("poisson", "Poisson (counts)"), ("normal", "normal, σ = 1")),
        "bernoulli",
    ),
    _theta("bernoulli", 0.3, 0.01),
    _theta("poisson", 4, 0.1),
    _theta("normal", -0.6, 0.1),
    _sample("bernoulli", "coin tosses, 1 for heads", COIN, whole=True),
    _sample("poisson", "counts", COUNTS, whole=True),
    _sample("normal", "measurements", PLACES, whole=False),
)
BUTTONS = (
    Button("maximise", "θ to the maximum"),
    Button("undo", "Take the last away"),
    Button("clear", "Take all away"),
)
PRESETS = (
    Preset(
        "fair-looking-coin",
        "Fair-looking coin",
        "Six heads in ten tosses. Move θ: one curve falls exactly as far as the other rises.",
    ),
    Preset(
        "ten-heads",
        "Ten heads of ten",
        "The likeliest coin never shows tails. Add one tail, and that coin is infinitely wrong.",
        {"bernoulli": (1,) * 10, "theta_bernoulli": 0.5},
    ),
    Preset(
        "counts",
        "Counts",
        "Even the best Poisson model misses the data a little: D stops above 0, at the mean count.",
        {"family": "poisson"},
    ),
    Preset(
        "two-humps",
        "Two humps",
        "The likeliest model of a wrong family is still wrong: it peaks at 4, where nothing was seen.",
        {"family": "poisson", "poisson": (0, 8, 0, 8, 0, 8, 0, 8), "theta_poisson": 4},
    ),
    Preset(
        "outlier",
        "An outlier",
        "One far measurement pulls the likeliest mean, for surprise grows with the square of the distance.",
        {"family": "normal"},
    ),
    Preset(
        "at-the-maximum",
        "θ at the maximum",
        "At the mean the likelihood is greatest and the cross-entropy least: one place, one act.",
        {"family": "normal", "normal": (0.5, -1, 1, 0.5, 1.5, 0, 1, 0.5), "theta_normal": 0.5},
    ),
)


def change(state: State, name: str, value: Any) -> State:
    """Set a control, or add or take away an observation: ``add.3`` adds a 3, ``remove.3`` takes the last 3 away."""
    family = state["family"]
    data = state[family]
    head, _, rest = name.partition(".")
    if head == "add":
        places = {f"{place:g}": float(place) for place in MODELS[family].places}
        if rest not in places:
            raise InputError(f"No observation can be added at {shorten(rest)}", name)
        if len(data) >= MOST:
            raise InputError(f"There is room for {MOST} observations: take one away first", name)
        return {**state, family: [*data, places[rest]]}
    if head == "remove":
        found = [index for index, item in enumerate(data) if _exact(item) == rest]
        # What is not there (any more) cannot be taken away: a second tap of a finger does no harm.
        return {**state, family: [item for index, item in enumerate(data) if index not in found[-1:]]}
    if name == "undo":
        return {**state, family: data[:-1]}
    if name == "clear":
        return {**state, family: []}
    if name == "maximise":
        return {**state, f"theta_{family}": MODELS[family].family.estimate(data)} if data else state
    return {**state, name: value}


def _exact(value: float) -> str:
    return f"{value:.12g}"


@dataclass(frozen=True, slots=True)
class Fit:
    """What data say about all theta at once, in bits."""

    best: float
    """The theta that maximises the likelihood."""
    least: float
    """D at its least; 0 where D is taken relative to that."""
    total: float
    """What D and the mean log-likelihood sum to, whatever theta is."""
    thetas: tuple[float, ...]
    """Places from end to end of where D is within the picture, closer together at both ends."""
    divergences: tuple[float, ...]


@lru_cache(maxsize=32)
def _fit(name: str, data: tuple[float, ...]) -> Fit:
    model = MODELS[name]
    family = model.family
    best = family.estimate(data)
    if family.is_discrete:
        least, total = family.kl(data, best, 2), 0.0 - families.entropy(data, 2)
    else:
        least, total = 0.0, family.mean_log_likelihood(data, best, 2)

    def reach(end: float) -> float:
        """Find how far from the best theta towards an end D stays in the picture, by bisection."""
        if family.gap(best, end) / LN2 <= model.room:
            return end
        inside, outside = best, end
        for _ in range(40):
            middle = (inside + outside) / 2
            if family.gap(best, middle) / LN2 <= model.room:
                inside = middle
            else:
                outside = middle
        return inside

    low, high = reach(model.low), reach(model.high)
    centre, half = (low + high) / 2, (high - low) / 2
    thetas = tuple(centre - half * math.cos(math.pi * i / (SAMPLES - 1)) for i in range(SAMPLES))
    thetas = tuple(min(max(theta, low), high) for theta in thetas)
    return Fit(best, least, total, thetas, tuple(least + family.gap(best, theta) / LN2 for theta in thetas))


@dataclass(frozen=True, slots=True)
class Now:
    """What is shown: the data, the model at theta, and how they fit, in bits; no fit without data."""

    name: str
    data: list[float]
    theta: float
    fit: Fit | None
    divergence: float
    likelihood: float

    @property
    def model(self) -> Model:
        """The family."""
        return MODELS[self.name]

    @property
    def is_discrete(self) -> bool:
        """Whether D itself is shown, rather than the cross-entropy above its least."""
        return self.model.family.is_discrete

    @property
    def excess(self) -> str:
        """What the falling curve is called."""
        return "D(p̂ ‖ q)" if self.is_discrete else "cross-entropy above its least"


def _now(state: State) -> Now:
    name = state["family"]
    data, theta = state[name], state[f"theta_{name}"]
    if not data:
        return Now(name, data, theta, None, math.nan, math.nan)
    family = MODELS[name].family
    divergence = family.kl(data, theta, 2) if family.is_discrete else family.excess(data, theta, 2)
    likelihood = family.mean_log_likelihood(data, theta, 2)
    return Now(name, data, theta, _fit(name, tuple(data)), divergence, likelihood)


def view(state: State, frame: Frame) -> View:
    """Show the data under the model, and over all theta the divergence and the mean log-likelihood."""
    now = _now(state)
    return View(_Picture(now, frame).scene(), _readouts(now), _summary(now), _table(now))


def _readouts(now: Now) -> tuple[Readout, ...]:
    fit = now.fit

    def text(value: float) -> str:
        return bits(value) if fit else NO_DATA

    if not fit:
        why = total = ""
    elif now.is_discrete:
        why = _impossible(now) if math.isinf(now.divergence) else f"{fixed(now.divergence * LN2, 4)} nats"
        total = "minus the entropy of the data"
    else:
        why = "for the normal family: the cross-entropy above its least. To a density D itself is infinite"
        total = "for the normal family: minus the least cross-entropy, of which θ is no part either"
    return (
        Readout(
            "kl_pq", "D(p̂ ‖ q)", now.divergence, text(now.divergence),
            "extra cost of each observation, believing q", detail=why,
        ),
        Readout(
            "loglik", "mean log₂ q(x)", now.likelihood, text(now.likelihood),
            "log-likelihood of the data, for each observation", "ink",
        ),
        Readout(
            "sum", "Sum of the two", fit.total if fit else math.nan, text(fit.total if fit else math.nan),
            "−H(p̂), the same whatever θ is", "ink", total,
        ),
        Readout(
            "theta_hat", "θ̂", fit.best if fit else math.nan, fixed(fit.best, 4) if fit else NO_DATA,
            "where the likelihood is greatest: the mean of the data", "q-text",
        ),
    )  # fmt: skip


NO_DATA = "no data yet"


def _impossible(now: Now) -> str:
    """Say what the model at its edge gives no probability, and the data hold."""
    if now.name == "poisson":
        return f"q allows only 0, and {sum(value > 0 for value in now.data)} of the data are more"
    wrong = 1 if now.theta == 0 else 0
    return f"q calls {('tails', 'heads')[wrong]} impossible, and the data hold {now.data.count(wrong)}"


def _summary(now: Now) -> str:
    theta = fixed(now.theta, 2)
    fit = now.fit
    if not fit:
        return (
            f"There are no data yet, so that no θ is better than another: the picture shows the model alone, with "
            f"θ = {theta}."
        )
    count = f"{len(now.data)} observations" if len(now.data) > 1 else "one observation"
    if math.isinf(now.divergence):
        reason = _impossible(now)
        return f"With θ = {theta} {reason}: their likelihood is 0, its logarithm −∞, and D(p̂ ‖ q) infinite."
    if math.isclose(now.theta, fit.best, rel_tol=1e-12, abs_tol=1e-12):
        nearer = f"nearer in KL: D(p̂ ‖ q) is {bits(now.divergence)}" if now.is_discrete else "of less cross-entropy"
        return (
            f"With θ = {theta}, the mean of the {count}, no other model is likelier, and none is {nearer}. "
            f"The mean log-likelihood is {bits(now.likelihood)}."
        )
    gap = "D(p̂ ‖ q) is" if now.is_discrete else "the cross-entropy lies above its least by"
    return (
        f"With θ = {theta} the mean log-likelihood of the {count} is {bits(now.likelihood)}, and {gap} "
        f"{bits(now.divergence)}. Both are best at θ = {fixed(fit.best, 4)}, the mean of the data."
    )


def _table(now: Now) -> Table:
    discrete = now.is_discrete
    counts = Counter(now.data)
    size = len(now.data)
    values = sorted({*now.model.places, *counts}) if discrete else sorted(counts)
    rows = []
    for value in values:
        log = now.model.family.log_density(value, now.theta) / LN2
        share = counts[value] / size if size else 0.0
        row = [f"{value:.6g}".replace("-", "−"), str(counts[value]), fixed(share, 4) if size else "–"]
        row += [fixed(2**log, 4), fixed(share * log if share else 0.0, 4) if size else "–"]
        if discrete:
            row.append(fixed(share * (math.log2(share) - log) if share else 0.0, 4) if size else "–")
        rows.append(tuple(row))
    last = ["sum", str(size), "1" if size else "–", "–", fixed(now.likelihood, 4) if size else "–"]
    if discrete:
        last.append(fixed(now.divergence, 4) if size else "–")
    rows.append(tuple(last))
    head = ("value", "times", "p̂", "q" if discrete else "density q", "p̂ log₂ q")
    return Table(
        "The data and the model, and what each value adds to the mean log-likelihood"
        + (" and to D(p̂ ‖ q), in bits" if discrete else ", in bits"),
        (*head, "p̂ log₂(p̂/q)") if discrete else head,
        tuple(rows),
    )


class _Picture:
    """Lays out the data under the model, and below them both curves over theta."""

    def __init__(self, now: Now, frame: Frame) -> None:
        self.now, self.frame = now, frame
        self.left, self.right = frame.left, frame.right
        places = now.model.places
        # Fingers are as wide on a phone: columns for halves would be too narrow there.
        self.places = tuple(x for x in places if x == int(x)) if frame.phone else places
        self.slot = (self.right - self.left) / len(self.places)
        self.x = Scale(places[0], places[-1], self.left + self.slot / 2, self.right - self.slot / 2)
        self.top, self.base = 52.0, (192.0 if frame.phone else 222.0)
        self.curves_top = self.base + (188 if frame.phone else 172)
        self.curves_base = self.curves_top + (180 if frame.phone else 210)
        # Where θ is a mean of q, it stands below its place among the data.
        self.theta = Scale(0, 1, self.left, self.right) if now.name == "bernoulli" else self.x

    def scene(self) -> Scene:
        """Return the whole picture."""
        data = self._discrete() if self.now.is_discrete else self._normal()
        marks = [*self._legend(), *data, *self._columns(), *self._curves(), *self._spots(), self._handle()]
        return Scene(self.frame.width, self.curves_base + 50, tuple(marks))

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

    def _legend(self) -> list[AnyMark]:
        now = self.now
        size = len(now.data)
        start = 6 if self.frame.phone else self.left
        column = 166 if self.frame.phone else 230
        data = f"p̂: {size} observation{'' if size == 1 else 's'}" if size else "no data yet"
        swatch: AnyMark = (
            Rect(start, 8, 13, 13, "p", "p", 2, radius=2) if now.is_discrete else Dot(start + 6.5, 14.5, 5.5, "p")
        )
        model: AnyMark = (
            Rect(start + column, 8, 13, 13, "q-soft", "q", 2)
            if now.is_discrete
            else Line(start + column - 3, 14.5, start + column + 15, 14.5, "q", 2.5)
        )
        return [
            swatch, self._text(start + 20, 19, data, "p-text"),
            model, self._text(start + column + 20, 19, f"q: {now.model.name}, θ = {fixed(now.theta, 2)}"
            if now.is_discrete else f"q: normal, mean θ = {fixed(now.theta, 2)}", "q-text"),
            self._text(6, 40, "probability" if now.is_discrete else "density of q", "muted"),
        ]  # fmt: skip

    # ── the data and the model ───────────────────────────────────────────────────────────────

    def _discrete(self) -> list[AnyMark]:
        now = self.now
        counts, size = Counter(now.data), max(len(now.data), 1)
        q = [math.exp(now.model.family.log_density(place, now.theta)) for place in self.places]
        tallest = max(*q, *(count / size for count in counts.values()))
        high = next(step for step in (0.25, 0.5, 1) if step >= tallest - 1e-9)
        y = Scale(0, high, self.base, self.top)
        width = min(120 if not self.frame.phone else 84, self.slot * 0.84)
        bar = width * 0.6
        marks = self._ticks(y, (0, high / 2, high))
        outlines: list[AnyMark] = []
        for place, share in zip(self.places, q, strict=True):
            middle, top = self.x(place), y(share)
            box = (middle - width / 2, top, width, self.base - top)
            marks.append(Rect(*box, "q-soft", key=f"q.{place}"))
            outlines.append(Rect(*box, None, "q", 2, key=f"q.{place}.outline"))
            marks += self._stack(middle, bar, counts[place], y(0) - y(1 / size), f"p.{place}")
            if self.slot > 100:
                outlines += self._values(place, width, y, share)
        beyond = 1 - math.fsum(q)
        if beyond >= 0.005:
            outlines.append(
                self._text(self.right, 40, f"q of more than 12: {fixed(beyond, 2)}", "q-text", anchor="end")
            )
        return [*marks, *outlines, Line(self.left, self.base, self.right, self.base, "muted")]

    def _values(self, place: float, width: float, y: Scale, share: float) -> list[AnyMark]:
        """Print the two probabilities of a wide column beside its bars."""
        middle, top = self.x(place), y(share)
        marks: list[AnyMark] = []
        if self.now.data:
            data = self.now.data.count(place) / len(self.now.data)
            # Right beside p's bar where it stands out of q's.
            half = width * 0.3 if y(data) < top - 14 else width / 2
            at, words = min(y(data) + 4.5, self.base - 5), fixed(data, 2)
            marks.append(
                self._text(middle - half - 5, at, words, "p-text", anchor="end", halo=True, key=f"p.{place}.value")
            )
        at, words = min(top + 4.5, self.base - 5), fixed(share, 2)
        return [
            *marks,
            self._text(middle + width / 2 + 5, at, words, "q-text", halo=True, key=f"q.{place}.value"),
        ]

    def _stack(self, middle: float, width: float, count: int, unit: float, key: str) -> list[AnyMark]:
        """Stack one block for each observation, or draw them as one where they would be mere lines."""
        if unit < 3 and count:
            return [Rect(middle - width / 2, self.base - count * unit, width, count * unit, "p", key=f"{key}.0")]
        gap = 1.5 if unit >= 6 else 0.75
        return [
            Rect(
                middle - width / 2, self.base - (level + 1) * unit + gap / 2, width, unit - gap, "p",
                radius=min(2, unit / 4), key=f"{key}.{level}",
            )
            for level in range(count)
        ]  # fmt: skip

    def _normal(self) -> list[AnyMark]:
        now = self.now
        y = Scale(0, 0.4, self.base, self.top)
        unit = self.x(1) - self.x(0)
        low, high = (self.x.low + (edge - self.x.at_low) / unit for edge in (self.left, self.right))
        grid = [low + (high - low) * i / 60 for i in range(61)]
        heights = [math.exp(now.model.family.law(x, now.theta)) for x in grid]
        curve = polyline(zip(self.x.drawn(grid, TENTH), y.drawn(heights, TENTH), strict=True))
        marks = self._ticks(y, (0, 0.2, 0.4))
        marks.append(Line(self.left, self.base, self.right, self.base, "muted"))
        marks += self._dots()
        return [*marks, Path(curve, stroke="q", width=2.5, key="q.curve")]

    def _dots(self) -> list[AnyMark]:
        """Stack the observations where they lie, each on the lowest level with room for it."""
        across = 11.0 if self.frame.phone else 13.0
        last: list[float] = []
        found: list[tuple[float, int]] = []
        for value in sorted(self.now.data):
            x = self.x(value)
            level = next((i for i, other in enumerate(last) if x - other >= across), len(last))
            last[level : level + 1] = [x]
            found.append((x, level))
        pitch = min(across, (self.base - self.top - 4) / max(len(last), 1))
        radius = max(pitch / 2 - 0.5, 1)
        return [
            Dot(x, self.base - (level + 0.5) * pitch - 0.5, radius, "p", key=f"p.{index}")
            for index, (x, level) in enumerate(found)
        ]

    def _ticks(self, y: Scale, ticks: tuple[float, ...]) -> list[AnyMark]:
        marks: list[AnyMark] = []
        for tick in ticks:
            if tick:
                marks.append(Line(self.left, y(tick), self.right, y(tick), "faint"))
            label = f"{tick:g}" if len(f"{tick:g}") < 5 else fixed(tick, 3)
            marks.append(self._text(self.left - 8, y(tick) + 4.5, label, "muted", anchor="end"))
        return marks

    def _columns(self) -> list[AnyMark]:
        """Name the columns, and say what can be pressed in them."""
        marks: list[AnyMark] = []
        names = {0: "tails, 0", 1: "heads, 1"} if self.now.name == "bernoulli" else {}
        for place in self.places:
            x = self.x(place)
            label = names.get(int(place), fixed(place, 0) if place == int(place) else "")
            if label:
                marks.append(self._text(x, self.base + 19, label, "muted", anchor="middle"))
            marks += self._button(x, self.base + 37, "+", f"plus.{place:g}")
        for place in self._removable():
            marks += self._button(self.x(place), self.base + 62, "−", f"minus.{place:g}")
        start = 6 if self.frame.phone else self.left
        hint = "Press a column to add an observation, − to take one away."
        marks.append(self._text(start, self.base + 93, hint, "muted"))
        return marks

    def _button(self, x: float, y: float, sign: str, key: str) -> list[AnyMark]:
        """Draw a sign in a box, which says that it can be pressed."""
        width = min(self.slot - 4, 40)
        return [
            Rect(x - width / 2, y - 11, width, 22, None, "faint", 1.5, radius=5, key=key),
            self._text(x, y + 4.5, sign, anchor="middle", bold=True, key=key),
        ]

    def _removable(self) -> dict[float, float]:
        """Return the columns that hold observations, and of each the one that would be taken away: the latest."""
        found: dict[float, float] = {}
        step = self.places[1] - self.places[0]
        for value in self.now.data:
            found[math.floor(value / step + 0.5) * step] = value
        return dict(sorted(found.items()))

    def _spots(self) -> list[AnyMark]:
        counts = Counter(self.now.data)
        marks: list[AnyMark] = []
        named = {0: "tails", 1: "heads"} if self.now.name == "bernoulli" else {}

        def words(value: float) -> str:
            return named.get(int(value), f"{value:.6g}".replace("-", "−"))

        for place in self.places:
            left, top = self.x(place) - self.slot / 2, self.top - 4
            there = counts[place]
            label = f"Add {words(place)} (there {'is' if there == 1 else 'are'} {there or 'none'})"
            marks.append(Spot(f"add.{place:g}", label, left, top, self.slot, self.base + 47 - top))
        for place, value in self._removable().items():
            left = self.x(place) - self.slot / 2
            label = f"Take {words(value)} away (there {'is' if counts[value] == 1 else 'are'} {counts[value]})"
            marks.append(Spot(f"remove.{_exact(value)}", label, left, self.base + 48, self.slot, 28))
        return marks

    # ── the curves over theta ────────────────────────────────────────────────────────────────

    def _curves(self) -> list[AnyMark]:
        now, fit = self.now, self.now.fit
        top, base = self.curves_top, self.curves_base
        marks: list[AnyMark] = [Line(self.left, base, self.right, base, "muted")]
        ticks = {
            "bernoulli": (0, 0.25, 0.5, 0.75, 1),
            "poisson": range(0, 13, 2),
            "normal": range(-4, 5, 2 if self.frame.phone else 1),
        }[now.name]
        for tick in ticks:
            x = self.theta(tick)
            marks.append(Line(x, base, x, base + 5, "muted"))
            label = f"{tick:g}".replace("-", "−")
            marks.append(self._text(x, base + 19, label, "muted", anchor="middle"))
        words = f"θ = {fixed(now.theta, 2)}, {now.model.meaning}"
        marks.append(self._text(self._held(self.theta(now.theta), 92), base + 40, words, "q-text", anchor="middle"))
        x = self.theta(now.theta)
        line = Line(x, top, x, base, "q", 1.5, key="theta")
        if not fit:
            words = "Without data there is nothing to compare q with."
            middle = (self.left + self.right) / 2
            marks.append(line)
            marks.append(self._text(middle, (top + base) / 2, words, "muted", anchor="middle", halo=True))
        else:
            marks += self._fitted(fit, line)
        marks.append(Dot(x, base, 7.5, "paper", "q", 2.5, key="theta.grip"))
        return marks

    def _held(self, x: float, half: float) -> float:
        """Keep the middle of a text so far from both ends of the frame that it stays inside."""
        return min(max(x, half + 2), self.frame.width - half - 2)

    def _fitted(self, fit: Fit, line: Line) -> list[AnyMark]:
        now = self.now
        top, base = self.curves_top, self.curves_base
        high = fit.least + now.model.room
        y = Scale(fit.total - high, high, base, top)
        columns = self.theta.drawn(fit.thetas, TENTH)
        rows = y.drawn(fit.divergences, TENTH)
        mirrored = y.drawn([fit.total - value for value in fit.divergences], TENTH)
        at, best = line.x1, self.theta(fit.best)
        step = next(step for step in (1, 2, 5, 10) if high - y.low <= 8 * step)
        marks: list[AnyMark] = []
        for tick in range(math.ceil(y.low / step) * step, math.floor(high) + 1, step):
            marks.append(Line(self.left, y(tick), self.right, y(tick), "muted" if tick == 0 else "faint"))
            # The lowest stands beside the axis of theta.
            if y(tick) < base - 3:
                marks.append(self._text(self.left - 8, y(tick) + 4.5, fixed(tick, 0), "muted", anchor="end"))
        marks.append(self._text(6, top - 9, "bits", "muted"))
        words = f"θ̂ = {fixed(fit.best, 2)}, the mean of the data"
        middle = self._held_right(best, 91 if self.frame.phone else 99)
        marks.append(self._text(middle, top - 9, words, anchor="middle", bold=True))
        marks += [
            Line(best, top - 4, best, base, "ink", 1, (2, 3), key="best"),
            line,
            Line(self.left, y(fit.total), self.right, y(fit.total), "ink", 1.5, (6, 4), key="sum"),
            Path(polyline(zip(columns, mirrored, strict=True)), stroke="ink", width=2.5, key="likelihood"),
            Path(polyline(zip(columns, rows, strict=True)), stroke="gap", width=3.5, key="divergence"),
            Dot(best, y(fit.total - fit.least), 4.5, "ink", key="best.likelihood"),
            Dot(best, y(fit.least), 4.5, "gap", key="best.divergence"),
            Dot(at, y.clamped(now.likelihood), 5.5, "paper", "ink", 2.5, key="now.likelihood"),
            Dot(at, y.clamped(now.divergence), 6.5, "paper", "gap", 3, key="now.divergence"),
        ]
        if math.isinf(now.divergence):
            side = 12 if at < (self.left + self.right) / 2 else -12
            anchor: Literal["start", "end"] = "start" if side > 0 else "end"
            marks.append(self._text(at + side, top + 14, "∞", "gap-text", anchor=anchor, bold=True, halo=True))
            marks.append(self._text(at + side, base - 12, "−∞", "ink", anchor=anchor, bold=True, halo=True))
        return [*marks, *self._key(fit)]

    def _held_right(self, x: float, half: float) -> float:
        return max(self._held(x, half), self.left + half - 4)

    def _key(self, fit: Fit) -> list[AnyMark]:
        """Say what the curves are, with their values now."""
        now = self.now
        start = 6 if self.frame.phone else self.left
        top = self.base + 117
        sum_words = "−H(p̂)" if now.is_discrete else "−least cross-entropy"
        lines: tuple[tuple[str, Role, Role, float, tuple[float, ...]], ...] = (
            (f"{now.excess} = {bits(now.divergence)}", "gap", "gap-text", 3.5, ()),
            (f"mean log-likelihood = {bits(now.likelihood)}", "ink", "ink", 2.5, ()),
            (f"their sum = {sum_words} = {bits(fit.total)}", "ink", "ink", 1.5, (6, 4)),
        )
        column = 0 if self.frame.phone else 330
        marks: list[AnyMark] = []
        for place, (words, stroke, fill, width, dash) in enumerate(lines):
            x = start + (column if place == 1 else 0)
            y = top + 19 * place if self.frame.phone else top + (22 if place == 2 else 0)
            marks.append(Line(x, y - 4.5, x + 22, y - 4.5, stroke, width, dash))
            marks.append(self._text(x + 29, y, words, fill, bold=place == 0))
        return marks

    def _handle(self) -> Handle:
        now, model = self.now, self.now.model
        x = self.theta(now.theta)
        left, right = max(x - 22, 0), min(x + 22, self.frame.width)
        step = next(item.step for item in PARAMETERS if isinstance(item, Number) and item.name == f"theta_{now.name}")
        text = f"θ is {fixed(now.theta, 2)}"
        if now.fit:
            text += f", {now.excess} {bits(now.divergence)}, mean log-likelihood {bits(now.likelihood)}"
        return Handle(
            f"theta_{now.name}", f"θ, {model.meaning}", "x", left, self.curves_top, right - left,
            self.curves_base + 24 - self.curves_top, self.theta.at_low, self.theta.at_high, model.low, model.high,
            step, now.theta, text,
        )  # fmt: skip


def code(state: State) -> str:
    """Return the lines that compute how the model fits the data; without data there is nothing to print."""
    name = state["family"]
    model, data = MODELS[name], state[name]
    family = name.upper()
    values = [int(value) for value in data] if model.family.is_discrete else data
    if model.family.is_discrete:
        modules = f"families: {family}, entropy"
        excess, total = f"{family}.kl(data, theta, 2)", "0.0 - entropy(data, 2)"
    else:
        modules = f"families: {family}"
        excess, total = f"{family}.excess(data, theta, 2)", f"{family}.mean_log_likelihood(data, best, 2)"
    lines = [
        f"best = {family}.estimate(data)",
        shown("D(p̂ ‖ q)", excess, "bits"),
        shown("mean log₂ q(x)", f"{family}.mean_log_likelihood(data, theta, 2)", "bits"),
        shown("Sum of the two", total, "bits"),
        shown("θ̂", "best"),
    ]
    if not data:
        lines = ["if data:", *(f"    {line}" for line in lines), "else:", f'    print("{NO_DATA}")']
    given = [assigned("data", values), assigned("theta", state[f"theta_{name}"], model.meaning)]
    return script(modules, [*given, "", *lines])


WIDGET = Widget(
    name="likelihood",
    title="Which model makes the data least surprising?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    buttons=BUTTONS,
    change=change,
    spots=("add", "remove"),
)
