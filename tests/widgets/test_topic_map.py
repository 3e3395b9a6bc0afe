"""The topic map: layers against networkx, boxes and lines that keep apart, and a way that shrinks as it is learnt."""

from itertools import combinations
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klweb import topics
from klweb.errors import InputError
from klweb.parameter import MAX_TEXT, TopicId, TopicSet
from klweb.scene import Dot, Line, Rect, Spot, Text
from klweb.topics import Graph
from klweb.widget import FRAMES, Frame, Readout, State, View
from klweb.widgets.topic_map import CHIP, FINGER, LAYERS, WIDGET, _width
from tests.widgets.metrics import Box, box, text_width
from tests.widgets.strategies import known, states
from tests.widgets.test_views import check, overlaps

PHONE, DESK = FRAMES["phone"], FRAMES["desk"]
FRAME = pytest.mark.parametrize("frame", FRAMES.values(), ids=list(FRAMES))
IDS = [topic.id for topic in topics.TOPICS]
FEW = settings(max_examples=60)


def read(**values: Any) -> State:
    return WIDGET.read(values)


def press(state: State, name: str) -> State:
    return WIDGET.update(state, {"type": "press", "name": name})


def put(state: State, name: str, value: Any) -> State:
    return WIDGET.update(state, {"type": "set", "name": name, "value": value})


def readouts(state: State) -> dict[str, Readout]:
    return {item.name: item for item in WIDGET.view(state, PHONE).readouts}


def boxes(view: View) -> dict[str, Rect]:
    """Return the boxes of topics, by their ids."""
    rects = [mark for mark in view.scene.marks if isinstance(mark, Rect) and mark.key.startswith("box.")]
    return {mark.key.removeprefix("box."): mark for mark in rects}


def middles(view: View) -> list[Rect]:
    """Return the box in the middle, unless there is none."""
    return [mark for mark in view.scene.marks if isinstance(mark, Rect) and mark.key == "middle"]


def texts(view: View) -> dict[str, str]:
    return {mark.key: mark.text for mark in view.scene.marks if isinstance(mark, Text)}


def dots(view: View) -> dict[str, Dot]:
    """Return the steps of the board, by the ids of their topics."""
    found = [mark for mark in view.scene.marks if isinstance(mark, Dot) and mark.key.startswith("step.")]
    return {mark.key.removeprefix("step."): mark for mark in found}


def relations(view: View) -> dict[str, str]:
    return {row[0]: row[2] for row in view.table.rows}


@pytest.fixture(scope="module")
def network() -> "nx.DiGraph[str]":
    found: nx.DiGraph[str] = nx.DiGraph()
    found.add_nodes_from(IDS)
    found.add_edges_from((need, topic.id) for topic in topics.TOPICS for need in topic.needs)
    return found


SMALL = Graph.read(
    {
        id_: {
            "title": title, "level": level, "minutes": minutes, "summary": "A line.", "keywords": [], "idea": "So.",
            "needs": dict.fromkeys(needs, "so"), **({"was": ["relative-entropy"]} if id_ == "kl-divergence" else {}),
        }
        for id_, title, level, minutes, needs in (
            ("counting", "Counting", "primary", 30, []),
            ("adding", "Adding", "primary", 50, ["counting"]),
            ("logarithms", "Logarithms", "upper-secondary", 90, ["adding"]),
            ("chance", "Chance", "upper-secondary", 60, ["counting"]),
            ("entropy", "Entropy", "undergraduate", 120, ["logarithms", "chance"]),
            ("kl-divergence", "KL divergence", "graduate", 60, ["entropy"]),
            ("elbo", "Evidence lower bound", "graduate", 60, ["kl-divergence"]),
            ("bets", "Bets", "graduate", 60, ["kl-divergence"]),
        )
    }
)  # fmt: skip


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "TOPICS", SMALL)


# ── what is around a topic ───────────────────────────────────────────────────────────────────


