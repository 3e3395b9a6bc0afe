"""The command line: exit codes, and messages that say what is wrong and where."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateSyntaxError, UndefinedError

from klweb.sitegen import cli
from klweb.sitegen.fonts import FontError
from klweb.sitegen.formulas import ConverterError
from klweb.sitegen.output import Changes, OutputError
from klweb.sitegen.problems import BuildError, SourceError
from klweb.sitegen.serve import PortError
from klweb.sitegen.writer import Project

ROOT = Path(__file__).parents[2]
NOTHING = Changes((), (), ())


class Recorder:
    """Stands for the build and the server: remembers how it was called, and fails if told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.projects: list[Project] = []
        self.served: list[tuple[Path, int, bool]] = []
        self.error: Exception | None = None
        self.port_error: Exception | None = None
        monkeypatch.setattr(cli, "build", self.build)
        monkeypatch.setattr(cli, "serve", self.serve)
        monkeypatch.setattr(cli, "_watch", lambda *_words: None)

    def build(self, project: Project, report: Any, *, again: bool) -> Changes:
        assert not again
        self.projects.append(project)
        if self.error:
            raise self.error
        report("wrote    1 of 1 files")
        return NOTHING

    def serve(self, target: Path, port: int, *, live: object, ready: Any) -> None:
        self.served.append((target, port, live is not None))
        if self.port_error:
            raise self.port_error
        ready(f"http://localhost:{port}/")


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    return Recorder(monkeypatch)


def test_a_build_that_went_well_exits_with_0(
    recorder: Recorder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(tmp_path, []) == 0
    assert recorder.projects == [Project(tmp_path, tmp_path / "site", "")]
    assert recorder.served == []
    out, err = capsys.readouterr()
    assert out == "wrote    1 of 1 files\n"
    assert err == ""


def test_the_address_ends_with_one_slash_and_the_folder_may_be_chosen(recorder: Recorder, tmp_path: Path) -> None:
    for address in ("https://example.org/kl", "https://example.org/kl/"):
        cli.main(tmp_path, ["--base-url", address, "--out", str(tmp_path / "elsewhere")])
        assert recorder.projects[-1] == Project(tmp_path, tmp_path / "elsewhere", "https://example.org/kl/")


def test_a_folder_of_wheels_may_be_named(recorder: Recorder, tmp_path: Path) -> None:
    cli.main(tmp_path, ["--wheels", str(tmp_path / "wheels")])
    assert recorder.projects[-1] == Project(tmp_path, tmp_path / "site", "", tmp_path / "wheels")


@pytest.mark.parametrize("address", ["example.org/kl", "/kl/", "ftp://example.org/", "javascript:alert(1)"])
def test_an_address_that_is_none_is_refused(
    recorder: Recorder, tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(tmp_path, ["--base-url", address])
    assert caught.value.code == 2
    assert "base-url" in capsys.readouterr().err
    assert recorder.projects == []


ERRORS = [
    (BuildError([SourceError("one", "content/a.md", 3), SourceError("two", "content/b.md")]),
     "error    content/a.md:3: one\nerror    content/b.md: two\n"),
    (SourceError("wrong", "content/a.md", 3), "error    content/a.md:3: wrong\n"),
    (TemplateSyntaxError("unexpected '}'", 7, "page.html", "templates/page.html"),
     "error    templates/page.html:7: unexpected '}'\n"),
    (ConverterError("Node is missing"), "error    build: Node is missing\n"),
    (FontError("no font has 漢"), "error    build: no font has 漢\n"),
    (OutputError("it is a repository"), "error    build: it is a repository\n"),
    (OSError(28, "No space left on device"), "error    build: [Errno 28] No space left on device\n"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "said"), ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
def test_a_build_that_failed_says_why_and_exits_with_1(
    recorder: Recorder, tmp_path: Path, capsys: pytest.CaptureFixture[str], error: Exception, said: str
) -> None:
    recorder.error = error
    assert cli.main(tmp_path, []) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == said


def test_the_last_good_site_is_mentioned_where_there_is_one(
    recorder: Recorder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("good")
    recorder.error = SourceError("wrong", "content/a.md", 3)
    assert cli.main(tmp_path, []) == 1
    assert "the last good site is still there" in capsys.readouterr().err


def test_serving_builds_first(recorder: Recorder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(tmp_path, ["--serve", "--port", "8123"]) == 0
    assert recorder.served == [(tmp_path / "site", 8123, False)]
    assert capsys.readouterr().out.endswith("serving  http://localhost:8123/\n")


def test_a_site_that_could_not_be_built_is_not_served(recorder: Recorder, tmp_path: Path) -> None:
    recorder.error = SourceError("wrong", "content/a.md", 3)
    assert cli.main(tmp_path, ["--serve"]) == 1
    assert recorder.served == []


def test_while_somebody_writes_it_is_served_all_the_same(recorder: Recorder, tmp_path: Path) -> None:
    recorder.error = SourceError("wrong", "content/a.md", 3)
    assert cli.main(tmp_path, ["--serve", "--watch"]) == 0
    assert recorder.served == [(tmp_path / "site", 8000, True)]


def test_a_port_in_use_is_said_and_exits_with_1(
    recorder: Recorder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorder.port_error = PortError("port 8000 is in use")
    assert cli.main(tmp_path, ["--serve"]) == 1
    assert capsys.readouterr().err == "port 8000 is in use\n"


@pytest.mark.parametrize("words", [["--port", "abc"], ["--nonsense"], ["extra"]])
def test_words_that_make_no_sense_exit_with_2(
    recorder: Recorder, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(tmp_path, words)
    assert caught.value.code == 2
    assert "usage: build.py" in capsys.readouterr().err


def test_the_front_is_a_program_that_explains_itself() -> None:
    done = subprocess.run([sys.executable, "build.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for option in ("--serve", "--watch", "--port", "--base-url", "--out"):
        assert option in done.stdout


def test_a_name_that_a_template_does_not_know_is_told_with_its_template() -> None:
    """Jinja itself names no file for it; a person with five templates needs to know which."""
    from jinja2 import DictLoader, Environment, StrictUndefined

    from klweb.sitegen.writer import template_error

    templates = {"page.html": "one\n{% include 'widget.html' %}\n", "widget.html": "\n\n{{ nope }}\n"}
    environment = Environment(loader=DictLoader(templates), undefined=StrictUndefined, autoescape=True)
    with pytest.raises(UndefinedError) as caught:
        environment.get_template("page.html").render()
    assert "nope" in template_error(caught.value).message
    assert "templates/templates" not in str(template_error(caught.value))
