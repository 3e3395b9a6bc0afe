"""Packages that readers may import: which wheels a build takes along, and what it says of others."""

import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from klweb.sitegen import runtime, wheels
from klweb.sitegen.problems import BuildError

ROOT = Path(__file__).parents[2]


def make_wheel(folder: Path, name: str, *needs: str, version: str = "1.0", tag: str = "py3-none-any") -> Path:
    """Make a wheel of one small module."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    required = "".join(f"Requires-Dist: {need}\n" for need in needs)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "def half():\n    return 0.5\n")
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}"
        archive.writestr(f"{name}-{version}.dist-info/METADATA", metadata)
        archive.writestr(
            f"{name}-{version}.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
        )
        archive.writestr(f"{name}-{version}.dist-info/RECORD", "")
    return path


@pytest.fixture
def lock() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / runtime.SOURCE / "pyodide-lock.json").read_text())
    return found


def problems(folder: Path, lock: dict[str, Any], *taken: str) -> str:
    with pytest.raises(BuildError) as refused:
        wheels.read(folder, lock, taken)
    return "\n".join(map(str, refused.value.problems))


def test_wheels_are_read_with_what_they_bring_and_need(tmp_path: Path, lock: dict[str, Any]) -> None:
    path = make_wheel(tmp_path, "tiny_kl", "Other.Thing >= 1", 'winonly; sys_platform == "win32"', 'more; extra == "x"')
    make_wheel(tmp_path, "other_thing", tag="cp313-cp313-pyodide_2025_0_wasm32")
    (tmp_path / ".DS_Store").write_bytes(b"")
    other, tiny = wheels.read(tmp_path, lock)
    assert (other.spec.name, tiny.spec.name) == ("other-thing", "tiny-kl")
    assert tiny.content == path.read_bytes()
    assert tiny.spec.sha256 == sha256(tiny.content).hexdigest()
    assert tiny.spec.imports == ["tiny_kl"]
    assert tiny.spec.depends == ["other-thing"]


@pytest.mark.parametrize(
    "tag", ["cp312-cp312-pyodide_2024_0_wasm32", "cp313-cp313-manylinux_2_28_x86_64", "py2-none-any"]
)
def test_wheels_for_something_else_are_refused(tmp_path: Path, lock: dict[str, Any], tag: str) -> None:
    path = make_wheel(tmp_path, "tiny_kl", tag=tag)
    message = problems(tmp_path, lock)
    assert message.startswith(f"{path}: not a wheel for this Pyodide, which takes pure ones and those for Python 3.13")
    assert "pyodide_2025_0_wasm32" in message


def test_other_files_are_refused_each_with_its_name(tmp_path: Path, lock: dict[str, Any]) -> None:
    make_wheel(tmp_path, "good")
    for name in ("notes.txt", "numpy.zip", "broken.whl"):
        (tmp_path / name).write_text("x")
    message = problems(tmp_path, lock)
    assert len(re.findall("not a wheel: the folder may hold wheels for Pyodide and nothing else", message)) == 3
    for name in ("notes.txt", "numpy.zip", "broken.whl"):
        assert str(tmp_path / name) in message


def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, lock: dict[str, Any]) -> None:
    (tmp_path / "tiny_kl-1.0-py3-none-any.whl").write_bytes(b"no archive")
    assert "not a wheel that can be read" in problems(tmp_path, lock)


def test_a_package_of_pyodides_own_list_has_to_have_its_hash(tmp_path: Path, lock: dict[str, Any]) -> None:
    path = make_wheel(tmp_path, "numpy", version="2.2.5", tag="cp313-cp313-pyemscripten_2025_0_wasm32")
    assert lock["packages"]["numpy"]["file_name"] == path.name
    assert "not the file that Pyodide’s own list has under this name" in problems(tmp_path, lock)
    lock["packages"]["numpy"]["sha256"] = sha256(path.read_bytes()).hexdigest()
    (found,) = wheels.read(tmp_path, lock)
    assert found.spec.imports == ["numpy"]


def test_what_is_there_twice_or_not_at_all_is_told(tmp_path: Path, lock: dict[str, Any]) -> None:
    make_wheel(tmp_path, "tiny_kl", "absent")
    make_wheel(tmp_path, "tiny_kl", version="2.0")
    make_wheel(tmp_path, "klweb")
    message = problems(tmp_path, lock, "klweb")
    assert "tiny-kl is there already" in message
    assert "klweb is there already" in message
    assert "tiny-kl needs absent, whose wheel isn’t in the folder" in message
    assert "there is no such folder of wheels" in problems(tmp_path / "none", lock)
