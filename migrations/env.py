"""Alembic's environment: the same tables and the same connection as the application."""

from alembic import context
from flask import current_app

from kaohe.storage.tables import db


def run_migrations() -> None:
    """Bring the database of the running application to the head revision."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
