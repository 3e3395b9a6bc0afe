"""The topic map: what a topic needs and what it opens, some steps outward, and the way to a goal.

Both pictures run from top to bottom, as learning does. Around a topic stand what it needs, above, and what it opens,
below, in a layer for each step from the middle. Lines join the middle to its nearest layers, and layers to each other;
which topics of two layers belong together is said in words, since lines for all of it would be a thicket. The way to a
goal is a board of numbered steps, level by level, and names those steps that a reader should look at.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple

from klweb import topics
from klweb.errors import InputError
from klweb.parameter import Choice, Number, TopicId, TopicSet, shorten
from klweb.scene import AnyMark, Dot, Line, Path, Rect, Role, Scene, Spot, Text
from klweb.snippet import assigned, script, shown
from klweb.topics import LEVELS, Graph, Topic
from klweb.widget import Frame, Preset, Readout, State, Table, View, Widget
from klweb.words import listed

PARAMETERS = (
    TopicId("topic", "topic in the middle", "kl-divergence"),
    Choice("show", "Show", (("around", "what is around it"), ("path", "the way to the goal")), "around"),
    Number("reach", "steps outward", 1, 4, 1, 1, "n", whole=True, when=("show", "around")),
    TopicSet("goals", "goals"),
    TopicSet("known", "topics that you know"),
)
PRESETS = (
    Preset(
        "kl-divergence",
        "KL divergence",
        "What leads straight to KL divergence, and what starts from it. Press a topic to put it in the middle.",
    ),
    Preset(
        "two-steps",
        "Two steps around it",
        "One step further out: what its needs need, and what becomes of what it opens.",
        {"reach": 2},
    ),
    Preset(
        "way-to-elbo",
        "The way to the ELBO",
        "Every step from counting to the evidence lower bound, in an order that can be followed.",
        {"topic": "elbo", "show": "path", "goals": ["elbo"]},
    ),
    Preset(
        "nearly-there",
        "Most of the way known",
        "Whoever knows entropy and all that it rests on has most of the way to the ELBO behind them.",
        {"topic": "elbo", "show": "path", "goals": ["elbo"], "known": ["entropy*"]},
    ),
    Preset(
        "entropy",
        "Entropy",
        "Entropy is where probability meets logarithms, and where information theory begins.",
        {"topic": "entropy"},
    ),
    Preset(
        "bregman-divergence",
        "Bregman divergence",
        "A geometric reading of KL divergence, which rests on calculus as much as on probability.",
        {"topic": "bregman-divergence", "reach": 2},
    ),
    Preset(
        "fractions",
        "Fractions",
        "A topic of primary school opens more of this map than any theorem does.",
        {"topic": "fractions", "reach": 2},
    ),
    Preset(
        "three-steps",
        "Three steps around it",
        "Three steps out, KL divergence reaches from school mathematics to machine learning.",
        {"reach": 3},
    ),
)


def change(state: State, name: str, value: Any) -> State:
    """Set a control; a topic that is set, or pressed in the picture (``topic.entropy``), comes into the middle."""
    head, _, pressed = name.partition(".")
    if head != "topic":
        return {**state, name: value}
    if pressed and pressed not in topics.TOPICS:
        raise InputError(f"There is no topic {shorten(pressed)}", name)
    return {**state, "topic": pressed or value, "show": "around"}


# ── what is shown ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Now:
    """A state, and what it comes to."""

    graph: Graph
    topic: Topic
    reach: int
    is_path: bool
    chosen: tuple[Topic, ...]
    """The goals that a reader set."""
    known: frozenset[str]

    @cached_property
    def goals(self) -> tuple[Topic, ...]:
        """Where the way leads: to the middle, where no goal is set."""
        return self.chosen or (self.topic,)

    @cached_property
    def marked(self) -> frozenset[str]:
        """The ids of what is marked as a goal: around a topic only what was set, for the middle is no secret."""
        return frozenset(topic.id for topic in (self.goals if self.is_path else self.chosen))

    @cached_property
    def layers(self) -> dict[int, list[Topic]]:
        """The topics around the middle by their steps from it, from the top down: negative where the middle needs them.

        Where several ways lead to a topic, the shortest counts.
        """
        before, after = self._layers(self.graph.needs), self._layers(self.graph.opens)
        return {-step: before[step] for step in reversed(before)} | after

    def _layers(self, following: Callable[[str], list[Topic]]) -> dict[int, list[Topic]]:
        seen, layer = {self.topic.id}, [self.topic]
        found: dict[int, list[Topic]] = {}
        for step in range(1, self.reach + 1):
            ids = {other.id for topic in layer for other in following(topic.id)} - seen
            if not ids:
                break
            seen |= ids
            layer = [topic for topic in self.graph if topic.id in ids]
            found[step] = layer
        return found

    def nearer(self, topic: Topic, step: int) -> list[Topic]:
        """Return which topics of the next layer towards the middle a topic of a layer is joined to."""
        if abs(step) == 1:
            return [self.topic]
        inner = self.layers[step - 1 if step > 0 else step + 1]
        joined = self.graph.needs(topic.id) if step > 0 else self.graph.opens(topic.id)
        return [other for other in joined if other in inner]

    @cached_property
    def whole(self) -> list[Topic]:
        """The whole way to the goals."""
        return self.graph.path(goal.id for goal in self.goals)

    @cached_property
    def left(self) -> list[Topic]:
        """What is left of it."""
        return self.graph.path((goal.id for goal in self.goals), self.known)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Which step of what is left each topic is, from 1 on."""
        return {topic.id: number for number, topic in enumerate(self.left, 1)}

    @cached_property
    def ready(self) -> dict[str, Topic]:
        """What can be learnt now, by ids."""
        return {topic.id: topic for topic in self.graph.ready((goal.id for goal in self.goals), self.known)}

    @cached_property
    def beckoning(self) -> frozenset[str]:
        """The ids of what is marked as ready: around a topic only for a reader who knows something, or has a goal."""
        return frozenset(self.ready if self.is_path or self.known or self.chosen else ())

    def tags(self, topic: Topic) -> list[str]:
        """Say what a topic is to this reader, besides known."""
        return [words for words, ids in (("goal", self.marked), ("ready next", self.beckoning)) if topic.id in ids]


