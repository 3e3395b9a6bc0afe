"""Pairs of distributions on one alphabet, and what happens to them when a reader moves one number."""

import math
from typing import Any

SYMBOLS = "ABCDEFGHIJKL"
"""The alphabet, of which a pair takes as many letters as it needs."""

TRUTH, MODEL = (0.45, 0.25, 0.2, 0.1), (0.15, 0.25, 0.2, 0.4)
"""The pair that the second chapter's figures begin with."""


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


def moved(state: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Set a control of a state with a pair: one entry moves the others, a whole list fits the other to its alphabet.

    Where a state says which distribution is being edited (``edit``), that is then the one which was set. Any other
    control just takes its value.

    >>> moved({"p": [0.5, 0.5], "q": [1.0, 0.0], "edit": "q"}, "p.0", 0.25)
    {'p': [0.25, 0.75], 'q': [1.0, 0.0], 'edit': 'p'}
    >>> moved({"p": [0.5, 0.5], "q": [1.0]}, "q", [0.2, 0.3, 0.5])["p"]
    [0.3333333333333333, 0.3333333333333333, 0.3333333333333333]
    """
    head, _, index = name.partition(".")
    if index:
        changed = {head: rescaled(state[head], int(index), value)}
    elif head in ("p", "q"):
        other = "q" if name == "p" else "p"
        changed = {name: value, other: resized(state[other], len(value))}
    else:
        return {**state, name: value}
    return {**state, **changed, **({"edit": head} if "edit" in state else {})}


def fitted(state: dict[str, Any]) -> None:
    """Fit the shorter alphabet of ``p`` and ``q`` to the longer one, where a link gives only one of the two."""
    if len(state["p"]) != len(state["q"]):
        count = max(len(state["p"]), len(state["q"]))
        for name in ("p", "q"):
            if len(state[name]) != count:
                state[name] = resized(state[name], count)
