"""Questions in pages: what is made of them, and what is said of those that are not as they should be."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from klweb.sitegen.check import check
from klweb.sitegen.markup import fill, render
from klweb.sitegen.predict import MARKS
from klweb.sitegen.problems import BuildError
from klweb.widgets import WIDGETS

QUESTION = """??? predict "Which *way* does it move?"
    You raise $q$ of the likeliest symbol.

    Which is the one that p draws most.

    - ( ) It grows by $x$. :: No, it *shrinks*.
    - (x) It shrinks. :: Yes: the symbol
      gets a shorter word.
    - () It stays. :: Not unless :: is a sign.
    then: identical
"""
PAGE = f"Before.\n\n{QUESTION}\nAfter.\n\n[[widget: asymmetry]]"


def html(text: str) -> str:
    return fill(render(text), lambda item: f"<math>{item.tex}</math>", lambda name, _: f"<figure>{name}</figure>")


def mistakes(text: str) -> list[str]:
    with pytest.raises(BuildError) as caught:
        render(text, path="content/x.md")
    return [str(problem).removeprefix("content/x.md:") for problem in caught.value.problems]


class Words(HTMLParser):
    """The text of a page by the class of the element that it stands in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("class") or tag
        self._open.append(name)
        self.found.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for name in self._open:
            self.found[name][-1] += data


def test_a_question_is_a_section_with_its_choices_and_a_folded_answer() -> None:
    words = Words(html(QUESTION + "\n[[widget: asymmetry]]")).found
    assert words["predict-title"] == ["Predict, then see Which way does it move?"]
    assert words["predict-words"] == ["It grows by x.", "It shrinks.", "It stays."]
    assert words["predict-because"] == [
        "No, it shrinks.", "Yes: the symbol gets a shorter word.", "Not unless :: is a sign.",
    ]  # fmt: skip
    said = [" ".join(text.split()) for text in words["predict-why"]]
    assert said[0] == "Wrong: It grows by x. No, it shrinks."
    assert said[1].startswith("Right: It shrinks. Yes")
    assert words["summary"] == ["Answer"]
    assert "<details open" not in html(PAGE)


def test_verdicts_are_in_the_page_as_words_and_shapes() -> None:
    found = html(PAGE)
    assert re.findall(r'data-verdict="(\w+)"', found) == ["wrong", "right", "wrong"]
    assert re.findall(r'<path d="([^"]*)"', found) == [MARKS["wrong"], MARKS["right"], MARKS["wrong"]]
    assert '<section aria-labelledby="predict-1" class="predict" data-then="identical">' in found
    assert '<span id="predict-1">Which <em>way</em> does it move?</span>' in found


def test_what_stands_around_a_question_stays_there() -> None:
    found = html(PAGE)
    places = [
        found.index(text)
        for text in ("<p>Before.</p>", "<section", "<p>You raise", "<p>Which is", "<ul", "<details", "</section>",
                     "<p>After.</p>", "<figure>asymmetry</figure>")
    ]  # fmt: skip
    assert places == sorted(places)
    assert "predict:" not in found
    assert "\x02" not in found


def test_formulas_and_notes_are_those_of_any_paragraph() -> None:
    assert html(PAGE).count("<math>x</math>") == 2, "beside the choice, and in the answer"
    found = html(QUESTION.replace("symbol.\n", "symbol.[^a]\n", 1) + "\n[[widget: asymmetry]]\n\n[^a]: A note.")
    assert found.index("</section>") < found.index("A note.")


def test_several_questions_have_names_of_their_own() -> None:
    found = html(f"{QUESTION}\n[[widget: asymmetry]]\n\n{QUESTION}\n[[widget: asymmetry]]")
    names = re.findall(r'\bid="([^"]*)"', found)
    assert names == ["predict-1", "predict-2"]


def test_a_question_may_stand_inside_other_html_and_lead_nowhere() -> None:
    text = QUESTION.replace("    then: identical\n", "")
    found = html(f'<div class="box" markdown="1">\n\n{text}\n\n</div>')
    assert re.search(r'<div class="box">\s*<section', found)
    assert "data-then" not in found


def test_a_question_passes_the_checks_of_finished_pages() -> None:
    page = f"<html lang=en><head><title>T</title><meta name=description content=d></head><h1>T</h1>{html(PAGE)}"
    found = check({"index.html": page.replace("<figure>", '<figure aria-label="x">').encode()}, lambda _p, _n: None)
    assert [item.message for item in found] == []


