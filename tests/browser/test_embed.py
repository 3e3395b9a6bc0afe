"""Figures in somebody else's page: alone, framed, and framed by a stranger who trusts them with nothing."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, expect

from klweb.sitegen.serve import Server
from klweb.widgets import WIDGETS
from tests.browser.hosting import content, fits
from tests.browser.support import NAMES, RUNTIME, Opener, Reader, ask, preset, until

pytestmark = pytest.mark.browser

HOST = """<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>A course</title><h1>A course</h1>
<script>window.heard = []; addEventListener("message", event => heard.push(event.data));</script>
<iframe id="frame" title="A figure" {sandbox} src="{src}" width="{width}" height="600"></iframe>"""


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
        assert last["version"] == 1
        return last

    def say(self, **message: object) -> None:
        """Send the figure a message, by default a good one."""
        message = {"source": "klweb-host", "version": 1} | message
        self.reader.page.evaluate("m => document.getElementById('frame').contentWindow.postMessage(m, '*')", message)


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
    assert host.hears("ready")["widget"] == "gaussians"
    assert host.hears("ready")["title"] == WIDGETS["gaussians"].title
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
    assert json.loads(lti[-1]) == {"subject": "lti.frameResize", "height": height}
    assert {"subject": "lti.frameResize", "height": height} in reader.page.evaluate("heard")
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


# ── messages from the page around ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts"'], ids=["framed", "sandboxed"])
def test_the_page_around_sets_preset_and_state_and_takes_them_back(
    open_page: Opener, course: Server, server: Server, sandbox: str
) -> None:
    reader = open_page(origins=(course.url,))
    presets = [item.name for item in WIDGETS["gaussians"].presets]
    wanted = presets[1]
    host = Course(reader, course, f"{server.url}embed/gaussians/?preset={wanted}", sandbox=sandbox)
    assert host.hears("state")["link"] == wanted
    host.say(type="preset", preset=presets[2])
    until(reader.page, lambda: host.hears("state")["link"] == presets[2], "the preset is shown")
    # All that without Python.
    expect(host.frame.locator("figure.widget")).to_have_attribute("data-status", "static")
    text = "mu_p:1;sigma_p:1;mu_q:2;sigma_q:2"
    host.say(type="state", state=text)
    answer = ask(op="decode", widget="gaussians", text=text)
    until(reader.page, lambda: host.hears("state")["state"] == answer["state"], "the state is shown")
    host.say(type="reset")
    until(reader.page, lambda: host.hears("state")["link"] == wanted, "back to what the address asks for")
    # A link that was heard can be said again.
    host.say(type="state", state=presets[0], widget="gaussians")
    until(reader.page, lambda: host.hears("state")["link"] == presets[0], "a link is a state")
    assert not host.heard("error")


def test_what_can_not_be_shown_is_told_and_changes_nothing(open_page: Opener, course: Server, server: Server) -> None:
    reader = open_page(origins=(course.url,))
    host = Course(reader, course, f"{server.url}embed/gaussians/")
    slider = host.frame.locator('input[type="range"][name="sigma_q"]')
    slider.focus()
    reader.page.keyboard.press("End")
    until(reader.page, lambda: host.hears("state")["state"]["sigma_q"] == 3, "the change is told")
    before = host.frame.locator("output[data-readout], [data-summary]").all_inner_texts()
    for message, said in (
        ({"type": "preset", "preset": "gone"}, "gone"),
        ({"type": "state", "state": "sigma_q:-1"}, "spread of q must be"),
        ({"type": "state", "state": "no:thing"}, "no"),
        ({"type": "reset", "version": 2}, "version 1"),
        ({"type": "run", "code": "import js"}, "type"),
    ):
        count = len(host.heard("error"))
        host.say(**message)
        until(reader.page, lambda count=count: len(host.heard("error")) > count, f"{message} is answered")  # type: ignore[misc]
        assert re.search(said, host.hears("error")["message"])
    # Somebody else's message, however well made: its own frame's here.
    host.frame.evaluate("postMessage({source: 'klweb-host', version: 1, type: 'reset'}, '*')")
    reader.page.wait_for_timeout(300)
    assert host.frame.locator("output[data-readout], [data-summary]").all_inner_texts() == before
    assert slider.input_value() == "3"


FLOOD = """() => {
  const hostile = ["", "x", "__proto__", "constructor", ":", "mu_p:1e999", "sigma_q:-1;sigma_q:0", "mu_p:__proto__",
    "\\ud800:1", "<img src=x onerror=alert(1)>", "x".repeat(5000), "y:" + "1,".repeat(3000), null, undefined, NaN, 7,
    [], {}, [[["mu_p:1"]]], new Date(NaN), new Map([["type", "reset"]]), new Uint8Array(9), 10n, /x/, new Error("x")];
  let seed = 1;
  const pick = list => list[(seed = (seed * 48271) % 2147483647) % list.length];
  const target = document.getElementById("frame").contentWindow;
  for (let i = 0; i < 10000; i += 1) {
    const message = {
      source: pick(["klweb-host", "klweb-host", "klweb", pick(hostile)]),
      version: pick([1, 1, 1, 2, "1", pick(hostile)]),
      type: pick(["preset", "state", "state", "python", "resize", "error", "__proto__", pick(hostile)]),
      word: pick(["offer", "gone", "join", "doubt", "__proto__", pick(hostile)]),
      preset: pick(hostile), state: pick(hostile), height: pick(hostile),
      [pick(["a", "__proto__", "toString"])]: pick(hostile),
    };
    const ports = i % 10 ? [] : [new MessageChannel().port1];
    target.postMessage(pick([message, message, message, JSON.stringify({type: "reset"}), pick(hostile)]), "*", ports);
  }
}"""


def test_ten_thousand_hostile_messages_lose_no_state(open_page: Opener, course: Server, server: Server) -> None:
    reader = open_page(origins=(course.url,))
    host = Course(reader, course, f"{server.url}embed/gaussians/", sandbox='sandbox="allow-scripts"')
    slider = host.frame.locator('input[type="range"][name="sigma_q"]')
    slider.focus()
    reader.page.keyboard.press("End")
    until(reader.page, lambda: host.hears("state")["state"]["sigma_q"] == 3, "the change is told")
    figure = host.frame.locator("figure.widget")
    before = figure.inner_text()
    reader.page.evaluate(FLOOD)
    host.say(type="last", version=1)
    until(reader.page, lambda: len(host.heard("error")) > 1000, "refusals are told")
    reader.page.wait_for_timeout(500)
    assert figure.inner_text() == before
    assert figure.get_attribute("data-status") == "live"
    # It still works, on from where it was.
    slider.focus()
    reader.page.keyboard.press("Home")
    until(reader.page, lambda: host.hears("state")["state"]["sigma_q"] < 1, "the next change is told")


# ── the one-line script ──────────────────────────────────────────────────────────────────────

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">{meta}<link rel="icon" href="data:,">
<title>A course</title></head><body><h1>A course</h1>{body}</body></html>"""
STRICT = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {origin};
frame-src {frames}; img-src data:; require-trusted-types-for 'script'">"""
LISTEN = """window.heard = []; addEventListener("message", event => heard.push(event.data));
for (const type of ["ready", "state", "error"]) {
  addEventListener(`kl-${type}`, event => (window.told ??= []).push(event.detail));
}"""


