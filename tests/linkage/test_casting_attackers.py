"""Who votes nine times, or casts the challenges, reads nobody's ballot off the wall."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from linkage.casting_attackers import Wall, try_to_read

from kaohe.domain.meetings import Round
from kaohe.live.batching import BATCH, Draw, by_lot

TRIES = 400
PLANTED_TRIES = 80


def batch_of(challenges: int) -> int:
    return Round(id="r", meeting_id="m", number=1, challenge_limit=challenges).batch_size


def by_name(waiting: Sequence[bytes], count: int) -> Sequence[bytes]:
    """Planted: the ballots in the order of their random names, the same order in every picture."""
    return waiting[:count]


def ballots_read(
    tries: int, voters: int, challenges: int, batch: int, draw: Draw = by_lot, *, restarts: bool = False
) -> int:
    chance = random.Random(f"{voters} {challenges} {batch}")
    return sum(try_to_read(Wall(batch, draw), voters, challenges, chance, restarts=restarts) for _ in range(tries))


@pytest.mark.parametrize("restarts", [False, True], ids=["shared note", "restarted"])
@pytest.mark.parametrize("challenges", [0, 5, 50])
def test_nobody_reads_a_ballot_off_the_wall_by_casting_around_it(challenges: int, *, restarts: bool) -> None:
    assert ballots_read(TRIES, 120, challenges, batch_of(challenges), restarts=restarts) == 0


def test_ballots_counted_in_a_lasting_order_are_read() -> None:
    assert ballots_read(PLANTED_TRIES, 200, 0, BATCH, by_name) > PLANTED_TRIES // 3


def test_challenges_that_the_batches_do_not_allow_for_give_a_ballot_away() -> None:
    assert ballots_read(PLANTED_TRIES, 120, 50, BATCH) > PLANTED_TRIES // 3
