"""Python for the reader's browser: the frozen module, and for want of it Pyodide's files and the klweb wheel.

The frozen module (`klweb.sitegen.image`) is all that most readers ever fetch; the pages' own
configuration has its entry. Pyodide whole is what a browser boots where that module fails. Every
file gets a name that carries the hash of its content, so that it may be cached for ever, and an
entry from which the browser knows its address, length and hash. The manifest also lists packages that readers may
import in the cell below a figure (`klweb.sitegen.wheels`), and where the klweb wheel lies for pip. What each tool is
used for, and why Pyodide has this version, is in ``docs/runtime.md``.
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
from typing import Any

import brotli
from packaging.utils import parse_wheel_filename
from pyodide_lock import InfoSpec, PackageSpec, PyodideLockSpec, parse_top_level_import_name

from klweb.sitegen import cache, image, questions, wheels
from klweb.sitegen.problems import BuildError, SourceError
from klweb.sitegen.wheels import Wheel

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


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "brotli": lambda content: brotli.compress(content, quality=11, lgwin=22),
    "gzip": lambda content: gzip.compress(content, compresslevel=9, mtime=0),
}
"""How the frozen module is compressed, the smallest first; browsers without the first have the second."""


@dataclass(frozen=True)
class Packed:
    """The runtime's files by site path, which of them is the manifest, and the entries of the frozen module."""

    files: dict[str, bytes]
    manifest: str
    image: list[dict[str, Any]]
    """The frozen module in several encodings, the smallest first; entries are those of a manifest's files,
    with the length and hash of the module itself as ``plain``."""


def pack(root: Path, report: Callable[[str], None], folder: Path | None = None) -> Packed:
    """Make the runtime's files from the checkout at `root`.

    Parameters
    ----------
    root
        The checkout, with ``node_modules/pyodide`` installed.
    report
        Called with a line for each file.
    folder
        Where the wheels of packages lie that readers may import, if there are any.

    Raises
    ------
    BuildError
        Pyodide is missing, has another version or other content, the wheel can't be built, or one of the folder's
        can't be used.
    """
    contents = read_pyodide(root)
    pyodide = json.loads(contents["pyodide-lock.json"])
    own = pyodide["info"]
    wheel = build_wheel(root, fingerprint(root))
    packages = wheels.read(folder, pyodide, [wheel.spec.name]) if folder else []
    contents["pyodide-lock.json"] = lock(own, [wheel.spec, *(package.spec for package in packages)])
    contents[wheel.spec.file_name] = wheel.content

    files: dict[str, bytes] = {}
    listed: dict[str, dict[str, Any]] = {}
    for name, content in contents.items():
        # Hosts compress scripts, but not what they don't know; archives are compressed already.
        encoding = "gzip" if name.endswith(".wasm") else "plain"
        listed[name] = add(files, name, compress(content) if encoding == "gzip" else content, encoding)

    # pip goes by a wheel's name, so the hash is its folder's.
    address = f"{wheel.spec.sha256[:12]}/{wheel.spec.file_name}"
    files[f"{FOLDER}/{address}"] = wheel.content
    extra = {item.spec.file_name: add(files, item.spec.file_name, item.content, "plain") for item in packages}
    manifest = {
        "version": VERSION, "python": own["python"], "entry": ENTRY, "files": listed, "packages": extra,
        "wheel": address,
    }  # fmt: skip
    text = json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode()
    path = f"{FOLDER}/{hashed_name('manifest.json', sha256(text).hexdigest())}"
    files[path] = text
    report(f"packed   Python {own['python']} on Pyodide {VERSION}: {size(files)}")
    for package in packages:
        report(f"packed   {package.spec.name} {package.spec.version} for readers’ cells: {size([package.content])}")

    encoded = freeze(root, wheel.content)
    module = gzip.decompress(encoded["gzip"])
    plain = {"bytes": len(module), "sha256": sha256(module).hexdigest()}
    frozen = [add(files, "python.wasm", content, encoding) | {"plain": plain} for encoding, content in encoded.items()]
    sizes = ", ".join(f"{size([content])} as {encoding}" for encoding, content in encoded.items())
    report(f"froze    Python: {sizes}")
    return Packed(files, path, frozen)


def add(files: dict[str, bytes], name: str, content: bytes, encoding: str) -> dict[str, Any]:
    """Add a file as it will be served, under a name with its hash; return the entry that describes it."""
    digest = sha256(content).hexdigest()
    url = hashed_name(name, digest)
    files[f"{FOLDER}/{url}"] = content
    return {"url": url, "bytes": len(content), "sha256": digest, "encoding": encoding}


def size(contents: dict[str, bytes] | list[bytes]) -> str:
    """Return how much some files weigh together, in words."""
    values = contents.values() if isinstance(contents, dict) else contents
    return f"{sum(map(len, values)) / 1e6:.2f} MB"


def freeze(root: Path, wheel: bytes) -> dict[str, bytes]:
    """Return the frozen module by encoding; made once for the same wheel, questions, Pyodide and ways of making it."""
    made_by = (*sorted(image.HERE.glob("*.*")), image.HERE.parents[1] / "browser" / "image.js", Path(__file__))
    asked = definitions(root)
    digest = sha256("".join(PYODIDE.values()).encode() + wheel + "".join(asked).encode())
    for path in made_by:
        digest.update(path.read_bytes())

    def make() -> dict[str, bytes]:
        try:
            module = image.make(root / SOURCE, wheel, ENTRY, asked)
        except image.FreezeError as error:
            raise failure(str(error), "src/klweb/sitegen/image") from None
        return {encoding: encode(module) for encoding, encode in ENCODINGS.items()}

    made = cache.kept(root, "python", digest.hexdigest(), make)
    return {encoding: made[encoding] for encoding in ENCODINGS}


def definitions(root: Path) -> tuple[str, ...]:
    """Return the definitions of the site's questions as JSON: the frozen Python has to draw their variants."""
    found = questions.read_questions(root) if (root / questions.PATH).exists() else []
    return tuple(json.dumps(item.definition) for item in found)


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
    yield from (root / name for name in ("pyproject.toml", "LICENSE", "tools/pack_topics.py", "content/topics.toml"))
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
        built = sorted(Path(folder).glob("*.whl"))
        if done.returncode or len(built) != 1:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise failure(f"the wheel could not be built: {lines[-1]}", "pyproject.toml")
        content = built[0].read_bytes()
        name, version, _, tags = parse_wheel_filename(built[0].name)
        if {tag.platform for tag in tags} != {"any"}:
            raise failure(f"{built[0].name} is not a pure wheel", "pyproject.toml")
        spec = PackageSpec(
            name=name,
            version=str(version),
            file_name=built[0].name,
            install_dir="site",
            sha256=sha256(content).hexdigest(),
            imports=parse_top_level_import_name(built[0]) or [],
        )
    return Wheel(spec, content)


def lock(own: dict[str, str], specs: Iterable[PackageSpec]) -> bytes:
    """Write the site's ``pyodide-lock.json``: Pyodide's own platform, our wheel, and the folder's."""
    info = InfoSpec.model_validate({**own, "version": VERSION})
    site = PyodideLockSpec(info=info, packages={spec.name: spec for spec in specs})
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
