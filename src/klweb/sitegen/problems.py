"""What goes wrong in a source file, with the place where it is."""

from dataclasses import dataclass


@dataclass(unsafe_hash=True)  # not frozen: whatever passes an exception on may set its traceback
class SourceError(ValueError):
    """A mistake in a source file: what, and in which file and line."""

    message: str
    path: str
    line: int | None = None

    def __str__(self) -> str:
        """Read as compilers say it: ``content/index.md:41: message``."""
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"


class BuildError(Exception):
    """Some pages are wrong; `problems` holds every mistake that was found, not just the first."""

    def __init__(self, problems: list[SourceError]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def line_of(text: str, needle: str, start: int = 1) -> int | None:
    r"""Return the number of the first line that holds `needle`, or None.

    >>> line_of("a\nb\nc", "b")
    2
    """
    place = text.find(needle)
    return None if place < 0 or not needle else start + text.count("\n", 0, place)
