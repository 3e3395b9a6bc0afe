"""What readers mark as known and wanted: where it is stored, and what the map of topics shows of it."""

import json
import re
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Locator, Page, expect

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
