import math
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from bench import conditions, engines, frames, gestures, link, many, peers, site, slow, start, table, visit, weight
from bench.__main__ import BENCHMARKS, DEFAULT, options
from bench.lighthouse import METRICS, SCORES, pages, row
from bench.options import MissingError, Options
from bench.start import BASE, SITE, STOCK, Times
from bench.targets import Target, lines
from bench.visit import Visit
from klweb.sitegen import markup
from klweb.widgets import WIDGETS


def test_a_table_is_markdown_with_figures_to_the_right() -> None:
    lines = table.table(["what", "s"], [["a page", "1.2"], ["a | b", "3"]]).splitlines()
    assert lines == ["| what | s |", "| --- | ---: |", "| a page | 1.2 |", "| a \\| b | 3 |"]


def test_a_row_that_does_not_fit_its_head_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells under a head of 2"):
        table.table(["what", "s"], [["a page"]])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.0345, "0.035"),
        (0.999, "1.0"),
        (1.25, "1.2"),
        (12.6, "13"),
        (1234.0, "1234"),
        (math.nan, "–"),
        (math.inf, "∞"),
    ],
)
def test_figures_have_two_significant_digits_and_no_exponent(value: float, shown: str) -> None:
    assert table.figures(value) == shown


def test_bytes_are_thousands_with_a_digit_where_it_says_something() -> None:
    assert [table.kilobytes(count) for count in (0, 999, 61_234, 5_512_345)] == ["0.0", "1.0", "61.2", "5,512"]


def test_medians_and_ratios_of_nothing_are_dashes() -> None:
    assert table.middle([3, 1, 2]) == 2
    assert math.isnan(table.middle([]))
    assert table.ratio(1, 4) == "0.25 ×"
    assert table.ratio(1, 0) == table.ratio(1, math.nan) == table.ratio(math.nan, 1) == "–"


@pytest.mark.parametrize(
    ("path", "phase"),
    [
        ("index.html", weight.READABLE),
        ("fonts/serif-9a01270780.woff2", weight.READABLE),
        ("static/3fe2ee903232/early.js", weight.READABLE),
        ("static/3fe2ee903232/host.js", "scripts of the figures"),
        ("static/3fe2ee903232/worker.js", "Python"),
        ("runtime/pyodide.510ca1430523.js", "Python"),
        ("runtime/python.0d39433cfdf7.bin", "Python"),
        ("data/asymmetry.phone.0b956c645640.json", weight.PRESETS),
        ("data/asymmetry.near.phone.0b956c645640.bin", weight.STOPS),
        ("data/wasted-bits.phone.a7b3b4ff06b6.json", "data of its neighbours"),
    ],
)
def test_every_file_is_for_something(path: str, phase: str) -> None:
    assert weight.phase(path) == phase
    assert phase in weight.PHASES


def test_what_is_fetched_twice_counts_once_in_the_bodies(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(b"x" * 1000)
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "a.bin").write_bytes(b"x" * 5000)
    sent = {"/": 900, "/runtime/a.bin": 5100, "/runtime/a.bin?again": 5100, "/gone.js": 7}
    page, scripts, python, together = weight.rows(sent, tmp_path)
    assert page[:3] == [weight.READABLE, "1", "0.9"]
    assert scripts[1:] == ["0", "0.0", "0.0"]
    assert python == ["Python", "1", "10.2", "5.0"]
    assert together[:3] == ["together", "2", "11.1"]


def test_a_server_counts_what_it_sends(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"x" * 5000)
    with site.serving(tmp_path) as served:
        before = served.sent
        body = urlopen(f"{served.url}a.bin").read()  # noqa: S310  our own server
    assert len(body) == 5000
    assert not before
    assert 5000 < served.sent["/a.bin"] < 6000


def test_pages_are_found_front_page_first(tmp_path: Path) -> None:
    for path in ("", "about", "embed/asymmetry", "topics", "topics/elbo", "topics/kl-divergence"):
        (tmp_path / path).mkdir(parents=True, exist_ok=True)
        (tmp_path / path / "index.html").touch()
    (tmp_path / "404.html").touch()
    assert pages(tmp_path) == ["", "about/", "embed/asymmetry/", "topics/", "topics/kl-divergence/"]


def test_a_page_has_the_median_of_its_reports() -> None:
    reports = [
        {
            "categories": {name: {"score": score} for name in SCORES},
            "audits": {name: {"numericValue": 1000 * score} for name in METRICS},
        }
        for score in (0.9, 1.0, 0.95)
    ]
    assert row("", reports) == ["/", "95", "95", "95", "95", "0.95", "0.95", "0.95", "950", "950.00"]


