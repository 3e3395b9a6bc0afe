"""Functions made smaller: parts of them become functions of their own, which are called in their place.

A browser compiles a function whole when it is first called, and once more, better, when it has run for a while; that
costs time where a reader waits for Python's first answer, and most of it is spent on what is not run. So

- `with_cases_apart` takes the cases out of an interpreter's loop: the function that runs Python's bytecode is as large
  as the next five together, and its loop so long that Chromium takes a few dozen rounds of it for a reason to compile
  it better;
- `marked` lets a module tell which parts of its functions are run, and `with_cold_apart` takes out those that were not.

Nothing is lost: what was not run can be, at the cost of a call. A part has one way in, so its parameters are the local
variables whose values it may read, and its results those that it may change and that are read afterwards, before them
the number of the way by which it was left if there are several.

Source of the analysis: Aho, Lam, Sethi and Ullman, *Compilers*, 2nd edition, section 9.2.5 (live variables).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from klweb.sitegen.image import wasm

RUN = "$run"
"""The name under which a marked module exports its second memory: a byte for each start of a part."""

SMALLEST = 48
"""Parts of fewer bytes stay where they are: a call takes some twenty."""

CASES = 100
"""A switch with so many cases is an interpreter's."""

BLOCK, LOOP, IF, ELSE, END, BR, BR_IF, BR_TABLE, RETURN = 0x02, 0x03, 0x04, 0x05, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F
UNREACHABLE, CALL, CALL_INDIRECT, GET, SET, TEE, CONSTANT, EQUAL = 0x00, 0x10, 0x11, 0x20, 0x21, 0x22, 0x41, 0x46
EMPTY = 0x40
WHOLE = -1
"""Stands for the function itself among the constructs that are opened, each of which is known by where it begins."""
ON = -2
"""The way out of a part that goes on with what follows it."""

EFFECTS = {
    **dict.fromkeys((0x01, UNREACHABLE, RETURN, BR, TEE, *wasm.LOADS, 0x40, 0x45, 0x50, 0x25, 0xD1, 0xFC09), 0),
    **dict.fromkeys((*range(0x67, 0x6A), *range(0x79, 0x7C), *range(0x8B, 0x92), *range(0x99, 0xA0)), 0),
    **dict.fromkeys((*range(0xA7, 0xC5), *range(0xFC00, 0xFC08)), 0),
    **dict.fromkeys((GET, 0x23, 0x3F, *range(0x41, 0x45), 0xD0, 0xD2), 1),
    **dict.fromkeys((SET, 0x24, BR_IF, BR_TABLE, 0x1A, *range(0x46, 0x50), *range(0x51, 0x67)), -1),
    **dict.fromkeys((*range(0x6A, 0x79), *range(0x7C, 0x8B), *range(0x92, 0x99), *range(0xA0, 0xA7)), -1),
    **dict.fromkeys((0x1B, 0x1C, 0x26, *range(0x36, 0x3F)), -2),
    **dict.fromkeys((0xFC08, 0xFC0A, 0xFC0B, 0xFC0C, 0xFC0E, 0xFC11), -3),
}
"""By how many values an instruction changes the height of the stack, where that does not depend on what it names."""


class _UnsupportedError(Exception):
    """A function, or a part of one, holds what is not dealt with here; it stays as it is."""


@dataclass(frozen=True)
class Part:
    """The instructions from `start` on, and before `stop`, to the end of the construct that opens at `opener`."""

    start: int
    stop: int
    opener: int


@dataclass(frozen=True)
class Signatures:
    """A module's types, and the type of each of its functions, imported ones first."""

    types: list[wasm.Signature]
    functions: list[wasm.Signature]


