"""From each event of a drag to its painted answer, with Python up; and where that time goes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.browser import chromium
from bench.conditions import FULL, SLOW, Condition, fewer
from bench.options import MissingError, Options
from bench.peers import wheel
from bench.site import ROOT, built, serving
from bench.slow import SHORT, slowed
from bench.table import figures, quantile, section, table
from bench.targets import Target, lines
from bench.visit import after, preset, shown
from klweb.widgets import WIDGETS

FRAME = 1000 / 60
EVENTS = 300
WARM = 200
ROUNDS = 3
"""How often the slowing is tried and corrected."""
LOOP = 4.0
"""Milliseconds of the loop that shows how much a browser is slowed."""
NOTE = (
    "Milliseconds. With Python up, a hand rests on a control for a tenth of a second and then goes to and fro in two "
    f"seconds, until it has moved it {EVENTS} times, once a frame at most. From the "
    "event until the drawing commands of its answer, or of a later event's, have run: the next frame shows what is "
    f"drawn within 16.7 ms. The browser is slowed in periods of {1e3 * SHORT:g} ms here, so much that a loop of "
    f"{LOOP:g} ms at full speed takes four times as long on average; the table has its spread."
)
SPLIT_NOTE = (
    "Milliseconds at full speed, means, of drags in which Python is asked nothing ahead, and of those of their events "
    "that it was asked for and whose answer was painted before another event came. "
    "Indented: the parts of Python's own time, measured in Pyodide in Node."
)


@dataclass(frozen=True)
class Drag:
    """A control that is dragged through values, each of which gives another readout."""

    widget: str
    control: str
    name: str
    values: tuple[float, ...]
    readout: str = "kl_pq"

    def task(self, count: int, *, eager: bool = False, foreseen: bool = True) -> dict[str, Any]:
        """Return what `drag` in frames.js is told."""
        state = preset(self.widget)["state"]
        head, _, index = self.name.partition(".")
        begin = state[head][int(index)] if index else state[head]
        return {
            "widget": self.widget,
            "control": self.control,
            "readout": self.readout,
            "values": self.values,
            "expected": [shown(after(self.widget, state, self.name, value), self.readout) for value in self.values],
            "from": min(range(len(self.values)), key=lambda place: abs(self.values[place] - begin)),
            "count": count,
            "eager": eager,
            "foreseen": foreseen,
        }

    def questions(self, count: int) -> list[str]:
        """Return what the page asks Python in such a drag."""
        state = preset(self.widget)["state"]
        values = (self.values[index % len(self.values)] for index in range(count))
        events = [{"type": "set", "name": self.name, "value": value} for value in values]
        question = {"op": "events", "widget": self.widget, "frame": "phone", "state": state}
        return [json.dumps(question | {"events": [event]}) for event in events]


DRAGS = (
    Drag("asymmetry", '[data-handle="q.2"]', "q.2", tuple(number / 100 for number in range(30, 90))),
    Drag("wasted-bits", 'input[name="morph"]', "morph", tuple(number / 100 for number in range(1, 100))),
    Drag("gaussians", '[data-handle="mu_q"]', "mu_q", tuple(number / 10 for number in range(1, 40))),
)


@contextmanager
def alive(context: BrowserContext, url: str) -> Iterator[Page]:
    """Open a page and bring Python up."""
    page = context.new_page()
    page.add_init_script(path=Path(__file__).with_suffix(".js"))
    page.goto(url)
    for drag in DRAGS:
        figure = page.locator(f'figure[data-widget="{drag.widget}"]').first
        figure.evaluate("figure => figure.scrollIntoView({block: 'center', behavior: 'instant'})")
        figure.locator(drag.control).wait_for()
        figure.locator(drag.control).focus()
        page.locator(f'figure[data-widget="{drag.widget}"][data-status="live"]').first.wait_for(timeout=60_000)
    yield page
    page.close()


def dragged(page: Page, drag: Drag, count: int, *, eager: bool = False, foreseen: bool = True) -> dict[str, Any]:
    """Drag from the first preset on; return what `drag` in frames.js found."""
    first = WIDGETS[drag.widget].presets[0].name
    figure = page.locator(f'figure[data-widget="{drag.widget}"]').first
    figure.evaluate("figure => figure.scrollIntoView({block: 'center', behavior: 'instant'})")
    figure.locator(f'[data-preset="{first}"]').click()
    page.wait_for_timeout(500)  # its marks travel
    found: dict[str, Any] = page.evaluate("task => bench.drag(task)", drag.task(count, eager=eager, foreseen=foreseen))
    return found


@dataclass(frozen=True)
class Measured:
    """What a page was like under one condition."""

    condition: Condition
    loops: list[float]
    drags: dict[str, dict[str, Any]]
    asked: dict[str, dict[str, Any]]
    """Drags in which nothing was foreseen."""


def measure(page: Page, profile: Path, conditions: list[Condition], workers: bool) -> Iterator[Measured]:
    """Warm the page up, then drag everything under each condition."""
    for drag in DRAGS:
        dragged(page, drag, WARM)
    pace = page.evaluate("bench.pace()")
    for condition in conditions:
        times = tuned(page, profile, condition.times, pace)
        with slowed(profile, times, SHORT):
            loops = looped(page, pace)
            found = {drag.widget: dragged(page, drag, EVENTS) for drag in DRAGS}
            asked = {}
            for drag in DRAGS:
                page.workers[0].evaluate("globalThis.benchCalls?.splice(0)")
                asked[drag.widget] = dragged(page, drag, EVENTS, foreseen=False)
                if workers:
                    asked[drag.widget]["calls"] = page.workers[0].evaluate("benchCalls.splice(0)")
            yield Measured(condition, loops, found, asked)


def looped(page: Page, pace: float) -> list[float]:
    """Return the milliseconds of some loops that take `LOOP` at full speed."""
    found: list[float] = page.evaluate("given => bench.loops(...given)", [LOOP, pace, 100])
    return found


def tuned(page: Page, profile: Path, wanted: float, pace: float) -> float:
    """Return how many times to slow a browser so that a loop takes `wanted` times as long.

    To stop and to wake a browser's threads takes away from the time that it may run, which counts in short periods.
    """
    times = wanted
    for _ in range(ROUNDS if wanted > 1 else 0):
        with slowed(profile, times, SHORT):
            seen = sum(looped(page, pace)) / 100 / LOOP
        times = corrected(times, seen, wanted)
    return times


def corrected(times: float, seen: float, wanted: float) -> float:
    """Return what to try after a loop took `seen` times as long as at full speed.

    >>> corrected(4, 5, 4), corrected(4, 4, 4), corrected(4, 1, 4)
    (3.25, 4.0, 8)
    """
    # What slows is the time that it stands for each second that it runs.
    return 1 + min((times - 1) * (wanted - 1) / max(seen - 1, 0.1), 2 * wanted - 1)


def rows(found: list[list[Measured]]) -> list[list[str]]:
    """Return a line for each widget and condition; all runs' events together."""
    lines = []
    for index, item in enumerate(found[0]):
        runs = [run[index] for run in found]
        for drag in DRAGS:
            times = _times(runs, drag.widget)
            within = sum(time <= FRAME for time in times) / len(times)
            lines.append([f"{drag.widget}, {item.condition.words}", *_quantiles(times), f"{100 * within:.0f} %"])
        loops = [time for run in runs for time in run.loops]
        lines.append([f"a loop of {LOOP:g} ms, {item.condition.words}", *_quantiles(loops), ""])
    return lines