def test_code_and_other_words_are_no_question() -> None:
    assert "<section" not in html('    ??? predict "Title"\n\n??? what\n\nwell ??? predict "x"')


GAUSSIANS = [item.name for item in WIDGETS["gaussians"].presets]
TWO = "    - ( ) a :: why\n    - (x) b :: because\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"??? predict\n{TWO}", ['1: a question needs a title: ??? predict "Which is larger?"']),
        (f"One.\n\n??? predict Title\n{TWO}", ['3: a question needs a title: ??? predict "Which is larger?"']),
        (f'??? predict " "\n{TWO}', ['1: a question needs a title: ??? predict "Which is larger?"']),
        ('??? predict "T"\n    Words.\n\nafter', ["1: a question needs at least two choices, but has none"]),
        ('??? predict "T"\n    - (x) a :: b', ["1: a question needs at least two choices, but has 1"]),
        (
            '??? predict "T"\n    - ( ) a :: b\n    - ( ) c :: d',
            ["1: exactly one choice of a question is right, marked (x), but here none is"],
        ),
        (
            '??? predict "T"\n    - (x) a :: b\n    - (X) c :: d',
            ["3: exactly one choice of a question is right, marked (x), but here 2 are"],
        ),
        (
            '??? predict "T"\n    - (x) a :: b\n    - ( ) c',
            ["3: a choice needs an explanation: - ( ) It grows. :: Why it does not."],
        ),
        (
            '??? predict "T"\n    - (x) a ::\n    - ( ) :: c',
            [f"{line}: a choice needs an explanation: - ( ) It grows. :: Why it does not." for line in (2, 3)],
        ),
        (
            '??? predict "T"\n    - (y) a :: b\n    - (x) c :: d',
            ["2: a choice begins with - ( ), or with - (x) if it is right"],
        ),
        (
            f'??? predict "T"\n{TWO}\n    More.',
            ["5: after the choices of a question only “then:” may follow, and nothing after that"],
        ),
        (
            f'??? predict "T"\n    then: identical\n\n    Words.\n\n{TWO}\n[[widget: asymmetry]]',
            ["4: after the choices of a question only “then:” may follow, and nothing after that"],
        ),
        (f'??? predict "T"\n{TWO}    then:', ["4: “then:” names one preset"]),
        (f'??? predict "T"\n{TWO}    then: a\n    then: b', ["5: “then:” names one preset",
         "5: a question leads to the preset b, but no figure follows on the page"]),
        (
            f'[[widget: asymmetry]]\n\n??? predict "T"\n{TWO}    then: identical',
            ["6: a question leads to the preset identical, but no figure follows on the page"],
        ),
        (
            f'??? predict "T"\n{TWO}    then: gone\n\n[[widget: gaussians]]\n\n[[widget: asymmetry]]',
            [f"4: gaussians has no preset gone; it has {', '.join(GAUSSIANS)}"],
        ),
        (
            '??? predict "T"\n    - (x) a[^1] :: b\n    - ( ) c :: d\n\n[^1]: Note.',
            ["2: a choice is printed twice, so it can’t hold a note: put the note into the question"],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(text: str, said: list[str]) -> None:
    assert mistakes(text) == said


def test_every_mistake_of_a_page_is_told_at_once() -> None:
    found = mistakes(f'??? predict\n{TWO}\n??? predict "T"\n    - (x) a\n')
    assert [item.partition(":")[0] for item in found] == ["1", "5", "6"]


def test_a_figure_that_does_not_exist_is_told_elsewhere() -> None:
    assert 'data-then="a"' in html(f'??? predict "T"\n{TWO}    then: a\n\n[[widget: nope]]')


def test_a_build_names_the_file_and_the_line(tmp_path: Path) -> None:
    from klweb.sitegen import build, pages, writer

    front = "---\ntitle: T\ndescription: d\nnav: T\norder: 1\n---\n"
    (tmp_path / "content").mkdir()
    (tmp_path / "content/index.md").write_text(front + '\n??? predict "T"\n    - (x) a :: b\n')
    project = writer.Project(tmp_path, tmp_path / "site")
    with pytest.raises(BuildError, match=r"^content/index\.md:8: a question needs at least two choices, but has 1$"):
        build.gather(project, writer.Sources(pages.read_pages(tmp_path)), lambda _line: None)
