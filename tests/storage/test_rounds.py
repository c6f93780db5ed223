"""Rounds and accounts are read as values, and one is changed only by whoever has read it for update."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from scene import CHAIR, hold_meeting, prepare_meeting

from kaohe.domain.meetings import MeetingState
from kaohe.operations.chair.voting import open_meeting, pause_meeting
from kaohe.storage.accounts import StoredAccount
from kaohe.storage.database import reading, transaction
from kaohe.storage.rounds import (
    StoredRound,
    add_round,
    current_round,
    current_round_for_update,
    round_by_id,
    save_round,
)
from kaohe.storage.tables import AccountRow, Base, RoundRow, table_of

MOMENT = datetime(2026, 12, 18, 9, 30, tzinfo=UTC)
_BY_TYPE = {"str": "text", "int": 3, "bool": True, "bytes": b"bytes", "datetime": MOMENT, "date": date(2029, 12, 18)}


def _elsewhere(app: Flask, act: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        with app.app_context():
            act()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize(("value", "row"), [(StoredRound, RoundRow), (StoredAccount, AccountRow)])
def test_a_stored_value_has_the_columns_of_its_table(value: type, row: type[Base]) -> None:
    assert {each.name for each in fields(value)} == {column.name for column in table_of(row).columns}


def test_whatever_is_stored_of_a_round_is_read_again() -> None:
    meeting_id = prepare_meeting().meeting_id
    values = {
        each.name: _BY_TYPE[str(each.type).partition(" ")[0]] for each in fields(StoredRound) if each.name != "state"
    }
    made = StoredRound(**values | {"id": "other", "meeting_id": meeting_id}, state=MeetingState.PUBLISHED)
    with transaction() as session:
        add_round(session, made)
    with reading() as session:
        assert round_by_id(session, "other") == made


def test_pages_are_given_no_secret_of_a_round() -> None:
    meeting_id = hold_meeting().meeting_id
    with reading() as session:
        stored = replace(current_round(session, meeting_id), held_share=b"a share of the key")
    assert not hasattr(stored.without_secrets(), "held_share")
    assert "a share of the key" not in repr(stored)


def test_a_round_read_for_update_is_changed_by_nobody_else_meanwhile(app: Flask) -> None:
    meeting_id = prepare_meeting().meeting_id
    with transaction() as session:
        draft = current_round_for_update(session, meeting_id)
        opening = _elsewhere(app, lambda: open_meeting(CHAIR, meeting_id))
        opening.join(0.5)
        assert opening.is_alive()
        save_round(session, replace(draft, challenge_limit=2))
    opening.join()
    with reading() as session:
        opened = current_round(session, meeting_id)
    assert (opened.state, opened.challenge_limit) == (MeetingState.OPEN, 2)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_what_was_read_before_the_lock_is_read_again_with_it(app: Flask) -> None:
    meeting_id = hold_meeting().meeting_id
    with transaction() as session:
        before = current_round(session, meeting_id)
        _elsewhere(app, lambda: pause_meeting(CHAIR, meeting_id)).join()
        locked = current_round_for_update(session, meeting_id)
    assert (before.is_paused, locked.is_paused) == (False, True)
