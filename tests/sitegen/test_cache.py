"""What is kept between builds."""

import os
from pathlib import Path

import pytest

from klweb.sitegen import cache


def test_a_result_is_made_once(tmp_path: Path) -> None:
    made: list[str] = []

    def make(name: str) -> dict[str, bytes]:
        made.append(name)
        return {"a.bin": name.encode(), "b.bin": b"\0"}

    for name in ("one", "two", "one", "two"):
        assert cache.kept(tmp_path, "thing", name * 8, lambda name=name: make(name)) == {  # type: ignore[misc]
            "a.bin": name.encode(), "b.bin": b"\0",
        }  # fmt: skip
    assert made == ["one", "two"]


def test_what_fails_is_not_kept(tmp_path: Path) -> None:
    def fail() -> dict[str, bytes]:
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"):
        cache.kept(tmp_path, "thing", "0" * 16, fail)
    assert cache.kept(tmp_path, "thing", "0" * 16, lambda: {"a": b"1"}) == {"a": b"1"}


def test_a_few_results_of_each_kind_are_kept_the_last_used_ones(tmp_path: Path) -> None:
    cache.kept(tmp_path, "other", "x" * 16, dict)
    for number in range(cache.KEPT + 2):
        digest = f"{number:016}"
        cache.kept(tmp_path, "thing", digest, lambda: {"a": b"1"})
        os.utime(tmp_path / cache.FOLDER / f"thing-{digest}", (number, number))
    left = sorted(path.name for path in (tmp_path / cache.FOLDER).iterdir())
    assert left == ["other-xxxxxxxxxxxxxxxx", *(f"thing-{number:016}" for number in range(2, cache.KEPT + 2))]
