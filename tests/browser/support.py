"""A reader in a real browser, and what Python outside the browser says the reader should see.

Elements are found by the names of the page contract alone, so that a new look breaks no test.
"""

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    Route,
)

from bench.browser import FLAGS
from klweb import live
from klweb.sitegen.serve import Server
from klweb.widgets import WIDGETS

Answer = dict[str, Any]
Shown = dict[str, Any]


def shown_on(page: str) -> tuple[str, ...]:
    """Return the widgets of a page, by its source's name."""
    content = Path(__file__).parents[2] / "content" / f"{page}.md"
    return tuple(re.findall(r"^\[\[widget: ([\w-]+)\]\]$", content.read_text(encoding="utf-8"), re.MULTILINE))


NAMES = shown_on("index")
"""The front page's, on which most journeys are made."""
PAGES = [
    "",
    "six-ways/",
    "notation/",
    "entropy/",
    "information-theory-in-ml/",
    "about/",
    "teachers/",
    "topics/",
    "topics/counting/",
    "topics/gaussian-kl/",
    "topics/kl-divergence/",
    "practice/",
    *(f"embed/{name}/" for name in NAMES),
]
"""A page of each kind."""
PRESETS = [(name, preset.name) for name in NAMES for preset in WIDGETS[name].presets]
RUNTIME = re.compile(r"/runtime/")
PREFIX = "/courses/kl/"
"""A path that the site is served under, as a project's pages are."""
PATIENCE = 45.0
"""Seconds that a page gets for what it has to do, Python's start included, on a slow and shared machine."""

# What a test may look at in one look, so that it never mixes two moments.
PAINTED = """() => new Promise((resolve) => {
  setTimeout(resolve, 2000); // a frame that nobody sees is not painted
  requestAnimationFrame(() => setTimeout(() => (globalThis.requestIdleCallback ?? setTimeout)(resolve)));
})"""
"""Waits until what has just been shown is painted, and for a moment without work."""
LOOK = """name => {
  const figure = document.querySelector(`figure.widget[data-widget="${name}"]`);
  const text = element => element ? element.textContent : "";
  const notice = figure.querySelector("[data-notice]");
  return {
    status: figure.dataset.status,
    readouts: Object.fromEntries([...figure.querySelectorAll("output[data-readout]")].map(
      output => [output.dataset.readout, {value: output.dataset.value, text: text(output)}])),
    summary: text(figure.querySelector("[data-summary]")),
    pressed: [...figure.querySelectorAll('button[data-preset][aria-pressed="true"]')].map(b => b.dataset.preset),
    notice: notice && notice.checkVisibility() ? text(notice) : "",
    handles: Object.fromEntries([...figure.querySelectorAll("input[data-handle]")].map(
      input => [input.dataset.handle, {value: Number(input.value), words: input.getAttribute("aria-valuetext")}])),
    hash: location.hash,
  };
}"""


# ── what Python outside the browser says ─────────────────────────────────────────────────────


def ask(**request: object) -> Answer:
    """Return what klweb.live answers here, in CPython."""
    answer: Answer = json.loads(live.handle(json.dumps({"frame": "desk"} | request)))
    return answer


def preset(widget: str, name: str = "", frame: str = "desk") -> Answer:
    """Return the answer for a preset, by default the first."""
    return ask(op="decode", widget=widget, text=name or WIDGETS[widget].presets[0].name, frame=frame)


def after(widget: str, *events: dict[str, Any], state: dict[str, Any] | None = None) -> Answer:
    """Return the answer after some events, by default from the first preset on."""
    return ask(op="events", widget=widget, state=state or preset(widget)["state"], events=events)


def put(name: str, value: object) -> dict[str, Any]:
    """Return the event of setting a control."""
    return {"type": "set", "name": name, "value": value}


def differences(shown: Shown, answer: Answer, rel: float = 1e-14) -> list[str]:
    """Tell in which figures or words a page differs from an answer."""
    view, found = answer["view"], []
    names = [item["name"] for item in view["readouts"]]
    if sorted(shown["readouts"]) != sorted(names):
        found.append(f"readouts {sorted(shown['readouts'])}, not {sorted(names)}")
    for item in view["readouts"]:
        there = shown["readouts"].get(item["name"], {"text": "", "value": ""})
        if there["text"] != item["text"]:
            found.append(f"{item['name']} is printed {there['text']!r}, not {item['text']!r}")
        if not same_double(there["value"], item["value"], rel):
            found.append(f"{item['name']} is {there['value']}, not {item['value']}")
    if shown["summary"] != view["summary"]:
        found.append(f"the summary is {shown['summary']!r}, not {view['summary']!r}")
    return found


def same_double(one: str, other: str, rel: float) -> bool:
    """Tell whether two texts are the same double, up to the last bits of another C library."""
    try:
        return one == other or math.isclose(float(one), float(other), rel_tol=rel, abs_tol=0)  # "nan" is itself
    except ValueError:
        return False


