"""PostgreSQL as ballots need it: waits that end, commits that are confirmed, and no pooler in between.

Where commits wait for a synchronous standby (同步备库) and it is lost, PostgreSQL lets them wait for ever. Whoever
cancels such a wait gets the commit all the same, with a warning: it is on the primary alone, and gone with that
machine. So a commit that ends in a warning counts for nothing, and while the standby is away one at a time tries
whether it is back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kaohe.storage.installation import this_memory
from kaohe.storage.storage_faults import CannotStore, StorageFault, Unconfirmed

if TYPE_CHECKING:
    import psycopg

COMMIT_PATIENCE_SECONDS = 5.0
"""How long a commit waits for the standby."""
_LEAST_PATIENCE_SECONDS = 2.0
"""A standby may take so long for a commit and be in good health."""
_PAUSE_SECONDS: Final = 1.0
"""While the standby is away the next commit tries after so long."""
_CANCEL_SECONDS: Final = 3.0
_POOL_PATIENCE_SECONDS: Final = 5.0
CONNECTION_OPTIONS: Final[Mapping[str, Any]] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""The system gives up a connection that was cut silently within half a minute."""
_WARNINGS = "kaohe_warnings"
"""Where a connection keeps what the server has warned of."""
_SESSION = "SET lock_timeout = '4s'; SET client_min_messages = 'warning'"
"""Nothing waits for ever for another program's lock, and no warning is kept from us."""


def engine_options(url: str) -> Mapping[str, Any]:
    """What the engine of the database at ``url`` is made with; what the address says itself goes before."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return {}
    own = {name: value for name, value in CONNECTION_OPTIONS.items() if name not in parsed.query}
    return {"pool_timeout": _POOL_PATIENCE_SECONDS, "connect_args": own}


def prepare_connections(engine: Engine) -> None:
    """Set what every connection of ``engine`` must have. Call once, before the first connection."""
    # What the driver notes aside where a connection breaks within a group of ballots could hold what a voter has sent.
    # It is raised as well, and told in words.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the pool's own
        from kaohe.storage.silence import AnsweringConnection  # noqa: PLC0415 - an installation on SQLite does without

        return AnsweringConnection.connect(*arguments, **options)

    @event.listens_for(engine, "connect")
    def listen_to_warnings(connection: psycopg.Connection, record: Any) -> None:  # noqa: ANN401 - the pool's own
        warnings: list[str] = record.info.setdefault(_WARNINGS, [])
        warnings.clear()

        def note(said: psycopg.errors.Diagnostic) -> None:
            if said.severity_nonlocalized == "WARNING":
                warnings.append(said.sqlstate or "")

        connection.add_notice_handler(note)
        try:
            connection.execute(_SESSION)
            connection.commit()
        except connection.Error as error:
            # What is met here is not wrapped by the library, and would be taken for a fault of the program's own.
            raise OperationalError(_SESSION, None, error) from error

    @event.listens_for(engine, "checkin")
    def forget_read_only(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver is an extra
        # After a read view the pool says READ WRITE, which would overrule a database that was set to be read only.
        if connection is not None:
            connection.read_only = None


def connection_apart(engine: Engine, name: str) -> psycopg.Connection[Any]:
    """A connection outside of the pool, on which each statement is a transaction; the database shows its ``name``.

    Raises:
        psycopg.Error: the database does not answer.
    """
    from kaohe.storage.silence import AnsweringConnection  # noqa: PLC0415 - as above

    arguments, options = engine.dialect.create_connect_args(engine.url)
    return AnsweringConnection.connect(
        *arguments, **{**CONNECTION_OPTIONS, **options, "application_name": name}, autocommit=True
    )


def commit_confirmed(session: Session, patience_seconds: float | None) -> None:
    """Commit, and return only where the database has said so without a warning. SQLite asks nobody else.

    Raises:
        Unconfirmed: the standby did not confirm it in time, or somebody has cancelled the wait.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        session.commit()
        return
    warnings: list[str] = connection.info[_WARNINGS]
    warnings.clear()
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment] # PostgreSQL's own
    patience = COMMIT_PATIENCE_SECONDS if patience_seconds is None else patience_seconds
    with _cancelled_after(driver, max(_LEAST_PATIENCE_SECONDS, patience)):
        session.commit()
    if warnings:
        raise Unconfirmed


@contextmanager
def while_standby_is_there() -> Iterator[None]:
    """Around a transaction: where the standby was away just now, one at a time tries, and the others are refused.

    Raises:
        CannotStore: another one tries, or has just tried.
    """
    memory = this_memory("standby")
    away_until: float | None = memory.get("away_until")
    if away_until is not None:
        if time.monotonic() < away_until:
            raise CannotStore(StorageFault.STANDBY)
        memory["away_until"] = time.monotonic() + COMMIT_PATIENCE_SECONDS + _PAUSE_SECONDS
    try:
        yield
    except Unconfirmed:
        memory["away_until"] = time.monotonic() + _PAUSE_SECONDS
        raise
    except BaseException:
        # It tells nothing about the standby: the next one finds out.
        memory.pop("away_until", None)
        raise
    memory.pop("away_until", None)


def rewrite_tables(connection: Connection, tables: Sequence[str]) -> None:
    """Rewrite tables, so that no deleted row is left in their files. ``connection`` is not used again afterwards.

    Each is locked meanwhile, also against reading, so this does not wait for a standby that may be away. Whatever is
    confirmed later, such as the record of the wiping, has it on the standby too.
    """
    try:
        connection.exec_driver_sql("SET synchronous_commit = local")
        for table in tables:
            connection.exec_driver_sql(f"VACUUM FULL {table}")
    finally:
        connection.invalidate()


def is_behind_pooler(engine: Engine) -> bool:
    """Whether something hands out connections between this program and PostgreSQL.

    A pooler such as PgBouncer answers the greeting itself, so the process that it names is not the one that works.
    """
    with engine.connect() as connection:
        driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment] # as above
        works: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        return works != driver.info.backend_pid


@contextmanager
def _cancelled_after(driver: psycopg.Connection, seconds: float) -> Iterator[None]:
    deciding, is_done = threading.Lock(), False

    def cancel() -> None:
        with deciding:
            if not is_done:
                with suppress(Exception):  # Where the database does not answer at all, the commit hears of it itself.
                    driver.cancel_safe(timeout=_CANCEL_SECONDS)

    timer = threading.Timer(seconds, cancel)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with deciding:
            is_done = True
