"""Lighthouse's opinion of the pages, as on a phone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.browser import FLAGS, program
from bench.options import MissingError, Options
from bench.site import ROOT, built, serving
from bench.table import figures, middle, section, table

CLI = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
SCORES = {"performance": "perf.", "accessibility": "a11y", "best-practices": "best pr.", "seo": "SEO"}
METRICS = {
    "first-contentful-paint": "FCP, s",
    "largest-contentful-paint": "LCP, s",
    "speed-index": "speed index, s",
    "total-blocking-time": "TBT, ms",
    "cumulative-layout-shift": "CLS",
}
NOTE = "Lighthouse's mobile preset: a phone's screen, slow 4G and a processor slowed 4 ×, both simulated."

Report = dict[str, Any]


TOPIC = "topics/kl-divergence/"
"""The one of the topics' pages that is tried: they are many, and alike."""


def pages(site: Path) -> list[str]:
    """Return the path of every page, the front page first; of those of topics, one."""
    found = (path.parent.relative_to(site).as_posix() for path in site.rglob("index.html"))
    named = ("" if path == "." else f"{path}/" for path in found)
    return sorted(path for path in named if not path.startswith("topics/") or path in ("topics/", TOPIC))


def report(url: str) -> Report:
    """Run Lighthouse once."""
    with TemporaryDirectory() as folder:
        target = Path(folder, "report.json")
        flags = " ".join(["--headless=new", *FLAGS])
        command = ["node", str(CLI), url, "--quiet", "--output=json", f"--output-path={target}"]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = {**os.environ, "PATH": path, "CHROME_PATH": program() or ""}
        done = subprocess.run(
            [*command, f"--chrome-flags={flags}"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if not target.exists():
            raise MissingError(f"Lighthouse failed: {done.stderr.strip()[-300:]}")
        found: Report = json.loads(target.read_text(encoding="utf-8"))
        return found


def row(page: str, reports: Iterable[Report]) -> list[str]:
    """Return the medians for one page."""
    known = list(reports)
    cells = [page or "/"]
    for name in SCORES:
        cells.append(f"{100 * middle(item['categories'][name]['score'] for item in known):.0f}")
    for name, label in METRICS.items():
        value = middle(item["audits"][name]["numericValue"] for item in known)
        cells.append(figures(value / 1e3) if label.endswith(", s") else f"{value:.{2 if label == 'CLS' else 0}f}")
    return cells


def run(options: Options) -> str:
    """Try the pages of the built site."""
    if not CLI.exists():
        raise MissingError("Lighthouse is not installed: run `make setup` first")
    with built() as site, serving(site) as served:
        rows = [row(page, [report(served.url + page) for _ in range(options.runs)]) for page in pages(site)]
    return section("Lighthouse", table(["page", *SCORES.values(), *METRICS.values()], rows), NOTE)
