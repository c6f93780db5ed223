"""How a pasted or uploaded list of people was read: the form it came by, and what a preview shows and asks of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request
from wtforms import StringField

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.limits import SUBJECTS_AT_MOST
from kaohe.domain.office_tables.account import Account, Ask, ColumnRead, ReadAs, TableQuestion
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.office_tables.reading import read_roster
from kaohe.domain.people import NEW
from kaohe.domain.rosters import FIELDS
from kaohe.operations.people.register import Doubt
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.pasted_rows import PastedForm

_NOTHING_PASTED = "请先粘贴名单，或选择一个表格文件。"
_TOO_LONG = "名单内容过多，请只保留考核对象的姓名、单位、职务、类别、类型、分表，再粘贴或上传。"
_PERSON_QUESTION = re.compile(r"person-[0-9]{1,4}")
_COLUMN_CHOICE = re.compile(r"column-(?P<column>[A-Z]{1,3})-(?P<sheet>.*)", re.DOTALL)
"""The name of the choice what a column holds."""
_UNREAD_SHOWN = 200
_PLACES_SHOWN = 8
_READ_AS_WORDS = {
    ReadAs.TITLE: "标题",
    ReadAs.HEADING: "表头",
    ReadAs.GROUP: "下面各行的单位或类别",
    ReadAs.CONTINUED: "并入上一个人",
}


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes on in the forms of a preview until the list is taken."""

    version: str
    pasted: str
    workbook: str
    answers: Mapping[str, str]
    """By the names of their questions."""
    columns: Mapping[str, str]
    """What somebody said that columns hold, by the names of their choices."""


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A sentence about a row, and the row's place in words."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class PreviewQuestion:
    """A question about how the table is read, with its answers."""

    name: str
    what: str
    places: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A column of the table, and what it may be read as."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class RosterReading:
    """How a table was read, and what is still to be answered or mended."""

    problems: tuple[PlacedText, ...]
    """What must be mended in the table."""
    questions: tuple[PreviewQuestion, ...]
    columns: tuple[PreviewColumn, ...]
    unread: tuple[PlacedText, ...]
    """Rows that give nobody: what they were taken for, or why they are skipped."""


class RosterForm(PastedForm):
    """A whole list, whether it goes after the existing one or in its place, and answers about how it is read."""

    mode = StringField()
    meeting = StringField(default="")
    """Another meeting, by its id, whose list is taken; empty where a list was brought."""

    @staticmethod
    def answers() -> dict[TableQuestion, str]:
        """What was answered so far."""
        return {question: answer for question in TableQuestion if (answer := request.form.get(question, ""))}

    @staticmethod
    def columns() -> dict[str, Field]:
        """What somebody said that columns hold, by the names of their choices."""
        read = {str(field): field for field in (*FIELDS, Field.OTHER)}
        return {
            name: read[value]
            for name, value in request.form.items()
            if value in read and _COLUMN_CHOICE.fullmatch(name)
        }

    def account(self, *, at_most: int = SUBJECTS_AT_MOST) -> Account:
        """What the list is read as, of ``at_most`` people.

        Raises:
            FieldInvalid, SpreadsheetRefusal: as ``sheets`` does.
        """
        found = ((_COLUMN_CHOICE.fullmatch(name), field) for name, field in self.columns().items())
        said = {(place["sheet"], place["column"]): field for place, field in found if place}
        return read_roster(self.sheets(_NOTHING_PASTED, _TOO_LONG), self.answers(), said, at_most=at_most)

    @staticmethod
    def people() -> dict[str, str]:
        """Who of the register some entries were said to be, by the names of their questions."""
        return {name: answer for name, answer in request.form.items() if answer and _PERSON_QUESTION.fullmatch(name)}

    def carried(self) -> Carried:
        """What goes on in the forms of a preview."""
        answers = {**{str(question): answer for question, answer in self.answers().items()}, **self.people()}
        columns = {name: str(field) for name, field in self.columns().items()}
        return Carried(self.version.data, self.pasted.data, self.workbook.data, answers, columns)


def roster_reading(
    account: Account, carried: Carried, doubts: Sequence[Doubt] = (), *, has_sections: bool
) -> RosterReading:
    """How a table was read; ``doubts`` are the entries of which it must be said who of the register they are."""
    has_sheets = len({place.sheet for place in account.places()}) > 1
    unread = [
        *((row.place, _READ_AS_WORDS[row.read_as], row.text) for row in account.read_as),
        *((row.place, f"跳过：{row.why}", row.text) for row in account.skipped),
    ]
    return RosterReading(
        problems=tuple(
            PlacedText(account.places_text(ask, _PLACES_SHOWN), ask.what)
            for ask in account.asks
            if ask.question is None
        ),
        questions=(
            *(_question(account, ask, ask.question, carried) for ask in account.asks if ask.question is not None),
            *(_who_is(doubt) for doubt in doubts),
        ),
        columns=_columns(account.columns, carried, with_sheet=has_sheets, has_sections=has_sections),
        unread=tuple(
            PlacedText(place.words(with_sheet=has_sheets), f"{what}（{text[:60]}）")
            for place, what, text in sorted(unread, key=lambda each: (each[0].sheet, each[0].row))[:_UNREAD_SHOWN]
        ),
    )


def _columns(
    columns: Sequence[ColumnRead], carried: Carried, *, with_sheet: bool, has_sections: bool
) -> tuple[PreviewColumn, ...]:
    """Every column with what it is read as; what one holds whose headings change on the way down cannot be chosen."""
    found: dict[str, PreviewColumn] = {}
    for column in columns:
        name = f"column-{column.column}-{column.sheet}"
        chosen = carried.columns.get(name, column.field)
        sheet = f"“{column.sheet}”" if with_sheet else ""
        left = () if chosen else (Option("", "没有读取", is_chosen=True),)
        fields = [field for field in FIELDS if has_sections or field is not Field.SECTION]
        options = (
            *left,
            *(Option(field, f"读作{field}", is_chosen=chosen == field) for field in fields),
            Option(Field.OTHER, "不读", is_chosen=chosen == Field.OTHER),
        )
        label = f"{sheet}{column.column} 列（{column.heading or '没有表头'}）"
        found[name] = PreviewColumn(name, label, () if name in found else options)
    return tuple(found.values())


def _question(account: Account, ask: Ask, question: TableQuestion, carried: Carried) -> PreviewQuestion:
    """A question with its answers; of many rows the first are named."""
    chosen = carried.answers.get(question, "")
    return PreviewQuestion(
        name=question,
        what=ask.what,
        places=account.places_text(ask, _PLACES_SHOWN),
        options=tuple(Option(each.answer, each.label, is_chosen=each.answer == chosen) for each in ask.choices),
    )


def _who_is(doubt: Doubt) -> PreviewQuestion:
    """The question who of the register an entry is."""
    return PreviewQuestion(
        name=person_question(doubt.at),
        what=f"名单里的“{doubt.entry.name}”是人员库中的哪一位？",
        places=f"名单上写的是：{unit_and_post(doubt.entry) or '没有写单位和职务'}。同一人的，变动会记入人员库。",
        options=(
            *(Option(person.id, f"是{person.told}", is_chosen=False) for person in doubt.people),
            Option(NEW, "都不是，是另一个人", is_chosen=False),
        ),
    )


def person_question(at: int) -> str:
    """The name of the question who an entry is, by its place in the list from 0."""
    return f"person-{at}"
