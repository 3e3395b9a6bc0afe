"""The site's fonts: small subsets of pinned originals, and the style rules that load them.

Three families. **Klweb Serif** (Source Serif 4) is for reading, **Klweb Sans** (Source Sans 3) for
the interface and the figures, **Klweb Math** (STIX Two Math) for formulas: its `MATH` table is what
lets a browser stretch a bracket or place a fraction. The originals' names are reserved by their
licence, which is why the subsets carry others.

A subset holds what the pages show. Klweb Math has no upright letters or digits of its own: formulas
take those from Klweb Serif, so that "log 2" looks the same inside and outside. A character that a
text family lacks is lent to it by Klweb Math; one that no family has fails the build.
"""

import base64
import hashlib
import io
import re
import string
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# What scripts may write into a page at any time: readouts, messages, a reader's own labels.
ALWAYS: Final = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("\u00a0–—‘’“”…−×·∞‖⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

# What formulas take from Klweb Serif: words, numbers, and what stands inside either.
_UPRIGHT: Final = frozenset(string.ascii_letters + string.digits + ".,;:!?'-")

_STIX: Final = "@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2"
_SERIF: Final = "@fontsource/source-serif-4/files/source-serif-4-latin-{}.woff2"
_LICENCES: Final = (
    "@fontsource/source-serif-4/LICENSE",
    "@fontsource/stix-two-math/LICENSE",
    "source-sans/LICENSE.md",
)


@dataclass(frozen=True, slots=True)
class _Face:
    """One font file: where it comes from, and what the style rule says of it."""

    slug: str
    family: str
    source: str
    weight: str = "400"
    style: str = "normal"
    axes: tuple[tuple[str, tuple[float, float]], ...] = ()
    # Marks are placed over letters: L̄ is two characters.
    features: tuple[str, ...] = ("kern", "liga", "mark")
    # Text may be swapped in late. A formula may not: without this font, many phones draw 𝑝 as an
    # empty box, and a bracket that doesn't stretch can be misread.
    display: str = "swap"


_ROMAN = _Face("serif", "Klweb Serif", _SERIF.format("400-normal"))
_ITALIC = _Face("serif-italic", "Klweb Serif", _SERIF.format("400-italic"), style="italic")
_BOLD = _Face("serif-semibold", "Klweb Serif", _SERIF.format("600-normal"), weight="600")
_SANS = _Face(
    "sans",
    "Klweb Sans",
    "source-sans/VF/SourceSans3VF-Upright.ttf",
    weight="400 600",
    axes=(("wght", (400, 600)),),
    # Its numerals are tabular as they stand, and an interface needs no ligatures.
    features=("kern", "mark"),
)
_MATH = _Face("math", "Klweb Math", _STIX, features=(), display="block")


@dataclass(frozen=True, slots=True)
class _StandIn:
    """A font that readers already have, and the mean advance of its English text, in em.

    Means were taken over letters and spaces in their usual proportions, in fonts of the same
    widths: Gelasio for Georgia, Tinos for Times New Roman, Arimo for Arial.
    """

    family: str
    local: tuple[str, ...]
    advance: float


_STAND_INS: Final = {
    "Klweb Serif": (
        _StandIn("Klweb Serif on Georgia", ("Georgia", "Gelasio"), 0.4533),
        _StandIn("Klweb Serif on Noto", ("Noto Serif",), 0.4972),
        _StandIn("Klweb Serif on Times", ("Times New Roman", "Liberation Serif", "Tinos"), 0.4172),
        _StandIn("Klweb Serif on DejaVu", ("DejaVu Serif",), 0.527),
    ),
    "Klweb Sans": (
        _StandIn("Klweb Sans on Arial", ("Arial", "Liberation Sans", "Arimo", "Helvetica"), 0.4563),
        _StandIn("Klweb Sans on Roboto", ("Roboto",), 0.458),
        _StandIn("Klweb Sans on DejaVu", ("DejaVu Sans",), 0.5226),
    ),
}
_TYPICAL: Final = "aaabcdeeeefghiijklmnnoopqrrssttuvwxyz      "


class FontError(ValueError):
    """A character that no family has, or an original that is missing."""


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters that a page shows: in text, in italic text, and in formulas."""

    text: frozenset[str] = frozenset()
    italic: frozenset[str] = frozenset()
    maths: frozenset[str] = frozenset()

    def __or__(self, other: "Characters") -> "Characters":
        return Characters(self.text | other.text, self.italic | other.italic, self.maths | other.maths)


@dataclass(frozen=True, slots=True)
class FontSet:
    """Files by site-relative path, the style rules that load them, and what to preload."""

    files: dict[str, bytes]
    css: str
    preload: tuple[str, ...]
    """For every page."""
    formulas: tuple[str, ...] = ()
    """To be preloaded for pages with formulas, which no other font can stand in for."""


@lru_cache(maxsize=1 << 12)
def characters(html: str) -> Characters:
    """Collect what a page shows, from its markup.

    A single letter in `<mi>` counts as the italic that browsers draw for it.

    >>> found = characters("ab <em>c</em> <math><mi>p</mi><mo>=</mo><mn>1</mn></math>")
    >>> sorted(found.text), sorted(found.italic), sorted(found.maths)
    ([' ', 'a', 'b'], ['c'], ['1', '=', '𝑝'])
    """
    collector = _Collector()
    collector.feed(html)
    collector.close()
    return Characters(*(frozenset(found) for found in collector.found))


def build(pages: Mapping[str, Characters], root: Path, to_site: str = "") -> FontSet:
    """Make the font files that `pages` need, from the npm packages installed in `root`.

    `pages` maps a page's name to what it shows. `to_site` leads from the folder of the style sheet
    that will hold the rules to the site's root (`"../"`, say).

    The same characters and originals give the same bytes; a file's name carries their hash.

    Raises: FontError, naming a character that no family has and the pages that show it, or an
    original that is not installed.
    """
    shown = Characters()
    for page in pages.values():
        shown |= page
    originals = {face: root / "node_modules" / face.source for face in (_ROMAN, _SANS, _MATH)}
    has = {face: _coverage(path) for face, path in originals.items()}
    lent = {face.family: _printed(shown.text | shown.italic | ALWAYS) - has[face] for face in (_ROMAN, _SANS)}
    maths = shown.maths - _UPRIGHT
    borrowed = _printed(maths.union(*lent.values()))
    _refuse_unknown(borrowed - has[_MATH], pages)

    text = shown.text | ALWAYS
    wanted: dict[_Face, Set[str]] = {_ROMAN: text, _ITALIC: shown.italic, _BOLD: text, _SANS: text}
    if borrowed:
        # Spaces and invisible operators too: engines give a missing one another font's width.
        wanted[_MATH] = borrowed | maths & has[_MATH] | {" "}
    files: dict[str, bytes] = {}
    rules: list[str] = []
    names: dict[_Face, str] = {}
    for face, chars in wanted.items():
        if chars:
            data = _subset(face, root, frozenset(chars))
            digest = hashlib.sha256(data).hexdigest()[:10]
            names[face] = f"fonts/{face.slug}-{digest}.woff2"
            files[names[face]] = data
            rules.append(_rule(face, to_site + names[face]))
    for face in (_ROMAN, _ITALIC, _BOLD, _SANS):
        if face in names and lent[face.family]:
            rules.append(_rule(face, to_site + names[_MATH], lent[face.family]))
    for face in (_ROMAN, _SANS):
        rules += _stand_in_rules(face, files[names[face]])
    rules.append(_families())
    files["fonts/LICENCES.txt"] = _licences(root)
    formulas = (names[_MATH],) if _MATH in names else ()
    return FontSet(files, "\n".join(rules) + "\n", (names[_ROMAN], names[_SANS]), formulas)


def inlined(faces: FontSet) -> str:
    """Return the rules of the faces that figures use, with each file in them once, for a page that fetches nothing.

    A style sheet with these has to name Klweb Math itself for the letters that Klweb Serif lacks.
    """
    rules = []
    for path, data in faces.files.items():
        if not path.endswith(".woff2") or path.startswith(f"fonts/{_BOLD.slug}-"):
            continue
        # The first rule is the face's own; those after it lend letters to others.
        rule = next(line for line in faces.css.splitlines() if path in line)
        url = f"data:font/woff2;base64,{base64.b64encode(data).decode()}"
        rules.append(re.sub(r'url\("[^"]*"\)', f'url("{url}")', rule))
    return "\n".join(rules)


class _Collector(HTMLParser):
    """Sorts characters into text, italic text and formulas."""

    _UNSEEN = frozenset({"script", "style", "template", "title", "annotation"})
    _SLANTED = frozenset({"em", "i", "cite", "dfn", "var"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        self._open: list[str] = []
        self._upright = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._UNSEEN | self._SLANTED | {"math", "mi"}:
            self._open.append(tag)
        if tag in {"msqrt", "mroot"}:
            self.found[2].add("√")
        self._upright = ("mathvariant", "normal") in attrs

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        text, italic, maths = self.found
        if self._UNSEEN.intersection(self._open):
            return
        if "math" in self._open:
            alone = self._open[-1] == "mi" and len(data) == 1 and not self._upright
            maths.update(_italic_letters().get(data, data) if alone else data)
        elif self._SLANTED.intersection(self._open):
            italic.update(data)
        else:
            text.update(data)


@lru_cache(maxsize=1)
def _italic_letters() -> dict[str, str]:
    """The mathematical italic of each letter that has one: MathML Core's `math-auto`."""
    ranges = (range(0x1D434, 0x1D468), range(0x1D6A4, 0x1D6A6), range(0x1D6E2, 0x1D71C))
    slanted = {"h": "ℎ"}
    for code in (code for codes in ranges for code in codes):
        plain = unicodedata.decomposition(chr(code)).removeprefix("<font> ")
        if plain:
            slanted[chr(int(plain, 16))] = chr(code)
    return slanted


def _printed(chars: Set[str]) -> frozenset[str]:
    """The characters that leave a mark: no spaces, controls or invisible operators."""
    return frozenset(char for char in chars if unicodedata.category(char) not in {"Cc", "Cf", "Zs"})


def _refuse_unknown(unknown: Set[str], pages: Mapping[str, Characters]) -> None:
    complaints = []
    for char in sorted(unknown):
        where = [name for name, page in pages.items() if char in page.text | page.italic | page.maths]
        name = unicodedata.name(char, "unnamed")
        complaints.append(f"no font has {char!r} (U+{ord(char):04X} {name}), in {', '.join(where)}")
    if complaints:
        raise FontError("; ".join(complaints))


@lru_cache(maxsize=8)
def _coverage(original: Path) -> frozenset[str]:
    with _open(original) as font:
        return frozenset(map(chr, font.getBestCmap()))


@lru_cache(maxsize=64)
def _subset(face: _Face, root: Path, chars: frozenset[str]) -> bytes:
    options = subset.Options(
        layout_features=list(face.features),
        hinting=False,
        glyph_names=False,
        notdef_outline=True,
        name_IDs=[0, 14],  # whose it is, and under which licence
        drop_tables=[*subset.Options().drop_tables, "BASE", "DSIG", "FFTM", "STAT", "gasp", "meta"],
    )
    with _open(root / "node_modules" / face.source) as font:
        worker = subset.Subsetter(options)
        worker.populate(text="".join(sorted(chars)))
        worker.subset(font)
        if face.axes:
            instancer.instantiateVariableFont(font, dict(face.axes), inplace=True)
        font["name"].setName(face.family, 1, 3, 1, 0x409)
        font.flavor = "woff2"
        target = io.BytesIO()
        font.save(target)
    return target.getvalue()


def _open(original: Path) -> Any:
    if not original.is_file():
        raise FontError(f"{original} is missing: run `make setup`, or `npm ci`")
    return TTFont(original, recalcTimestamp=False)


def _rule(face: _Face, url: str, only: Set[str] = frozenset()) -> str:
    codes = ",".join(f"U+{ord(char):X}" for char in sorted(only))
    return (
        f'@font-face{{font-family:"{face.family}";font-weight:{face.weight};'
        f'font-style:{face.style};font-display:{face.display};src:url("{url}") format("woff2")'
        f"{';unicode-range:' + codes if codes else ''}}}"
    )


def _stand_in_rules(face: _Face, data: bytes) -> list[str]:
    """Local fonts resized to `face`'s widths and lines, so that its arrival moves nothing."""
    with TTFont(io.BytesIO(data)) as font:
        em = font["head"].unitsPerEm
        glyphs = font.getBestCmap()
        widths = [font["hmtx"][glyphs[ord(char)]][0] for char in _TYPICAL]
        advance = sum(widths) / len(widths) / em
        ascent, descent = font["hhea"].ascent / em, -font["hhea"].descent / em
    rules = []
    for stand_in in _STAND_INS[face.family]:
        scale = advance / stand_in.advance
        sources = ",".join(f'local("{name}")' for name in stand_in.local)
        rules.append(
            f'@font-face{{font-family:"{stand_in.family}";src:{sources};'
            f"size-adjust:{scale:.2%};ascent-override:{ascent / scale:.2%};"
            f"descent-override:{descent / scale:.2%};line-gap-override:0%}}"
        )
    return rules


def _families() -> str:
    """The whole stacks, as custom properties: what the other style sheets name."""

    def stack(family: str) -> str:
        return ",".join(f'"{name}"' for name in (family, *(s.family for s in _STAND_INS[family])))

    serif, sans = stack("Klweb Serif"), stack("Klweb Sans")
    return f':root{{--font-serif:{serif},serif;--font-sans:{sans},sans-serif;--font-math:"Klweb Math",{serif},math}}'


def _licences(root: Path) -> bytes:
    texts = [(root / "node_modules" / path).read_text("utf-8").strip() for path in _LICENCES]
    return ("\n\n" + "-" * 80 + "\n\n").join(texts).encode() + b"\n"
