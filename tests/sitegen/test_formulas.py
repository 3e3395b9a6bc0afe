"""LaTeX to MathML, through the real converter."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from klweb.sitegen import formulas
from klweb.sitegen.formulas import (
    ConverterError,
    Formula,
    FormulaError,
    keep_punctuation,
    render,
)
from klweb.sitegen.node import NodeError

BROWSER = Path(formulas.__file__).parents[1] / "browser"

# What the site writes, and what an author may try next.
SAMPLE = [
    r"\KL{\p}{\q} = \sum_i \p_i \log_2 \frac{\p_i}{\q_i}",
    r"\begin{aligned}H(\p,\q) &= -\sum_i \p_i \log \q_i\\ &= H(\p) + \KL{\p}{\q}\end{aligned}",
    r"\tfrac12\left[\tr(\Sigma_\q^{-1}\Sigma_\p) - k + \log\frac{|\Sigma_\q|}{|\Sigma_\p|}\right]",
    r"(\mu_\p - \mu_\q)^\top \Sigma_\q^{-1} (\mu_\p - \mu_\q)",
    r"\begin{cases}0 & p = 0\\ \infty & \text{if } q = 0 < p\end{cases}",
    r"\begin{pmatrix}a & b\\ c & d\end{pmatrix}\quad\begin{bmatrix}1\end{bmatrix}",
    r"\begin{array}{l|r}a & b\\ \hline c & d\end{array}",
    r"\begin{gathered}a\\ b\end{gathered} \substack{a\\b} \binom nk \sqrt[3]{x} \sqrt{y}",
    r"\hat{\p} + \hat\theta + \bar x + \tilde q + \vec v + \dot x + \widehat{pq} + \widetilde{pq}",
    r"\overline{AB} \underline{x} \overset{a}{=} \stackrel{?}{=} \xrightarrow{n\to\infty}",
    r"\underbrace{H(\p)}_{\text{needed}} + \overbrace{a+b}^{n}",
    r"a\!b\,c\:d\;e\quad f\qquad g\hspace{2em}h",
    r"f'(x) + f''(x) + F'_i + \Bigl( x \Big| y \Bigr) + \left.\frac ab\right|_0",
    r"\E_{x\sim\p}\bigl[\log\p(x)\bigr] \le \operatorname*{arg\,min}_\theta \lim_{n\to\infty} x_n",
    r"\mathcal N(\mu, \sigma^2) \ll \mathbb R^n \ni \boldsymbol\Sigma, \mathbf x, \mathrm{d}x",
    r"\int_0^\infty \asp{\mu_\p}\,\asq{\mu_\q}\,\gap{\KL{\p}{\q}}\,\mathrm dx",
]


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Each test starts with nothing remembered."""
    formulas._done.clear()
    yield
    formulas._done.clear()


def inline(tex: str) -> str:
    return render([Formula(tex)])[Formula(tex)]


def test_p_and_q_are_coloured_by_class_wherever_they_stand() -> None:
    assert inline(r"\p") == '<math><mi class="p">p</mi></math>'
    assert '<msub><mi class="p">p</mi><mi>i</mi></msub>' in inline(r"\p_i")
    assert '<msub><mi>μ</mi><mi class="q">q</mi></msub>' in inline(r"\mu_\q")
    assert '<mi class="q">q</mi>' in inline(r"2^\q")


def test_larger_parts_take_a_colour() -> None:
    assert re.search(r'class="p">.*μ', inline(r"\asp{\mu_1 + 1}"))
    assert re.search(r'class="q">.*μ', inline(r"\asq{\mu_2 + 1}"))
    assert re.search(r'class="gap">.*D', inline(r"\gap{\KL{\p}{\q}}"))


def test_the_bar_of_a_divergence_is_spaced_and_does_not_stretch() -> None:
    bar = re.search(r"<mo([^>]*)>‖</mo>", inline(r"\KL{\p}{\q}"))
    assert bar
    assert 'stretchy="false"' in bar[1]
    assert 'lspace="0.2778em" rspace="0.2778em"' in bar[1]


def test_norms_still_stretch() -> None:
    assert inline(r"\left\| \frac ab \right\|").count('stretchy="true"') == 2


@pytest.mark.parametrize("tex", [r"\p_i\log \q_i", r"x^2\log y", r"(1)\log y", r"\sigma_\p^2\tr A"])
def test_names_of_functions_stand_apart_from_the_factor_before(tex: str) -> None:
    spaced = r'<mspace width="0.1667em"></mspace>(<mrow>)?<mi>(log|tr)</mi>'
    assert re.search(spaced, inline(tex))


