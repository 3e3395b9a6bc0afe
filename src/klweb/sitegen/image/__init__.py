"""Python frozen: Pyodide and klweb as one small WebAssembly module that goes on where the build stopped.

Booting Pyodide in a reader's browser takes seconds: nine megabytes are compiled, a library is
unpacked, a hundred modules are imported. All of that gives the same state every time. So the build
does it once, in Node, and keeps the state:

1. `resume.instrumented` makes Pyodide's module tell what it does; ``freeze.mjs`` boots it without Pyodide's own Python
   packages. First it asks everything that `exercise` knows, to learn which Python functions that calls
   (``slim.cover``). Then it boots anew, takes out the code of all others (``slim.slim``), keeps the memory, and asks
   everything again.
2. `resume.resumed` writes a module that has this memory, and the code of the functions that were called.
3. `resume.watched` makes that tell which memory it reads; ``try.mjs`` asks everything again. Constant data far from
   all that was read (tables of character sets and of Unicode's names, above all) become zeros.
4. `outline` makes functions of what is seldom run, which ``try.mjs`` finds out by asking what readers ask all the time:
   then a browser compiles less before its first answer, and less for good.
5. ``try.mjs`` asks the final module everything once more: it has to answer as the first did.

What the module lacks is meant to be missed, not to give wrong answers: a function of C that was left out traps, one of
Python raises what no code catches, a call to the host that is not there throws; whichever it is, the page boots Pyodide
whole, from its own files, and asks again. Only functions that were called here can read what became zeros. Tests hold
the module's answers against Pyodide's and CPython's, to requests that are not among those that it was made with.
"""

import json
import re
import subprocess
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from klweb.sitegen.image import exercise, outline, resume
from klweb.sitegen.node import NodeError, node

HERE = Path(__file__).parent

MARGIN = 32768
"""Constant data becomes zeros where nothing was read within this many bytes: a table of which a part was read is not
cut in two unless it is longer. (Without a margin, logarithms came out wrong: half of their table had gone.)"""


class FreezeError(NodeError):
    """Python could not be frozen; the message says why."""


@lru_cache(maxsize=1)
def make(pyodide: Path, wheel: bytes, entry: str, asked: tuple[str, ...] = ()) -> bytes:
    """Return the module.

    Parameters
    ----------
    pyodide
        The folder with Pyodide's files.
    wheel
        The klweb wheel.
    entry
        The module whose ``handle`` is called.
    asked
        The definitions of the site's questions, as JSON.

    Raises
    ------
    FreezeError
        If Node fails, or the frozen Python answers otherwise than the one that was frozen.
    """
    content = (pyodide / "pyodide.asm.wasm").read_bytes()
    requests = exercise.requests(asked)
    with TemporaryDirectory(prefix="klweb-image-") as temporary:
        folder = Path(temporary)
        (folder / "module.wasm").write_bytes(resume.instrumented(content))
        (folder / "wheel.zip").write_bytes(wheel)
        called = _freeze(folder, pyodide, f"cover({entry!r}, {requests!r})", ["called"])["answers"][0]
        setup = f"slim({entry!r}, {exercise.presets()!r}, set({json.loads(called)!r}))"
        state = _freeze(folder, pyodide, setup, requests)
        frozen = resume.Frozen(
            memory=(folder / "memory.bin").read_bytes(),
            table=state["table"],
            variables={int(index): value for index, value in state["variables"].items()},
            handle=state["handle"],
            count_args=state["countArgs"],
            called=(folder / "called.bin").read_bytes(),
        )

        module = resume.resumed(content, frozen, state["offered"])
        read = _try(folder, resume.watched(module), requests, state["answers"], resume.READ)
        memory = without_unread(frozen.memory, read, state["constants"])

        module = resume.resumed(content, replace(frozen, memory=memory), state["offered"])
        module = outline.with_cases_apart(module)
        run = _try(folder, outline.marked(module), requests[: len(exercise.usual())], state["answers"], outline.RUN)
        module = outline.with_cold_apart(module, run)
        _try(folder, module, requests, state["answers"])
    return module


def _try(folder: Path, module: bytes, requests: list[str], answers: list[str], marks: str = "") -> bytes:
    """Let a module answer requests as it should, and return what the memory holds then that it exports as `marks`."""
    (folder / "module.wasm").write_bytes(module)
    _node("try.mjs", folder, requests=requests, answers=answers[: len(requests)], marks=marks)
    return (folder / "marks.bin").read_bytes() if marks else b""


def without_unread(memory: bytes, read: bytes, end: int) -> bytes:
    """Return memory with zeros for what lies below the address `end` and further than `MARGIN` from all that was read.

    >>> memory, read = bytes([7] * 3 * MARGIN), bytearray(3 * MARGIN // resume.GRAIN)
    >>> read[0] = read[-1] = 1
    >>> without_unread(memory, read, len(memory)).count(0) == MARGIN - 2 * resume.GRAIN
    True
    """
    kept, margin = bytearray(memory), MARGIN // resume.GRAIN
    for run in re.finditer(rb"\0{%d,}" % (2 * margin + 1), read[: end // resume.GRAIN]):
        begin, stop = (run.start() + margin) * resume.GRAIN, (run.end() - margin) * resume.GRAIN
        kept[begin:stop] = bytes(stop - begin)
    return bytes(kept)


def _freeze(folder: Path, pyodide: Path, setup: str, requests: list[str]) -> dict[str, Any]:
    """Freeze Pyodide after a call of what ``slim.py`` defines, and return what ``freeze.mjs`` tells of it."""
    program = f"{(HERE / 'slim.py').read_text(encoding='utf-8')}\n{setup}\n"
    _node("freeze.mjs", folder, pyodide=str(pyodide), setup=program, requests=requests)
    state: dict[str, Any] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    return state


def _node(script: str, folder: Path, **task: object) -> None:
    """Run one of the scripts here in Node with a task as JSON; it reads and writes files in `folder`."""
    given = json.dumps({**task, "folder": str(folder)})
    command = [node(), "--disable-warning=ExperimentalWarning", str(HERE / script)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        # Pyodide's script is one line of a megabyte, which Node shows before the reason.
        lines = [line for line in done.stderr.splitlines() if line.strip() and len(line) < 1000]
        raise FreezeError(f"{script} failed: {' '.join(lines)[:2000] or 'no reason given'}")
