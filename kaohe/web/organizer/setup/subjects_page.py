"""What the pages of the list of subjects show: the list with its forms, and what a pasted one would give."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaohe.domain.office_tables.account import Account, Ask, ColumnRead, ReadAs, TableQuestion
from kaohe.domain.office_tables.headings import Field
from kaohe.domain.people import NEW
from kaohe.domain.rosters import FIELDS, SubjectEntry
from kaohe.operations.people.register import Doubt
from kaohe.tally.model import SubjectKind
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.organizer.setup.subject_rows import KIND_LABELS, entries_of, row_of, section_options, unit_and_post
from kaohe.web.organizer.shell.form_replies import Refusal
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import this_meeting

NOTHING_TYPED = ("",) * 6
PERSON_QUESTION = re.compile(r"person-[0-9]{1,4}")
COLUMN_CHOICE = re.compile(r"column-(?P<column>[A-Z]{1,3})-(?P<sheet>.*)", re.DOTALL)
"""The name of the choice what a column holds."""


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One subject of the list; ``row`` counts from 0 and goes with the page's version."""

    row: str
    number: str
    cells: tuple[str, ...]
    """Name, unit, post, class, kind, section."""
    unit_and_post: str
    """Unit and post in one line."""
    section_label: str
    """The form that the subject stands on; empty where the scheme has only one."""
    is_team: bool
    is_first: bool
    is_last: bool
    is_edited: bool


@dataclass(frozen=True, slots=True)
class SubjectsPage:
    """The list, the row being edited, and the forms that add to it."""

    frame: MeetingFrame
    version: str
    lines: tuple[SubjectLine, ...]
    count: str
    kinds: tuple[str, ...]
    edited: tuple[str, ...]
    """What stands in the fields of the row being edited; empty where none is."""
    edited_row: str
    edited_sections: tuple[Option, ...]
    """The forms to choose from for that row; empty where the scheme has only one."""
    typed: tuple[str, ...]
    """What stands in the fields for one more."""
    typed_sections: tuple[Option, ...]
    section_names: str
    """The forms of the scheme in a line; empty where it has only one."""
    pasted: str
    refusal: Refusal | None


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
class SubjectsPreviewPage:
    """What a pasted list would give. Nothing is stored yet; the text itself goes on in the form."""

    frame: MeetingFrame
    carried: Carried
    lines: tuple[SubjectLine, ...]
    count: str
    problems: tuple[PlacedText, ...]
    """What must be mended in the table."""
    questions: tuple[PreviewQuestion, ...]
    columns: tuple[PreviewColumn, ...]
    unread: tuple[PlacedText, ...]
    """Rows that give nobody: what they were taken for, or why they are skipped."""
    adds: bool
    """Whether the list goes after the existing one instead of in its place."""
    existing: str
    """How many subjects there are now; empty for none."""
    has_units: bool
    has_classes: bool
    has_sections: bool


_UNREAD_SHOWN = 200
_PLACES_SHOWN = 8
_READ_AS_WORDS = {
    ReadAs.TITLE: "标题",
    ReadAs.HEADING: "表头",
    ReadAs.GROUP: "下面各行的单位或类别",
    ReadAs.CONTINUED: "并入上一个人",
}


def subjects_page(
    meeting_id: str,
    typed: tuple[str, ...] = NOTHING_TYPED,
    *,
    edited: int | None = None,
    pasted: str = "",
    refusal: Refusal | None = None,
) -> SubjectsPage:
    """The list; ``typed`` stands in the fields of the row ``edited`` after a refusal, or in those for one more."""
    setup, this_round = this_meeting(meeting_id)
    entries = entries_of(setup.subjects)
    is_editing = edited is not None and edited < len(entries)
    fields = (typed if refusal else tuple(row_of(entries[edited or 0]))) if is_editing else ()
    added = NOTHING_TYPED if is_editing else typed
    return SubjectsPage(
        frame=frame_of(setup, this_round, "subjects"),
        version=str(setup.version),
        lines=_lines(entries, setup.scheme, edited),
        count=str(len(entries)),
        kinds=tuple(KIND_LABELS.values()),
        edited=fields,
        edited_row=str(edited) if is_editing else "",
        edited_sections=section_options(setup.scheme, fields[-1]) if fields else (),
        typed=added,
        typed_sections=section_options(setup.scheme, added[-1]),
        section_names="、".join(section.label for section in setup.scheme.declared_sections),
        pasted=pasted,
        refusal=refusal,
    )


def preview_page(
    meeting_id: str,
    account: Account,
    entries: Sequence[SubjectEntry],
    carried: Carried,
    doubts: Sequence[Doubt] = (),
    *,
    adds: bool,
) -> SubjectsPreviewPage:
    """What a list that was read would give: ``entries``, after the existing list or in its place.

    ``doubts`` are the entries of which it must be said who of the register they are.
    """
    setup, this_round = this_meeting(meeting_id)
    has_sheets = len({place.sheet for place in account.places()}) > 1
    unread = [
        *((row.place, _READ_AS_WORDS[row.read_as], row.text) for row in account.read_as),
        *((row.place, f"跳过：{row.why}", row.text) for row in account.skipped),
    ]
    return SubjectsPreviewPage(
        frame=frame_of(setup, this_round, "subjects"),
        carried=carried,
        lines=_lines(entries, setup.scheme),
        count=str(len(entries)),
        problems=tuple(
            PlacedText("、".join(place.words(with_sheet=has_sheets) for place in ask.places), ask.what)
            for ask in account.asks
            if ask.question is None
        ),
        questions=(
            *(
                _question(ask, ask.question, carried, with_sheet=has_sheets)
                for ask in account.asks
                if ask.question is not None
            ),
            *(_who_is(doubt) for doubt in doubts),
        ),
        columns=_columns(
            account.columns, carried, with_sheet=has_sheets, has_sections=bool(setup.scheme.declared_sections)
        ),
        unread=tuple(
            PlacedText(place.words(with_sheet=has_sheets), f"{what}（{text[:60]}）")
            for place, what, text in sorted(unread, key=lambda each: (each[0].sheet, each[0].row))[:_UNREAD_SHOWN]
        ),
        adds=adds and bool(setup.subjects),
        existing=str(len(setup.subjects)) if setup.subjects else "",
        has_units=any(entry.unit or entry.post for entry in entries),
        has_classes=any(entry.class_label for entry in entries),
        has_sections=any(entry.section for entry in entries),
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


def _question(ask: Ask, question: TableQuestion, carried: Carried, *, with_sheet: bool) -> PreviewQuestion:
    """A question with its answers; of many rows the first are named."""
    places = "、".join(place.words(with_sheet=with_sheet) for place in ask.places[:_PLACES_SHOWN])
    chosen = carried.answers.get(question, "")
    return PreviewQuestion(
        name=question,
        what=ask.what,
        places=places + (f"等 {len(ask.places)} 行" if len(ask.places) > _PLACES_SHOWN else ""),
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


def _lines(entries: Sequence[SubjectEntry], scheme: Scheme, edited: int | None = None) -> tuple[SubjectLine, ...]:
    labels = {section.key: section.label for section in scheme.declared_sections}
    return tuple(
        SubjectLine(
            row=str(at),
            number=str(at + 1),
            cells=tuple(row_of(entry)),
            unit_and_post=unit_and_post(entry),
            section_label=labels.get(entry.section, entry.section) if labels else "",
            is_team=entry.kind is SubjectKind.TEAM,
            is_first=at == 0,
            is_last=at == len(entries) - 1,
            is_edited=at == edited,
        )
        for at, entry in enumerate(entries)
    )
