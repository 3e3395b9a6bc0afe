"""Atomic output: a finished site goes to disk so that a crash leaves a working one behind.

The generator gathers every file in memory first, so a build that fails never gets here. What is
left to guard against is a crash, or a full disk, while writing:

1. every changed file is written into a staging directory inside the target (a full disk ends here,
   with the old site untouched);
2. the staged files are moved into place, pages last, so that a page never names an asset that is
   not there yet;
3. files that are no longer produced are removed, when no page asks for them any more.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple


class OutputError(ValueError):
    """A path that must not be written, or a target that must not be emptied."""


class Changes(NamedTuple):
    """What a write did: site-relative POSIX paths, each list sorted."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


def write(files: Mapping[str, bytes], target: Path) -> Changes:
    """Make `target` hold exactly `files`, touching only what differs.

    `files` maps relative POSIX paths to contents. Files named `.gitignore` are never removed.
    Symbolic links inside `target` are replaced or removed, never followed.

    Raises
    ------
    OutputError
        If a path is not a plain relative one, if one path needs a folder where another needs a
        file, or if `target` is a repository or holds the working directory, where removing what is
        not produced would remove somebody's work. Nothing has been written then.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     first = write({"index.html": b"one", "style.css": b""}, Path(folder))
    ...     second = write({"index.html": b"two"}, Path(folder))
    >>> first.written, second.written, second.removed
    (('index.html', 'style.css'), ('index.html',), ('style.css',))
    """
    target = target.resolve()
    _check_paths(files)
    _check_target(target)
    target.mkdir(parents=True, exist_ok=True)
    changed = [name for name, data in files.items() if not _holds(target, name, data)]
    changed.sort(key=lambda name: (name.endswith(".html"), name))
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=target) as staging:
        staged = [Path(staging, str(number)) for number in range(len(changed))]
        for name, place in zip(changed, staged, strict=True):
            place.write_bytes(files[name])
        for name, place in zip(changed, staged, strict=True):
            _make_way(target, name)
            place.replace(target / name)
    removed = _remove_others(files, target)
    unchanged = files.keys() - set(changed)
    return Changes(tuple(sorted(changed)), tuple(removed), tuple(sorted(unchanged)))


def _check_paths(files: Mapping[str, bytes]) -> None:
    for name in files:
        parts = name.split("/")
        if any(part in ("", ".", "..") for part in parts) or "\\" in name or "\0" in name:
            raise OutputError(f"output path {name!r}: not a plain relative path")
        # A drive letter would make the joined path absolute on Windows.
        if ":" in parts[0]:
            raise OutputError(f"output path {name!r}: a colon in its first part")
        for folder in PurePosixPath(name).parents:
            if str(folder) in files:
                raise OutputError(f"output path {name!r}: {str(folder)!r} is a file as well")


def _check_target(target: Path) -> None:
    here = Path.cwd()
    if (target / ".git").exists() or target == here or target in here.parents:
        raise OutputError(
            f"output folder {target}: it is a repository or holds the working directory, and "
            "everything in it that is not part of the site would be removed"
        )


def _holds(target: Path, name: str, data: bytes) -> bool:
    """Whether the file is there already, byte for byte, and not by way of a symbolic link."""
    path = target / name
    try:
        if path.resolve() != path or not path.is_file() or path.stat().st_size != len(data):
            return False
        return path.read_bytes() == data
    except OSError:
        return False


def _make_way(target: Path, name: str) -> None:
    """Clear what stands where a file or one of its folders must go, and make the folders."""
    path = target / name
    for folder in reversed(path.relative_to(target).parents[:-1]):
        place = target / folder
        if place.is_symlink() or place.is_file():
            place.unlink()
        place.mkdir(exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)


def _remove_others(files: Mapping[str, bytes], target: Path) -> list[str]:
    """Remove files that are not produced, then empty folders; return the removed paths."""
    removed = []
    for top, folders, names in os.walk(target, topdown=False):
        folder = Path(top)
        links = [name for name in folders if (folder / name).is_symlink()]
        for path in (folder / name for name in names + links):
            relative = path.relative_to(target).as_posix()
            if relative not in files and path.name != ".gitignore":
                path.unlink()
                removed.append(relative)
        if folder != target and not any(folder.iterdir()):
            folder.rmdir()
    return sorted(removed)
