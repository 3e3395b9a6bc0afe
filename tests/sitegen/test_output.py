import os
from pathlib import Path

import pytest

from klweb.sitegen.output import OutputError, write


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "made" / "site"


def test_it_writes_all_files_and_reports_them(site: Path) -> None:
    files = {"index.html": b"<p>", "a/b/style.css": b"", "a/data.bin": bytes(range(256))}
    changes = write(files, site)
    assert tree(site) == files
    assert changes.written == ("a/b/style.css", "a/data.bin", "index.html")
    assert changes


def test_a_second_write_touches_nothing(site: Path) -> None:
    files = {"index.html": b"same", "a/style.css": b"same"}
    write(files, site)
    before = {path: path.stat().st_ino for path in site.rglob("*")}
    changes = write(files, site)
    assert not changes
    assert changes.unchanged == ("a/style.css", "index.html")
    assert {path: path.stat().st_ino for path in site.rglob("*")} == before


def test_a_change_of_equal_length_is_written(site: Path) -> None:
    write({"index.html": b"one", "kept": b""}, site)
    assert write({"index.html": b"two", "kept": b""}, site).written == ("index.html",)
    assert tree(site)["index.html"] == b"two"


def test_what_is_no_longer_produced_goes_with_its_empty_folders(site: Path) -> None:
    write({"index.html": b"", "old/deep/page.html": b"", "half/old": b"", "half/new": b""}, site)
    changes = write({"index.html": b"", "half/new": b""}, site)
    assert changes.removed == ("half/old", "old/deep/page.html")
    assert sorted(path.name for path in site.rglob("*")) == ["half", "index.html", "new"]


def test_gitignore_stays(site: Path) -> None:
    site.mkdir(parents=True)
    (site / ".gitignore").write_text("*\n!.gitignore\n")
    (site / "stray.txt").write_text("")
    write({"index.html": b""}, site)
    assert sorted(tree(site)) == [".gitignore", "index.html"]


def test_a_file_may_become_a_folder_and_a_folder_a_file(site: Path) -> None:
    write({"a": b"file", "b/c/d": b"deep"}, site)
    write({"a/x": b"in a folder now", "b": b"a file now"}, site)
    assert tree(site) == {"a/x": b"in a folder now", "b": b"a file now"}


@pytest.mark.parametrize(
    "path",
    ["/etc/x", "../x", "a/../../x", "a/./x", "a//x", "a/", "", ".", "a\\x", "C:/x", "a\0x"],
)
def test_only_plain_relative_paths(site: Path, path: str) -> None:
    with pytest.raises(OutputError, match="output path"):
        write({"index.html": b"", path: b""}, site)
    assert not site.exists()


def test_a_path_cannot_be_file_and_folder(site: Path) -> None:
    with pytest.raises(OutputError, match="'a' is a file as well"):
        write({"a": b"", "a/b/c": b""}, site)


def test_links_are_replaced_and_never_followed(site: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_bytes(b"precious")
    site.mkdir(parents=True)
    (site / "folder").symlink_to(outside)
    (site / "stale").symlink_to(outside)
    (site / "page.html").symlink_to(outside / "precious")
    write({"folder/precious": b"new", "page.html": b"new"}, site)
    assert tree(outside) == {"precious": b"precious"}
    assert tree(site) == {"folder/precious": b"new", "page.html": b"new"}
    assert not any(path.is_symlink() for path in site.rglob("*"))


def test_a_repository_and_the_working_directory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "work" / "inner").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work" / "inner")
    for target in (tmp_path / "repository", tmp_path / "work", tmp_path / "work" / "inner"):
        with pytest.raises(OutputError, match="would be removed"):
            write({"index.html": b""}, target)
        assert target.exists()


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the files moved into place, and what is there at each move."""
    made: list[str] = []
    replace = Path.replace

    def recorded(self: Path, target: Path) -> Path:
        made.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", recorded)
    return made


def test_pages_come_last(site: Path, moves: list[str]) -> None:
    write({"a.html": b"", "z.css": b"", "index.html": b"", "m.js": b""}, site)
    assert moves == ["m.js", "z.css", "a.html", "index.html"]


def test_a_full_disk_leaves_the_old_site(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = {"index.html": b"old", "style.css": b"old", "old.css": b"old"}
    write(old, site)
    write_bytes = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if data == b"new page":
            raise OSError(28, "No space left on device")
        return write_bytes(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write({"index.html": b"new page", "style.css": b"new"}, site)
    assert tree(site) == old
    assert sorted(os.listdir(site)) == sorted(old)  # noqa: PTH208  hidden leftovers count


def test_what_a_crash_left_behind_is_cleared_by_the_next_write(site: Path) -> None:
    write({"index.html": b""}, site)
    (site / ".staging-crashed").mkdir()
    (site / ".staging-crashed" / "0").write_bytes(b"half")
    write({"index.html": b""}, site)
    assert [path.name for path in site.iterdir()] == ["index.html"]


def test_files_are_readable_by_others(site: Path) -> None:
    previous = os.umask(0o022)
    try:
        write({"index.html": b"", "a/b": b""}, site)
    finally:
        os.umask(previous)
    assert (site / "index.html").stat().st_mode & 0o777 == 0o644
    assert (site / "a").stat().st_mode & 0o777 == 0o755
