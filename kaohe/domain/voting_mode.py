"""Whether a meeting votes at all: a year made of its quarters alone is computed without ballots (不投票)."""

from __future__ import annotations

from kaohe.domain.errors import BallotsNotTaken
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
