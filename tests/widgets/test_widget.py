"""What holds for every widget: reading, updating, and links."""

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from klweb.errors import InputError
from klweb.parameter import MAX_TEXT, Button, Choice, Distribution, Number, Sample, TopicId, TopicSet
from klweb.scene import Scene
from klweb.widget import FRAMES, Event, Preset, State, Table, View, Widget
from klweb.widgets import WIDGETS
from tests.widgets.strategies import HOSTILE, attempt, events, on_slider, states, values

PHONE = FRAMES["phone"]
EVERY = pytest.mark.parametrize("widget", WIDGETS.values(), ids=list(WIDGETS))
PRESETS = [(widget, preset) for widget in WIDGETS.values() for preset in widget.presets]
EVERY_PRESET = pytest.mark.parametrize(
    ("widget", "preset"), PRESETS, ids=[f"{widget.name}-{preset.name}" for widget, preset in PRESETS]
)

FEW = settings(max_examples=30)
"""For every widget, and a picture for every example: few suffice here, since other tests draw their own."""


def printed(widget: Widget, state: State) -> list[str]:
    return [readout.text for readout in widget.view(state, PHONE).readouts]


def test_the_page_contracts_widgets_controls_and_readouts() -> None:
    names = {
        widget.name: (
            [item.name for item in (*widget.parameters, *widget.buttons)],
            [readout.name for readout in widget.view(widget.default, PHONE).readouts],
        )
        for widget in WIDGETS.values()
    }
    expected = {
        "asymmetry": ({"edit", "p", "q"}, ["kl_pq", "kl_qp"]),
        "wasted-bits": ({"morph", "source"}, ["h_p", "h_pq", "kl_pq", "mean_length"]),
        "gaussians": (
            {"mu_p", "sigma_p", "mu_q", "sigma_q", "swap-means", "swap-variances"},
            ["kl_pq", "kl_qp"],
        ),
    }
    for name, (controls, readouts) in expected.items():
        assert controls <= set(names[name][0])
        assert names[name][1] == readouts
    edit = next(item for item in WIDGETS["asymmetry"].parameters if item.name == "edit")
    assert isinstance(edit, Choice)
    assert [option for option, _ in edit.options] == ["p", "q"]


@EVERY
def test_a_table_of_parameters_is_sound(widget: Widget) -> None:
    names = [item.name for item in (*widget.parameters, *widget.buttons)]
    assert len(names) == len(set(names))
    assert not [name for name in names if not name.replace("_", "").replace("-", "").isalnum()]
    for item in widget.parameters:
        if isinstance(item, Number):
            assert item.low <= item.default <= item.high
        if isinstance(item, Choice):
            assert item.default in dict(item.options)
            assert len(item.roles) in (0, len(item.options))
    presets = [preset.name for preset in widget.presets]
    assert len(presets) == len(set(presets))
    assert len({preset.label for preset in widget.presets}) == len(presets)
    assert widget.title.endswith("?"), "a title states its question"
    for preset in widget.presets:
        assert preset.label
        assert preset.note.endswith(".")
        assert len(preset.label) <= 30


@EVERY_PRESET
def test_a_presets_link_is_its_name_and_reads_back(widget: Widget, preset: Preset) -> None:
    state = widget.preset(preset.name)
    assert widget.encode(state) == preset.name
    assert widget.decode(preset.name) == state
    assert widget.update(widget.default, {"type": "preset", "name": preset.name}) == state
    assert widget.read(json.loads(json.dumps(state))) == state


@EVERY
def test_no_two_presets_show_the_same(widget: Widget) -> None:
    seen = [widget.preset(preset.name) for preset in widget.presets]
    assert all(a != b for i, a in enumerate(seen) for b in seen[:i])


@EVERY
def test_the_default_is_the_first_preset_and_the_parameters_defaults(widget: Widget) -> None:
    assert widget.default == widget.preset(widget.presets[0].name) == widget.read({})


@EVERY
@given(data=st.data())
@FEW
def test_a_state_reads_as_itself_and_survives_json(widget: Widget, data: st.DataObject) -> None:
    state = data.draw(states(widget))
    assert widget.read(state) == state
    assert widget.read(json.loads(json.dumps(state, allow_nan=False))) == state
    assert state.keys() == {item.name for item in widget.parameters}


def short(widget: Widget) -> st.SearchStrategy[State]:
    """Draw states as sliders and short typed lists give them, which six digits hold exactly."""

    def value(item: Any) -> st.SearchStrategy[Any]:
        match item:
            case Number():
                return on_slider(item)
            case Choice():
                return st.sampled_from([option for option, _ in item.options])
            case Distribution():
                return st.sampled_from([(0.5, 0.25, 0.25), (0.125, 0.5, 0.375), (0.1, 0.2, 0.7), (0, 0.35, 0.65)])
            case Sample():
                return st.lists(st.integers(int(item.low), int(item.high)).map(float), max_size=8)
            case TopicId() | TopicSet():
                return values(item, 1)
            case _:
                raise AssertionError(item)

    drawn = st.fixed_dictionaries({item.name: value(item) for item in widget.parameters})
    return drawn.map(lambda values: widget.read({**values, **({"block": "1"} if "block" in values else {})}))