@FEW
@given(state=states(WIDGET))
def test_layers_hold_what_is_so_many_steps_away(state: State, network: "nx.DiGraph[str]") -> None:
    state = {**state, "show": "around"}
    view = WIDGET.view(state, PHONE)
    reach, middle = int(state["reach"]), state["topic"]
    ahead = nx.single_source_shortest_path_length(network, middle, cutoff=reach)
    behind = nx.single_source_shortest_path_length(network.reverse(), middle, cutoff=reach)
    steps = {other: -step for other, step in behind.items()} | dict(ahead)
    assert sorted(relations(view)) == sorted(topics.TOPICS[id_].title for id_ in steps)
    counts = {step: sum(other == step for other in steps.values()) for step in LAYERS}
    shown = texts(view)
    for step, words in LAYERS.items():
        assert shown.get(f"layer.{step}") == (f"{words}: {counts[step]}" if counts[step] else None)
    # What is not drawn is counted.
    more = sum(int(text.split()[1]) for key, text in shown.items() if key.startswith("more."))
    assert len(boxes(view)) + more == len(steps) - 1
    assert set(boxes(view)) <= set(steps)


@FEW
@given(state=states(WIDGET))
def test_readouts_are_what_networkx_counts(state: State, network: "nx.DiGraph[str]") -> None:
    found = readouts(state)
    below = nx.ancestors(network, state["topic"])
    goals = state["goals"] or [state["topic"]]
    left = set(goals).union(*(nx.ancestors(network, goal) for goal in goals)) - set(state["known"])
    assert found["needs"].value == len(below)
    assert found["opens"].value == len(nx.descendants(network, state["topic"]))
    assert found["depth"].value == nx.dag_longest_path_length(network.subgraph(below | {state["topic"]})) + 1
    assert found["remaining"].value == len(left)
    assert all(item.text == str(int(item.value)) for item in found.values())


@FRAME
@pytest.mark.parametrize("id_", IDS)
def test_one_step_around_any_topic_everything_has_a_box_for_a_finger(id_: str, frame: Frame) -> None:
    view = WIDGET.view(read(topic=id_, reach=1), frame)
    graph = topics.TOPICS
    assert set(boxes(view)) == {topic.id for topic in [*graph.needs(id_), *graph.opens(id_)]}
    assert all(spot.h >= FINGER for spot in view.scene.spots)
    assert relations(view)[graph[id_].title] == "in the middle"


@FRAME
@pytest.mark.parametrize("id_", ["kl-divergence", "entropy", "elbo", "counting"])
def test_lines_join_the_middle_to_what_is_next_to_it_and_run_behind_nothing_else(id_: str, frame: Frame) -> None:
    for reach in (1, 2, 3):
        view = WIDGET.view(read(topic=id_, reach=reach), frame)
        lines = [mark for mark in view.scene.marks if isinstance(mark, Line) and mark.key != "rail"]
        near = {topic.id for topic in [*topics.TOPICS.needs(id_), *topics.TOPICS.opens(id_)]}
        for other, rect in boxes(view).items():
            middle = (rect.x + rect.w / 2, rect.y + rect.h / 2)
            meets = [line for line in lines if middle in ((line.x1, line.y1), (line.x2, line.y2))]
            assert any(line.stroke == "muted" for line in meets) == (other in near), other
            for line in lines:
                inside = rect.x + 1 < line.x1 < rect.x + rect.w - 1 and rect.x + 1 < line.x2 < rect.x + rect.w - 1
                low, high = sorted((line.y1, line.y2))
                behind = inside and high > rect.y + 1 and low < rect.y + rect.h - 1
                assert not behind or line in meets or abs(line.x1 - middle[0]) < 1, other
        drawn = [mark for mark in view.scene.marks if isinstance(mark, Line | Rect)]
        places = {id(mark): place for place, mark in enumerate(drawn)}
        assert max(places[id(line)] for line in lines) < min(places[id(rect)] for rect in boxes(view).values())


def test_a_topic_further_out_says_what_it_belongs_to(small: None) -> None:
    view = WIDGET.view(read(topic="entropy", reach=2), PHONE)
    assert relations(view) == {
        "Counting": "needed by Chance",
        "Adding": "needed by Logarithms",
        "Logarithms": "needed directly by Entropy",
        "Chance": "needed directly by Entropy",
        "Entropy": "in the middle",
        "KL divergence": "opened directly by Entropy",
        "Evidence lower bound": "needs KL divergence",
        "Bets": "needs KL divergence",
    }
    shown = texts(view)
    assert shown["said.adding.0"] == "for Logarithms"
    assert shown["said.elbo.0"] == "after KL divergence"
    assert shown["layer.-2"] == "two steps before: 2"
    assert shown["middle.said"] == "undergraduate · about 2 hours"
    labels = {spot.name: spot.label for spot in view.scene.spots}
    assert labels["topic.adding"] == "Adding: needed by Logarithms"
    assert labels["topic.kl-divergence"] == "KL divergence: opened directly by Entropy"


