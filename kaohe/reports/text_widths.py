"""Measures the width of text in digits; a Chinese character is two digits wide."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

from kaohe.reports.sheet import ColumnKind, Sheet

PROSE_WIDTH: Final = 60
"""A column at least so wide, in digits, holds sentences."""
_NAME_WIDTH: Final = 22
"""A text up to so wide stands on one line where there is room: a transliterated name, a unit's name."""


def digits_in(text: str) -> int:
    """The width of a text on one line."""
    return sum(1 if ch.isascii() else 2 for ch in text)


def widths_by_content(sheet: Sheet) -> list[int]:
    """The width of each column by what stands in it: numbers are never broken, heads in two lines at most."""
    widths = [_needed(sheet, index) for index in range(len(sheet.columns))]
    for head in sheet.head_cells():
        column_indexes = range(head.column, head.column + head.column_count)
        lacking = digits_in(head.label) - sum(widths[index] for index in column_indexes)
        if head.column_count > 1 and lacking > 0:
            for index in column_indexes:
                widths[index] += ceil(lacking / head.column_count)
    return widths


def _needed(sheet: Sheet, index: int) -> int:
    column = sheet.columns[index]
    head = _on_two_lines(column.label)
    if column.kind is ColumnKind.TEXT and column.width > PROSE_WIDTH:
        return max(column.width, head)
    longest = _longest_line([row[index] for row in sheet.rows])
    if column.kind is ColumnKind.TEXT:
        longest = min(longest, max(column.width, _NAME_WIDTH))
    return max(longest, head)


def _longest_line(cells: Sequence[str]) -> int:
    return max((digits_in(line) for cell in cells for line in cell.split("\n")), default=0)


def _on_two_lines(label: str) -> int:
    """Two characters stay together, and so does what has a stroke in it; what is longer may break once."""
    whole, pair = digits_in(label), digits_in("票数")
    return whole if whole <= pair or "/" in label else 2 * ceil(whole / pair)
