"""Figures in pages as teachers make them: by MkDocs, by Sphinx, by hand; and where much is forbidden."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect

from klweb.sitegen.serve import Server
from klweb.widgets import WIDGETS
from tests.browser.hostile import TEXTS, alarmed
from tests.browser.hosting import FIGURES, LESSONS, TABS, Framed, Hosts, allowing, figures, fits, nobody, snippet
from tests.browser.support import RUNTIME, Answer, Finger, Opener, Profile, Reader, after, preset, put, until
from tests.browser.test_builder import CLIPBOARD, Builder

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
DRAGS = {"asymmetry": ("q.2", 0, 40), "gaussians": ("mu_q", -40, 0)}
# What the page around is told; kl-widget makes events of it.
LISTEN = """window.told = [];
for (const type of ["ready", "resize", "state", "error"]) {
  addEventListener(`kl-${type}`, event => told.push(event.detail));
}"""
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def student(open_page: Opener, prefixed: Server, hosts: Hosts) -> Opener:
    """Return what opens a browser for somebody who is sent to a course."""

    def student(width: int = 1280, height: int = 800, **options: Any) -> Reader:
        options = {"url": prefixed.url, "origins": (hosts.url,), "init": LISTEN, "reduced_motion": "reduce"} | options
        reader = open_page(width, height, **options)
        reader.allow(r"/favicon\.ico")  # Sphinx makes none
        return reader

    return student


def told(reader: Reader, kind: str) -> list[dict[str, Any]]:
    return [item for item in reader.page.evaluate("told") if item["type"] == kind]


def follow(reader: Reader, name: str) -> None:
    """Follow a link of a course, and see to it that the page is not loaded anew."""
    reader.page.evaluate("window.stays = true")
    reader.page.get_by_role("link", name=name).first.click()
    expect(reader.page.locator("kl-widget")).to_have_count(len(FIGURES))
    assert reader.page.evaluate("window.stays") is True


def drag(figure: Framed, finger: bool) -> Answer:
    """Drag a handle of a figure; return what Python outside the browser says to where it is then."""
    name, dx, dy = DRAGS[figure.name]
    figure.ready()
    figure.handle(name).evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = figure.handle(name).bounding_box()
    assert box is not None
    start = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    end = start[0] + dx, start[1] + dy
    before = figure.look()["handles"][name]["value"]
    if finger:
        Finger(figure.reader).swipe(start, end)
    else:
        mouse = figure.reader.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=8)
        mouse.up()
    figure.has_status("live")
    value = figure.look()["handles"][name]["value"]
    assert value != before
    return after(figure.name, put(name, value))


def works(figure: Framed, *, finger: bool = False) -> None:
    """Take a figure through what a student does with it, and hear what the page around is told."""
    figure.box.scroll_into_view_if_needed()
    expect(figure.box).to_have_attribute("title", WIDGETS[figure.name].title)
    figure.fits().shows(preset(figure.name))
    answer = drag(figure, finger)
    figure.shows(answer, 1e-9)
    figure.fits()
    values = {item["name"]: item["value"] for item in answer["view"]["readouts"]}

    def is_told() -> object:
        said = [item for item in told(figure.reader, "state") if item["widget"] == figure.name]
        shown = {name: item["value"] for name, item in figure.look()["readouts"].items()}
        return bool(said) and said[-1]["readouts"].keys() == values.keys() and said[-1]["readouts"] == shown

    until(figure.reader.page, is_told, "the page around is told what is shown")


# ── from the site to a course ────────────────────────────────────────────────────────────────


def test_a_teacher_copies_from_the_site_into_a_course_made_with_mkdocs(
    student: Opener, prefixed: Server, course: Server
) -> None:
    hosts = Hosts(course, prefixed.url)
    reader = student(permissions=CLIPBOARD, origins=(hosts.url,)).visit()
    pasted = []
    for name in FIGURES:
        builder = Builder.of(reader.figure(name).ready())
        pasted.append(builder.copied("markdown"))
        reader.page.keyboard.press("Escape")
    hosts.build_mkdocs(pasted)
    reader.page.goto(hosts.url + LESSONS["mkdocs"])
    for figure in figures(reader):
        works(figure)
    assert not told(reader, "error")


# ── pages as they are made ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("host", "finger"), [*((host, True) for host in LESSONS), ("mkdocs", False), ("strict", False)]
)
def test_a_lesson_shows_live_figures(student: Opener, hosts: Hosts, host: str, finger: bool) -> None:
    reader = student(360 if finger else 1280, touch=finger)
    reader.page.goto(hosts.url + LESSONS[host])
    one, two = figures(reader)
    # What was there for readers without scripts is not there twice.
    expect(reader.page.get_by_text("Figure:")).to_have_count(0)
    for figure in (one, two):
        expect(figure.box).to_have_attribute("loading", "lazy")
        figure.box.scroll_into_view_if_needed()
        figure.ready()
        figure.fits()
    assert not [url for url in reader.requests if RUNTIME.search(url)]
    works(one, finger=finger)
    assert two.look()["status"] == "static"
    works(two, finger=finger)
    # Their room follows what a student opens and closes.
    high = one.box.evaluate("e => e.clientHeight")
    menu = one.find("details[data-menu] > summary")
    menu.click()
    until(reader.page, lambda: one.box.evaluate("e => e.clientHeight") > high + 100, "it grows")
    one.fits()
    menu.click()
    until(reader.page, lambda: one.box.evaluate("e => e.clientHeight") == high, "it shrinks")
    assert {item["widget"] for item in told(reader, "resize")} == set(FIGURES)
    assert not told(reader, "error")
    assert reader.page.evaluate(WIDE) == 0


def test_pages_that_replace_one_another_in_place_have_their_figures(student: Opener, hosts: Hosts) -> None:
    # Material's navigation.instant puts the next page's text into this one, and runs its scripts.
    reader = student()
    with reader.page.expect_response("**/sitemap.xml"):
        reader.page.goto(f"{hosts.url}mkdocs/")
    reader.page.wait_for_load_state("networkidle")
    follow(reader, "a lesson")
    works(figures(reader)[0])
    follow(reader, "In tabs")
    figures(reader)[0].fits()
    reader.page.go_back()
    expect(reader.page.get_by_role("heading", name="A lesson")).to_be_visible()
    for figure in figures(reader):
        figure.box.scroll_into_view_if_needed()
        figure.fits().shows(preset(figure.name))
    assert reader.page.evaluate("window.stays") is True
    assert not told(reader, "error")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_figure_in_a_tab_is_as_high_as_it_has_to_be_once_the_tab_is_opened(
    student: Opener, hosts: Hosts, width: int
) -> None:
    reader = student(width, python=False)
    reader.page.goto(hosts.url + TABS)
    one, two = figures(reader)
    one.fits()
    assert not [url for url in reader.requests if "embed/gaussians/" in url]
    for name, figure in (("Curves", two), ("Bars", one), ("Curves", two)):
        reader.page.locator("label", has_text=name).click()
        expect(figure.box).to_be_visible()
        figure.fits().shows(preset(figure.name))
    assert reader.page.evaluate(WIDE) == 0


def test_no_scrollbar_keeps_itself_where_bars_take_room(
    student: Opener, hosts: Hosts, launch: Callable[..., Browser]
) -> None:
    # Playwright hides them by default.
    browser = launch(ignore_default_args=["--hide-scrollbars"])
    reader = student(browser=browser, python=False)
    widths = range(560, 760, 8)
    body = "".join(f'<div class="w{width}"><kl-widget widget="asymmetry"></kl-widget></div>' for width in widths)
    reader.page.goto(hosts.write("bars.html", body + snippet(hosts.ours, "asymmetry")))
    assert reader.page.evaluate("innerWidth - document.documentElement.clientWidth") > 0
    reader.page.evaluate(
        "document.querySelectorAll('div').forEach(e => { e.style.width = `${e.className.slice(1)}px`; })"
    )
    boxes = reader.page.locator("kl-widget iframe")
    for index in range(len(widths)):
        boxes.nth(index).scroll_into_view_if_needed()
        fits(reader, boxes.nth(index))
    browser.close()


def test_the_snippet_is_the_one_that_is_documented(hosts: Hosts) -> None:
    text = (ROOT / "docs/contract.md").read_text(encoding="utf-8")
    documented = snippet("https://…/", "asymmetry", preset="mirror-image")
    assert f"```html\n{documented}\n```" in text


# ── where much is forbidden ──────────────────────────────────────────────────────────────────

KEPT = """() => {
  try {
    return `${localStorage.length} kept`;
  } catch (reason) {
    return reason.name;
  }
}"""
# What browsers call cookies is all storage; the page around has its own where only that of others is refused.
STORAGE = {
    "others": ({"cookie_controls_mode": 1, "block_third_party_cookies": True}, "0 kept"),
    "all": ({"default_content_setting_values": {"cookies": 2}}, "SecurityError"),
}


@pytest.mark.parametrize("refused", STORAGE)
def test_figures_work_where_storage_is_refused(
    student: Opener, hosts: Hosts, playwright: Playwright, program: str | None, tmp_path: Path, refused: str
) -> None:
    preferences, kept = STORAGE[refused]
    browser = Profile(playwright.chromium, program, tmp_path, {"profile": preferences})
    reader = student(browser=browser, service_workers="allow")
    reader.page.goto(hosts.url + LESSONS["plain"])
    one = figures(reader)[0]
    assert reader.page.evaluate(KEPT) == kept
    assert one.page.evaluate(KEPT) == "SecurityError"
    works(one)
    assert not told(reader, "error")


def answered(reader: Reader, text: str, count: int = 1) -> None:
    """Wait until students read why figures are not there, and have a way on."""
    notes = reader.page.locator("kl-widget p").filter(has_text=text)
    expect(notes).to_have_count(count, timeout=30_000)
    for note in notes.all():
        expect(note).to_be_visible()
    until(
        reader.page, lambda: [item["message"] for item in told(reader, "error")] == count * [text], "the page is told"
    )


def test_a_policy_that_refuses_frames_is_told_at_once(student: Opener, hosts: Hosts) -> None:
    reader = student()
    reader.allow("frame-src|Content Security Policy|ERR_BLOCKED_BY_CSP")
    spare = '<kl-widget widget="gaussians">D(p ‖ q) is larger.</kl-widget>'
    body = snippet(hosts.ours, "asymmetry") + spare
    reader.page.goto(hosts.write("unframed.html", body, allowing(hosts.origin, "'none'")))
    answered(reader, "This page’s policy does not let it show this figure.", 2)
    assert sorted(item["widget"] for item in told(reader, "error")) == list(FIGURES)
    links = reader.page.get_by_role("link", name="Open it on its own")
    addresses = [f"{hosts.ours}embed/{name}/" for name in FIGURES]
    assert links.evaluate_all("all => all.map(link => link.href)") == addresses
    # What the page's author put there for such a case is shown, and no box for what can't be.
    expect(reader.page.get_by_text("D(p ‖ q) is larger.")).to_be_visible()
    expect(reader.page.locator("iframe").first).to_be_hidden()


def test_a_site_that_is_down_is_told_and_linked(student: Opener, hosts: Hosts) -> None:
    with nobody() as dead:
        reader = student(origins=(hosts.url, dead))
        reader.allow("ERR_CONNECTION_REFUSED")
        body = f'<kl-widget widget="asymmetry" site="{dead}"></kl-widget>{snippet(hosts.ours, "gaussians")}'
        reader.page.goto(hosts.write("down.html", body))
        answered(reader, "This figure does not answer here.")
        # It stands above the room of the figure, where it is seen.
        note, frame = (reader.page.locator(f"kl-widget {name}").first.bounding_box() for name in ("p", "iframe"))
        assert note
        assert frame
        assert note["y"] + note["height"] <= frame["y"]
        works(Framed(reader, "gaussians", reader.page.locator("kl-widget iframe").nth(1)))


@pytest.mark.parametrize("how", ["down", "policy"])
def test_without_its_script_a_lesson_has_links(student: Opener, hosts: Hosts, how: str) -> None:
    reader = student()
    reader.allow(r"embed\.js|Content Security Policy|ERR_FAILED|script-src")
    if how == "down":
        reader.page.context.route("**/embed.js", lambda route: route.abort())
        reader.page.goto(hosts.url + LESSONS["mkdocs"])
    else:
        body = "".join(snippet(hosts.ours, name) for name in FIGURES)
        reader.page.goto(hosts.write("unscripted.html", body, allowing("'none'", hosts.origin)))
    links = reader.page.get_by_role("link", name="Figure:")
    expect(links).to_have_count(len(FIGURES))
    expect(links.first).to_be_visible()
    links.first.click()
    reader.page.wait_for_url(f"{hosts.ours}embed/**")
    reader.figure(FIGURES[0]).shows(preset(FIGURES[0]))


def test_python_that_can_not_be_had_is_told_and_the_picture_stays(student: Opener, hosts: Hosts) -> None:
    reader = student(python=False)
    reader.page.goto(hosts.url + LESSONS["mkdocs"])
    one = figures(reader)[0]
    one.box.scroll_into_view_if_needed()
    one.ready().handle("q.2").focus()
    reader.page.keyboard.press("ArrowUp")
    until(reader.page, lambda: bool(told(reader, "error")), "the page around is told")
    said = one.says("could not be fetched")
    assert told(reader, "error")[-1]["message"] in said
    expect(one.find(".picture :is(svg, canvas)[data-figure]:visible")).to_have_count(1)
    one.fits()


def test_hostile_options_show_the_figure_as_it_is(student: Opener, hosts: Hosts) -> None:
    reader = alarmed(student())
    reader.page.goto(hosts.write("options.html", snippet(hosts.ours, "asymmetry")))
    element = reader.page.locator("kl-widget")
    figure = Framed(reader, "asymmetry", reader.page.locator("iframe"))
    figure.shows(preset("asymmetry"))
    # The preset comes last, so that what is told is told of all.
    put_all = """(e, text) => {
      e.removeAttribute("preset");
      for (const name of ["hide", "lock", "theme", "ask", "preset"]) e.setAttribute(name, text);
      told.length = 0;
    }"""
    for number, text in enumerate(TEXTS):
        element.evaluate(put_all, f"{number} {text}")
        until(reader.page, lambda: bool(told(reader, "error")), f"{text} is refused")
        figure.shows(preset("asymmetry"))
        assert not reader.take_problems()
    element.evaluate("e => { for (const {name} of [...e.attributes]) if (name !== 'widget') e.removeAttribute(name); }")
    figure.preset("identical").click()
    figure.shows(preset("asymmetry", "identical"))
