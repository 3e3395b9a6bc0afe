"""Cross-entropy as wasted bits: symbols from p, carried by a Huffman code that was built for q."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from klweb.categorical import cross_entropy, entropy, kl, mixture, normalize, surprisal
from klweb.coding import blocks, code_lengths, huffman, mean_length
from klweb.pairs import SYMBOLS, fitted, rescaled, resized
from klweb.parameter import Choice, Distribution, Number
from klweb.scene import AnyMark, Line, Rect, Scale, Scene, Text
from klweb.snippet import assigned, literal, script, shown
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import bits, fixed, listed

# Relative frequencies of letters in English prose, in percent: R. E. Lewand, Cryptological
# Mathematics (2000), p. 36.
ENGLISH = (
    8.167, 1.492, 2.782, 4.253, 12.702, 2.228, 2.015, 6.094, 6.966, 0.153, 0.772, 4.025, 2.406,
    6.749, 7.507, 1.929, 0.095, 5.987, 6.327, 9.056, 2.758, 0.978, 2.360, 0.150, 1.974, 0.074,
)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Source:
    """Where symbols come from: their names and the true probabilities."""

    label: str
    symbols: str
    p: tuple[float, ...]
    start: tuple[float, ...]
    """The model that the morph starts from."""
    is_shared: bool = False
    """Whether p and the model come from another figure, and may hold anything."""


def _source(label: str, symbols: str, p: tuple[float, ...], start: tuple[float, ...] | None = None) -> Source:
    return Source(label, symbols, p, start or tuple(reversed(p)))


SOURCES = {
    "six": _source("six symbols", "abcdef", (0.30, 0.22, 0.18, 0.14, 0.10, 0.06)),
    "uniform": _source("uniform", "abcdef", (1 / 6,) * 6, (0.5, 0.25, 0.125, 0.0625, 0.03125, 0.03125)),
    "dyadic": _source("dyadic", "abcde", (0.5, 0.25, 0.125, 0.0625, 0.0625)),
    "english": _source("English letters", LETTERS, tuple(normalize(ENGLISH))),
}

PAIR = "pair"
"""The source that another figure gave: its p, and its q for the morph to start from."""

MOST_BLOCKS = 512
"""A pair that would make more blocks than this gets shorter ones, so that this figure keeps up with what it follows."""

DEEPEST_TICK = 16
"""Ideal lengths beyond this, in bits, are written below the stacks and not drawn, unless a codeword is longer."""

DEEPEST_STACK = 40
"""Where a codeword is longer than this, in bits, stacks are drawn in one piece."""

PARAMETERS = (
    Number("morph", "morph from q to p", 0, 1, 0.01, 0, "t", "q-text", ends=("q is wrong", "q = p")),
    Choice(
        "source", "Source", tuple((name, source.label) for name, source in SOURCES.items()), "six",
        unlisted=((PAIR, "shared pair"),),
    ),
    Choice("block", "Symbols a codeword", (("1", "1"), ("2", "2"), ("3", "3")), "1"),
    Distribution("p", "p, the truth", (0.45, 0.25, 0.2, 0.1), "p-text", len(SYMBOLS), hidden=True, exact=True),
    Distribution("q", "q, the model", (0.15, 0.25, 0.2, 0.4), "q-text", len(SYMBOLS), hidden=True, exact=True),
)  # fmt: skip
PRESETS = (
    Preset(
        "mismatched",
        "The wrong code",
        "A code built for the source upside down: rare symbols got the short words.",
    ),
    Preset("halfway", "Halfway", "A model half right already saves most of the waste.", {"morph": 0.5}),
    Preset(
        "matched",
        "The right code",
        "q equals p, so D is 0; what the code still loses comes from whole bits alone.",
        {"morph": 1},
    ),
    Preset(
        "uniform",
        "A fair source",
        "All symbols equally likely: any preference of the model’s is a mistake.",
        {"source": "uniform"},
    ),
    Preset(
        "dyadic",
        "Powers of two",
        "Every probability is a power of ½, so whole bits are exactly right and nothing is lost at all.",
        {"source": "dyadic", "morph": 1},
    ),
    Preset(
        "blocks",
        "Three at a time",
        "One codeword for every three symbols: the real code closes in on the ideal.",
        {"morph": 1, "block": "3"},
    ),
    Preset(
        "english",
        "English letters",
        "Twenty-six letters by their frequency in English, and a code for the same alphabet backwards.",
        {"source": "english"},
    ),
)


def change(state: State, name: str, value: Any) -> State:
    """Set a control; p and q, whole or one entry, are those of a shared pair."""
    head, _, index = name.partition(".")
    if head not in ("p", "q"):
        return {**state, name: value}
    if index:
        return {**state, head: rescaled(state[head], int(index), value), "source": PAIR}
    other = "q" if name == "p" else "p"
    return {**state, name: value, other: resized(state[other], len(value)), "source": PAIR}


def check(state: State) -> None:
    """Fit p and q to one alphabet; of a state with another source they say nothing, and are as by default."""
    if state["source"] == PAIR:
        fitted(state)
    else:
        state.update({item.name: list(item.default) for item in PARAMETERS if isinstance(item, Distribution)})


def pair(state: State) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return p, and q as the morph has made it."""
    source, q = _model(state)
    return source.p, q


