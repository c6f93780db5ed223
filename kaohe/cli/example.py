"""The example meeting on 559 real ballots, so that a newcomer sees everything move at once."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from importlib import resources

from flask import Flask, current_app

from kaohe.cli.application import ACTOR
from kaohe.domain.ballots import ABSTAIN, FIRST_STYLE, BallotStyle, item_field
from kaohe.domain.meetings import Custody, Group, HallView
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.chairing import open_meeting, record_numbers
from kaohe.operations.hall.casting import cast_ballot, load_polling
from kaohe.operations.setup.issuing import PrintedTicket, issue_tickets, list_tickets
from kaohe.operations.setup.preparing import (
    change_groups,
    change_hall,
    change_subjects,
    create_meeting,
    list_meetings,
    load_meeting,
)
from kaohe.storage.database import reading
from kaohe.storage.meetings import MeetingLine
from kaohe.storage.tickets import find_ticket

EXAMPLE_TITLE = "示例测评会"
LIVE_TITLE = "现场投票演示"
EXAMPLE_UNIT = "示例单位"
SUBJECTS = tuple(f"对象{number:02}" for number in range(1, 13))
"""The data set names nobody, so neither does the example."""
GRADES = {
    "6": "excellent",
    "5": "competent",
    "4": "competent",
    "3": "basically_competent",
    "2": "basically_competent",
    "1": "incompetent",
    "0": ABSTAIN,
}
"""How the codes of the data set (6 is best, 0 is no opinion) stand on the scale of ``si-deng``."""
_ENTITLED, _PRESENT, _SPARES = 620, 600, 20
_PHONES = 32
"""How many ballots are on their way at once, as in a hall; they share commits."""


def example_ballots() -> list[tuple[str, ...]]:
    """The real ballots as grade keys, one for each of ``SUBJECTS``."""
    source = resources.files("kaohe") / "data" / "orsay-2007-bureau-01.csv"
    with source.open(encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        return [tuple(GRADES[code] for code in row[1:]) for row in rows]


def prepare_example(title: str, hall_view: HallView) -> str:
    """Make and open a meeting for the real ballots, with more tickets than ballots; returns its id."""
    meeting_id = create_meeting(ACTOR, title=title, unit=EXAMPLE_UNIT, held_on=None, preset_id="si-deng")
    change_subjects(ACTOR, meeting_id, _version(meeting_id), [SubjectEntry(name) for name in SUBJECTS])
    everyone = load_meeting(meeting_id)[0].groups[0]
    group = Group(everyone.key, everyone.label, Fraction(1), _ENTITLED)
    change_groups(ACTOR, meeting_id, _version(meeting_id), [group])
    change_hall(
        ACTOR,
        meeting_id,
        _version(meeting_id),
        hall_view=hall_view,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
    )
    issue_tickets(ACTOR, meeting_id, group.key, _PRESENT, _SPARES)
    record_numbers(ACTOR, meeting_id, group.key, present=_PRESENT, left_over=_SPARES)
    open_meeting(ACTOR, meeting_id)
    return meeting_id


def make_example() -> bool:
    """Make the example meeting and cast the real ballots into it; False, and nothing, where there is any meeting.

    The ballots take the same way as a phone's, ticket by ticket. Needs an application context.
    """
    if list_meetings():
        return False
    meeting_id = prepare_example(EXAMPLE_TITLE, HallView.INSTANT)
    style = load_polling(meeting_id, FIRST_STYLE).style
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - Flask's own way to hand the application to a thread

    def cast(pair: tuple[PrintedTicket, Sequence[str]]) -> None:
        ticket, marks = pair
        with app.app_context():
            cast_ballot(
                meeting_id,
                FIRST_STYLE,
                ticket=ticket.code,
                nonce=secrets.token_urlsafe(16),
                round_number="",
                fields=_filled(style, marks),
            )

    with ThreadPoolExecutor(_PHONES) as phones:
        list(phones.map(cast, zip(list_tickets(meeting_id), example_ballots(), strict=False)))
    return True


def spare_ticket_url(line: MeetingLine) -> str | None:
    """What a newcomer's phone scans: a ticket of the example meeting that nobody has used; None for other meetings.

    A real meeting's tickets are never asked whether they are spent.
    """
    if not is_example(line):
        return None
    _, current = load_meeting(line.id)
    for ticket in list_tickets(line.id):
        with reading() as session:
            found = find_ticket(session, current.id, ticket.code)
        if found is not None and not found.is_spent:
            return ticket.url
    return None


def is_example(line: MeetingLine) -> bool:
    """Whether the meeting was made by ``make run`` or ``kaohe demo`` rather than by people who mean it."""
    return line.unit == EXAMPLE_UNIT and line.title in (EXAMPLE_TITLE, LIVE_TITLE)


def _filled(style: BallotStyle, marks: Sequence[str]) -> list[tuple[str, str]]:
    return [(item_field(*item), mark) for item, mark in zip(style.items, marks, strict=True)]


def _version(meeting_id: str) -> int:
    return load_meeting(meeting_id)[0].version
