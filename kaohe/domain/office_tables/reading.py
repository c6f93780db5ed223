"""The one reader of rosters: sheets become people, and an account of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kaohe.domain.cells import clean, without_personal_data
from kaohe.domain.limits import SUBJECTS_AT_MOST
from kaohe.domain.office_tables.account import (
    ALL,
    NO,
    YES,
    Account,
    Ask,
    Choice,
    ColumnRead,
    Place,
    ReadAs,
    ReadRow,
    SkippedRow,
    TableQuestion,
    TableSheet,
    column_letter,
    is_filled,
    text_of_row,
)
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.office_tables.layouts import (
    TRANSPOSED,
    Layout,
    headed_layouts,
    is_transposed,
    name_share,
    plain_layout,
    rows_of_several,
    with_names_joined,
)
from kaohe.domain.office_tables.left_out import without_hidden_columns, without_struck
from kaohe.domain.office_tables.people import SheetReader
from kaohe.domain.office_tables.words import looks_like_name, looks_like_title, names_somebody
from kaohe.domain.rosters import repeats, too_many

_COLUMN_CHOICES: Final = 8
_SHOWN: Final = 3


def read_roster(
    sheets: Sequence[TableSheet],
    answers: Mapping[TableQuestion, str] | None = None,
    said: Mapping[tuple[str, str], Field] | None = None,
    *,
    at_most: int = SUBJECTS_AT_MOST,
) -> Account:
    """Read the subjects of an office's table; never raises, whatever the cells hold.

    Every row with any text is named in the account. What cannot be known is asked; ``answers`` are answers to such
    questions, and an answer that fits nothing counts as none. ``said`` is what somebody said that columns hold, by the
    name of the sheet and the column's letter; a column of ``Field.OTHER`` is not read. A list holds ``at_most`` people.
    """
    answers = answers or {}
    account = Account()
    account.texts = {
        Place(sheet.name, number): text_of_row(row)
        for sheet in sheets
        for number, row in enumerate(sheet.rows, start=1)
        if is_filled(row)
    }
    account.has_several_sheets = len({place.sheet for place in account.texts}) > 1
    filled = [replace(sheet, rows=with_names_joined(sheet.rows)) for sheet in sheets if any(map(is_filled, sheet.rows))]
    chosen = _chosen_sheets(filled, answers, account)
    for sheet in chosen:
        _read_sheet(without_struck(sheet, answers, account), answers, said or {}, account)
    _check_together(account, at_most, has_several=len(chosen) > 1)
    named = account.places()
    for place, text in account.texts.items():
        if place not in named:
            account.fault(f"没有读懂这一行：{text[:40]}", place)
    order = {sheet.name: at for at, sheet in enumerate(filled)}
    account.asks.sort(key=lambda ask: (ask.question is None, order[ask.places[0].sheet], ask.places[0].row))
    return account


def _chosen_sheets(
    filled: Sequence[TableSheet], answers: Mapping[TableQuestion, str], account: Account
) -> list[TableSheet]:
    """The sheets that are read; the rows of every other one are skipped, or stand in the question which to read."""
    listing = [sheet for sheet in filled if _may_list(sheet)] or [s for s in filled if not s.is_hidden] or list(filled)
    shown = [sheet for sheet in listing if not sheet.is_hidden] or listing
    answer = answers.get(TableQuestion.SHEETS, "")
    by_name = [sheet for sheet in filled if sheet.name == answer]
    if answer == ALL:
        chosen = listing
    elif by_name and answer:
        chosen = by_name
    else:
        chosen = shown
    is_open = len(listing) > 1 and chosen is shown and answer != ALL
    if is_open:
        names = "、".join(f"“{sheet.name}”" + ("（隐藏）" if sheet.is_hidden else "") for sheet in listing)
        choices = [Choice(ALL, "都读"), *(Choice(sheet.name, f"只读“{sheet.name}”") for sheet in listing)]
        what = f"{len(listing)} 张工作表都像名单：{names}。读哪一张？"
        places = [
            Place(sheet.name, number)
            for sheet in listing
            for number, row in enumerate(sheet.rows, start=1)
            if is_filled(row)
        ]
        account.asks.append(Ask(TableQuestion.SHEETS, what, tuple(choices), places))
    for sheet in filled:
        if sheet in chosen or (is_open and sheet in listing):
            continue
        why = "没有选这张工作表" if sheet in listing else "这张工作表没有名单"
        account.skipped.extend(
            SkippedRow(Place(sheet.name, number), text_of_row(row), "隐藏的工作表" if sheet.is_hidden else why)
            for number, row in enumerate(sheet.rows, start=1)
            if is_filled(row)
        )
    return chosen


def _may_list(sheet: TableSheet) -> bool:
    rows = [row for row in sheet.rows if is_filled(row)]
    if headed_layouts(rows, None):
        return True
    if sheet.is_hidden:
        # Drop-down lists hold units and posts, and what looks like a name among them by chance.
        return any(name_share(rows, at) > 0.5 for at in range(max(map(len, rows))))  # noqa: PLR2004 - most of them
    return any(names_somebody(cell) for row in rows for cell in row if cell.strip())


def _read_sheet(
    sheet: TableSheet,
    answers: Mapping[TableQuestion, str],
    said: Mapping[tuple[str, str], Field],
    account: Account,
) -> None:
    letters = {column_letter(at): at for at in range(max(map(len, sheet.rows)))}
    own = {at: said[sheet.name, letter] for letter, at in letters.items() if (sheet.name, letter) in said}
    chosen_name = letters.get(answers.get(TableQuestion.NAME, "").strip().upper())
    if list(own.values()).count(Field.NAME) == 1:
        chosen_name = None
    if not any(map(is_filled, sheet.rows)):
        return
    if is_transposed(sheet.rows):
        places = [Place(sheet.name, number) for number, row in enumerate(sheet.rows, start=1) if is_filled(row)]
        account.asks.append(Ask(None, TRANSPOSED, (), places))
        return
    layouts = headed_layouts(sheet.rows, chosen_name, own)
    found = layouts or [plain_layout(_table_rows(sheet), chosen_name, own)]
    sheet = without_hidden_columns(sheet, found, answers, account)
    if not any(map(is_filled, sheet.rows)):
        return
    layouts = headed_layouts(sheet.rows, chosen_name, own)
    reader = SheetReader(sheet, answers, account)
    if not layouts:
        _read_without_headings(sheet, chosen_name, own, answers, account)
        return
    _read_above(sheet, layouts[0].heading_rows.start, account)
    ends = [*(layout.heading_rows.start for layout in layouts[1:]), len(sheet.rows)]
    told: set[tuple[str, ...]] = set()
    for layout, end in zip(layouts, ends, strict=True):
        for at in layout.heading_rows:
            place = Place(sheet.name, at + 1)
            account.read_as.append(ReadRow(place, text_of_row(sheet.rows[at]), ReadAs.HEADING))
        if layout.rival_names or not any(Field.NAME in block.columns for block in layout.blocks):
            _ask_name(sheet, layout, account, range(layout.first, end))
            continue
        shape = tuple(layout.headings.values())
        if shape not in told:
            _tell_columns(sheet, layout, account, end)
            told.add(shape)
        reader.read_headed(layout, layout.first, end)


def _read_without_headings(
    sheet: TableSheet,
    chosen_name: int | None,
    own: Mapping[int, Field],
    answers: Mapping[TableQuestion, str],
    account: Account,
) -> None:
    reader = SheetReader(sheet, answers, account)
    rows = _table_rows(sheet)
    layout = plain_layout(rows, chosen_name, own)
    may_be_several = chosen_name is None and not own and rows_of_several(rows, layout)
    answer = answers.get(TableQuestion.LINES)
    if may_be_several and answer == YES:
        reader.read_cells()
    elif may_be_several and answer != NO:
        what = "有几列的内容都像姓名。一行写的是几个人？"
        choices = (Choice(YES, "一行有几个人，每一格一个"), Choice(NO, "每行一个人，第一格是姓名"))
        for number, row in enumerate(sheet.rows, start=1):
            if is_filled(row):
                account.ask(TableQuestion.LINES, what, choices, Place(sheet.name, number))
    elif layout.rival_names and not may_be_several:
        _ask_name(sheet, layout, account, range(len(sheet.rows)))
    else:
        _tell_columns(sheet, layout, account, len(sheet.rows))
        reader.read_plain(layout, 0, len(sheet.rows))


def _table_rows(sheet: TableSheet) -> list[Sequence[str]]:
    return [row for row in sheet.rows if is_filled(row)]


def _read_above(sheet: TableSheet, end: int, account: Account) -> None:
    """What stands above the first headings are titles, unless somebody's name may stand there."""
    for number, row in enumerate(sheet.rows[:end], start=1):
        if not is_filled(row):
            continue
        place = Place(sheet.name, number)
        cells = [clean(cell) for cell in row if cell.strip()]
        may_be_person = any(map(looks_like_name, cells)) and not any(map(looks_like_title, cells))
        if may_be_person:
            account.fault(f"表头上方有像姓名的内容：{text_of_row(row)[:40]}，请移到表头下方或删去", place)
        else:
            account.read_as.append(ReadRow(place, text_of_row(row), ReadAs.TITLE))


