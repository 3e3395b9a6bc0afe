"""Typing numbers: good ones answer, bad ones are refused beside the field, and nothing is lost."""

import re

import pytest

from tests.browser.support import Figure, Opener, Reader, after, held, put, until

pytestmark = pytest.mark.browser

GOOD = [
    ("asymmetry", "q", "0.2, 0.3, 0.5, 0, 0"),
    ("asymmetry", "q", "2 1 1 4 8"),
    ("asymmetry", "p", "0,5; 0,25; 0,25"),
    ("asymmetry", "p", "1"),
    ("asymmetry", "q", "1e-300, 1, 1e-10, 0, 3"),
    ("asymmetry", "q.1", "0.37"),
    ("asymmetry", "q.4", "0"),
    ("wasted-bits", "morph", "0.333"),
    ("gaussians", "mu_p", "-1.2345"),
    ("gaussians", "sigma_q", "0.25"),
]

# (widget, field, what is typed, what the message must name)
BAD = [
    ("asymmetry", "q", "0.5, -0.1, 0.3, 0.2, 0.1", r"2nd.*-0\.1|−0\.1"),
    ("asymmetry", "q", "a, b, c", "“a”"),
    ("asymmetry", "q", "0.5, x", "“x”"),
    ("asymmetry", "q", "", "empty"),
    ("asymmetry", "q", "0, 0, 0, 0, 0", "all 0"),
    ("asymmetry", "q", ", ".join(["1"] * 13), "13"),
    ("asymmetry", "q", "nan, 1, 1", "nan"),
    ("asymmetry", "p", "1e999, 1", "1e999"),
    ("asymmetry", "p", "1 " * 3000, "6000"),
    ("asymmetry", "p", "<img src=x onerror=alert(1)>", "<img"),
    ("asymmetry", "q.0", "-0.5", r"[-−]0\.5"),
    ("asymmetry", "q.0", "2", r"\b2\b"),
    ("asymmetry", "q.0", "", "empty"),
    ("wasted-bits", "morph", "-1", "[-−]1"),
    ("wasted-bits", "morph", "7", r"\b7\b"),
    ("wasted-bits", "morph", "", "empty"),
    ("gaussians", "sigma_q", "0", r"\b0\b"),
    ("gaussians", "sigma_q", "-1", "[-−]1"),
    ("gaussians", "sigma_p", "1e12", r"1e\+?12"),
    ("gaussians", "mu_p", "99", "99"),
    ("gaussians", "mu_q", "", "empty"),
]
MENDS = {"asymmetry": {"q": "1, 2, 3, 4, 5", "p": "1, 2, 3, 4, 5", "q.0": "0.25"},
         "wasted-bits": {"morph": "0.25"},
         "gaussians": {"mu_p": "1.5", "mu_q": "1.5", "sigma_p": "1.25", "sigma_q": "1.25"}}  # fmt: skip


def enter(figure: Figure, name: str, text: str) -> None:
    field = figure.field(name)
    field.fill(text)
    field.press("Enter")


@pytest.mark.parametrize(("widget", "name", "text"), GOOD)
def test_a_good_value_is_answered(live_desk: Reader, widget: str, name: str, text: str) -> None:
    figure = live_desk.figure(widget).reset()
    enter(figure, name, text)
    answer = after(widget, put(name, text))
    assert not answer["errors"], "the case is wrong"
    figure.shows(answer)
    figure.says_nothing()
    assert figure.look()["pressed"] == []


@pytest.mark.parametrize(("widget", "name", "text", "named"), BAD)
def test_a_bad_value_is_refused_in_words(live_desk: Reader, widget: str, name: str, text: str, named: str) -> None:
    figure = live_desk.figure(widget).reset()
    before = figure.look()
    answer = after(widget, put(name, text))
    assert answer["errors"], "the case is wrong"

    enter(figure, name, text)
    message = figure.says(re.escape(answer["errors"][0]["message"][:60]))
    assert re.search(named, message), message

    # The last good picture stays, and so does what was typed.
    now = figure.look()
    for kept in ("readouts", "summary", "handles"):
        assert now[kept] == before[kept]
    field = figure.field(name)
    assert field.input_value() == text
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby") or ""
    assert described
    assert figure.page.locator(f'[id="{described}"]').text_content() == message
    near(figure, name)

    good = MENDS[widget][name]
    enter(figure, name, good)
    figure.shows(after(widget, put(name, good)))
    figure.says_nothing()
    assert field.get_attribute("aria-invalid") is None


