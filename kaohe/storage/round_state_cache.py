"""A glance at a meeting's state: the one look into the database that a phone's first request needs.

Half of what a ballot page costs the server is this look, and in the seconds when a hall scans its tickets thousands
ask the same. So what was seen is shown again for ``FRESH_SECONDS``, unless this process has written anything meanwhile.
Only a page depends on it: whether a ballot is taken is judged inside the transaction that stores it.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from sqlalchemy import bindparam, select

from kaohe.domain.meetings import MeetingState
from kaohe.storage.database import commit_number
from kaohe.storage.installation import this_memory
from kaohe.storage.tables import MeetingRow, RoundRow, db, table_of

FRESH_SECONDS = 0.05
"""How long another process's pause or close may go unseen by phones that are just fetching their page."""
_MEETINGS_AT_MOST = 64
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
_GLANCE = (
    select(_ROUNDS.c.id, _ROUNDS.c.state, _ROUNDS.c.is_paused, _ROUNDS.c.is_rehearsal, _SPOT.label("spot_id"))
    .where(_ROUNDS.c.meeting_id == bindparam("of_meeting"))
    .order_by(_ROUNDS.c.is_rehearsal.desc(), _ROUNDS.c.number.desc())
    .limit(1)
)


class Glance(NamedTuple):
    """The round that phones vote in."""

    round_id: str
    state: MeetingState
    is_paused: bool
    spot_id: str | None
    """The vote on the spot that the meeting's slips lead to; the meeting's own rehearsals and ballots come first."""


def glance(meeting_id: str) -> Glance | None:
    """The round that phones vote in, at most ``FRESH_SECONDS`` ago; None where there is no such meeting.

    One statement and no objects. What this process has changed is seen at once.
    """
    seen = this_memory("glances")
    number, moment = commit_number(), time.monotonic()
    kept: tuple[int, float, Glance] | None = seen.get(meeting_id)
    if kept is not None and kept[0] == number and moment < kept[1]:
        return kept[2]
    with db.engine.connect() as connection:
        row = connection.execute(_GLANCE, {"of_meeting": meeting_id}).first()
    if row is None:
        return None
    state = MeetingState(row.state)
    comes_first = state is MeetingState.OPEN or row.is_rehearsal
    found = Glance(row.id, state, row.is_paused, None if comes_first else row.spot_id)
    if len(seen) >= _MEETINGS_AT_MOST:
        seen.clear()
    seen[meeting_id] = number, moment + FRESH_SECONDS, found
    return found
