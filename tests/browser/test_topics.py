"""The topic map: a goal, the way to it, the list of all topics, and the map."""

import re

import pytest
from playwright.sync_api import expect

from klweb.topics import LEVELS, TOPICS
from tests.browser.learning import ELBO, MAP, another, button, goal, ids, keep, know, shows_path, stored
from tests.browser.support import Opener, Reader, after, put

pytestmark = pytest.mark.browser

FINGER = 44


@pytest.fixture
def phone(open_page: Opener) -> Reader:
    return open_page(360, 740, touch=True, python=False, reduced_motion="reduce").visit(MAP)


@pytest.fixture
def desk(open_page: Opener) -> Reader:
    return open_page(python=False, reduced_motion="reduce")


# ── a goal, and the way to it ────────────────────────────────────────────────────────────────


def test_a_new_reader_sets_a_goal_on_a_phone_and_finds_all_again(phone: Reader) -> None:
    page = phone.page
    button(page, "Graduate").tap()
    goal(page, "elbo").tap()
    row = page.locator('[data-find] li[data-topic="elbo"]')
    expect(row).to_contain_text(f"{len(TOPICS.path(['elbo']))} topics to go")
    row.get_by_role("link", name="See your path").tap()
    expect(page.locator("h2#path")).to_be_in_viewport()
    shows_path(page, ["elbo"], [])

    know(page.locator("[data-path]"), "counting").tap()
    shows_path(page, ["elbo"], ["counting"])
    expect(page.locator(".reply")).to_have_count(0)  # it rests on nothing that could be marked as well

    know(page.locator("[data-path]"), "long-division").tap()
    below = [item for item in ids(TOPICS.below("long-division")) if item != "counting"]
    expect(page.locator('[data-steps] [data-topic="long-division"]')).to_contain_text(
        f"Also mark the {len(below)} other topics it rests on?"
    )
    shows_path(page, ["elbo"], ["counting", "long-division"])
    button(page, "Yes", f"Also mark the {len(below)} other topics it rests on?").tap()
    known = ["counting", "long-division", *below]
    shows_path(page, ["elbo"], known)
    expect(page.locator("[data-path]")).to_contain_text(f"{len(below)} more topics marked as known.")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for item in page.locator("[data-path] button:visible").all()[:12]:
        box = item.bounding_box()
        assert box is not None
        assert box["height"] >= FINGER

    page.close()
    page = another(phone)
    shows_path(page, ["elbo"], known)
    expect(know(page, "long-division")).to_have_count(0)
    assert set(stored(page)["known"]) == set(known)


def test_a_topics_own_page_marks_it_and_says_how_one_stands_to_it(phone: Reader) -> None:
    page = phone.visit("topics/elbo/").page
    status, below = page.locator("p[data-status]"), len(TOPICS.below("elbo"))
    expect(status).to_have_text(f"It rests on {below} other topics, of which you have marked none.")
    goal(page, "elbo").tap()
    expect(goal(page, "elbo")).to_have_attribute("aria-pressed", "true")
    expect(status).to_contain_text(f"Towards {ELBO}: 0 of {below + 1} topics known")
    expect(page.locator("[data-next]").get_by_role("link", name="Counting")).to_be_visible()

    page = phone.visit("topics/kl-divergence/").page
    know(page, "kl-divergence").tap()
    count = len(TOPICS.below("kl-divergence"))
    section = page.locator("[data-marks]")
    button(section, "Yes", f"Also mark the {count} topics it rests on?").tap()
    expect(section).to_contain_text(f"{count} more topics marked as known.")
    expect(page.locator("p[data-status]")).to_contain_text(f"You know this. Towards {ELBO}: {count + 1} of {below + 1}")
    assert page.locator(".topic-list li[data-topic]:not([data-known])").count() == len(TOPICS.opens("kl-divergence"))
    assert page.locator("#needs + .topic-list li[data-known]").count() == len(TOPICS.needs("kl-divergence"))

    page.close()
    page = another(phone, "topics/kl-divergence/")
    expect(know(page, "kl-divergence")).to_have_attribute("aria-pressed", "true")
    know(page, "kl-divergence").tap()
    # Nothing is locked, and nothing else is taken away with it.
    expect(page.locator("p[data-status]")).to_contain_text("You know all that it rests on: you can learn it now.")
    expect(page.locator("[data-next]").get_by_role("link").first).to_be_visible()
    assert len(stored(page)["known"]) == count


