"""The Python behind a figure: its lines, a cell that runs them, and how it ends what goes on for too long."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Locator, Page, expect
from pyodide_lock import PackageSpec

from klweb.sitegen import runtime, wheels
from klweb.sitegen.serve import Server
from klweb.widgets import WIDGETS
from tests.browser import faults
from tests.browser.support import PATIENCE, Figure, Listening, Opener, Reader, Studio, preset
from tests.browser.test_accessibility import LOOKS, check, dress
from tests.browser.test_embed import Course
from tests.sitegen.test_wheels import make_wheel

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
CELL = re.compile(r"/cell\.js")
CELL_WORKER = re.compile(r"/cell-worker\.js")
LONG = 1000 * PATIENCE


class Cell:
    """The cell of a figure, opened as a reader does."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page: Page = root.page
        menu = root.locator("details[data-menu]")
        if menu.get_attribute("open") is None:
            menu.locator("> summary").click()
        self.opener = root.locator('button[data-action="python"]')

    def open(self) -> "Cell":
        self.opener.click()
        expect(self.lines).to_be_visible(timeout=LONG)
        return self

    def part(self, name: str) -> Locator:
        return self.root.locator(f'[data-cell="{name}"]')

    @property
    def lines(self) -> Locator:
        return self.part("lines")

    @property
    def output(self) -> Locator:
        return self.part("output")

    def says(self, words: str | re.Pattern[str]) -> None:
        expect(self.part("status")).to_have_text(words, timeout=LONG)

    def run(self, text: str | None = None) -> "Cell":
        """Run the lines that are there, or others."""
        if text is not None:
            self.lines.fill(text)
        self.part("run").click()
        return self

    def ends(self, *, good: bool = True) -> str:
        """Wait for the end of a run; return what it printed."""
        self.says(re.compile(r"^Done in \d" if good else r"^Ended with an error after \d"))
        return self.output.text_content() or ""


def cell_of(figure: Figure) -> Cell:
    figure.root.scroll_into_view_if_needed()
    return Cell(figure.root)


@pytest.fixture(scope="module")
def desk(studio: Studio) -> Iterator[Reader]:
    reader = studio.open(reduced_motion="reduce").visit()
    yield reader
    studio.close(reader)


@pytest.fixture(scope="module")
def cell(desk: Reader) -> Cell:
    """Return a cell with a Python that is up already, unless a test has ended it."""
    return cell_of(desk.figure("gaussians")).open()


def test_the_lines_of_a_figure_print_what_it_shows(open_page: Opener) -> None:
    reader = open_page().visit()
    figure = reader.figure("asymmetry")
    cell = cell_of(figure)
    assert not any(CELL.search(url) for url in reader.requests)
    cell.open()
    expect(cell.opener).to_have_attribute("aria-expanded", "true")
    expect(cell.lines).to_have_value(WIDGETS["asymmetry"].code(WIDGETS["asymmetry"].default))
    cell.says(re.compile(r"^The first run fetches a whole Python, \d\.\d MB, once\.$"))
    assert not any(CELL_WORKER.search(url) for url in reader.requests), "nothing runs before it is asked for"
    printed = cell.run().ends()
    readouts = figure.look()["readouts"]
    assert printed == f"D(p ‖ q) = {readouts['kl_pq']['value']} bits\nD(q ‖ p) = {readouts['kl_qp']['value']} bits\n"
    expect(cell.output).to_have_attribute("role", "log")
    # The address of the wheel is one that pip can use.
    address = re.search(r"pip install (\S+)", figure.find(".cell").inner_text())
    assert address
    response = reader.page.request.get(address[1])
    assert response.ok
    assert sha256(response.body()).hexdigest().startswith(address[1].split("/")[-2])
    # A second press puts the cell away, and a third brings it back as it was.
    cell.opener.click()
    expect(cell.lines).to_be_hidden()
    cell.opener.click()
    expect(cell.output).to_have_text(printed.strip(), use_inner_text=True)


