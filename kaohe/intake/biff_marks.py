"""What a workbook of the old kind (.xls) shows beside the text of its cells: hidden, struck out or grey.

Follows the records of the compound file itself, since the parser of cells hands out none of it. Runs in the process of
``workbook_reader``, under its limits. Texts that are struck out in part, and comments, are not looked into.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from kaohe.intake.workbook_marks import Marks

_SECTOR: Final = 512
_SMALL_SECTOR: Final = 64
"""Of streams that are shorter than a bound, which the file says; they lie in a stream of their own."""
_END: Final = 0xFFFFFFFA
"""Numbers of sectors from here on are signs, and no sectors."""
_FONT, _STYLE, _SHEET, _START, _STOP, _ROW, _COLUMNS = 0x31, 0xE0, 0x85, 0x809, 0x0A, 0x208, 0x7D
_CELLS: Final = frozenset({0x06, 0xFD, 0xD6, 0x203, 0x204, 0x205, 0x27E})
_NUMBERS: Final = 0xBD
"""Several cells of a row side by side."""
_STRUCK_OUT, _ROW_HIDDEN = 0x08, 0x20
_GREYS: Final = frozenset({22, 23, 55})
_SOLID: Final = 1
_DOTTED: Final = frozenset({2, 3, 4, 17, 18})
"""Patterns of dots, which are grey whatever the colours."""


def marks_of_xls(content: bytes) -> dict[int, Marks]:
    """The marks of each sheet, by its position; empty where the records cannot be followed."""
    try:
        stream = _workbook(content)
        offsets = [struct.unpack_from("<I", data)[0] for kind, data in _records(stream, 0) if kind == _SHEET]
        struck, grey = _styles(stream)
        return {at: _marks_in(stream, offset, struck, grey) for at, offset in enumerate(offsets)}
    except (struct.error, IndexError, StopIteration, ValueError):
        return {}


def _sectors(content: bytes, numbers: Iterable[int]) -> bytes:
    return b"".join(content[(number + 1) * _SECTOR : (number + 2) * _SECTOR] for number in numbers)


def _words(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data)


def _chain(links: Sequence[int], number: int) -> Iterator[int]:
    """The sectors from ``number`` on; no more than there are, should they go round in a circle."""
    for _ in links:
        if number >= _END:
            return
        yield number
        number = links[number]


def _tables(content: bytes) -> Iterator[int]:
    """The sectors that say which sector follows which: the first of them stand at the beginning of the file."""
    yield from struct.unpack_from("<109I", content, 0x4C)
    number = struct.unpack_from("<I", content, 0x44)[0]
    for _ in range(len(content) // _SECTOR):
        if number >= _END:
            return
        *tables, number = _words(_sectors(content, [number]))
        yield from tables


def _workbook(content: bytes) -> bytes:
    """The stream with the records."""
    links = _words(_sectors(content, [number for number in _tables(content) if number < _END]))
    root, bound, first_of_small = (struct.unpack_from("<I", content, at)[0] for at in (0x30, 0x38, 0x3C))
    directory = _sectors(content, _chain(links, root))
    entries = [directory[at : at + 128] for at in range(0, len(directory), 128)]
    names = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
    entry = next(each for each in entries if each[:64].rstrip(b"\0") + b"\0" in names)
    first, size = struct.unpack_from("<II", entry, 116)
    if size >= bound:
        return _sectors(content, _chain(links, first))[:size]
    small = _sectors(content, _chain(links, struct.unpack_from("<I", entries[0], 116)[0]))
    small_links = _words(_sectors(content, _chain(links, first_of_small)))
    places = (number * _SMALL_SECTOR for number in _chain(small_links, first))
    return b"".join(small[at : at + _SMALL_SECTOR] for at in places)[:size]


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records from ``at`` to the end of their part, without those of charts inside it."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == _START) - (kind == _STOP)
        if depth == 1:
            yield kind, stream[at + 4 : at + 4 + length]
        elif depth < 1:
            return
        at += 4 + length


def _styles(stream: bytes) -> tuple[set[int], set[int]]:
    """The numbers of the styles by which cells are struck out, and of those by which they are grey."""
    records = list(_records(stream, 0))
    fonts = [struct.unpack_from("<HHH", data) for kind, data in records if kind == _FONT]
    fonts.insert(4, (0, 0, 0))  # No font has the number 4.
    struck, grey = set(), set()
    for at, data in enumerate(data for kind, data in records if kind == _STYLE):
        _, flags, colour = fonts[struct.unpack_from("<H", data)[0]]
        pattern, ground = struct.unpack_from("<I", data, 14)[0] >> 26, struct.unpack_from("<H", data, 18)[0] & 0x7F
        if flags & _STRUCK_OUT:
            struck.add(at)
        if colour in _GREYS or pattern in _DOTTED or (pattern == _SOLID and ground in _GREYS):
            grey.add(at)
    return struck, grey


def _marks_in(stream: bytes, offset: int, struck: set[int], grey: set[int]) -> Marks:
    marks = Marks()
    for kind, data in _records(stream, offset):
        if kind == _ROW and struct.unpack_from("<I", data, 12)[0] & _ROW_HIDDEN:
            marks.hidden_rows.add(struct.unpack_from("<H", data)[0] + 1)
        elif kind == _COLUMNS:
            first, last, _, _, options = struct.unpack_from("<5H", data)
            marks.hidden_columns |= set(range(first, last + 1)) if options & 1 else set()
        elif kind in _CELLS or kind == _NUMBERS:
            row, column = struct.unpack_from("<HH", data)
            styles = [data[at : at + 2] for at in range(4, len(data) - 2, 6)] if kind == _NUMBERS else [data[4:6]]
            for at, style in enumerate(int.from_bytes(each, "little") for each in styles):
                if style in struck:
                    marks.struck[row + 1, column + at] = ""
                if style in grey:
                    marks.greyed.add((row + 1, column + at))
    return marks
