"""Style sheet and scripts in a folder named after their content."""

import json
import re
import subprocess
from itertools import chain
from pathlib import Path

import pytest

from klweb.sitegen import assets

pytestmark = pytest.mark.slow

BROWSER = Path(__file__).parents[2] / "src/klweb/browser"
NOT_JOINED = {"reload.js", "sw.js"}
"""What the development server and the offline edition's writer load themselves."""


def browser(folder: Path, **changed: str) -> Path:
    """Make a small browser side: host imports a, and a imports b."""
    files = {
        "host.js": 'import { a } from "./a.js";\nconsole.log(a);\n',
        "a.js": '// words for people\nimport { b } from "./b.js";\nexport const a = b + 1;\n',
        "b.js": "export const b = Math.random();\n",
        "builder.js": "export function begin() {}\n",
        "cell.js": "export function begin() {}\n",
        "cell-worker.js": "onmessage = null;\n",
        "early.js": "const early = 1; console.log(early);\n",
        "export.js": "export function begin() {}\n",
        "learn.js": "export function begin() {}\n",
        "worker.js": 'import { b } from "./b.js";\nexport {};\nconsole.log("worker", b);\n',
        "unused.js": "nobody;",
        "icon.svg": "<svg/>",
        "notes.txt": "not for readers",
        **dict.fromkeys(chain.from_iterable(assets.STYLES.values()), "a { color: red; }\n"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**files, **{key.replace("_", "."): value for key, value in changed.items()}}.items():
        (folder / name).write_text(text)
    return folder


def folder_of(found: assets.Assets) -> str:
    (folder,) = {path.rpartition("/")[0] for path in found.files}
    return folder


def test_all_files_lie_in_one_folder_named_after_their_content(tmp_path: Path) -> None:
    found = assets.gather(browser(tmp_path), "")
    scripts = {name + end for name in assets.SCRIPTS for end in ("", assets.MAP)}
    assert set(found.urls) == {*assets.STYLES, "icon.svg"} | scripts
    assert set(found.urls.values()) == set(found.files)
    assert re.fullmatch(r"static/[0-9a-f]{12}", folder_of(found))


def test_the_same_sources_give_the_same_bytes_wherever_they_lie(tmp_path: Path) -> None:
    one, two = (assets.gather(browser(tmp_path / name), "") for name in ("one", "much/deeper/two"))
    assert one == two


@pytest.mark.parametrize("changed", ["host_js", "a_js", "icon_svg", "base_css", "widget_css"])
def test_a_change_of_any_file_moves_them_all(tmp_path: Path, changed: str) -> None:
    new = {"js": "export const a = 2", "svg": "<svg></svg>", "css": "b { color: blue }"}[changed.rpartition("_")[2]]
    before = assets.gather(browser(tmp_path / "before"), "")
    after = assets.gather(browser(tmp_path / "after", **{changed: new}), "")
    assert folder_of(after) != folder_of(before)


def test_a_module_that_changes_in_its_place_is_joined_anew(tmp_path: Path) -> None:
    before = assets.gather(browser(tmp_path), "")
    after = assets.gather(browser(tmp_path, b_js="export const b = 5;\n"), "")
    assert before.files[before.urls["host.js"]] != after.files[after.urls["host.js"]]
    assert before.files[before.urls["export.js"]] == after.files[after.urls["export.js"]]


def test_faces_of_fonts_come_first_in_the_style_sheet(tmp_path: Path) -> None:
    found = assets.gather(browser(tmp_path), "@font-face { font-family: X }")
    css = found.files[found.urls["style.css"]].decode()
    assert css.startswith("@font-face{font-family:X}")
    assert folder_of(found) != folder_of(assets.gather(tmp_path, ""))


def test_a_script_holds_what_it_imports_and_nothing_for_people(tmp_path: Path) -> None:
    found = assets.gather(browser(tmp_path), "")
    for name in ("host.js", "worker.js"):
        script = found.files[found.urls[name]].decode()
        assert "Math.random()" in script
        assert "words for people" not in script
        assert not re.search(r"\bimport\b", script)


def test_sources_come_along_under_their_own_names(tmp_path: Path) -> None:
    found = assets.gather(browser(tmp_path), "")
    script = found.files[found.urls["host.js"]].decode()
    assert script.endswith("\n//# sourceMappingURL=host.js.map\n")
    sources = json.loads(found.files[found.urls["host.js.map"]])
    assert sorted(sources["sources"]) == ["a.js", "b.js", "host.js"]
    assert any("words for people" in text for text in sources["sourcesContent"])
    assert str(tmp_path) not in json.dumps(sources)


def test_the_script_of_the_first_gesture_is_compiled_before_it(tmp_path: Path) -> None:
    found = assets.gather(browser(tmp_path), "")
    first = {name: found.files[found.urls[name]].partition(b"\n")[0] for name in assets.SCRIPTS}
    assert [name for name in first if first[name] == b"//# allFunctionsCalledOnLoad"] == ["host.js"]
    # The map knows of the line that no source has.
    assert json.loads(found.files[found.urls["host.js.map"]])["mappings"].startswith(";")


def test_what_runs_before_the_layout_is_a_classic_script_without_globals(tmp_path: Path) -> None:
    script, _ = assets.bundled(browser(tmp_path) / "early.js", "iife")
    path = tmp_path / "early.cjs"
    path.write_text(f"{script}\nif (typeof early !== 'undefined') throw new Error('early leaks');\n")
    done = subprocess.run(["node", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


def test_a_module_that_is_missing_or_broken_is_named_with_its_line(tmp_path: Path) -> None:
    (browser(tmp_path) / "b.js").unlink()
    with pytest.raises(assets.BundleError, match=r'Could not resolve "\./b\.js"[\s\S]*a\.js:2'):
        assets.gather(tmp_path, "")
    with pytest.raises(assets.BundleError, match=r"b\.js:1"):
        assets.gather(browser(tmp_path, b_js="export const b = ;"), "")


def test_a_style_sheet_that_is_broken_is_refused() -> None:
    with pytest.raises(assets.BundleError):
        assets.minified("a { color: red; } }")


def test_every_module_of_the_sites_own_is_used() -> None:
    found = assets.gather(BROWSER, "")
    maps = [found.files[url].decode() for name, url in found.urls.items() if name.endswith(assets.MAP)]
    alone = [assets.bundled(BROWSER / name, "iife")[1] for name in ("sw.js", "single.js", assets.EMBED)]
    # A module that only imports others leaves nothing of its own.
    used = {source for text in (*maps, *alone) for source in json.loads(text)["sources"]}
    assert used | NOT_JOINED | {"early.js"} == {path.name for path in BROWSER.glob("*.js")}
