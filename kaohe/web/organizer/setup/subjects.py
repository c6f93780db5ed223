"""The subjects of a meeting (考核对象): the list, one at a time, and whole lists pasted or from a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, KaoheError
from kaohe.domain.permissions import Act
from kaohe.domain.rosters import RowProblem, SubjectEntry, SubjectRoster
from kaohe.domain.typed_numbers import read_whole
from kaohe.operations.setup.subjects import change_subjects
from kaohe.storage.database import reading
from kaohe.tally.model import SubjectKind
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.setup.subject_rows import (
    KIND_LABELS,
    at_row,
    check_entries,
    combined_roster,
    entries_of,
    moved,
    row_of,
    section_options,
    unit_and_post,
)
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import this_meeting
from kaohe.web.organizer.shell.pasted_rows import PastedForm

_NOTHING_TYPED = ("",) * 6
_LIST_CHANGED = "另一位组织者刚刚修改了本场会议，您的改动没有保存。下面已是最新名单，请核对后再改。"
_NOTHING_PASTED = "请先粘贴名单，或选择一个表格文件。"
_TOO_LONG = "名单内容过多，请只保留考核对象的姓名、单位、职务、类别、类型、分表，再粘贴或上传。"


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
class SubjectsPreviewPage:
    """What a pasted list would give. Nothing is stored yet; the text itself goes on in the form."""

    frame: MeetingFrame
    version: str
    pasted: str
    lines: tuple[SubjectLine, ...]
    count: str
    problems: tuple[RowProblem, ...]
    adds: bool
    """Whether the list goes after the existing one instead of in its place."""
    existing: str
    """How many subjects there are now; empty for none."""
    has_units: bool
    has_classes: bool
    has_sections: bool


class SubjectForm(DeskForm):
    """One subject, and where it is to stand in the list."""

    name = StringField()
    unit = StringField()
    post = StringField()
    class_label = StringField(name="class")
    kind = StringField()
    section = StringField()
    number = StringField()

    def cells(self) -> tuple[str, ...]:
        """What was typed, in the order of the console's table."""
        fields = (self.name, self.unit, self.post, self.class_label, self.kind, self.section)
        return tuple(field.data or "" for field in fields)

    def require_cells(self) -> tuple[str, ...]:
        """What was typed, where anything was.

        Raises:
            FieldInvalid: every cell is empty; a list would pass over such a row.
        """
        cells = self.cells()
        if not any(cell.strip() for cell in cells):
            raise FieldInvalid("请填写考核对象的姓名或班子名称。")
        return cells

    def wanted_row(self, at: int, length: int) -> int:
        """Where the row is to stand (序号), counted from 0; ``at``, if nothing was typed.

        Raises:
            FieldInvalid: the list has no such row.
        """
        typed = (self.number.data or "").strip()
        number = read_whole(typed)
        if typed and (number is None or not 1 <= number <= length):
            raise FieldInvalid(f"序号应为 1 到 {length} 的整数。")
        return at if number is None else number - 1


class RosterForm(PastedForm):
    """A whole list, and whether it goes after the existing one or in its place."""

    mode = StringField()

    @property
    def adds(self) -> bool:
        """Whether the existing list stays, and this one goes after it."""
        return bool(self.mode.data == "add")


@organizer.get("/<meeting_id>/subjects")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def subjects(meeting_id: str) -> ResponseReturnValue:
    """Show the list, with the fields of the row ``edit`` where one is asked for."""
    return _shown(_subjects_page(meeting_id, edited=read_whole(request.args.get("edit", ""))))


@organizer.post("/<meeting_id>/subjects/add")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def add_subject(meeting_id: str) -> ResponseReturnValue:
    """Put one more subject at the end of the list."""
    return _changed(meeting_id, lambda entries, form: _typed_at(entries, len(entries), form))


@organizer.post("/<meeting_id>/subjects/<int:row>/edit")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def edit_subject(meeting_id: str, row: int) -> ResponseReturnValue:
    """Change a subject, and put it where the form says."""
    return _changed(meeting_id, lambda entries, form: _typed_at(entries, at_row(row, entries), form), edited=row)


@organizer.post("/<meeting_id>/subjects/<int:row>/up")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def move_subject_up(meeting_id: str, row: int) -> ResponseReturnValue:
    """Let a subject and the one before it change places; the first one stays."""
    return _changed(meeting_id, lambda entries, _: moved(entries, at_row(row, entries), max(row - 1, 0)))


@organizer.post("/<meeting_id>/subjects/<int:row>/down")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def move_subject_down(meeting_id: str, row: int) -> ResponseReturnValue:
    """Let a subject and the one after it change places; the last one stays."""
    return _changed(meeting_id, lambda entries, _: moved(entries, at_row(row, entries), min(row + 1, len(entries) - 1)))


