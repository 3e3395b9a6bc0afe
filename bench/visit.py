"""One visit: from navigation until a drag was answered, and what was fetched for it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import BrowserContext, Request

from klweb import live

WIDGET, HANDLE, VALUE, READOUT = "asymmetry", "q.2", 0.43, "kl_pq"
PATIENCE = 300.0
"""Seconds that a visit may take: a slowed browser on a slow link needs more than a minute."""


@dataclass(frozen=True)
class File:
    """What was fetched, and the bytes that came for it over the network."""

    url: str
    transferred: int


@dataclass(frozen=True)
class Visit:
    """What one visit was like; times in seconds."""

    answered: float
    longest_task: float
    files: tuple[File, ...]


@cache
def script() -> str:
    """Return what is put into the page: the reader, and the answer that Python outside the browser gives."""
    preset = json.loads(
        live.handle(json.dumps({"op": "decode", "widget": WIDGET, "text": "uniform-vs-peaked", "frame": "phone"}))
    )
    event = {"type": "set", "name": HANDLE, "value": VALUE}
    question = {"op": "events", "widget": WIDGET, "state": preset["state"], "events": [event], "frame": "phone"}
    answer = json.loads(live.handle(json.dumps(question)))
    expected = next(float(item["value"]) for item in answer["view"]["readouts"] if item["name"] == READOUT)
    task = {"widget": WIDGET, "handle": HANDLE, "value": VALUE, "readout": READOUT, "expected": expected}
    return f"{Path(__file__).with_suffix('.js').read_text(encoding='utf-8')}\nvisit({json.dumps(task)});"


def visit(context: BrowserContext, url: str) -> Visit:
    """Open a page in a new tab, drag, and close the tab once the drag is answered."""
    page = context.new_page()
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108  Playwright marks what it calls
    page.add_init_script(script())
    with page.expect_console_message(lambda message: message.text.startswith("bench "), timeout=PATIENCE * 1e3) as said:
        page.goto(url, wait_until="commit", timeout=PATIENCE * 1e3)
    found = json.loads(said.value.text.removeprefix("bench "))
    files = tuple(File(request.url, size(request)) for request in finished if request.url.startswith("http"))
    page.close()
    return Visit(found["answered"] / 1e3, found["longest"] / 1e3, files)


def size(request: Request) -> int:
    """Return the bytes that came for a request, a worker's too, headers included: Chromium's encodedDataLength."""
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
