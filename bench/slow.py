"""A browser made N times slower, workers and all: ``python -m bench.slow PROFILE N PERIOD``, until it is terminated.

DevTools slows a page's main thread and leaves its workers alone. So all processes of the browser are stopped together
for (N − 1)/N of every period, and run for the rest. In a process of its own, so that the measuring one is not in the
way. Linux only, since it reads /proc.
"""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.options import MissingError

LONG = 0.04
"""Seconds of a period where times are counted in seconds: to stop and wake a hundred threads costs something too."""
SHORT = 0.004
"""And where they are counted in milliseconds. What waits while a browser is stopped begins when it goes on, so in long
periods whatever is shorter than a run looks as quick as ever, or, if it is cut in two, 30 ms slower."""
REFRESH = 0.2
"""Seconds after which the processes are listed again."""


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


def slow(profile: str, times: float, period: float) -> None:
    """Stop and continue the browser until this process is told to end, and leave the browser running."""
    root = browser(profile)
    processes: list[int] = []
    listed = -math.inf
    ran = owed = 0.0
    now = time.perf_counter
    try:
        while root:
            began = now()
            tell(processes, signal.SIGSTOP)
            if began - listed >= REFRESH:  # while it is stopped, since this takes time
                known = parents()
                if root not in known:
                    break
                if not processes:
                    print("slowed", flush=True)
                processes, listed = family(root, known), began
                tell(processes, signal.SIGSTOP)
            # What it ran or stood too long, since sleeping is not exact, is made up for, within a period.
            owed += (times - 1) * ran
            time.sleep(max(began + owed - now(), 0))
            resumed = now()
            owed = max(owed - (resumed - began), -period)
            tell(processes, signal.SIGCONT)
            time.sleep(period / times)
            ran = now() - resumed
    finally:
        tell(processes, signal.SIGCONT)


@contextmanager
def slowed(profile: Path, times: float, period: float = LONG) -> Iterator[None]:
    """Slow the browser with this profile while the block runs; once is not at all."""
    if times == 1:
        yield
        return
    command = [sys.executable, "-m", "bench.slow", str(profile), str(times), str(period)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE) as process:
        try:
            if not (process.stdout and process.stdout.readline()):  # it says when it has begun
                raise MissingError("the browser's processes were not found in /proc, so they cannot be slowed")
            yield
        finally:
            process.terminate()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with suppress(OSError):  # root may ask to be woken on time, whatever else the machine does
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    slow(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