def _times(runs: list[Measured], widget: str) -> list[float]:
    return [time for run in runs for time in run.drags[widget]["times"]]


def _quantiles(times: list[float]) -> list[str]:
    return [figures(quantile(times, share)) for share in (0.5, 0.95)]


def targets(found: list[list[Measured]]) -> Iterator[Target]:
    """Return what was aimed at: a frame."""
    for index, item in enumerate(found[0]):
        for drag in DRAGS:
            slowest = quantile(_times([run[index] for run in found], drag.widget), 0.95)
            yield Target(
                f"event → painted, {drag.widget}, {item.condition.words}, 95 %", slowest, round(FRAME, 1), " ms"
            )


def split(drags: dict[str, Any], inside: dict[str, float]) -> dict[str, float]:
    """Return the mean milliseconds of each stage of an answer.

    `inside` are the parts of Python's own time.
    """
    stages: dict[str, list[float]] = {}
    calls = drags.get("calls", [])
    for item in drags["stages"]:
        call = next((call for call in calls if item["posted"] <= call[0] and call[1] <= item["arrived"]), None)
        if calls and not call:  # the two clocks differ by a part of a millisecond
            continue
        for name, value in _stages(item, call):
            stages.setdefault(name, []).append(value)
    means = {name: sum(values) / len(values) for name, values in stages.items()}
    after_python = list(means).index("Python") + 1 if "Python" in means else 0
    items = list(means.items())
    nested = [(f"– {part}", inside[part]) for part in inside if part != "whole"]
    return dict(items[:after_python] + nested + items[after_python:] if after_python else items)


