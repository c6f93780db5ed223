"""A read transaction is one view: what reads within it joins it, nothing is written within it, others do not show."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from scene import CHAIR, hold_meeting
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from kaohe.domain.meetings import MeetingState
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup.preparing import load_meeting
from kaohe.storage.database import is_sqlite, reading, transaction
from kaohe.storage.read_views import cached_in_transaction, is_in_transaction
from kaohe.storage.tables import MeetingRow, db


def elsewhere(app, act) -> None:
    """Do something as another thread of the server does it."""

    def run() -> None:
        with app.app_context():
            act()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.fixture
def begun():
    """A line for every transaction that begins in this thread; the one that tells other servers has its own time."""
    seen: list[str] = []
    own = threading.get_ident()

    def note(_connection) -> None:
        if threading.get_ident() == own:
            seen.append("begin")

    event.listen(db.engine, "begin", note)
    yield seen
    event.remove(db.engine, "begin", note)


def test_what_reads_within_a_view_joins_it(begun):
    meeting_id = hold_meeting().meeting_id
    begun.clear()
    with reading() as outer:
        load_meeting(meeting_id)
        load_board(meeting_id)
        with reading() as inner:
            assert inner is outer
    assert begun == ["begin"]
    assert not is_in_transaction()


def test_what_reads_within_a_change_sees_the_change():
    meeting_id = hold_meeting().meeting_id
    with transaction() as session:
        session.execute(db.update(MeetingRow).where(MeetingRow.id == meeting_id).values(stage_code="new"))
        with reading() as joined:
            assert joined is session
            assert joined.scalar(db.select(MeetingRow.stage_code).where(MeetingRow.id == meeting_id)) == "new"


@pytest.mark.parametrize("outer", [reading, transaction])
def test_no_change_begins_within_another_transaction(outer):
    with outer(), pytest.raises(RuntimeError, match="while another transaction is open"), transaction():
        pytest.fail("it has begun")
    with transaction() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_close_between_two_looks_does_not_show_in_one_view(app):
    meeting_id = hold_meeting().meeting_id
    with reading():
        before = load_board(meeting_id)
        elsewhere(app, lambda: close_meeting(CHAIR, meeting_id))
        assert load_meeting(meeting_id)[1].state is MeetingState.OPEN
        assert load_board(meeting_id) == before
    assert load_meeting(meeting_id)[1].state is MeetingState.CLOSED


def test_a_view_that_has_only_begun_shows_what_was_committed_before_its_first_question(app):
    meeting_id = hold_meeting().meeting_id
    with reading():
        elsewhere(app, lambda: close_meeting(CHAIR, meeting_id))
        assert load_meeting(meeting_id)[1].state is MeetingState.CLOSED


def test_nothing_that_is_tried_within_a_view_stays():
    meeting_id = hold_meeting().meeting_id
    with suppress(DBAPIError), reading() as session:
        session.execute(db.update(MeetingRow).where(MeetingRow.id == meeting_id).values(stage_code="tried"))
        assert is_sqlite(), "PostgreSQL refuses it at once"
    with reading() as session:
        assert session.scalar(db.select(MeetingRow.stage_code).where(MeetingRow.id == meeting_id)) != "tried"


def test_a_question_is_asked_once_in_a_view_and_every_time_in_a_change():
    asked: list[int] = []

    @cached_in_transaction
    def double(_session, number: int, *, more: int = 0) -> int:
        asked.append(number)
        return 2 * number + more

    with reading() as session:
        assert [double(session, 1), double(session, 1), double(session, 2), double(session, 1, more=1)] == [2, 2, 4, 3]
    assert asked == [1, 2, 1]
    with reading() as session:
        assert double(session, 1) == 2
    assert asked == [1, 2, 1, 1]
    with transaction() as session:
        assert [double(session, 5), double(session, 5)] == [10, 10]
    assert asked == [1, 2, 1, 1, 5, 5]
