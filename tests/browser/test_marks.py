"""Marks that travel, as a file or a link, and marks that stay, whatever is stored and whether or not it can be."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from klweb.topics import TOPICS
from tests.browser.learning import ELBO, KEY, MAP, Marks, another, button, keep, know, shows_path, stored
from tests.browser.support import Opener, Reader, Studio

pytestmark = pytest.mark.browser

RECORD = {"box": 0, "due": 1_800_000_000_000, "seen": 2, "right": 1, "last": 1_790_000_040_000, "missed": True}
MINE: Marks = {
    "version": 1, "known": ["counting", "addition"], "goals": ["huffman-coding"], "practice": {"kl-two-coins": RECORD},
}  # fmt: skip
THEIRS: Marks = {
    "version": 1, "known": ["counting", "multiplication"], "goals": ["elbo"],
    "practice": {"kl-two-coins": RECORD | {"last": 60_000, "seen": 9}, "kl-to-uniform": RECORD},
}  # fmt: skip


@pytest.fixture
def desk(open_page: Opener) -> Reader:
    return open_page(python=False, reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"])


def merged(page: Page) -> None:
    """Expect the marks of both, and of each question the newer record."""
    found = stored(page)
    assert set(found["known"]) == {"counting", "addition", "multiplication"}
    assert found["goals"] == ["huffman-coding", "elbo"]
    assert found["practice"] == {"kl-two-coins": RECORD, "kl-to-uniform": RECORD}
    shows_path(page, ["huffman-coding", "elbo"], ["counting", "addition", "multiplication"])


# ── marks that travel ────────────────────────────────────────────────────────────────────────


def test_a_file_takes_marks_to_another_browser_where_they_are_added(
    desk: Reader, open_page: Opener, tmp_path: Path
) -> None:
    page = keep(desk, THEIRS).visit(MAP).page
    with page.expect_download() as download:
        button(page, "Save as a file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert json.loads(file.read_text("utf-8")) == THEIRS | {"unknown": {"known": [], "goals": []}}

    other = keep(open_page(python=False), MINE).visit(MAP).page
    expect(button(other, "Forget everything")).to_be_enabled()
    other.locator("#keep-file").set_input_files(file)
    expect(other.locator("[data-keep] .reply")).to_contain_text("Added: 3 marks.")
    merged(other)
    other.locator("#keep-file").set_input_files(file)
    expect(other.locator("[data-keep] .reply")).to_contain_text("Nothing new: you had all of it already.")
    other.locator("[data-undo]").click()
    assert stored(other) == MINE | {"unknown": {"known": [], "goals": []}}
    button(other, "Forget everything").click()
    assert stored(other)["known"] == []
    button(other, "Undo", "Everything is forgotten.").click()
    assert stored(other)["known"] == MINE["known"]


def test_a_link_shows_what_it_brings_and_asks_first(desk: Reader, open_page: Opener) -> None:
    page = keep(desk, THEIRS).visit(MAP).page
    button(page, "Copy a link").click()
    expect(page.locator("[data-keep] .reply")).to_contain_text("The link is copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{desk.url}{MAP}#learner=1_")

    reader = keep(open_page(python=False), MINE)
    other = reader.page
    other.goto(link)
    arrived = other.locator("[data-arrived]")
    expect(arrived).to_contain_text(
        f"It holds 2 topics known, 1 goal ({ELBO}) and answers to 2 questions. 3 of these are new"
    )
    expect(other.get_by_role("heading", name="This link brings marks")).to_be_focused()
    assert stored(other) == MINE, "nothing was done yet"
    assert other.evaluate("location.hash") == "", "going back does not bring it again"
    button(arrived, "Not now").click()
    expect(arrived).to_be_hidden()
    assert stored(other) == MINE
    other.goto(link)  # within the page
    button(arrived, "Merge").click()
    expect(arrived).to_contain_text("Added: 3 marks.")
    merged(other)
    other.goto(link)
    expect(arrived).to_contain_text("You have all of it already.")
    expect(button(arrived, "Merge")).to_be_hidden()
    button(arrived, "Close").click()
    other.locator("[data-undo]").click()
    assert stored(other)["known"] == MINE["known"]


@pytest.fixture(scope="module")
def marked(studio: Studio) -> Iterator[Reader]:
    """Return the map with a reader's marks."""
    reader = keep(studio.open(python=False, reduced_motion="reduce"), MINE).visit(MAP)
    yield reader
    studio.close(reader)


LINKS = {
    "empty": ("", "no version"),
    "no percent code": ("%", "no version"),
    "newer": ("99_counting__", "newer release"),
    "longer": ("1_counting_elbo__more", "more parts"),
    "markup": ("1_<img src=x onerror=alert(1)>__", "no topic’s name"),
    "too many": ("1_" + ".".join(f"t{i}" for i in range(3000)) + "__", "more than"),
    "record cut short": ("1___kl-two-coins~1", "practice"),
    "too long": ("1_" + "a" * 1_000_001, "too long"),
}
FILES = {
    "empty": ("", "neither a file nor a link"),
    "cut short": ("{", "not JSON"),
    "other": ("{}", "no version"),
    "newer": ('{"version": 99, "known": ["counting"]}', "newer release"),
    "no list": ('{"version": 1, "known": "counting"}', "known"),
    "odd name": ('{"version": 1, "known": ["multiplication", 7]}', "no topic’s name"),
    "odd record": ('{"version": 1, "known": ["multiplication"], "practice": {"x": {"box": 99}}}', "practice"),
    "deep": ("{" + "[" * 100_000, "not JSON"),
    "large": ("x" * 4_100_000, "too large"),
}


