"""How many ballots a screen may count while voting is open (docs/adr/0009). Pure: the names of ballots in and out."""

from __future__ import annotations

from dataclasses import dataclass, field

from kaohe.tally.notes.warnings import SMALLEST_BATCH

BATCH = SMALLEST_BATCH
"""k: two pictures that the hall sees one after the other differ by at least so many ballots."""


@dataclass(frozen=True, slots=True)
class Batches:
    """Which ballots of a box the hall has been shown, and when the next ones may follow.

    Ballots lie in a box as a set without an order, under random names, so a batch is cut out of what lies there by
    name. What ``next_batches`` holds from one of these to the next:

    * two pictures shown one after the other differ by k ballots or more, and ballots never leave the picture;
    * at least k ballots are in the box that no picture counts, so nobody stands alone in the last increment, which
      stays hidden until the result is published;
    * beginning anew without a memory keeps all of this. Whoever begins does not know what was shown before. Whatever
      that was, it was a part of the ballots found at the first look, and at least k of them were not in it. So these
      ballots are never cut: they are shown together, once k more are in.
    """

    shown: frozenset[bytes] = frozenset()
    found: frozenset[bytes] = field(default=frozenset())
    """What the first look found, as long as it has to wait together."""
    boundary: int | None = None
    """The number of ballots in the next picture; None before the first look."""


def next_batches(before: Batches, box: frozenset[bytes], k: int = BATCH) -> Batches:
    """Release every batch that has become complete: the first m ballots are shown only once m + k are in."""
    found, boundary = before.found, before.boundary
    if boundary is None:
        # Below 2k no picture can have been shown yet.
        found, boundary = (box, len(box)) if len(box) >= 2 * k else (frozenset[bytes](), k)
    more = len(box) - k - boundary
    if more < 0:
        return Batches(before.shown, found, boundary)
    complete = boundary + more // k * k
    waiting = sorted(found) + sorted(box - before.shown - found)
    released = waiting[: complete - len(before.shown)]
    return Batches(before.shown.union(released), frozenset(), complete + k)
