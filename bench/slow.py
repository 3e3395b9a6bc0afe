"""A browser made N times slower, workers and all: ``python -m bench.slow PROFILE N``, until it is terminated.

DevTools slows a page's main thread and leaves its workers alone. So all processes of the browser are stopped together
for (N − 1)/N of every 40 ms, and run for the rest. In a process of its own, so that the measuring one is not in the
way. Linux only, since it reads /proc.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.options import MissingError

PERIOD = 0.04
REFRESH = 5
"""Periods after which the processes are listed again."""


def parents() -> dict[int, int]:
    """Return every process's parent."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            # The second field is the program's name in parentheses, which may hold anything.
            found[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    return found


def browser(profile: str) -> int | None:
    """Find the browser's main process by its profile; its helpers have a type, and it has none."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().decode(errors="replace").split("\0")
            if f"--user-data-dir={profile}" in words and not any(word.startswith("--type=") for word in words):
                return int(path.parent.name)
    return None


def family(root: int, known: dict[int, int]) -> list[int]:
    """Return a process and all that it started.

    >>> family(2, {2: 1, 3: 2, 4: 3, 5: 1})
    [2, 3, 4]
    """
    found = [root]
    for member in found:  # grows while it is read
        found += [child for child, parent in known.items() if parent == member]
    return found


def tell(processes: list[int], what: signal.Signals) -> None:
    """Send a signal to those that are still there."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, what)


def slow(profile: str, times: int) -> None:
    """Stop and continue the browser until this process is told to end, and leave the browser running."""
    root = browser(profile)
    processes: list[int] = []
    turn = 0
    try:
        while root:
            if turn % REFRESH == 0:
                known = parents()
                processes = family(root, known)
                if root not in known:
                    break
            turn += 1
            tell(processes, signal.SIGSTOP)
            if turn == 1:
                print("slowed", flush=True)
            time.sleep(PERIOD * (times - 1) / times)
            tell(processes, signal.SIGCONT)
            time.sleep(PERIOD / times)
    finally:
        tell(processes, signal.SIGCONT)


@contextmanager
def slowed(profile: Path, times: int) -> Iterator[None]:
    """Slow the browser with this profile while the block runs; once is not at all."""
    if times == 1:
        yield
        return
    command = [sys.executable, "-m", "bench.slow", str(profile), str(times)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE) as process:
        try:
            if not (process.stdout and process.stdout.readline()):  # it says when it has begun
                raise MissingError("the browser's processes were not found in /proc, so they cannot be slowed")
            yield
        finally:
            process.terminate()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    slow(sys.argv[1], int(sys.argv[2]))
