"""Figures as people read them, and tables of them in Markdown."""

import math
from collections.abc import Iterable, Sequence
from statistics import median


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table: words on the left, figures set to the right.

    >>> print(table(["page", "kB"], [["front", "61.2"]]))
    | page | kB |
    | --- | ---: |
    | front | 61.2 |

    Raises
    ------
    ValueError
        If a row has another length than the head.
    """
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"a row of {len(row)} cells under a head of {len(head)}: {row}")
        lines.append(row)
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def section(title: str, body: str, *notes: str) -> str:
    """Return a table with its title above and its notes below it."""
    return "\n\n".join([f"## {title}", body, *notes])


def figures(value: float, digits: int = 2) -> str:
    """Round to significant digits, without an exponent; what is not a number is a dash.

    >>> figures(1.234), figures(0.0345), figures(123.4), figures(math.nan), figures(math.inf)
    ('1.2', '0.035', '123', '–', '∞')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞"
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")  # first, because it may gain a digit
    places = digits - 1 - math.floor(math.log10(abs(rounded)))
    return f"{value:.{max(places, 0)}f}"


def kilobytes(count: int) -> str:
    """Return bytes as kB of 1,000 bytes.

    >>> kilobytes(61234), kilobytes(5512345)
    ('61.2', '5,512')
    """
    return f"{count / 1e3:.1f}" if count < 1e6 else f"{count / 1e3:,.0f}"


def middle(values: Iterable[float]) -> float:
    """Return the median, or NaN of nothing.

    >>> middle([3, 1, 2]), middle([1, 2])
    (2, 1.5)
    """
    known = list(values)
    return median(known) if known else math.nan


def quantile(values: Iterable[float], share: float) -> float:
    """Return the smallest value that at least such a share does not exceed, or NaN of nothing.

    >>> quantile(range(1, 101), 0.95), quantile([7], 0.5)
    (95, 7)
    """
    known = sorted(values)
    return known[max(math.ceil(share * len(known)), 1) - 1] if known else math.nan


def ratio(value: float, base: float) -> str:
    """Return how many times `base` a value is.

    >>> ratio(1.0, 4.0), ratio(1.0, 0.0)
    ('0.25 ×', '–')
    """
    return f"{figures(value / base)} ×" if base and not math.isnan(value / base) else "–"
