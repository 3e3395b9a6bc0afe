"""What readers mark, and what they answer: where it is stored, and how the pages of topics show it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from klweb.practice import variant
from klweb.topics import TOPICS, Topic
from tests.browser.support import Reader, until

MAP = "topics/"
ELBO = "Evidence lower bound (ELBO)"
KEY = "klweb.learner"
Marks = dict[str, Any]


def ids(items: Iterable[Topic]) -> list[str]:
    return [item.id for item in items]


def stored(page: Page) -> Marks:
    marks: Marks = json.loads(page.evaluate("key => localStorage.getItem(key) ?? '{}'", KEY))
    return marks


def keep(reader: Reader, marks: Marks | str) -> Reader:
    """Put marks into the storage, as another release of the site may have done."""
    text = marks if isinstance(marks, str) else json.dumps(marks)
    reader.visit("404.html").page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, text])
    return reader


def another(reader: Reader, path: str = MAP) -> Page:
    """Open another page in the same browser."""
    page = reader.page.context.new_page()
    page.on("pageerror", lambda error: reader.problems.append(f"page error: {error}"))
    page.goto(reader.url + path)
    return page


def know(scope: Page | Locator, id_: str) -> Locator:
    return scope.locator(f'[data-know="{id_}"]:visible')


def goal(scope: Page | Locator, id_: str) -> Locator:
    return scope.locator(f'[data-goal="{id_}"]:visible')


def button(scope: Page | Locator, name: str, about: str = "") -> Locator:
    """Return a button by its words, and by what only those hear who do not see where it stands."""
    whole = f"{re.escape(name)} ?: {re.escape(about)}" if about else re.escape(name)
    return scope.get_by_role("button", name=re.compile(f"^{whole}$"))


def shows_path(page: Page, goals: list[str], known: list[str]) -> None:
    """Expect the whole path on the map, with its length and what can be learnt next."""
    left, ready = ids(TOPICS.path(goals, known)), ids(TOPICS.ready(goals, known))
    total = len(TOPICS.path(goals))
    more = page.locator("[data-more]")
    expect(more).to_be_visible()
    if more.get_attribute("aria-expanded") == "false":
        more.click()
    # What was just marked stays where it stood, as known.
    steps = page.locator("[data-steps] > li:not([data-known])")
    until(page, lambda: steps.evaluate_all("all => all.map(e => e.dataset.topic)") == left, "the path is shown", 10)
    tagged = steps.filter(has_text="Ready next").evaluate_all("all => all.map(e => e.dataset.topic)")
    assert tagged == ready
    assert page.locator('[data-steps] > [aria-current="step"]').get_attribute("data-topic") == ready[0]
    words = page.locator("[data-progress]")
    hours = (sum(topic.minutes for topic in TOPICS.path(goals, known)) + 30) // 60
    expect(words).to_have_text(
        f"{total - len(left)} of {total} topics known; {len(left)} topics left, about {hours} hours."
    )
    bar = page.locator("[data-bar]").evaluate("bar => [bar.value, bar.max]")
    assert bar == [total - len(left), total]


# ── questions ────────────────────────────────────────────────────────────────────────────────

KL = "topics/kl-divergence/"
NUMERIC, CHOICE, ORDER, READ = "kl-two-coins", "kl-which-cost", "kl-from-lengths", "kl-read-asymmetry"
"""Questions on that page, one of each kind."""

Data = dict[str, Any]


@dataclass
class Question:
    """One question on a page, and what the page brings of it."""

    page: Page
    id: str

    @property
    def root(self) -> Locator:
        return self.page.locator(f"#question-{self.id}")

    @property
    def verdict(self) -> Locator:
        return self.root.locator("[data-verdict]")

    @property
    def note(self) -> Locator:
        return self.root.locator(".question-note")

    @property
    def field(self) -> Locator:
        return self.root.locator('.question-form input[name="answer"]')

    def find(self, selector: str) -> Locator:
        return self.root.locator(selector)

    def press(self, name: str) -> None:
        button(self.root, name).click()

    def data(self) -> tuple[Data, Data]:
        """Return the definition, and the first variant."""
        text = self.find('script[type="application/json"]').last.text_content() or ""
        found = json.loads(text)
        return found["definition"], found["variant"]

    def value(self) -> float:
        return float(self.data()[1]["answer"]["value"])

    def says(self, answer: str) -> str:
        """Type an answer and press Enter; return what is said to it."""
        self.field.fill(answer)
        self.field.press("Enter")
        expect(self.verdict).not_to_be_empty()
        return " ".join(self.verdict.inner_text().split())

    def reason(self, place: int) -> str:
        text = self.find(f'[data-reason="{place}"] > .question-says').last.text_content() or ""
        return text.strip()

    def shows(self, seed: int) -> Data:
        """Wait until a variant is shown that is Python's own for this seed; return it."""
        expect(self.root).to_have_attribute("data-seed", str(seed))
        expected = variant(self.data()[0], seed)
        slots = self.find("[data-slot]").evaluate_all("all => all.map(e => [Number(e.dataset.slot), e.textContent])")
        assert all(text == expected["slots"][place] for place, text in slots), (self.id, seed)
        shown = "all => all.map(e => Number(e.dataset.step ?? e.value))"
        if "order" in expected:
            assert self.find('input[type="radio"], [data-step]').evaluate_all(shown) == expected["order"]
        if "right" in expected:
            told = self.find("[data-reason] > .question-told > b").all_text_contents()
            assert [text == "Right:" for text in told] == [i == expected["right"] for i in range(len(told))]
        return expected