class Function:
    """A function's body, read: where constructs end, where branches lead, and which parts of it could be taken out.

    Parameters
    ----------
    body
        Its locals and instructions.
    own
        Its type.
    signatures
        Those of the module, for calls.
    """

    def __init__(self, body: bytes, own: wasm.Signature, signatures: Signatures) -> None:
        self.declared, code = wasm.split_locals(body)
        self.own, self.signatures = own, signatures
        self.instructions = wasm.instructions(code)
        groups, types = wasm.Reader(self.declared), bytearray(own.parameters)
        for _ in range(groups.unsigned()):
            count = groups.unsigned()
            types += bytes([groups.byte()]) * count
        self.locals = bytes(types)
        self.ends: dict[int, int] = {}
        self.elses: dict[int, int] = {}
        self.parents: dict[int, int] = {}
        self.targets: dict[int, list[int]] = {}
        self.goes_on: dict[int, bool] = {}
        """Whether what comes before an end, or an else, runs into it."""
        self.parts: list[Part] = []
        if len(own.results) > 1:
            raise _UnsupportedError
        self._walk()
        self.followers = self._followers()
        self.sizes = [0, *accumulate(len(item.text) for item in self.instructions)]

    def _walk(self) -> None:
        """Follow the constructs, and the height of the stack: a part begins with no more on it than they do."""
        starts: list[tuple[int, int]] = []
        frames, height, alive, reached = [(WHOLE, 0, True)], 0, True, set[int]()

        def may_start(place: int) -> None:
            opener, base, _ = frames[-1]
            if alive and height == base and (opener == WHOLE or self.is_empty(opener)):
                starts.append((place, opener))

        for place, item in enumerate(self.instructions):
            number = item.number
            if number in (BLOCK, LOOP, IF):
                height -= number == IF
                self.parents[place] = frames[-1][0]
                frames.append((place, height, alive))
                if number == IF:
                    may_start(place + 1)
            elif number == ELSE:
                opener, height, was_alive = frames[-1]
                self.elses[opener], self.goes_on[place] = place, alive
                reached.update({opener} if alive else ())
                alive = was_alive
                may_start(place + 1)
            elif number == END:
                opener, base, was_alive = frames.pop()
                self.ends[opener], self.goes_on[place] = place, alive
                skipped = was_alive and opener != WHOLE and self._skips(opener)
                alive = alive or skipped or (opener in reached and opener != WHOLE and not self.is_loop(opener))
                if frames:
                    height = base + (0 if self.is_empty(opener) else 1)
                    may_start(place + 1)
            else:
                if number in (BR, BR_IF, BR_TABLE):
                    self.targets[place] = [frames[-1 - label][0] for label in item.values]
                    reached.update(self.targets[place] if alive else ())
                height += self._effect(item)
                alive = alive and number not in (UNREACHABLE, RETURN, BR, BR_TABLE)
                if number == BR_IF:
                    may_start(place + 1)
        for start, opener in starts:
            middle = self.elses.get(opener, start - 1)
            self.parts.append(Part(start, middle if start <= middle else self.ends[opener], opener))

    def is_empty(self, opener: int) -> bool:
        """Whether a construct neither takes nor gives values."""
        kind = self.instructions[opener].text[1:]
        if len(kind) > 1 or kind[0] < EMPTY:
            raise _UnsupportedError  # one with parameters
        return kind[0] == EMPTY

    def is_loop(self, opener: int) -> bool:
        """Whether a construct is a loop: a branch to it goes on with its beginning."""
        return self.instructions[opener].number == LOOP

    def _skips(self, opener: int) -> bool:
        """Whether what is in a construct may be passed over."""
        return self.instructions[opener].number == IF and opener not in self.elses

    def _effect(self, item: wasm.Instruction) -> int:
        if item.number == CALL:
            called = self.signatures.functions[item.values[0]]
            return len(called.results) - len(called.parameters)
        if item.number == CALL_INDIRECT:
            called = self.signatures.types[item.values[0]]
            return len(called.results) - len(called.parameters) - 1
        if item.number not in EFFECTS:
            raise _UnsupportedError
        return EFFECTS[item.number]

    def size(self, part: Part) -> int:
        """Return how many bytes a part has."""
        return self.sizes[part.stop] - self.sizes[part.start]

    def label(self, opener: int, target: int) -> int:
        """Return the number by which a branch inside `opener` names `target`."""
        steps = 0
        while opener != target:
            opener, steps = self.parents[opener], steps + 1
        return steps

    def around_switch(self) -> list[int]:
        """Return the constructs around an interpreter's switch, if there is one, the outermost first."""
        switch = next((place for place, item in enumerate(self.instructions) if len(item.values) > CASES), -1)
        return [opener for opener in self.parents if opener < switch < self.ends[opener]]

    def place_of(self, target: int) -> int:
        """Return the instruction that a branch to a construct goes on with."""
        return target if target != WHOLE and self.is_loop(target) else self.ends[target]

    def _followers(self) -> list[list[int]]:
        """Return for each instruction those that may come next."""
        middles = {middle: opener for opener, middle in self.elses.items()}
        found = []
        for place, item in enumerate(self.instructions):
            nexts = [self.place_of(target) for target in self.targets.get(place, ())]
            if item.number == ELSE:
                nexts.append(self.ends[middles[place]])
            elif item.number not in (BR, BR_TABLE, RETURN, UNREACHABLE):
                nexts.append(place + 1)
            if item.number == IF:
                nexts.append(self.elses[place] + 1 if place in self.elses else self.ends[place])
            found.append(nexts)
        return found

    def live(self, start: int, stop: int, outside: dict[int, int]) -> list[int]:
        """Return for each of some instructions which locals are read later before they are written, as bits.

        Parameters
        ----------
        start, stop
            Which instructions.
        outside
            What is live at those that come next outside these.
        """
        found, is_settled = [0] * (stop - start), False
        while not is_settled:
            is_settled = True
            for place in range(stop - 1, start - 1, -1):
                item, bits = self.instructions[place], 0
                for follower in self.followers[place]:
                    bits |= found[follower - start] if start <= follower < stop else outside.get(follower, 0)
                if item.number in (GET, SET, TEE):
                    local = 1 << item.values[0]
                    bits = bits | local if item.number == GET else bits & ~local
                if bits != found[place - start]:
                    found[place - start], is_settled = bits, False
        return found


