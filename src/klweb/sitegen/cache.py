"""What is slow to make and seldom changes, kept in the checkout between builds, under a hash of what made it."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = ".cache"
KEPT = 4
"""How many results of each kind are kept."""


def kept(root: Path, kind: str, digest: str, make: Callable[[], Mapping[str, bytes]]) -> dict[str, bytes]:
    """Return what `make` returns, which is called only if nothing is kept of that kind and hash.

    Parameters
    ----------
    root
        The checkout.
    kind
        What it is, as a file's name.
    digest
        A hash of all that the result follows from.
    make
        Returns files by name, without folders.
    """
    folder = root / FOLDER / f"{kind}-{digest[:16]}"
    if folder.is_dir():
        with suppress(OSError):
            folder.touch()
        return {path.name: path.read_bytes() for path in folder.iterdir()}
    files = dict(make())
    folder.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as temporary:
        whole = Path(temporary, "whole")
        whole.mkdir()
        for name, content in files.items():
            (whole / name).write_bytes(content)
        with suppress(OSError):  # another build was quicker
            whole.rename(folder)
    for old in sorted(folder.parent.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return files