def adopt(state: State, p: list[float], q: list[float]) -> State:
    """Take a pair from another figure, with blocks as long as before, or as long as `MOST_BLOCKS` allows."""
    longest = int(state["block"])
    block = next(size for size in range(longest, 0, -1) if len(p) ** size <= MOST_BLOCKS)
    return {**state, "source": PAIR, "p": p, "q": q, "morph": 0, "block": str(block)}


@lru_cache(maxsize=16)
def _blocks(p: tuple[float, ...], count: int) -> tuple[float, ...]:
    return tuple(blocks(p, count))


@lru_cache(maxsize=16)
def _codewords(q: tuple[float, ...], count: int) -> tuple[str, ...]:
    return tuple(huffman(_blocks(q, count)))


@lru_cache(maxsize=16)
def _likeliest(p: tuple[float, ...], limit: int) -> tuple[int, ...]:
    """Return the places of the greatest probabilities, the greatest first, equal ones in their order."""
    return tuple(sorted(range(len(p)), key=lambda i: -p[i])[:limit])


@lru_cache(maxsize=16)
def _mean_length(p: tuple[float, ...], q: tuple[float, ...], count: int) -> float:
    """Return the mean number of bits a symbol, with one codeword for each block of `count` symbols."""
    return mean_length(_blocks(p, count), code_lengths(_codewords(q, count))) / count


def _model(state: State) -> tuple[Source, tuple[float, ...]]:
    if state["source"] == PAIR:
        p, start = tuple(state["p"]), tuple(state["q"])
        source = Source("shared pair", SYMBOLS[: len(p)], p, start, is_shared=True)
    else:
        source = SOURCES[state["source"]]
    return source, tuple(mixture(source.start, source.p, state["morph"]))


def view(state: State, frame: Frame) -> View:
    """Show the code's words as stacks of bits, the ideal lengths beside them, and the means below."""
    source, q = _model(state)
    count = int(state["block"])
    h_p, h_pq, gap = entropy(source.p), cross_entropy(source.p, q), kl(source.p, q)
    lengths = [_mean_length(source.p, q, size) for size in range(1, count + 1)]
    picture = _Picture(source, q, count, frame, (h_p, h_pq, gap, lengths))
    return View(
        scene=picture.scene(),
        readouts=(
            Readout(
                "h_p",
                "H(p)",
                h_p,
                bits(h_p, 3),
                "the least mean length any code for p can have",
                "p-text",
            ),
            Readout(
                "h_pq",
                "H(p, q)",
                h_pq,
                bits(h_pq, 3),
                "the mean length of an ideal code for q",
                "q-text",
            ),
            Readout(
                "kl_pq",
                "D(p ‖ q)",
                gap,
                bits(gap, 3),
                "what believing q wastes: the difference of the two",
                detail=_why(source, q),
            ),
            Readout(
                "mean_length",
                "L̄",
                lengths[-1],
                bits(lengths[-1], 3),
                "what this Huffman code for q really takes",
                "ink",
            ),
        ),
        summary=_summary(h_p, gap, lengths[-1], count, _why(source, q)),
        table=picture.table(),
    )