def _stages(item: dict[str, float], call: list[float] | None) -> Iterator[tuple[str, float]]:
    yield "page: event → question sent", item["posted"] - item["sent"]
    if call:
        yield "message to the worker", call[0] - item["posted"]
        yield "Python", call[1] - call[0]
        yield "message to the page", item["arrived"] - call[1]
    else:
        yield "worker and messages", item["arrived"] - item["posted"]
    yield "page: read the answer (JSON)", item["parsing"]
    yield "page: readouts and sentence", item["drawing"] - item["arrived"] - item["parsing"]
    yield "page: drawing commands", item["drawn"] - item["drawing"]
    yield "together", item["drawn"] - item["sent"]


def parts(site: Path, drag: Drag) -> dict[str, float]:
    """Ask Pyodide in Node for the parts of Python's time; nothing if there is no Node."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    code = Path(__file__).with_name("parts.py").read_text(encoding="utf-8")
    given = json.dumps({"wheel": str(wheel(site)), "code": code, "questions": drag.questions(2 * EVENTS)})
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("parts.mjs"))],
        cwd=ROOT, env={**os.environ, "PATH": path}, input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise MissingError(f"Python's parts could not be measured in Node: {done.stderr.strip()[-300:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run(options: Options) -> str:
    """Drag each figure at full speed and slowed, then say where the time goes."""
    conditions = options.among(FULL, SLOW)
    found = []
    with built() as site, serving(site) as served, sync_playwright() as playwright:
        for _turn in range(fewer(options.runs)):
            with chromium(playwright) as (context, profile), alive(context, served.url) as page:
                workers = page.workers[0].evaluate(f"({page.evaluate('bench.listenInWorker.toString()')})()")
                found.append(list(measure(page, profile, conditions, workers)))
        splits = (
            {drag.widget: split(found[-1][0].asked[drag.widget], parts(site, drag)) for drag in DRAGS}
            if FULL in conditions
            else {}
        )
    head = ["figure", "median", "95 %", "within a frame"]
    body = section("Frames", table(head, rows(found)), lines(targets(found)), f"{NOTE} Runs: {fewer(options.runs)}.")
    if not splits:
        return body
    names = list(dict.fromkeys(name for stages in splits.values() for name in stages))
    cells = [[name, *(figures(stages.get(name, float("nan"))) for stages in splits.values())] for name in names]
    return f"{body}\n\n{section('Where a frame’s time goes', table(['stage', *splits], cells), SPLIT_NOTE)}"
