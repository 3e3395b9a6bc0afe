"""Figures that embed.js puts into one page share one Python, and none needs another one to go on."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, expect

from klweb.sitegen.serve import Server
from tests.browser.hostile import LOOK_AROUND, TEXTS, alarmed
from tests.browser.support import (
    LOOK,
    RUNTIME,
    Answer,
    Opener,
    Reader,
    after,
    ask,
    differences,
    held,
    preset,
    put,
    until,
)
from tests.browser.test_embed import PAGE, STRICT, script

pytestmark = pytest.mark.browser

MADE = """window.made = [];
globalThis.Worker = class extends Worker { constructor(...given) { super(...given); made.push(this); } };
window.heard = []; addEventListener("message", event => heard.push(event.data));"""
"""Counts the workers of each frame."""
WRAPPED = '<iframe title="A course" sandbox="allow-scripts" src="{src}" width="760" height="4000"></iframe>'
"""How learning platforms show what a teacher wrote; frames in it are sandboxed, too."""
WIDGETS = ("wasted-bits", "gaussians", "wasted-bits")
MOVED = {"wasted-bits": ("morph", 1), "gaussians": ("sigma_q", 3)}
"""A slider of each widget, and the end of it."""


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


class Figure:
    """One figure in its frame."""

    def __init__(self, reader: Reader, frame: Frame) -> None:
        self.reader, self.frame = reader, frame
        self.root = frame.locator("figure.widget")
        self.widget = str(self.root.get_attribute("data-widget"))

    def slider(self) -> tuple[str, int]:
        return MOVED[self.widget]

    def touch(self, key: str = "End") -> "Figure":
        """Do what a student with a keyboard does."""
        self.frame.locator(f'input[type="range"][name="{self.slider()[0]}"]').press(key)
        return self

    def shows(self, answer: Answer | None = None) -> "Figure":
        """Wait until it shows Python's answer, by default to the key of `touch`."""
        wanted = answer or after(self.widget, put(*self.slider()))

        def check() -> object:
            shown = self.frame.evaluate(LOOK, self.widget)
            return (shown["status"] == "live" and not differences(shown, wanted)) or f"{shown['status']}: {shown}"

        until(self.reader.page, check, f"{self.widget} shows the answer")
        return self

    @property
    def workers(self) -> int:
        """How many Pythons it has started."""
        return int(self.frame.evaluate("made.length"))

    def remove(self) -> None:
        """Take it out of its page, as a script of slides would."""
        parent = self.frame.parent_frame
        assert parent is not None
        parent.locator("kl-widget").nth(self.place()).evaluate("element => element.remove()")

    def place(self) -> int:
        parent = self.frame.parent_frame
        assert parent is not None
        element = self.frame.frame_element()
        return int(element.evaluate("e => [...document.querySelectorAll('kl-widget')].indexOf(e.getRootNode().host)"))


def lesson(reader: Reader, course: Server, body: str, *, sandboxed: bool = False, meta: str = "") -> list[Figure]:
    """Open a page of another origin; return its figures, all of them there and none of them touched."""
    name = f"{abs(hash((body, meta)))}.html"
    Path(course.site, name).write_text(PAGE.format(body=body, meta=meta))
    if sandboxed:
        Path(course.site, f"in-{name}").write_text(PAGE.format(body=WRAPPED.format(src=name), meta=""))
        name = f"in-{name}"
    reader.page.goto(course.url + name)
    around = reader.page.frames[1] if sandboxed else reader.page.main_frame
    around.wait_for_load_state()
    count = around.locator("kl-widget").count()
    figures = []
    for index in range(count):
        element = around.locator("kl-widget iframe").nth(index)
        element.scroll_into_view_if_needed()
        frame = element.element_handle().content_frame()
        assert frame is not None
        frame.locator("figure.widget .stage").wait_for()
        figures.append(Figure(reader, frame))

    def told() -> object:
        ready = [item for item in around.evaluate("heard") if isinstance(item, dict) and item.get("type") == "ready"]
        return len(ready) == count or f"{len(ready)} of {count}"

    until(reader.page, told, "all figures are ready")
    return figures


@pytest.fixture
def open_lesson(open_page: Opener, course: Server, server: Server) -> Callable[..., list[Figure]]:
    """Return what opens a page with some figures of the site's."""

    def open_lesson(*widgets: str, sandboxed: bool = False, strict: bool = False, python: bool = True) -> list[Figure]:
        reader = open_page(origins=(course.url,), init=MADE, python=python)
        body = "".join(script(server, widget=widget) for widget in widgets or WIDGETS)
        meta = STRICT.format(origin=server.url, frames=server.url) if strict else ""
        return lesson(reader, course, body, sandboxed=sandboxed, meta=meta)

    return open_lesson


