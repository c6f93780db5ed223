"""The rows below the headings: people, groups, totals, notes, and what must be asked of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kaohe.domain.cells import clean, plain_name
from kaohe.domain.office_tables.account import (
    CLASS,
    NO,
    PERSON,
    UNIT,
    YES,
    Account,
    Choice,
    Place,
    ReadAs,
    ReadPerson,
    ReadRow,
    SkippedRow,
    TableQuestion,
    TableSheet,
    column_letter,
    text_of_row,
)
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.office_tables.layouts import Block, Layout
from kaohe.domain.office_tables.words import (
    begins_with_compound,
    holds_names,
    is_error,
    is_note,
    is_serial,
    is_team,
    is_total,
    looks_like_name,
    looks_like_title,
    looks_like_unit,
    names_in,
    names_somebody,
    never_a_name,
    without_mark,
)
from kaohe.domain.rosters import FIELDS, KINDS, read_entry
from kaohe.tally.model import SubjectKind

_READ_OR_NOT: Final = (Choice(YES, "读入"), Choice(NO, "不读"))
_GROUP_CHOICES: Final = (
    Choice(UNIT, "是下面各行的单位"),
    Choice(CLASS, "是下面各行的类别"),
    Choice(PERSON, "是考核对象"),
    Choice(NO, "不读这些行"),
)
_SEVERAL_CHOICES: Final = (Choice(YES, "是几个人，分开"), Choice(NO, "是一个人"))
_NAME_CHOICES: Final = (Choice(YES, "都是考核对象"), Choice(NO, "都不是，跳过"))


class SheetReader:
    """Reads the rows of one sheet into an account; holds the group that the rows stand in."""

    def __init__(self, sheet: TableSheet, answers: Mapping[TableQuestion, str], account: Account) -> None:
        self._sheet = sheet
        self._answers = answers
        self._account = account
        self._group = {Field.UNIT: "", Field.CLASS: ""}
        self._last: dict[int, int] = {}

    def read_headed(self, layout: Layout, first: int, end: int) -> None:
        """Read the rows below headings, people block by block."""
        self._group = {Field.UNIT: "", Field.CLASS: ""}
        self._last = {}
        before = len(self._account.people)
        found: dict[int, list[ReadPerson]] = {at: [] for at in range(len(layout.blocks))}
        for at in range(first, end):
            row = self._sheet.rows[at]
            place = Place(self._sheet.name, at + 1)
            if not self._is_for_people(row, place, layout):
                continue
            self._stray_names(row, place, layout)
            for index, block in enumerate(layout.blocks):
                self._read_block(row, place, block, found[index])
        self._account.people[before:] = [person for index in found for person in found[index]]

    def read_plain(self, layout: Layout, first: int, end: int) -> None:
        """Read rows without headings: what does not look like a name is asked."""
        block = layout.blocks[0]
        (name_at,) = block.columns[Field.NAME]
        for at in range(first, end):
            row = self._sheet.rows[at]
            place = Place(self._sheet.name, at + 1)
            if not self._is_for_people(row, place, layout):
                continue
            self._stray_names(row, place, layout)
            name = clean(row[name_at]) if name_at < len(row) else ""
            if not name or names_somebody(name) or never_a_name(name):
                self._read_block(row, place, block, self._account.people)
            elif looks_like_title(name) and not self._account.people:
                self._account.read_as.append(ReadRow(place, text_of_row(row), ReadAs.TITLE))
            elif self._are_names(text_of_row(row), place):
                self._read_block(row, place, block, self._account.people)

    def read_cells(self) -> None:
        """Read every cell as somebody's name."""
        block = Block(0, 1, {Field.NAME: (0,)})
        for number, row in enumerate(self._sheet.rows, start=1):
            for cell in row:
                if cell.strip() and not is_serial(cell):
                    place = Place(self._sheet.name, number)
                    if looks_like_name(cell) or never_a_name(clean(cell)) or self._are_names(clean(cell), place):
                        self._read_block([cell], place, block, self._account.people)

    def _are_names(self, text: str, place: Place) -> bool:
        answer = self._answers.get(TableQuestion.NAMES)
        if answer == NO:
            self._skip(place, text, "已确认不是考核对象")
        elif answer != YES:
            self._account.ask(TableQuestion.NAMES, "这些行的第一格不像姓名。是考核对象吗？", _NAME_CHOICES, place)
        return answer == YES

    def _skip(self, place: Place, text: str, why: str) -> None:
        self._account.skipped.append(SkippedRow(place, text, why))

    def _is_for_people(self, row: Sequence[str], place: Place, layout: Layout) -> bool:
        """Whether a row holds people; every other row that is filled is named in the account."""
        filled = [(at, clean(cell)) for at, cell in enumerate(row) if cell.strip()]
        if not filled:
            return False
        text = text_of_row(row)
        if place.row in self._sheet.hidden_rows and not self._is_hidden_wanted(place, text):
            return False
        first = without_mark(filled[0][1])
        names = [at for block in layout.blocks for at in block.columns[Field.NAME]]
        if is_total(first) or any(at in names and is_total(cell) for at, cell in filled):
            self._skip(place, text, "合计行")
        elif is_note(filled[0][1]) or (filled[0][0] not in names and is_note(first)):
            self._skip(place, text, "说明或签名")
        elif all(is_serial(cell) for _, cell in filled) and not any(at in names for at, _ in filled):
            self._skip(place, text, "只有序号")
        elif len(filled) == 1 and self._is_group(*filled[0], place, layout):
            pass
        else:
            return True
        return False

    def _is_hidden_wanted(self, place: Place, text: str) -> bool:
        answer = self._answers.get(TableQuestion.HIDDEN)
        if answer == NO:
            self._skip(place, text, "隐藏或筛选掉的行")
        elif answer != YES:
            self._account.ask(TableQuestion.HIDDEN, "有隐藏或筛选掉的行。要读入吗？", _READ_OR_NOT, place)
        return answer == YES

    def _is_group(self, column: int, text: str, place: Place, layout: Layout) -> bool:
        """Whether the one text of a row is a group's, or something else that is no person; asked where unsure."""
        block = next((block for block in layout.blocks if block.start <= column < block.end), layout.blocks[0])
        in_name = column in block.columns[Field.NAME]
        others = [field for field in block.columns if field not in (Field.NAME, Field.SERIAL, Field.OTHER)]
        if in_name and (names_somebody(text) or never_a_name(text)):
            return False
        if in_name and not others:
            # Without headings the caller asks.
            return bool(layout.headings) and not self._are_names(text, place)
        is_later_field = any(
            column in columns and column > block.columns[Field.NAME][0]
            for field, columns in block.columns.items()
            if field is not Field.SERIAL
        )
        if is_later_field:
            return False
        if not layout.headings and looks_like_title(text) and not self._account.people:
            self._account.read_as.append(ReadRow(place, text, ReadAs.TITLE))
            return True
        is_marked = not in_name and column == block.start and Field.UNIT not in self._fields_at(block, column)
        answer = UNIT if is_marked and looks_like_unit(text) else self._answers.get(TableQuestion.GROUPS, "")
        if answer == PERSON:
            if not in_name:
                self._account.fault(f"“{text}”不在姓名一列，请移到姓名一列", place)
            return not in_name
        if answer in (UNIT, CLASS):
            self._group[Field.UNIT if answer == UNIT else Field.CLASS] = without_mark(text)
            self._account.read_as.append(ReadRow(place, text, ReadAs.GROUP))
        elif answer == NO:
            self._skip(place, text, "单独一格，已确认不读")
        else:
            what = "这些行只有一格有内容，是什么？"
            self._account.ask(TableQuestion.GROUPS, what, _GROUP_CHOICES, place)
        return True

    @staticmethod
    def _fields_at(block: Block, column: int) -> list[Field]:
        return [field for field, columns in block.columns.items() if column in columns]

    def _stray_names(self, row: Sequence[str], place: Place, layout: Layout) -> None:
        """Names beside the table would be lost without a word."""
        for at, cell in enumerate(row):
            if cell.strip() and not layout.headings.get(at) and names_somebody(cell):
                is_read = any(at in columns for block in layout.blocks for columns in block.columns.values())
                if not is_read:
                    self._account.fault(f"{column_letter(at)} 列没有表头，“{clean(cell)}”没有读，请补上表头", place)

    def _read_block(self, row: Sequence[str], place: Place, block: Block, people: list[ReadPerson]) -> None:
        cells = {field: [row[at] for at in columns if at < len(row)] for field, columns in block.columns.items()}
        if not any(cell.strip() for cell in row[block.start : block.end]):
            return
        read = {field: _joined(cells.get(field, ()), "、" if field is Field.POST else " ") for field in FIELDS}
        raw_name = next((cell for cell in cells.get(Field.NAME, ()) if cell.strip()), "")
        (name_at, *_) = block.columns[Field.NAME]
        if (place.row, name_at) in self._sheet.continued and people:
            self._continue(row, place, read, people)
            return
        own = [cell for field in FIELDS for cell in cells.get(field, ()) if cell.strip()]
        if not own and len(block.columns) and block.start:
            # Only a serial number beside the people of another block.
            rest = [cell for cell in row[block.start : block.end] if cell.strip()]
            if all(map(is_serial, rest)):
                return
        for field in (Field.UNIT, Field.CLASS):
            read[field] = read[field] or self._group[field]
        errors = [str(field) for field in FIELDS[1:] if any(map(is_error, cells.get(field, ())))]
        if errors:
            self._account.fault(f"{'、'.join(errors)}是错误值，请在表格中改正", place)
            return
        self._read_names(raw_name, read, place, people)

    def _continue(self, row: Sequence[str], place: Place, read: Mapping[Field, str], people: list[ReadPerson]) -> None:
        """A row whose name is merged with the one above says more about that person."""
        entry = people[-1].entry
        is_same = people[-1].entry.name == plain_name(without_mark(read[Field.NAME]))
        if not is_same:
            self._account.fault("姓名与上一行合并，但上一行没有读成，请取消合并后改正", place)
            return
        post = "、".join(dict.fromkeys(part for part in (entry.post, read[Field.POST]) if part))
        entry, faults = read_entry({**_cells_of(replace(entry, post=post)), Field.POST: post})
        people[-1] = replace(people[-1], entry=entry)
        for fault in faults:
            self._account.fault(fault, place)
        self._account.read_as.append(ReadRow(place, text_of_row(row), ReadAs.CONTINUED))

    def _read_names(self, raw: str, read: dict[Field, str], place: Place, people: list[ReadPerson]) -> None:
        name = plain_name(without_mark(clean(raw)))
        fault = never_a_name(name) if name else ""
        if fault:
            self._account.fault(fault, place)
            return
        may_split = not is_team(name) and KINDS.get(read[Field.KIND].casefold()) is not SubjectKind.TEAM
        names = self._split(raw, name, place) if may_split else [name]
        for one in names:
            entry, faults = read_entry({**read, Field.NAME: one})
            for each in faults:
                self._account.fault(each, place)
            if not faults:
                people.append(ReadPerson(entry, place))

    def _split(self, raw: str, name: str, place: Place) -> list[str]:
        """The names in a cell; none where that must be asked first."""
        if holds_names(raw):
            return names_in(raw)
        words = name.split(" ")
        is_han = all(re.fullmatch(r"[㐀-鿿\U00020000-\U0003FFFF]+", word) for word in words)
        if len(words) == 1 or not is_han:
            return [name]
        if len(words) == 2 and begins_with_compound(words[0]) and len(words[0]) == 2:  # noqa: PLR2004 - 欧阳 明远
            return ["".join(words)]
        answer = self._answers.get(TableQuestion.SEVERAL)
        if answer == YES:
            return words
        if answer == NO:
            return [name]
        self._account.ask(TableQuestion.SEVERAL, "姓名一格里有空格隔开的几个词，是几个人？", _SEVERAL_CHOICES, place)
        return []


def _joined(cells: Sequence[str], between: str) -> str:
    return between.join(dict.fromkeys(cleaned for cell in cells if (cleaned := clean(cell))))


def _cells_of(entry: object) -> dict[Field, str]:
    names = {Field.NAME: "name", Field.UNIT: "unit", Field.POST: "post", Field.CLASS: "class_label"}
    found = {field: str(getattr(entry, name)) for field, name in names.items()}
    kind = "班子" if getattr(entry, "kind", None) is SubjectKind.TEAM else "人"
    return {**found, Field.KIND: kind, Field.SECTION: str(getattr(entry, "section", ""))}
