"""Whatever is posted to the ballot's address is taken as a whole ballot or refused in words, and nothing in between."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest
from odd_bodies import odd_body
from phone import Hall
from scene import CHAIR
from sqlalchemy import text
from werkzeug.datastructures import MultiDict

from kaohe.domain.ballots import Ballot, BallotCodec, encode_ballot, read_ballot, read_nonce
from kaohe.domain.errors import KaoheError
from kaohe.domain.meetings import Group
from kaohe.domain.ticket_codes import read_code
from kaohe.operations.archive.bundling import make_bundle
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.casting import load_polling
from kaohe.storage.tables import db
from kaohe.web.voter.forms import read_posted_ballot

OVER_HTTP = 100_000 if os.environ.get("KAOHE_BAD_INPUT") == "long" else 1_000
JUDGED = 100_000
TICKETS = max(400, OVER_HTTP // 5)
"""More than are spent, so that a refusal could burn one to the last body."""
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def large_hall(hall_of: Callable[..., Hall]) -> Hall:
    return hall_of(groups=(Group("all", "全体", 1, TICKETS),), comments_wanted=True, top_grade_limit=2)


def spent_tickets(hall: Hall) -> int:
    with hall.app.app_context(), db.engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM tickets WHERE is_spent")) or 0


def _parts(hall: Hall) -> tuple[list[str], list[str]]:
    radios = hall.ballot().soup.select("input[type=radio]")
    return list(dict.fromkeys(str(r["name"]) for r in radios)), list(dict.fromkeys(str(r["value"]) for r in radios))


def test_no_body_makes_a_fault_and_no_refusal_burns_a_ticket(large_hall: Hall) -> None:
    hall, chance = large_hall, random.Random(8)
    items, marks = _parts(hall)
    outcomes: Counter[int] = Counter()
    receipts = set()
    for _ in range(OVER_HTTP):
        body = odd_body(chance, hall.tickets, items, marks)
        # Half of them as the phone's script sends them, by the fast path before the application.
        script = {"X-Kaohe-Script": "1"} if chance.random() < 0.5 else {}
        reply = hall.pages.http.post(hall.url, data=body, content_type=FORM, headers=script)
        assert reply.status_code < 500, body
        outcomes[reply.status_code] += 1
        page = reply.get_data(as_text=True)
        if 'data-receipt="' in page:
            receipts.add(page.split('data-receipt="', 1)[1].split('"', 1)[0])
        elif reply.status_code != 200:
            assert spent_tickets(hall) == len(receipts), body
    assert len(outcomes) >= 3
    assert 50 < len(receipts) == hall.cast_count() < TICKETS
    with hall.app.app_context():
        close_meeting(CHAIR, hall.scene.meeting_id)
        # Counting decodes every ballot and compares with the tickets spent; the bundle is checked as it is made.
        assert count_meeting(CHAIR, hall.scene.meeting_id) == len(receipts)
        make_bundle(hall.scene.meeting_id)


def test_a_hundred_thousand_bodies_are_whole_ballots_or_refused(large_hall: Hall) -> None:
    hall, chance = large_hall, random.Random(9)
    items, marks = _parts(hall)
    with hall.app.app_context():
        style = load_polling(hall.scene.meeting_id, "1").style
    taken, refused = 0, Counter[str]()
    for _ in range(JUDGED):
        body = odd_body(chance, hall.tickets, items, marks)
        posted = read_posted_ballot(MultiDict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)))
        try:
            read_code(posted.ticket)
            read_nonce(posted.nonce)
            ballot = read_ballot(style, posted.fields)
        except KaoheError as refusal:
            refused[refusal.code] += 1
            continue
        taken += 1
        _assert_whole(ballot, style.marks, list(style.items))
        encoded = encode_ballot(style, ballot)
        assert len(encoded) == style.plain_length
        assert BallotCodec(style).decode(encoded) == ballot
    assert taken > JUDGED // 20
    assert len(refused) >= 7
    assert taken + sum(refused.values()) == JUDGED


@pytest.mark.parametrize("preset", ["ganbu-zonghe", "tongjiju-jixiao", "ganbu-zonghe-texuan"])
def test_no_body_makes_a_fault_on_any_form(form_of: Callable[..., Hall], preset: str) -> None:
    hall, chance = form_of(preset), random.Random(10)
    inputs = hall.ballot().soup.select("[name^='i.'], [name^='q.'], [name^='n.']")
    items = list(dict.fromkeys(str(field["name"]) for field in inputs))
    marks = [
        *dict.fromkeys(str(field.get("value", "")) for field in inputs),
        "9",
        "0",
        "7.5",
        "-1",
        "1e3",
        "\N{FULLWIDTH DIGIT NINE}",
    ]
    outcomes: Counter[int] = Counter()
    for _ in range(OVER_HTTP // 5):
        wanted = items if chance.random() < 0.5 else chance.sample(items, chance.randrange(len(items)))
        body = odd_body(chance, hall.tickets, wanted, marks)
        if chance.random() < 0.5:
            # The review of a client without scripts, and its way back to a form with everything in it.
            body = body.replace(b"nonce=", b"back=1&x=" if chance.random() < 0.5 else b"x=")
        outcomes[hall.pages.http.post(hall.url, data=body, content_type=FORM).status_code] += 1
    assert [status for status in outcomes if status >= 500] == []
    assert len(outcomes) >= 3


def _assert_whole(ballot: Ballot, marks: tuple[str, ...], items: list[tuple[str, str]]) -> None:
    assert list(ballot.marks) == items
    assert set(ballot.marks.values()) <= set(marks)
    assert sum(mark == marks[0] for mark in ballot.marks.values()) <= 2
    assert all(len(text) <= 300 and text.isprintable() for text in ballot.comments.values())