def lesson(reader: Reader, course: Server, body: str, meta: str = "") -> None:
    """Open a page of another origin that holds what a teacher pasted."""
    name = f"{abs(hash((body, meta)))}.html"
    Path(course.site, name).write_text(PAGE.format(body=body, meta=meta))
    reader.page.goto(course.url + name)


def script(server: Server, **options: str) -> str:
    given = "".join(f' data-{name}="{html.escape(value)}"' for name, value in options.items())
    return f'<script async src="{server.url}embed.js"{given}></script>'


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict-policy"])
def test_one_line_embeds_a_figure_as_often_as_it_is_pasted(
    open_page: Opener, course: Server, server: Server, strict: bool
) -> None:
    reader = open_page(origins=(course.url,), init=LISTEN)
    meta = STRICT.format(origin=server.url, frames=server.url) if strict else ""
    question = "Which one is <b>larger</b>?"
    body = (
        script(server, widget="asymmetry", preset="identical", ask=question, theme="dark")
        + "<p>Between.</p>"
        + script(server, widget="gaussians", hide="sigma_p", lock="sigma_q")
        + '<kl-widget widget="wasted-bits" preset="matched">Words for those without scripts.</kl-widget>'
    )
    lesson(reader, course, body, meta)
    frames = reader.page.locator("iframe")
    expect(frames).to_have_count(3)
    assert reader.page.locator("script").count() == 0
    for frame, name in zip(frames.all(), ("asymmetry", "gaussians", "wasted-bits"), strict=True):
        frame.scroll_into_view_if_needed()
        expect(frame).to_have_attribute("title", WIDGETS[name].title)
        expect(frame).to_have_attribute("loading", "lazy")
        fits(reader, frame)
    one, two = content(frames.nth(0)), content(frames.nth(1))
    assert one.locator("[data-ask]").inner_text() == question
    assert one.locator('button[data-preset="identical"]').get_attribute("aria-pressed") == "true"
    assert one.evaluate("document.documentElement.dataset.theme") == "dark"
    expect(two.locator('input[name="sigma_p"]')).to_be_hidden()
    expect(two.locator('input[name="sigma_q"][type="range"]')).to_be_disabled()
    expect(two.locator("[data-ask]")).to_be_hidden()
    # Its height follows what a student opens and closes.
    menu = two.locator("details[data-menu] > summary")
    before = frames.nth(1).evaluate("e => e.clientHeight")
    menu.click()
    until(reader.page, lambda: frames.nth(1).evaluate("e => e.clientHeight") > before + 100, "it grows")
    fits(reader, frames.nth(1))
    menu.click()
    until(reader.page, lambda: frames.nth(1).evaluate("e => e.clientHeight") == before, "it shrinks")
    # The page hears of it by events, and asks by a method, which waits for a figure that is not there yet.
    reader.page.evaluate("""() => {
      const element = document.createElement("kl-widget");
      element.setAttribute("widget", "gaussians");
      document.querySelector("h1").after(element);
      element.send({type: "preset", preset: "wide-model"});
    }""")
    until(reader.page, lambda: "wide-model" in str(reader.page.evaluate("told.map(item => item.link)")), "it was heard")
    reader.page.locator("kl-widget").first.evaluate("e => e.remove()")
    element = reader.page.locator("kl-widget").nth(2)
    element.evaluate("e => e.send({type: 'preset', preset: 'gone'})")
    until(reader.page, lambda: "gone" in str(reader.page.evaluate("told.at(-1).message ?? ''")), "an event tells")
    assert not [key for key in reader.page.evaluate("Object.keys(window)") if "kl" in key.lower() and "Test" not in key]


