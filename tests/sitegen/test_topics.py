"""Topics in the build: mistakes with their file and line, and what pages and scripts are given."""

import json
from pathlib import Path

import pytest

from klweb.sitegen import pages, topics
from klweb.sitegen.problems import BuildError
from klweb.topics import Graph

ROOT = Path(__file__).parents[2]
SMALL = """
[counting]
title = "Counting"
level = "primary"
minutes = 30
summary = "How many there are."
keywords = ["numbers"]
idea = "Say a *number* for each thing; $n$ is the last."
page = "index#how-many"
was = ["numbers"]

[adding]
title = "Adding"
level = "primary"
minutes = 45
summary = "Two amounts as one."
keywords = []
idea = "Count on."
[adding.needs]
counting = "a sum is counted on"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "content/topics").mkdir(parents=True)
    (tmp_path / "content/topics.toml").write_text(SMALL)
    (tmp_path / "content/index.md").write_text(
        "---\ntitle: T\ndescription: d\nnav: T\norder: 1\n---\n\n## How many {#how-many}\n"
    )
    return tmp_path


def read(root: Path) -> tuple[Graph, list[topics.TopicPage]]:
    graph = topics.read_graph(root)
    return graph, topics.read_pages(root, graph, pages.read_pages(root))


def told(root: Path) -> list[str]:
    with pytest.raises(BuildError) as caught:
        read(root)
    return [str(problem) for problem in caught.value.problems]


def test_a_site_may_have_no_topics(tmp_path: Path) -> None:
    graph = topics.read_graph(tmp_path)
    assert len(graph) == 0
    assert topics.read_pages(tmp_path, graph, []) == []


def test_a_topic_has_its_idea_and_perhaps_a_longer_text(root: Path) -> None:
    (root / "content/topics/adding.md").write_text("## More {#more}\n\nSee [there](index.md#how-many): << 1 + 1 >>.\n")
    _, (counting, adding) = read(root)
    assert counting.output == "topics/counting/index.html"
    assert [formula.tex for body in counting.bodies for formula in body.formulas] == ["n"]
    assert counting.text is None
    assert adding.text is not None
    assert '<a href="../../#how-many">there</a>: 2.' in adding.text.html
    assert adding.path == "content/topics/adding.md"


def test_mistakes_are_told_together_each_with_its_line(root: Path) -> None:
    path = root / "content/topics.toml"
    path.write_text(SMALL.replace('counting = "', 'algebra = "').replace("minutes = 30", "minutes = 0"))
    found = told(root)
    assert len(found) >= 2
    assert found[0].startswith("content/topics.toml:2: ")
    assert any(line.startswith("content/topics.toml:12: ") and "algebra" in line for line in found)


def test_a_graph_that_breaks_what_is_said_of_it_is_refused(root: Path) -> None:
    path = root / "content/topics.toml"
    path.write_text(SMALL.replace("[adding", "[kl-divergence"))
    assert told(root) == [
        "content/topics.toml: kl-divergence: direct needs: 1, but must be 3",
        "content/topics.toml: kl-divergence: depth: 2, but must be 78",
        "content/topics.toml: kl-divergence: direct dependents: 0, but must be 11 or more",
        "content/topics.toml: kl-divergence: dependents: 0, but must be 14 or more",
    ]


def test_a_file_that_is_no_toml_is_told(root: Path) -> None:
    (root / "content/topics.toml").write_text("[counting\n")
    (found,) = told(root)
    assert found.startswith("content/topics.toml: no TOML: ")


def test_a_page_that_there_is_not_and_a_text_for_no_topic_are_told(root: Path) -> None:
    path = root / "content/topics.toml"
    path.write_text(SMALL.replace("index#how-many", "numbers#how-many"))
    (root / "content/topics/algebra.md").write_text("text")
    assert told(root) == [
        "content/topics/algebra.md: there is no topic 'algebra'",
        "content/topics.toml:9: counting: there is no page 'numbers'",
    ]


def test_a_page_is_told_where_its_topic_stands(root: Path) -> None:
    graph, _ = read(root)
    found = topics.surroundings(graph, graph["adding"], "../../")
    assert found["depth"] == 2
    assert [item["title"] for item in found["chain"]] == ["Counting", "Adding"]
    assert [(item["url"], item["why"]) for item in found["needs"]] == [
        ("../../topics/counting/", "a sum is counted on")
    ]
    assert [item["why"] for item in topics.surroundings(graph, graph["counting"], "")["opens"]] == [
        "a sum is counted on"
    ]


def test_scripts_have_the_topics_in_order_with_masks(root: Path) -> None:
    graph, _ = read(root)
    path, content = topics.data(graph, {"adding"})
    counting, adding = json.loads(content)["topics"]
    assert path.startswith("data/topics.")
    assert path.endswith(".json")
    assert (counting["below"], adding["below"]) == ("0x0", "0x1")
    assert (counting["was"], counting["practice"], adding["practice"]) == (["numbers"], False, True)
    assert adding["needs"] == {"counting": "a sum is counted on"}
    assert topics.data(graph, {"adding"}) == (path, content)
