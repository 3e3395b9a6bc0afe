"""How Python starts: quickly from the image that the build froze, slowly whole where that fails, never in silence."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from klweb.sitegen import assets
from tests.browser.faults import IMAGE, WHOLE, altered, cut_short, missing, page_instead, refuse
from tests.browser.support import Figure, Opener, Reader, after, held, preset, put, until

pytestmark = pytest.mark.browser

BROWSER = Path(assets.__file__).parents[1] / "browser"


def drag(reader: Reader) -> Figure:
    """Type a number of which only Python knows the answer."""
    figure = reader.figure("wasted-bits").ready()
    figure.field("morph").fill("0.01")
    figure.field("morph").press("Enter")
    return figure


def answered(figure: Figure) -> None:
    """Wait for Python's answer to what `drag` typed."""
    figure.shows(after("wasted-bits", put("morph", 0.01)))
    figure.has_status("live")


def asked(reader: Reader, pattern: str) -> list[str]:
    return [url for url in reader.requests if re.search(pattern, url)]


def test_a_reader_fetches_the_image_and_nothing_else_of_python(open_page: Opener) -> None:
    reader = open_page().visit()
    answered(drag(reader))
    assert len(asked(reader, IMAGE)) == 1
    assert len(asked(reader, r"/runtime/")) == 1


@pytest.mark.parametrize("fault", [missing, cut_short, altered, page_instead, refuse], ids=lambda fault: fault.__name__)
def test_without_the_image_python_starts_whole(open_page: Opener, fault: Callable[[Route], None]) -> None:
    reader = open_page()
    reader.allow(rf"HTTP 404|{IMAGE}")
    reader.page.context.route(re.compile(IMAGE), fault)
    warnings: list[str] = []
    reader.page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    figure = drag(reader.visit())
    answered(figure)
    figure.has_status("live")
    figure.says_nothing()
    assert asked(reader, WHOLE)
    assert any("the slow one is taken" in text for text in warnings)


@pytest.fixture
def lacking(tmp_path: Path) -> str:
    """Make a worker whose image knows nothing of swaps, as one that was made without a function would."""
    browser = shutil.copytree(BROWSER, tmp_path / "browser")
    worker = browser / "worker.js"
    line = "        isImage = true;\n"
    lacks = """        const able = handle;
        handle = (text) => {
          if (text.includes("swap-means")) throw new WebAssembly.RuntimeError("unreachable");
          return able(text);
        };
"""
    text = worker.read_text(encoding="utf-8")
    assert text.count(line) == 1
    worker.write_text(text.replace(line, line + lacks), encoding="utf-8")
    script, _ = assets.bundled(worker, "esm")
    return script


def test_what_the_image_lacks_is_asked_of_the_whole(open_page: Opener, lacking: str) -> None:
    reader = open_page()
    reader.page.context.route(
        re.compile(r"/worker\.js"), lambda route: route.fulfill(response=route.fetch(), body=lacking)
    )
    figure = reader.visit().figure("gaussians").live()
    assert not asked(reader, WHOLE)
    figure.button("swap-means").click()
    # Its stops show the same meanwhile.
    figure.has_status("starting")
    figure.has_status("live")
    figure.shows(after("gaussians", {"type": "press", "name": "swap-means"}))
    assert asked(reader, WHOLE)
    # From then on it is the whole that answers, the image having shown that it is not enough.
    answered(drag(reader))
    assert len(reader.page.workers) == 1
    assert len(asked(reader, IMAGE)) == 1


def test_both_ways_failing_is_told_and_mended(open_page: Opener) -> None:
    reader = open_page()
    reader.allow(r"^console|HTTP 404|^request failed|StartError")
    for pattern in (IMAGE, WHOLE):
        reader.page.context.route(re.compile(pattern), missing)
    figure = drag(reader.visit())
    assert "Try again" in figure.says("not on the server")
    figure.has_status("failed")
    for pattern in (IMAGE, WHOLE):
        reader.page.context.unroute(re.compile(pattern))
    figure.notice.get_by_role("button", name="Try again").click()
    answered(figure)
    figure.says_nothing()


def test_a_download_that_stalls_is_given_up_and_can_be_tried_again(open_page: Opener) -> None:
    reader = open_page()
    reader.page.clock.install()
    stalled = re.compile(IMAGE)
    with held(reader, stalled):
        figure = drag(reader.visit())
        until(reader.page, lambda: len(asked(reader, IMAGE)) == 1, "the image is asked for")
        reader.page.clock.fast_forward(61_000)
        figure.says("nothing has come for 60 seconds")
        figure.has_status("failed")
    figure.notice.get_by_role("button", name="Try again").click()
    answered(figure)


