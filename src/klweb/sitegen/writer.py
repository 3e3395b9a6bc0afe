"""The HTML files of a site: the templates, filled with what the other modules made."""

import json
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from klweb.sitegen import assets, citation, figures, fonts, formulas, markup, runtime, topics
from klweb.sitegen.image import exercise
from klweb.sitegen.pages import Page
from klweb.sitegen.problems import BuildError, SourceError
from klweb.sitegen.questions import Question
from klweb.sitegen.topics import TopicPage
from klweb.topics import LEVELS, Graph
from klweb.widgets import WIDGETS

LEARNING = {"topic.html", "topics.html", "practice.html"}
"""Templates of pages where readers keep track of what they know."""

SUGGESTED = ("kl-divergence", "elbo", "huffman-coding", "maximum-likelihood")
"""Goals that readers without one are offered."""


@dataclass(frozen=True)
class Project:
    """Where the sources are, where the site goes, and where it will be read."""

    root: Path
    target: Path
    base_url: str = ""
    """The site's own address with a slash at its end, if known: for canonical links and the site map."""
    wheels: Path | None = None
    """A folder of wheels that readers may import in the cell below a figure."""


@dataclass(frozen=True)
class Sources:
    """What people write: pages, topics, and questions."""

    pages: list[Page]
    graph: Graph = field(default_factory=lambda: Graph(()))
    topics: list[TopicPage] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    @property
    def practised(self) -> dict[str, list[Question]]:
        """The questions of each topic that has any."""
        ordered = sorted(self.questions, key=lambda item: self.graph.place(item.topic))
        return {topic: list(group) for topic, group in groupby(ordered, key=lambda item: item.topic)}


