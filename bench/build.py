"""How long a build takes: the whole site, one changed page, and a site of many pages."""

import re
import shutil
import time
from pathlib import Path

from bench import checkout
from bench.options import MissingError, Options
from bench.table import figures, middle, section, table
from bench.targets import Target, lines

PATIENCE = 60.0
SIZES = (100, 300, 1000)
"""Pages of the made-up sites."""
NOTE = (
    "The whole site: a new process on a fresh copy of the sources, nothing kept from an earlier build. One changed "
    "page: from the end of the write to its source until the page on disk holds the change; the watcher looks at the "
    "sources every 0.2 s, which is part of it. The made-up sites are the real one and copies of its pages in turns, "
    "each with a formula that stands nowhere else, and none in the list of pages that stands on every page."
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
            text = re.sub(r"^nav: .*\n", "", made.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
            made.write_text(f"{text}\nAnd $x_{{{number}}} = {number}$.\n", encoding="utf-8")
        began = time.perf_counter()
        checkout.build(copy)
        return time.perf_counter() - began


def run(options: Options) -> str:
    """Build cold, change a page, and build sites of growing size."""
    colds = [whole() for _ in range(options.runs)]
    changes = changed(options.runs)
    sizes = {pages: made_up(pages) for pages in SIZES}
    rows = [_row("the whole site, cold", colds), _row("one changed page, with `--watch`", changes)]
    for pages, seconds in sizes.items():
        rows.append([f"a made-up site of {pages:,} pages, cold", figures(seconds, 3), figures(1e3 * seconds / pages)])
    # What a page costs between two sizes, whatever is paid once.
    few, some, many = SIZES
    before, beyond = (sizes[some] - sizes[few]) / (some - few), (sizes[many] - sizes[some]) / (many - some)
    aims = [
        Target("the whole site, cold", middle(colds), 30, " s"),
        Target("one changed page", middle(changes), 1, " s"),
        Target(f"a page beyond {some} ÷ a page before: linear in pages", beyond / before, 1.5),
    ]
    return section("Build", table(["what", "s", "ms a page"], rows), lines(aims), NOTE)


def _row(name: str, times: list[float]) -> list[str]:
    return [name, figures(middle(times)), ""]
