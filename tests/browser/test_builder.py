"""The dialog that says how to embed a figure, and what its code does in somebody else's page."""

import re
from typing import Any

import pytest
from markdown import markdown
from playwright.sync_api import Frame, Locator, expect

from klweb.sitegen.pages import SOMEWHERE
from klweb.sitegen.serve import Server
from klweb.widgets import WIDGETS
from tests.browser.hostile import TEXTS, alarmed, unharmed
from tests.browser.hosting import content, fits
from tests.browser.support import Figure, Opener, preset, until
from tests.browser.test_accessibility import LOOKS, check
from tests.browser.test_embed import lesson

pytestmark = pytest.mark.browser

SCRIPT = re.compile(r"/builder\.js")
STYLE = re.compile(r"/builder\.css")
CLIPBOARD = ["clipboard-read", "clipboard-write"]
QUESTION = "Which one is <b>larger</b>, and “why”?"


def button(figure: Figure) -> Locator:
    """Return the button, which stands in the figure's menu."""
    menu = figure.find("details[data-menu]")
    if menu.get_attribute("open") is None:
        menu.locator("> summary").click()
    return figure.find('button[data-action="embed"]')


class Builder:
    """The dialog of one figure."""

    def __init__(self, figure: Figure) -> None:
        self.page = figure.page
        self.dialog = figure.page.locator(f'dialog[data-embed="{figure.name}"]')

    @classmethod
    def of(cls, figure: Figure) -> "Builder":
        """Open it as a reader does."""
        button(figure).click()
        builder = cls(figure)
        expect(builder.dialog).to_be_visible()
        return builder

    def choose(self, name: str, value: str) -> None:
        self.dialog.locator(f'select[name="{name}"]').select_option(value)

    def rule(self, name: str, value: str) -> None:
        """Say what becomes of a control."""
        rule = self.dialog.locator(f'[data-rule="{name}"]')
        if not rule.is_visible():
            self.dialog.locator("summary").click()
        rule.select_option(value)

    def ask(self, question: str) -> None:
        field = self.dialog.locator('input[name="ask"]')
        field.fill(question)
        field.blur()

    def code(self, name: str) -> str:
        return self.dialog.locator(f'textarea[data-code="{name}"]').input_value()

    def copied(self, name: str) -> str:
        """Press *Copy*, and return what can be pasted."""
        button = self.dialog.locator(f'button[data-copy="{name}"]')
        button.click()
        expect(button.locator("+ [role=status]")).to_have_text("Copied.")
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def preview(self) -> Frame:
        return content(self.dialog.locator("iframe"))

    def previews(self, selector: str, **wanted: Any) -> None:
        """Wait until the preview, which may be made anew meanwhile, holds something."""
        expect(self.dialog.frame_locator("iframe").locator(selector)).to_be_visible(**wanted)


def read(page_code: str, builder: Builder) -> list[dict[str, str]]:
    """Let the browser read a piece of HTML; return its elements as tables of what they say."""
    found: list[dict[str, str]] = builder.page.evaluate(
        """code => [...new DOMParser().parseFromString(code, "text/html").querySelectorAll("head *, body *")].map(one =>
          ({tag: one.localName, ...Object.fromEntries([...one.attributes].map(({name, value}) => [name, value]))}))""",
        page_code,
    )
    return found


