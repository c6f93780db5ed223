"""Votes on the spot (现场票决) and the meetings within which they are held."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from kaohe.storage.meetings import current_round_row, meeting_row
from kaohe.storage.tables import MeetingRow, RoundRow


def make_spot_vote(session: Session, meeting_id: str, within: str) -> None:
    """Make a meeting a vote on the spot within another one."""
    meeting_row(session, meeting_id).spot_of = within
    session.flush()


def spot_votes_of(session: Session, meeting_id: str) -> Sequence[tuple[MeetingRow, RoundRow]]:
    """Every vote on the spot within a meeting with its round, the newest first."""
    rows = session.scalars(
        select(MeetingRow).where(MeetingRow.spot_of == meeting_id).order_by(MeetingRow.created_at.desc(), MeetingRow.id)
    )
    return [(row, current_round_row(session, row.id)) for row in rows]
