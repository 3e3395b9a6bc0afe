"""Pyodide's module made into one that goes on where another run stopped.

Two rewritings of ``pyodide.asm.wasm``:

`instrumented`
    for the build: every function marks itself in a second memory when it is called, and every
    function and variable is exported, so that the state of a run can be read from outside.
`resumed`
    for the reader: memory, table and variables as they stood when the run was frozen, and the code of those functions
    alone that were called afterwards. A call of any other function is a trap, upon which the page boots Pyodide whole.

Wizer does the former half of this for modules without imports that touch their state:
https://github.com/bytecodealliance/wizer
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from klweb.sitegen.image import wasm

COVER = "$cover"
"""The name under which an instrumented module exports its second memory: a byte for each function."""

TRAP = b"\0\0\x0b"
"""The body of a function that traps: no locals, ``unreachable``, ``end``."""

MERGED = 64
"""Runs of zeros up to this length stay inside a data segment: compressed, they take less than another address."""


@dataclass(frozen=True)
class Frozen:
    """A run's state when it stopped, and what was called afterwards."""

    memory: bytes
    table: list[int]
    """The function in each slot, by index; -1 where there is none that can be told."""
    variables: dict[int, int]
    """The value of each global that is imported or may change, by index."""
    handle: int
    """The address of the Python object to call."""
    count_args: int
    """The address of the variable that holds the slot of the function that counts parameters."""
    called: bytes
    """One byte for each function of the module, 1 if it was called."""


def instrumented(content: bytes) -> bytes:
    """Return a module that records which functions are called and lets its state be read."""
    sections = wasm.read(content)
    imports = wasm.read_imports(sections[wasm.IMPORTS])
    bodies = wasm.read_bodies(sections[wasm.CODE])
    if wasm.MEMORIES in sections or len(bodies) > wasm.PAGE:
        raise ValueError("the module has a memory of its own, or more functions than one page can mark")
    sections[wasm.MEMORIES] = wasm.vector([b"\0" + wasm.unsigned(1)])
    sections[wasm.CODE] = wasm.write_bodies(_marked(index, body) for index, body in enumerate(bodies))

    exports = wasm.read_exports(sections[wasm.EXPORTS])
    functions = sum(item.kind == wasm.FUNCTION for item in imports) + len(bodies)
    exports += [wasm.Export(f"$f{index}", wasm.FUNCTION, index) for index in range(functions)]
    exports += [
        wasm.Export(f"$g{index}", wasm.GLOBAL, index)
        for index, item in enumerate(_globals(sections))
        if item.is_mutable or not item.value
    ]
    exports.append(wasm.Export(COVER, wasm.MEMORY, 1))
    sections[wasm.EXPORTS] = wasm.vector(item.encode() for item in exports)
    return wasm.write(sections)


def _marked(index: int, body: bytes) -> bytes:
    """Let a function store a 1 at its index in memory 1 before all else."""
    declared, instructions = wasm.split_locals(body)
    store = b"\x3a\x40\x01\x00"  # i32.store8, no alignment, memory 1, offset 0
    return declared + b"\x41" + wasm.signed(index) + b"\x41\x01" + store + instructions


def _globals(sections: wasm.Sections) -> list[wasm.Global]:
    """Return all globals, the imported ones first, whose values are not known here."""
    imports = wasm.read_imports(sections[wasm.IMPORTS])
    imported = [wasm.Global(item.type[0], bool(item.type[1]), b"") for item in imports if item.kind == wasm.GLOBAL]
    return imported + wasm.read_globals(sections[wasm.GLOBALS])


