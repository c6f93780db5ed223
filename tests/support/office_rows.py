"""The rows that a file of an office is read as, where its sheets do not matter."""

from __future__ import annotations

from kaohe.intake.spreadsheets import read_sheets


def read_rows(filename: str, content: bytes) -> list[list[str]]:
    """The rows of the first visible sheet with any text; row n of the list is row n + 1 of the spreadsheet."""
    sheets = read_sheets(filename, content)
    first = next((sheet for sheet in sheets if not sheet.is_hidden), sheets[0])
    return [list(row) for row in first.rows]
