"""What was measured on."""

import os
import platform
import subprocess
from datetime import UTC, datetime

from bench.browser import program


def describe() -> str:
    """Return the date, the kind of machine and how busy it was, in one line.

    The load is told because a browser on a machine that does something else as well is slower.
    """
    today = datetime.now(tz=UTC).date().isoformat()
    name = program()
    version = "Playwright's Chromium"
    if name:
        version = subprocess.run([name, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    busy = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    cores = f"{os.cpu_count()} cores ({platform.machine()})"
    return f"{today} · {cores}{busy} · {platform.system()} · Python {platform.python_version()} · {version}"
