"""Where each line of text and each cell of a sheet stands on its pages, for what draws pages itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kaohe.reports.paper.columns import PADDING, is_prose
from kaohe.reports.paper.layout import (
    LINE_SIZE,
    LINE_SPACE,
    NOTE_SIZE,
    TITLE_SIZE,
    TITLE_SPACE,
    LaidSheet,
    Page,
    Paper,
    line_rows,
)
from kaohe.reports.paper.measures import broken, line_height, room_in_ems
from kaohe.reports.pictures.drawing import Drawing
from kaohe.reports.sheet import printable

LEFT, CENTRE, RIGHT = "left", "centre", "right"
_FOOT: Final = 2
"""The foot stands in the middle of the lower margin."""


@dataclass(frozen=True, slots=True)
class PlacedText:
    """One line of text in a room of ``width``; lengths in twips from the top left of the paper, size in half points."""

    text: str
    left: int
    top: int
    width: int
    size: int
    align: str = CENTRE
    is_bold: bool = False


@dataclass(slots=True)
class PlacedPage:
    """What is drawn on one page; a box is (left, top, width, height)."""

    paper: Paper
    texts: list[PlacedText] = field(default_factory=list)
    boxes: list[tuple[int, int, int, int]] = field(default_factory=list)
    drawings: list[tuple[Drawing, int, int]] = field(default_factory=list)
    """Each with where its top left corner is."""


def placed_pages(laid: LaidSheet) -> list[PlacedPage]:
    """The pages of a sheet, in order: those of its layout."""
    drawing = _Drawing(laid)
    for page in laid.pages:
        drawing.put(page)
    for number, placed in enumerate(drawing.pages, start=1):
        _put_foot(placed, laid, f"第 {number} 页　共 {len(drawing.pages)} 页")
    return drawing.pages


def _put_foot(page: PlacedPage, laid: LaidSheet, text: str) -> None:
    paper = page.paper
    top = paper.height - paper.bottom + (paper.bottom - line_height(NOTE_SIZE)) // _FOOT
    page.texts.append(PlacedText(text, paper.side, top, paper.room, NOTE_SIZE))
    if laid.sheet.code:
        page.texts.append(PlacedText(laid.sheet.code_line, paper.side, top, paper.room, NOTE_SIZE, RIGHT))


class _Drawing:
    """The pages of one sheet, filled from top to bottom."""

    def __init__(self, laid: LaidSheet) -> None:
        self._laid, self._paper = laid, laid.paper
        self.pages: list[PlacedPage] = []
        self._top = 0

    def put(self, page: Page) -> None:
        laid, sheet = self._laid, self._laid.sheet
        self._begin()
        if page.is_first:
            self._lines(sheet.title, TITLE_SIZE, CENTRE, is_bold=True)
            self._top += TITLE_SPACE
            for pieces in (*laid.lines, *([(sheet.withheld,)] if sheet.withheld else [])):
                self._spread(pieces)
            self._picture()
        if sheet.columns and page.has_table:
            self._heads()
            for row in page.rows:
                self._row(row)
        if page.is_last:
            for note in laid.notes:
                self._note(note)
            self._places_to_sign()
        for note in page.late_notes:
            self._note(note)

    def _picture(self) -> None:
        drawing = self._laid.drawing
        if drawing:
            left = (self._paper.width - drawing.width) // 2
            self.pages[-1].drawings.append((drawing, left, self._top))
            self._top += drawing.height + LINE_SPACE

    def _begin(self) -> None:
        self.pages.append(PlacedPage(self._paper))
        self._top = self._paper.top

    def _lines(self, text: str, size: int, align: str, *, is_bold: bool = False) -> None:
        """Lines over the whole width, on a new page where this one is full."""
        for line in broken(printable(text), room_in_ems(self._paper.room, size)):
            if self._top + line_height(size) > self._paper.height - self._paper.bottom:
                self._begin()
            placed = PlacedText(line, self._paper.side, self._top, self._paper.room, size, align, is_bold)
            self.pages[-1].texts.append(placed)
            self._top += line_height(size)

    def _note(self, text: str) -> None:
        self._top += LINE_SPACE
        self._lines(text, NOTE_SIZE, LEFT)

    def _spread(self, pieces: Sequence[str]) -> None:
        width = self._paper.room // max(1, len(pieces))
        for at, piece in enumerate(pieces):
            self._block(piece, (self._paper.side + at * width, self._top, width), LINE_SIZE, LEFT)
        self._top += line_rows(pieces, self._paper) * line_height(LINE_SIZE) + LINE_SPACE

    def _heads(self) -> None:
        heights, widths = self._laid.head_heights(), self._laid.widths
        for head in self._laid.sheet.head_cells():
            left = self._paper.side + sum(widths[: head.column])
            top = self._top + sum(heights[: head.row])
            width = sum(widths[head.column : head.column + head.column_count])
            height = sum(heights[head.row : head.row + head.row_count])
            self._cell(head.label, (left, top, width, height), CENTRE, is_bold=True)
        self._top += sum(heights)

    def _row(self, row: Sequence[str]) -> None:
        left, height = self._paper.side, self._laid.row_height(row)
        for column, width, text in zip(self._laid.sheet.columns, self._laid.widths, row, strict=True):
            self._cell(text, (left, self._top, width, height), LEFT if is_prose(column) else CENTRE)
            left += width
        self._top += height

    def _cell(self, text: str, box: tuple[int, int, int, int], align: str, *, is_bold: bool = False) -> None:
        self.pages[-1].boxes.append(box)
        left, top, width, height = box
        room = width - 2 * PADDING
        count = len(broken(printable(text), room_in_ems(room, self._laid.size)))
        middle = top + (height - count * line_height(self._laid.size)) // 2
        self._block(text, (left + PADDING, middle, room), self._laid.size, align, is_bold=is_bold)

    def _block(self, text: str, at: tuple[int, int, int], size: int, align: str, *, is_bold: bool = False) -> None:
        """The lines of a text below each other in a room at (left, top, width)."""
        left, top, width = at
        for number, line in enumerate(broken(printable(text), room_in_ems(width, size))):
            placed = PlacedText(line, left, top + number * line_height(size), width, size, align, is_bold)
            self.pages[-1].texts.append(placed)

    def _places_to_sign(self) -> None:
        width = self._paper.room // 3
        self._top += LINE_SPACE
        for places in self._laid.signature_rows:
            for at, place in enumerate(places):
                self._block(place, (self._paper.side + at * width, self._top, width), LINE_SIZE, LEFT)
            self._top += self._laid.signature_height