def _now(state: State) -> _Now:
    graph = topics.TOPICS
    return _Now(
        graph=graph,
        topic=graph[state["topic"]],
        reach=int(state["reach"]),
        is_path=state["show"] == "path",
        chosen=tuple(graph[id_] for id_ in state["goals"]),
        known=frozenset(state["known"]),
    )


def view(state: State, frame: Frame) -> View:
    """Show what is around the middle, or the way to the goals."""
    now = _now(state)
    picture = _Way(now, frame) if now.is_path else _Around(now, frame)
    return View(picture.scene(), _readouts(now), _summary(now), _table(now))


# ── in words ─────────────────────────────────────────────────────────────────────────────────


def _readouts(now: _Now) -> tuple[Readout, ...]:
    graph, id_ = now.graph, now.topic.id
    below, above, depth, left = len(graph.below(id_)), len(graph.above(id_)), graph.depth(id_), len(now.left)
    return (
        Readout(
            "needs", "Needs", below, str(below), "topics that it rests on", "ink",
            f"{len(graph.needs(id_))} of them directly",
        ),
        Readout("depth", "Depth", depth, str(depth), "topics in its longest chain, itself included", "ink"),
        Readout(
            "opens", "Opens", above, str(above), "topics that rest on it", "ink",
            f"{len(graph.opens(id_))} of them directly",
        ),
        Readout(
            "remaining", "Left to learn", left, str(left), "topics on the way to the goal",
            detail=_time(now.left) if left else "",
        ),
    )  # fmt: skip


def _time(found: list[Topic]) -> str:
    """Say how long topics take, as roughly as it is known.

    >>> [_time([Topic("a", "A", "primary", minutes)]) for minutes in (45, 60, 150, 1000)]
    ['about 45 minutes', 'about 1 hour', 'about 2½ hours', 'about 17 hours']
    """
    minutes = sum(topic.minutes for topic in found)
    if minutes < 60:
        return f"about {minutes} minutes"
    whole, half = divmod(round(minutes / 30), 2)
    if whole >= 5:
        whole, half = round(minutes / 60), 0
    return f"about {whole}{'½' if half else ''} hour{'' if (whole, half) == (1, 0) else 's'}"


def _level(level: str) -> str:
    return level.replace("-", " ")


def _names(found: list[Topic], most: int = 4) -> str:
    """Name a few topics, and count the others.

    >>> _names([Topic(name, name, "primary", 1) for name in "ABCD"], 2)
    'A, B and 2 more'
    """
    names = [topic.title for topic in found]
    return listed(names) if len(names) <= most + 1 else listed([*names[:most], f"{len(names) - most} more"])


def _summary(now: _Now) -> str:
    return _summary_of_way(now) if now.is_path else _summary_around(now)


