"""Attackers who vote: they cast ballots of which they know the content around one voter's, and subtract at the wall.

What they see is what the hall sees: sums of ballots, picture after picture, and the result. The ballots of which they
know the content are nine of their own and the challenges, which leave the count again and so need no excuse.
"""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kaohe.live.batching import Draw
from kaohe.live.shown_ballots import ShownBallots

SUBJECTS, GRADES = 6, 4
OWN = 9
_NAME_LENGTH = 16
_LOOK_SECONDS = 10.0

Marks = tuple[int, ...]
"""The grade that one ballot gives to each subject."""
KNOWN: Marks = (GRADES - 1,) * SUBJECTS
"""What the attackers cast: the grade that hardly anybody gives."""


@dataclass
class Wall:
    """The screens of a hall, which the box's own rule moves: two servers take turns, by the note that they share."""

    batch: int
    draw: Draw

    def __post_init__(self) -> None:
        self._box: dict[bytes, Marks] = {}
        self._note = b""
        self._clock = 0.0
        self.pictures: list[Sequence[Marks]] = [()]

    def cast(self, *ballots: Marks) -> None:
        """These ballots come in, and then the hall sees a picture."""
        self._box.update((secrets.token_bytes(_NAME_LENGTH), ballot) for ballot in ballots)
        self._clock += _LOOK_SECONDS
        shown = ShownBallots.from_bytes(self._note).advance(
            self._clock,
            len(self._box),
            {"1": frozenset(self._box)},
            k=self.batch,
            draw=self.draw,
        )
        self._note = shown.to_bytes()
        self.pictures.append([self._box[name] for name in shown.names])

    def restart(self) -> None:
        """The only server starts anew and remembers nothing."""
        self._note = b""

    def publish(self) -> None:
        """The result; the attackers put the challenges back that have left it."""
        self.pictures.append(list(self._box.values()))


def try_to_read(wall: Wall, voters: int, challenges: int, chance: random.Random, *, restarts: bool) -> bool:
    """Whether attackers at this wall find out what one voter has chosen."""
    for _ in range(voters // wall.batch):
        wall.cast(*(_honest(chance) for _ in range(wall.batch)))
    if restarts:
        wall.restart()
    noted = len(wall.pictures) - 1
    for number in range(0, challenges, 10):
        wall.cast(*[KNOWN] * min(10, challenges - number))
    target = _honest(chance)
    wall.cast(target)
    wall.cast(*[KNOWN] * OWN)
    for _ in range(2):
        wall.cast(*(_honest(chance) for _ in range(wall.batch)))
    wall.publish()
    sums = [(len(picture), _sum(picture)) for picture in wall.pictures[noted:]]
    # What an increment of ballots says once all but one of them are taken to be the attackers' own.
    return target in {
        _left(later, earlier, size - before - 1)
        for (before, earlier), (size, later) in pairwise(sums)
        if 0 < size - before <= OWN + challenges + 1
    }


def _honest(chance: random.Random) -> Marks:
    return tuple(chance.choices(range(GRADES), weights=(45, 35, 15, 5), k=SUBJECTS))


def _sum(ballots: Sequence[Marks]) -> Counter[tuple[int, int]]:
    return Counter((subject, grade) for ballot in ballots for subject, grade in enumerate(ballot))


def _left(later: Counter[tuple[int, int]], earlier: Counter[tuple[int, int]], known: int) -> Marks | None:
    """The one ballot that is left of an increment without ``known`` ballots of the attackers; None if it is not one."""
    left = later.copy()
    left.subtract(earlier)
    left.subtract(dict.fromkeys(enumerate(KNOWN), known))
    rest = [cell for cell, count in left.items() if count]
    is_one = len(rest) == SUBJECTS and all(left[cell] == 1 for cell in rest)
    return tuple(grade for _, grade in sorted(rest)) if is_one else None