def visits(*seconds: float, task: float = 0.0) -> list[Visit]:
    return [Visit(time, 2 * task, task, Counter({"/": 2_000_000})) for time in seconds]


FOUND = {
    "full": {
        SITE: Times(visits(1, 3, 2, task=0.04), visits(1)),
        BASE: Times(visits(8, 8, 9), visits(4)),
        STOCK: Times(visits(7), visits(3)),
    },
    "4g": {SITE: Times(visits(30), visits(1)), BASE: Times(visits(20), visits(4)), STOCK: Times(visits(20), visits(4))},
}


def test_starts_are_set_against_pyscript() -> None:
    head, (first, *_) = start.head(FOUND), start.rows(FOUND)
    assert head == ["page", "full speed", "÷ pyscript", "slow 4G", "÷ pyscript", "MB", "longest task, ms"]
    assert first == [SITE, "2.0 / 1.0", "0.25 / 0.25", "30 / 1.0", "1.5 / 0.25", "2.0", "80"]


def test_each_target_of_the_start_is_judged() -> None:
    assert lines(start.targets(FOUND)).splitlines() == [
        "- first visit ÷ PyScript, full speed: 0.250 (target 0.25): met",
        "- first visit ÷ PyScript, slow 4G: 1.50 (target 1): not met",
        "- second visit ÷ PyScript, full speed: 0.250 (target 0.125): not met",
        "- bytes ÷ stock Pyodide’s: 1.00 (target 1): met",
        "- longest main-thread task while Python starts, full speed: 40.0 ms (target 50 ms): met",
    ]


def test_without_pyscript_nothing_is_said_to_be_met() -> None:
    found = {"full": {SITE: Times(visits(1), visits(1))}}
    assert start.rows(found)[0][2] == "– / –"
    assert [target.met for target in start.targets(found)] == [False, False, False, True]
    assert "first visit ÷ PyScript, full speed: not measured (target 0.25)" in lines(start.targets(found))


def test_a_gesture_never_answered_misses_its_target() -> None:
    times = {
        ("full", SITE, "click"): [20.0],
        ("full", "plain", "click"): [20.0],
        ("full", SITE, "pointermove"): [math.inf],
    }
    times["full", "plain", "pointermove"] = [15.0]
    times["full", peers.SAME, "click"] = [25.0]
    same, unmeasured, preset, drag = map(str, gestures.targets(times, [conditions.FULL]))
    assert same == "first preset ÷ plain JavaScript’s with the same figure, full speed: 0.800 (target 1.2): met"
    assert "not measured" in unmeasured
    assert preset == "first preset ÷ that of a few bars in plain JavaScript, full speed: 1.00 (target 1.2): met"
    assert drag == "first drag ÷ that of a few bars in plain JavaScript, full speed: ∞ (target 1.2): not met"


def test_only_pythons_answer_counts() -> None:
    # The reader drags to where no view was computed ahead of time: what a figure shows at a stop is not yet the answer.
    script = visit.drag()
    assert '"handle": "q.2"' in script
    assert '"which": -1' in visit.drag(-1)
    near = [
        visit.after(visit.WIDGET, visit.preset(visit.WIDGET)["state"], visit.HANDLE, value) for value in (0.4, 0.45)
    ]
    expected = visit.after(visit.WIDGET, visit.preset(visit.WIDGET)["state"], visit.HANDLE, visit.VALUE)
    values = [visit.shown(answer, visit.READOUT) for answer in (*near, expected)]
    assert min(abs(value - values[2]) for value in values[:2]) > 1e-3


def test_each_event_of_a_drag_has_a_readout_of_its_own() -> None:
    for drag in frames.DRAGS:
        task = drag.task(2 * len(drag.values))
        assert len(set(task["expected"])) == len(drag.values) >= 39
        assert len(drag.questions(5)) == 5


def test_the_stages_of_an_answer_add_up() -> None:
    stage = {"sent": 0, "posted": 1, "arrived": 9, "parsing": 0.5, "drawing": 11, "drawn": 14, "frame": 20}
    inside = {"view": 2.0, "whole": 3.0}
    found = frames.split({"stages": [stage], "calls": [[0.2, 0.4], [2, 8]]}, inside)
    assert list(found)[2:5] == ["Python", "– view", "message to the page"]
    assert found["Python"] == 6
    assert sum(value for name, value in found.items() if name != "together" and not name.startswith("–")) == 14
    assert "worker and messages" in frames.split({"stages": [stage]}, inside)


