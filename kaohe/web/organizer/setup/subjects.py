"""The subjects of a meeting (考核对象): the list, one at a time, and whole lists pasted or from a file."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, KaoheError
from kaohe.domain.office_tables.account import Account
from kaohe.domain.permissions import Act
from kaohe.domain.rosters import FIELDS, SubjectEntry
from kaohe.domain.typed_numbers import read_whole
from kaohe.domain.voting_mode import subjects_at_most
from kaohe.operations.people.register import doubts_about
from kaohe.operations.setup.copying import recommend_uncontested
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.web.access import this_account, this_reach, within_reach
from kaohe.web.organizer.setup.roster_reading import RosterForm, person_question
from kaohe.web.organizer.setup.subject_rows import (
    at_row,
    check_entries,
    entries_of,
    moved,
    row_of,
)
from kaohe.web.organizer.setup.subjects_page import (
    RemovedSubject,
    SubjectsPage,
    preview_page,
    subjects_page,
)
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import refusal_of, reply_code
from kaohe.web.organizer.shell.forms import DeskForm
from kaohe.web.organizer.shell.lists import page_of_line, place_in_list
from kaohe.web.organizer.shell.pasted_rows import pasted_text

_REMOVED = "removed_subject"
"""Where a browser's own cookie says who has just gone from a list: meeting, row and cells."""
_LIST_CHANGED = "另一位组织者刚刚修改了本场会议，您的改动没有保存。下面已是最新名单，请核对后再改。"


class SubjectForm(DeskForm):
    """One subject, and where it is to stand in the list."""

    name = StringField(default="")
    unit = StringField(default="")
    post = StringField(default="")
    class_label = StringField(name="class", default="")
    kind = StringField(default="")
    section = StringField(default="")
    number = StringField(default="")

    def cells(self) -> tuple[str, ...]:
        """What was typed, in the order of the console's table."""
        fields = (self.name, self.unit, self.post, self.class_label, self.kind, self.section)
        return tuple(field.data for field in fields)

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
        typed = self.number.data.strip()
        number = read_whole(typed)
        if typed and (number is None or not 1 <= number <= length):
            raise FieldInvalid(f"序号应为 1 到 {length} 的整数。")
        return at if number is None else number - 1


@organizer.get("/<meeting_id>/subjects", act=Act.PREPARE)
def subjects(meeting_id: str) -> ResponseReturnValue:
    """Show the list, with the fields of the row ``edit`` where one is asked for, and who has just gone from it."""
    whose, *removed = session.pop(_REMOVED, ("",))
    page = subjects_page(meeting_id, edited=read_whole(request.args.get("edit", "")))
    page = replace(page, edited_last=request.args.get("edited", ""))
    if whose == meeting_id and page.frame.is_draft:
        at, *cells = removed
        page = replace(page, removed=RemovedSubject(str(at + 1), tuple(cells), was_last=at == int(page.count)))
    return _shown(page)


@organizer.post("/<meeting_id>/subjects/add", act=Act.PREPARE)
def add_subject(meeting_id: str) -> ResponseReturnValue:
    """Put one more subject at the end of the list."""
    return _changed(meeting_id, lambda entries, form: _typed_at(entries, len(entries), form), is_added=True)


@organizer.post("/<meeting_id>/subjects/<int:row>/edit", act=Act.PREPARE)
def edit_subject(meeting_id: str, row: int) -> ResponseReturnValue:
    """Change a subject, and put it where the form says."""
    return _changed(meeting_id, lambda entries, form: _typed_at(entries, at_row(row, entries), form), edited=row)


@organizer.post("/<meeting_id>/subjects/<int:row>/up", act=Act.PREPARE)
def move_subject_up(meeting_id: str, row: int) -> ResponseReturnValue:
    """Let a subject and the one before it change places; the first one stays."""
    return _changed(meeting_id, lambda entries, _: moved(entries, at_row(row, entries), max(row - 1, 0)))


@organizer.post("/<meeting_id>/subjects/<int:row>/down", act=Act.PREPARE)
def move_subject_down(meeting_id: str, row: int) -> ResponseReturnValue:
    """Let a subject and the one after it change places; the last one stays."""
    return _changed(meeting_id, lambda entries, _: moved(entries, at_row(row, entries), min(row + 1, len(entries) - 1)))


@organizer.post("/<meeting_id>/subjects/<int:row>/remove", act=Act.PREPARE)
def remove_subject(meeting_id: str, row: int) -> ResponseReturnValue:
    """Take a subject out of the list, and offer to put it back."""
    gone: list[str] = []

    def without(entries: list[SubjectEntry], _: SubjectForm) -> list[SubjectEntry]:
        gone[:] = row_of(entries[at_row(row, entries)])
        return [*entries[:row], *entries[row + 1 :]]

    def offer_back() -> None:
        session[_REMOVED] = [meeting_id, row, *gone]

    return _changed(meeting_id, without, and_then=offer_back)


