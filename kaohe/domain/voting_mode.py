"""Whether a meeting votes at all: a year made of its quarters alone is computed without ballots (不投票)."""

from __future__ import annotations

from kaohe.domain.errors import BallotsNotTaken, FieldInvalid
from kaohe.domain.limits import COMPUTED_SUBJECTS_AT_MOST, SUBJECTS_AT_MOST
from kaohe.tally.scheme.scheme import Scheme


def takes_ballots(scheme: Scheme) -> bool:
    """Whether there is something to vote on; a score made of imports and earlier periods alone is only computed."""
    return any(section.scheme.has_votes for section in scheme.sections)


def require_ballots(scheme: Scheme) -> None:
    """Let an act about tickets or ballots pass only where there are any.

    Raises:
        BallotsNotTaken: the scheme leaves nothing to vote on.
    """
    if not takes_ballots(scheme):
        raise BallotsNotTaken


def subjects_at_most(scheme: Scheme) -> int:
    """How many subjects a meeting by this scheme may have."""
    return SUBJECTS_AT_MOST if takes_ballots(scheme) else COMPUTED_SUBJECTS_AT_MOST


def require_room(scheme: Scheme, count: int) -> None:
    """Let a list of so many subjects stand in a meeting by this scheme.

    Raises:
        FieldInvalid: there are too many.
    """
    if count > (at_most := subjects_at_most(scheme)):
        raise FieldInvalid(f"本方案的考核对象最多 {at_most} 个，现有 {count} 个，请分场进行。")