def test_lines_can_be_changed_and_run_with_the_keyboard(cell: Cell) -> None:
    cell.lines.fill(
        "from klweb.gaussian import kl\nfor sigma in (1, 2):\n    print(kl(0, 1, 0, sigma))\nkl(0, 1, 1, 1)"
    )
    cell.page.keyboard.press("Control+Enter")
    assert cell.ends().splitlines() == ["0.0", "0.3181471805599453", "0.5"]
    expect(cell.output.locator(".value")).to_have_text("0.5")
    expect(cell.lines).to_be_focused()
    cell.page.keyboard.press("Tab")
    expect(cell.part("run")).to_be_focused()


def test_errors_are_shown_as_python_shows_them_in_the_cells_own_lines(cell: Cell) -> None:
    text = cell.run("from klweb.categorical import kl\n\nkl([0.5, 0.6], [0.5, 0.5])").ends(good=False)
    assert '  File "<cell>", line 3, in <module>\n    kl([0.5, 0.6], [0.5, 0.5])' in text
    assert text.endswith("InputError: p sums to 1.1, but probabilities must sum to 1\n")
    assert "categorical.py" not in text
    text = cell.run("print('x'\n").ends(good=False)
    assert "SyntaxError: '(' was never closed" in text
    assert "input() doesn’t work in this cell" in cell.run("name = input('Who? ')").ends(good=False)
    # What is printed is text and nothing else.
    assert cell.run("print('<img src=x onerror=alert(1)>')").ends() == "<img src=x onerror=alert(1)>\n"
    expect(cell.output.locator("img")).to_have_count(0)


def test_the_way_back_to_the_figures_lines(cell: Cell, desk: Reader) -> None:
    figure = desk.figure("gaussians")
    widget = WIDGETS["gaussians"]
    figure.reset()
    cell.lines.fill("mine = 1")
    back = cell.part("back")
    expect(back).to_have_text(re.compile("^(Back to the figure’s lines|Update from the figure)$"))
    back.click()
    expect(cell.lines).to_have_value(widget.code(widget.default))
    expect(back).to_be_hidden()
    cell.page.keyboard.press("Control+z")
    expect(cell.lines).to_have_value("mine = 1")
    expect(back).to_have_text("Back to the figure’s lines")
    # The figure moves on, and what is typed stays until its reader says so.
    figure.preset("far-apart").click()
    figure.shows(preset("gaussians", "far-apart"))
    expect(back).to_have_text("Update from the figure")
    expect(cell.lines).to_have_value("mine = 1")
    back.click()
    expect(cell.lines).to_have_value(widget.code(widget.preset("far-apart")))
    expect(back).to_be_hidden()


def test_what_never_ends_is_stopped(cell: Cell) -> None:
    cell.run("print('before', flush=True)\nwhile True: pass")
    cell.says(re.compile("^Running, for 30 seconds at most$"))
    expect(cell.part("run")).to_have_attribute("aria-disabled", "true")
    cell.part("stop").focus()
    cell.page.keyboard.press("Enter")
    cell.says("Stopped. The next run starts Python anew.")
    expect(cell.part("run")).to_be_focused()
    expect(cell.part("stop")).to_be_hidden()
    assert cell.run("1 + 1").ends() == "2\n"


def test_a_run_ends_after_its_time(open_page: Opener) -> None:
    reader = open_page()
    reader.page.clock.install()
    cell = cell_of(reader.visit().figure("gaussians")).open()
    cell.run("while True: pass")
    cell.says(re.compile("^Running"))
    reader.page.clock.fast_forward(29_000)
    cell.says(re.compile("^Running"))
    reader.page.clock.fast_forward(1_500)
    cell.says("Stopped after 30 seconds, the longest that a run may take. The next run starts Python anew.")


def test_a_flood_is_cut_and_the_run_goes_on(cell: Cell) -> None:
    text = cell.run("for i in range(200_000): print(i)\n'end'").ends()
    assert text.startswith("0\n1\n2\n")
    assert text.endswith("The output is cut here, after 100,000 characters.\n")
    assert len(text) < 100_100
    assert cell.output.evaluate("e => e.scrollTop + e.clientHeight > e.scrollHeight - 4"), "the end is in sight"
    assert cell.run("print('x' * 300_000)").ends().startswith("x" * 100_000 + "\n")