def test_around_a_topic_in_words(small: None) -> None:
    def summary(**values: Any) -> str:
        return WIDGET.view(read(**values), DESK).summary

    assert summary(topic="entropy") == (
        "In the middle stands Entropy, at undergraduate level. It needs Logarithms and Chance directly, and 4 topics "
        "in all. It opens 3 topics, 1 of them directly."
    )
    assert summary(topic="counting") == (
        "In the middle stands Counting, at primary level. It needs nothing before it. It opens 7 topics, 2 of them "
        "directly."
    )
    assert summary(topic="adding").endswith("It needs Counting. It opens 5 topics, 1 of them directly.")
    assert summary(topic="bets").endswith("Nothing on this map rests on it.")
    assert summary(topic="kl-divergence").endswith("It opens Evidence lower bound and Bets.")
    assert texts(WIDGET.view(read(topic="counting"), PHONE))["It needs nothing before it."]
    assert texts(WIDGET.view(read(topic="bets"), PHONE))["Nothing on this map rests on it."]


def test_what_is_known_wanted_and_ready_is_marked_and_said(small: None) -> None:
    view = WIDGET.view(read(topic="entropy", reach=2, known=["counting", "adding"], goals=["kl-divergence"]), PHONE)
    found, shown = boxes(view), texts(view)
    assert found["counting"].fill == found["adding"].fill == "faint"
    assert found["logarithms"].stroke == found["chance"].stroke == "gap"
    assert shown["said.chance.0"] == "ready next"
    assert shown["said.kl-divergence.0"] == "goal"
    labels = {spot.name: spot.label for spot in view.scene.spots}
    assert labels["topic.adding"] == "Adding: needed by Logarithms, known"
    assert labels["topic.chance"] == "Chance: needed directly by Entropy, ready next"
    assert labels["topic.kl-divergence"] == "KL divergence: opened directly by Entropy, goal"
    assert [row[3] for row in view.table.rows] == ["yes", "yes", "no", "no", "no", "no", "no", "no"]


def test_to_whoever_has_marked_nothing_nothing_is_marked() -> None:
    for frame in FRAMES.values():
        view = WIDGET.view(read(topic="counting", reach=2), frame)
        assert {rect.stroke for rect in boxes(view).values()} == {"muted"}
        assert "ready" not in " ".join(texts(view).values())


# ── the way to a goal ────────────────────────────────────────────────────────────────────────


@FEW
@given(state=states(WIDGET))
def test_the_board_has_every_step_once_and_numbers_what_is_left_in_order(state: State) -> None:
    graph = topics.TOPICS
    for frame in FRAMES.values():
        view = WIDGET.view({**state, "show": "path"}, frame)
        goals = state["goals"] or [state["topic"]]
        left = [topic.id for topic in graph.path(goals, state["known"])]
        ready = {topic.id for topic in graph.ready(goals, state["known"])}
        steps, shown = dots(view), texts(view)
        assert set(steps) == {topic.id for topic in graph.path(goals)}
        numbers = {id_: shown.get(f"step.{id_}.number") for id_ in steps}
        assert {id_: number for id_, number in numbers.items() if number} == {
            id_: str(place) for place, id_ in enumerate(left, 1)
        }
        for id_, dot in steps.items():
            assert (dot.stroke == "gap") == (id_ in ready)
            assert (dot.r < 6) == (id_ in state["known"])
        named = boxes(view)
        assert set(named) <= set(left)
        assert {rect.stroke == "gap" for id_, rect in named.items() if id_ in ready} <= {True}
        # There is always room for some of what can be learnt now, and for the first goals.
        assert len(ready & set(named)) >= min(len(ready), 3)
        assert set([goal for goal in IDS if goal in goals and goal in left][:3]) <= set(named)
        assert len(view.table.rows) == len(steps)


