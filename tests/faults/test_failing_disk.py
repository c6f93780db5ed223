"""R3, R4, R5, R9: syncs that fail, a slow disk, a full disk, a clock that jumps. The server is never started again."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable
from pathlib import Path

from faults.hall_under_fault import IS_LONG, Attacked, Outcome, until

VOTERS = 2000 if IS_LONG else 200


def vote(attacked: Attacked, attack: Callable[[Attacked], None]) -> Outcome:
    async def run() -> None:
        await asyncio.to_thread(attack, attacked)

    return attacked.check(*attacked.vote(1.0, run))


def opened(folder: Path, plant: str = "", voters: int = VOTERS) -> Attacked:
    attacked = Attacked.open(folder, voters, plant, has_failing_disk=True)
    attacked.start()
    return attacked


def fail_syncs(attacked: Attacked) -> None:
    disk = attacked.failing_disk()
    until(lambda: attacked.stored() >= VOTERS // 10)
    disk.set(failing_syncs=10)
    until(lambda: disk.get("failed_syncs") == 10)


def test_a_sync_that_fails_acknowledges_nothing_and_the_box_works_again_by_itself(tmp_path: Path) -> None:
    outcome = vote(opened(tmp_path), fail_syncs)
    assert outcome.errors == ()
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)


def fill(attacked: Attacked) -> str:
    """The disk is full until phones have been turned away; then there is room again. What /ready said meanwhile."""
    disk = attacked.failing_disk()
    until(lambda: attacked.stored() >= VOTERS // 10)
    disk.set(is_full=1)
    until(lambda: disk.get("refused_writes") >= 3)
    said = "ok\n"
    for _ in range(20):
        said = attacked.get("/ready")[1]
        if said != "ok\n":
            break
        time.sleep(0.2)
    assert attacked.get("/health")[0] == 200
    assert attacked.get(attacked.hall.path)[0] == 200, "the page is served all the while"
    disk.set(is_full=0)
    until(lambda: attacked.get("/ready") == (200, "ok\n"))
    return said


def test_a_full_disk_turns_ballots_away_says_so_and_loses_none(tmp_path: Path) -> None:
    said: list[str] = []
    outcome = vote(opened(tmp_path), lambda attacked: said.append(fill(attacked)))
    assert said == ["store-full\n"]
    assert outcome.errors == ()
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)


def test_a_server_that_takes_a_failed_commit_for_a_good_one_is_caught(tmp_path: Path) -> None:
    attacked = opened(tmp_path, "blind_to_faults")
    # From the first ballot on: on a slow day most of them could be stored before somebody looks.
    attacked.failing_disk().set(failing_syncs=10)
    assert vote(attacked, lambda _: None).lost > 0


def test_a_server_that_does_not_notice_a_full_disk_is_caught(tmp_path: Path) -> None:
    said: list[str] = []
    vote(opened(tmp_path, "silent_box"), lambda attacked: said.append(fill(attacked)))
    assert said == ["ok\n"]


def test_a_file_that_may_not_grow_is_met_with_the_systems_own_limit(tmp_path: Path) -> None:
    """The same without the library between: the kernel itself refuses."""
    attacked = Attacked.open(tmp_path, VOTERS)
    attacked.start()

    def limit(attacked: Attacked) -> None:
        assert attacked.running is not None
        until(lambda: attacked.stored() >= VOTERS // 10)
        pid = attacked.running.process.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
        until(lambda: attacked.get("/ready")[0] == 503)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        until(lambda: attacked.get("/ready")[0] == 200)

    outcome = vote(attacked, limit)
    assert outcome.errors == ()
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)


def syncs_on_a_slow_disk(folder: Path, plant: str, voters: int) -> tuple[Outcome, int]:
    attacked = Attacked.open(folder, voters, plant, has_failing_disk=True)
    disk = attacked.failing_disk()
    attacked.start()
    disk.set(sync_delay_us=20_000)
    before = disk.get("syncs")
    outcome = vote(attacked, lambda _: None)
    return outcome, disk.get("syncs") - before


def test_on_a_slow_disk_many_ballots_share_a_sync(tmp_path: Path) -> None:
    outcome, syncs = syncs_on_a_slow_disk(tmp_path, "", VOTERS)
    assert outcome.errors == ()
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)
    assert syncs < VOTERS / 2


def test_a_box_that_commits_ballots_one_by_one_is_caught(tmp_path: Path) -> None:
    _, syncs = syncs_on_a_slow_disk(tmp_path, "one_by_one", 60)
    assert syncs > 30


HOUR, DAY = 3600, 86_400


def jump(attacked: Attacked) -> None:
    disk = attacked.failing_disk()
    for number, offset in enumerate((HOUR, -HOUR, DAY, -DAY, -20 * DAY, 0), start=1):
        until(lambda goal=VOTERS * number // 8: attacked.stored() >= goal)
        disk.set(clock_offset_s=offset)


def test_a_clock_that_jumps_changes_nothing_for_a_voter(tmp_path: Path) -> None:
    outcome = vote(opened(tmp_path), jump)
    assert outcome.errors == ()
    assert outcome.acknowledged == VOTERS
    assert outcome.faults == (0, 0, 0)


def test_voting_that_ends_by_the_clock_is_caught(tmp_path: Path) -> None:
    attacked = opened(tmp_path, "wall_clock")
    attacked.failing_disk().set(clock_offset_s=HOUR)
    assert vote(attacked, lambda _: None).errors != ()
