"""The phases of a build: read, render, gather, check, write. Nothing is written unless all the others went well."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

from klweb.errors import InputError
from klweb.sitegen import (
    assets,
    check,
    figures,
    fonts,
    formulas,
    markup,
    offline,
    output,
    pages,
    portable,
    questions,
    runtime,
    topics,
)  # fmt: skip
from klweb.sitegen.problems import BuildError, SourceError, line_of
from klweb.sitegen.writer import Project, Sources, Writer
from klweb.widgets import WIDGETS

Report = Callable[[str], None]


def build(project: Project, report: Report = print, *, again: bool = False) -> output.Changes:
    """Build the whole site, or raise `BuildError` and leave the last good one as it is.

    With `again`, while somebody writes, what is there for use offline stays as the last build made it.
    """
    began = time.perf_counter()
    sources = read(project, report)
    files = gather(project, sources, report, again=again)
    verify(project, sources, files)
    changes = output.write(files, project.target)
    size = sum(map(len, files.values())) / 1e6
    report(
        f"wrote    {len(changes.written)} of {len(files)} files ({size:.1f} MB) to {project.target.name}/ "
        f"in {time.perf_counter() - began:.1f} s"
    )
    return changes


def read(project: Project, report: Report) -> Sources:
    """Read all pages, of which one must be the front page, the topics, and the questions."""
    found = pages.read_pages(project.root, project.base_url)
    if not any(page.name == "index" for page in found):
        raise BuildError([SourceError("the site needs a front page, content/index.md", "content")])
    graph = topics.read_graph(project.root)
    asked = questions.read_questions(project.root, [topic.id for topic in graph]) if len(graph) else []
    report(f"read     {len(found)} pages, {len(graph)} topics, {len(asked)} questions")
    return Sources(found, graph, topics.read_pages(project.root, graph, found), asked)


def gather(project: Project, sources: Sources, report: Report, *, again: bool = False) -> dict[str, bytes]:
    """Make every file of the site, in memory; see `build`."""
    links = [_links(page, sources.pages) for page in sources.pages]
    bodies = {
        page.name: markup.render(page.body, own, page.path) for page, own in zip(sources.pages, links, strict=True)
    }
    mathml = _formulas(sources, bodies)
    report(f"rendered {len(mathml)} formulas")

    # Freezing Python is mostly other programs' work, so that it and the views share the processors.
    with ThreadPoolExecutor(max_workers=1) as beside:
        packing = beside.submit(runtime.pack, project.root, report, project.wheels)
        prepared = figures.prepare_all()
        views = sum(len(item.widget.presets) * len(item.data) for item in prepared.values())
        report(f"drew     {views} views of {len(prepared)} widgets")
        packed = packing.result()
    browser = Path(__file__).parent.parent / "browser"
    writer = Writer(project, sources, packed, prepared)
    texts = writer.texts(bodies, mathml)
    faces = fonts.build(writer.characters(texts), project.root, "../../")
    writer.use(assets.gather(browser, faces.css), faces)
    report(f"packed   fonts ({sum(map(len, faces.files.values())) / 1e3:.0f} kB)")

    files: dict[str, bytes] = {**packed.files, **faces.files, **writer.assets.files}
    for item in prepared.values():
        files |= item.files
    files |= writer.files(texts, bodies)
    files[assets.EMBED] = assets.bundled(browser / assets.EMBED, "iife")[0].encode()
    image = {f"{runtime.FOLDER}/{entry['url']}": (entry["encoding"], entry["plain"]["bytes"]) for entry in packed.image}
    # Where Python is kept, it answers sooner than a file of stops could be read.
    stops = {path for path in files if ".near." in path}
    unkept = packed.files.keys() - image.keys() | stops
    files[offline.NAME] = offline.script(files, browser, unkept=unkept, encodings=image)

    carried = portable.made(project.target) if again else {}
    if not carried:
        places = {name: writer.page_of(name, bodies) for name in prepared}
        carried = portable.edition(writer, places, files)
        report(f"packed   {portable.ZIP} ({len(carried[portable.ZIP]) / 1e6:.1f} MB) and {len(prepared)} single files")
    return files | carried


def verify(project: Project, sources: Sources, files: dict[str, bytes]) -> None:
    """Check what was made; a problem names the source file and line where it can be found there."""
    made = {page.output: (page.path, page.source, f"{page.layout}.html") for page in sources.pages}
    made |= {topic.output: (topic.path, topic.source, "topic.html") for topic in sources.topics}

    def lines(path: str, needle: str) -> tuple[str, int] | None:
        alone = "single.html" if check.is_sealed(path) else "embed.html"
        name, source, own = made.get(path, ("", "", "404.html" if path == "404.html" else alone))
        candidates = [(name, source)] if name else []
        for name in (own, "widget.html", "base.html"):
            candidates.append((f"templates/{name}", (project.root / "templates" / name).read_text()))
        # A link between sources is written otherwise in the page; its anchor is not.
        wanted = [needle, "#" + needle.partition("#")[2]] if "#" in needle else [needle]
        found = ((name, line_of(text, text_part)) for text_part in wanted for name, text in candidates)
        return next(((name, line) for name, line in found if line), None)

    found = check.check(files, lines, prefix=urlsplit(project.base_url).path or "/")
    problems = [SourceError(item.message, item.source or item.page, item.line or None) for item in found]
    problems += [problem for page in sources.pages for problem in _dead_states(page)]
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


def _formulas(sources: Sources, bodies: dict[str, markup.Body]) -> dict[formulas.Formula, str]:
    """Render the formulas of all texts; a mistake is told at the first place where it stands."""
    texts = [(page.path, page.body, [bodies[page.name]]) for page in sources.pages]
    texts += [(topic.path, topic.source, topic.bodies) for topic in sources.topics]
    places = [(path, source, body.formulas) for path, source, found in texts for body in found]
    places += [(questions.PATH, item.source, item.body.formulas) for item in sources.questions]
    wanted = [formula for _, _, found in places for formula in found]
    problems: list[SourceError] = []
    rendered: dict[formulas.Formula, str] | None = None
    while rendered is None:
        try:
            rendered = formulas.render(wanted)
        except formulas.FormulaError as error:
            path, source, _ = next(place for place in places if any(formula.tex == error.tex for formula in place[2]))
            problems.append(SourceError(str(error), path, line_of(source, error.tex.split("\n")[0])))
            wanted = [formula for formula in wanted if formula.tex != error.tex]
    if problems:
        raise BuildError(problems)
    return rendered
