"""What the command line can ask of every benchmark."""

from dataclasses import dataclass


class MissingError(RuntimeError):
    """Something that a benchmark needs is not there; the message says what to do."""


@dataclass(frozen=True)
class Options:
    """How to measure."""

    runs: int = 3
    full: bool = False
    """Whether the made-up site of `bench.build` has its full size."""
    slow: int = 1
    """How many times slower the whole browser is made."""
    slow4g: bool = False
    """Whether the browser's link is that of a slow phone network."""
