"""Reads one workbook from standard input and writes its sheets to standard output as JSON.

This file is run as a program of its own by ``spreadsheets.py`` and imports nothing from kaohe. A workbook of five
kilobytes may claim a cell in the last row and column, and the parser then asks for half a terabyte and takes its
process down. The process that it takes down must not be the one that collects votes.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import zipfile
from io import BytesIO
from typing import Final
from xml.etree import ElementTree as ET

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY_BYTES: Final = 640 * 1024 * 1024
MAX_CHARACTERS: Final = 8_000_000
"""The most text that is handed back: a few bytes of a workbook can name one long string a million times."""

EXACT_FLOAT: Final = 1e15
"""Whole numbers below this are exact in a spreadsheet's cell."""

ERROR_CELL: Final = re.compile(rb"""<(?:\w+:)?c\b[^>]*\bt=["']e["']""")
ROW_OR_ERROR: Final = re.compile(
    rb"<(?:\w+:)?row\b(?P<row>[^>]*)>"
    rb"|<(?:\w+:)?c\b(?P<cell>[^>]*)>(?:<(?:\w+:)?f\b[^<]*(?:</(?:\w+:)?f>)?)?<(?:\w+:)?v>(?P<shown>#[^<]{1,20})<"
)
"""The start of a row, or a cell whose value is what a failed formula shows."""

TOO_LARGE: Final = 3
"""The exit code for a sheet that is over the limits. 0 is success; anything else is a broken file."""


class TooLargeError(Exception):
    """The workbook is over a limit."""


def limit_memory() -> None:
    """Let this process ask for no more than a workbook needs. Windows has no such limit and goes without."""
    try:
        import resource  # noqa: PLC0415 -- exists on POSIX only
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def repack(content: bytes, max_bytes: int) -> bytes:
    """Rewrite an archive so that its headers are true: a member may unpack to far more than its header says.

    Python's reader stops at the stated size and verifies the checksum. Pictures and macros are dropped.

    Raises:
        TooLargeError: more than ``max_bytes`` unpacked.
    """
    target = BytesIO()
    total = 0
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(target, "w") as clean:
        for member in source.infolist():
            if member.filename.endswith((".xml", ".rels")) or member.filename == "mimetype":
                data = source.read(member)
                total += len(data)
                if total > max_bytes:
                    raise TooLargeError
                clean.writestr(member.filename, data)
    return target.getvalue()


def read_sheets(content: bytes, max_rows: int, max_columns: int) -> list[dict[str, object]]:
    """Every worksheet with any text: its name, rows from row 1 and column A on, and what is hidden or merged in it.

    Raises:
        TooLargeError: more rows, columns or characters than are taken.
    """
    found: list[dict[str, object]] = []
    characters = 0
    marks = marks_of(content)
    with CalamineWorkbook.from_filelike(BytesIO(content)) as workbook:
        for at, sheet in enumerate(workbook.sheets_metadata):
            if sheet.typ != SheetTypeEnum.WorkSheet:
                continue
            hidden_rows, errors = marks.get(at, ([], {}))
            read = workbook.get_sheet_by_name(sheet.name)
            rows, continued = read_sheet(read, errors, max_rows, max_columns)
            characters += sum(len(text) for row in rows for text in row)
            if characters > MAX_CHARACTERS:
                raise TooLargeError
            if rows:
                is_hidden = sheet.visible != SheetVisibleEnum.Visible
                hidden = [number for number in hidden_rows if number <= len(rows)]
                found.append(
                    {"name": sheet.name, "is_hidden": is_hidden, "rows": rows, "hidden": hidden, "continued": continued}
                )
    return found


