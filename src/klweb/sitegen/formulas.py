r"""LaTeX formulas as MathML, ahead of time.

Temml does the work, in one Node process for a whole batch (`formulas.mjs`, beside this file). A
formula is sent once in the life of the process, so that a rebuild costs only what is new in it.

Besides LaTeX, formulas know `\p` and `\q` (the two letters, coloured), `\asp{…}`, `\asq{…}` and
`\gap{…}` (anything in p's, q's or the gap's colour), `\KL{a}{b}` for D(a ‖ b), `\E` and `\tr`.
Colours are classes; no style attribute is ever emitted, since the pages' policy forbids them.
"""

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from klweb.sitegen.node import NodeError, node

_CONVERTER: Final = Path(__file__).with_name("formulas.mjs")
_SECONDS_PER_BATCH: Final = 120

# Browsers may break a line between a formula and the full stop after it, or the bracket before.
_GLUED = re.compile(
    r"""(?P<before>[(\[“‘]?)
        (?P<formula><math(?![^>]*\sdisplay=)[^>]*>.*?</math>)
        (?P<after>[.,;:!?…)\]’”]*)""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula's LaTeX source, and whether it stands on a line of its own."""

    tex: str
    display: bool = False


class FormulaError(ValueError):
    """A formula that cannot be converted: `tex` is its source, `reason` what Temml says."""

    def __init__(self, tex: str, reason: str) -> None:
        super().__init__(f"formula {tex!r}: {reason}")
        self.tex = tex
        self.reason = reason


class ConverterError(NodeError):
    """Node or Temml could not be run at all."""


_done: dict[Formula, str] = {}


def render(formulas: Sequence[Formula]) -> dict[Formula, str]:
    r"""Convert each formula to markup.

    Inline ones become `<math>…</math>`, display ones `<div class="math-display"><math
    display="block">…</math></div>`, a box that scrolls sideways when the formula is too wide.

    Raises: FormulaError for the first formula that LaTeX or the site does not understand (those
    that convert are remembered all the same); NodeError if Node or Temml is missing.

    >>> render([])
    {}
    """
    missing = [formula for formula in dict.fromkeys(formulas) if formula not in _done]
    refused: FormulaError | None = None
    for formula, answer in zip(missing, _convert(missing), strict=True):
        if "error" in answer:
            refused = refused or FormulaError(formula.tex, answer["error"])
        else:
            _done[formula] = _wrap(answer["mathml"], display=formula.display)
    if refused:
        raise refused
    return {formula: _done[formula] for formula in formulas}


def keep_punctuation(html: str) -> str:
    """Tie each inline formula to the punctuation that touches it, so that no line breaks between.

    >>> keep_punctuation("when <math><mi>p</mi></math>, and")
    'when <span class="math-glue"><math><mi>p</mi></math>,</span> and'
    >>> keep_punctuation("<math><mi>p</mi></math> alone")
    '<math><mi>p</mi></math> alone'
    """

    def glue(match: re.Match[str]) -> str:
        if match["before"] or match["after"]:
            return f'<span class="math-glue">{match[0]}</span>'
        return match[0]

    return _GLUED.sub(glue, html)


def _wrap(mathml: str, *, display: bool) -> str:
    return f'<div class="math-display">{mathml}</div>' if display else mathml


def _convert(formulas: Sequence[Formula]) -> list[dict[str, str]]:
    if not formulas:
        return []
    batch = json.dumps([{"tex": each.tex, "display": each.display} for each in formulas])
    try:
        done = subprocess.run(
            [node(), _CONVERTER],
            input=batch,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS_PER_BATCH,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        if "Cannot find package 'temml'" in error.stderr:
            raise ConverterError("Temml is not installed: run `make setup`, or `npm ci`") from error
        raise ConverterError(f"formulas could not be converted:\n{error.stderr}") from error
    except subprocess.TimeoutExpired as error:
        raise ConverterError(f"{len(formulas)} formulas were not converted within {_SECONDS_PER_BATCH} s") from error
    answers: list[dict[str, str]] = json.loads(done.stdout)
    return answers