def _why(source: Source, q: tuple[float, ...]) -> str:
    """Say why the divergence is infinite, if it is."""
    missing = [symbol for symbol, a, b in zip(source.symbols, source.p, q, strict=True) if a > 0 and b == 0]
    return f"p uses {listed(missing)}, to which q gives probability 0" if missing else ""


def _summary(h_p: float, gap: float, length: float, count: int, why: str) -> str:
    words = "each symbol its own codeword" if count == 1 else f"one codeword for {count} symbols"
    over = length - h_p
    real = (
        "exactly the least possible"
        if abs(over) < 5e-13
        else f"{fixed(over, 3)} more than the least possible, {fixed(h_p, 3)}"
    )
    if why:
        return (
            f"Believing q when p is true wastes infinitely many bits, since {why}. The Huffman code for q, {words}, "
            f"leaves nothing without a codeword, and takes {bits(length, 3)} a symbol: {real}."
        )
    waste = "nothing, since q equals p" if gap == 0 else f"{bits(gap, 3)} a symbol"
    return (
        f"Believing q when p is true wastes {waste}. The Huffman code for q, {words}, takes "
        f"{bits(length, 3)} a symbol: {real}."
    )


def _figure(value: float) -> str:
    """Print a mean as it fits into the picture: with three decimals, or one from 100 on."""
    return fixed(value, 3 if value < 100 else 1)


