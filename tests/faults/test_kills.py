"""R0, R1, R11: a burst; a server that is killed four times in it; a laptop whose lid is closed."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from faults.hall_under_fault import IS_LONG, Attacked, Outcome

VOTERS = 5000 if IS_LONG else 200
SEEDS = 13 if IS_LONG else 1


def test_a_burst_without_any_fault_is_stored_whole(tmp_path: Path) -> None:
    attacked = Attacked.open(tmp_path, VOTERS)
    attacked.start()

    async def nothing() -> None:
        await asyncio.sleep(0)

    outcome = attacked.check(*attacked.vote(1.0, nothing))
    assert outcome.errors == ()
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_server_killed_four_times_in_a_burst_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    outcome = _killed(tmp_path, "", kills=4)
    assert outcome.errors == ()
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)


def test_a_reply_before_the_commit_is_caught(tmp_path: Path) -> None:
    assert _killed(tmp_path, "ack_before_commit", kills=2).lost > 0


def test_a_ticket_that_pays_twice_is_caught(tmp_path: Path) -> None:
    attacked = Attacked.open(tmp_path, 100, "no_guard")
    attacked.start()

    async def nothing() -> None:
        await asyncio.sleep(0)

    assert attacked.check(*attacked.vote(0.5, nothing)).double > 0


def test_a_laptop_that_sleeps_in_the_middle_goes_on(tmp_path: Path) -> None:
    attacked = Attacked.open(tmp_path, VOTERS)
    attacked.start()

    async def sleep_once() -> None:
        await asyncio.sleep(0.3)
        await asyncio.to_thread(attacked.pause, 60 if IS_LONG else 1.5)

    outcome = attacked.check(*attacked.vote(1.0, sleep_once))
    assert outcome.errors == ()
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)


def _killed(folder: Path, plant: str, *, kills: int) -> Outcome:
    """Kills are aimed by count, not by time: each falls while a known part of the hall has voted."""
    attacked = Attacked.open(folder, VOTERS, plant)
    attacked.start()

    async def kill() -> None:
        for number in range(1, kills + 1):
            # A planted bug may lose so many that the number is never reached.
            until = time.monotonic() + (6 if plant else 120)
            while attacked.stored() < VOTERS * number // (kills + 1) and time.monotonic() < until:  # noqa: ASYNC110 - the box is another process
                await asyncio.sleep(0.01)
            await asyncio.to_thread(attacked.kill)
            await asyncio.to_thread(attacked.start)

    phones, posts = attacked.vote(1.5, kill)
    assert attacked.starts == kills + 1
    return attacked.check(phones, posts)
