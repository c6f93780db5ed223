"""Connections to PostgreSQL that give up a database that has fallen silent (没有应答).

Where a database is frozen, or its disk stands still, the system goes on confirming what is sent to it and lets new
connections wait. No timeout of the network ends that, and the database cannot end it itself. So whoever has waited for
a while asks on a second connection whether anybody is there at all. A database that merely works for long, as on a
table that it rewrites, answers there.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.errors import ConnectionTimeout

if TYPE_CHECKING:
    from psycopg.abc import PQGen

SILENCE_SECONDS = 4.0
"""After so long without an answer the database is probed by a new connection."""
GREETING_SECONDS = 3
"""How long a new connection waits for the database's greeting before the database counts as silent."""

_Answer = TypeVar("_Answer")


class AnsweringConnection(psycopg.Connection[Any]):
    """A connection on which no wait outlasts the database."""

    def wait(self, gen: PQGen[_Answer], *how: Any, **how_else: Any) -> _Answer:  # noqa: ANN401 - handed on as it is
        """Wait as the driver does.

        Raises:
            psycopg.OperationalError: the database has fallen silent; the connection is closed.
        """
        return super().wait(self._while_somebody_is_there(gen), *how, **how_else)

    def _while_somebody_is_there(self, gen: PQGen[_Answer]) -> Generator[Any, Any, _Answer]:
        heard_at = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at >= SILENCE_SECONDS:
                    self.require_somebody()
                    heard_at = time.monotonic()
                wanted = gen.send(ready)
        except StopIteration as done:
            answer: _Answer = done.value
            return answer

    def require_somebody(self) -> None:
        """Return if the database answers a new connection at all, be it with a refusal.

        Raises:
            psycopg.OperationalError: it does neither; this connection is closed.
        """
        asks = {"application_name": "kaohe", "connect_timeout": str(GREETING_SECONDS), "target_session_attrs": "any"}
        where = make_conninfo(self.info.dsn, password=self.info.password, **asks)
        try:
            psycopg.connect(where).close()
        except ConnectionTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("the database has fallen silent") from error
        except psycopg.Error:
            # A database that refuses is there; one that is gone ends this connection without being asked.
            pass