class _Picture:
    """Lays out the stacks of one code in one frame."""

    def __init__(
        self,
        source: Source,
        q: tuple[float, ...],
        count: int,
        frame: Frame,
        means: tuple[float, float, float, list[float]],
    ) -> None:
        self.frame, self.means, self.count = frame, means, count
        self.p, self.q = _blocks(source.p, count), _blocks(q, count)
        self.codewords = _codewords(q, count)
        self.total = len(self.p)
        self.shown = range(self.total) if count == 1 else _likeliest(self.p, 8 if frame.phone else 16)
        self.names = [self._name(source.symbols, index) for index in self.shown]
        self.left, self.right = frame.left, frame.right
        self.slot = (self.right - self.left) / len(self.shown)
        self.ideal_p = [surprisal(self.p[i]) for i in self.shown]
        self.ideal_q = [surprisal(self.q[i]) for i in self.shown]
        longest = max(len(self.codewords[i]) for i in self.shown)
        self.in_pieces = longest <= DEEPEST_STACK
        reach = max(longest, DEEPEST_TICK)
        # No mark shows the ideal lengths for q, and those of a shared q may be huge.
        ideals = self.ideal_p if source.is_shared else (*self.ideal_p, *self.ideal_q)
        deepest = max([longest, *(math.ceil(ideal) for ideal in ideals if ideal <= reach)])
        room = 200.0 if frame.phone else 220.0
        self.block = min(30.0, room / deepest)
        self.top = 122.0
        self.depth = Scale(0, 1, self.top, self.top + self.block)
        self.bottom = self.depth(deepest)
        self.deepest = deepest

    def _name(self, symbols: str, index: int) -> str:
        letters = ""
        for _ in range(self.count):
            index, place = divmod(index, len(symbols))
            letters = symbols[place] + letters
        return letters

    def scene(self) -> Scene:
        """Return the whole picture."""
        beyond = self._beyond()
        below = self.bottom + (17 if beyond else 0)
        bars, height = self._means(below + 54)
        marks = [*self._sources(), *self._axis(), *self._stacks(), *beyond, *self._legend(below + 21), *bars]
        return Scene(self.frame.width, height, tuple(marks))

    def table(self) -> Table:
        """Return the codewords with the lengths that they have and should have."""
        rows = [
            (
                name, fixed(self.p[i], 4), fixed(self.q[i], 4), self.codewords[i],
                str(len(self.codewords[i])), fixed(ideal_p, 3), fixed(ideal_q, 3),
            )
            for i, name, ideal_p, ideal_q in zip(self.shown, self.names, self.ideal_p, self.ideal_q, strict=True)
        ]  # fmt: skip
        some = "" if len(rows) == self.total else f", the {len(rows)} likeliest of {self.total}"
        kind = "symbols" if self.count == 1 else f"blocks of {self.count} symbols"
        return Table(
            f"The Huffman code for q: {kind}{some}; lengths in bits",
            (
                "block" if self.count > 1 else "symbol",
                "p",
                "q",
                "codeword",
                "length",
                "−log₂ p",
                "−log₂ q",
            ),
            tuple(rows),
        )

    def _text(self, x: float, y: float, text: str, fill: Any = "ink", **options: Any) -> Text:
        return Text(x, y, text, fill, self.frame.text, **options)

    def _sources(self) -> list[AnyMark]:
        """Small bars of p and q above the stacks."""
        high = max(*(self.p[i] for i in self.shown), *(self.q[i] for i in self.shown))
        scale = Scale(0, high, 92, 32)
        width = min(22.0, self.slot * 0.34)
        marks: list[AnyMark] = [
            Rect(self.left, 4, 13, 13, "p", "p", 2, radius=1),
            self._text(self.left + 20, 15, "p", "p-text"),
            Rect(self.left + 44, 4, 13, 13, "q-soft", "q", 2, radius=1),
            self._text(self.left + 64, 15, "q", "q-text"),
        ]
        if self.total > len(self.shown):
            note = f"the {len(self.shown)} likeliest of {self.total} blocks"
            marks.append(self._text(self.right, 15, note, "muted", anchor="end"))
        for place, index in enumerate(self.shown):
            middle = self.left + (place + 0.5) * self.slot
            p_top, q_top = scale(self.p[index]), scale(self.q[index])
            if self.p[index] > 0:
                marks.append(Rect(middle - width - 1, p_top, width, 92 - p_top, "p", key=f"p.{place}"))
            if self.q[index] > 0:
                marks.append(Rect(middle + 2, q_top, width - 1, 92 - q_top, "q-soft", "q", 1.5, key=f"q.{place}"))
            marks.append(self._text(middle, 111, self.names[place], anchor="middle", key=f"symbol.{place}"))
        marks.append(Line(self.left, 92, self.right, 92, "muted"))
        return marks

    def _axis(self) -> list[AnyMark]:
        step = next((step for step in (1, 2, 4, 8, 16) if self.deepest <= 6 * step), self.deepest)
        marks: list[AnyMark] = [self._text(self.left - 8, self.depth(0) + 4.5, "bits", "muted", anchor="end")]
        for tick in range(0, self.deepest + 1, step):
            y = self.depth(tick)
            marks.append(Line(self.left, y, self.right, y, "faint"))
            if tick:
                marks.append(self._text(self.left - 8, y + 4.5, str(tick), "muted", anchor="end"))
        return marks

    def _stacks(self) -> list[AnyMark]:
        """A block for every bit, the ideal length as a dashed line across, and the digits on top of both."""
        width = min(40.0, self.slot * 0.62)
        legible = self.block >= 15 and width >= 9
        boxes: list[AnyMark] = []
        ticks: list[AnyMark] = []
        digits: list[AnyMark] = []
        for place, index in enumerate(self.shown):
            middle = self.left + (place + 0.5) * self.slot
            word = self.codewords[index]
            if not self.in_pieces:
                top, bottom = self.depth(0), self.depth(len(word))
                key = f"word.{place}"
                boxes.append(Rect(middle - width / 2, top, width, bottom - top, "q-soft", "q", 1.5, key=key))
                word = ""
            for row, digit in enumerate(word):
                y, key = self.depth(row), f"block.{place}.{row}"
                boxes.append(
                    Rect(
                        middle - width / 2,
                        y + 1,
                        width,
                        self.block - 2,
                        "q-soft",
                        "q",
                        1.5,
                        radius=1.5,
                        key=key,
                    )
                )
                if legible:
                    below = y + self.block / 2 + 4.5
                    digits.append(self._text(middle, below, digit, "q-text", anchor="middle", key=f"{key}.digit"))
            if self.ideal_p[place] > self.deepest:
                continue
            reach, y = min(self.slot / 2 - 1, width / 2 + 7), self.depth(self.ideal_p[place])
            dash = (5, 3) if reach > 8 else (3, 1.5)
            ticks.append(Line(middle - reach, y, middle + reach, y, "p", 3, dash, key=f"ideal.{place}"))
        return [*boxes, *ticks, *digits]

    def _beyond(self) -> list[AnyMark]:
        """Write the ideal lengths that lie below the picture: ∞ where p never uses a symbol."""
        return [
            self._text(
                self.left + (place + 0.5) * self.slot, self.bottom + 17, fixed(ideal, 0), "p-text", anchor="middle",
                key=f"beyond.{place}",
            )
            for place, ideal in enumerate(self.ideal_p)
            if ideal > self.deepest
        ]  # fmt: skip

    def _legend(self, y: float) -> list[AnyMark]:
        return [
            Line(self.left, y - 4.5, self.left + 24, y - 4.5, "p", 3, (5, 3)),
            self._text(self.left + 31, y, "ideal length for p: −log₂ p bits", "p-text"),
        ]

    def _means(self, top: float) -> tuple[list[AnyMark], float]:
        """Bars of the means on one scale: H(p) and D make H(p, q); below it the real code, for each block length."""
        h_p, h_pq, gap, lengths = self.means
        left, height = (54.0, 22.0) if self.frame.phone else (self.left + 14, 22.0)
        endless = math.isinf(h_pq)
        # Without end, the bar runs on beyond all others.
        high = 1.5 * max(h_p, *lengths) if endless else max(h_pq, *lengths)
        scale = Scale(0, high, left, self.right - 44)
        split, end = scale(h_p), scale(min(h_pq, high))
        y = top + 30
        marks: list[AnyMark] = [
            self._text(6 if self.frame.phone else self.left, top, "on average, in bits a symbol", "muted"),
            self._text(left, y - 6, f"H(p) {fixed(h_p, 3)}", "p-text"),
            self._text(left - 8, y + 16, "H(p, q)", anchor="end"),
            Rect(left, y, split - left, height, "p", key="mean.h"),
            Rect(split, y, max(end - split, 0), height, "gap", key="mean.gap"),
            *(Rect(end + 3 + 7 * i, y, 4 - i, height, "gap", key=f"mean.on.{i}") for i in range(3 if endless else 0)),
            self._text(
                max(end, left + 190),
                y - 6,
                f"D(p ‖ q) {_figure(gap)}",
                "gap-text",
                anchor="end",
                bold=True,
            ),
            self._text(end + (27 if endless else 7), y + 16, _figure(h_pq), key="mean.cross"),
        ]
        for size, length in enumerate(lengths, start=1):
            y += height + 9
            key = f"mean.length.{size}"
            name = "L̄" if len(lengths) == 1 else f"L̄ by {size}"
            marks += [
                self._text(left - 8, y + 16, name, anchor="end"),
                Rect(left, y, scale(length) - left, height, "q-soft", "q", 1.5, radius=1.5, key=key),
                self._text(scale(length) + 7, y + 16, fixed(length, 3), key=f"{key}.value"),
            ]
        marks.append(Line(split, top + 28, split, y + height + 5, "p", 2, (5, 3), key="mean.least"))
        return marks, y + height + 14


