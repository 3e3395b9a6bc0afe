"""The page before any script, and without: it teaches all the same."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from klweb.widgets import WIDGETS
from tests.browser.support import NAMES, PAGES, Opener, Reader, Studio, preset

pytestmark = pytest.mark.browser

# As the content brief prints them.
GOLDEN = {
    "asymmetry": {"kl_pq": "0.4830 bits", "kl_qp": "0.5510 bits"},
    "wasted-bits": {"h_p": "2.420 bits", "h_pq": "3.128 bits", "kl_pq": "0.708 bits", "mean_length": "3.220 bits"},
    "gaussians": {"kl_pq": "1.0166 nats = 1.4666 bits", "kl_qp": "2.2195 nats = 3.2021 bits"},
}


@pytest.fixture(scope="module", params=[360, 1280])
def still(request: pytest.FixtureRequest, studio: Studio) -> Iterator[Reader]:
    """Return a page with scripts switched off."""
    reader = studio.open(request.param, java_script_enabled=False)
    # What was preloaded for the scripts is given up.
    reader.allow(r"^request failed: .*\.js ")
    yield reader
    studio.close(reader)


@pytest.mark.parametrize("widget", NAMES)
def test_golden_figures_are_in_the_page(still: Reader, widget: str) -> None:
    figure = still.visit().figure(widget)
    for name, text in GOLDEN[widget].items():
        output = figure.find(f'output[data-readout="{name}"]')
        expect(output).to_be_visible()
        assert output.inner_text() == text
    expect(figure.find("[data-summary]")).to_be_visible()
    assert figure.find("[data-summary]").inner_text() == preset(widget)["view"]["summary"]
    picture = figure.find("svg[data-figure]:visible")
    assert picture.count() == 1
    assert figure.find("canvas").count() == 0
    # What the picture says can be read in it.
    assert picture.locator("text").count() > 10


@pytest.mark.parametrize("widget", NAMES)
def test_every_preset_stands_in_a_table(still: Reader, widget: str) -> None:
    rows = still.visit().figure(widget).find("table:visible tbody tr")
    text = re.sub(r"\s+", " ", " | ".join(rows.all_inner_texts()))
    for item in WIDGETS[widget].presets:
        assert item.label in text
        assert item.note in text
        for readout in preset(widget, item.name)["view"]["readouts"]:
            assert readout["text"] in text


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_offered_that_would_not_work(still: Reader, path: str) -> None:
    controls = still.visit(path).page.locator("button:visible, input:visible, select:visible, textarea:visible")
    dead = [
        item.evaluate("e => e.outerHTML.slice(0, 120)")
        for item in controls.all()
        # A popover opens without a script.
        if item.get_attribute("popovertarget") is None
    ]
    assert not dead


def test_lists_of_pages_and_contents_open_without_scripts(still: Reader) -> None:
    page = still.visit().page
    for name in ("pages", "contents"):
        # Where there is room for them they stand open anyway, and have no button.
        if page.locator(f"#{name}").is_visible():
            continue
        page.locator(f'[popovertarget="{name}"]').click()
        expect(page.locator(f"#{name}")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(f"#{name}")).to_be_hidden()


def test_formulas_are_mathml(still: Reader) -> None:
    formulas = still.visit().page.locator("math:visible")
    assert formulas.count() > 40
    sizes = formulas.evaluate_all("all => all.map(m => m.getBoundingClientRect()).map(r => [r.width, r.height])")
    assert all(width > 3 and height > 5 for width, height in sizes)
    text = still.page.locator("main").inner_text()
    assert not re.search(r"\\[a-z]+|\$\$|<<|>>|\{#", text)
    # p and q have their colours in formulas too.
    colours = {
        name: still.page.locator(f"math .{name}").first.evaluate("e => getComputedStyle(e).color") for name in "pq"
    }
    words = {name: still.page.locator(f"i.{name}").first.evaluate("e => getComputedStyle(e).color") for name in "pq"}
    assert colours == words
    assert colours["p"] != colours["q"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_itself(open_page: Opener, path: str) -> None:
    reader = open_page(python=False).visit(path)
    assert reader.page.title()
    assert reader.page.locator("h1").count() == 1
    assert reader.page.locator("html").get_attribute("lang") == "en"
    ids = reader.page.eval_on_selector_all("[id]", "all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_a_page_keeps_nothing_about_its_reader(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    reader.figure("asymmetry").preset("identical").click()
    reader.figure("asymmetry").shows(preset("asymmetry", "identical"))
    assert reader.page.context.cookies() == []
    assert reader.page.evaluate("localStorage.length + sessionStorage.length") == 0
