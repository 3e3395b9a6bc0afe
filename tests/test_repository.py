"""What holds for the repository as a whole: pins, hashes, sizes, versions, and no host's address."""

import json
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

import klweb
from klweb.sitegen import runtime

ROOT = Path(__file__).parents[1]
LARGEST = 500_000

# In two halves, since this file is one of those that are searched.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"),
        ("npmmirror", "com"), ("jsdelivr", "net"), ("unpkg", "com"), ("cdnjs", "cloudflare.com"), ("anaconda", "org"),
        ("golang", "org"), ("crates", "io"), ("playwright", "azureedge.net"),
    )
]  # fmt: skip


@cache
def tracked() -> tuple[Path, ...]:
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a checkout")
    paths = (ROOT / name for name in done.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


@cache
def texts() -> dict[str, str]:
    """Read every tracked file that is text."""
    found = {}
    for path in tracked():
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def matches(pattern: str, *, but: tuple[str, ...] = ()) -> list[str]:
    """List the places where a pattern is found, as ``file:line: text``."""
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts().items()
        if name not in but
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_a_package_registry(host: str) -> None:
    assert matches(re.escape(host)) == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert matches(r"(?<![\w.$}~)])/(?:home|Users|root|work|tmp)/(?!\s)") == []


def test_no_file_is_large() -> None:
    sizes = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in tracked()}
    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}


def test_what_is_built_is_not_tracked() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in tracked()}
    assert {name for name in names if name.startswith("site/")} <= {"site/.gitignore"}
    assert not [name for name in names if re.search(r"(^|/)(node_modules|\.venv|__pycache__)/|-changed\.\w+$", name)]
    assert (ROOT / "site/.gitignore").read_text().startswith("*")


def requirements(name: str) -> list[str]:
    """Return the entries of a requirements file, each with its hashes on one line."""
    text = (ROOT / "requirements" / name).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("name", ["build.txt", "test.txt"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    entries = requirements(name)
    assert len(entries) > 5
    for entry in entries:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==[\w.!+]+(\s*;[^#]*?)?\s+--hash=sha256:[0-9a-f]{64}", entry), entry
        assert "http" not in entry
        assert "@" not in entry.split("--hash")[0]


def test_what_is_needed_to_build_has_the_same_version_where_it_is_tested() -> None:
    pins = {
        name: dict(re.findall(r"^([\w.-]+)==(\S+)", "\n".join(requirements(name)), re.M))
        for name in ("build.txt", "test.txt")
    }
    shared = pins["build.txt"].keys() & pins["test.txt"].keys()
    assert {name: pins["build.txt"][name] for name in shared} == {name: pins["test.txt"][name] for name in shared}


@pytest.mark.parametrize(("wanted", "pinned"), [("build.in", "build.txt"), ("test.in", "test.txt")])
def test_everything_wanted_is_pinned(wanted: str, pinned: str) -> None:
    lines = (line.split("#")[0].strip() for line in (ROOT / "requirements" / wanted).read_text().splitlines())
    names = {re.split(r"[\[=<>;! ]", line)[0].lower() for line in lines if line and not line.startswith("-")}
    found = {re.split(r"[\[= ]", entry)[0].lower() for entry in requirements(pinned)}
    assert names <= found


def test_the_npm_lock_has_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: item for name, item in lock["packages"].items() if name}
    assert len(packages) > 20
    for name, item in packages.items():
        assert "resolved" not in item, name
        assert re.fullmatch(r"sha512-[\w+/]{86}==", item["integrity"]), name
    assert lock["packages"][""]["dependencies"] == package()["dependencies"]
    assert lock["packages"][""]["devDependencies"] == package()["devDependencies"]


def package() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((ROOT / "package.json").read_text())
    return found


def test_npm_packages_are_pinned_exactly() -> None:
    for group in ("dependencies", "devDependencies"):
        for name, version in package()[group].items():
            assert re.fullmatch(r"\d+\.\d+\.\d+", version), name


def test_pyodide_has_one_version() -> None:
    assert package()["dependencies"]["pyodide"] == runtime.VERSION


def test_the_version_agrees_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert project["version"] == klweb.__version__ == str(citation["version"])
    assert package().get("version", project["version"]) == project["version"]


def test_the_core_depends_on_nothing() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"] == []


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"


def test_code_and_prose_have_their_licences() -> None:
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
    assert "Creative Commons Attribution 4.0" in (ROOT / "LICENSE-prose.md").read_text()


def test_continuous_integration_runs_what_people_run() -> None:
    script = ROOT / ".ci/run"
    assert "make test" in script.read_text()
    assert script.stat().st_mode & 0o111
    workflow = (ROOT / ".github/workflows/site.yml").read_text()
    assert isinstance(yaml.safe_load(workflow), dict)


def test_nothing_is_left_to_do_in_the_code() -> None:
    marks = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3))
    assert matches(rf"\b({marks})\b", but=("tests/test_repository.py",)) == []


def test_every_script_is_checked_for_types() -> None:
    scripts = [name for name in texts() if name.endswith((".js", ".mjs"))]
    assert scripts
    assert [name for name in scripts if not texts()[name].startswith("// @ts-check")] == []


SINKS = re.compile(
    r"\b(?:inner|outer)HTML\s*\+?=|insertAdjacentHTML|document\.write|setHTML|createContextualFragment|DOMParser"
    r"|srcdoc|\beval\(|new Function|\bFunction\(|set(?:Timeout|Interval)\(\s*[\"'`]"
    r"|document\.cookie|sendBeacon"
)


def test_no_script_of_the_site_makes_markup_or_code_out_of_text() -> None:
    scripts = sorted((ROOT / "src/klweb/browser").rglob("*.js"))
    assert len(scripts) > 30
    found = {
        script.name: matches for script in scripts if (matches := SINKS.findall(script.read_text(encoding="utf-8")))
    }
    assert not found


def test_the_tests_that_the_documentation_names_are_there() -> None:
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", text))
    assert len(named) > 15
    assert {name for name in named if f"def {name}(" not in tests} == set()
    files = set(re.findall(r"`(?:tests/\w+/)?([\w.]+\.(?:py|mjs))`", text))
    assert {name for name in files if not list((ROOT / "tests").rglob(name))} == set()
