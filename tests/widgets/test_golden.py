"""Every preset at both frames, as pictures that a person can look at in ``tests/golden``.

``KLWEB_UPDATE_GOLDEN=1 python -m pytest tests/widgets/test_golden.py`` writes them anew.
"""

import os
import re
from pathlib import Path

import pytest

from klweb import svg
from klweb.widget import FRAMES, Frame, Preset, Widget
from klweb.widgets import WIDGETS

GOLDEN = Path(__file__).parents[1] / "golden"
UPDATE = "KLWEB_UPDATE_GOLDEN" in os.environ

CASES = [
    (widget, preset, frame) for widget in WIDGETS.values() for preset in widget.presets for frame in FRAMES.values()
]
NAMES = [f"{widget.name}.{preset.name}.{frame.name}" for widget, preset, frame in CASES]

NUMBER = re.compile(r"(?<![\w#])-?\d+(?:\.\d+)?")


def same(found: str, expected: str) -> bool:
    """Compare two pictures; coordinates may differ by what rounding to a hundredth of a pixel does."""
    if NUMBER.sub("#", found) != NUMBER.sub("#", expected):
        return False
    pairs = zip(NUMBER.findall(found), NUMBER.findall(expected), strict=True)
    return all(abs(float(a) - float(b)) <= 0.0101 for a, b in pairs)


@pytest.mark.parametrize(("widget", "preset", "frame"), CASES, ids=NAMES)
def test_a_preset_looks_as_it_did(widget: Widget, preset: Preset, frame: Frame) -> None:
    path = GOLDEN / f"{widget.name}.{preset.name}.{frame.name}.svg"
    changed = path.with_name(f"{path.stem}-changed.svg")
    found = svg.render(widget.view(widget.preset(preset.name), frame).scene)
    if UPDATE:
        path.write_text(found, encoding="utf-8")
    if path.exists() and same(found, path.read_text(encoding="utf-8")):
        changed.unlink(missing_ok=True)
        return
    changed.write_text(found, encoding="utf-8")
    pytest.fail(f"{path.name} differs from {changed.name}; if the new one is right: KLWEB_UPDATE_GOLDEN=1")


def test_there_is_no_picture_of_a_preset_that_is_gone() -> None:
    found = {path.stem for path in GOLDEN.glob("*.svg") if not path.stem.endswith("-changed")}
    if UPDATE:
        for name in found - set(NAMES):
            (GOLDEN / f"{name}.svg").unlink()
    else:
        assert found <= set(NAMES)


def test_a_change_of_a_number_or_a_word_is_noticed() -> None:
    assert same('<text x="1.25">0.48</text>', '<text x="1.26">0.48</text>')
    assert not same('<text x="1.25">0.48</text>', '<text x="1.28">0.48</text>')
    assert not same('<text x="1.25">0.48</text>', '<text x="1.25">0.50</text>')
    assert not same('<text x="1.25">a</text>', '<text x="1.25">b</text>')
    assert not same('<text class="f-p">a</text>', '<text class="f-q">a</text>')