def _summary_around(now: _Now) -> str:
    graph, topic = now.graph, now.topic
    needs, opens = graph.needs(topic.id), graph.opens(topic.id)
    below, above = len(graph.below(topic.id)), len(graph.above(topic.id))
    words = f"In the middle stands {topic.title}, at {_level(topic.level)} level. "
    if not needs:
        words += "It needs nothing before it. "
    elif below == len(needs):
        words += f"It needs {_names(needs)}. "
    else:
        words += f"It needs {_names(needs)} directly, and {below} topics in all. "
    if not opens:
        return f"{words}Nothing on this map rests on it."
    others = f"{above} topics, {len(opens)} of them directly" if above > len(opens) else _names(opens)
    return f"{words}It opens {others}."


def _summary_of_way(now: _Now) -> str:
    aims = _names(list(now.goals), 3)
    whole, left, ready = len(now.whole), len(now.left), list(now.ready.values())
    every = {1: "the one topic is", 2: "both topics are"}.get(whole, f"all {whole} topics are")
    if not left:
        return f"Nothing is left to learn on the way to {aims}: {every} known."
    count = f"Of {whole} topics {left} are" if left < whole else every.capitalize()
    count = count if left > 1 else "One topic is"
    be = "is" if len(ready) == 1 else "are"
    return f"{count} left to learn on the way to {aims}, {_time(now.left)}. Ready next {be} {_names(ready)}."


HEAD = ("topic", "level", "relation", "known")


def _table(now: _Now) -> Table:
    if now.is_path:
        caption = f"The way to {_names(list(now.goals), 3)}, in an order that can be followed"
        return Table(caption, HEAD, tuple(_row(now, topic, _place(now, topic)) for topic in now.whole))
    steps = "one step" if now.reach == 1 else f"{now.reach} steps"
    caption = f"The topics within {steps} of {now.topic.title}, from what it needs to what it opens"
    rows = [_row(now, topic, _relation(now, topic, step)) for step, layer in now.layers.items() for topic in layer]
    above = sum(len(layer) for step, layer in now.layers.items() if step < 0)
    return Table(caption, HEAD, (*rows[:above], _row(now, now.topic, "in the middle"), *rows[above:]))


def _row(now: _Now, topic: Topic, relation: str) -> tuple[str, ...]:
    return topic.title, _level(topic.level), relation, "yes" if topic.id in now.known else "no"


def _place(now: _Now, topic: Topic) -> str:
    """Say where on the way a topic is."""
    number = now.numbers.get(topic.id)
    return ", ".join([f"step {number}" if number else "behind you", *now.tags(topic)])


def _relation(now: _Now, topic: Topic, step: int) -> str:
    """Say how a topic is joined to the middle, or to the next layer towards it."""
    names = listed([other.title for other in now.nearer(topic, step)])
    if abs(step) == 1:
        return f"{'needed' if step < 0 else 'opened'} directly by {names}"
    return f"needed by {names}" if step < 0 else f"needs {names}"


# ── words in boxes ───────────────────────────────────────────────────────────────────────────

WIDTHS = {
    letter: width
    for width, letters in {
        0.22: " ",
        0.25: "ijlI.,:;'’",
        0.325: "frt()-/",
        0.447: "svxyz",
        0.485: "ckJLY",
        0.513: "aegFVX–+0123456789",
        0.605: "BCK",
        0.71: "wDGHNOQU",
        0.85: "mMW",
        1.0: "…",
    }.items()
    for letter in letters
}
"""How wide letters are in the figures' font, as shares of the text's size: rather too wide than too narrow."""
USUAL_WIDTH = 0.575


@lru_cache(maxsize=1000)
def _width(text: str, size: float) -> float:
    """Estimate how wide a text is. A browser knows, but Python lays out the picture before it is asked."""
    return size * sum(WIDTHS.get(letter, USUAL_WIDTH) for letter in text)


@lru_cache(maxsize=1000)
def _wrapped(text: str, width: float, size: float, most: int = 3) -> tuple[str, ...]:
    """Break a text into at most so many lines of a width; what does not fit ends with an ellipsis.

    >>> _wrapped("Joint and conditional entropy", 120, 13)
    ('Joint and', 'conditional entropy')
    >>> _wrapped("Expectation–maximisation", 120, 13), _wrapped("Joint and conditional entropy", 90, 13, most=1)
    (('Expectation–', 'maximisation'), ('Joint and …',))
    """
    lines = [""]
    for word in re.findall(r"[^\s–]+–?\s*|–\s*", text):
        if lines[-1] and _width(f"{lines[-1]}{word}".rstrip(), size) > width:
            lines.append("")
        lines[-1] += word
    lines = [line.rstrip() for line in lines]
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return tuple(_cut(line, width, size) for line in lines)


