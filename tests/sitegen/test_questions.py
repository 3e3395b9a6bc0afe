"""Practice questions: what is read from their file, what is refused, and whether the site's own answers are right."""

import dataclasses
import heapq
import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import optimize, stats
from scipy.spatial.distance import jensenshannon

from klweb.practice import DRAWS, FUNCTIONS, OPERATORS, READING, evaluate, variant
from klweb.sitegen import formulas
from klweb.sitegen.problems import BuildError
from klweb.sitegen.questions import PATH, Parts, Question, compile_expression, read_questions

ROOT = Path(__file__).parents[2]
SEEDS = range(1, 41)
FEW = range(1, 9)

OWN = {question.id: question for question in read_questions(ROOT)}
LEAST = {
    "kl-divergence": 8, "entropy": 4, "cross-entropy": 4, "mutual-information": 4, "huffman-coding": 4,
    "gaussian-kl": 4, "maximum-likelihood": 4, "likelihood-ratio-tests": 4, "kelly-betting": 4,
    "bregman-divergence": 4, "jensen-shannon-divergence": 4, "gibbs-inequality": 4,
}  # fmt: skip

GOOD = """\
# A file of questions.

[[question]]
id = "coin"
topic = "entropy"
kind = "numeric"
draw.x = "step(0.1, 0.4, 10)"
where = ["x != 0.2"]
text = 'A coin with {x} and {1 - x}: how large is $\\frac{1}{2} H(\\p)$, **nearly**?'
answer = "entropy([x, 1 - x]) / 2"
unit = "bits"
hints = ["Think of {x:/}."]
solution = "It is {answer:3}, for {'x < y' if x > 0 else ''}."
[[question.mistakes]]
answer = "entropy([x, 1 - x])"
says = "Halve {2 * answer:3}."

[[question]]
id = "which"
topic = "entropy"
kind = "choice"
draw.n = "whole(2, 9)"
text = "How much is 2 · {n}?"
hints = ["Add."]
solution = "{2 * n}"
[[question.choices]]
text = "{2 * n}"
right = true
says = "Yes."
[[question.choices]]
text = "{3 * n}"
says = "That is 3 · {n}."
[[question.choices]]
text = "nothing"
right = "n == 0"
says = "No."

[[question]]
id = "steps"
topic = "kl-divergence"
kind = "order"
text = "Count."
hints = ["Begin at one."]
solution = "One, two, three."
[[question.steps]]
text = "one"
why = "first"
[[question.steps]]
text = "two"
why = "second"
[[question.steps]]
text = "three"
why = "third"

[[question]]
id = "figure"
topic = "kl-divergence"
kind = "read"
widget = "asymmetry"
draw.x = "pick([0.25, 0.3, 0.35])"
draw.place = "whole(0, 1)"
preset = '"mirror-image"'
do = [["q.{place}", "x"]]
readout = "kl_pq"
text = "Choose *{label}* and set {x}."
unit = "bits"
hints = ["Look."]
solution = '{answer:4}, not {readout("kl_qp"):4} nor {before("kl_pq"):4}'
[[question.mistakes]]
readout = "kl_qp"
says = "The other one."
[[question.mistakes]]
answer = 'before("kl_pq")'
says = "Before."
"""


def read(root: Path, text: str = GOOD, topics: list[str] | None = None) -> list[Question]:
    path = root / PATH
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_questions(root, topics)


def problems(root: Path, text: str, topics: list[str] | None = None) -> list[tuple[int | None, str]]:
    with pytest.raises(BuildError) as caught:
        read(root, text, topics)
    assert {problem.path for problem in caught.value.problems} == {PATH}
    return [(problem.line, problem.message) for problem in caught.value.problems]


def tex(formula: formulas.Formula) -> str:
    return f"<math>{formula.tex}</math>"


def shown(question: Question, seed: int) -> Parts:
    """Return a question's texts as they are with another seed."""
    return dataclasses.replace(question, first=variant(question.definition, seed)).parts(tex)


def plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text)


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def test_questions_are_read_in_their_order(tmp_path: Path) -> None:
    found = read(tmp_path, topics=["entropy", "kl-divergence"])
    assert [(item.id, item.topic, item.kind, item.line) for item in found] == [
        ("coin", "entropy", "numeric", 3), ("which", "entropy", "choice", 18),
        ("steps", "kl-divergence", "order", 38), ("figure", "kl-divergence", "read", 55),
    ]  # fmt: skip
    assert [item.fresh for item in found] == [True, True, False, True]
    assert all(item.first == variant(item.definition, 1) for item in found)
    for item in found:
        assert json.loads(json.dumps(item.definition, allow_nan=False)) == item.definition


