"""How long a build takes: the whole site, one changed page, and a site of many pages."""

import shutil
import time
from pathlib import Path

from bench import checkout
from bench.options import MissingError, Options
from bench.table import figures, middle, section, table

PATIENCE = 60.0
NOTE = (
    "The whole site: a new process on a fresh copy of the sources, nothing kept from an earlier build. One changed "
    "page: from the end of the write to its source until the page on disk holds the change; the watcher looks at the "
    "sources every 0.3 s, which is part of it. The made-up sites are the real one and copies of its pages in turns, "
    "each with a formula that stands nowhere else, and each listed in the navigation of all the others."
)


def whole() -> float:
    """Return the seconds of a cold build."""
    with checkout.copied() as copy:
        began = time.perf_counter()
        checkout.build(copy)
        return time.perf_counter() - began


def changed(runs: int) -> list[float]:
    """Return the seconds from saving a page until its HTML shows what was written, some times over."""
    times = []
    with checkout.copied() as copy, checkout.watched(copy):
        source, output = copy / "content" / "about.md", copy / "site" / "about" / "index.html"
        for turn in range(runs):
            mark = f"Sentence number {turn} of the benchmark."
            source.write_text(f"{source.read_text(encoding='utf-8')}\n{mark}\n", encoding="utf-8")
            times.append(_until(output, mark))
            time.sleep(1)  # a change during the last build's end would be another thing
    return times


def _until(output: Path, mark: str) -> float:
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE:
        if mark in output.read_text(encoding="utf-8"):
            return time.perf_counter() - began
        time.sleep(0.005)
    raise MissingError(f"the watching build showed no change within {PATIENCE:.0f} s")


def made_up(pages: int) -> float:
    """Return the seconds of a cold build of so many pages."""
    with checkout.copied() as copy:
        content = copy / "content"
        originals = sorted(content.glob("*.md"))
        for number in range(pages - len(originals)):
            original = originals[number % len(originals)]
            made = Path(shutil.copy(original, content / f"made-up-{number}.md"))
            made.write_text(f"{made.read_text(encoding='utf-8')}\nAnd $x_{{{number}}} = {number}$.\n", encoding="utf-8")
        began = time.perf_counter()
        checkout.build(copy)
        return time.perf_counter() - began


def run(options: Options) -> str:
    """Build cold, change a page, and build sites of growing size."""
    most = 1000 if options.full else 200
    colds = [whole() for _ in range(options.runs)]
    changes = changed(options.runs)
    rows = [_row("the whole site, cold", colds), _row("one changed page, with `--watch`", changes)]
    for pages in (most // 4, most // 2, most):
        seconds = made_up(pages)
        rows.append([f"a made-up site of {pages:,} pages, cold", figures(seconds, 3), figures(1e3 * seconds / pages)])
    return section("Build", table(["what", "s", "ms a page"], rows), NOTE)


def _row(name: str, times: list[float]) -> list[str]:
    return [name, figures(middle(times)), ""]
