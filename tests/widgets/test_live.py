"""The one door between page and Python: JSON in, JSON out, and refusals as data."""

import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from klweb.errors import InputError
from klweb.live import answer_to, handle
from klweb.parameter import Number
from klweb.scene import Handle
from klweb.widget import FRAMES, Frame, State, Widget
from klweb.widgets import WIDGETS
from tests.widgets.strategies import attempt, events, shown


def refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is not JSON")


def ask(**request: Any) -> dict[str, Any]:
    """Send a request for the asymmetry widget on a phone, unless told otherwise."""
    full = {"widget": "asymmetry", "frame": "phone", **request}
    found: dict[str, Any] = json.loads(handle(json.dumps(full)), parse_constant=refuse)
    return found


def refusal(**request: Any) -> tuple[str, str]:
    found = ask(**request)
    assert found.keys() == {"ok", "error"}
    assert found["ok"] is False
    assert found["error"].keys() == {"field", "message"}
    return found["error"]["field"], found["error"]["message"]


def test_a_view_is_answered_with_state_link_and_view() -> None:
    found = ask(op="view", state={})
    assert found.keys() == {"ok", "state", "link", "view"}
    assert found["ok"] is True
    assert found["link"] == "uniform-vs-peaked"
    assert found["state"] == {"edit": "q", "p": [0.2] * 5, "q": [0.1, 0.1, 0.6, 0.1, 0.1]}
    assert found["view"].keys() == {"scene", "readouts", "summary", "table"}
    assert found["view"]["readouts"][0].keys() == {"name", "value", "text", "detail"}
    assert float(found["view"]["readouts"][0]["value"]) == pytest.approx(0.4830, abs=5e-5)
    assert found["view"]["scene"]["width"] == 360


@pytest.mark.parametrize("frame", FRAMES)
def test_a_view_is_laid_out_for_the_frame_asked_for(frame: str) -> None:
    assert ask(op="view", state={}, frame=frame)["view"]["scene"]["width"] == FRAMES[frame].width


def test_a_preset_is_decoded_by_name() -> None:
    found = ask(op="decode", text="support-mismatch")
    assert found["link"] == "support-mismatch"
    assert found["view"]["readouts"][0]["value"] == "inf"
    assert found["view"]["readouts"][0]["text"] == "∞ bits"


def test_a_link_is_decoded() -> None:
    found = ask(op="decode", text="edit:p;p:1,1;q:1,3")
    assert found["state"] == {"edit": "p", "p": [0.5, 0.5], "q": [0.25, 0.75]}


def test_broken_links_are_refused() -> None:
    assert refusal(op="decode", text="gone") == (
        "preset",
        "The figure asymmetry has no example “gone”; it has uniform-vs-peaked, nearly-equal, mirror-image, identical, "
        "long-tail, support-mismatch",
    )
    assert refusal(op="decode", text="p:1,-1")[0] == "p"
    assert refusal(op="decode", text="x" * 5000)[0] == "state"
    assert refusal(op="decode")[0] == "preset"


GOOD = ["0", "1", "0.5", "3"]
ODD = ["", " ", ":", ";", ",", "=", "__proto__", "__class__", "nan", "-inf", "1e999", "-0", "1e-400", "9" * 400, "\x00",
       "\ud800", "∞", "½", "१", "0x10", "1_0", "{}", "[]", "<b>", "%00", "a" * 5000]  # fmt: skip


@pytest.mark.slow
def test_ten_thousand_hostile_links_are_answered_or_refused_in_words() -> None:
    draw, outcomes = Random(6), Counter[bool]()
    links = [(widget, ask(widget=widget, op="view", state={})["state"]) for widget in WIDGETS]
    for _ in range(10_000):
        widget, state = draw.choice(links)
        # Parts of good links come nearer to the door than noise does.
        names = draw.choices([*state, *ODD], [20] * len(state) + [1] * len(ODD), k=draw.randrange(1, 4))
        values = [
            ",".join(draw.choices([*GOOD, *ODD], [12] * 4 + [1] * len(ODD), k=draw.randrange(1, 6))) for _ in names
        ]
        text = ";".join(f"{name}:{value}" for name, value in zip(names, values, strict=True))
        found = ask(widget=widget, op="decode", text=text)
        outcomes[found["ok"]] += 1
        if found["ok"]:
            # What is shown can be linked to.
            assert ask(widget=widget, op="decode", text=found["link"])["ok"], text
        else:
            assert found["error"]["message"], text
    assert min(outcomes[True], outcomes[False]) > 100, outcomes


