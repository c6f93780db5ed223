"""What the page of a blank ballot on paper shows: one voter group's form, on A4 or A5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from kaohe.domain.meetings import MeetingState
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.printing import blank_ballot
from kaohe.reports.blank_ballots import BlankBallot
from kaohe.web.asked import asked_one_of

_PAPERS = {"a4": "A4", "a5": "A5"}


@dataclass(frozen=True, slots=True)
class ChoiceLink:
    """Another group's form, or another size of paper."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class BlankBallotPage:
    """The form and what can be chosen beside it."""

    meeting_id: str
    ballot: BlankBallot
    paper: str
    """``a4`` or ``a5``."""
    paper_label: str
    groups: Sequence[ChoiceLink]
    """Empty where all voters fill the same."""
    papers: Sequence[ChoiceLink]
    may_change: bool
    """Whether the set-up can still change, so that what was printed may be out of date."""


def blank_ballot_page(meeting_id: str) -> BlankBallotPage:
    """The page of the ``group`` that the address names, else of the first one, on ``paper`` of A4 unless it says A5.

    Raises:
        NotFound: there is no such group or paper.
        SectionRefused: a subject belongs to no section yet.
    """
    setup, this_round = load_meeting(meeting_id)
    key = asked_one_of("group", [group.key for group in setup.groups], setup.groups[0].key)
    size = asked_one_of("paper", _PAPERS, "a4")

    def link(label: str, group: str, wanted: str) -> ChoiceLink:
        url = url_for("organizer.blank_ballot", meeting_id=meeting_id, group=group, paper=wanted)
        return ChoiceLink(label, url, (group, wanted) == (key, size))

    return BlankBallotPage(
        meeting_id=meeting_id,
        ballot=blank_ballot(meeting_id, key),
        paper=size,
        paper_label=_PAPERS[size],
        groups=[link(group.label, group.key, size) for group in setup.groups if len(setup.groups) > 1],
        papers=[link(label, key, each) for each, label in _PAPERS.items()],
        may_change=this_round.state is MeetingState.DRAFT,
    )
