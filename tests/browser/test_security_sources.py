"""Sources that hold what no page may: HTML that the policy would stop is refused, and words of all kinds stay words."""

import json
import shutil
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from klweb.sitegen import figures, fonts, runtime
from klweb.sitegen.build import build
from klweb.sitegen.problems import BuildError
from klweb.sitegen.serve import Server
from klweb.sitegen.writer import Project, policy
from tests.browser.hostile import HOSTILE, STRANGER, alarmed, faults, unharmed
from tests.browser.learning import goal, stored
from tests.browser.support import PREFIX, Opener

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]

REFUSED = {
    "script": "<script>klwebRan(1)</script>",
    "module": '<script type="module">klwebRan(1)</script>',
    "handler": "Words.\n\n<p onclick='klwebRan(1)'>Press</p>",
    "attribute list": 'Words\n{: onclick="klwebRan(1)" }',
    "style": "<p style='color: red'>Red</p>",
    "style element": "<style>p { color: red }</style>",
    "link": "[Press](javascript:klwebRan(1))",
    "disguised link": "[Press](&#x6a;ava&#10;script:klwebRan(1))",
    "formula": "Cost $\\href{javascript:klwebRan(1)}{x}$.",
    "styled formula": "Cost $\\style{color:red}{x}$.",
    "picture": f"![A picture]({STRANGER}/x.png)",
    "frame": f'<iframe title="x" src="{STRANGER}/"></iframe>',
    "base": f'<base href="{STRANGER}/">',
    "button": '<button formaction="javascript:klwebRan(1)">Press</button>',
    "another page": f'<meta http-equiv="refresh" content="0; url={STRANGER}/">',
    "page in a frame": '<iframe title="x" srcdoc="Words."></iframe>',
    "form": f'<form action="{STRANGER}/"><button>Send</button></form>',
    "ping": f'<a id="ping" href="#ping" ping="{STRANGER}/">Press</a>',
    "background": f'<table background="{STRANGER}/x.png"><tr><td>x</td></tr></table>',
    "expression": "<< categorical.__builtins__['__import__']('os').getcwd() >>",
    "note": 'A note.[^1]\n\n[^1]: <b onmouseover="klwebRan(1)">x</b>',
}
"""Markdown may hold HTML, since its authors write the site; but readers should not be the first to see it fail."""

PLAIN = {name: text for name, text in HOSTILE.items() if name not in ("much", "separators", "as a template")}


def write_project(root: Path, pages: dict[str, str], **front: str) -> Project:
    """Write a small project whose front matter is hostile where `front` says nothing else."""
    shutil.copytree(ROOT / "templates", root / "templates")
    (root / "content").mkdir()
    texts = list(PLAIN.values())
    for order, (name, body) in enumerate(pages.items()):
        values = (
            dict.fromkeys(("title", "nav", "lead"), " ".join(texts))
            | {"description": texts[order % len(texts)][:160]}
            | front
        )
        if name == "topics":
            values["layout"] = "topics"
        matter = "".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items())
        (root / "content" / f"{name}.md").write_text(f"---\norder: {order}\n{matter}---\n{body}\n", encoding="utf-8")
    return Project(root, root.parent / "site")


def write_topics(root: Path) -> None:
    """Write two topics with a hostile text wherever there is one to write."""
    text = " ".join(PLAIN.values())
    written = json.dumps(text)  # as TOML writes it, too
    (root / "content" / "topics.toml").write_text(
        "".join(
            f'[{name}]\ntitle = {json.dumps(f"{name} {text}")}\nlevel = "graduate"\nminutes = 5\nsummary = {written}\n'
            f'keywords = [{written}]\nidea = "Plain."\n{needs}'
            for name, needs in (("first", ""), ("second", f"[second.needs]\nfirst = {written}\n"))
        ),
        encoding="utf-8",
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out of a build what takes its time and shows nothing that an author wrote."""
    packed = runtime.Packed({"runtime/manifest.0123456789ab.json": b"{}"}, "runtime/manifest.0123456789ab.json", [])
    monkeypatch.setattr(runtime, "pack", lambda *_: packed)
    monkeypatch.setattr(fonts, "build", lambda _characters, _root, _prefix: fonts.FontSet({}, "", ()))
    monkeypatch.setattr(figures, "prepare_all", dict)


@pytest.mark.usefixtures("quick")
def test_sources_that_hold_scripts_or_strangers_are_refused(tmp_path: Path) -> None:
    pages = {name.replace(" ", "-"): text for name, text in REFUSED.items()}
    found: list[str] = []
    # What cannot be computed, or set as a formula, is told before anything else is looked at.
    early = {"expression"}, {"formula", "styled-formula"}
    for number, chosen in enumerate((*early, pages.keys() - early[0] - early[1])):
        root = tmp_path / str(number)
        root.mkdir()
        bodies = {"index": "Words."} | {name: pages[name] for name in sorted(chosen)}
        project = write_project(root / "project", bodies, title="T", nav="N", lead="L", description="D")
        with pytest.raises(BuildError) as caught:
            build(project, lambda _line: None)
        found += [str(problem) for problem in caught.value.problems]
        assert not project.target.exists()
    assert not [name for name in pages if not any(f"{name}.md:" in item or f"{name}/" in item for item in found)]
    assert not [item for item in found if "index.md" in item]


@pytest.mark.usefixtures("quick")
def test_words_of_the_sources_stay_words(tmp_path: Path, open_page: Opener) -> None:
    ticks = "\n\n".join(f"## A `` {text} ``\n\nHere ``{text}`` it is.\n\n    {text}" for text in PLAIN.values())
    pages = {"index": ticks, "topics": "Words.", "other": "Cost $\\text{<b data-injected>}$."}
    project = write_project(tmp_path / "project", pages)
    write_topics(project.root)
    (project.root / "content" / "questions.toml").write_text("", encoding="utf-8")
    build(project, lambda _line: None)
    for path in project.target.rglob("*.html"):
        assert list(faults(path.read_text(encoding="utf-8"), policy(""))) == [], path

    with Server(project.target, 0, prefix=PREFIX) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        reader = alarmed(open_page(python=False, url=server.url, reduced_motion="reduce"))
        title = " ".join(PLAIN.values())
        for url in ("", "other/", "topics/first/", "topics/second/"):
            reader.visit(url)
            expect(reader.page.locator("h1")).to_contain_text(title[:60])
            assert title[-40:] in reader.page.title()
            expect(reader.page.locator("#theme")).to_be_enabled()
            unharmed(reader)
        page = reader.visit("topics/").page
        page.locator('[data-group="graduate"] > summary').click()
        goal(page, "second").click()
        expect(page.locator("[data-goals]")).to_contain_text("<script data-injected>")
        expect(page.locator("[data-steps] > li")).to_have_count(2)
        page.locator("[data-words]").fill("script klwebran")
        expect(page.locator("[data-count]")).to_contain_text("2 topics fit")
        assert stored(page)["goals"] == ["second"]
        unharmed(reader)
        server.shutdown()
        thread.join()
