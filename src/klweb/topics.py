"""Topics, and what each of them needs: a graph without cycles, from counting to what rests on KL divergence.

An arrow leads from a topic to each one that needs it directly. Direct needs alone are written down, in
``content/topics.toml``; all else follows from them: what a topic rests on, what it opens, how long its longest chain
is, and which way leads from what a reader knows to what that reader wants to know.

Topics come in a *followable* order, in which each one stands after all that it needs. Sets of topics are integers
whose bit ``i`` is the ``i``-th topic of that order, so that what is left of a way is ``(below(goal) | goal) & ~known``,
here and in the page's JavaScript alike.

>>> graph = Graph([
...     Topic("counting", "Counting", "primary", 30),
...     Topic("adding", "Adding", "primary", 60, needs={"counting": "a sum is counted on"}),
...     Topic("doubling", "Doubling", "primary", 20, needs={"adding": "a double is a sum"}),
... ])
>>> [topic.title for topic in graph.path(["doubling"], known=["counting"])], graph.depth("doubling")
(['Adding', 'Doubling'], 3)
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from pathlib import Path
from pkgutil import get_data
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any

from klweb.errors import InputError

LEVELS = ("primary", "lower-secondary", "upper-secondary", "undergraduate", "graduate")
"""Where a topic is usually taught, from the easiest level to the hardest."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to know. What the map does not use (`summary`, for one) is empty in the browser."""

    id: str
    title: str
    level: str
    """One of `LEVELS`."""
    minutes: int
    """How long it takes to learn once, for somebody who knows all that it needs."""
    summary: str = ""
    """One line of plain text."""
    keywords: tuple[str, ...] = ()
    idea: str = ""
    """The core idea in a few sentences, as Markdown."""
    page: str = ""
    """The page of the site that teaches it, if there is one: a name in ``content/``, perhaps with ``#anchor``."""
    was: tuple[str, ...] = ()
    """The ids that it had in earlier releases."""
    needs: dict[str, str] = field(default_factory=dict, hash=False)
    """The ids of the topics that it needs directly, and why it needs each of them."""


class GraphError(InputError):
    """Everything that is wrong with a table of topics.

    Each of `problems` is an `InputError` of its own, whose `argument` is the id of the topic at fault.
    """

    def __init__(self, problems: Iterable[InputError]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)), "topics")

    def __reduce__(self) -> tuple[type["GraphError"], tuple[tuple[InputError, ...]]]:
        return type(self), (self.problems,)


