"""Ballots that come sealed: taken unopened, told from no other, and refused by what stands outside of the seal."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable

import pytest
from flask import Flask
from lanes import beside, send, without_lane, without_receipt
from phone import NONCE, Hall
from scene import sealed_as_by_a_phone
from sqlalchemy import select

from kaohe.domain.ballots import encode_ballot, read_ballot
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.hall.casting import load_polling
from kaohe.storage.database import reading
from kaohe.storage.tables import EnvelopeRow, TicketRow


def body(
    hall: Hall, grade: str = "competent", *, slip: int = 0, nonce: str = NONCE, **changes: str
) -> dict[str, object]:
    """What a phone posts that seals."""
    fields = [(name, str(mark)) for name, mark in hall.filled(grade).items() if name.startswith("i.")]
    with hall.app.app_context():
        style = load_polling(hall.scene.meeting_id, "1").style
        sealed = sealed_as_by_a_phone(hall.scene.meeting_id, encode_ballot(style, read_ballot(style, fields)), nonce)
    return {
        "ticket": hall.tickets[slip],
        "round": "1",
        "form": sealed.form_digest,
        "key": sealed.key_id,
        "tag": sealed.tag.hex(),
        "retry": sealed.retry.hex(),
        "box": base64.urlsafe_b64encode(sealed.box).decode().rstrip("="),
        **changes,
    }


def spent(hall: Hall) -> int:
    with hall.app.app_context(), reading() as session:
        return len(session.scalars(select(TicketRow).where(TicketRow.is_spent)).all())


def test_what_seals_is_sent_with_what_it_seals_for_and_says_nobody(hall: Hall) -> None:
    reply = hall.pages.http.get(f"{hall.url}/seal.js")
    assert reply.mimetype == "text/javascript"
    text = reply.get_data(as_text=True)
    document = json.loads(text.removeprefix("window.kaohe.box=").partition(";\n")[0])
    assert (document["suite"], document["formKey"]) == (1, "1")
    assert "张伟" not in text
    assert (
        hall.pages.http.get(f"{hall.url}/seal.js", headers={"If-None-Match": reply.headers["ETag"]}).status_code == 304
    )


def test_before_the_opening_and_after_the_close_nothing_seals(hall: Hall, draft_of: Callable[..., Hall]) -> None:
    hall.chair(close_meeting)
    assert hall.pages.http.get(f"{hall.url}/seal.js").status_code == 409
    draft = draft_of()
    assert draft.pages.http.get(f"{draft.url}/seal.js").status_code == 409


def test_a_sealed_ballot_is_answered_like_any_other_on_both_ways(hall: Hall, app: Flask) -> None:
    sealed, unsealed = send(hall, body(hall)), send(hall, hall.filled(ticket=hall.tickets[1], nonce="n" * 16))
    with without_lane(app):
        around = send(hall, body(hall, slip=2, nonce="m" * 16))
    assert sealed.status_code == unsealed.status_code == around.status_code == 200
    assert without_receipt(sealed) == without_receipt(unsealed) == without_receipt(around)
    assert hall.cast_count() == 3


def test_what_was_sealed_on_a_phone_is_what_is_counted(hall: Hall) -> None:
    for number, grade in enumerate(("excellent", "competent", "competent")):
        assert send(hall, body(hall, grade, slip=number, nonce=secrets.token_hex(16))).status_code == 200
    hall.chair(close_meeting)
    with hall.app.app_context():
        count_meeting("主持", hall.scene.meeting_id)
        counted = load_counted(hall.scene.meeting_id)
    assert {cell.grades for cell in counted.cells.values()} == {(1, 2, 0, 0)}
    assert not [warning for warning in counted.result.warnings if "封装" in warning]


def test_who_sealed_an_envelope_cannot_be_told(hall: Hall) -> None:
    send(hall, body(hall))
    send(hall, hall.filled(ticket=hall.tickets[1], nonce="n" * 16))
    with hall.app.app_context(), reading() as session:
        one, other = session.scalars(select(EnvelopeRow)).all()
        tickets = session.scalars(select(TicketRow).where(TicketRow.is_spent)).all()
    assert one.group_key == other.group_key
    for name in ("id", "tag", "box"):
        assert len(getattr(one, name)) == len(getattr(other, name))
    assert one.box[0] == other.box[0]
    assert {len(ticket.retry_digest or b"") for ticket in tickets} == {32}


def test_one_envelope_sent_again_is_told_that_it_is_in_and_another_one_that_it_is_not(hall: Hall, app: Flask) -> None:
    first = body(hall)
    told = send(hall, first).get_data(as_text=True)
    for reply in beside(hall, app, first):
        assert reply.get_data(as_text=True) == told
    other = {**body(hall, "incompetent"), "tag": first["tag"], "retry": first["retry"]}
    for reply in beside(hall, app, other):
        text = reply.get_data(as_text=True)
        assert "这一次没有计入" in text
        assert text.partition('data-receipt="')[2][:14] == told.partition('data-receipt="')[2][:14]
    hall.chair(close_meeting)
    assert send(hall, first).get_data(as_text=True) == told
    assert hall.cast_count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"form": "0" * 64}, "round_changed"),
        ({"key": "AAAA-AAAA"}, "round_changed"),
        ({"round": "2"}, "round_changed"),
        ({"box": "AAAA"}, "seal_malformed"),
        ({"box": ""}, "seal_malformed"),
        ({"tag": "1"}, "seal_malformed"),
        ({"retry": "x" * 64}, "seal_malformed"),
        ({"ticket": "1"}, "ticket_mistyped"),
    ],
)
def test_what_does_not_fit_is_refused_and_spends_no_ticket(
    hall: Hall, app: Flask, changes: dict[str, str], code: str
) -> None:
    for reply in beside(hall, app, body(hall, **changes)):
        assert reply.headers["X-Kaohe-Error"] == code
    assert (hall.cast_count(), spent(hall)) == (0, 0)
    assert send(hall, body(hall)).status_code == 200


def test_a_copy_of_anothers_envelope_is_refused_under_its_tag_and_void_under_another(hall: Hall) -> None:
    seen = body(hall, "incompetent")
    assert send(hall, seen).status_code == 200
    copied = {**seen, "ticket": hall.tickets[1], "retry": "0" * 64}
    assert send(hall, copied).headers["X-Kaohe-Error"] == "nonce_taken"
    assert send(hall, {**copied, "tag": "0" * 32}).status_code == 200
    hall.chair(close_meeting)
    with hall.app.app_context():
        count_meeting("主持", hall.scene.meeting_id)
        counted = load_counted(hall.scene.meeting_id)
    assert [turnout.invalid for turnout in counted.result.group_turnout.values()] == [1]


def test_a_retry_that_mixes_two_nonces_is_told_of_no_ballot(hall: Hall) -> None:
    first = body(hall)
    send(hall, first)
    assert send(hall, {**first, "tag": "0" * 32}).headers["X-Kaohe-Error"] == "ticket_used"


def test_without_scripts_the_list_says_who_seals(hall: Hall) -> None:
    page = hall.post({name: value for name, value in hall.filled().items() if name != "nonce"})
    assert "由服务器封装。封装时选择经过服务器的内存，实测 100 张中有 5 张" in page.soup.get_text()