@lru_cache(maxsize=1)
def _environment(templates: Path) -> Environment:
    """Return what fills templates; remembered, since it compiles them anew only when they change."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "letters": figures.letters,
        "symbol": figures.symbol,
        "short": "{:.6g}".format,
        # A symbol such as θ is no word, and another one as a capital.
        "capitalised": lambda text: text[:1].upper() + text[1:] if text[:1].isascii() else text,
    }
    return environment


class Writer:
    """Fills the templates."""

    def __init__(
        self, project: Project, sources: Sources, packed: runtime.Packed, prepared: dict[str, figures.Prepared]
    ) -> None:
        self.project, self.sources, self.packed, self.prepared = project, sources, packed, prepared
        self.data, self.learning = topics.data(sources.graph, sources.practised)
        self.environment = _environment(project.root / "templates")
        self.assets = assets.Assets({}, {})
        self.learnt: dict[str, dict[str, Any]] = {}
        """The texts of topics' pages, by site path."""
        self.faces = fonts.FontSet({}, "", ())

    def use(self, gathered: assets.Assets, faces: fonts.FontSet) -> None:
        """Take the names of assets and fonts, which are known once the texts are."""
        self.assets, self.faces = gathered, faces

    def texts(self, bodies: dict[str, markup.Body], mathml: dict[formulas.Formula, str]) -> dict[str, str]:
        """Return each page's article, each topic's texts, and each widget's figure for its embed page, by site path."""
        result: dict[str, str] = {}
        problems: list[SourceError] = []
        for page in self.sources.pages:
            seen: dict[str, int] = {}

            def figure(name: str, _place: int, page: Page = page, seen: dict[str, int] = seen) -> str:
                seen[name] = seen.get(name, 0) + 1
                ident = f"figure-{name}" + (f"-{seen[name]}" if seen[name] > 1 else "")
                try:
                    return figures.render(
                        self.environment, name, ident, pair=shared_pair(page, bodies), place=(page.path, page.source)
                    )
                except SourceError as error:
                    problems.append(error)
                    return ""

            result[page.output] = markup.fill(bodies[page.name], mathml.__getitem__, figure)
        if problems:
            raise BuildError(problems)
        for topic in self.sources.topics:
            self.learnt[topic.output] = texts = self._topic(topic, mathml)
            result[topic.output] = "".join([texts["idea"], texts["body"], *texts["questions"]])
        for name in self.prepared:
            credit = f"../../{self.page_of(name, bodies)}"
            result[f"embed/{name}/index.html"] = figures.render(self.environment, name, f"figure-{name}", credit=credit)
        return result

    def _topic(self, page: TopicPage, mathml: dict[formulas.Formula, str]) -> dict[str, Any]:
        """Return the texts of a topic's page; a figure that questions are about stands with the first of them."""

        def filled(body: markup.Body) -> str:
            return markup.fill(body, mathml.__getitem__, lambda name, _place: self._figure(name))

        shown: set[str] = set()
        asked = []
        template: Any = self.environment.get_template("question.html").module
        for number, item in enumerate(self.sources.practised.get(page.topic.id, ()), start=1):
            widget = item.definition.get("widget", "")
            figure = self._figure(widget) if widget and widget not in shown else ""
            shown.add(widget)
            asked.append(Markup(template.question(item, item.parts(mathml.__getitem__), number, figure)))
        text = Markup(filled(page.text)) if page.text else ""
        return {"idea": Markup(filled(page.idea)), "body": text, "questions": asked}

    def _figure(self, name: str) -> str:
        return figures.render(self.environment, name, f"figure-{name}")

    def characters(self, texts: dict[str, str]) -> dict[str, fonts.Characters]:
        """Return what each page shows: its text, and what stands around it on every page."""
        around = "".join(f"{page.title} {page.nav} {page.lead} {page.description}" for page in self.sources.pages)
        around += self.learning.decode()
        templates = "".join(path.read_text() for path in (self.project.root / "templates").glob("*.html"))
        shown = {path: fonts.characters(html) for path, html in texts.items()}
        # What the pictures of presets say is not in any page yet.
        for name, item in self.prepared.items():
            shown[f"widget {name}"] = fonts.Characters(text=item.characters)
        return shown | {"templates": fonts.characters(re.sub(r"{[{%].*?[%}]}", "", templates) + around)}

    def page_of(self, widget: str, bodies: dict[str, markup.Body]) -> str:
        """Return the URL of the place where a widget is explained."""
        for page in self.sources.pages:
            if widget in bodies[page.name].widgets:
                return f"{page.url}#figure-{widget}"
        return ""

    def files(self, texts: dict[str, str], bodies: dict[str, markup.Body]) -> dict[str, bytes]:
        """Return every HTML file, the site map, and what search engines ask for."""
        files = {}
        for page, following in zip_longest(self.sources.pages, self.sources.pages[1:]):
            html = Markup(texts[page.output])
            files[page.output] = self._fill(
                f"{page.layout}.html", page.root, shared_pair(page, bodies), page=page, page_title=self._title(page),
                description=page.description, html=html, contents=bodies[page.name].contents,
                pages=self.sources.pages, following=following, **self._layout(page),
            )  # fmt: skip
        for topic in self.sources.topics:
            files[topic.output] = self._fill_topic(topic)
        if self.sources.topics:
            files[self.data] = self.learning
        for name, item in self.prepared.items():
            path = f"embed/{name}/index.html"
            files[path] = self._fill(
                "embed.html", "../../", page_title=item.widget.title, description=item.widget.presets[0].note,
                html=Markup(texts[path]),
            )  # fmt: skip
        # A missing page is served at any depth, so its links can't be relative to it.
        root = urlsplit(self.project.base_url).path or "/"
        files["404.html"] = self._fill("404.html", root, page_title="Not found", description="There is no such page.")
        if self.project.base_url:
            found = [page.url for page in self.sources.pages] + [topic.url for topic in self.sources.topics]
            urls = "".join(f"<url><loc>{self.project.base_url}{url}</loc></url>" for url in found)
            namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
            files["sitemap.xml"] = f'<?xml version="1.0"?><urlset xmlns="{namespace}">{urls}</urlset>'.encode()
            files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {self.project.base_url}sitemap.xml\n".encode()
        else:
            files["robots.txt"] = b"User-agent: *\nAllow: /\n"
        if (source := self.project.root / citation.NAME).exists():
            files[citation.NAME] = source.read_bytes()
        # Without this file GitHub Pages would leave out folders that begin with an underscore.
        files[".nojekyll"] = b""
        return files

    def _layout(self, page: Page) -> dict[str, Any]:
        """Return what a page with a layout of its own shows besides its text."""
        graph, practised = self.sources.graph, self.sources.practised
        if page.layout == "page":
            return {}
        if page.layout == "topics":
            links = [topics.link(topic, page.root) | {"practice": topic.id in practised} for topic in graph]
            return {"topics": links, "levels": LEVELS, "goal": [ident for ident in SUGGESTED if ident in graph]}
        return {
            "practised": [
                {"topic": topics.link(graph[ident], page.root), "questions": found}
                for ident, found in practised.items()
            ]
        }

    def _fill_topic(self, page: TopicPage) -> bytes:
        topic, texts = page.topic, self.learnt[page.output]
        urls = {other.name: other.url for other in self.sources.pages}
        return self._fill(
            "topic.html", page.root, url=page.url, topic=topic, page_title=f"{topic.title} · KL divergence",
            description=topic.summary, html=Markup("").join(texts["questions"]), pages=self.sources.pages,
            page_url=topics.page_url(topic, urls, page.root), contents_of_text=page.text.contents if page.text else [],
            **texts, **topics.surroundings(self.sources.graph, topic, page.root),
        )  # fmt: skip

    @staticmethod
    def _title(page: Page) -> str:
        return page.title if page.name == "index" else f"{page.title} · KL divergence"

    def _fill(self, template: str, root: str, pair: Mapping[str, list[float]] | None = None, **values: object) -> bytes:
        shown = re.findall(r'<figure class="widget"[^>]*data-widget="([\w-]+)"', str(values.get("html", "")))
        # A page of embeds would start as many Pythons, so they wait for a sign.
        first = shown[0] if shown and template != "embed.html" else ""
        has_formulas = any("<math" in str(values.get(name)) for name in ("html", "idea", "body"))
        config = {
            "root": root,
            "early": first and exercise.presets(first)[0],
            "runtime": root + self.packed.manifest,
            "image": self.packed.image,
            "worker": root + self.assets.urls["worker.js"],
            "export": root + self.assets.urls["export.js"],
            "builder": root + self.assets.urls["builder.js"],
            "cell": root + self.assets.urls["cell.js"],
            "pair": pair,
            "learning": template in LEARNING
            and {
                "topics": root + self.data,
                "root": root,
                "script": root + self.assets.urls["learn.js"],
            },
            "widgets": {
                name: {
                    "presets": {frame: root + path for frame, path in item.data.items()},
                    "near": {frame: root + path for frame, path in item.near.items()},
                }
                for name, item in self.prepared.items()
                if name in shown
            },
        }
        html = self.environment.get_template(template).render(
            root=root,
            assets=self.assets.urls,
            preload=self.faces.preload + self.faces.formulas * has_formulas,
            policy=policy(self.project.base_url),
            base_url=self.project.base_url,
            config=Markup(json.dumps(config, separators=(",", ":")).replace("<", "\\u003c")),
            **values,
        )
        return html.encode()


