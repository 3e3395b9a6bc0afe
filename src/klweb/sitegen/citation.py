"""How to cite the site: CITATION.cff, and the same as BibTeX."""

from pathlib import Path
from typing import Any

import yaml

from klweb.errors import InputError

NAME = "CITATION.cff"
"""The file, in the repository and on the site."""

TEX = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--",
})  # fmt: skip
"""What means something else in TeX, and the dash that old styles do not know."""


def bibtex(root: Path, base_url: str = "") -> str:
    """Return an entry that every style of BibTeX knows, from the CITATION.cff of a project.

    `base_url` is where this copy of the site is read, if that is known. The year is that of the release, if it has one.

    Raises
    ------
    InputError
        There is no such file, or it names no title or nobody who made it.
    """
    if not (path := root / NAME).exists():
        raise InputError(f"there is no {NAME} to cite from", NAME)
    known: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not known.get("title") or not known.get("authors"):
        raise InputError(f"{NAME} needs a title and authors", NAME)
    fields = {
        "author": " and ".join(_author(author) for author in known["authors"]),
        # In braces of its own, or else styles take the capitals away.
        "title": "{" + _escaped(known["title"]) + "}",
        "year": str(known.get("date-released", ""))[:4],
        "note": f"Version {_escaped(known['version'])}" if "version" in known else "",
        "url": base_url,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join(["@misc{klweb,", *lines, "}"])


def _author(author: dict[str, str]) -> str:
    """Write a person as BibTeX reads one; a group in braces, so that it is not taken for a person."""
    if "name" in author:
        return "{" + _escaped(author["name"]) + "}"
    names = (author.get("family-names", ""), author.get("given-names", ""))
    return ", ".join(_escaped(name) for name in names if name)


def _escaped(text: str) -> str:
    return str(text).translate(TEX)
