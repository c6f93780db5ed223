"""What the hall has been shown of a round that collects ballots, and when more may be shown. Pure."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kaohe.live.batching import BATCH, Batches, Draw, by_lot, next_batches

TURNOUT_STEP_SECONDS = 2.0
"""The number of ballots moves in steps, so that an onlooker cannot tell whose tap moved it (docs/adr/0009)."""
_NAME_LENGTH = 16


@dataclass(frozen=True, slots=True)
class ShownBallots:
    """收回 and the ballots in the tally, as every screen of the meeting shows them at the same time.

    Each ballot style (票样) has batches of its own. Which voters hold which style is public: of ten ballots of all
    styles together a single one might be the leaders', and the numbers under their questions would move by that one.
    """

    cast: int = 0
    moved_at: float | None = None
    """When it last changed, by the clock that ``advance`` was given; None before the first picture."""
    batches: Mapping[str, Batches] = field(default_factory=dict)
    """By the key of the ballot style."""

    @property
    def names(self) -> frozenset[bytes]:
        """The ballots in the tally."""
        return frozenset().union(*(batches.shown for batches in self.batches.values()))

    def advance(
        self,
        clock: float,
        cast: int,
        box: Mapping[str, frozenset[bytes]] | None,
        *,
        k: int = BATCH,
        draw: Draw = by_lot,
    ) -> ShownBallots:
        """What may be shown now: unchanged until a step is over.

        ``box`` holds the names of the ballots in it by the key of their style, every style included; None where the
        hall sees no tally, or the box can no longer be read. ``k`` is how many ballots two pictures differ by, and does
        not change within a round.
        """
        # A clock that has been set back must not hold the screen up.
        is_early = self.moved_at is not None and 0 <= clock - self.moved_at < TURNOUT_STEP_SECONDS
        if is_early:
            return self
        batches = self.batches
        if box is not None:
            batches = {
                style: next_batches(self.batches.get(style, Batches()), names, k, draw) for style, names in box.items()
            }
        # A ballot can reach the box after the count of tickets, and a screen must not count more than it says are in.
        cast = max(cast, sum(len(names) for names in (box or {}).values()))
        moved = ShownBallots(cast, clock, batches)
        is_moving = self.moved_at is None or cast != self.cast or moved.names != self.names
        return moved if is_moving else replace(moved, moved_at=self.moved_at)

    def to_bytes(self) -> bytes:
        """Serialize for the other servers."""
        return json.dumps(
            {
                "cast": self.cast,
                "moved_at": self.moved_at,
                "batches": {
                    style: {
                        "boundary": batches.boundary,
                        "shown": _join_names(batches.shown),
                        "found": _join_names(batches.found),
                    }
                    for style, batches in self.batches.items()
                },
            }
        ).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> ShownBallots:
        """Read what ``to_bytes`` wrote; empty or foreign content means that nothing has been shown."""
        if not text:
            return cls()
        stored = json.loads(text)
        if "batches" not in stored:
            # Starting over still never shows fewer than a batch.
            return cls()
        batches = {
            style: Batches(_split_names(batch["shown"]), _split_names(batch["found"]), batch["boundary"])
            for style, batch in stored["batches"].items()
        }
        return cls(stored["cast"], stored["moved_at"], batches)


def _join_names(names: Iterable[bytes]) -> str:
    return b64encode(b"".join(sorted(names))).decode()


def _split_names(text: str) -> frozenset[bytes]:
    joined = b64decode(text)
    return frozenset(joined[start : start + _NAME_LENGTH] for start in range(0, len(joined), _NAME_LENGTH))
