"""The start in the other engines, Firefox and WebKitGTK, at full speed."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from selenium.webdriver.webkitgtk.options import Options as WebKitOptions
from selenium.webdriver.webkitgtk.service import Service
from selenium.webdriver.webkitgtk.webdriver import WebDriver

from bench import checkout, peers
from bench.conditions import FULL
from bench.options import MissingError, Options
from bench.site import ROOT, serving
from bench.start import ALONE, BASE, SITE, STOCK
from bench.table import figures, middle, ratio, section, table
from bench.visit import PATIENCE, WIDGET, drag, read

LIBRARIES = (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/libexec"))
READER = "bench-reader.js"
RESULT = "document.documentElement.dataset.bench"
NOTE = (
    "Seconds, first / second visit; medians, at full speed. As in Chromium, but the reader comes with the page, as "
    f"a script before all others, and {FULL.settle:g} s lie between the visits. WebKitGTK is driven in its "
    "automation mode, which keeps nothing on disk: there a second visit has what the same process still remembers, "
    "in the same tab."
)

Start = Callable[[str], list[float]]
"""Returns the seconds of a first and a second visit to a URL, in a new browser."""


def equip(page: Path) -> None:
    """Put the reader into a page, before anything of its own: not all engines' drivers can do that themselves."""
    (page.parent / READER).write_text(drag(), encoding="utf-8")
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("<head>", f'<head><script src="{READER}"></script>', 1), encoding="utf-8")


def firefox() -> tuple[str, Start] | None:
    """Return Firefox's name and how to visit with it, or None where it is missing."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if not program or not (ROOT / "node_modules" / "puppeteer-core").is_dir():
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    version = said.split()[-1] if said else ""

    def start(url: str) -> list[float]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            ["node", str(Path(__file__).with_name("firefox.mjs")), program, url, str(FULL.settle)],
            cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        if done.returncode:
            raise MissingError(f"Firefox failed at {url}: {done.stderr.strip()[-300:]}")
        return [read(line).answered for line in done.stdout.splitlines()]

    return f"Firefox {version}", start


def webkit() -> tuple[str, Start] | None:
    """Return WebKitGTK's name and how to visit with it, or None where it or its driver is missing."""
    places = (path for folder in LIBRARIES for path in folder.glob("**/webkit2gtk-4.*/MiniBrowser"))
    browser = shutil.which("MiniBrowser") or next((str(path) for path in places), None)
    driver = shutil.which("WebKitWebDriver")
    if not browser or not driver or not shutil.which("Xvfb"):
        return None

    def start(url: str) -> list[float]:
        options = WebKitOptions()
        options.binary_location = browser
        options.add_argument("--automation")
        options.page_load_strategy = "none"
        with screen() as display:
            environment = {
                **os.environ,
                "DISPLAY": display,
                "LIBGL_ALWAYS_SOFTWARE": "1",
                "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
                "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
            }
            running = WebDriver(options=options, service=Service(executable_path=driver, env=environment))
            try:
                times = [_visit(running, url)]
                time.sleep(FULL.settle)
                running.get("about:blank")  # a new tab would stay in the background, where nothing is painted
                return [*times, _visit(running, url)]
            finally:
                running.quit()

    return "WebKitGTK", start


def _visit(driver: WebDriver, url: str) -> float:
    """Open a page in the driver's tab, and wait for what the reader leaves there."""
    driver.get(url)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        time.sleep(0.25)
        # What is shown becomes a part of the page's address.
        found = driver.execute_script(f"return location.href.startsWith(arguments[0]) && {RESULT}", url)
        if found:
            return read(found).answered
    raise MissingError(f"WebKitGTK had no answer at {url} within {PATIENCE:.0f} s")


@contextmanager
def screen() -> Iterator[str]:
    """Lend a virtual screen; yield its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as running:
        os.close(writing)
        with os.fdopen(reading) as said:
            display = said.readline().strip()
        try:
            yield f":{display}"
        finally:
            running.terminate()


@contextmanager
def pages() -> Iterator[dict[str, str]]:
    """Serve the site and the peers that matter here, with the reader in them; yield their URLs by name."""
    with ExitStack() as stack:
        site = stack.enter_context(checkout.with_pages({ALONE: checkout.page("One figure", [WIDGET])}))
        folder = stack.enter_context(peers.assembled(site))
        wanted = [name for name in (STOCK, BASE) if name in peers.names(folder)]
        for page in (site / ALONE / "index.html", *(folder / f"{name}.html" for name in wanted)):
            equip(page)
        home, others = (stack.enter_context(serving(place)).url for place in (site, folder))
        yield {SITE: f"{home}{ALONE}/", **{name: f"{others}{name}.html" for name in wanted}}


def rows(found: dict[str, dict[str, list[list[float]]]]) -> list[list[str]]:
    """Return a line for each page: for each engine the medians, and the ratios to PyScript.

    `found` holds for each engine and page the first and second visits' seconds.
    """
    lines = []
    for name in next(iter(found.values())):
        cells = [name]
        for pages_ in found.values():
            mine, theirs = (
                [middle(column) for column in zip(*pages_.get(page, [[]]), strict=True)] for page in (name, BASE)
            )
            cells.append(" / ".join(map(figures, mine)))
            cells.append(" / ".join(ratio(*pair).removesuffix(" ×") for pair in zip(mine, theirs, strict=False)) or "–")
        lines.append(cells)
    return lines


def run(options: Options) -> str:
    """Visit the pages in turns with each engine that is there."""
    engines = dict(filter(None, (firefox(), webkit())))
    if not engines:
        raise MissingError("neither Firefox nor WebKitGTK is installed: run `make setup` to see what is missing")
    with pages() as urls:
        found: dict[str, dict[str, list[list[float]]]] = {name: {page: [] for page in urls} for name in engines}
        for _ in range(options.runs):
            for name, start in engines.items():
                for page, url in urls.items():
                    found[name][page].append(start(url))
    head = ["page", *(cell for name in engines for cell in (name, f"÷ {BASE}"))]
    return section("Start in other engines", table(head, rows(found)), f"{NOTE} Runs: {options.runs}.")