def near(figure: Figure, name: str) -> None:
    """Check that the message stands beside the field, not somewhere out of sight."""
    field, notice = figure.field(name).bounding_box(), figure.notice.bounding_box()
    assert field is not None
    assert notice is not None
    gap = max(notice["y"] - field["y"] - field["height"], field["y"] - notice["y"] - notice["height"])
    assert gap < 200, f"the message is {gap:.0f} px away from its field"


def test_letters_typed_into_a_number_field_are_refused(live_desk: Reader) -> None:
    figure = live_desk.figure("gaussians").reset()
    before = figure.look()["readouts"]
    field = figure.field("sigma_q")
    field.press("ControlOrMeta+a")
    # The only letter that Chromium lets into a number field.
    field.press_sequentially("e")
    field.press("Enter")
    figure.says("must be a number")
    assert figure.look()["readouts"] == before
    enter(figure, "sigma_q", "2")
    figure.shows(after("gaussians", put("sigma_q", "2")))


def test_a_refused_value_is_taken_away_by_reset(live_desk: Reader) -> None:
    figure = live_desk.figure("gaussians").reset()
    enter(figure, "sigma_q", "-4")
    figure.says("-4|−4")
    figure.notice.get_by_role("button", name="Reset").click()
    figure.says_nothing()
    until(figure.page, lambda: float(figure.field("sigma_q").input_value()) == 1.5, "the field is as in the example")
    assert figure.field("sigma_q").get_attribute("aria-invalid") is None


def test_a_preset_after_a_refused_value_mends_the_field(live_desk: Reader) -> None:
    figure = live_desk.figure("asymmetry").reset()
    enter(figure, "q", "1, -1")
    figure.says("-1|−1")
    figure.preset("mirror-image").click()
    figure.says_nothing()
    until(
        live_desk.page,
        lambda: figure.field("q").input_value() == "0.05, 0.1, 0.15, 0.3, 0.4" or figure.field("q").input_value(),
        "the field shows the preset's values",
        10,
    )


def test_a_refused_value_in_one_field_leaves_the_others_to_work(live_desk: Reader) -> None:
    figure = live_desk.figure("gaussians").reset()
    enter(figure, "sigma_q", "0")
    figure.says(r"\b0\b")
    enter(figure, "mu_p", "1")
    figure.shows(after("gaussians", put("mu_p", "1")))
    # The refused field still says what was typed, and why it is not shown.
    assert figure.field("sigma_q").input_value() == "0"
    assert figure.look()["notice"]


def test_blur_enters_a_value_as_well_as_enter_does(live_desk: Reader) -> None:
    figure = live_desk.figure("gaussians").reset()
    figure.field("mu_q").fill("-2")
    figure.field("mu_q").blur()
    figure.shows(after("gaussians", put("mu_q", "-2")))


def test_what_is_being_typed_stays_when_the_examples_arrive(open_page: Opener) -> None:
    reader = open_page()
    with held(reader, re.compile(r"/data/asymmetry\.")) as release:
        figure = reader.visit().figure("asymmetry")
        figure.field("q").fill("2 1 1 4 8")
        release()
        figure.ready()
        assert figure.field("q").input_value() == "2 1 1 4 8"
        figure.field("q").press("Enter")
    figure.shows(after("asymmetry", put("q", "2 1 1 4 8")))


@pytest.mark.parametrize("widget", ["asymmetry"])
def test_an_alphabet_of_another_size_gives_fields_and_handles_of_its_own(live_desk: Reader, widget: str) -> None:
    figure = live_desk.figure(widget).reset()
    enter(figure, "q", "1 1 2 4 8 16 32")
    figure.shows(after(widget, put("q", "1 1 2 4 8 16 32")))
    assert sorted(figure.look()["handles"]) == [f"q.{i}" for i in range(7)]
    assert figure.find('[data-number^="q."]').count() == 7
    assert figure.find('[data-number^="p."]').count() == 7
