"""One visit: from navigation until a drag, or a preset, was answered."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

from bench.site import Served
from klweb import live
from klweb.widgets import WIDGETS

WIDGET, HANDLE, READOUT = "asymmetry", "q.2", "kl_pq"
VALUE = 0.43
"""Where the bar is dragged: on none of the stops, multiples of 0.05, whose views are computed ahead of time."""
PRESET = "mirror-image"
PATIENCE = 300.0
"""Seconds that a visit may take: a slowed browser on a slow link needs more than a minute."""
FOUND = "bench found "

Task = dict[str, Any]


@dataclass(frozen=True)
class Visit:
    """What one visit was like; times in seconds."""

    answered: float
    longest_task: float
    """The longest on the main thread, from the navigation on."""
    longest_starting: float
    """The longest that ended after the figure said that Python is on its way; of all where none said so."""
    sent: Counter[str] = field(default_factory=Counter)
    """Bytes that the server had sent for each path when the answer came."""
    strangers: tuple[str, ...] = ()
    """Requests to other origins."""


def ask(widget: str, **request: Any) -> dict[str, Any]:
    """Return what Python outside the browser answers, as a phone's page asks it."""
    text = live.handle(json.dumps({"widget": widget, "frame": "phone"} | request))
    answer: dict[str, Any] = json.loads(text)
    return answer


def preset(widget: str, name: str = "") -> dict[str, Any]:
    """Return the answer for a preset, by default the first."""
    return ask(widget, op="decode", text=name or WIDGETS[widget].presets[0].name)


def after(widget: str, state: object, name: str, value: object) -> dict[str, Any]:
    """Return the answer after setting a control."""
    return ask(widget, op="events", state=state, events=[{"type": "set", "name": name, "value": value}])


def shown(answer: dict[str, Any], readout: str) -> float:
    """Return a readout's double."""
    return next(float(item["value"]) for item in answer["view"]["readouts"] if item["name"] == readout)


@cache
def drag(which: int = 0) -> str:
    """Return the script of a reader who drags one bar until Python answers."""
    expected = shown(after(WIDGET, preset(WIDGET)["state"], HANDLE, VALUE), READOUT)
    task = {"widget": WIDGET, "which": which, "readout": READOUT, "expected": expected}
    return _script(task | {"handle": HANDLE, "value": VALUE})


@cache
def press() -> str:
    """Return the script of a reader who presses a preset until it is shown."""
    expected = shown(preset(WIDGET, PRESET), READOUT)
    return _script({"widget": WIDGET, "which": 0, "readout": READOUT, "expected": expected, "preset": PRESET})


def _script(task: Task) -> str:
    return f"{Path(__file__).with_suffix('.js').read_text(encoding='utf-8')}\nvisit({json.dumps(task)});"


def read(text: str) -> Visit:
    """Read what the reader found, in milliseconds.

    >>> read('{"answered": 900, "starting": 500, "tasks": [[100, 80], [490, 60]]}').longest_starting
    0.06
    """
    found = json.loads(text)
    lengths = [length for _, length in found["tasks"]]
    late = [length for start, length in found["tasks"] if start + length > found["starting"]]
    return Visit(found["answered"] / 1e3, max(lengths, default=0) / 1e3, max(late, default=0) / 1e3)


def visit(context: BrowserContext, served: Served, url: str, script: str, settle: float = 0) -> Visit:
    """Open a page in a new tab, do what the script does, and close the tab some seconds after the answer.

    `url` is the page's, perhaps behind a slow link to what is `served`.
    """
    page = context.new_page()
    strangers: list[str] = []
    counts: list[Counter[str]] = []
    own = ("{0.scheme}://{0.netloc}/".format(urlsplit(url)), "blob:", "data:")
    page.on("request", lambda request: None if request.url.startswith(own) else strangers.append(request.url))
    page.on("console", lambda message: counts.append(served.sent) if message.text == "bench answered" else None)
    page.add_init_script(script)
    before = served.sent
    with page.expect_console_message(lambda message: message.text.startswith(FOUND), timeout=PATIENCE * 1e3) as said:
        page.goto(url, wait_until="commit", timeout=PATIENCE * 1e3)
    found = read(said.value.text.removeprefix(FOUND))
    page.wait_for_timeout(settle * 1e3)
    page.close()
    return replace(found, sent=counts[0] - before, strangers=tuple(strangers))