def test_texts_have_places_for_what_is_drawn(tmp_path: Path) -> None:
    coin = read(tmp_path)[0]
    slots = coin.first["slots"]
    parts = coin.parts(tex)
    assert parts.text == (
        f'<p>A coin with <span data-slot="0">{slots[0]}</span> and <span data-slot="1">{slots[1]}</span>: how large is '
        "<span class=\"math-glue\"><math>\\frac{1}{2} H(\\p)</math>,</span> <strong>nearly</strong>?</p>"
    )  # fmt: skip
    assert parts.hints == [f'<p>Think of <span data-slot="2">{slots[2]}</span>.</p>']
    assert re.fullmatch(r"\d/\d+", slots[2])
    assert parts.solution.endswith('<span data-slot="4">x &lt; y</span>.</p>')
    assert parts.mistakes == [f'<p>Halve <span data-slot="5">{slots[5]}</span>.</p>']
    assert (parts.choices, parts.steps) == ([], [])
    assert [item.tex for item in coin.body.formulas] == [r"\frac{1}{2} H(\p)"]


def test_choices_and_steps_are_in_line(tmp_path: Path) -> None:
    _, which, steps, _ = read(tmp_path)
    choices = which.parts(tex).choices
    assert [plain(item.text) for item in choices] == [*which.first["slots"][1:3], "nothing"]
    assert choices[2].text == "nothing"
    assert choices[0].why == "<p>Yes.</p>"
    assert (which.first["right"], sorted(which.first["order"])) == (0, [0, 1, 2])
    assert [(item.text, item.why) for item in steps.parts(tex).steps] == [
        ("one", "<p>first</p>"), ("two", "<p>second</p>"), ("three", "<p>third</p>"),
    ]  # fmt: skip


def test_a_question_about_a_figure(tmp_path: Path) -> None:
    figure = read(tmp_path)[3]
    ((control, x),) = figure.first["do"]
    assert (figure.first["preset"], control[:2], x in (0.25, 0.3, 0.35)) == ("mirror-image", "q.", True)
    assert plain(figure.parts(tex).text) == f"Choose Mirror image and set {x}."
    assert [item["place"] for item in figure.first["mistakes"]] == [0, 1]
    values = [figure.first["answer"], *figure.first["mistakes"]]
    assert plain(figure.parts(tex).solution) == "{:.4f}, not {:.4f} nor {:.4f}".format(
        *(float(item["value"]) for item in values)
    )


def test_what_is_not_given_has_its_usual_value(tmp_path: Path) -> None:
    text = GOOD.replace('unit = "bits"\n', "").replace("draw.x", "tolerance = 0.02\ndraw.x", 1)
    coin, _, _, figure = read(tmp_path, text)
    assert (coin.definition["unit"], coin.definition["tolerance"]) == ("", 0.02)
    assert (figure.definition["unit"], figure.definition["tolerance"]) == ("", 0.01)
    assert read(tmp_path, GOOD.replace('where = ["x != 0.2"]\n', ""))[0].definition["where"] == []


def test_mistakes_that_show_later_have_a_line(tmp_path: Path) -> None:
    coin = read(tmp_path)[0]
    assert str(coin.problem("no formula", r"$\frac{1}{2} H(\p)$")) == f"{PATH}:9: no formula"
    assert str(coin.problem("wrong")) == f"{PATH}:3: wrong"


def test_an_empty_file_has_no_questions(tmp_path: Path) -> None:
    assert read(tmp_path, "") == read(tmp_path, "# Nothing yet.\n") == []


