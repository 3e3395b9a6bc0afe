"""The asymmetry of KL: two distributions on one alphabet, both divergences, and where each of them comes from."""

import math
from dataclasses import dataclass
from typing import Any

from klweb.categorical import kl, kl_terms
from klweb.pairs import SYMBOLS, fitted, rescaled, resized
from klweb.parameter import Choice, Distribution
from klweb.scene import LOOKS, AnyMark, Dot, Handle, Line, Rect, Role, Scale, Scene, Text
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import bits, fixed, listed

UNIFORM = (0.2, 0.2, 0.2, 0.2, 0.2)
PEAKED = (0.1, 0.1, 0.6, 0.1, 0.1)
TAILED = (0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.0078125)
NAMES = {"p": "the truth", "q": "the model"}

PARAMETERS = (
    Choice(
        "edit",
        "Drag the bars of",
        (("p", "p, the truth"), ("q", "q, the model")),
        "q",
        ("p-text", "q-text"),
    ),
    Distribution("p", "p, the truth", UNIFORM, "p-text", len(SYMBOLS)),
    Distribution("q", "q, the model", PEAKED, "q-text", len(SYMBOLS)),
)
PRESETS = (
    Preset(
        "uniform-vs-peaked",
        "Uniform and peaked",
        "The two directions price the same mismatch differently.",
    ),
    Preset(
        "nearly-equal",
        "Nearly equal",
        "For small differences both directions are small, and nearly the same.",
        {"p": (0.22, 0.2, 0.19, 0.21, 0.18), "q": UNIFORM},
    ),
    Preset(
        "mirror-image",
        "Mirror image",
        "Swapping p and q only relabels the symbols, so the two directions agree exactly.",
        {"p": (0.4, 0.3, 0.15, 0.1, 0.05), "q": (0.05, 0.1, 0.15, 0.3, 0.4)},
    ),
    Preset(
        "identical",
        "Identical",
        "Only when q equals p does nothing go to waste: both are zero.",
        {"p": (0.1, 0.35, 0.3, 0.15, 0.1), "q": (0.1, 0.35, 0.3, 0.15, 0.1)},
    ),
    Preset(
        "long-tail",
        "Long tail",
        "A flat model of a peaked truth costs less than a peaked model of a flat truth.",
        {"p": TAILED, "q": (0.125,) * 8},
    ),
    Preset(
        "support-mismatch",
        "Support mismatch",
        "q calls D impossible, and p uses it: no codeword is long enough, and D(p ‖ q) is infinite.",
        {"p": (0.3, 0.25, 0.2, 0.15, 0.1), "q": (0.35, 0.3, 0.2, 0, 0.15)},
    ),
)


def change(state: State, name: str, value: Any) -> State:
    """Set a control: one entry of a distribution moves the others, a whole one fits the other to its alphabet."""
    head, _, index = name.partition(".")
    if index:
        return {**state, head: rescaled(state[head], int(index), value), "edit": head}
    if name == "edit":
        return {**state, "edit": value}
    other = "q" if name == "p" else "p"
    return {**state, name: value, other: resized(state[other], len(value)), "edit": name}


@dataclass(frozen=True, slots=True)
class _Divergence:
    """One direction: what it is in all, and what each symbol adds to it, in bits."""

    total: float
    terms: tuple[float, ...]


def _divergence(truth: list[float], model: list[float]) -> _Divergence:
    return _Divergence(kl(truth, model), kl_terms(truth, model))


def view(state: State, frame: Frame) -> View:
    """Show both distributions as bars, and under them what each symbol adds to either divergence."""
    p, q = state["p"], state["q"]
    forward, backward = _divergence(p, q), _divergence(q, p)
    return View(
        scene=_Picture(state, frame, forward, backward).scene(),
        readouts=(
            Readout(
                "kl_pq", "D(p ‖ q)", forward.total, bits(forward.total),
                "extra cost of each symbol when the truth is p and the code is for q", detail=_why(p, q, "q", "p"),
            ),
            Readout(
                "kl_qp", "D(q ‖ p)", backward.total, bits(backward.total),
                "the roles flipped: the truth is q and the code is for p", detail=_why(q, p, "p", "q"),
            ),
        ),
        summary=_summary(p, q, forward, backward),
        table=_table(p, q, forward, backward),
    )  # fmt: skip