@pytest.mark.parametrize(("text", "why"), LINKS.values(), ids=list(LINKS))
def test_a_hostile_link_says_why_and_changes_nothing(marked: Reader, text: str, why: str) -> None:
    page = marked.page
    before = stored(page)
    page.evaluate("text => { location.hash = `learner=${text}`; }", text)
    arrived = page.locator("[data-arrived]")
    expect(arrived).to_contain_text(re.compile(why))
    expect(button(arrived, "Merge")).to_be_hidden()
    button(arrived, "Close").click()
    assert stored(page) == before
    assert arrived.locator("img, script").count() == 0


@pytest.mark.parametrize(("text", "why"), FILES.values(), ids=list(FILES))
def test_a_hostile_file_says_why_and_changes_nothing(marked: Reader, text: str, why: str) -> None:
    page = marked.page
    before = stored(page)
    page.locator("#keep-file").set_input_files({"name": "m.json", "mimeType": "text/plain", "buffer": text.encode()})
    reply = page.locator("[data-keep] .reply")
    expect(reply).to_contain_text(re.compile(f"{why}.* Nothing has changed"))
    assert stored(page) == before
    page.reload()


# ── marks that stay ──────────────────────────────────────────────────────────────────────────


def test_marks_of_an_older_graph_are_read_with_todays_names_and_none_is_lost(desk: Reader) -> None:
    old = {
        # Before there were records, and names that a release did not know.
        "version": 1, "known": ["counting", "relative-entropy", "a-topic-of-tomorrow"],
        "goals": ["forward-and-reverse-kl", "a-goal-of-tomorrow", "elbo"],
        "practice": {"kl-two-coins": RECORD, "a-question-that-is-gone": RECORD},
    }  # fmt: skip
    page = keep(desk, old).visit(MAP).page
    goals = ["kl-directions", "elbo"]
    shows_path(page, goals, ["counting", "kl-divergence"])
    know(page.locator("[data-path]"), "addition").click()
    found = stored(page)
    assert set(found["known"]) == {"counting", "kl-divergence", "addition"}
    assert found["goals"] == goals
    assert found["unknown"] == {"known": ["a-topic-of-tomorrow"], "goals": ["a-goal-of-tomorrow"]}
    assert found["practice"] == old["practice"]
    # A release that knows those names gets them back: this one writes and reads them as they were.
    page.reload()
    know(page.locator("[data-path]"), "subtraction").click()
    assert stored(page)["unknown"] == found["unknown"]


def test_the_first_and_barest_shape_is_read(desk: Reader) -> None:
    page = keep(desk, {"version": 1, "known": ["kullback-leibler-divergence"]}).visit(MAP).page
    button(page, ELBO).click()
    shows_path(page, ["elbo"], ["kl-divergence"])


def test_what_cannot_be_read_is_put_aside_and_what_is_newer_is_left_alone(desk: Reader) -> None:
    page = keep(desk, '{"version": 1, "known": ["counting", 7], "goals": "all"}').visit(MAP).page
    button(page, ELBO).click()
    shows_path(page, ["elbo"], ["counting"])
    assert "all" in page.evaluate("localStorage.getItem('klweb.learner.unreadable')")
    newer = '{"version": 2, "marks": {"counting": 3}}'
    page = keep(desk, newer).visit(MAP).page
    button(page, ELBO).click()
    shows_path(page, ["elbo"], [])
    expect(page.locator("[data-unkept]")).to_contain_text("A newer release of this site has kept your marks here")
    assert page.evaluate("key => localStorage.getItem(key)", KEY) == newer


REFUSING = {
    "no room": """Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };""",
    "denied": """Object.defineProperty(window, "localStorage", {
        get() { throw new DOMException("denied", "SecurityError"); }});""",
}


@pytest.mark.parametrize("init", REFUSING.values(), ids=list(REFUSING))
def test_where_nothing_can_be_kept_it_works_for_the_visit_and_says_so(open_page: Opener, init: str) -> None:
    reader = open_page(python=False, init=init).visit(MAP)
    page, line = reader.page, reader.page.locator("[data-unkept]")
    expect(line).to_be_hidden()
    button(page, ELBO).click()
    know(page.locator("[data-path]"), "counting").click()
    shows_path(page, ["elbo"], ["counting"])
    expect(line).to_contain_text("does not let the site keep anything, or has no room for it")
    with page.expect_download() as download:
        button(line, "Save it as a file").click()
    assert json.loads(download.value.path().read_text("utf-8"))["goals"] == ["elbo"]
    page.locator("[data-undo]").click()
    shows_path(page, ["elbo"], [])
    reader.visit("topics/elbo/")
    know(page, "elbo").click()
    expect(page.locator("[data-unkept]")).to_be_visible()
    expect(page.locator("p[data-status]")).to_contain_text("You know this")


def test_two_tabs_keep_one_set_of_marks(desk: Reader) -> None:
    one = desk.visit(MAP).page
    two, three = another(desk), another(desk, "topics/kl-divergence/")
    button(one, ELBO).click()
    shows_path(two, ["elbo"], [])
    know(two.locator("[data-path]"), "counting").click()
    shows_path(one, ["elbo"], ["counting"])
    expect(three.locator("p[data-status]")).to_contain_text(f"1 of {len(TOPICS.path(['elbo']))} topics known")
    know(three, "kl-divergence").click()
    shows_path(one, ["elbo"], ["counting", "kl-divergence"])
    # Undo takes back what this tab did, and nothing of the others.
    two.locator("[data-undo]").click()
    shows_path(one, ["elbo"], ["kl-divergence"])