def _ask_name(sheet: TableSheet, layout: Layout, account: Account, rows: range) -> None:
    shown = [row for at in rows if is_filled(row := sheet.rows[at])]
    if not shown:
        account.fault("表头里没有“姓名”这一列", Place(sheet.name, max(layout.heading_rows.stop, 1)))
        return
    columns = layout.rival_names or sorted(
        range(max(map(len, shown))), key=lambda at: -name_share(shown, at)
    )[:_COLUMN_CHOICES]  # fmt: skip
    choices = []
    for at in columns:
        first = [clean(row[at]) for row in shown if at < len(row) and row[at].strip()][:_SHOWN]
        heading = layout.headings.get(at, "")
        label = (
            f"{column_letter(at)} 列"
            + (f"（{heading}）" if heading else "")
            + f"：{without_personal_data('、'.join(first))}…"
        )
        if first:
            choices.append(Choice(column_letter(at), label))
    where = f"“{sheet.name}”中" if sheet.name else ""
    places = [Place(sheet.name, at + 1) for at in rows if is_filled(sheet.rows[at])]
    account.asks.append(Ask(TableQuestion.NAME, f"{where}哪一列是姓名？", tuple(choices), places))


def _tell_columns(sheet: TableSheet, layout: Layout, account: Account, end: int) -> None:
    """Every column that has a heading, or anything in the rows below, up to the row ``end``."""
    filled = {at for row in sheet.rows[layout.first : end] for at, cell in enumerate(row) if cell.strip()}
    read = {at: field for block in layout.blocks for field, columns in block.columns.items() for at in columns}
    headed = {at for at, heading in layout.headings.items() if heading}
    for at in sorted(filled | headed | set(read)):
        field = read.get(at)
        shown = "" if field in (None, Field.OTHER, Field.SERIAL) else str(field)
        account.columns.append(ColumnRead(sheet.name, column_letter(at), layout.headings.get(at, ""), shown))


def _check_together(account: Account, at_most: int, *, has_several: bool) -> None:
    """Nobody stands on a list twice, and a list has its limit."""
    seen: dict[tuple[str, str, str], Place] = {}
    for count, person in enumerate(account.people, start=1):
        key = (person.entry.name, person.entry.unit, person.entry.post)
        first = seen.setdefault(key, person.place)
        if count != 1 and first is not person.place:
            account.fault(repeats(first.words(with_sheet=has_several)), person.place)
    if len(account.people) > at_most:
        account.fault(too_many(at_most), account.people[at_most].place)
