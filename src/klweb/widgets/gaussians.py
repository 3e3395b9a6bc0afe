"""KL between two Gaussians: both directions in closed form, and the integrands that they are the areas of."""

import math
from typing import Any

from klweb.gaussian import kl, kl_integrand_curve, pdf, pdf_curve
from klweb.parameter import Button, Choice, Number
from klweb.scene import AnyMark, Dot, Handle, Line, Path, Role, Scale, Scene, Text, polyline
from klweb.snippet import assigned, script, shown
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import fixed

LOW, HIGH = -8.0, 8.0
"""Ends of the axis on which the curves are drawn."""

TENTH = 1
"""Digits of a curve's pixels, which are many: a tenth is fine enough for what is drawn joined up."""

PARAMETERS = (
    Number("mu_p", "mean of p", -4, 4, 0.1, 0, "μ_p", "p-text"),
    Number("sigma_p", "spread of p", 0.25, 3, 0.05, 1, "σ_p", "p-text"),
    Number("mu_q", "mean of q", -4, 4, 0.1, 2, "μ_q", "q-text"),
    Number("sigma_q", "spread of q", 0.25, 3, 0.05, 1.5, "σ_q", "q-text"),
    Choice(
        "pressed",
        "Last button",
        (("none", ""), ("swap-means", ""), ("swap-variances", "")),
        "none",
        hidden=True,
    ),
)
BUTTONS = (Button("swap-means", "Swap means"), Button("swap-variances", "Swap variances"))
PRESETS = (
    Preset(
        "shifted-and-wider",
        "Shifted and wider",
        "q is off by two and too wide: the two directions differ twofold.",
    ),
    Preset(
        "same-width",
        "Same width",
        "With equal widths only the distance of the means counts, and both directions agree.",
        {"mu_p": -1, "mu_q": 1, "sigma_p": 1, "sigma_q": 1},
    ),
    Preset(
        "narrow-model",
        "Overconfident model",
        "q is right on average but far too sure of it: the truth keeps falling where q expects nothing.",
        {"mu_p": 0, "mu_q": 0, "sigma_p": 1.5, "sigma_q": 0.5},
    ),
    Preset(
        "wide-model",
        "Cautious model",
        "The same two widths, roles exchanged: too wide a model costs much less than too narrow a one.",
        {"mu_p": 0, "mu_q": 0, "sigma_p": 0.5, "sigma_q": 1.5},
    ),
    Preset(
        "far-apart",
        "Far apart",
        "The cost grows with the square of the distance, counted in the model’s own widths.",
        {"mu_p": -2.5, "mu_q": 2.5, "sigma_p": 1, "sigma_q": 1},
    ),
    Preset(
        "identical",
        "Identical",
        "One curve hides the other, the integrand is zero everywhere, and so are both divergences.",
        {"mu_p": 0, "mu_q": 0, "sigma_p": 1, "sigma_q": 1},
    ),
)

Four = tuple[float, float, float, float]


def change(state: State, name: str, value: Any) -> State:
    """Set one parameter, or swap the means or the variances; what was pressed last is kept for the sentence."""
    if name == "swap-means":
        swapped = {"mu_p": state["mu_q"], "mu_q": state["mu_p"]}
    elif name == "swap-variances":
        swapped = {"sigma_p": state["sigma_q"], "sigma_q": state["sigma_p"]}
    else:
        return {**state, name: value, "pressed": "none"}
    return {**state, **swapped, "pressed": name}


def _four(state: State) -> Four:
    return state["mu_p"], state["sigma_p"], state["mu_q"], state["sigma_q"]


def _both(value: float) -> str:
    return f"{fixed(value, 4)} nats = {fixed(value / math.log(2), 4)} bits"


def view(state: State, frame: Frame) -> View:
    """Show both densities on one axis, and under them the two integrands."""
    mu_p, sigma_p, mu_q, sigma_q = _four(state)
    forward = kl(mu_p, sigma_p, mu_q, sigma_q)
    backward = kl(mu_q, sigma_q, mu_p, sigma_p)
    return View(
        scene=_Picture(_four(state), frame, forward, backward).scene(),
        readouts=(
            Readout(
                "kl_pq",
                "D(p ‖ q)",
                forward,
                _both(forward),
                "extra cost of believing q when p is true",
            ),
            Readout(
                "kl_qp",
                "D(q ‖ p)",
                backward,
                _both(backward),
                "extra cost of believing p when q is true",
            ),
        ),
        summary=_summary(state, forward, backward),
        table=_table(state, forward, backward),
    )


def _summary(state: State, forward: float, backward: float) -> str:
    if state["pressed"] != "none":
        return _what_the_swap_did(state, forward)
    mu_p, sigma_p, mu_q, sigma_q = _four(state)
    if forward == backward == 0:
        return "The two curves are the same, so believing either when the other is true costs nothing."
    if sigma_p == sigma_q:
        distance = fixed(abs(mu_p - mu_q) / sigma_q, 2)
        return (
            f"Equal widths: both directions cost {fixed(forward, 4)} nats, half the square of the distance between "
            f"the means, {distance} standard deviations."
        )
    relation = "more" if forward > backward else "less"
    width = "narrower" if sigma_q < sigma_p else "wider"
    return (
        f"Believing q when p is true costs {fixed(forward, 4)} nats, {relation} than the {fixed(backward, 4)} of "
        f"believing p when q is true: q is the {width} of the two, and distance counts in the model’s own widths."
    )


