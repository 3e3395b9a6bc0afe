"""What readers may ask of the widgets, as requests to `klweb.live`: what the frozen Python is warmed with and tried on.

A frozen Python keeps only the functions that were called here, and those parts of its constant data that were read
here. So this has to reach whatever a reader can reach: every preset and control, values at their
limits and at random, text that is no number, states from links, requests of no known shape.
"""

import json
import random
from collections.abc import Iterable, Iterator
from typing import Any

from klweb import live, topics
from klweb.parameter import Button, Choice, Control, Distribution, Number, TopicId, TopicSet
from klweb.scene import Handle, Spot
from klweb.widget import FRAMES, State, Widget
from klweb.widgets import WIDGETS

SEED = 2026
RANDOM_STATES = 40
SEEDS = (1, 2, 3, 999_999)
NUMBERS: tuple[object, ...] = (
    "abc", "", " ", "1e999", "-1e999", "nan", "infinity", "0x10", "1_000", "−1", "-0.0", "1e-320", "٣", "１", "½",
    "0,25", "1.5e-7", "123456789012345678901234567890", "3.", "." * 50, None, True, [], {}, 10**400, 1e308, -5,
)  # fmt: skip
"""What may be typed into a field for one number, or come in its place."""

LISTS: tuple[object, ...] = (
    "1", "1, 1", "2 1 1", "0.5;0,25;0,25", "1,,2", ",", "", "0, 0", "-1, 2", "a, b", "1e308, 1e308", "1e-320, 1",
    "nan, 1", ", ".join("1" * 12), ", ".join("1" * 13), "1," * 5000, "0.1, 0.2, 0.3, 0.4", "1 0 0 0 0 0 0 0",
    "1, 1e-9, 1e-17", "inf", [], [1, 2], [None], [[1]], "x" * 300, {}, 5, ["1", "2"], [1, -0.0], [1e-300, 1e300],
)  # fmt: skip
"""What may be typed into a field for a whole distribution, or come in its place."""

ALL_KINDS = "".join(map(chr, [*range(1, 0x500), *range(0x500, 0xD800, 41), *range(0xE000, 0x30000, 257)]))
"""Characters from all over Unicode, none of which any request should contain."""

STRANGE = (
    '{"op": "variant"}', '{"op": "variant", "question": {"kind": "numeric"}, "seed": 1}',
    '{"op": "variant", "question": {}, "seed": "x"}',
    '{"op": "code", "widget": "asymmetry"}', '{"op": "code", "widget": "asymmetry", "state": {}, "events": 5}',
    "null", "[]", "5", '"text"', "{}", '{"op": "view"}', '{"op": "fly", "widget": "asymmetry", "frame": "phone"}',
    '{"op": "view", "widget": "asymmetry", "frame": "wall"}', '{"op": "view", "widget": ["x"], "frame": "phone"}',
)  # fmt: skip
"""Requests of no known shape."""


def presets(name: str = "") -> list[str]:
    """Return a request for every preset in every frame, of one widget or of all."""
    return [
        json.dumps({"op": "decode", "widget": widget.name, "text": preset.name, "frame": frame})
        for widget in WIDGETS.values()
        for preset in widget.presets
        for frame in FRAMES
        if name in ("", widget.name)
    ]


def requests(questions: Iterable[str] = ()) -> list[str]:
    """Return all requests, always the same; `questions` are the definitions of the site's, as JSON."""
    chance = random.Random(SEED)  # noqa: S311  nothing is kept secret by it
    found = [*usual(), *STRANGE]
    for question in questions:
        found += [f'{{"op":"variant","question":{question},"seed":{seed}}}' for seed in SEEDS]
    for widget in WIDGETS.values():
        found += [json.dumps(request | {"widget": widget.name}) for request in _of_widget(widget, chance)]
    return found


def usual() -> list[str]:
    """Return what readers ask all the time, and with what `requests` begins: presets, and drags from there."""
    chance = random.Random(SEED)  # noqa: S311  nothing is kept secret by it
    drags = (drag | {"widget": widget.name} for widget in WIDGETS.values() for drag, _state in _drags(widget, chance))
    return [*presets(), *map(json.dumps, drags)]


def _drags(widget: Widget, chance: random.Random) -> Iterator[tuple[dict[str, Any], State]]:
    """Yield requests that move what a reader may move, one after the other from each preset, with the states after."""
    for preset in widget.presets:
        for _ in range(2):
            state = widget.preset(preset.name)
            for frame in FRAMES:
                events = [_random(widget, state, frame, chance) for _ in range(3)]
                after, _errors = live.replay(widget, state, events)
                yield {"op": "events", "state": state, "events": events, "frame": frame}, after
                state = after


