"""The rows below the headings: people, groups, totals, notes, and what must be asked of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kaohe.domain.cells import SEXES, clean, plain_name
from kaohe.domain.office_tables.account import (
    NO,
    PERSON,
    YES,
    Account,
    Choice,
    Place,
    ReadAs,
    ReadPerson,
    ReadRow,
    TableQuestion,
    TableSheet,
    text_of_row,
)
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.office_tables.layouts import Block, Layout
from kaohe.domain.office_tables.row_kinds import NOBODY, RowKinds
from kaohe.domain.office_tables.words import (
    ENDS,
    begins_with_compound,
    fault_of,
    holds_names,
    is_ditto,
    is_nobody,
    is_serial,
    is_team,
    is_written_as_name,
    looks_like_title,
    names_in,
    names_somebody,
    never_a_name,
    says_nothing,
    without_mark,
)
from kaohe.domain.rosters import FIELDS, KINDS, read_entry
from kaohe.tally.model import SubjectKind

_SEVERAL_CHOICES: Final = (Choice(YES, "是几个人，分开"), Choice(NO, "是一个人"))
_BLANK_CHOICES: Final = (Choice(YES, "与上一行相同"), Choice(NO, "空着"))


class SheetReader:
    """Reads the rows of one sheet into an account; holds the group that the rows stand in."""

    def __init__(self, sheet: TableSheet, answers: Mapping[TableQuestion, str], account: Account) -> None:
        self._sheet = sheet
        self._answers = answers
        self._account = account
        self._rows = RowKinds(sheet, answers, account)
        self._above: dict[tuple[int, Field], str] = {}

    def read_headed(self, layout: Layout, first: int, end: int) -> None:
        """Read the rows below headings, people block by block."""
        self._rows.group = {Field.UNIT: "", Field.CLASS: ""}
        self._above = {}
        before = len(self._account.people)
        found: dict[int, list[ReadPerson]] = {at: [] for at in range(len(layout.blocks))}
        for at in range(first, end):
            row = self._sheet.rows[at]
            place = Place(self._sheet.name, at + 1)
            if not self._rows.is_for_people(row, place, layout):
                continue
            self._rows.stray_names(row, place, layout)
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
            if not self._rows.is_for_people(row, place, layout):
                continue
            self._rows.stray_names(row, place, layout)
            name = clean(row[name_at]) if name_at < len(row) else ""
            if not name or names_somebody(name) or never_a_name(name) or is_nobody(name):
                self._read_block(row, place, block, self._account.people)
            elif looks_like_title(name) and not self._account.people:
                self._account.read_as.append(ReadRow(place, text_of_row(row), ReadAs.TITLE))
            elif self._rows.are_names(text_of_row(row), place):
                self._read_block(row, place, block, self._account.people)

    def read_cells(self) -> None:
        """Read every cell as somebody's name."""
        block = Block(0, 1, {Field.NAME: (0,)})
        for number, row in enumerate(self._sheet.rows, start=1):
            for cell in row:
                if cell.strip() and not is_serial(cell):
                    place = Place(self._sheet.name, number)
                    if names_somebody(cell) or never_a_name(clean(cell)) or self._rows.are_names(clean(cell), place):
                        self._read_block([cell], place, block, self._account.people)

    def _read_block(self, row: Sequence[str], place: Place, block: Block, people: list[ReadPerson]) -> None:
        cells = {field: [row[at] for at in columns if at < len(row)] for field, columns in block.columns.items()}
        if not any(cell.strip() for cell in row[block.start : block.end]):
            return
        read = {field: _joined(cells.get(field, ()), "、" if field is Field.POST else " ") for field in FIELDS}
        raw_name = next((cell for cell in cells.get(Field.NAME, ()) if cell.strip()), "")
        (name_at, *_) = block.columns[Field.NAME]
        if not raw_name and any((place.row, at) in self._sheet.struck for at in block.columns[Field.NAME]):
            return
        if (place.row, name_at) in self._sheet.continued and people:
            self._continue(row, place, read, people)
            return
        own = [cell for field in FIELDS for cell in cells.get(field, ()) if cell.strip()]
        if not own and len(block.columns) and block.start:
            # Only a serial number beside the people of another block.
            rest = [cell for cell in row[block.start : block.end] if cell.strip()]
            if all(map(is_serial, rest)):
                return
        if not self._rows.is_wanted(row, place, block):
            return
        self._repeat(block, read, place)
        for field in (Field.UNIT, Field.CLASS):
            read[field] = read[field] or self._rows.group[field]
        found = {
            field: next(filter(None, (fault_of(cell, field) for cell in cells.get(field, ()))), "")
            for field in FIELDS[1:]
        }
        faults = [
            "、".join(field for field in found if found[field] == why) + why
            for why in dict.fromkeys(filter(None, found.values()))
        ]
        for fault in faults:
            self._account.fault(fault, place)
        if faults:
            return
        self._read_names(raw_name, read, place, people)

    def _repeat(self, block: Block, read: dict[Field, str], place: Place) -> None:
        """Let what is written as 〃, or left empty below a unit that stands once for several, say what is above it."""
        name_at = block.columns[Field.NAME][0]
        for field in FIELDS[1:]:
            above = self._above.get((block.start, field), "")
            if says_nothing(read[field]):
                read[field] = ""
            if is_ditto(read[field]):
                if not above:
                    self._account.fault(f"{field}写的是“{read[field]}”，上面却没有内容", place)
                read[field] = above
            is_left_empty = not read[field] and above and field in (Field.UNIT, Field.CLASS)
            if is_left_empty and not self._rows.group[field] and block.columns[field][0] < name_at:
                answer = self._answers.get(TableQuestion.BLANKS)
                if answer == YES:
                    read[field] = above
                elif answer != NO:
                    what = "这些行的单位或类别空着。与上一行相同吗？"
                    self._account.ask(TableQuestion.BLANKS, what, _BLANK_CHOICES, place)
            self._above[block.start, field] = read[field] or above

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
        raw = raw.strip().rstrip(ENDS)
        name = plain_name(without_mark(clean(raw)))
        if is_nobody(name):
            rest = [read[field] for field in FIELDS[1:] if read[field]]
            self._rows.skip(place, " ".join((name, *rest)), NOBODY)
            return
        fault = never_a_name(name) if name else ""
        if fault:
            self._account.fault(fault, place)
            return
        may_split = not is_team(name) and KINDS.get(read[Field.KIND].casefold()) is not SubjectKind.TEAM
        names = self._split(raw, name, place) if may_split else [name]
        is_said = self._answers.get(TableQuestion.GROUPS) == PERSON and not any(read[field] for field in FIELDS[1:])
        for one in names:
            entry, faults = read_entry({**read, Field.NAME: one})
            for each in faults:
                self._account.fault(each, place)
            is_sure = is_said or not may_split or is_written_as_name(entry.name)
            if not faults and (is_sure or self._rows.are_names(one, place)):
                people.append(ReadPerson(entry, place))

    def _split(self, raw: str, name: str, place: Place) -> list[str]:
        """The names in a cell; none where that must be asked first."""
        if holds_names(raw):
            return names_in(raw)
        words = name.split(" ")
        if len(words) > 1 and words[-1] in SEXES:
            words.pop()
        is_han = all(re.fullmatch(r"[㐀-鿿\U00020000-\U0003FFFF]+", word) for word in words)
        if len(words) == 1 or not is_han:
            return [" ".join(words)]
        if len(words) == 2 and begins_with_compound(words[0]) and len(words[0]) == 2:  # noqa: PLR2004 - 欧阳 明远
            return ["".join(words)]
        answer = self._answers.get(TableQuestion.SEVERAL)
        if answer == YES:
            return words
        if answer == NO:
            return [name]
        self._account.ask(
            TableQuestion.SEVERAL, "这些行的姓名一格里有用空格隔开的几个词。写的是几个人？", _SEVERAL_CHOICES, place
        )
        return []


def _joined(cells: Sequence[str], between: str) -> str:
    return between.join(dict.fromkeys(cleaned for cell in cells if (cleaned := clean(cell))))


def _cells_of(entry: object) -> dict[Field, str]:
    names = {Field.NAME: "name", Field.UNIT: "unit", Field.POST: "post", Field.CLASS: "class_label"}
    found = {field: str(getattr(entry, name)) for field, name in names.items()}
    kind = "班子" if getattr(entry, "kind", None) is SubjectKind.TEAM else "人"
    return {**found, Field.KIND: kind, Field.SECTION: str(getattr(entry, "section", ""))}