@organizer.post("/<meeting_id>/subjects/recommend", act=Act.PREPARE)
def recommend_subjects(meeting_id: str) -> ResponseReturnValue:
    """Move those who stand for a post without competition to a meeting of their own, and go there."""
    form = DeskForm()
    try:
        version, token = form.expected().on_version(), form.expected().token or secrets.token_hex(16)
        made, moved = recommend_uncontested(this_account().name, meeting_id, version, token=token, reach=this_reach())
    except KaoheError as error:
        return _refused(meeting_id, error)
    flash(f"已建立这场推荐会议，移来 {len(moved)} 名人选；原会议的其余职位照常竞争。请在这里填写应到人数。", "good")
    return redirect(url_for("organizer.subjects", meeting_id=made), 303)


@organizer.post("/<meeting_id>/subjects/preview", act=Act.PREPARE, takes_file=True)
def preview_subjects(meeting_id: str) -> ResponseReturnValue:
    """Show what a pasted or uploaded list, or that of another meeting, would give; nothing is stored."""
    form = RosterForm()
    try:
        form.expected().on_version()
        if form.meeting.data:
            form.pasted.data = _list_of(within_reach(form.meeting.data))
        account = form.account(at_most=subjects_at_most(load_meeting(meeting_id)[0].scheme))
        entries = _combined(meeting_id, form, account)
    except KaoheError as error:
        return _refused(meeting_id, error, pasted=form.pasted.data)
    return _previewed(meeting_id, form, account, entries)


@organizer.post("/<meeting_id>/subjects/take", act=Act.PREPARE, takes_file=True)
def take_subjects(meeting_id: str) -> ResponseReturnValue:
    """Store a pasted list, if every row of it is in order; else show it again with what is wrong."""
    form = RosterForm()
    try:
        version = form.expected().on_version()
        account = form.account(at_most=subjects_at_most(load_meeting(meeting_id)[0].scheme))
        entries = _combined(meeting_id, form, account)
        if not account.is_ready or doubts_about(meeting_id, entries):
            return _previewed(meeting_id, form, account, entries)
        change_subjects(this_account().name, meeting_id, version, entries)
    except KaoheError as error:
        return _refused(meeting_id, error, pasted=form.pasted.data)
    flash(f"名单已保存，共 {len(entries)} 个考核对象。", "good")
    return redirect(url_for("organizer.subjects", meeting_id=meeting_id), 303)


def _changed(
    meeting_id: str,
    change: Callable[[list[SubjectEntry], SubjectForm], Sequence[SubjectEntry]],
    *,
    edited: int | None = None,
    is_added: bool = False,
    and_then: Callable[[], None] = lambda: None,
) -> ResponseReturnValue:
    """Store what ``change`` makes of the list ``and_then`` go on, or show why not, the row ``edited`` still open.

    Whoever was on a page of a long list goes back there, and where somebody ``is_added`` to that which shows them.
    """
    form = SubjectForm()
    try:
        version = form.expected().on_version()
        changed = change(entries_of(load_meeting(meeting_id)[0].subjects), form)
        change_subjects(this_account().name, meeting_id, version, changed)
    except KaoheError as error:
        return _refused(meeting_id, error, edited=edited)
    and_then()
    place = page_of_line(form.wanted_row(len(changed) - 1, len(changed))) if is_added else place_in_list()
    return redirect(url_for("organizer.subjects", meeting_id=meeting_id, edited=edited, **place), 303)


def _typed_at(entries: Sequence[SubjectEntry], at: int, form: SubjectForm) -> list[SubjectEntry]:
    rows: list[Sequence[str]] = [row_of(entry) for entry in entries]
    rows[at : at + 1] = [form.require_cells()]
    return moved(check_entries(rows), at, form.wanted_row(at, len(rows)))


def _list_of(meeting_id: str) -> str:
    """The list of a meeting as somebody would paste it."""
    return pasted_text([FIELDS, *(row_of(entry) for entry in entries_of(load_meeting(meeting_id)[0].subjects))])


def _combined(meeting_id: str, form: RosterForm, account: Account) -> list[SubjectEntry]:
    """What the list would be, alone or after the existing one; a fault of the two together is refused."""
    entries = [person.entry for person in account.people]
    if form.mode.data == "add" and account.is_ready:
        existing = entries_of(load_meeting(meeting_id)[0].subjects)
        entries = check_entries([row_of(entry) for entry in (*existing, *entries)])
    people = form.people()
    return [replace(entry, person=people.get(person_question(at), "")) for at, entry in enumerate(entries)]


def _previewed(
    meeting_id: str, form: RosterForm, account: Account, entries: Sequence[SubjectEntry]
) -> ResponseReturnValue:
    doubts = doubts_about(meeting_id, entries) if account.is_ready else ()
    page = preview_page(meeting_id, account, entries, form.carried(), doubts, adds=form.mode.data == "add")
    code = FieldInvalid.http_code if doubts or not account.is_ready else 200
    return render_template("organizer/setup/subjects_preview.html", page=page), code


def _refused(meeting_id: str, error: KaoheError, *, edited: int | None = None, pasted: str = "") -> ResponseReturnValue:
    if isinstance(error, EditedMeanwhile):
        # The row of that number may be another person by now, so what was typed moves to the fields for one more.
        error, edited = EditedMeanwhile(_LIST_CHANGED), None
    return _shown(
        subjects_page(meeting_id, SubjectForm().cells(), edited=edited, pasted=pasted, refusal=refusal_of(error))
    )


def _shown(page: SubjectsPage) -> ResponseReturnValue:
    return render_template("organizer/setup/subjects.html", page=page), reply_code(page.refusal)