def test_the_way_in_words(small: None) -> None:
    def summary(**values: Any) -> str:
        return WIDGET.view(read(show="path", **values), DESK).summary

    assert summary(goals=["elbo"]) == (
        "All 7 topics are left to learn on the way to Evidence lower bound, about 8 hours. Ready next is Counting."
    )
    assert summary(goals=["elbo", "bets"], known=["counting", "adding"]) == (
        "Of 8 topics 6 are left to learn on the way to Evidence lower bound and Bets, about 8 hours. Ready next are "
        "Logarithms and Chance."
    )
    assert summary(goals=["adding"], known=["counting"]) == (
        "One topic is left to learn on the way to Adding, about 50 minutes. Ready next is Adding."
    )
    assert summary(goals=["adding"], known=["counting", "adding"]) == (
        "Nothing is left to learn on the way to Adding: both topics are known."
    )
    # For want of a goal the way leads to the middle.
    assert summary(topic="chance").startswith("Both topics are left to learn on the way to Chance")


def test_the_way_is_a_table_too(small: None) -> None:
    view = WIDGET.view(read(show="path", goals=["entropy"], known=["counting"]), PHONE)
    assert view.table.rows == (
        ("Counting", "primary", "behind you", "yes"),
        ("Adding", "primary", "step 1, ready next", "no"),
        ("Logarithms", "upper secondary", "step 2", "no"),
        ("Chance", "upper secondary", "step 3, ready next", "no"),
        ("Entropy", "undergraduate", "step 4, goal", "no"),
    )
    shown = texts(view)
    assert shown["known.primary"] == "1 of 2 known"
    assert shown["known.upper-secondary"] == "0 of 2 known"
    assert shown["said.entropy.0"] == "goal"
    assert shown["box.chance.number"] == "3"
    assert [words for key, words in shown.items() if key.startswith("legend.")] == [
        "known", "to learn", "ready next", "goal",
    ]  # fmt: skip


@FRAME
def test_the_way_to_the_elbo_shrinks_to_nothing_one_ready_topic_at_a_time(frame: Frame) -> None:
    state = read(topic="elbo", show="path", goals=["elbo"])
    count = int(readouts(state)["remaining"].value)
    for left in range(count, 0, -1):
        assert readouts(state)["remaining"].value == left
        if left % 10 < 2:
            view = check(WIDGET, state, frame)
            assert overlaps(view) == []
            assert view.scene.height < (940 if frame.phone else 820)
        first = topics.TOPICS.ready(["elbo"], state["known"])[0].id
        assert f"topic.{first}" in {spot.name for spot in WIDGET.view(state, frame).scene.spots}
        state = put(state, "known", [*state["known"], first])
    done = check(WIDGET, state, frame)
    assert readouts(state)["remaining"].text == "0"
    assert texts(done)["nothing"] == "Nothing is left to learn."
    assert not done.scene.spots
    assert done.summary.startswith("Nothing is left to learn on the way to")


def test_when_little_is_left_all_of_it_is_named() -> None:
    below = [topic.id for topic in topics.TOPICS.below("elbo")]
    state = read(topic="elbo", show="path", goals=["elbo"], known=below[:-7])
    for frame in FRAMES.values():
        assert len(boxes(WIDGET.view(state, frame))) == 8


# ── pictures that can be read ────────────────────────────────────────────────────────────────


@FEW
@given(state=states(WIDGET), frame=st.sampled_from([PHONE, DESK]))
def test_any_state_is_a_sound_and_bounded_picture_whose_boxes_keep_apart(state: State, frame: Frame) -> None:
    view = check(WIDGET, state, frame)
    assert overlaps(view) == []
    assert view.scene.height < (960 if frame.phone else 840)
    found = list(boxes(view).values())
    solid = [box(mark) for mark in (*found, *middles(view))] + [box(dot) for dot in dots(view).values()]
    for one, other in combinations(solid, 2):
        assert one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top
    assert all(rect.h >= FINGER or rect.h == CHIP for rect in found)
    tops = [(spot.y, spot.x) for spot in view.scene.spots]
    assert tops == sorted(tops), "Tab goes from the top down, as reading does"


@FEW
@given(state=states(WIDGET), frame=st.sampled_from([PHONE, DESK]))
def test_words_stay_in_their_boxes(state: State, frame: Frame) -> None:
    view = WIDGET.view(state, frame)
    outer = {f"box.{id_}": box(rect) for id_, rect in boxes(view).items()}
    outer |= {rect.key: box(rect) for rect in middles(view)}
    for mark in view.scene.marks:
        head, _, rest = getattr(mark, "key", "").partition(".")
        if isinstance(mark, Text) and head in ("name", "said", "middle"):
            left, top, right, bottom = outer["middle" if head == "middle" else f"box.{rest.rpartition('.')[0]}"]
            assert box(mark).inside(Box(left + 4, top, right - 4, bottom), 1), mark.text


