"""Lays a sheet out: the paper and the type in which nothing is broken and the fewest pages are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from kaohe.reports.paper.columns import PADDING, Need, filled_widths, least_width, needs_of, split_by_columns
from kaohe.reports.paper.measures import line_count, line_height, mm, room_in_ems, tallest
from kaohe.reports.paper.pages import flowed, paged
from kaohe.reports.pictures.charts import drawing_of
from kaohe.reports.pictures.drawing import Drawing
from kaohe.reports.sheet import RULES_ELSEWHERE, Sheet

TITLE_SIZE, LINE_SIZE, NOTE_SIZE = 32, 21, 18
"""In half points: 16 pt for the title, 10.5 pt for the lines below it, 9 pt for notes."""
_TABLE_SIZES: Final = (21, 20, 19, 18)
"""五号 down to 小五, below which an office does not print."""
ROW_SPACE: Final = mm(1)
"""Above and below the text of a row together."""
LINE_SPACE: Final = mm(1)
TITLE_SPACE: Final = mm(3)
_RESERVE: Final = mm(3)
_SEAL: Final = mm(42)
"""The seal of an organ is 42 mm across."""
_PEN: Final = mm(14)


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of paper as it is put into the printer; lengths in twips."""

    name: str
    width: int
    height: int
    side: int = mm(12)
    top: int = mm(13)
    bottom: int = mm(16)
    """With the line that says which page it is."""

    @property
    def room(self) -> int:
        """The width between the margins."""
        return self.width - 2 * self.side

    @property
    def depth(self) -> int:
        """The height between the margins that is filled; a little is kept for what is taller than it was measured."""
        return self.height - self.top - self.bottom - _RESERVE

    @property
    def is_landscape(self) -> bool:
        """Whether the page is wider than high."""
        return self.width > self.height


