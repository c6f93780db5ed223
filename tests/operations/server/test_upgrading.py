"""A database of an earlier version is taken over only when asked, with a copy first, and never under an open round."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.command import upgrade
from alembic.config import Config as Migrations
from flask import Flask
from holding import closed, opened
from sqlalchemy import create_engine, inspect, text

from kaohe.config import Config
from kaohe.domain.errors import DatabaseInUse, SecretsMismatch
from kaohe.operations.server.upgrading import BackupMissing, RoundUnfinished, upgrade_database
from kaohe.storage.database import is_sqlite, transaction
from kaohe.storage.migrating import DatabaseNotUpgraded, DatabaseOfOtherVersion, is_up_to_date
from kaohe.storage.starting import bring_up_to_date
from kaohe.storage.tables import db

MIGRATIONS = Path(__file__).parents[3] / "migrations"
EARLIER = "0002_keys_in_files"


def contents() -> dict[str, list[tuple[Any, ...]]]:
    with db.engine.connect() as connection:
        return {
            table: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]
            for table in inspect(connection).get_table_names()
        }


def stamp(revision: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def make_earlier_database() -> None:
    """As an earlier version has left it, with a meeting in it."""
    db.drop_all()
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    upgrade(Migrations(MIGRATIONS / "alembic.ini"), EARLIER)
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO meetings (id, title, unit, scheme, hall_view, custody, ballot_list_wanted, two_people,"
                " stage_code, keep_months, is_dismissed, version, created_at)"
                " VALUES ('m', '测评会', '', '{}', 'turnout', 'server', false, false, 'x', 12, false, 1, '2026-11-29')"
            )
        )


def test_an_earlier_database_is_refused_by_everything_and_upgraded_by_its_command_alone(config: Config) -> None:
    make_earlier_database()
    before = contents()
    with pytest.raises(DatabaseNotUpgraded, match="kaohe upgrade"):
        bring_up_to_date()
    assert contents() == before

    if not is_sqlite():
        with pytest.raises(BackupMissing, match="--backed-up"):
            upgrade_database(is_backed_up=False)
        assert contents() == before
    done = upgrade_database(is_backed_up=not is_sqlite())
    assert done is not None
    assert done.from_revision == EARLIER
    bring_up_to_date()
    assert contents()["meetings"][0][1] == "测评会"
    if is_sqlite():
        assert done.copy is not None
        assert done.copy.parent == config.data
        with closing(sqlite3.connect(done.copy)) as copy:
            assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (EARLIER,)
            assert copy.execute("SELECT title FROM meetings").fetchone() == ("测评会",)
    assert upgrade_database(is_backed_up=False) is None


def test_a_new_database_is_simply_made() -> None:
    db.drop_all()
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert upgrade_database(is_backed_up=False) is None
    bring_up_to_date()
    assert is_up_to_date()


@pytest.mark.parametrize("hold", [opened, closed])
def test_a_box_that_is_not_counted_is_left_to_the_version_that_opened_it(app: Flask, hold: Callable[..., Any]) -> None:
    hold(app)
    stamp(EARLIER)
    before = contents()
    with pytest.raises(RoundUnfinished, match=f"年度民主测评会.*{EARLIER}"):
        upgrade_database(is_backed_up=True)
    assert contents() == before


def test_nothing_is_upgraded_while_another_process_has_the_database_open() -> None:
    make_earlier_database()
    before = contents()
    another = create_engine(db.engine.url)
    with another.connect() as connection:
        connection.execute(text("SELECT title FROM meetings")).all()
        with pytest.raises(DatabaseInUse):
            upgrade_database(is_backed_up=True)
    another.dispose()
    assert contents() == before


def test_a_database_of_other_secrets_is_not_upgraded(app: Flask) -> None:
    bring_up_to_date()
    with transaction() as session:
        session.execute(text("UPDATE secrets_mark SET mark = :other"), {"other": bytes(32)})
    stamp(EARLIER)
    with pytest.raises(SecretsMismatch):
        upgrade_database(is_backed_up=True)


def test_no_transaction_writes_into_a_database_that_another_version_has_taken_over() -> None:
    bring_up_to_date()
    stamp("9999_from_the_future")
    with pytest.raises(DatabaseOfOtherVersion, match="另一个版本"), transaction() as session:
        session.execute(text("INSERT INTO receipts (round_id, receipt) VALUES ('r', 'x')"))
    assert contents()["receipts"] == []
