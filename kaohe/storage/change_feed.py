"""The bell between servers of one PostgreSQL database: who has changed something rings, who has screens listens.

A ring says that something has changed and nothing else: no meeting, no round, no number. It is sent after the commit,
on its own, and at most every ``PAUSE_SECONDS``; so it tells no more than counting rows would, and no ballot waits for
it or fails with it. A ring that is lost costs a screen a few seconds (see ``live/watching``).
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import closing

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from kaohe.storage.installation import this_memory
from kaohe.storage.tables import db

PAUSE_SECONDS = 0.25
"""In a burst a server rings so often and not for every group of ballots."""
_CHANNEL = "kaohe"
_LOG = logging.getLogger("kaohe")
_GIVE_UP_SECONDS = 5
_ROUND_SECONDS = 1.0
_ASK_SECONDS = 15.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 8.0
# A line that has been cut without a word is given up by the system within half a minute.
_LINE = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "kaohe listener",
}


def ring() -> None:
    """Let every server on this database know that something has changed. Returns at once and never fails."""
    if db.engine.dialect.name == "postgresql":
        memory = this_memory("bell")
        bell: _Bell = memory.get("bell") or memory.setdefault("bell", _Bell(db.engine))
        bell.ring()


def finish_ringing() -> None:
    """Return once the last change has been rung out, or cannot be. Idempotent."""
    bell: _Bell | None = this_memory("bell").pop("bell", None)
    if bell is not None:
        bell.finish()


class _Bell:
    """Rings at once, and once more for all that comes within the pause after it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._ringer: threading.Thread | None = None
        self._is_due = False
        self._in_haste = threading.Event()

    def ring(self) -> None:
        with self._lock:
            self._is_due = True
            if self._ringer is None:
                self._ringer = threading.Thread(target=self._ring_out, name="kaohe bell", daemon=True)
                self._ringer.start()

    def finish(self) -> None:
        self._in_haste.set()
        ringer = self._ringer
        if ringer is not None:
            ringer.join(_GIVE_UP_SECONDS)

    def _ring_out(self) -> None:
        while self._is_due_now():
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql(f"NOTIFY {_CHANNEL}")
            except SQLAlchemyError:
                # Whoever misses it looks by himself before long.
                pass
            self._in_haste.wait(PAUSE_SECONDS)

    def _is_due_now(self) -> bool:
        with self._lock:
            is_due, self._is_due = self._is_due, False
            if not is_due:
                self._ringer = None
            return is_due


class Listener:
    """Listens over a connection of its own, in a thread of its own, and comes back by itself when that is lost."""

    def __init__(self, heard: Callable[[], None]) -> None:
        """``heard`` is called for every ring, and when listening begins or ends: rings may have been missed then."""
        self._engine = db.engine
        self._heard = heard
        self._stopping = threading.Event()
        self.is_listening = False
        threading.Thread(target=self._keep_listening, name="kaohe listener", daemon=True).start()

    def stop(self) -> None:
        """Stop within a second or two; idempotent."""
        self._stopping.set()

    def _keep_listening(self) -> None:
        lost = 0
        while not self._stopping.is_set():
            try:
                with closing(self._connect()) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    lost, self.is_listening = 0, True
                    self._heard()
                    self._listen(connection)
            except psycopg.Error as error:
                _LOG.warning("the bell between servers is not heard: %s", type(error).__name__)
            self.is_listening = False
            if not self._stopping.is_set():
                self._heard()
                # Full jitter: servers that have lost the same database do not all come back at the same moment.
                longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**lost)
                lost += 1
                self._stopping.wait(longest * secrets.randbelow(1000) / 1000)

    def _listen(self, connection: psycopg.Connection) -> None:
        asked_at = time.monotonic()
        while not self._stopping.is_set():
            for _ in connection.notifies(timeout=_ROUND_SECONDS, stop_after=1):
                self._heard()
            if time.monotonic() - asked_at >= _ASK_SECONDS:
                connection.execute("SELECT 1")
                asked_at = time.monotonic()

    def _connect(self) -> psycopg.Connection:
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        return psycopg.connect(*arguments, **{**_LINE, **options}, autocommit=True)


def can_listen() -> bool:
    """Whether this database has a bell."""
    return db.engine.dialect.name == "postgresql"
