"""The lines of Python that every figure shows: run as they stand, they print the figure's own doubles."""

import io
import json
import math
import subprocess
import sys
import venv
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb import live
from klweb.sitegen import runtime
from klweb.widget import FRAMES, State, Widget
from klweb.widgets import WIDGETS
from tests.widgets.strategies import states

ROOT = Path(__file__).parents[2]
PRESETS = [(widget.name, preset.name) for widget in WIDGETS.values() for preset in widget.presets]


def printed(code: str) -> dict[str, float]:
    """Run lines as a script; return the numbers that they print, by the symbols before them."""
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(code, "<lines>", "exec"), {"__name__": "__main__"})  # noqa: S102  the lines under test
    return numbers(out.getvalue())


def numbers(text: str) -> dict[str, float]:
    lines = (line.partition(" = ") for line in text.splitlines() if " = " in line)
    return {symbol: float(rest.split()[0]) for symbol, _, rest in lines}


def agrees(widget: Widget, state: State, found: dict[str, float]) -> None:
    """Compare with the readouts, to the last bit."""
    readouts = widget.view(state, FRAMES["phone"]).readouts
    wanted = {item.symbol: float(item.value) for item in readouts}
    if all(math.isnan(value) for value in wanted.values()):
        assert not found, "there are no data, so there is nothing to print"
        return
    assert {symbol: repr(value) for symbol, value in found.items()} == {
        symbol: repr(value) for symbol, value in wanted.items()
    }


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_the_lines_of_every_example_print_its_readouts(name: str, preset: str) -> None:
    widget = WIDGETS[name]
    state = widget.preset(preset)
    agrees(widget, state, printed(widget.code(state)))


@pytest.mark.parametrize("name", WIDGETS)
def test_the_lines_of_any_state_print_its_readouts(name: str) -> None:
    widget = WIDGETS[name]

    @given(states(widget))
    def check(state: State) -> None:
        agrees(widget, state, printed(widget.code(state)))

    check()


def test_english_in_blocks_prints_its_readouts() -> None:
    widget = WIDGETS["wasted-bits"]
    state = widget.read({"source": "english", "block": "2", "morph": 0.4})
    agrees(widget, state, printed(widget.code(state)))


@pytest.mark.parametrize("name", WIDGETS)
def test_lines_are_short_enough_to_be_read(name: str) -> None:
    @given(states(WIDGETS[name]))
    def check(state: State) -> None:
        assert max(map(len, WIDGETS[name].code(state).splitlines())) <= 88

    check()


@given(st.sampled_from(PRESETS))
def test_the_door_gives_the_lines_after_what_was_done_meanwhile(example: tuple[str, str]) -> None:
    name, preset = example
    widget = WIDGETS[name]
    state = widget.preset(preset)
    event = {"type": "preset", "name": widget.presets[-1].name}
    for events, wanted in (([], state), ([event], widget.preset(widget.presets[-1].name))):
        request = {"op": "code", "widget": name, "state": state, "events": events}
        assert json.loads(live.handle(json.dumps(request))) == {
            "ok": True,
            "state": wanted,
            "code": widget.code(wanted),
        }


def test_the_door_refuses_a_state_that_is_none() -> None:
    answer = json.loads(live.handle('{"op": "code", "widget": "asymmetry", "state": {"p": "x"}, "events": []}'))
    assert not answer["ok"]
    assert answer["error"]["field"] == "p"


@pytest.mark.slow
def test_the_lines_run_with_klweb_as_pip_installs_it(tmp_path: Path) -> None:
    wheel = runtime.build_wheel(ROOT, runtime.fingerprint(ROOT))
    file = tmp_path / wheel.spec.file_name
    file.write_bytes(wheel.content)
    venv.create(tmp_path / "fresh")
    python = tmp_path / "fresh" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = ["-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(file)]
    subprocess.run([sys.executable, *install], check=True, timeout=120)
    for widget in WIDGETS.values():
        lines = tmp_path / f"{widget.name}.py"
        lines.write_text(widget.code(widget.default), encoding="utf-8")
        # Without this checkout's modules, which PYTHONPATH would offer.
        done = subprocess.run(
            [python, "-I", "-X", "utf8", lines], check=True, capture_output=True, encoding="utf-8", cwd=tmp_path
        )
        agrees(widget, widget.default, numbers(done.stdout))
