"""Markdown to HTML: formulas, widgets, side notes, tables and links between sources."""

import re

import pytest

from klweb.sitegen.formulas import Formula
from klweb.sitegen.markup import fill, render


def html(text: str, links: dict[str, str] | None = None) -> str:
    """Render a page with plain stand-ins for formulas and widgets."""

    def formula(item: Formula) -> str:
        return f"<math{' display=block' if item.display else ''}>{item.tex}</math>"

    return fill(render(text, links), formula, lambda name, place: f"<figure>{name} {place}</figure>")


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("Cost $x$.", ["x"]),
        (r"$\KL{\p}{\q}$ and $H(\p)$", [r"\KL{\p}{\q}", r"H(\p)"]),
        (r"$\{a\} \_ \* b_i * c_j * d$", [r"\{a\} \_ \* b_i * c_j * d"]),
        (r"$a < b > c & d$", ["a < b > c & d"]),
        ("**$x$** *$y$* [$z$](#a)", ["x", "y", "z"]),
        ("# Head $x$", ["x"]),
        ("| a | b |\n| - | - |\n| $x$ | $y$ |", ["x", "y"]),
        ("It costs $5 and $ 6", []),
        ("No $ x$ and no $x $", []),
        ("`$x$`", []),
        ("    $x$ in code", []),
    ],
)
def test_inline_formulas_are_taken_as_they_stand(text: str, tex: list[str]) -> None:
    assert render(text).formulas == [Formula(item, display=False) for item in tex]


def test_a_dollar_sign_can_be_escaped() -> None:
    assert render(r"\$5 and \$6").formulas == []


@pytest.mark.parametrize("text", ["$$\na + b\n$$", "$$a + b$$", "  $$ a + b $$  "])
def test_display_formulas_are_blocks(text: str) -> None:
    body = render(f"Before\n\n{text}\n\nafter")
    assert body.formulas == [Formula("a + b", display=True)]
    assert re.fullmatch(r"<p>Before</p>\s*<klweb-formula [^>]*></klweb-formula>\s*<p>after</p>", body.html)


def test_display_formulas_may_have_lines() -> None:
    (formula,) = render("$$\n\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}\n$$").formulas
    assert formula.tex.startswith("\\begin{aligned}\na &= b \\\\\n")


def test_a_formula_keeps_the_punctuation_that_touches_it() -> None:
    assert html("so ($x$), then") == '<p>so <span class="math-glue">(<math>x</math>),</span> then</p>'


def test_formulas_go_back_to_their_own_places() -> None:
    found = html("$a$ b $c$\n\n$$d$$\n\n$e$")
    assert re.findall(r"<math[^>]*>(\w)</math>", found) == ["a", "c", "d", "e"]


def test_widgets_have_places_of_their_own() -> None:
    body = render("One\n\n[[widget: asymmetry]]\n\ntwo\n\n[[ widget ]]\n\n[[widget:wasted-bits]]")
    assert body.widgets == ["asymmetry", "wasted-bits"]
    assert "[[ widget ]]" in body.html
    found = html("One\n\n[[widget: asymmetry]]\n\ntwo")
    assert re.fullmatch(r"<p>One</p>\s*<figure>asymmetry 0</figure>\s*<p>two</p>", found)


def test_a_widget_inside_a_sentence_is_words() -> None:
    assert render("see [[widget: asymmetry]] here").widgets == []


def test_a_widgets_words_are_not_read_as_markdown() -> None:
    body = render("[[widget: a]]")
    assert fill(body, str, lambda name, place: "<b>*$x$*</b>") == "<b>*$x$*</b>"


NOTE = re.compile(
    r'<details[^>]*>\s*<summary>Note (\d)</summary>\s*<div id="note-\1">(.*?)</div>\s*</details>', re.DOTALL
)


def test_a_note_stands_right_behind_the_block_that_refers_to_it() -> None:
    found = html("First.[^a] Still first.\n\nSecond.\n\n[^a]: The *note*.")
    number, words = NOTE.findall(found)[0]
    assert number == "1"
    assert "The <em>note</em>." in words
    before, after = found.split("<details")[0], found.split("</details>")[1]
    assert before.startswith("<p>First.<sup")
    assert before.rstrip().endswith("</sup> Still first.</p>")
    assert after.strip() == "<p>Second.</p>"
    (mark,) = re.findall(r"<a [^>]*>1</a>", before)
    assert 'href="#note-1"' in mark
    assert 'aria-label="Note 1"' in mark