@organizer.post("/<meeting_id>/subjects/<int:row>/remove")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def remove_subject(meeting_id: str, row: int) -> ResponseReturnValue:
    """Take a subject out of the list."""
    return _changed(meeting_id, lambda entries, _: [*entries[: at_row(row, entries)], *entries[row + 1 :]])


@organizer.post("/<meeting_id>/subjects/preview")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def preview_subjects(meeting_id: str) -> ResponseReturnValue:
    """Show what a pasted or uploaded list would give; nothing is stored."""
    form = RosterForm()
    try:
        form.expected().on_version()
        roster = _posted_roster(meeting_id, form)
    except KaoheError as error:
        return _refused(meeting_id, error, pasted=form.pasted.data or "")
    return _previewed(_preview_page(meeting_id, form, roster))


@organizer.post("/<meeting_id>/subjects/take")
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def take_subjects(meeting_id: str) -> ResponseReturnValue:
    """Store a pasted list, if every row of it is in order; else show it again with what is wrong."""
    form = RosterForm()
    try:
        version = form.expected().on_version()
        roster = _posted_roster(meeting_id, form)
        if roster.problems or not roster.entries:
            return _previewed(_preview_page(meeting_id, form, roster))
        change_subjects(this_account().name, meeting_id, version, roster.entries)
    except KaoheError as error:
        return _refused(meeting_id, error, pasted=form.pasted.data or "")
    flash(f"名单已保存，共 {len(roster.entries)} 个考核对象。", "good")
    return redirect(url_for("organizer.subjects", meeting_id=meeting_id), 303)


def _changed(
    meeting_id: str,
    change: Callable[[list[SubjectEntry], SubjectForm], Sequence[SubjectEntry]],
    *,
    edited: int | None = None,
) -> ResponseReturnValue:
    """Store what ``change`` makes of the list, or show why it was refused, the row ``edited`` still open."""
    form = SubjectForm()
    try:
        version = form.expected().on_version()
        changed = change(entries_of(this_meeting(meeting_id)[0].subjects), form)
        change_subjects(this_account().name, meeting_id, version, changed)
    except KaoheError as error:
        return _refused(meeting_id, error, edited=edited)
    return redirect(url_for("organizer.subjects", meeting_id=meeting_id), 303)


def _typed_at(entries: Sequence[SubjectEntry], at: int, form: SubjectForm) -> list[SubjectEntry]:
    rows: list[Sequence[str]] = [row_of(entry) for entry in entries]
    rows[at : at + 1] = [form.require_cells()]
    return moved(check_entries(rows), at, form.wanted_row(at, len(rows)))


def _posted_roster(meeting_id: str, form: RosterForm) -> SubjectRoster:
    rows = form.rows(_NOTHING_PASTED, _TOO_LONG)
    return combined_roster(entries_of(this_meeting(meeting_id)[0].subjects), rows, adds=form.adds)


@reading()
def _preview_page(meeting_id: str, form: RosterForm, roster: SubjectRoster) -> SubjectsPreviewPage:
    setup, this_round = this_meeting(meeting_id)
    return SubjectsPreviewPage(
        frame=frame_of(setup, this_round, "subjects"),
        version=form.version.data or "",
        pasted=form.pasted.data or "",
        lines=_lines(roster.entries, setup.scheme),
        count=str(len(roster.entries)),
        problems=roster.problems,
        adds=form.adds and bool(setup.subjects),
        existing=str(len(setup.subjects)) if setup.subjects else "",
        has_units=any(entry.unit or entry.post for entry in roster.entries),
        has_classes=any(entry.class_label for entry in roster.entries),
        has_sections=any(entry.section for entry in roster.entries),
    )


def _previewed(page: SubjectsPreviewPage) -> ResponseReturnValue:
    code = FieldInvalid.http_code if page.problems or not page.lines else 200
    return render_template("organizer/setup/subjects_preview.html", page=page), code


def _refused(meeting_id: str, error: KaoheError, *, edited: int | None = None, pasted: str = "") -> ResponseReturnValue:
    if isinstance(error, EditedMeanwhile):
        # The row of that number may be another person by now, so what was typed moves to the fields for one more.
        error, edited = EditedMeanwhile(_LIST_CHANGED), None
    return _shown(
        _subjects_page(meeting_id, SubjectForm().cells(), edited=edited, pasted=pasted, refusal=refusal_of(error))
    )


@reading()
def _subjects_page(
    meeting_id: str,
    typed: tuple[str, ...] = _NOTHING_TYPED,
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
    added = _NOTHING_TYPED if is_editing else typed
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


def _shown(page: SubjectsPage) -> ResponseReturnValue:
    return render_template("organizer/setup/subjects.html", page=page), reply_code(page.refusal)


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
