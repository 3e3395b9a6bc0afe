"""What the reader's browser is given of Python."""

import gzip
import io
import json
import re
import shutil
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import brotli
import pytest
from pyodide_lock import PyodideLockSpec

from klweb.sitegen import image, runtime
from klweb.sitegen.image import FreezeError
from klweb.sitegen.problems import BuildError
from tests.sitegen.test_wheels import make_wheel

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def packed() -> runtime.Packed:
    return runtime.pack(ROOT, lambda _line: None)


@pytest.fixture(scope="module")
def manifest(packed: runtime.Packed) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(packed.files[packed.manifest])
    return found


def content(packed: runtime.Packed, manifest: dict[str, Any], name: str) -> bytes:
    listed = manifest["files"][name]
    served = packed.files[f"runtime/{listed['url']}"]
    return gzip.decompress(served) if listed["encoding"] == "gzip" else served


def wheel_name(manifest: dict[str, Any]) -> str:
    (name,) = (name for name in manifest["files"] if name.endswith(".whl"))
    return str(name)


def project(folder: Path) -> Path:
    """Make a checkout with the package alone."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE", "tools/pack_topics.py", "content/topics.toml"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_manifest_lists_every_file_with_its_length_and_hash(packed: runtime.Packed, manifest: dict[str, Any]) -> None:
    listed = [*manifest["files"].values(), *packed.image]
    others = {packed.manifest, f"runtime/{manifest['wheel']}"}
    assert {f"runtime/{file['url']}" for file in listed} == set(packed.files) - others
    assert manifest["packages"] == {}
    for file in listed:
        served = packed.files[f"runtime/{file['url']}"]
        assert file["bytes"] == len(served)
        assert file["sha256"] == sha256(served).hexdigest()
    assert manifest["entry"] == "klweb.live"
    assert manifest["version"] == runtime.VERSION
    assert re.fullmatch(r"3\.\d+\.\d+", manifest["python"])


def test_every_name_carries_the_hash_of_its_content(packed: runtime.Packed) -> None:
    for path, served in packed.files.items():
        assert re.search(rf"[./]{sha256(served).hexdigest()[:12]}[./]", path)
        assert path.endswith((".bin", ".js", ".whl") if path != packed.manifest else ".json")


def test_the_wheel_lies_under_its_own_name_for_pip(packed: runtime.Packed, manifest: dict[str, Any]) -> None:
    assert manifest["wheel"].endswith(f"/{wheel_name(manifest)}")
    assert packed.files[f"runtime/{manifest['wheel']}"] == content(packed, manifest, wheel_name(manifest))


def test_wheels_of_a_folder_are_packed_and_locked(tmp_path: Path) -> None:
    lines: list[str] = []
    path = make_wheel(tmp_path, "tiny_kl")
    packed = runtime.pack(ROOT, lines.append, tmp_path)
    manifest = json.loads(packed.files[packed.manifest])
    entry = manifest["packages"][path.name]
    assert packed.files[f"runtime/{entry['url']}"] == path.read_bytes()
    assert path.name not in manifest["files"], "it is fetched when it is wanted"
    locked = PyodideLockSpec(**json.loads(content(packed, manifest, "pyodide-lock.json")))
    assert sorted(locked.packages) == ["klweb", "tiny-kl"]
    assert locked.packages["tiny-kl"].imports == ["tiny_kl"]
    assert any(line.startswith("packed   tiny-kl 1.0 for readers") for line in lines)


def test_pyodides_own_files_are_unchanged(packed: runtime.Packed, manifest: dict[str, Any]) -> None:
    for name, digest in runtime.PYODIDE.items():
        if name != "pyodide-lock.json":
            assert sha256(content(packed, manifest, name)).hexdigest() == digest


def test_lock_file_lists_the_wheel_alone(packed: runtime.Packed, manifest: dict[str, Any]) -> None:
    lock = PyodideLockSpec(**json.loads(content(packed, manifest, "pyodide-lock.json")))
    name = wheel_name(manifest)
    assert list(lock.packages) == ["klweb"]
    assert lock.packages["klweb"].file_name == name
    assert lock.packages["klweb"].sha256 == sha256(content(packed, manifest, name)).hexdigest()
    assert lock.packages["klweb"].imports == ["klweb"]
    assert lock.info.python == manifest["python"]


def test_wheel_holds_what_runs_in_the_browser_and_no_more(packed: runtime.Packed, manifest: dict[str, Any]) -> None:
    wheel = zipfile.ZipFile(io.BytesIO(content(packed, manifest, wheel_name(manifest))))
    names = wheel.namelist()
    assert {"klweb/live.py", "klweb/categorical.py"} <= set(names)
    assert not [name for name in names if "sitegen" in name or "browser" in name]


def test_same_sources_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (project(tmp_path / name) for name in ("first", "second"))
    for path in second.rglob("*.py"):
        path.touch()
    a = runtime.build_wheel(first, "a")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert runtime.build_wheel(second, "b") == a


def test_a_change_of_the_package_makes_another_wheel(tmp_path: Path) -> None:
    root = project(tmp_path / "checkout")
    before = runtime.fingerprint(root)
    (root / "src/klweb/sitegen/build.py").write_text("# the generator does not travel\n")
    assert runtime.fingerprint(root) == before
    for path in ("src/klweb/live.py", "content/topics.toml"):
        (root / path).write_text("# another\n")
        assert runtime.fingerprint(root) != before
        before = runtime.fingerprint(root)


def test_without_pyodide_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"node_modules/pyodide.*missing: run `make setup`"):
        runtime.pack(tmp_path, lambda _line: None)


def test_another_version_of_pyodide_is_refused(tmp_path: Path) -> None:
    fake_pyodide(tmp_path, version="0.28.0")
    with pytest.raises(BuildError, match=r"0\.29\.5 is expected, but 0\.28\.0 is installed"):
        runtime.read_pyodide(tmp_path)


def test_a_changed_file_is_refused_and_named(tmp_path: Path) -> None:
    fake_pyodide(tmp_path, version=runtime.VERSION)
    with pytest.raises(BuildError, match=r"pyodide\.mjs: not the file of Pyodide"):
        runtime.read_pyodide(tmp_path)


def test_a_project_that_does_not_build_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'broken'\n")
    with pytest.raises(BuildError, match=r"pyproject\.toml: the wheel could not be built: \S"):
        runtime.build_wheel(tmp_path, "broken")


def test_what_was_packed_is_reported_with_its_size() -> None:
    lines: list[str] = []
    runtime.pack(ROOT, lines.append)
    assert any(re.search(r"Python 3\.\S+ on Pyodide \S+: \d\.\d\d MB", line) for line in lines)
    assert re.search(r"\d\.\d\d MB as brotli, \d\.\d\d MB as gzip", lines[-1])


def test_the_image_is_the_same_in_every_encoding_the_smallest_first(packed: runtime.Packed) -> None:
    served = {entry["encoding"]: packed.files[f"runtime/{entry['url']}"] for entry in packed.image}
    assert list(served) == ["brotli", "gzip"]
    assert brotli.decompress(served["brotli"]) == gzip.decompress(served["gzip"])
    assert len(served["brotli"]) < len(served["gzip"]) < 2e6


def test_a_frozen_module_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []

    def make(_folder: Path, wheel: bytes, *_: object) -> bytes:
        made.append(wheel)
        return b"module"

    monkeypatch.setattr(image, "make", make)
    for wheel in (b"one", b"one", b"two", b"one"):
        assert gzip.decompress(runtime.freeze(tmp_path, wheel)["gzip"]) == b"module"
    assert made == [b"one", b"two"]


def test_what_cannot_be_frozen_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(*_: object) -> bytes:
        raise FreezeError("freeze.mjs failed: no node")

    monkeypatch.setattr(image, "make", make)
    with pytest.raises(BuildError, match=r"sitegen/image: freeze\.mjs failed: no node"):
        runtime.freeze(tmp_path, b"wheel")


def fake_pyodide(root: Path, version: str) -> None:
    folder = root / "node_modules/pyodide"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"version": version}))
    for name in runtime.PYODIDE:
        (folder / name).write_bytes(b"something else")