@dataclass(frozen=True)
class _Apart:
    """A part as a function of its own, and what is called in its place."""

    signature: wasm.Signature
    body: bytes
    ways: list[int]
    """How it can be left: `ON`, the constructs that its branches lead out of, and `WHOLE` where it returns."""
    parameters: list[int]
    results: list[int]


def _apart(function: Function, part: Part, live: list[int]) -> _Apart:
    """Make a part a function; `live` is what is live at each instruction of the whole."""
    items = function.instructions[part.start : part.stop]
    ways = _ways(function, part)
    places = [part.stop if way == ON else function.place_of(way) for way in ways if way != WHOLE]
    written = _union(1 << item.values[0] for item in items if item.number in (SET, TEE))
    after = {place: live[place] & written for place in places}

    def kind(local: int) -> tuple[int, int]:
        return function.locals[local], local

    results = sorted(_numbers(_union(after.values())), key=kind)
    parameters = sorted(_numbers(function.live(part.start, part.stop, after)[0]), key=kind)
    used = {item.values[0] for item in items if item.number in (GET, SET, TEE)} | set(results)
    order = [*parameters, *sorted(used - set(parameters), key=kind)]
    value = function.own.results if WHOLE in ways else b""
    own = bytes(function.locals[local] for local in order[len(parameters) :]) + value

    code = bytearray(bytes([BLOCK, EMPTY]) * len(ways))
    names = {local: wasm.unsigned(place) for place, local in enumerate(order)}
    kept = wasm.unsigned(len(order)) if value else b""  # where what is returned waits
    code += _inside(function, part, ways, names, kept)
    for number in range(len(ways)):
        code.append(END)
        if len(ways) > 1:
            code += bytes([CONSTANT]) + wasm.signed(number)
        code += b"".join(bytes([GET]) + names[local] for local in results)
        code += (bytes([GET]) + kept if value else b"") + bytes([RETURN])
    code += bytes([UNREACHABLE, END])
    signature = wasm.Signature(
        bytes(function.locals[local] for local in parameters),
        bytes([wasm.I32][: len(ways) > 1]) + bytes(function.locals[local] for local in results) + value,
    )
    return _Apart(signature, wasm.vector(bytes([1, type_]) for type_ in own) + bytes(code), ways, parameters, results)


def _ways(function: Function, part: Part) -> list[int]:
    """Return how a part can be left: `ON` comes first, and `WHOLE`, which returns, last."""
    falls = function.goes_on[part.stop]
    found = dict.fromkeys([ON] if falls and part.opener != WHOLE else [])
    returns = falls and part.opener == WHOLE
    for place in range(part.start, part.stop):
        returns |= function.instructions[place].number == RETURN
        for target in function.targets.get(place, ()):
            if target == WHOLE:
                if function.own.results and function.instructions[place].number != BR:
                    raise _UnsupportedError  # a value that may stay
                returns = True
            elif target < part.start:
                if not (function.is_loop(target) or function.is_empty(target)):
                    raise _UnsupportedError  # a value on the way
                found[target] = None
    return [*found, *([WHOLE] if returns else [])]


