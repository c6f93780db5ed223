"""The ballot styles (票样) that a set-up makes."""

from __future__ import annotations

from kaohe.domain.ballots import BallotStyle, style_groups
from kaohe.domain.meetings import MeetingSetup


def meeting_styles(
    setup: MeetingSetup, round_id: str = "", number: int = 1, *, is_rehearsal: bool = False
) -> tuple[BallotStyle, ...]:
    """Every ballot style of a meeting, keyed from ``1``; without a round they serve for display only."""
    scheme = setup.full_scheme
    return tuple(
        BallotStyle(
            meeting_id=setup.id,
            key=str(position),
            round_id=round_id,
            round_number=number,
            is_rehearsal=is_rehearsal,
            title=setup.title,
            unit=setup.unit,
            scheme=scheme,
            subjects=setup.subjects,
            groups=keys,
        )
        for position, keys in enumerate(style_groups(scheme), start=1)
    )