Opened = Callable[..., list[Figure]]
SANDBOXES = pytest.mark.parametrize("sandboxed", [False, True], ids=["framed", "sandboxed"])


@pytest.mark.parametrize("options", [{}, {"strict": True}, {"sandboxed": True}], ids=["plain", "strict", "sandboxed"])
def test_figures_of_one_page_share_one_python(open_lesson: Opened, options: dict[str, bool]) -> None:
    figures = open_lesson(**options)
    asked = figures[0].reader.requests
    assert not [url for url in asked if RUNTIME.search(url)]
    for figure in (figures[1], figures[0], figures[2]):
        figure.touch().shows()
    assert [figure.workers for figure in figures] == [0, 1, 0]
    assert len([url for url in asked if RUNTIME.search(url)]) == 1
    # Each has a state of its own.
    figures[0].touch("Home").shows(after("wasted-bits", put("morph", 1), put("morph", 0)))
    figures[2].shows()


def test_who_comes_while_python_is_on_its_way_waits_for_the_same(open_lesson: Opened) -> None:
    first, second, _ = open_lesson()
    with held(first.reader) as release:
        first.touch()
        expect(first.root).to_have_attribute("data-status", "starting")
        second.touch()
        expect(second.frame.locator("[data-notice]")).to_contain_text("fetching it")
        release()
        first.shows()
        second.shows()
    assert (first.workers, second.workers) == (1, 0)


@SANDBOXES
def test_a_figure_goes_on_when_the_one_with_python_is_taken_away(open_lesson: Opened, sandboxed: bool) -> None:
    holder, figure, third = open_lesson("gaussians", "wasted-bits", "gaussians", sandboxed=sandboxed)
    holder.touch().shows()
    slider = figure.frame.locator('input[name="morph"]')
    slider.scroll_into_view_if_needed()
    figure.touch("Home")
    mouse, box = figure.reader.page.mouse, slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 2, y)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.6, y, steps=3)
    # What stands above the figure goes, and with it the finger's place on the page: the rest comes by key.
    holder.remove()
    mouse.up()
    slider.press("End")
    figure.shows()
    # The last word of a Python that is going may still have come; then it is heard only now that it is gone.
    until(figure.reader.page, lambda: figure.workers == 1, "the figure has a Python of its own")
    figure.touch("Home").shows(after("wasted-bits", put("morph", 1), put("morph", 0)))
    third.touch().shows()
    assert (figure.workers, third.workers) == (1, 0)


def test_a_figure_goes_on_when_the_one_with_python_is_loaded_anew(open_lesson: Opened) -> None:
    holder, figure, _ = open_lesson()
    holder.touch().shows()
    figure.touch().shows()
    holder.frame.evaluate("document.body.dataset.old = ''; location.reload()")
    holder.frame.locator("body:not([data-old]) input[type=range]:enabled").first.wait_for()
    figure.touch("Home")
    figure.shows(after("gaussians", put("sigma_q", 3), put("sigma_q", figure_low(figure))))
    assert figure.workers == 1
    # Now the other one has it.
    holder.touch().shows()
    assert holder.workers == 0


def figure_low(figure: Figure) -> float:
    """Return the lower end of its slider."""
    slider = figure.frame.locator(f'input[type="range"][name="{figure.slider()[0]}"]')
    return float(str(slider.get_attribute("min")))


def test_a_worker_that_dies_is_replaced_for_all(open_lesson: Opened) -> None:
    holder, figure, third = open_lesson()
    holder.touch().shows()
    figure.touch().shows()
    holder.frame.evaluate("made[0].dispatchEvent(new Event('error'))")
    third.touch().shows()
    holder.touch("Home").shows(after("wasted-bits", put("morph", 1), put("morph", 0)))
    figure.touch("Home").shows(after("gaussians", put("sigma_q", 3), put("sigma_q", figure_low(figure))))
    assert holder.workers + figure.workers + third.workers == 2


