"""The cached state of an active round is quick, and never behind what this process has done."""

from __future__ import annotations

import time

import pytest
from scene import CHAIR, hold_meeting
from sqlalchemy import event

from kaohe.domain.meetings import MeetingState
from kaohe.operations.chair.voting import close_meeting, pause_meeting
from kaohe.storage.round_state_cache import FRESH_SECONDS, active_round
from kaohe.storage.tables import RoundRow, db


@pytest.fixture(autouse=True)
def context(app):
    with app.app_context():
        yield


@pytest.fixture
def statements():
    """Every statement that reaches the database."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_hall_that_looks_at_once_asks_the_database_a_few_times_only(statements):
    meeting_id = hold_meeting().meeting_id
    statements.clear()
    for _ in range(1_000):
        found = active_round(meeting_id)
        assert found is not None
        assert found[1:] == (MeetingState.OPEN, False, None)
    assert len(statements) < 500


def test_what_this_process_has_done_is_seen_at_once():
    meeting_id = hold_meeting().meeting_id
    active_round(meeting_id)
    pause_meeting(CHAIR, meeting_id)
    assert active_round(meeting_id).is_paused
    close_meeting(CHAIR, meeting_id)
    assert active_round(meeting_id).state is MeetingState.CLOSED


def test_what_another_process_has_done_is_seen_soon():
    meeting_id = hold_meeting().meeting_id
    active_round(meeting_id)
    # Behind this process's back: not through a transaction of its own.
    with db.engine.begin() as connection:
        connection.execute(db.update(RoundRow).where(RoundRow.meeting_id == meeting_id).values(is_paused=True))
    time.sleep(FRESH_SECONDS)
    assert active_round(meeting_id).is_paused


def test_a_meeting_that_does_not_exist_yet_is_not_remembered_as_missing():
    assert active_round("unknown") is None
    meeting_id = hold_meeting().meeting_id
    assert active_round(meeting_id) is not None
