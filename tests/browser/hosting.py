"""Other people's pages, made by the programs that they use, with figures in them that were pasted as teachers do."""

import html
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from playwright.sync_api import Frame, Locator, Page, expect

from klweb.sitegen.serve import Server
from tests.browser.support import Figure, Reader, until

SOURCES = Path(__file__).with_name("hosts")
LESSONS = {"mkdocs": "mkdocs/lesson/", "sphinx": "sphinx/lesson.html", "plain": "plain.html", "strict": "strict.html"}
"""Pages with two figures each, and where they lie once they are built."""
TABS = "mkdocs/tabs/"
FIGURES = ("asymmetry", "gaussians")
"""The figures of each lesson, in order."""
PLACE = re.compile(r"^( *)<!-- figure (\d) -->$", re.MULTILINE)


def snippet(site: str, widget: str, **options: str) -> str:
    """Return what a teacher pastes: the form that docs/contract.md gives, with the link for readers without scripts."""
    given = "".join(f' data-{name}="{html.escape(value)}"' for name, value in options.items())
    words = widget.replace("-", " ")
    return (
        f'<script async src="{site}embed.js" data-widget="{widget}"{given}></script>\n'
        f'<a href="{site}embed/{widget}/">Figure: {words}</a>'
    )


def markdown(site: str, widget: str) -> str:
    """Return what a teacher pastes into Markdown: the line of script, and the link as Markdown has it."""
    script, _ = snippet(site, widget).splitlines()
    return f"{script}\n\n[Figure: {widget}]({site}embed/{widget}/)"


def paste(source: str, snippets: Sequence[str]) -> str:
    """Put snippets where a source wants figures, each as far to the right as its place is."""
    return PLACE.sub(lambda place: re.sub("^", place[1], snippets[int(place[2]) - 1], flags=re.MULTILINE), source)


@dataclass
class Hosts:
    """A server for other people's pages, of another site than ours: its pages are on another host, for browsers."""

    server: Server
    ours: str

    @property
    def url(self) -> str:
        return self.server.url.replace("localhost", "127.0.0.1")

    @property
    def origin(self) -> str:
        return "/".join(self.ours.split("/")[:3])

    def build(self) -> None:
        """Build all hosts, with the snippets of the documentation."""
        self.build_mkdocs([markdown(self.ours, name) for name in FIGURES])
        snippets = [snippet(self.ours, name) for name in FIGURES]
        sources = self._paste("sphinx", snippets)
        run("sphinx", "-q", "-W", "-b", "html", sources, self.server.site / "sphinx")
        for page in self._paste("plain", snippets).iterdir():
            page.rename(self.server.site / page.name)

    def build_mkdocs(self, snippets: Sequence[str]) -> None:
        """Build the course that is made with MkDocs, with one snippet for each figure."""
        sources, address = self._paste("mkdocs", snippets), f"{self.url}mkdocs/"
        out = self.server.site / "mkdocs"
        run("mkdocs", "build", "-q", "--strict", "-f", sources / "mkdocs.yml", "-d", out, COURSE_URL=address)

    def _paste(self, name: str, snippets: Sequence[str]) -> Path:
        """Copy the sources of a host, with snippets where figures are wanted; return where they are."""
        sources = self.server.site / "sources" / name
        shutil.copytree(SOURCES / name, sources)
        for path in sources.rglob("*"):
            if path.suffix in {".md", ".rst", ".html"}:
                path.write_text(paste(path.read_text(), snippets).replace("ORIGIN", self.origin))
        return sources

    def write(self, name: str, body: str, head: str = "") -> str:
        """Write a page with nothing else in it; return its address."""
        (self.server.site / name).write_text(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}<link rel="icon" href="data:,">'
            f"<title>A lesson</title></head><body><h1>A lesson</h1>{body}</body></html>"
        )
        return self.url + name


def allowing(scripts: str, frames: str) -> str:
    """Return the meta element of a page that forbids all but scripts and frames from there."""
    content = f"default-src 'none'; script-src {scripts}; frame-src {frames}; img-src data:"
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


@contextmanager
def nobody() -> Iterator[str]:
    """Yield the address of a site whose server is down: nobody else gets its port meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://localhost:{held.getsockname()[1]}/"


def run(module: str, *arguments: object, **environment: str) -> None:
    """Run a generator as its users do."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ── what is in them ──────────────────────────────────────────────────────────────────────────


@dataclass
class Framed(Figure):
    """A figure in a frame of the page that a reader has open."""

    box: Locator

    @property
    def page(self) -> Page:
        # A frame does what a figure asks of its page.
        return cast("Page", content(self.box))

    def fits(self) -> "Framed":
        fits(self.reader, self.box)
        return self


def figures(reader: Reader) -> list[Framed]:
    """Return the figures of a lesson, once their frames are there."""
    boxes = reader.page.locator("kl-widget iframe")
    expect(boxes).to_have_count(len(FIGURES))
    return [Framed(reader, name, boxes.nth(index)) for index, name in enumerate(FIGURES)]


def content(frame: Locator) -> Frame:
    """Return what an iframe shows, once it is there."""
    handle = frame.element_handle()
    found = handle.content_frame()
    assert found is not None
    found.locator("figure.widget").wait_for()
    return found


def fits(reader: Reader, frame: Locator) -> None:
    """Wait until a frame is as high as what it shows, and nothing of it is cut off."""

    def check() -> object:
        room = frame.evaluate("e => [e.clientWidth, e.clientHeight]")
        needs = content(frame).evaluate(
            "() => { const {height} = document.documentElement.getBoundingClientRect();"
            " return [document.documentElement.scrollWidth, Math.ceil(height)]; }"
        )
        return room == needs or f"{room}, not {needs}"

    until(reader.page, check, "the frame fits", 15)
