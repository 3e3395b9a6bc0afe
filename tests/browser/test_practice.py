"""Practice: answers of every kind are told apart, in words that all readers get."""

import math
import re
from collections.abc import Iterator
from fractions import Fraction

import pytest
from playwright.sync_api import Page, expect

from tests.browser.learning import CHOICE, KL, NUMERIC, ORDER, READ, Question, stored
from tests.browser.support import Opener, Reader, Studio, after, preset, put, until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def phone(studio: Studio) -> Iterator[Reader]:
    """Return a phone that Python's files never reach."""
    reader = studio.open(360, 740, touch=True, python=False, reduced_motion="reduce")
    yield reader
    studio.close(reader)


@pytest.fixture
def page(phone: Reader) -> Page:
    return phone.visit(KL).page


# ── a number ─────────────────────────────────────────────────────────────────────────────────


def test_a_right_number_is_right_in_every_way_of_writing_it(page: Page) -> None:
    coins = Question(page, NUMERIC)
    text = coins.data()[1]["answer"]["text"]
    a, b, c, d = coins.find(".question-text [data-slot]").all_text_contents()
    point = f"{coins.value():.4f}"
    sum_of_terms = f"{a} × log2({a}/{c}) + {b}·log₂({b} ÷ {d})"
    logarithms = f"({a} ln({a}/{c}) + {b} ln({b}/{d})) / ln 2 bits"
    for answer in (point, point.replace(".", ","), f"{point} bits", f"≈ {point} bit", sum_of_terms, logarithms):
        assert coins.says(answer) == f"Right. The answer is {text}.", answer
    weather = Question(page, "kl-weather-code")
    fraction = Fraction(weather.value())
    for answer in (f"{fraction}", f"0 {fraction} bits a day", f"{fraction} - 1 + 2^0"):
        assert weather.says(answer).startswith("Right."), answer


def test_a_wrong_unit_is_told_from_a_wrong_number(page: Page) -> None:
    coins = Question(page, NUMERIC)
    right, text = coins.value(), coins.data()[1]["answer"]["text"]
    for answer in (f"{right * math.log(2):.4f}", f"{right * math.log(2):.4f} nats"):
        said = coins.says(answer)
        assert said.startswith("Right number, wrong unit. It is right in nats"), answer
        assert f"are {text}. Here the answer is counted in bits." in said
    said = coins.says(f"{right:.4f} nats")
    assert said == f"Right number, wrong unit. The number is right, but it counts bits, not nats: {text}."
    assert coins.says(f"{right:.4f} %").startswith("Right number, wrong unit.")


def test_every_known_mistake_is_named(page: Page) -> None:
    for id_ in (NUMERIC, "kl-weather-code", "kl-nats-to-bits", "kl-many-symbols", "kl-to-uniform"):
        question = Question(page, id_)
        mistakes = question.data()[1]["mistakes"]
        assert len(mistakes) >= 2
        for mistake in mistakes:
            question.says(f"{float(mistake['value']):.6g}")
            said = question.verdict.text_content() or ""
            assert said.startswith("Not this one."), (id_, mistake)
            assert said.endswith(question.reason(mistake["place"])), (id_, mistake)
    coins = Question(page, NUMERIC)
    p, q = ([float(coins.data()[1]["slots"][i]) for i in pair] for pair in ((0, 1), (2, 3)))
    backwards = sum(b * math.log2(b / a) for a, b in zip(p, q, strict=True))
    assert "the other direction" in coins.says(f"{backwards:.3f}")


def test_what_is_near_or_far_is_told_without_giving_it_away(page: Page) -> None:
    coins = Question(page, NUMERIC)
    right = coins.value()
    assert coins.says(f"{right * 1.03}").startswith("Close; more digits?")
    assert coins.says(f"{right * 7}").endswith("is too large.")
    assert coins.says(f"{-right}") == "Not this one. The size is right, the sign is not."
    for said in (coins.says("∞"), coins.says(f"{right * 7}")):
        assert coins.data()[1]["answer"]["text"] not in said


NONSENSE = {
    "": "Type an answer first",
    "banana": "“banana” at place 1 is not known here",
    "1/0": "divides by zero",
    "log(2)": "could be to base 2, e or 10",
    "(1": "is never closed",
    "1 +": "Something is missing after “+”",
    "0.3 bits nats": "A unit stands once",
    "<img src=x onerror=alert(1)>": "“<” at place 1",
    "constructor": "is not known here",
    "1" * 101: "at most 100 characters",
}


def test_what_is_no_number_is_refused_in_words_and_counts_for_nothing(page: Page) -> None:
    coins, before = Question(page, NUMERIC), stored(page)
    for answer, why in NONSENSE.items():
        assert why in coins.says(answer), answer
        expect(coins.field).to_have_attribute("aria-invalid", "true")
        expect(coins.field).to_have_accessible_description(re.compile(re.escape(why) + ".* bits$"))
    assert stored(page) == before
    coins.field.press("1")
    expect(coins.field).to_have_attribute("aria-invalid", "false")


def test_hints_come_one_by_one_and_the_solution_is_folded(page: Page) -> None:
    coins = Question(page, NUMERIC)
    hints = coins.find(".question-hints li")
    for shown in range(hints.count()):
        assert [item.is_visible() for item in hints.all()] == [i < shown for i in range(hints.count())]
        coins.press("Hint")
    expect(coins.find('[data-action="hint"]')).to_have_accessible_name("Hint (no more)")
    solution = coins.find(".question-solution")
    expect(solution.locator("p").first).to_be_hidden()
    solution.locator("summary").click()
    expect(solution).to_contain_text(f"{coins.value():.3f} bits")


