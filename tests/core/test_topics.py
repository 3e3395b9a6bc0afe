"""The graph of topics: against networkx on random graphs and on the site's own, and what a table must not hold."""

import json
import pickle
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb import topics
from klweb.errors import InputError
from klweb.topics import LEVELS, Graph, GraphError, Topic

Table = dict[str, dict[str, Any]]


def entry(level: str = "primary", needs: Iterable[str] = (), **more: Any) -> dict[str, Any]:
    required = {"title": "A title", "level": level, "minutes": 20, "summary": "A line.", "keywords": [], "idea": "So."}
    return {**required, "needs": {need: f"it rests on {need}" for need in needs}, **more}


SMALL: Table = {
    "bits": entry("upper-secondary", ["logarithms"]),
    "counting": entry(),
    "logarithms": entry("upper-secondary", ["powers"]),
    "powers": entry("lower-secondary", ["multiplying"]),
    "adding": entry(needs=["counting"]),
    "multiplying": entry(needs=["adding"]),
    "fractions": entry(needs=["multiplying"]),
    "entropy": entry("undergraduate", ["bits", "fractions"], was=["uncertainty", "shannon-entropy"]),
    "games": entry("graduate", ["counting"]),
}


def ids(found: Iterable[Topic]) -> list[str]:
    return [topic.id for topic in found]


@st.composite
def tables(draw: st.DrawFn, most: int = 12) -> Table:
    """Draw any table without cycles and orphans; direct needs may be redundant."""
    size = draw(st.integers(2, most))
    names = [f"t{place}" for place in draw(st.permutations(range(size)))]
    needs: dict[str, set[str]] = {
        name: {other for other in names[:place] if draw(st.integers(0, 3)) == 0} for place, name in enumerate(names)
    }
    joined = {name for name, found in needs.items() if found} | set().union(*needs.values())
    for place, name in enumerate(names):
        if name not in joined:
            later, earlier = (name, names[place - 1]) if place else (names[1], names[0])
            needs[later].add(earlier)
    order = draw(st.permutations(names))
    return {name: entry(draw(st.sampled_from(LEVELS)), sorted(needs[name])) for name in order}


def network(table: Table) -> "nx.DiGraph[str]":
    """Return the same graph as networkx has it, an edge from each need to what needs it."""
    found: nx.DiGraph[str] = nx.DiGraph()
    found.add_nodes_from(table)
    found.add_edges_from((need, id_) for id_, item in table.items() for need in item["needs"])
    return found


def reduced(table: Table) -> Table:
    """Take the redundant needs out."""
    kept = nx.transitive_reduction(network(table))
    return {id_: {**item, "needs": dict.fromkeys(kept.predecessors(id_), "so")} for id_, item in table.items()}


def longest(found: "nx.DiGraph[str]", id_: str) -> int:
    part = found.subgraph(nx.ancestors(found, id_) | {id_})
    return int(nx.dag_longest_path_length(part)) + 1


def check_against_networkx(graph: Graph, table: Table) -> None:
    found = network(table)
    order = ids(graph)
    assert sorted(order) == sorted(table)
    places = {id_: place for place, id_ in enumerate(order)}
    assert all(places[need] < places[id_] for need, id_ in found.edges)
    for id_ in table:
        below, above = nx.ancestors(found, id_), nx.descendants(found, id_)
        assert ids(graph.below(id_)) == sorted(below, key=places.__getitem__)
        assert ids(graph.above(id_)) == sorted(above, key=places.__getitem__)
        assert ids(graph.needs(id_)) == sorted(found.predecessors(id_), key=places.__getitem__)
        assert ids(graph.opens(id_)) == sorted(found.successors(id_), key=places.__getitem__)
        assert graph.mask(id_) == sum(1 << places[other] for other in below)
        assert graph.depth(id_) == longest(found, id_)
        chain = ids(graph.chain(id_))
        assert len(chain) == graph.depth(id_)
        assert chain[-1] == id_
        assert all(found.has_edge(a, b) for a, b in pairwise(chain))


# ── random graphs ────────────────────────────────────────────────────────────────────────────


@given(tables())
def test_a_graph_is_what_networkx_says(table: Table) -> None:
    table = reduced(table)
    check_against_networkx(Graph.read(table), table)


