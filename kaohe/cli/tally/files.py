"""Reading counts and ballots from CSV files for ``kaohe tally``."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO

from kaohe.domain.errors import KaoheError
from kaohe.tally.model import Turnout

GROUP_HEADERS = ("group", "票种")
ITEM_HEADERS = ("item", "测评维度")
SUBJECT_HEADERS = ("subject", "考核对象")
NUMBERS_HEADERS = ("numbers", "打分")
ASKED_HEADERS = ("asked", "应评票数")
NOT_ASKED_LABELS = ("不评", "not_asked")
TICK_LABELS = ("是", "√", "1", "ticked")
ABSTENTION_LABELS = ("弃权", "abstain")
SKIPPED_LABELS = ("漏选", "skipped")
INVALID_LABELS = ("无效", "invalid")
_SCAN_BYTES = 1 << 20

EnteredNumbers = Mapping[str, Mapping[str, int]]
"""What the command line says: ``entitled``, ``present``, ``issued`` and ``cast``, each by group key."""


class TallyFileError(KaoheError):
    """A file or an option of ``kaohe tally`` cannot be used."""

    code = "bad_tally_file"
    text = "文件无法使用，请检查文件内容。"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a CSV file, its cells stripped."""

    number: int
    """As a text editor shows it; the header is line 1."""
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: its header, and its rows as they are read."""

    header: list[str]
    rows: Iterator[Row]


def read_text(path: Path) -> str:
    """Read a small text file in UTF-8 or GB18030."""
    with _opened_text(path) as text:
        return text.read()


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a CSV file in UTF-8 (with or without a mark) or GB18030; memory is flat in the number of rows.

    Raises:
        TallyFileError: naming the line that cannot be read.
    """
    with _opened_text(path) as text:
        numbered = _numbered(text)
        first = next(numbered, None)
        if first is None:
            raise TallyFileError("文件是空的，第 1 行应为列名。")
        header = first.cells
        while header and not header[-1]:
            header.pop()
        for position, name in enumerate(header):
            if position and not name:
                raise TallyFileError(f"第 1 行第 {position + 1} 列没有列名，请补上或删去该列。")
            if name and name in header[:position]:
                raise TallyFileError(f"第 1 行的列名「{name}」重复，每一列应各不相同。")
        yield Table(header, _checked(numbered, len(header)))


def printable_name(text: str, number: int) -> str:
    """Return a name that can be printed anywhere, or refuse it."""
    if not text.isprintable():
        raise TallyFileError(f"第 {number} 行的名称含有换行等控制字符，请删去。")
    return text


class _Named(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...


def keys_by_name(entries: Iterable[_Named]) -> dict[str, str]:
    """What a file may call each of some grades, dimensions, groups and so on: its label or its key."""
    return {name: entry.key for entry in entries for name in (entry.key, entry.label)}


def column_of(header: Sequence[str], names: Sequence[str]) -> int | None:
    """Find the column that bears one of the names."""
    return next((position for position, name in enumerate(header) if name in names), None)


def named_key(row: Row, position: int | None, keys: Mapping[str, str], what: str) -> str:
    """Return the key that a row means by its label or key; where the scheme has just one, nothing means that one."""
    if position is None or (not row.cells[position] and len(set(keys.values())) == 1):
        return next(iter(keys.values()))
    if row.cells[position] not in keys:
        raise TallyFileError(f"第 {row.number} 行的{what}「{row.cells[position]}」不在本方案中，请改正。")
    return keys[row.cells[position]]


def entered_turnout(group_key: str, counted: Turnout, entered: EnteredNumbers) -> Turnout:
    """Add to what was counted what the command line says."""
    cast = entered["cast"].get(group_key, counted.cast)
    if cast != counted.cast:
        raise TallyFileError(f"文件里有 {counted.cast} 张票，与 --cast 给出的 {cast} 不符，请核对。")
    return replace(
        counted,
        entitled=entered["entitled"].get(group_key),
        present=entered["present"].get(group_key),
        issued=entered["issued"].get(group_key),
    )


@contextmanager
def _opened_text(path: Path) -> Iterator[TextIO]:
    try:
        opened = path.open("rb")
    except OSError as error:
        raise TallyFileError(f"打不开文件「{path}」，请检查文件名、位置和读取权限。") from error
    with opened:
        # A pipe cannot be read twice, and the encoding is known only after the last byte.
        file = opened if opened.seekable() else io.BytesIO(opened.read())
        with io.TextIOWrapper(file, encoding=_encoding(file, path), newline="") as text:
            yield text


def _encoding(file: BinaryIO, path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            has_nul = False
            while chunk := file.read(_SCAN_BYTES):
                has_nul = has_nul or b"\0" in chunk
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        if has_nul:
            break
        file.seek(0)
        return encoding
    raise TallyFileError(f"「{path}」不是 UTF-8 或 GB18030 编码的文本文件；若来自电子表格，请另存为 CSV（UTF-8）。")


def _numbered(text: Iterable[str]) -> Iterator[Row]:
    reader = csv.reader(text, strict=True)
    try:
        for cells in reader:
            if cells:
                yield Row(reader.line_num, [cell.strip() for cell in cells])
    except csv.Error as error:
        raise TallyFileError(f"第 {reader.line_num} 行不是有效的 CSV，请检查引号是否成对。") from error


def _checked(rows: Iterator[Row], width: int) -> Iterator[Row]:
    for row in rows:
        if len(row.cells) != width:
            while len(row.cells) > width and not row.cells[-1]:
                row.cells.pop()
            if len(row.cells) != width:
                raise TallyFileError(f"第 {row.number} 行有 {len(row.cells)} 列，第 1 行有 {width} 列，请对齐。")
        if not any(row.cells):
            raise TallyFileError(f"第 {row.number} 行整行为空，请删去；若是一张空白票，请在第一列写上任意编号。")
        yield row
