"""Bytes of a visit to the front page, by what they are for."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import sync_playwright

from bench.browser import chromium
from bench.options import Options
from bench.site import built, serving
from bench.table import kilobytes, section, table
from bench.visit import WIDGET, File, visit
from klweb.sitegen.serve import COMPRESSED, OCTETS, TYPES

READABLE = "readable page, with figures"
PHASES = (READABLE, "scripts of the figures", "presets of one widget", "presets of its neighbours", "Python")
NOTE = (
    "Transferred: Chromium's count of what came over the network, headers included, from a server that compresses "
    "as it goes (gzip -6). Bodies: the same files without headers, text with gzip -9, the rest as it is."
)


def phase(path: str) -> str:
    """Return what a file of the site is for; the theme script belongs to the page, since it runs before the text."""
    name = path.rpartition("/")[2]
    if path.startswith("runtime/") or name == "worker.js":
        return "Python"
    if path.startswith("data/"):
        return "presets of one widget" if name.startswith(f"{WIDGET}.") else "presets of its neighbours"
    if name.endswith(".js") and name != "theme.js":
        return "scripts of the figures"
    return READABLE


def packed(file: Path) -> int:
    """Return the length of a file's body as a host sends it that compresses text as well as gzip can."""
    content = file.read_bytes()
    kind = TYPES.get(file.suffix.lower(), OCTETS)
    return len(gzip.compress(content, 9, mtime=0)) if COMPRESSED.match(kind) else len(content)


def rows(files: Iterable[File], url: str, site: Path) -> list[list[str]]:
    """Add the files up by phase; one fetched twice counts twice where the network did, and once in the bodies."""
    counts = {name: [0, 0, 0] for name in PHASES}
    seen: set[str] = set()
    for item in files:
        if not item.url.startswith(url):
            continue
        path = unquote(urlsplit(item.url.removeprefix(url)).path) or "index.html"
        count = counts[phase(path)]
        count[1] += item.transferred
        if path not in seen:
            seen.add(path)
            count[0] += 1
            count[2] += packed(site / path)
    counts = {name: count for name, count in counts.items() if count[0]}
    total = [sum(column) for column in zip(*counts.values(), strict=True)]
    return [
        [name, str(number), kilobytes(transferred), kilobytes(bodies)]
        for name, (number, transferred, bodies) in [*counts.items(), ("together", total)]
    ]


def run(_options: Options) -> str:
    """Visit the front page on a phone's screen, drag one bar, and count."""
    with built() as site, serving(site) as url, sync_playwright() as playwright:
        with chromium(playwright) as (context, _profile):
            files = visit(context, url).files
        strangers = sum(not item.url.startswith(url) for item in files)
        body = table(["for", "files", "transferred, kB", "bodies, kB"], rows(files, url, site))
    return section("Weight of a visit", body, f"Requests to other origins: {strangers}.", NOTE)
