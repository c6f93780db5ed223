"""The example meeting: invented people and ballots, for newcomers to look at and to vote in."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from flask import Flask, current_app

from kaohe.cli.application import ACTOR
from kaohe.cli.meeting_making import make_meeting
from kaohe.domain.ballots import ABSTAIN, FIRST_STYLE, BallotStyle, item_field
from kaohe.domain.errors import PoolClosed, PoolEmpty
from kaohe.domain.meeting_files import MeetingFile, parse_meeting_file
from kaohe.domain.meetings import Shelf
from kaohe.operations.chair.voting import open_meeting
from kaohe.operations.hall.boards import record_numbers
from kaohe.operations.hall.casting import cast_ballot, load_polling
from kaohe.operations.setup.issuing import PrintedTicket, draw_ticket, list_tickets, pool_address
from kaohe.operations.setup.preparing import change_basics, change_hall, list_meetings, load_meeting, stage_code
from kaohe.storage.meetings import MeetingLine

LIVE_TITLE = "示例：现场投票演示"
_GRADES = {
    "优秀": "excellent",
    "称职": "competent",
    "基本称职": "basically_competent",
    "不称职": "incompetent",
    "弃权": ABSTAIN,
}
_PRESENT, _LEFT_OVER = 148, 18
_PHONES = 32
"""How many ballots are on their way at once, as in a hall; they share commits."""


def example_ballots() -> list[tuple[str, ...]]:
    """The invented ballots as grade keys, one for each subject of the example meeting."""
    with _data("example-ballots.csv").open(encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        return [tuple(_GRADES[label] for label in row[1:]) for row in rows]


def prepare_example(title: str | None = None) -> tuple[str, Sequence[PrintedTicket]]:
    """Make the example meeting, open it, and return its id and its slips, which nobody can read afterwards.

    Beside its slips it has a shared code, by which whoever tries it out draws a ticket of his own. ``title`` replaces
    the one in its file.
    """
    with resources.as_file(_data("example-meeting.toml")) as path:
        meeting_id = make_meeting(path)
    setup, _ = load_meeting(meeting_id)
    if title is not None:
        change_basics(ACTOR, meeting_id, setup.version, title=title, unit=setup.unit, held_on=setup.held_on)
    group_key, version = setup.groups[0].key, load_meeting(meeting_id)[0].version
    change_hall(
        ACTOR,
        meeting_id,
        version,
        hall_view=setup.hall_view,
        custody=setup.custody,
        shared_group=group_key,
        ballot_list_wanted=setup.ballot_list_wanted,
    )
    record_numbers(ACTOR, meeting_id, group_key, present=_PRESENT, left_over=_LEFT_OVER)
    slips = list_tickets(meeting_id)
    open_meeting(ACTOR, meeting_id)
    return meeting_id, slips


def make_example() -> bool:
    """Make the example meeting and cast its ballots; False, and nothing, where there is any meeting.

    The ballots take the same way as a phone's, ticket by ticket. Needs an application context.
    """
    if list_meetings(shelves=[*Shelf]):
        return False
    meeting_id, slips = prepare_example()
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
        list(phones.map(cast, zip(slips, example_ballots(), strict=False)))
    return True


def drawing_url(line: MeetingLine) -> str | None:
    """What a newcomer's phone scans: the shared code of the example meeting; None for other meetings."""
    if not is_example(line):
        return None
    setup, this_round = load_meeting(line.id)
    return None if this_round.pool_code is None else pool_address(setup, this_round.pool_code)


def drawn_tickets(meeting_id: str) -> Iterator[str]:
    """Codes of tickets that are drawn one by one, by the example's shared code, until there are no more."""
    pool_code = load_meeting(meeting_id)[1].pool_code
    with suppress(PoolEmpty, PoolClosed):
        while pool_code is not None:
            yield draw_ticket(meeting_id, pool_code, secrets.token_urlsafe(16))


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