def _missing(truth: list[float], model: list[float]) -> list[str]:
    return [SYMBOLS[i] for i, (a, b) in enumerate(zip(truth, model, strict=True)) if a > 0 and b == 0]


def _why(truth: list[float], model: list[float], model_name: str, truth_name: str) -> str:
    missing = _missing(truth, model)
    return f"{truth_name} uses {listed(missing)}, to which {model_name} gives probability 0" if missing else ""


def _summary(p: list[float], q: list[float], forward: _Divergence, backward: _Divergence) -> str:
    if forward.total == backward.total == 0:
        return "p and q are the same, so believing either when the other is true costs nothing."
    if math.isinf(forward.total) or math.isinf(backward.total):
        parts = []
        for amount, truth, model, names in ((forward.total, p, q, "pq"), (backward.total, q, p, "qp")):
            cost = bits(amount) + " a symbol"
            if math.isinf(amount):
                cost = f"infinitely many bits, since {_why(truth, model, names[1], names[0])}"
            parts.append(f"believing {names[1]} when {names[0]} is true costs {cost}")
        return f"{parts[0][0].upper()}{parts[0][1:]}; {parts[1]}."
    terms = forward.terms
    top = max(range(len(terms)), key=lambda i: abs(terms[i]))
    effect = "adds" if terms[top] > 0 else "takes off"
    if math.isclose(forward.total, backward.total, rel_tol=1e-9):
        comparison = "; the other way round costs exactly as much"
    else:
        comparison = f"; believing p when q is true costs {bits(backward.total)}"
    return (
        f"Believing q when p is true costs {bits(forward.total)} a symbol{comparison}. "
        f"Symbol {SYMBOLS[top]} {effect} most in the first: {fixed(abs(terms[top]), 4)} bits."
    )


def _table(p: list[float], q: list[float], forward: _Divergence, backward: _Divergence) -> Table:
    columns = zip(SYMBOLS, p, q, forward.terms, backward.terms, strict=False)
    rows = [(s, *(fixed(value, 4) for value in values)) for s, *values in columns]
    rows.append(("sum", "1", "1", fixed(forward.total, 4), fixed(backward.total, 4)))
    return Table(
        "The two distributions, and what each symbol adds to the divergences, in bits",
        ("symbol", "p", "q", "p log₂(p/q)", "q log₂(q/p)"),
        tuple(rows),
    )


