"""The command line: ``python build.py [--serve] [--watch] [--port N] [--base-url URL] [--wheels FOLDER]``."""

import argparse
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import TemplateError

from klweb.sitegen.build import build
from klweb.sitegen.fonts import FontError
from klweb.sitegen.node import NodeError
from klweb.sitegen.output import OutputError
from klweb.sitegen.problems import BuildError, SourceError
from klweb.sitegen.serve import PortError, serve
from klweb.sitegen.watch import Failure, Reloader, Snapshot, snapshot, watch
from klweb.sitegen.writer import Project, template_error


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build the site, and serve it while you write.")
    parser.add_argument("--serve", action="store_true", help="serve the site after building it")
    parser.add_argument(
        "--watch",
        action="store_true",
        help="with --serve: rebuild what changes, and reload the page",
    )
    parser.add_argument("--port", type=int, default=8000, help="port to serve at (default: %(default)s)")
    parser.add_argument("--base-url", type=address, help="the site's address, such as https://example.org/courses/kl/")
    parser.add_argument("--wheels", type=Path, default=None, help="folder of Pyodide wheels that readers may import")
    parser.add_argument("--out", type=Path, default=None, help="folder to write to (default: site)")
    return parser.parse_args(words)


def address(text: str) -> str:
    """Read the site's address: http or https, a host, perhaps a path; a slash at its end.

    >>> address("https://example.org/courses/kl")
    'https://example.org/courses/kl/'
    """
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a site, such as https://example.org/courses/kl/")
    return text.rstrip("/") + "/"


def main(root: Path, words: Sequence[str]) -> int:
    """Run the build; return 0 if the site is good."""
    options = arguments(words)
    project = Project(root, (options.out or root / "site").resolve(), options.base_url or "", options.wheels)
    live = Reloader() if options.serve and options.watch else None
    before = snapshot(_places(project))
    good = _attempt(project, live)
    if not options.serve or not (good or live):
        return 0 if good else 1
    if live:
        _watch(project, live, before)
    try:
        serve(project.target, options.port, live=live, ready=lambda url: print(f"serving  {url}", flush=True))
    except PortError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _attempt(project: Project, live: Reloader | None, *, again: bool = False) -> bool:
    """Build once; what is wrong goes to the terminal, and to the page if there is one."""
    try:
        changes = build(project, lambda line: print(line, flush=True), again=again)
    except BuildError as error:
        problems = error.problems
    except SourceError as error:
        problems = [error]
    except TemplateError as error:
        problems = [template_error(error)]
    except (NodeError, OutputError, FontError, OSError) as error:
        problems = [SourceError(str(error), "build")]
    else:
        if live:
            live.succeeded(bool(changes))
        return True
    for problem in problems:
        print(f"error    {problem}", file=sys.stderr, flush=True)
    if project.target.exists() and any(project.target.glob("*.html")):
        print("         the last good site is still there, as it was", file=sys.stderr, flush=True)
    if live:
        live.failed([_failure(project.root, problem) for problem in problems])
    return False


def _failure(root: Path, problem: SourceError) -> Failure:
    path = root / problem.path
    source = path.read_text(encoding="utf-8") if path.is_file() else ""
    return Failure(problem.message, problem.path, problem.line or 0, source)


def _places(project: Project) -> list[Path]:
    """Return the folders whose files the site is made of."""
    return [project.root / "content", project.root / "templates", project.root / "src" / "klweb"]


def _watch(project: Project, live: Reloader, before: Snapshot) -> None:
    """Rebuild in a thread when a source changes; a changed module of ours restarts the whole process."""
    browser = project.root / "src" / "klweb" / "browser"

    def changed(paths: set[Path]) -> None:
        if any(path.suffix in (".py", ".mjs") and browser not in path.parents for path in paths):
            os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606  ourselves, with the same words
        try:
            _attempt(project, live, again=True)
        except Exception as error:  # noqa: BLE001  whatever it is, the watching must go on
            traceback.print_exc()
            live.failed([Failure(f"{type(error).__name__}: {error}")])

    threading.Thread(
        target=watch, args=(_places(project), changed, threading.Event()), kwargs={"since": before}, daemon=True
    ).start()
