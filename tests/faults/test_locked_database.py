"""R6: another program holds the database, for a moment and for long."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

from faults.hall_under_fault import IS_LONG, Attacked

from bench.phones import connect, get_request, post_request

VOTERS = 200


def test_a_lock_of_a_moment_is_waited_for_and_no_voter_hears_of_it(tmp_path: Path) -> None:
    attacked = Attacked.open(tmp_path, VOTERS)
    attacked.start()

    async def hold() -> None:
        await asyncio.sleep(0.2)
        await asyncio.to_thread(_hold, tmp_path, 2.5)

    phones, posts = attacked.vote(1.0, hold)
    outcome = attacked.check(phones, posts)
    assert posts.retries == 0
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)


def test_a_long_lock_turns_voters_away_in_time_while_pages_are_served_and_ends_without_a_restart(
    tmp_path: Path,
) -> None:
    seconds = 30 if IS_LONG else 9
    attacked = Attacked.open(tmp_path, VOTERS)
    attacked.start()
    waits: list[float] = []
    views: list[float] = []

    async def hold() -> None:
        holding = asyncio.create_task(asyncio.to_thread(_hold, tmp_path, seconds))
        await asyncio.sleep(0.2)
        line, page = await connect(attacked.port), await connect(attacked.port)
        request = post_request(attacked.hall.path, attacked.hall.body(attacked.hall.codes[0], "0" * 16))
        asked = time.monotonic()
        reply = line.ask(request)
        for _ in range(10):
            begun = time.monotonic()
            assert (await page.ask(get_request(attacked.hall.path))).status == 200
            views.append(time.monotonic() - begun)
            await asyncio.sleep(0.1)
        answer = await reply
        waits.append(time.monotonic() - asked)
        assert (answer.status, answer.retry_after) == (503, 2.0)
        line.close()
        page.close()
        await holding

    phones, posts = attacked.vote(1.0, hold, attacked.hall.codes[1:])
    outcome = attacked.check(phones, posts)
    assert max(waits) <= 6
    assert max(views) <= 1, "a page does not wait for the box"
    assert outcome.acknowledged == VOTERS - 1
    assert outcome.faults == (0, 0, 0)


def _hold(folder: Path, seconds: float) -> None:
    connection = sqlite3.connect(folder / "kaohe.sqlite3", isolation_level=None, timeout=20)
    connection.execute("BEGIN EXCLUSIVE")
    time.sleep(seconds)
    connection.execute("COMMIT")
    connection.close()