def shared_pair(page: Page, bodies: Mapping[str, markup.Body]) -> dict[str, list[float]] | None:
    """Return the pair that a page's figures share: that of the first which has one of its own making."""
    if not page.shared:
        return None
    states = (WIDGETS[name].default for name in bodies[page.name].widgets if name in WIDGETS)
    return next(({name: state[name] for name in "pq"} for state in states if state.keys() >= {"p", "q"}), None)


def policy(base_url: str) -> str:
    """Return the Content-Security-Policy: everything from the site itself, and nothing else.

    In a sandboxed iframe ``'self'`` matches nothing in WebKit, so the site's own origin is named
    too where it is known.
    """
    parts = urlsplit(base_url)
    own = "'self'" + (f" {parts.scheme}://{parts.netloc}" if parts.netloc else "")
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {own} 'wasm-unsafe-eval'",
            f"style-src {own}",
            f"img-src {own} data:",
            f"font-src {own}",
            f"connect-src {own}",
            # The preview of an embed.
            f"frame-src {own}",
            # The worker that holds Python comes from a Blob, the service worker from the site.
            "worker-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def template_error(error: TemplateError) -> SourceError:
    """Say where a template is broken: Jinja knows it of syntax errors, the traceback of all others."""
    name, line = getattr(error, "name", None), getattr(error, "lineno", None)
    for frame in traceback.extract_tb(error.__traceback__):
        if not name and frame.filename.endswith(".html"):
            name, line = Path(frame.filename).name, frame.lineno
    return SourceError(error.message or str(error), f"templates/{name}" if name else "templates", line)
