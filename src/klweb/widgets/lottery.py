"""Gaming the pot: a lottery as a market of bets, what an uneven crowd gives away, and what the operator's cut takes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from klweb import lottery
from klweb.bars import Bars
from klweb.categorical import kl
from klweb.pairs import MODEL, SYMBOLS, TRUTH, fitted, moved
from klweb.parameter import Distribution, Number
from klweb.scene import AnyMark, Dot, Drawn, Handle, Line, Path, Rect, Role, Scale, Scene, Text, rounded
from klweb.snippet import assigned, script, shown
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import bits, fixed, listed

EVEN = (0.2,) * 5
LARGEST_CUT = 50
MOST = 9
"""Holders are counted one by one up to this number; more are put together."""

PARAMETERS = (
    Number("cut", "operator’s cut, percent", 0, LARGEST_CUT, 1, 40, "c"),
    Number("lam", "tickets others hold per number", 0.1, 10, 0.1, 2, "λ"),
    Number("rollover", "rolled over, in draws’ sales", 0, 5, 0.1, 0, "r"),
    Distribution("p", "p, the true odds", TRUTH, "p-text", len(SYMBOLS)),
    Distribution("q", "q, the crowd’s money", MODEL, "q-text", len(SYMBOLS)),
)
PRESETS = (
    Preset(
        "crowd-that-errs",
        "A crowd that errs",
        "The crowd gives away half a bit a draw, which is a lot, and a cut of 40 % takes more.",
    ),
    Preset(
        "fair-crowd",
        "Fair crowd, no cut",
        "Nothing to learn from this crowd. Still, others double up on numbers, and who holds each once never does.",
        {"p": EVEN, "q": EVEN, "lam": 2, "cut": 0},
    ),
    Preset(
        "birthdays",
        "Birthdays",
        "One number of 49: A is 1–12, B is 13–31, C is 32–49. Suppose that dates draw the money: C is shared by few.",
        {"p": (12, 19, 18), "q": (40, 40, 20), "lam": 2, "cut": 25},
    ),
    Preset(
        "half-the-pot",
        "Half the pot taken",
        "A cut of one half costs one bit a draw: a crowd has to be wrong by a whole bit to make up for it.",
        {"p": EVEN, "q": (0.38, 0.26, 0.18, 0.12, 0.06), "lam": 4, "cut": 50},
    ),
    Preset(
        "few-tickets",
        "Few tickets sold",
        "Mostly nobody shares with you, but nearly all of the pot is your own money.",
        {"p": EVEN, "q": EVEN, "lam": 0.3, "cut": 20},
    ),
    Preset(
        "rollover",
        "Rollover",
        "What earlier draws left in the pot has been cut already. Here it pays even at half, if nobody else buys all.",
        {"p": EVEN, "q": EVEN, "lam": 3, "cut": 50, "rollover": 0.5},
    ),
    Preset(
        "blind-spot",
        "Blind spot",
        "Nobody backs D: a coin there wins a whole pot, so D(p ‖ q) is infinite. Buying everything still loses.",
        {"p": (0.25,) * 4, "q": (0.5, 0.3, 0.2, 0), "lam": 2, "cut": 40},
    ),
)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What a state comes to. Cuts are shares here, not percents."""

    cut: float
    gain: float
    """D(p ‖ q), bits a draw."""
    cost: float
    """What the cut takes of it, bits a draw."""
    uncut: float
    """What buying every number once returns without a cut."""
    halved: float
    """The same at the largest cut that is drawn."""
    back: float
    """The same at the cut there is."""
    most: float
    """The largest cut that lets the buyer get the money back."""
    share: float
    """The buyer's mean share of the pot."""
    holders: tuple[float, ...]
    """The chances that 0, 1, 2, … others hold the winning number; the last is that of all the rest."""

    @property
    def growth(self) -> float:
        """Bits a draw that small bets in proportion to p gain."""
        return self.gain - self.cost


def _figures(state: State) -> _Figures:
    p, q, lam, rollover = state["p"], state["q"], state["lam"], state["rollover"]
    cut = state["cut"] / 100
    holders = lottery.other_holders(p, q, lam, MOST)
    return _Figures(
        cut=cut,
        gain=kl(p, q),
        cost=lottery.cut_cost(cut),
        uncut=lottery.buyout_return(p, q, lam, 0, rollover),
        halved=lottery.buyout_return(p, q, lam, LARGEST_CUT / 100, rollover),
        back=lottery.buyout_return(p, q, lam, cut, rollover),
        most=lottery.break_even_cut(p, q, lam, rollover),
        share=lottery.expected_share(p, q, lam),
        holders=(*holders, max(0.0, 1 - math.fsum(holders))),
    )


