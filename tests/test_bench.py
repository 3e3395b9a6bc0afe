import math
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import link, slow, table, weight
from bench.__main__ import BENCHMARKS, options
from bench.lighthouse import METRICS, SCORES, pages, row
from bench.start import BASE, HEAD, Times, conditions, rows
from bench.visit import File, Visit


def test_a_table_is_markdown_with_figures_to_the_right() -> None:
    lines = table.table(["what", "s"], [["a page", "1.2"], ["a | b", "3"]]).splitlines()
    assert lines == ["| what | s |", "| --- | ---: |", "| a page | 1.2 |", "| a \\| b | 3 |"]


def test_a_row_that_does_not_fit_its_head_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells under a head of 2"):
        table.table(["what", "s"], [["a page"]])


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.0345, "0.035"), (0.999, "1.0"), (1.25, "1.2"), (12.6, "13"), (1234.0, "1234"), (math.nan, "–")],
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
        ("static/3fe2ee903232/theme.js", weight.READABLE),
        ("static/3fe2ee903232/host.js", "scripts of the figures"),
        ("static/3fe2ee903232/worker.js", "Python"),
        ("runtime/pyodide.510ca1430523.js", "Python"),
        ("data/asymmetry.phone.0b956c645640.json", "presets of one widget"),
        ("data/wasted-bits.phone.a7b3b4ff06b6.json", "presets of its neighbours"),
    ],
)
def test_every_file_is_for_something(path: str, phase: str) -> None:
    assert weight.phase(path) == phase
    assert phase in weight.PHASES


def test_what_is_fetched_twice_counts_once_in_the_bodies(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(b"x" * 1000)
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "a.bin").write_bytes(b"x" * 5000)
    url = "http://localhost:1/"
    fetched = [File(url, 900), File(f"{url}runtime/a.bin", 5100), File(f"{url}runtime/a.bin", 0), File("http://b/", 7)]
    page, python, together = weight.rows(fetched, url, tmp_path)
    assert page[:3] == [weight.READABLE, "1", "0.9"]
    assert python == ["Python", "1", "5.1", "5.0"]
    assert together[:3] == ["together", "2", "6.0"]


def test_pages_are_found_front_page_first(tmp_path: Path) -> None:
    for path in ("", "about", "embed/asymmetry"):
        (tmp_path / path).mkdir(parents=True, exist_ok=True)
        (tmp_path / path / "index.html").touch()
    (tmp_path / "404.html").touch()
    assert pages(tmp_path) == ["", "about/", "embed/asymmetry/"]


def test_a_page_has_the_median_of_its_reports() -> None:
    reports = [
        {
            "categories": {name: {"score": score} for name in SCORES},
            "audits": {name: {"numericValue": 1000 * score} for name in METRICS},
        }
        for score in (0.9, 1.0, 0.95)
    ]
    assert row("", reports) == ["/", "95", "95", "95", "95", "0.95", "0.95", "0.95", "950", "950.00"]


def test_starts_are_set_against_the_usual_way() -> None:
    def visits(*seconds: float) -> list[Visit]:
        return [Visit(time, 0.0, (File("http://localhost:1/", 2_000_000),)) for time in seconds]

    found = {"the site": Times(visits(1, 3, 2), visits(1)), BASE: Times(visits(4, 4, 5), visits(2))}
    first = rows(found)[0]
    assert first == ["the site", "2.0", "1.0", "0.50 ×", "0.50 ×", "2.0", "none"]
    assert len(first) == len(HEAD)


def test_the_command_line_knows_its_benchmarks(capsys: pytest.CaptureFixture[str]) -> None:
    assert options([])[0] == list(BENCHMARKS)
    names, settings = options(["start", "--runs", "5", "--slow", "4", "--slow4g"])
    assert (names, settings.runs) == (["start"], 5)
    assert conditions(settings) == "whole browser slowed 4 ×, slow 4G (a relay: 1.6 Mbit/s, 150 ms)"
    assert conditions(options(["start"])[1]) == "full speed"
    for words in (["stat"], ["--runs", "0"], ["--slow", "0"]):
        with pytest.raises(SystemExit):
            options(words)
    assert "no benchmark stat" in capsys.readouterr().err


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
