"""What the pages of the list of subjects show: the list with its forms, and what a pasted one would give."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.office_tables.account import Account
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.people.register import Doubt
from kaohe.operations.setup.preparing import list_meetings, load_meeting
from kaohe.tally.awards.electing import uncontested
from kaohe.tally.model import SubjectKind
from kaohe.tally.scheme.refusals import SectionError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.access import this_reach
from kaohe.web.organizer.setup.roster_reading import Carried, RosterReading, roster_reading
from kaohe.web.organizer.setup.subject_rows import KIND_LABELS, entries_of, row_of, section_options
from kaohe.web.organizer.shell.form_replies import Refusal
from kaohe.web.organizer.shell.forms import Option
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.lists import ListPart, part_of_list
from kaohe.web.organizer.shell.meeting import day_text

NOTHING_TYPED = ("",) * 6
_OTHERS_SHOWN = 100


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
class RemovedSubject:
    """Who has just gone from the list, with all that puts it back where it stood."""

    number: str
    cells: tuple[str, ...]
    """As in ``SubjectLine``."""
    was_last: bool
    """Whether the one before it has come to be the last."""


@dataclass(frozen=True, slots=True)
class SubjectsPage:
    """The list, the row being edited, and the forms that add to it."""

    frame: MeetingFrame
    version: str
    lines: tuple[SubjectLine, ...]
    """Of a long list those of one page."""
    part: ListPart
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
    others: tuple[Option, ...]
    """The newest other meetings, whose lists may be taken."""
    has_inputs: bool
    """Whether scores or decisions are brought about the subjects, which go with them."""
    uncontested: str
    """Who stands for a post without competition while others have some, with the post; empty for nobody."""
    token: str
    """Good for moving them to another meeting once."""
    refusal: Refusal | None
    removed: RemovedSubject | None = None
    edited_last: str = ""
    """The row whose fields have just been closed, so that the focus goes there; empty where none were."""


@dataclass(frozen=True, slots=True)
class SubjectsPreviewPage:
    """What a pasted list would give. Nothing is stored yet; the text itself goes on in the form."""

    frame: MeetingFrame
    carried: Carried
    lines: tuple[SubjectLine, ...]
    count: str
    reading: RosterReading
    """How the table was read, and what is still to be answered or mended."""
    adds: bool
    """Whether the list goes after the existing one instead of in its place."""
    existing: str
    """How many subjects there are now; empty for none."""
    has_units: bool
    has_classes: bool
    has_sections: bool


def subjects_page(
    meeting_id: str,
    typed: tuple[str, ...] = NOTHING_TYPED,
    *,
    edited: int | None = None,
    pasted: str = "",
    refusal: Refusal | None = None,
) -> SubjectsPage:
    """The list; ``typed`` stands in the fields of the row ``edited`` after a refusal, or in those for one more."""
    setup, this_round = load_meeting(meeting_id)
    entries = entries_of(setup.subjects)
    is_editing = edited is not None and edited < len(entries)
    rows, part = part_of_list(
        list(enumerate(entries)),
        lambda row: " ".join(row_of(row[1])),
        "organizer.subjects",
        holding=edited if is_editing else None,
        meeting_id=meeting_id,
    )
    fields = (typed if refusal else tuple(row_of(entries[edited or 0]))) if is_editing else ()
    added = NOTHING_TYPED if is_editing else typed
    return SubjectsPage(
        frame=frame_of(setup, this_round, "subjects"),
        version=str(setup.version),
        lines=_lines(rows, setup.scheme, last=len(entries) - 1, edited=edited),
        part=part,
        count=str(len(entries)),
        kinds=tuple(KIND_LABELS.values()),
        edited=fields,
        edited_row=str(edited) if is_editing else "",
        edited_sections=section_options(setup.scheme, fields[-1]) if fields else (),
        typed=added,
        typed_sections=section_options(setup.scheme, added[-1]),
        section_names="、".join(section.label for section in setup.scheme.declared_sections),
        pasted=pasted,
        others=tuple(
            Option(line.id, " · ".join(filter(None, (line.title, line.unit, day_text(line.held_on)))), is_chosen=False)
            for line in list_meetings(this_reach())
            if line.id != meeting_id
        )[:_OTHERS_SHOWN],
        has_inputs=bool(setup.scheme.components or setup.scheme.clauses),
        uncontested=_uncontested(setup),
        token=secrets.token_urlsafe(16),
        refusal=refusal,
    )


def _uncontested(setup: MeetingSetup) -> str:
    try:
        alone = uncontested(setup.full_scheme, setup.subjects)
    except SectionError:
        return ""
    if len(alone) == len(setup.subjects):
        return ""
    return "；".join(f"{subject.class_label or '没有写职位'}：{subject.full_name}" for subject in alone)


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
    setup, this_round = load_meeting(meeting_id)
    return SubjectsPreviewPage(
        frame=frame_of(setup, this_round, "subjects"),
        carried=carried,
        lines=_lines(list(enumerate(entries)), setup.scheme, last=len(entries) - 1),
        count=str(len(entries)),
        reading=roster_reading(account, carried, doubts, has_sections=bool(setup.scheme.declared_sections)),
        adds=adds and bool(setup.subjects),
        existing=str(len(setup.subjects)) if setup.subjects else "",
        has_units=any(entry.unit or entry.post for entry in entries),
        has_classes=any(entry.class_label for entry in entries),
        has_sections=any(entry.section for entry in entries),
    )


def _lines(
    rows: Sequence[tuple[int, SubjectEntry]], scheme: Scheme, *, last: int, edited: int | None = None
) -> tuple[SubjectLine, ...]:
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
            is_last=at == last,
            is_edited=at == edited,
        )
        for at, entry in rows
    )
