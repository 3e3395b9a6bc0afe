"""Pages that do what a figure of the site does in other ways, for comparison.

Each is what its tool's own introduction would have one write, without mistakes: the same Pyodide, the same
wheel, the same question, the same answer painted by the same painter. Python starts at once, without waiting for a
reader to come near.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.options import MissingError
from bench.site import ROOT
from klweb.sitegen.runtime import PYODIDE

HERE = Path(__file__).parent
PACKAGES = ROOT / "node_modules"
ALL = ("plain-main", "plain-worker", "pyscript", "plain")
SAME = "plain-same"
"""A page for gestures alone: the whole of the site's figure, written by hand in JavaScript."""


@contextmanager
def assembled(site: Path, packages: Path = PACKAGES) -> Iterator[Path]:
    """Lend a folder with the peers' pages and all that they load; the wheel is the built site's."""
    with TemporaryDirectory(prefix="klweb-bench-") as temporary:
        folder = Path(temporary, "peers")
        shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        shutil.copy2(ROOT / "src" / "klweb" / "browser" / "painter.js", folder)
        (folder / "pyodide").mkdir()
        for name in PYODIDE:
            shutil.copy2(ROOT / "node_modules" / "pyodide" / name, folder / "pyodide")
        # Pyodide goes by a wheel's name, PyScript by an archive's ending.
        for name in ("klweb-0.1.0-py3-none-any.whl", "klweb.zip"):
            shutil.copy2(wheel(site), folder / name)
        pyscript = packages / "@pyscript" / "core" / "dist"
        if pyscript.exists():
            shutil.copytree(pyscript, folder / "pyscript", ignore=shutil.ignore_patterns("*.map"))
        yield folder


def wheel(site: Path) -> Path:
    """Find the built site's wheel.

    Raises
    ------
    MissingError
        If there is none, or an older one as well.
    """
    wheels = list(site.glob("runtime/klweb.*.bin"))
    if len(wheels) != 1:
        raise MissingError(f"the site has {len(wheels)} wheels, not one: run `make clean site` first")
    return wheels[0]


def names(folder: Path) -> list[str]:
    """Return the peers whose tools are there."""
    return [name for name in ALL if name != "pyscript" or (folder / "pyscript").exists()]
