"""Front matter, and figures computed in the prose; every mistake names its file and line."""

import re
from pathlib import Path

import pytest

from klweb.sitegen.pages import LONGEST_DESCRIPTION, SOMEWHERE, compute, read_page, read_pages, readout
from klweb.sitegen.problems import SourceError, line_of

GOOD = "---\ntitle: A page\ndescription: What it says\nnav: Page\norder: 3\n---\n"


def write(root: Path, text: str, name: str = "page.md") -> Path:
    path = root / "content" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def problem(root: Path, text: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_page(write(root, text), root)
    assert caught.value.path == "content/page.md"
    return caught.value


def test_a_page_is_its_front_matter_and_its_text(tmp_path: Path) -> None:
    page = read_page(write(tmp_path, GOOD + "\nWords.\n"), tmp_path)
    assert (page.title, page.description, page.nav, page.order, page.lead) == ("A page", "What it says", "Page", 3, "")
    assert page.body.strip() == "Words."
    assert page.source == GOOD + "\nWords.\n"
    assert (page.output, page.url, page.root) == ("page/index.html", "page/", "../")


def test_the_front_page_lies_at_the_root(tmp_path: Path) -> None:
    page = read_page(write(tmp_path, GOOD.replace("order", "lead: Lead\norder"), "index.md"), tmp_path)
    assert (page.output, page.url, page.root, page.lead) == ("index.html", "", "", "Lead")


def test_lines_of_the_text_are_lines_of_the_file(tmp_path: Path) -> None:
    page = read_page(write(tmp_path, GOOD + "\nOne.\n\nTwo.\n"), tmp_path)
    assert line_of(page.body, "Two.") == line_of(page.source, "Two.") == 10


def test_pages_come_in_the_order_of_the_navigation(tmp_path: Path) -> None:
    for name, order in (("a.md", 9), ("b.md", 1), ("c.md", 5)):
        write(tmp_path, GOOD.replace("order: 3", f"order: {order}"), name)
    assert [page.name for page in read_pages(tmp_path)] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# No front matter\n", 1, "must begin with front matter"),
        ("", 1, "must begin with front matter"),
        ("---\ntitle: never closed\n", 1, "must begin with front matter"),
        ("---\njust words\n---\n", 2, "must be a list of `key: value` lines"),
        (GOOD.replace("title: A page\n", ""), 2, "needs `title`, which is str"),
        (GOOD.replace("A page", "5"), 2, "needs `title`, which is str"),
        (GOOD.replace("order: 3", "order: first"), 2, "needs `order`, which is int"),
        (GOOD.replace("nav: Page", "nav:"), 2, "needs `nav`, which is str"),
        (GOOD.replace("order", "shared: yes, it is\norder"), 2, "needs `shared`, which is bool"),
        (GOOD.replace("order", "colour: red\norder"), 2, "unknown key `colour`"),
        (GOOD.replace("What it says", "x" * 161), 2, f"161 characters; search engines show {LONGEST_DESCRIPTION}"),
        (GOOD.replace("What it says", "KL: what it is"), 3, "front matter: "),
        (GOOD.replace("nav: Page", "nav: [Page"), 5, "front matter: "),
    ],
    ids=lambda value: None,
)
def test_mistakes_in_the_front_matter(tmp_path: Path, text: str, line: int, words: str) -> None:
    error = problem(tmp_path, text)
    assert words in error.message
    assert error.line == line
    assert str(error).startswith(f"content/page.md:{line}: ")


def test_the_longest_description_is_allowed(tmp_path: Path) -> None:
    text = GOOD.replace("What it says", "x" * LONGEST_DESCRIPTION)
    assert len(read_page(write(tmp_path, text), tmp_path).description) == LONGEST_DESCRIPTION


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("categorical.kl([0.5, 0.5], [0.9, 0.1]) | f3", "0.737"),
        ("categorical.kl([1, 0], [0, 1]) | f3", "∞"),
        ("gaussian.kl(0, 1, 2, 1.5) | f4", "1.0166"),
        ("coding.mean_length([0.5, 0.25, 0.25], [1, 2, 2]) | f2", "1.50"),
        ("(-1 / 3) | f2", "−0.33"),
        ("1.6 | f0", "2"),
        ("math.log2(8) | f1", "3.0"),
        ("sum([0.25, 0.5]) | f2", "0.75"),
        ('readout("asymmetry", "kl_pq")', "0.4830 bits"),
        ('readout("asymmetry", "kl_pq", "support-mismatch")', "∞ bits"),
        ('readout("gaussians", "kl_qp")', "2.2195 nats = 3.2021 bits"),
    ],
)
def test_figures_are_computed(expression: str, text: str) -> None:
    assert compute(f"It costs << {expression} >>.", "x") == f"It costs {text}."