@given(tables())
def test_redundant_needs_are_those_that_a_transitive_reduction_takes_out(table: Table) -> None:
    kept = set(nx.transitive_reduction(network(table)).edges)
    expected = {(need, id_) for need, id_ in network(table).edges if (need, id_) not in kept}
    try:
        Graph.read(table)
        problems: tuple[InputError, ...] = ()
    except GraphError as error:
        problems = error.problems
    assert {(str(problem).split()[3], problem.argument) for problem in problems} == expected
    for problem in problems:
        need, through = str(problem).split()[3], str(problem).split()[5]
        assert nx.has_path(network(table), need, through)
        assert network(table).has_edge(through, problem.argument)


@given(tables(), st.data())
def test_the_remaining_path_is_what_the_goals_rest_on_without_what_is_known(table: Table, data: st.DataObject) -> None:
    table = reduced(table)
    graph, found = Graph.read(table), network(table)
    some = st.lists(st.sampled_from(sorted(table)), unique=True)
    goals, known = data.draw(some), data.draw(some)
    wanted = set(goals).union(*(nx.ancestors(found, goal) for goal in goals)) - set(known)
    path = ids(graph.path(goals, known))
    assert path == [id_ for id_ in ids(graph) if id_ in wanted]
    ready = ids(graph.ready(goals, known))
    assert ready == [id_ for id_ in path if not wanted & set(found.predecessors(id_))]
    assert bool(ready) == bool(path)
    # Learning in this order, each topic is ready when its turn comes.
    for place, id_ in enumerate(path):
        assert id_ in ids(graph.ready(goals, [*known, *path[:place]]))


@given(tables())
def test_of_what_can_come_next_the_easiest_comes_first(table: Table) -> None:
    table = reduced(table)
    order = ids(Graph.read(table))
    rank = {id_: (LEVELS.index(item["level"]), place) for place, (id_, item) in enumerate(table.items())}
    for place, id_ in enumerate(order):
        free = [other for other in order[place:] if set(table[other]["needs"]) <= set(order[:place])]
        assert id_ == min(free, key=rank.__getitem__)


@given(tables())
def test_packing_keeps_the_order_and_all_that_the_map_needs(table: Table) -> None:
    graph = Graph.read(reduced(table))
    again = Graph.unpacked(json.loads(json.dumps(graph.packed())))
    assert ids(again) == ids(graph)
    assert again.packed() == graph.packed()
    for topic in graph:
        other = again[topic.id]
        assert (other.title, other.level, other.minutes) == (topic.title, topic.level, topic.minutes)
        assert ids(again.needs(topic.id)) == ids(graph.needs(topic.id))
        assert again.mask(topic.id) == graph.mask(topic.id)
        assert ids(again.chain(topic.id)) == ids(graph.chain(topic.id))


@given(tables(), st.data())
def test_every_cycle_is_named_in_order(table: Table, data: st.DataObject) -> None:
    table = reduced(table)
    graph = Graph.read(table)
    id_ = data.draw(st.sampled_from([topic.id for topic in graph if graph.depth(topic.id) > 1]))
    low = data.draw(st.sampled_from(ids(graph.below(id_))))
    table[low]["needs"][id_] = "to close a cycle"
    with pytest.raises(GraphError) as caught:
        Graph.read(table)
    named = [str(problem) for problem in caught.value.problems if "cycle" in str(problem)]
    assert named
    found = network(table)
    for text in named:  # several, where several ways lead from the one to the other
        trail = text.partition("cycle: ")[2].removesuffix(" (each is needed by the next)").split(" → ")
        assert trail[0] == trail[-1]
        assert len(set(trail)) == len(trail) - 1
        assert all(found.has_edge(a, b) for a, b in pairwise(trail))
        assert (id_, low) in pairwise(trail)


# ── a small one ──────────────────────────────────────────────────────────────────────────────


