"""The build as a whole: a small project made from a dictionary, with the site's real templates."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from klweb.sitegen import check, fonts, offline, output, portable, runtime
from klweb.sitegen.build import build
from klweb.sitegen.problems import BuildError
from klweb.sitegen.writer import Project, policy
from klweb.topics import TOPICS
from klweb.widgets import WIDGETS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BASE = "https://example.org/courses/kl/"

Pages = dict[str, str]
SMALL: Pages = {
    "index": r"""
## The *start* {#start}

Cost $\KL{\p}{\q}$, see [entropy](entropy.md#two) and [below](#end).[^note]

[[widget: asymmetry]]

## The end {#end}

It costs << readout("asymmetry", "kl_pq") >>.

[^note]: Words.
""",
    "entropy": "## Two {#two}\n\nBack to [the start](index.md#start), or [elsewhere](https://example.org/).\n",
}


def front(name: str, order: int) -> str:
    return f"---\ntitle: Page {name}\ndescription: About {name}\nnav: {name}\norder: {order}\n---\n"


def silent(_line: str) -> None:
    pass


def page_lines(pages: Pages, name: str, words: str) -> int:
    """Return the line of the file on which some words of a page stand."""
    place = list(pages).index(name)
    text = front(name, place) + pages[name]
    return 1 + text[: text.index(words)].count("\n")


class Site:
    """A project in a folder, and what building it wrote."""

    def __init__(self, folder: Path) -> None:
        self.root, self.target = folder / "project", folder / "site"
        shutil.copytree(ROOT / "templates", self.root / "templates")

    def write(self, pages: Pages) -> None:
        shutil.rmtree(self.root / "content", ignore_errors=True)
        (self.root / "content").mkdir()
        for order, (name, text) in enumerate(pages.items()):
            (self.root / "content" / f"{name}.md").write_text(front(name, order) + text, encoding="utf-8")

    def build(self, pages: Pages | None = None, base_url: str = "", *, again: bool = False) -> output.Changes:
        if pages is not None:
            self.write(pages)
        return build(Project(self.root, self.target, base_url), silent, again=again)

    def problems(self, pages: Pages | None = None) -> list[str]:
        with pytest.raises(BuildError) as caught:
            self.build(pages)
        return [str(problem) for problem in caught.value.problems]

    def text(self, path: str) -> str:
        return (self.target / path).read_text(encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        found = (path for path in self.target.rglob("*") if path.is_file())
        return {path.relative_to(self.target).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Make a project whose fonts and runtime are stand-ins, since they take their time."""
    packed = runtime.Packed({"runtime/manifest.0123456789ab.json": b"{}"}, "runtime/manifest.0123456789ab.json", [])
    monkeypatch.setattr(runtime, "pack", lambda *_: packed)
    monkeypatch.setattr(fonts, "build", lambda _characters, _root, _prefix: fonts.FontSet({}, "", ()))
    return Site(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Build the real site, once for all tests of this module."""
    target = tmp_path_factory.mktemp("whole") / "site"
    build(Project(ROOT, target, BASE), silent)
    return {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}


# ── a small site ─────────────────────────────────────────────────────────────────────────────


def test_a_small_site_is_built(site: Site) -> None:
    changes = site.build(SMALL)
    assert {"index.html", "entropy/index.html", "404.html", "robots.txt", ".nojekyll"} <= set(changes.written)
    assert {f"embed/{name}/index.html" for name in WIDGETS} <= set(changes.written)
    assert not changes.removed
    index = site.text("index.html")
    assert "It costs 0.4830 bits." in index
    assert 'id="figure-asymmetry"' in index
    assert "<math" in index
    assert 'href="entropy/#two"' in index
    assert "klweb-" not in re.sub(r'id="klweb"', "", index), "no placeholder is left"
    assert 'href="../#start"' in site.text("entropy/index.html")


def test_the_config_of_each_page_is_relative_to_it(site: Site) -> None:
    site.build(SMALL)
    for path, root in (("index.html", ""), ("entropy/index.html", "../"), ("embed/asymmetry/index.html", "../../")):
        text = re.findall(r'<script type="application/json" id="klweb">(.*?)</script>', site.text(path))[0]
        config: dict[str, Any] = json.loads(text)
        assert config["root"] == root
        assert config["runtime"] == f"{root}runtime/manifest.0123456789ab.json"
        for address in (config["worker"], *re.findall(r'"([^"]*data/[^"]*)"', json.dumps(config))):
            assert address.startswith(root)
            assert (site.target / address[len(root) :]).is_file()
        assert set(config["widgets"]) == set(re.findall(r'<figure[^>]* data-widget="([^"]+)"', site.text(path)))


def test_a_second_build_writes_nothing(site: Site) -> None:
    site.build(SMALL)
    again = site.build()
    assert not again
    assert again.written == again.removed == ()
    assert len(again.unchanged) == len(site.files())


def test_a_change_of_one_page_writes_that_page_alone(site: Site) -> None:
    site.build(SMALL)
    changed = site.build({**SMALL, "entropy": SMALL["entropy"] + "\nMore words.\n"})
    assert changed.written == ("entropy/index.html", "offline/klweb.zip", "sw.js")


def test_a_file_that_opens_from_disk_leads_to_the_site_where_its_address_is_known(site: Site) -> None:
    site.build(SMALL, BASE)
    assert re.findall(r'<a href="([^"]*)"', site.text("offline/asymmetry.html")) == [f"{BASE}#figure-asymmetry"]
    assert re.findall(r'<a href="([^"]*)"', site.text("offline/bregman.html")) == [BASE]
    site.build(SMALL)
    assert "<a " not in site.text("offline/asymmetry.html")


def test_while_somebody_writes_what_is_for_use_offline_stays_as_it_was(site: Site) -> None:
    linked = {**SMALL, "entropy": SMALL["entropy"] + "\n[All of it](../offline/klweb.zip)\n"}
    site.build(linked, again=True)
    before = site.files()
    assert {"offline/klweb.zip", "offline/asymmetry.html"} <= before.keys()
    changed = site.build({**linked, "entropy": linked["entropy"] + "\nMore words.\n"}, again=True)
    assert changed.written == ("entropy/index.html", "sw.js")
    assert not changed.removed
    assert site.files()["offline/klweb.zip"] == before["offline/klweb.zip"]
    assert "offline/klweb.zip" in site.build().written


def test_a_page_that_is_gone_is_removed(site: Site) -> None:
    site.build({**SMALL, "extra": "Words."})
    changes = site.build(SMALL)
    assert changes.removed == ("extra/index.html",)
    assert not (site.target / "extra").exists()


def test_the_same_widget_twice_has_names_of_its_own(site: Site) -> None:
    site.build({"index": "[[widget: gaussians]]\n\nWords.\n\n[[widget: gaussians]]\n"})
    assert re.findall(r'<figure class="widget" id="([^"]+)"', site.text("index.html")) == [
        "figure-gaussians",
        "figure-gaussians-2",
    ]


def test_pages_follow_each_other(site: Site) -> None:
    site.build({"index": "One.", "b": "Two.", "a": "Three."})
    assert re.findall(r'<p class="next">.*?<a href="([^"]*)"', site.text("index.html")) == ["b/"]
    assert re.findall(r'<p class="next">.*?<a href="([^"]*)"', site.text("b/index.html")) == ["../a/"]
    assert "next" not in re.findall(r"<footer.*?</footer>", site.text("a/index.html"), re.DOTALL)[0]


def test_pages_with_formulas_ask_early_for_their_letters(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    text, maths = "fonts/serif-0123456789.woff2", "fonts/math-0123456789.woff2"
    rules = "".join(f'@font-face{{src:url("../../{path}")}}\n' for path in (text, maths))
    faces = fonts.FontSet({text: b"", maths: b""}, rules, (text,), (maths,))
    monkeypatch.setattr(fonts, "build", lambda _characters, _root, _prefix: faces)
    site.build({"index": "No formula.", "a": "As $x$."})
    for path, wanted in (("index.html", [text]), ("a/index.html", [f"../{text}", f"../{maths}"])):
        assert re.findall(r'<link rel="preload" href="([^"]*)"', site.text(path)) == wanted


def test_a_page_without_a_name_there_is_not_in_the_list_of_pages(site: Site) -> None:
    site.write({"index": "One.", "a": "See [more](b.md).", "b": "Three."})
    page = site.root / "content" / "b.md"
    page.write_text(page.read_text(encoding="utf-8").replace("nav: b\n", ""), encoding="utf-8")
    site.build()
    for path in ("index.html", "b/index.html"):
        listed = re.findall(r'<nav class="pages".*?</nav>', site.text(path), re.DOTALL)[0]
        assert re.findall(r">([^<\s]+)</a>", listed) == ["index", "a"]


def test_a_changed_template_changes_the_next_build(site: Site) -> None:
    site.build(SMALL)
    template = site.root / "templates" / "page.html"
    template.write_text(template.read_text().replace("Skip to the text", "Straight to the text"))
    site.build()
    assert "Straight to the text" in site.text("index.html")


def test_an_embed_links_back_to_where_its_widget_is_explained(site: Site) -> None:
    site.build(SMALL)
    assert 'href="../../#figure-asymmetry"' in site.text("embed/asymmetry/index.html")


# ── failures ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("Fine.\n\nSee [gone](gone.md).\n", "gone.md", "there is no page/gone.md"),
        ("Fine.\n\nSee [gone](gone/).\n", "gone/", "there is no page/gone/index.html"),
        ("Fine.\n\nSee [x](#nowhere).\n", "#nowhere", "no such anchor on this page"),
        ("Fine.\n\nSee [x](entropy.md#nowhere).\n", "#nowhere", "no such anchor on entropy/index.html"),
        ("Fine.\n\nSee [x](/entropy/).\n", "/entropy/", "starts at the host's root"),
        ("Fine.\n\n[[widget: nope]]\n", "[[widget", "there is no widget 'nope'"),
        ("[[widget: asymmetry]]\n\nSee [x](#asymmetry=nope).\n", "#asymmetry=nope", "has no example “nope”"),
        ("Fine.\n\nCost $\\nope{x}$.\n", "\\nope", "\\nope"),
        ("Fine.\n\n$$\n\\frac{1}{\n$$\n", "\\frac", "frac"),
        ("Fine.\n\nIt is << categorical.kl([1], [2]) | f2 >>.\n", "<<", "q sums to 2"),
        ('Fine.\n\n<p style="color: red">Red</p>\n', "<p style", "style attribute"),
        ("Fine.\n\n<script>alert(1)</script>\n", "<script>", "inline script"),
        ("Fine.\n\n![](icon.png)\n", "icon.png", "icon.png"),
        ("Fine.\n\n#### Deep\n", "Deep", "skips a level"),
    ],
    ids=lambda value: None,
)
def test_a_mistake_fails_the_build_and_names_file_and_line(site: Site, text: str, words: str, message: str) -> None:
    pages = {"index": "Front.", "entropy": "Two.", "page": text}
    problems = site.problems(pages)
    line = page_lines(pages, "page", words)
    assert any(problem.startswith(f"content/page.md:{line}: ") and message in problem for problem in problems), problems


def test_a_failure_leaves_the_last_good_site(site: Site) -> None:
    site.build(SMALL)
    before = site.files()
    for text in ("[gone](gone.md)", "[[widget: nope]]", "$\\nope$", "<< nope >>", '<p style="a">b</p>'):
        site.problems({**SMALL, "entropy": text})
        assert site.files() == before


def test_two_mistakes_are_told_at_once(site: Site) -> None:
    problems = site.problems({**SMALL, "a": "<< nope >>", "b": "\n<< 1 / 0 >>"})
    assert [problem.partition(": ")[0] for problem in problems] == ["content/a.md:7", "content/b.md:8"]
    problems = site.problems({"index": "[x](gone.md)\n\n[y](#nowhere)", "a": "[z](gone.md)"})
    assert sorted(problem.partition(": ")[0] for problem in problems) == [
        "content/a.md:7",
        "content/index.md:7",
        "content/index.md:9",
    ]


def test_two_mistakes_in_figures_and_formulas_are_told_at_once(site: Site) -> None:
    problems = site.problems({"index": "[[widget: one]]\n\n[[widget: two]]"})
    assert len(problems) == 2
    problems = site.problems({"index": "$\\one$ and $\\two$"})
    assert len(problems) == 2


def test_a_site_needs_a_front_page(site: Site) -> None:
    (problem,) = site.problems({"entropy": "Words."})
    assert problem == "content: the site needs a front page, content/index.md"


def test_a_mistake_in_a_template_names_the_template_and_is_told_once(site: Site) -> None:
    template = site.root / "templates/page.html"
    template.write_text(
        template.read_text().replace('<main id="content">', '<main id="content"><a href="gone.html">x</a>')
    )
    (problem,) = site.problems({"index": "One.", "a": "Two.", "b": "Three."})[:1]
    assert re.match(r"templates/page\.html:\d+: ", problem)
    assert "gone.html" in problem


def test_a_page_in_another_encoding_is_told(site: Site) -> None:
    site.write(SMALL)
    (site.root / "content/latin.md").write_bytes(front("latin", 9).encode() + b"caf\xe9\n")
    (problem,) = site.problems()
    assert problem.startswith("content/latin.md")
    assert "UTF-8" in problem


# ── the address ──────────────────────────────────────────────────────────────────────────────


def test_without_an_address_nothing_names_one(site: Site) -> None:
    site.build(SMALL)
    assert "canonical" not in site.text("index.html")
    assert not (site.target / "sitemap.xml").exists()
    assert site.text("robots.txt") == "User-agent: *\nAllow: /\n"
    assert "https:" not in re.sub(r'href="https://[^"]*"|xmlns="[^"]*"', "", site.text("embed/gaussians/index.html"))


def test_with_an_address_pages_are_canonical_and_listed(site: Site) -> None:
    site.build(SMALL, BASE)
    assert f'<link rel="canonical" href="{BASE}">' in site.text("index.html")
    assert f'<link rel="canonical" href="{BASE}entropy/">' in site.text("entropy/index.html")
    assert re.findall(r"<loc>(.*?)</loc>", site.text("sitemap.xml")) == [BASE, f"{BASE}entropy/"]
    assert f"Sitemap: {BASE}sitemap.xml" in site.text("robots.txt")
    assert "canonical" not in site.text("embed/asymmetry/index.html")
    assert '<meta name="robots" content="noindex">' in site.text("embed/asymmetry/index.html")


def test_the_page_for_missing_pages_works_at_any_depth(site: Site) -> None:
    site.build(SMALL, BASE)
    addresses = re.findall(r'\b(?:href|src)="([^"]*)"', site.text("404.html"))
    assert addresses
    assert all(address.startswith("/courses/kl/") for address in addresses)
    site.build(SMALL)
    assert all(address.startswith("/") for address in re.findall(r'\b(?:href|src)="([^"]*)"', site.text("404.html")))


def test_the_policy_opens_what_is_needed_and_no_more() -> None:
    rules = dict(rule.partition(" ")[::2] for rule in policy("").split("; "))
    assert rules == {
        "default-src": "'none'", "script-src": "'self' 'wasm-unsafe-eval'", "style-src": "'self'",
        "img-src": "'self' data:", "font-src": "'self'", "connect-src": "'self'", "worker-src": "'self' blob:",
        "frame-src": "'self'", "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip


def test_the_policy_names_the_sites_own_origin_for_sandboxed_frames() -> None:
    rules = dict(rule.partition(" ")[::2] for rule in policy(BASE).split("; "))
    assert rules["script-src"] == "'self' https://example.org 'wasm-unsafe-eval'"
    assert rules["connect-src"] == "'self' https://example.org"
    assert "unsafe-inline" not in policy(BASE)
    assert "'unsafe-eval'" not in policy(BASE)


# ── the real site ────────────────────────────────────────────────────────────────────────────


def html(files: dict[str, bytes]) -> dict[str, str]:
    return {name: data.decode() for name, data in files.items() if name.endswith(".html")}


def online(files: dict[str, bytes]) -> dict[str, str]:
    """Return the pages that are read at the site, which a file that opens from disk is not."""
    return {name: text for name, text in html(files).items() if not check.is_sealed(name)}


def test_the_real_site_has_its_pages_and_embeds(whole: dict[str, bytes]) -> None:
    sources = {path.stem for path in (ROOT / "content").glob("*.md")}
    expected = {"index.html" if name == "index" else f"{name}/index.html" for name in sources}
    expected |= {f"topics/{topic.id}/index.html" for topic in TOPICS}
    expected |= {path for name in WIDGETS for path in (f"embed/{name}/index.html", f"offline/{name}.html")}
    assert expected | {"404.html"} == set(html(whole))


def test_the_front_page_shows_the_golden_figures_without_scripts(whole: dict[str, bytes]) -> None:
    text = whole["index.html"].decode()
    for figure in (
        "0.4830 bits", "0.5510 bits", "2.420 bits", "3.128 bits", "0.708 bits", "3.220 bits",
        "1.0166 nats = 1.4666 bits", "2.2195 nats = 3.2021 bits",
    ):  # fmt: skip
        assert f">{figure}</output>" in text
    assert [text.index(f'data-widget="{name}"') for name in ("asymmetry", "wasted-bits", "gaussians")] == sorted(
        text.index(f'data-widget="{name}"') for name in ("asymmetry", "gaussians", "wasted-bits")
    )


def test_no_page_has_inline_styles_scripts_or_addresses_elsewhere(whole: dict[str, bytes]) -> None:
    for name, text in online(whole).items():
        assert not re.search(r"<[^>]*\sstyle\s*=", text), name
        assert not re.search(r"<[^>]*\son\w+\s*=", text), name
        assert "<style" not in text, name
        for attributes, inside in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL):
            assert 'type="application/json"' in attributes or not inside.strip(), name
        for tag, address in re.findall(r'<(\w+)[^>]*?\s(?:href|src)="([^"]*)"', text):
            outside = re.match(r"[a-z]+:|//", address)
            assert not outside or tag in ("a", "link"), (name, address)
            if name != "404.html" and not outside:
                assert not address.startswith("/"), (name, address)


def test_every_page_has_the_policy_before_anything_is_fetched(whole: dict[str, bytes]) -> None:
    for name, text in online(whole).items():
        head = text.split("Content-Security-Policy")[0]
        assert "<script" not in head, name
        assert "<link" not in head, name
        content = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert [item.replace("&#39;", "'") for item in content] == [policy(BASE)], name


def test_every_file_that_pages_name_is_there(whole: dict[str, bytes]) -> None:
    for name, text in online(whole).items():
        config = json.loads(re.findall(r'id="klweb">(.*?)</script>', text)[0])
        root = config["root"]
        for address in (config["runtime"], config["worker"], *re.findall(r'"([^"]*\.json)"', json.dumps(config))):
            assert address.startswith(root), name
            assert address[len(root) :] in whole, name


def test_everything_fetched_again_and_again_carries_its_hash(whole: dict[str, bytes]) -> None:
    plain = offline.UNKEPT | {offline.NAME}
    for name in whole:
        if name.startswith(f"{portable.FOLDER}/"):
            continue  # to be carried away, once
        hashed = re.search(r"(^|[./-])[0-9a-f]{10,12}[./]", name)
        assert hashed or name in plain or name.endswith("/index.html") or name == "index.html", name


def test_a_readable_page_is_light(whole: dict[str, bytes]) -> None:
    import gzip

    assert len(gzip.compress(whole["index.html"], 9)) < 60_000


def test_each_phase_is_reported(site: Site) -> None:
    site.write(SMALL)
    lines: list[str] = []
    collect: Callable[[str], None] = lines.append
    build(Project(site.root, site.target), collect)
    assert [line.split()[0] for line in lines] == ["read", "rendered", "drew", "packed", "packed", "wrote"]
    assert "2 pages" in lines[0]
    assert re.search(r"wrote +\d+ of \d+ files \(\d+\.\d MB\) to site/ in \d+\.\d s", lines[-1])
