"""Python in the page: that it answers, says what CPython says, and fails in ways a reader can do something about."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route

from klweb.parameter import Choice
from klweb.widgets import WIDGETS
from tests.browser.faults import (
    IMAGE,
    LIBRARY,
    MACHINE,
    MANIFEST,
    SCRIPT,
    WHEEL,
    WORKER,
    altered,
    cut_short,
    missing,
    page_instead,
    refuse,
    without_webassembly,
)
from tests.browser.support import NAMES, RUNTIME, Figure, Opener, Reader, after, held, preset, put, until

pytestmark = pytest.mark.browser

BUTTONS = [(name, button.name) for name in NAMES for button in WIDGETS[name].buttons]
CHOICES = [
    (name, item.name, value)
    for name in NAMES
    for item in WIDGETS[name].parameters
    if isinstance(item, Choice) and not item.hidden
    for value, _label in item.options
    if value != item.default
]


def move(figure: Figure) -> dict[str, object]:
    """Do something to a figure that only Python can answer; return the event."""
    control = {"asymmetry": "q.2", "wasted-bits": "morph", "gaussians": "mu_p"}[figure.name]
    wanted = {"asymmetry": 0.61, "wasted-bits": 0.01, "gaussians": 0.1}[figure.name]
    figure.ready()
    # A typed number is on no stop, and is not moved to one.
    figure.field(control).fill(str(wanted))
    figure.field(control).press("Enter")
    return put(control, wanted)


# ── it answers ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("widget", "button"), BUTTONS)
@pytest.mark.parametrize("name", ["shifted-and-wider", "same-width", "identical"])
def test_a_button_answers_and_says_what_it_did(live_desk: Reader, widget: str, button: str, name: str) -> None:
    figure = live_desk.figure(widget).reset()
    figure.preset(name).click()
    figure.shows(preset(widget, name))
    figure.button(button).click()
    answer = after(widget, {"type": "press", "name": button}, state=preset(widget, name)["state"])
    figure.shows(answer)
    assert "swapped" in figure.look()["summary"]
    # Pressed again it is undone, and says so too.
    figure.button(button).click()
    figure.shows(after(widget, {"type": "press", "name": button}, state=answer["state"]))


@pytest.mark.parametrize(("widget", "name", "value"), CHOICES)
def test_a_choice_answers(live_desk: Reader, widget: str, name: str, value: str) -> None:
    figure = live_desk.figure(widget).reset()
    figure.find(f'input[name="{name}"][value="{value}"]').check()
    figure.shows(after(widget, put(name, value)))


def test_many_quick_changes_end_in_the_last(live_desk: Reader) -> None:
    figure = live_desk.figure("wasted-bits").reset()
    figure.slider("morph").focus()
    for _ in range(40):
        live_desk.page.keyboard.press("ArrowRight")
    figure.shows(after("wasted-bits", put("morph", 0.4)))


def test_a_preset_during_a_drag_wins(live_desk: Reader) -> None:
    figure = live_desk.figure("wasted-bits").reset()
    figure.slider("morph").focus()
    live_desk.page.keyboard.press("PageUp")
    figure.preset("dyadic").evaluate("button => button.click()")
    figure.shows(preset("wasted-bits", "dyadic"))
    # An answer that was under way does not undo it.
    figure.find('input[name="block"][value="2"]').check()
    figure.shows(after("wasted-bits", put("block", "2"), state=preset("wasted-bits", "dyadic")["state"]))


def test_two_figures_moved_before_python_is_up_are_both_answered(open_page: Opener) -> None:
    reader = open_page()
    with held(reader) as release:
        reader.visit()
        one, two = reader.figure("wasted-bits"), reader.figure("gaussians")
        first = move(one)
        second = move(two)
        one.says("Python")
        assert one.look()["status"] == two.look()["status"] == "starting"
        # Presets do not wait.
        third = reader.figure("asymmetry")
        third.preset("mirror-image").click()
        third.shows(preset("asymmetry", "mirror-image"))
        release()
        one.shows(after("wasted-bits", first))
        two.shows(after("gaussians", second))
        for figure in (one, two):
            figure.has_status("live")
            figure.says_nothing()
    third.shows(preset("asymmetry", "mirror-image"))


def test_several_controls_moved_before_python_is_up_all_count(open_page: Opener) -> None:
    reader = open_page()
    with held(reader) as release:
        figure = reader.visit().figure("gaussians").ready()
        for name, key in (("sigma_p", "End"), ("sigma_q", "End"), ("mu_p", "Home"), ("mu_p", "End")):
            figure.slider(name).focus()
            reader.page.keyboard.press(key)
        figure.button("swap-means").click()
        release()
        figure.shows(after("gaussians", put("sigma_p", 3), put("sigma_q", 3), put("mu_p", 4),
                           {"type": "press", "name": "swap-means"}))  # fmt: skip


def test_python_starts_by_itself_once_a_figure_is_near(open_page: Opener) -> None:
    reader = open_page().visit()
    reader.figure("asymmetry").root.scroll_into_view_if_needed()
    reader.figure("asymmetry").has_status("live")


def test_python_waits_for_a_hand_where_data_is_dear(open_page: Opener) -> None:
    reader = open_page(init="Object.defineProperty(navigator, 'connection', {value: {saveData: true}})").visit()
    figure = reader.figure("wasted-bits")
    reader.figure("asymmetry").ready()
    assert not [url for url in reader.requests if RUNTIME.search(url)]
    event = move(figure)
    figure.shows(after("wasted-bits", event))


# ── it fails ─────────────────────────────────────────────────────────────────────────────────


MENDABLE = [
    pytest.param(MANIFEST, missing, "not on the server", id="manifest-missing"),
    pytest.param(MACHINE, cut_short, "cut short", id="machine-cut-short"),
    pytest.param(WHEEL, altered, "not the one expected", id="wheel-altered"),
    pytest.param(WORKER, refuse, "could not be loaded|blocker", id="worker-blocked"),
    pytest.param(WORKER, without_webassembly, "WebAssembly", id="no-webassembly"),
]
FAULTS = [
    pytest.param(MANIFEST, cut_short, "damaged|cut short", id="manifest-cut-short"),
    pytest.param(MANIFEST, page_instead, "damaged|cut short", id="manifest-a-page"),
    pytest.param(MACHINE, page_instead, "cut short|not the one|not expected", id="machine-a-page"),
    pytest.param(LIBRARY, refuse, "could not be fetched|blocker", id="library-blocked"),
    pytest.param(SCRIPT, missing, "not on the server", id="script-missing"),
]


def start_that_fails(open_page: Opener, which: str, fault: Callable[[Route], None], words: str) -> Figure:
    """Do something to a figure while there is no image and Python cannot start whole; return the figure."""
    reader = open_page(reduced_motion="reduce")
    # The browser has its own words for what it could not load or run.
    reader.allow(r"^console|HTTP 404|^request failed|StartError")
    reader.page.context.route(re.compile(IMAGE), missing)
    reader.page.context.route(re.compile(which), fault)
    figure, other = reader.visit().figure("wasted-bits"), reader.figure("asymmetry")
    move(figure)
    message = figure.says(words)
    assert "Try again" in message
    figure.has_status("failed")
    # The static page is whole, and presets work.
    assert figure.look()["readouts"]["h_p"]["text"] == "2.420 bits"
    other.preset("support-mismatch").click()
    other.shows(preset("asymmetry", "support-mismatch"))
    return figure


@pytest.mark.parametrize(("which", "fault", "words"), FAULTS)
def test_a_start_that_fails_is_told(open_page: Opener, which: str, fault: Callable[[Route], None], words: str) -> None:
    figure = start_that_fails(open_page, which, fault, words)
    figure.notice.get_by_role("button", name="Try again").click()
    figure.says(words)


@pytest.mark.parametrize(("which", "fault", "words"), MENDABLE)
def test_what_was_asked_is_answered_once_the_fault_is_gone(
    open_page: Opener, which: str, fault: Callable[[Route], None], words: str
) -> None:
    figure = start_that_fails(open_page, which, fault, words)
    figure.page.context.unroute(re.compile(which))
    figure.notice.get_by_role("button", name="Try again").click()
    figure.shows(after("wasted-bits", put("morph", 0.01)))
    figure.has_status("live")
    figure.says_nothing()


def test_a_start_that_fails_unasked_alarms_nobody(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    for name in NAMES:
        reader.figure(name).root.scroll_into_view_if_needed()
        reader.figure(name).has_status("failed")
        assert reader.figure(name).look()["notice"] == ""


def faulty_runtime(context: BrowserContext, site: Path, old: str, new: str) -> None:
    """Serve no image, and a wheel in which one line is another, rightly listed in lock file and manifest."""
    folder = site / "runtime"
    manifest = json.loads(next(folder.glob("manifest.*.json")).read_text())
    files = manifest["files"]
    name = next(item for item in files if item.endswith(".whl"))
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(folder / files[name]["url"]) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for item in source.namelist():
            data = source.read(item)
            if item == "klweb/widgets/gaussians.py":
                assert data.count(old.encode()) == 1
                data = data.replace(old.encode(), new.encode())
            target.writestr(item, data)
    wheel = packed.getvalue()
    lock = json.loads((folder / files["pyodide-lock.json"]["url"]).read_text())
    lock["packages"]["klweb"]["sha256"] = hashlib.sha256(wheel).hexdigest()
    for listed, data in ((name, wheel), ("pyodide-lock.json", json.dumps(lock).encode())):
        files[listed] |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        context.route(re.compile(re.escape(files[listed]["url"])), serving(data))
    context.route(re.compile(MANIFEST), serving(json.dumps(manifest).encode()))
    context.route(re.compile(IMAGE), missing)


def serving(data: bytes) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=data)


def test_an_exception_in_one_figure_leaves_the_others_to_work(open_page: Opener, site: Path) -> None:
    reader = open_page()
    reader.allow("^console.*(ZeroDivisionError|Traceback|PythonError|404)|HTTP 404")
    line = '    if name == "swap-means":\n'
    faulty_runtime(reader.page.context, site, line, line + "        1 / 0\n")
    figure, other = reader.visit().figure("gaussians").live(), reader.figure("wasted-bits")
    figure.button("swap-means").click()
    message = figure.says("ZeroDivisionError")
    assert figure.look()["status"] == "failed"
    assert "Traceback" not in message
    figure.shows(preset("gaussians"))
    event = move(other)
    other.shows(after("wasted-bits", event))
    assert other.look()["status"] == "live"
    # There is a way out of it, and then the figure works as before.
    figure.notice.get_by_role("button", name="Reset").click()
    figure.says_nothing()
    figure.shows(preset("gaussians"))
    figure.preset("far-apart").click()
    figure.shows(preset("gaussians", "far-apart"))
    figure.says_nothing()
    figure.button("swap-variances").click()
    pressed = {"type": "press", "name": "swap-variances"}
    figure.shows(after("gaussians", pressed, state=preset("gaussians", "far-apart")["state"]))
    figure.has_status("live")


def test_a_worker_that_dies_in_mid_drag_is_replaced(open_page: Opener) -> None:
    reader = open_page(reduced_motion="reduce")
    reader.allow("^(console|page error).*killed")
    page, figure = reader.page, reader.visit().figure("asymmetry").live()
    box = figure.handle("q.2").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40, steps=4)
    [worker] = page.workers
    worker.evaluate("() => { setTimeout(() => { throw new Error('killed'); }); }")
    until(page, lambda: worker not in page.workers, "the worker is gone")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 70, steps=4)
    page.mouse.up()
    value = figure.look()["handles"]["q.2"]["value"]
    figure.shows(after("asymmetry", put("q.2", value)), 1e-9)
    figure.has_status("live")
    assert len(page.workers) == 1


def test_a_worker_that_hangs_is_replaced(open_page: Opener) -> None:
    reader = open_page()
    reader.page.clock.install()
    figure = reader.visit().figure("gaussians").live()
    [worker] = reader.page.workers
    # It goes without a word, as one that ran out of memory may.
    worker.evaluate("() => { close(); }")
    event = move(figure)
    # A call may take ten seconds, which a reader would wait and a test need not.
    reader.page.clock.fast_forward(11_000)
    figure.shows(after("gaussians", event))
    figure.has_status("live")


def test_a_start_can_be_cancelled_and_begun_again(open_page: Opener) -> None:
    reader = open_page()
    with held(reader):
        figure = reader.visit().figure("wasted-bits")
        move(figure)
        figure.says("Your change waits for Python: fetching it")
        figure.notice.get_by_role("button", name="Cancel").click()
        figure.says("Python was stopped")
        figure.has_status("failed")
        assert not reader.page.workers
    figure.notice.get_by_role("button", name="Try again").click()
    figure.shows(after("wasted-bits", put("morph", 0.01)))
    figure.has_status("live")
