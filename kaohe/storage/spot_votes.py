"""Votes on the spot (现场票决) and the meetings within which they are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kaohe.domain.meetings import MeetingState
from kaohe.storage.meetings import meeting_row
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.rounds import current_rounds
from kaohe.storage.tables import MeetingRow


@dataclass(frozen=True, slots=True)
class SpotVote:
    """One vote on the spot."""

    meeting_id: str
    title: str
    state: MeetingState
    is_on: bool
    """Whether slips and projector of the meeting lead to it, once it has been opened."""


def make_spot_vote(session: Session, meeting_id: str, within: str) -> None:
    """Make a meeting a vote on the spot within another one."""
    meeting_row(session, meeting_id).spot_of = within
    session.flush()


@cached_in_transaction
def spot_votes_of(session: Session, meeting_id: str) -> Sequence[SpotVote]:
    """Every vote on the spot within a meeting, the newest first."""
    query = select(MeetingRow).where(MeetingRow.spot_of == meeting_id)
    rows = session.scalars(query.order_by(MeetingRow.created_at.desc(), MeetingRow.id)).all()
    held = current_rounds(session, *(row.id for row in rows)) if rows else {}
    return [SpotVote(row.id, row.title, held[row.id].state, not row.is_dismissed) for row in rows]


def dismiss(session: Session, spot_id: str) -> None:
    """Let the meeting's slips and projector go back from a vote on the spot to the meeting. Idempotent."""
    meeting_row(session, spot_id).is_dismissed = True
