"""How wide each column of a table is: numbers are never broken, names and posts have what room there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kaohe.reports.paper.measures import EM, ems, mm, twips
from kaohe.reports.sheet import Column, ColumnKind, Sheet

PADDING: Final = mm(7) // 10
"""Left and right of the text of a cell."""
PROSE_WIDTH: Final = 60
"""A column that is declared at least so wide, in digits, holds sentences."""
_RESERVE: Final = EM // 5
_NAME: Final = 750
"""A text is not broken below so many hundredths of an em: a name of six characters and its dot stand on one line."""
_PROSE: Final = 2000
_WHOLE: Final = re.compile("（?[!-~]+）?")
"""What no program breaks within a label: a number, with the brackets around it."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a column needs at least, and what it would take, in hundredths of an em."""

    least: int
    best: int


def is_prose(column: Column) -> bool:
    """Whether the column holds sentences, which are set from the left."""
    return column.kind is ColumnKind.TEXT and column.width > PROSE_WIDTH


def needs_of(sheet: Sheet) -> list[Need]:
    """What each column needs; a head that spans several has its label on two lines at most."""
    needs = [_need(sheet, at) for at in range(len(sheet.columns))]
    for head in sheet.head_cells():
        spanned = range(head.column, head.column + head.column_count)
        lacking = _on_two_lines(head.label) - sum(needs[at].least for at in spanned)
        if head.column_count > 1 and lacking > 0:
            for at in spanned:
                least = needs[at].least - (-lacking // head.column_count)
                needs[at] = Need(least, max(least, needs[at].best))
    return needs


def least_width(needs: Sequence[Need], size: int) -> int:
    """The width, in twips, below which something would break, in type of ``size`` half points."""
    return sum(_in_twips(need.least, size) for need in needs)


def filled_widths(needs: Sequence[Need], size: int, room: int) -> list[int]:
    """The width of each column in twips; together they fill the room, unless the least that they need is more.

    Spare room goes to the columns of words first, and then to all.
    """
    widths = [_in_twips(need.least, size) for need in needs]
    lacks = [_in_twips(need.best, size) - width for need, width in zip(needs, widths, strict=True)]
    spare = room - sum(widths)
    if spare <= 0:
        return widths
    # What lacks least is helped first, so that as many columns as can be have all their words on one line.
    for left, at in zip(range(len(widths), 0, -1), sorted(range(len(widths)), key=lacks.__getitem__), strict=True):
        given = min(lacks[at], spare // left)
        widths[at] += given
        spare -= given
    total = sum(widths)
    return [width + width * spare // total for width in widths]


def split_by_columns(sheet: Sheet, size: int, room: int) -> tuple[Sheet, ...]:
    """The sheet as several, each with who it is about and as many of the other columns as the room takes.

    Columns under one head stay together where the room takes them all.
    """
    needs = needs_of(sheet)
    key_count = min(len(sheet.columns) - 1, 2 if sheet.columns[0].label == "序号" else 1)
    keys = list(range(key_count))
    left = room - least_width(needs[:key_count], size)
    parts: list[list[int]] = [[]]
    for together in _groups(sheet, key_count, needs, size, left):
        taken = parts[-1]
        if taken and least_width([needs[at] for at in [*taken, *together]], size) > left:
            parts.append([])
        parts[-1].extend(together)
    return tuple(
        _part(sheet, [*keys, *positions], f"（{number}/{len(parts)}）")
        for number, positions in enumerate(parts, start=1)
    )


def _groups(sheet: Sheet, start: int, needs: Sequence[Need], size: int, room: int) -> Iterator[list[int]]:
    """The positions from ``start`` on, those under one head together unless they are too wide for the room."""
    heads = [[at for at in range(h.column, h.column + h.column_count) if at >= start] for h in sheet.head_cells()]
    covered: set[int] = set()
    for positions in sorted((each for each in heads if each), key=lambda each: (each[0], -len(each))):
        if covered.intersection(positions):
            continue
        covered.update(positions)
        if least_width([needs[at] for at in positions], size) <= room:
            yield positions
        else:
            yield from ([at] for at in positions)


def _part(sheet: Sheet, positions: Sequence[int], mark: str) -> Sheet:
    return replace(
        sheet,
        name=f"{sheet.name}{mark}",
        title=f"{sheet.title}{mark}",
        picture=None,
        columns=tuple(sheet.columns[at] for at in positions),
        rows=tuple(tuple(row[at] for at in positions) for row in sheet.rows),
    )


def _in_twips(width: int, size: int) -> int:
    return twips(width + _RESERVE, size) + 2 * PADDING


def _need(sheet: Sheet, at: int) -> Need:
    column = sheet.columns[at]
    head = _on_two_lines(column.label)
    longest = max((ems(line) for row in sheet.rows for line in row[at].split("\n")), default=0)
    if column.kind is ColumnKind.NUMBER:
        return Need(max(longest, head), max(longest, head))
    if is_prose(column):
        return Need(max(_PROSE, head), max(longest, _PROSE, head))
    least = max(min(longest, _NAME), head)
    return Need(least, max(least, longest, ems(column.label), EM * column.width // 3 if not longest else 0))


def _on_two_lines(label: str) -> int:
    """Two characters and a number stay together, and so does what has a stroke in it; what is longer may break once."""
    whole = ems(label)
    if whole <= 2 * EM or "/" in label:
        return whole
    return max(2 * EM, -(-whole // 2 // EM) * EM, *(ems(part) for part in _WHOLE.findall(label)))