@pytest.mark.parametrize("text", ["question = 1", "question = [1]", "[question]\nid = 'x'"])
def test_questions_are_tables_of_their_own(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == [(1, "each question must begin with [[question]] on a line of its own")]


# ── refusing ─────────────────────────────────────────────────────────────────────────────────

CASES = [
    # the file
    ("[[question]]\nid = ", "[[question]]\nid == ", 4, "no TOML: "),
    ("# A file of questions.", "other = 1", 1, "unknown key `other`"),
    ("# A file of questions.", "question = 1", 3, "no TOML"),
    ('[[question]]\nid = "which"', ' [[question]]\nid = "which"', 1, "must begin with [[question]]"),
    # keys
    ('id = "coin"', 'id = "Coin"', 4, "`id` must be words of small letters"),
    ('id = "which"', 'id = "coin"', 19, "another question has the id coin"),
    ('id = "coin"\n', "", 3, "a numeric question needs `id`"),
    ('kind = "numeric"', 'kind = "essay"', 6, "`kind` must be one of numeric, choice, order, read"),
    ('kind = "numeric"\n', "", 3, "`kind` must be one of"),
    ('answer = "entropy([x, 1 - x]) / 2"\n', "", 3, "question coin: a numeric question needs `answer`"),
    ('unit = "bits"', 'units = "bits"', 11, "has no key `units`; it may have id, "),
    ('unit = "bits"', "unit = 1", 11, "`unit` must be text in quotes"),
    ('unit = "bits"', "tolerance = 1", 11, "`tolerance` must be a decimal number"),
    ('unit = "bits"', "tolerance = 0.5", 11, "`tolerance` must be above 0"),
    ('hints = ["Think of {x:/}."]', "hints = []", 12, "at least one hint"),
    ('hints = ["Think of {x:/}."]', "hints = [1]", 12, "`hints` must be texts"),
    ('hints = ["Think of {x:/}."]', "hints = 'Think.'", 12, "`hints` must be a list"),
    ('where = ["x != 0.2"]', "where = [true]", 8, "`where` must be texts"),
    ('draw.x = "step(0.1, 0.4, 10)"', "draw.x = 0.2", 7, "`draw.x` must be an expression in quotes"),
    ("draw.x", "draw.answer", 7, "`draw.answer` must be an expression in quotes, under a name that is free"),
    ('says = "Yes."', 'says = ""', 29, "`says` is empty"),
    ('says = "Yes."\n', "", 26, "one of the choices needs `says`"),
    ('right = true\nsays = "Yes."', 'right = 1\nsays = "Yes."', 28, "`right` must be true or text in quotes"),
    ('why = "second"', 'says = "second"', 50, "one of the steps has no key `says`"),
    ('[[question.steps]]\ntext = "two"\nwhy = "second"\n', "", 45, "at least 3 steps, but here are 2"),
    ('[[question.mistakes]]\nreadout = "kl_qp"', "[[question.mistakes]]", 69, "one of the mistakes needs `answer`"),
    ('widget = "asymmetry"', 'widget = "asymetry"', 59, "there is no widget asymetry; there are asymmetry, "),
    ('do = [["q.{place}", "x"]]', "do = [[]]", 63, "`do` must be pairs"),
    ('do = [["q.{place}", "x"]]', 'do = [["q.0", 1]]', 63, "`do` must be pairs"),
    # expressions
    ('answer = "entropy([x, 1 - x]) / 2"', 'answer = "entropy([x, 1 - x]"', 10, "entropy([x, 1 - x]: no expression: "),
    ('answer = "entropy([x, 1 - x]) / 2"', 'answer = "y"', 10, "y: there is no name y; there are x"),
    ('answer = "entropy([x, 1 - x]) / 2"', 'answer = "answer"', 10, "there is no name answer"),
    ('answer = "entropy([x, 1 - x]) / 2"', 'answer = "open(x)"', 10, "there is no function open"),
    ('answer = "entropy([x, 1 - x]) / 2"', 'answer = "whole(1, 2)"', 10, "there is no function whole"),
    ('answer = "entropy([x, 1 - x]) / 2"', "answer = 'readout(\"kl\")'", 10, "there is no function readout"),
    ('where = ["x != 0.2"]', 'where = ["x.real > 0"]', 8, "this cannot be part of an expression: x.real"),
    ('draw.n = "whole(2, 9)"', 'draw.n = "n"', 22, "there is no name n; there are none"),
    ("{x:/}.", "{z}.", 12, "there is no name z"),
    ("{x:/}.", "{}.", 12, "no expression"),
    ("{x:/}.", "{x:q}.", 12, "no expression"),
    ("{x:/}.", "{x.", 12, "a brace without its partner"),
    ("{x:/}.", "x}.", 12, "a brace without its partner"),
    ("How much is 2", "{label}: how much is 2", 23, "there is no name label"),
    # variants
    ('where = ["x != 0.2"]', 'where = ["x > 1"]', 8, "its conditions held in none of"),
    ('draw.x = "step(0.1, 0.4, 10)"', 'draw.x = "step(0, 0.4, 10) / 0"', 7, "division by zero (seed 1)"),
    ('answer = "entropy([x, 1 - x]) / 2"', 'answer = "entropy([x, x])"', 10, "probabilities must sum to 1 (seed"),
    ('answer = "entropy([x, 1 - x]) / 2"', 'answer = "[x]"', 10, "it must be a number"),
    ('answer = "entropy([x, 1 - x])"', 'answer = "log2(x - x)"', 15, "math domain error"),
    ("{x:/}.", "{entropy([x, 1 - x]):/}.", 12, "is no fraction"),
    ("That is 3 · {n}.", "That is {n / (n - n)}.", 32, "{n / (n - n)}: division by zero"),
    ('right = "n == 0"', 'right = "n == 3"', 26, "exactly one choice must be right, but those at 1, 3 are (seed "),
    ("right = true\n", "", 26, "exactly one choice must be right, but none is (seed 1)"),
    ('preset = \'"mirror-image"\'', "preset = '\"mirror\"'", 62, "has no example “mirror”"),
    ('do = [["q.{place}", "x"]]', 'do = [["r.{place}", "x"]]', 63, "has no control “r."),
    ('do = [["q.{place}", "x"]]', 'do = [["q.{nowhere}", "x"]]', 63, "there is no name nowhere"),
    ('do = [["q.{place}", "x"]]', 'do = [["q.{place}", "5 + x"]]', 63, "must be between 0 and 1"),
    ('readout = "kl_pq"', 'readout = "kl"', 64, "there is no readout “kl”"),
    ("before(\"kl_pq\")'\nsays", "before(\"kl\")'\nsays", 73, "there is no readout “kl”"),
    # what only many variants tell
    ('answer = "entropy([x, 1 - x])"', 'answer = "entropy([x, 1 - x]) / 2"', 15, "no variant tells this mistake apart"),
    ('answer = "entropy([x, 1 - x])"', 'answer = "answer * ln(2)"', 15, "no variant tells this mistake apart"),
    ('text = "{3 * n}"', 'text = "{n + n}"', 31, "another of the choices is “"),
    ('text = "two"', 'text = "one"', 49, "another of the steps is “one” too"),
    ('draw.n = "whole(2, 9)"', 'draw.n = "whole(2, 3)"', 22, "draw only 2 variants"),
    # texts
    ('text = "two"', 'text = "two\\n\\nmore"', 49, "the text of a choice or a step must be one paragraph"),
    ('text = "Count."', 'text = "Count.\\n\\n[[widget: asymmetry]]"', 38, "neither a figure nor a line across"),
    ('text = "Count."', 'text = "Count.\\n\\n***\\n\\nNow."', 38, "neither a figure nor a line across"),
    ('text = "Count."', 'text = "Count.<hr>"', 42, "a text cannot hold <hr>"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "words"), CASES, ids=lambda value: None)
def test_mistakes_are_told_with_their_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert GOOD.count(old) >= 1
    found = problems(tmp_path, GOOD.replace(old, new, 1))
    assert [item for item in found if item[0] == line and words in item[1]], found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("{x:/}.", "{z}.").replace('"entropy([x, 1 - x]) / 2"', '"y"').replace('why = "second"\n', "")
    assert [line for line, _ in problems(tmp_path, text)] == [10, 12, 48]


def test_topics_must_be_there_if_topics_are_known(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD, ["entropy"]) == [
        (40, "there is no topic kl-divergence"), (57, "there is no topic kl-divergence"),
    ]  # fmt: skip
    assert len(read(tmp_path, GOOD)) == 4


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="cannot be read"):
        read_questions(tmp_path)
    (tmp_path / "content").mkdir()
    (tmp_path / PATH).write_bytes(b"\xff\xfe")
    with pytest.raises(BuildError, match="UTF-8"):
        read_questions(tmp_path)


