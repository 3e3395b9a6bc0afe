"""The main journeys in WebKitGTK, with real input to its small browser on a screen of its own."""

import json
import math
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from selenium.webdriver.webkitgtk.webdriver import WebDriver

from klweb import topics
from klweb.categorical import kl
from klweb.practice import variant
from klweb.sitegen.serve import Server
from klweb.sitegen.writer import policy
from klweb.widgets import WIDGETS
from tests.browser.hosting import FIGURES, LESSONS, Hosts, allowing, nobody, snippet
from tests.browser.support import (
    LOOK,
    PATIENCE,
    Answer,
    Listening,
    Shown,
    after,
    ask,
    differences,
    preset,
    put,
    shown_on,
)

pytestmark = [
    pytest.mark.engines,
    # Selenium warns of its own ways.
    pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning"),
]

LIBRARIES = (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/libexec"))

# The engine tells nobody what its console says, so the page is asked from its load on.
LISTEN = """window.klwebProblems = [];
addEventListener("error", event => klwebProblems.push(`error: ${event.message ?? event.target.src}`), true);
addEventListener("unhandledrejection", event => klwebProblems.push(`rejected: ${event.reason}`));
addEventListener("securitypolicyviolation", event => klwebProblems.push(`policy: ${event.blockedURI}`));"""


def minibrowser() -> str | None:
    found = shutil.which("MiniBrowser")
    places = (path for folder in LIBRARIES for path in folder.glob("**/webkit2gtk-4.*/MiniBrowser"))
    return found or next((str(path) for path in places), None)


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """Return the name of a virtual screen."""
    program = shutil.which("Xvfb")
    if not program:
        pytest.skip("needs Xvfb")
    reading, writing = os.pipe()
    command = [program, "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as running:
        os.close(writing)
        with os.fdopen(reading) as said:
            display = said.readline().strip()
        yield f":{display}"
        running.terminate()


@pytest.fixture(scope="module")
def driver(screen: str) -> Iterator[WebDriver]:
    program, browser = shutil.which("WebKitWebDriver"), minibrowser()
    if not program or not browser:
        pytest.skip("needs WebKitWebDriver and MiniBrowser (Debian: webkit2gtk-driver)")
    # Containers have neither a graphics card nor the name spaces that its sandbox asks for.
    environment = {
        **os.environ,
        "DISPLAY": screen,
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
    }
    options = Options()
    options.binary_location = browser
    options.add_argument("--automation")
    running = WebDriver(options=options, service=Service(executable_path=program, env=environment))
    running.set_window_size(1280, 900)
    yield running
    running.quit()


class Page:
    """One page in WebKitGTK."""

    def __init__(self, driver: WebDriver, url: str) -> None:
        self.driver = driver
        driver.get("about:blank")
        driver.get(url)
        driver.execute_script(LISTEN)

    def find(self, widget: str, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, f'figure.widget[data-widget="{widget}"] {selector}')

    def look(self, widget: str) -> Shown:
        shown: Shown = self.driver.execute_script(f"return ({LOOK})(arguments[0])", widget)
        return shown

    def until(self, check: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
        deadline = time.monotonic() + patience
        while not (found := check()):
            assert time.monotonic() < deadline, what
            threading.Event().wait(0.05)
        return found

    def shows(self, widget: str, answer: Answer, rel: float = 1e-14, patience: float = PATIENCE) -> None:
        self.until(
            lambda: not differences(self.look(widget), answer, rel),
            f"{widget}: {differences(self.look(widget), answer, rel)}",
            patience,
        )

    def to(self, element: WebElement) -> WebElement:
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        return element

    def handle(self, widget: str, name: str) -> WebElement:
        selector = f'input[data-handle="{name}"]'
        self.to(self.find(widget, ".stage"))
        css = f'figure.widget[data-widget="{widget}"] {selector}'
        self.until(lambda: self.driver.find_elements(By.CSS_SELECTOR, css), f"{name} is there")
        return self.find(widget, selector)


@pytest.fixture(scope="module")
def front(driver: WebDriver, server: Server) -> Page:
    """Return the front page, on which the tests follow one another."""
    return Page(driver, server.url)


def choose(page: Page, widget: str, name: str) -> None:
    page.to(page.find(widget, f'button[data-preset="{name}"]')).click()
    page.shows(widget, preset(widget, name))


@pytest.mark.parametrize("name", ["support-mismatch", "long-tail", "uniform-vs-peaked"])
def test_presets_answer(front: Page, name: str) -> None:
    choose(front, "asymmetry", name)
    assert front.look("asymmetry")["pressed"] == [name]
    front.until(lambda: front.find("asymmetry", "canvas[data-figure]").is_displayed(), "it is painted")


def test_a_drag_is_answered(front: Page) -> None:
    choose(front, "asymmetry", "uniform-vs-peaked")
    handle = front.to(front.handle("asymmetry", "q.2"))
    ActionChains(front.driver).move_to_element(handle).click_and_hold().move_by_offset(0, 30).move_by_offset(
        0, 20
    ).release().perform()
    front.until(lambda: front.look("asymmetry")["status"] == "live", "Python is up")
    value = front.look("asymmetry")["handles"]["q.2"]["value"]
    assert 0 < value < 0.6
    front.shows("asymmetry", after("asymmetry", put("q.2", value)), 1e-9)
    front.until(lambda: "asymmetry=" in front.look("asymmetry")["hash"], "the address has the state")


def test_keys_are_answered(front: Page) -> None:
    choose(front, "asymmetry", "uniform-vs-peaked")
    handle = front.handle("asymmetry", "q.2")
    events = []
    for key, value in ((Keys.ARROW_UP, 0.61), (Keys.ARROW_RIGHT, 0.62), (Keys.HOME, 0), (Keys.END, 1)):
        handle.send_keys(key)
        events.append(put("q.2", value))
        front.shows("asymmetry", after("asymmetry", *events), 1e-9)


def test_a_slider_and_a_button_are_answered(front: Page) -> None:
    slider = front.to(front.find("wasted-bits", 'input[name="morph"]'))
    slider.send_keys(Keys.END)
    front.shows("wasted-bits", after("wasted-bits", put("morph", 1)))
    front.to(front.find("gaussians", 'button[name="swap-variances"]')).click()
    front.shows("gaussians", after("gaussians", {"type": "press", "name": "swap-variances"}))


def test_numbers_are_answered_or_refused(front: Page) -> None:
    choose(front, "gaussians", "shifted-and-wider")
    front.to(front.find("gaussians", "details[data-menu] > summary")).click()
    field = front.to(front.find("gaussians", '[data-number="sigma_q"]'))
    for text, answer in (("-2", preset("gaussians")), ("0.75", after("gaussians", put("sigma_q", "0.75")))):
        field.send_keys(Keys.CONTROL + "a")
        field.send_keys(text + Keys.ENTER)
        front.until(lambda text=text: ("-2" in front.look("gaussians")["notice"]) == (text == "-2"), "it is told")  # type: ignore[misc]
        front.shows("gaussians", answer)


def test_a_link_opens_a_state_of_ones_own(front: Page) -> None:
    text = "morph:0.37;source:english;block:1"
    front.driver.execute_script("location.hash = arguments[0]", f"wasted-bits={text}")
    front.shows("wasted-bits", ask(op="decode", widget="wasted-bits", text=text))
    front.driver.back()
    front.shows("wasted-bits", after("wasted-bits", put("morph", 1)))


def test_the_lines_behind_a_figure_are_run_and_stopped(front: Page) -> None:
    choose(front, "wasted-bits", "dyadic")
    front.to(front.find("wasted-bits", "details[data-menu] > summary")).click()
    front.to(front.find("wasted-bits", 'button[data-action="python"]')).click()

    def part(name: str) -> WebElement:
        return front.find("wasted-bits", f'[data-cell="{name}"]')

    def ends(start: str) -> str:
        front.until(lambda: part("status").text.startswith(start), start)
        return str(part("output").get_property("textContent"))

    front.until(
        lambda: front.driver.find_elements(By.CSS_SELECTOR, '[data-cell="lines"]') and part("lines").is_displayed(),
        "the lines are there",
    )
    widget = WIDGETS["wasted-bits"]
    assert part("lines").get_property("value") == widget.code(widget.preset("dyadic"))
    front.to(part("run")).click()
    numbers = [item["value"] for item in preset("wasted-bits", "dyadic")["view"]["readouts"]]
    assert [line.split()[-2] for line in ends("Done").splitlines()] == numbers
    field = front.to(part("lines"))

    def run(text: str) -> None:
        field.send_keys(Keys.CONTROL + "a")
        field.send_keys(text)
        field.send_keys(Keys.CONTROL + Keys.ENTER)

    run("import js; [n for n in ('fetch', 'caches', 'indexedDB', 'Worker', 'postMessage') if hasattr(js, n)]")
    assert ends("Done") == "[]\n"
    run("while True: pass")
    ends("Running, ")
    front.to(part("stop")).click()
    ends("Stopped")


def test_nothing_went_wrong(front: Page) -> None:
    assert front.driver.execute_script("return window.klwebProblems") == []


def test_links_open_presets_or_say_why_not(driver: WebDriver, server: Server) -> None:
    page = Page(driver, f"{server.url}#gaussians=wide-model&asymmetry=%3Cscript%3E")
    page.shows("gaussians", preset("gaussians", "wide-model"))
    page.until(lambda: "<script>" in page.look("asymmetry")["notice"], "it is told")
    page.shows("asymmetry", preset("asymmetry"))


def test_a_sandboxed_embed_answers(driver: WebDriver, server: Server, site: Path) -> None:
    # In a sandbox a page is nobody's here, so its policy has to name the site's address, as --base-url does.
    folder = site / "embed" / "wasted-bits"
    text = (folder / "index.html").read_text()
    host, framed = site / "host.html", folder / "named.html"
    framed.write_text(re.sub(r'content="default-src[^"]*"', f'content="{policy(server.url)}"', text, count=1))
    host.write_text(
        "<!doctype html><title>A course</title>"
        '<iframe sandbox="allow-scripts" src="embed/wasted-bits/named.html?preset=matched" width="720" height="900">'
    )
    try:
        driver.get(server.url + host.name)
        driver.switch_to.frame(0)
        page = Page.__new__(Page)
        page.driver = driver
        page.shows("wasted-bits", preset("wasted-bits", "matched"))
        slider = page.to(page.find("wasted-bits", 'input[name="morph"]'))
        # A press in the middle of the track.
        ActionChains(driver).move_to_element(slider).click().perform()
        page.until(lambda: page.look("wasted-bits")["status"] == "live", "Python is up")
        page.shows("wasted-bits", after("wasted-bits", put("morph", float(str(slider.get_property("value"))))))
    finally:
        driver.switch_to.default_content()
        host.unlink()
        framed.unlink()


HEARD = """<script>
  // What figures say of Python.
  window.words = [];
  addEventListener("message", event => { if (event.data?.type === "python") words.push(event.data.word); });
</script>"""


def test_embedded_figures_share_one_python(driver: WebDriver, server: Server, tmp_path: Path) -> None:
    scripts = f'<script src="{server.url}embed.js" data-widget="wasted-bits"></script>' * 2
    (tmp_path / "index.html").write_text(f"<!doctype html><title>A course</title>{HEARD}<h1>A course</h1>{scripts}")
    page = Page.__new__(Page)
    page.driver = driver

    def enter(place: int) -> None:
        driver.switch_to.default_content()
        frame = driver.execute_script("return document.querySelectorAll('kl-widget')[arguments[0]].shadowRoot", place)
        inside = frame.find_element(By.CSS_SELECTOR, "iframe")
        driver.execute_script("arguments[0].scrollIntoView()", inside)
        driver.switch_to.frame(inside)
        page.until(lambda: driver.find_elements(By.CSS_SELECTOR, 'input[name="morph"]:enabled'), "it is there")

    def touch(offset: int) -> None:
        """Press on the track, so far from its middle."""
        slider = page.to(page.find("wasted-bits", 'input[name="morph"]'))
        ActionChains(driver).move_to_element_with_offset(slider, offset, 0).click().perform()
        page.until(lambda: page.look("wasted-bits")["status"] == "live", "Python is up")
        page.shows("wasted-bits", after("wasted-bits", put("morph", float(str(slider.get_property("value"))))))

    def words() -> list[str]:
        driver.switch_to.default_content()
        said: list[str] = driver.execute_script("return words")
        return said

    with Server(tmp_path, 0) as course:
        thread = threading.Thread(target=course.serve_forever, daemon=True)
        thread.start()
        try:
            driver.get(course.url)
            enter(1)
            enter(0)
            touch(0)
            assert words() == ["offer"]
            enter(1)
            touch(0)
            assert words() == ["offer", "join"]
            driver.execute_script("document.querySelector('kl-widget').remove()")
            enter(0)
            touch(40)
            assert words() == ["offer", "join", "offer"]
        finally:
            driver.switch_to.default_content()
            course.shutdown()
            thread.join()


def test_after_one_visit_the_site_needs_no_server(driver: WebDriver, site: Path) -> None:
    with Server(site, 0, prefix="/courses/kl/") as host:
        thread = threading.Thread(target=host.serve_forever, daemon=True)
        thread.start()
        page = Page(driver, f"{host.url}about/")
        line = driver.find_element(By.CSS_SELECTOR, "[data-offline]")
        page.until(lambda: "offline on this device" in line.text, "it is kept")
        host.shutdown()
        thread.join()
    text = "morph:0.37;source:english;block:1"
    page = Page(driver, f"{host.url}#wasted-bits={text}")
    page.shows("wasted-bits", ask(op="decode", widget="wasted-bits", text=text))


@pytest.mark.parametrize("has_image", [True, False], ids=["quick", "whole"])
def test_both_ways_of_starting_python(driver: WebDriver, served: Listening, has_image: bool) -> None:
    for image in [] if has_image else list((served.site / "runtime").glob("python.*.bin")):
        image.unlink()
    text = "morph:0.37;source:english;block:1"
    page = Page(driver, f"{served.url}embed/wasted-bits/?state={text}")
    # The whole of Python takes this engine 12 s to start, and three times that when the machine has other work.
    page.shows("wasted-bits", ask(op="decode", widget="wasted-bits", text=text), patience=4 * PATIENCE)
    asked = " ".join(served.asked)
    assert "/python." in asked
    assert ("/pyodide.asm." in asked) is not has_image


def test_one_pair_runs_through_the_chapter(driver: WebDriver, server: Server) -> None:
    page = Page(driver, f"{server.url}six-ways/#pair=p:0.1,0.9;q:0.01,0.99")
    expected = kl((0.1, 0.9), (0.01, 0.99))

    def follows(name: str) -> bool:
        return math.isclose(float(page.look(name)["readouts"]["kl_pq"]["value"]), expected)

    for name in shown_on("six-ways"):
        page.to(page.find(name, ".stage"))
        if WIDGETS[name].shares:
            page.until(partial(follows, name), f"{name} follows")
        else:
            choose(page, name, WIDGETS[name].presets[1].name)


@pytest.fixture
def narrow(driver: WebDriver) -> Iterator[WebDriver]:
    """Return the browser as narrow as it goes, which is a little wider than most phones."""
    driver.set_window_size(360, 740)
    yield driver
    driver.set_window_size(1280, 900)


def test_a_reader_of_topics_closes_the_tab_and_finds_it_all_again(narrow: WebDriver, server: Server) -> None:
    graph = topics.TOPICS
    way = [topic.id for topic in graph.path(["elbo"])]
    known = [*(topic.id for topic in graph.below("entropy")), "entropy"]

    def every(selector: str) -> list[WebElement]:
        return narrow.find_elements(By.CSS_SELECTOR, selector)

    def one(selector: str) -> WebElement:
        found: list[WebElement] = page.until(lambda: every(selector), f"{selector} is there")
        return found[0]

    def press(selector: str) -> None:
        page.to(one(selector)).click()

    def type_in(selector: str, text: str) -> None:
        field = page.to(one(f"{selector}:enabled"))
        field.clear()
        field.send_keys(text)

    def answer(text: str, words: str) -> None:
        type_in(f"{question} input[name=answer]", text + Keys.ENTER)
        page.until(lambda: words in one(f"{question} [data-verdict]").text, f"{text}: {words}")

    def has_marked(ids: list[str]) -> None:
        words = f"{len(ids)} of {len(way)} topics known; {len(way) - len(ids)} topics left, "
        page.until(lambda: one("[data-progress]").text.startswith(words), words)
        assert every('[data-goals] a[href$="/topics/elbo/"]')
        assert {item.get_attribute("data-topic") for item in every("[data-find] li[data-known]")} == set(ids)

    page = Page(narrow, f"{server.url}topics/")
    type_in("[data-words]", "elbo")
    press('[data-find] [data-goal="elbo"]')
    has_marked([])
    press("[data-steps] > :first-child [data-know]")
    has_marked(way[:1])
    type_in("[data-words]", "entropy")
    press('[data-find] [data-know="entropy"]')
    press('[data-find] [data-topic="entropy"] .reply button')
    has_marked(known)

    question = "#question-kl-two-coins"
    page = Page(narrow, f"{server.url}topics/kl-divergence/")
    held = json.loads(str(one(f"{question} > script").get_property("textContent")))
    answer(f"{held['variant']['answer']['value']} nats", "it counts bits, not nats")
    answer(f"{held['variant']['answer']['value']} bits", "Right.")
    press(f"{question} [data-action=another]")
    seed = one(f"{question}:not([data-seed='1'])").get_attribute("data-seed")
    drawn = variant(held["definition"], int(str(seed)))
    slots = every(f"{question} [data-slot]")
    shown = {slot.get_attribute("data-slot"): slot.get_property("textContent") for slot in slots}
    assert shown == {str(place): text for place, text in enumerate(drawn["slots"])}
    answer(drawn["answer"]["value"], "Right.")
    assert narrow.execute_script("return window.klwebProblems") == []

    old = narrow.current_window_handle
    narrow.switch_to.new_window("tab")
    new = narrow.current_window_handle
    narrow.switch_to.window(old)
    narrow.close()
    narrow.switch_to.window(new)
    page = Page(narrow, f"{server.url}topics/")
    has_marked(known)
    press("[data-more]")
    steps = [step.get_attribute("data-topic") for step in every("[data-steps] > li")]
    assert steps == [topic.id for topic in graph.path(["elbo"], known)]
    page = Page(narrow, f"{server.url}practice/")
    missed = one(f'[data-review] li:has(a[href$="{question}"])').text
    assert missed.startswith("KL divergence, question 1: work it out")
    assert missed.endswith("tomorrow")


# ── other people's pages ─────────────────────────────────────────────────────────────────────

# The driver forgets all frames whenever the page around them writes into its history, as Material does after scrolling.
HEAR = """history.replaceState = () => {};
window.told = [];
for (const type of ["state", "error"]) addEventListener(`kl-${type}`, event => told.push(event.detail));"""
ALL = "return [...document.querySelectorAll('kl-widget')].map(({shadowRoot}) => shadowRoot.querySelector"
FRAMES, NOTES = f"{ALL}('iframe'))", f"{ALL}('p').innerText)"
ROOM = "const {clientWidth, clientHeight} = arguments[0]; return [clientWidth, clientHeight]"
NEEDS = """const page = document.documentElement;
return [page.scrollWidth, Math.ceil(page.getBoundingClientRect().height)];"""
DRAGS = {"asymmetry": ("q.2", 0, 40), "gaussians": ("mu_q", -40, 0)}


class Lesson(Page):
    """A page of somebody else's with figures in it."""

    def __init__(self, driver: WebDriver, url: str) -> None:
        super().__init__(driver, url)
        driver.execute_script(HEAR)

    def told(self) -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = self.driver.execute_script("return window.told")
        return said

    def frame(self, index: int) -> WebElement:
        every: list[WebElement] = self.until(lambda: self.driver.execute_script(FRAMES)[index:], "the frame is there")
        return self.to(every[0])

    @contextmanager
    def inside(self, frame: WebElement) -> Iterator[None]:
        self.driver.switch_to.frame(frame)
        try:
            yield
        finally:
            self.driver.switch_to.default_content()

    def fits(self, frame: WebElement) -> bool:
        room = self.driver.execute_script(ROOM, frame)
        with self.inside(frame):
            return bool(room == self.driver.execute_script(NEEDS))

    def drag(self, name: str) -> Answer:
        """Drag a handle in the frame; return what Python outside the browser says to where it is then."""
        handle, dx, dy = DRAGS[name]
        self.shows(name, preset(name))
        assert self.look(name)["status"] == "static"
        held = self.to(self.handle(name, handle))
        ActionChains(self.driver).move_to_element(held).click_and_hold().move_by_offset(
            dx // 2, dy // 2
        ).move_by_offset(dx // 2, dy // 2).release().perform()
        self.until(lambda: self.look(name)["status"] == "live", "Python is up")
        answer = after(name, put(handle, self.look(name)["handles"][handle]["value"]))
        assert answer["state"] != preset(name)["state"]
        self.shows(name, answer, 1e-9)
        return answer

    def works(self, name: str, frame: WebElement) -> None:
        self.until(lambda: frame.get_attribute("title") == WIDGETS[name].title, "it has a title")
        self.until(lambda: self.fits(frame), "it has the room that it needs")
        with self.inside(frame):
            self.drag(name)
            shown = {key: item["value"] for key, item in self.look(name)["readouts"].items()}
        self.until(lambda: self.fits(frame), "it still has the room that it needs")
        said = {"widget": name, "readouts": shown}
        self.until(
            lambda: any(said == {key: one.get(key) for key in said} for one in self.told()), "the page around is told"
        )


@pytest.mark.parametrize("host", ["strict", "mkdocs"])
def test_a_lesson_shows_live_figures(driver: WebDriver, hosts: Hosts, host: str) -> None:
    page = Lesson(driver, hosts.url + LESSONS[host])
    driver.execute_script("window.first = [...document.querySelectorAll('kl-widget')]")
    for index, name in enumerate(FIGURES):
        page.works(name, page.frame(index))
    assert driver.execute_script("return window.first.map(element => element.isConnected)") == [True] * len(FIGURES)
    assert driver.execute_script("return window.klwebProblems") == []


def test_figures_that_can_not_be_had_are_told(driver: WebDriver, hosts: Hosts) -> None:
    script = snippet(hosts.ours, "gaussians")
    refused = hosts.write("webkit-refused.html", script, allowing(hosts.origin, "'none'"))
    message = "This page’s policy does not let it show this figure."
    page = Lesson(driver, refused)
    page.until(lambda: driver.execute_script(NOTES) == [f"{message} Open it on its own"], "the student is told")
    with nobody() as dead:
        page = Lesson(
            driver, hosts.write("webkit-down.html", f'<kl-widget widget="asymmetry" site="{dead}"></kl-widget>{script}')
        )
        page.until(
            lambda: [one["message"] for one in page.told()] == ["This figure does not answer here."], "it is told"
        )
        assert driver.execute_script(NOTES)[0] == "This figure does not answer here. Open it on its own"
        assert not driver.execute_script(NOTES)[1]


@pytest.mark.parametrize("name", ["asymmetry", "wasted-bits"])
def test_a_figure_on_disk_shows_every_example_and_moves_in_steps(driver: WebDriver, site: Path, name: str) -> None:
    page = Page(driver, (site / "offline" / f"{name}.html").as_uri())
    for item in reversed(WIDGETS[name].presets):
        page.to(page.find(name, f'button[data-preset="{item.name}"]')).click()
        page.shows(name, preset(name, item.name))
    control = "input[data-handle]" if name == "asymmetry" else 'input[type="range"]'
    handle = page.until(lambda: page.find(name, f"{control}:enabled"), "there is a control")
    page.to(handle).send_keys(Keys.END)
    moved = put(str(handle.get_property("name")), float(str(handle.get_property("value"))))
    page.shows(name, after(name, moved), rel=1e-9)
    assert driver.execute_script("return window.klwebProblems") == []
    assert driver.execute_script("return performance.getEntriesByType('resource').map(one => one.name)") == []