def view(state: State, frame: Frame) -> View:
    """Show where the crowd's money lies, what small bets gain of it, and what buying every number once returns."""
    found = _figures(state)
    gained = "gains" if found.growth >= 0 else "loses"
    detail = f"after a cut of {_percent(found.cut)} such a bettor {gained} {bits(abs(found.growth), 3)} a draw"
    missing = _missing(state["p"], state["q"])
    if missing:
        detail = f"p uses {listed(missing)}, to which q gives probability 0"
    return View(
        scene=_Picture(state, frame, found).scene(),
        readouts=(
            Readout(
                "kl_pq", "D(p ‖ q)", found.gain, bits(found.gain),
                "what small bets in proportion to p gain a draw, before the cut", detail=detail,
            ),
            Readout(
                "return", "return", found.back, fixed(found.back, 3),
                "what buying every number once brings back per unit staked, on average", "ink",
            ),
            Readout(
                "max_cut", "largest cut", 100 * found.most, f"{fixed(100 * found.most, 1)} %",
                "above it, buying every number once loses", "ink",
                detail="what was rolled over pays for all" if found.most == 1 else "",
            ),
        ),
        summary=_summary(found, missing),
        table=_table(state),
    )  # fmt: skip


def _missing(p: list[float], q: list[float]) -> list[str]:
    return [SYMBOLS[i] for i, (a, b) in enumerate(zip(p, q, strict=True)) if a > 0 and b == 0]


def _percent(part: float) -> str:
    return f"{100 * part:.3g} %"


def _summary(found: _Figures, missing: list[str]) -> str:
    cut = f"a cut of {_percent(found.cut)}"
    takes = f"{cut} takes {fixed(found.cost, 3)}" if found.cut > 0 else "there is no cut"
    if missing:
        first = f"Small bets in proportion to p gain without bound, since nobody backs {listed(missing)}."
    elif found.gain == 0:
        first = f"The crowd’s money lies as the odds do, so small bets gain nothing, and {takes}."
    else:
        first = f"Small bets in proportion to p gain {bits(found.gain, 3)} a draw from this crowd, and {takes}."
    limit = fixed(100 * found.most, 1)
    second = f"Buying every number once returns {fixed(found.back, 3)} per unit"
    if found.most == 1:
        reason = "what was rolled over pays for it, whatever the cut"
    elif found.back >= 1:
        reason = f"it pays up to a cut of {limit} %"
    else:
        reason = f"it would pay up to a cut of {limit} %, but {cut} is taken"
    return f"{first} {second}: {reason}."


def _table(state: State) -> Table:
    p, q = state["p"], state["q"]
    crowding = lottery.crowding(p, q, state["lam"])
    rows = [
        (letter, fixed(a, 4), fixed(b, 4), _count(x) if a > 0 else "–", fixed(lottery.share(x), 4) if a > 0 else "–")
        for letter, a, b, x in zip(SYMBOLS, p, q, crowding, strict=False)
    ]
    total = fixed(lottery.expected_share(p, q, state["lam"]), 4)
    return Table(
        "Groups of numbers, each with its share of all numbers (the true odds, p) and of the crowd’s money (q)",
        ("group", "p", "q", "others per number", "your share of the pot if it wins"),
        (*rows, ("all", "1", "1", _count(state["lam"]), total)),
    )


def _count(value: float) -> str:
    return fixed(value, 2) if value < 1e6 else "∞" if math.isinf(value) else f"{value:.1e}"


def _at_least(value: float, steps: tuple[float, ...]) -> float:
    return next((step for step in steps if step >= value), steps[-1])


BITS = (1.0, *(2.0**k for k in range(1, 12)))
RETURNS = (2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0, 80.0)
CHANCES = (0.2, 0.4, 0.6, 1.0)


def _corners(points: Iterable[tuple[float, float]]) -> Drawn:
    """Return a polyline with its corners to a tenth of a pixel, as curves are packed."""
    return Drawn(rounded(chain.from_iterable(points), 1))


