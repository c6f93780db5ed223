"""The example meeting: invented people and ballots, for newcomers to look at and to vote in."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from flask import Flask, current_app

from kaohe.cli.application import ACTOR
from kaohe.cli.meeting_making import make_meeting
from kaohe.domain.ballots import ABSTAIN, FIRST_STYLE, BallotStyle, item_field
from kaohe.domain.meeting_files import MeetingFile, parse_meeting_file
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.hall.boards import record_numbers
from kaohe.operations.hall.casting import cast_ballot, load_polling
from kaohe.operations.setup.issuing import PrintedTicket, list_tickets
from kaohe.operations.setup.preparing import change_basics, list_meetings, load_meeting, stage_code
from kaohe.storage.database import reading
from kaohe.storage.meetings import MeetingLine
from kaohe.storage.tickets import find_ticket

LIVE_TITLE = "示例：现场投票演示"
_GRADES = {
    "优秀": "excellent",
    "称职": "competent",
    "基本称职": "basically_competent",
    "不称职": "incompetent",
    "弃权": ABSTAIN,
}
_PRESENT, _LEFT_OVER = 148, 8
_PHONES = 32
"""How many ballots are on their way at once, as in a hall; they share commits."""


def example_ballots() -> list[tuple[str, ...]]:
    """The invented ballots as grade keys, one for each subject of the example meeting."""
    with _data("example-ballots.csv").open(encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        return [tuple(_GRADES[label] for label in row[1:]) for row in rows]


def prepare_example(title: str | None = None) -> str:
    """Make the example meeting with its tickets, open it, and return its id; ``title`` replaces the one in its file."""
    with resources.as_file(_data("example-meeting.toml")) as path:
        meeting_id = make_meeting(path)
    setup, _ = load_meeting(meeting_id)
    if title is not None:
        change_basics(ACTOR, meeting_id, setup.version, title=title, unit=setup.unit, held_on=setup.held_on)
    record_numbers(ACTOR, meeting_id, setup.groups[0].key, present=_PRESENT, left_over=_LEFT_OVER)
    open_meeting(ACTOR, meeting_id)
    return meeting_id


def make_example() -> bool:
    """Make the example meeting and cast its ballots; False, and nothing, where there is any meeting.

    The ballots take the same way as a phone's, ticket by ticket. Needs an application context.
    """
    if list_meetings():
        return False
    meeting_id = prepare_example()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - Flask's own way to hand the application to a thread
    # A screen that first looks at a box with ballots in it shows none of them until the next batch is complete.
    app.test_client().get(f"/stage/{meeting_id}/{stage_code(meeting_id)}")
    style = load_polling(meeting_id, FIRST_STYLE).style

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
    file = _file()
    return line.unit == file.unit and line.title in (file.title, LIVE_TITLE)


@cache
def _file() -> MeetingFile:
    return parse_meeting_file(_data("example-meeting.toml").read_text(encoding="utf-8"))


def _data(name: str) -> Traversable:
    return resources.files("kaohe") / "data" / name


def _filled(style: BallotStyle, marks: Sequence[str]) -> list[tuple[str, str]]:
    return [(item_field(*item), mark) for item, mark in zip(style.items, marks, strict=True)]