# ── waiting ──────────────────────────────────────────────────────────────────────────────────


def until(page: Page, check: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Look again and again until `check` holds; it may return why it does not."""
    deadline = time.monotonic() + patience
    while True:
        why = check()
        if why is True:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {patience:.0f} s ({why})")
        page.wait_for_timeout(40)


# ── the reader ───────────────────────────────────────────────────────────────────────────────


@dataclass
class Reader:
    """One page, and everything that went wrong on it."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)
    allowed: list[re.Pattern[str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Let problems that match pass on this page: the test causes them."""
        self.allowed.append(re.compile(pattern))

    def take_problems(self) -> list[str]:
        """Return what went wrong since the last call."""
        found = [item for item in self.problems if not any(pattern.search(item) for pattern in self.allowed)]
        self.problems.clear()
        return found

    def visit(self, path: str = "") -> "Reader":
        """Open a page of the site."""
        self.page.goto(self.url + path, wait_until="load")
        return self

    def figure(self, name: str) -> "Figure":
        """Return the first figure of a widget."""
        return Figure(self, name)

    def cdp(self, method: str, **params: object) -> Any:
        """Speak to Chromium itself."""
        session = self.page.context.new_cdp_session(self.page)
        try:
            return session.send(method, params)
        finally:
            session.detach()


@dataclass
class Figure:
    """One widget on a reader's page."""

    reader: Reader
    name: str

    @property
    def page(self) -> Page:
        return self.reader.page

    @property
    def root(self) -> Locator:
        return self.page.locator(f'figure.widget[data-widget="{self.name}"]').first

    def find(self, selector: str) -> Locator:
        return self.root.locator(selector)

    def preset(self, name: str) -> Locator:
        return self.find(f'button[data-preset="{name}"]')

    def handle(self, name: str) -> Locator:
        return self.find(f'input[data-handle="{name}"]')

    def slider(self, name: str) -> Locator:
        return self.find(f'input[type="range"][name="{name}"]:not([data-handle])')

    def button(self, name: str) -> Locator:
        return self.find(f'button[name="{name}"]')

    def field(self, name: str) -> Locator:
        """Return the number or list field of a control; the menu it stands in is opened."""
        menu = self.find("details[data-menu]")
        if menu.get_attribute("open") is None:
            menu.locator("> summary").click()
        return self.find(f'[data-number="{name}"], input[type="text"][name="{name}"]')

    @property
    def notice(self) -> Locator:
        return self.find("[data-notice]")

    @property
    def picture(self) -> Locator:
        return self.find(".stage")

    def look(self) -> Shown:
        shown: Shown = self.page.evaluate(LOOK, self.name)
        return shown

    def shows(self, answer: Answer, rel: float = 1e-14, patience: float = PATIENCE) -> None:
        """Wait until readouts and sentence are those of an answer, and all else that waits for those to be painted."""

        def check() -> object:
            shown = self.look()
            found = differences(shown, answer, rel)
            return "; ".join([*found, f"status {shown['status']}", shown["notice"]]) if found else True

        until(self.page, check, f"{self.name} shows the answer", patience)
        self.page.evaluate(PAINTED)

    def has_status(self, status: str) -> None:
        def check() -> object:
            now = self.root.get_attribute("data-status")
            return now == status or now

        until(self.page, check, f"{self.name} becomes {status}")

    def says(self, pattern: str) -> str:
        """Wait for a visible notice and return its text."""

        def check() -> object:
            notice = self.look()["notice"]
            return bool(re.search(pattern, notice)) or f"notice: {notice!r}"

        until(self.page, check, f"{self.name} says {pattern!r}", 15)
        return str(self.look()["notice"])

    def says_nothing(self) -> None:
        until(self.page, lambda: self.look()["notice"] == "" or self.look()["notice"], "the notice goes away", 15)

    def ready(self) -> "Figure":
        """Wait until the figure has its presets, and handles if it has any, as a reader does who comes near."""
        self.root.scroll_into_view_if_needed()
        marks = preset(self.name)["view"]["scene"]["marks"]
        if any(mark["mark"] == "handle" for mark in marks):
            self.find("input[data-handle]").first.wait_for(state="attached")
        return self

    def reset(self) -> "Figure":
        """Go back to the first preset, by its button."""
        first = WIDGETS[self.name].presets[0].name
        self.preset(first).click()
        self.shows(preset(self.name))
        return self.ready()

    def live(self) -> "Figure":
        """Wait for Python, starting it as a reader's focus on a control would."""
        self.root.scroll_into_view_if_needed()
        self.find("input, select").first.evaluate("e => e.focus({preventScroll: true})")
        self.has_status("live")
        return self.ready()


class Finger:
    """A finger on the screen, as the browser itself hears of it."""

    def __init__(self, reader: Reader) -> None:
        self.session = reader.page.context.new_cdp_session(reader.page)
        self.page = reader.page

    def touch(self, kind: str, x: float = 0, y: float = 0) -> None:
        points: list[dict[str, Any]] = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def swipe(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        self.touch("touchStart", *start)
        for step in range(1, steps + 1):
            share = step / steps
            self.touch("touchMove", *(a + (b - a) * share for a, b in zip(start, end, strict=True)))
            # One move a frame, as a screen reports them.
            self.page.evaluate("() => new Promise(requestAnimationFrame)")
        self.touch("touchEnd")


class Listening(Server):
    """A server that remembers what it was asked for."""

    def __init__(self, site: Path, port: int, **options: Any) -> None:
        self.asked: list[str] = []
        super().__init__(site, port, **options)

    def find(self, path: str) -> Path | None:
        self.asked.append(path)
        return super().find(path)


# ── the room they sit in ─────────────────────────────────────────────────────────────────────

# Policy violations reach Python through a binding, since a page that goes away takes its own lists with it.
VIOLATIONS = """addEventListener("securitypolicyviolation", event =>
  klwebTestViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""


class Opener(Protocol):
    """Opens a page for one test; see `Studio.open`."""

    def __call__(self, width: int = 1280, height: int = 800, **options: Any) -> Reader: ...


@dataclass
class Profile:
    """A browser with preferences that somebody has set, for one page."""

    kind: BrowserType
    program: str | None
    folder: Path
    preferences: dict[str, Any]

    def new_context(self, **options: Any) -> BrowserContext:
        file = self.folder / "Default" / "Preferences"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(self.preferences))
        return self.kind.launch_persistent_context(self.folder, executable_path=self.program, args=[*FLAGS], **options)


@dataclass
class Studio:
    """Opens pages, and hears what goes wrong on any of them."""

    browser: Browser
    url: str
    readers: list[Reader] = field(default_factory=list)

    def open(
        self,
        width: int = 1280,
        height: int = 800,
        *,
        touch: bool = False,
        python: bool = True,
        url: str = "",
        browser: Browser | Profile | None = None,
        init: str = "",
        origins: tuple[str, ...] = (),
        **options: Any,
    ) -> Reader:
        """Open an empty page; `python=False` refuses it every runtime file.

        Without `service_workers="allow"` there are none: every visit is a first one, and all requests can be seen.
        """
        options.setdefault("service_workers", "block")
        context = (browser or self.browser).new_context(
            viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch, **options
        )
        reader = Reader(context.new_page(), url or self.url)
        _listen(context, reader, (reader.url, *origins))
        if init:
            context.add_init_script(init)
        if not python:
            context.route(RUNTIME, lambda route: route.abort())
            reader.allow(f"{RUNTIME.pattern}|StartError")
        self.readers.append(reader)
        return reader

    def close(self, reader: Reader) -> list[str]:
        """Close a page; return what went wrong on it and was not taken yet."""
        if reader in self.readers:
            self.readers.remove(reader)
        reader.page.context.close()
        return reader.take_problems()

    def take_problems(self) -> list[str]:
        """Return what went wrong on any open page since the last call."""
        return [problem for reader in self.readers for problem in reader.take_problems()]


def _listen(context: BrowserContext, reader: Reader, origins: tuple[str, ...]) -> None:
    page, problems = reader.page, reader.problems
    own = tuple({re.sub(r"(://[^/]+).*", r"\1/", origin) for origin in origins})

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def on_request(request: Request) -> None:
        reader.requests.append(request.url)
        if request.url.startswith(("http", "ws")) and not request.url.startswith(own):
            problems.append(f"request to another origin: {request.url}")

    def on_failed(request: Request) -> None:
        # A page that is left gives up what it was still fetching.
        if "ERR_ABORTED" not in (request.failure or ""):
            problems.append(f"request failed: {request.url} ({request.failure})")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            problems.append(f"HTTP {response.status}: {response.url}")

    context.expose_binding("klwebTestViolation", lambda _source, text: problems.append(f"policy: {text}"))
    context.add_init_script(VIOLATIONS)
    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    context.on("request", on_request)
    context.on("requestfailed", on_failed)
    context.on("response", on_response)


@contextmanager
def held(reader: Reader, pattern: re.Pattern[str] = RUNTIME) -> Iterator[Callable[[], None]]:
    """Keep requests that match waiting; what is given lets them go."""
    waiting: list[Route] = []
    free = False

    def take(route: Route) -> None:
        if free:
            route.continue_()
        else:
            waiting.append(route)

    def release() -> None:
        nonlocal free
        free = True
        while waiting:
            waiting.pop().continue_()

    reader.page.context.route(pattern, take)
    yield release
    release()
    reader.page.context.unroute(pattern)