def _inside(function: Function, part: Part, ways: list[int], names: dict[int, bytes], kept: bytes) -> bytes:
    """Rewrite a part's instructions for where a block for each way out is open: what leaves it leaves one of these."""
    opened: list[int] = []

    def label(target: int) -> bytes:
        known = opened[::-1].index(target) if target in opened else len(opened) + ways.index(target)
        return wasm.unsigned(known)

    def give() -> bytes:
        return (bytes([SET]) + kept if kept else b"") + bytes([BR]) + label(WHOLE)

    code = bytearray()
    for place in range(part.start, part.stop):
        item = function.instructions[place]
        targets = function.targets.get(place, [])
        if item.number in (GET, SET, TEE):
            code += bytes([item.number]) + names[item.values[0]]
        elif item.number == RETURN or (item.number == BR and targets == [WHOLE]):
            code += give()
        elif item.number in (BR, BR_IF):
            code += bytes([item.number]) + label(targets[0])
        elif item.number == BR_TABLE:
            *labels, last = map(label, targets)
            code += bytes([BR_TABLE]) + wasm.vector(labels) + last
        else:
            code += item.text
        if item.number in (BLOCK, LOOP, IF):
            opened.append(place)
        elif item.number == END:
            opened.pop()
    if function.goes_on[part.stop]:
        code += give() if part.opener == WHOLE else bytes([BR]) + label(ON)
    return bytes(code)


class _Caller:
    """A function whose parts are replaced by calls."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.live = function.live(0, len(function.instructions), {})
        self.added = bytearray()
        """The types of the locals that calls need."""
        self.number: int | None = None
        self.value: int | None = None
        self.places: dict[int, tuple[int, bytes]] = {}

    def local(self, kind: int) -> int:
        """Add a local."""
        self.added.append(kind)
        return len(self.function.locals) + len(self.added) - 1

    def replace(self, part: Part, apart: _Apart, index: int) -> None:
        """Call a function in place of a part."""
        code = bytearray(b"".join(bytes([GET]) + wasm.unsigned(local) for local in apart.parameters))
        code += bytes([CALL]) + wasm.unsigned(index)
        ways = list(apart.ways)
        returns = bool(ways) and ways[-1] == WHOLE
        value = b""
        if returns and self.function.own.results:
            if self.value is None:
                self.value = self.local(self.function.own.results[0])
            value = wasm.unsigned(self.value)
            code += bytes([SET]) + value
        for local in reversed(apart.results):
            code += bytes([SET]) + wasm.unsigned(local)
        code += self._leave(part, ways, (bytes([GET]) + value if value else b"") + bytes([RETURN]))
        self.places[part.start] = (part.stop, bytes(code))

    def _leave(self, part: Part, ways: list[int], give: bytes) -> bytes:
        """Go on by the way whose number is on the stack, or by the only one, of which no number is."""

        def jump(way: int, depth: int = 0) -> bytes:
            return wasm.unsigned((-1 if way == ON else self.function.label(part.opener, way)) + depth)

        def go(way: int) -> bytes:
            return b"" if way == ON else bytes([BR]) + jump(way)

        if not ways:
            return bytes([UNREACHABLE])
        if ways == [WHOLE]:
            return give
        if len(ways) == 1:
            return go(ways[0])
        if len(ways) == 2 and WHOLE not in ways:
            return bytes([BR_IF]) + jump(ways[1]) + go(ways[0])
        if self.number is None:
            self.number = self.local(wasm.I32)
        number = wasm.unsigned(self.number)
        code = bytearray(bytes([SET]) + number)
        if ways[-1] == WHOLE:
            ways = ways[:-1]
            code += bytes([GET]) + number + bytes([CONSTANT]) + wasm.signed(len(ways))
            code += bytes([EQUAL, IF, EMPTY]) + give + bytes([END])
        if len(ways) == 1:
            return bytes(code) + go(ways[0])
        code += bytes([BLOCK, EMPTY, GET]) + number
        labels = [jump(way, 1) for way in ways]
        code += bytes([BR_TABLE]) + wasm.vector(labels[:-1]) + labels[-1] + bytes([END])
        return bytes(code)

    def body(self) -> bytes:
        """Return the function as it is now."""
        count = wasm.Reader(self.function.declared)
        groups = count.unsigned() + len(self.added)
        parts = [
            wasm.unsigned(groups),
            self.function.declared[count.place :],
            *(bytes([1, kind]) for kind in self.added),
        ]
        place = 0
        while place < len(self.function.instructions):
            if place in self.places:
                place, code = self.places[place]
                parts.append(code)
            else:
                parts.append(self.function.instructions[place].text)
                place += 1
        return b"".join(parts)


def _numbers(bits: int) -> list[int]:
    """Return the numbers in a set of bits.

    >>> _numbers(0b100101)
    [0, 2, 5]
    """
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def _union(sets: Iterable[int]) -> int:
    found = 0
    for item in sets:
        found |= item
    return found


def _functions(sections: wasm.Sections) -> Iterator[tuple[int, Function]]:
    """Read the functions that can be dealt with, each with its place in the section of code."""
    types = wasm.read_types(sections[wasm.TYPES])
    own = [types[index] for index in wasm.read_indices(sections[wasm.FUNCTIONS])]
    imports = wasm.read_imports(sections[wasm.IMPORTS])
    asked = [types[wasm.Reader(item.type).unsigned()] for item in imports if item.kind == wasm.FUNCTION]
    signatures = Signatures(types, [*asked, *own])
    for place, body in enumerate(wasm.read_bodies(sections[wasm.CODE])):
        try:
            yield place, Function(body, own[place], signatures)
        except _UnsupportedError:
            continue


def _without(content: bytes, chosen: Callable[[int, Function], Iterable[Part]]) -> bytes:
    """Take chosen parts that are large enough out of a module's functions; of parts in one another, the largest."""
    sections = wasm.read(content)
    types = wasm.read_types(sections[wasm.TYPES])
    kinds = {kind: index for index, kind in reversed([*enumerate(types)])}
    imported = sum(item.kind == wasm.FUNCTION for item in wasm.read_imports(sections[wasm.IMPORTS]))
    bodies = wasm.read_bodies(sections[wasm.CODE])
    indices = wasm.read_indices(sections[wasm.FUNCTIONS])
    fresh: list[bytes] = []
    for place, function in _functions(sections):
        caller, done = None, 0
        for part in chosen(place, function):
            if part.start < done or function.size(part) < SMALLEST:
                continue
            caller = caller or _Caller(function)
            try:
                apart = _apart(function, part, caller.live)
            except _UnsupportedError:
                continue
            caller.replace(part, apart, imported + len(bodies) + len(fresh))
            fresh.append(apart.body)
            if apart.signature not in kinds:
                kinds[apart.signature] = len(types)
                types.append(apart.signature)
            indices.append(kinds[apart.signature])
            done = part.stop
        if caller:
            bodies[place] = caller.body()
    sections[wasm.TYPES] = wasm.vector(kind.encode() for kind in types)
    sections[wasm.FUNCTIONS] = wasm.vector(map(wasm.unsigned, indices))
    sections[wasm.CODE] = wasm.write_bodies([*bodies, *fresh])
    return wasm.write(sections)


