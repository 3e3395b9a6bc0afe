"""The topics' pages: a page for each topic of ``content/topics.toml``, and the data that the pages' scripts read.

A topic may have a longer text of its own, ``content/topics/ID.md``: Markdown as in a page, without front matter.
"""

import json
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from markupsafe import Markup

from klweb.sitegen import markup, pages
from klweb.sitegen.figures import letters
from klweb.sitegen.problems import BuildError, SourceError, line_of
from klweb.topics import Graph, GraphError, Topic

SOURCE = "content/topics.toml"
FOLDER = "topics"
"""Of the pages in the site, and of longer texts below ``content/``."""

PROMISED = {
    "kl-divergence": {
        "direct needs": (3, 3),
        "depth": (78, 78),
        "direct dependents": (11, None),
        "dependents": (14, None),
    }
}
"""What is said of a topic elsewhere, the least and the most of each: a graph in which that is wrong is refused."""


@dataclass(frozen=True)
class TopicPage:
    """One topic's page: what is known of the topic, its idea, and its longer text if it has one."""

    topic: Topic
    idea: markup.Body
    text: markup.Body | None
    path: str
    """Path of the source, relative to the project, as messages name it."""
    source: str

    @property
    def output(self) -> str:
        """The site path of the page."""
        return f"{self.url}index.html"

    @property
    def url(self) -> str:
        """The page's URL relative to the site's root."""
        return url(self.topic.id)

    @property
    def root(self) -> str:
        """The way from the page back to the site's root, as a relative URL prefix."""
        return "../../"

    @property
    def bodies(self) -> list[markup.Body]:
        """All texts that may hold formulas."""
        return [self.idea, *([self.text] if self.text else [])]


def url(ident: str) -> str:
    """Return the URL of a topic's page, relative to the site's root."""
    return f"{FOLDER}/{ident}/"


def read_graph(root: Path) -> Graph:
    """Read and check the graph, of which a site may have none; tell every mistake at once, each with its line.

    Raises
    ------
    BuildError
        The file is no TOML, or the graph is not as it should be.
    """
    if not (root / SOURCE).exists():
        return Graph(())
    source = (root / SOURCE).read_text(encoding="utf-8")
    try:
        graph = Graph.read(tomllib.loads(source))
    except tomllib.TOMLDecodeError as error:
        raise BuildError([SourceError(f"no TOML: {error}", SOURCE)]) from None
    except GraphError as error:
        problems = [SourceError(str(item), SOURCE, line_of(source, f"[{item.argument}]")) for item in error.problems]
        raise BuildError(problems) from None
    if broken := [
        SourceError(f"{ident}: {what}: {count}, but must be {least}{'' if most else ' or more'}", SOURCE)
        for ident, figures in PROMISED.items()
        if ident in graph
        for (what, (least, most)), count in zip(figures.items(), _counts(graph, ident), strict=True)
        if not least <= count <= (most or count)
    ]:
        raise BuildError(broken)
    return graph


def _counts(graph: Graph, ident: str) -> tuple[int, int, int, int]:
    return len(graph.needs(ident)), graph.depth(ident), len(graph.opens(ident)), len(graph.above(ident))


def read_pages(root: Path, graph: Graph, found: Collection[pages.Page]) -> list[TopicPage]:
    """Make the texts of every topic's page, in the graph's order.

    Raises
    ------
    BuildError
        A longer text belongs to no topic or holds a mistake, or a topic names a page that the site does not have.
    """
    source = (root / SOURCE).read_text(encoding="utf-8") if len(graph) else ""
    links = {Path(page.path).name: f"../../{page.url}" for page in found}
    longer = {path.stem: path for path in sorted((root / "content" / FOLDER).glob("*.md"))}
    problems = [
        SourceError(f"there is no topic {ident!r}", path.relative_to(root).as_posix())
        for ident, path in longer.items()
        if ident not in graph
    ]
    result = []
    for topic in graph:
        name = topic.page.partition("#")[0]
        if name and f"{name}.md" not in links:
            line = line_of(source, f'page = "{topic.page}"')
            problems.append(SourceError(f"{topic.id}: there is no page {name!r}", SOURCE, line))
        own, whole, text = SOURCE, source, None
        if path := longer.get(topic.id):
            own, whole = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
            text = markup.render(pages.compute(whole, own), links, own)
        result.append(TopicPage(topic, markup.render(topic.idea, links, SOURCE), text, own, whole))
    if problems:
        raise BuildError(problems)
    return result


def link(topic: Topic, root: str) -> dict[str, Any]:
    """Return what a template says of a topic when it leads there; `root` is the way to the site's root."""
    return {
        "id": topic.id, "title": topic.title, "level": topic.level, "minutes": topic.minutes,
        "summary": topic.summary, "url": root + url(topic.id),
    }  # fmt: skip


def surroundings(graph: Graph, topic: Topic, root: str) -> dict[str, Any]:
    """Return where a topic stands: what it needs and opens, directly and altogether, and its longest chain."""

    def entries(found: Iterable[Topic]) -> list[Markup]:
        return [_entry(other.id, other.title, root) for other in found]

    return {
        "needs": [link(other, root) | {"why": topic.needs[other.id]} for other in graph.needs(topic.id)],
        "opens": [link(other, root) | {"why": other.needs[topic.id]} for other in graph.opens(topic.id)],
        "below": entries(graph.below(topic.id)),
        "above": entries(graph.above(topic.id)),
        "chain": [link(other, root) for other in graph.chain(topic.id)],
        "depth": graph.depth(topic.id),
    }


@lru_cache(maxsize=1 << 12)
def _entry(ident: str, title: str, root: str) -> Markup:
    """Return an item of a list of topics, of which the site has tens of thousands."""
    return Markup('<li data-topic="{}"><a href="{}">{}</a></li>').format(ident, root + url(ident), letters(title))


def page_url(topic: Topic, found: Mapping[str, str], root: str) -> str:
    """Return the URL of the place of the site that explains a topic, or nothing; `found` maps pages' names to URLs.

    >>> gibbs = Topic("gibbs", "Gibbs", "graduate", 5, "", (), "", "index#gibbs", (), {})
    >>> page_url(gibbs, {"index": ""}, "../../")
    '../../#gibbs'
    """
    name, hash_, anchor = topic.page.partition("#")
    return root + found[name] + hash_ + anchor if name else ""


def data(graph: Graph, practised: Collection[str]) -> tuple[str, bytes]:
    """Return the site path and the content of the file that the pages' scripts read.

    Topics come in an order in which they can be learnt. Sets of them are bit masks: bit *i* of ``below`` says that the
    *i*-th topic of the list is needed, directly or not, so that scripts have no graph to search.
    """
    topics = [
        {
            "id": topic.id, "title": topic.title, "level": topic.level, "minutes": topic.minutes,
            "summary": topic.summary, "keywords": list(topic.keywords), "url": url(topic.id),
            "needs": topic.needs, "below": hex(graph.mask(topic.id)),
            "depth": graph.depth(topic.id), "practice": topic.id in practised, "was": list(topic.was),
        }
        for topic in graph
    ]  # fmt: skip
    content = json.dumps({"topics": topics}, ensure_ascii=False, separators=(",", ":")).encode()
    return f"data/topics.{sha256(content).hexdigest()[:12]}.json", content
