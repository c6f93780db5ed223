"""Meetings and rounds in and out of the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kaohe.domain.errors import EditedMeanwhile, MeetingUnknown
from kaohe.domain.inputs import needs_of
from kaohe.domain.meeting_keys import MeetingKey, derive_meeting_key
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup, MeetingState, Shelf
from kaohe.domain.units import TOP
from kaohe.domain.voting_mode import takes_ballots
from kaohe.storage.clock import now
from kaohe.storage.installation import these_secrets
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import MaterialRow, MeetingRow, RoundRow, SubjectRow, VoterGroupRow
from kaohe.tally.model import Subject, SubjectKind
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One line of the console's list of meetings."""

    id: str
    title: str
    unit: str
    unit_id: str
    """The unit that it belongs to."""
    held_on: date | None
    state: MeetingState
    is_paused: bool
    round_number: int
    takes_ballots: bool
    """Whether there is a vote, by the scheme as it stands."""
    sums_up_periods: bool
    """Whether earlier periods are a part of its score, by the scheme as it stands."""
    scheme_key: str
    """Of the scheme as it stands."""
    shelf: Shelf
    spot_of: str | None
    """The meeting within which it is a vote on the spot."""


def add_meeting(session: Session, setup: MeetingSetup, stage_code: str, unit_id: str = TOP) -> None:
    """Store a new meeting of a unit with its first round still to come."""
    beside = {"stage_code": stage_code, "unit_id": unit_id, "version": setup.version, "created_at": now()}
    session.add(MeetingRow(id=setup.id, **beside, **_columns(setup)))
    session.flush()
    _store_lists(session, setup)


def put_on_shelf(session: Session, meeting_id: str, shelf: Shelf) -> bool:
    """Keep a meeting in another place of the list; whether that is another one than before."""
    row = meeting_row(session, meeting_id)
    is_moved = row.shelf != shelf
    row.shelf = str(shelf)
    return is_moved


def store_setup(session: Session, setup: MeetingSetup) -> None:
    """Store a changed set-up; ``setup.version`` is the one that the change was made from.

    Raises:
        EditedMeanwhile: somebody else has saved since.
    """
    row = meeting_row(session, setup.id)
    if row.version != setup.version:
        raise EditedMeanwhile
    for name, value in _columns(setup).items():
        setattr(row, name, value)
    row.version += 1
    session.execute(delete(SubjectRow).where(SubjectRow.meeting_id == setup.id))
    session.execute(delete(VoterGroupRow).where(VoterGroupRow.meeting_id == setup.id))
    _store_lists(session, setup)


@cached_in_transaction
def load_setup(session: Session, meeting_id: str) -> MeetingSetup:
    """The set-up as it is being prepared."""
    row = meeting_row(session, meeting_id)
    subjects = session.scalars(
        select(SubjectRow).where(SubjectRow.meeting_id == meeting_id).order_by(SubjectRow.position)
    )
    groups = session.scalars(
        select(VoterGroupRow).where(VoterGroupRow.meeting_id == meeting_id).order_by(VoterGroupRow.position)
    )
    return MeetingSetup(
        id=row.id,
        title=row.title,
        unit=row.unit,
        held_on=row.held_on,
        scheme=parse_scheme(json.loads(row.scheme)),
        subjects=tuple(
            Subject(s.key, s.name, s.unit, s.post, s.class_label, SubjectKind(s.kind), s.section) for s in subjects
        ),
        groups=tuple(_group(group) for group in groups),
        hall_view=HallView(row.hall_view),
        custody=Custody(row.custody),
        shared_group=row.shared_group,
        ballot_list_wanted=row.ballot_list_wanted,
        version=row.version,
        two_people=row.two_people,
    )


def store_material(session: Session, meeting_id: str, subject_key: str, text: str) -> None:
    """Store what can be read about a subject, in the place of what there was; '' for nothing."""
    of_subject = MaterialRow.subject_key == subject_key
    session.execute(delete(MaterialRow).where(MaterialRow.meeting_id == meeting_id, of_subject))
    if text:
        session.add(MaterialRow(meeting_id=meeting_id, subject_key=subject_key, text=text))
        session.flush()


def material_of(session: Session, meeting_id: str, subject_key: str) -> str:
    """What can be read about a subject; '' for nothing."""
    of_subject = MaterialRow.subject_key == subject_key
    return session.scalar(select(MaterialRow.text).where(MaterialRow.meeting_id == meeting_id, of_subject)) or ""


def materials_of(session: Session, meeting_id: str) -> Mapping[str, str]:
    """What can be read about each subject, by key, where there is anything."""
    query = select(MaterialRow).where(MaterialRow.meeting_id == meeting_id)
    return {row.subject_key: row.text for row in session.scalars(query)}


def material_lengths(session: Session, meeting_id: str) -> Mapping[str, int]:
    """How many characters can be read about each subject, by key, where there are any."""
    length = func.length(MaterialRow.text).label("length")
    query = select(MaterialRow.subject_key, length).where(MaterialRow.meeting_id == meeting_id)
    return {row.subject_key: row.length for row in session.execute(query)}