class Graph:
    """Topics in a followable order.

    Methods take ids and give topics, always in that order. An id that there is not raises `InputError`, except among
    what is known: what a reader knows may be more than there is here.

    Parameters
    ----------
    topics
        Each after all that it needs. This is not checked: `Graph.read` does that, and finds such an order.
    """

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._topics = tuple(topics)
        self._place = {topic.id: place for place, topic in enumerate(self._topics)}
        self._now = {old: topic.id for topic in self._topics for old in topic.was}
        self._needs = [sorted(self._place[need] for need in topic.needs) for topic in self._topics]
        self._opens: list[list[int]] = [[] for _ in self._topics]
        self._below: list[int] = []
        self._above = [0] * len(self._topics)
        self._depth: list[int] = []
        for place, needs in enumerate(self._needs):
            below = 0
            for need in needs:
                self._opens[need].append(place)
                below |= self._below[need] | 1 << need
            self._below.append(below)
            self._depth.append(1 + max((self._depth[need] for need in needs), default=0))
        for place in reversed(range(len(self._topics))):
            for need in self._needs[place]:
                self._above[need] |= self._above[place] | 1 << place

    # ── topics one by one ────────────────────────────────────────────────────────────────────

    def __len__(self) -> int:
        return len(self._topics)

    def __iter__(self) -> Iterator[Topic]:
        return iter(self._topics)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._place

    def __getitem__(self, id_: str) -> Topic:
        return self._topics[self.place(id_)]

    def place(self, id_: str) -> int:
        """Return where in the order a topic stands, counted from 0."""
        try:
            return self._place[id_]
        except (KeyError, TypeError):
            raise InputError(f"There is no topic {shortened(id_)}", "topic") from None

    def resolve(self, id_: str) -> str | None:
        """Return what a topic is called now, whether the id is of today or of an earlier release; else None."""
        return id_ if id_ in self._place else self._now.get(id_)

    # ── what a topic needs, and what it opens ────────────────────────────────────────────────

    def needs(self, id_: str) -> list[Topic]:
        """List the topics that one needs directly."""
        return [self._topics[place] for place in self._needs[self.place(id_)]]

    def opens(self, id_: str) -> list[Topic]:
        """List the topics that need one directly."""
        return [self._topics[place] for place in self._opens[self.place(id_)]]

    def below(self, id_: str) -> list[Topic]:
        """List all that a topic rests on, directly or not; itself is not among them."""
        return self._listed(self._below[self.place(id_)])

    def above(self, id_: str) -> list[Topic]:
        """List all that rests on a topic, directly or not; itself is not among them."""
        return self._listed(self._above[self.place(id_)])

    def mask(self, id_: str) -> int:
        """Return what a topic rests on as a number, whose bit ``i`` is the ``i``-th topic of the order."""
        return self._below[self.place(id_)]

    def depth(self, id_: str) -> int:
        """Return how many topics the longest chain that ends with this one has, itself included."""
        return self._depth[self.place(id_)]

    def chain(self, id_: str) -> list[Topic]:
        """Return the longest chain that ends with a topic, each of its topics a direct need of the next.

        Of several, the one that goes back through the earliest topics of the order.
        """
        place = self.place(id_)
        found = [place]
        while self._needs[place]:
            place = max(self._needs[place], key=self._depth.__getitem__)
            found.append(place)
        return [self._topics[place] for place in reversed(found)]

    # ── ways ─────────────────────────────────────────────────────────────────────────────────

    def path(self, goals: Iterable[str], known: Iterable[str] = ()) -> list[Topic]:
        """List what is left to learn for all of the goals: them and what they rest on, without what is known."""
        return self._listed(self._left(goals, known))

    def ready(self, goals: Iterable[str], known: Iterable[str] = ()) -> list[Topic]:
        """List those topics of `path` that can be learnt now: nothing that they need is left."""
        left = self._left(goals, known)
        return [topic for topic in self._listed(left) if not left & self._mask(topic.needs)]

    def _left(self, goals: Iterable[str], known: Iterable[str]) -> int:
        wanted = 0
        for goal in goals:
            place = self.place(goal)
            wanted |= self._below[place] | 1 << place
        return wanted & ~self._mask(known)

    def _mask(self, ids: Iterable[str]) -> int:
        mask = 0
        for id_ in ids:
            if id_ in self._place:
                mask |= 1 << self._place[id_]
        return mask

    def _listed(self, mask: int) -> list[Topic]:
        return [topic for place, topic in enumerate(self._topics) if mask >> place & 1]

    # ── in and out ───────────────────────────────────────────────────────────────────────────

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> "Graph":
        """Check a table of topics, as ``content/topics.toml`` holds it, and put it in order.

        Of all orders that can be followed it is the one in which easier levels come as early as they can; topics of one
        level stand as in the table.

        Raises
        ------
        GraphError
            With everything that is wrong: missing, unknown and ill-shaped entries; needs that are no topics; cycles;
            direct needs that are reached through another one as well; topics that neither need nor open anything; old
            ids that say nothing clear.
        """
        reader = _Reader(table)
        graph = cls(reader.topics())
        if reader.problems:
            raise GraphError(reader.problems)
        return graph

    def packed(self) -> dict[str, Any]:
        """Return what the map uses as plain data, in order; `unpacked` reads it."""
        return {
            "topics": [
                {
                    "id": topic.id, "title": topic.title, "level": topic.level, "minutes": topic.minutes,
                    "needs": list(topic.needs), **({"was": list(topic.was)} if topic.was else {}),
                }
                for topic in self._topics
            ]
        }  # fmt: skip

    @classmethod
    def unpacked(cls, data: Mapping[str, Any]) -> "Graph":
        """Read what `packed` returned. It was checked when it was written, and is not checked again."""
        return cls(
            Topic(
                entry["id"], entry["title"], entry["level"], entry["minutes"],
                was=tuple(entry.get("was", ())), needs=dict.fromkeys(entry["needs"], ""),
            )
            for entry in data["topics"]
        )  # fmt: skip


