"""Packages that readers may import in the cell below a figure: wheels from a folder, checked and described.

The site loads nothing from elsewhere, so that ``import numpy`` works where whoever builds the site has NumPy's wheel
for this Pyodide in a folder, and says so: ``python build.py --wheels FOLDER``. A wheel that Pyodide's own list names
has to have the hash that stands there.
"""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from pyodide_lock import PackageSpec, parse_top_level_import_name

from klweb.sitegen.problems import BuildError, SourceError


@dataclass(frozen=True)
class Wheel:
    """A wheel with its entry in the lock file."""

    spec: PackageSpec
    content: bytes


def read(folder: Path, lock: Mapping[str, Any], taken: Iterable[str] = ()) -> list[Wheel]:
    """Read all wheels of a folder.

    Parameters
    ----------
    folder
        It holds wheels and nothing else; files whose names begin with a dot are passed over.
    lock
        Pyodide's own ``pyodide-lock.json``: what it runs, and the hashes of packages made for it.
    taken
        Names of packages that are there anyway.

    Raises
    ------
    BuildError
        With everything that is wrong: no such folder, a file that is no wheel or none for this Pyodide, one that is
        not what its name says, two of one package, or a package that needs another which is not there.
    """
    if not folder.is_dir():
        raise BuildError([SourceError("there is no such folder of wheels", str(folder))])
    found: list[Wheel] = []
    problems: list[SourceError] = []
    known = set(taken)
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        try:
            wheel = _read(path, lock)
        except SourceError as error:
            problems.append(error)
            continue
        if wheel.spec.name in known:
            problems.append(SourceError(f"{wheel.spec.name} is there already", str(path)))
        known.add(wheel.spec.name)
        found.append(wheel)
    problems += [
        SourceError(f"{wheel.spec.name} needs {name}, whose wheel isn’t in the folder", str(folder))
        for wheel in found
        for name in wheel.spec.depends
        if name not in known
    ]
    if problems:
        raise BuildError(problems)
    return found


def _read(path: Path, lock: Mapping[str, Any]) -> Wheel:
    try:
        name, version, _, tags = parse_wheel_filename(path.name)
    except InvalidWheelFilename:
        raise SourceError("not a wheel: the folder may hold wheels for Pyodide and nothing else", str(path)) from None
    if not tags & supported(lock["info"]):
        runs = f"Python {lock['info']['python']}, pyodide_{lock['info']['abi_version']}_wasm32"
        raise SourceError(f"not a wheel for this Pyodide, which takes pure ones and those for {runs}", str(path))
    content = path.read_bytes()
    digest = sha256(content).hexdigest()
    own = next((item for item in lock["packages"].values() if item["file_name"] == path.name), None)
    if own:
        if own["sha256"] != digest:
            raise SourceError("not the file that Pyodide’s own list has under this name", str(path))
        return Wheel(PackageSpec.model_validate(own), content)
    try:
        imports, depends = parse_top_level_import_name(path), [*_depends(path, lock["info"])]
    except (zipfile.BadZipFile, KeyError, InvalidRequirement) as error:
        raise SourceError(f"not a wheel that can be read: {error}", str(path)) from None
    spec = PackageSpec(
        name=name, version=str(version), file_name=path.name, install_dir="site", sha256=digest,
        imports=imports or [name.replace("-", "_")], depends=depends,
    )  # fmt: skip
    return Wheel(spec, content)


def supported(info: Mapping[str, str]) -> set[Tag]:
    """Return the tags of wheels that a Pyodide runs, from the ``info`` of its lock file.

    >>> info = {"python": "3.13.2", "abi_version": "2025_0", "platform": "emscripten_4_0_9", "arch": "wasm32"}
    >>> tags = supported(info)
    >>> Tag("cp313", "cp313", "pyodide_2025_0_wasm32") in tags, Tag("py3", "none", "any") in tags
    (True, True)
    """
    major, minor, *_ = map(int, info["python"].split("."))
    names = (f"pyodide_{info['abi_version']}", f"pyemscripten_{info['abi_version']}", info["platform"])
    platforms = [f"{name}_{info['arch']}" for name in names]
    abi = f"cp{major}{minor}"
    return {*chain(cpython_tags((major, minor), [abi], platforms), compatible_tags((major, minor), abi, platforms))}


def _depends(path: Path, info: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of the packages that one needs where Pyodide runs."""
    with zipfile.ZipFile(path) as archive:
        stem = "-".join(path.name.split("-")[:2])
        metadata = HeaderParser().parsestr(archive.read(f"{stem}.dist-info/METADATA").decode())
    place = {
        "sys_platform": "emscripten", "platform_system": "Emscripten", "platform_machine": info["arch"],
        "os_name": "posix", "python_version": ".".join(info["python"].split(".")[:2]),
        "python_full_version": info["python"], "extra": "",
    }  # fmt: skip
    for text in metadata.get_all("Requires-Dist", []):
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate(place):
            yield canonicalize_name(needed.name)
