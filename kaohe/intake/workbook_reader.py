"""Reads one workbook from standard input and writes its rows to standard output as JSON.

This file is run as a program of its own by ``spreadsheets.py`` and imports nothing from kaohe. A workbook of five
kilobytes may claim a cell in the last row and column, and the parser then asks for half a terabyte and takes its
process down. The process that it takes down must not be the one that collects votes.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import zipfile
from io import BytesIO
from typing import Final

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MEMORY_BYTES: Final = 640 * 1024 * 1024
MAX_CHARACTERS: Final = 8_000_000
"""The most text that is handed back: a few bytes of a workbook can name one long string a million times."""

EXACT_FLOAT: Final = 1e15
"""Whole numbers below this are exact in a spreadsheet's cell."""

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


def read_first_filled_sheet(content: bytes, max_rows: int, max_columns: int) -> list[list[str]]:
    """The rows of the first visible sheet that holds any text, from row 1 and column A on."""
    with CalamineWorkbook.from_filelike(BytesIO(content)) as workbook:
        sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        visible = [sheet for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
        for sheet in visible or sheets:
            rows = read_sheet(workbook.get_sheet_by_name(sheet.name), max_rows, max_columns)
            if rows:
                return rows
    return []


def read_sheet(sheet: CalamineSheet, max_rows: int, max_columns: int) -> list[list[str]]:
    """All rows as text, empty ends cut off; a value merged over several rows stands in each of them."""
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
    while rows and not rows[-1]:
        rows.pop()
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if left < max_columns and top < len(rows) and left < len(rows[top]):
            fill_down(rows, top, min(bottom, len(rows) - 1), left)
    return rows


def fill_down(rows: list[list[str]], top: int, bottom: int, column: int) -> None:
    """Write the merged value into the rows that it spans, where they hold anything at all."""
    for row in rows[top + 1 : bottom + 1]:
        if row:
            row.extend([""] * (column + 1 - len(row)))
            row[column] = row[column] or rows[top][column]


def text_of(cell: object) -> str:
    """A cell as one would type it: 3 and not 3.0, dates as 2026-01-31, text untouched."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT_FLOAT:
        return str(int(cell))
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
        rows = read_first_filled_sheet(content, max_rows, max_columns)
        sys.stdout.buffer.write(json.dumps(rows).encode("ascii"))
    except (TooLargeError, MemoryError):
        return TOO_LARGE
    return 0


if __name__ == "__main__":
    sys.exit(main())