def read_sheet(
    sheet: CalamineSheet, errors: dict[tuple[int, int], str], max_rows: int, max_columns: int
) -> tuple[list[list[str]], list[tuple[int, int]]]:
    """All rows as text, empty ends cut off, and where a value stands that is merged from a row above.

    ``errors`` are what failed formulas show, by row and column from 0; the parser hands them out as empty cells.

    Raises:
        TooLargeError: more rows, columns or characters than are taken.
    """
    rows: list[list[str]] = []
    # Rows are handed out from the first one on, but columns only from the first that is filled.
    columns_before = [""] * (sheet.start[1] if sheet.start else 0)
    characters = 0
    for index, cells in enumerate(sheet.iter_rows()):
        texts = columns_before + [text_of(cell) for cell in cells]
        while texts and not texts[-1].strip():
            texts.pop()
        characters += sum(map(len, texts))
        if len(texts) > max_columns or (texts and index >= max_rows) or characters > MAX_CHARACTERS:
            raise TooLargeError
        if index < max_rows:
            rows.append(texts)
    for (row, column), text in errors.items():
        if row < max_rows and column < max_columns:
            rows.extend([] for _ in range(row + 1 - len(rows)))
            rows[row].extend([""] * (column + 1 - len(rows[row])))
            rows[row][column] = text
    while rows and not rows[-1]:
        rows.pop()
    continued: list[tuple[int, int]] = []
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if left < max_columns and top < len(rows) and left < len(rows[top]):
            continued += fill_down(rows, top, min(bottom, len(rows) - 1), left)
    return rows, continued


def fill_down(rows: list[list[str]], top: int, bottom: int, column: int) -> list[tuple[int, int]]:
    """Write the merged value into the rows that it spans, where they hold anything at all; row numbers count from 1."""
    filled = []
    for number, row in enumerate(rows[top + 1 : bottom + 1], start=top + 2):
        if row:
            row.extend([""] * (column + 1 - len(row)))
            if not row[column] and rows[top][column]:
                row[column] = rows[top][column]
                filled.append((number, column))
    return filled


def marks_of(content: bytes) -> dict[int, tuple[list[int], dict[tuple[int, int], str]]]:
    """By the position of its sheet: the numbers of hidden rows, and what failed formulas show, by row and column.

    Empty for .xls and .ods, whose parser gives neither.
    """
    if not zipfile.is_zipfile(BytesIO(content)):
        return {}
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        links = {
            link.get("Id"): link.get("Target", "")
            for link in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - a process of its own, under limits
        }
        book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - likewise
        sheets = [node for node in book.iter() if node.tag.endswith("}sheet")]
        marks = {}
        for at, sheet in enumerate(sheets):
            link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
            target = (links.get(link) or "").removeprefix("/")
            path = target if target in names else f"xl/{target}"
            if path in names:
                marks[at] = marks_in(archive.read(path))
        return marks


def marks_in(sheet: bytes) -> tuple[list[int], dict[tuple[int, int], str]]:
    """The hidden rows and failed formulas of one sheet; most have neither, and are not looked at any closer."""
    if b"hidden=" not in sheet and not ERROR_CELL.search(sheet):
        return [], {}
    hidden, errors = [], {}
    number = 0
    for found in ROW_OR_ERROR.finditer(sheet):
        if found["row"] is not None:
            given = re.search(rb"""\br=["'](\d+)""", found["row"])
            number = int(given[1]) if given else number + 1
            if re.search(rb"""\bhidden=["'](1|true)""", found["row"]):
                hidden.append(number)
        else:
            place = re.search(rb"""\br=["']([A-Z]{1,3})(\d+)""", found["cell"])
            if place and ERROR_CELL.search(b"<c" + found["cell"] + b">"):
                column = 0
                for letter in place[1]:
                    column = column * 26 + letter - ord("A") + 1
                errors[int(place[2]) - 1, column - 1] = found["shown"].decode("ascii", "replace")
    return hidden, errors


def text_of(cell: object) -> str:
    """A cell as a spreadsheet shows it: 3 and not 3.0, 15 digits at most, dates as 2026-01-31, text untouched."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT_FLOAT:
        return str(int(cell))
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell)


def main() -> int:
    """Read, and say by the exit code how it went."""
    kind, max_rows, max_columns, max_bytes = sys.argv[1], *map(int, sys.argv[2:5])
    limit_memory()
    content = sys.stdin.buffer.read()
    try:
        if kind == "archive":
            content = repack(content, max_bytes)
        sheets = read_sheets(content, max_rows, max_columns)
        sys.stdout.buffer.write(json.dumps(sheets).encode("ascii"))
    except (TooLargeError, MemoryError):
        return TOO_LARGE
    return 0


if __name__ == "__main__":
    sys.exit(main())
