"""Every topic's page: there without scripts, and with facts that another graph library finds as well."""

import re
import tomllib
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from playwright.sync_api import expect

from klweb.topics import TOPICS
from tests.browser.learning import ids
from tests.browser.support import Opener

pytestmark = pytest.mark.browser

Table = dict[str, dict[str, Any]]


def test_without_scripts_a_topic_is_all_there(open_page: Opener) -> None:
    reader = open_page(360, java_script_enabled=False)
    reader.allow(r"^request failed: .*\.js ")  # what was preloaded for the scripts is given up
    page = reader.visit("topics/kl-divergence/").page
    assert page.locator("[data-marks] button:visible").count() == 0
    for id_ in ids(TOPICS.needs("kl-divergence")):
        expect(page.locator(f'#needs ~ ul [data-topic="{id_}"] a').first).to_be_visible()
    page.locator(".trail").locator("xpath=..").locator("summary").click()
    expect(page.locator(".trail li").first).to_be_visible()
    page.get_by_role("link", name="All topics", exact=True).click()
    page.locator("[data-group] summary").first.click()
    page.get_by_role("link", name="Counting", exact=True).click()
    expect(page.locator("h1")).to_have_text("Counting")


class Outline(HTMLParser):
    """What a topic's page says, by the heading it stands under: its words, and its lists of topics by their class."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {"": []}
        self.lists: dict[str, dict[str, list[str]]] = {"": {}}
        self.links: list[str] = []
        self._at, self._list = "", ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in ("main", "h2"):  # what stands before the page's own text does not count
            self._at = found.get("id", "") if tag == "h2" else ""
            self.texts[self._at], self.lists[self._at] = [], {}
        elif tag in ("ul", "ol"):
            self._list = found.get("class", "")
        elif tag == "li" and "data-topic" in found:
            self.lists[self._at].setdefault(self._list, []).append(found["data-topic"])
        elif tag == "a" and "topics/" in found.get("href", ""):
            self.links.append(found["href"])

    def handle_data(self, data: str) -> None:
        self.texts[self._at].append(data)

    def words(self, at: str = "") -> str:
        return " ".join("".join(self.texts[at]).split())


@pytest.fixture(scope="module")
def table() -> Table:
    path = Path(__file__).resolve().parents[2] / "content/topics.toml"
    return tomllib.loads(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def network(table: Table) -> Any:
    graph = nx.DiGraph([(need, id_) for id_, entry in table.items() for need in entry.get("needs", {})])
    assert set(graph) == set(table)
    return graph


@pytest.fixture(scope="module")
def outlines(site: Path) -> dict[str, Outline]:
    return {path.parent.name: Outline(path) for path in site.glob("topics/*/index.html")}


def test_every_topic_has_a_page_that_says_what_the_file_says(outlines: dict[str, Outline], table: Table) -> None:
    assert set(outlines) == set(table)
    for id_, entry in table.items():
        head, needs = outlines[id_].words(), outlines[id_].words("needs")
        level = entry["level"].replace("-", " ").capitalize()
        for fact in (entry["title"], entry["summary"], f"{level} about {entry['minutes']} minutes", *entry["keywords"]):
            assert fact in head, id_
        # Formulas apart, the idea stands there word for word.
        idea = re.split(r"\$[^$]*\$|[*_`]|'", " ".join(entry["idea"].split()))
        assert all(part.strip() in head for part in idea), id_
        assert all(why in needs for why in entry.get("needs", {}).values()), id_


def test_every_topics_surroundings_are_what_another_library_finds(outlines: dict[str, Outline], network: Any) -> None:
    for id_, page in outlines.items():
        below, above = nx.ancestors(network, id_), nx.descendants(network, id_)
        for at, near, far, words in (
            ("needs", set(network.predecessors(id_)), below, "that it rests on"),
            ("opens", set(network.successors(id_)), above, "that rest on it"),
        ):
            direct = page.lists[at].get("topic-list", [])
            assert (len(direct), set(direct)) == (len(near), near), (id_, at)
            told = re.findall(rf"All (\d+) topics {words}", page.words(at))
            assert told == ([str(len(far))] if far != near else []), (id_, at)
            listed = page.lists[at].get("topic-flow", direct)
            assert (len(listed), set(listed)) == (len(far), far), (id_, at)
        longest = nx.dag_longest_path_length(network.subgraph(below | {id_})) + 1
        told = re.findall(r"the longest counts (\d+) topics", page.words("way"))
        assert told == ([str(longest)] if longest > 1 else []), id_
        chain = page.lists["way"].get("trail", [id_])
        assert (len(chain), chain[-1], network.in_degree(chain[0])) == (longest, id_, 0)
        assert all(network.has_edge(*step) for step in pairwise(chain)), id_


def test_every_link_to_a_topic_leads_there(outlines: dict[str, Outline], site: Path) -> None:
    lost = [
        (id_, link)
        for id_, page in outlines.items()
        for link in page.links
        if not (site / "topics" / id_ / link.partition("#")[0] / "index.html").exists()
    ]
    assert not lost


def test_kl_divergence_stands_where_the_brief_says(outlines: dict[str, Outline]) -> None:
    page = outlines["kl-divergence"]
    assert len(page.lists["needs"]["topic-list"]) == 3
    assert len(page.lists["opens"]["topic-list"]) >= 11
    assert len(page.lists["opens"]["topic-flow"]) >= 14
    assert len(page.lists["way"]["trail"]) == 78
    assert len(outlines) >= 150
