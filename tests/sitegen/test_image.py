"""Python frozen: the rewriting of WebAssembly, what is forgotten, and the module that comes of it."""

import gzip
import json
import shutil
import subprocess
import types
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klweb.sitegen import image, runtime
from klweb.sitegen.image import exercise, resume, slim, wasm
from klweb.widgets import WIDGETS

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node", path=str(ROOT / ".venv/bin")) or shutil.which("node") or "node"

# ── numbers and sections ─────────────────────────────────────────────────────────────────────


@given(st.integers(0, 2**64))
def test_numbers_without_sign_come_back(number: int) -> None:
    encoded = wasm.unsigned(number)
    reader = wasm.Reader(encoded + b"rest")
    assert reader.unsigned() == number
    assert reader.place == len(encoded)


@given(st.integers(-(2**31), 2**31 - 1))
def test_numbers_with_sign_are_as_short_as_they_can_be(number: int) -> None:
    encoded = wasm.signed(number)
    value = sum((byte & 127) << 7 * place for place, byte in enumerate(encoded))
    bits = 7 * len(encoded)
    assert value - (1 << bits if value >> bits - 1 else 0) == number
    assert len(encoded) == max(1, -(-(number.bit_length() + 1) // 7))


def test_pyodides_module_is_the_same_after_being_taken_apart_and_put_together() -> None:
    content = (ROOT / runtime.SOURCE / "pyodide.asm.wasm").read_bytes()
    sections = wasm.read(content)
    for number, items in (
        (wasm.IMPORTS, [item.encode() for item in wasm.read_imports(sections[wasm.IMPORTS])]),
        (wasm.EXPORTS, [item.encode() for item in wasm.read_exports(sections[wasm.EXPORTS])]),
        (wasm.GLOBALS, [item.encode() for item in wasm.read_globals(sections[wasm.GLOBALS])]),
    ):
        assert wasm.vector(items) == sections[number]
    assert wasm.write_bodies(wasm.read_bodies(sections[wasm.CODE])) == sections[wasm.CODE]
    assert wasm.write(sections) == content


@pytest.mark.parametrize("content", [b"", b"<!doctype html>", b"\0asm\2\0\0\0"])
def test_what_is_no_module_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a WebAssembly module"):
        wasm.read(content)


def test_an_unknown_instruction_is_refused_rather_than_guessed_at() -> None:
    with pytest.raises(ValueError, match="0xfd"):
        wasm.instructions(b"\xfd\x00")


# ── a small module, frozen ───────────────────────────────────────────────────────────────────

TINY = b"".join(
    [
        wasm.MAGIC,
        # types: () → i32, (i32) → i32, () → nothing
        bytes([wasm.TYPES, 13, 3, 0x60, 0, 1, 0x7F, 0x60, 1, 0x7F, 1, 0x7F, 0x60, 0, 0]),
        bytes([wasm.IMPORTS])
        + wasm.unsigned(len(body := wasm.vector(
            item.encode()
            for item in (
                wasm.Import("env", "host", wasm.FUNCTION, b"\0"),
                wasm.Import("env", "memory", wasm.MEMORY, b"\0\1"),
                wasm.Import("env", "base", wasm.GLOBAL, b"\x7f\0"),
                wasm.Import("env", "table", wasm.TABLE, b"\x70\0\4"),
                wasm.Import("env", "fault", wasm.TAG, b"\0\2"),
            )
        )))
        + body,
        bytes([wasm.FUNCTIONS, 4, 3, 1, 1, 0]),
        bytes([wasm.TABLES, 4, 1, 0x6F, 0, 0]),
        bytes([wasm.GLOBALS, 6, 1, 0x7F, 1, 0x41, 9, 0x0B]),
        bytes([wasm.EXPORTS, 21, 3, 4]) + b"load\0\1\4copy\0\2\3got\0\3",
        bytes([wasm.CODE])
        + wasm.unsigned(len(body := wasm.write_bodies([
            bytes.fromhex("00 2000 2d 00 08 0b"),  # load(at): the byte at at + 8
            bytes.fromhex("01 01 7f 4180c000 2000 4105 fc0a0000 2000 0b"),  # copy(at): five bytes from at to 8192
            bytes.fromhex("00 2301 0b"),  # got(): the global
        ])))
        + body,
    ]
)  # fmt: skip


def frozen(called: bytes = b"\1\1\1") -> resume.Frozen:
    memory = bytearray(wasm.PAGE)
    memory[100:103] = b"abc"
    memory[40000] = 7
    return resume.Frozen(bytes(memory), [-1, 1, 2, -1], {0: 1024, 1: 77}, 4242, 64, called)


def run(module: bytes, script: str) -> Any:
    """Instantiate a module in Node with a host function that gives 5; `script` uses `exports` and returns something."""
    text = f"""
        const bytes = Buffer.from("{module.hex()}", "hex");
        const asked = {{ env: {{ host: () => 5 }} }};
        const {{ instance: {{ exports }} }} = await WebAssembly.instantiate(bytes, asked);
        const answer = (() => {{ {script} }})();
        console.log(JSON.stringify(answer));
    """
    done = subprocess.run(
        [NODE, "--input-type=module"], input=text, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_resumed_module_has_the_frozen_memory_table_and_variables() -> None:
    module = resume.resumed(TINY, frozen(), ["load", "got"])
    found = run(module, "return [exports.load(92), exports.load(39992), exports.load(500), exports.got(), "
                "exports.handle.value, exports.count_args.value, exports.table.length, exports.table.get(0), "
                "exports.table.get(1)(93), exports.memory.buffer.byteLength];")  # fmt: skip
    assert found == [ord("a"), 7, 0, 77, 4242, 64, 5, None, ord("b"), wasm.PAGE]


def test_what_was_not_called_traps() -> None:
    module = resume.resumed(TINY, frozen(b"\0\1\1"), ["load", "got"])
    assert run(module, "try { exports.load(1); } catch (error) { return [error.name, exports.got()]; }") == [
        "RuntimeError",
        77,
    ]


@pytest.mark.slow
def test_a_watched_module_tells_what_it_reads() -> None:
    module = resume.watched(resume.resumed(TINY, frozen(), ["load", "copy"]))
    read = "[...new Uint8Array(exports.$read.buffer).entries()].filter(([, mark]) => mark).map(([place]) => place)"
    assert run(module, f"exports.load(92); return {read};") == [100 // resume.GRAIN]
    assert run(module, f"exports.copy(30); return {read};") == [1, 2], "30 to 34 lie in two grains"
    assert run(module, f"exports.copy(100); return [{read}, exports.load(8192 - 8)];") == [[6], ord("a")]


def test_what_is_offered_has_to_be_there() -> None:
    with pytest.raises(ValueError, match="does not export nothing, other"):
        resume.resumed(TINY, frozen(), ["other", "load", "nothing"])


@given(st.binary(min_size=0, max_size=400).map(lambda some: some.replace(b"\1", bytes(30))))
def test_segments_hold_all_that_is_not_zero(memory: bytes) -> None:
    rebuilt = bytearray(len(memory))
    for segment in resume._segments(memory):
        reader = wasm.Reader(segment, 2)
        begin = reader.unsigned()
        if begin >= 64:  # a small number with a sign is its own encoding; larger ones are read as such
            begin = signed(segment[2:])
        reader.byte()
        length = reader.unsigned()
        rebuilt[begin : begin + length] = reader.take(length)
    assert bytes(rebuilt) == memory


def signed(encoded: bytes) -> int:
    value = shift = 0
    for byte in encoded:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return value


# ── what is forgotten ────────────────────────────────────────────────────────────────────────


def test_live_is_what_names_lead_to(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("some_module")
    exec(  # noqa: S102  a module of its own
        "def root():\n    return helper() + len(TABLE)\n"
        "def helper():\n    return getattr(Box, 'size')\n"
        "def unused():\n    return other()\n"
        "def other():\n    return 1\n"
        "class Box:\n    size = 1\n    def grow(self):\n        return other()\n"
        "TABLE = (1, 2)\n",
        vars(module),
    )
    monkeypatch.setitem(__import__("sys").modules, "some_module", module)
    live = slim.Live(vars(module)["root"])
    kept = {name for name, item in vars(module).items() if name in live.names and id(item) in live.objects}
    assert {"root", "helper", "Box", "TABLE", "other"} <= kept
    assert "unused" not in kept


def test_bare_code_does_the_same() -> None:
    def sample(x: int) -> int:
        """Explain."""

        def inner(y: int) -> int:
            return y + x

        return inner(2)

    code = sample.__code__
    codes = [code, *(item for item in code.co_consts if isinstance(item, types.CodeType))]
    sample.__code__ = slim.bare(code, {slim.label(item) for item in codes}).replace(co_firstlineno=1)
    assert sample(3) == 5
    assert sample.__code__.co_filename == ""


def test_code_that_nothing_called_is_missing() -> None:
    def outer(x: int) -> int:
        def inner(y: int = 1, *, more: int = 1) -> int:
            return x + y + more

        return inner(2) if x else 0

    outer.__code__ = slim.bare(outer.__code__, {slim.label(outer.__code__)})
    assert outer(0) == 0
    with pytest.raises(slim.MissingError):
        outer(3)
    assert not issubclass(slim.MissingError, Exception)
    outer.__code__ = slim.bare(outer.__code__, ())
    for arguments in ((), (1, 2, 3)):
        with pytest.raises(slim.MissingError):
            outer(*arguments)


# ── the frozen Python ────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_the_exercise_reaches_every_widget_preset_and_control() -> None:
    asked = [json.loads(request) for request in exercise.requests()]
    lists = [request.get("events") for request in asked if isinstance(request, dict)]
    events = [event for found in lists if isinstance(found, list) for event in found if isinstance(event, dict)]
    for widget in WIDGETS.values():
        names = {event.get("name") for event in events}
        assert {item.name for item in (*widget.parameters, *widget.buttons)} <= names
        texts = {request.get("text") for request in asked if isinstance(request, dict)}
        assert {preset.name for preset in widget.presets} <= {text for text in texts if isinstance(text, str)}
    assert exercise.requests() == exercise.requests()


@pytest.mark.slow
def test_the_frozen_module_is_small_and_made_alike_every_time() -> None:
    wheel = runtime.build_wheel(ROOT, runtime.fingerprint(ROOT)).content
    encoded = runtime.freeze(ROOT, wheel)
    module = gzip.decompress(encoded["gzip"])
    assert len(encoded["brotli"]) < len(encoded["gzip"]) < 2e6
    imports = wasm.read_imports(wasm.read(module)[wasm.IMPORTS])
    assert {item.kind for item in imports} == {wasm.FUNCTION}
    asked = runtime.definitions(ROOT)
    assert asked
    assert image.make.__wrapped__(ROOT / runtime.SOURCE, wheel, runtime.ENTRY, asked) == module


def test_a_set_up_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "freeze.mjs").write_text("throw new Error('no such thing as luck');\n")
    monkeypatch.setattr(image, "HERE", tmp_path)
    with pytest.raises(image.FreezeError, match=r"freeze\.mjs failed: .*no such thing as luck"):
        image._node("freeze.mjs", tmp_path)


def test_an_answer_that_differs_stops_the_build(tmp_path: Path) -> None:
    wheel = runtime.build_wheel(ROOT, runtime.fingerprint(ROOT)).content
    module = gzip.decompress(runtime.freeze(ROOT, wheel)["gzip"])
    (tmp_path / "module.wasm").write_bytes(module)
    task: dict[str, Any] = {"requests": exercise.presets()[:1], "answers": ["{}"], "marks": ""}
    with pytest.raises(image.FreezeError, match="another answer to"):
        image._node("try.mjs", tmp_path, **task)
