"""What the hall has been shown of a round that collects ballots, and when it may be shown more. Pure."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field

from kaohe.live.batching import Batches, next_batches

TURNOUT_STEP_SECONDS = 2.0
"""The number of ballots moves in steps, so that an onlooker cannot tell whose tap moved it (security source §3.5)."""
_NAME_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """收回 and the ballots in the tally, as every screen of the meeting shows them at the same time."""

    cast: int = 0
    moved_at: float | None = None
    """When it last changed, by the clock that ``move`` was told; None before the first picture."""
    batches: Batches = field(default_factory=Batches)

    def move(self, clock: float, cast: int, box: frozenset[bytes] | None, *, is_final: bool) -> Shown:
        """What may be shown now: the same until a step is over, except that the last picture waits for nothing.

        ``box`` holds the names of the ballots in it; None where the hall sees no tally, or the box no longer can be
        looked into.
        """
        # A clock that has been set back must not hold the screen up.
        is_early = self.moved_at is not None and 0 <= clock - self.moved_at < TURNOUT_STEP_SECONDS
        if is_early and not is_final:
            return self
        batches = self.batches if box is None else next_batches(self.batches, box)
        # A ballot can reach the box after the count of tickets, and a screen must not count more than it says are in.
        cast = max(cast, len(box or ()))
        is_moving = self.moved_at is None or cast != self.cast or batches.shown != self.batches.shown
        return Shown(cast, clock if is_moving else self.moved_at, batches)

    def written(self) -> bytes:
        """The same as text, for other servers."""
        return json.dumps(
            {
                "cast": self.cast,
                "moved_at": self.moved_at,
                "boundary": self.batches.boundary,
                "shown": _joined(self.batches.shown),
                "found": _joined(self.batches.found),
            }
        ).encode()

    @classmethod
    def read(cls, text: bytes) -> Shown:
        """What ``written`` wrote; of no text, that nothing has been shown."""
        if not text:
            return cls()
        said = json.loads(text)
        batches = Batches(_parted(said["shown"]), _parted(said["found"]), said["boundary"])
        return cls(said["cast"], said["moved_at"], batches)


def _joined(names: Iterable[bytes]) -> str:
    return b64encode(b"".join(sorted(names))).decode()


def _parted(text: str) -> frozenset[bytes]:
    joined = b64decode(text)
    return frozenset(joined[start : start + _NAME_LENGTH] for start in range(0, len(joined), _NAME_LENGTH))