def test_a_note_ends_with_its_own_words() -> None:
    ((_, words),) = NOTE.findall(html("First.[^a]\n\n[^a]: The note."))
    assert words.strip() == "<p>The note.</p>"


def test_notes_are_numbered_in_the_order_in_which_they_are_met() -> None:
    found = html("One[^b] two[^a].\n\nThree[^c].\n\n[^a]: A.\n[^b]: B.\n[^c]: C.")
    assert re.findall(r"<summary>Note (\d)</summary>", found) == ["1", "2", "3"]
    assert re.findall(r"<p>([ABC])\.", found) == ["B", "A", "C"]
    assert found.index("B.") < found.index("A.") < found.index("Three") < found.index("C.")
    assert "footnote" not in found, "nothing is left of the extension's own list"


def test_notes_hold_formulas_and_several_paragraphs() -> None:
    found = html("One.[^a]\n\n[^a]: Two $x$.\n\n    Three.")
    ((_, note),) = NOTE.findall(found)
    assert "<math>x</math>" in note
    assert "<p>Three." in note


@pytest.mark.parametrize(
    "text",
    [
        "- one[^a]\n- two\n\nafter\n\n[^a]: Note.",
        "> quoted[^a]\n\nafter\n\n[^a]: Note.",
        "| a |\n| - |\n| b[^a] |\n\nafter\n\n[^a]: Note.",
        "## Head[^a]\n\nafter\n\n[^a]: Note.",
    ],
    ids=["list", "quotation", "table", "heading"],
)
def test_a_note_of_any_block_comes_before_what_follows(text: str) -> None:
    found = html(text)
    assert found.count("<details") == 1
    assert found.index("Note.") < found.index("after")


def test_links_between_sources_lead_to_pages() -> None:
    links = {"entropy.md": "../entropy/", "index.md": ""}
    found = html("[a](entropy.md) [b](entropy.md#top) [c](index.md) [d](#here) [e](https://example.org/x.md)", links)
    assert re.findall(r'href="([^"]*)"', found) == [
        "../entropy/", "../entropy/#top", "./", "#here", "https://example.org/x.md",
    ]  # fmt: skip


def test_links_to_sources_that_do_not_exist_are_left_to_the_check() -> None:
    assert 'href="gone.md"' in html("[a](gone.md)", {"entropy.md": "../entropy/"})


def test_tables_can_scroll_and_align_without_inline_styles() -> None:
    found = html("| a | b | c |\n| :- | :-: | -: |\n| 1 | 2 | 3 |")
    assert '<div class="table-scroll">' in found
    assert '<td class="center">2</td>' in found
    assert '<td class="right">3</td>' in found
    assert "style=" not in found
    assert "align=" not in found


def test_what_follows_a_table_stays_where_it_was() -> None:
    found = html("before\n\n| a |\n| - |\n| 1 |\n\nafter")
    assert re.fullmatch(
        r'<p>before</p>\s*<div class="table-scroll">\s*<table>.*</table>\s*</div>\s*<p>after</p>', found, re.S
    )


def test_headings_get_anchors_and_a_table_of_contents() -> None:
    body = render("# One\n\n## Two parts {#two}\n\n### Three\n\n#### Four")
    assert [item["id"] for item in body.contents] == ["two"]
    assert [child["name"] for child in body.contents[0]["children"]] == ["Three"]
    assert '<h2 id="two">' in body.html


def test_quotes_are_typographic_and_dashes_are_left_alone() -> None:
    assert html('"It\'s" -- so') == "<p>“It’s” -- so</p>".replace("“", "&ldquo;").replace("”", "&rdquo;").replace(
        "’", "&rsquo;"
    )


def test_admonitions_and_markdown_inside_html() -> None:
    found = html('<div class="box" markdown="1">\n\n!!! plain "Title"\n    Words with $x$.\n\n</div>')
    assert '<div class="box">' in found
    assert '<p class="admonition-title">Title</p>' in found
    assert "<math>x</math>" in found


def test_placeholders_typed_into_a_page_are_no_way_in() -> None:
    body = render('&lt;klweb-widget&gt; and `<klweb-formula data-index="0"></klweb-formula>`')
    assert "&lt;klweb-formula" in fill(body, str, lambda name, place: "")


def test_rendering_twice_gives_the_same() -> None:
    text = "# One\n\n$x$[^a]\n\n[^a]: note\n\n[[widget: a]]"
    assert render(text) == render(text)