def test_a_small_graph_by_hand() -> None:
    graph = Graph.read(SMALL)
    assert ids(graph) == [
        "counting", "adding", "multiplying", "fractions", "powers", "logarithms", "bits", "entropy", "games",
    ]  # fmt: skip
    assert len(graph) == 9
    assert "bits" in graph
    assert "qubits" not in graph
    assert ids(graph.needs("entropy")) == ["fractions", "bits"]
    assert ids(graph.opens("counting")) == ["adding", "games"]
    assert ids(graph.below("fractions")) == ["counting", "adding", "multiplying"]
    assert ids(graph.above("multiplying")) == ["fractions", "powers", "logarithms", "bits", "entropy"]
    assert graph.depth("entropy") == 7
    assert ids(graph.chain("entropy")) == [
        "counting", "adding", "multiplying", "powers", "logarithms", "bits", "entropy",
    ]  # fmt: skip
    assert ids(graph.path(["fractions", "games"], ["counting"])) == ["adding", "multiplying", "fractions", "games"]
    assert ids(graph.ready(["fractions", "games"], ["counting"])) == ["adding", "games"]
    assert graph["entropy"].needs == {"bits": "it rests on bits", "fractions": "it rests on fractions"}
    assert graph.place("powers") == 4
    assert graph.mask("adding") == 0b1


def test_chains_of_one_length_go_back_through_the_earliest_topics() -> None:
    table = {
        "root": entry(), "right": entry(needs=["root"]), "left": entry(needs=["root"]),
        "top": entry(needs=["left", "right"]),
    }  # fmt: skip
    assert ids(Graph.read(table).chain("top")) == ["root", "right", "top"]


def test_old_ids_lead_to_new_ones() -> None:
    graph = Graph.read(SMALL)
    assert graph.resolve("shannon-entropy") == "entropy"
    assert graph.resolve("entropy") == "entropy"
    assert graph.resolve("energy") is None
    assert Graph.unpacked(graph.packed()).resolve("uncertainty") == "entropy"


def test_what_is_known_may_be_unknown_here_and_goals_may_not() -> None:
    graph = Graph.read(SMALL)
    assert ids(graph.path(["adding"], ["counting", "knitting"])) == ["adding"]
    for ask in (graph.needs, graph.opens, graph.below, graph.above, graph.mask, graph.depth, graph.chain, graph.place):
        with pytest.raises(InputError, match="There is no topic 'knitting'") as caught:
            ask("knitting")
        assert caught.value.argument == "topic"
    with pytest.raises(InputError, match="no topic 'knitting'"):
        graph.path(["knitting"])
    with pytest.raises(InputError, match="no topic"):
        graph.ready([["counting"]])  # type: ignore[list-item]


# ── tables with mistakes ─────────────────────────────────────────────────────────────────────


def problems(**changed: Any) -> list[tuple[str, str]]:
    """Return what is wrong with the small table after some changes; None takes a topic out."""
    table = {id_: item for id_, item in (SMALL | changed).items() if item is not None}
    with pytest.raises(GraphError) as caught:
        Graph.read(table)
    for problem in caught.value.problems:
        assert str(problem) in str(caught.value)
        assert str(problem).startswith(f"{problem.argument}: ")
    return [(problem.argument, str(problem).partition(": ")[2]) for problem in caught.value.problems]


def test_a_cycle_is_named_from_the_tables_first_topic_on() -> None:
    assert problems(multiplying=entry(needs=["adding", "logarithms"])) == [
        (
            "logarithms",
            "it needs itself, since there is a cycle: logarithms → multiplying → powers → logarithms "
            "(each is needed by the next)",
        )
    ]
    assert problems(adding=entry(needs=["counting", "adding"])) == [
        ("adding", "it needs itself, since there is a cycle: adding → adding (each is needed by the next)")
    ]


def test_two_cycles_are_both_named() -> None:
    found = problems(counting=entry(needs=["adding"]), powers=entry("lower-secondary", ["multiplying", "bits"]))
    assert [id_ for id_, text in found if "cycle" in text] == ["bits", "counting"]


def test_needs_that_are_no_topics_are_named_with_what_was_meant() -> None:
    assert problems(fractions=entry(needs=["multiplyng"]), games=entry(needs=["counting", "zzz", "uncertainty"])) == [
        ("fractions", "it needs multiplyng, which is no topic; multiplying is"),
        ("games", "it needs zzz, which is no topic"),
        ("games", "it needs uncertainty, which is no topic; entropy is"),
    ]


def test_redundant_needs_say_through_which() -> None:
    assert problems(entropy=entry("undergraduate", ["bits", "fractions", "counting"])) == [
        ("entropy", "it needs counting through bits already: leave the direct need out")
    ]


