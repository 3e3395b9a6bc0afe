"""How much room marks take: an estimate of text's width, and the box of every kind of mark."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont

from klweb.scene import AnyMark, Dot, Handle, Line, Rect, Spot, Text
from klweb.scene import Path as Polyline

FONT = Path(__file__).parents[2] / "node_modules/source-sans/VF/SourceSans3VF-Upright.ttf"

# The file's own advances are those of its thinnest weight. Numerals grow by these factors, and
# letters by less, so that an estimate is rather too wide than too narrow.
REGULAR, SEMIBOLD = 497 / 472, 536 / 472


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def inside(self, other: "Box", slack: float = 0) -> bool:
        return (
            self.left >= other.left - slack
            and self.top >= other.top - slack
            and self.right <= other.right + slack
            and self.bottom <= other.bottom + slack
        )


@cache
def advances() -> dict[int, float]:
    font = TTFont(FONT)
    units, metrics = font["head"].unitsPerEm, font["hmtx"]
    return {code: metrics[name][0] / units for code, name in font.getBestCmap().items()}


@cache
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    table = advances()
    missing = [char for char in text if ord(char) not in table]
    assert not missing, f"the font has no {missing}"
    return size * (SEMIBOLD if bold else REGULAR) * sum(table[ord(char)] for char in text)


def around(xs: tuple[float, ...], ys: tuple[float, ...], half: float) -> Box:
    return Box(min(xs) - half, min(ys) - half, max(xs) + half, max(ys) + half)


def box(mark: AnyMark) -> Box:
    """Return the box of a mark, half of its stroke's width included."""
    match mark:
        case Rect():
            half = mark.width / 2 if mark.stroke else 0
            return Box(mark.x - half, mark.y - half, mark.x + mark.w + half, mark.y + mark.h + half)
        case Handle() | Spot():
            return Box(mark.x, mark.y, mark.x + mark.w, mark.y + mark.h)
        case Line():
            return around((mark.x1, mark.x2), (mark.y1, mark.y2), mark.width / 2)
        case Polyline():
            return around(mark.points[::2], mark.points[1::2], mark.width / 2 if mark.stroke else 0)
        case Dot():
            reach = mark.r + (mark.width / 2 if mark.stroke else 0)
            return Box(mark.x - reach, mark.y - reach, mark.x + reach, mark.y + reach)
        case Text():
            width = text_width(mark.text, mark.size, bold=mark.bold)
            left = mark.x - {"start": 0, "middle": width / 2, "end": width}[mark.anchor]
            return Box(left, mark.y - 0.72 * mark.size, left + width, mark.y + 0.22 * mark.size)