def test_a_worker_that_hangs_is_replaced_though_its_own_figure_is_left_alone(open_lesson: Opened) -> None:
    holder, figure, _ = open_lesson()
    holder.touch().shows()
    figure.touch().shows()
    [worker] = holder.reader.page.workers
    worker.evaluate("() => void setTimeout(() => { for (;;); })")
    # Its call gets ten seconds; then another Python answers it.
    figure.touch("Home").shows(after("gaussians", put("sigma_q", 3), put("sigma_q", figure_low(figure))))
    until(holder.reader.page, lambda: worker not in holder.reader.page.workers, "the old worker is ended")
    holder.touch("Home").shows(after("wasted-bits", put("morph", 1), put("morph", 0)))
    assert holder.workers + figure.workers == 2


def test_a_start_that_is_cancelled_in_one_figure_goes_on_in_another(open_lesson: Opened) -> None:
    first, second, _ = open_lesson()
    with held(first.reader) as release:
        first.touch()
        expect(first.root).to_have_attribute("data-status", "starting")
        second.touch()
        expect(second.root).to_have_attribute("data-status", "starting")
        first.frame.get_by_role("button", name="Cancel").click()
        release()
        second.shows()
    assert (first.workers, second.workers) == (1, 1)
    first.touch("Home").touch("End").shows()
    assert first.workers == 1


def test_a_start_that_fails_is_told_by_each_and_can_be_tried_again(open_lesson: Opened) -> None:
    first, second, _ = open_lesson(python=False)
    first.touch()
    expect(first.root).to_have_attribute("data-status", "failed", timeout=45_000)
    second.touch()
    expect(second.root).to_have_attribute("data-status", "failed", timeout=45_000)
    first.reader.page.context.unroute(RUNTIME)
    second.frame.get_by_role("button", name="Try again").click()
    second.shows()
    first.frame.get_by_role("button", name="Try again").click()
    first.shows()


def test_what_the_quick_python_lacks_is_asked_of_the_whole_one_by_all(
    open_page: Opener, course: Server, server: Server
) -> None:
    reader = open_page(origins=(course.url,), init=MADE)
    reader.allow("klweb: the quick Python")

    holder, figure, third = lesson(reader, course, "".join(script(server, widget=widget) for widget in WIDGETS))
    holder.touch().shows()
    figure.touch().shows()
    [worker] = reader.page.workers
    # Every function of the frozen module now fails as one does that was left out of it.
    worker.evaluate("() => { TextEncoder.prototype.encode = () => { throw new Error('left out'); }; }")
    figure.touch("Home").shows(after("gaussians", put("sigma_q", 3), put("sigma_q", figure_low(figure))))
    assert [url for url in reader.requests if "/runtime/pyodide" in url]
    third.touch().shows()
    holder.touch("Home").shows(after("wasted-bits", put("morph", 1), put("morph", 0)))


def test_states_that_take_python_to_be_shown_share_it_too(open_page: Opener, course: Server, server: Server) -> None:
    reader = open_page(origins=(course.url,), init=MADE)
    texts = [f"mu_p:0;sigma_p:1;mu_q:{mean};sigma_q:2" for mean in (0, 1, 2)]
    body = "".join(script(server, widget="gaussians", state=text) + "<p>Between.</p>" + "<br>" * 90 for text in texts)
    figures = lesson(reader, course, body)
    for figure, text in zip(figures, texts, strict=True):
        figure.shows(ask(op="decode", widget="gaussians", text=text))
    assert [figure.workers for figure in figures] == [1, 0, 0]


def test_two_copies_of_the_site_share_nothing(
    open_page: Opener, course: Server, server: Server, prefixed: Server
) -> None:
    reader = open_page(origins=(course.url, prefixed.url), init=MADE)
    body = script(server, widget="gaussians") + f'<kl-widget widget="gaussians" site="{prefixed.url}"></kl-widget>'
    one, other = lesson(reader, course, body)
    one.touch().shows()
    other.touch().shows()
    assert (one.workers, other.workers) == (1, 1)


# ── somebody who means harm ──────────────────────────────────────────────────────────────────

