"""The asymmetry of KL: two distributions on one alphabet, both divergences, and where each of them comes from."""

import math
from dataclasses import dataclass
from typing import Any

from klweb.bars import Bars
from klweb.categorical import kl, kl_terms
from klweb.pairs import SYMBOLS, fitted, moved
from klweb.parameter import Choice, Distribution
from klweb.scene import AnyMark, Line, Rect, Role, Scale, Scene, Text
from klweb.snippet import assigned, script, shown
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
        self.forward, self.backward = forward.terms, backward.terms
        self.frame, self.left, self.right = frame, frame.left, frame.right
        scale = Scale(0, 1, 238 if frame.phone else 270, 50)
        self.bars = Bars(frame, {"p": state["p"], "q": state["q"]}, state["edit"], scale, self.left, self.right)
        self.panel = 84.0

    def scene(self) -> Scene:
        """Return the whole picture."""
        bars, stride = self.bars, 118 if self.frame.phone else 140
        first, second = bars.base + 66, bars.base + 66 + self.panel + 50
        marks = [
            *bars.legend({name: f"{name}, {words}" for name, words in NAMES.items()}, stride),
            *bars.axis("probability"),
            *(mark for name in NAMES for mark in bars.bars(name, labelled=bars.has_room(name))),
            *map(bars.letter, range(bars.count)),
            *self._row(first, self.forward, "p", "q"), *self._row(second, self.backward, "q", "p"),
            *bars.handles(),
        ]  # fmt: skip
        return Scene(self.frame.width, second + self.panel + 18, tuple(marks))

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

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
            middle = self.bars.middle(index)
            key = f"{a}{b}.{index}"
            fill: Role = "gap" if term >= 0 else "gap-soft"
            marks.append(
                Rect(
                    middle - self.bars.width / 2,
                    min(y, zero),
                    self.bars.width,
                    abs(y - zero),
                    fill,
                    "gap",
                    key=key,
                )
            )
            if math.isinf(term) or self.bars.slot > 50:
                above = term >= 0
                label = fixed(term, 2)
                marks.append(
                    self._text(
                        middle, y - 5 if above else y + 14, label, "gap-text", anchor="middle",
                        halo=True, bold=math.isinf(term), key=f"{key}.value",
                    )
                )  # fmt: skip
        return marks


def code(state: State) -> str:
    """Return the lines that compute both divergences."""
    return script(
        "categorical: kl",
        [
            assigned("p", state["p"], NAMES["p"]),
            assigned("q", state["q"], NAMES["q"]),
            "",
            shown("D(p ‖ q)", "kl(p, q)", "bits"),
            shown("D(q ‖ p)", "kl(q, p)", "bits"),
        ],
    )


WIDGET = Widget(
    name="asymmetry",
    title="Does it matter which one is the truth?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    change=moved,
    check=fitted,
)
