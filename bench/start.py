"""Seconds from navigation to the first drag that Python answered: the site beside other ways to get there."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Playwright, sync_playwright

from bench import peers
from bench.browser import chromium
from bench.link import slow4g
from bench.options import Options
from bench.site import built, serving
from bench.slow import slowed
from bench.table import figures, middle, ratio, section, table
from bench.visit import Visit, visit

SITE = "the site"
BASE = "plain-main"
HEAD = ["page", "first visit, s", "second visit, s", f"first ÷ {BASE}", f"second ÷ {BASE}", "MB", "longest task, ms"]
NOTE = (
    "Medians. A reader drags one bar from the moment it can be dragged, and the time ends with the frame that shows "
    "the answer. First visit: a new browser with an empty profile on disk. Second visit: a new tab of the same "
    "browser. MB: what came over the network on the first visit. Longest task: the longest on the main thread, in any "
    "visit."
)


@dataclass
class Times:
    """The visits to one page."""

    first: list[Visit] = field(default_factory=list)
    second: list[Visit] = field(default_factory=list)


@contextmanager
def pages(options: Options) -> Iterator[dict[str, str]]:
    """Serve the site and its peers; yield their URLs by name."""
    with ExitStack() as stack:
        site = stack.enter_context(built())
        folder = stack.enter_context(peers.assembled(site))
        urls = [stack.enter_context(serving(place)) for place in (site, folder)]
        if options.slow4g:
            urls = [stack.enter_context(slow4g(url)) for url in urls]
        yield {SITE: urls[0], **{name: f"{urls[1]}{name}.html" for name in peers.names(folder)}}


def measure(playwright: Playwright, url: str, times: Times, options: Options) -> None:
    """Visit a page twice with a new browser."""
    with chromium(playwright) as (context, profile), slowed(profile, options.slow):
        for visits in (times.first, times.second):
            visits.append(visit(context, url))


def rows(found: dict[str, Times]) -> list[list[str]]:
    """Return medians, and ratios to the usual way."""
    firsts = {name: middle(visit.answered for visit in times.first) for name, times in found.items()}
    seconds = {name: middle(visit.answered for visit in times.second) for name, times in found.items()}
    return [
        [
            name,
            figures(firsts[name]),
            figures(seconds[name]),
            ratio(firsts[name], firsts[BASE]),
            ratio(seconds[name], seconds[BASE]),
            figures(middle(sum(file.transferred for file in visit.files) for visit in times.first) / 1e6),
            _longest(times),
        ]
        for name, times in found.items()
    ]


def _longest(times: Times) -> str:
    longest = 1e3 * max(visit.longest_task for visit in times.first + times.second)
    return f"{longest:.0f}" if longest else "none"


def conditions(options: Options) -> str:
    """Say how the browser was hindered."""
    parts = [f"whole browser slowed {options.slow} ×"] if options.slow > 1 else []
    parts += ["slow 4G (a relay: 1.6 Mbit/s, 150 ms)"] if options.slow4g else []
    return ", ".join(parts) or "full speed"


def run(options: Options) -> str:
    """Visit everything in turns, so that a busy minute of the machine meets all alike."""
    with pages(options) as urls, sync_playwright() as playwright:
        found = {name: Times() for name in urls}
        for _ in range(options.runs):
            for name, url in urls.items():
                measure(playwright, url, found[name], options)
    notes = [f"{NOTE} Runs: {options.runs}."]
    missing = [name for name in peers.ALL if name not in found]
    if missing:
        notes.append(f"Left out, because its npm package is not installed: {', '.join(missing)}.")
    return section(f"Start: {conditions(options)}", table(HEAD, rows(found)), *notes)
