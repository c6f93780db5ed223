"""Meetings and rounds in and out of the tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kaohe.domain.errors import EditedMeanwhile, MeetingUnknown
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup, MeetingState, Round
from kaohe.domain.setup_documents import thaw_setup
from kaohe.domain.voting_mode import takes_ballots
from kaohe.storage.clock import now
from kaohe.storage.database import asked_once
from kaohe.storage.tables import MeetingRow, RoundRow, SubjectRow, VoterGroupRow, db
from kaohe.tally.model import Subject, SubjectKind
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme_document.document import parse_scheme, scheme_document


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One line of the console's list of meetings."""

    id: str
    title: str
    unit: str
    held_on: date | None
    state: MeetingState
    is_paused: bool
    round_number: int
    takes_ballots: bool
    """Whether there is a vote, by the scheme as it stands."""


def add_meeting(session: Session, setup: MeetingSetup, stage_code: str) -> None:
    """Store a new meeting with its first round still to come."""
    session.add(
        MeetingRow(
            id=setup.id,
            title=setup.title,
            unit=setup.unit,
            held_on=setup.held_on,
            scheme=_scheme_text(setup.scheme),
            hall_view=str(setup.hall_view),
            custody=str(setup.custody),
            shared_group=setup.shared_group,
            ballot_list_wanted=setup.ballot_list_wanted,
            two_people=setup.two_people,
            stage_code=stage_code,
            version=setup.version,
            created_at=now(),
        )
    )
    session.flush()
    _store_lists(session, setup)


def store_setup(session: Session, setup: MeetingSetup) -> None:
    """Store a changed set-up; ``setup.version`` is the one that the change was made from.

    Raises:
        EditedMeanwhile: somebody else has saved since.
        MeetingUnknown: no such meeting.
    """
    row = meeting_row(session, setup.id)
    if row.version != setup.version:
        raise EditedMeanwhile
    row.title, row.unit, row.held_on = setup.title, setup.unit, setup.held_on
    row.scheme = _scheme_text(setup.scheme)
    row.hall_view, row.custody = str(setup.hall_view), str(setup.custody)
    row.shared_group, row.ballot_list_wanted = setup.shared_group, setup.ballot_list_wanted
    row.two_people = setup.two_people
    row.version += 1
    session.execute(delete(SubjectRow).where(SubjectRow.meeting_id == setup.id))
    session.execute(delete(VoterGroupRow).where(VoterGroupRow.meeting_id == setup.id))
    _store_lists(session, setup)


@asked_once
def load_setup(session: Session, meeting_id: str) -> MeetingSetup:
    """The set-up as it is being prepared.

    Raises:
        MeetingUnknown: no such meeting.
    """
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
        groups=tuple(Group(g.key, g.label, Fraction(g.weight), g.entitled) for g in groups),
        hall_view=HallView(row.hall_view),
        custody=Custody(row.custody),
        shared_group=row.shared_group,
        ballot_list_wanted=row.ballot_list_wanted,
        version=row.version,
        two_people=row.two_people,
    )


@asked_once
def list_meetings(session: Session) -> list[MeetingLine]:
    """All meetings, the newest first, each with the state of its latest round."""
    latest = {
        row.meeting_id: row
        for row in session.scalars(select(RoundRow).where(~RoundRow.is_rehearsal).order_by(RoundRow.number))
    }
    return [
        MeetingLine(
            row.id,
            row.title,
            row.unit,
            row.held_on,
            MeetingState(latest[row.id].state),
            latest[row.id].is_paused,
            latest[row.id].number,
            _takes_ballots(row.scheme),
        )
        for row in session.scalars(select(MeetingRow).order_by(MeetingRow.created_at.desc(), MeetingRow.id))
    ]


def meeting_row(session: Session, meeting_id: str) -> MeetingRow:
    """The meeting's own row.

    Raises:
        MeetingUnknown: no such meeting.
    """
    row = session.get(MeetingRow, meeting_id)
    if row is None:
        raise MeetingUnknown
    return row


def current_round_row(session: Session, meeting_id: str) -> RoundRow:
    """The latest real round of a meeting.

    Raises:
        MeetingUnknown: no such meeting.
    """
    rows = round_rows(session, meeting_id)
    if not rows:
        raise MeetingUnknown
    return rows[-1]


def locked_round_row(session: Session, meeting_id: str) -> RoundRow:
    """The same, held until the transaction ends: no ballot is committed and nobody else acts on it meanwhile.

    Raises:
        MeetingUnknown: no such meeting.
    """
    row = current_round_row(session, meeting_id)
    session.refresh(row, with_for_update=True)
    return row


