"""The first preset and the first drag, before Python: the site beside plain JavaScript."""

import json
import math
from collections import defaultdict
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Playwright, TimeoutError, sync_playwright  # noqa: A004

from bench.browser import chromium
from bench.conditions import FULL, LINK, Condition, linked
from bench.options import MissingError, Options
from bench.peers import SAME
from bench.site import Served
from bench.start import SITE, pages
from bench.table import figures, middle, section, table
from bench.targets import Target, lines
from bench.visit import HANDLE, PATIENCE, PRESET, READOUT, WIDGET, press, visit

LIMIT = "plain"
BESIDE = {SAME: "plain JavaScript’s with the same figure", LIMIT: "that of a few bars in plain JavaScript"}
"""The pages without Python that the site's gestures are compared with."""
ACTS = {"click": "preset", "pointermove": "drag"}
APPROACH = {FULL.name: 1.5, LINK.name: 3.0}
"""Seconds that the figure is on the screen before the reader acts, as for somebody who looks before they touch."""
TIMES = 3
"""Gestures in each run: one is painted up to a frame later than another, by chance."""
PRESSED = 80
"""Milliseconds from the press of a finger or a button to its release, or until it moves: those of a quick reader."""
PATH = 24
"""CSS pixels of the first move: several stops."""
SIZE_OF_THUMB = 16
"""CSS pixels of Chromium's own thumb, which lies within the track at both of its ends."""
UNANSWERED = 10.0
"""Seconds after which a gesture counts as one that was never answered."""
TOOK = "bench took "
NOTE = (
    "Milliseconds, medians. Python is not up: at full speed a worker never answers, over the slow link Python is on "
    "its way (its files take longer than this). Each gesture is the first on a page that a new browser has loaded, "
    f"with the figure on the screen for {APPROACH[FULL.name]:g} s, or {APPROACH[LINK.name]:g} s over the slow link; "
    f"a real click or a real drag of {PATH} pixels, with reduced motion, since marks travel otherwise for a fifth of "
    "a second on purpose. From the event's own time to the frame that shows a changed readout. Navigation → first "
    "preset: a reader presses a preset from the moment it is there, until it is shown; over the slow link the pages "
    "with Python take as long as their start."
)

Found = dict[tuple[str, str, str], list[float]]
"""Condition, page and act → milliseconds."""


def reader(act: str, withheld: bool) -> str:
    """Return the script that takes the time of an act."""
    task = {"widget": WIDGET, "readout": READOUT, "act": act, "withheld": withheld}
    return f"{Path(__file__).with_suffix('.js').read_text(encoding='utf-8')}\nwatch({json.dumps(task)});"


def gesture(playwright: Playwright, served: Served, path: str, condition: Condition, act: str) -> float:
    """Open a page with a new browser, look for a moment, act once; return the milliseconds until it is painted."""
    with linked(served.url, condition) as url, chromium(playwright) as (context, _profile):
        page = context.new_page()
        page.emulate_media(reduced_motion="reduce")
        page.add_init_script(reader(act, withheld=not condition.link))
        page.goto(url + path, timeout=PATIENCE * 1e3)
        figure = page.locator(f'figure[data-widget="{WIDGET}"]').first
        figure.evaluate("figure => figure.scrollIntoView({block: 'center', behavior: 'instant'})")
        figure.locator(f'[data-handle="{HANDLE}"]').wait_for(timeout=PATIENCE * 1e3)
        page.wait_for_timeout(APPROACH[condition.name] * 1e3)
        if figure.get_attribute("data-status") == "live" and "plain" not in path:
            raise MissingError(f"Python is up at {path or 'the site'} before the first gesture")
        try:
            with page.expect_console_message(_took, timeout=UNANSWERED * 1e3) as said:
                do(page, act)
        except TimeoutError:
            return math.inf
        return float(said.value.text.removeprefix(TOOK))


def _took(message: ConsoleMessage) -> bool:
    return message.text.startswith(TOOK)


def do(page: Page, act: str) -> None:
    """Click the preset, or take hold of the handle and move it."""
    figure = page.locator(f'figure[data-widget="{WIDGET}"]').first
    if act == "click":
        figure.locator(f'[data-preset="{PRESET}"]').click(delay=PRESSED)
        return
    handle = figure.locator(f'[data-handle="{HANDLE}"]')
    box = handle.bounding_box()
    if not box:
        raise MissingError(f"the handle {HANDLE} cannot be seen")
    x, y, share = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 0.0
    if box["width"] > box["height"] * 2:  # a native slider is taken by its thumb
        share = float(handle.input_value())
        x = box["x"] + SIZE_OF_THUMB / 2 + share * (box["width"] - SIZE_OF_THUMB)
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_timeout(PRESSED)
    page.mouse.move(x - PATH, y + PATH)
    page.mouse.up()


def first_preset(playwright: Playwright, served: Served, path: str, condition: Condition) -> float:
    """Return the milliseconds from a new browser's navigation until a preset is painted."""
    with linked(served.url, condition) as url, chromium(playwright) as (context, _profile):
        return 1e3 * visit(context, served, url + path, press()).answered


def row(found: Found, condition: Condition, page: str) -> list[str]:
    """Return the medians of one page under one condition."""
    times = [middle(found.get((condition.name, page, act), [])) for act in ("", *ACTS)]
    return [f"{page}, {condition.words}", *(figures(time, 3) for time in times)]


def targets(found: Found, conditions: list[Condition]) -> list[Target]:
    """Return what was aimed at: 1.2 times plain JavaScript."""
    return [
        Target(f"first {name} ÷ {words}, {item.words}", _ratio(found, item, act, page), 1.2)
        for page, words in BESIDE.items()
        for item in conditions
        for act, name in ACTS.items()
    ]


def _ratio(found: Found, condition: Condition, act: str, page: str) -> float:
    mine, theirs = (middle(found.get((condition.name, name, act), [])) for name in (SITE, page))
    return mine / theirs if theirs else math.nan


def run(options: Options) -> str:
    """Make each first gesture with a browser of its own, in turns."""
    conditions = options.among(FULL, LINK)
    found: Found = defaultdict(list)
    with pages() as known, sync_playwright() as playwright:
        known[SAME] = (known[LIMIT][0], f"{SAME}.html")
        for turn in range(options.runs):
            for condition in conditions:
                if turn >= condition.runs(options.runs):
                    continue
                for name, (served, path) in known.items():
                    if name in (SITE, *BESIDE) or not condition.link:
                        key = (condition.name, name, "")
                        found[key].append(first_preset(playwright, served, path, condition))
                for act in [*ACTS] * TIMES:
                    for name in (SITE, *BESIDE):
                        served, path = known[name]
                        found[condition.name, name, act].append(gesture(playwright, served, path, condition, act))
    head = ["page", "navigation → first preset", "preset click → painted", "first drag → painted"]
    body = [
        row(found, condition, name) for condition in conditions for name in known if (condition.name, name, "") in found
    ]
    counts = "; ".join(f"{item.words}: {item.runs(options.runs)}" for item in conditions)
    note = f"{NOTE} Runs, each with {TIMES} gestures of a kind: {counts}."
    return section("First gestures, without Python", table(head, body), lines(targets(found, conditions)), note)
