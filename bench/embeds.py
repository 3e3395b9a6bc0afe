"""Ten embedded figures on one page, touched one after another: one Python between them, and one for each."""

import html
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Frame, sync_playwright

from bench import slow
from bench.browser import chromium
from bench.options import Options
from bench.site import Served, built, serving
from bench.table import figures, kilobytes, middle, ratio, section, table
from bench.targets import Target, lines

MANY = 10
SLIDERS = {"wasted-bits": "morph", "gaussians": "sigma_q"}
CASES = {
    f"{name}, {how}": (sandboxed, alone)
    for name, sandboxed in (("framed", False), ("sandboxed", True))
    for how, alone in (("shared", False), ("each its own", True))
}
HEAD = "<!doctype html><meta charset=utf-8><link rel=icon href=data:,>"
# What embed.js would pass on from figure to figure never reaches it.
ALONE = """<script>
  addEventListener("message", event => { if (event.data?.type === "python") event.stopImmediatePropagation(); });
</script>"""
NOTE = (
    f"A page of another site with {MANY} figures by embed.js, at full speed, all visits in turns on new profiles, "
    "medians. Untouched: what of Python was sent before a figure was touched, with every frame loaded. All live: from "
    "the first key until the last figure shows Python's answer, each touched when the one before has it. Later ones: "
    "the median of the figures after the first. MB are what the server sent of Python until then. Memory is the "
    "private memory (RssAnon) of all processes of the browser, before and after the touches. Each its own: the same "
    "page, where a script keeps figures' messages about Python from embed.js. Sandboxed: the page is in a frame with "
    "`allow-scripts` alone, and so are its figures."
)


def page(site: str, *, alone: bool) -> str:
    """Return a teacher's page.

    >>> page("http://localhost:1/", alone=False).count("embed.js")
    10
    """
    names = [list(SLIDERS)[index % len(SLIDERS)] for index in range(MANY)]
    scripts = "".join(
        f'<p>Text.</p><script src="{html.escape(site)}embed.js" data-widget="{name}"></script>' for name in names
    )
    return (
        f"<!doctype html><meta charset=utf-8><link rel=icon href=data:,><title>A course</title>{alone * ALONE}{scripts}"
    )


def memory(profile: Path) -> float:
    """Return the private MB of all of a browser's processes, or NaN where there is no /proc."""
    root = slow.browser(str(profile))
    sizes = []
    for process in slow.family(root, slow.parents()) if root else ():
        text = Path(f"/proc/{process}/status").read_text()
        sizes += [int(line.split()[1]) / 1e3 for line in text.splitlines() if line.startswith("RssAnon:")]
    return sum(sizes) or float("nan")


def python_sent(served: Served) -> int:
    """Count the bytes that were sent of Python."""
    return sum(count for path, count in served.sent.items() if "/runtime/" in path)


def touch(frame: Frame) -> float:
    """Move a figure's slider as a student does; return how many seconds Python's answer took."""
    name = SLIDERS[str(frame.locator("figure.widget").get_attribute("data-widget"))]
    began = time.perf_counter()
    frame.locator(f'input[type="range"][name="{name}"]').press("End")
    frame.locator('figure.widget[data-status="live"]').wait_for(timeout=120_000)
    return time.perf_counter() - began


def visit(served: Served, host: str, *, sandboxed: bool) -> dict[str, float]:
    """Open a teacher's page in a new browser, and touch all of its figures."""
    with sync_playwright() as playwright, chromium(playwright) as (context, profile):
        tab = context.new_page()
        tab.set_viewport_size({"width": 800, "height": 900})
        before = python_sent(served)
        tab.goto(host)
        around = tab.frames[1] if sandboxed else tab.main_frame
        frames = []
        for place in range(MANY):
            element = around.locator("iframe").nth(place)
            element.scroll_into_view_if_needed()
            frame = element.element_handle().content_frame()
            assert frame is not None
            # Its script is there once the figure's controls can be used.
            frame.wait_for_selector("figure.widget input[type=range]:enabled")
            frames.append(frame)
        tab.wait_for_timeout(1000)
        untouched = python_sent(served) - before
        empty = memory(profile)
        times = [touch(frame) for frame in frames]
        tab.wait_for_timeout(1000)
        return {
            "untouched": untouched,
            "first": times[0],
            "later": middle(times[1:]),
            "all": sum(times),
            "bytes": python_sent(served) - before,
            "before": empty,
            "after": memory(profile),
        }


def run(options: Options) -> str:
    """Visit the pages in turns."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in CASES}
    with TemporaryDirectory(prefix="klweb-course-") as folder, built() as site, serving(site) as served:
        for alone in (False, True):
            Path(folder, f"{alone}.html").write_text(page(served.url, alone=alone), encoding="utf-8")
            frame = f'<iframe sandbox="allow-scripts" src="{alone}.html" width=780 height=14000></iframe>'
            Path(folder, f"in-{alone}.html").write_text(
                f"<!doctype html><title>A platform</title>{frame}", encoding="utf-8"
            )
        with serving(Path(folder)) as course:
            # Another site, not only another port: its frames get a process of their own.
            host = course.url.replace("localhost", "127.0.0.1")
            for _ in range(options.runs):
                for name, (sandboxed, alone) in CASES.items():
                    address = f"{host}{'in-' * sandboxed}{alone}.html"
                    found[name].append(visit(served, address, sandboxed=sandboxed))
    medians = {name: {key: middle(one[key] for one in all_) for key in all_[0]} for name, all_ in found.items()}
    rows, aims = [], []
    for name, one in medians.items():
        own = medians[f"{name.partition(',')[0]}, each its own"]
        row = [name, kilobytes(int(one["untouched"])), *(figures(one[key]) for key in ("first", "later", "all"))]
        memories = [figures(one[key], 3) for key in ("before", "after")]
        rows.append([*row, ratio(one["all"], own["all"]), figures(one["bytes"] / 1e6), *memories])
        aims.append(Target(f"Python sent to untouched figures, {name}", one["untouched"], 0, " bytes"))
    head = ["figures", "untouched, kB", "first, s", "later ones, s", "all live, s", "÷ each its own", "Python, MB",
            "memory before, MB", "after, MB"]  # fmt: skip
    return section("Embedded figures", table(head, rows), lines(aims), f"{NOTE} Runs: {options.runs}.")
