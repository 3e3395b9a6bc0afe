"""How numbers are printed, in figures, readouts and sentences alike.

>>> fixed(-0.31699, 3), fixed(float("inf"), 4), bits(0.48300)
('−0.317', '∞', '0.4830 bits')
"""

import math
from collections.abc import Sequence


def fixed(value: float, digits: int) -> str:
    """Return `value` with `digits` decimals, a true minus sign, no minus zero, and ∞ for infinity."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits}f}"
    if text[0] != "-":
        return text
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def bits(value: float, digits: int = 4) -> str:
    """Return `value` followed by its unit."""
    return f"{fixed(value, digits)} bits"


def listed(items: Sequence[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["A"]), listed(["A", "B", "C"])
    ('A', 'A, B and C')
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
