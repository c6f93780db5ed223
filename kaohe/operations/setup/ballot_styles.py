"""The ballot styles (票样) of a round."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from kaohe.domain.ballots import BallotStyle
from kaohe.domain.errors import MeetingUnknown
from kaohe.domain.meeting_styles import held_forms, meeting_styles
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.setup_documents import thaw_setup
from kaohe.storage.rounds import StoredRound


def ballot_styles(row: StoredRound, setup: MeetingSetup) -> Sequence[BallotStyle]:
    """Every ballot style of a round; a single one where all voter groups hold the same."""
    if row.frozen:
        return _frozen_styles(row.id, row.number, row.frozen, is_rehearsal=row.is_rehearsal)
    return meeting_styles(setup, row.id, row.number, is_rehearsal=row.is_rehearsal)


def ballot_style(row: StoredRound, setup: MeetingSetup, style_key: str) -> BallotStyle:
    """The ballot style with this key.

    Raises:
        MeetingUnknown: the round has no such form.
    """
    for style in ballot_styles(row, setup):
        if style.key == style_key:
            return style
    raise MeetingUnknown


def style_of_group(row: StoredRound, setup: MeetingSetup, group_key: str) -> BallotStyle:
    """The ballot style of a voter group.

    Raises:
        MeetingUnknown: the round has no such group.
    """
    for style in ballot_styles(row, setup):
        if group_key in style.groups:
            return style
    raise MeetingUnknown


def style_keys(setup: MeetingSetup) -> dict[str, str]:
    """The key of each voter group's ballot style, by group key."""
    found = enumerate(held_forms(setup), start=1)
    return {group_key: str(number) for number, form in found for group_key in form.keys}


@lru_cache(maxsize=32)  # Cached, since a frozen text never changes: a style is made once for all its voters.
def _frozen_styles(round_id: str, number: int, frozen: str, *, is_rehearsal: bool) -> tuple[BallotStyle, ...]:
    return meeting_styles(thaw_setup(frozen), round_id, number, is_rehearsal=is_rehearsal)