class _Picture:
    """Lays out one state in one frame: bars, then small bets, holders and the return of buying every number."""

    def __init__(self, state: State, frame: Frame, found: _Figures) -> None:
        self.p, self.q = state["p"], state["q"]
        self.percent, self.found, self.frame = state["cut"], found, frame
        self.left, self.right = frame.left, frame.right
        scale = Scale(0, 1, 182 if frame.phone else 222, 50)
        self.bars = Bars(frame, {"p": self.p, "q": self.q}, "q", scale, self.left, self.right, most=36)

    def scene(self) -> Scene:
        """Return the whole picture."""
        bars, top = self.bars, self.bars.base + 54
        if self.frame.phone:
            wide = (self.left, self.right)
            lower = [*self._bets(top, *wide), *self._holders(top + 124, *wide), *self._returns(top + 274, *wide, 130)]
            height = top + 274 + 130 + 54
        else:
            low, high = (self.left, 336), (412, self.right)
            lower = [*self._bets(top, *low), *self._holders(top + 124, *low), *self._returns(top, *high, 200)]
            height = top + 200 + 58
        names = {"p": "p, true odds", "q": "q, the crowd’s money"}
        marks = [
            *bars.legend(names, 100 if self.frame.phone else 118), *bars.axis("share"),
            *(mark for name in names for mark in bars.bars(name, labelled=bars.has_room(name))),
            *map(bars.letter, range(bars.count)), *lower,
            *bars.handles(self._words, lambda letter: f"crowd’s money on {letter}"), self.cut_handle,
        ]  # fmt: skip
        return Scene(self.frame.width, height, tuple(marks))

    def _text(self, x: float, y: float, text: str, fill: Role = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

    # Small bets in proportion to p: what the crowd gives, and what the cut takes.

    def _bets(self, top: float, left: float, right: float) -> list[AnyMark]:
        found = self.found
        finite = found.gain if math.isfinite(found.gain) else 0.0
        high = _at_least(max(finite, found.cost), BITS)
        scale = Scale(0, high, left, right)
        first, second = top + 26, top + 62
        marks: list[AnyMark] = [self._text(left, top, "small bets in proportion to p, bits a draw")]
        for tick in (0, high / 2, high):
            x = scale(tick)
            marks.append(Line(x, first - 3, x, second + 17, "muted" if tick == 0 else "faint"))
            anchor = "start" if tick == 0 else "end" if tick == high else "middle"
            marks.append(self._text(x, second + 32, f"{tick:g}", "muted", anchor=anchor))
        taken = f"− {fixed(found.cost, 3)} to a cut of {_percent(found.cut)}"
        marks += [
            self._text(left, first - 6, f"+ {fixed(found.gain, 3)} from the crowd: D(p ‖ q)", "gap-text", bold=True),
            Rect(left, first, scale.clamped(found.gain) - left, 14, "gap", "gap", key="gain"),
            self._text(left, second - 6, taken if found.cut > 0 else "nothing to the cut"),
            Rect(left, second, scale(found.cost) - left, 14, "paper", "ink", 1.5, key="cost"),
        ]
        return marks

    # How many share the pot.

    def _holders(self, top: float, left: float, right: float) -> list[AnyMark]:
        chances = self.found.holders
        high = _at_least(max(chances), CHANCES)
        scale = Scale(0, high, top + 86, top + 16)
        slot = (right - left) / len(chances)
        marks: list[AnyMark] = [
            self._text(left, top, "chance that k others hold the winning number"),
            Line(left, scale(high), right, scale(high), "faint"),
            self._text(left - 8, scale(high) + 4.5, f"{high:g}", "muted", anchor="end"),
            self._text(left - 8, scale(0) + 4.5, "0", "muted", anchor="end"),
        ]
        for k, chance in enumerate(chances):
            x, y = left + k * slot, scale(chance)
            marks.append(Rect(x + 3, y, slot - 6, scale(0) - y, "faint", "muted", key=f"holders.{k}"))
            name = f"{k}" if k <= MOST else f"{k}+"
            marks.append(self._text(x + slot / 2, scale(0) + 17, name, "muted", anchor="middle"))
        marks += [
            Line(left, scale(0), right, scale(0), "muted"),
            self._text(left, scale(0) + 36, f"you get 1/(k + 1): {fixed(self.found.share, 3)} of the pot on average"),
        ]
        return marks

    # Buying every number once.

    def _returns(self, top: float, left: float, right: float, height: float) -> list[AnyMark]:
        found = self.found
        high = _at_least(found.uncut * 1.15, RETURNS)
        x, y = Scale(0, LARGEST_CUT, left, right), Scale(0, high, top + 12 + height, top + 12)
        even = y(1)
        inside = 100 * found.most <= LARGEST_CUT
        edge = min(100 * found.most, LARGEST_CUT)
        corner = (x(edge), even if inside else y(found.halved))
        gain = ((left, y(found.uncut)), corner, (x(edge), even), (left, even))
        marks: list[AnyMark] = [
            self._text(left, top, "return per unit of buying every number once"),
            Line(left, y(high), right, y(high), "faint"),
            Path(_corners(gain), closed=True, fill="faint", key="pays"),
            Line(left, y(0), right, y(0), "muted"),
            Line(left, even, right, even, "ink", 1.5, (5, 4)),
            self._text(left - 8, y(high) + 4.5, f"{high:g}", "muted", anchor="end"),
            self._text(left - 11, even + 4.5, "1", anchor="end", bold=True),
        ]
        if high <= 10:
            marks.append(self._text(left - 8, y(0) + 4.5, "0", "muted", anchor="end"))
        for tick in range(0, LARGEST_CUT + 1, 10):
            end = tick == LARGEST_CUT
            marks.append(Line(x(tick), y(0), x(tick), y(0) + 4, "muted"))
            label = f"{tick} %" if end else f"{tick}"
            marks.append(self._text(x(tick), y(0) + 18, label, "muted", anchor="end" if end else "middle"))
        marks.append(self._text((left + right) / 2, y(0) + 35, "the operator’s cut", "muted", anchor="middle"))
        marks.append(
            Path(_corners(((left, y(found.uncut)), (right, y(found.halved)))), stroke="ink", width=2.5, key="return")
        )
        # Labels keep to where no line runs: the return is above break-even left of the limit, and below it right of it.
        beside = even + 15 if high <= 5 else even - 6
        if edge < 22:
            marks.append(self._text(right, even - 6, "break-even", anchor="end", halo=True))
        else:
            marks.append(self._text(left + 5, beside, "break-even", halo=True))
        limit = f"{fixed(100 * found.most, 1)} %"
        if inside:
            middle = min(max(x(edge), left + 62), right - 62)
            marks += [
                Line(x(edge), y(high) + 21, x(edge), y(0), "ink", 1.5, key="limit"),
                self._text(middle, y(high) + 15, f"pays up to {limit}", anchor="middle", bold=True, key="limit.value"),
            ]
        else:
            words = "pays, whatever the cut" if found.most == 1 else f"pays up to {limit}"
            marks.append(self._text(right, beside, words, anchor="end", bold=True, halo=True, key="limit.value"))
        at = (x(self.percent), y(found.back))
        late = self.percent > 0.8 * LARGEST_CUT or (self.percent > 9 and 0 <= edge - self.percent < 9)
        away = 24 if found.back < 1 else -18 if late else -12
        marks += [
            Dot(*at, 7, "paper", "ink", 2.5, key="grip.cut"),
            self._text(
                at[0] + (6 if late else 0), at[1] + away, fixed(found.back, 3),
                anchor="end" if late else "start", bold=True, halo=True, key="return.value",
            ),
        ]  # fmt: skip
        self.cut_handle = Handle(
            "cut", "operator’s cut", "x", at[0] - 22, at[1] - 22, min(44, self.frame.width - at[0] + 22), 44,
            left, right, 0, LARGEST_CUT, 1, self.percent,
            f"cut {_percent(found.cut)}: buying every number once returns {fixed(found.back, 3)}",
        )  # fmt: skip
        return marks

    def _words(self, index: int) -> str:
        return f"{SYMBOLS[index]}: crowd’s money {fixed(self.q[index], 3)}, true odds {fixed(self.p[index], 3)}"


def code(state: State) -> str:
    """Return the lines that compute what small bets gain, and what buying every number once returns."""
    return script(
        "categorical: kl; lottery: break_even_cut, buyout_return",
        [
            assigned("p", state["p"], "the true odds"),
            assigned("q", state["q"], "the crowd’s money"),
            assigned("cut", state["cut"], "in percent"),
            assigned("lam", state["lam"], "tickets others hold per number"),
            assigned("rollover", state["rollover"], "in draws’ sales"),
            "",
            shown("D(p ‖ q)", "kl(p, q)", "bits"),
            shown("return", "buyout_return(p, q, lam, cut / 100, rollover)"),
            shown("largest cut", "100 * break_even_cut(p, q, lam, rollover)", "percent"),
        ],
    )


WIDGET = Widget(
    name="lottery",
    title="Can you beat the crowd?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    change=moved,
    check=fitted,
)
