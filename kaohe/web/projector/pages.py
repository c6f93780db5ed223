"""What the templates of the projector are given."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kaohe.domain.scenes import Scene
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
    chip: str
    """The state in a word."""
    first_page: str
    """The ``data-page`` that a screen begins with."""
    emblem_url: str
    """Where the unit's emblem comes from; '' where there is none."""
    newest_rows: str
    """The ``data-page`` of the list that whoever was revealed last stands on; '' where there is none."""


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


_CHIPS = {"waiting": "尚未开始", "speeches": "述职演讲", "reveal": "已公布"}
"""A state in a word, where its sentence begins with more than the chip beside the title takes."""
_CLAUSE_ENDS = re.compile("[，（]")
_CHIP_LENGTH = 6


def screen_of(snapshot: Snapshot, emblem_url: str = "") -> Screen:
    """How a snapshot is laid out: the scene that the chair has put on the wall, or the one that follows by itself.

    ``emblem_url`` is where this meeting's emblem would come from.
    """
    kind, text = _KINDS[type(snapshot)], snapshot.state_text
    word = _CLAUSE_ENDS.split(text)[0]
    is_short = len(word.replace(" ", "")) <= _CHIP_LENGTH
    newest_rows = f"rows-{snapshot.newest_page}" if isinstance(snapshot, Reveal) else ""
    return Screen(
        kind,
        snapshot,
        chip=word if is_short else _CHIPS[kind],
        first_page=_first_page(snapshot),
        emblem_url=emblem_url if snapshot.heading.emblem_text else "",
        newest_rows=newest_rows,
    )


def _first_page(snapshot: Snapshot) -> str:
    match snapshot:
        case Waiting():
            return "vote" if snapshot.scene is Scene.HOW else "welcome"
        case Speeches():
            return "speech" if snapshot.speaking else f"order-{snapshot.current_page}"
        case TurnoutOnly():
            return "vote" if snapshot.scene is Scene.HOW else "turnout"
        case LiveTally():
            return "vote" if snapshot.scene is Scene.HOW else "rows-1"
        case Reveal():
            pages = {
                Scene.LIST: f"rows-{snapshot.newest_page}",
                Scene.CALLING: "call",
                Scene.RANKING: "ranking-1",
                Scene.THANKS: "thanks",
            }
            return pages.get(snapshot.scene, "person")
        case Closed() | Computed():
            return _KINDS[type(snapshot)]
