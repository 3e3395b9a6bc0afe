"""When Python starts: at a sign that a reader will want it, and earlier only where bytes cost nothing."""

import pytest

from tests.browser.support import RUNTIME, Figure, Listening, Opener, Reader, until

pytestmark = pytest.mark.browser

SPARING = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"


def asked(reader: Reader) -> list[str]:
    """Return which of Python's files were asked for."""
    return [url for url in reader.requests if RUNTIME.search(url)]


def embed(reader: Reader) -> Figure:
    """Open a page on which nothing starts Python but a reader's hand."""
    figure = reader.visit("embed/wasted-bits/").figure("wasted-bits")
    figure.ready()
    reader.page.mouse.move(1, 1)
    reader.page.wait_for_timeout(300)
    assert not asked(reader)
    return figure


def test_a_mouse_over_a_figure_starts_python(open_page: Opener) -> None:
    reader = open_page()
    figure = embed(reader)
    figure.picture.hover()
    figure.has_status("live")


def test_focus_in_a_figure_starts_python(open_page: Opener) -> None:
    reader = open_page()
    figure = embed(reader)
    figure.preset("matched").focus()
    figure.has_status("live")


def test_a_finger_on_a_figure_starts_python(open_page: Opener) -> None:
    reader = open_page(360, touch=True)
    figure = embed(reader)
    figure.picture.tap()
    figure.has_status("live")


def test_where_bytes_are_dear_a_finger_may_be_there_to_scroll(open_page: Opener) -> None:
    reader = open_page(360, touch=True, init=SPARING)
    figure = embed(reader)
    figure.picture.tap()
    reader.page.wait_for_timeout(300)
    assert not asked(reader)
    figure.slider("morph").tap()
    figure.has_status("live")


def test_once_python_is_asked_for_the_server_is_asked_for_nothing_else(open_page: Opener, served: Listening) -> None:
    reader = open_page(url=served.url)
    figure = embed(reader)
    until(reader.page, lambda: any("/worker.js" in path for path in served.asked), "the worker's modules are fetched")
    reader.page.wait_for_timeout(500)
    served.asked.clear()
    figure.picture.hover()
    figure.has_status("live")
    assert [path for path in served.asked if not path.startswith("runtime/")] == []