@cached_in_transaction
def meeting_key(session: Session, meeting_id: str) -> MeetingKey:
    """The key that signs for a meeting: a vote on the spot has the one of its meeting, whose slips it borrows."""
    row = meeting_row(session, meeting_id)
    return derive_meeting_key(these_secrets().signing_key, row.spot_of or meeting_id)


@cached_in_transaction
def list_meetings(session: Session) -> list[MeetingLine]:
    """All meetings, the newest first, each with the state of its latest round."""
    latest = latest_round_rows(session)
    return [
        MeetingLine(
            row.id,
            row.title,
            row.unit,
            row.unit_id,
            row.held_on,
            MeetingState(latest[row.id].state),
            latest[row.id].is_paused,
            latest[row.id].number,
            *_said_by_scheme(row.scheme),
            Shelf(row.shelf),
            row.spot_of,
        )
        for row in session.scalars(select(MeetingRow).order_by(MeetingRow.created_at.desc(), MeetingRow.id))
    ]


@cached_in_transaction
def latest_round_rows(session: Session, *meeting_ids: str) -> Mapping[str, RoundRow]:
    """The latest real round of these meetings, or of every meeting where none are named, by the meeting's id."""
    query = select(RoundRow).where(~RoundRow.is_rehearsal).order_by(RoundRow.number)
    rows = session.scalars(query.where(RoundRow.meeting_id.in_(meeting_ids)) if meeting_ids else query)
    return {row.meeting_id: row for row in rows}


@cached_in_transaction
def meeting_row(session: Session, meeting_id: str) -> MeetingRow:
    """The meeting's own row."""
    row = session.get(MeetingRow, meeting_id)
    if row is None:
        raise MeetingUnknown
    return row


def meeting_title(session: Session, meeting_id: str) -> str:
    """What the meeting is called."""
    return meeting_row(session, meeting_id).title


def unit_of_meeting(session: Session, meeting_id: str) -> str:
    """The id of the unit that the meeting belongs to."""
    return meeting_row(session, meeting_id).unit_id


def move_meeting(session: Session, meeting_id: str, unit_id: str) -> None:
    """Let a meeting belong to another unit."""
    meeting_row(session, meeting_id).unit_id = unit_id


def meetings_by_unit(session: Session) -> Mapping[str, int]:
    """How many meetings belong to each unit that has any, votes on the spot not counted."""
    query = (
        select(MeetingRow.unit_id, func.count().label("held"))
        .where(MeetingRow.spot_of.is_(None))
        .group_by(MeetingRow.unit_id)
    )
    return {row.unit_id: row.held for row in session.execute(query)}


def stage_code(session: Session, meeting_id: str) -> str:
    """The secret part of the projector's address."""
    return meeting_row(session, meeting_id).stage_code


def keep_months(session: Session, meeting_id: str) -> int:
    """How many months after publication the ballots are kept."""
    return meeting_row(session, meeting_id).keep_months


def save_keep_months(session: Session, meeting_id: str, months: int) -> None:
    """Store how many months after publication the ballots are kept."""
    meeting_row(session, meeting_id).keep_months = months


def _store_lists(session: Session, setup: MeetingSetup) -> None:
    session.add_all(
        SubjectRow(meeting_id=setup.id, position=position, **_subject_columns(subject))
        for position, subject in enumerate(setup.subjects)
    )
    session.add_all(
        VoterGroupRow(
            meeting_id=setup.id,
            position=position,
            **(asdict(group) | {"weight": str(group.weight), "may_grade": " ".join(group.may_grade)}),
        )
        for position, group in enumerate(setup.groups)
    )


def _subject_columns(subject: Subject) -> dict[str, Any]:
    columns = asdict(subject) | {"kind": str(subject.kind)}
    del columns["apart"]
    return columns


def _group(row: VoterGroupRow) -> Group:
    return Group(
        row.key,
        row.label,
        Fraction(row.weight),
        row.entitled,
        part_of=row.part_of,
        part_of_label=row.part_of_label,
        may_grade=tuple(row.may_grade.split()),
        is_named=row.is_named,
    )


@lru_cache(maxsize=256)
def _said_by_scheme(scheme_text: str) -> tuple[bool, bool, str]:
    """Whether ballots are taken, whether periods are summed up, and the scheme's key.

    Remembered, because a list of meetings asks it of each and most of them are held by a few schemes.
    """
    scheme = parse_scheme(json.loads(scheme_text))
    return takes_ballots(scheme), needs_of(scheme).needs_periods, scheme.key


def _columns(setup: MeetingSetup) -> dict[str, Any]:
    """What an organizer may change of the meeting's own row."""
    names = ("title", "unit", "held_on", "shared_group", "ballot_list_wanted", "two_people")
    return {name: getattr(setup, name) for name in names} | {
        "scheme": json.dumps(scheme_document(setup.scheme), ensure_ascii=False),
        "hall_view": str(setup.hall_view),
        "custody": str(setup.custody),
    }