# ── reading and checking ─────────────────────────────────────────────────────────────────────


def _is_line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\n" not in value


def _is_list(of: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(map(of, value))


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


_KEYS: dict[str, tuple[Callable[[object], bool], str]] = {
    "title": (_is_line, "a line of text"),
    "level": (lambda value: value in LEVELS, f"one of {', '.join(LEVELS)}"),
    "minutes": (lambda value: type(value) is int and value > 0, "a whole number greater than 0"),
    "summary": (_is_line, "a line of text"),
    "keywords": (_is_list(_is_line), "a list of lines of text"),
    "idea": (lambda value: isinstance(value, str) and bool(value.strip()), "a text"),
    "page": (_is_line, "the name of a page"),
    "was": (_is_list(_is_id), "a list of ids"),
    "needs": (
        lambda value: isinstance(value, Mapping) and all(map(_is_line, value.values())),
        "a table that says in a line for each topic why it is needed",
    ),
}
"""What a topic's table may hold: how each entry is checked, and what a message says it must be."""

_OPTIONAL = ("page", "was", "needs")


class _Reader:
    """Reads a table of topics as well as it can, and notes everything that is wrong with it."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.problems: list[InputError] = []
        self.entries = {id_: self._entry(id_, entry) for id_, entry in table.items()}
        if not self.entries:
            self._note("topics", "the table has no topics")
        self.needs = {id_: list(entry.get("needs", ())) for id_, entry in self.entries.items()}
        self._check_old_ids()
        self._check_known()
        self.order = self._sorted()
        self._check_redundant()

    def topics(self) -> list[Topic]:
        """Return the topics in order, without what is wrong with them."""
        found = []
        for id_ in self.order:
            entry = {"title": "", "level": LEVELS[0], "minutes": 1, **self.entries[id_]}
            whys = entry.get("needs", {})
            entry["needs"] = {need: whys[need] for need in self.needs[id_]}
            for key in ("keywords", "was"):
                entry[key] = tuple(entry.get(key, ()))
            found.append(Topic(id_, **entry))
        return found

    def _note(self, id_: str, message: str) -> None:
        self.problems.append(InputError(f"{id_}: {message}", id_))

    def _entry(self, id_: str, entry: object) -> dict[str, Any]:
        """Return the good parts of a topic's table."""
        if not _is_id(id_):
            self._note(id_, "an id has small letters and digits, with single hyphens between them")
        if not isinstance(entry, Mapping):
            self._note(id_, f"a topic is a table, but this is {shortened(entry)}")
            return {}
        for key in _KEYS:
            if key not in entry and key not in _OPTIONAL:
                self._note(id_, f"{key} is missing")
        good = {}
        for key, value in entry.items():
            if key not in _KEYS:
                self._note(id_, f"there is no entry {key!r}; a topic has {', '.join(_KEYS)}")
            elif not _KEYS[key][0](value):
                self._note(id_, f"{key} must be {_KEYS[key][1]}, but is {shortened(value)}")
            else:
                good[key] = value
        return good

    def _check_old_ids(self) -> None:
        owners: dict[str, str] = {}
        for id_, entry in self.entries.items():
            for old in entry.get("was", ()):
                if old in self.entries:
                    self._note(id_, f"it cannot have been {old}, which is a topic today")
                elif old in owners:
                    self._note(id_, f"it cannot have been {old}: {owners[old]} was that already")
                owners.setdefault(old, id_)

    def _check_known(self) -> None:
        """Note needs that are no topics and leave them out; note topics that nothing leads to or away from."""
        now = {old: id_ for id_, entry in self.entries.items() for old in entry.get("was", ())}
        needed = {need for needs in self.needs.values() for need in needs}
        for id_, needs in self.needs.items():
            if not needs and id_ not in needed:
                self._note(id_, "it neither needs nor opens anything: join it to the others, or leave it out")
            for need in needs:
                if need not in self.entries:
                    near = [now[need]] if need in now else get_close_matches(need, self.entries, 1)
                    self._note(id_, f"it needs {need}, which is no topic{f'; {near[0]} is' if near else ''}")
            self.needs[id_] = [need for need in needs if need in self.entries]

    def _sorted(self) -> list[str]:
        """Return the ids in a followable order; note cycles, and open each."""
        while True:
            sorter = TopologicalSorter(self.needs)
            try:
                sorter.prepare()
            except CycleError as error:
                self._open(error.args[1])
            else:
                return self._followed(sorter)

    def _open(self, cycle: Sequence[str]) -> None:
        """Note a cycle, in which each topic is needed by the next, and leave its last arrow out."""
        places = list(self.entries)
        ring = list(cycle[:-1])
        first = ring.index(min(ring, key=places.index))
        ring = [*ring[first:], *ring[:first]]
        trail = " → ".join([*ring, ring[0]])
        self._note(ring[0], f"it needs itself, since there is a cycle: {trail} (each is needed by the next)")
        self.needs[ring[0]].remove(ring[-1])

    def _followed(self, sorter: "TopologicalSorter[str]") -> list[str]:
        """Take of all topics that can come next the easiest, and of these the first of the table."""
        ranks = {
            id_: (LEVELS.index(entry.get("level", LEVELS[0])), place)
            for place, (id_, entry) in enumerate(self.entries.items())
        }
        order: list[str] = []
        free: list[tuple[tuple[int, int], str]] = []
        while sorter.is_active():
            for id_ in sorter.get_ready():
                heappush(free, (ranks[id_], id_))
            order.append(heappop(free)[1])
            sorter.done(order[-1])
        return order

    def _check_redundant(self) -> None:
        below: dict[str, set[str]] = {}
        for id_ in self.order:
            needs = self.needs[id_]
            below[id_] = set(needs).union(*(below[need] for need in needs))
            for need in needs:
                through = [other for other in needs if need in below[other]]
                if through:
                    self._note(id_, f"it needs {need} through {through[0]} already: leave the direct need out")


# ── the topics of the site ───────────────────────────────────────────────────────────────────

PACKED = Path(__file__).with_name("topics.json")
"""Where a wheel has its topics, as `Graph.packed` gives them; in a checkout there is no such file."""
SOURCE = Path(__file__).parents[2] / "content" / "topics.toml"
"""Where a checkout has them."""

TOPICS: Graph
"""The topics of the site, read when they are first asked for. Say ``topics.TOPICS`` rather than import the name, so
that a mistake in the file shows where the topics are used, and not where a module is imported."""


def load() -> Graph:
    """Read the topics of the site: those of the wheel, be it unpacked or not, or else those of the checkout.

    Raises
    ------
    GraphError
        If the checkout's file holds mistakes.
    """
    try:
        packed = get_data("klweb", PACKED.name)
    except OSError:
        packed = None
    if packed is not None:
        return Graph.unpacked(json.loads(packed))
    import tomllib  # noqa: PLC0415  a checkout alone needs it

    return Graph.read(tomllib.loads(SOURCE.read_text(encoding="utf-8")))


if not TYPE_CHECKING:  # a type checker would take any name for one of this module's

    def __getattr__(name):
        if name != "TOPICS":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # Kept in the module, not in a cache: the frozen Python empties its caches, and has no files to read again.
        graph = globals()["TOPICS"] = load()
        return graph
