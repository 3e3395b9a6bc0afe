"""The one error that bad input raises, and the checks of plain numbers that raise it.

>>> positive(-1, "sigma_p")
Traceback (most recent call last):
    ...
klweb.errors.InputError: sigma_p is -1.0, but it must be greater than 0
"""

import math
import reprlib
import sys
from collections.abc import Iterable, Sequence
from typing import SupportsFloat, SupportsIndex, TypeVar

Element = TypeVar("Element")

LARGEST = sys.float_info.max


class InputError(ValueError):
    """Input that the mathematics has no answer for.

    The message is a sentence for the person who typed the input; it names the argument, the place
    in it and the value. `argument` is the parameter's name and `index` the place (counted from 0;
    the row, in a matrix), or None when the argument as a whole is at fault.

    >>> error = InputError("p[2] is -0.1, but a probability cannot be negative", "p", 2)
    >>> error.argument, error.index
    ('p', 2)
    """

    def __init__(self, message: str, argument: str, index: int | None = None) -> None:
        # All three go to the base class, so that the error survives pickling.
        super().__init__(message, argument, index)
        self.argument = argument
        self.index = index

    def __str__(self) -> str:
        return str(self.args[0])


def place(argument: str, index: int | None) -> str:
    """Name a value as messages do: `p`, or `p[2]`."""
    return argument if index is None else f"{argument}[{index}]"


def finite(value: object, argument: str, index: int | None = None) -> float:
    """Return the value as a finite float.

    Anything that converts itself to a float will do, NumPy scalars and fractions included; text
    will not, even where `float` could read it.

    Raises InputError for anything else, NaN and the infinities.
    """
    # Nearly all values are plain numbers, and asking any other object what it can do is slow.
    if (type(value) is float or type(value) is int) and -LARGEST <= value <= LARGEST:
        return float(value)
    where = place(argument, index)
    is_array = getattr(value, "ndim", 0) != 0
    if is_array or not isinstance(value, SupportsFloat | SupportsIndex):
        message = f"{where} is {reprlib.repr(value)}, but it must be a number"
        raise InputError(message, argument, index)
    try:
        number = float(value)
    except OverflowError:
        message = f"{where} is {reprlib.repr(value)}, which is too large for a float"
        raise InputError(message, argument, index) from None
    except (TypeError, ValueError):
        message = f"{where} is {reprlib.repr(value)}, but it must be a number"
        raise InputError(message, argument, index) from None
    if not math.isfinite(number):
        raise InputError(f"{where} is {number!r}, but it must be finite", argument, index)
    return number


def positive(value: object, argument: str, index: int | None = None) -> float:
    """Return the value as a finite float greater than 0, or raise InputError."""
    number = finite(value, argument, index)
    if number <= 0.0:
        where = place(argument, index)
        raise InputError(f"{where} is {number!r}, but it must be greater than 0", argument, index)
    return number


def same_length(values: Sequence[object], argument: str, others: Sequence[object], other: str) -> None:
    """Raise InputError, about `argument`, unless both sequences have the same length."""
    if len(values) != len(others):
        sizes = f"{argument} has length {len(values)} and {other} has length {len(others)}"
        raise InputError(f"{sizes}, but they must be equally long", argument)


def log_base(value: object) -> float:
    """Return the base of a logarithm: finite and greater than 1, so that the unit is positive.

    Bases between 0 and 1 are refused because they would turn every sign round.
    """
    number = finite(value, "base")
    if number <= 1.0:
        raise InputError(f"base is {number!r}, but it must be greater than 1", "base")
    return number


def elements(values: Iterable[Element], argument: str) -> tuple[Element, ...]:
    """Return the values as a tuple of one or more, or raise InputError."""
    try:
        found = tuple(values)
    except TypeError:
        message = f"{argument} is {reprlib.repr(values)}, but it must be a sequence"
        raise InputError(message, argument) from None
    if not found:
        raise InputError(f"{argument} is empty, but it needs at least one element", argument)
    return found


def vector(values: Iterable[object], argument: str) -> tuple[float, ...]:
    """Return the values as a tuple of one or more finite floats, or raise InputError."""
    # Plain finite floats, nearly all there is, are let through without a call.
    return tuple(
        value if type(value) is float and math.isfinite(value) else finite(value, argument, i)
        for i, value in enumerate(elements(values, argument))
    )
