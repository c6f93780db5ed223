"""Every refusal by its code: plain, harmless, and with a way back where there is one."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlencode

import pytest
from phone import Hall
from werkzeug.test import TestResponse

from kaohe.domain.ticket_codes import new_ticket_code
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting, pause_meeting
from kaohe.operations.setup.replacing import void_ticket
from kaohe.storage.installation import this_memory
from kaohe.web.bodies import VOTER_BODY
from kaohe.web.voter import routes
from kaohe.web.voter.routes import SCRIPT_HEADER

CHANGES = {
    "ticket_mistyped": ({"ticket": "1234"}, 400),
    "ticket_unknown": ({"ticket": new_ticket_code()}, 404),
    "round_changed": ({"round": "7"}, 409),
    "ballot_incomplete": ({"i.s2.overall": ""}, 422),
    "mark_doubled": ({"i.s2.overall": ["competent", "excellent"]}, 422),
    "mark_unknown": ({"i.s2.overall": "wonderful"}, 422),
    "item_unknown": ({"i.s9.overall": "competent"}, 422),
    "ballot_over_limit": ({"i.s1.overall": "excellent", "i.s2.overall": "excellent"}, 422),
    "comment_too_long": ({"c.s1": "长" * 301}, 422),
    "nonce_invalid": ({"nonce": "short"}, 422),
}
KEEPING = {
    "ballot_incomplete",
    "mark_doubled",
    "ballot_over_limit",
    "comment_too_long",
    "nonce_invalid",
}


@pytest.fixture
def strict(hall_of: Callable[..., Hall]) -> Hall:
    """A meeting that asks for comments and allows one 优秀 a ballot."""
    return hall_of(comments_wanted=True, top_grade_limit=1)


@pytest.mark.parametrize("code", CHANGES)
def test_a_bad_ballot_is_refused_and_burns_no_ticket(strict: Hall, code: str) -> None:
    changes, status = CHANGES[code]
    page = strict.post(strict.filled(**changes), status=status)

    assert page.error == code
    assert strict.cast_count() == 0
    strict.post(strict.filled())
    assert strict.cast_count() == 1


@pytest.mark.parametrize("code", sorted(set(CHANGES) - {"nonce_invalid"}))
def test_the_review_refuses_what_casting_would_refuse(strict: Hall, code: str) -> None:
    changes, status = CHANGES[code]
    assert strict.post(strict.filled(**{**changes, "nonce": ""}), status=status).error == code


@pytest.mark.parametrize("code", CHANGES)
def test_what_can_be_mended_comes_back_filled_in(strict: Hall, code: str) -> None:
    changes, status = CHANGES[code]
    page = strict.post(strict.filled(**changes), status=status)

    assert bool(page.soup.select("form")) is (code in KEEPING)
    if code in KEEPING:
        assert page.fields()["i.s3.overall"] == "competent"


@pytest.mark.parametrize("code", CHANGES)
def test_a_script_gets_the_refusal_alone(strict: Hall, code: str) -> None:
    changes, status = CHANGES[code]
    page = strict.post(strict.filled(**changes), status=status, headers={SCRIPT_HEADER: "1"})

    assert page.error == code
    assert not page.soup.select("form")


def test_a_used_ticket_is_refused_and_shows_no_choices(hall: Hall) -> None:
    hall.post(hall.filled())
    page = hall.post(hall.filled("excellent", nonce="fedcba9876543210"), status=409)

    assert page.error == "ticket_used"
    assert "优秀" not in page.text
    assert hall.cast_count() == 1


def test_a_nonce_that_another_ballot_has_is_refused_and_the_form_comes_back_for_another(hall: Hall) -> None:
    hall.post(hall.filled())
    page = hall.post(hall.filled(ticket=hall.tickets[1]), status=409)

    assert page.error == "nonce_taken"
    assert page.fields()["i.s3.overall"] == "competent"
    hall.pages.submit(hall.pages.submit(page, ticket=hall.tickets[1]))
    assert hall.cast_count() == 2


def test_a_voided_ticket_is_refused_and_the_form_stays_for_the_new_one(hall: Hall) -> None:
    hall.chair(void_ticket, hall.tickets[0])
    page = hall.post(hall.filled(), status=410)

    assert page.error == "ticket_void"
    hall.pages.submit(page, ticket=hall.tickets[1], nonce="fedcba9876543210")
    assert hall.cast_count() == 1


def test_a_ticket_of_another_meeting_is_refused(hall: Hall, hall_of: Callable[..., Hall]) -> None:
    other = hall_of()
    assert hall.post(hall.filled(ticket=other.tickets[0]), status=403).error == "ticket_foreign"
    assert (hall.cast_count(), other.cast_count()) == (0, 0)


def test_a_paused_meeting_takes_no_ballot(hall: Hall) -> None:
    body = hall.filled()
    hall.chair(pause_meeting)
    assert hall.post(body, status=409).error == "meeting_paused"
    assert hall.cast_count() == 0


def test_a_closed_meeting_takes_no_ballot(hall: Hall) -> None:
    body = hall.filled()
    hall.chair(close_meeting)
    assert hall.post(body, status=409).error == "meeting_closed"
    assert hall.cast_count() == 0


def test_a_meeting_that_has_not_begun_takes_no_ballot(draft_of: Callable[..., Hall]) -> None:
    hall = draft_of()
    body = {"ticket": hall.tickets[0], "nonce": "0123456789abcdef", "i.s1.overall": "competent"}
    assert hall.post(body, status=409).error == "meeting_not_open"


def test_a_page_of_a_voided_round_is_told_to_open_anew(hall: Hall) -> None:
    body = hall.filled()
    hall.chair(void_round, "设备故障")
    hall.chair(open_meeting)
    page = hall.post(body, status=409)

    assert page.error == "round_changed"
    assert page.soup.select_one("main a")["href"] == hall.url


def test_an_oversized_body_is_refused_before_it_is_read(hall: Hall) -> None:
    assert hall.post({"ticket": "1" * 200_000}, status=413).error == "body_too_large"


def _post_chunked(hall: Hall, body: BytesIO) -> TestResponse:
    """A body of no stated length, as a server hands it on."""
    return hall.pages.http.post(
        hall.url,
        content_type="application/x-www-form-urlencoded",
        headers={"Transfer-Encoding": "chunked"},
        input_stream=body,
        environ_overrides={"wsgi.input_terminated": True},
    )


@pytest.mark.parametrize("beyond", [0, 1, 200_000])
def test_a_body_of_no_stated_length_is_taken_whole_or_refused_unread_but_never_cut(hall: Hall, beyond: int) -> None:
    ballot = urlencode(hall.filled())
    padded = BytesIO(f"{ballot}&pad=".ljust(VOTER_BODY + 1 + beyond, "0").encode())
    refused = _post_chunked(hall, padded)

    assert (refused.status_code, refused.headers["X-Kaohe-Error"]) == (413, "body_too_large")
    assert padded.tell() == VOTER_BODY + 1
    assert hall.cast_count() == 0
    assert _post_chunked(hall, BytesIO(ballot.encode())).status_code == 200
    assert hall.cast_count() == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b'{"ticket": ["x"]}', "application/json"),
        (b"\xff\xfe=%ff&ticket=%00&nonce[]=1", "application/x-www-form-urlencoded"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
    ],
)
def test_a_body_that_is_no_form_is_refused_like_an_empty_one(hall: Hall, body: bytes, kind: str) -> None:
    assert hall.pages.post(hall.url, body, status=400, content_type=kind).error == "ticket_mistyped"


def test_an_unknown_meeting_takes_no_ballot(hall: Hall) -> None:
    assert hall.pages.post("/v/zzzzzzzz/1", hall.filled(), status=404).error == "meeting_unknown"


def test_a_form_is_rendered_again_only_for_a_ticket_that_exists(hall: Hall) -> None:
    for ticket, code, status in (("1234", "ticket_unknown", 404), (new_ticket_code(), "ticket_unknown", 404)):
        page = hall.post({**hall.filled(ticket=ticket), "back": "1"}, status=status)
        assert page.error == code
        assert not page.soup.select("form")
    assert hall.post({**hall.filled(), "back": "1"}).soup.select("form")


def test_forms_are_rendered_again_for_a_part_of_the_time_and_others_are_told_to_come_back(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {**hall.filled(), "back": "1"}
    hall.post(asked)
    monkeypatch.setattr(routes, "_AGAIN_AT_ONCE_SECONDS", -1.0)
    reply = hall.pages.http.post(hall.url, data=asked)
    assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (503, "forms_busy")
    assert reply.headers["Retry-After"] == "2"
    assert "重新发送" in reply.text
    hall.post(hall.filled())
    assert hall.cast_count() == 1
    monkeypatch.undo()
    with hall.app.app_context():
        this_memory("rendering_again")["left"] = (-1.0, time.monotonic())
    assert hall.pages.http.post(hall.url, data=asked).status_code == 503
    with hall.app.app_context():
        this_memory("rendering_again")["left"] = (-1.0, time.monotonic() - 10)
    hall.post(asked)
