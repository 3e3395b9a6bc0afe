"""Font subsets, made from the installed originals."""

import io
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from klweb.sitegen import fonts
from klweb.sitegen.fonts import ALWAYS, Characters, FontError, FontSet, build, characters
from klweb.sitegen.formulas import Formula, render

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

FORMULAS = [
    r"\KL{\p}{\q} = \sum_i \p_i \log_2 \frac{\p_i}{\q_i}",
    r"\left[\frac12\left(\tr\Sigma + \left|\frac ab\right|\right)\right] + \sqrt{\mu^2}",
    r"\int \p(x)\,dx \le 1.5",
]


def page() -> Characters:
    display = [Formula(tex, display=True) for tex in FORMULAS]
    return characters("<p>Text, and <em>stress</em></p>" + "".join(render(display).values()))


@cache
def built() -> FontSet:
    return build({"index": page()}, ROOT)


def font(slug: str, fonts_built: FontSet | None = None) -> Any:
    files = (fonts_built or built()).files
    (name,) = [name for name in files if re.fullmatch(rf"fonts/{slug}-[0-9a-f]{{10}}\.woff2", name)]
    return TTFont(io.BytesIO(files[name]))


def test_characters_are_sorted_by_the_font_that_draws_them() -> None:
    found = characters(
        "<title>T</title><script>S</script><p>a&amp;<em>b<strong>c</strong></em>d"
        '<math><mi>p</mi><mi mathvariant="normal">Σ</mi><mi>log</mi><mn>1</mn><mi>h</mi>'
        "<msqrt><mi>μ</mi></msqrt></math>e</p>"
    )
    assert "".join(sorted(found.text)) == "&ade"
    assert "".join(sorted(found.italic)) == "bc"
    assert found.maths == set("𝑝Σlog1ℎ√𝜇")


def test_formulas_get_a_maths_table_and_brackets_that_stretch() -> None:
    maths = font("math")
    table = maths["MATH"].table
    assert table.MathConstants.FractionRuleThickness.Value > 0
    glyphs = maths.getBestCmap()
    variants = table.MathVariants
    grows = dict(zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True))
    order = set(maths.getGlyphOrder())
    for char in "()[]|√∑∫":
        construction = grows[glyphs[ord(char)]]
        sizes = [record.VariantGlyph for record in construction.MathGlyphVariantRecord]
        assert len(sizes) > 1 or char == "|"
        assert set(sizes) <= order
        if char in "()[]|√":
            parts = [part.glyph for part in construction.GlyphAssembly.PartRecords]
            assert set(parts) <= order


def test_formulas_take_words_and_numbers_from_the_text_family() -> None:
    maths, serif = font("math").getBestCmap(), font("serif").getBestCmap()
    assert {ord(char) for char in "𝑝𝑞𝜇Σ‖∑"} <= maths.keys()
    assert not {ord(char) for char in "log25."} & maths.keys()
    assert {ord(char) for char in "log25."} <= serif.keys()


@pytest.mark.parametrize("slug", ["serif", "serif-semibold", "sans"])
def test_what_scripts_may_write_is_there_or_lent_by_the_maths_font(slug: str) -> None:
    needed = {ord(char) for char in ALWAYS}
    own, lent = font(slug).getBestCmap().keys(), font("math").getBestCmap().keys()
    assert needed <= own | lent
    family = "Klweb Sans" if slug == "sans" else "Klweb Serif"
    for code in needed - own:
        rule = rf'"{family}";[^}}]*src:url\("fonts/math-[^}}]*unicode-range:[^}}]*U\+{code:X}\b'
        assert re.search(rule, built().css)


def test_italics_hold_only_what_is_set_in_italics() -> None:
    assert font("serif-italic").getBestCmap().keys() == {ord(char) for char in "stre"}
    plain = build({"index": Characters(frozenset("a"))}, ROOT)
    assert not any("italic" in name for name in plain.files)