def _cut(line: str, width: float, size: float) -> str:
    """Cut a line to a width.

    >>> _cut("Kolmogorov", 50, 13)
    'Kolm…'
    """
    kept = line
    while kept and _width(line, size) > width:
        kept = kept[:-1].rstrip(" …")
        line = f"{kept}…"
    return line


# ── pictures ─────────────────────────────────────────────────────────────────────────────────

Anchor = Literal["start", "middle", "end"]

MARGIN = 8.0
SMALL = 12.0
"""The size of what is said below a name, in pixels."""
PAD = 10.0
"""From a box's edge to its words."""
FINGER = 44.0
"""The least height of a box."""
CHIP = 30.0
"""The height of a topic that is but a chip, where there are many."""
GAP = 8.0
"""Between boxes."""
STEM = 14.0
"""Between layers."""
FOCUS = 90.0
"""About the room of the middle, and of a remark."""
HEAD_ROOM = 20.0
"""Of what a layer or a level is called."""
NUMBER = 26.0
"""The room of a step's number in a box."""
STEP, DONE = 26.0, 14.0
"""The room of a step on the board, and of one that is known already."""
SEMIBOLD = 1.08
"""How much wider words are in semibold."""

LAYERS = {
    -4: "four steps before", -3: "three steps before", -2: "two steps before", -1: "needed directly",
    1: "opened directly", 2: "two steps on", 3: "three steps on", 4: "four steps on",
}  # fmt: skip


class _Cell(NamedTuple):
    """A topic, or the number of those that there is no room for, in its place: from `x` on, `width` pixels wide."""

    topic: Topic | None
    lines: tuple[str, ...]
    said: tuple[str, ...]
    """What stands below the name, in small letters."""
    x: float
    width: float


class _Row(NamedTuple):
    """Cells side by side."""

    cells: list[_Cell]
    height: float


class _Picture:
    """Boxes with the names of topics, which can be pressed, from the top down."""

    def __init__(self, now: _Now, frame: Frame) -> None:
        self.now = now
        self.frame = frame
        self.size = float(frame.text)
        self.leading = self.size + 3
        self.middle = frame.width / 2
        self.right = frame.width - MARGIN
        self.tallest = 920.0 if frame.phone else 800.0
        """What a picture's height is meant to stay below."""
        self.columns = 2 if frame.phone else 3
        self.at = MARGIN
        self.behind: list[AnyMark] = []
        self.marks: list[AnyMark] = []
        self.spots: list[AnyMark] = []

    def scene(self) -> Scene:
        """Draw everything."""
        self.draw()
        return Scene(self.frame.width, self.at + MARGIN, (*self.behind, *self.marks, *self.spots))

    def draw(self) -> None:
        """Add all marks, and move `at` to where they end."""
        raise NotImplementedError

    def write(
        self, x: float, y: float, words: str, fill: Role = "ink", *, size: float = 0, anchor: Anchor = "start",
        bold: bool = False, key: str = "",
    ) -> None:  # fmt: skip
        """Add a line of text."""
        self.marks.append(Text(x, y, words, fill, size or self.size, anchor, bold, key=key))

    def cell(self, topic: Topic, x: float, width: float, said: str = "", indent: float = 0) -> _Cell:
        """Put a topic into a box."""
        tags = " · ".join(filter(None, [*self.now.tags(topic), said]))
        room = width - 2 * PAD - indent - self.tick_room(topic)
        return _Cell(
            topic, _wrapped(topic.title, room, self.size), _wrapped(tags, room, SMALL, 2) if tags else (), x, width
        )

    def tick_room(self, topic: Topic) -> float:
        """Return how much room the tick takes that says that a topic is known."""
        return 18.0 if topic.id in self.now.known else 0.0

    def tall(self, cell: _Cell) -> float:
        """Return how tall the words of a cell are."""
        return self.leading * len(cell.lines) + (SMALL + 3) * len(cell.said)

    def row(self, cells: list[_Cell]) -> _Row:
        """Return boxes side by side, which are equally tall."""
        return _Row(cells, max(FINGER, *(self.tall(cell) + 12 for cell in cells)))

    def box(self, cell: _Cell, topic: Topic, height: float, label: str, number: str = "") -> None:
        """Add a box with a topic's name, at `at`."""
        x, y, width = cell.x, self.at, cell.width
        is_known, is_ready, is_goal = (topic.id in ids for ids in (self.now.known, self.now.beckoning, self.now.marked))
        stroke: Role = "gap" if is_ready else "ink" if is_goal else "muted"
        thick = 2 if is_ready or is_goal else 1
        radius = 6 if height > CHIP else CHIP / 2
        fill: Role = "faint" if is_known else "paper"
        outline = None if is_known and not is_goal else stroke
        self.marks.append(Rect(x, y, width, height, fill, outline, thick, radius=radius, key=f"box.{topic.id}"))
        start = x + PAD
        if number:
            self.write(start, y + height / 2 + 4.3, number, "muted", size=SMALL, key=f"box.{topic.id}.number")
            start += NUMBER
        base = y + (height - self.tall(cell)) / 2 - 4
        for place, line in enumerate(cell.lines):
            base += self.leading
            self.write(start, base, line, key=f"name.{topic.id}.{place}")
        for place, line in enumerate(cell.said):
            base += SMALL + 3
            role: Role = "gap-text" if is_ready else "muted"
            self.write(start, base, line, role, size=SMALL, key=f"said.{topic.id}.{place}")
        if is_known:
            self.tick(x + width - PAD - 10, y + height / 2, topic.id)
        words = ", ".join([f"{topic.title}: {label}", *self.now.tags(topic), *["known"] * is_known])
        self.spots.append(Spot(f"topic.{topic.id}", words, x, y, width, height))

    def tick(self, x: float, y: float, key: str) -> None:
        """Add the sign of what is known."""
        self.marks.append(Path((x, y, x + 3.5, y + 4, x + 10, y - 5), stroke="muted", width=2, key=f"tick.{key}"))


