import os
import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from klweb.sitegen.check import check
from klweb.sitegen.watch import ERROR_STYLE, Failure, Reloader, error_page, snapshot, watch

Step = Callable[[], object]


class Steps(threading.Event):
    """Stands in for the pauses: at each look of the watcher one step is done, then it stops."""

    def __init__(self, *steps: Step) -> None:
        super().__init__()
        self.steps: Iterator[Step] = iter(steps)
        self.pauses: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout)
        step = next(self.steps, None)
        if step:
            step()
        return step is None


def nothing() -> None:
    pass


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "index.md").write_text("# One\n")
    return folder


def reports(content: Path, *steps: Step) -> list[set[str]]:
    found: list[set[str]] = []

    def on_change(paths: set[Path]) -> None:
        found.append({path.relative_to(content).as_posix() for path in paths})

    watch([content], on_change, Steps(*steps))
    return found


def test_changed_new_and_deleted_files_are_reported(content: Path) -> None:
    (content / "deep").mkdir()
    assert reports(
        content,
        lambda: (content / "index.md").write_text("# Another\n"),
        nothing,
        lambda: (content / "deep" / "new.md").write_text(""),
        nothing,
        (content / "index.md").unlink,
        nothing,
    ) == [{"index.md"}, {"deep/new.md"}, {"index.md"}]


def test_nothing_is_reported_while_nothing_changes(content: Path) -> None:
    assert reports(content, nothing, nothing, nothing) == []


def test_an_edit_of_equal_size_is_seen_by_its_time(content: Path) -> None:
    assert reports(content, lambda: os.utime(content / "index.md", ns=(1, 1)), nothing) == [{"index.md"}]


def test_a_burst_is_one_report_once_it_is_over(content: Path) -> None:
    def write(number: int) -> Step:
        return lambda: (content / f"{number}.md").write_text("")

    burst = [write(number) for number in range(5)]
    assert reports(content, *burst) == []
    for number in range(5):
        (content / f"{number}.md").unlink()
    assert reports(content, *burst, nothing) == [{f"{number}.md" for number in range(5)}]


def test_the_pause_is_short_while_a_burst_lasts(content: Path) -> None:
    steps = Steps(nothing, (content / "index.md").unlink, nothing)
    watch([content], lambda paths: None, steps, interval=0.3, settle=0.1)
    assert steps.pauses == [0.3, 0.3, 0.1, 0.3]


def test_edits_made_during_a_build_count(content: Path) -> None:
    calls: list[set[Path]] = []

    def slow_build(paths: set[Path]) -> None:
        if not calls:
            (content / "index.md").write_text("# Edited while the second build ran\n")
        calls.append(paths)

    before = snapshot([content])
    (content / "index.md").write_text("# Edited while the first build ran\n")
    steps = Steps(*[nothing] * 4)
    watch([content], slow_build, steps, since=before)
    assert calls == [{content / "index.md"}] * 2
    assert steps.pauses[0] == 0


def test_it_runs_in_a_thread_until_stopped(content: Path) -> None:
    seen: queue.Queue[set[Path]] = queue.Queue()
    stop, before = threading.Event(), snapshot([content])
    thread = threading.Thread(
        target=watch, args=([content], seen.put, stop), kwargs={"since": before, "interval": 0.01}
    )
    thread.start()
    (content / "index.md").unlink()
    assert seen.get(timeout=10) == {content / "index.md"}
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_watched_folder_may_go_and_come_back(content: Path) -> None:
    def back() -> None:
        content.mkdir()
        (content / "index.md").write_text("# Back\n")

    assert reports(content, lambda: shutil.rmtree(content), nothing, back, nothing) == [
        {"index.md"},
        {"index.md"},
    ]


@pytest.mark.parametrize(
    "name",
    [".index.md.swp", "index.md~", "#index.md#", ".#index.md", "4913", ".git/HEAD",
     "__pycache__/a.pyc", ".hidden/deep/file.md"],
)  # fmt: skip
def test_what_editors_and_tools_leave_is_ignored(content: Path, name: str) -> None:
    before = snapshot([content])
    path = content / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    assert snapshot([content]) == before


def test_single_files_missing_paths_and_dangling_links(content: Path) -> None:
    (content / "dangling").symlink_to(content / "nowhere")
    paths = [content / "index.md", content / "missing"]
    assert snapshot(paths).keys() == {content / "index.md"}
    assert snapshot([content]).keys() == {content / "index.md"}


def test_versions_grow_with_what_there_is_to_see() -> None:
    live = Reloader()
    states = [live.state]
    broken = Failure("broken")
    # The last is the same site as before the failure, still news to a page that shows the failure.
    steps: list[Step] = [
        lambda: live.succeeded(changed=False),
        live.succeeded,
        lambda: live.failed([broken]),
        lambda: live.succeeded(changed=False),
    ]
    for step in steps:
        step()
        states.append(live.state)
    first = states[0][0]
    assert [version - first for version, _ in states] == [0, 0, 1, 2, 3]
    assert [failures for _, failures in states] == [(), (), (), (broken,), ()]


def test_a_failure_without_reasons_is_still_one() -> None:
    live = Reloader()
    live.failed([])
    assert live.state[1]


def test_waiting_ends_with_news_or_in_time() -> None:
    live = Reloader()
    version = live.state[0]
    assert live.wait(version, 0.01) == version
    assert live.wait(version - 1, 60) == version
    timer = threading.Timer(0.02, live.succeeded)
    timer.start()
    assert live.wait(version, 5) == version + 1
    timer.join()


SOURCE = "\n".join(f"line {n} <b>" for n in range(1, 21))


def test_the_error_page_says_what_where_and_shows_the_line() -> None:
    failure = Failure('link to "<x>": nowhere', "content/a&b.md", 12, SOURCE)
    page = error_page([failure], "error.css")
    assert "<code>content/a&amp;b.md:12</code>" in page
    assert "link to &quot;&lt;x&gt;&quot;: nowhere" in page
    assert "<mark>▸   12  line 12 &lt;b&gt;</mark>" in page
    assert "line 9 " in page
    assert "line 15 " in page
    assert "line 8 " not in page
    assert "line 16 " not in page
    assert "<b>" not in page
    assert "<x>" not in page


@pytest.mark.parametrize(("line", "shown"), [(1, True), (20, True), (0, False), (21, False)])
def test_excerpts_at_the_edges_of_the_file(line: int, shown: bool) -> None:
    assert ("<pre" in error_page([Failure("m", "f.md", line, SOURCE)], "error.css")) is shown


def test_all_failures_are_on_the_page_in_order() -> None:
    page = error_page([Failure("first"), Failure("second", "file.md")], "error.css")
    assert page.index("first") < page.index("file.md") < page.index("second")


def test_the_error_page_passes_the_sites_own_checks() -> None:
    page = error_page([Failure("m", "f.md", 3, SOURCE), Failure("n")], "error.css")
    files = {"index.html": page.encode(), "error.css": ERROR_STYLE.encode()}
    assert check(files, lambda page, needle: None) == []


def test_the_error_page_knows_dark_mode() -> None:
    assert "prefers-color-scheme: dark" in ERROR_STYLE
