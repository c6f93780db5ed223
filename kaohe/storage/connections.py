"""How this server and the standbys hang on the database, for whoever watches over it; never what goes over a line."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import QueuePool, text

from kaohe.storage.database import is_sqlite, reading
from kaohe.storage.tables import db


def open_connections() -> tuple[int, int]:
    """How many connections to the database this process has open, and how many it may.

    Not how many are in use: that would move with a single ballot.
    """
    pool = db.engine.pool
    assert isinstance(pool, QueuePool)  # noqa: S101 - the kind of every database that lies in a file or on a server
    return pool.checkedin() + pool.checkedout(), pool.size() + pool._max_overflow  # noqa: SLF001 - nothing public says it


def connected_standbys() -> Mapping[str, int]:
    """How many standbys are connected, by PostgreSQL's word for what they confirm (``sync``, ``async`` and others).

    ``hidden`` where the role of this server may not see it; empty where there can be no standby.
    """
    if is_sqlite():
        return {}
    asked = "SELECT coalesce(sync_state, 'hidden'), count(*) FROM pg_stat_replication GROUP BY 1"
    with reading() as session:
        return {"sync": 0, "async": 0, **{str(state): int(count) for state, count in session.execute(text(asked))}}
