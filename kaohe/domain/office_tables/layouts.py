"""Where each field stands in a table: under one or two rows of headings, in one block or several, or without any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kaohe.domain.cells import SEXES, has_personal_data, heading_of
from kaohe.domain.office_tables.headings import Field, field_of, is_heading_row, is_plain_heading
from kaohe.domain.office_tables.words import is_date, is_number, looks_like_post, names_somebody
from kaohe.domain.rosters import FIELDS, KINDS

NOTHING_SAID: Final[Mapping[int, Field]] = {}
TRANSPOSED: Final = (
    "这张表一列写一个人，请改成一行写一个人：在 Excel 或 WPS 中复制整张表，用“选择性粘贴”并勾选“转置”，再导入"
)
"""What to do with a table that ``is_transposed``."""


@dataclass(frozen=True, slots=True)
class Block:
    """Columns ``start`` to ``end`` (not included) that hold one person a row."""

    start: int
    end: int
    columns: Mapping[Field, tuple[int, ...]]
    """Several columns may hold one field, as 党内职务 and 行政职务 do."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the rows from ``first`` on; rows count from 0."""

    heading_rows: range
    headings: Mapping[int, str]
    """What stands above each column; empty where nothing does."""
    blocks: tuple[Block, ...]
    rival_names: tuple[int, ...] = ()
    """Columns of which each may be the one with the names; one of them must be chosen."""

    @property
    def first(self) -> int:
        """The first row below the headings."""
        return self.heading_rows.stop


def is_transposed(rows: Sequence[Sequence[str]]) -> bool:
    """Whether every column is a person: headings below each other, and names in the row of the one that says 姓名.

    Where a row of headings stands below it, that row only says what the list is about, as 测评对象：领导班子 does.
    """
    for row in rows:
        filled = [at for at, cell in enumerate(row) if cell.strip()]
        if not filled or field_of(row[filled[0]]) is not Field.NAME:
            continue
        rest = [each for each in rows if each is not row]
        others = [each[filled[0]] for each in rest if filled[0] < len(each)]
        names = [row[at] for at in filled[1:]]
        are_names = bool(names) and all(map(names_somebody, names))
        return are_names and any(map(is_plain_heading, others)) and not any(map(is_heading_row, rest))
    return False


