"""What a widget is: a table of parameters, presets, and two pure functions.

``update(state, event)`` returns the next state and ``view(state, frame)`` what it looks like. A state is a plain
dictionary, one entry per parameter, so that it can be linked to, undone, replayed and tested without a browser.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from klweb.errors import InputError
from klweb.parameter import (
    MAX_TEXT,
    Button,
    Choice,
    Distribution,
    Number,
    Parameter,
    Sample,
    TopicId,
    TopicSet,
    ordinal,
    shorten,
)
from klweb.scene import Role, Scene

State = dict[str, Any]
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preset:
    """A state worth seeing: `label` says what it shows in a few words, `note` makes its point in a sentence."""

    name: str
    label: str
    note: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """The box that a view is laid out for: a name, its width, and its text size, in CSS pixels."""

    name: str
    width: int
    text: int

    @property
    def phone(self) -> bool:
        """Whether room is scarce."""
        return self.width < 600

    @property
    def left(self) -> float:
        """Where pictures begin, with room for an axis's numbers before it."""
        return 38 if self.phone else 52

    @property
    def right(self) -> float:
        """Where pictures end."""
        return self.width - (10 if self.phone else 16)


FRAMES: dict[str, Frame] = {"phone": Frame("phone", 360, 13), "desk": Frame("desk", 720, 14)}


@dataclass(frozen=True, slots=True)
class Readout:
    """A number that a reader should watch: its exact value, and how it is printed, with unit and words."""

    name: str
    symbol: str
    value: float
    text: str
    words: str
    role: Role = "gap-text"
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain data; values become text (``"inf"``, ``"-inf"``, ``"nan"``), since JSON has no infinity."""
        value = repr(float(self.value))
        return {"name": self.name, "value": value, "text": self.text, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Table:
    """The picture as a table: a caption, column heads, and rows of text."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "caption": self.caption,
            "head": list(self.head),
            "rows": [list(row) for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class View:
    """All that a reader sees of a state."""

    scene: Scene
    readouts: tuple[Readout, ...]
    summary: str
    table: Table

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "scene": self.scene.to_json(),
            "readouts": [readout.to_json() for readout in self.readouts],
            "summary": self.summary,
            "table": self.table.to_json(),
        }


