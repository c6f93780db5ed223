"""What a slip is told over plain HTTP before anything is filled in: everything but whether it has been used."""

from __future__ import annotations

from collections.abc import Callable

from phone import Hall

from kaohe.operations.setup.replacing import void_ticket


def asked(hall: Hall, code: str) -> tuple[int, str]:
    reply = hall.pages.http.post(f"{hall.url}/slip", data={"ticket": code})
    return reply.status_code, reply.headers.get("X-Kaohe-Error", "")


def test_a_used_slip_is_answered_as_an_unused_one(hall: Hall) -> None:
    before = asked(hall, hall.tickets[0])
    hall.post(hall.filled())
    assert asked(hall, hall.tickets[0]) == before == (204, "")


def test_a_void_slip_and_one_of_another_meeting_are_refused(hall: Hall, hall_of: Callable[..., Hall]) -> None:
    hall.chair(void_ticket, hall.tickets[1])
    other = hall_of()
    assert asked(hall, hall.tickets[1]) == (410, "ticket_void")
    assert asked(hall, other.tickets[0])[1] == "ticket_foreign"
    assert asked(hall, "1234")[1] == "ticket_mistyped"


def test_asking_changes_nothing(hall: Hall) -> None:
    before = hall.dump()
    for code in (hall.tickets[0], "1234", ""):
        asked(hall, code)
    assert hall.dump() == before