def test_a_teacher_makes_an_embed_by_keyboard(open_page: Opener, prefixed: Server) -> None:
    reader = open_page(python=False, url=prefixed.url).visit()
    figure, page = reader.figure("gaussians").ready(), reader.page
    assert not [url for url in reader.requests if SCRIPT.search(url) or STYLE.search(url)]
    button(figure).focus()
    page.keyboard.press("Enter")
    builder = Builder(figure)
    expect(builder.dialog).to_be_visible()
    expect(builder.dialog).to_have_accessible_name("Embed this figure")
    start = builder.dialog.get_by_label("Start from")
    expect(start).to_be_focused()
    expect(start).to_have_value(WIDGETS["gaussians"].presets[0].name)
    # The page below can't be reached while it is open.
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    start.focus()
    page.keyboard.type("Ident")
    expect(start).to_have_value("identical")
    builder.previews('button[data-preset="identical"][aria-pressed="true"]')
    builder.dialog.get_by_label("A question above the figure").fill(QUESTION)
    builder.previews(f"[data-ask]:text-is('{QUESTION}')")
    builder.dialog.locator("summary").press("Enter")
    builder.dialog.get_by_label("Spread of q").press("l")
    builder.previews('input[type="range"][name="sigma_q"]:disabled')
    page.keyboard.press("Escape")
    expect(builder.dialog).to_be_hidden()
    expect(button(figure)).to_be_focused()
    assert len(page.frames) == 1
    # What was chosen is still there.
    page.keyboard.press("Enter")
    expect(start).to_have_value("identical")
    assert builder.code("script") == (
        f'<script async src="{prefixed.url}embed.js" data-widget="gaussians" data-preset="identical" '
        'data-lock="sigma_q" data-ask="Which one is &lt;b&gt;larger&lt;/b&gt;, and “why”?"></script>'
    )
    builder.dialog.get_by_role("button", name="Close").click()
    expect(button(figure)).to_be_focused()


def shows_what_was_chosen(frame: Frame) -> None:
    expect(frame.locator('button[data-preset="wide-model"]')).to_have_attribute("aria-pressed", "true")
    expect(frame.locator("[data-ask]")).to_have_text(QUESTION)
    expect(frame.locator('input[type="range"][name="sigma_p"]')).to_be_hidden()
    expect(frame.locator('button[name="swap-means"]')).to_be_hidden()
    expect(frame.locator('input[type="range"][name="sigma_q"]')).to_be_disabled()
    expect(frame.locator('input[type="range"][name="mu_q"]:not([data-handle])')).to_be_enabled()
    assert frame.evaluate("document.documentElement.dataset.theme") == "dark"
    for item in preset("gaussians", "wide-model")["view"]["readouts"]:
        expect(frame.locator(f'output[data-readout="{item["name"]}"]')).to_have_text(item["text"])


@pytest.mark.parametrize("way", ["script", "iframe", "markdown"])
def test_what_was_copied_works_in_a_page_of_another_origin(
    open_page: Opener, course: Server, prefixed: Server, way: str
) -> None:
    reader = open_page(url=prefixed.url, origins=(course.url,), permissions=CLIPBOARD).visit()
    builder = Builder.of(reader.figure("gaussians").ready())
    builder.choose("start", "wide-model")
    builder.choose("theme", "dark")
    for name, rule in (("sigma_p", "hide"), ("swap-means", "hide"), ("sigma_q", "lock")):
        builder.rule(name, rule)
    builder.ask(QUESTION)
    builder.previews(f"[data-ask]:text-is('{QUESTION}')")
    shows_what_was_chosen(builder.preview())
    fits(reader, builder.dialog.locator("iframe"))
    room = builder.dialog.locator("iframe").evaluate("e => [e.clientWidth, e.clientHeight]")
    pasted = builder.copied(way)
    # As Python-Markdown makes it, which MkDocs uses.
    lesson(reader, course, markdown(pasted) if way == "markdown" else pasted)
    frame = reader.page.locator("iframe")
    expect(frame).to_have_count(1)
    expect(frame).to_have_attribute("title", WIDGETS["gaussians"].title)
    shows_what_was_chosen(content(frame))
    if way == "iframe":
        assert frame.get_attribute("height") == str(room[1])
        assert f"where it is {room[0]} px wide" in pasted
        assert "allow-same-origin" not in str(frame.get_attribute("sandbox"))
    else:
        fits(reader, frame)
    # It is live: Python answers in it.
    mean = content(frame).locator('input[type="range"][name="mu_q"]:not([data-handle])')
    mean.focus()
    reader.page.keyboard.press("End")
    expect(content(frame).locator("figure.widget")).to_have_attribute("data-status", "live")
    if way == "markdown":
        # The link is for where the script is dropped, and goes where it runs.
        expect(reader.page.locator("p > a")).to_have_count(0)
        words, address = re.findall(r"\[(.*)\]\((.*)\)", pasted)[0]
        assert words == WIDGETS["gaussians"].title
        reader.page.goto(address)
        shows_what_was_chosen(reader.page.main_frame)


