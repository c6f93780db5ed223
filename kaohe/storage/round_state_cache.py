"""Short-lived cache of the state of each meeting's active round, which a phone's first request depends on.

This query is half of what a ballot page costs the server, and while a hall scans its tickets thousands of phones ask
the same. So an answer is reused for ``FRESH_SECONDS``, unless this process has written anything meanwhile. Only a page
depends on it: whether a ballot is taken is judged inside the transaction that stores it.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from sqlalchemy import bindparam, select

from kaohe.domain.meetings import MeetingState
from kaohe.storage.database import commit_number
from kaohe.storage.installation import recently_used
from kaohe.storage.tables import MeetingRow, RoundRow, db, table_of

FRESH_SECONDS = 0.05
"""How long another process's pause or close may go unseen by phones that are just fetching their page."""
_MEETINGS_AT_MOST = 1024
"""More than are ever open at once: what is kept of each is a few words."""
_ROUNDS = table_of(RoundRow)
_MEETINGS = table_of(MeetingRow)
_SPOT_ROUNDS = _ROUNDS.alias("spot_rounds")
_SPOT_STATE = (
    select(_SPOT_ROUNDS.c.state)
    .where(_SPOT_ROUNDS.c.meeting_id == _MEETINGS.c.id, ~_SPOT_ROUNDS.c.is_rehearsal)
    .order_by(_SPOT_ROUNDS.c.number.desc())
    .limit(1)
    .scalar_subquery()
)
_SPOT = (
    select(_MEETINGS.c.id)
    .where(_MEETINGS.c.spot_of == bindparam("of_meeting"), ~_MEETINGS.c.is_dismissed, _SPOT_STATE != MeetingState.DRAFT)
    .order_by(_MEETINGS.c.created_at.desc(), _MEETINGS.c.id)
    .limit(1)
    .scalar_subquery()
)
_ACTIVE_ROUND = (
    select(_ROUNDS.c.id, _ROUNDS.c.state, _ROUNDS.c.is_paused, _ROUNDS.c.is_rehearsal, _SPOT.label("spot_id"))
    .where(_ROUNDS.c.meeting_id == bindparam("of_meeting"))
    .order_by(_ROUNDS.c.is_rehearsal.desc(), _ROUNDS.c.number.desc())
    .limit(1)
)


class ActiveRound(NamedTuple):
    """The round that phones vote in."""

    round_id: str
    state: MeetingState
    is_paused: bool
    spot_id: str | None
    """The vote on the spot that the meeting's slips lead to; the meeting's own rehearsals and ballots come first."""


def active_round(meeting_id: str) -> ActiveRound | None:
    """The round that phones vote in, at most ``FRESH_SECONDS`` ago; None where there is no such meeting.

    One statement and no objects. What this process has changed is seen at once.
    """
    cache = recently_used("round_state_cache", _MEETINGS_AT_MOST)
    number, moment = commit_number(), time.monotonic()
    cached: tuple[int, float, ActiveRound] | None = cache.recall(meeting_id)
    if cached is not None and cached[0] == number and moment < cached[1]:
        return cached[2]
    with db.engine.connect() as connection:
        row = connection.execute(_ACTIVE_ROUND, {"of_meeting": meeting_id}).first()
    if row is None:
        return None
    state = MeetingState(row.state)
    comes_first = state is MeetingState.OPEN or row.is_rehearsal
    found = ActiveRound(row.id, state, row.is_paused, None if comes_first else row.spot_id)
    cache.keep(meeting_id, (number, moment + FRESH_SECONDS, found))
    return found
