"""The subjects of a meeting (考核对象): the list, one at a time, and whole lists pasted or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, KaoheError
from kaohe.domain.permissions import Act
from kaohe.domain.rosters import RowProblem, SubjectEntry
from kaohe.domain.typed_numbers import read_whole
from kaohe.operations.setup.preparing import change_subjects
from kaohe.tally.model import SubjectKind
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.access import Audience, audience, this_account
from kaohe.web.organizer.setup.subject_rows import (
    KIND_LABELS,
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
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import this_meeting
from kaohe.web.organizer.shell.pasted_rows import posted_rows
from kaohe.web.organizer.shell.posted import posted_row, posted_version

_CELLS = ("name", "unit", "post", "class", "kind", "section")
_LIST_CHANGED = "另一位组织者刚刚修改了本场会议，您的改动没有保存。下面已是最新名单，请核对后再改。"
_NOTHING_PASTED = "请先粘贴名单，或选择一个表格文件。"
_TOO_LONG = "名单内容过多，请只保留考核对象的姓名、单位、职务、类别、类型、分表，再粘贴或上传。"


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One subject of the list; ``place`` counts from 0 and goes with the page's version."""

    place: str
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
    edited_place: str
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


@organizer.route("/<meeting_id>/subjects", methods=["GET", "POST"])
@audience(Audience.ORGANIZER, act=Act.PREPARE)
def subjects(meeting_id: str) -> Response | tuple[str, int]:
    """Show the list; a posted button moves, removes, changes or adds one, or looks at and takes a whole list."""
    if request.method == "GET":
        return _subjects_page(meeting_id)
    try:
        act, _, place = request.form.get("act", "").partition(":")
        if act in ("preview", "take"):
            return _whole_list(meeting_id, act)
        return _one_by_one(meeting_id, act, place)
    except KaoheError as error:
        return _subjects_page(meeting_id, error)


def _one_by_one(meeting_id: str, act: str, place: str) -> Response:
    version = posted_version()
    entries = entries_of(this_meeting(meeting_id)[0].subjects)
    at = len(entries) if act == "add" else posted_row(place, len(entries))
    if act == "up":
        changed = moved(entries, at, max(at - 1, 0))
    elif act == "down":
        changed = moved(entries, at, min(at + 1, len(entries) - 1))
    elif act == "remove":
        changed = [*entries[:at], *entries[at + 1 :]]
    elif act in ("add", "edit"):
        rows = [row_of(entry) for entry in entries]
        rows[at : at + 1] = [[request.form.get(cell, "") for cell in _CELLS]]
        changed = moved(check_entries(rows), at, _wanted_place(at, len(rows)))
    else:
        raise FieldInvalid
    change_subjects(this_account().name, meeting_id, version, changed)
    return redirect(url_for("organizer.subjects", meeting_id=meeting_id), 303)


def _wanted_place(at: int, length: int) -> int:
    """Where the row is to stand (序号), counted from 0; where it is, if nothing was typed."""
    typed = request.form.get("number", "").strip()
    number = read_whole(typed)
    if typed and (number is None or not 1 <= number <= length):
        raise FieldInvalid(f"序号应为 1 到 {length} 的整数。")
    return at if number is None else number - 1


def _whole_list(meeting_id: str, act: str) -> Response | tuple[str, int]:
    version = posted_version()
    setup, held = this_meeting(meeting_id)
    existing = entries_of(setup.subjects)
    pasted, rows = posted_rows(_NOTHING_PASTED, _TOO_LONG)
    adds = request.form.get("mode") == "add" and bool(existing)
    try:
        roster = combined_roster(existing, rows, adds=adds)
    except FieldInvalid as error:
        return _subjects_page(meeting_id, error, pasted)
    if act == "take" and roster.entries and not roster.problems:
        change_subjects(this_account().name, meeting_id, version, roster.entries)
        flash(f"名单已保存，共 {len(roster.entries)} 个考核对象。", "good")
        return redirect(url_for("organizer.subjects", meeting_id=meeting_id), 303)
    page = SubjectsPreviewPage(
        frame=frame_of(setup, held, "subjects"),
        version=request.form.get("version", ""),
        pasted=pasted,
        lines=_lines(roster.entries, setup.scheme),
        count=str(len(roster.entries)),
        problems=roster.problems,
        adds=adds,
        existing=str(len(existing)) if existing else "",
        has_units=any(entry.unit or entry.post for entry in roster.entries),
        has_classes=any(entry.class_label for entry in roster.entries),
        has_sections=any(entry.section for entry in roster.entries),
    )
    is_refused = bool(roster.problems) or not roster.entries
    return render_template(
        "organizer/setup/subjects_preview.html", page=page
    ), FieldInvalid.http_code if is_refused else 200


def _subjects_page(meeting_id: str, error: KaoheError | None = None, pasted: str = "") -> tuple[str, int]:
    setup, held = this_meeting(meeting_id)
    entries = entries_of(setup.subjects)
    edited = read_whole(request.args.get("edit", ""))
    if isinstance(error, EditedMeanwhile):
        # The row of that number may be another person by now, so what was typed moves to the fields for one more.
        error, edited = EditedMeanwhile(_LIST_CHANGED), None
    refusal = refusal_of(error) if error else None
    typed = tuple(request.form.get(cell, "") for cell in _CELLS)
    is_editing = edited is not None and edited < len(entries)
    fields = (typed if error else tuple(row_of(entries[edited or 0]))) if is_editing else ()
    added = ("",) * len(_CELLS) if is_editing else typed
    page = SubjectsPage(
        frame=frame_of(setup, held, "subjects"),
        version=str(setup.version),
        lines=_lines(entries, setup.scheme, edited),
        count=str(len(entries)),
        kinds=tuple(KIND_LABELS.values()),
        edited=fields,
        edited_place=str(edited) if is_editing else "",
        edited_sections=section_options(setup.scheme, fields[-1]) if fields else (),
        typed=added,
        typed_sections=section_options(setup.scheme, added[-1]),
        section_names="、".join(section.label for section in setup.scheme.declared_sections),
        pasted=pasted or request.form.get("pasted", ""),
        refusal=refusal,
    )
    return render_template("organizer/setup/subjects.html", page=page), reply_code(refusal)


def _lines(entries: Sequence[SubjectEntry], scheme: Scheme, edited: int | None = None) -> tuple[SubjectLine, ...]:
    labels = {section.key: section.label for section in scheme.declared_sections}
    return tuple(
        SubjectLine(
            place=str(at),
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
