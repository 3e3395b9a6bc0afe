"""States, events and hostile values for property tests, drawn from the widgets' own tables."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

from klweb import topics
from klweb.errors import InputError
from klweb.parameter import Choice, Distribution, Number, Parameter, Sample, TopicId, TopicSet
from klweb.widget import FRAMES, Frame, State, Widget
from klweb.widgets import WIDGETS

Result = TypeVar("Result")

FRAME = st.sampled_from(sorted(FRAMES.values(), key=lambda frame: frame.width))

# Zero, what hardly differs from it, ordinary weights, and round ones as people type them.
WEIGHT = st.one_of(
    st.sampled_from([0.0, 5e-324, 1e-300, 1e-9, 0.25, 1.0]),
    st.floats(0.001, 1),
    st.integers(0, 100).map(float),
)


def on_slider(number: Number) -> st.SearchStrategy[float]:
    """Values that the slider of a number stops at."""
    steps = round((number.high - number.low) / number.step)
    return st.integers(0, steps).map(lambda i: round(number.low + i * number.step, 10))


def observations(sample: Sample) -> st.SearchStrategy[list[float]]:
    """Few or many observations, spread out or all alike; none are possible, too."""
    whole = st.integers(math.ceil(sample.low), math.floor(sample.high)).map(float)
    one = whole if sample.whole else st.one_of(whole, st.floats(sample.low, sample.high).map(lambda value: value + 0.0))
    alike = st.tuples(one, st.integers(1, sample.most)).map(lambda pair: [pair[0]] * pair[1])
    return st.one_of(st.lists(one, max_size=12), st.lists(one, max_size=sample.most), alike)


def known() -> st.SearchStrategy[list[str]]:
    """Any topics, or some with all that they rest on, as readers know them; none are possible, too."""
    ids = [topic.id for topic in topics.TOPICS]
    few = st.lists(st.sampled_from(ids), max_size=3, unique=True)
    whole = few.map(lambda found: [*found, *(topic.id for id_ in found for topic in topics.TOPICS.below(id_))])
    return st.one_of(few, whole, st.sets(st.sampled_from(ids)).map(sorted), st.just(ids))


def values(parameter: Parameter, symbols: int) -> st.SearchStrategy[Any]:
    match parameter:
        case Number():
            stops = on_slider(parameter)
            return stops if parameter.whole else st.one_of(stops, st.floats(parameter.low, parameter.high))
        case Choice():
            return st.sampled_from([option for option, _ in parameter.options])
        case Distribution():
            return st.lists(WEIGHT, min_size=symbols, max_size=symbols).filter(any)
        case Sample():
            return observations(parameter)
        case TopicId():
            return st.sampled_from([topic.id for topic in topics.TOPICS])
        case TopicSet():
            return known()


@st.composite
def states(draw: st.DrawFn, widget: Widget) -> State:
    """Draw a valid state: what a widget reads from values that fit its table."""
    symbols = draw(st.integers(1, 12))
    state = widget.read({item.name: draw(values(item, symbols)) for item in widget.parameters})
    if state.get("source") == "english":
        state["block"] = "1"  # thousands of blocks take their time; one test has them
    return state


@st.composite
def shown(draw: st.DrawFn) -> tuple[Widget, State, Frame]:
    widget = WIDGETS[draw(st.sampled_from(sorted(WIDGETS)))]
    return widget, draw(states(widget)), draw(FRAME)


@st.composite
def events(draw: st.DrawFn, widget: Widget, state: State) -> dict[str, Any]:
    """Draw an event that a reader can cause in a state."""
    pressed = [button.name for button in widget.buttons]
    if widget.spots:
        pressed += [spot.name for spot in widget.view(state, draw(FRAME)).scene.spots]
    kinds = ["preset", *(["press"] if pressed else []), "set", "set", "set"]
    kind = draw(st.sampled_from(kinds))
    if kind == "preset":
        return {"type": kind, "name": draw(st.sampled_from(widget.presets)).name}
    if kind == "press":
        return {"type": kind, "name": draw(st.sampled_from(pressed))}
    item = draw(st.sampled_from(widget.parameters))
    if isinstance(item, Distribution) and draw(st.booleans()):
        index = draw(st.integers(0, len(state[item.name]) - 1))
        value = draw(st.one_of(st.floats(0, 1), st.sampled_from([0, 0.5, 1, "0,3"])))
        return {"type": kind, "name": f"{item.name}.{index}", "value": value}
    return {"type": kind, "name": item.name, "value": draw(values(item, draw(st.integers(1, 12))))}


def attempt(action: Callable[[], Result]) -> Result | InputError:
    """Return what an action returns, or the refusal that it raises; anything else is a fault of ours."""
    try:
        return action()
    except InputError as error:
        return error


# What JSON can hold, and a few things that only Python can.
HOSTILE: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.sampled_from(
            ["", " ", "-", "−1", "+", "1e999", "-1e-999", "nan", "inf", "Infinity", "0x10", "1_000", "1,5", "1,2,3",
             "1;2;3", ";;;", ",,,", "0,5;0,5", "٣", "①", "\ud800", "\0", "a" * 5000, "9" * 5000, "1," * 3000,
             "<b>", "constructor", "__proto__"]
        ),
        st.sampled_from([10**400, -(10**400), float("nan"), float("inf"), -0.0, 5e-324, 1.7e308]),
        st.sampled_from([b"1", 1j, object(), (0.5, 0.5), {1, 2}]),
    ),
    lambda inner: st.lists(inner, max_size=15) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)  # fmt: skip