def test_events_are_replayed_in_order() -> None:
    events = [
        {"type": "preset", "name": "identical"},
        {"type": "set", "name": "q.0", "value": 0.3},
        {"type": "set", "name": "edit", "value": "p"},
    ]
    found = ask(op="events", state={}, events=events)
    assert found["ok"] is True
    assert found["errors"] == []
    assert found["state"]["q"][0] == 0.3
    assert found["state"]["edit"] == "p"
    assert ask(op="view", state=found["state"])["view"] == found["view"]


def test_no_events_at_all_are_a_view() -> None:
    assert ask(op="events", state={}, events=[]) == ask(op="view", state={}) | {"errors": []}


def test_of_several_events_a_refused_one_changes_nothing_and_the_others_count() -> None:
    events = [
        {"type": "set", "name": "q.0", "value": 0.3},
        {"type": "set", "name": "q.1", "value": -1},
        {"type": "set", "name": "p.9", "value": 0.5},
        {"type": "dance"},
        "not an event",
        {"type": "set", "name": "q.0", "value": 0.5},
    ]
    found = ask(op="events", state={}, events=events)
    assert found["ok"] is True
    assert [error["field"] for error in found["errors"]] == ["q.1", "p.9", "event", "event"]
    assert "but is -1" in found["errors"][0]["message"]
    without = [events[0], events[-1]]
    assert found["state"] == ask(op="events", state={}, events=without)["state"]


def test_each_of_several_events_is_answered_as_if_it_were_the_only_one() -> None:
    events: list[Any] = [
        {"type": "set", "name": "q.0", "value": 0.3},
        {"type": "set", "name": "q.1", "value": -1},
        "not an event",
        {"type": "set", "name": "q.0", "value": 0.5},
    ]
    found = ask(op="each", state={}, events=events)
    assert found == {"ok": True, "answers": [ask(op="events", state={}, events=[event]) for event in events]}
    assert [bool(item["errors"]) for item in found["answers"]] == [False, True, True, False]
    assert ask(op="each", state={}, events=[]) == {"ok": True, "answers": []}


def test_a_refused_state_refuses_the_request() -> None:
    states: list[Any] = [None, [], "x", 5, {"p": "x"}, {"colour": 1}, {"p": [1, 2, "x"]}]
    for state in states:
        field, message = refusal(op="view", state=state)
        assert field in ("state", "p")
        assert message
        assert refusal(op="events", state=state, events=[]) == (field, message)
    assert refusal(op="view")[0] == "state"


@pytest.mark.parametrize("value", [None, 5, {}, "x", True])
def test_events_must_be_a_list(value: Any) -> None:
    assert refusal(op="events", state={}, events=value)[0] == "events"
    assert refusal(op="each", state={}, events=value)[0] == "events"


@pytest.mark.parametrize("value", [None, 5, [], {}, "", "x", "../asymmetry", "__init__", ["asymmetry"], True])
def test_widgets_frames_and_operations_that_do_not_exist_are_refused(value: Any) -> None:
    assert refusal(op="view", state={}, widget=value)[0] == "widget"
    assert refusal(op="view", state={}, frame=value)[0] == "frame"
    assert refusal(op=value, state={})[0] == "op"


@pytest.mark.parametrize("text", ["[]", "null", "5", '"view"', "true", "[1,2]"])
def test_requests_that_are_no_objects_are_refused(text: str) -> None:
    found = json.loads(handle(text))
    assert found["ok"] is False
    assert found["error"]["message"]


