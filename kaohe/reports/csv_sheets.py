"""Sheets as CSV: UTF-8 with its mark, RFC 4180, and no cell that a spreadsheet program would run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from kaohe.reports.sheet import Sheet, decimals_of, printable

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_text(sheet: Sheet) -> bytes:
    """The whole sheet, title and notes included, as the bytes of a CSV file that Excel and WPS open as it is."""
    return csv_bytes(_lines(sheet))


def csv_bytes(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows of cells that are safe already (see :func:`guarded`) as the bytes of a CSV file."""
    target = StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows(rows)
    return target.getvalue().encode("utf-8-sig")


def guarded(text: str) -> str:
    """The text, printable, with an apostrophe before it where it would be taken for a formula.

    An apostrophe more is put before those that a text already has, so that taking one off gives the text back.
    """
    shown = printable(text)
    return f"'{shown}" if shown.lstrip("'").startswith(_FORMULA_STARTS) else shown


def _lines(sheet: Sheet) -> Iterator[list[str]]:
    yield [guarded(sheet.title)]
    for line in sheet.header_lines:
        yield [guarded(piece) for piece in line]
    if sheet.withheld:
        yield [guarded(sheet.withheld)]
    if sheet.columns:
        yield [guarded(column.full_label) for column in sheet.columns]
    for row in sheet.rows:
        yield [
            cell if decimals_of(column, cell) is not None else guarded(cell)
            for column, cell in zip(sheet.columns, row, strict=True)
        ]
    for note in (*sheet.notes, *sheet.rules):
        yield [guarded(note)]
    if sheet.code_line:
        yield [guarded(sheet.code_line)]
