"""What a visit may be hindered by: a slow machine, a slow link, both, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.link import slow4g


def fewer(wanted: int) -> int:
    """Return how often to measure what takes long and varies little: a third as often, and at least once."""
    return -(-wanted // 3)


@dataclass(frozen=True)
class Condition:
    """One way to hinder a browser."""

    name: str
    """What the command line calls it."""
    words: str
    """What tables call it."""
    times: int = 1
    """How many times slower the whole browser is made."""
    link: bool = False
    """Whether its link is that of a slow phone network."""
    settle: float = 5.0
    """Seconds that a page stays open after its answer, before it is visited again."""

    def runs(self, wanted: int) -> int:
        """Return how often to measure: over a slow link a third as often, because the link itself decides.

        >>> [FULL.runs(count) for count in (1, 3, 4)], [LINK.runs(count) for count in (1, 3, 4)]
        ([1, 3, 4], [1, 1, 2])
        """
        return fewer(wanted) if self.link else wanted


FULL = Condition("full", "full speed")
SLOW = Condition("slow", "slowed 4 ×", times=4, settle=10)
LINK = Condition("4g", "slow 4G", link=True, settle=10)
BOTH = Condition("both", "slow 4G, slowed 4 ×", times=4, link=True, settle=10)
CONDITIONS = {condition.name: condition for condition in (FULL, SLOW, LINK, BOTH)}


@contextmanager
def linked(url: str, condition: Condition) -> Iterator[str]:
    """Put the condition's link in front of a server; yield the URL to visit."""
    if not condition.link:
        yield url
        return
    with slow4g(url) as slower:
        yield slower