def _what_the_swap_did(state: State, now: float) -> str:
    if state["pressed"] == "swap-means":
        return (
            f"Means swapped: D(p ‖ q) stays at {fixed(now, 4)} nats, whatever the widths, because the means enter "
            "only through the square of their difference. Swapping the means alone equals flipping the direction "
            "only if the widths are equal."
        )
    if state["sigma_p"] == state["sigma_q"]:
        return f"Variances swapped: D(p ‖ q) stays at {fixed(now, 4)} nats, because the two widths are equal."
    before = kl(*_four(change(state, state["pressed"], None)))
    return (
        f"Variances swapped: D(p ‖ q) changed, {fixed(before, 4)} → {fixed(now, 4)} nats, because surprise is measured "
        "in widths of the model q, and that is no longer the same width."
    )


def _table(state: State, forward: float, backward: float) -> Table:
    mu_p, sigma_p, mu_q, sigma_q = _four(state)
    rows = []
    for name, (mu, sigma), (nu, tau), total in (
        ("D(p ‖ q)", (mu_p, sigma_p), (mu_q, sigma_q), forward),
        ("D(q ‖ p)", (mu_q, sigma_q), (mu_p, sigma_p), backward),
    ):
        terms = (
            math.log(tau / sigma),
            sigma**2 / (2 * tau**2),
            (mu - nu) ** 2 / (2 * tau**2),
            -0.5,
            total,
        )
        rows.append((name, *(fixed(term, 4) for term in terms)))
    return Table(
        "The closed form term by term, in nats: truth (μ, σ), model (ν, τ)",
        ("direction", "log(τ/σ)", "σ²/2τ²", "(μ − ν)²/2τ²", "−½", "sum"),
        tuple(rows),
    )


