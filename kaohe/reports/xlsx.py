"""Sheets as an Excel workbook that prints as an office files it.

Numbers that we computed are stored as numbers, so that HR can go on calculating, with a format that shows exactly the
decimals of the screen: a number of at most sixteen digits, read back and shown with its decimals, is the same text.
Every other cell is a string, whatever it begins with; no cell is ever a formula or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter

from kaohe.reports.paper.columns import is_prose
from kaohe.reports.paper.layout import (
    LARGE,
    LINE_SIZE,
    LINE_SPACE,
    NOTE_SIZE,
    TITLE_SIZE,
    TITLE_SPACE,
    LaidSheet,
    lay_out_all,
    line_rows,
    note_lines,
    title_lines,
)
from kaohe.reports.paper.measures import EM, ems, line_height, mm, room_in_ems
from kaohe.reports.paper.pages import flowed
from kaohe.reports.pictures.drawing import Drawing
from kaohe.reports.pictures.office import add_chart
from kaohe.reports.sheet import Column, Sheet, decimals_of, printable

_A4, _A3 = 9, 8
"""The format's numbers of the papers."""
_TITLE_FONT: Final = "宋体"
_BODY_FONT: Final = "仿宋"
_TWIPS_AN_INCH, _TWIPS_A_POINT, _TWIPS_A_PIXEL = 1440, 20, 15
_TALLEST_ROW: Final = 400 * _TWIPS_A_POINT
"""The format allows 409 points."""
_THIRDS: Final = 3
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Widths of columns are counted in digits of this font. It has a twin everywhere, and in this size a digit takes the
# seven pixels that the library reckons with, whether a program rounds to pixels or not.
_FONT_OF_WIDTHS: Final = {"font_name": "Arial", "font_size": 9.5}
_SIDE: Final = mm(8)
"""The margin at both sides; that of other formats is wider by what one program makes columns wider than another."""
_CELL_UNITS: Final = 32_000
_CUT: Final = "……（过长，其余从略）"

_LONGEST_PROPERTY: Final = 255
# The format asks for a time of making. Where none is known, a fixed one keeps the same sheets the same file.
_MADE_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)

_FORBIDDEN_IN_TAB: Final = re.compile(r"[\[\]:*?/\\\n\t]")
_TAB_LENGTH: Final = 31


def workbook(sheets: Sequence[Sheet], made_at: datetime | None = None) -> bytes:
    """The workbook's bytes, each sheet with its own pages, heads repeated, page x of y; at least one sheet.

    The same sheets and ``made_at`` give the same bytes. Any text whatever is written: what the format cannot carry
    becomes �, and a text over the format's length is cut and says so.
    """
    target = BytesIO()
    # The library writes into the font that it is handed, so each workbook has its own.
    with xlsxwriter.Workbook(target, {**_OPTIONS, "default_format_properties": {**_FONT_OF_WIDTHS}}) as book:
        created = (made_at or _MADE_AT).replace(tzinfo=None)
        book.set_properties({"created": created, "title": printable(sheets[0].title)[:_LONGEST_PROPERTY]})
        formats = _Formats(book)
        laid_sheets = lay_out_all(sheets)
        for laid, name in zip(laid_sheets, _tab_names([laid.sheet for laid in laid_sheets]), strict=True):
            page = _Page(book.add_worksheet(name), laid, formats)
            page.write()
            if laid.drawing:
                add_chart(book, page.worksheet, laid.sheet, laid.drawing, page.picture_place)
    return target.getvalue()


