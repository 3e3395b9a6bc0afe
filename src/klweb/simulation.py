"""Random draws that a seed repeats: the same in every browser, in the build, and in the tests.

A draw is made of one uniform number, by inverting the distribution function. So when a reader moves a probability, the
same luck falls on other symbols, and walks bend instead of jumping.

Source: L. Devroye, Non-Uniform Random Variate Generation (1986), II.2; the numbers come from CPython's Mersenne
Twister.
"""

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

MOST = 1000
"""How many draws a simulation can be asked for."""

SEEDS = 9999
"""Seeds go from 1 to this."""

STEPS = {"draw-1": 1, "draw-10": 10, "draw-100": 100, "draw-1000": 1000}
"""Names of the buttons that draw, and how often they do."""

STREAMS = 1024
"""How many independent streams of numbers a seed has."""


@lru_cache(maxsize=64)
def uniforms(seed: int, count: int, stream: int = 0) -> tuple[float, ...]:
    """Return `count` numbers, each uniform on [0, 1): the same ones for the same seed and stream.

    Longer sequences begin with the shorter ones.

    >>> uniforms(1, 3) == uniforms(1, 5)[:3]
    True
    >>> uniforms(1, 2) in (uniforms(2, 2), uniforms(1, 2, stream=1))
    False
    """
    draw = random.Random(seed * STREAMS + stream).random  # noqa: S311  nothing is kept secret by it
    return tuple(draw() for _ in range(count))


def draws(p: Sequence[float], luck: Sequence[float]) -> list[int]:
    """Return the symbols, counted from 0, that uniform numbers stand for under a distribution.

    Symbols of probability 0 are never drawn.

    >>> draws([0.25, 0.0, 0.75], [0.0, 0.2, 0.25, 0.99])
    [0, 0, 2, 2]
    """
    last = max(index for index, value in enumerate(p) if value > 0)
    # Without the edges from the last possible symbol on: rounding may leave them a little below 1.
    edges = list(accumulate(p))[:last]
    return [bisect_right(edges, number) for number in luck]


def pressed(state: Mapping[str, Any], button: str) -> dict[str, Any]:
    """Return what a button of a simulation changes in a state: its draws or its seed; nothing for other buttons.

    >>> state = {"draws": 995, "seed": SEEDS}
    >>> pressed(state, "draw-10"), pressed(state, "clear"), pressed(state, "reseed"), pressed(state, "p")
    ({'draws': 1000}, {'draws': 0}, {'seed': 1}, {})
    """
    if button in STEPS:
        return {"draws": min(MOST, state["draws"] + STEPS[button])}
    return {"clear": {"draws": 0}, "reseed": {"seed": state["seed"] % SEEDS + 1}}.get(button, {})