# ── expressions ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "2 + 3 * 4 - 6 / 4", "-2 ** 2", "(-2) ** 2", "7 // 2", "[1, 2, 3][1]", "(1, 2)[0]", "'ABC'[2]", "1 < 2 < 3",
        "1 < 2 > 3", "not 1 > 2", "1 > 2 or 2 > 1", "1 > 2 and 1 / 0 > 1", "2 > 1 or 1 / 0 > 1", "x if x > 5 else -x",
        "x == 6 != 5", "[x, 2 * x][x - 5]", "1e-3 + x", "-x", "2 >= 2 <= 2",
    ],
)  # fmt: skip
def test_expressions_mean_what_they_mean_in_python(text: str) -> None:
    value = evaluate(compile_expression(text, {"x"}), {"x": 6})
    assert value == eval(text, {"x": 6})  # noqa: S307  our own words


@pytest.mark.parametrize(
    "text",
    [
        "", "x +", "x; x", "x = 1", "x.real", "x()", "x(1)", "len(x)(1)", "lambda: 1", "[y for y in x]", "{x: 1}",
        "{x}", "f'{x}'", "None", "...", "b'x'", "1j", "x[1:2]", "log2(x=1)", "log2(*x)", "[*x]", "x := 1", "x @ x",
        "x & x", "x in x", "x is x", "~x", "+x", "__import__('os')", "eval('1')", "y", "log2", "await x", "x if x",
        "x % 2",
    ],
)  # fmt: skip
def test_nothing_else_is_let_through(text: str) -> None:
    with pytest.raises(ValueError, match=r"no expression|no name|no function|cannot be part"):
        compile_expression(text, {"x"})