def test_orphans_are_named() -> None:
    assert problems(knitting=entry()) == [
        ("knitting", "it neither needs nor opens anything: join it to the others, or leave it out")
    ]


def test_old_ids_must_be_clear() -> None:
    games = entry("graduate", ["counting"], was=["adding", "uncertainty", "play", "play"])
    assert problems(games=games) == [
        ("games", "it cannot have been adding, which is a topic today"),
        ("games", "it cannot have been uncertainty: entropy was that already"),
        ("games", "it cannot have been play: games was that already"),
    ]


def test_entries_must_be_there_and_known() -> None:
    bare = {"title": "Games", "levle": "graduate", "needs": {"counting": "so"}}
    found = problems(games=bare)
    assert found[:5] == [("games", f"{key} is missing") for key in ("level", "minutes", "summary", "keywords", "idea")]
    assert found[5][1].startswith("there is no entry 'levle'; a topic has title, level, minutes")
    assert len(found) == 6


@pytest.mark.parametrize(
    ("key", "value", "must"),
    [
        ("title", "", "a line of text"),
        ("title", "two\nlines", "a line of text"),
        ("title", 5, "a line of text"),
        ("level", "kindergarten", "one of primary, lower-secondary, upper-secondary, undergraduate, graduate"),
        ("level", ["primary"], "one of"),
        ("minutes", 0, "a whole number greater than 0"),
        ("minutes", 1.5, "a whole number greater than 0"),
        ("minutes", True, "a whole number greater than 0"),
        ("minutes", "20", "a whole number greater than 0"),
        ("summary", "  ", "a line of text"),
        ("keywords", "one, two", "a list of lines of text"),
        ("keywords", ["one", ""], "a list of lines of text"),
        ("idea", "", "a text"),
        ("page", 5, "the name of a page"),
        ("was", "uncertainty", "a list of ids"),
        ("was", ["Uncertainty"], "a list of ids"),
        ("needs", ["counting"], "a table that says in a line"),
        ("needs", {"counting": ""}, "a table that says in a line"),
    ],
)
def test_entries_must_have_their_shapes(key: str, value: Any, must: str) -> None:
    changed = {**SMALL["games"], key: value}
    said = problems(games=changed)
    assert said[0][0] == "games"
    assert said[0][1].startswith(f"{key} must be {must}")
    assert ", but is " in said[0][1]


@pytest.mark.parametrize("id_", ["Games", "two words", "", "-games", "games-", "a--b", "gämes"])
def test_ids_are_small_letters_digits_and_hyphens(id_: str) -> None:
    found = problems(**{id_: entry(needs=["counting"])})
    assert found == [(id_, "an id has small letters and digits, with single hyphens between them")]


@pytest.mark.parametrize("value", [None, 5, "text", ["title"]])
def test_a_topic_is_a_table(value: object) -> None:
    with pytest.raises(GraphError, match="games: a topic is a table, but this is"):
        Graph.read({**SMALL, "games": value})


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(GraphError, match="the table has no topics"):
        Graph.read({})


def test_all_mistakes_are_told_at_once_and_the_error_can_be_sent_to_another_process() -> None:
    table = {
        **SMALL,
        "knitting": entry(),
        "games": entry("later", ["chess"]),
        "adding": entry(needs=["counting", "adding"]),
    }
    with pytest.raises(GraphError) as caught:
        Graph.read(table)
    assert len(caught.value.problems) == 4
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert str(again) == str(caught.value)
    assert [problem.argument for problem in again.problems] == ["games", "games", "knitting", "adding"]


# ── where the topics come from ───────────────────────────────────────────────────────────────


def test_a_checkout_has_its_topics_as_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "topics.toml"
    monkeypatch.setattr(topics, "SOURCE", source)
    with pytest.raises(FileNotFoundError, match=r"topics\.toml"):
        topics.load()
    source.write_text(
        '[a]\ntitle = "A"\nlevel = "primary"\nminutes = 5\nsummary = "S."\nkeywords = []\nidea = "I."\n'
        '[b]\ntitle = "B"\nlevel = "primary"\nminutes = 5\nsummary = "S."\nkeywords = []\nidea = "I."\n'
        'needs.a = "b comes after a"\n',
        encoding="utf-8",
    )
    assert topics.load()["b"].needs == {"a": "b comes after a"}


