"""How many ballots a screen may count while voting is open (design.md P4). Pure: ballots in, ballots out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from kaohe.tally.warning import SMALLEST_BATCH

BATCH = SMALLEST_BATCH
"""k: two pictures that the hall sees one after the other differ by at least so many ballots."""

Ballot = TypeVar("Ballot")


class Gate(Protocol[Ballot]):
    """Decides which ballots may be counted on the screen."""

    def take(self, new: Iterable[Ballot]) -> list[Ballot]:
        """Hear of ballots that have come in; return those that may be shown from now on, each of them once."""


class AtOnce(Generic[Ballot]):
    """Every ballot is shown when it comes in (``instant``)."""

    def take(self, new: Iterable[Ballot]) -> list[Ballot]:
        """All of them."""
        return list(new)


class TwoSidedBatches(Generic[Ballot]):
    """The first m ballots are shown only once m + k are in (``batched``).

    Ballots arrive as sets without an order, so a batch is cut out of what has arrived together. What this holds:

    * two pictures shown one after the other differ by k ballots or more, and ballots never leave the picture;
    * at least k ballots are in the box that no picture counts, so nobody stands alone in the last increment, which
      stays hidden until the result is published;
    * a restart keeps all of this. A fresh gate does not know what was shown before it. Whatever that was, it was a
      part of the ballots found at the first look, and at least k of them were not in it. So these ballots are never
      cut: they are shown together, once k more are in.
    """

    def __init__(self, k: int = BATCH) -> None:
        """A gate that has not looked into the box."""
        self._k = k
        self._shown_count = 0
        self._waiting: list[Ballot] = []
        self._boundary: int | None = None

    def take(self, new: Iterable[Ballot]) -> list[Ballot]:
        """The ballots of all batches that have become complete; none, or at least k."""
        self._waiting.extend(new)
        cast_count = self._shown_count + len(self._waiting)
        if self._boundary is None:
            # Below 2k no picture can have been shown yet.
            self._boundary = cast_count if cast_count >= 2 * self._k else self._k
        more = cast_count - self._k - self._boundary
        if more < 0:
            return []
        complete = self._boundary + more // self._k * self._k
        size = complete - self._shown_count
        released, self._waiting = self._waiting[:size], self._waiting[size:]
        self._shown_count, self._boundary = complete, complete + self._k
        return released