def reopened(widget: Widget, state: State) -> State:
    """Open the link to a state; what a reader knows and wants, which no link tells, is put back."""
    own = {item.name: state[item.name] for item in widget.parameters if isinstance(item, TopicSet)}
    return widget.read({**widget.decode(widget.encode(state)), **own})


@EVERY
@given(data=st.data())
@FEW
def test_a_link_to_a_round_state_gives_back_the_very_state(widget: Widget, data: st.DataObject) -> None:
    state = data.draw(short(widget))
    again = reopened(widget, state)
    for name, value in state.items():
        if isinstance(value, str) or (isinstance(value, list) and any(isinstance(item, str) for item in value)):
            assert again[name] == value
        else:
            assert again[name] == pytest.approx(value, rel=1e-15, abs=1e-15)
    assert printed(widget, again) == printed(widget, state)


@EVERY
@given(data=st.data())
@FEW
def test_a_link_to_any_state_shows_the_same_figures(widget: Widget, data: st.DataObject) -> None:
    state = data.draw(states(widget))
    assert len(widget.encode(state)) <= MAX_TEXT
    again = reopened(widget, state)
    assert printed(widget, again) == printed(widget, state)
    assert widget.read(again) == again


@pytest.mark.parametrize("seed", range(40))
def test_links_to_dragged_states_show_the_same_figures(seed: int) -> None:
    """Dragging leaves numbers of sixteen digits behind; a link must not change what is printed."""
    widget = WIDGETS["asymmetry"]
    state = widget.default
    for step in range(6):
        value = ((seed * 7 + step * 13) % 97) / 97
        state = widget.update(state, {"type": "set", "name": f"{'pq'[step % 2]}.{(seed + step) % 5}", "value": value})
        assert printed(widget, widget.decode(widget.encode(state))) == printed(widget, state)


@EVERY
@given(data=st.data())
@FEW
def test_the_page_may_keep_what_a_readout_is_called(widget: Widget, data: st.DataObject) -> None:
    def called(state: State) -> list[tuple[str, ...]]:
        shown = widget.view(state, FRAMES["phone"]).readouts
        return [(item.name, item.symbol, item.words, item.role) for item in shown]

    assert called(data.draw(states(widget))) == called(widget.default)


@EVERY
@given(data=st.data())
@FEW
def test_update_returns_a_valid_state_and_leaves_the_old_one_alone(widget: Widget, data: st.DataObject) -> None:
    state = data.draw(states(widget))
    event = data.draw(events(widget, state))
    before = copy.deepcopy((state, event))
    after = attempt(lambda: widget.update(state, event))
    assert (state, event) == before
    if isinstance(after, InputError):
        assert event["type"] == "press", "only what is full or empty already is refused here"
        return
    assert widget.read(after) == after
    assert widget.update(state, event) == after, "the same event in the same state has the same effect"
    for old in (value for value in state.values() if isinstance(value, list)):
        assert not any(old is new for new in after.values() if new != old)


@EVERY
@given(data=st.data())
@FEW
def test_what_a_control_was_set_to_is_what_it_has(widget: Widget, data: st.DataObject) -> None:
    state = data.draw(states(widget))
    item = data.draw(st.sampled_from([item for item in widget.parameters if isinstance(item, Number | Choice)]))
    value = data.draw(states(widget))[item.name]
    if isinstance(item, Choice) and item.hidden:
        return
    after = widget.update(state, {"type": "set", "name": item.name, "value": value})
    assert after[item.name] == value


@EVERY
@given(data=st.data())
@FEW
def test_view_leaves_the_state_alone(widget: Widget, data: st.DataObject) -> None:
    state = data.draw(states(widget))
    before = copy.deepcopy(state)
    first = widget.view(state, PHONE)
    assert state == before
    assert widget.view(state, PHONE) == first


NAMES = ["set", "press", "preset", "edit", "p", "q", "p.0", "q.99", "q.-1", "q.", "q.1.2", "morph", "mu_p",
         "identical", "swap-means", "q.٣", "q.²", "q." + "9" * 5000, "p.0x1", "pressed", "Q.0"]  # fmt: skip
WORD = st.one_of(st.sampled_from(NAMES), HOSTILE)


@EVERY
@given(data=st.data())
@FEW
def test_whatever_happens_only_input_errors_escape(widget: Widget, data: st.DataObject) -> None:
    event = data.draw(st.fixed_dictionaries({}, optional={"type": WORD, "name": WORD, "value": HOSTILE}))
    state = attempt(lambda: widget.update(widget.default, event))
    if isinstance(state, InputError):
        assert len(str(state)) < 400
    else:
        assert widget.read(state) == state


@EVERY
@pytest.mark.parametrize("name", ["q.-1", "q.", "q.1.2", "q.²", "q." + "9" * 5000, "q.99", "Q.0", ".0", ""])
def test_controls_that_do_not_exist_are_refused(widget: Widget, name: str) -> None:
    with pytest.raises(InputError):
        widget.update(widget.default, {"type": "set", "name": name, "value": 0.5})


