"""WebAssembly modules taken apart and put together, as far as `klweb.sitegen.image` needs it.

A module is a list of sections, each a number and its bytes; most sections hold a vector of items, here as the bytes of
each. Nothing is checked that the browser will check anyway.

Source: WebAssembly Core Specification 2.0, chapter 5, and the proposals for exceptions and several memories.
"""

from collections.abc import Iterable
from dataclasses import dataclass

MAGIC = b"\0asm\1\0\0\0"
PAGE = 65536

CUSTOM, TYPES, IMPORTS, FUNCTIONS, TABLES, MEMORIES, GLOBALS, EXPORTS = range(8)
START, ELEMENTS, CODE, DATA, DATA_COUNT, TAGS = 8, 9, 10, 11, 12, 13
ORDER = (
    *(CUSTOM, TYPES, IMPORTS, FUNCTIONS, TABLES, MEMORIES, TAGS),
    *(GLOBALS, EXPORTS, START, ELEMENTS, DATA_COUNT, CODE, DATA),
)
"""The sections in the order that the format wants."""

FUNCTION, TABLE, MEMORY, GLOBAL, TAG = 0, 1, 2, 3, 4
I32, FUNCREF = 0x7F, 0x70
_END, _FUNCTION_TYPE = 0x0B, 0x60


def unsigned(number: int) -> bytes:
    """Encode a number of no sign as LEB128.

    >>> unsigned(624485).hex()
    'e58e26'
    """
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def signed(number: int) -> bytes:
    """Encode a number with a sign as LEB128.

    >>> signed(-123456).hex()
    'c0bb78'
    """
    out = bytearray()
    while not -64 <= number < 64:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number & 127])


def vector(items: Iterable[bytes]) -> bytes:
    """Encode items with their count before them."""
    listed = list(items)
    return unsigned(len(listed)) + b"".join(listed)


def name(text: str) -> bytes:
    """Encode a name."""
    content = text.encode()
    return unsigned(len(content)) + content


def constant(value: int) -> bytes:
    """Encode the expression of a constant of 32 bits."""
    return b"\x41" + signed(value) + bytes([_END])


@dataclass
class Reader:
    """Bytes read from a place that moves on."""

    content: bytes
    place: int = 0

    def byte(self) -> int:
        """Read one byte."""
        self.place += 1
        return self.content[self.place - 1]

    def take(self, count: int) -> bytes:
        """Read some bytes."""
        self.place += count
        return self.content[self.place - count : self.place]

    def unsigned(self) -> int:
        """Read a number of no sign."""
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    def name(self) -> str:
        """Read a name."""
        return self.take(self.unsigned()).decode()

    def limits(self) -> None:
        """Pass over the limits of a table or memory."""
        has_maximum = self.byte() & 1
        self.unsigned()
        if has_maximum:
            self.unsigned()


@dataclass(frozen=True)
class Import:
    """What a module asks its host for; `type` is the encoding of what is said of it, such as a function's type."""

    module: str
    name: str
    kind: int
    type: bytes

    def encode(self) -> bytes:
        """Encode it."""
        return name(self.module) + name(self.name) + bytes([self.kind]) + self.type


@dataclass(frozen=True)
class Global:
    """A global variable with the expression of its first value."""

    type: int
    is_mutable: bool
    value: bytes

    def encode(self) -> bytes:
        """Encode it."""
        return bytes([self.type, self.is_mutable]) + self.value


@dataclass(frozen=True)
class Export:
    """What a module offers."""

    name: str
    kind: int
    index: int

    def encode(self) -> bytes:
        """Encode it."""
        return name(self.name) + bytes([self.kind]) + unsigned(self.index)


Sections = dict[int, bytes]


def read(content: bytes) -> Sections:
    """Split a module into its sections; of custom ones it may have one, as a linked module has.

    Raises
    ------
    ValueError
        If it is no WebAssembly, or has a section twice.
    """
    if not content.startswith(MAGIC):
        raise ValueError("not a WebAssembly module of version 1")
    reader, sections = Reader(content, len(MAGIC)), {}
    while reader.place < len(content):
        number = reader.byte()
        body = reader.take(reader.unsigned())
        if number in sections:
            raise ValueError(f"a module with two sections {number}")
        sections[number] = body
    return sections


def write(sections: Sections) -> bytes:
    """Join sections to a module."""
    return MAGIC + b"".join(
        bytes([number]) + unsigned(len(sections[number])) + sections[number] for number in ORDER if number in sections
    )


def read_imports(section: bytes) -> list[Import]:
    """Read the section of imports."""
    reader, found = Reader(section), []
    for _ in range(reader.unsigned()):
        module, item, kind = reader.name(), reader.name(), reader.byte()
        begin = reader.place
        if kind == FUNCTION:
            reader.unsigned()
        elif kind == GLOBAL:
            reader.take(2)
        else:  # a table's type, or a tag's attribute, before its limits or index
            if kind != MEMORY:
                reader.byte()
            reader.unsigned() if kind == TAG else reader.limits()
        found.append(Import(module, item, kind, section[begin : reader.place]))
    return found


def read_exports(section: bytes) -> list[Export]:
    """Read the section of exports."""
    reader = Reader(section)
    return [Export(reader.name(), reader.byte(), reader.unsigned()) for _ in range(reader.unsigned())]