def test_several_goals_share_a_path_one_is_dropped_and_undo_takes_back(desk: Reader) -> None:
    page = desk.visit(MAP).page
    button(page, "Huffman coding").click()
    expect(page.locator("h2#path")).to_be_focused()
    shows_path(page, ["huffman-coding"], [])
    button(page, "Graduate").click()
    goal(page, "elbo").click()
    both = ["huffman-coding", "elbo"]
    shows_path(page, both, [])
    goals = page.locator("[data-goals] > li")
    for item, id_ in zip(goals.all(), both, strict=True):
        expect(item).to_contain_text(f"0 of {len(TOPICS.path([id_]))} known")
    know(page.locator("[data-path]"), "counting").click()
    shows_path(page, both, ["counting"])

    button(page, "Remove", "Huffman coding").click()
    expect(goals).to_have_count(1)
    shows_path(page, ["elbo"], ["counting"])
    undo = page.locator("[data-undo]")
    expect(undo).to_have_text("Undo: Huffman coding no longer a goal")
    undo.click()
    shows_path(page, both, ["counting"])
    assert stored(page)["goals"] == both
    undo.click()
    shows_path(page, both, [])
    undo.click()
    shows_path(page, ["huffman-coding"], [])
    undo.click()
    expect(page.locator("[data-suggestions]")).to_be_visible()
    expect(undo).to_be_hidden()
    assert stored(page)["goals"] == []


def test_a_reached_goal_says_so(desk: Reader) -> None:
    known = [*ids(TOPICS.below("elbo")), "elbo"]
    page = keep(desk, {"version": 1, "known": known, "goals": ["elbo"], "practice": {}}).visit(MAP).page
    expect(page.locator("[data-progress]")).to_have_text(f"You know all {len(known)} topics: you have reached {ELBO}.")
    expect(page.locator("[data-steps] > li")).to_have_count(0)


# ── the list ─────────────────────────────────────────────────────────────────────────────────


def test_the_keyboard_finds_a_topic_and_sets_it_as_a_goal(desk: Reader) -> None:
    page, press = desk.visit(MAP).page, desk.page.keyboard.press
    field = page.get_by_role("searchbox", name="Find a topic")
    expect(field).to_be_enabled()
    for _ in range(60):
        if field.evaluate("e => e === document.activeElement"):
            break
        press("Tab")
    expect(field).to_be_focused()
    page.keyboard.type("relative entropy")
    expect(page.locator("[data-count]")).to_have_text("1 topic fits “relative entropy”.")
    expect(page.locator("[data-find] .row:visible")).to_contain_text("also: relative entropy")
    press("ArrowDown")
    row = page.locator('[data-find] li[data-topic="kl-divergence"]')
    expect(row.get_by_role("link", name="KL divergence")).to_be_focused()
    buttons = row.get_by_role("button")
    for item in buttons.all():
        press("Tab")
        expect(item).to_be_focused()
    expect(button(row, "Set as goal", "KL divergence")).to_be_focused()
    press("Space")
    expect(goal(row, "kl-divergence")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("status").filter(has_text="129 topics to go")).to_have_count(1)
    shows_path(page, ["kl-divergence"], [])

    field.focus()
    press("Escape")
    expect(field).to_have_value("")
    expect(page.locator("[data-count]")).to_have_text(f"{len(TOPICS)} topics.")
    press("Tab")
    press("Tab")
    expect(button(page, "Primary")).to_be_focused()
    press("Enter")
    expect(button(page, "Primary")).to_have_attribute("aria-pressed", "true")
    field.focus()
    page.keyboard.type("add")
    press("Enter")
    expect(page.locator('[data-find] [data-topic="addition"] a')).to_be_focused()
    press("Enter")
    expect(page).to_have_url(re.compile(r"/topics/addition/$"))


def test_levels_narrow_the_list_with_and_without_words(desk: Reader) -> None:
    page = desk.visit(MAP).page
    rows = page.locator("[data-find] .row:visible")
    for level in LEVELS:
        name = level.replace("-", " ").capitalize()
        button(page, name).click()
        here = [topic.id for topic in TOPICS if topic.level == level]
        assert rows.evaluate_all("all => all.map(e => e.dataset.topic)") == here
        expect(page.locator("[data-count]")).to_have_text(f"{name}: {len(here)} topics.")
    page.locator("[data-words]").fill("entropy")
    shown = rows.evaluate_all("all => all.map(e => e.dataset.topic)")
    assert "elbo" not in shown
    assert all(TOPICS[id_].level == "graduate" for id_ in shown)
    page.locator("[data-words]").fill("no such thing")
    expect(page.locator("[data-count]")).to_have_text("Graduate: no topic fits “no such thing”.")
    button(page, "All levels").click()
    page.locator("[data-words]").fill("ELBO")
    assert rows.evaluate_all("all => all.map(e => e.dataset.topic)")[-1] == "elbo"


def test_a_topic_is_shown_in_the_map_and_marked_below_it(open_page: Opener) -> None:
    reader = open_page(reduced_motion="reduce").visit(MAP)
    page, figure = reader.page, reader.figure("topic-map")
    page.get_by_role("searchbox", name="Find a topic").fill("Huffman")
    button(page, "Show in the map", "Huffman coding").click()
    expect(figure.root).to_be_focused()
    below = page.locator("[data-map-topic]")
    figure.shows(after("topic-map", put("topic", "huffman-coding")))
    goal(below, "huffman-coding").click()
    figure.shows(after("topic-map", put("topic", "huffman-coding"), put("goals", ["huffman-coding"])))
    know(below, "huffman-coding").click()
    known = [put("topic", "huffman-coding"), put("goals", ["huffman-coding"]), put("known", ["huffman-coding"])]
    figure.shows(after("topic-map", *known))