def resumed(content: bytes, frozen: Frozen, offered: Collection[str]) -> bytes:
    """Return a module that goes on from a frozen state.

    It asks its host for functions only, and offers the functions named in `offered`, its ``memory`` and
    ``table``, whose last slot is free, and two constants: ``handle`` and ``count_args``, addresses in its memory.

    Raises
    ------
    ValueError
        If the module has not what is offered, or a variable whose value is not known.
    """
    sections = wasm.read(content)
    imports = wasm.read_imports(sections[wasm.IMPORTS])
    bodies = wasm.read_bodies(sections[wasm.CODE])
    exports = {item.name: item for item in wasm.read_exports(sections[wasm.EXPORTS])}
    missing = sorted(set(offered) - exports.keys())
    if missing:
        raise ValueError(f"the module does not export {', '.join(missing)}")

    variables = [
        wasm.Global(item.type, item.is_mutable, wasm.constant(frozen.variables[index]))
        if index in frozen.variables
        else item
        for index, item in enumerate(_globals(sections))
    ]
    constants = [wasm.Global(wasm.I32, False, wasm.constant(value)) for value in (frozen.handle, frozen.count_args)]
    own_tables = wasm.Reader(sections[wasm.TABLES])
    # One slot more than there was: WebKit loses sight of a table that grows.
    table = bytes([wasm.FUNCREF, 0]) + wasm.unsigned(len(frozen.table) + 1)
    segments = list(_segments(frozen.memory))
    is_called = [bool(mark) for mark in frozen.called[: len(bodies)]]
    return wasm.write(
        {
            wasm.TYPES: sections[wasm.TYPES],
            wasm.IMPORTS: wasm.vector(item.encode() for item in imports if item.kind == wasm.FUNCTION),
            wasm.FUNCTIONS: sections[wasm.FUNCTIONS],
            # What was imported comes first in the order of indices, and so it stays.
            wasm.TABLES: wasm.unsigned(own_tables.unsigned() + 1) + table + own_tables.content[own_tables.place :],
            wasm.MEMORIES: wasm.vector([b"\0" + wasm.unsigned(len(frozen.memory) // wasm.PAGE)]),
            wasm.TAGS: wasm.vector(item.type for item in imports if item.kind == wasm.TAG),
            wasm.GLOBALS: wasm.vector(item.encode() for item in (*variables, *constants)),
            wasm.EXPORTS: wasm.vector(
                [
                    *(exports[item].encode() for item in sorted(offered)),
                    wasm.Export("memory", wasm.MEMORY, 0).encode(),
                    wasm.Export("table", wasm.TABLE, 0).encode(),
                    wasm.Export("handle", wasm.GLOBAL, len(variables)).encode(),
                    wasm.Export("count_args", wasm.GLOBAL, len(variables) + 1).encode(),
                ]
            ),
            wasm.ELEMENTS: wasm.vector(_elements(frozen.table)),
            wasm.DATA_COUNT: wasm.unsigned(len(segments)),
            wasm.CODE: wasm.write_bodies(body if keep else TRAP for body, keep in zip(bodies, is_called, strict=True)),
            wasm.DATA: wasm.vector(segments),
        }
    )


def _elements(table: list[int]) -> list[bytes]:
    """Write the table as runs of slots that hold a function."""
    slots = enumerate(table)
    runs = (list(run) for is_filled, run in groupby(slots, lambda slot: slot[1] >= 0) if is_filled)
    return [
        b"\0" + wasm.constant(run[0][0]) + wasm.vector(wasm.unsigned(function) for _, function in run) for run in runs
    ]


def _segments(memory: bytes) -> list[bytes]:
    """Write the memory as segments of what is not zero."""
    runs = re.finditer(rb"[^\0](?:.*?[^\0])??(?=\0{%d}|\0*\Z)" % MERGED, memory, re.DOTALL)
    return [b"\0" + wasm.constant(run.start()) + wasm.unsigned(len(run[0])) + run[0] for run in runs]


GRAIN = 16
"""How many bytes of memory one mark of `watched` stands for."""

READ = "$read"
"""The name under which a watched module exports its second memory: a byte for each `GRAIN` bytes of the first."""

_MARK = bytes.fromhex("00 20004104764101 3a400100 200020016a41016b4104764101 3a400100 0b")
"""The body of a function of an address and a length of at most `GRAIN` that marks what they cover:
``memory1[address >> 4] = memory1[(address + length - 1) >> 4] = 1``. Each load calls it: `_TRACK` is far slower."""

_TRACK = bytes.fromhex(
    "00 2001 0440 2000 4104 76 4101 2000 2001 6a 4101 6b 4104 76 2000 4104 76 6b 4101 6a fc0b01 0b 0b"
)
"""The same for any length: if it is not 0,
``memory.fill 1 (address >> 4, 1, ((address + length - 1) >> 4) - (address >> 4) + 1)``."""


def watched(content: bytes) -> bytes:
    """Return a resumed module that records which of its memory is read."""
    sections = wasm.read(content)
    imported = len(wasm.read_imports(sections[wasm.IMPORTS]))
    bodies = wasm.read_bodies(sections[wasm.CODE])
    known, count = wasm.read_types(sections[wasm.TYPES]), len(bodies)
    mark, track, type_of_both = imported + count, imported + count + 1, len(known)
    known.append(wasm.Signature(bytes([wasm.I32] * 2), b""))
    sections[wasm.TYPES] = wasm.vector(item.encode() for item in known)
    functions = wasm.Reader(sections[wasm.FUNCTIONS])
    functions.unsigned()
    sections[wasm.FUNCTIONS] = (
        wasm.unsigned(count + 2) + functions.content[functions.place :] + wasm.unsigned(type_of_both) * 2
    )
    memories = wasm.Reader(sections[wasm.MEMORIES], 2)
    pages = memories.unsigned() // GRAIN + 64
    sections[wasm.MEMORIES] = wasm.unsigned(2) + sections[wasm.MEMORIES][1:] + b"\0" + wasm.unsigned(pages)
    sections[wasm.EXPORTS] = wasm.vector(
        item.encode() for item in (*wasm.read_exports(sections[wasm.EXPORTS]), wasm.Export(READ, wasm.MEMORY, 1))
    )
    parameters = [len(known[index].parameters) for index in wasm.read_indices(sections[wasm.FUNCTIONS])]
    sections[wasm.CODE] = wasm.write_bodies(
        [
            *(body if body == TRAP else _watching(body, parameters[i], mark, track) for i, body in enumerate(bodies)),
            _MARK,
            _TRACK,
        ]
    )
    return wasm.write(sections)


def _watching(body: bytes, parameters: int, mark: int, track: int) -> bytes:
    """Let a function tell `mark` what it is about to load, and `track` what it is about to copy."""
    declared, instructions = wasm.split_locals(body)
    groups = wasm.Reader(declared)
    count = groups.unsigned()
    first = parameters
    for _ in range(count):
        first += groups.unsigned()
        groups.byte()
    to, source, length = (wasm.unsigned(first + place) for place in range(3))
    marked, tracked = (b"\x10" + wasm.unsigned(function) for function in (mark, track))
    get, put, keep = b"\x20", b"\x21", b"\x22"
    parts = [wasm.unsigned(count + 1), declared[len(wasm.unsigned(count)) :], b"\x03\x7f"]
    for item in wasm.instructions(instructions):
        if item.number == wasm.MEMORY_COPY:
            parts += [put, length, put, source, put, to, get, source, get, length, tracked]
            parts += [get, to, get, source, get, length]
        elif item.number in wasm.LOADS:
            offset = item.values[-1] - (item.values[-1] >> 31 << 32)
            parts += [keep, source, get, source, b"\x41", wasm.signed(offset), b"\x6a"]
            parts += [b"\x41", wasm.signed(wasm.LOADS[item.number]), marked]
        parts.append(item.text)
    return b"".join(parts)
