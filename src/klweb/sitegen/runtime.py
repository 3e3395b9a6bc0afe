"""Python for the reader's browser: Pyodide's files, the klweb wheel, the lock file that lists it.

Every file gets a name that carries the hash of its content, so that it may be cached for ever, and
a line in the manifest, from which the browser knows its address, length and hash. What each tool
is used for, and why Pyodide has this version, is in ``docs/runtime.md``.
"""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from packaging.utils import parse_wheel_filename
from pyodide_lock import InfoSpec, PackageSpec, PyodideLockSpec, parse_top_level_import_name

from klweb.sitegen.problems import BuildError, SourceError

VERSION = "0.29.5"
"""The version of Pyodide that `PYODIDE` pins."""

PYODIDE = {
    "pyodide.mjs": "510ca14305230018f50c40fb81be673afd68080e70ce7733fcce6600dd6a1714",
    "pyodide.asm.js": "356c42f69e1695397e9d8670bd3c2e678248cde76e18bdae1731e848537b47d7",
    "pyodide.asm.wasm": "54309a5a2cfd757b1f0fdbc9093c92503f7b341500110329d932487183912718",
    "python_stdlib.zip": "831fd1e535084b972f87c6a35275de3d236efd5166f5e77ce89497710635e73c",
    "pyodide-lock.json": "14d2c2dba101277999e17135e653d8f15389ad1437f53eae213bf0c3cdff723d",
}
"""The files taken from the npm package, and their SHA-256."""

ENTRY = "klweb.live"
"""The module that the browser imports, and whose ``handle`` it calls."""

FOLDER = "runtime"
SOURCE = "node_modules/pyodide"
EPOCH = "1580601600"
"""The date of all files in the wheel: always the same, so that equal sources give equal bytes."""


@dataclass(frozen=True)
class Packed:
    """The runtime's files by site path, and which of them is the manifest."""

    files: dict[str, bytes]
    manifest: str


@dataclass(frozen=True)
class Wheel:
    """A built wheel with its entry in the lock file."""

    spec: PackageSpec
    content: bytes


def pack(root: Path, report: Callable[[str], None]) -> Packed:
    """Make the runtime's files from the checkout at `root`.

    Parameters
    ----------
    root
        The checkout, with ``node_modules/pyodide`` installed.
    report
        Called with a line for each file.

    Raises
    ------
    BuildError
        Pyodide is missing, has another version or other content, or the wheel can't be built.
    """
    contents = read_pyodide(root)
    own = json.loads(contents["pyodide-lock.json"])["info"]
    wheel = build_wheel(root, fingerprint(root))
    contents["pyodide-lock.json"] = lock(own, wheel.spec)
    contents[wheel.spec.file_name] = wheel.content

    files: dict[str, bytes] = {}
    listed: dict[str, dict[str, object]] = {}
    for name, content in contents.items():
        # Hosts compress scripts, but not what they don't know; archives are compressed already.
        encoding = "gzip" if name.endswith(".wasm") else "plain"
        served = compress(content) if encoding == "gzip" else content
        digest = sha256(served).hexdigest()
        url = hashed_name(name, digest)
        files[f"{FOLDER}/{url}"] = served
        listed[name] = {"url": url, "bytes": len(served), "sha256": digest, "encoding": encoding}
        report(f"packed   {name} ({len(served) / 1e3:,.0f} kB)")

    manifest = {"version": VERSION, "python": own["python"], "entry": ENTRY, "files": listed}
    text = json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode()
    path = f"{FOLDER}/{hashed_name('manifest.json', sha256(text).hexdigest())}"
    files[path] = text
    total = sum(map(len, files.values())) / 1e6
    report(f"packed   Python {own['python']} on Pyodide {VERSION}: {total:.1f} MB")
    return Packed(files, path)


