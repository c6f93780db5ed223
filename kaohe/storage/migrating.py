"""Bring the database to the shape that this version of the program expects."""

from __future__ import annotations

import logging

import flask_migrate


def migrate_database() -> None:
    """Run every migration that is still to come. Idempotent; needs an application context."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    flask_migrate.upgrade()
