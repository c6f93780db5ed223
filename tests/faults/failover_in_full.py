"""R12, R13, R14 as often as it takes to be believed: ``make failover``. Ten minutes on a quiet machine.

    python tests/faults/failover_in_full.py [--turns N] [NAME]...

Two parts run at a time, each in a province of its own. What goes wrong in one turn ends that province, is told, and the
turns that are left are played in another one: the table at the end says of every part how often it was played.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

from faults.province_under_fault import (
    Outcome,
    Province,
    Voting,
    fail_over,
    freeze_primary,
    kill,
    lose_both,
    lose_standby,
    province,
    restart_both,
)

VOTERS = 60
SECONDS = 2.0
MINUTES_AT_MOST = 12
"""A part begins no turn after so long; what is left of it is told and fails the run."""
PROVINCES_AT_MOST = 3
TRUSTS_A_WARNING = """
from kaohe.storage import database, postgresql
def commit(session, patience_seconds):
    driver = session.connection().connection.driver_connection
    with postgresql._cancelled_after(driver, 0.5):
        session.commit()
database.commit_confirmed = commit
"""
Attack = Callable[[Province, Voting], Awaitable[None]]


@dataclass(frozen=True)
class Part:
    """One kind of fault, and how often it is played."""

    name: str
    attack: Attack
    turns: int
    is_without_standby: bool = False
    """Whether the standby is away already when people begin to vote."""
    plant: str = ""
    """A bug that must be found: acknowledged ballots are lost."""


@dataclass
class Seen:
    """What has come of a part, or of a share of it."""

    name: str
    must_lose: bool = False
    asked: int = 0
    turns: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    """One for each province."""
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether every turn was played and is what it must be."""
        if self.must_lose:
            return sum(outcome.lost for outcome in self.outcomes) > 0
        return self.turns == self.asked and not self.broken and all(outcome.is_healed for outcome in self.outcomes)

    def add(self, other: Seen) -> None:
        """Take in another share of the same part."""
        self.asked += other.asked
        self.turns += other.turns
        self.outcomes += other.outcomes
        self.broken += other.broken
        self.seconds += other.seconds

    def row(self) -> str:
        """The line of the table."""
        total = {name: sum(getattr(each, name) for each in self.outcomes) for name in _SUMMED}
        statuses = " ".join(sorted({status for each in self.outcomes for status in each.statuses}))
        longest = [max((getattr(each, name) for each in self.outcomes), default=0.0) for name in _LONGEST]
        cells = (
            self.name,
            f"{self.turns} of {self.asked}",
            *(str(total[name]) for name in _SUMMED),
            statuses,
            *(f"{seconds:.1f} s" for seconds in longest),
            f"{self.seconds:.0f} s",
            "as it must be" if self.is_good else "NOT AS IT MUST BE",
        )
        return f"| {' | '.join(cells)} |"


_SUMMED = ("voters", "certain", "lost", "double")
_LONGEST = ("longest_reply", "longest_wait")
_HEAD = (
    "| fault | turns | phones | with receipt | lost | double | statuses | longest reply | longest wait | took | |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)
# The longest first, so that the two that run at a time end together.
PARTS = (
    *(Part("primary lost", fail_over, 10),) * 2,
    Part("standby lost", lose_standby, 5),
    Part("primary frozen", freeze_primary, 4),
    *(Part("server killed", kill, 10),) * 2,
    Part("servers restarted", restart_both, 10),
    Part("both lost", lose_both, 1, is_without_standby=True),
    Part("both lost, a warning trusted (planted)", lose_both, 1, is_without_standby=True, plant=TRUSTS_A_WARNING),
)


def play(part: Part) -> Seen:
    """Play all turns of a part, in another province where one was left broken."""
    seen = Seen(part.name, must_lose=bool(part.plant), asked=part.turns)
    began = time.monotonic()
    while seen.turns < part.turns and len(seen.broken) < PROVINCES_AT_MOST:
        try:
            _play_in_one_province(part, seen, until=began + 60 * MINUTES_AT_MOST)
        except Exception as error:  # noqa: BLE001 - told in the table, and the other turns are played all the same
            seen.broken.append(f"turn {seen.turns + 1}: {type(error).__name__}: {str(error)[-500:]}")
        if time.monotonic() - began > 60 * MINUTES_AT_MOST:
            break
    seen.seconds = time.monotonic() - began
    return seen


def _play_in_one_province(part: Part, seen: Seen, until: float) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="kaohe-failover-") as folder,
        province(Path(folder), VOTERS * part.turns, part.plant) as under_fault,
    ):
        try:
            while seen.turns < part.turns and time.monotonic() < until:
                if part.is_without_standby:
                    under_fault.database.standby.go_away()
                under_fault.vote(VOTERS, SECONDS, part.attack)
                seen.turns += 1
                _say(f"{part.name}, turn {seen.turns}: {under_fault.outcome()}")
        finally:
            for number in list(under_fault.servers):
                under_fault.kill(number)
            seen.outcomes.append(under_fault.outcome())


def main() -> int:
    """Play what was asked for, and print the table; 0 where all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only the parts whose names begin so")
    parser.add_argument("--turns", type=int, help="at most so many turns of each share of a part")
    said = parser.parse_args()
    chosen = [_shortened(part, said.turns) for part in PARTS if part.name.startswith(tuple(said.names) or "")]
    began = time.monotonic()
    total = _play_all(chosen)
    _say(_HEAD)
    for seen in total.values():
        _say(seen.row())
    for seen in total.values():
        for outcome in seen.outcomes:
            for told in (*outcome.errors[:5], *outcome.logged[:5]):
                _say(f"{seen.name}: {told}")
        for told in seen.broken:
            _say(f"{seen.name}: {told}")
    _say(f"{time.monotonic() - began:.0f} s")
    return 0 if all(seen.is_good for seen in total.values()) else 1


def _play_all(parts: Sequence[Part]) -> dict[str, Seen]:
    total: dict[str, Seen] = {}
    # Each province in a fresh process: what the application keeps in memory is that of one database.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        playing = {pool.submit(play, part): part for part in parts}
        for done in as_completed(playing):
            part = playing[done]
            try:
                seen = done.result()
            except Exception as error:  # noqa: BLE001 - as above
                seen = Seen(part.name, asked=part.turns, broken=[repr(error)])
            total.setdefault(part.name, Seen(part.name, must_lose=bool(part.plant))).add(seen)
    return total


def _shortened(part: Part, turns: int | None) -> Part:
    return part if turns is None else replace(part, turns=min(turns, part.turns))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is a program


if __name__ == "__main__":
    sys.exit(main())