@FRAME
def test_names_are_whole_in_boxes(frame: Frame) -> None:
    for id_ in IDS:
        for state in (read(topic=id_), read(topic=id_, show="path")):
            shown = texts(WIDGET.view(state, frame))
            assert not [key for key, text in shown.items() if "…" in text and not key.startswith("said")], id_


def test_widths_are_estimated_from_above_and_not_by_much() -> None:
    for topic in topics.TOPICS:
        width = text_width(topic.title, 13)
        assert width - 0.5 <= _width(topic.title, 13) <= 1.16 * width + 3, topic.title
        for word in topic.title.split():
            assert text_width(word, 13) - 0.5 <= _width(word, 13), word


# ── what readers do ──────────────────────────────────────────────────────────────────────────


@FEW
@given(state=states(WIDGET), frame=st.sampled_from([PHONE, DESK]))
def test_a_topic_that_is_pressed_comes_into_the_middle(state: State, frame: Frame) -> None:
    spots = [mark for mark in WIDGET.view(state, frame).scene.marks if isinstance(mark, Spot)]
    for spot in spots[:3]:
        after = press(state, spot.name)
        assert after == {**state, "topic": spot.name.removeprefix("topic."), "show": "around"}


def test_a_topic_that_the_page_sets_comes_into_the_middle_of_its_surroundings() -> None:
    way = WIDGET.preset("way-to-elbo")
    assert put(way, "topic", "entropy") == {**way, "topic": "entropy", "show": "around"}
    assert put(way, "reach", 3)["show"] == "path"


@pytest.mark.parametrize("name", ["topic.", "topic.none", "topic.kl-divergence.1", "topic", "goals.elbo", "more.1"])
def test_what_cannot_be_pressed_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        press(WIDGET.default, name)


def test_a_topic_that_there_is_not_is_refused_and_named(small: None) -> None:
    with pytest.raises(InputError, match="There is no topic “phlogiston”") as caught:
        put(read(), "topic", "phlogiston")
    assert caught.value.argument == "topic"
    for value in (None, 5, ["counting"], {"topic": "counting"}):
        with pytest.raises(InputError, match="There is no topic"):
            put(read(), "topic", value)


def test_links_of_earlier_releases_lead_to_what_a_topic_is_called_now(small: None) -> None:
    assert WIDGET.decode("topic:relative-entropy;reach:2")["topic"] == "kl-divergence"
    state = WIDGET.decode("known:relative-entropy,adding,phlogiston;goals:vis-viva")
    assert (state["known"], state["goals"]) == (["adding", "kl-divergence"], [])
    assert WIDGET.decode("topic:elbo;goals:vis-viva,elbo")["goals"] == ["elbo"]


# ── sets of topics, in links ─────────────────────────────────────────────────────────────────

SET = TopicSet("known", "topics that you know")


def test_a_link_can_say_a_topic_with_all_below_it_and_take_some_out(small: None) -> None:
    assert SET.read("logarithms*") == ["counting", "adding", "logarithms"]
    assert SET.read("entropy*,-adding") == ["counting", "logarithms", "chance", "entropy"]
    assert SET.read("entropy*, -logarithms*") == ["chance", "entropy"]
    assert SET.read(["chance", "counting", "chance"]) == ["counting", "chance"]
    assert SET.read("") == SET.read([]) == SET.read(" , ,*,-") == []


@given(known())
def test_any_set_reads_back_from_its_text(found: list[str]) -> None:
    found = SET.read(found)
    assert SET.read(SET.write(found)) == found


def test_there_is_room_for_all_topics() -> None:
    assert len(SET.write(IDS)) < MAX_TEXT


def test_a_link_tells_nothing_of_what_a_reader_knows_and_wants() -> None:
    state = read(known=IDS[:9], goals=["elbo"], show="path")
    assert WIDGET.encode(state) == "show:path"


@pytest.mark.parametrize("value", [None, 5, {"a": 1}, [1], [["counting"]], "x" * (MAX_TEXT + 1)])
def test_what_is_no_set_of_topics_is_refused(value: object) -> None:
    with pytest.raises(InputError) as caught:
        SET.read(value)
    assert caught.value.argument == "known"


def test_a_topic_is_written_as_it_is_read() -> None:
    item = TopicId("topic", "topic in the middle", "kl-divergence")
    assert [item.read(item.write(id_)) for id_ in IDS] == IDS
