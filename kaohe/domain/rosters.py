"""Rosters: rows of text, typed, pasted or read from a file, become the subjects of a meeting (考核对象).

A roster is read whole: every row that cannot be taken is reported, with the number that the
spreadsheet shows beside it, so that an office mends its file once and not line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kaohe.domain.cells import HAN, clean, heading_of, hidden_character, squeeze
from kaohe.domain.limits import CELL_LENGTH, SUBJECTS_AT_MOST
from kaohe.tally.model import Subject, SubjectKind


def keyed_subjects(
    entries: Sequence[SubjectEntry], before: Sequence[Subject], used: Iterable[str] = ()
) -> tuple[Subject, ...]:
    """The subjects of a new list. What has been brought about a subject hangs on its key, so keys are never reused.

    An entry keeps the key of the subject of the same name, unit and post. Where a list of the same length has another
    text in one place, that is a correction and keeps the key too. ``used`` are keys of earlier rounds.
    """
    known = {_identity(subject): subject.key for subject in before}
    listed = {_identity(entry) for entry in entries}
    is_same_length = len(entries) == len(before)
    taken = {subject.key for subject in before} | set(used)
    numbers = [int(key[1:]) for key in taken if key[:1] == "s" and key[1:].isdigit()]
    next_number = max(numbers, default=0) + 1
    subjects = []
    for index, entry in enumerate(entries):
        key = known.get(_identity(entry))
        if key is None and is_same_length and _identity(before[index]) not in listed:
            key = before[index].key
        if key is None:
            key, next_number = f"s{next_number}", next_number + 1
        subjects.append(Subject(key, entry.name, entry.unit, entry.post, entry.class_label, entry.kind, entry.section))
    return tuple(subjects)


def _identity(subject: Subject | SubjectEntry) -> tuple[str, str, str]:
    return subject.name, subject.unit, subject.post


HEADER_SEARCH_ROWS: Final = 10
"""A header may stand below a few title lines, but not deeper than this."""


@dataclass(frozen=True, slots=True)
class SubjectEntry:
    """One subject as the office wrote it, cleaned; not yet a subject of a meeting."""

    name: str
    unit: str = ""
    post: str = ""
    class_label: str = ""
    kind: SubjectKind = SubjectKind.PERSON
    section: str = ""
    """The label or key of the form that asks about it (分表); empty where its kind says so."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be taken. ``row_number`` counts from 1, blank rows and header included."""

    row_number: int
    message: str


@dataclass(frozen=True, slots=True)
class SubjectRoster:
    """What was understood, in the order of the rows, and everything that was not."""

    entries: tuple[SubjectEntry, ...]
    problems: tuple[RowProblem, ...]


class _Field(StrEnum):
    """What a column may hold; the value is the column's name in a message."""

    NAME = "姓名"
    UNIT = "单位"
    POST = "职务"
    CLASS = "类别"
    KIND = "类型"
    SECTION = "分表"
    SERIAL = "序号"


_HEADINGS: Final[Mapping[_Field, frozenset[str]]] = {
    _Field.NAME: frozenset({"姓名", "名称", "考核对象", "测评对象", "被考核人", "被测评人", "对象", "班子名称"}),
    _Field.UNIT: frozenset(
        {"单位", "部门", "科室", "处室", "所在单位", "工作单位", "单位名称", "所在部门", "部门名称"}
    ),
    _Field.POST: frozenset({"职务", "岗位", "职位", "现任职务", "职务职级", "职务名称", "工作岗位"}),
    _Field.CLASS: frozenset({"类别", "分组", "组别", "考核类别", "测评类别", "人员类别", "排名分组"}),
    _Field.KIND: frozenset({"类型", "对象类型", "考核对象类型", "人或班子", "人班子"}),
    _Field.SECTION: frozenset({"分表", "所属分表", "分表名称", "测评分表", "测评表", "考核层面", "层面"}),
    _Field.SERIAL: frozenset({"序号", "编号", "序", "号", "no", "no."}),
}
_POSITIONS: Final = (_Field.NAME, _Field.UNIT, _Field.POST, _Field.CLASS, _Field.KIND, _Field.SECTION)

_KINDS: Final[Mapping[str, SubjectKind]] = {
    **dict.fromkeys(("人", "个人", "干部", "人员", "领导干部", "person"), SubjectKind.PERSON),
    **dict.fromkeys(("班子", "领导班子", "集体", "单位", "部门", "team"), SubjectKind.TEAM),
}

_SPREAD_NAME_IN_LINE = re.compile(rf"^(\s*)({HAN})[ \u3000]+({HAN})(?=[\s,，]|$)")
_PASTED_SEPARATOR = re.compile(r"\s*[,，]\s*|\s*\u3000\s*|\s{2,}")

_SERIAL_NUMBER = re.compile(r"\d{1,4}[.、]?")


