"""Bring the database to the shape that this version of the program expects."""

from __future__ import annotations

import logging

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection

from kaohe.storage.tables import db


def migrate_database() -> None:
    """Run every migration that is still to come. Idempotent; needs an application context."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    flask_migrate.upgrade()


def is_up_to_date() -> bool:
    """Whether no migration is still to come; needs an application context and a database that answers."""
    with db.engine.connect() as connection:
        return is_of_this_version(connection)


def is_of_this_version(connection: Connection) -> bool:
    """Whether a database has the shape that this version of the program expects."""
    known = ScriptDirectory(current_app.extensions["migrate"].directory).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(known)
