r"""Runs what a reader wrote in the cell below a figure, and tells the page what came of it.

The cell's own worker calls this, in a whole Python; the frozen one that answers the figures can't compile anything.
Each run begins with nothing but its own lines, so that what stands in the cell is all that there is to it.

>>> said = []
>>> run("print('D =', 0.5)\n2 + 3", lambda kind, text: said.append((kind, text)))
True
>>> said
[('out', 'D ='), ('out', ' '), ('out', '0.5'), ('out', '\n'), ('value', '5\n')]
"""

import ast
import io
import linecache
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib.util import find_spec
from typing import Any, NoReturn

NAME = "<cell>"
"""The name under which tracebacks know the cell's lines."""

Say = Callable[[str, str], object]
"""Takes a kind, which is ``out``, ``err``, ``value`` or ``hint``, and a text."""


def run(text: str, say: Say) -> bool:
    """Run a text as a script; return whether it came to its end.

    What it prints is said as ``out`` and ``err``, and the value of an expression at the end as ``value``, unless that
    is None. An exception is said as ``err``, as Python would, with the cell's own lines alone; where more can be said
    of its cause, that is a ``hint``.
    """
    linecache.cache[NAME] = (len(text), None, text.splitlines(keepends=True), NAME)
    names = {"__name__": "__main__", "input": _no_input}
    with redirect_stdout(_Channel("out", say)), redirect_stderr(_Channel("err", say)):
        try:
            value = _value(text, names)
            if value is not None:
                say("value", f"{value!r}\n")
        except SystemExit as stop:
            if isinstance(stop.code, str):
                say("err", f"{stop.code}\n")
            return stop.code in (None, 0)
        except BaseException as error:  # noqa: BLE001  whatever a reader's lines raise is theirs to see
            say("err", told(error))
            hint = _hint(error)
            if hint:
                say("hint", f"{hint}\n")
            return False
    return True


def wanted(text: str) -> list[str]:
    r"""List the packages that a text imports and this Python doesn't have, as far as it can be read.

    >>> wanted("import math, no_such_package.part\nfrom klweb.gaussian import kl")
    ['no_such_package']
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # running it will say what is wrong
    found = dict.fromkeys(name.partition(".")[0] for name in _imported(tree))
    return [name for name in found if find_spec(name) is None]


def told(error: BaseException) -> str:
    """Return a traceback that holds the cell's own lines alone, and those of no library.

    >>> try:
    ...     1 / 0
    ... except ZeroDivisionError as error:
    ...     print(told(error), end="")
    ZeroDivisionError: division by zero
    """
    found = traceback.TracebackException.from_exception(error)
    _trim(found)
    return "".join(found.format())


def _value(text: str, names: dict[str, Any]) -> object:
    """Run all but an expression at the end, and return the value of that."""
    body = ast.parse(text, NAME).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), NAME, "exec"), names)  # noqa: S102  it is what a cell is for
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), NAME, "eval"), names)  # noqa: S307  it is what a cell is for


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (item.name for item in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _trim(found: traceback.TracebackException) -> None:
    """Leave the frames of other files out, also of what it was raised from, or while."""
    own = [frame for frame in found.stack if frame.filename == NAME]
    found.stack = traceback.StackSummary.from_list(own) if own else None  # type: ignore[assignment]
    for other in (found.__cause__, found.__context__, *(found.exceptions or ())):
        if other:
            _trim(other)


def _hint(error: BaseException) -> str:
    """Say what can be done about a package that isn't there."""
    if not isinstance(error, ModuleNotFoundError) or not error.name or "." in error.name:
        return ""
    return (
        f"{error.name} isn’t part of this copy of the site, which loads nothing from elsewhere. The standard library "
        f"and klweb are here. With a Python of your own, pip install {error.name} and klweb, and run these lines there."
    )


def _no_input(_prompt: object = "") -> NoReturn:
    raise RuntimeError("input() doesn’t work in this cell: write the value into the lines instead")


class _Channel(io.TextIOBase):
    """A stream that says everything at once."""

    def __init__(self, kind: str, say: Say) -> None:
        self.kind, self.say = kind, say

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.say(self.kind, text)
        return len(text)
