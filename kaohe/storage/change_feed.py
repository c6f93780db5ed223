"""Change notifications between servers that share a PostgreSQL database, over LISTEN and NOTIFY.

A notification says that something has changed and nothing else: no meeting, no round, no number. It is sent after the
commit, on a connection of its own, and at most every ``PAUSE_SECONDS``; so it reveals no more than counting rows would,
and no ballot waits for it or fails with it. A lost notification costs a screen a few seconds (see ``live/watching``).
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from kaohe.storage.installation import this_memory
from kaohe.storage.postgresql import connection_apart
from kaohe.storage.tables import db

if TYPE_CHECKING:
    import psycopg

PAUSE_SECONDS = 0.25
"""The least time between two notifications of one server, however many groups of ballots it commits."""
_CHANNEL = "kaohe"
_LOG = logging.getLogger("kaohe")
_FLUSH_SECONDS = 5
_POLL_SECONDS = 1.0
_PING_SECONDS = 15.0
_FIRST_BACKOFF_SECONDS, _LONGEST_BACKOFF_SECONDS = 0.5, 8.0
_NAME = "kaohe listener"


def notify_change() -> None:
    """Let every server on this database know that something has changed. Returns at once and never fails."""
    if db.engine.dialect.name == "postgresql":
        memory = this_memory("change_feed")
        notifier: _Notifier = memory.get("notifier") or memory.setdefault("notifier", _Notifier(db.engine))
        notifier.notify()


def flush_notifications() -> None:
    """Return once the last change has been announced, or cannot be. Idempotent."""
    notifier: _Notifier | None = this_memory("change_feed").pop("notifier", None)
    if notifier is not None:
        notifier.flush()


class _Notifier:
    """Notifies at once, and once more for everything that changes within the pause that follows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._sender: threading.Thread | None = None
        self._is_due = False
        self._is_flushing = threading.Event()

    def notify(self) -> None:
        with self._lock:
            self._is_due = True
            if self._sender is None:
                self._sender = threading.Thread(target=self._send, name="kaohe notifier", daemon=True)
                self._sender.start()

    def flush(self) -> None:
        self._is_flushing.set()
        sender = self._sender
        if sender is not None:
            sender.join(_FLUSH_SECONDS)

    def _send(self) -> None:
        while self._take_due():
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql(f"NOTIFY {_CHANNEL}")
            except SQLAlchemyError:
                # A server that misses it polls before long.
                pass
            self._is_flushing.wait(PAUSE_SECONDS)

    def _take_due(self) -> bool:
        with self._lock:
            is_due, self._is_due = self._is_due, False
            if not is_due:
                self._sender = None
            return is_due


class ChangeListener:
    """Listens on a connection and a thread of its own, and reconnects by itself."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        """``on_change`` is called for every notification, and when the connection is made or lost."""
        self._engine = db.engine
        self._on_change = on_change
        self._stopping = threading.Event()
        self.is_connected = False
        threading.Thread(target=self._keep_listening, name="kaohe listener", daemon=True).start()

    def stop(self) -> None:
        """Stop within a second or two; idempotent."""
        self._stopping.set()

    def _keep_listening(self) -> None:
        import psycopg  # noqa: PLC0415 - an installation on SQLite does without it

        failures = 0
        while not self._stopping.is_set():
            try:
                with closing(connection_apart(self._engine, _NAME)) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    failures, self.is_connected = 0, True
                    self._on_change()
                    self._listen(connection)
            except psycopg.Error as error:
                _LOG.warning(
                    "not connected to the change feed between servers: %s",
                    type(error).__name__,
                    extra={"event": "change_feed_lost"},
                )
            self.is_connected = False
            if not self._stopping.is_set():
                self._on_change()
                # Full jitter: servers that have lost the same database do not all come back at the same moment.
                longest = min(_LONGEST_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2**failures)
                failures += 1
                self._stopping.wait(longest * secrets.randbelow(1000) / 1000)

    def _listen(self, connection: psycopg.Connection) -> None:
        pinged_at = time.monotonic()
        while not self._stopping.is_set():
            for _ in connection.notifies(timeout=_POLL_SECONDS, stop_after=1):
                self._on_change()
            if time.monotonic() - pinged_at >= _PING_SECONDS:
                connection.execute("SELECT 1")
                pinged_at = time.monotonic()


def supports_notifications() -> bool:
    """Whether this database can notify; SQLite serves a single server and need not."""
    return db.engine.dialect.name == "postgresql"
