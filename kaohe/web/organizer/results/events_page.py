"""What the page of the record of acts (操作记录) shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.computing import NO_VOTES
from kaohe.operations.count.results import list_record_entries
from kaohe.operations.setup.preparing import load_meeting
from kaohe.storage.clock import now, zone_text
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.record_words import act_text


@dataclass(frozen=True, slots=True)
class EventsPage:
    """The record of acts, the newest first."""

    frame: MeetingFrame
    lines: Sequence[tuple[str, str, str]]
    """(time, who, what was done)."""
    zone_text: str
    """Whose clock the times are by."""


def events_page(meeting_id: str) -> EventsPage:
    """The record as it stands now, in the server's local time."""
    setup, this_round = load_meeting(meeting_id)
    # Where nobody votes, there is no screen and no key to be told of.
    told = {} if takes_ballots(setup.full_scheme) else {"changed_hall": NO_VOTES}
    labels = {group.counted_as: group.counted_label for group in setup.groups}
    labels |= {group.key: group.label for group in setup.groups}
    return EventsPage(
        frame=frame_of(setup, this_round, "chair"),
        lines=[
            (
                f"{event.at.astimezone():%Y-%m-%d %H:%M:%S}",
                event.actor,
                act_text(event.act, {**event.detail, **told.get(event.act, {})}, labels),
            )
            for event in list_record_entries(meeting_id)
        ],
        zone_text=zone_text(now()),
    )
