"""What the cell below a figure does with a reader's lines."""

import io
import sys
from pathlib import Path

import pytest

from klweb import cell


def ran(text: str) -> tuple[bool, list[tuple[str, str]]]:
    """Run lines; return whether they came to their end, and what was said, with texts of one kind joined."""
    said: list[tuple[str, str]] = []

    def say(kind: str, words: str) -> None:
        if said and said[-1][0] == kind:
            words = said.pop()[1] + words
        said.append((kind, words))

    return cell.run(text, say), said


def test_what_is_printed_and_the_last_value_are_said() -> None:
    assert ran("import sys\nprint(1, 2)\nprint('x', file=sys.stderr)\n'a' * 2") == (
        True,
        [("out", "1 2\n"), ("err", "x\n"), ("value", "'aa'\n")],
    )


@pytest.mark.parametrize("text", ["", "# nothing", "x = 1", "None", "pass"])
def test_nothing_is_said_where_there_is_nothing_to_say(text: str) -> None:
    assert ran(text) == (True, [])


def test_every_run_begins_afresh() -> None:
    assert ran("x = 1")[0]
    assert ran("x")[1] == [("err", _error("NameError: name 'x' is not defined", 1, "x"))]


def test_streams_are_given_back() -> None:
    before = sys.stdout, sys.stderr
    ran("print(1)\n1 / 0")
    assert (sys.stdout, sys.stderr) == before


def _error(message: str, line: int, source: str) -> str:
    return f'Traceback (most recent call last):\n  File "<cell>", line {line}, in <module>\n    {source}\n{message}\n'


def test_a_traceback_holds_the_lines_of_the_cell_alone() -> None:
    good, said = ran("from klweb.categorical import kl\n\ndef f(q):\n    return kl([0.5, 0.5], q)\n\nf([2.0, 1.0])\n")
    assert not good
    ((kind, text),) = said
    assert kind == "err"
    lines = [line for line in text.splitlines() if not set(line) <= set(" ^~")]
    assert lines == [
        "Traceback (most recent call last):",
        '  File "<cell>", line 6, in <module>',
        "    f([2.0, 1.0])",
        '  File "<cell>", line 4, in f',
        "    return kl([0.5, 0.5], q)",
        "klweb.errors.InputError: q sums to 3.0, but probabilities must sum to 1",
    ]


def test_causes_are_told_too_without_the_lines_of_libraries() -> None:
    _, said = ran("try:\n    int('x')\nexcept ValueError as error:\n    raise KeyError('y') from error\n")
    text = said[0][1]
    assert "ValueError: invalid literal" in text
    assert "direct cause" in text
    assert text.endswith("KeyError: 'y'\n")
    assert str(Path(cell.__file__).name) not in text


def test_a_mistake_of_grammar_is_shown_in_its_line() -> None:
    good, said = ran("x = 1\nfor i in\n    pass")
    assert not good
    text = said[0][1]
    assert text.startswith('  File "<cell>", line 2\n    for i in\n')
    assert "SyntaxError: invalid syntax" in text


@pytest.mark.parametrize("text", ["x = '\0'", "\ud800", "(" * 5000, "1 +" * 100_000 + "1"])
def test_what_no_compiler_takes_is_told(text: str) -> None:
    good, said = ran(text)
    assert not good
    assert said[0][0] == "err"


def test_endless_recursion_is_told() -> None:
    good, said = ran("def f():\n    f()\nf()")
    assert not good
    assert "RecursionError" in said[0][1]
    assert len(said[0][1]) < 2000


def test_a_package_that_is_not_here_is_told_with_what_to_do() -> None:
    good, said = ran("import no_such_package.part")
    assert not good
    (_, text), (kind, hint) = said
    assert text.endswith("ModuleNotFoundError: No module named 'no_such_package'\n")
    assert kind == "hint"
    assert hint.startswith("no_such_package isn’t part of this copy of the site, which loads nothing from elsewhere.")
    assert "pip install no_such_package" in hint
    # A part that a package does not have is another matter.
    assert [kind for kind, _ in ran("import klweb.no_such_part")[1]] == ["err"]


def test_nobody_is_asked_for_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("answer\n"))
    good, said = ran("name = input('Who? ')")
    assert not good
    assert said[0][1].endswith(
        "RuntimeError: input() doesn’t work in this cell: write the value into the lines instead\n"
    )


@pytest.mark.parametrize(
    ("text", "good", "said"),
    [
        ("raise SystemExit", True, []),
        ("import sys\nsys.exit(0)", True, []),
        ("raise SystemExit(3)", False, []),
        ("raise SystemExit('enough')", False, [("err", "enough\n")]),
    ],
)
def test_leaving_is_no_error(text: str, good: bool, said: list[tuple[str, str]]) -> None:
    assert ran(text) == (good, said)


def test_packages_that_are_wanted_are_found_wherever_they_are_imported() -> None:
    text = "import math, no_such_a.b as c\ndef f():\n    from no_such_b.c import d\nfrom . import e\nfrom .f import g\n"
    assert cell.wanted(text) == ["no_such_a", "no_such_b"]
    assert cell.wanted("import (") == []
