"""Sheets as an Excel workbook that prints on A4 as an office files it.

Numbers that we computed are stored as numbers, so that HR can go on calculating, with a format that shows exactly the
decimals of the screen: a number of at most sixteen digits, read back and shown with its decimals, is the same text.
Every other cell is a string, whatever it begins with; no cell is ever a formula or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from math import ceil
from typing import Any, Final

import xlsxwriter

from kaohe.reports.sheet import Column, Sheet, decimals_of, printable
from kaohe.reports.text_widths import digits_in

_A4: Final = 9
_TITLE_FONT: Final = "宋体"
_BODY_FONT: Final = "仿宋"
_NARROWEST: Final = 60
"""Titles and notes need this width, in digits, even over a narrow table."""
_MOST_COLUMNS_ON_A_PAGE: Final = 40
_LINE_POINTS: Final = 16
_TALLEST_ROW_POINTS: Final = 400
_CELL_UNITS: Final = 32_000
_CUT: Final = "……（过长，其余从略）"
_WIDEST_PIECE: Final = 40
_SIGNATURES_A_LINE: Final = 3

# The format asks for a time of making. A fixed one keeps the same result the same file, byte for byte.
_MADE_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)

_FORBIDDEN_IN_TAB: Final = re.compile(r"[\[\]:*?/\\\n\t]")
_TAB_LENGTH: Final = 31


def workbook(sheets: Sequence[Sheet], made_at: datetime = _MADE_AT) -> bytes:
    """The workbook's bytes: A4, heads repeated on each page, page x of y, one page wide; at least one sheet.

    The same sheets and ``made_at`` give the same bytes. Any text whatever is written: what the format cannot carry
    becomes �, and a text over the format's length is cut and says so.
    """
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": made_at.replace(tzinfo=None)})
        formats = _Formats(book)
        for sheet, name in zip(sheets, _tab_names(sheets), strict=True):
            _Page(book.add_worksheet(name), sheet, formats).write()
    return target.getvalue()


class _Formats:
    """The workbook's cell formats, each made once."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401 -- XlsxWriter ships no types
        self._book = book
        self._numbers: dict[int, Any] = {}
        body = {"font_name": _BODY_FONT, "font_size": 11, "valign": "vcenter", "text_wrap": True}
        self._cell = {**body, "border": 1, "align": "center"}
        self.title = book.add_format(
            {**body, "font_name": _TITLE_FONT, "font_size": 16, "bold": True, "align": "center"}
        )
        self.line = book.add_format({**body, "align": "left"})
        self.head = book.add_format({**self._cell, "font_name": _TITLE_FONT, "bold": True})
        self.text = book.add_format({**self._cell, "num_format": "@"})
        self.prose = book.add_format({**self._cell, "num_format": "@", "align": "left"})

    def number(self, decimals: int) -> Any:  # noqa: ANN401 -- XlsxWriter ships no types
        """The format that shows a number with exactly so many decimals."""
        if decimals not in self._numbers:
            shown = f"0.{'0' * decimals}" if decimals else "0"
            self._numbers[decimals] = self._book.add_format({**self._cell, "num_format": shown})
        return self._numbers[decimals]