@dataclass(frozen=True)
class Widget:
    """One interactive figure. `title` is the question it answers; the first preset is the default.

    `change(state, name, value)` may be given to say what setting a control or pressing a button
    does to the other entries of the state; without it a control sets its own entry. Names such as
    ``q.2`` are the third entry of ``q``. `check(state)` may be given to make
    the entries of a new state fit together, or to refuse it.

    A widget with distributions ``p`` and ``q`` among its parameters can share them with other figures of a page. One
    that makes its pair out of other parameters gives `pair(state)`, which returns the two, and `adopt(state, p, q)`,
    which returns the state with these two.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    presets: tuple[Preset, ...]
    view: Callable[[State, Frame], View]
    code: Callable[[State], str]
    """Returns lines of Python that compute a state's readouts with the core, and print each behind its symbol."""
    buttons: tuple[Button, ...] = ()
    change: Callable[[State, str, Any], State] | None = None
    check: Callable[[State], None] | None = None
    pair: Callable[[State], tuple[Sequence[float], Sequence[float]]] | None = None
    adopt: Callable[[State, list[float], list[float]], State] | None = None
    spots: tuple[str, ...] = ()
    """What the names of its pictures' spots begin with; `change` gets the whole name, and refuses the unknown."""
    walk: str = ""
    """The number that counts a simulation's draws. When a button raises it, the page lets readers watch it rise."""

    @property
    def shares(self) -> bool:
        """Whether the widget has a pair (p, q) that it can share with others."""
        return self.adopt is not None or {"p", "q"} <= {item.name for item in self.parameters}

    @property
    def default(self) -> State:
        """The state of the first preset."""
        return self.preset(self.presets[0].name)

    def preset(self, name: str) -> State:
        """Return the state of a preset, or raise `InputError` if there is none of that name."""
        for preset in self.presets:
            if preset.name == name:
                return self.read(preset.values)
        names = ", ".join(preset.name for preset in self.presets)
        raise InputError(f"The figure {self.name} has no example {shorten(name)}; it has {names}", "preset")

    def read(self, values: object) -> State:
        """Return a valid, complete state from untrusted data; entries left out take their defaults."""
        if not isinstance(values, Mapping):
            raise InputError(f"A state must be a table of values, but is {shorten(values)}", "state")
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                raise InputError(f"The figure {self.name} has no control {shorten(name)}", "state")
        state = {name: parameter.read(values.get(name, parameter.default)) for name, parameter in known.items()}
        if self.check:
            self.check(state)
        return state

    def update(self, state: State, event: Event) -> State:
        """Return the state after an event; the old one is left alone.

        Events are ``{"type": "set", "name": "q.2", "value": 0.3}``, ``{"type": "press", "name":
        "swap-means"}``, ``{"type": "preset", "name": "identical"}``, and, from another figure of the page,
        ``{"type": "share", "name": "pair", "value": {"p": […], "q": […]}}``.
        """
        kind, name = event.get("type"), str(event.get("name"))
        if kind == "preset":
            return self.preset(name)
        if kind == "press":
            known = name in {button.name for button in self.buttons} or name.partition(".")[0] in self.spots
            if not known or not self.change:
                raise InputError(f"The figure {self.name} has no button {shorten(name)}", name)
            return self.read(self.change(state, name, None))
        if kind == "share":
            return self.share(state, event.get("value"))
        if kind != "set":
            raise InputError(f"An event must be set, press, preset or share, but is {shorten(kind)}", "event")
        value = self.read_control(state, name, event.get("value"))
        changed = self.change(state, name, value) if self.change else {**state, name: value}
        return self.read(changed)

    def share(self, state: State, pair: object) -> State:
        """Return the state with the pair (p, q) of another figure; what else it holds stays."""
        if not self.shares:
            raise InputError(f"The figure {self.name} has no pair to share", "pair")
        if not isinstance(pair, Mapping) or set(pair) != {"p", "q"}:
            raise InputError(f"A pair must hold p and q, but is {shorten(pair)}", "pair")
        p, q = (Distribution(name, name, ()).read(pair[name]) for name in "pq")
        if len(p) != len(q):
            raise InputError(f"p has {len(p)} numbers and q has {len(q)}: they need an alphabet in common", "pair")
        return self.read(self.adopt(state, p, q) if self.adopt else {**state, "p": p, "q": q})

    def read_control(self, state: State, name: str, value: object) -> Any:
        """Return the checked value for a control, or for one entry of a distribution (``q.2``)."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter.read(value)
            head, _, index = name.partition(".")
            if isinstance(parameter, Distribution) and parameter.name == head and index.isdecimal() and len(index) < 5:
                if int(index) >= len(state[head]):
                    raise InputError(
                        f"{head} has {len(state[head])} symbols, so there is no {shorten(name)}",
                        name,
                    )
                words = f"{ordinal(int(index) + 1)} probability of {head}"
                return Number(name, words, 0, 1, 0.01, 0).read(value)
        raise InputError(f"The figure {self.name} has no control {shorten(name)}", name)

    def encode(self, state: State) -> str:
        """Return a short text for links: a preset's name where the state is a preset's, else ``name:value;…``.

        Sets of topics are left out: they are a reader's own.
        """
        for name, known in self._preset_states.items():
            if state == known:
                return name
        entries = []
        for parameter in self.parameters:
            if isinstance(parameter, TopicSet):
                continue  # What a reader knows and wants goes nowhere with a link to a picture.
            if self.counts(parameter, state) or state[parameter.name] != parameter.read(parameter.default):
                entries.append(f"{parameter.name}:{parameter.write(state[parameter.name])}")
        return ";".join(entries)

    def counts(self, parameter: Parameter, state: State) -> bool:
        """Return whether a parameter has controls of its own, and an effect, in a state."""
        if isinstance(parameter, Choice | Distribution):
            return not parameter.hidden
        if isinstance(parameter, TopicId | TopicSet):
            return False
        if not parameter.when:
            return True
        choice, value = parameter.when
        return bool(state[choice] == value)

    @cached_property
    def _preset_states(self) -> dict[str, State]:
        """The states that have a name; every answer is compared with them."""
        return {preset.name: self.preset(preset.name) for preset in self.presets}

    def decode(self, text: str) -> State:
        """Return the state that a link text describes, or raise `InputError`."""
        if len(text) > MAX_TEXT:
            raise InputError(f"The link’s state is {len(text)} characters long: too long to be read", "state")
        if ":" not in text:
            return self.preset(text)
        values: dict[str, Any] = {}
        for item in filter(None, text.split(";")):
            name, _, value = item.partition(":")
            values[name] = value.split(",") if self._is_list(name) and value else value
        return self.read(values)

    def _is_list(self, name: str) -> bool:
        lists = (Distribution, Sample)
        return any(isinstance(parameter, lists) and parameter.name == name for parameter in self.parameters)