def test_what_is_shown_now_is_the_state(open_page: Opener) -> None:
    reader = open_page().visit()
    figure = reader.figure("gaussians").live()
    figure.slider("sigma_q").focus()
    reader.page.keyboard.press("End")
    until(reader.page, lambda: "sigma_q:3" in figure.look()["hash"], "the change is in the address")
    link = figure.look()["hash"].removeprefix("#gaussians=")
    builder = Builder.of(figure)
    expect(builder.dialog.get_by_label("Start from")).to_have_value(":")
    assert f'data-state="{link}"' in builder.code("script")
    text = figure.find('output[data-readout="kl_pq"]').inner_text()
    expect(builder.preview().locator('output[data-readout="kl_pq"]')).to_have_text(text)
    # An example is shown meanwhile, and then chosen: what is shown now is that.
    reader.page.keyboard.press("Escape")
    figure.preset("identical").click()
    figure.shows(preset("gaussians", "identical"))
    Builder.of(figure)
    expect(builder.dialog.get_by_label("Start from")).to_have_value("identical")


def test_the_pair_of_a_page_is_asked_of_python(open_page: Opener) -> None:
    reader = open_page().visit("six-ways/")
    figure = reader.figure("wasted-bits").ready()
    builder = Builder.of(figure)
    until(reader.page, lambda: builder.code("script") != "", "the code is there")
    assert "data-state=" in builder.code("script")
    text = figure.find('output[data-readout="kl_pq"]').inner_text()
    expect(builder.preview().locator('output[data-readout="kl_pq"]')).to_have_text(text)
    # The figure on the page is as it was.
    assert figure.look()["hash"] == ""


def test_without_python_the_pair_of_a_page_gives_the_first_example(open_page: Opener) -> None:
    reader = open_page(python=False).visit("six-ways/")
    figure = reader.figure("wasted-bits").ready()
    builder = Builder.of(figure)
    expect(builder.dialog.locator(".builder-note")).to_contain_text("can’t be put into words")
    expect(builder.dialog.get_by_label("Start from")).to_have_value(WIDGETS["wasted-bits"].presets[0].name)
    assert f'data-preset="{WIDGETS["wasted-bits"].presets[0].name}"' in builder.code("script")


