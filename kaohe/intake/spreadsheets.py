"""Files that an office brings, as sheets of rows of text (.xlsx, .xls, .ods, .csv, .txt).

Workbooks are read by a process of their own, under limits of memory and time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kaohe.config import own_program
from kaohe.domain.office_tables.account import TableSheet, sheet_of
from kaohe.intake.delimited import read_delimited
from kaohe.intake.file_kinds import MAX_UNPACKED_BYTES, FileKind, kind_of
from kaohe.intake.refusals import SpreadsheetBroken, SpreadsheetEmpty, SpreadsheetTooLarge, SpreadsheetWrongType
from kaohe.intake.workbook_reader import TOO_LARGE

_READER: Final = "from kaohe.intake.workbook_reader import main; sys.exit(main())"
_SECONDS: Final = 20
_ABORTED: Final = {-6, 134, 0xC0000409}
"""How a process ends whose parser asked for more memory than there is (POSIX, shell, Windows)."""

# A second import waits: two at once would take the memory and both cores from the people who vote.
_one_at_a_time = threading.Lock()


def read_workbook(content: bytes, kind: FileKind, max_rows: int, max_columns: int) -> tuple[TableSheet, ...]:
    """All sheets with any text in them, as rows of text from row 1 and column A on.

    Raises: SpreadsheetBroken, or SpreadsheetTooLarge for too many rows or columns, or for a file that takes
    more memory or time than an honest one.
    """
    form = "biff" if kind is FileKind.XLS else "archive"
    limits = [str(max_rows), str(max_columns), str(MAX_UNPACKED_BYTES)]
    command = [sys.executable, "-I", "-X", "utf8", "-c", own_program(_READER), form, *limits]
    with _one_at_a_time:
        try:
            reading = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 -- our own program; the file goes in by standard input
        except subprocess.TimeoutExpired as error:
            raise SpreadsheetTooLarge from error
        except OSError as error:
            raise SpreadsheetBroken("服务器暂时无法读取表格，请稍后再试，或改用粘贴的方式录入。") from error
    if reading.returncode == TOO_LARGE or reading.returncode in _ABORTED:
        raise SpreadsheetTooLarge
    if reading.returncode != 0:
        raise SpreadsheetBroken
    return tuple(map(sheet_of, json.loads(reading.stdout)))


MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 100


def read_sheets(filename: str, content: bytes) -> tuple[TableSheet, ...]:
    """The sheets of a file that hold any text; a text file is one sheet without a name.

    Blank rows between others are kept as empty lists, empty cells at the end of a row are not. The kind of file is told
    from ``content``; ``filename`` only tells a broken workbook from a file of another kind.

    Raises: a SpreadsheetRefusal with a stable code, and no other exception, for any bytes.
    """
    if len(content) > MAX_FILE_BYTES:
        raise SpreadsheetTooLarge("文件超过 10 MB，没有读取。请只保留考核对象名单，另存为新文件后再上传。")
    if not content.strip():
        raise SpreadsheetEmpty
    kind = kind_of(content)
    if kind is FileKind.TEXT:
        sheets: tuple[TableSheet, ...] = (TableSheet("", _read_text(filename, content)),)
    else:
        sheets = read_workbook(content, kind, MAX_ROWS, MAX_COLUMNS)
    sheets = tuple(cut for sheet in sheets if (cut := replace(sheet, rows=_without_blank_ends(sheet.rows))).rows)
    if not sheets:
        raise SpreadsheetEmpty
    if max(len(row) for sheet in sheets for row in sheet.rows) > MAX_COLUMNS:
        raise SpreadsheetTooLarge(f"表格超过 {MAX_COLUMNS} 列，请只保留考核对象名单后再上传。")
    return sheets


def _without_blank_ends(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows without empty cells at their ends and without blank rows at the end."""
    cut = [list(row) for row in rows]
    for row in cut:
        while row and not row[-1].strip():
            row.pop()
    while cut and not cut[-1]:
        cut.pop()
    return cut


def _read_text(filename: str, content: bytes) -> list[list[str]]:
    """Text under a workbook's name is common and is read; a workbook's ruins are not wrong but broken."""
    try:
        return read_delimited(content, MAX_ROWS)
    except SpreadsheetWrongType as error:
        if filename.lower().endswith((".xlsx", ".xls", ".ods")):
            raise SpreadsheetBroken from error
        raise
