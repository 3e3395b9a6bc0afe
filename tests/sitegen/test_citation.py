"""The site's citation: one file says it, and BibTeX follows."""

from pathlib import Path

import pytest
import yaml

from klweb.errors import InputError
from klweb.sitegen.citation import NAME, bibtex

ROOT = Path(__file__).resolve().parents[2]


def write(root: Path, text: str) -> Path:
    (root / NAME).write_text(text, encoding="utf-8")
    return root


def test_the_sites_own_entry_says_what_its_file_says() -> None:
    known = yaml.safe_load((ROOT / NAME).read_text(encoding="utf-8"))
    entry = bibtex(ROOT, "https://example.org/kl/")
    assert entry.startswith("@misc{klweb,\n  author = {{The klweb authors}},\n  title = {{klweb: Kullback--Leibler")
    assert f"note = {{Version {known['version']}}}" in entry
    assert "url = {https://example.org/kl/}" in entry
    assert "url" not in bibtex(ROOT)


def test_people_titles_and_years(tmp_path: Path) -> None:
    text = """
title: "50 % of {p_q} & more"
date-released: 2026-02-03
authors:
  - {given-names: Ada, family-names: "O’Neil"}
  - {name: "R&D"}
"""
    assert bibtex(write(tmp_path, text)) == "\n".join([
        "@misc{klweb,",
        r"  author = {O’Neil, Ada and {R\&D}},",
        r"  title = {{50 \% of \{p\_q\} \& more}},",
        "  year = {2026},",
        "}",
    ])  # fmt: skip


@pytest.mark.parametrize("text", ["title: x\n", "authors: [{name: x}]\n"])
def test_a_file_that_names_nobody_or_nothing_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="needs a title and authors"):
        bibtex(write(tmp_path, text))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no CITATION"):
        bibtex(tmp_path)
