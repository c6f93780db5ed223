"""Files that an office brings, as rows of text (.xlsx, .xls, .ods, .csv, .txt)."""

from __future__ import annotations

from typing import Final

from kaohe.intake.delimited import read_delimited
from kaohe.intake.file_kinds import FileKind, kind_of
from kaohe.intake.refusals import (
    SpreadsheetBroken,
    SpreadsheetEmpty,
    SpreadsheetTooLarge,
    SpreadsheetWrongType,
)
from kaohe.intake.workbooks import read_workbook

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 100


def read_rows(filename: str, content: bytes) -> list[list[str]]:
    """The rows of a file's first sheet with any text; row n of the list is row n + 1 of the spreadsheet.

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
        rows = _read_text(filename, content)
    else:
        rows = read_workbook(content, kind, MAX_ROWS, MAX_COLUMNS)
    for row in rows:
        while row and not row[-1].strip():
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    if not rows:
        raise SpreadsheetEmpty
    if max(map(len, rows)) > MAX_COLUMNS:
        raise SpreadsheetTooLarge(f"表格超过 {MAX_COLUMNS} 列，请只保留考核对象名单后再上传。")
    return rows


def _read_text(filename: str, content: bytes) -> list[list[str]]:
    """Text under a workbook's name is common and is read; a workbook's ruins are not wrong but broken."""
    try:
        return read_delimited(content, MAX_ROWS)
    except SpreadsheetWrongType as error:
        if filename.lower().endswith((".xlsx", ".xls", ".ods")):
            raise SpreadsheetBroken from error
        raise