def test_functions_that_no_question_calls_are_not_kept() -> None:
    called = set(re.findall(r'"call", "(\w+)"', json.dumps([item.definition for item in OWN.values()])))
    assert {*FUNCTIONS, *DRAWS, *READING} == called - {*OPERATORS}


# ── the site's own questions ─────────────────────────────────────────────────────────────────


def test_every_topic_has_its_questions_in_several_kinds() -> None:
    for topic, least in LEAST.items():
        own = [question for question in OWN.values() if question.topic == topic]
        assert len(own) >= least
        assert {"numeric", "choice", "order"} <= {question.kind for question in own}
        figures = Counter(item.definition["widget"] for item in own if item.kind == "read")
        assert max(figures.values()) == 1
    assert {question.topic for question in OWN.values()} == LEAST.keys()


def test_most_questions_can_be_drawn_afresh() -> None:
    stale = [item.id for item in OWN.values() if not item.fresh]
    assert len(stale) <= 4
    assert all(OWN[name].kind in ("choice", "order") for name in stale)


def test_formulas_are_known_to_the_converter() -> None:
    wanted = [formula for item in OWN.values() for formula in item.body.formulas]
    assert len(formulas.render(wanted)) == len(set(wanted))


@pytest.mark.parametrize("name", OWN)
def test_every_variant_is_well_formed(name: str) -> None:
    question = OWN[name]
    found = [variant(question.definition, seed) for seed in SEEDS]
    for item in found:
        json.dumps(item, allow_nan=False)
        assert len(item["slots"]) == len(question.definition["slots"])
        assert not any("nan" in text or len(text) > 400 or not text.strip() for text in item["slots"])
    if question.fresh:
        assert len({json.dumps({**item, "seed": 0, "order": 0}) for item in found}) >= 5
    if question.kind in ("numeric", "read"):
        for item in found:
            assert re.match(r"[−0-9∞]", item["answer"]["text"])
            assert math.isfinite(float(item["answer"]["value"]))
    else:
        parts = question.parts(tex)
        texts = [item.text for item in parts.choices or parts.steps]
        for seed, item in zip(SEEDS, found, strict=True):
            now = shown(question, seed)
            assert len({entry.text for entry in now.choices or now.steps}) == len(texts)
            assert sorted(item["order"]) == list(range(len(texts)))
            assert question.kind == "choice" or item["order"] != list(range(len(texts)))


@pytest.mark.parametrize("name", [name for name, item in OWN.items() if item.kind in ("numeric", "read")])
def test_mistakes_are_told_apart(name: str) -> None:
    """From the answer, in its own unit and the other, and from each other; none is there for a rare variant only."""
    question = OWN[name]
    tolerance, unit = question.definition["tolerance"], question.definition["unit"]
    counts: Counter[int] = Counter()
    for seed in SEEDS:
        found = variant(question.definition, seed)
        counts.update(item["place"] for item in found["mistakes"])
        answer = float(found["answer"]["value"])
        values = [answer, *(float(item["value"]) for item in found["mistakes"])]
        if unit.startswith(("bits", "nats")):
            values.append(answer * (math.log(2) if unit.startswith("bits") else 1 / math.log(2)))
        for a, b in itertools.combinations(values, 2):
            if (a, b) != (answer, values[-1]) and math.inf not in (a, b):
                assert abs(a - b) > tolerance * max(abs(a), abs(b))
    assert len(counts) == len(question.definition["mistakes"]) >= 1
    assert min(counts.values()) >= len(SEEDS) / 8