UPRIGHT: Final = Paper("a4", mm(210), mm(297))
LANDSCAPE: Final = Paper("a4-landscape", mm(297), mm(210))
LARGE: Final = Paper("a3-landscape", mm(420), mm(297))


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on one page."""

    number: int
    rows: tuple[tuple[str, ...], ...]
    is_first: bool
    is_last: bool
    """Whether the table ends here, with the notes and the places to sign below it."""
    late_notes: tuple[str, ...] = ()
    """Notes too long to stand above the places to sign: they follow below, on pages of their own where necessary."""

    @property
    def has_table(self) -> bool:
        """Whether a part of the table is here, be it the head alone."""
        return bool(self.rows) or self.is_first or self.is_last


@dataclass(frozen=True, slots=True)
class LaidSheet:
    """A sheet on paper. Widths and heights are in twips, sizes of type in half points."""

    sheet: Sheet
    paper: Paper
    size: int
    """Of the type in the table."""
    widths: tuple[int, ...]
    pages: tuple[Page, ...]
    lines: tuple[tuple[str, ...], ...]
    """Between title and table, each of pieces that have the same room."""
    notes: tuple[str, ...]
    """Above the places to sign."""
    has_rules: bool
    """Whether the rules used are among the notes in full, where the sheet has any."""
    drawing: Drawing | None
    """Between the lines and the table of the first page, in the middle of the paper."""

    @property
    def rooms(self) -> list[int]:
        """The room for text in each column, in hundredths of an em."""
        return [room_in_ems(width - 2 * PADDING, self.size) for width in self.widths]

    def row_height(self, row: Sequence[str]) -> int:
        """The height of a row of the table."""
        return _row_height(row, self.rooms, self.size)

    def head_heights(self) -> list[int]:
        """The height of each row of the table's head."""
        return _head_heights(self.sheet, self.widths, self.size)

    def page_text(self, page: Page) -> str:
        """第 1 页　共 2 页, each sheet by itself, as sheets are filed one by one."""
        return f"第 {page.number} 页　共 {len(self.pages)} 页"

    @property
    def signature_rows(self) -> tuple[tuple[str, str, str], ...]:
        """The places to sign, two beside each other, with the place for the seal and the date at the right."""
        return signature_rows(self.sheet)

    @property
    def signature_height(self) -> int:
        """The height of each row of :attr:`signature_rows`, so that a seal has room beside them."""
        return max(_PEN, _SEAL // max(1, len(self.signature_rows)))


def lay_out(sheet: Sheet) -> tuple[LaidSheet, ...]:
    """The sheet on paper; as several where it is too wide for the largest paper in the smallest type.

    A4 comes before A3, one page before several, the rules in full before a pointer to them, larger type before smaller,
    and then what has fewer lines.
    """
    needs = needs_of(sheet)
    smallest = _TABLE_SIZES[-1]
    fits_upright = least_width(needs, smallest) <= UPRIGHT.room
    papers: tuple[Paper, ...] = (UPRIGHT,) if sheet.is_upright and fits_upright else (UPRIGHT, LANDSCAPE)
    if least_width(needs, smallest) > LANDSCAPE.room:
        papers = (LARGE,)
        if not sheet.is_listing and least_width(needs, smallest) > LARGE.room:
            return tuple(laid for part in split_by_columns(sheet, smallest, LARGE.room) for laid in lay_out(part))
    candidates = [
        _Candidate(sheet, needs, paper, size)
        for size in _TABLE_SIZES
        for paper in papers
        if least_width(needs, size) <= paper.room or (sheet.is_listing and size == smallest)
    ]
    return (min(candidates, key=_Candidate.rank).laid(),)


def lay_out_all(sheets: Sequence[Sheet]) -> list[LaidSheet]:
    """All sheets on paper, in their order."""
    return [laid for sheet in sheets for laid in lay_out(sheet)]


def signature_rows(sheet: Sheet) -> tuple[tuple[str, str, str], ...]:
    """The places to sign in rows of two, the seal and the date, which are the last two, at the right."""
    if not sheet.signature:
        return ()
    *persons, seal, day = sheet.signature
    count = max(2, -(-len(persons) // 2))
    people = [*persons, *[""] * (2 * count - len(persons))]
    right = [seal, *[""] * (count - 2), day]
    return tuple((people[2 * at], people[2 * at + 1], right[at]) for at in range(count))


class _Candidate:
    """One choice of paper and type for a sheet."""

    def __init__(self, sheet: Sheet, needs: Sequence[Need], paper: Paper, size: int) -> None:
        self._sheet, self._paper, self._size = sheet, paper, size
        self._drawing = drawing_of(sheet)
        self._widths = filled_widths(needs, size, paper.room)
        rooms = [room_in_ems(width - 2 * PADDING, size) for width in self._widths]
        self._lines = tuple(_evened(sheet.header_lines, paper.room))
        most = paper.depth // 4 // line_height(size)
        self._rows = [piece for row in sheet.rows for piece in flowed(row, rooms, most)]
        self._heights = [_row_height(row, rooms, size) for row in self._rows]
        head = sum(_head_heights(sheet, self._widths, size))
        picture = self._drawing.height + LINE_SPACE if self._drawing else 0
        first = paper.depth - head - _top_height(sheet, self._lines, paper) - picture
        self._room = (first, paper.depth - head)
        pointed_to = (*sheet.notes, *([RULES_ELSEWHERE] if sheet.rules else []))
        self._are_notes_late = not sheet.is_listing and _note_height(pointed_to, paper) > paper.depth // 5
        self._notes, self._pages = pointed_to, self._paged(pointed_to)
        in_full = (*sheet.notes, *sheet.rules)
        self._has_rules = bool(sheet.rules) and self._takes_no_page_more(in_full)
        if self._has_rules:
            self._notes, self._pages = in_full, self._paged(in_full)

    def _paged(self, notes: Sequence[str]) -> tuple[Page, ...]:
        """What stands on which page, with these notes."""
        if self._sheet.is_listing:
            return (Page(1, tuple(self._rows), is_first=True, is_last=True),)
        counts, left = self._counts(notes)
        starts = [0, *accumulate(counts)]
        signed, *after = self._late(notes, left) if self._are_notes_late else [()]
        last = len(counts)
        with_table = (
            Page(at, tuple(self._rows[start:stop]), at == 1, at == last, signed if at == last else ())
            for at, (start, stop) in enumerate(pairwise(starts), start=1)
        )
        alone = (
            Page(at, (), is_first=False, is_last=False, late_notes=below) for at, below in enumerate(after, last + 1)
        )
        return (*with_table, *alone)

    def _takes_no_page_more(self, notes: Sequence[str]) -> bool:
        """Whether these notes stand whole on the pages that there are."""
        if not (self._sheet.is_listing or self._are_notes_late) and self._counts(notes)[1] < 0:
            return False
        return len(self._paged(notes)) == len(self._pages)

    def _counts(self, notes: Sequence[str]) -> tuple[tuple[int, ...], int]:
        """How many rows each page takes, and the room left on the last one: less than 0 where it is too small."""
        first, later = self._room
        end = signature_height(self._sheet)
        if not self._are_notes_late:
            end += _note_height(notes, self._paper) + self._code_height
        counts = paged(self._heights, first, later, end)
        return counts, (first if len(counts) == 1 else later) - sum(self._heights[sum(counts[:-1]) :]) - end

    @property
    def _code_height(self) -> int:
        return _note_height([self._sheet.code_line] if self._sheet.code else [], self._paper)

    def _late(self, notes: Sequence[str], left: int) -> list[tuple[str, ...]]:
        """The notes by page: first those for which the page that is signed has ``left`` so much."""
        _, later = self._room
        room, most = room_in_ems(self._paper.room, NOTE_SIZE), later // 2 // line_height(NOTE_SIZE)
        pieces = [piece for note in notes for (piece,) in flowed((note,), (room,), most)]
        heights = [_note_height([piece], self._paper) for piece in pieces]
        # The code of the sheet ends it, and stands alone on no page.
        heights[-1] += self._code_height
        pages: list[tuple[str, ...]] = [()]
        for piece, height in zip(pieces, heights, strict=True):
            if height > left:
                pages.append(())
                left = later
            pages[-1] += (piece,)
            left -= height
        return pages

    def rank(self) -> tuple[bool, bool, int, int, int, bool]:
        """Less is better."""
        pages = len(self._pages)
        lines = sum(self._heights) // line_height(self._size)
        lacks_rules = bool(self._sheet.rules) and not self._has_rules
        return pages > 1, lacks_rules, -self._size, pages, lines, self._paper.is_landscape

    def laid(self) -> LaidSheet:
        return LaidSheet(
            sheet=self._sheet,
            paper=self._paper,
            size=self._size,
            widths=tuple(self._widths),
            pages=self._pages,
            lines=self._lines,
            notes=() if self._are_notes_late else self._notes,
            has_rules=self._has_rules,
            drawing=self._drawing,
        )


def signature_height(sheet: Sheet) -> int:
    """The height of all places to sign of a sheet, in twips; 0 where nobody signs."""
    count = len(signature_rows(sheet))
    return count * max(_PEN, _SEAL // count) if count else 0


def note_lines(text: str, paper: Paper) -> int:
    """How many lines a note takes."""
    return line_count(text, room_in_ems(paper.room, NOTE_SIZE))


def title_lines(sheet: Sheet, paper: Paper) -> int:
    """How many lines the title takes."""
    return line_count(sheet.title, room_in_ems(paper.room, TITLE_SIZE))


def _evened(lines: Sequence[tuple[str, ...]], room: int) -> Iterator[tuple[str, ...]]:
    """The lines, with fewer pieces in each where a piece is wider than its part of the room."""
    for pieces in lines:
        count = len(pieces)
        while count > 1 and any(line_count(piece, room_in_ems(room // count, LINE_SIZE)) > 1 for piece in pieces):
            count -= 1
        yield from (pieces[at : at + count] for at in range(0, len(pieces), max(1, count)))


def line_rows(pieces: Sequence[str], paper: Paper) -> int:
    """How many lines the pieces of one line take; more than one only where a single piece is too wide."""
    room = room_in_ems(paper.room // max(1, len(pieces)), LINE_SIZE)
    return tallest(pieces, [room] * len(pieces))


def _top_height(sheet: Sheet, lines: Sequence[tuple[str, ...]], paper: Paper) -> int:
    title = title_lines(sheet, paper) * line_height(TITLE_SIZE) + TITLE_SPACE
    said = [*lines, *([(sheet.withheld,)] if sheet.withheld else [])]
    return title + sum(line_rows(pieces, paper) * line_height(LINE_SIZE) + LINE_SPACE for pieces in said)


def _note_height(notes: Sequence[str], paper: Paper) -> int:
    return sum(note_lines(note, paper) * line_height(NOTE_SIZE) + LINE_SPACE for note in notes)


def _row_height(row: Sequence[str], rooms: Sequence[int], size: int) -> int:
    return tallest(row, rooms) * line_height(size) + ROW_SPACE


def _head_heights(sheet: Sheet, widths: Sequence[int], size: int) -> list[int]:
    """One that spans both rows of the head has half of its lines in each."""
    counts = [1] * sheet.head_row_count
    for head in sheet.head_cells():
        room = room_in_ems(sum(widths[head.column : head.column + head.column_count]) - 2 * PADDING, size)
        lines = -(-line_count(head.label, room) // head.row_count)
        for level in range(head.row, head.row + head.row_count):
            counts[level] = max(counts[level], lines)
    return [count * line_height(size) + ROW_SPACE for count in counts]