def test_a_package_that_the_site_does_not_have_is_told(cell: Cell) -> None:
    text = cell.run("import numpy as np\nprint(np.pi)").ends(good=False)
    assert "ModuleNotFoundError: No module named 'numpy'" in text
    assert "numpy isn’t part of this copy of the site, which loads nothing from elsewhere." in text
    assert "pip install numpy" in text
    assert cell.run("import math, statistics, json\nmath.tau").ends() == "6.283185307179586\n"


def test_lines_reach_nothing_but_their_own_cell(cell: Cell) -> None:
    powers = [
        "fetch",
        "XMLHttpRequest",
        "caches",
        "indexedDB",
        "Worker",
        "SharedWorker",
        "importScripts",
        "postMessage",
    ]
    powers += ["WebSocket", "EventSource", "BroadcastChannel"]
    text = f"import js\n[name for name in {powers!r} if hasattr(js, name) and getattr(js, name) is not None]"
    assert cell.run(text).ends() == "[]\n"
    assert cell.run("import js\nhasattr(js.navigator, 'storage')").ends() == "False\n"
    assert "EvalError" in cell.run("import js\njs.eval('1 + 1')").ends(good=False)
    for url in ("https://example.org/", "/"):
        text = f"from urllib.request import urlopen\nurlopen({url!r})"
        assert "rror" in cell.run(text).ends(good=False)


def pack(site: Path, folder: Path) -> None:
    """Pack a folder of wheels into a built site, as a build with ``--wheels`` does."""
    pyodide = json.loads((ROOT / runtime.SOURCE / "pyodide-lock.json").read_text())
    (path,) = (site / "runtime").glob("manifest.*.json")
    manifest: dict[str, Any] = json.loads(path.read_text())
    old = json.loads((site / "runtime" / manifest["files"]["pyodide-lock.json"]["url"]).read_text())
    own = PackageSpec.model_validate(old["packages"]["klweb"])
    found = wheels.read(folder, pyodide, ["klweb"])
    files: dict[str, bytes] = {}
    lock = runtime.lock(pyodide["info"], [own, *(item.spec for item in found)])
    manifest["files"]["pyodide-lock.json"] = runtime.add(files, "pyodide-lock.json", lock, "plain")
    for item in found:
        manifest["packages"][item.spec.file_name] = runtime.add(files, item.spec.file_name, item.content, "plain")
    for name, content in files.items():
        (site / name).write_bytes(content)
    path.write_text(json.dumps(manifest))


def test_a_package_of_the_site_is_fetched_when_it_is_imported(
    open_page: Opener, served: Listening, tmp_path: Path
) -> None:
    folder = tmp_path / "wheels"
    make_wheel(folder, "tiny_kl")
    pack(served.site, folder)
    reader = open_page(url=served.url)
    reader.allow(r"tiny_kl|404|ERR_FAILED|StartError|ERR_INTERNET_DISCONNECTED")
    cell = cell_of(reader.visit().figure("gaussians")).open()
    assert cell.run("1").ends() == "1\n"
    assert not [path for path in served.asked if "tiny_kl" in path], "it is fetched when it is wanted"

    reader.page.context.route(re.compile("tiny_kl"), faults.missing)
    cell.run("import tiny_kl\ntiny_kl.half()")
    cell.says("Not run.")
    expect(cell.output).to_contain_text("tiny_kl belongs to this copy of the site, but could not be loaded.")
    expect(cell.output).to_contain_text("HTTP 404")
    reader.page.context.unroute(re.compile("tiny_kl"))
    reader.page.context.route(re.compile("tiny_kl"), faults.altered)
    cell.run()
    expect(cell.output).to_contain_text("is not the one expected: it was changed on its way.")
    reader.page.context.unroute(re.compile("tiny_kl"))
    reader.page.context.set_offline(True)
    cell.run()
    expect(cell.output).to_have_text(
        "You seem to be offline, and tiny_kl has yet to be fetched. Connect, then run this again."
    )
    reader.page.context.set_offline(False)
    assert cell.run().ends() == "0.5\n"
    # Another absent package is told as ever.
    assert "numpy isn’t part of this copy" in cell.run("import tiny_kl, numpy").ends(good=False)