@pytest.mark.parametrize("display", [False, True])
@pytest.mark.parametrize("tex", SAMPLE)
def test_markup_has_no_styles_and_only_classes_that_have_rules(tex: str, *, display: bool) -> None:
    formula = Formula(tex, display)
    markup = render([formula])[formula]
    assert not re.search(r"\s(style|mathcolor|mathbackground|href|on\w+)=", markup)
    assert "annotation" not in markup
    css = (BROWSER / "math.css").read_text("utf-8")
    for names in re.findall(r'class="([^"]*)"', markup):
        for name in names.split():
            assert f".{name}" in css


def test_every_class_that_stands_for_a_style_has_a_rule() -> None:
    converter = Path(formulas.__file__).with_suffix(".mjs").read_text("utf-8")
    css = (BROWSER / "math.css").read_text("utf-8")
    names = set(re.findall(r'"(m-[a-z-]+)"', converter))
    assert len(names) > 10
    assert {name for name in names if f".{name} " not in css} == set()


def test_display_formulas_stand_in_a_box_that_scrolls() -> None:
    formula = Formula(r"\p", display=True)
    markup = render([formula])[formula]
    assert markup.startswith('<div class="math-display"><math display="block">')
    assert markup.endswith("</math></div>")


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\frac{1}{", "end of input"),
        (r"\nonsense", r"\nonsense"),
        (r"\left( x", r"\right"),
        (r"\color{red} x", "colour with"),
        (r"\textcolor{red}{x}", "colour with"),
        (r"\href{https://example.org}{x}", r"\href"),
        (r"\boxed{x}", "math.css"),
        (r"x \tag{1}", r"\tag"),
    ],
)
def test_errors_carry_the_source_and_the_reason(tex: str, said: str) -> None:
    with pytest.raises(FormulaError) as caught:
        render([Formula("x"), Formula(tex), Formula(r"\worse")])
    assert caught.value.tex == tex
    assert said in caught.value.reason
    assert "\u0332" not in str(caught.value)


def test_a_formula_is_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[str]] = []
    convert = formulas._convert

    def spy(batch: list[Formula]) -> list[dict[str, str]]:
        sent.append([formula.tex for formula in batch])
        return convert(batch)

    monkeypatch.setattr(formulas, "_convert", spy)
    first = render([Formula("a"), Formula("b"), Formula("a")])
    second = render([Formula("b"), Formula("c")])
    render([Formula("c")])
    assert sent == [["a", "b"], ["c"], []]
    assert first[Formula("b")] == second[Formula("b")]


def test_the_good_formulas_beside_a_bad_one_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(FormulaError):
        render([Formula("a"), Formula("}"), Formula("b")])
    monkeypatch.setattr(formulas, "node", lambda: pytest.fail("asked again"))
    assert set(render([Formula("a"), Formula("b")])) == {Formula("a"), Formula("b")}


def test_inline_and_display_differ() -> None:
    both = [Formula(r"\sum_i i"), Formula(r"\sum_i i", display=True)]
    assert len(set(render(both).values())) == 2


def test_definitions_do_not_leak_from_one_formula_into_the_next() -> None:
    render([Formula(r"\gdef\p{x} \p")])
    assert 'class="p"' in inline(r"\p")


def test_no_node_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NodeError, match="Node is missing"):
        render([Formula("x")])


def test_no_temml_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    alone = tmp_path / "formulas.mjs"
    shutil.copy(formulas._CONVERTER, alone)
    monkeypatch.setattr(formulas, "_CONVERTER", alone)
    with pytest.raises(ConverterError, match="npm ci"):
        render([Formula("x")])


def test_a_converter_that_hangs_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_args: object, **_options: object) -> None:
        raise subprocess.TimeoutExpired("node", 120)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(ConverterError, match="within 120 s"):
        render([Formula("x")])


def test_punctuation_stays_with_its_formula() -> None:
    one, two = "<math><mi>p</mi></math>", "<math><mi>q</mi></math>"
    assert keep_punctuation(f"({one}), and {two}") == (f'<span class="math-glue">({one}),</span> and {two}')
    block = '<div class="math-display"><math display="block"><mi>p</mi></math></div>.'
    assert keep_punctuation(block) == block
