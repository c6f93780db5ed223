"""A next version takes the database over while this one serves: nothing is written any more, and no ballot is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from faults.hall_under_fault import Attacked, Outcome

VOTERS = 60
NEXT = "9999_from_the_future"


def taken_over(folder: Path, plant: str) -> tuple[int, Outcome]:
    """(envelopes stored while the next version had the database, what the checker found after it was given back)."""
    attacked = Attacked.open(folder, VOTERS, plant)
    attacked.start()
    stored_meanwhile = 0

    async def attack() -> None:
        nonlocal stored_meanwhile
        await asyncio.sleep(0.5)
        kept = migrate(attacked, NEXT)
        before = attacked.stored()
        await asyncio.sleep(2)
        stored_meanwhile = attacked.stored() - before
        assert attacked.get("/ready") == (503, "migrations\n")
        migrate(attacked, kept)

    phones, posts = attacked.vote(2, attack)
    return stored_meanwhile, attacked.check(phones, posts)


def migrate(attacked: Attacked, revision: str) -> str:
    """What a made-up next version does to the revision in its transaction; the revision before it."""
    with closing(sqlite3.connect(attacked.hall.data / "kaohe.sqlite3", timeout=20)) as database, database:
        (before,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    return str(before)


def test_while_a_next_version_has_the_database_this_one_stores_nothing_and_loses_nothing(tmp_path: Path) -> None:
    stored_meanwhile, found = taken_over(tmp_path, "")
    assert stored_meanwhile == 0
    assert found.faults == (0, 0, 0)
    assert found.acknowledged == VOTERS


def test_a_server_that_does_not_look_at_the_revision_is_caught(tmp_path: Path) -> None:
    stored_meanwhile, _ = taken_over(tmp_path, "any_revision")
    assert stored_meanwhile > 0