class _Picture:
    """Lays out the densities and the two integrands in one frame."""

    def __init__(self, values: Four, frame: Frame, forward: float, backward: float) -> None:
        self.values, self.frame = values, frame
        self.forward, self.backward = forward, backward
        self.left, self.right = frame.left, frame.right
        self.x = Scale(LOW, HIGH, self.left, self.right)
        mu_p, sigma_p, mu_q, sigma_q = values
        self.peaks = {"p": pdf(mu_p, mu_p, sigma_p), "q": pdf(mu_q, mu_q, sigma_q)}
        self.y = Scale(0, max(self.peaks.values()), 212, 50)
        self.grid = self._grid()
        self.columns = self.x.drawn(self.grid, TENTH)
        self.heights = {
            "pq": kl_integrand_curve(self.grid, mu_p, sigma_p, mu_q, sigma_q),
            "qp": kl_integrand_curve(self.grid, mu_q, sigma_q, mu_p, sigma_p),
        }
        every = [*self.heights["pq"], *self.heights["qp"]]
        self.high, self.low = _nice(max(*every, 0.1)), -_nice(max(-min(every), 0.05))

    def _grid(self) -> list[float]:
        """Return the places at which curves are sampled: evenly, and densely around either mean.

        Their number never changes, so that one picture can turn into another point by point.
        """
        mu_p, sigma_p, mu_q, sigma_q = self.values
        even = [LOW + (HIGH - LOW) * i / 40 for i in range(41)]
        near = [mu + sigma * i / 5 for mu, sigma in ((mu_p, sigma_p), (mu_q, sigma_q)) for i in range(-15, 16)]
        return sorted(min(max(x, LOW), HIGH) for x in (*even, *near))

    def scene(self) -> Scene:
        """Return the whole picture."""
        top = 212 + 56
        pitch = 124
        marks = [
            *self._curves(), *self._x_axis(212),
            *self._integrand(top, "p", "q", self.forward), *self._integrand(top + pitch, "q", "p",
            self.backward),
            *self._handles(),
        ]  # fmt: skip
        return Scene(self.frame.width, top + 2 * pitch - 18, tuple(marks))

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

    def _curves(self) -> list[AnyMark]:
        mu_p, sigma_p, mu_q, sigma_q = self.values
        p, q = (
            polyline(zip(self.columns, self.y.drawn(pdf_curve(self.grid, mu, sigma), TENTH), strict=True))
            for mu, sigma in ((mu_p, sigma_p), (mu_q, sigma_q))
        )
        name_p = f"p: μ = {fixed(mu_p, 2)}, σ = {fixed(sigma_p, 2)}"
        name_q = f"q: μ = {fixed(mu_q, 2)}, σ = {fixed(sigma_q, 2)}"
        column = 170 if self.frame.phone else 210
        start = 6 if self.frame.phone else self.left
        return [
            Path(p, fill="p-soft", stroke="p", width=3, key="p.curve"),
            Path(q, stroke="q", width=2.5, dash=(7, 4), key="q.curve"),
            Line(start, 14, start + 20, 14, "p", 3),
            self._text(start + 25, 18.5, name_p, "p-text"),
            Line(start + column, 14, start + column + 20, 14, "q", 2.5, (7, 4)),
            self._text(start + column + 25, 18.5, name_q, "q-text"),
        ]

    def _x_axis(self, y: float) -> list[AnyMark]:
        marks: list[AnyMark] = [Line(self.left, y, self.right, y, "muted")]
        for tick in range(int(LOW), int(HIGH) + 1, 4 if self.frame.phone else 2):
            marks.append(Line(self.x(tick), y, self.x(tick), y + 5, "muted"))
            anchor = "end" if tick == HIGH else "middle"
            marks.append(self._text(self.x(tick), y + 19, fixed(tick, 0), "muted", anchor=anchor))
        marks.append(self._text(self.left - 8, 211, "0", "muted", anchor="end"))
        marks.append(self._text(6, 38, "density", "muted"))
        marks.append(self._text(self.left - 8, 55, fixed(self.y.high, 1), "muted", anchor="end"))
        return marks

    def _integrand(self, top: float, a: str, b: str, area: float) -> list[AnyMark]:
        """Draw one integrand; where it is negative the area is lighter, since it is taken off."""
        high, low = self.high, self.low
        scale = Scale(low, high, top + 86, top + 6)
        zero = scale(0)
        words = f"{a} · log({a}/{b}): its area is D({a} ‖ {b}) = {fixed(area, 4)} nats"
        (level,) = scale.drawn([0], TENTH)
        rows = scale.drawn(self.heights[a + b], TENTH)
        ends = list(zip(self.x.drawn((self.grid[-1], self.grid[0])), scale.drawn((0, 0)), strict=True))
        # Pixels count downwards.
        gain = polyline([*zip(self.columns, (min(row, level) for row in rows), strict=True), *ends])
        loss = polyline([*zip(self.columns, (max(row, level) for row in rows), strict=True), *ends])
        key = f"{a}{b}"
        return [
            self._text(6 if self.frame.phone else self.left, top - 6, words, "gap-text"),
            Line(self.left, scale(high), self.right, scale(high), "faint"),
            Path(gain, closed=True, fill="gap", stroke="gap", key=f"{key}.gain"),
            Path(loss, closed=True, fill="gap-soft", stroke="gap", key=f"{key}.loss"),
            Line(self.left, zero, self.right, zero, "muted"),
            self._text(self.left - 8, scale(high) + 4.5, f"{high:g}", "muted", anchor="end"),
            self._text(self.left - 8, zero + 4.5, "0", "muted", anchor="end"),
        ]

    def _handles(self) -> list[AnyMark]:
        """Put a grip on each curve: p's at its peak, q's half way up, so that they rarely meet."""
        mu_p, _, mu_q, _ = self.values
        p_at = (self.x(mu_p), self.y(self.peaks["p"]))
        q_at = (self.x(mu_q), self.y(self.peaks["q"]))
        apart = math.dist(p_at, q_at)
        if apart < 28:
            q_at, apart = (q_at[0], self.y(self.peaks["q"] * 0.4)), 44
        reach = min(apart, 44) / 2
        marks: list[AnyMark] = []
        grips: tuple[tuple[str, tuple[float, float], float, Role], ...] = (
            ("p", p_at, mu_p, "p"), ("q", q_at, mu_q, "q"),
        )  # fmt: skip
        for name, (x, y), _mean, role in grips:
            marks.append(Line(x, self.y(0), x, y, role, 1.5, () if name == "p" else (7, 4), key=f"{name}.mean"))
            marks.append(Dot(x, y, 7, "paper", role, 2.5, key=f"{name}.grip"))
        for name, (x, y), mean, _role in grips:
            marks.append(
                Handle(
                    f"mu_{name}", f"mean of {name}", "x", x - reach, y - 22, 2 * reach, 44,
                    self.x(-4), self.x(4), -4, 4, 0.1, mean, f"mean of {name}: {fixed(mean, 2)}",
                )
            )  # fmt: skip
        return marks


def _nice(value: float) -> float:
    """Return the least of 1, 2, 5 times a power of ten that is at least `value`.

    >>> _nice(0.3), _nice(0.05), _nice(7)
    (0.5, 0.05, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in (1, 2, 5) if step * power >= value * (1 - 1e-12)), 10 * power)


def code(state: State) -> str:
    """Return the lines that compute both divergences in closed form."""
    return script(
        "gaussian: kl",
        [
            *(assigned(item.name, state[item.name], item.label) for item in PARAMETERS if isinstance(item, Number)),
            "",
            shown("D(p ‖ q)", "kl(mu_p, sigma_p, mu_q, sigma_q)", "nats"),
            shown("D(q ‖ p)", "kl(mu_q, sigma_q, mu_p, sigma_p)", "nats"),
        ],
    )


WIDGET = Widget(
    name="gaussians",
    title="Where does the cost come from?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    buttons=BUTTONS,
    change=change,
)