class _Page:
    """One worksheet, written from top to bottom."""

    def __init__(self, worksheet: Any, sheet: Sheet, formats: _Formats) -> None:  # noqa: ANN401 -- no types
        self._worksheet = worksheet
        self._sheet = sheet
        self._formats = formats
        self._row = 0
        self._widths = _widths(sheet.columns)

    def write(self) -> None:
        sheet, formats = self._sheet, self._formats
        self._set_up_paper()
        self._write_across(sheet.title, formats.title, size=16)
        for pieces in sheet.header_lines:
            self._write_across(self._spread(pieces), formats.line)
        if sheet.withheld:
            self._write_across(sheet.withheld, formats.line)
        self._write_head()
        for row in sheet.rows:
            for position, (column, text) in enumerate(zip(sheet.columns, row, strict=True)):
                self._write_cell(position, column, text)
            self._set_height(max(map(_line_count, row, self._widths), default=1))
            self._row += 1
        for note in sheet.notes:
            self._write_across(note, formats.line)
        for at in range(0, len(sheet.signature), _SIGNATURES_A_LINE):
            self._row += 1  # Room for a pen.
            self._write_across(self._spread(sheet.signature[at : at + _SIGNATURES_A_LINE]), formats.line)
        if sheet.code_line:
            self._write_across(sheet.code_line, formats.line)

    def _set_up_paper(self) -> None:
        worksheet, columns = self._worksheet, self._sheet.columns
        worksheet.set_paper(_A4)
        if self._sheet.is_landscape:
            worksheet.set_landscape()
        worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        worksheet.center_horizontally()
        if len(columns) <= _MOST_COLUMNS_ON_A_PAGE:
            worksheet.fit_to_pages(1, 0)
        worksheet.set_footer(f"&C第 &P 页　共 &N 页&R{self._sheet.code_line}")
        for position, width in enumerate(self._widths):
            worksheet.set_column(position, position, width)

    def _write_across(self, text: str, cell_format: object, size: int = 11) -> None:
        """One line over the whole width; merged cells do not grow by themselves, so the height is set."""
        last = len(self._widths) - 1
        text = _fitting(text)
        if last > 0:
            self._worksheet.merge_range(self._row, 0, self._row, last, "", cell_format)
        self._worksheet.write_string(self._row, 0, text, cell_format)
        line_count = _line_count(text, sum(self._widths) * 11 / size)
        points = line_count * _LINE_POINTS * size / 11 + 4
        self._worksheet.set_row(self._row, min(points, _TALLEST_ROW_POINTS))
        self._row += 1

    def _spread(self, pieces: Sequence[str]) -> str:
        """The pieces on one line, each with as much room as the others, so that lines stand below each other."""
        room = min(_WIDEST_PIECE, sum(self._widths) // max(len(pieces), 1))
        return "".join(piece + "　" * max(1, (room - digits_in(piece)) // 2) for piece in pieces).rstrip("　")

    def _write_head(self) -> None:
        height = self._sheet.head_row_count
        if not height:
            return
        top = self._row
        for cell in self._sheet.head_cells():
            row, bottom, right = (
                top + cell.row,
                top + cell.row + cell.row_count - 1,
                cell.column + cell.column_count - 1,
            )
            if (bottom, right) != (row, cell.column):
                self._worksheet.merge_range(row, cell.column, bottom, right, "", self._formats.head)
            self._worksheet.write_string(row, cell.column, _fitting(cell.label), self._formats.head)
        for level in range(height):
            self._row = top + level
            self._set_height(max(_head_line_counts(self._sheet, self._widths, level), default=1))
        self._row = top + height
        self._worksheet.repeat_rows(top, self._row - 1)
        self._worksheet.freeze_panes(self._row, 0)

    def _set_height(self, line_count: int) -> None:
        """Room for so many lines: not every program grows a row of wrapped text by itself when it opens a file."""
        if line_count > 1:
            self._worksheet.set_row(self._row, min(line_count * _LINE_POINTS + 2, _TALLEST_ROW_POINTS))

    def _write_cell(self, position: int, column: Column, text: str) -> None:
        decimals = decimals_of(column, text)
        if decimals is not None:
            self._worksheet.write_number(self._row, position, float(text), self._formats.number(decimals))
            return
        is_prose = column.width > _NARROWEST
        cell_format = self._formats.prose if is_prose else self._formats.text
        self._worksheet.write_string(self._row, position, _fitting(text), cell_format)


def _widths(columns: Sequence[Column]) -> list[int]:
    widths = [column.width for column in columns] or [_NARROWEST]
    if sum(widths) < _NARROWEST:
        widths[-1] += _NARROWEST - sum(widths)
    return widths


def _head_line_counts(sheet: Sheet, widths: Sequence[int], level: int) -> Iterator[int]:
    """The lines that each cell of one row of the head takes; one that spans both rows has half of its lines in each."""
    for cell in sheet.head_cells():
        if cell.row <= level < cell.row + cell.row_count:
            room = sum(widths[cell.column : cell.column + cell.column_count])
            yield ceil(_line_count(cell.label, room) / cell.row_count)


def _line_count(text: str, digits: float) -> int:
    """How many lines a text takes in a width of so many digits, with a digit left free at the edges."""
    return sum(max(1, ceil(digits_in(line) / max(digits - 1, 1))) for line in text.split("\n"))


def _fitting(text: str) -> str:
    """Printable, and cut where it is over the format's 32,767 UTF-16 units."""
    clean = printable(text)
    if len(clean) * 2 <= _CELL_UNITS:
        return clean
    units = clean.encode("utf-16-le")
    if len(units) <= 2 * _CELL_UNITS:
        return clean
    return units[: 2 * _CELL_UNITS].decode("utf-16-le", "ignore") + _CUT


def _tab_names(sheets: Sequence[Sheet]) -> Iterator[str]:
    """Legal tab names, unique whatever their case."""
    taken = {"history"}  # Excel keeps this name for itself.
    for number, sheet in enumerate(sheets, start=1):
        name = _FORBIDDEN_IN_TAB.sub(" ", printable(sheet.name)).strip(" '") or f"表{number}"
        name = _cut_to(name, _TAB_LENGTH).strip(" '")
        while name.casefold() in taken:
            name = f"{_cut_to(name, _TAB_LENGTH - 5)} {number}"
            number += 1  # noqa: PLW2901 -- the next free number
        taken.add(name.casefold())
        yield name


def _cut_to(text: str, unit_count: int) -> str:
    return text.encode("utf-16-le")[: 2 * unit_count].decode("utf-16-le", "ignore")
