"""R6: another program holds the database, for a moment and for long. It counts what comes before what, not when."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.hall_under_fault import IS_LONG, Attacked, Outcome, until

from bench.phones import Tally, connect, get_request, post_request

VOTERS = 100
PAGES = 10
MOMENT_SECONDS = 1.5
LONG_SECONDS = 30 if IS_LONG else 0
"""How long the lock lasts at least; in the short form it ends when everything has been seen."""
IN_TIME_SECONDS = 60
"""Far more than an answer needs, and far less than a test may hang."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else can write."""
    connection = sqlite3.connect(folder / "kaohe.sqlite3", isolation_level=None, timeout=60, check_same_thread=False)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("COMMIT")
        connection.close()


def vote_through_a_moments_lock(folder: Path, plant: str) -> tuple[Outcome, Tally]:
    attacked = Attacked.open(folder, VOTERS, plant)
    attacked.start()

    def hold() -> None:
        with held(folder):
            threading.Event().wait(MOMENT_SECONDS)

    async def attack() -> None:
        await asyncio.to_thread(hold)

    phones, posts = attacked.vote(1.0, attack)
    return attacked.check(phones, posts), posts


def test_a_lock_of_a_moment_is_waited_for_and_no_voter_hears_of_it(tmp_path: Path) -> None:
    outcome, posts = vote_through_a_moments_lock(tmp_path, "patient")
    assert posts.retries == 0
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)


def test_a_box_without_patience_is_caught(tmp_path: Path) -> None:
    outcome, posts = vote_through_a_moments_lock(tmp_path, "impatient")
    assert posts.retries > 0
    assert outcome.faults == (0, 0, 0)


def ask_while_locked(folder: Path, plant: str, seconds: float) -> tuple[list[str], Outcome]:
    """What was answered while the lock lasted, in its order, and how the vote ended after it.

    The lock ends when a ballot has been turned away and all pages have come, or after so many seconds.
    """
    attacked = Attacked.open(folder, VOTERS, plant)
    attacked.start()
    answered: list[str] = []

    async def ask() -> None:
        ballot, page = await connect(attacked.port), await connect(attacked.port)
        try:
            reply = ballot.ask(post_request(attacked.hall.path, attacked.hall.body(attacked.hall.codes[0], "0" * 16)))
            for _ in range(PAGES):
                found = await page.ask(get_request(attacked.hall.path))
                answered.append(f"page {found.status}")
            turned_away = await reply
            answered.append(f"ballot {turned_away.status}, again after {turned_away.retry_after:g} s")
        finally:
            ballot.close()
            page.close()

    async def attack() -> None:
        with held(folder):
            await asyncio.wait({asyncio.create_task(ask())}, timeout=seconds)
            await asyncio.sleep(LONG_SECONDS)

    outcome = attacked.check(*attacked.vote(1.0, attack, attacked.hall.codes[1:]))
    return list(answered), outcome


def test_a_long_lock_turns_ballots_away_while_pages_are_served_and_ends_without_a_restart(tmp_path: Path) -> None:
    answered, outcome = ask_while_locked(tmp_path, "", IN_TIME_SECONDS)
    assert answered == ["page 200"] * PAGES + ["ballot 503, again after 2 s"]
    assert outcome.acknowledged == VOTERS - 1
    assert outcome.faults == (0, 0, 0)


def test_a_server_that_stands_still_while_it_waits_is_caught(tmp_path: Path) -> None:
    attacked = Attacked.open(tmp_path, 2, "waits_in_sqlite")
    attacked.start()
    answered: list[int] = []

    async def ask() -> None:
        ballot, page = await connect(attacked.port), await connect(attacked.port)
        with held(tmp_path):
            reply = ballot.ask(post_request(attacked.hall.path, attacked.hall.body(attacked.hall.codes[0], "0" * 16)))
            await asyncio.sleep(1)
            shown = page.ask(get_request(attacked.hall.path))
            await asyncio.wait({shown}, timeout=3)
            answered.append(shown.done())
        assert (await reply).status == 200
        assert (await shown).status == 200
        ballot.close()
        page.close()

    asyncio.run(ask())
    assert answered == [False]
    until(lambda: attacked.stored() == 1)