def test_made_up_pages_differ_in_their_figures_only() -> None:
    sources = {count: many.page(count) for count in (1, many.MANY)}
    for count, source in sources.items():
        found = [match[1] for match in map(markup.WIDGET.match, source.splitlines()) if match]
        assert len(found) == count
        assert found[0] == found[-1] == visit.WIDGET
        assert len(set(found)) == min(len(WIDGETS), max(count - 1, 1)), "all others in turns, as far as there is room"


def test_the_reader_comes_before_all_else_in_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html><head><meta charset='utf-8'></head><script>own()</script>")
    engines.equip(page)
    assert page.read_text().startswith(f'<!doctype html><html><head><script src="{engines.READER}"></script><meta')
    assert "visit(" in (tmp_path / engines.READER).read_text()


def test_engines_stand_side_by_side() -> None:
    visits = {SITE: [[1.0, 2.0], [3.0, 2.0]], BASE: [[4.0, 4.0], [4.0, 4.0]]}
    found = {"Firefox 1": visits, "WebKitGTK": {SITE: [[5.0, 4.0]]}}
    assert engines.rows(found)[0] == [SITE, "2.0 / 2.0", "0.50 / 0.50", "5.0 / 4.0", "–"]


@pytest.mark.parametrize("name", [name for name in (*peers.ALL, peers.SAME) if name != "plain"])
def test_peers_have_what_the_reader_uses(name: str) -> None:
    page = (Path(peers.__file__).parent / f"{name}.html").read_text()
    plain = (Path(peers.__file__).parent / "plain.html").read_text()
    for text in (page, plain):
        for selector in (
            f'data-preset="{visit.PRESET}"',
            f'data-handle="{visit.HANDLE}"',
            f'data-readout="{visit.READOUT}"',
        ):
            assert selector in text


@pytest.mark.parametrize("page", ["plain", peers.SAME])
@pytest.mark.parametrize("name", ["uniform-vs-peaked", visit.PRESET])
def test_plain_javascript_has_the_sites_own_presets(name: str, page: str) -> None:
    state = visit.preset(visit.WIDGET, name)["state"]
    text = (Path(peers.__file__).parent / f"{page}.html").read_text()
    assert f'"{name}": {{ p: {state["p"]}, q: {state["q"]} }}' in text


def test_the_command_line_knows_its_benchmarks(capsys: pytest.CaptureFixture[str]) -> None:
    names, settings = options([])
    assert names == DEFAULT
    assert set(DEFAULT) == BENCHMARKS.keys() - {"lighthouse"}
    assert settings == Options()
    names, settings = options(["start", "--runs", "5", "--conditions", "both,slow"])
    assert (names, settings.runs) == (["start"], 5)
    assert settings.conditions == (conditions.SLOW, conditions.BOTH)
    assert settings.among(conditions.FULL, conditions.SLOW) == [conditions.SLOW]
    with pytest.raises(MissingError, match="--conditions full only"):
        settings.among(conditions.FULL)
    for words in (["stat"], ["--runs", "0"], ["--conditions", "3g"], ["--conditions", ""]):
        with pytest.raises(SystemExit):
            options(words)
    said = capsys.readouterr().err
    assert "no benchmark stat" in said
    assert "there is no 3g, only full, slow, 4g, both" in said


def test_targets_say_whether_they_are_met() -> None:
    assert [Target("a", value, 1).met for value in (0.9, 1, 1.01, math.inf, math.nan)] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_link_sends_one_piece_after_another() -> None:
    wire = link.Link(1000)
    assert wire.reserve(10.0, 500) == 10.5
    assert wire.reserve(10.1, 500) == 11.0  # another connection waits for the first one's piece
    assert wire.reserve(20.0, 100) == pytest.approx(20.1)  # an idle wire saves nothing up


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_slowed_process_is_found_stopped_and_left_running(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    program = ["python3", "-c", "import time; time.sleep(60)", f"--user-data-dir={profile}"]
    with subprocess.Popen(program) as process:
        try:
            _wait(lambda: slow.browser(str(profile)) == process.pid)
            with slow.slowed(profile, 20):
                _wait(lambda: _status(process.pid) == "T")
                assert process.pid in slow.family(process.pid, slow.parents())
            assert _status(process.pid) != "T"
        finally:
            process.kill()


def _status(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)