@pytest.mark.parametrize("text", ["", "{", "{'op': 1}", "NaN,"])
def test_a_text_that_is_no_json_is_our_own_fault(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Extra"):
        handle(text)


def test_what_is_not_a_number_in_json_is_refused_too() -> None:
    for constant in ("NaN", "Infinity", "-Infinity", "1e999"):
        text = '{"op": "view", "widget": "gaussians", "frame": "phone", "state": {"mu_p": %s}}'
        found = json.loads(handle(text % constant))
        assert found["error"]["field"] == "mu_p"
        assert "finite number" in found["error"]["message"]


def test_a_fault_of_ours_is_raised_and_not_dressed_as_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: Widget, _values: object) -> State:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(Widget, "read", broken)
    with pytest.raises(ZeroDivisionError, match="ours"):
        handle('{"op": "view", "widget": "asymmetry", "frame": "phone", "state": {}}')


def test_what_json_cannot_hold_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Widget, "encode", lambda _self, _state: float("nan"))
    with pytest.raises(ValueError, match="not JSON compliant"):
        handle('{"op": "view", "widget": "asymmetry", "frame": "phone", "state": {}}')


def test_answers_are_ascii_and_spend_no_spaces() -> None:
    text = handle('{"op": "decode", "widget": "asymmetry", "text": "identical", "frame": "phone"}')
    assert text.isascii()
    assert '": ' not in text


def test_words_that_are_half_a_character_come_back_as_they_were_sent() -> None:
    text = handle('{"op": "decode", "widget": "asymmetry", "text": "\\ud83d", "frame": "phone"}')
    assert "\ud83d" in json.loads(text)["error"]["message"]


@given(shown(), st.data())
def test_any_gesture_is_answered_in_json_that_shows_its_own_state(
    case: tuple[Widget, State, Frame], data: st.DataObject
) -> None:
    widget, state, frame = case
    event = data.draw(events(widget, state))
    request = {"op": "events", "widget": widget.name, "frame": frame.name, "state": state, "events": [event]}
    found = ask(**request)
    assert found["ok"] is True
    expected = attempt(lambda: widget.update(state, event))
    if isinstance(expected, InputError):
        assert event["type"] == "press", "only what is full or empty already is refused here"
        assert found["errors"] == [{"field": expected.argument, "message": str(expected)}]
        expected = state
    else:
        assert found["errors"] == []
    assert found["state"] == expected
    assert found["link"] == widget.encode(expected)
    assert ask(op="view", widget=widget.name, frame=frame.name, state=found["state"]) == {
        key: value for key, value in found.items() if key != "errors"
    }


@given(shown(), st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.data())
def test_what_a_movement_leads_to_does_not_depend_on_the_way(
    case: tuple[Widget, State, Frame], between: float, share: float, data: st.DataObject
) -> None:
    """A page replays every movement of a control from the state before the first of them."""
    widget, state, frame = case
    handles = [mark for mark in widget.view(state, frame).scene.marks if isinstance(mark, Handle)]
    sliders = [item for item in widget.parameters if isinstance(item, Number)]
    moved: list[Handle | Number] = [*sliders, *handles]
    assume(moved)
    item = data.draw(st.sampled_from(moved))
    name, steps = item.name, (item.high - item.low) / item.step
    way, end = (round(item.low + round(part * steps) * item.step, 10) for part in (between, share))
    direct = widget.update(state, {"type": "set", "name": name, "value": end})
    detour = widget.update(state, {"type": "set", "name": name, "value": way})
    detour = widget.update(detour, {"type": "set", "name": name, "value": end})
    lists = [value for value in state.values() if isinstance(value, list)]
    assume(all(entry == 0 or entry > 1e-300 for numbers in lists for entry in numbers if isinstance(entry, float)))
    shown, expected = ([item.value for item in widget.view(end, frame).readouts] for end in (detour, direct))
    assert shown == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "op": st.sampled_from(["view", "events", "each", "decode"]) | JSON,
            "widget": st.sampled_from(list(WIDGETS)) | JSON,
            "frame": st.sampled_from(list(FRAMES)) | JSON,
            "state": st.just({}) | JSON,
            "events": JSON,
            "text": JSON,
        },
    )
)
def test_whatever_is_asked_is_answered(request: dict[str, Any]) -> None:
    found = json.loads(handle(json.dumps(request)), parse_constant=refuse)
    assert found["ok"] in (True, False)
    assert found["ok"] or found["error"]["message"]


def test_as_plain_data_a_refusal_is_raised() -> None:
    with pytest.raises(InputError):
        answer_to({"op": "view", "widget": "none", "frame": "phone"})