def with_cases_apart(content: bytes) -> bytes:
    """Return a module whose interpreter's loop calls its cases."""

    def cases(_place: int, function: Function) -> Iterator[Part]:
        ends = {function.ends[opener] + 1 for opener in function.around_switch()}
        yield from (part for part in function.parts if part.start in ends)

    return _without(content, cases)


def marked(content: bytes) -> bytes:
    """Return a module that marks, in a second memory, which functions and which parts of them are run."""
    sections = wasm.read(content)
    bodies, count = wasm.read_bodies(sections[wasm.CODE]), 0
    for place, function in _functions(sections):
        starts = {0, *(part.start for part in function.parts)}
        code = [function.declared]
        for at, item in enumerate(function.instructions):
            if at in starts:
                # i32.store8 of a 1, no alignment, memory 1, offset 0
                code.append(bytes([CONSTANT]) + wasm.signed(count) + bytes.fromhex("4101 3a400100"))
                count += 1
            code.append(item.text)
        bodies[place] = b"".join(code)
    sections[wasm.CODE] = wasm.write_bodies(bodies)
    sections[wasm.MEMORIES] = (
        wasm.unsigned(2) + sections[wasm.MEMORIES][1:] + b"\0" + wasm.unsigned(count // wasm.PAGE + 1)
    )
    exports = wasm.read_exports(sections[wasm.EXPORTS])
    sections[wasm.EXPORTS] = wasm.vector(item.encode() for item in (*exports, wasm.Export(RUN, wasm.MEMORY, 1)))
    return wasm.write(sections)


def with_cold_apart(content: bytes, run: bytes) -> bytes:
    """Return a module whose functions call those parts of themselves that were not `run`, as its marked kin tells."""
    marks = iter(run)

    def cold(_place: int, function: Function) -> list[Part]:
        places = sorted({0, *(part.start for part in function.parts)})
        was_run = {place: next(marks) for place in places}
        # Of a function that was not called at all, nothing has to be compiled.
        return [part for part in function.parts if not was_run[part.start]] if was_run[0] else []

    return _without(content, cold)
