"""The main journeys in Firefox: one run of a script, judged station by station."""

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from klweb import topics
from klweb.categorical import kl
from klweb.practice import variant
from klweb.sitegen.serve import Server
from klweb.widgets import WIDGETS
from tests.browser.hosting import FIGURES, LESSONS, Hosts, allowing, nobody, snippet
from tests.browser.support import Answer, Listening, after, ask, differences, preset, put, shown_on

pytestmark = pytest.mark.engines

ROOT = Path(__file__).resolve().parents[2]
Journey = dict[str, Any]


@pytest.fixture(scope="module")
def programs() -> tuple[str, str]:
    """Return where node and Firefox are."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    node = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    if not program or not node or not (ROOT / "node_modules" / "puppeteer-core").is_dir():
        pytest.skip("needs firefox-esr or firefox, node and puppeteer-core")
    return node, program


@pytest.fixture(scope="module")
def journey(server: Server, programs: tuple[str, str]) -> Journey:
    node, program = programs
    done = subprocess.run(
        [node, str(Path(__file__).with_name("firefox.mjs")), program, server.url],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: Journey = json.loads(done.stdout)
    return result


def seen(journey: Journey, station: str) -> dict[str, Any]:
    assert station in journey["stations"], journey["problems"]
    shown: dict[str, Any] = journey["stations"][station]
    return shown


PRESSED = {"type": "press", "name": "swap-variances"}
STATIONS = [
    ("loaded", preset("asymmetry")),
    ("preset", preset("asymmetry", "support-mismatch")),
    ("key", after("asymmetry", put("q.2", 0.61))),
    ("home", after("asymmetry", put("q.2", 0.61), put("q.2", 0))),
    ("refused", preset("gaussians")),
    ("typed", after("gaussians", put("sigma_q", "0.75"))),
    ("pressed", after("gaussians", put("sigma_q", "0.75"), PRESSED)),
    ("linked", ask(op="decode", widget="wasted-bits", text="morph:0.37;source:english;block:1")),
    ("also", preset("asymmetry", "mirror-image")),
    ("broken", preset("asymmetry")),
]


@pytest.mark.parametrize(("station", "answer"), STATIONS, ids=[station for station, _ in STATIONS])
def test_a_station_shows_what_cpython_says(journey: Journey, station: str, answer: Answer) -> None:
    assert not differences(seen(journey, station), answer)


def test_a_drag_is_answered(journey: Journey) -> None:
    shown = seen(journey, "dragged")
    value = shown["handles"]["q.2"]["value"]
    assert 0 < value < 0.6
    assert not differences(shown, after("asymmetry", put("q.2", value)), 1e-9)
    assert shown["status"] == "live"
    assert shown["canvas"]


@pytest.mark.parametrize(("station", "words"), [("refused", "-2"), ("broken", "<script>")])
def test_what_is_refused_is_told(journey: Journey, station: str, words: str) -> None:
    assert words in seen(journey, station)["notice"].replace("−", "-")


def test_nothing_went_wrong(journey: Journey) -> None:
    assert not journey["problems"]


def test_after_one_visit_the_site_needs_no_server(site: Path, programs: tuple[str, str]) -> None:
    node, program = programs
    with Server(site, 0, prefix="/courses/kl/") as host:
        thread = threading.Thread(target=host.serve_forever, daemon=True)
        thread.start()
        command = [node, str(Path(__file__).with_name("firefox_offline.mjs")), program, host.url]
        visit = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert visit.stdout
        assert visit.stdout.readline() == "kept\n"
        host.shutdown()
        thread.join()
    shown = json.loads(visit.communicate("\n", timeout=120)[0])
    assert shown["title"].startswith("Shannon entropy")
    answer = ask(op="decode", widget="wasted-bits", text="morph:0.37;source:english;block:1")
    assert shown["summary"] == answer["view"]["summary"]


@pytest.mark.parametrize("has_image", [True, False], ids=["quick", "whole"])
def test_both_ways_of_starting_python(served: Listening, programs: tuple[str, str], has_image: bool) -> None:
    for image in [] if has_image else list((served.site / "runtime").glob("python.*.bin")):
        image.unlink()
    text = "morph:0.37;source:english;block:1"
    node, program = programs
    script, address = Path(__file__).with_name("firefox_start.mjs"), f"{served.url}embed/wasted-bits/?state={text}"
    done = subprocess.run(
        [node, str(script), program, address], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ask(op="decode", widget="wasted-bits", text=text)["view"]["summary"]
    asked = " ".join(served.asked)
    assert "/python." in asked
    assert ("/pyodide.asm." in asked) is not has_image


@pytest.mark.parametrize("sandbox", ["", 'sandbox="allow-scripts"'], ids=["framed", "sandboxed"])
def test_embedded_figures_share_one_python(
    server: Server, programs: tuple[str, str], tmp_path: Path, sandbox: str
) -> None:
    script = f'<script src="{server.url}embed.js" data-widget="wasted-bits"></script>'
    lesson = f"<h1>A course</h1>{script * 2}"
    (tmp_path / "course.html").write_text(f"<!doctype html><title>A course</title>{lesson}")
    frame = f'<iframe {sandbox} src="course.html" width="760" height="3000"></iframe>'
    page = frame if sandbox else lesson
    (tmp_path / "index.html").write_text(f"<!doctype html><title>A platform</title>{page}")
    node, program = programs
    with Server(tmp_path, 0) as course:
        thread = threading.Thread(target=course.serve_forever, daemon=True)
        thread.start()
        done = subprocess.run(
            [node, str(Path(__file__).with_name("firefox_shared.mjs")), program, course.url],
            cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        course.shutdown()
        thread.join()
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["untouched"] == [0, 0]
    assert seen["shared"] == [1, 0]
    end = after("wasted-bits", put("morph", 1))["view"]["summary"]
    assert (seen["first"], seen["second"]) == (end, end)
    assert seen["last"] == after("wasted-bits", put("morph", 1), put("morph", 0))["view"]["summary"]
    assert seen["alone"] == [1]


def test_one_pair_runs_through_the_chapter(server: Server, programs: tuple[str, str]) -> None:
    node, program = programs
    lenses = [name for name in shown_on("six-ways") if WIDGETS[name].shares]
    address = f"{server.url}six-ways/#pair=p:0.1,0.9;q:0.01,0.99"
    done = subprocess.run(
        [node, str(Path(__file__).with_name("firefox_chapter.mjs")), program, address, *lenses],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = kl((0.1, 0.9), (0.01, 0.99))
    assert json.loads(done.stdout) == {name: pytest.approx(expected, rel=1e-12) for name in lenses}


def test_the_lines_behind_a_figure_are_run_and_stopped(server: Server, programs: tuple[str, str]) -> None:
    node, program = programs
    done = subprocess.run(
        [node, str(Path(__file__).with_name("firefox_cell.mjs")), program, server.url],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert not seen["problems"]
    widget = WIDGETS["asymmetry"]
    numbers = [item["value"] for item in preset("asymmetry")["view"]["readouts"]]
    assert [line.split()[-2] for line in seen["printed"].splitlines()] == numbers
    assert "numpy isn’t part of this copy of the site" in seen["numpy"]
    assert seen["powers"] == "[]\n"
    assert seen["lines"] == widget.code(widget.default)


def test_a_reader_of_topics_closes_the_browser_and_finds_it_all_again(
    server: Server, programs: tuple[str, str], tmp_path: Path
) -> None:
    node, program = programs
    script = Path(__file__).with_name("firefox_topics.mjs")
    done = subprocess.run(
        [node, str(script), program, server.url, str(tmp_path), "elbo", "entropy", "kl-two-coins"],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert not seen["problems"]

    graph = topics.TOPICS
    way = [topic.id for topic in graph.path(["elbo"])]
    known = [*(topic.id for topic in graph.below("entropy")), "entropy"]
    left = [topic.id for topic in graph.path(["elbo"], known)]
    assert way[0] in known
    for station, marked in (("wanted", []), ("begun", way[:1]), ("again", known)):
        shown, rest = seen[station], len(way) - len(marked)
        assert shown["goals"] == [f"{server.url}topics/elbo/"]
        assert set(shown["known"]) == set(marked)
        assert shown["progress"].startswith(f"{len(marked)} of {len(way)} topics known; {rest} topics left, ")
    assert seen["wanted"]["steps"] == way[: len(seen["wanted"]["steps"])]
    assert seen["again"]["steps"] == left

    assert seen["slip"].startswith("Right number, wrong unit. The number is right, but it counts bits, not nats")
    assert seen["right"].startswith("Right. ")
    slots = variant(seen["definition"], seen["variant"]["seed"])["slots"]
    assert dict(seen["variant"]["slots"]) == dict(enumerate(slots))
    assert seen["missed"].startswith("KL divergence, question 1: work it out in ")


# ── other people's pages ─────────────────────────────────────────────────────────────────────

TOUCHED = {"asymmetry": "q.2", "gaussians": "mu_q"}
NONE, OTHERS, ALL = 0, 1, 2
"""Whose cookies, and with them all other storage, Firefox refuses."""


def tour(programs: tuple[str, str], addresses: list[str], refused: int = NONE) -> dict[str, Any]:
    """Take hold of all figures of some pages; return what was seen on each."""
    node, program = programs
    script = Path(__file__).with_name("firefox_hosts.mjs")
    done = subprocess.run(
        [node, str(script), program, str(refused), *addresses],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def answers(page: dict[str, Any], names: tuple[str, ...], *, sized: bool = True) -> None:
    """Judge the figures of a page: as they came, and after somebody had dragged a handle of each."""
    assert not page["problems"]
    assert [first["name"] for first, _ in page["figures"]] == list(names)
    for first, last in page["figures"]:
        name = first["name"]
        for look in (first, last):
            assert look["title"] == (WIDGETS[name].title if sized else "A figure")
            assert look["room"] == look["needs"] or not sized
        assert first["status"] == "static"
        assert not differences(first, preset(name))
        assert last["status"] == "live"
        answer = after(name, put(TOUCHED[name], last["handles"][TOUCHED[name]]))
        assert answer["state"] != preset(name)["state"]
        assert not differences(last, answer, 1e-9)
        told = [item for item in page["told"] if item["type"] == "state" and item["widget"] == name][-1]
        assert told["readouts"] == {key: item["value"] for key, item in last["readouts"].items()}
    assert page["figures"][0][0]["python"] == 0
    assert not [item for item in page["told"] if item["type"] == "error"]


def test_lessons_show_live_figures(hosts: Hosts, programs: tuple[str, str]) -> None:
    sandboxed = f'<iframe sandbox="allow-scripts" title="A figure" src="{hosts.ours}embed/asymmetry/" height="900">'
    lessons = ("mkdocs", "strict")
    addresses = {name: hosts.url + LESSONS[name] for name in lessons}
    addresses["sandboxed"] = hosts.write("sandboxed.html", sandboxed)
    seen = tour(programs, list(addresses.values()))
    for name in lessons:
        answers(seen[addresses[name]], FIGURES)
        assert seen[addresses[name]]["figures"][0][0]["storage"] == "open"
    page = seen[addresses["sandboxed"]]
    answers(page, FIGURES[:1], sized=False)
    assert page["figures"][0][0]["storage"] == "SecurityError"


@pytest.mark.parametrize("refused", [OTHERS, ALL], ids=["others", "all"])
def test_figures_work_where_storage_is_refused(hosts: Hosts, programs: tuple[str, str], refused: int) -> None:
    address = hosts.url + LESSONS["plain"]
    page = tour(programs, [address], refused)[address]
    answers(page, FIGURES)
    assert page["figures"][0][0]["storage"] == "SecurityError"


def test_figures_that_can_not_be_had_are_told(hosts: Hosts, programs: tuple[str, str]) -> None:
    script = snippet(hosts.ours, "gaussians")
    with nobody() as dead:
        down = hosts.write("lost-down.html", f'{script}<kl-widget widget="asymmetry" site="{dead}"></kl-widget>')
        refused = hosts.write("lost-refused.html", script, allowing(hosts.origin, "'none'"))
        seen = tour(programs, [down, refused])
    silent, forbidden = "This figure does not answer here.", "This page’s policy does not let it show this figure."
    assert [item["message"] for item in seen[refused]["told"] if item["type"] == "error"] == [forbidden]
    assert seen[refused]["notes"] == [f"{forbidden} Open it on its own "]
    assert [item["message"] for item in seen[down]["told"] if item["type"] == "error"] == [silent]
    assert seen[down]["notes"] == ["", f"{silent} Open it on its own "]


def test_figures_on_disk_show_every_example_and_move_in_steps(site: Path, programs: tuple[str, str]) -> None:
    node, program = programs
    addresses = {name: (site / "offline" / f"{name}.html").as_uri() for name in ("asymmetry", "gaussians")}
    done = subprocess.run(
        [node, str(Path(__file__).with_name("firefox_single.mjs")), program, *addresses.values()],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name, address in addresses.items():
        seen = found[address]
        assert set(seen["asked"]) <= {address}
        assert seen["problems"] == []
        assert set(seen["shown"]) == {item.name for item in WIDGETS[name].presets}
        for item, shown in seen["shown"].items():
            assert not differences(shown, preset(name, item))
        moved = seen["moved"]
        assert not differences(moved["shown"], after(name, put(moved["name"], moved["value"])), 1e-9)
