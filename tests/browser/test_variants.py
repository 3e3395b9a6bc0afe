"""Variants of questions are Python's, with links that lead to them; and what was missed comes back when it is due."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.learning import CHOICE, KL, NUMERIC, READ, Question, another, stored
from tests.browser.support import RUNTIME, Opener, Reader, Studio, held, preset, until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def phone(studio: Studio) -> Iterator[Reader]:
    """Return a phone that Python's files never reach."""
    reader = studio.open(360, 740, touch=True, python=False, reduced_motion="reduce")
    yield reader
    studio.close(reader)


@pytest.fixture(scope="module")
def live(studio: Studio) -> Iterator[Reader]:
    """Return a page with Python."""
    reader = studio.open(reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"]).visit(KL)
    reader.figure("asymmetry").live()
    yield reader
    studio.close(reader)


def test_another_one_is_pythons_and_has_a_link(live: Reader) -> None:
    page = live.visit(KL).page
    coins = Question(page, NUMERIC)
    coins.says("7")
    coins.press("Another one")
    expect(coins.note).to_contain_text(re.compile(r"^This is variant \d+\.$"))
    seed = int(coins.root.get_attribute("data-seed") or "")
    found = coins.shows(seed)
    assert seed > 1
    expect(coins.verdict).to_be_empty()
    expect(coins.field).to_have_value("")
    coins.press("Copy a link to it")
    expect(coins.note).to_have_text("The link is copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{live.url}{KL}#practice={NUMERIC}:{seed}"
    until(page, lambda: page.url == link or page.url, "the address has the variant")
    assert coins.says(f"{float(found['answer']['value']):.4f}") == f"Right. The answer is {found['answer']['text']}."

    other = Question(another(live, link.removeprefix(live.url)), NUMERIC)
    other.shows(seed)
    expect(other.root).to_be_in_viewport()
    other.page.close()
    page.evaluate("hash => { location.hash = hash; }", f"practice={NUMERIC}:1")
    coins.shows(1)


def test_every_question_draws_what_python_draws_outside_the_browser(live: Reader) -> None:
    page = live.visit(KL).page
    for section in page.locator("section.question").all():
        question = Question(page, section.get_attribute("data-question") or "")
        for seed in (7, 999_999):
            page.evaluate("hash => { location.hash = hash; }", f"practice={question.id}:{seed}")
            found = question.shows(seed)
            if "preset" in found:
                live.figure("asymmetry").shows(preset("asymmetry", found["preset"]))


def test_a_page_that_is_only_opened_leaves_its_figure_and_its_address_alone(phone: Reader) -> None:
    for hash_, name in ((f"#question-{CHOICE}", "uniform-vs-peaked"), ("#asymmetry=long-tail", "long-tail")):
        phone.visit("404.html").visit(f"{KL}{hash_}")
        expect(Question(phone.page, READ).field).to_be_enabled()
        phone.figure("asymmetry").ready().shows(preset("asymmetry", name))
        assert phone.page.evaluate("location.hash") == hash_


def test_a_link_to_what_does_not_exist_says_so(phone: Reader) -> None:
    for hash_, words, id_ in (
        (f"{CHOICE}:0", "This link asks for a variant that does not exist", CHOICE),
        (f"{CHOICE}:1e9", "This link asks for a variant that does not exist", CHOICE),
        ("no-such-question:3", "is not on this page", NUMERIC),
        ("%3Cscript%3E", "is not on this page", NUMERIC),
    ):
        question = Question(phone.visit("404.html").page, id_)
        phone.visit(f"{KL}#practice={hash_}")
        expect(question.note).to_contain_text(words)
        question.shows(1)
        until(phone.page, lambda: phone.page.evaluate("location.hash") == "", "the address no longer asks for it", 5)


def test_without_python_the_question_stays_and_says_why_until_it_can_be_had(open_page: Opener) -> None:
    reader = open_page(python=False).visit(KL)
    coins = Question(reader.page, NUMERIC)
    coins.press("Another one")
    expect(coins.note).to_contain_text(re.compile(r"There is no other variant now: .{20,} The question stays"))
    coins.shows(1)
    assert coins.says(f"{coins.value():.4f}").startswith("Right.")
    reader.page.context.unroute(RUNTIME)
    with held(reader) as release:
        coins.press("Another one")
        expect(coins.note).to_have_text("Python is on its way, and the other variant with it.")
        assert coins.says(f"{coins.value():.4f}").startswith("Right.")
        release()
        expect(coins.note).to_contain_text("This is variant", timeout=45_000)
    coins.shows(int(coins.root.get_attribute("data-seed") or ""))


def test_without_scripts_a_question_has_its_answer_folded_under_it(open_page: Opener) -> None:
    reader = open_page(360, java_script_enabled=False)
    reader.allow(r"^request failed: .*\.js ")  # what was preloaded for the scripts is given up
    page = reader.visit(KL).page
    assert page.locator("section.question :is(button, input):visible:not(figure *)").count() == 0
    coins = Question(page, NUMERIC)
    solution = coins.find(".question-solution p")
    expect(coins.find(".question-text")).to_be_visible()
    expect(solution).to_be_hidden()
    coins.find(".question-solution summary").click()
    expect(solution).to_contain_text(f"= {coins.value():.3f} bits")
    Question(page, CHOICE).find(".question-solution summary").click()
    expect(Question(page, CHOICE).find(".question-solution .question-says").first).to_be_visible()


# ── what was missed ──────────────────────────────────────────────────────────────────────────


def test_what_was_missed_comes_back_when_it_is_due(open_page: Opener) -> None:
    reader = open_page(python=False)
    reader.page.clock.install(time="2026-03-01T12:00:00Z")
    page = reader.visit("practice/").page
    review = page.locator("[data-review]")
    expect(review).to_contain_text("Nothing is to be reviewed yet.")
    reader.visit(KL)
    coins, choice = Question(page, NUMERIC), Question(page, CHOICE)
    coins.says("7")
    assert coins.says(f"{coins.value():.4f}").startswith("Right."), "said after it was missed, it changes nothing"
    page.clock.fast_forward("01:00")
    choice.find(f'input[value="{(choice.data()[1]["right"] + 1) % 4}"]').check()
    choice.press("Check")
    lengths = Question(page, "kl-nats-to-bits")
    assert lengths.says(f"{lengths.value()} bits").startswith("Right."), "what was never missed is not reviewed"

    reader.visit("practice/")
    expect(review.locator("h3")).to_have_text(["Due now", "Later", "By topic"])
    expect(review).to_contain_text("Nothing is due now.")
    later = review.locator("h3:text('Later') + ul > li")
    expect(later).to_have_text([re.compile("question 1: work it out in 9 minutes"), re.compile("choose in 10 minutes")])
    expect(review).to_contain_text("KL divergence 1 of 12 right")
    page.clock.fast_forward("11:00")
    due = review.locator("h3:text('Due now') + ul > li a")
    expect(due).to_have_text([re.compile("question 1: work it out"), re.compile("question 6: choose")])

    page.close()
    page = another(reader, "practice/")
    page.locator("[data-review] a").first.click()
    coins = Question(page, NUMERIC)
    expect(coins.root).to_be_in_viewport()
    assert coins.says(f"{coins.value():.4f}").startswith("Right.")
    page.goto(f"{reader.url}practice/")
    review = page.locator("[data-review]")
    expect(review.locator("h3:text('Due now') + ul > li")).to_have_count(1)
    expect(review.locator("h3:text('Later') + ul > li")).to_have_text(re.compile("question 1: work it out tomorrow"))
    assert stored(page)["practice"][NUMERIC] | {"due": 0, "last": 0} == {
        "box": 1, "due": 0, "seen": 2, "right": 1, "last": 0, "missed": True,
    }  # fmt: skip


def test_topics_stand_in_the_list_before_scripts(open_page: Opener) -> None:
    still = open_page(360, java_script_enabled=False)
    still.allow(r"^request failed: .*\.js ")  # what was preloaded for the scripts is given up
    before = still.visit("practice/").page.locator("[data-review] li")
    page = open_page(360, python=False).visit("practice/").page
    expect(page.locator("[data-review]")).to_contain_text("Nothing is to be reviewed yet.")
    rows = page.locator("[data-review] li")
    assert rows.all_inner_texts() == before.all_inner_texts()
    links = "links => links.map(({ pathname }) => pathname.replace(/^.*topics/, ''))"
    assert rows.locator("a").evaluate_all(links) == [
        str(link.get_attribute("href")).replace("../topics", "") for link in before.locator("a").all()
    ]


def test_where_nothing_can_be_kept_practice_works_and_the_list_says_so(open_page: Opener) -> None:
    full = """Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };"""
    page = open_page(python=False, init=full).visit(KL).page
    coins = Question(page, NUMERIC)
    assert coins.says("7").startswith("Not this one.")
    expect(page.locator("[data-unkept]")).to_contain_text("does not let the site keep anything")
