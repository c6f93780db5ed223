"""Alembic's environment: the tables and the database of the application.

The application itself runs it when it starts. For a new revision, beside a data folder that may be thrown away:
``alembic -c migrations/alembic.ini revision --autogenerate --rev-id 0002_what_it_does -m "What it does"``.
"""

from alembic import context
from flask import has_app_context

from kaohe.config import Config
from kaohe.storage.application import application_without_pages
from kaohe.storage.tables import db


def run_migrations() -> None:
    """Bring the database of the present application to the head revision."""
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata)
        with context.begin_transaction():
            context.run_migrations()


if has_app_context():
    run_migrations()
else:
    with application_without_pages(Config.from_environment()).app_context():
        run_migrations()
