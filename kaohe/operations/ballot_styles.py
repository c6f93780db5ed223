"""The form (票样) that a round is held on."""

from __future__ import annotations

from kaohe.domain.ballots import BallotStyle
from kaohe.domain.meetings import MeetingSetup
from kaohe.operations.issuing import STYLE
from kaohe.storage.tables import RoundRow


def ballot_style(row: RoundRow, setup: MeetingSetup) -> BallotStyle:
    """The form that a round is held on."""
    return BallotStyle(
        meeting_id=setup.id,
        key=STYLE,
        round_id=row.id,
        round_number=row.number,
        is_rehearsal=row.is_rehearsal,
        title=setup.title,
        unit=setup.unit,
        scheme=setup.full_scheme,
        subjects=setup.subjects,
    )