class _Picture:
    """Lays out one state in one frame: bars above, two rows of contributions below."""

    def __init__(self, state: State, frame: Frame, forward: _Divergence, backward: _Divergence) -> None:
        self.p, self.q, self.edit = state["p"], state["q"], state["edit"]
        self.forward, self.backward = forward.terms, backward.terms
        self.frame, self.count = frame, len(state["p"])
        self.left, self.right = frame.left, frame.right
        self.slot = (self.right - self.left) / self.count
        self.bar = min(40.0, self.slot * 0.36)
        self.probability = Scale(0, 1, 238, 50) if frame.phone else Scale(0, 1, 270, 50)
        self.panel = 84.0

    def middle(self, index: int) -> float:
        """Return the centre of a symbol's slot."""
        return self.left + (index + 0.5) * self.slot

    def scene(self) -> Scene:
        """Return the whole picture."""
        base = self.probability(0)
        first, second = base + 66, base + 66 + self.panel + 50
        marks = [
            *self._legend(), *self._axis(), *self._bars("p", self.p, -1), *self._bars("q", self.q,
            1), *self._letters(),
            *self._row(first, self.forward, "p", "q"), *self._row(second, self.backward, "q", "p"),
            *self._handles(),
        ]  # fmt: skip
        return Scene(self.frame.width, second + self.panel + 18, tuple(marks))

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

    def _legend(self) -> list[AnyMark]:
        marks: list[AnyMark] = []
        x = self.left
        for name, look in LOOKS.items():
            marks.append(Rect(x, 8, 13, 13, look.fill, look.stroke, 2, radius=1))
            marks.append(self._text(x + 20, 19, f"{name}, {NAMES[name]}", look.text))
            x += 118 if self.frame.phone else 140
        return marks

    def _axis(self) -> list[AnyMark]:
        marks: list[AnyMark] = [self._text(self.right, 19, "probability", "muted", anchor="end")]
        for tick in (0, 0.25, 0.5, 0.75, 1):
            y = self.probability(tick)
            marks.append(Line(self.left, y, self.right, y, "muted" if tick == 0 else "faint"))
            if tick in (0, 0.5, 1):
                label = "0" if tick == 0 else f"{tick:g}"
                marks.append(self._text(self.left - 8, y + 4.5, label, "muted", anchor="end"))
        return marks

    def _bars(self, name: str, values: list[float], side: int) -> list[AnyMark]:
        look = LOOKS[name]
        marks: list[AnyMark] = []
        base = self.probability(0)
        edited = name == self.edit
        labelled = self.slot > 58 or (edited and self.bar > (13 if self.frame.phone else 17))
        for index, value in enumerate(values):
            x = self._bar_x(index, side)
            y = self.probability(value)
            if value > 0:
                marks.append(Rect(x, y, self.bar, base - y, look.fill, look.stroke, 2, key=f"{name}.{index}"))
            if labelled:
                above = y - (15 if edited else 6)
                label = {"anchor": "middle", "halo": True, "key": f"{name}.{index}.value"}
                marks.append(self._text(x + self.bar / 2, above, fixed(value, 2), look.text, **label))
        return marks

    def _bar_x(self, index: int, side: int) -> float:
        return self.middle(index) + (-self.bar - 1.5 if side < 0 else 1.5)

    def _letters(self) -> list[AnyMark]:
        y = self.probability(0) + 20
        return [
            self._text(self.middle(index), y, SYMBOLS[index], anchor="middle", key=f"symbol.{index}")
            for index in range(self.count)
        ]

    def _row(self, top: float, terms: tuple[float, ...], a: str, b: str) -> list[AnyMark]:
        finite = [term for term in (*self.forward, *self.backward) if math.isfinite(term)]
        high = next((step for step in (0.25, 0.5, 1, 2, 4) if step >= max(finite)), math.ceil(max(finite)))
        low = -0.25 if min(finite) >= -0.25 else -0.55
        scale = Scale(low, high, top + self.panel, top + 12)
        zero = scale(0)
        marks: list[AnyMark] = [
            self._text(self.left, top - 10, f"what each symbol adds to D({a} ‖ {b}), in bits", "gap-text"),
            Line(self.left, scale(high), self.right, scale(high), "faint"),
            Line(self.left, zero, self.right, zero, "muted"),
            self._text(self.left - 8, scale(high) + 4.5, f"{high:g}", "muted", anchor="end"),
            self._text(self.left - 8, zero + 4.5, "0", "muted", anchor="end"),
        ]
        for index, term in enumerate(terms):
            y = scale.clamped(term)
            middle = self.middle(index)
            key = f"{a}{b}.{index}"
            fill: Role = "gap" if term >= 0 else "gap-soft"
            marks.append(
                Rect(
                    middle - self.bar / 2,
                    min(y, zero),
                    self.bar,
                    abs(y - zero),
                    fill,
                    "gap",
                    key=key,
                )
            )
            if math.isinf(term) or self.slot > 50:
                above = term >= 0
                label = fixed(term, 2)
                marks.append(
                    self._text(
                        middle, y - 5 if above else y + 14, label, "gap-text", anchor="middle",
                        halo=True, bold=math.isinf(term), key=f"{key}.value",
                    )
                )  # fmt: skip
        return marks

    def _handles(self) -> list[AnyMark]:
        name, values, other = (
            self.edit,
            self.p if self.edit == "p" else self.q,
            "q" if self.edit == "p" else "p",
        )
        rivals = self.q if name == "p" else self.p
        role: Role = "p" if name == "p" else "q"
        marks: list[AnyMark] = []
        for index, value in enumerate(values):
            y = self.probability(value)
            x = self._bar_x(index, -1 if name == "p" else 1) + self.bar / 2
            marks.append(Dot(x, y, 6.5 if self.slot > 30 else 5, "paper", role, 2.5, key=f"grip.{index}"))
        for index, value in enumerate(values):
            y = self.probability(value)
            letter = SYMBOLS[index]
            text = f"{letter}: {name} is {fixed(value, 3)}, {other} is {fixed(rivals[index], 3)}"
            marks.append(
                Handle(
                    f"{name}.{index}", f"{name} of {letter}", "y",
                    self.left + index * self.slot, y - 26, self.slot, 52,
                    self.probability(0), self.probability(1), 0, 1, 0.01, value, text,
                )
            )  # fmt: skip
        return marks


WIDGET = Widget(
    name="asymmetry",
    title="Does it matter which one is the truth?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    change=change,
    check=fitted,
)
