"""R8: the server is killed under its screens while the hall votes; all come back. Slow screens skip to the newest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from faults.hall_under_fault import IS_LONG, Attacked

from bench.hall import allow_many_files, new_nonce
from bench.phones import burst, connect, phones_of, post_request
from bench.viewers import LastingScreen, addresses

SCREENS = 5000 if IS_LONG else 100
VOTERS = 1000 if IS_LONG else 100
KILLS = 3 if IS_LONG else 1
_LOOKS = 1800


async def comes_about(holds: Callable[[], bool], looks: int = _LOOKS) -> bool:
    """Wait for it, three minutes at most."""
    for _ in range(looks):
        if holds():
            return True
        await asyncio.sleep(0.1)
    return False


def switch_on(attacked: Attacked, screens: Sequence[LastingScreen]) -> list[asyncio.Task[None]]:
    path = f"/stage/{attacked.hall.meeting_id}/{attacked.hall.stage_code}/live"
    where = addresses(len(screens))
    return [
        asyncio.create_task(screen.watch(attacked.port, path, address))
        for screen, address in zip(screens, where, strict=True)
    ]


async def switch_off(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def says(screen: LastingScreen, cast: int) -> bool:
    return f"收回</span><strong>{cast}</strong>".encode() in screen.text


async def cast_one(attacked: Attacked, code: str) -> None:
    line = await connect(attacked.port)
    reply = await line.ask(post_request(attacked.hall.path, attacked.hall.body(code, new_nonce())))
    line.close()
    assert reply.receipt


def test_every_screen_comes_back_to_a_killed_server_and_the_hall_votes_on(tmp_path: Path) -> None:
    allow_many_files()
    attacked = Attacked.open(tmp_path, VOTERS)
    attacked.start()
    screens = [LastingScreen() for _ in range(SCREENS)]

    async def hall() -> None:
        tasks = switch_on(attacked, screens)
        assert await comes_about(lambda: all(screen.newest for screen in screens))
        phones = phones_of(attacked.hall.codes, attacked.hall.body, attacked.hall.path, seconds=2.0)
        votes = asyncio.create_task(burst(attacked.port, attacked.hall.path, phones, give_up=180))
        for number in range(1, KILLS + 1):
            assert await comes_about(lambda number=number: attacked.stored() >= VOTERS * number // (KILLS + 1))
            before = [screen.comings for screen in screens]
            await asyncio.to_thread(attacked.kill)
            await asyncio.to_thread(attacked.start)
            assert await comes_about(
                lambda before=before: all(s.comings > b for s, b in zip(screens, before, strict=True))
            )
        posts = (await votes).posts
        assert await comes_about(lambda: all(says(screen, VOTERS) for screen in screens))
        assert len({screen.newest for screen in screens}) == 1
        assert all(screen.is_connected for screen in screens)
        await switch_off(tasks)
        outcome = attacked.check(phones, posts)
        assert (outcome.errors, outcome.acknowledged, outcome.faults) == ((), VOTERS, (0, 0, 0))

    asyncio.run(hall())


def test_a_server_that_says_nothing_to_those_who_come_back_is_caught(tmp_path: Path) -> None:
    attacked = Attacked.open(tmp_path, 3)
    attacked.start()
    screens = [LastingScreen() for _ in range(20)]

    async def hall() -> bool:
        tasks = switch_on(attacked, screens)
        assert await comes_about(lambda: all(screen.newest for screen in screens))
        await asyncio.to_thread(attacked.kill)
        await switch_off(tasks)
        attacked.plant = "silent_return"
        await asyncio.to_thread(attacked.start)
        # All that happens falls into the time before they are back, however slow the machine is.
        await cast_one(attacked, attacked.hall.codes[0])
        tasks = switch_on(attacked, screens)
        assert await comes_about(lambda: all(screen.is_connected for screen in screens))
        moved = await comes_about(lambda: all(says(screen, 1) for screen in screens), looks=60)
        await switch_off(tasks)
        return moved

    assert not asyncio.run(hall())


def with_a_slow_screen(folder: Path, plant: str, voters: int) -> tuple[bool, int, int, bool]:
    """(whether the others saw every ballot, pictures that one of them was sent, that the slow one was, and the end)."""
    attacked = Attacked.open(folder, voters, plant)
    attacked.start()
    screens, slow = [LastingScreen() for _ in range(20)], LastingScreen(reads=False)

    async def hall() -> tuple[bool, int, int, bool]:
        tasks = switch_on(attacked, [slow, *screens])
        assert await comes_about(lambda: slow.is_connected and all(screen.newest for screen in screens))
        others_saw = True
        for number, code in enumerate(attacked.hall.codes, 1):
            if others_saw:
                await cast_one(attacked, code)
                others_saw = await comes_about(
                    lambda number=number: all(says(screen, number) for screen in screens), looks=200
                )
        slow.reads = True
        caught_up = await comes_about(lambda: slow.newest == screens[0].newest, looks=300)
        await switch_off(tasks)
        return others_saw, screens[0].pictures, slow.pictures, caught_up

    return asyncio.run(hall())


def test_a_slow_screen_skips_to_the_newest_picture_and_holds_nobody_up(tmp_path: Path) -> None:
    others_saw, all_pictures, slow_pictures, caught_up = with_a_slow_screen(tmp_path, "lively", VOTES_FOR_SLOW)
    assert others_saw
    assert caught_up
    assert slow_pictures < all_pictures


def test_a_server_that_waits_for_its_screens_is_caught(tmp_path: Path) -> None:
    assert not with_a_slow_screen(tmp_path, "waits_for_screens", VOTES_FOR_SLOW)[0]


def test_a_server_that_keeps_every_picture_for_a_slow_screen_is_caught(tmp_path: Path) -> None:
    _, all_pictures, slow_pictures, caught_up = with_a_slow_screen(tmp_path, "keeps_every_picture", VOTES_FOR_SLOW)
    assert caught_up
    assert slow_pictures == all_pictures


VOTES_FOR_SLOW = 60
"""More pictures than the buffers of a connection on this machine take."""
