"""The phases of a build: read, render, gather, check, write. Nothing is written unless all the others went well."""

import json
import re
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from klweb.errors import InputError
from klweb.sitegen import assets, check, figures, fonts, formulas, markup, offline, output, pages, runtime
from klweb.sitegen.image import exercise
from klweb.sitegen.problems import BuildError, SourceError, line_of
from klweb.widgets import WIDGETS

Report = Callable[[str], None]


@dataclass(frozen=True)
class Project:
    """Where the sources are, where the site goes, and where it will be read."""

    root: Path
    target: Path
    base_url: str = ""
    """The site's own address with a slash at its end, if known: for canonical links and the site map."""


def build(project: Project, report: Report = print) -> output.Changes:
    """Build the whole site, or raise `BuildError` and leave the last good one as it is."""
    began = time.perf_counter()
    sources = read(project, report)
    files = gather(project, sources, report)
    verify(project, sources, files)
    changes = output.write(files, project.target)
    size = sum(map(len, files.values())) / 1e6
    report(
        f"wrote    {len(changes.written)} of {len(files)} files ({size:.1f} MB) to {project.target.name}/ "
        f"in {time.perf_counter() - began:.1f} s"
    )
    return changes


def read(project: Project, report: Report) -> list[pages.Page]:
    """Read all pages, of which one must be the front page."""
    found = pages.read_pages(project.root)
    if not any(page.name == "index" for page in found):
        raise BuildError([SourceError("the site needs a front page, content/index.md", "content")])
    report(f"read     {len(found)} pages")
    return found


def gather(project: Project, sources: list[pages.Page], report: Report) -> dict[str, bytes]:
    """Make every file of the site, in memory."""
    bodies = {page.name: markup.render(page.body, _links(page, sources), page.path) for page in sources}
    mathml = _formulas(sources, bodies)
    report(f"rendered {len(mathml)} formulas")

    prepared = figures.prepare_all()
    views = sum(len(item.widget.presets) * len(item.data) for item in prepared.values())
    report(f"drew     {views} views of {len(prepared)} widgets")

    packed = runtime.pack(project.root, report)
    browser = Path(__file__).parent.parent / "browser"
    writer = _Writer(project, sources, packed, prepared)
    texts = writer.texts(bodies, mathml)
    faces = fonts.build(writer.characters(texts), project.root, "../../")
    writer.use(assets.gather(browser, faces.css), faces)
    report(f"packed   fonts ({sum(map(len, faces.files.values())) / 1e3:.0f} kB)")

    files: dict[str, bytes] = {**packed.files, **faces.files, **writer.assets.files}
    for item in prepared.values():
        files |= item.files
    files |= writer.files(texts, bodies)
    image = {f"{runtime.FOLDER}/{entry['url']}": (entry["encoding"], entry["plain"]["bytes"]) for entry in packed.image}
    # Where Python is kept, it answers sooner than a file of stops could be read.
    stops = {path for path in files if ".near." in path}
    unkept = packed.files.keys() - image.keys() | stops
    files[offline.NAME] = offline.script(files, browser, unkept=unkept, encodings=image)
    return files


def verify(project: Project, sources: Iterable[pages.Page], files: dict[str, bytes]) -> None:
    """Check what was made; a problem names the source file and line where it can be found there."""
    by_output = {page.output: page for page in sources}

    def lines(path: str, needle: str) -> tuple[str, int] | None:
        page = by_output.get(path)
        own = "page.html" if page else "404.html" if path == "404.html" else "embed.html"
        candidates = [(page.path, page.source)] if page else []
        for name in (own, "widget.html", "base.html"):
            candidates.append((f"templates/{name}", (project.root / "templates" / name).read_text()))
        # A link between sources is written otherwise in the page; its anchor is not.
        wanted = [needle, "#" + needle.partition("#")[2]] if "#" in needle else [needle]
        found = ((name, line_of(text, text_part)) for text_part in wanted for name, text in candidates)
        return next(((name, line) for name, line in found if line), None)

    found = check.check(files, lines, prefix=urlsplit(project.base_url).path or "/")
    problems = [SourceError(item.message, item.source or item.page, item.line or None) for item in found]
    problems += [problem for page in sources for problem in _dead_states(page)]
    if problems:
        raise BuildError(problems)


def _dead_states(page: pages.Page) -> Iterator[SourceError]:
    """Find links to states that a widget does not have, such as a preset that was renamed."""
    for match in re.finditer(r"#([\w-]+)=([^)\s\"&]+)", page.source):
        widget = WIDGETS.get(match[1])
        try:
            if widget:
                widget.decode(unquote(match[2]))
        except InputError as error:
            yield SourceError(f"link to {match[0]}: {error}", page.path, line_of(page.source, match[0]))


def _links(page: pages.Page, sources: list[pages.Page]) -> dict[str, str]:
    """Return what to write for a link to each source file, seen from a page."""
    return {Path(other.path).name: page.root + other.url for other in sources}