@EVERY
@given(value=HOSTILE)
@example({"p": [1, 2], "q": None})
@example({"pressed": []})
def test_whatever_is_read_as_a_state_only_input_errors_escape(widget: Widget, value: Any) -> None:
    for candidate in [value, *({item.name: value} for item in widget.parameters)]:
        state = attempt(lambda candidate=candidate: widget.read(candidate))  # type: ignore[misc]
        assert isinstance(state, InputError) or widget.read(state) == state


ALPHABET = st.sampled_from([
    *"pq:;,.=0123456789e+-−∞ \0%&#<>\"'{}[]()|/", "mu_p", "sigma_q", "identical", "edit", "inf", "1e-320", "morph",
    "source", "english", "block", "pressed", "swap-means", "é", "\ud800",
])  # fmt: skip
LINKS = st.one_of(st.text(), st.lists(ALPHABET, max_size=40).map("".join))


@EVERY
@given(text=LINKS)
@example("")
@example(":")
@example(";;;")
@example("p:")
@example("p:1,2;p:3")
@example("p:" + "1," * 1990)
@example("p:" + "9" * 3990)
@example("edit:p;edit:q")
@example("mu_p:1e309")
def test_whatever_a_link_says_only_input_errors_escape(widget: Widget, text: str) -> None:
    state = attempt(lambda: widget.decode(text))
    if isinstance(state, InputError):
        assert len(str(state)) < 400
        return
    assert widget.read(state) == state
    if state.get("source") != "english":
        assert widget.view(state, PHONE).summary


@EVERY
def test_links_as_long_as_allowed_are_read_and_longer_ones_are_not(widget: Widget) -> None:
    padding = ";" * (MAX_TEXT - len(f"{widget.encode(widget.default)}:"))
    parameter = widget.parameters[0]
    text = f"{parameter.name}:{parameter.write(widget.default[parameter.name])}"
    longest = text.ljust(MAX_TEXT, ";")
    assert padding
    assert widget.decode(longest) == widget.default
    with pytest.raises(InputError, match=rf"{MAX_TEXT + 1} characters long: too long"):
        widget.decode(longest + ";")


@EVERY
def test_unknown_names_are_refused_and_named(widget: Widget) -> None:
    with pytest.raises(InputError, match=f"{widget.name} has no example “no-such”; it has {widget.presets[0].name}"):
        widget.decode("no-such")
    with pytest.raises(InputError, match="has no control “colour”"):
        widget.decode("colour:red")
    with pytest.raises(InputError, match="has no control “colour”"):
        widget.read({"colour": "red"})
    with pytest.raises(InputError, match="has no control “colour”") as caught:
        widget.update(widget.default, {"type": "set", "name": "colour", "value": 1})
    assert caught.value.argument == "colour"
    with pytest.raises(InputError, match="has no button “explode”"):
        widget.update(widget.default, {"type": "press", "name": "explode"})
    with pytest.raises(InputError, match="must be set, press, preset or share, but is “jump”"):
        widget.update(widget.default, {"type": "jump"})
    with pytest.raises(InputError, match="must be set, press, preset or share, but is None"):
        widget.update(widget.default, {})


def test_an_entry_of_a_distribution_must_be_a_probability() -> None:
    widget = WIDGETS["asymmetry"]

    def refusal(name: str, value: object) -> tuple[str, str]:
        with pytest.raises(InputError) as caught:
            widget.update(widget.default, {"type": "set", "name": name, "value": value})
        return caught.value.argument, str(caught.value)

    assert refusal("q.2", 1.5) == ("q.2", "The 3rd probability of q must be between 0 and 1, but is 1.5")
    assert refusal("q.2", "x") == ("q.2", "The 3rd probability of q must be a number, but is “x”")
    assert refusal("q.5", 0.5) == ("q.5", "q has 5 symbols, so there is no “q.5”")


def test_buttons_without_a_change_are_refused() -> None:
    widget = Widget("w", "What?", (), (Preset("one", "One", "One."),), nothing, str, (Button("go", "Go"),))
    with pytest.raises(InputError, match="no button “go”"):
        widget.update({}, {"type": "press", "name": "go"})


def test_a_widget_without_a_change_sets_its_own_entry() -> None:
    size = Number("size", "size", 0, 10, 1, 3)
    widget = Widget("w", "What?", (size,), (Preset("one", "One", "One."),), nothing, str)
    event: Event = {"type": "set", "name": "size", "value": "7"}
    assert widget.update({"size": 1.0}, event) == {"size": 7.0}


def nothing(_state: State, _frame: object) -> View:
    return View(Scene(1, 1, ()), (), "", Table("", (), ()))


@EVERY
def test_what_is_not_finite_is_written_as_a_word_since_json_has_none(widget: Widget) -> None:
    for preset in widget.presets:
        for readout in widget.view(widget.preset(preset.name), PHONE).readouts:
            value = readout.to_json()["value"]
            assert float(value) == readout.value or math.isnan(readout.value)
            assert value in ("inf", "-inf", "nan") or math.isfinite(readout.value)
