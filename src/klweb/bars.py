"""Distributions over one alphabet as bars, side by side over each symbol, one of them to be dragged.

What the pictures of several widgets have in common: a legend, an axis of probabilities, bars with their values, the
symbols' letters, and a handle for each bar of the distribution that a reader edits.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from klweb.pairs import SYMBOLS
from klweb.scene import LOOKS, AnyMark, Dot, Handle, Line, Look, Rect, Scale, Text
from klweb.widget import Frame
from klweb.words import fixed

REACH = 26
"""How far a handle reaches above and below the end of its bar, in pixels: a finger's width together."""


def two_decimals(value: float) -> str:
    """Return what is written over a bar.

    >>> two_decimals(0.125)
    '0.12'
    """
    return fixed(value, 2)


@dataclass(frozen=True)
class Bars:
    """Bars between the pixels `left` and `right`, of values from 0 to 1 on `scale`.

    `shares` holds a distribution for each name, from left to right; `edited` is the name of the one that has handles.
    A bar is as wide as the share `part` of its symbol's slot, and no wider than `most` pixels.
    """

    frame: Frame
    shares: Mapping[str, Sequence[float]]
    edited: str
    scale: Scale
    left: float
    right: float
    part: float = 0.36
    most: float = 40.0
    gap: float = 3.0
    looks: Mapping[str, Look] = field(default_factory=lambda: LOOKS)

    @cached_property
    def count(self) -> int:
        """The number of symbols."""
        return len(next(iter(self.shares.values())))

    @cached_property
    def slot(self) -> float:
        """The width that each symbol has, in pixels."""
        return (self.right - self.left) / self.count

    @cached_property
    def width(self) -> float:
        """The width of a bar, in pixels."""
        return min(self.most, self.slot * self.part)

    @cached_property
    def base(self) -> float:
        """The pixel on which the bars stand."""
        return self.scale(0)

    @cached_property
    def _offsets(self) -> dict[str, float]:
        """How far each distribution's bars begin to the right of the middle of a slot."""
        step, count = self.width + self.gap, len(self.shares)
        return {name: place * step - (count * step - self.gap) / 2 for place, name in enumerate(self.shares)}

    def middle(self, index: int) -> float:
        """Return the centre of a symbol's slot."""
        return self.left + (index + 0.5) * self.slot

    def x(self, name: str, index: int) -> float:
        """Return the pixel at which a bar begins."""
        return self.middle(index) + self._offsets[name]

    def legend(self, words: Mapping[str, str], stride: float) -> list[AnyMark]:
        """Say what the bars of each distribution are, an entry every `stride` pixels."""
        marks: list[AnyMark] = []
        x = self.left
        for name, text in words.items():
            look = self.looks[name]
            marks.append(Rect(x, 8, 13, 13, look.fill, look.stroke, 2, radius=1))
            marks.append(Text(x + 20, 19, text, look.text, self.frame.text))
            x += stride
        return marks

    def axis(self, title: str = "", ticks: Iterable[float] = (0, 0.25, 0.5, 0.75, 1)) -> list[AnyMark]:
        """Rule the picture, with numbers at 0, 0.5 and 1, and the title above its right end."""
        size = self.frame.text
        marks: list[AnyMark] = [Text(self.right, 19, title, "muted", size, "end")] if title else []
        for tick in ticks:
            y = self.scale(tick)
            marks.append(Line(self.left, y, self.right, y, "faint" if tick else "muted"))
            if tick in (0, 0.5, 1):
                marks.append(Text(self.left - 8, y + 4.5, f"{tick:g}", "muted", size, "end"))
        return marks

    def bars(
        self, name: str, *, labelled: bool, lift: float = 15, number: Callable[[float], str] = two_decimals
    ) -> list[AnyMark]:
        """Draw one distribution; its values stand over the bars, those with a grip `lift` pixels over them."""
        look = self.looks[name]
        above = lift if name == self.edited else 6
        marks: list[AnyMark] = []
        for index, value in enumerate(self.shares[name]):
            x, y, key = self.x(name, index), self.scale(value), f"{name}.{index}"
            if value > 0:
                marks.append(Rect(x, y, self.width, self.base - y, look.fill, look.stroke, 2, key=key))
            if labelled:
                marks.append(
                    Text(
                        x + self.width / 2, y - above, number(value), look.text, self.frame.text, "middle",
                        halo=True, key=f"{key}.value",
                    )
                )  # fmt: skip
        return marks

    def has_room(self, name: str) -> bool:
        """Whether the values of two distributions, or else of the edited one alone, do not get in each other's way."""
        return self.slot > 58 or (name == self.edited and self.width > (13 if self.frame.phone else 17))

    def letter(self, index: int, drop: float = 20, *, bold: bool = False) -> Text:
        """Name a symbol, `drop` pixels under its bars."""
        x, y = self.middle(index), self.base + drop
        return Text(x, y, SYMBOLS[index], "ink", self.frame.text, "middle", bold, key=f"symbol.{index}")

    def handles(
        self,
        words: Callable[[int], str] | None = None,
        label: Callable[[str], str] | None = None,
        radius: float | None = None,
    ) -> list[AnyMark]:
        """Put a grip on each bar of the edited distribution, and a handle over all its slot.

        `words(index)` says the values of a symbol, `label(letter)` names its handle; a grip has a radius for fingers,
        unless another is given.
        """
        name, values = self.edited, self.shares[self.edited]
        stroke = self.looks[name].stroke
        size = radius or (6.5 if self.slot > 30 else 5)
        grips = [
            Dot(self.x(name, i) + self.width / 2, self.scale(value), size, "paper", stroke, 2.5, key=f"grip.{i}")
            for i, value in enumerate(values)
        ]
        handles = [
            Handle(
                f"{name}.{i}", label(SYMBOLS[i]) if label else f"{name} of {SYMBOLS[i]}", "y",
                self.left + i * self.slot, self.scale(value) - REACH, self.slot, 2 * REACH,
                self.base, self.scale(1), 0, 1, 0.01, value, words(i) if words else self._words(i),
            )
            for i, value in enumerate(values)
        ]  # fmt: skip
        return [*grips, *handles]

    def _words(self, index: int) -> str:
        """Say the values of a symbol, the edited one first."""
        names = sorted(self.shares, key=lambda name: name != self.edited)
        said = [f"{name} is {fixed(self.shares[name][index], 3)}" for name in names]
        return f"{SYMBOLS[index]}: {', '.join(said)}"
