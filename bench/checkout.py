"""Copies of the checkout, in which a benchmark may change what it likes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.options import MissingError
from bench.site import ROOT

PARTS = (
    "content", "templates", "src", "tools", "build.py", "pyproject.toml", "package.json", "LICENSE", "README.md",
    "CITATION.cff",
)  # fmt: skip


@contextmanager
def copied(*, kept: bool = False) -> Iterator[Path]:
    """Lend a copy of the sources; npm's packages are shared.

    Without anything that an earlier build left, unless what is slow to make is to be `kept`.
    """
    with TemporaryDirectory(prefix="klweb-bench-") as folder:
        copy = Path(folder, "checkout")
        copy.mkdir()
        for part in filter(Path.exists, (ROOT / name for name in PARTS)):
            if part.is_dir():
                shutil.copytree(part, copy / part.name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(part, copy)
        if kept and (ROOT / ".cache").is_dir():
            shutil.copytree(ROOT / ".cache", copy / ".cache")
        (copy / "node_modules").symlink_to(ROOT / "node_modules", target_is_directory=True)
        yield copy


PAGE = """---
title: {title}
description: "A page that was made up for the benchmarks."
nav: {title}
order: 1000
lead: A page that was made up.
---

## {title} {{#figures}}

{widgets}
"""


def page(title: str, widgets: Sequence[str]) -> str:
    """Return the source of a page with nothing but figures.

    >>> "[[widget: asymmetry]]" in page("One figure", ["asymmetry"])
    True
    """
    return PAGE.format(title=title, widgets="\n\n".join(f"[[widget: {name}]]" for name in widgets))


@contextmanager
def with_pages(sources: Mapping[str, str]) -> Iterator[Path]:
    """Build the site with some more pages, by name, and lend it."""
    with copied(kept=True) as copy:
        for name, source in sources.items():
            (copy / "content" / f"{name}.md").write_text(source, encoding="utf-8")
        build(copy)
        yield copy / "site"


def environment(copy: Path) -> dict[str, str]:
    """Return the environment in which a build takes its modules from the copy, and Node from beside Python."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(copy / "src"), "PYTHONUNBUFFERED": "1"}


def build(copy: Path) -> None:
    """Build the copy's site in a process of its own.

    Raises
    ------
    MissingError
        If the build fails.
    """
    command = [sys.executable, "build.py"]
    done = subprocess.run(command, cwd=copy, env=environment(copy), capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(f"the build failed: {(done.stderr or done.stdout).strip()[-500:]}")


@contextmanager
def watched(copy: Path) -> Iterator[None]:
    """Build the copy's site and watch its sources; return once the site is being served."""
    command = [sys.executable, "build.py", "--serve", "--watch", "--port", "0"]
    with subprocess.Popen(
        command, cwd=copy, env=environment(copy), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            for line in process.stdout or ():
                if line.startswith("serving"):
                    break
            else:
                raise MissingError("the watching build ended before it served anything")
            yield
        finally:
            process.terminate()
