"""Formulas that readers take along: one for each widget, and LaTeX that another program reads as well."""

import re

import pytest

from klweb.sitegen import exports, formulas
from klweb.sitegen.problems import SourceError
from klweb.widgets import WIDGETS


def test_every_widget_has_a_formula_and_no_formula_is_left_over() -> None:
    assert exports.FORMULAS.keys() == WIDGETS.keys()
    with pytest.raises(SourceError, match="'hexagons' needs a formula"):
        exports.formula("hexagons")


@pytest.mark.parametrize("name", WIDGETS)
def test_a_formula_is_plain_latex(name: str) -> None:
    tex = exports.formula(name)
    formulas.render([formulas.Formula(tex, display=True)])
    assert not re.search(r"\\(p|q|asp|asq|gap|KL|E|tr)(?![a-zA-Z])", tex), "a command of this site's own"
    assert tex.isascii()
