"""Seconds from navigation to the first drag that Python answered: the site beside other ways to get there."""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Playwright, sync_playwright

from bench import checkout, peers
from bench.browser import chromium
from bench.conditions import CONDITIONS, Condition, linked
from bench.options import Options
from bench.site import Served, serving
from bench.slow import slowed
from bench.table import figures, middle, ratio, section, table
from bench.targets import Target, lines
from bench.visit import WIDGET, Visit, drag, visit

SITE, FRONT, BASE, STOCK = "the site, one figure", "the site, front page", "pyscript", "plain-worker"
ALONE = "one-figure"
NOTE = (
    "Seconds, first / second visit; medians. A reader drags one bar from the moment it can be dragged, and the time "
    "ends with the frame that shows Python's answer; stops computed ahead of time do not count. The peers' pages hold "
    "one figure and nothing else; so does that page of the site which is compared with them. First visit: a new "
    "browser with an empty profile on disk. Second visit: a new tab of the same browser, after the first page had "
    "stayed open for some seconds ({settle}), the same for all. MB: what the server had sent by the first visit's "
    "answer, and longest task: the longest on the main thread, in any visit; both {first}."
)
FIRST = {"full": 0.25, "slow": 0.25, "4g": 1.0, "both": 1.0}
"""How many times PyScript's first visit the site's may take."""
SECOND = {"full": 0.125, "slow": 0.125}


@dataclass
class Times:
    """The visits to one page under one condition."""

    first: list[Visit] = field(default_factory=list)
    second: list[Visit] = field(default_factory=list)


Found = dict[str, dict[str, Times]]
"""Condition → page → visits."""


@contextmanager
def pages() -> Iterator[dict[str, tuple[Served, str]]]:
    """Serve the site and its peers; yield by name what is served, and the path of the page there."""
    with ExitStack() as stack:
        site = stack.enter_context(checkout.with_pages({ALONE: checkout.page("One figure", [WIDGET])}))
        folder = stack.enter_context(peers.assembled(site))
        home, others = (stack.enter_context(serving(place)) for place in (site, folder))
        own = {SITE: (home, f"{ALONE}/"), FRONT: (home, "")}
        yield own | {name: (others, f"{name}.html") for name in peers.names(folder)}


def measure(playwright: Playwright, served: Served, path: str, condition: Condition, times: Times) -> None:
    """Visit a page twice with a new browser."""
    with (
        linked(served.url, condition) as url,
        chromium(playwright) as (context, profile),
        slowed(profile, condition.times),
    ):
        for visits, settle in ((times.first, condition.settle), (times.second, 0)):
            visits.append(visit(context, served, url + path, drag(), settle))


def median(found: Found, condition: str, page: str, visits: Callable[[Times], list[Visit]]) -> float:
    """Return the median seconds of some visits, or NaN where there were none."""
    times = found.get(condition, {}).get(page)
    return middle(visit.answered for visit in visits(times)) if times else math.nan


def head(found: Found) -> list[str]:
    """Return the table's first line."""
    conditions = (cell for name in found for cell in (CONDITIONS[name].words, f"÷ {BASE}"))
    return ["page", *conditions, "MB", "longest task, ms"]


def rows(found: Found) -> list[list[str]]:
    """Return a line for each page: medians, and ratios to PyScript."""
    return [[page, *_cells(found, page)] for page in next(iter(found.values()))]


def _cells(found: Found, page: str) -> Iterator[str]:
    for name in found:
        mine = [median(found, name, page, visits) for visits in (_first, _second)]
        theirs = [median(found, name, BASE, visits) for visits in (_first, _second)]
        yield " / ".join(map(figures, mine))
        yield " / ".join(ratio(*pair).removesuffix(" ×") for pair in zip(mine, theirs, strict=True))
    least = next(iter(found.values()))[page]
    yield figures(megabytes(found, page))
    tasks = [visit.longest_task for visit in least.first + least.second]
    yield f"{1e3 * max(tasks):.0f}" if any(tasks) else "none"


def _first(times: Times) -> list[Visit]:
    return times.first


def _second(times: Times) -> list[Visit]:
    return times.second


def megabytes(found: Found, page: str) -> float:
    """Return what was sent on a first visit, under the first condition: a slow link's own buffers would count too."""
    times = next(iter(found.values())).get(page)
    return middle(visit.sent.total() for visit in times.first) / 1e6 if times else math.nan


def targets(found: Found) -> Iterator[Target]:
    """Return what was aimed at for the conditions that were measured."""
    for visits, name, limits in ((_first, "first", FIRST), (_second, "second", SECOND)):
        for condition in found:
            if condition in limits:
                value = median(found, condition, SITE, visits) / median(found, condition, BASE, visits)
                what = f"{name} visit ÷ PyScript, {CONDITIONS[condition].words}"
                yield Target(what, value, limits[condition])
    yield Target("bytes ÷ stock Pyodide’s", megabytes(found, SITE) / megabytes(found, STOCK), 1)
    if "full" in found:
        times = found["full"][SITE]
        longest = max(visit.longest_starting for visit in times.first + times.second)
        yield Target("longest main-thread task while Python starts, full speed", 1e3 * longest, 50, " ms")


def run(options: Options) -> str:
    """Visit everything in turns, so that a busy minute of the machine meets all alike."""
    with pages() as known, sync_playwright() as playwright:
        found: Found = {item.name: {name: Times() for name in known} for item in options.conditions}
        for turn in range(options.runs):
            for condition in options.conditions:
                if turn < condition.runs(options.runs):
                    for name, (served, path) in known.items():
                        measure(playwright, served, path, condition, found[condition.name][name])
    first = f"under the first condition ({options.conditions[0].words})"
    settles = "; ".join(f"{item.words}: {item.settle:g} s" for item in options.conditions)
    counts = "; ".join(f"{item.words}: {item.runs(options.runs)}" for item in options.conditions)
    notes = [f"{NOTE.format(settle=settles, first=first)} Runs: {counts}."]
    missing = [name for name in peers.ALL if name not in known]
    if missing:
        notes.append(f"Left out, because its npm package is not installed: {', '.join(missing)}.")
    return section("Start", table(head(found), rows(found)), lines(targets(found)), *notes)
