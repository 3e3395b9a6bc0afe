"""Bytes of a visit to the front page, by what they are for."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import sync_playwright

from bench.browser import chromium
from bench.options import Options
from bench.site import built, serving
from bench.table import kilobytes, section, table
from bench.targets import Target, lines
from bench.visit import WIDGET, drag, visit
from klweb.sitegen.serve import COMPRESSED, OCTETS, TYPES

READABLE = "readable page, with figures"
PRESETS, STOPS = "presets of one widget", "stops of one widget, for its first drag"
PHASES = (READABLE, "scripts of the figures", PRESETS, STOPS, "data of its neighbours", "Python")
SETTLE = 10.0
"""Seconds in which a page may fetch, after the answer, what it keeps for offline use."""
NOTE = (
    "Transferred: what the server sent until the answer, headers included, text compressed as it goes (gzip -6). "
    "Bodies: the same files without headers, text with gzip -9, the rest as it is. Kept for offline use: what was "
    f"sent in the {SETTLE:.0f} s after the answer."
)


def phase(path: str) -> str:
    """Return what a file of the site is for; the theme script belongs to the page, since it runs before the text."""
    name = path.rpartition("/")[2]
    if path.startswith("runtime/") or name == "worker.js":
        return "Python"
    if path.startswith("data/"):
        if not name.startswith(f"{WIDGET}."):
            return "data of its neighbours"
        return STOPS if ".near." in name else PRESETS
    if name.endswith(".js") and name != "early.js":
        return "scripts of the figures"
    return READABLE


def packed(file: Path) -> int:
    """Return the length of a file's body as a host sends it that compresses text as well as gzip can."""
    content = file.read_bytes()
    kind = TYPES.get(file.suffix.lower(), OCTETS)
    return len(gzip.compress(content, 9, mtime=0)) if COMPRESSED.match(kind) else len(content)


def rows(sent: Mapping[str, int], site: Path) -> list[list[str]]:
    """Add up what was sent by phase; a file sent twice counts twice there, and once in the bodies."""
    counts = {name: [0, 0, 0] for name in PHASES}
    seen: set[str] = set()
    for address, length in sent.items():
        path = unquote(urlsplit(address).path).removeprefix("/") or "index.html"
        count = counts[phase(path)]
        count[1] += length
        if path not in seen and (site / path).is_file():
            seen.add(path)
            count[0] += 1
            count[2] += packed(site / path)
    counts = {name: count for name, count in counts.items() if count[1]}
    total = [sum(column) for column in zip(*counts.values(), strict=True)]
    return [
        [name, str(number), kilobytes(transferred), kilobytes(bodies)]
        for name, (number, transferred, bodies) in [*counts.items(), ("together", total)]
    ]


def run(_options: Options) -> str:
    """Visit the front page on a phone's screen, drag one bar, and count."""
    with built() as site, serving(site) as served, sync_playwright() as playwright:
        with chromium(playwright) as (context, _profile):
            found = visit(context, served, served.url, drag(), SETTLE)
        later = (served.sent - found.sent).total()
        body = [*rows(found.sent, site), ["kept for offline use", "", kilobytes(later), ""]]
    readable = sum(length for path, length in found.sent.items() if phase(path.removeprefix("/")) == READABLE)
    strangers = len(found.strangers)
    aims = [Target("readable page, kB", readable / 1e3, 60), Target("requests to other origins", strangers, 0)]
    return section(
        "Weight of a visit", table(["for", "files", "transferred, kB", "bodies, kB"], body), lines(aims), NOTE
    )