@pytest.mark.parametrize("is_zip", [True, False], ids=["as it is", "unpacked"])
def test_a_wheel_has_its_topics_as_json(tmp_path: Path, is_zip: bool) -> None:
    here = Path(topics.__file__).parent
    wheel = tmp_path / "wheel.zip"
    with ZipFile(wheel, "w") as archive:
        for name in ("__init__.py", "errors.py", "topics.py"):
            archive.write(here / name, f"klweb/{name}")
        archive.writestr("klweb/topics.json", json.dumps(Graph.read(SMALL).packed()))
    if not is_zip:
        ZipFile(wheel).extractall(tmp_path / "folder")
    code = "from klweb import topics; print(topics.__file__, *(topic.id for topic in topics.TOPICS), sep='\\n')"
    place = wheel if is_zip else tmp_path / "folder"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(place)}, capture_output=True, check=True)
    origin, *found = done.stdout.decode().split()
    assert origin.startswith(str(place))
    assert found == ids(Graph.read(SMALL))


def test_importing_the_module_reads_no_file() -> None:
    code = (
        "import sys; from klweb import topics; assert 'TOPICS' not in vars(topics); assert 'tomllib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_topics_are_read_once() -> None:
    assert topics.TOPICS is topics.TOPICS
    with pytest.raises(AttributeError, match="no attribute 'OTHERS'"):
        topics.OTHERS  # type: ignore[attr-defined]  # noqa: B018


# ── the site's own ───────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def table() -> Table:
    assert topics.SOURCE.exists(), f"{topics.SOURCE} is missing"
    return tomllib.loads(topics.SOURCE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def graph(table: Table) -> Graph:
    return Graph.read(table)


def test_the_sites_topics_are_what_networkx_says(graph: Graph, table: Table) -> None:
    check_against_networkx(graph, {id_: {"needs": {}} | item for id_, item in table.items()})


def test_the_sites_topics_have_no_cycle_no_orphan_and_no_redundant_need(table: Table) -> None:
    found = network({id_: {"needs": {}} | item for id_, item in table.items()})
    assert nx.is_directed_acyclic_graph(found)
    assert set(nx.transitive_reduction(found).edges) == set(found.edges)
    assert not list(nx.isolates(found))
    assert nx.is_weakly_connected(found)


def test_kl_divergence_stands_where_the_site_says(table: Table) -> None:
    found = network({id_: {"needs": {}} | item for id_, item in table.items()})
    assert len(table) >= 150
    assert found.in_degree("kl-divergence") == 3
    assert longest(found, "kl-divergence") == 78
    assert found.out_degree("kl-divergence") >= 11
    assert len(nx.descendants(found, "kl-divergence")) >= 14


def test_the_longest_chain_runs_from_counting_to_kl_divergence(graph: Graph) -> None:
    chain = ids(graph.chain("kl-divergence"))
    assert len(chain) == 78
    assert chain[0] == "counting"
    assert "logarithms" in ids(graph.below("kl-divergence"))


@pytest.mark.parametrize(
    "id_",
    [
        "kl-divergence", "entropy", "cross-entropy", "mutual-information", "huffman-coding", "gaussian-kl",
        "maximum-likelihood", "likelihood-ratio-tests", "kelly-betting", "bregman-divergence",
        "jensen-shannon-divergence", "gibbs-inequality", "elbo",
    ],
)  # fmt: skip
def test_topics_that_pages_and_questions_rely_on_are_there(graph: Graph, id_: str) -> None:
    assert id_ in graph


def test_easier_levels_come_first_as_far_as_needs_allow(graph: Graph) -> None:
    ranks = [LEVELS.index(topic.level) for topic in graph]
    held = [
        topic.id for topic, rank in zip(graph, ranks, strict=True) if rank < max(ranks[: graph.place(topic.id) + 1])
    ]
    for id_ in held:
        rank = LEVELS.index(graph[id_].level)
        assert any(LEVELS.index(need.level) > rank for need in graph.below(id_)), id_


def test_the_site_in_the_browsers_form_is_small_and_the_same(graph: Graph) -> None:
    text = json.dumps(graph.packed(), ensure_ascii=False, separators=(",", ":"))
    assert len(text) < 60_000
    again = Graph.unpacked(json.loads(text))
    assert [again.mask(topic.id) for topic in again] == [graph.mask(topic.id) for topic in graph]