def read_globals(section: bytes) -> list[Global]:
    """Read the section of globals, all of which must begin with a constant of 32 bits."""
    reader, found = Reader(section), []
    for _ in range(reader.unsigned()):
        kind, is_mutable = reader.byte(), bool(reader.byte())
        begin = reader.place
        if kind != I32 or reader.byte() != 0x41:
            raise ValueError("a global that is no constant of 32 bits")
        reader.unsigned()
        if reader.byte() != _END:
            raise ValueError("a global whose value is not one constant")
        found.append(Global(kind, is_mutable, section[begin : reader.place]))
    return found


def read_bodies(section: bytes) -> list[bytes]:
    """Read the bodies of all functions."""
    reader = Reader(section)
    return [reader.take(reader.unsigned()) for _ in range(reader.unsigned())]


def write_bodies(bodies: Iterable[bytes]) -> bytes:
    """Write the section of code."""
    return vector(unsigned(len(body)) + body for body in bodies)


@dataclass(frozen=True)
class Signature:
    """A function's type: the types of its parameters and of its results, a byte each."""

    parameters: bytes
    results: bytes

    def encode(self) -> bytes:
        """Encode it."""
        return bytes([_FUNCTION_TYPE]) + b"".join(
            unsigned(len(part)) + part for part in (self.parameters, self.results)
        )


def read_types(section: bytes) -> list[Signature]:
    """Read the section of types, which must all be functions'."""
    reader, found = Reader(section), []
    for _ in range(reader.unsigned()):
        if reader.byte() != _FUNCTION_TYPE:
            raise ValueError("a type that is not a function's")
        found.append(Signature(reader.take(reader.unsigned()), reader.take(reader.unsigned())))
    return found


def read_indices(section: bytes) -> list[int]:
    """Read a section that is a vector of indices, such as that of functions, which has their types."""
    reader = Reader(section)
    return [reader.unsigned() for _ in range(reader.unsigned())]


def split_locals(body: bytes) -> tuple[bytes, bytes]:
    """Split a function's body into the declaration of its locals and its instructions."""
    reader = Reader(body)
    for _ in range(reader.unsigned()):
        reader.unsigned()
        reader.byte()
    return body[: reader.place], body[reader.place :]


LOADS = {
    **dict.fromkeys((0x28, 0x2A, 0x34, 0x35), 4),
    **dict.fromkeys((0x29, 0x2B), 8),
    **dict.fromkeys((0x2C, 0x2D, 0x30, 0x31), 1),
    **dict.fromkeys((0x2E, 0x2F, 0x32, 0x33), 2),
}
"""The instructions that load from memory, and how many bytes each reads."""

MEMORY_COPY = 0xFC0A
"""The instruction that copies memory: the prefix 0xFC, then 10."""

_STORES_AND_INDIRECT_CALLS = (*range(0x36, 0x3F), 0x11)
_BLOCKS_AND_INTEGERS = (0x02, 0x03, 0x04, 0x06, 0x41, 0x42)  # their types and values are numbers with a sign
_ONE_INDEX = (0x07, 0x08, 0x09, 0x0C, 0x0D, 0x10, 0x18, *range(0x20, 0x27), 0x3F, 0x40, 0xD0, 0xD2)
_ALONE = (0x00, 0x01, 0x05, 0x0B, 0x0F, 0x19, 0x1A, 0x1B, *range(0x45, 0xC5), 0xD1)
_CONVERSIONS, _ONE, _TWO = range(0xFC00, 0xFC08), (9, 11, 13, 15, 16, 17), (8, 10, 12, 14)
IMMEDIATES = {
    0x0E: "vn",
    0x1C: "v",
    0x43: "4",
    0x44: "8",
    **dict.fromkeys(_ALONE, ""),
    **dict.fromkeys((*_BLOCKS_AND_INTEGERS, *_ONE_INDEX), "n"),
    **dict.fromkeys((*LOADS, *_STORES_AND_INDIRECT_CALLS), "nn"),
    **dict.fromkeys(_CONVERSIONS, ""),
    **{0xFC00 + number: "n" for number in _ONE},
    **{0xFC00 + number: "nn" for number in _TWO},
}
"""What follows each instruction: numbers (n), a vector of numbers (v), four or eight bytes."""


@dataclass(frozen=True)
class Instruction:
    """An instruction: its number, how it is encoded, and the numbers that follow it, read as having no sign."""

    number: int
    text: bytes
    values: tuple[int, ...]


def instructions(code: bytes) -> list[Instruction]:
    """Read instructions.

    Raises
    ------
    ValueError
        At an instruction that is not known here.

    Examples
    --------
    >>> [(item.number, item.values) for item in instructions(bytes.fromhex("2003 2d0008 0b"))]
    [(32, (3,)), (45, (0, 8)), (11, ())]
    """
    reader, found = Reader(code), []
    while reader.place < len(code):
        begin, number = reader.place, reader.byte()
        if number == 0xFC:
            number = 0xFC00 + reader.unsigned()
        if number not in IMMEDIATES:
            raise ValueError(f"an instruction that is not known: {number:#x}")
        values = []
        for kind in IMMEDIATES[number]:
            if kind in "48":
                reader.take(int(kind))
            else:
                values += [reader.unsigned() for _ in range(reader.unsigned() if kind == "v" else 1)]
        found.append(Instruction(number, code[begin : reader.place], tuple(values)))
    return found