def test_a_script_that_does_not_come_is_told_and_tried_again(open_page: Opener) -> None:
    reader = open_page()
    reader.allow("cell")
    figure = reader.visit().figure("gaussians")
    reader.page.context.route(CELL, faults.refuse)
    cell = cell_of(figure)
    cell.opener.click()
    note = figure.find("fieldset.python > [role=status]")
    expect(note).to_have_text("The script that does this could not be loaded. Check the connection, then try again.")
    reader.page.context.unroute(CELL)
    cell.open()
    expect(note).to_have_text("")
    reader.page.context.route(CELL_WORKER, faults.refuse)
    cell.run()
    cell.says(re.compile("^The file cell-worker.js could not be loaded"))
    reader.page.context.unroute(CELL_WORKER)
    cell.run().ends()


def test_without_python_there_are_no_lines_and_the_way_on_is_the_same_button(open_page: Opener) -> None:
    reader = open_page(python=False).visit()
    reader.allow("cell")
    figure = reader.figure("gaussians")
    cell = cell_of(figure)
    cell.opener.click()
    note = figure.find("fieldset.python > [role=status]")
    expect(note).to_contain_text("Without Python there are no lines to show.", timeout=LONG)
    expect(cell.opener).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("path", ["six-ways/", "topics/kl-divergence/"])
def test_every_figure_of_a_page_gives_lines_for_what_it_shows(open_page: Opener, path: str) -> None:
    reader = open_page().visit(path)
    for root in reader.page.locator("figure.widget").all():
        root.scroll_into_view_if_needed()
        cell = Cell(root).open()
        name = root.get_attribute("data-widget") or ""
        if root.get_attribute("data-adopted") is not None:
            pair = json.loads(reader.page.locator("#klweb").text_content() or "")["pair"]
            widget = WIDGETS[name]
            state = widget.update(widget.default, {"type": "share", "name": "pair", "value": pair})
            expect(cell.lines).to_have_value(widget.code(state))
        else:
            expect(cell.lines).to_have_value(WIDGETS[name].code(WIDGETS[name].default))
        expect(cell.part("back")).to_be_hidden()
    assert not any("/pyodide." in url for url in reader.requests), "the figures' Python says them"


def test_a_linked_state_becomes_lines(open_page: Opener) -> None:
    reader = open_page().visit("#asymmetry=edit:q;p:1,1;q:1,3")
    cell = cell_of(reader.figure("asymmetry")).open()
    assert "p = [0.5, 0.5]" in cell.lines.input_value()
    assert "q = [0.25, 0.75]" in cell.lines.input_value()


def test_the_cell_works_in_a_sandboxed_frame_of_a_stranger(
    open_page: Opener,
    server: Server,
    course: Server,
) -> None:
    reader = open_page(360, touch=True, origins=(course.url,))
    there = Course(reader, course, f"{server.url}embed/asymmetry/", sandbox='sandbox="allow-scripts"', width=320)
    frame: Frame = there.frame
    cell = Cell(frame.locator("figure.widget")).open()
    assert cell.run().ends().startswith("D(p ‖ q) = 0.48300")
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # What the page around says can neither fill the cell nor run it.
    there.say(type="python", code="print(1)")
    there.say(type="state", state="p:1,1;q:1,3")
    expect(cell.part("back")).to_have_text("Update from the figure", timeout=LONG)
    assert "p = [0.2, 0.2, 0.2, 0.2, 0.2]" in cell.lines.input_value()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_nothing_that_axe_finds_and_nothing_too_wide(cell: Cell, desk: Reader, width: int, scheme: str) -> None:
    try:
        dress(desk, width, scheme)
        cell.run("import sys\nprint(1)\nprint('x', file=sys.stderr)\nimport numpy").ends(good=False)
        check(desk)
        assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = desk.page.evaluate(
            """() => [...document.querySelectorAll(".cell button, .cell textarea")].filter(
              e => e.checkVisibility() && e.getBoundingClientRect().height < 24).map(e => e.textContent)"""
        )
        assert not small
    finally:
        dress(desk, 1280, "light")
