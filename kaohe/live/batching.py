"""Which ballots a screen may count while voting is open (docs/adr/0009): the names of ballots in and out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kaohe.tally.notes.warnings import SMALLEST_BATCH

BATCH = SMALLEST_BATCH
"""k, where no challenges are declared: two pictures that the hall sees one after the other differ by k ballots."""

Draw = Callable[[Sequence[bytes], int], Sequence[bytes]]
"""Draws so many of some ballots."""
by_lot: Draw = secrets.SystemRandom().sample
"""Every choice of so many ballots is as likely as any other, and nothing that happened before tells which it is."""


def batches_text(k: int) -> str:
    """What the hall and the voters are told of it."""
    return f"每满 {k} 票更新一次，由待计入的票中随机抽取，至少 {k} 票暂不计入"


@dataclass(frozen=True, slots=True)
class Batches:
    """Which ballots of a box the hall has been shown, and when the next ones may follow.

    Ballots lie in a box as a set without an order, under random names. A batch is drawn by lot from all that wait,
    afresh each time. Any lasting order, even a random one, would pass the same ballots over again and again, and an
    increment would be the newest k: with k - 1 ballots of one's own among them, the last one could be read off the
    wall. What ``next_batches`` holds from one of these to the next:

    * two pictures shown one after the other differ by k ballots or more, and ballots never leave the picture;
    * at least k ballots are in the box that no picture counts, so nobody stands alone in the last increment, which
      stays hidden until the result is published;
    * beginning anew without a memory keeps all of this. Whoever begins does not know what was shown before. Whatever
      that was, it was a part of the ballots found at the first look, and at least k of them were not in it. So these
      ballots are never divided: they are shown together, once k more are in.
    """

    shown: frozenset[bytes] = frozenset()
    found: frozenset[bytes] = field(default=frozenset())
    """What the first look found, as long as it has to wait together."""
    boundary: int | None = None
    """The number of ballots in the next picture; None before the first look."""


def next_batches(before: Batches, box: frozenset[bytes], k: int = BATCH, draw: Draw = by_lot) -> Batches:
    """Release every batch that has become complete: m ballots are shown only once m + k are in."""
    found, boundary = before.found, before.boundary
    if boundary is None:
        # Below 2k no picture can have been shown yet.
        found, boundary = (box, len(box)) if len(box) >= 2 * k else (frozenset[bytes](), k)
    more = len(box) - k - boundary
    if more < 0:
        return Batches(before.shown, found, boundary)
    complete = boundary + more // k * k
    released = draw(sorted(box - before.shown - found), complete - len(before.shown) - len(found))
    return Batches(before.shown.union(found, released), frozenset(), complete + k)
