"""Parts of functions made functions of their own: the same answers, whatever is taken out."""

import json
import subprocess
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from klweb.sitegen.image import outline, resume, wasm
from tests.sitegen.test_image import NODE

I32, F64 = 0x7F, 0x7C
BINARY = wasm.Signature(bytes([I32, I32]), bytes([I32]))
NOTHING = wasm.Signature(b"", b"")
LONG = "2001 417f 6a 4102 6c 4103 6a 4105 6c 4107 73 2101" * 3
"""Some work on local 1 that makes a part long enough to be taken out."""


def module(bodies: Iterable[str], kinds: Iterable[wasm.Signature] | None = None) -> bytes:
    """Make a module with a memory whose functions f0, f1 … take two numbers and give one, unless said otherwise."""
    codes = [bytes.fromhex(body) for body in bodies]
    own = [*(kinds or [BINARY] * len(codes))]
    types = [*dict.fromkeys([BINARY, NOTHING, *own])]
    exports = [wasm.Export(f"f{place}", wasm.FUNCTION, place) for place in range(len(codes))]
    return wasm.write(
        {
            wasm.TYPES: wasm.vector(kind.encode() for kind in types),
            wasm.IMPORTS: b"\0",
            wasm.FUNCTIONS: wasm.vector(wasm.unsigned(types.index(kind)) for kind in own),
            wasm.MEMORIES: wasm.vector([b"\0\1"]),
            wasm.EXPORTS: wasm.vector(item.encode() for item in exports),
            wasm.CODE: wasm.write_bodies(codes),
        }
    )


# Each of two parameters, local 0 and 1, and with local 2 (i32) and 3 (f64).
LOCALS = "02 01 7f 01 7c"
BODIES = {
    "an arm of an if, and what follows it": f"{LOCALS} 2000 0440 {LONG} 4105 2102 05 {LONG} 4106 2102 0b"
    f" {LONG} 2001 2002 6a 0b",
    "an arm without another, whose local may stay as it was": f"{LOCALS} 4109 2102 2000 0440 {LONG} 2001 2102 0b"
    " 2001 2002 6c 0b",
    "what follows a branch out of a block": f"{LOCALS} 0240 2000 0d00 {LONG} 4111 2102 0b 2001 2002 6a 0b",
    "a return from within": f"{LOCALS} 0240 2000 0d00 {LONG} 2001 412a 6a 0f 0b 2001 4103 6a 0b",
    "a branch to the function with its value": f"{LOCALS} 0240 2000 0d00 {LONG} 2001 412b 6a 0c01 0b 2001 4104 6a 0b",
    "a return, a way on, and a branch further out": f"{LOCALS} 0240 0240 2000 0d00 {LONG} 2001 4101 71 0440 2001 0f 0b"
    " 2001 4102 71 0d01 2001 4107 6a 2101 0b 2001 4164 6a 2101 0b 2001 0b",
    "four ways out": f"{LOCALS} 0240 0240 0240 0240 2000 0d00 {LONG} 2001 4103 71 0e0302010003 0b 2001 410a 6a 2101 0b"
    " 2001 4114 6a 2101 0b 2001 411e 6a 2101 0b 2001 0b",
    "a loop, left and gone on with": f"{LOCALS} 4105 2102 0340 0240 2002 45 0d00 {LONG}"
    " 2002 417f 6a 2102 2001 2000 6a 2101 0c01 0b 0b 2001 0b",
    "a loop inside, and a float": f"{LOCALS} 0240 2000 0d00 0340 2003 44 000000000000f83f a0 2103"
    " 2001 417f 6a 2201 4105 4a 0d00 0b 2003 aa 2102 0b 2001 2002 6a 2003 aa 6a 0b",
    "a value that waits on the stack": f"{LOCALS} 2001 0240 2000 0d00 {LONG} 0b 2001 6a 0b",
    "a block that gives a value": f"{LOCALS} 027f 2001 2000 0d00 1a {LONG} 2001 0b 4101 6a 0b",
    "no way out": f"{LOCALS} 2000 0440 {LONG} 2001 4100 36020000 00 0b 2001 0b",
    "code that is never reached": f"{LOCALS} 0240 2000 0d00 {LONG} 0c00 2001 1a 0440 0b 0b 2001 0b",
    "what no part may begin in": "00 2000 2001 6a 0b",
}
INPUTS = [(a, b) for a in (0, 1, 2, 5) for b in (0, 1, 2, 3, 7, -4, 1000)]