def drawn(question: Question, seed: int) -> dict[str, Any]:
    """Return the numbers and lists of numbers that a seed draws."""
    names = [name for name, _ in question.definition["draw"]]
    # Conditions are written as 1 and 0, which they are in arithmetic.
    values = [["if", ["call", "==", ["name", name], True], 1, ["name", name]] for name in names]
    slots = [[["if", ["call", "==", value, False], 0, value], ""] for value in values]
    texts = variant({**question.definition, "slots": slots}, seed)["slots"]
    found: dict[str, Any] = {}
    for name, text in zip(names, texts, strict=True):
        parts = text.replace("−", "-").split(", ")
        numbers = [float(part) if re.fullmatch(r"-?[0-9.]+", part) else part for part in parts]
        found[name] = np.array(numbers) if len(parts) > 1 else numbers[0]
    return found


def bits(p: Any, q: Any = None) -> float:
    """Return an entropy, or a divergence, as SciPy computes it."""
    return float(stats.entropy(p, q, base=2))


def normal_kl(mp: float, sp: float, mq: float, sq: float) -> float:
    """Integrate the divergence of two normal densities, in nats."""
    with mpmath.workdps(25):

        def integrand(x: Any) -> Any:
            p, q = mpmath.npdf(x, mp, sp), mpmath.npdf(x, mq, sq)
            return p * (mpmath.log(p) - mpmath.log(q))

        return float(mpmath.quad(integrand, [mp + sp * k for k in (-20, -5, 0, 5, 20)]))


def huffman(p: Any) -> float:
    """Return the mean length of Huffman's code: the sum of all merged weights."""
    heap = list(p)
    heapq.heapify(heap)
    total = 0.0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total


def gap(function: Callable[[Any], Any], p: float, q: float) -> float:
    """Return a Bregman divergence by its definition, with a derivative taken numerically."""
    with mpmath.workdps(40):
        return float(function(mpmath.mpf(p)) - function(mpmath.mpf(q)) - mpmath.diff(function, q) * (p - q))


def coin_entropy(x: Any) -> Any:
    return x * mpmath.log(x, 2) + (1 - x) * mpmath.log(1 - x, 2)


def softmax(values: Any) -> Any:
    powers = np.exp(values - np.max(values))
    return powers / powers.sum()


def least(cost: Callable[[Any], float], count: int) -> float:
    """Return the least cost of a distribution, found by a search."""
    return float(optimize.minimize(lambda values: cost(softmax(values)), np.zeros(count), tol=1e-12).fun)


