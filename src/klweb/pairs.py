"""Pairs of distributions on one alphabet, and what happens to them when a reader moves one number."""

import math
from typing import Any

SYMBOLS = "ABCDEFGHIJKL"
"""The alphabet, of which a pair takes as many letters as it needs."""


def rescaled(probabilities: list[float], index: int, value: float) -> list[float]:
    """Set one probability and scale the others so that all still sum to 1.

    Where the others have nothing to scale, they share what is left equally.

    >>> rescaled([0.5, 0.25, 0.25], 0, 0.75)
    [0.75, 0.125, 0.125]
    >>> rescaled([1.0, 0.0, 0.0], 0, 0.5)
    [0.5, 0.25, 0.25]
    """
    others = [item for place, item in enumerate(probabilities) if place != index]
    if not others:
        return [1.0]
    total = math.fsum(others)
    rest = [item / total * (1 - value) if total > 0 else (1 - value) / len(others) for item in others]
    return [*rest[:index], value, *rest[index:]]


def resized(probabilities: list[float], count: int) -> list[float]:
    """Fit a distribution to an alphabet of another size: dropped symbols leave their share, new ones get a fair one."""
    kept = probabilities[:count]
    weights = kept + [1 / len(probabilities)] * (count - len(kept))
    total = math.fsum(weights)
    return [weight / total for weight in weights] if total > 0 else [1 / count] * count


def fitted(state: dict[str, Any]) -> None:
    """Fit the shorter alphabet of ``p`` and ``q`` to the longer one, where a link gives only one of the two."""
    if len(state["p"]) != len(state["q"]):
        count = max(len(state["p"]), len(state["q"]))
        for name in ("p", "q"):
            if len(state[name]) != count:
                state[name] = resized(state[name], count)
