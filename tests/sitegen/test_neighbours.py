"""The stops around presets: small enough, the same at every build, and read by the browser as Python says them."""

import gzip
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from klweb import live
from klweb.parameter import Choice, Distribution, Number
from klweb.sitegen import figures, neighbours
from klweb.widget import FRAMES, Frame, Widget
from klweb.widgets import WIDGETS

PHONE = FRAMES["phone"]
ROOT = Path(__file__).parents[2]
READ = ROOT / "tests/js/read_neighbours.mjs"
BUDGET = 40_000
"""Bytes that a reader fetches for a widget to have all stops around the preset that is shown."""

EVERY = pytest.mark.parametrize("widget", WIDGETS.values(), ids=WIDGETS)


@pytest.mark.slow
@EVERY
@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_the_browser_reads_what_python_says_at_every_stop(widget: Widget, frame: Frame, tmp_path: Path) -> None:
    node = shutil.which("node", path=str(ROOT / ".venv/bin")) or shutil.which("node")
    assert node is not None
    expected: list[dict[str, Any]] = []
    prepared = figures.prepare_all()[widget.name]
    near = json.loads(prepared.files[prepared.data[frame.name]])["near"]
    for preset in widget.presets:
        content = prepared.files[f"data/{near[preset.name]}"]
        assert len(content) < BUDGET
        path = tmp_path / f"{preset.name}.bin"
        path.write_bytes(content)
        state = widget.preset(preset.name)
        expected.append(
            {
                "file": str(path),
                "controls": [
                    {
                        "name": control.name, "type": control.type, "values": control.values,
                        "answers": [
                            live.answer(widget, widget.update(state, event), frame) for event in control.events()
                        ],
                    }
                    for control in neighbours.controls(widget, state, frame)
                ],
            }
        )  # fmt: skip
    said = subprocess.run(
        [node, str(READ)], input=json.dumps(expected), capture_output=True, text=True, check=False, timeout=120
    )
    assert said.returncode == 0, said.stderr
    count = sum(len(control["answers"]) for item in expected for control in item["controls"])
    assert said.stdout.split()[0] == str(count)


@EVERY
def test_every_control_has_its_stops(widget: Widget) -> None:
    for preset in widget.presets:
        state = widget.preset(preset.name)
        found = {control.name: control for control in neighbours.controls(widget, state, PHONE)}
        assert len(found) == len(list(neighbours.controls(widget, state, PHONE)))
        if widget.walk and state[widget.walk]:
            assert not found, "a walk that was drawn has no stops"
            continue
        for item in widget.parameters:
            match item:
                case Number(slides=True) if widget.counts(item, state) and item.name != widget.walk:
                    _check_range(found.pop(item.name).values, item, state[item.name])
                case Distribution(hidden=False):
                    for index, value in enumerate(state[item.name]):
                        _check_range(found.pop(f"{item.name}.{index}").values, Number("", "", 0, 1, 0.01, 0), value)
                case Choice(hidden=False):
                    assert found.pop(item.name).values == tuple(option for option, _ in item.options)
        spots = [spot.name for spot in widget.view(state, PHONE).scene.spots]
        assert sorted(found) == sorted([*(button.name for button in widget.buttons), *spots])


def _check_range(values: tuple[float, ...], item: Number, own: float) -> None:
    assert values[0] == item.low
    assert values[-1] == item.high
    assert own in values
    fewest = min(neighbours.STOPS, round((item.high - item.low) / item.step) + 1)
    assert fewest <= len(values) <= fewest + 1
    steps = [(value - item.low) / item.step for value in values if value != own]
    assert steps == pytest.approx([round(step) for step in steps], abs=1e-9)


def test_a_control_knows_its_own_stop_and_what_it_covers() -> None:
    widget = WIDGETS["asymmetry"]
    found = {control.name: control for control in neighbours.controls(widget, widget.default, PHONE)}
    assert found["q.2"].values[found["q.2"].own] == 0.6
    assert found["q.2"].is_home
    # A bar of p moves p to the front, even if it stays where it is; and whose bars were chosen before is all the same.
    assert not found["p.0"].is_home
    assert found["p.0"].covers == found["q.0"].covers == ("edit",)
    assert found["edit"].covers == ()
    widget = WIDGETS["wasted-bits"]
    assert all(control.covers == () for control in neighbours.controls(widget, widget.default, PHONE))


def test_the_same_sources_give_the_same_bytes() -> None:
    widget = WIDGETS["wasted-bits"]
    one, other = (neighbours.pack(widget, widget.presets[0], FRAMES["phone"]).content for _ in range(2))
    assert one == other
    assert one[4:8] == bytes(4), "gzip’s header names a time"


def test_texts_come_back_as_they_are() -> None:
    texts = ["−0.00", "011", "1e-05", "12345678901234567890", "D(p ‖ q) = −1.50 bits, 3 of 26", 'a "quoted" \\ 0.5']
    for text in texts:
        unit = json.dumps(text, ensure_ascii=False)
        filled = neighbours.cut(unit)
        values = iter(zip(filled.kinds, filled.values, strict=True))
        again = "".join(
            neighbours.printed(value, kind) if neighbours.HOLE <= ord(character) < neighbours.HOLE + 256 else character
            for character in filled.template
            for kind, value in (
                [next(values)] if neighbours.HOLE <= ord(character) < neighbours.HOLE + 256 else [(0, 0)]
            )
        )
        assert again == unit


@pytest.mark.parametrize("value", [0.1234565, 1 / 3, 0.0078125, 1.5e-7, 0.99999949999999])
def test_of_a_probability_come_the_digits_that_are_shown(value: float) -> None:
    kept = neighbours.shown_alike(value) / 10**10
    assert kept == pytest.approx(value, abs=2e-10)
    if value > 1e-4:
        assert f"{kept:.6g}" == f"{value:.6g}"


def test_a_file_is_gzip_for_every_browser() -> None:
    widget = WIDGETS["gaussians"]
    content = neighbours.pack(widget, widget.presets[0], FRAMES["desk"]).content
    length = int.from_bytes(gzip.decompress(content)[:4], "little")
    header = json.loads(gzip.decompress(content)[4 : 4 + length])
    assert [control["name"] for control in header["controls"]] == [
        "mu_p", "sigma_p", "mu_q", "sigma_q", "swap-means", "swap-variances",
    ]  # fmt: skip
