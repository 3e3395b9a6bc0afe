"""Style sheet and scripts in a folder named after their content."""

import re
from pathlib import Path

import pytest

from klweb.sitegen import assets

BROWSER = Path(__file__).parents[2] / "src/klweb/browser"


def browser(folder: Path, **changed: str) -> Path:
    """Make a small browser side: host imports a and b, a imports c, and d is for nobody."""
    files = {
        "host.js": 'import { a } from "./a.js";\nimport "./b.js";\n',
        "a.js": 'export * from "./c.js";\n',
        "b.js": "",
        "c.js": 'import { host } from "./host.js";\nconst lazily = import("./d.js");\n',
        "d.js": "",
        "worker.js": '/** @typedef {import("./a.js").A} A */\nconst [b, d] = [import("./b.js"), import("./d.js")];\n',
        "reload.js": "",
        "icon.svg": "<svg/>",
        "notes.txt": "not for readers",
        **dict.fromkeys(assets.STYLES, "a { color: red; }\n"),
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
    assert set(found.urls) == {"style.css", "host.js", "a.js", "b.js", "c.js", "d.js", "worker.js", "icon.svg"}
    assert set(found.urls.values()) == set(found.files)
    assert re.fullmatch(r"static/[0-9a-f]{12}", folder_of(found))


def test_the_same_sources_give_the_same_folder(tmp_path: Path) -> None:
    one, two = (assets.gather(browser(tmp_path / name), "") for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("changed", ["host_js", "d_js", "icon_svg", "base_css", "widget_css"])
def test_a_change_of_any_file_moves_them_all(tmp_path: Path, changed: str) -> None:
    before = assets.gather(browser(tmp_path / "before"), "")
    after = assets.gather(browser(tmp_path / "after", **{changed: "/* new */ b { color: blue }"}), "")
    assert folder_of(after) != folder_of(before)


def test_a_file_that_only_moves_its_content_to_another_name_moves_them_too(tmp_path: Path) -> None:
    one = assets.gather(browser(tmp_path / "one", b_js="x", d_js=""), "")
    two = assets.gather(browser(tmp_path / "two", b_js="", d_js="x"), "")
    assert folder_of(one) != folder_of(two)


def test_faces_of_fonts_come_first_in_the_style_sheet(tmp_path: Path) -> None:
    found = assets.gather(browser(tmp_path), "@font-face { font-family: X }")
    css = found.files[found.urls["style.css"]].decode()
    assert css.startswith("@font-face{font-family:X}")
    assert folder_of(found) != folder_of(assets.gather(tmp_path, ""))


def test_what_pages_do_not_load_from_the_folder_stays_out() -> None:
    found = assets.gather(BROWSER, "")
    assert not assets.ELSEWHERE & found.urls.keys()
    assert all((BROWSER / name).exists() for name in assets.ELSEWHERE)


def test_modules_to_preload_are_those_that_are_imported_statically(tmp_path: Path) -> None:
    found = assets.gather(browser(tmp_path), "")
    assert sorted(found.modules) == ["a.js", "b.js", "c.js"]


def test_modules_of_pythons_worker_are_those_that_it_imports_when_it_runs(tmp_path: Path) -> None:
    assert assets.gather(browser(tmp_path), "").later == ("worker.js", "b.js", "d.js")


def test_imports_over_several_lines_count_and_comments_and_words_do_not() -> None:
    contents = {
        "host.js": b'import {\n  a,\n} from "./a.js";\nconst w = \'import x from "./b.js"\';\n// import "./c.js";\n',
        "a.js": b"",
        "b.js": b"",
        "c.js": b"",
    }
    assert assets.imported("host.js", contents) == ["a.js"]


def test_the_sites_own_modules_are_all_found_and_all_there() -> None:
    contents = {path.name: path.read_bytes() for path in BROWSER.glob("*.js")}
    found = assets.imported("host.js", contents)
    assert {"figure.js", "runtime.js", "painter.js"} <= set(found)
    assert "worker.js" not in found, "the worker runs elsewhere"
    for name in ("host.js", *found, *assets.imported("worker.js", contents)):
        for other in re.findall(r'(?:from|import) "\./([^"]+)"', contents[name].decode()):
            assert other in contents


def test_every_module_is_used() -> None:
    contents = {path.name: path.read_bytes() for path in BROWSER.glob("*.js")}
    roots = {"host.js", "worker.js", "theme.js", *assets.ELSEWHERE}
    roots |= set(re.findall(r'import\("\./([^"]+)"\)', "".join(content.decode() for content in contents.values())))
    assert roots.union(*(assets.imported(root, contents) for root in roots)) == set(contents)


@pytest.mark.parametrize(
    ("css", "small"),
    [
        ("a { color: red; }", "a{color:red}"),
        ("a,\nb > c { margin: 0 auto; padding: 1px }", "a,b > c{margin:0 auto;padding:1px}"),
        ("/* why */ a { b: c } /* and\nmore */", "a{b:c}"),
        ("a { width: calc(1px + 2px) }", "a{width:calc(1px + 2px)}"),
        ("a:hover :focus { b: c }", "a:hover :focus{b:c}"),
        ("a :is(b, i) { c: d }", "a :is(b,i){c:d}"),
        ("@media (min-width: 40rem) { a { b: c; } }", "@media (min-width:40rem){a{b:c}}"),
    ],
)
def test_style_sheets_lose_comments_and_space_and_nothing_else(css: str, small: str) -> None:
    assert assets.minified(css) == small


def test_the_sites_own_style_sheet_keeps_its_rules() -> None:
    css = "\n".join((BROWSER / name).read_text() for name in assets.STYLES)
    small = assets.minified(css)
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    assert small.count("{") == bare.count("{")
    assert small.count("}") == bare.count("}") == small.count("{")
    assert re.sub(r"[\s;]", "", small) == re.sub(r"[\s;]", "", bare)
