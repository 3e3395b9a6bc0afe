"""Predict, then see: a reader answers a question, sees the figure answer it, or skips it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.support import Opener, Reader, Studio, until

pytestmark = pytest.mark.browser

PAGE = "six-ways/"
FINGER = 44
STORED = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie, location.href]"


@pytest.fixture(scope="module", params=[360, 1280])
def chapter(request: pytest.FixtureRequest, studio: Studio) -> Iterator[Reader]:
    """Return the chapter, on a phone and on a desk, without Python and without motion."""
    reader = studio.open(request.param, touch=request.param < 500, python=False, reduced_motion="reduce")
    yield reader
    studio.close(reader)


def question(reader: Reader, place: int = 0) -> Locator:
    """Open the chapter anew and return one of its questions, with its choices ready to press."""
    reader.visit(PAGE)
    found = reader.page.locator("section.predict").nth(place)
    expect(found.locator("button.predict-choice").first).to_be_visible()
    return found


def verdicts(section: Locator) -> list[str]:
    return [str(item.get_attribute("data-verdict")) for item in section.locator(".predict-why").all()]


def button(section: Locator, name: str) -> Locator:
    return section.get_by_role("button", name=name, exact=True)


def test_each_choice_answers_at_once_with_words_and_a_mark(chapter: Reader) -> None:
    section = question(chapter)
    said = section.get_by_role("status")
    assert said.text_content() == ""
    assert not button(section, "See it").is_visible()
    reasons = section.locator(".predict-because")
    explained = [item.text_content() or "" for item in section.locator("details .predict-because").all()]
    for place, verdict in enumerate(verdicts(section)):
        choice = section.locator("button.predict-choice").nth(place)
        assert choice.get_attribute("data-verdict") is None, "nothing is given away"
        choice.click()
        expect(choice).to_have_attribute("aria-pressed", "true")
        expect(choice).to_have_attribute("data-verdict", verdict)
        expect(choice).to_have_accessible_name(re.compile(rf" \({verdict}\)$"))
        assert choice.locator("svg").count() == 1
        text = said.text_content() or ""
        assert text.startswith("Right." if verdict == "right" else "Not this one.")
        assert text.endswith(explained[place])
        assert section.locator('[aria-pressed="true"]').count() == 1
    assert reasons.count() == len(explained) + 1, "what is said is the last explanation"
    # Colours of p, q and the gap are not lent to right and wrong.
    colours = section.locator("button.predict-choice").evaluate_all("all => all.map(b => getComputedStyle(b).color)")
    assert len(set(colours)) == 1


def test_every_question_of_the_chapter_can_be_answered(chapter: Reader) -> None:
    question(chapter)
    for section in chapter.page.locator("section.predict").all():
        right = verdicts(section).index("right")
        section.locator("button.predict-choice").nth(right).click()
        expect(section.get_by_role("status")).to_contain_text("Right.")


def test_what_a_finger_presses_is_large_enough(chapter: Reader) -> None:
    section = question(chapter)
    section.locator("button.predict-choice").first.click()
    for item in section.locator("button:visible").all():
        box = item.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= FINGER
    assert chapter.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_seeing_it_presses_the_next_figures_preset_and_goes_there(chapter: Reader) -> None:
    question(chapter)
    for section in chapter.page.locator("section.predict[data-then]").all():
        preset = section.get_attribute("data-then")
        section.locator("button.predict-choice").first.click()
        button(section, "See it").click()
        figure = section.locator("xpath=following::figure[contains(@class, 'widget')][1]")
        pressed = figure.locator(f'button[data-preset="{preset}"]')
        expect(pressed).to_have_attribute("aria-pressed", "true")
        expect(pressed).to_be_focused()
        expect(figure.locator(".widget-title")).to_be_in_viewport()
        box, strip = pressed.bounding_box(), figure.locator(".presets").bounding_box()
        assert box is not None
        assert strip is not None
        assert box["x"] >= strip["x"], "the strip of presets shows the one that was pressed"


def test_whoever_goes_there_while_the_page_still_settles_arrives(chapter: Reader) -> None:
    settling = "document.documentElement.classList.contains('settling')"
    last = chapter.page.locator("section.predict[data-then]").last
    figure = last.locator("xpath=following::figure[contains(@class, 'widget')][1]")
    chapter.page.goto(chapter.url + PAGE, wait_until="domcontentloaded")
    until(chapter.page, lambda: last.locator("button.predict-choice").count() > 0, "there are choices")
    assert chapter.page.evaluate(settling)
    # As quick as no reader: the page settles two seconds after it is loaded, whatever the machine does.
    last.evaluate("""section => {
        section.querySelector("button.predict-choice").click();
        section.querySelector("button.predict-see").click();
    }""")
    assert not chapter.page.evaluate(settling)
    expect(figure.locator(".widget-title")).to_be_in_viewport()
    chapter.page.wait_for_load_state()
    chapter.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(figure.locator(".widget-title")).to_be_in_viewport()


def test_a_question_is_skipped_in_one_tap_and_opened_again(chapter: Reader) -> None:
    section = question(chapter)
    button(section, "Skip").click()
    opener = button(section, "Open")
    expect(opener).to_be_focused()
    expect(opener).to_be_in_viewport()
    expect(section.locator(".predict-choices")).to_be_hidden()
    box = section.bounding_box()
    assert box is not None
    assert box["height"] < 80, "one line"
    opener.click()
    expect(section.locator(".predict-choices")).to_be_visible()
    section.locator("button.predict-choice").last.click()
    button(section, "Close").click()
    expect(section.get_by_role("status")).to_be_hidden()
    button(section, "Open").click()
    expect(section.get_by_role("status")).to_be_visible()


def test_nothing_is_counted_or_kept(chapter: Reader) -> None:
    section = question(chapter)
    before = chapter.page.evaluate(STORED)
    for choice in section.locator("button.predict-choice").all():
        choice.click()
    button(section, "Close").click()
    assert chapter.page.evaluate(STORED) == before
    section = question(chapter)
    assert section.locator("[data-verdict]:not(.predict-why)").count() == 0


def test_the_keyboard_is_enough(chapter: Reader) -> None:
    section = question(chapter)
    choices = section.locator("button.predict-choice")
    choices.first.focus()
    chapter.page.keyboard.press("Tab")
    expect(choices.nth(1)).to_be_focused()
    assert section.get_by_role("status").text_content() == "", "passing a choice is not choosing it"
    chapter.page.keyboard.press("Enter")
    expect(section.get_by_role("status")).not_to_be_empty()
    expect(choices.nth(1)).to_be_focused()


def test_on_paper_the_answer_stands_open(chapter: Reader) -> None:
    section = question(chapter)
    section.locator("button.predict-choice").first.click()
    button(section, "Close").click()
    chapter.page.emulate_media(media="print")
    try:
        expect(section.locator(".predict-because:visible").first).to_be_visible()
        shown = section.locator("details .predict-because")
        until(chapter.page, lambda: all(item.is_visible() for item in shown.all()), "the answer is open")
        assert section.locator("button:visible").count() == section.locator("button.predict-choice").count()
    finally:
        chapter.page.emulate_media(media="screen")
    expect(section.locator("details")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1280])
def test_without_scripts_the_answer_is_folded_under_the_choices(open_page: Opener, width: int) -> None:
    reader = open_page(width, java_script_enabled=False)
    # What was preloaded for the scripts is given up.
    reader.allow(r"^request failed: .*\.js ")
    reader.visit(PAGE)
    for section in reader.page.locator("section.predict").all():
        assert section.locator("button").count() == 0
        expect(section.locator(".predict-words").first).to_be_visible()
        expect(section.locator(".predict-because").first).to_be_hidden()
        section.locator("summary").click()
        for item in section.locator(".predict-why").all():
            expect(item).to_be_visible()
