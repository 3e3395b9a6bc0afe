"""What 10,000 events leave behind in the page, in Python, and in the browser's process."""

import math
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench import slow
from bench.browser import chromium
from bench.frames import DRAGS, alive, dragged
from bench.options import Options
from bench.site import built, serving
from bench.table import figures, section, table
from bench.targets import Target, lines

EVENTS = 10_000
WARM = 1_000
NOTE = (
    f"MB, after collecting garbage. {WARM:,} events of each figure come first, which fill caches and compile code; "
    f"then {EVENTS:,}, shared among the figures, each painted before the next. The page's "
    "heap is V8's own count; Python's memory is what its WebAssembly memory has grown to, which never shrinks; the "
    "process is the private memory of the page's process, worker and all, compiled code too."
)
SLACK = {"the page’s heap": 0.5, "Python’s memory": 0.0}
"""MB that may come on top."""

# Put before what the worker is made from: a driver would hear of the worker too late. Whoever makes a memory, its
# buffer is asked for.
LISTEN = """{
  const insert = `{
    const { prototype } = WebAssembly.Memory, known = self.benchMemories = new Set();
    const { get } = Object.getOwnPropertyDescriptor(prototype, "buffer");
    Object.defineProperty(prototype, "buffer", { get() { known.add(this); return get.call(this); } });
  }\n`;
  globalThis.Blob = class extends Blob {
    constructor(parts, options) { super(options?.type === "text/javascript" ? [insert, ...parts] : parts, options); }
  };
}"""
COUNT = "() => [...self.benchMemories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0)"


def private(profile: Path) -> float:
    """Return the private MB of the largest of a browser's page processes, or NaN where there is no /proc."""
    root = slow.browser(str(profile))
    largest = math.nan
    for process in slow.family(root, slow.parents()) if root else ():
        if b"--type=renderer" in Path(f"/proc/{process}/cmdline").read_bytes():
            status = Path(f"/proc/{process}/status").read_text()
            size = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:")) / 1e3
            largest = max(size, 0 if math.isnan(largest) else largest)
    return largest


def look(page: Page, profile: Path) -> dict[str, float]:
    """Collect garbage everywhere, and measure."""
    session = page.context.new_cdp_session(page)
    for _ in range(2):  # what only an object collected just now has kept
        session.send("HeapProfiler.collectGarbage")
        page.workers[0].evaluate("() => gc()")
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    session.detach()
    wasm = page.workers[0].evaluate(COUNT) / 1e6
    return {"the page’s heap": heap, "Python’s memory": wasm or math.nan, "the page’s process": private(profile)}


def run(_options: Options) -> str:
    """Drag all figures many thousand times."""
    with (
        built() as site,
        serving(site) as served,
        sync_playwright() as playwright,
        chromium(playwright, "--js-flags=--expose-gc") as (context, profile),
    ):
        context.add_init_script(LISTEN)
        with alive(context, served.url) as page:
            for drag in DRAGS:
                dragged(page, drag, WARM, eager=True)
            before = look(page, profile)
            # In drags of the same length, so that what a drag itself leaves is the same.
            for turn in range(EVENTS // WARM):
                dragged(page, DRAGS[turn % len(DRAGS)], WARM, eager=True)
            later = look(page, profile)
    rows = [[name, *(figures(item[name], 3) for item in (before, later))] for name in before]
    aims = [Target(f"growth of {name}", later[name] - before[name], slack, " MB") for name, slack in SLACK.items()]
    head = ["what", "before", f"after {EVENTS:,} events"]
    return section("Memory", table(head, rows), lines(aims), NOTE)
