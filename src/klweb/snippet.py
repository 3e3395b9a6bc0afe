"""Lines of Python that compute what a figure shows, written for the state that it is in.

They use the core as anybody would who has klweb installed, and hold every number in full, so that they print the very
doubles that stand under the figure.

>>> lines = [assigned("p", [0.5, 0.5], "a fair coin"), "", shown("H(p)", "entropy(p)", "bits")]
>>> print(script("categorical: entropy", lines))
from klweb.categorical import entropy
<BLANKLINE>
p = [0.5, 0.5]  # a fair coin
<BLANKLINE>
print("H(p) =", entropy(p), "bits")
<BLANKLINE>
"""

from collections.abc import Iterable, Sequence

WIDTH = 60
"""Where lists are broken, in characters: most of a line fits on a phone."""

Value = float | int | str | Sequence[float] | Sequence[str]


def script(imports: str, lines: Iterable[str]) -> str:
    """Return a whole script: what it imports from the core, as ``module: name, name; module: name``, and its lines.

    >>> script("coding: huffman; categorical: kl", ["..."]).splitlines()[:2]
    ['from klweb.coding import huffman', 'from klweb.categorical import kl']
    """
    modules = (item.split(": ") for item in imports.split("; "))
    head = [f"from klweb.{module} import {names}" for module, names in modules]
    return "\n".join([*head, "", *lines, ""])


def assigned(name: str, value: Value, words: str = "") -> str:
    """Return the line or lines that give a value to a name, with a comment; numbers round-trip exactly.

    >>> assigned("mu", 0.1), assigned("coin", ())
    ('mu = 0.1', 'coin = []')
    >>> print(assigned("p", [1 / 3] * 4, "the truth"))
    p = [  # the truth
        0.3333333333333333, 0.3333333333333333,
        0.3333333333333333, 0.3333333333333333,
    ]
    """
    comment = f"  # {words}" if words else ""
    if isinstance(value, str | int | float):
        return f"{name} = {literal(value)}{comment}"
    items = [literal(item) for item in value]
    line = f"{name} = [{', '.join(items)}]"
    if len(line) + len(comment) <= WIDTH:
        return line + comment
    rows = ["   "]
    for item in items:
        if len(rows[-1]) + len(item) + 2 > WIDTH and rows[-1].strip():
            rows.append("   ")
        rows[-1] += f" {item},"
    return "\n".join([f"{name} = [{comment}", *rows, "]"])


def literal(value: float | str) -> str:
    """Write a number or a plain word as Python reads it.

    >>> literal(0.1), literal(20), literal("entropy")
    ('0.1', '20', '"entropy"')
    """
    return f'"{value}"' if isinstance(value, str) else repr(value)


def shown(symbol: str, expression: str, unit: str = "") -> str:
    """Return the line that prints a readout under its symbol.

    >>> shown("|p − q|", "abs(p - q)")
    'print("|p − q| =", abs(p - q))'
    """
    end = f', "{unit}"' if unit else ""
    return f'print("{symbol} =", {expression}{end})'