def test_the_sans_has_one_axis_and_tabular_numerals() -> None:
    sans = font("sans")
    (axis,) = sans["fvar"].axes
    assert axis.axisTag == "wght"
    assert (axis.minValue, axis.defaultValue, axis.maxValue) == (400, 400, 600)
    glyphs = sans.getBestCmap()
    assert len({sans["hmtx"][glyphs[ord(digit)]][0] for digit in "0123456789−"}) == 1


def test_a_page_with_formulas_is_light() -> None:
    used = [data for name, data in built().files.items() if "semibold" not in name]
    assert sum(map(len, used)) - len(built().files["fonts/LICENCES.txt"]) < 45_000


@pytest.mark.parametrize("slug", ["serif", "sans", "math"])
def test_subsets_name_their_authors_but_not_their_reserved_names(slug: str) -> None:
    names = {record.nameID: record.toUnicode() for record in font(slug)["name"].names}
    assert "Klweb" in names[1]
    assert re.search("Adobe|STIX", names[0])
    assert not {"fpgm", "prep", "cvt "} & set(font(slug).keys())
    assert b"SIL OPEN FONT LICENSE" in built().files["fonts/LICENCES.txt"]


def test_bytes_and_names_are_the_same_every_time() -> None:
    before = built()
    fonts._subset.cache_clear()
    after = build({"index": page()}, ROOT)
    assert after.files == before.files
    assert after.css == before.css


def test_another_character_means_another_name() -> None:
    more = build({"index": page(), "other": Characters(frozenset("é"))}, ROOT)
    serif = {name for name in built().files if name.startswith("fonts/serif-")}
    assert not any(name in more.files for name in serif if "italic" not in name)
    assert 0xE9 in font("serif", more).getBestCmap()


def test_an_unchanged_face_is_not_made_again() -> None:
    built()
    made = fonts._subset.cache_info().misses
    build({"index": page()}, ROOT)
    assert fonts._subset.cache_info().misses == made


def test_a_character_that_no_font_has_is_named_with_its_pages() -> None:
    pages = {
        "index": Characters(frozenset("ab")),
        "casino": Characters(frozenset("ش")),
        "lottery": Characters(italic=frozenset("ش"), maths=frozenset("文")),
    }
    with pytest.raises(FontError) as caught:
        build(pages, ROOT)
    assert "'ش' (U+0634 ARABIC LETTER SHEEN), in casino, lottery" in str(caught.value)
    assert "'文'" in str(caught.value)


def test_spaces_and_invisible_characters_need_no_glyph() -> None:
    build({"index": Characters(frozenset("\n\t\u00ad\u200b\u2009\u202f"))}, ROOT)


def test_missing_originals_are_named(tmp_path: Path) -> None:
    with pytest.raises(FontError, match=r"source-serif-4-latin-400-normal\.woff2 is missing"):
        build({"index": Characters(frozenset("a"))}, tmp_path)


def test_rules_name_every_file_and_nothing_else() -> None:
    css = built().css
    urls = set(re.findall(r'url\("([^"]+)"\)', css))
    assert urls == {name for name in built().files if name.endswith(".woff2")}
    assert set(built().preload) <= urls
    assert set(built().formulas) == {name for name in urls if "math" in name}
    assert "http" not in css


def test_addresses_start_where_the_style_sheet_says() -> None:
    css = build({"index": page()}, ROOT, to_site="../").css
    assert set(re.findall(r'url\("(.*?)fonts/', css)) == {"../"}


def test_stand_ins_keep_the_width_and_the_lines_of_the_font_to_come() -> None:
    rule = re.search(
        r'"Klweb Serif on Georgia";[^}]*size-adjust:([\d.]+)%;ascent-override:([\d.]+)%',
        built().css,
    )
    assert rule
    scale, ascent = (float(number) / 100 for number in rule.groups())
    assert scale == pytest.approx(1.02, abs=0.1)
    assert scale * ascent == pytest.approx(1.036, abs=0.001)