def _formulas(sources: list[pages.Page], bodies: dict[str, markup.Body]) -> dict[formulas.Formula, str]:
    wanted = [formula for body in bodies.values() for formula in body.formulas]
    problems: list[SourceError] = []
    rendered: dict[formulas.Formula, str] | None = None
    while rendered is None:
        try:
            rendered = formulas.render(wanted)
        except formulas.FormulaError as error:
            page = next(page for page in sources if any(f.tex == error.tex for f in bodies[page.name].formulas))
            problems.append(SourceError(str(error), page.path, line_of(page.body, error.tex.split("\n")[0])))
            wanted = [formula for formula in wanted if formula.tex != error.tex]
    if problems:
        raise BuildError(problems)
    return rendered


class _Writer:
    """Fills the templates."""

    def __init__(
        self,
        project: Project,
        sources: list[pages.Page],
        packed: runtime.Packed,
        prepared: dict[str, figures.Prepared],
    ) -> None:
        self.project, self.sources, self.packed, self.prepared = project, sources, packed, prepared
        self.environment = Environment(
            loader=FileSystemLoader(project.root / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters |= {
            "letters": figures.letters,
            "symbol": figures.symbol,
            "short": "{:.6g}".format,
        }
        # A symbol such as θ is no word, and another one as a capital.
        self.environment.filters["capitalised"] = lambda text: (
            text[:1].upper() + text[1:] if text[:1].isascii() else text
        )
        self.assets = assets.Assets({}, {})
        self.faces = fonts.FontSet({}, "", ())

    def use(self, gathered: assets.Assets, faces: fonts.FontSet) -> None:
        """Take the names of assets and fonts, which are known once the texts are."""
        self.assets, self.faces = gathered, faces

    def texts(self, bodies: dict[str, markup.Body], mathml: dict[formulas.Formula, str]) -> dict[str, str]:
        """Return each page's article, and each widget's figure for its embed page."""
        result: dict[str, str] = {}
        problems: list[SourceError] = []
        for page in self.sources:
            seen: dict[str, int] = {}

            def figure(name: str, _place: int, page: pages.Page = page, seen: dict[str, int] = seen) -> str:
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
        for name in self.prepared:
            credit = f"../../{self._page_of(name, bodies)}"
            result[f"embed/{name}/index.html"] = figures.render(self.environment, name, f"figure-{name}", credit=credit)
        return result

    def characters(self, texts: dict[str, str]) -> dict[str, fonts.Characters]:
        """Return what each page shows: its text, and what stands around it on every page."""
        around = "".join(f"{page.title} {page.nav} {page.lead} {page.description}" for page in self.sources)
        templates = "".join(path.read_text() for path in (self.project.root / "templates").glob("*.html"))
        shown = {path: fonts.characters(html) for path, html in texts.items()}
        # What the pictures of presets say is not in any page yet.
        for name, item in self.prepared.items():
            shown[f"widget {name}"] = fonts.Characters(text=item.characters)
        return shown | {"templates": fonts.characters(re.sub(r"{[{%].*?[%}]}", "", templates) + around)}

    def _page_of(self, widget: str, bodies: dict[str, markup.Body]) -> str:
        """Return the URL of the place where a widget is explained."""
        for page in self.sources:
            if widget in bodies[page.name].widgets:
                return f"{page.url}#figure-{widget}"
        return ""

    def files(self, texts: dict[str, str], bodies: dict[str, markup.Body]) -> dict[str, bytes]:
        """Return every HTML file, the site map, and what search engines ask for."""
        files = {}
        for place, page in enumerate(self.sources):
            following = self.sources[place + 1] if place + 1 < len(self.sources) else None
            files[page.output] = self._fill(
                "page.html", page.root, shared_pair(page, bodies), page=page, page_title=self._title(page),
                description=page.description,
                html=Markup(texts[page.output]), contents=bodies[page.name].contents, pages=self.sources,
                following=following,
            )  # fmt: skip
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
            urls = "".join(f"<url><loc>{self.project.base_url}{page.url}</loc></url>" for page in self.sources)
            namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
            files["sitemap.xml"] = f'<?xml version="1.0"?><urlset xmlns="{namespace}">{urls}</urlset>'.encode()
            files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {self.project.base_url}sitemap.xml\n".encode()
        else:
            files["robots.txt"] = b"User-agent: *\nAllow: /\n"
        # Without this file GitHub Pages would leave out folders that begin with an underscore.
        files[".nojekyll"] = b""
        return files

    @staticmethod
    def _title(page: pages.Page) -> str:
        return page.title if page.name == "index" else f"{page.title} · KL divergence"

    def _fill(self, template: str, root: str, pair: Mapping[str, list[float]] | None = None, **values: object) -> bytes:
        shown = re.findall(r'<figure class="widget"[^>]*data-widget="([\w-]+)"', str(values.get("html", "")))
        # A page of embeds would start as many Pythons, so they wait for a sign.
        first = shown[0] if shown and template != "embed.html" else ""
        config = {
            "root": root,
            "early": first and exercise.presets(first)[0],
            "runtime": root + self.packed.manifest,
            "image": self.packed.image,
            "worker": root + self.assets.urls["worker.js"],
            "pair": pair,
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
            preload=self.faces.preload,
            policy=policy(self.project.base_url),
            base_url=self.project.base_url,
            config=Markup(json.dumps(config, separators=(",", ":")).replace("<", "\\u003c")),
            **values,
        )
        return html.encode()


def shared_pair(page: pages.Page, bodies: Mapping[str, markup.Body]) -> dict[str, list[float]] | None:
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
