"""Tables that say something of known people: their scores, earlier periods, or who grades them.

Headings, totals and notes are told apart by the same words as in rosters; whom a row is about is matched elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kaohe.domain.cells import clean, heading_of, plain_name
from kaohe.domain.office_tables.account import (
    ColumnRead,
    Place,
    SkippedRow,
    TableSheet,
    column_letter,
    is_filled,
    text_of_row,
)
from kaohe.domain.office_tables.headings import Field, figure_field_of
from kaohe.domain.office_tables.layouts import TRANSPOSED, is_transposed, with_names_joined
from kaohe.domain.office_tables.words import is_note, is_serial, is_total, looks_like_name, looks_like_unit
from kaohe.domain.rosters import RowProblem

_WHO: Final = (Field.NAME, Field.UNIT, Field.POST)


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The rows of one sheet by field, and an account of all others: none is left out without a word."""

    rows: tuple[tuple[int, Mapping[Field, str]], ...]
    """(row number, cleaned cells); a field without a column is empty."""
    columns: tuple[ColumnRead, ...]
    skipped: tuple[SkippedRow, ...]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class _Headings:
    row: int
    """Its number; 0 where the sheet has none."""
    columns: Mapping[int, Field]


def read_figures(
    sheets: Sequence[TableSheet], positions: Sequence[Field], chosen: Mapping[str, Field] | None = None
) -> FigureTable:
    """Read a table whose columns are ``positions`` where no heading names them; never raises.

    Somebody may have ``chosen`` what columns hold, by their letters; then nothing else is read. One sheet is read, and
    several that have such headings are a problem.
    """
    filled = [replace(sheet, rows=with_names_joined(sheet.rows)) for sheet in sheets if any(map(is_filled, sheet.rows))]
    visible = [sheet for sheet in filled if not sheet.is_hidden] or filled
    headed = [(each, own) for each in visible if (own := _headings(each.rows, positions)).row]
    if not visible:
        return FigureTable((), (), (), ())
    sheet, headings = headed[0] if headed else (visible[0], _by_position(visible[0].rows, positions))
    if is_transposed(sheet.rows):
        return FigureTable((), (), (), (RowProblem(1, TRANSPOSED),))
    found = {at: field for at in range(_width(sheet)) if (field := (chosen or {}).get(column_letter(at)))}
    columns, problems = _one_each(sheet, _Headings(headings.row, found) if found else headings)
    if len(headed) > 1:
        names = "、".join(f"“{each.name}”" for each, _ in headed)
        problems.append(RowProblem(headings.row, f"有 {len(headed)} 张工作表像同样的表：{names}，请只留要导入的一张"))
    skipped = [
        SkippedRow(Place(other.name, number), text_of_row(row), "没有读这张工作表")
        for other in filled
        if other is not sheet
        for number, row in enumerate(other.rows, start=1)
        if is_filled(row)
    ]
    # While it is open which column holds what, every row would be wrong in the same way.
    is_undecided = bool(problems)
    rows = []
    for number, row in enumerate(sheet.rows, start=1):
        cells = {field: clean(row[at]) if at < len(row) else "" for field, at in columns.items()}
        if not is_filled(row):
            continue
        if why := _why_skipped(number, row, cells, headings.row, sheet.rows):
            skipped.append(SkippedRow(Place(sheet.name, number), text_of_row(row), why))
        elif doubt := sheet.doubt_of(number, columns.values()):
            problems.append(RowProblem(number, doubt))
        elif not is_undecided:
            rows.append((number, dict.fromkeys(Field, "") | cells))
    return FigureTable(tuple(rows), tuple(_told(sheet, headings.row, columns)), tuple(skipped), tuple(problems))


def _width(sheet: TableSheet) -> int:
    return max(map(len, sheet.rows))


def _headings(rows: Sequence[Sequence[str]], positions: Sequence[Field]) -> _Headings:
    """The first row that names the column of names and another one."""
    for number, row in enumerate(rows, start=1):
        fields = {at: field for at, cell in enumerate(row) if (field := figure_field_of(cell, positions))}
        if Field.NAME in fields.values() and len(set(fields.values()) - {Field.NAME}):
            return _Headings(number, fields)
    return _Headings(0, {})


def _by_position(rows: Sequence[Sequence[str]], positions: Sequence[Field]) -> _Headings:
    """The columns in the order of ``positions``, after one of serial numbers."""
    firsts = [row[0].strip() for row in rows if is_filled(row)]
    shift = int(all(map(is_serial, firsts)) and any(len(row) > len(positions) for row in rows))
    return _Headings(0, {at + shift: field for at, field in enumerate(positions)})


def _one_each(sheet: TableSheet, headings: _Headings) -> tuple[dict[Field, int], list[RowProblem]]:
    """One column for each field; which of several holds a figure is not guessed."""
    heads = sheet.rows[headings.row - 1] if headings.row else ()
    columns: dict[Field, int] = {}
    problems = []
    for field in dict.fromkeys(headings.columns.values()):
        places = [at for at, own in headings.columns.items() if own is field]
        plain = [at for at in places if at < len(heads) and heading_of(heads[at]) == field]
        if len(plain) == 1 or field in _WHO or len(places) == 1:
            columns[field] = (plain or places)[0]
        else:
            shown = "、".join(f"{column_letter(at)} 列（{clean(heads[at])}）" for at in places if at < len(heads))
            problems.append(
                RowProblem(max(headings.row, 1), f"{len(places)} 列都像“{field}”：{shown}，请选定或只留一列")
            )
    problems += [
        RowProblem(
            max(headings.row, 1), f"{column_letter(at)} 列（{field}）是隐藏的：要导入请取消隐藏，不要请删去这一列"
        )
        for field, at in columns.items()
        if at in sheet.hidden_columns
    ]
    if Field.NAME not in columns:
        problems.append(RowProblem(max(headings.row, 1), "没有选定哪一列是姓名（名称）"))
    return columns, problems


def _why_skipped(
    number: int, row: Sequence[str], cells: Mapping[Field, str], heading: int, rows: Sequence[Sequence[str]]
) -> str:
    """Why a row holds no figure of anybody; empty where it may."""
    if number < heading:
        return "标题"
    if heading and tuple(row) == tuple(rows[heading - 1]):
        return "表头"
    filled = [clean(cell) for cell in row if cell.strip()]
    first = plain_name(filled[0])
    if is_total(cells.get(Field.NAME) or first):
        return "合计或平均"
    if is_note(first):
        return "说明或签名"
    has_figure = any(text for field, text in cells.items() if field not in _WHO)
    if (
        len(filled) == 1
        and not has_figure
        and (is_serial(first) or (looks_like_unit(first) and not looks_like_name(first)))
    ):
        return "只有一格文字，没有姓名和数"
    return ""


def _told(sheet: TableSheet, heading: int, columns: Mapping[Field, int]) -> Iterator[ColumnRead]:
    heads = sheet.rows[heading - 1] if heading else ()
    by_column = {at: field for field, at in columns.items()}
    for at in range(_width(sheet)):
        shown = clean(heads[at]) if at < len(heads) else ""
        if shown or at in by_column or any(at < len(row) and row[at].strip() for row in sheet.rows):
            yield ColumnRead(sheet.name, column_letter(at), shown, str(by_column.get(at, "")))