def round_state(session: Session, meeting_id: str, number: int | None) -> MeetingState | None:
    """The state of the latest real round of a meeting, or of the one with this number; None where there is none."""
    rows = [row for row in round_rows(session, meeting_id) if number in (None, row.number)]
    return MeetingState(rows[-1].state) if rows else None


def printed_urls() -> Sequence[str]:
    """Every address of the server that stands on slips; none while the database does not answer."""
    try:
        with db.engine.connect() as connection:
            return [url for url in connection.scalars(select(RoundRow.printed_url).distinct()) if url]
    except SQLAlchemyError:
        return []


def rehearsal_row(session: Session, meeting_id: str) -> RoundRow | None:
    """The rehearsal that is going on, if there is one."""
    return next((row for row in _rounds(session, meeting_id) if row.is_rehearsal), None)


def active_round_row(session: Session, meeting_id: str) -> RoundRow:
    """The round that phones vote in: the rehearsal while there is one, else the current round."""
    return rehearsal_row(session, meeting_id) or current_round_row(session, meeting_id)


def round_rows(session: Session, meeting_id: str) -> Sequence[RoundRow]:
    """Every real round, the first one first."""
    return [row for row in _rounds(session, meeting_id) if not row.is_rehearsal]


def every_round_row(session: Session) -> Sequence[RoundRow]:
    """Every round of every meeting, rehearsals too, by meeting and number; held until the transaction ends."""
    query = select(RoundRow).order_by(RoundRow.meeting_id, RoundRow.number, RoundRow.id)
    return session.scalars(query.with_for_update()).all()


def rounds_with_traces(session: Session, meeting_id: str | None = None) -> Sequence[RoundRow]:
    """The rounds of one meeting, or of all, whose deleted rows are still to be wiped from the files."""
    query = select(RoundRow).where(RoundRow.traces_due.is_not(None)).order_by(RoundRow.meeting_id, RoundRow.number)
    return session.scalars(query if meeting_id is None else query.where(RoundRow.meeting_id == meeting_id)).all()


def as_round(row: RoundRow) -> Round:
    """The round as a value."""
    return Round(
        id=row.id,
        meeting_id=row.meeting_id,
        number=row.number,
        is_rehearsal=row.is_rehearsal,
        state=MeetingState(row.state),
        is_paused=row.is_paused,
        public_key=row.public_key,
        key_proven=row.key_proven,
        void_reason=row.void_reason,
        revealed_count=row.revealed_count,
        pool_code=row.pool_code,
        printed_url=row.printed_url,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        counted_at=row.counted_at,
        published_at=row.published_at,
        stripped_at=row.stripped_at,
        box_digest=row.box_digest,
        is_key_split=row.share_digests is not None,
        challenge_limit=row.challenge_limit,
        purge_on=row.purge_on,
        purged_at=row.purged_at,
    )


@asked_once
def round_setup(session: Session, row: RoundRow) -> MeetingSetup:
    """The set-up that a round is held by: frozen once it has opened, the prepared one before."""
    return thaw_setup(row.frozen) if row.frozen else load_setup(session, row.meeting_id)


@asked_once
def _rounds(session: Session, meeting_id: str) -> Sequence[RoundRow]:
    query = select(RoundRow).where(RoundRow.meeting_id == meeting_id).order_by(RoundRow.number)
    return session.scalars(query).all()


def _store_lists(session: Session, setup: MeetingSetup) -> None:
    session.add_all(
        SubjectRow(
            meeting_id=setup.id,
            key=subject.key,
            position=position,
            name=subject.name,
            unit=subject.unit,
            post=subject.post,
            class_label=subject.class_label,
            kind=str(subject.kind),
            section=subject.section,
        )
        for position, subject in enumerate(setup.subjects)
    )
    session.add_all(
        VoterGroupRow(
            meeting_id=setup.id,
            key=group.key,
            position=position,
            label=group.label,
            weight=str(group.weight),
            entitled=group.entitled,
        )
        for position, group in enumerate(setup.groups)
    )


@lru_cache(maxsize=256)
def _takes_ballots(scheme_text: str) -> bool:
    """Remembered, because a list of meetings asks it of each and most of them are held by a few schemes."""
    return takes_ballots(parse_scheme(json.loads(scheme_text)))


def _scheme_text(scheme: Scheme) -> str:
    return json.dumps(scheme_document(scheme), ensure_ascii=False)
