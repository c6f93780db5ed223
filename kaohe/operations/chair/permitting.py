"""The state of a meeting by which permissions are judged."""

from __future__ import annotations

from kaohe.domain.meetings import MeetingState
from kaohe.storage.database import reading
from kaohe.storage.rounds import round_state


def state_of(meeting_id: str, round_number: int | None = None) -> MeetingState | None:
    """The state of a meeting's current round, or of the round named; None where there is none.

    A page about an earlier round is judged by that round: voiding a published one does not hide it from HR, and
    publishing the next one does not show it. Every act judges the state once more in its own transaction.
    """
    with reading() as session:
        return round_state(session, meeting_id, round_number)