def highest(value: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function is greatest."""

    def cost(x: float) -> float:
        return -value(x)

    return float(optimize.minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 1e-7}).x)


def table_information(w: Any) -> float:
    joint = np.array(w).reshape(2, 2)
    return bits(joint.sum(0)) + bits(joint.sum(1)) - bits(joint.ravel())


def tosses(k: float, n: float, theta: float) -> float:
    """Return a mean log-likelihood, in bits."""
    return float(np.mean(stats.bernoulli.logpmf([1] * int(k) + [0] * int(n - k), theta))) / math.log(2)


ORACLES: dict[str, Callable[[dict[str, Any]], float]] = {
    "kl-two-coins": lambda d: bits(d["p"], d["q"]),
    "kl-weather-code": lambda d: bits(d["p"], d["q"]),
    "kl-nats-to-bits": lambda d: d["x"] * math.log2(math.e),
    "kl-to-uniform": lambda d: 2 - bits(d["p"]),
    "entropy-coin": lambda d: bits([d["x"], 1 - d["x"]]),
    "entropy-powers-of-two": lambda d: bits(d["p"]),
    "entropy-throws": lambda d: math.log2(d["n"] ** d["k"]),
    "cross-entropy-mean-cost": lambda d: bits(d["p"]) + bits(d["p"], d["q"]),
    "cross-entropy-log-loss": lambda d: -float(np.mean(np.log([d["a"], d["b"], d["c"]]))),
    "cross-entropy-perplexity": lambda d: math.exp(d["x"] * math.log(2)),
    "mutual-information-table": lambda d: table_information(d["w"]),
    "mutual-information-channel": lambda d: table_information(
        [(1 - d["f"]) / 2, d["f"] / 2, d["f"] / 2, (1 - d["f"]) / 2]
    ),
    "huffman-mean-length": lambda d: huffman(d["p"]),
    "huffman-pairs": lambda d: huffman(np.outer([d["x"], 1 - d["x"]], [d["x"], 1 - d["x"]]).ravel()) / 2,
    "gaussian-kl-means": lambda d: normal_kl(d["mp"], d["s"], d["mq"], d["s"]),
    "gaussian-kl-widths": lambda d: normal_kl(0, d["sp"], 0, d["sq"]),
    "gaussian-kl-full": lambda d: normal_kl(d["mp"], d["sp"], d["mq"], d["sq"]) / math.log(2),
    "gaussian-kl-latent": lambda d: normal_kl(d["a"], d["c"], 0, 1) + normal_kl(d["b"], d["d"], 0, 1),
    "likelihood-coin": lambda d: highest(lambda t: tosses(d["k"], d["n"], t), 0.001, 0.999),
    "likelihood-counts": lambda d: highest(lambda t: float(stats.poisson.logpmf(d["data"], t).sum()), 0.01, 20),
    "likelihood-mean-log": lambda d: tosses(d["k"], d["n"], d["t"]),
    "likelihood-shortfall": lambda d: tosses(d["k"], d["n"], d["k"] / d["n"]) - tosses(d["k"], d["n"], d["t"]),
    "evidence-of-tosses": lambda d: (
        (d["h"] + d["t"]) * (tosses(d["h"], d["h"] + d["t"], d["a"]) - tosses(d["h"], d["h"] + d["t"], d["b"]))
    ),
    "evidence-with-a-prior": lambda d: (
        (p := 1 / (1 + d["k"])) * 2 ** d["bits"] / (p * 2 ** d["bits"] + (1 - p))
    ),
    "evidence-wait": lambda d: math.log2(d["odds"]) / bits(d["p"], d["q"]),
    "kelly-growth": lambda d: -least(lambda b: -float(d["p"] @ np.log2(b / d["q"])), 3),
    "kelly-wrong-belief": lambda d: float(d["p"] @ np.log2(d["b"] / d["q"])),
    "kelly-even-money": lambda d: highest(
        lambda f: d["x"] * math.log(1 + f) + (1 - d["x"]) * math.log(1 - f), 0, 0.999
    ),
    "kelly-typical-money": lambda d: math.exp(d["g"] * d["n"] * math.log(2)),
    "kelly-after-the-cut": lambda d: float(d["p"] @ np.log2((1 - d["cut"]) * d["p"] / d["q"])),
    "bregman-square": lambda d: gap(lambda x: x * x, d["p"], d["q"]),
    "bregman-itakura-saito": lambda d: gap(lambda x: -mpmath.log(x), d["p"], d["q"]),
    "bregman-coins": lambda d: gap(coin_entropy, d["p"], d["q"]),
    "jensen-shannon-coins": lambda d: float(jensenshannon(d["p"], d["q"], base=2)) ** 2,
    "jensen-shannon-overlap": lambda d: 1 - d["k"] / d["n"],
    "gibbs-least-cost": lambda d: least(lambda q: -float(d["p"] @ np.log2(q)), len(d["p"])),
    "gibbs-shaded-forecast": lambda d: bits([d["x"], 1 - d["x"]], [d["y"], 1 - d["y"]]),
    "gibbs-slack-code": lambda d: least(lambda p: float(p @ d["lengths"]) - bits(p), len(d["lengths"])),
}  # fmt: skip


@pytest.mark.parametrize("name", ORACLES)
def test_answers_agree_with_another_way_to_find_them(name: str) -> None:
    for seed in FEW:
        answer = float(variant(OWN[name].definition, seed)["answer"]["value"])
        assert answer == pytest.approx(ORACLES[name](drawn(OWN[name], seed)), rel=1e-4, abs=1e-7)


def right(name: str, seed: int) -> str:
    """Return the words of the right choice."""
    question = OWN[name]
    return plain(shown(question, seed).choices[variant(question.definition, seed)["right"]].text)


RIGHT: dict[str, Callable[[dict[str, Any]], float]] = {
    "kl-impossible-symbol": lambda d: bits(d["p"], d["q"]),
    "kl-which-cost": lambda d: bits(d["p"], d["q"]),
    "entropy-merged-symbols": lambda d: bits(d["p"]) - bits([d["p"][0], d["p"][1] + d["p"][2]]),
    "evidence-drift": lambda d: bits(d["p"], d["q"]) if d["truth"] == "p" else bits(d["q"], d["p"]),
    "evidence-stein": lambda d: bits(d["p"], d["q"]),
    "gaussian-kl-overconfident": lambda d: normal_kl(0, 1, 0, 1 / d["r"]),
    "bregman-affine": lambda d: d["a"] * d["x"],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_choices_agree_with_another_way_to_find_them(name: str) -> None:
    for seed in FEW:
        said = re.findall(r"∞|−?\d+(?:\.\d+)?", right(name, seed))[0].replace("∞", "inf").replace("−", "-")
        assert float(said) == pytest.approx(RIGHT[name](drawn(OWN[name], seed)), abs=6e-4)


def test_the_drift_has_the_direction_of_the_truth() -> None:
    for seed in FEW:
        up = drawn(OWN["evidence-drift"], seed)["truth"] == "p"
        assert right("evidence-drift", seed).startswith("Up" if up else "Down")


def test_the_remainder_tells_its_own_entropy() -> None:
    for seed in FEW:
        n, k = (int(drawn(OWN["mutual-information-remainder"], seed)[name]) for name in "nk")
        joint = Counter((x, x % k) for x in range(1, n + 1))
        values = Counter(y for _, y in joint.elements())
        information = bits([1 / n] * n) + bits([count / n for count in values.values()]) - bits([1 / n] * len(joint))
        assert f"= {information:.3f}".rstrip("0").rstrip(".") in right("mutual-information-remainder", seed)


def test_the_best_centre_is_the_mean() -> None:
    for seed in FEW:
        data = drawn(OWN["bregman-centre"], seed)["data"]
        best = highest(lambda m, data=data: -sum(x / m - math.log(x / m) - 1 for x in data), 0.01, 99)  # type: ignore[misc]
        assert float(right("bregman-centre", seed).split()[2].rstrip(",")) == pytest.approx(best, rel=1e-3)


def test_only_one_choice_of_lengths_fits() -> None:
    """A prefix code with these lengths is looked for, shortest words first."""

    def fits(lengths: list[int]) -> bool:
        words: list[str] = []
        for length in sorted(lengths):
            free = ("".join(bits) for bits in itertools.product("01", repeat=length))
            word = next((word for word in free if not any(word.startswith(other) for other in words)), None)
            if word is None:
                return False
            words.append(word)
        return True

    question = OWN["huffman-kraft"]
    for seed in SEEDS:
        choices = [plain(item.text) for item in shown(question, seed).choices]
        assert [fits([int(n) for n in re.findall(r"\d+", text)]) for text in choices] == [True, False, False, False]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", plain(text))]


def test_huffmans_merges_take_the_lightest() -> None:
    question = OWN["huffman-merges"]
    for seed in SEEDS:
        heap = list(drawn(question, seed)["w"])
        heapq.heapify(heap)
        for step in shown(question, seed).steps[:-1]:
            pair = [heapq.heappop(heap), heapq.heappop(heap)]
            heapq.heappush(heap, sum(pair))
            assert numbers(step.text) == pytest.approx([*pair, sum(pair)])


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("kl-rank-models", lambda d, p: bits(d["p"], p)),
        ("entropy-rank", lambda _, p: bits(p)),
        ("kelly-rank-bets", lambda d, b: -float(d["p"] @ np.log2(b / d["q"]))),
    ],
)
def test_ranks_are_in_order(name: str, key: Callable[[dict[str, Any], Any], float]) -> None:
    for seed in FEW:
        d = drawn(OWN[name], seed)
        ranks = [key(d, np.array(numbers(step.text))) for step in shown(OWN[name], seed).steps]
        assert ranks == sorted(ranks)
        assert min(np.diff(ranks)) > 0.03


def test_a_network_loses_what_softmax_says() -> None:
    question = OWN["cross-entropy-softmax"]
    for seed in FEW:
        d = drawn(question, seed)
        loss = -math.log(softmax(d["scores"])[int(d["place"])])
        assert numbers(shown(question, seed).steps[-1].text) == [pytest.approx(loss, abs=6e-4)]
