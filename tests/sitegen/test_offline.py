"""The service worker's script: what it lists, and that it is one script of today's browsers."""

import base64
import json
import re
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from klweb.sitegen import offline

BROWSER = Path(__file__).parents[2] / "src/klweb/browser"
FILES = {
    "index.html": b"front",
    "about/index.html": b"about",
    "404.html": b"missing",
    "robots.txt": b"",
    "static/0123456789ab/host.js": b"script",
    "runtime/python.0123456789ab.bin": b"python",
    "fonts/serif-0123456789.woff2": b"font",
    "fonts/LICENCES.txt": b"words",
}


def release(script: bytes) -> dict[str, Any]:
    """Read the list at the head of a script."""
    head = script.decode().split(";\n", 1)[0]
    found: dict[str, Any] = json.loads(head.removeprefix("self.list="))
    return found


def test_everything_that_pages_need_is_listed_with_its_size_and_hash() -> None:
    found = release(offline.script(FILES, BROWSER))["files"]
    assert set(found) == {
        "", "about/", "static/0123456789ab/host.js", "runtime/python.0123456789ab.bin", "fonts/serif-0123456789.woff2",
    }  # fmt: skip
    size, integrity = found["about/"]
    assert size == len(b"about")
    assert base64.b64decode(integrity.removeprefix("sha256-")) == sha256(b"about").digest()


def test_what_hardly_any_reader_needs_stays_out() -> None:
    found = release(offline.script(FILES, BROWSER, {"runtime/python.0123456789ab.bin"}))["files"]
    assert "runtime/python.0123456789ab.bin" not in found
    assert "static/0123456789ab/host.js" in found


def test_one_file_in_several_encodings_is_marked() -> None:
    encodings = {"runtime/python.0123456789ab.bin": ("brotli", 99)}
    found = release(offline.script(FILES, BROWSER, encodings=encodings))["files"]
    assert found["runtime/python.0123456789ab.bin"][2:] == ["brotli", 99]
    assert found["about/"][2:] == []


def test_the_same_files_give_the_same_script_in_whatever_order() -> None:
    assert offline.script(FILES, BROWSER) == offline.script(dict(reversed(FILES.items())), BROWSER)


@pytest.mark.parametrize("path", ["about/index.html", "static/0123456789ab/host.js"])
def test_any_change_is_another_release(path: str) -> None:
    one, two = (release(offline.script(files, BROWSER)) for files in (FILES, {**FILES, path: b"changed"}))
    assert one["id"] != two["id"]


def test_a_file_whose_name_may_mean_something_else_tomorrow_is_refused() -> None:
    with pytest.raises(ValueError, match=r"data/today\.json"):
        offline.script({**FILES, "data/today.json": b"{}"}, BROWSER)


def test_the_script_is_a_classic_one_and_can_be_parsed(tmp_path: Path) -> None:
    script = offline.script(FILES, BROWSER).decode()
    assert not re.search(r"\b(import|export)\b", script.partition(";\n")[2])
    path = tmp_path / "sw.cjs"
    path.write_text(script)
    done = subprocess.run(["node", "--check", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_sources_for_the_browsers_tools_are_not_kept() -> None:
    files = {**FILES, "static/0123456789ab/host.js.map": b"{}"}
    assert release(offline.script(files, BROWSER)) == release(offline.script(FILES, BROWSER))