FAKE = """<script>
  window.asked = 0; window.spoilt = null; window.words = [];
  const say = (word, port) => frame.contentWindow.postMessage(
    {source: "klweb-host", version: 1, type: "python", word}, "*", port ? [port] : []);
  addEventListener("message", ({data, ports}) => {
    if (data?.source !== "klweb" || data.type !== "python") return;
    words.push(data.word);
    if (data.word !== "join" || window.isSilent) return;
    ports[0].onmessage = ({data: {id}}) => { asked += 1; ports[0].postMessage({tag: "answer", id, text: spoilt}); };
    ports[0].postMessage({tag: "ready"});
  });
  function flood(port) {
    for (const message of [null, "x", {}, {tag: "start", image: null, manifestUrl: "https://stranger.invalid/m.json",
      fresh: false, warm: ""}, {tag: "__proto__"}, {tag: "call", id: -1, text: "{}"}, {tag: "join"}]) {
      const {port1, port2} = new MessageChannel();
      say("join", port2);
      port1.postMessage(message);
      port1.postMessage({tag: "call", id: 1, text: "{"});
      port1.onmessage = ({data}) => (window.replies ??= []).push(data.tag);
    }
  }
</script>
<iframe id="frame" title="A figure" src="{src}" width="720" height="900"></iframe>"""


def spoil(item: object, text: str) -> object:
    """Return an answer with other words at every place that is there for words."""
    if isinstance(item, dict):
        return {name: spoil(part, text) for name, part in item.items()}
    if isinstance(item, list):
        return [spoil(part, text) for part in item]
    return text if isinstance(item, str) and (" " in item or item[:1].isdigit()) else item


def stand(open_page: Opener, course: Server, server: Server, widget: str) -> tuple[Reader, Figure]:
    """Open a page that would be embed.js, with one figure of the site's own origin."""
    reader = alarmed(open_page(origins=(course.url,), init=MADE))
    Path(course.site, "fake.html").write_text(
        PAGE.format(body=FAKE.replace("{src}", f"{server.url}embed/{widget}/"), meta="")
    )
    reader.page.goto(f"{course.url}fake.html")
    frame = reader.page.frames[1]
    frame.locator("figure.widget .stage").wait_for()
    until(reader.page, lambda: "ready" in str(reader.page.evaluate("heard")), "it is ready")
    return reader, Figure(reader, frame)


def test_a_python_that_is_none_gets_nothing_in(open_page: Opener, course: Server, server: Server) -> None:
    reader, figure = stand(open_page, course, server, "asymmetry")
    page, answer = reader.page, preset("asymmetry")
    page.evaluate("say('offer')")
    handle, summary = figure.frame.locator('input[data-handle="q.2"]'), figure.frame.locator("[data-summary]")
    for text in TEXTS:
        page.evaluate("text => { spoilt = text; }", json.dumps(spoil(answer, text)))
        summary.evaluate("element => { element.textContent = ''; }")
        handle.press("ArrowUp")
        expect(summary).not_to_be_empty()
    assert page.evaluate("asked") >= len(TEXTS)
    assert figure.workers == 0
    assert figure.frame.evaluate(LOOK_AROUND) == []


NO_ANSWERS: list[object] = [{"ok": True}, None, [], {"ok": False}, preset("gaussians") | {"view": {"scene": 1}}]
NONSENSE = [json.dumps(item) for item in NO_ANSWERS]


@pytest.mark.parametrize("text", [*NONSENSE, "{", 7], ids=range(len(NONSENSE) + 2))
def test_who_answers_nonsense_is_left_and_no_state_is_lost(
    open_page: Opener, course: Server, server: Server, text: object
) -> None:
    reader, figure = stand(open_page, course, server, "gaussians")
    reader.allow("ProtocolError" if text == 7 else "")
    reader.page.evaluate("text => { spoilt = text; say('offer'); }", text)
    figure.touch().shows()
    assert figure.workers == 1
    assert reader.page.evaluate("words") == ["join", "doubt", "offer"]


def test_a_guest_may_ask_and_nothing_else(open_page: Opener, course: Server, server: Server) -> None:
    reader, figure = stand(open_page, course, server, "gaussians")
    page = reader.page
    page.evaluate("say('gone')")
    figure.touch().shows()
    assert page.evaluate("words") == ["offer"]
    page.evaluate("flood()")
    figure.touch("Home").shows(after("gaussians", put("sigma_q", 3), put("sigma_q", figure_low(figure))))
    assert not [url for url in reader.requests if "stranger" in url]
    assert set(page.evaluate("window.replies ?? []")) <= {"progress", "ready", "unfit", "error", "answer"}


def test_an_offer_with_nobody_behind_it_is_waited_for_and_no_more(
    open_page: Opener, course: Server, server: Server
) -> None:
    reader, figure = stand(open_page, course, server, "gaussians")
    reader.page.evaluate("isSilent = true; say('offer')")
    figure.touch().shows()
    assert figure.workers == 1
    assert reader.page.evaluate("words") == ["join", "offer"]
