"""Watch mode: notice that sources changed, and tell open pages what came of it.

`watch` polls the sources and reports what changed; `Reloader` holds the result of the last build,
which the server (serve.py) passes on to open pages: *reload*, or *this is what is wrong*.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

Snapshot = dict[Path, tuple[int, int]]


def _ignored(name: str) -> bool:
    """Hidden files and folders (.git, .page.md.swp, .#page.md), backups and caches.

    4913 is the file Vim creates and deletes to see whether it may write in a folder.
    """
    return (
        name.startswith(".")
        or name.endswith(("~", ".swp", ".swo", ".swx", ".tmp", ".bak", ".pyc"))
        or (name.startswith("#") and name.endswith("#"))
        or name in ("__pycache__", "node_modules", "4913")
    )


def snapshot(paths: Iterable[Path]) -> Snapshot:
    """Take the modification time (ns) and size of every file at or below `paths`.

    Missing paths count as empty, so a watched folder may go away and come back.
    """
    found: Snapshot = {}
    for top in paths:
        files = [top] if top.is_file() else []
        for folder, folders, names in os.walk(top):
            folders[:] = [name for name in folders if not _ignored(name)]
            files += [Path(folder, name) for name in names if not _ignored(name)]
        for file in files:
            try:
                stat = file.stat()
            except OSError:  # deleted since it was listed, or a dangling link
                continue
            found[file] = (stat.st_mtime_ns, stat.st_size)
    return found


def watch(
    paths: Iterable[Path],
    on_change: Callable[[set[Path]], None],
    stop: threading.Event,
    *,
    since: Snapshot | None = None,
    interval: float = 0.2,
    settle: float = 0.1,
) -> None:
    """Call `on_change` with the changed, new and deleted files, until `stop` is set.

    It is called in this thread once nothing has moved for `settle` seconds, since editors and
    version control write in bursts; what changes meanwhile is reported by the next call. Pass a
    snapshot taken before the first build as `since`, and edits made during that build count too.
    """
    paths = list(paths)
    before = snapshot(paths) if since is None else since
    pending: set[Path] = set()
    # A snapshot given by the caller may be out of date already: look at once.
    pause = interval if since is None else 0.0
    while not stop.wait(pause):
        now = snapshot(paths)
        moved = {path for path, _ in before.items() ^ now.items()}
        before = now
        pending |= moved
        if pending and not moved:
            on_change(pending)
            pending = set()
        pause = settle if pending else interval


class Failure(NamedTuple):
    """One thing that is wrong: the message, and where known the source file and line (from 1)."""

    message: str
    file: str = ""
    line: int = 0
    source: str = ""
    """The text of the source file, for an excerpt; empty shows none."""


class Reloader:
    """The result of the last build: a version that grows, and what is wrong, if anything."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        # Starting from the clock makes pages that outlived a restarted server reload as well.
        self._version = time.time_ns() // 1_000_000
        self._failures: tuple[Failure, ...] = ()

    @property
    def state(self) -> tuple[int, tuple[Failure, ...]]:
        """The version, and the failures that belong to it."""
        with self._turn:
            return self._version, self._failures

    def succeeded(self, changed: bool = True) -> None:
        """Say that the site on disk is good, and whether it differs from the last good one."""
        with self._turn:
            if changed or self._failures:
                self._announce(())

    def failed(self, failures: Sequence[Failure]) -> None:
        """Say that the last build failed; pages show why until one succeeds."""
        with self._turn:
            self._announce(tuple(failures) or (Failure("The build failed."),))

    def _announce(self, failures: tuple[Failure, ...]) -> None:
        self._failures = failures
        self._version += 1
        self._turn.notify_all()

    def wait(self, version: int, timeout: float) -> int:
        """Return the version, once it differs from `version` or the time is up."""
        with self._turn:
            self._turn.wait_for(lambda: self._version != version, timeout)
            return self._version


def _excerpt(failure: Failure, around: int = 3) -> str:
    lines = failure.source.splitlines()
    if not 1 <= failure.line <= len(lines):
        return ""
    rows = []
    for number in range(max(1, failure.line - around), min(len(lines), failure.line + around) + 1):
        here = number == failure.line
        row = f"{'▸' if here else ' '} {number:>4}  {escape(lines[number - 1])}"
        rows.append(f"<mark>{row}</mark>" if here else row)
    return '<pre tabindex="0">' + "\n".join(rows) + "</pre>"


def error_page(failures: Sequence[Failure], stylesheet: str) -> str:
    """Write the page that stands in for every page while the last build is a failed one."""
    items = ""
    for failure in failures:
        where = f"{failure.file}:{failure.line}" if failure.line else failure.file
        place = f"<h2><code>{escape(where)}</code></h2>" if where else ""
        message = f'<p class="message">{escape(failure.message)}</p>'
        items += f"<section>{place}{message}{_excerpt(failure)}</section>\n"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="Why the last build of this site failed.">
<title>This site could not be built</title>
<link rel="stylesheet" href="{escape(stylesheet)}">
</head>
<body>
<main>
<h1>This site could not be built</h1>
<p>The page comes back by itself once this is put right.</p>
{items}</main>
</body>
</html>
"""


ERROR_STYLE = """\
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #23211d; --faint: #6b6659;
  --mark: #fbe3c4; --rule: #d8d3c6; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #191a1c; --ink: #e6e3dc; --faint: #a7a397; --mark: #5a3d12; --rule: #3d3e41; }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.1rem/1.6 ui-sans-serif, system-ui, sans-serif; }
main { max-width: 48rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h1 + p { color: var(--faint); margin-top: 0; }
section { border-top: 1px solid var(--rule); margin-top: 2rem; padding-top: 1.25rem; }
h2 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
.message { margin: .25rem 0 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { overflow-x: auto; margin: 0; padding: .75rem 0; border: 1px solid var(--rule);
  font: .875rem/1.6 ui-monospace, monospace; }
mark { background: var(--mark); color: inherit; display: inline-block; min-width: 100%; }
"""