class _Formats:
    """The workbook's cell formats, each made once; sizes of type in half points."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401 -- XlsxWriter ships no types
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}
        self.title = self._format(_TITLE_FONT, TITLE_SIZE, bold=True, align="center")
        self.line = self._format(_BODY_FONT, LINE_SIZE, align="left")
        self.note = self._format(_BODY_FONT, NOTE_SIZE, align="left")
        self.place = self._format(_BODY_FONT, LINE_SIZE, align="left", valign="top")

    def head(self, size: int) -> Any:  # noqa: ANN401 -- XlsxWriter ships no types
        """Of the table's head."""
        return self._format(_TITLE_FONT, size, bold=True, border=1, align="center")

    def text(self, size: int) -> Any:  # noqa: ANN401 -- XlsxWriter ships no types
        """Of words, whatever they begin with."""
        return self._format(_BODY_FONT, size, border=1, align="center", num_format="@")

    def prose(self, size: int) -> Any:  # noqa: ANN401 -- XlsxWriter ships no types
        """Of sentences."""
        return self._format(_BODY_FONT, size, border=1, align="left", num_format="@")

    def number(self, size: int, decimals: int) -> Any:  # noqa: ANN401 -- XlsxWriter ships no types
        """Of numbers that are shown with exactly so many decimals."""
        shown = f"0.{'0' * decimals}" if decimals else "0"
        return self._format(_BODY_FONT, size, border=1, align="center", num_format=shown)

    def _format(self, font: str, size: int, **more: object) -> Any:  # noqa: ANN401 -- XlsxWriter ships no types
        wanted = {"font_name": font, "font_size": size / 2, "valign": "vcenter", "text_wrap": True, **more}
        key = tuple(sorted(wanted.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(wanted)
        return self._made[key]


class _Page:
    """One worksheet, written from top to bottom as it lies on paper."""

    def __init__(self, worksheet: Any, laid: LaidSheet, formats: _Formats) -> None:  # noqa: ANN401 -- no types
        self.worksheet = worksheet
        self._laid = laid
        self._sheet = laid.sheet
        self._formats = formats
        self._row = 0
        self.picture_place = (0, 0, 0)
        """The row of the picture, that of the head below it, and the room left of the picture in twips."""

    def write(self) -> None:
        laid, sheet, formats, paper = self._laid, self._sheet, self._formats, self._laid.paper
        self._set_up_paper()
        self._write_across(sheet.title, formats.title, title_lines(sheet, paper), TITLE_SIZE, TITLE_SPACE)
        for pieces in (*laid.lines, *([(sheet.withheld,)] if sheet.withheld else [])):
            self._write_across(self._spread(pieces), formats.line, line_rows(pieces, paper), LINE_SIZE)
        if laid.drawing:
            self._keep_room(laid.drawing)
        self._write_head()
        breaks = []
        for page in laid.pages:
            if not page.is_first:
                breaks.append(self._row)
            for row in page.rows:
                for position, (column, text) in enumerate(zip(sheet.columns, row, strict=True)):
                    self._write_cell(position, column, text)
                self._next_row(laid.row_height(row))
            if page.is_last:
                self._write_notes(laid.notes)
                self._write_signature()
            self._write_notes(page.late_notes)
        self.worksheet.set_h_pagebreaks(breaks)
        self._write_notes([sheet.code_line] if sheet.code else [])

    def _set_up_paper(self) -> None:
        worksheet, paper = self.worksheet, self._laid.paper
        worksheet.set_paper(_A3 if paper is LARGE else _A4)
        if paper.is_landscape:
            worksheet.set_landscape()
        side, top, bottom = (length / _TWIPS_AN_INCH for length in (_SIDE, paper.top, paper.bottom))
        worksheet.set_margins(left=side, right=side, top=top, bottom=bottom)
        worksheet.set_header("", {"margin": top / 2})
        # The total is written out, as a workbook that is printed whole would count the pages of all its sheets.
        total = "" if self._sheet.is_listing else f"　共 {len(self._laid.pages)} 页"
        worksheet.set_footer(f"&C&9第 &P 页{total}&R&9{self._sheet.code_line}", {"margin": bottom / 2})
        worksheet.set_start_page(1)
        worksheet.center_horizontally()
        if len(self._laid.pages) == 1 and not self._sheet.is_listing:
            # It fits as it is; where a font is missing and columns come out wider, it is set smaller rather than torn.
            worksheet.fit_to_pages(1, 1)
        for position, width in enumerate(self._laid.widths):
            worksheet.set_column_pixels(position, position, width // _TWIPS_A_PIXEL)

    def _keep_room(self, drawing: Drawing) -> None:
        """Rows as high as the picture, which the chart is put upon; the head of its table follows."""
        top, left = self._row, drawing.height + LINE_SPACE
        while left > 0:
            self._next_row(min(left, _TALLEST_ROW))
            left -= _TALLEST_ROW
        self.picture_place = (top, self._row, (sum(self._laid.widths) - drawing.width) // 2)

    def _next_row(self, height: int) -> None:
        self.worksheet.set_row(self._row, height / _TWIPS_A_POINT)
        self._row += 1

    def _write_notes(self, notes: Sequence[str]) -> None:
        for note in notes:
            self._write_across(note, self._formats.note, note_lines(note, self._laid.paper), NOTE_SIZE)

    def _write_across(self, text: str, cell_format: object, lines: int, size: int, space: int = LINE_SPACE) -> None:
        """One text over the whole width; merged cells do not grow by themselves, so the height is set.

        Where a text is higher than a row can be, it takes several.
        """
        room = room_in_ems(self._laid.paper.room, size)
        most = max(1, (_TALLEST_ROW - space) // line_height(size))
        for (piece,) in flowed((_fitting(text),), (room,), most) if lines > most else [(_fitting(text),)]:
            self._merge(0, len(self._laid.widths) - 1, piece, cell_format)
            self._next_row(min(lines, most) * line_height(size) + space)

    def _merge(self, first: int, last: int, text: str, cell_format: object) -> None:
        if last > first:
            self.worksheet.merge_range(self._row, first, self._row, last, "", cell_format)
        self.worksheet.write_string(self._row, first, text, cell_format)

    def _spread(self, pieces: Sequence[str]) -> str:
        """The pieces on one line, each with as much room as the others, so that lines stand below each other."""
        room = room_in_ems(self._laid.paper.room, LINE_SIZE) // max(len(pieces), 1)
        return "".join(piece + "　" * max(1, (room - ems(piece)) // EM) for piece in pieces).rstrip("　")

    def _write_signature(self) -> None:
        edges = _thirds(self._laid.widths)
        numbered = [each for row in self._laid.signature_rows for each in enumerate(row)]
        if edges and any(ems(place) > self._room_between(*edges[at]) for at, place in numbered):
            edges = None
        for places in self._laid.signature_rows:
            if edges is None:
                self._merge(0, len(self._laid.widths) - 1, self._spread(places), self._formats.place)
            else:
                for (first, last), place in zip(edges, places, strict=True):
                    self._merge(first, last, place, self._formats.place)
            self._next_row(self._laid.signature_height)

    def _room_between(self, first: int, last: int) -> int:
        return room_in_ems(sum(self._laid.widths[first : last + 1]), LINE_SIZE)

    def _write_head(self) -> None:
        top, heights = self._row, self._laid.head_heights()
        if not heights:
            return
        for cell in self._sheet.head_cells():
            row, bottom, right = (
                top + cell.row,
                top + cell.row + cell.row_count - 1,
                cell.column + cell.column_count - 1,
            )
            if (bottom, right) != (row, cell.column):
                self.worksheet.merge_range(row, cell.column, bottom, right, "", self._formats.head(self._laid.size))
            self.worksheet.write_string(row, cell.column, _fitting(cell.label), self._formats.head(self._laid.size))
        for height in heights:
            self._next_row(height)
        self.worksheet.repeat_rows(top, self._row - 1)
        self.worksheet.freeze_panes(self._row, 0)

    def _write_cell(self, position: int, column: Column, text: str) -> None:
        decimals, size = decimals_of(column, text), self._laid.size
        if self._sheet.picture and not text:
            # An empty text would be drawn as 0; an empty cell is a gap.
            self.worksheet.write_blank(self._row, position, None, self._formats.text(size))
            return
        if decimals is not None:
            self.worksheet.write_number(self._row, position, float(text), self._formats.number(size, decimals))
            return
        cell_format = self._formats.prose(size) if is_prose(column) else self._formats.text(size)
        self.worksheet.write_string(self._row, position, _fitting(text), cell_format)


def blank_workbook(tables: Mapping[str, Sequence[Sequence[str]]], about: Sequence[str]) -> bytes:
    """Tables to be filled in, by the names of their sheets: headings and known rows; and how, on a sheet 填表说明."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, dict(_OPTIONS)) as book:
        book.set_properties({"created": _MADE_AT})
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, rows in tables.items():
            table = book.add_worksheet(name)
            table.freeze_panes(1, 0)
            table.set_column(0, len(rows[0]) - 1, 16)
            for number, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    table.write_string(number, column, _fitting(cell), None if number else bold)
        words = book.add_worksheet("填表说明")
        words.set_column(0, 0, 80)
        for number, line in enumerate(about):
            words.write_string(number, 0, line)
    return target.getvalue()


def _thirds(widths: Sequence[int]) -> list[tuple[int, int]] | None:
    """The first and the last column of each third of the table, or None where it has too few columns."""
    if len(widths) < _THIRDS:
        return None
    total, starts = sum(widths), [0]
    for third in range(1, _THIRDS):
        nearest = min(range(1, len(widths)), key=lambda at: abs(sum(widths[:at]) * _THIRDS - third * total))
        starts.append(min(max(nearest, starts[-1] + 1), len(widths) - (_THIRDS - third)))
    return list(zip(starts, [*(start - 1 for start in starts[1:]), len(widths) - 1], strict=True))


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
