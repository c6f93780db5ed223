"""In which order a published result is revealed in the hall (揭晓顺序), and whom it shows at all. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum


class RevealKind(StrEnum):
    """How the hall comes to know a result."""

    LISTED = "listed"
    """Everybody in the order of the list, section after section."""
    BACKWARDS = "backwards"
    """Everybody, class after class, from the last rank up to the first."""
    TOP = "top"
    """Only the first ranks of each class, from the back; nobody else is named on the wall."""


@dataclass(frozen=True, slots=True)
class RevealOrder:
    """Who is revealed after whom, fixed before the first one: a correction of ranks moves nobody who was revealed."""

    kind: RevealKind = RevealKind.LISTED
    top: int = 0
    """The last rank that is shown, where only the first ones are."""
    keys: tuple[str, ...] = ()
    """The subjects one after another; none where the list says it."""

    def count_of(self, listed: int) -> int:
        """How many are revealed of so many on the list."""
        return listed if self.kind is RevealKind.LISTED else len(self.keys)

    def to_text(self) -> str:
        """Serialize; '' for the order of the list."""
        if self.kind is RevealKind.LISTED:
            return ""
        return json.dumps({"kind": self.kind, "top": self.top, "keys": self.keys})


IN_LIST_ORDER = RevealOrder()


def read_reveal_order(text: str) -> RevealOrder:
    """Read what ``to_text`` wrote."""
    if not text:
        return IN_LIST_ORDER
    stored = json.loads(text)
    return RevealOrder(RevealKind(stored["kind"]), stored["top"], tuple(stored["keys"]))