# ── choices, steps, a figure ─────────────────────────────────────────────────────────────────


def test_every_wrong_choice_explains_itself(page: Page) -> None:
    question = Question(page, CHOICE)
    right, reasons = question.data()[1]["right"], set()
    question.press("Check")
    expect(question.verdict).to_have_text("Choose one of them first.")
    for choice in question.find('input[type="radio"]').all():
        index = int(choice.input_value())
        choice.check()
        question.press("Check")
        said, reason = question.verdict.text_content() or "", question.reason(index)
        assert said.startswith("Right." if index == right else "Not this one.")
        assert said.endswith(reason)
        assert len(reason) > 20
        reasons.add(reason)
        expect(choice).to_have_accessible_name(re.compile(r" \(right\)$" if index == right else r" \(wrong\)$"))
    assert len(reasons) == 4
    # The arrow keys go from one to the next, and Enter checks.
    question.find('input[type="radio"]').first.focus()
    page.keyboard.press("ArrowDown")
    expect(question.find('input[type="radio"]').nth(1)).to_be_checked()
    page.keyboard.press("Enter")
    chosen = int(question.find("input:checked").input_value())
    assert (question.verdict.text_content() or "").endswith(question.reason(chosen))


def put_in_order(question: Question, wanted: list[int]) -> None:
    """Move steps up by the keyboard alone."""
    steps = question.find(".question-steps > li")
    for place, step in enumerate(wanted):
        up = question.find(f'[data-step="{step}"] [data-move="up"]')
        up.focus()
        while (at := [int(item.get_attribute("data-step") or "") for item in steps.all()].index(step)) > place:
            question.page.keyboard.press("Enter")
            expect(up).to_be_focused()
            expect(question.note).to_contain_text(f"Now step {at} of {steps.count()}: ")


def test_steps_are_moved_by_keys_and_the_first_that_stands_wrong_is_named(page: Page) -> None:
    question = Question(page, ORDER)
    order = question.data()[1]["order"]
    question.press("Check")
    assert "Step 1 stands too early" in question.verdict.inner_text()
    assert (question.verdict.text_content() or "").endswith(question.reason(order[0]))
    put_in_order(question, [0, 1, 3, 2])
    question.press("Check")
    assert "The first 2 steps stand right. Step 3 stands too early" in question.verdict.inner_text()
    assert (question.verdict.text_content() or "").endswith(question.reason(3))
    last = question.find(".question-steps > li").last.locator('[data-move="down"]')
    expect(last).to_have_attribute("aria-disabled", "true")
    put_in_order(question, [0, 1, 2, 3])
    question.press("Check")
    expect(question.verdict).to_have_text("Right. Each step stands where it belongs.")


def test_a_number_is_set_in_the_figure_and_read_off(open_page: Opener) -> None:
    reader = open_page(reduced_motion="reduce").visit(KL)
    question, figure = Question(reader.page, READ), reader.figure("asymmetry").live()
    shown = question.data()[1]
    example = figure.preset(shown["preset"])
    expect(question.find(".question-text")).to_contain_text(example.inner_text())
    example.click()
    figure.shows(preset("asymmetry", shown["preset"]))
    before = figure.look()["readouts"]["kl_pq"]["text"]
    for name, value in shown["do"]:
        figure.field(name).fill(str(value))
        figure.field(name).press("Enter")
    figure.shows(
        after("asymmetry", *(put(*item) for item in shown["do"]), state=preset("asymmetry", shown["preset"])["state"])
    )
    readouts = figure.look()["readouts"]
    assert readouts["kl_pq"]["value"] == shown["answer"]["value"]
    assert question.says(readouts["kl_pq"]["text"]).startswith("Right.")
    for mistake, text in ((0, readouts["kl_qp"]["text"]), (1, before)):
        question.says(text)
        assert (question.verdict.text_content() or "").endswith(question.reason(mistake)), text
    # The solution can do it, too.
    figure.reset()
    question.find(".question-solution summary").click()
    question.press("Show it in the figure")
    until(reader.page, lambda: figure.look()["readouts"] == readouts, "the figure shows it")


def test_a_screen_reader_hears_what_is_asked_and_what_is_said(page: Page) -> None:
    for section in page.locator("section.question").all():
        question = Question(page, section.get_attribute("data-question") or "")
        expect(question.root).to_have_accessible_name(re.compile(r"^Question \d+ "))
        expect(question.verdict).to_have_role("status")
        expect(question.note).to_have_role("status")
        expect(question.find(".question-form > fieldset")).to_have_accessible_name("Your answer")
        for item in question.find(".question-form :is(button, input)").all():
            expect(item).to_have_accessible_name(re.compile(r"\S"))
    coins = Question(page, NUMERIC)
    expect(coins.field).to_have_accessible_name(re.compile("^Your answer"))
    expect(coins.field).to_have_accessible_description("bits")
    steps = Question(page, ORDER)
    first = (steps.find(".question-steps .question-words").first.text_content() or "")[:20]
    expect(steps.find('[data-move="up"]').first).to_have_accessible_name(re.compile("^Move up: ?" + re.escape(first)))
