"""What the templates of the projector are given."""

from __future__ import annotations

from dataclasses import dataclass

from kaohe.live.snapshots import Closed, Computed, LiveTally, Reveal, Snapshot, Speeches, TurnoutOnly, Waiting

_KINDS: dict[type[Snapshot], str] = {
    Waiting: "waiting",
    Speeches: "speeches",
    TurnoutOnly: "turnout",
    LiveTally: "tally",
    Closed: "closed",
    Computed: "computed",
    Reveal: "reveal",
}


@dataclass(frozen=True, slots=True)
class Screen:
    """The block that is swapped: a snapshot, and which of its pages comes first."""

    kind: str
    """Which template draws it."""
    snapshot: Snapshot
    first_page: str
    """The ``data-page`` that a screen begins with."""


@dataclass(frozen=True, slots=True)
class StagePage:
    """The page around the block."""

    title: str
    digest: str
    clock_ms: str
    """The server's clock when the page was made, in milliseconds since 1970: a projector's own may be wrong."""
    live_url: str
    now_url: str
    is_mirror: bool
    """Whether it stands inside of another page, and asks for the picture every two seconds in the place of a stream."""


def screen_of(snapshot: Snapshot) -> Screen:
    """How a snapshot is laid out: the way to vote while nobody has voted, the figures from then on."""
    return Screen(_KINDS[type(snapshot)], snapshot, _first_page(snapshot))


def _first_page(snapshot: Snapshot) -> str:
    match snapshot:
        case Waiting():
            return "vote"
        case Speeches():
            return "speech" if snapshot.speaking else f"order-{snapshot.current_page}"
        case TurnoutOnly():
            return "turnout" if snapshot.numbers.bar else "vote"
        case LiveTally():
            return "vote" if snapshot.how and not snapshot.numbers.bar else "rows-1"
        case Reveal():
            return f"rows-{snapshot.newest_page}"
        case Closed() | Computed():
            return _KINDS[type(snapshot)]
