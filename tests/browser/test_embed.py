"""Figures in somebody else's page: alone, framed, and framed by a stranger who trusts them with nothing."""

import html
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, expect

from klweb.sitegen.serve import Server
from klweb.widgets import WIDGETS
from tests.browser.support import NAMES, RUNTIME, Opener, Reader, ask, preset, until

pytestmark = pytest.mark.browser

HOST = """<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>A course</title><h1>A course</h1>
<script>window.heard = []; addEventListener("message", event => heard.push(event.data));</script>
<iframe id="frame" title="A figure" {sandbox} src="{src}" width="{width}" height="600"></iframe>"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of another origin, for pages that embed figures."""
    folder = tmp_path_factory.mktemp("course")
    with Server(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Course:
    """A page of another origin with one figure in it."""

    def __init__(self, reader: Reader, course: Server, src: str, *, sandbox: str = "", width: int = 720) -> None:
        page = HOST.format(src=html.escape(src), sandbox=sandbox, width=width)
        name = f"{abs(hash((src, sandbox, width)))}.html"
        Path(course.site, name).write_text(page)
        self.reader = reader
        reader.page.goto(course.url + name)

    @property
    def frame(self) -> Frame:
        return self.reader.page.frames[1]

    def heard(self, kind: str) -> list[dict[str, Any]]:
        said = self.reader.page.evaluate("heard")
        return [item for item in said if isinstance(item, dict) and item.get("type") == kind]

    def hears(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Wait for messages of a kind; return the last."""
        until(self.reader.page, lambda: len(self.heard(kind)) >= count or self.heard(kind), f"hears {kind}")
        last = self.heard(kind)[-1]
        assert last["source"] == "klweb"
        return last


@pytest.mark.parametrize("widget", NAMES)
def test_an_embed_page_works_alone(open_page: Opener, widget: str) -> None:
    last = WIDGETS[widget].presets[-1].name
    reader = open_page(python=False).visit(f"embed/{widget}/?preset={last}")
    figure = reader.figure(widget)
    figure.shows(preset(widget, last))
    assert figure.look()["pressed"] == [last]
    assert reader.page.locator("header.site-head, nav, footer").count() == 0
    first = WIDGETS[widget].presets[0].name
    figure.preset(first).click()
    figure.shows(preset(widget))


def test_an_embed_leads_back_to_its_page(open_page: Opener) -> None:
    reader = open_page(python=False).visit("embed/gaussians/")
    address = reader.figure("gaussians").find("a[href]").last.evaluate("a => a.href")
    assert address == f"{reader.url}#figure-gaussians"
    assert reader.page.request.get(address).ok


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("preset=gone", "gone"),
        ("preset=%3Cscript%3Ealert(1)%3C/script%3E", "script"),
        (f"state={'x' * 5000}", "xxx"),
        ("state=", "example"),
    ],
)
def test_a_broken_option_shows_the_default_and_says_so(open_page: Opener, query: str, said: str) -> None:
    figure = open_page(python=False).visit(f"embed/asymmetry/?{query}").figure("asymmetry")
    figure.says(said)
    figure.shows(preset("asymmetry"))
    assert figure.notice.locator("script").count() == 0


def test_options_hide_and_lock_controls(open_page: Opener) -> None:
    figure = open_page(python=False).visit(
        "embed/gaussians/?hide=swap-means,sigma_p,nothing,%3Cb%3E&lock=sigma_q,swap-variances,mu_p&theme=dark"
    ).figure("gaussians")  # fmt: skip
    figure.ready()
    expect(figure.button("swap-means")).to_be_hidden()
    expect(figure.slider("sigma_p")).to_be_hidden()
    expect(figure.slider("sigma_q")).to_be_visible()
    expect(figure.slider("sigma_q")).to_be_disabled()
    expect(figure.button("swap-variances")).to_be_disabled()
    expect(figure.slider("mu_q")).to_be_enabled()
    expect(figure.field("sigma_q")).to_be_disabled()
    expect(figure.find('[data-number="sigma_p"]')).to_be_hidden()
    # A locked control is locked in the picture too.
    expect(figure.handle("mu_p")).to_be_disabled()
    expect(figure.handle("mu_q")).to_be_enabled()


def test_a_locked_distribution_has_no_handles_to_drag(open_page: Opener) -> None:
    figure = open_page(python=False).visit("embed/asymmetry/?lock=q").figure("asymmetry").ready()
    expect(figure.handle("q.0")).to_be_disabled()
    expect(figure.field("q")).to_be_disabled()
    expect(figure.find('[data-number="q.0"]')).to_be_disabled()
    expect(figure.find('[data-number="p.0"]')).to_be_enabled()


@pytest.mark.parametrize(("theme", "scheme"), [("light", "dark"), ("dark", "light"), ("auto", "dark"), ("x", "light")])
def test_an_embed_wears_the_theme_asked_for(open_page: Opener, theme: str, scheme: str) -> None:
    reader = open_page(python=False, color_scheme=scheme).visit(f"embed/asymmetry/?theme={theme}")
    wanted = theme if theme in ("light", "dark") else scheme
    red = reader.page.evaluate("() => Number(getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/)[0])")
    assert (red > 128) == (wanted == "light")


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts"'], ids=["framed", "sandboxed"])
def test_a_framed_figure_answers_and_reports(open_page: Opener, course: Server, server: Server, sandbox: str) -> None:
    text = "mu_p:1;sigma_p:1;mu_q:2;sigma_q:2"
    reader = open_page(origins=(course.url,))
    host = Course(reader, course, f"{server.url}embed/gaussians/?state={text}", sandbox=sandbox)
    answer = ask(op="decode", widget="gaussians", text=text)
    host.hears("ready")
    assert host.hears("ready")["widget"] == "gaussians"
    # Python, in a frame of another origin.
    said = host.hears("state")
    assert said["state"] == answer["state"]
    assert said["link"] == answer["link"]
    assert said["readouts"] == {item["name"]: item["value"] for item in answer["view"]["readouts"]}
    slider = host.frame.locator('input[type="range"][name="sigma_q"]')
    slider.focus()
    reader.page.keyboard.press("End")
    expect(host.frame.locator("figure.widget")).to_have_attribute("data-status", "live")
    until(reader.page, lambda: host.hears("state")["state"]["sigma_q"] == 3, "the change is told")
    # Its height, for a page that makes room: once for us, once as learning platforms want it.
    height = host.hears("resize")["height"]
    assert height == host.frame.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
    lti = [item for item in reader.page.evaluate("heard") if isinstance(item, str) and "lti.frameResize" in item]
    assert f'"height":{height}' in lti[-1].replace(" ", "")
    host.frame.locator("details[data-menu] > summary").click()
    until(reader.page, lambda: host.hears("resize")["height"] > height, "the new height is told")


def test_a_sandboxed_figure_answers_to_a_drag_on_a_phone(open_page: Opener, course: Server, server: Server) -> None:
    reader = open_page(400, origins=(course.url,))
    host = Course(reader, course, f"{server.url}embed/asymmetry/", sandbox='sandbox="allow-scripts"', width=360)
    handle = host.frame.locator('input[data-handle="q.2"]')
    handle.wait_for(state="attached")
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    reader.page.mouse.move(x, y)
    reader.page.mouse.down()
    reader.page.mouse.move(x, y + 40, steps=5)
    reader.page.mouse.up()
    # Of the stops that it passed before Python was up nothing is told.
    until(
        reader.page,
        lambda: host.hears("state")["state"]["q"][2] == float(handle.input_value()) < 0.6,
        "the change is told",
    )


def test_a_failure_is_told_to_the_page_around(open_page: Opener, course: Server, server: Server) -> None:
    reader = open_page(origins=(course.url,), python=False)
    host = Course(reader, course, f"{server.url}embed/wasted-bits/")
    assert RUNTIME.search(reader.allowed[0].pattern)
    slider = host.frame.locator('input[name="morph"]')
    slider.focus()
    reader.page.keyboard.press("End")
    assert host.hears("error")["message"]
    expect(host.frame.get_by_role("button", name="Try again")).to_be_visible()


def test_messages_from_the_page_around_change_nothing(open_page: Opener, course: Server, server: Server) -> None:
    reader = open_page(origins=(course.url,), python=False)
    host = Course(reader, course, f"{server.url}embed/asymmetry/")
    host.hears("ready")
    readouts = host.frame.locator("output[data-readout], [data-summary]")
    before = readouts.all_inner_texts()
    for message in ({"source": "klweb", "type": "state", "state": {"q": [1, 0]}}, "x" * 100_000, None, [1, [2]]):
        reader.page.evaluate("m => document.getElementById('frame').contentWindow.postMessage(m, '*')", message)
    host.frame.locator('button[data-preset="identical"]').click()
    host.hears("state")
    host.frame.locator('button[data-preset="uniform-vs-peaked"]').click()
    until(reader.page, lambda: len(host.heard("state")) > 1, "two states are told")
    assert readouts.all_inner_texts() == before
