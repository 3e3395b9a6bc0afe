"""What is let through of answers that another frame sends: all that Python says, and nothing of another shape."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from klweb import live
from klweb.widget import FRAMES
from klweb.widgets import WIDGETS

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_all_that_python_answers_can_be_shown_and_what_is_spoilt_can_not() -> None:
    node = shutil.which("node", path=str(ROOT / ".venv/bin")) or shutil.which("node")
    assert node is not None
    answers = []
    for widget in WIDGETS.values():
        presets = [preset.name for preset in widget.presets]
        for frame in FRAMES:
            request = {"op": "decode", "widget": widget.name, "frame": frame}
            for text in [*presets, "no:thing"]:
                answer = json.loads(live.handle(json.dumps(request | {"text": text})))
                answers.append([answer, [item["name"] for item in answer.get("view", {}).get("readouts", ())]])
            # A refused value.
            events = [{"type": "set", "name": "nothing", "value": 1}]
            state = json.loads(live.handle(json.dumps(request | {"text": presets[0]})))["state"]
            answer = json.loads(live.handle(json.dumps(request | {"op": "events", "state": state, "events": events})))
            assert answer["errors"]
            names = [item["name"] for item in answer["view"]["readouts"]]
            each = json.loads(live.handle(json.dumps(request | {"op": "each", "state": state, "events": events})))
            assert each["answers"] == [answer]
            answers += [[answer, names], [each, names]]
    done = subprocess.run(
        [node, "tests/js/check_answers.mjs"],
        cwd=ROOT, input=json.dumps(answers), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    count = json.loads(done.stdout)
    assert count["sound"] == len(answers)
    assert count["spoilt"] > 10_000