def with_names_joined(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """The rows with 姓 and 名 as one column, where they stand side by side in two."""
    for number, row in enumerate(rows):
        heads = list(map(heading_of, row))
        at = next((at for at, pair in enumerate(pairwise(heads)) if pair == ("姓", "名")), None)
        if at is not None:
            below = [
                [*each[:at], "".join(each[at : at + 2]), *([""] if len(each) > at + 1 else []), *each[at + 2 :]]
                for each in rows[number + 1 :]
            ]
            return [*rows[:number], [*row[:at], str(Field.NAME), "", *row[at + 2 :]], *below]
    return rows


def headed_layouts(
    rows: Sequence[Sequence[str]], chosen_name: int | None, said: Mapping[int, Field] = NOTHING_SAID
) -> list[Layout]:
    """The layouts of a sheet, one for every row of headings in it; headings that come again give a layout again.

    ``chosen_name`` is the column that somebody said holds the names, where no heading or several do; ``said`` is what
    somebody said that columns hold, whatever their headings say.
    """
    layouts: list[Layout] = []
    at = 0
    while at < len(rows):
        row = rows[at]
        if not is_heading_row(row) or (at + 1 < len(rows) and _is_better(rows[at + 1], row)):
            at += 1
            continue
        has_second = at + 1 < len(rows) and _is_second_heading(row, rows[at + 1])
        layouts.append(_headed(rows, range(at, at + 1 + has_second), chosen_name, said))
        at += 1 + has_second
    return layouts


def _is_better(below: Sequence[str], row: Sequence[str]) -> bool:
    """Whether the row below names more columns and the row itself is only a title over them."""
    named = [cell for cell in row if field_of(cell)]
    named_below = [cell for cell in below if field_of(cell)]
    return is_heading_row(below) and len(named_below) > len(named) and len([cell for cell in row if cell.strip()]) == 1


def _is_second_heading(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether the row below parts headings further: nothing but headings, and none where a name must stand."""
    if tuple(row) == tuple(below):
        return False
    filled = {at: cell for at, cell in enumerate(below) if cell.strip()}
    own = {at: cell for at, cell in filled.items() if at >= len(row) or row[at] != cell}
    return (
        bool(own)
        and all(field_of(cell) for cell in own.values())
        and not any(at < len(row) and field_of(row[at]) is Field.NAME for at in own)
    )


def _headed(
    rows: Sequence[Sequence[str]], heading_rows: range, chosen_name: int | None, said: Mapping[int, Field]
) -> Layout:
    headings: dict[int, str] = {}
    above = ""
    width = max(len(rows[at]) for at in heading_rows)
    fields: dict[int, Field] = {}
    for column in range(width):
        cells = [rows[at][column].strip() if column < len(rows[at]) else "" for at in heading_rows]
        is_under_merged = len(cells) > 1 and not cells[0] and bool(cells[1])
        above = above if is_under_merged else cells[0]
        parts = [above, *cells[1:]] if len(cells) > 1 else cells
        headings[column] = "·".join(dict.fromkeys(part for part in parts if part))
        field = next((found for part in reversed(parts) if (found := field_of(part))), None)
        if field is not None:
            fields[column] = field
    fields |= said
    names = [column for column, field in fields.items() if field is Field.NAME]
    body = _body(rows, heading_rows.stop)
    rivals = tuple(names) if len({headings.get(column) for column in names}) > 1 else ()
    if len(names) == 1 and not said:
        rivals = _likelier_names(body, fields, names[0])
    if chosen_name is not None and (rivals or not names):
        kept = {at: field for at, field in fields.items() if field is not Field.NAME}
        if len(names) == 1 and chosen_name in kept:
            # Under headings that are swapped, each column holds what the other's heading says.
            kept[names[0]] = kept[chosen_name]
        fields = kept | {chosen_name: Field.NAME}
        names = [chosen_name]
        rivals = ()
    fields = {
        at: field for at, field in fields.items() if at in said or field is not Field.KIND or _names_kinds(body, at)
    }
    return Layout(heading_rows, headings, _blocks(fields, names, max((width, *(at + 1 for at in fields)))), rivals)


def _body(rows: Sequence[Sequence[str]], first: int) -> Sequence[Sequence[str]]:
    end = next((at for at in range(first, len(rows)) if is_heading_row(rows[at])), len(rows))
    return rows[first:end]


def _likelier_names(body: Sequence[Sequence[str]], fields: Mapping[int, Field], name: int) -> tuple[int, ...]:
    """The column of names and those of units or posts that hold names where it does not, as under headings swapped."""
    likelier = [
        column
        for column, field in fields.items()
        if field in (Field.UNIT, Field.POST) and name_share(body, column) > 0.5 > name_share(body, name)  # noqa: PLR2004
    ]
    return (name, *likelier) if likelier else ()


def _names_kinds(body: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column of kinds says 人 or 班子 anywhere, and not, say, 公务员."""
    cells = [row[column].strip().casefold() for row in body if column < len(row) and row[column].strip()]
    return not cells or any(cell in KINDS for cell in cells)


def _blocks(fields: Mapping[int, Field], names: Sequence[int], width: int) -> tuple[Block, ...]:
    if len(names) < 2:  # noqa: PLR2004 - one column of names is one block
        return (_block(fields, 0, width),)
    offset = names[0] - min(fields)
    starts = [0, *(max(name - offset, before + 1) for before, name in pairwise(names))]
    return tuple(_block(fields, start, end) for start, end in zip(starts, [*starts[1:], width], strict=True))


def _block(fields: Mapping[int, Field], start: int, end: int) -> Block:
    columns: dict[Field, tuple[int, ...]] = {}
    for at, field in sorted(fields.items()):
        if start <= at < end and (field in (Field.NAME, Field.UNIT, Field.POST) or field not in columns):
            columns[field] = (*columns.get(field, ()), at)
    return Block(start, end, columns)


def plain_layout(
    rows: Sequence[Sequence[str]], chosen_name: int | None, said: Mapping[int, Field] = NOTHING_SAID
) -> Layout:
    """The layout of a table without headings: names, then the other fields in their order, no numbers and no dates.

    Where somebody ``said`` what columns hold, it is that.
    """
    widest = max(map(len, rows))
    if said:
        names = tuple(at for at, field in said.items() if field is Field.NAME)
        fields = dict(said)
        if chosen_name is not None:
            fields = {at: field for at, field in said.items() if field is not Field.NAME} | {chosen_name: Field.NAME}
        elif len(names) != 1:
            return Layout(range(0), {}, (), names or tuple(sorted(said)))
        return Layout(range(0), {}, (_block(fields, 0, max(fields) + 1),))
    full = [row for row in rows if sum(bool(cell.strip()) for cell in row) > 1] or rows
    columns = {at: [row[at].strip() for row in full if at < len(row) and row[at].strip()] for at in range(widest)}
    used = [
        at
        for at, cells in columns.items()
        if cells and not set(cells) <= SEXES and sum(map(_is_figure, cells)) * 2 <= len(cells)
    ]
    if not used:
        used = [next(iter(at for at, cells in columns.items() if cells), 0)]
    name = chosen_name if chosen_name is not None else used[0]
    others = [at for at in used if at != name]
    in_order = list(FIELDS[1:])
    if others and sum(map(looks_like_post, columns[others[0]])) * 2 > len(columns[others[0]]):
        in_order = sorted(in_order, key=lambda field: field is not Field.POST)
    fields = {name: Field.NAME, **dict(zip(others, in_order, strict=False))}
    shares = {at: name_share(rows, at) for at in used}
    rivals: tuple[int, ...] = ()
    if chosen_name is None and len(used) > 1:
        best = max(used, key=shares.__getitem__)
        if best != name or shares[name] < 0.5:  # noqa: PLR2004 - fewer than half are names
            rivals = tuple(sorted(used, key=lambda at: -shares[at]))
    return Layout(range(0), {}, (_block(fields, 0, max(widest, name + 1)),), rivals)


def _is_figure(cell: str) -> bool:
    return is_number(cell) or is_date(cell) or has_personal_data(cell)


def name_share(rows: Sequence[Sequence[str]], column: int) -> float:
    """Which part of the filled cells of a column are surely names, from 0 to 1."""
    cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
    return sum(map(names_somebody, cells)) / len(cells) if cells else 0.0


def rows_of_several(rows: Sequence[Sequence[str]], layout: Layout) -> bool:
    """Whether a table without headings has names in more than one column, so that a row may be several people."""
    columns = range(max(map(len, rows)))
    names = [at for at in columns if name_share(rows, at) > 0.5]  # noqa: PLR2004 - most of them are names
    return layout.heading_rows.stop == 0 and len(names) > 1