def code(state: State) -> str:
    """Return the lines that make the code, and compute the means."""
    if state["source"] == "english":
        modules = "categorical: cross_entropy, entropy, kl, mixture, normalize"
        given = [assigned("letters", ENGLISH, "percent, from a to z"), "p = normalize(letters)  # the truth"]
        start = "start = p[::-1]  # a wrong model"
    else:
        source, _ = _model(state)
        modules = "categorical: cross_entropy, entropy, kl, mixture"
        given = [assigned("p", source.p, "the truth")]
        start = assigned("start", source.start, "a wrong model")
    return script(
        f"{modules}; coding: blocks, code_lengths, huffman, mean_length",
        [
            *given, start,
            f"q = mixture(start, p, {literal(state['morph'])})  # the model",
            assigned("size", int(state["block"]), "symbols a codeword"),
            "",
            "lengths = code_lengths(huffman(blocks(q, size)))",
            "",
            shown("H(p)", "entropy(p)", "bits"),
            shown("H(p, q)", "cross_entropy(p, q)", "bits"),
            shown("D(p ‖ q)", "kl(p, q)", "bits"),
            shown("L̄", "mean_length(blocks(p, size), lengths) / size", "bits"),
        ],
    )  # fmt: skip


WIDGET = Widget(
    name="wasted-bits",
    title="What does a code for the wrong source waste?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    change=change,
    check=check,
    pair=pair,
    adopt=adopt,
)
