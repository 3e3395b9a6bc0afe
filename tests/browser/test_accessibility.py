"""Nothing that axe-core finds, on any page, in any state a reader may bring it into."""

from pathlib import Path

import pytest

from tests.browser.support import NAMES, PAGES, Figure, Opener, Reader, shown_on

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = [(360, "light"), (1280, "dark")]

RUN = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"]});
  return violations.flatMap(({id, help, nodes}) => nodes.map(
    node => `${id}: ${help}: ${node.target.join(" ")}: ${node.failureSummary.split("\\n").slice(1).join(" ")}`));
}"""


def check(reader: Reader) -> None:
    if not reader.page.evaluate("'axe' in window"):
        # By the debugger's door: the page's policy lets no stranger's script in.
        reader.page.evaluate(AXE.read_text())
    found = reader.page.evaluate(RUN)
    assert not found, "\n".join(found)


def settle(reader: Reader) -> None:
    """Let colours and pictures that follow a look be there."""
    reader.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def dress(reader: Reader, width: int, scheme: str) -> None:
    reader.page.set_viewport_size({"width": width, "height": 800})
    reader.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    settle(reader)


@pytest.mark.parametrize("path", [*PAGES, "404.html"])
def test_pages_as_they_come(open_page: Opener, path: str) -> None:
    reader = open_page(python=False, reduced_motion="reduce").visit(path)
    for width, scheme in LOOKS:
        dress(reader, width, scheme)
        check(reader)


def open_menu(figure: Figure) -> None:
    menu = figure.find("details[data-menu]")
    if menu.get_attribute("open") is None:
        menu.locator("> summary").click()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_figures_with_python_their_numbers_open_and_a_value_refused(live_desk: Reader, width: int, scheme: str) -> None:
    try:
        dress(live_desk, width, scheme)
        for name, bad in (("asymmetry", "q"), ("wasted-bits", "morph"), ("gaussians", "sigma_q")):
            figure = live_desk.figure(name).reset()
            figure.field(bad).fill("-3")
            figure.field(bad).press("Enter")
            figure.says("3")
        check(live_desk)
    finally:
        dress(live_desk, 1280, "light")
        for name in NAMES:
            live_desk.figure(name).reset()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_lenses_with_python_questions_answered_and_numbers_open(open_page: Opener, width: int, scheme: str) -> None:
    reader = open_page(width, color_scheme=scheme, reduced_motion="reduce").visit("six-ways/")
    reader.figure("surprise").live()
    for name in shown_on("six-ways"):
        figure = reader.figure(name)
        figure.root.scroll_into_view_if_needed()
        open_menu(figure.ready())
    for question in reader.page.locator("section.predict").all():
        question.locator("button").first.click()
    check(reader)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_path_with_its_steps_an_offer_and_a_list_searched(open_page: Opener, width: int, scheme: str) -> None:
    reader = open_page(width, python=False, color_scheme=scheme, reduced_motion="reduce").visit("topics/")
    page = reader.page
    page.locator('[data-suggestion="elbo"]').click()
    page.locator("[data-steps] [data-know]").nth(3).click()
    page.locator("[data-more]").click()
    page.locator("#find-words").fill("entropy")
    check(reader)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_questions_answered_with_hints_and_solutions_open(open_page: Opener, width: int, scheme: str) -> None:
    reader = open_page(width, python=False, color_scheme=scheme, reduced_motion="reduce").visit("topics/kl-divergence/")
    page = reader.page
    for field in page.locator("section.question .question-field input").all():
        field.fill("1")
        field.press("Enter")
    for choice in page.locator("section.question ul.question-choices").all():
        choice.locator("label").first.click()
    for form in page.locator("section.question > form").all():
        form.locator("[data-action=hint]").click()
        form.locator("[type=submit]").click()
    for folded in page.locator("section.question details.question-solution").all():
        folded.locator("summary").click()
    check(reader)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_failure_with_its_way_on(open_page: Opener, scheme: str) -> None:
    reader = open_page(360, python=False, color_scheme=scheme, reduced_motion="reduce").visit()
    figure = reader.figure("gaussians").ready()
    figure.slider("sigma_q").focus()
    reader.page.keyboard.press("End")
    figure.says("Try again")
    figure.handle("mu_q").focus()
    check(reader)


@pytest.mark.parametrize("name", ["pages", "contents"])
def test_lists_that_open_over_the_page(open_page: Opener, name: str) -> None:
    reader = open_page(360, python=False, reduced_motion="reduce").visit()
    reader.page.locator(f'[popovertarget="{name}"]').click()
    check(reader)


FOCUSED = """() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  // A radio that lies unseen over its label shows its focus on the label.
  const styles = [e, e.nextElementSibling].filter(Boolean).map(x => getComputedStyle(x));
  const {x, y, width, height} = e.getBoundingClientRect();
  return {outlined: styles.some(s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2),
    html: e.outerHTML.slice(0, 100), clip: {x: x - 4, y: y - 4, width: width + 8, height: height + 8}};
}"""


def test_the_focus_can_be_seen_everywhere(live_desk: Reader) -> None:
    live_desk.figure("gaussians").reset()
    page = live_desk.page
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    unseen, count = [], 0
    for _ in range(120):
        page.keyboard.press("Tab")
        where = page.evaluate(FOCUSED)
        if where is None:
            break
        count += 1
        if not where["outlined"]:
            # Some controls have a ring elsewhere, such as on the thumb of a slider.
            focused = page.screenshot(clip=where["clip"])
            page.evaluate("() => document.activeElement.blur()")
            if focused == page.screenshot(clip=where["clip"]):
                unseen.append(where["html"])
    assert count > 30
    assert not unseen
