"""While a page comes up, figures far down are not there yet; whoever wants one finds it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.support import Opener, Reader, until

pytestmark = pytest.mark.browser

# Nothing is shown because time goes by.
STILL = """globalThis.requestIdleCallback = () => 0;
const later = globalThis.setTimeout;
globalThis.setTimeout = (work, delay, ...more) => (delay === 2000 ? 0 : later(work, delay, ...more));"""
SETTLING = "document.documentElement.classList.contains('settling')"
LONG = "six-ways/"


def forms(reader: Reader) -> list[Locator]:
    return reader.page.locator("article > .widget > form").all()


def shown(reader: Reader) -> list[bool]:
    return [form.evaluate("form => form.getClientRects().length > 0") for form in forms(reader)]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_figure_far_down_comes_when_a_reader_does(open_page: Opener, width: int) -> None:
    reader = open_page(width, python=False, init=STILL).visit(LONG)
    assert shown(reader)[:3] == [True, True, False]
    assert not shown(reader)[-1]
    forms(reader)[-1].locator("xpath=..").scroll_into_view_if_needed()
    expect(forms(reader)[-1].locator("button[data-preset]").first).to_be_visible()
    assert not shown(reader)[2], "what was passed on the way is not laid out for that"


def test_figures_come_when_there_is_time(open_page: Opener) -> None:
    reader = open_page(360, python=False, init=STILL.replace("requestIdleCallback", "nothing")).visit(LONG)
    until(reader.page, lambda: all(shown(reader)), "all figures are there", 10)
    assert reader.page.evaluate(SETTLING), "and what is in them is laid out when it is near"


COUNTED = """globalThis.counts = [];
const look = () => {
  counts.push(document.querySelectorAll("article > .laid").length);
  if (document.documentElement.classList.contains("settling")) requestAnimationFrame(look);
};
addEventListener("load", look);"""


@pytest.mark.parametrize("path", [LONG, "topics/kl-divergence/"])
def test_what_is_left_is_laid_out_bit_by_bit(open_page: Opener, path: str) -> None:
    page = open_page(360, python=False, init=COUNTED).visit(path).page
    until(page, lambda: not page.evaluate(SETTLING), "the page has settled", 20)
    counts = page.evaluate("counts")
    assert counts[0] == 0
    assert len({count for count in counts if 0 < count < counts[-1]}) > 1
    assert page.locator("article > :not(.laid)").count() == 0


def press(key: str) -> Callable[[Reader], None]:
    return lambda reader: reader.page.keyboard.press(key)


def click_a_link(reader: Reader) -> None:
    reader.page.evaluate("document.querySelector('a').addEventListener('click', event => event.preventDefault())")
    reader.page.evaluate("document.querySelector('a').click()")


@pytest.mark.parametrize("act", [press("Tab"), press("Control+f"), click_a_link], ids=["tab", "search", "link"])
def test_whoever_may_go_anywhere_finds_everything(open_page: Opener, act: Callable[[Reader], None]) -> None:
    reader = open_page(360, python=False, init=STILL).visit(LONG)
    assert not all(shown(reader))
    act(reader)
    assert not reader.page.evaluate(SETTLING)
    assert all(shown(reader))


def test_whoever_comes_back_is_where_they_were(open_page: Opener) -> None:
    reader = open_page(360, python=False, init=STILL).visit(LONG)
    reader.page.keyboard.press("Tab")
    place = "Math.round(document.querySelectorAll('article > .widget')[4].getBoundingClientRect().top)"
    reader.page.evaluate("document.querySelectorAll('article > .widget')[4].scrollIntoView({behavior: 'instant'})")
    reader.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    before = reader.page.evaluate(place)
    reader.page.reload(wait_until="load")
    assert not reader.page.evaluate(SETTLING)
    assert all(shown(reader))
    until(reader.page, lambda: abs(reader.page.evaluate(place) - before) < 3, "the page is where it was", 10)


def test_a_printed_page_has_all_its_figures(open_page: Opener) -> None:
    reader = open_page(360, python=False, init=STILL).visit(LONG)
    assert not all(shown(reader))
    reader.page.emulate_media(media="print")
    assert all(shown(reader))


def test_the_fields_of_a_menu_come_when_it_opens(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    figure = reader.figure("gaussians").ready()
    assert figure.find('[data-number="sigma_q"], select').count() == 0
    figure.preset("far-apart").click()
    figure.find("details[data-menu] > summary").click()
    expect(figure.find('[data-number="sigma_q"]')).to_be_enabled()
    expect(figure.find('[data-number="mu_q"]')).to_have_value(figure.slider("mu_q").input_value())
    expect(figure.find("select[data-picture-theme]")).to_be_visible()


MOVED = """globalThis.moved = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    moved.push([value, sources.map(({ node }) => (node?.parentElement ?? node)?.outerHTML.slice(0, 80)).join("; ")]);
  }
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["", LONG, "practice/", "notation/", "topics/kl-divergence/", "embed/asymmetry/"])
def test_nothing_moves_while_a_page_comes_up(open_page: Opener, path: str, width: int) -> None:
    page = open_page(width, init=MOVED).visit(path).page
    page.evaluate("document.fonts.ready")
    until(page, lambda: not page.evaluate(SETTLING), "the page has settled", 10)
    moved = page.evaluate("moved")
    assert sum(value for value, _ in moved) < 0.03, moved