def read_subjects(rows: Sequence[Sequence[str]]) -> SubjectRoster:
    """Read subjects from rows of cells; never raises, whatever the cells hold.

    A header row in any column order is recognised among the first rows (what stands above it is taken for a
    title); without one the columns are name, unit, post, class, kind, section, after a leading serial number if
    every row has one. Blank rows are passed over. Every row that cannot be taken gives exactly one problem that
    names all its faults.
    """
    header = _find_header(rows)
    if header is not None and _Field.NAME not in header.columns:
        fault = "表头里没有“姓名”（或“名称”“考核对象”）这一列，请补上后再导入"
        return SubjectRoster((), (RowProblem(header.index + 1, fault),))
    columns = _positional_columns(rows) if header is None else header.columns
    entries: list[SubjectEntry] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[str, str, str], int] = {}
    is_over = False
    for row_number, row in enumerate(rows, start=1):
        if _is_blank(row) or (header is not None and header.covers(row_number - 1, row)):
            continue
        entry, faults = _read_row(row, columns)
        first_seen = seen.setdefault((entry.name, entry.unit, entry.post), row_number)
        if entry.name and first_seen != row_number:
            faults.append(f"与第 {first_seen} 行重复（姓名、单位、职务都相同），请删去一行或写明职务")
        if faults:
            problems.append(RowProblem(row_number, "；".join(faults)))
        elif len(entries) < SUBJECTS_AT_MOST:
            entries.append(entry)
        elif not is_over:
            is_over = True
            problems.append(RowProblem(row_number, f"考核对象最多 {SUBJECTS_AT_MOST} 个，从这一行起已超出，请分场测评"))
    return SubjectRoster(tuple(entries), tuple(problems))


def split_pasted(text: str) -> list[list[str]]:
    """Split pasted text into rows, one per line, blank lines kept so that row numbers stay true.

    Cells are separated by tabs where there are any (a piece copied from a spreadsheet), otherwise by commas, by
    full-width spaces or by two spaces or more. A two-character name that was spread ("张　三") stays one cell.
    """
    lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
    if any("\t" in line for line in lines):
        return [line.split("\t") if line.strip() else [] for line in lines]
    return [_split_line(line) if line.strip() else [] for line in lines]


def _split_line(line: str) -> list[str]:
    joined = _SPREAD_NAME_IN_LINE.sub(r"\1\2\3", line)
    return _PASTED_SEPARATOR.split(joined.strip())


@dataclass(frozen=True, slots=True)
class _Header:
    """The header row and where each field stands below it."""

    index: int
    cells: tuple[str, ...]
    columns: Mapping[_Field, int]

    def covers(self, index: int, row: Sequence[str]) -> bool:
        """Whether a row is a title, the header, or the header again, as long lists print it on every page."""
        return index <= self.index or tuple(row) == self.cells


def _find_header(rows: Sequence[Sequence[str]]) -> _Header | None:
    """The row among the first ones that names the most fields, so that a title "考核对象" is not taken for it."""
    best: _Header | None = None
    for index, row in enumerate(rows[:HEADER_SEARCH_ROWS]):
        columns: dict[_Field, int] = {}
        for position, cell in enumerate(row):
            field = _field_of(cell)
            if field is not None:
                columns.setdefault(field, position)
        # A lone "单位" may be a value. Without the name column only a row of nothing but headings is a header.
        only_headings = len(columns) > 1 and all(_field_of(cell) for cell in row if cell.strip())
        is_header = _Field.NAME in columns or only_headings
        if is_header and (best is None or len(columns) > len(best.columns)):
            best = _Header(index, tuple(row), columns)
    return best


def _field_of(cell: str) -> _Field | None:
    heading = heading_of(cell)
    return next((field for field, headings in _HEADINGS.items() if heading in headings), None)


def _positional_columns(rows: Sequence[Sequence[str]]) -> dict[_Field, int]:
    """Where each field stands if nobody says so: from the first filled column on, serial numbers passed over."""
    filled = [row for row in rows if not _is_blank(row)]
    first = min((next(at for at, cell in enumerate(row) if cell.strip()) for row in filled), default=0)
    has_serials = all(
        len(row) > first + 1 and _SERIAL_NUMBER.fullmatch(row[first].strip()) is not None for row in filled
    )
    return {field: position + first + has_serials for position, field in enumerate(_POSITIONS)}


def _is_blank(row: Sequence[str]) -> bool:
    return not any(cell.strip() for cell in row)


def _read_row(row: Sequence[str], columns: Mapping[_Field, int]) -> tuple[SubjectEntry, list[str]]:
    faults: list[str] = []
    texts: dict[_Field, str] = {}
    for field in _POSITIONS:
        position = columns.get(field)
        raw = row[position] if position is not None and position < len(row) else ""
        texts[field] = clean(raw)
        faults += _faults_of(texts[field], field)
    name = squeeze(texts[_Field.NAME])
    if not name:
        faults.insert(0, "姓名（名称）为空")
    kind, kind_fault = _read_kind(texts[_Field.KIND], name)
    if kind_fault:
        faults.append(kind_fault)
    if kind is SubjectKind.PERSON and "、" in name:
        faults.append("一行里有几个姓名，请一行写一个")
    entry = SubjectEntry(name, texts[_Field.UNIT], texts[_Field.POST], texts[_Field.CLASS], kind, texts[_Field.SECTION])
    return entry, faults


def _faults_of(text: str, field: _Field) -> list[str]:
    faults = []
    if len(text) > CELL_LENGTH:
        faults.append(f"{field}超过 {CELL_LENGTH} 个字，请缩短")
    hidden = hidden_character(text)
    if hidden is not None:
        faults.append(f"{field}里有看不见的字符（U+{ord(hidden):04X}），请删除后重新填写")
    return faults


def _read_kind(text: str, name: str) -> tuple[SubjectKind, str]:
    """The kind, and what is wrong with it. Left empty, a name that ends in 班子 is a team, any other a person."""
    if not text:
        return (SubjectKind.TEAM if name.endswith("班子") else SubjectKind.PERSON), ""
    kind = _KINDS.get(text.casefold())
    if kind is None:
        return SubjectKind.PERSON, "类型只能填“人”或“班子”"
    return kind, ""
