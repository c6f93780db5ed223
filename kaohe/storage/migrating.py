"""Bring the database to the shape that this version of the program expects."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection

from kaohe.storage.tables import db

_TURN = 0x6B616F6865
"""The lock that says who migrates: "kaohe" in ASCII, so that nobody else's number is met by chance."""


def migrate_database() -> None:
    """Run every migration that is still to come. Idempotent; needs an application context.

    Where several servers begin at the same moment, one migrates and the others wait for it.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with _alone():
        flask_migrate.upgrade()


@contextmanager
def _alone() -> Iterator[None]:
    if db.engine.dialect.name != "postgresql":
        # One laptop; two processes that meet there are told apart by SQLite's own lock.
        yield
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_TURN})")
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_TURN})")


def is_up_to_date() -> bool:
    """Whether no migration is still to come; needs an application context and a database that answers."""
    with db.engine.connect() as connection:
        return is_of_this_version(connection)


def is_of_this_version(connection: Connection) -> bool:
    """Whether a database has the shape that this version of the program expects."""
    known = ScriptDirectory(current_app.extensions["migrate"].directory).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(known)
