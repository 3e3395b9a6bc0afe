"""What was aimed at, and whether it was reached."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.table import figures


@dataclass(frozen=True)
class Target:
    """A figure that should be no greater than a limit."""

    what: str
    found: float
    """NaN if it was not measured."""
    limit: float
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the figure was measured and is within the limit."""
        return self.found <= self.limit

    def __str__(self) -> str:
        """Say it in a line.

        >>> print(Target("first visit ÷ PyScript", 0.214, 0.25))
        first visit ÷ PyScript: 0.214 (target 0.25): met
        >>> print(Target("longest task", 66, 50, " ms"))
        longest task: 66.0 ms (target 50 ms): not met
        >>> print(Target("longest task", math.nan, 50, " ms"))
        longest task: not measured (target 50 ms)
        """
        aim = f"(target {self.limit:g}{self.unit})"
        if math.isnan(self.found):
            return f"{self.what}: not measured {aim}"
        # Three digits, so that a figure just above its limit does not look like it.
        return f"{self.what}: {figures(self.found, 3)}{self.unit} {aim}: {'met' if self.met else 'not met'}"


def lines(targets: Iterable[Target]) -> str:
    """Return a list in Markdown."""
    return "\n".join(f"- {target}" for target in targets)
