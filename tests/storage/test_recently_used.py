"""Memory that is full gives up what has lain longest, and a ticket is found without looking at all of them."""

from __future__ import annotations

import secrets

import pytest
from scene import prepare_meeting
from sqlalchemy import event

from kaohe.domain.ticket_codes import new_ticket_code
from kaohe.storage.database import reading
from kaohe.storage.installation import RecentlyUsed
from kaohe.storage.tables import db
from kaohe.storage.tickets import find_ticket, ticket_groups_by_round


def test_what_was_used_last_stays_when_there_is_no_more_room() -> None:
    kept: RecentlyUsed[str, int] = RecentlyUsed(2)
    kept.keep("hall", 1)
    kept.keep("other", 2)
    assert kept.recall("hall") == 1
    kept.keep("third", 3)

    assert (kept.recall("hall"), kept.recall("other"), kept.recall("third")) == (1, None, 3)
    kept.keep("hall", 4)
    kept.forget("third")
    kept.forget("third")
    assert (kept.recall("hall"), kept.recall("third")) == (4, None)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_no_question_for_a_code_looks_at_all_tickets() -> None:
    prepare_meeting()
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    with reading() as session:
        assert find_ticket(session, "no-round", new_ticket_code()) is None
    assert ticket_groups_by_round(secrets.token_bytes(32)) == {}
    event.remove(db.engine, "before_cursor_execute", note)

    about_tickets = [each for each in asked if "tickets" in each[0]]
    assert len(about_tickets) == 3
    with db.engine.connect() as connection:
        for statement, parameters in about_tickets:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert all("SEARCH" in str(step) for step in plan), plan