def test_figures_cost_nothing_until_they_are_near_and_touched(
    open_page: Opener, course: Server, server: Server
) -> None:
    reader = open_page(origins=(course.url,), init=LISTEN)
    many = "".join(f"<p>{'<br>' * 60}</p>{script(server, widget=name)}" for name in NAMES * 3)
    lesson(reader, course, many)
    frames = reader.page.locator("iframe")
    expect(frames).to_have_count(3 * len(NAMES))
    first = content(frames.first)
    frames.first.scroll_into_view_if_needed()
    # A mouse on its way over the page is no touch.
    for y in (200, 400, 600):
        reader.page.mouse.move(400, y)
    reader.page.wait_for_timeout(1500)
    assert not [url for url in reader.requests if RUNTIME.search(url)]
    pages = [url for url in reader.requests if "/embed/" in url]
    assert 0 < len(pages) < len(NAMES) * 3
    first.locator("input").first.focus()
    expect(first.locator("figure.widget")).to_have_attribute("data-status", "live", timeout=45_000)


def test_a_linked_state_waits_until_somebody_sees_it(open_page: Opener, course: Server, server: Server) -> None:
    text = "mu_p:1;sigma_p:1;mu_q:2;sigma_q:2"
    reader = open_page(origins=(course.url,), init=LISTEN)
    lesson(reader, course, "<p>Above.</p>" + "<br>" * 80 + script(server, widget="gaussians", state=text))
    frame = reader.page.locator("iframe")
    content(frame)
    reader.page.wait_for_timeout(1000)
    assert not [url for url in reader.requests if RUNTIME.search(url)]
    frame.scroll_into_view_if_needed()
    expect(content(frame).locator("figure.widget")).to_have_attribute("data-status", "live", timeout=45_000)
    assert reader.page.evaluate("told.at(-1).state.sigma_q") == 2