def _of_widget(widget: Widget, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield requests to one widget."""
    frames = list(FRAMES)
    state = widget.default
    for control in (*widget.parameters, *widget.buttons):
        for events in _events(control):
            yield {"op": "events", "state": state, "events": events, "frame": chance.choice(frames)}
    for pair in ({"p": [0.5, 0.3, 0.2], "q": [0.2, 0.3, 0.5]}, {"p": [1, 0], "q": [0.25, 0.75]}, {"p": [1]}, 5):
        yield {"op": "events", "state": state, "events": [{"type": "share", "value": pair}], "frame": "phone"}
    for p, q in (([1] * 5, [1e-90, 1e-60, 1e-30, 1e-10, 1]), ([1] * 12, [0, 0, *range(1, 11)])):
        # Where symbols come in blocks, the longest of them.
        both = ({"type": "set", "name": "block", "value": "3"}, {"type": "share", "value": {"p": p, "q": q}})
        yield {"op": "events", "state": state, "events": both, "frame": "desk"}
    strange = (
        {"type": "set"},
        {"type": "press", "name": "none"},
        *({"type": "press", "name": f"{head}.{rest}"} for head in widget.spots for rest in ("", "1", "-9", "x", "nan")),
        {"type": "?"},
        5,
        {"type": "set", "name": "q.99", "value": 1},
    )
    yield {"op": "events", "state": state, "events": strange, "frame": "desk"}
    yield {"op": "events", "state": state, "events": "none", "frame": "desk"}
    yield {"op": "each", "state": state, "events": [], "frame": "desk"}
    yield {"op": "each", "state": state, "events": None, "frame": "desk"}
    for drag, state in _drags(widget, chance):
        yield drag
        yield drag | {"op": "each"}
        yield {"op": "view", "state": state, "frame": drag["frame"]}
        yield {"op": "code", "state": state, "events": drag["events"]}
        link = widget.encode(state)
        yield {"op": "decode", "text": link, "frame": drag["frame"]}
        yield {"op": "decode", "text": link[: len(link) // 2], "frame": drag["frame"]}
    for _ in range(RANDOM_STATES):
        state = _state(widget, chance)
        yield {"op": "view", "state": state, "frame": chance.choice(frames)}
        yield {"op": "code", "state": state, "events": []}
    for text in ("", "no-such-preset", "a:b", ":", ";;", "p:1;q:2", "x" * 5000, ALL_KINDS, "p:nan", "%", None, 5):
        yield {"op": "decode", "text": text, "frame": "phone"}
    states: tuple[object, ...] = (None, [], {}, "x", {**widget.default, "more": 1}, dict.fromkeys(widget.default, "x"))
    for wrong in states:
        yield {"op": "view", "state": wrong, "frame": "phone"}


def _state(widget: Widget, chance: random.Random) -> State:
    """Return a state at random, with zeros where they may be: infinite costs and sudden ends take ways of their own."""
    size = chance.randint(1, 12)
    state: State = {}
    for item in widget.parameters:
        if isinstance(item, Number):
            value = round(chance.uniform(item.low, item.high), 0 if item.whole else 3)
            state[item.name] = min(max(value, item.low), item.high)
        elif isinstance(item, Choice):
            state[item.name] = chance.choice(item.options)[0]
        elif isinstance(item, Distribution) and not item.hidden:
            weights = [chance.choice((0.0, 1.0, chance.random())) for _ in range(size - 1)]
            state[item.name] = [
                *weights,
                chance.choice((1.0, 1e-9 if any(weights) else 1.0, 0.0 if any(weights) else 1.0)),
            ]
        elif isinstance(item, TopicId):
            state[item.name] = chance.choice([*topics.TOPICS]).id
        elif isinstance(item, TopicSet):
            found = chance.sample([topic.id for topic in topics.TOPICS], chance.choice((0, 1, 3, size * 10)))
            state[item.name] = [id_ + chance.choice(("", "*")) for id_ in found]
    return widget.read(state)


def _events(control: Control) -> Iterator[list[dict[str, Any]]]:
    """Yield events of one control: good ones each in a request of its own, and all the bad ones in one."""

    def put(value: object, name: str = control.name) -> dict[str, Any]:
        return {"type": "set", "name": name, "value": value}

    if isinstance(control, Button):
        yield [{"type": "press", "name": control.name}]
    elif isinstance(control, Choice):
        for option, _ in (*control.options, *control.unlisted):
            yield [put(option)]
        yield [put(value) for value in ("none", 5, None)]
    elif isinstance(control, Number):
        for value in (control.low, control.high, control.default):
            yield [put(value)]
        yield [put(value) for value in (control.low - 1, f"{control.high}", *NUMBERS, ALL_KINDS)]
    elif isinstance(control, TopicId | TopicSet):
        for chosen in ("entropy", "counting,elbo*,-bits,gone", ["entropy", "-gone*"]):
            yield [put(chosen)]
        yield [put(value) for value in (*NUMBERS, *LISTS, ALL_KINDS)]
    else:
        for shape in LISTS if control.name == "p" else LISTS[:3]:
            yield [put(shape)]
        yield [put(shape) for shape in (*LISTS, ALL_KINDS)]
        if isinstance(control, Distribution):
            for value in (0, 1, 0.37, 1e-9):
                yield [put(value, f"{control.name}.0")]
            yield [put(value, f"{control.name}.0") for value in NUMBERS]


def _random(widget: Widget, state: State, frame: str, chance: random.Random) -> dict[str, Any]:
    """Return an event that a reader might well cause: a handle or a control moved somewhere, or a spot pressed."""
    scene = widget.view(state, FRAMES[frame]).scene
    numbers = [control for control in widget.parameters if isinstance(control, Number)]
    movable: list[Handle | Number | Spot] = [*scene.handles, *numbers, *scene.spots]
    moved = chance.choice(movable)
    if isinstance(moved, Spot):
        return {"type": "press", "name": moved.name}
    return {"type": "set", "name": moved.name, "value": round(chance.uniform(moved.low, moved.high), 3)}