def test_where_the_clipboard_is_refused_the_code_is_selected(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    builder = Builder.of(reader.figure("asymmetry").ready())
    # The code is another one once the preview has said how high it is.
    fits(reader, builder.dialog.locator("iframe"))
    reader.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')); }")
    builder.dialog.locator('button[data-copy="iframe"]').click()
    expect(builder.dialog.get_by_text("The code is selected")).to_be_visible()
    assert reader.page.evaluate("getSelection().toString()") == builder.code("iframe")
    # What was said of the old code goes with it.
    builder.choose("theme", "dark")
    expect(builder.dialog.get_by_text("The code is selected")).to_have_count(0)


@pytest.mark.parametrize("lost", [SCRIPT, STYLE], ids=["script", "style"])
def test_a_part_that_is_lost_is_told_and_can_be_had_later(open_page: Opener, lost: re.Pattern[str]) -> None:
    reader = open_page(python=False)
    reader.allow(lost.pattern)
    reader.page.context.route(lost, lambda route: route.abort())
    figure = reader.visit().figure("asymmetry").ready()
    button(figure).click()
    expect(figure.find("[data-saved]")).to_contain_text("could not be loaded. Check the connection, then try again.")
    reader.page.context.unroute(lost)
    Builder.of(figure)
    expect(figure.find("[data-saved]")).to_have_text("")


def test_no_question_gets_out_of_the_code(open_page: Opener) -> None:
    reader = alarmed(open_page(python=False)).visit()
    builder = Builder.of(reader.figure("asymmetry").ready())
    for text in TEXTS:
        wanted = " ".join(text[:300].split())
        builder.ask(text)

        def follows(wanted: str = wanted) -> bool:
            return read(builder.code("script"), builder)[0].get("data-ask") == wanted

        until(reader.page, follows, "the code follows")
        for way, tag in (("script", "script"), ("iframe", "iframe")):
            assert [item["tag"] for item in read(builder.code(way), builder)] == [tag]
        tags = [item["tag"] for item in read(markdown(builder.code("markdown")), builder)]
        assert tags == ["script", "p", "a"]
        expect(builder.preview().locator("[data-ask]")).to_have_text(wanted)
    reader.page.keyboard.press("Escape")
    unharmed(reader)


def test_the_page_for_teachers_has_the_code_that_the_dialog_gives(open_page: Opener) -> None:
    reader = open_page(python=False).visit("teachers/")
    shown = [text.strip() for text in reader.page.locator("pre").all_inner_texts()]
    builder = Builder.of(reader.visit().figure("asymmetry").ready())
    builder.choose("start", "mirror-image")
    expect(builder.preview().locator('button[data-preset="mirror-image"]')).to_have_attribute("aria-pressed", "true")
    fits(reader, builder.dialog.locator("iframe"))
    for way in ("script", "markdown"):
        assert builder.code(way).replace(reader.url, SOMEWHERE) in shown
    # Nobody measured there how high the figure is.
    frame = re.sub(r'height="\d+"', 'height="1100"', builder.code("iframe").partition("\n")[2])
    assert frame.replace(reader.url, SOMEWHERE) in [text.partition("\n")[2] for text in shown]


def test_an_embed_offers_no_embed(open_page: Opener) -> None:
    figure = open_page(python=False).visit("embed/gaussians/").figure("gaussians").ready()
    expect(figure.find('[data-action="link"]')).to_have_count(1)
    expect(figure.find('[data-action="embed"]')).to_have_count(0)


@pytest.mark.parametrize("widget", ["surprise", "likelihood", "lottery"])
def test_every_control_that_is_offered_can_be_locked_and_hidden(open_page: Opener, widget: str) -> None:
    reader = open_page(python=False).visit("six-ways/")
    builder = Builder.of(reader.figure(widget).ready())
    builder.dialog.locator("summary").click()
    rules = builder.dialog.locator("[data-rule]")
    names = rules.evaluate_all("all => all.map(one => one.dataset.rule)")
    labels = rules.evaluate_all("all => all.map(one => one.labels[0].textContent)")
    assert len(set(names)) == len(set(labels)) == len(names) > 3
    known = {item.name for item in (*WIDGETS[widget].parameters, *WIDGETS[widget].buttons)}
    assert set(names) <= known
    builder.choose("start", WIDGETS[widget].presets[0].name)
    for name in names:
        builder.rule(name, "hide")
    wanted = f'data-hide="{",".join(names)}"'
    until(reader.page, lambda: wanted in builder.code("script") or builder.code("script"), "the code follows")
    frame = builder.preview()
    for name in names:
        for control in frame.locator(f'.controls [name="{name}"], [data-number="{name}"]').all():
            expect(control).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_dialog_can_be_used_by_everybody(open_page: Opener, width: int, scheme: str) -> None:
    touch = width == 360
    reader = open_page(width, touch=touch, python=False, color_scheme=scheme, reduced_motion="reduce").visit()
    builder = Builder.of(reader.figure("wasted-bits").ready())
    builder.dialog.locator("summary").click()
    fits(reader, builder.dialog.locator("iframe"))
    check(reader)
    for element in ("document.documentElement", "document.querySelector('dialog[open]')"):
        assert reader.page.evaluate(f"{element}.scrollWidth <= {element}.clientWidth")
    boxes = builder.dialog.locator("button, select, input, summary").evaluate_all(
        "all => all.map(one => [one.getBoundingClientRect().height, one.outerHTML.slice(0, 80)])"
    )
    assert not [box for box in boxes if box[0] < 44 - 0.01]
    if touch:
        whole = builder.dialog.evaluate("e => [e.clientWidth, e.clientHeight]")
        assert whole == reader.page.evaluate("[innerWidth, innerHeight]")