def test_a_script_that_is_lost_leaves_the_figure_and_is_told(open_page: Opener, course: Server, server: Server) -> None:
    reader = open_page(origins=(course.url,), init=LISTEN)
    reader.allow("host.js|ERR_FAILED")
    reader.page.context.route(re.compile(r"/host\.js"), lambda route: route.abort())
    lesson(reader, course, script(server, widget="asymmetry"))
    frame = reader.page.locator("iframe")
    inside = content(frame)
    expect(inside.locator("[data-notice]")).to_contain_text("could not be loaded")
    expect(inside.locator('svg[data-figure="desk"]')).to_be_visible()
    expect(inside.locator("figure.widget")).to_have_attribute("data-status", "failed")
    until(reader.page, lambda: "could not be loaded" in str(reader.page.evaluate("window.told")), "the page is told")
    fits(reader, frame)


def test_a_script_for_no_figure_says_so(open_page: Opener, course: Server, server: Server) -> None:
    reader = open_page(origins=(course.url,))
    lesson(reader, course, script(server, widget="../about") + "<kl-widget></kl-widget>")
    expect(reader.page.get_by_text("There is no figure “../about”.")).to_be_visible()
    assert reader.page.locator("iframe").count() == 0


# ── narrow frames ────────────────────────────────────────────────────────────────────────────

NARROW = """() => {
  const figure = document.querySelector("figure.widget"), page = document.documentElement;
  const outside = [...figure.querySelectorAll("button, label, p, output, summary, span, caption")].filter(e => {
    const {left, right} = e.getBoundingClientRect();
    const scrolls = e.closest(".presets, .picture, .table-scroll, .hidden, .presets-table");
    return e.checkVisibility() && !scrolls && (right > innerWidth + 0.5 || left < -0.5);
  });
  const texts = [...figure.querySelectorAll("svg[data-figure] text")].filter(text => text.checkVisibility());
  const sizes = texts.map(text => {
    const svg = text.closest("svg");
    return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  });
  const picture = figure.querySelector(".picture");
  return {
    wide: page.scrollWidth, high: page.getBoundingClientRect().height,
    outside: outside.map(e => e.outerHTML.slice(0, 90)),
    least: Math.min(...sizes), hidden: picture.scrollWidth - picture.clientWidth, reachable: picture.tabIndex,
  };
}"""


@pytest.mark.parametrize("widget", WIDGETS)
def test_nothing_is_cut_off_in_a_narrow_frame(open_page: Opener, widget: str) -> None:
    reader = open_page(280, 500, python=False).visit(f"embed/{widget}/?ask=Which+one+is+larger,+and+why%3F")
    reader.figure(widget).ready()
    look = reader.page.evaluate(NARROW)
    assert look["wide"] == 280
    assert look["outside"] == []
    assert look["least"] >= 12
    # The picture alone is wider, and keys scroll it.
    assert 0 < look["hidden"] < 60
    assert look["reachable"] == 0
    # Its height is its content's, however high the frame is.
    for height in (200, 3000):
        reader.page.set_viewport_size({"width": 280, "height": height})
        assert reader.page.evaluate(NARROW)["high"] == look["high"]
    reader.page.set_viewport_size({"width": 360, "height": 500})
    until(reader.page, lambda: reader.page.evaluate(NARROW)["reachable"] == -1, "nothing to scroll")
    assert reader.page.evaluate(NARROW)["hidden"] == 0
