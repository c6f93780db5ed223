"""Reads the tables that rank people, wherever they are printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bs4 import Tag
from openpyxl.cell import Cell


def cells_of(table: Tag) -> list[list[str]]:
    """The texts of a table on a page, with that of a cell over several columns or rows in each of them."""
    cells: dict[tuple[int, int], str] = {}
    rows = table.select("tr")
    for row, tag in enumerate(rows):
        column = 0
        for cell in tag.select("th, td"):
            while (row, column) in cells:
                column += 1
            down, right = int(cell.get("rowspan", 1)), int(cell.get("colspan", 1))
            cells |= {(row + y, column + x): cell.get_text() for y in range(down) for x in range(right)}
    width = 1 + max(column for _, column in cells)
    return [[cells.get((row, column), "") for column in range(width)] for row in range(len(rows))]


def as_shown(cell: Cell) -> str:
    """The text of a workbook's cell, a number with the decimals that Excel shows."""
    if cell.data_type == "n" and cell.value is not None:
        return f"{cell.value:.{len(cell.number_format.partition('.')[2])}f}"
    return str(cell.value or "")


def ranked(rows: Sequence[Sequence[str]]) -> Iterator[dict[str, str]]:
    """What a table that ranks people says of each, by its headings; nothing of another table."""
    places: dict[str, int] = {}
    for row in rows:
        if "名次" in row and not places:
            places |= {text: at for at, text in enumerate(row)}
        elif places and row[0].isdigit():
            yield {heading: row[at] for heading, at in places.items()}