def test_offline_in_the_middle_of_the_start(open_page: Opener) -> None:
    reader = open_page()
    reader.allow(r"^console|^request failed")
    context = reader.page.context
    waiting: list[Route] = []
    context.route(re.compile(IMAGE), lambda route: waiting.append(route))  # noqa: PLW0108  Playwright marks what it calls
    figure = drag(reader.visit())
    until(reader.page, lambda: len(waiting) == 1, "the image is asked for")
    context.set_offline(True)
    waiting[0].abort("internetdisconnected")
    assert "Connect" in figure.says("offline")
    context.unroute(re.compile(IMAGE))
    context.set_offline(False)
    figure.notice.get_by_role("button", name="Try again").click()
    answered(figure)


def test_a_policy_that_refuses_webassembly_is_named(open_page: Opener) -> None:
    def stricter(route: Route) -> None:
        response = route.fetch()
        body, count = re.subn(r"\S*wasm-unsafe-eval[^\s;]*", "", response.text())
        assert count == 1
        route.fulfill(response=response, body=body)

    reader = open_page()
    reader.allow(r"^console|^policy: script-src")
    reader.page.context.route(lambda url: url == reader.url, stricter)
    figure = drag(reader.visit())
    figure.says("WebAssembly, which is switched off in this browser or refused by a policy")
    # The page is whole without it.
    figure.preset("dyadic").click()
    figure.shows(preset("wasted-bits", "dyadic"))


def test_too_little_memory_is_named(open_page: Opener, launch: Callable[..., Browser]) -> None:
    # Python begins with 26 MB; here there are 13.
    poor = launch("--js-flags=--wasm-max-mem-pages=200")
    reader = open_page(browser=poor)
    reader.allow("^console")
    figure = drag(reader.visit())
    figure.says("too little free memory")
    figure.preset("dyadic").click()
    figure.shows(preset("wasted-bits", "dyadic"))
    reader.page.context.close()
    poor.close()


def test_memory_that_is_just_enough_is_enough(open_page: Opener, launch: Callable[..., Browser]) -> None:
    # What the image was frozen with, and one megabyte to grow.
    poor = launch("--js-flags=--wasm-max-mem-pages=420")
    reader = open_page(browser=poor)
    figure = drag(reader.visit())
    answered(figure)
    assert not asked(reader, WHOLE)
    reader.page.context.close()
    poor.close()


def test_ten_figures_share_one_python(open_page: Opener, site: Path) -> None:
    """Copies of one figure stand in for ten widgets on a page."""
    text = (site / "index.html").read_text(encoding="utf-8")
    [figure] = re.findall(r'<figure class="widget" id="figure-wasted-bits".*?</figure>', text, re.DOTALL)
    copies = "".join(figure.replace("figure-wasted-bits", f"figure-copy-{number}") for number in range(9))
    reader = open_page()
    reader.page.context.route(
        lambda url: url == reader.url,
        lambda route: route.fulfill(content_type="text/html", body=text.replace(figure, figure + copies)),
    )
    reader.visit()
    figures = reader.page.locator('figure[data-widget="wasted-bits"]')
    assert figures.count() == 10
    for number in range(10):
        slider = figures.nth(number).locator('input[type="range"][name="morph"]')
        # Far down a page, what is in a figure is displayed once a reader comes near.
        figures.nth(number).scroll_into_view_if_needed()
        expect(slider).to_be_visible()
        slider.focus()
        reader.page.keyboard.press("ArrowRight")
    shown = figures.locator('output[data-readout="kl_pq"]')
    answers = {
        next(
            item["value"]
            for item in after("wasted-bits", put("morph", value))["view"]["readouts"]
            if item["name"] == "kl_pq"
        )
        for value in (0.01, 0.05)
    }

    def all_answered() -> bool:
        values = shown.evaluate_all("all => all.map(output => Number(output.dataset.value))")
        live = figures.evaluate_all("all => all.every(figure => figure.dataset.status === 'live')")
        return live and all(any(abs(item - float(answer)) < 1e-12 for answer in answers) for item in values)

    until(reader.page, all_answered, "every copy is answered")
    assert len(reader.page.workers) == 1
    assert len(asked(reader, r"/runtime/")) == 1