def read_pyodide(root: Path) -> dict[str, bytes]:
    """Read Pyodide's files by name, each checked against its pinned hash."""
    folder = root / SOURCE
    try:
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        contents = {name: (folder / name).read_bytes() for name in PYODIDE}
    except FileNotFoundError as error:
        name = Path(error.filename).name
        raise failure(f"{name} is missing: run `make setup` to install Pyodide", SOURCE) from None
    if version != VERSION:
        message = f"Pyodide {VERSION} is expected, but {version} is installed: run `make setup`"
        raise failure(message, SOURCE)
    for name, content in contents.items():
        if sha256(content).hexdigest() != PYODIDE[name]:
            message = f"not the file of Pyodide {VERSION}: delete the folder and run `make setup`"
            raise failure(message, f"{SOURCE}/{name}")
    return contents


def wheel_sources(root: Path) -> Iterable[Path]:
    """Find the files that decide what the wheel holds."""
    yield from (root / name for name in ("pyproject.toml", "LICENSE"))
    package = root / "src" / "klweb"
    for path in sorted(package.rglob("*.*")):
        top = path.relative_to(package).parts[0]
        if path.is_file() and top not in ("sitegen", "browser") and path.suffix != ".pyc":
            yield path


def fingerprint(root: Path) -> str:
    """Hash what the wheel is made of, so that a watching build makes it again only when needed."""
    digest = sha256()
    for path in wheel_sources(root):
        if path.exists():
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
            digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def build_wheel(root: Path, _fingerprint: str) -> Wheel:
    """Build the klweb wheel with hatchling; equal sources give equal bytes."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        wheels = sorted(Path(folder).glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise failure(f"the wheel could not be built: {lines[-1]}", "pyproject.toml")
        content = wheels[0].read_bytes()
        name, version, _, tags = parse_wheel_filename(wheels[0].name)
        if {tag.platform for tag in tags} != {"any"}:
            raise failure(f"{wheels[0].name} is not a pure wheel", "pyproject.toml")
        spec = PackageSpec(
            name=name,
            version=str(version),
            file_name=wheels[0].name,
            install_dir="site",
            sha256=sha256(content).hexdigest(),
            imports=parse_top_level_import_name(wheels[0]) or [],
        )
    return Wheel(spec, content)


def lock(own: dict[str, str], spec: PackageSpec) -> bytes:
    """Write the site's ``pyodide-lock.json``: Pyodide's own platform, and our wheel alone."""
    info = InfoSpec.model_validate({**own, "version": VERSION})
    site = PyodideLockSpec(info=info, packages={spec.name: spec})
    site.check_wheel_filenames()
    return json.dumps(site.model_dump(), separators=(",", ":"), sort_keys=True).encode()


@lru_cache(maxsize=1)
def compress(content: bytes) -> bytes:
    """Compress with gzip; equal content gives equal bytes."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def hashed_name(name: str, digest: str) -> str:
    """Put the hash in the name; only scripts and the manifest keep an ending that hosts know.

    >>> hashed_name("pyodide.asm.wasm", "0123456789abcdef")
    'pyodide.asm.0123456789ab.bin'
    >>> hashed_name("pyodide.mjs", "0123456789abcdef")
    'pyodide.0123456789ab.js'
    >>> hashed_name("klweb-0.1.0-py3-none-any.whl", "0123456789abcdef")
    'klweb.0123456789ab.bin'
    """
    path = PurePosixPath(name)
    stem = name.split("-", maxsplit=1)[0] if path.suffix == ".whl" else path.stem
    # Some hosts serve .mjs as text, which browsers refuse to run; some networks block .wasm.
    ending = {".mjs": ".js", ".js": ".js"}.get(path.suffix, ".bin")
    return f"{stem}.{digest[:12]}{'.json' if name == 'manifest.json' else ending}"


def failure(message: str, path: str) -> BuildError:
    """Describe what stands in the way, and in which file or folder."""
    return BuildError([SourceError(message, path)])
