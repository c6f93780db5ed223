"""What each published result says of its subjects, in and out of the table."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from kaohe.domain.meetings import MeetingState
from kaohe.domain.published_results import PublishedResult, published_text, read_published
from kaohe.storage.people import kept_ids
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import PublishedResultRow, RoundRow, SubjectPersonRow

_STANDING = (str(MeetingState.PUBLISHED), str(MeetingState.PURGED))


def store_published(session: Session, round_id: str, published: PublishedResult) -> None:
    """Store what the result of a round says now, in place of what it said before it was corrected."""
    session.merge(PublishedResultRow(round_id=round_id, text=published_text(published)))
    session.flush()


@cached_in_transaction
def published_results(session: Session, *meeting_ids: str) -> Mapping[str, PublishedResult]:
    """What stands published of these meetings, or of all where none is named, by the meeting's id.

    Of a round that was voided nothing stands.
    """
    query = (
        select(RoundRow.meeting_id, PublishedResultRow.text)
        .join(PublishedResultRow, PublishedResultRow.round_id == RoundRow.id)
        .where(RoundRow.state.in_(_STANDING), RoundRow.void_reason.is_(None))
    )
    if meeting_ids:
        query = query.where(RoundRow.meeting_id.in_(meeting_ids))
    return {row.meeting_id: read_published(row.text) for row in session.execute(query)}


def rounds_without_lines(session: Session) -> Mapping[str, str]:
    """The ids of published rounds of which nothing is kept yet, each with that of its meeting."""
    query = (
        select(RoundRow.id, RoundRow.meeting_id)
        .outerjoin(PublishedResultRow, PublishedResultRow.round_id == RoundRow.id)
        .where(RoundRow.state.in_(_STANDING), RoundRow.void_reason.is_(None), PublishedResultRow.round_id.is_(None))
    )
    return {row.id: row.meeting_id for row in session.execute(query)}


@cached_in_transaction
def meetings_of_person(session: Session, *person_ids: str) -> Mapping[str, str]:
    """The key under which a person of the register stands in each meeting, under any id, by the meeting's id."""
    query = select(SubjectPersonRow).where(SubjectPersonRow.person_id.in_(person_ids))
    return {row.meeting_id: row.subject_key for row in session.scalars(query)}


@cached_in_transaction
def people_of_meetings(session: Session, *meeting_ids: str) -> Mapping[tuple[str, str], str]:
    """Which person of the register each subject of these meetings is, by (meeting id, subject key), where it is known.

    Of all meetings where none is named.
    """
    query = select(SubjectPersonRow.meeting_id, SubjectPersonRow.subject_key, SubjectPersonRow.person_id)
    if meeting_ids:
        query = query.where(SubjectPersonRow.meeting_id.in_(meeting_ids))
    kept = kept_ids(session)
    return {(row.meeting_id, row.subject_key): kept.get(row.person_id, row.person_id) for row in session.execute(query)}
