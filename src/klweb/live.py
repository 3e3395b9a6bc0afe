"""The one door between the page and Python: a JSON text in, a JSON text out.

A request names a widget and what is wanted of it::

    {"op": "view",    "widget": "asymmetry", "state": {…}, "frame": "phone"}
    {"op": "events",  "widget": "asymmetry", "state": {…}, "frame": "phone",
                      "events": [{"type": "set", "name": "q.2", "value": 0.3}]}
    {"op": "decode",  "widget": "asymmetry", "text": "mirror-image", "frame": "phone"}

or what each of some events would lead to if it were the only one, which is how a page knows ahead where a movement
may end (an answer for each, in a list under ``"answers"``)::

    {"op": "each",    "widget": "asymmetry", "state": {…}, "frame": "phone",
                      "events": [{"type": "set", "name": "q.2", "value": 0.3}]}

or the lines of Python that compute what a state shows, after some events perhaps::

    {"op": "code",    "widget": "asymmetry", "state": {…}, "events": []}

or a question, and which of its variants::

    {"op": "variant", "question": {…}, "seed": 7}

The answer is ``{"ok": true, "state": {…}, "link": "…", "view": {…}}``, or ``{"ok": true, "state": {…},
"code": "…"}``, or ``{"ok": true, "variant": {…}}``, or, when the request as a whole was refused, ``{"ok": false,
"error": {"field": "state", "message": "…"}}``. Of several events a refused one changes nothing; it is told under
``"errors"``, and the others count. Anything else that goes wrong raises, and the worker reports it as a fault of ours.
"""

import json
from typing import Any

from klweb.errors import InputError
from klweb.parameter import shorten
from klweb.practice import variant
from klweb.widget import FRAMES, Frame, State, Widget
from klweb.widgets import WIDGETS


def handle(request: str) -> str:
    """Answer one request; see the module's text for its shapes.

    >>> answer = json.loads(handle('{"op": "decode", "widget": "asymmetry", "text": "identical", "frame": "phone"}'))
    >>> answer["ok"], answer["link"], answer["view"]["readouts"][0]["value"]
    (True, 'identical', '0.0')
    """
    try:
        reply = answer_to(json.loads(request))
    except InputError as error:
        reply = {"ok": False, "error": refusal(error)}
    # In ASCII, since what a reader typed may hold half a character (a lone surrogate), which UTF-8 has no room for.
    return json.dumps(reply, allow_nan=False, separators=(",", ":"))


def answer_to(request: object) -> dict[str, Any]:
    """Answer one request given as plain data; a refused value raises `InputError`."""
    if not isinstance(request, dict):
        raise InputError(f"A request must be an object, but is {shorten(request)}", "request")
    operation = request.get("op")
    if operation == "variant":
        return {"ok": True, "variant": variant(request.get("question"), request.get("seed"))}
    widget = find_widget(request.get("widget"))
    if operation == "code":
        state, _errors = replay(widget, widget.read(request.get("state")), request.get("events"))
        return {"ok": True, "state": state, "code": widget.code(state)}
    frame = find_frame(request.get("frame"))
    if operation == "decode":
        return answer(widget, widget.decode(str(request.get("text"))), frame)
    if operation == "view":
        return answer(widget, widget.read(request.get("state")), frame)
    if operation == "events":
        return replayed(widget, widget.read(request.get("state")), request.get("events"), frame)
    if operation == "each":
        state, events = widget.read(request.get("state")), event_list(request.get("events"))
        return {"ok": True, "answers": [replayed(widget, state, [event], frame) for event in events]}
    operations = "view, events, each, decode, code or variant"
    raise InputError(f"An operation must be {operations}, but is {shorten(operation)}", "op")


def replayed(widget: Widget, state: State, events: object, frame: Frame) -> dict[str, Any]:
    """Return the answer that shows a state after some events, and why any of them were refused."""
    state, errors = replay(widget, state, events)
    return answer(widget, state, frame) | {"errors": errors}


def replay(widget: Widget, state: State, events: object) -> tuple[State, list[dict[str, str]]]:
    """Return the state after some events, and why any of them were refused."""
    errors = []
    for event in event_list(events):
        try:
            state = widget.update(state, event if isinstance(event, dict) else {})
        except InputError as error:
            errors.append(refusal(error))
    return state, errors


def event_list(events: object) -> list[object]:
    """Return the events of a request, if they are a list."""
    if not isinstance(events, list):
        raise InputError(f"Events must be a list, but are {shorten(events)}", "events")
    return events


def refusal(error: InputError) -> dict[str, str]:
    """Return an error as plain data: the control it concerns, and the message."""
    return {"field": error.argument, "message": str(error)}


def answer(widget: Widget, state: State, frame: Frame) -> dict[str, Any]:
    """Return the answer that shows a state."""
    found = {
        "ok": True,
        "state": state,
        "link": widget.encode(state),
        "view": widget.view(state, frame).to_json(),
    }
    if widget.pair:
        p, q = widget.pair(state)
        found["pair"] = {"p": list(p), "q": list(q)}
    return found


def find_widget(name: object) -> Widget:
    """Return the widget of that name."""
    if not isinstance(name, str) or name not in WIDGETS:
        raise InputError(f"There is no widget {shorten(name)}", "widget")
    return WIDGETS[name]


def find_frame(name: object) -> Frame:
    """Return the frame of that name."""
    if not isinstance(name, str) or name not in FRAMES:
        raise InputError(f"There is no frame {shorten(name)}", "frame")
    return FRAMES[name]
