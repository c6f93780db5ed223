"""Reads one workbook from standard input and writes its sheets to standard output as JSON.

``spreadsheets.py`` runs this module as a program of its own. A workbook of five kilobytes may claim a cell in the last
row and column, and the parser then asks for half a terabyte and takes its process down. The process that it takes down
must not be the one that collects votes.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import Final

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from kaohe.intake.biff_marks import marks_of_xls
from kaohe.intake.workbook_marks import Cell, Marks, marks_of

MEMORY_BYTES: Final = 640 * 1024 * 1024
MAX_CHARACTERS: Final = 8_000_000
"""The most text that is handed back: a few bytes of a workbook can name one long string a million times."""

EXACT_FLOAT: Final = 1e15
"""Whole numbers below this are exact in a spreadsheet's cell."""

_STEPS: Final = 3
"""So many equal distances between shaded rows are no chance."""

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
    marks = marks_of(content) or marks_of_xls(content)
    with CalamineWorkbook.from_filelike(BytesIO(content)) as workbook:
        for at, sheet in enumerate(workbook.sheets_metadata):
            if sheet.typ != SheetTypeEnum.WorkSheet:
                continue
            own = marks.get(at, Marks())
            read = workbook.get_sheet_by_name(sheet.name)
            rows, continued = read_sheet(read, own, max_rows, max_columns)
            characters += sum(len(text) for row in rows for text in row)
            if characters > MAX_CHARACTERS:
                raise TooLargeError
            if rows:
                found.append(
                    {
                        "name": sheet.name,
                        "rows": rows,
                        "is_hidden": sheet.visible != SheetVisibleEnum.Visible,
                        "hidden_rows": sorted(number for number in own.hidden_rows if number <= len(rows)),
                        "hidden_columns": sorted(own.hidden_columns),
                        "continued": continued,
                        "struck": [(*cell, text) for cell, text in own.struck.items() if cell[0] <= len(rows)],
                        "greyed": rare_greys(own.greyed, rows),
                        "comments": [(*cell, text) for cell, text in own.comments.items() if cell[0] <= len(rows)],
                    }
                )
    return found


def read_sheet(
    sheet: CalamineSheet, marks: Marks, max_rows: int, max_columns: int
) -> tuple[list[list[str]], list[Cell]]:
    """All rows as text, empty ends cut off, and where a value stands that is merged from a row above.

    What the parser hands out as empty cells, ``marks`` knows. A merged cell is struck out in all its rows.

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
    write_shown(
        rows, {cell: text for cell, text in marks.shown.items() if cell[0] <= max_rows and cell[1] < max_columns}
    )
    while rows and not rows[-1]:
        rows.pop()
    continued: list[Cell] = []
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if left < max_columns and top < len(rows) and left < len(rows[top]):
            below = fill_down(rows, top, min(bottom, len(rows) - 1), left)
            continued += below
            if (top + 1, left) in marks.struck:
                marks.struck |= dict.fromkeys(below, marks.struck[top + 1, left])
    return rows, continued


def write_shown(rows: list[list[str]], shown: dict[Cell, str]) -> None:
    """Write what the parser handed out as empty into the cells that it stands in."""
    for (number, column), text in shown.items():
        rows.extend([] for _ in range(number - len(rows)))
        row = rows[number - 1]
        row.extend([""] * (column + 1 - len(row)))
        row[column] = row[column] or text


def fill_down(rows: list[list[str]], top: int, bottom: int, column: int) -> list[Cell]:
    """Write the merged value into the rows that it spans, where they hold anything at all; row numbers count from 1."""
    filled = []
    for number, row in enumerate(rows[top + 1 : bottom + 1], start=top + 2):
        if row:
            row.extend([""] * (column + 1 - len(row)))
            if not row[column] and rows[top][column]:
                row[column] = rows[top][column]
                filled.append((number, column))
    return filled


def rare_greys(greyed: set[Cell], rows: Sequence[Sequence[str]]) -> list[Cell]:
    """The filled cells that are grey where most of their column is not: shading by turns says nothing."""
    filled = Counter(at for row in rows for at, text in enumerate(row) if text.strip())
    grey = [(row, at) for row, at in sorted(greyed) if row <= len(rows) and "".join(rows[row - 1][at : at + 1]).strip()]
    places: dict[int, list[int]] = {}
    for row, at in grey:
        places.setdefault(at, []).append(row)
    rare = {at for at, found in places.items() if len(found) * 3 < filled[at] and not are_by_turns(found)}
    return [(row, at) for row, at in grey if at in rare]


def are_by_turns(rows: Sequence[int]) -> bool:
    """Whether every third row is shaded, or every fourth and so on; the first may be that of the headings."""
    steps = [after - before for before, after in pairwise(rows[1:])]
    return len(steps) >= _STEPS and len(set(steps)) == 1 and steps[0] > 1


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
