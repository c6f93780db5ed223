"""The fast path answers as the application does: the same bytes, the same headers, the same refusals."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from flask import Flask
from lanes import SCRIPT, beside, send, without_lane, without_receipt
from phone import NONCE, Hall
from scene import CHAIR
from sqlalchemy import event
from werkzeug.test import TestResponse

from kaohe.domain.ticket_codes import new_ticket_code
from kaohe.operations.chair.spot_votes import call_spot_vote
from kaohe.operations.chair.voting import close_meeting, pause_meeting
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup.rehearsing import start_rehearsal, trial_tickets
from kaohe.storage.tables import db
from kaohe.web.bodies import VOTER_BODY


def test_a_stored_ballot_is_answered_with_the_same_page_and_headers(hall: Hall, app: Flask) -> None:
    through = send(hall, hall.filled())
    with without_lane(app):
        around = send(hall, hall.filled(ticket=hall.tickets[1], nonce=NONCE[::-1]))

    assert through.status_code == around.status_code == 200
    assert without_receipt(through) == without_receipt(around)
    assert dict(through.headers) == dict(around.headers)
    assert hall.cast_count() == 2


def test_a_second_sending_is_answered_with_the_same_page_and_headers(hall: Hall, app: Flask) -> None:
    send(hall, hall.filled())
    through, around = beside(hall, app, hall.filled())

    assert through.status_code == around.status_code == 200
    assert through.data == around.data
    assert dict(through.headers) == dict(around.headers)
    assert hall.cast_count() == 1


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("takes", ["gzip, deflate", "gzip, deflate, br, zstd"])
def test_the_ballot_page_is_the_same_on_both_ways_and_follows_the_meeting(
    hall: Hall, app: Flask, takes: str, *, paused: bool
) -> None:
    if paused:
        hall.chair(pause_meeting)
    get = hall.pages.http.get
    asked = {"Accept-Encoding": takes}
    first = get(hall.url, headers=asked)
    kept = get(hall.url, headers=asked)
    assert (kept.status_code, kept.data) == (200, first.data)
    assert dict(kept.headers) == dict(first.headers)
    assert kept.headers["Content-Encoding"] == "gzip"
    assert get(hall.url, headers={**asked, "If-None-Match": kept.headers["ETag"]}).status_code == 304
    assert get(hall.url, headers={"Accept-Encoding": "gzip;q=0"}).data == gzip.decompress(first.data)
    assert get(f"{hall.url}/no", headers=asked).status_code == 404
    with without_lane(app):
        around = get(hall.url, headers=asked)
    assert (around.data, dict(around.headers)) == (kept.data, dict(kept.headers))
    hall.chair(close_meeting)
    assert get(hall.url, headers=asked).data != first.data


def test_whoever_comes_after_the_close_is_told_from_memory_until_a_vote_on_the_spot_is_on(
    hall: Hall, app: Flask
) -> None:
    hall.chair(close_meeting)

    def ask() -> TestResponse:
        return hall.pages.http.get(hall.url, headers={"Accept-Encoding": "gzip"})

    first = ask()
    with statements(app) as seen:
        kept = ask()
    assert (kept.status_code, kept.data) == (200, first.data)
    assert len(seen) <= 1
    with app.app_context():
        spot_id = call_spot_vote(CHAIR, hall.scene.meeting_id, title="特优票决", subject_keys=["s1", "s2"], seats=None)
    led = ask()
    assert (led.status_code, led.headers["Location"]) == (302, f"/v/{spot_id}/1")


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Every statement that reaches the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


REFUSED = {
    "ticket_mistyped": {"ticket": "1234"},
    "ticket_unknown": {"ticket": new_ticket_code()},
    "round_changed": {"round": "7"},
    "ballot_incomplete": {"i.s2.overall": ""},
    "mark_doubled": {"i.s2.overall": ["competent", "excellent"]},
    "mark_unknown": {"i.s2.overall": "wonderful"},
    "item_unknown": {"i.s9.overall": "competent"},
    "nonce_invalid": {"nonce": "short"},
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_refusal_is_the_same_on_both_ways(hall: Hall, app: Flask, code: str) -> None:
    through, around = beside(hall, app, hall.filled(**REFUSED[code]))

    assert through.headers["X-Kaohe-Error"] == code
    assert (through.status_code, through.data) == (around.status_code, around.data)
    assert dict(through.headers) == dict(around.headers)
    assert hall.cast_count() == 0


def test_a_refusal_that_is_kept_is_still_said_to_the_right_one(hall: Hall, app: Flask) -> None:
    first = send(hall, hall.filled(**{"i.s1.overall": ""}))
    second = send(hall, hall.filled(**{"i.s2.overall": ""}))
    assert first.headers["X-Kaohe-Error"] == second.headers["X-Kaohe-Error"] == "ballot_incomplete"
    assert ("张伟" in first.text, "李娜" in first.text) == (True, False)
    assert ("张伟" in second.text, "李娜" in second.text) == (False, True)
    hall.chair(close_meeting)
    for _ in range(2):
        through, around = beside(hall, app, hall.filled())
        assert (through.status_code, through.data) == (around.status_code, around.data)
        assert through.headers["X-Kaohe-Error"] == "meeting_closed"


def test_comments_arrive_as_they_were_written(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(comments_wanted=True)
    assert send(hall, hall.filled(**{"c.s1": "踏实 & 100% <好> + 快"})).status_code == 200
    assert hall.cast_count() == 1


def test_a_trial_vote_is_called_so_on_its_receipt(draft_of: Callable[..., Hall], app: Flask) -> None:
    hall = draft_of()
    with app.app_context():
        start_rehearsal(CHAIR, hall.scene.meeting_id)
        code = trial_tickets(hall.scene.meeting_id)[0].code
    send(hall, hall.filled(ticket=code, round="0"))
    through, around = beside(hall, app, hall.filled(ticket=code, round="0"))
    assert "试投" in through.get_data(as_text=True)
    assert through.data == around.data


@pytest.mark.parametrize(
    ("how", "options", "status"),
    [
        ("too large", {"data": b"ticket=" + b"1" * VOTER_BODY}, 413),
        ("not text", {"data": b"\xff\xfe=\x00", "content_type": "application/x-www-form-urlencoded"}, 400),
        ("json", {"json": {"ticket": "1"}}, 400),
        ("nothing", {"data": b"", "content_type": "application/x-www-form-urlencoded"}, 400),
        ("not escaped", {"data": b"ticket=%zz&nonce=%", "content_type": "application/x-www-form-urlencoded"}, 400),
    ],
)
def test_what_is_no_ballot_is_left_to_the_application(hall: Hall, how: str, options: dict, status: int) -> None:
    reply = hall.pages.http.post(hall.url, headers=SCRIPT, **options)
    assert reply.status_code == status
    assert hall.cast_count() == 0


def test_a_body_that_breaks_off_casts_nothing(hall: Hall, app: Flask) -> None:
    body = urlencode(hall.filled()).encode()
    reply = hall.pages.http.post(
        hall.url,
        data=body[:-40],
        headers={**SCRIPT, "Content-Length": str(len(body))},
        content_type="application/x-www-form-urlencoded",
    )
    assert reply.status_code >= 400
    assert hall.cast_count() == 0


def test_the_fields_of_a_meeting_are_no_others(hall: Hall, app: Flask) -> None:
    assert hall.pages.http.post("/v/nowhere/1", data=hall.filled(), headers=SCRIPT).status_code == 404
    assert hall.pages.http.post(f"{hall.url}/more", data=hall.filled(), headers=SCRIPT).status_code == 404
    with app.app_context():
        assert load_board(hall.scene.meeting_id).cast == 0
