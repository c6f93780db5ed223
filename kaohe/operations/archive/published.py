"""What other systems may read of meetings: published results, and nothing before the publication or beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from kaohe.domain.errors import MeetingUnknown
from kaohe.domain.meetings import MeetingState, Shelf
from kaohe.domain.units import Reach
from kaohe.operations.archive.filing import BALLOTS_KEY, COMMENTS_KEY, Filing, load_filing
from kaohe.operations.people.register import people_in
from kaohe.operations.setup.preparing import list_meetings
from kaohe.storage.database import reading
from kaohe.storage.meetings import MeetingLine

PAGE_SIZE: Final = 200
_PUBLISHED: Final = (MeetingState.PUBLISHED, MeetingState.PURGED)
_OF_BALLOTS: Final = frozenset({BALLOTS_KEY, COMMENTS_KEY})
_SHELVES: Final = (Shelf.CURRENT, Shelf.ARCHIVED)


def list_published(reach: Reach, page: int = 1) -> tuple[Sequence[MeetingLine], bool]:
    """The published meetings within a reach, so many at a time, and whether more follow."""
    lines = published_meetings(reach)
    start = (page - 1) * PAGE_SIZE
    return lines[start : start + PAGE_SIZE], len(lines) > start + PAGE_SIZE


def published_meetings(reach: Reach) -> Sequence[MeetingLine]:
    """The meetings within a reach whose latest round is published and that nobody has deleted, the latest first.

    That is by their day; those without one, such as a year that was computed, come first.
    """
    lines = [line for line in list_meetings(reach, _SHELVES) if line.state in _PUBLISHED]
    return sorted(lines, key=lambda line: line.held_on or date.max, reverse=True)


def load_published(meeting_id: str, reach: Reach) -> Filing:
    """The sheets of a meeting whose latest round is published, in the version that holds now.

    None of them holds a ballot: whole ballots and what voters wrote stay with the organizers, whatever is taken of it.

    Raises:
        MeetingUnknown: there is no such meeting, it is out of reach, or it is not published: nobody learns which.
        CountBroken: the numbers do not conserve.
    """
    if all(line.id != meeting_id for line in published_meetings(reach)):
        raise MeetingUnknown("没有找到这场已公布的测评会。")
    filing = load_filing(meeting_id)
    return replace(filing, sheets=tuple(filed for filed in filing.sheets if filed.key not in _OF_BALLOTS))


def people_of(meeting_id: str) -> Mapping[str, str]:
    """The ids of the register by the keys of a meeting's subjects, as far as they are in it."""
    with reading() as session:
        return people_in(session, meeting_id)