def test_formulas_are_none_of_its_business() -> None:
    for text in (r"$a_{i} \{x\} {{y}} {% z %} a < b > c$", "#comment# <!-- html -->", "a << b"):
        if "<<" not in text:
            assert compute(text, "x") == text


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("categorical.kl([0.5, 0.6], [0.5, 0.5])", "p sums to 1.1"),
        ("categorical.kl([0.5, 0.5], [1])", "q"),
        ("categorical.nope()", "nope"),
        ("entropy([1])", "entropy"),
        ("1 / 0", "division"),
        ('"abc" | f2', "abc"),
        ("1 | f9", "f9"),
        ("categorical.kl([0.5, 0.5]", "unexpected"),
        ("", "expression"),
        ('readout("nope", "kl_pq")', "there is no widget 'nope'"),
        ('readout("asymmetry", "nope")', "asymmetry has no readout 'nope'; it has kl_pq, kl_qp"),
        ('readout("asymmetry", "kl_pq", "nope")', "no example “nope”"),
        ("coding.huffman([])", "empty"),
        ("[1, 2][5] | f1", "5"),
        ("{}['a'] | f1", "a"),
        ("math.sqrt(-1)", "domain"),
        ("categorical.kl(0.5, 0.5)", "p"),
    ],
)
def test_a_figure_that_fails_is_told_with_its_line(tmp_path: Path, expression: str, words: str) -> None:
    text = f"{GOOD}\nFine: << 1 | f1 >>.\n\nSome words\nand then << {expression} >>,\n\nand << 2 | f1 >>.\n"
    error = problem(tmp_path, text)
    assert error.message.startswith("a figure in the text: ")
    assert words in error.message
    assert error.line == 11


def test_a_figure_left_open_is_told() -> None:
    with pytest.raises(SourceError) as caught:
        compute("one\ntwo << 1 + \nthree\n", "content/x.md")
    assert caught.value.line in (2, 3, 4)


def test_a_page_can_say_where_the_site_is_and_how_to_cite_it(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text("title: Bits\nauthors: [{name: Somebody}]\n")
    path = write(tmp_path, GOOD + "\n<< site >>embed.js << bibtex() >>\n")
    assert f"{SOMEWHERE}embed.js @misc{{klweb," in read_page(path, tmp_path).body
    body = read_page(path, tmp_path, "https://example.org/kl/").body
    assert "https://example.org/kl/embed.js" in body
    assert "url = {https://example.org/kl/}" in body


def test_the_readouts_of_every_page_are_those_of_the_widgets() -> None:
    assert readout("wasted-bits", "kl_pq") == "0.708 bits"
    assert readout("wasted-bits", "mean_length", "matched").endswith(" bits")


def test_the_sites_own_pages_are_sound_and_their_names_plain() -> None:
    root = Path(__file__).parents[2]
    pages = read_pages(root)
    assert pages[0].name == "index"
    assert len({page.order for page in pages}) == len(pages)
    assert len({page.title for page in pages}) == len(pages)
    assert all(re.fullmatch(r"[a-z0-9-]+", page.name) for page in pages)
    assert not any("<<" in page.body for page in pages)


@pytest.mark.parametrize(("needle", "line"), [("a", 1), ("b", 2), ("c", 3), ("b\nc", 2), ("none", None), ("", None)])
def test_lines_are_found(needle: str, line: int | None) -> None:
    assert line_of("a\nb\nc", needle) == line


def test_a_problem_without_a_line_names_its_file_alone() -> None:
    assert str(SourceError("wrong", "content/x.md")) == "content/x.md: wrong"
