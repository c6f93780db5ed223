"""The schema's revisions: what this version needs, what a database has, and how it gets there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, inspect, text

from kaohe.config import program_folder
from kaohe.domain.errors import KaoheError
from kaohe.storage.read_views import reading
from kaohe.storage.tables import db

_FOLDER: Final = program_folder() / "migrations"
_REVISIONS: Final = tuple(sorted(path.stem for path in (_FOLDER / "versions").glob("*.py")))
"""All revisions, the oldest first: each is named like its file."""
_TAKEN_OVER = "数据库已由另一个版本的程序接管，本服务器不再写入；没有丢票，请改用那个版本的服务器。"
_TURN = 0x6B616F6865
"""The lock that says who migrates: "kaohe" in ASCII, so that nobody else's number is met by chance."""

_UNFINISHED: Final = (
    "SELECT meetings.title FROM rounds JOIN meetings ON meetings.id = rounds.meeting_id"
    " WHERE rounds.state IN ('open', 'closed') AND NOT rounds.is_rehearsal AND rounds.void_reason IS NULL"
    " ORDER BY meetings.title"
)
"""In columns that every revision has."""


class DatabaseOfOtherVersion(KaoheError):
    """Another version of the program has made the database; nothing in it was changed."""

    http_code = 503
    text = "数据库是由另一个版本的程序建立的，没有改动它。请使用建立它的版本，或用 KAOHE_DATA 换一个数据目录。"


class DatabaseNotUpgraded(KaoheError):
    """The database is of an earlier version of the program; nothing in it was changed."""

    http_code = 503
    text = "数据库还是较早版本的，没有改动它。请停止所有服务器，运行 kaohe upgrade 升级（会先备份），再启动。"


def make_database() -> None:
    """Make a new database; leave one of this version as it is. Idempotent; needs an application context.

    Raises:
        DatabaseNotUpgraded: it is of an earlier version, which only ``kaohe upgrade`` takes further.
        DatabaseOfOtherVersion: its revision is none of this version's.
    """
    if earlier_revision() is not None:
        raise DatabaseNotUpgraded
    migrate_database()


def earlier_revision() -> str | None:
    """The database's revision, where it is of an earlier version; None for a new database and one of this version.

    Raises:
        DatabaseOfOtherVersion: its revision is none of this version's.
    """
    with db.engine.connect() as connection:
        revision = _revision_of(connection)
    if revision is not None and revision not in _REVISIONS:
        raise DatabaseOfOtherVersion
    return revision if revision != _REVISIONS[-1] else None


def unfinished_meetings() -> list[str]:
    """The titles of all meetings that are open or whose box is not counted; of a database of any revision."""
    with db.engine.connect() as connection:
        return list(connection.scalars(text(_UNFINISHED)))


def require_this_revision(connection: Connection) -> None:
    """Let a transaction write only into the schema that this version knows; asked within the transaction.

    Raises:
        DatabaseOfOtherVersion: another version has taken the database over while this one runs.
    """
    if connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() != _REVISIONS[-1]:
        raise DatabaseOfOtherVersion(_TAKEN_OVER)


def migrate_database() -> None:
    """Run every migration that is still to come. Idempotent; needs an application context.

    Where several servers begin at the same moment, one migrates and the others wait for it. Whether it may be migrated
    at all has been asked before.
    """
    with _alone():
        with db.engine.connect() as connection:
            revision = _revision_of(connection)
        if revision == _REVISIONS[-1]:
            return
        # Most commands find nothing to migrate, and Alembic takes a sixth of a second to load.
        from alembic.command import upgrade  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415

        logging.getLogger("alembic").setLevel(logging.WARNING)
        upgrade(Config(_FOLDER / "alembic.ini"), "head")


def is_up_to_date() -> bool:
    """Whether no migration is still to come; needs an application context and a database that answers."""
    with reading() as session:
        return is_of_this_version(session.connection())


def is_of_this_version(connection: Connection) -> bool:
    """Whether a database has the schema of this version."""
    return _revision_of(connection) == _REVISIONS[-1]


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


@contextmanager
def _alone() -> Iterator[None]:
    if db.engine.dialect.name != "postgresql":
        # One laptop; two processes that meet there are told apart by SQLite's own lock.
        yield
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Another server's turn may take longer than anybody waits for a lock otherwise.
        connection.exec_driver_sql("SET lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_TURN})")
        try:
            yield
        finally:
            # The turn and the setting end with the connection.
            connection.invalidate()
