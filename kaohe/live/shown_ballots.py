"""What the hall has been shown of a round that collects ballots, and when it may be shown more. Pure."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kaohe.live.batching import Batches, next_batches

TURNOUT_STEP_SECONDS = 2.0
"""The number of ballots moves in steps, so that an onlooker cannot tell whose tap moved it (docs/adr/0009)."""
_NAME_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """收回 and the ballots in the tally, as every screen of the meeting shows them at the same time.

    Each form of ballots (票样) has batches of its own. Who fills which form is known, and so is what each asks: of ten
    ballots of all forms together a single one might be of the leaders' form, and the numbers under their questions
    would move by that one.
    """

    cast: int = 0
    moved_at: float | None = None
    """When it last changed, by the clock that ``move`` was told; None before the first picture."""
    batches: Mapping[str, Batches] = field(default_factory=dict)
    """By the key of the form."""

    @property
    def names(self) -> frozenset[bytes]:
        """The ballots in the tally."""
        return frozenset().union(*(each.shown for each in self.batches.values()))

    def move(self, clock: float, cast: int, box: Mapping[str, frozenset[bytes]] | None, *, is_final: bool) -> Shown:
        """What may be shown now: the same until a step is over, except that the last picture waits for nothing.

        ``box`` holds the names of the ballots in it by the key of their form, every form included; None where the hall
        sees no tally, or the box no longer can be looked into.
        """
        # A clock that has been set back must not hold the screen up.
        is_early = self.moved_at is not None and 0 <= clock - self.moved_at < TURNOUT_STEP_SECONDS
        if is_early and not is_final:
            return self
        batches = self.batches
        if box is not None:
            batches = {form: next_batches(self.batches.get(form, Batches()), names) for form, names in box.items()}
        # A ballot can reach the box after the count of tickets, and a screen must not count more than it says are in.
        cast = max(cast, sum(len(names) for names in (box or {}).values()))
        moved = Shown(cast, clock, batches)
        is_moving = self.moved_at is None or cast != self.cast or moved.names != self.names
        return moved if is_moving else replace(moved, moved_at=self.moved_at)

    def written(self) -> bytes:
        """The same as text, for other servers."""
        return json.dumps(
            {
                "cast": self.cast,
                "moved_at": self.moved_at,
                "batches": {
                    form: {"boundary": each.boundary, "shown": _joined(each.shown), "found": _joined(each.found)}
                    for form, each in self.batches.items()
                },
            }
        ).encode()

    @classmethod
    def read(cls, text: bytes) -> Shown:
        """What ``written`` wrote; of no text, or another program's, that nothing has been shown."""
        if not text:
            return cls()
        said = json.loads(text)
        if "batches" not in said:
            # To begin anew keeps what the batches promise.
            return cls()
        batches = {
            form: Batches(_parted(each["shown"]), _parted(each["found"]), each["boundary"])
            for form, each in said["batches"].items()
        }
        return cls(said["cast"], said["moved_at"], batches)


def _joined(names: Iterable[bytes]) -> str:
    return b64encode(b"".join(sorted(names))).decode()


def _parted(text: str) -> frozenset[bytes]:
    joined = b64decode(text)
    return frozenset(joined[start : start + _NAME_LENGTH] for start in range(0, len(joined), _NAME_LENGTH))
