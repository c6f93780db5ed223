"""A database that is already in use is brought up to date with everything in it."""

from __future__ import annotations

import flask_migrate
import pytest
from sqlalchemy import text

from kaohe.storage.migrating import is_up_to_date
from kaohe.storage.tables import db

IN_USE = (
    "INSERT INTO accounts (id, name, password_hash, failed_count) VALUES ('a1', '王主持', 'x', 0)",
    (
        "INSERT INTO sign_ins (digest, account_id, started_at, seen_at)"
        " VALUES ('d', 'a1', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
    ),
    (
        "INSERT INTO meetings"
        " (id, title, unit, scheme, hall_view, custody, ballot_list_wanted, stage_code, version, created_at)"
        " VALUES ('m1', '测评会', '局', '{}', 'turnout', 'server', false, 's', 1, '2026-01-01 00:00:00')"
    ),
    (
        "INSERT INTO subjects (meeting_id, key, position, name, unit, post, class_label, kind)"
        " VALUES ('m1', 's1', 1, '张伟', '', '', '', 'person')"
    ),
    (
        "INSERT INTO voter_groups (meeting_id, key, position, label, weight, entitled)"
        " VALUES ('m1', 'all', 1, '全体', '1', 9)"
    ),
    (
        "INSERT INTO rounds (id, meeting_id, number, is_rehearsal, state, is_paused, key_proven, revealed_count)"
        " VALUES ('r1', 'm1', 1, false, 'draft', false, false, 0)"
    ),
    "INSERT INTO round_numbers (round_id, group_key, present, left_over) VALUES ('r1', 'all', 8, 1)",
)
TABLES = ("accounts", "sign_ins", "meetings", "subjects", "voter_groups", "rounds", "round_numbers")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


def rows() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {table: connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES}


def test_no_migration_loses_what_is_there(app) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="0002")
        with db.engine.begin() as connection:
            for statement in IN_USE:
                connection.execute(text(statement))
        flask_migrate.upgrade()
        assert is_up_to_date()
        assert rows() == dict.fromkeys(TABLES, 1)
        flask_migrate.downgrade(revision="0002")
        assert rows() == dict.fromkeys(TABLES, 1)