def answers(content: bytes, names: Iterable[str], script: str = "") -> Any:
    """Call functions of a module in Node with all inputs; a trap is told by its name."""
    text = f"""
        const bytes = Buffer.from("{content.hex()}", "hex");
        const {{ instance: {{ exports }} }} = await WebAssembly.instantiate(bytes, {{}});
        const call = (name, pair) => {{
          try {{ return exports[name](...pair); }} catch (error) {{ return error.name; }}
        }};
        const found = {json.dumps([*names])}.map((name) => {json.dumps(INPUTS)}.map((pair) => call(name, pair)));
        console.log(JSON.stringify({script or "found"}));
    """
    done = subprocess.run(
        [NODE, "--input-type=module"], input=text, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def all_parts(_place: int, function: outline.Function) -> list[outline.Part]:
    return function.parts


def last_parts(_place: int, function: outline.Function) -> list[outline.Part]:
    """The innermost parts rather than those around them."""
    inner = [part for part in function.parts if not any(part.start < item.start < part.stop for item in function.parts)]
    return [part for part in inner if function.size(part) >= outline.SMALLEST]


@pytest.mark.parametrize("chosen", [all_parts, last_parts])
def test_a_function_answers_alike_whatever_is_taken_out_of_it(
    chosen: Callable[[int, outline.Function], list[outline.Part]],
) -> None:
    content = module(BODIES.values())
    apart = outline._without(content, chosen)
    names = [f"f{place}" for place in range(len(BODIES))]
    before, after = answers(content, names), answers(apart, names)
    for what, expected, found in zip(BODIES, before, after, strict=True):
        assert found == expected, what
    bodies = wasm.read_bodies(wasm.read(apart)[wasm.CODE])
    originals = wasm.read_bodies(wasm.read(content)[wasm.CODE])
    is_smaller = [len(body) < len(original) for body, original in zip(bodies, originals, strict=False)]
    assert is_smaller.count(True) >= 9, dict(zip(BODIES, is_smaller, strict=True))
    assert not is_smaller[-1]
    # What was taken out can be taken apart in turn.
    again = outline._without(apart, chosen)
    assert answers(again, names) == before


def test_the_cases_of_an_interpreter_leave_its_loop() -> None:
    # A program counter in memory would be an interpreter; here local 0 chooses the case, and counts down.
    count = outline.CASES + 1
    labels = "".join(wasm.unsigned(place % 3).hex() for place in range(count))
    body = f"{LOCALS} 0340 0240 0240 0240 2000 0e {wasm.unsigned(count).hex()} {labels} 02 0b {LONG} 0c01 0b {LONG}"
    body += " 2001 4103 6a 2101 0b"
    body += " 2000 417f 6a 2200 4100 4a 0d00 0b 2001 0b"
    content = module([body])
    apart = outline.with_cases_apart(content)
    first, *others = wasm.read_bodies(wasm.read(apart)[wasm.CODE])
    assert len(others) == 2
    assert len(first) < len(bytes.fromhex(body)) - 60
    names = ["f0"]
    assert answers(apart, names) == answers(content, names)
    small = module([body.replace(wasm.unsigned(count).hex(), "03", 1).replace(labels, "000102")])
    assert outline.with_cases_apart(small) == small, "a switch of three cases is nobody's interpreter"


def test_only_what_was_not_run_is_taken_out() -> None:
    body = BODIES["an arm of an if, and what follows it"]
    content = module([body, body])
    script = "(exports.f0(1, 7), [...new Uint8Array(exports.$run.buffer).slice(0, 10)])"
    text = f"""
        const {{ instance: {{ exports }} }} = await WebAssembly.instantiate(
          Buffer.from("{outline.marked(content).hex()}", "hex"), {{}});
        console.log(JSON.stringify({script}));
    """
    done = subprocess.run([NODE, "--input-type=module"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    marks = json.loads(done.stdout)
    # The function, the arm that is taken, the one that is not, what follows; then the function that is not called.
    assert marks == [1, 1, 0, 1, 0, 0, 0, 0, 0, 0]
    apart = outline.with_cold_apart(content, bytes(marks))
    first, second, *others = wasm.read_bodies(wasm.read(apart)[wasm.CODE])
    assert len(others) == 1
    assert len(first) < len(second) == len(bytes.fromhex(body))
    assert answers(apart, ["f0", "f1"]) == answers(content, ["f0", "f1"])


def test_a_function_with_what_is_not_known_here_stays_as_it_is() -> None:
    handler = f"00 0640 {LONG} 190b 2001 0b"  # try … catch_all
    content = module([BODIES["a return from within"], handler])
    apart = outline._without(content, all_parts)
    first, second, *_ = wasm.read_bodies(wasm.read(apart)[wasm.CODE])
    assert len(first) < len(bytes.fromhex(BODIES["a return from within"]))
    assert second == bytes.fromhex(handler)


def test_a_module_s_types_are_said_once() -> None:
    apart = outline._without(module([*BODIES.values()]), all_parts)
    sections = wasm.read(apart)
    types = wasm.read_types(sections[wasm.TYPES])
    assert len(types) == len({*types})
    assert max(wasm.read_indices(sections[wasm.FUNCTIONS])) < len(types)


def test_what_traps_is_not_touched() -> None:
    content = module([BODIES["a return from within"], resume.TRAP.hex()])
    assert resume.TRAP in wasm.read_bodies(wasm.read(outline._without(content, all_parts))[wasm.CODE])