class _Around(_Picture):
    """Layers above and below the middle: the nearest as boxes on lines from the middle, the others in trays."""

    def __init__(self, now: _Now, frame: Frame) -> None:
        super().__init__(now, frame)
        self.gutter = 2 * GAP
        self.rows = self._rows()
        self.ends: dict[int, list[tuple[_Cell, float]]] = {}
        """The topics that are shown of each layer, and at what height."""
        self.spans: dict[int, tuple[float, float]] = {}
        """Where each layer begins and ends."""
        self.edges: dict[int, float] = {}
        """Where the middle ends, above and below."""

    # ── what there is room for ───────────────────────────────────────────────────────────────

    def _rows(self) -> dict[int, list[_Row]]:
        """Return the rows of each layer: boxes for all if they fit, else chips in the trays, else only so many rows."""
        layers = self.now.layers
        room = self.tallest - FOCUS - sum(STEM + HEAD_ROOM + (0 if abs(step) == 1 else 2 * GAP) for step in layers)
        rows = {step: self._boxes(step) for step in layers}
        if self._tall(rows) <= room:
            return rows
        rows |= {step: self._chips(step) for step in layers if abs(step) > 1}
        if self._tall(rows) <= room:
            return rows
        costs = {step: FINGER + GAP if abs(step) == 1 else CHIP + GAP for step in layers}
        allotted = dict.fromkeys(layers, 1)
        room -= sum(costs.values())
        # In turns, the nearest layers first, so that none takes all before the others have a little.
        for least_near, least_far in ((2, 1), (2, 2), (3, 3), (99, 99)):
            for step in sorted(layers, key=abs):
                wanted = min(least_near if abs(step) == 1 else least_far, len(rows[step]))
                while allotted[step] < wanted and costs[step] <= room:
                    allotted[step] += 1
                    room -= costs[step]
        return {
            step: found if len(found) <= allotted[step] else self._fitted(step, allotted[step])
            for step, found in rows.items()
        }

    def _tall(self, rows: dict[int, list[_Row]]) -> float:
        return sum(row.height + GAP for found in rows.values() for row in found)

    def _fitted(self, step: int, most: int) -> list[_Row]:
        """Return so many rows of a layer: topics whose level is near that of the middle, and a count of the others."""
        layer = self.now.layers[step]
        level = LEVELS.index(self.now.topic.level)
        shape = self._boxes if abs(step) == 1 else self._chips
        kept: list[Topic] = []
        rows = shape(step, [], f"and {len(layer)} more")
        for topic in sorted(layer, key=lambda topic: abs(LEVELS.index(topic.level) - level)):
            more = [other for other in layer if other in kept or other is topic]
            found = shape(step, more, f"and {len(layer) - len(more)} more")
            if len(found) <= most:
                kept, rows = more, found
        return rows

    def _boxes(self, step: int, kept: list[Topic] | None = None, more: str = "") -> list[_Row]:
        """Return the rows of a layer as boxes in columns."""
        layer = self.now.layers[step] if kept is None else kept
        inset, gutter = (0.0, self.gutter) if abs(step) == 1 else (GAP, GAP)
        left = MARGIN + inset
        width = (self.frame.width - 2 * left - (self.columns - 1) * gutter) / self.columns
        count = len(layer) + bool(more)
        places: list[float] = [*range(self.columns)] * (count // self.columns + 1)
        if abs(step) == 1 and count < 3:
            places = [(self.columns - 1) / 2] if count == 1 else [0, self.columns - 1]
        xs = [left + place * (width + gutter) for place in places]
        cells = [self.cell(topic, x, width, self._via(topic, step)) for topic, x in zip(layer, xs, strict=False)]
        if more:
            cells.append(_Cell(None, (more,), (), xs[len(layer)], width))
        return [self.row(cells[place : place + self.columns]) for place in range(0, count, self.columns)]

    def _via(self, topic: Topic, step: int) -> str:
        if abs(step) == 1:
            return ""
        first, *others = (other.title for other in self.now.nearer(topic, step))
        return f"{'for' if step < 0 else 'after'} {first}{f' and {len(others)} more' if others else ''}"

    def _chips(self, step: int, kept: list[Topic] | None = None, more: str = "") -> list[_Row]:
        """Return the rows of a layer as chips that are as wide as their names."""
        layer: list[Topic | None] = [*(self.now.layers[step] if kept is None else kept)]
        rows: list[list[_Cell]] = [[]]
        x = left = MARGIN + GAP
        most = self.frame.width - 2 * left
        for topic in [*layer, None] if more else layer:
            words, tick = more, 0.0
            if topic:
                words = " · ".join([topic.title, *self.now.tags(topic)])
                tick = self.tick_room(topic)
            words = _cut(words, most - 2 * PAD - tick, self.size)
            width = _width(words, self.size) + 2 * PAD + tick
            if rows[-1] and x + width > left + most:
                rows.append([])
                x = left
            rows[-1].append(_Cell(topic, (words,), (), x, width))
            x += width + 6
        return [_Row(row, CHIP) for row in rows if row]

    # ── drawing ──────────────────────────────────────────────────────────────────────────────

    def draw(self) -> None:
        """Add the layers from the top down, with the middle between them."""
        steps = [*self.rows]
        if not self.now.graph.needs(self.now.topic.id):
            self.remark("It needs nothing before it.")
        for step in (step for step in steps if step < 0):
            self.layer(step)
        self.focus()
        for step in (step for step in steps if step > 0):
            self.layer(step)
        if not self.now.graph.opens(self.now.topic.id):
            self.remark("Nothing on this map rests on it.")
        if any(cell.topic is None for rows in self.rows.values() for row in rows for cell in row.cells):
            self.remark("The table has those for which there is no room here.")
        self.lines()

    def remark(self, words: str) -> None:
        """Add a line in the middle."""
        self.write(self.middle, self.at + 18, words, "muted", anchor="middle", key=words)
        self.at += 28

    def focus(self) -> None:
        """Add the topic in the middle."""
        topic, size = self.now.topic, self.size + 3
        width = 284.0 if self.frame.phone else 340.0
        lines = _wrapped(topic.title, width - 2 * PAD, size * SEMIBOLD)
        height = (size + 4) * len(lines) + 34
        self.edges = {-1: self.at, 1: self.at + height}
        self.marks.append(Rect(self.middle - width / 2, self.at, width, height, "ink", radius=8, key="middle"))
        for place, line in enumerate(lines):
            base = self.at + 6 + (size + 4) * (place + 1)
            self.write(self.middle, base, line, "paper", size=size, anchor="middle", bold=True, key=f"middle.{place}")
        words = [_level(topic.level), _time([topic]), *self.now.tags(topic)]
        words += ["known"] * (topic.id in self.now.known)
        base = self.at + height - 11
        self.write(self.middle, base, " · ".join(words), "faint", anchor="middle", key="middle.said")
        self.at += height

    def layer(self, step: int) -> None:
        """Add a layer."""
        is_near = abs(step) == 1
        self.at += STEM if step > 0 else 0
        begin = self.at
        inset = 0 if is_near else GAP
        words = f"{LAYERS[step]}: {len(self.now.layers[step])}"
        self.write(MARGIN + inset, begin + 13 + inset / 2, words, "muted", key=f"layer.{step}")
        self.at += HEAD_ROOM + inset
        self.ends[step] = []
        for row in self.rows[step]:
            for cell in row.cells:
                self.place(cell, row.height, step)
            self.at += row.height + GAP
        self.at -= GAP
        if not is_near:
            self.at += GAP
            tray = (MARGIN, begin, self.right - MARGIN, self.at - begin)
            self.behind.append(Rect(*tray, None, "faint", 1.5, radius=10, key=f"tray.{step}"))
        self.spans[step] = (begin, self.at)
        self.at += STEM if step < 0 else 0

    def place(self, cell: _Cell, height: float, step: int) -> None:
        """Add a topic of a layer, or the number of those that there is no room for."""
        middle = self.at + height / 2
        if cell.topic:
            self.box(cell, cell.topic, height, _relation(self.now, cell.topic, step))
            self.ends[step].append((cell, middle))
        else:
            self.write(cell.x + PAD, middle + 4.5, cell.lines[0], "muted", key=f"more.{step}")

    # ── lines ────────────────────────────────────────────────────────────────────────────────

    def lines(self) -> None:
        """Join each tray to the next layer, and the nearest layers to the middle."""
        for step in sorted(self.spans, key=abs, reverse=True):
            sign = 1 if step > 0 else -1
            outer = self.spans[step][0 if sign > 0 else 1]
            if abs(step) == 1:
                self.tree(step, self.edges[sign], sign)
            elif abs(step) == 2:
                for x, far in self.spines(step - sign).items():
                    self.line(x, outer, x, far, "faint")
            else:
                self.line(self.middle, outer, self.middle, self.spans[step - sign][1 if sign > 0 else 0], "faint")

    def tree(self, step: int, edge: float, sign: int) -> None:
        """Join the boxes of a nearest layer to the middle."""
        for cell, y in self.ends[step]:
            x = self.spine(cell, step)
            self.line(x, y, cell.x + cell.width / 2, y, "muted")
        bend = edge + sign * STEM / 2
        for x, far in self.spines(step).items():
            self.line(x, far, x, edge if x == self.middle else bend, "muted")
            if x != self.middle:
                self.line(x, bend, self.middle, bend, "muted")
                self.line(self.middle, bend, self.middle, edge, "muted")

    def spines(self, step: int) -> dict[float, float]:
        """Return where the lines of a nearest layer run, and where each of them ends, away from the middle."""
        found: dict[float, list[float]] = {}
        for cell, y in self.ends[step]:
            found.setdefault(self.spine(cell, step), []).append(y)
        return {x: max(ys) if step > 0 else min(ys) for x, ys in found.items()}

    def spine(self, cell: _Cell, step: int) -> float:
        """Return where the line runs that a box of a nearest layer hangs on: in a gutter, unless it is the only one."""
        center = cell.x + cell.width / 2
        if len(self.now.layers[step]) == 1:
            return center
        return cell.x - self.gutter / 2 if center > self.middle - 1 else cell.x + cell.width + self.gutter / 2

    def line(self, x1: float, y1: float, x2: float, y2: float, role: Role) -> None:
        """Add a line behind the boxes."""
        self.behind.append(Line(x1, y1, x2, y2, role, 1.5))


class _Way(_Picture):
    """A board of numbered steps, level by level, with the names of some of them."""

    def __init__(self, now: _Now, frame: Frame) -> None:
        super().__init__(now, frame)
        self.left = 34.0 if frame.phone else 44.0
        self.width = (self.right - self.left - (self.columns - 1) * GAP) / self.columns
        self.bands = [
            (level, found) for level in LEVELS if (found := [topic for topic in now.whole if topic.level == level])
        ]
        self.named = self._named()

    def _named(self) -> frozenset[str]:
        """Choose whom to name: all if there is room, else goals, what is ready next, and the next steps."""
        now = self.now
        board = sum(HEAD_ROOM + 15 + sum(height for _, height in self.board(found)) for _, found in self.bands)
        # Boxes are a little taller than a finger on the average, and some of the rows that they are in stay half empty.
        most = max(int((self.tallest - 100 - board) / 60 - 1.5), 3) * self.columns
        if len(now.left) <= most:
            return frozenset(now.numbers)
        goals = [topic for topic in now.left if topic.id in now.marked][: most // 2]
        first = dict.fromkeys(topic.id for topic in [*goals, *now.ready.values(), *now.left[: 2 * self.columns]])
        return frozenset([*first][:most])

    def board(self, found: list[Topic]) -> list[tuple[list[tuple[Topic, float]], float]]:
        """Return the rows of a level's steps, each step with its middle, and how high each row is."""
        rows: list[list[tuple[Topic, float]]] = [[]]
        x = self.left
        for topic in found:
            width = DONE if topic.id in self.now.known else STEP
            if x + width > self.right:
                rows.append([])
                x = self.left
            rows[-1].append((topic, x + width / 2))
            x += width
        return [(row, DONE if all(topic.id in self.now.known for topic, _ in row) else STEP) for row in rows]

    def draw(self) -> None:
        """Add a band for each level."""
        rail = [self.band(level, found) for level, found in self.bands]
        self.behind.append(Line(15, rail[0], 15, rail[-1], "faint", 3, key="rail"))
        if not self.now.left:
            self.write(self.left, self.at + 13, "Nothing is left to learn.", key="nothing")
            self.at += 24
        self.legend()

    def band(self, level: str, found: list[Topic]) -> float:
        """Add the steps of a level; return where its station lies."""
        known = sum(topic.id in self.now.known for topic in found)
        base = self.at + 13
        station = base - 4.5
        fill: Role = "muted" if known == len(found) else "paper"
        self.marks.append(Dot(15, station, 6, fill, "muted", 2, key=f"station.{level}"))
        self.write(self.left, base, _level(level).capitalize(), bold=True, key=f"level.{level}")
        self.write(self.right, base, f"{known} of {len(found)} known", "muted", anchor="end", key=f"known.{level}")
        self.at += HEAD_ROOM + 2
        for row, height in self.board(found):
            for topic, x in row:
                self.step(topic, x, self.at + height / 2)
            self.at += height
        self.at += 5
        named = [topic for topic in found if topic.id in self.named]
        for start in range(0, len(named), self.columns):
            cells = [
                self.cell(topic, self.left + place * (self.width + GAP), self.width, indent=NUMBER)
                for place, topic in enumerate(named[start : start + self.columns])
            ]
            height = self.row(cells).height
            for cell, topic in zip(cells, named[start:], strict=False):
                number = str(self.now.numbers[topic.id])
                self.box(cell, topic, height, f"step {number}", number)
            self.at += height + GAP
        self.at += 8
        return station

    def step(self, topic: Topic, x: float, y: float) -> None:
        """Add a step of the board."""
        now, key = self.now, f"step.{topic.id}"
        if topic.id in now.known:
            self.marks.append(Dot(x, y, 4.5, "muted", key=key))
            return
        is_goal = topic.id in now.marked
        stroke: Role = "gap" if topic.id in now.beckoning else "ink" if is_goal else "faint"
        self.marks.append(Dot(x, y, 11, "ink" if is_goal else "paper", stroke, 2 if stroke == "gap" else 1.5, key=key))
        fill: Role = "paper" if is_goal else "ink" if topic.id in self.named else "muted"
        number = str(now.numbers[topic.id])
        self.write(x, y + 4.3, number, fill, size=SMALL, anchor="middle", key=f"{key}.number")

    def legend(self) -> None:
        """Say what the steps' looks mean."""
        x, y = self.left + 6, self.at + 6
        looks: list[tuple[str, float, Role, Role | None]] = []
        if len(self.now.left) < len(self.now.whole):
            looks.append(("known", 4.5, "muted", None))
        if self.now.left:
            looks += [("to learn", 6, "paper", "faint"), ("ready next", 6, "paper", "gap"), ("goal", 6, "ink", "ink")]
        for words, radius, fill, stroke in looks:
            self.marks.append(Dot(x, y, radius, fill, stroke, 2, key=f"legend.{words}"))
            self.write(x + 12, y + 4.5, words, "muted", key=f"legend.{words}.words")
            x += 32 + _width(words, self.size)
        self.at += 14


def code(state: State) -> str:
    """Return the lines that find what a topic rests on, and the way to the goals."""
    return script(
        "topics: TOPICS",
        [
            assigned("topic", state["topic"]),
            assigned("goals", state["goals"] or [state["topic"]]),
            assigned("known", state["known"]),
            "",
            "path = TOPICS.path(goals, known)",
            "for step in path:",
            "    print(step.title)",
            "",
            shown("Needs", "len(TOPICS.below(topic))", "topics"),
            shown("Depth", "TOPICS.depth(topic)"),
            shown("Opens", "len(TOPICS.above(topic))", "topics"),
            shown("Left to learn", "len(path)", "topics"),
        ],
    )


WIDGET = Widget(
    name="topic-map",
    title="What does a topic need, and what does it open?",
    parameters=PARAMETERS,
    presets=PRESETS,
    view=view,
    code=code,
    change=change,
    spots=("topic",),
)
