"""How much of a body is read, from whom, on every way in."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlencode

import pytest
from flask import Flask
from phone import Hall
from werkzeug.test import TestResponse

from kaohe.domain.ticket_codes import new_ticket_code
from kaohe.web.access import Audience, audience_of
from kaohe.web.bodies import FIELDS_AT_MOST, STRANGERS_BODY, VOTER_BODY
from kaohe.web.voter.routes import SCRIPT_HEADER

FORM = "application/x-www-form-urlencoded"


class Counted(BytesIO):
    """A body that remembers how far it was read."""

    farthest = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.farthest = self.tell()
        return data


def send(app: Flask, url: str, body: bytes, *, is_chunked: bool, is_script: bool = False) -> tuple[TestResponse, int]:
    """The reply, and how many bytes of the body were read."""
    source = Counted(body)
    headers = {SCRIPT_HEADER: "1"} if is_script else {}
    headers |= {"Transfer-Encoding": "chunked"} if is_chunked else {"Content-Length": str(len(body))}
    reply = app.test_client().post(
        url,
        content_type=FORM,
        headers=headers,
        input_stream=source,
        environ_overrides={"wsgi.input_terminated": True},
        base_url="http://localhost/",
    )
    return reply, source.farthest


@pytest.mark.parametrize("is_chunked", [False, True])
def test_from_a_stranger_sixteen_kilobytes_are_read_on_every_route(app: Flask, *, is_chunked: bool) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len({audience_of(app, rule.endpoint) for rule in rules} & {Audience.PUBLIC, Audience.ORGANIZER}) == 2
    for rule in rules:
        values = {name: 1 if name in ("row", "round_number") else "x" for name in rule.arguments}
        with app.test_request_context():
            url = rule.build(values)
        assert url is not None, rule
        reply, read = send(app, url[1], b"a=" + bytes(STRANGERS_BODY - 1), is_chunked=is_chunked)
        assert (reply.status_code, reply.headers.get("X-Kaohe-Error")) == (413, "body_too_large"), rule
        assert read <= STRANGERS_BODY + 1


@pytest.mark.parametrize("is_script", [False, True])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_long_ballot_is_read_on_if_it_begins_with_a_ticket_that_exists(
    hall_of: Callable[..., Hall], app: Flask, *, is_script: bool, is_chunked: bool
) -> None:
    hall = hall_of(comments_wanted=True)

    def cast(ticket: str, **beside: str) -> tuple[TestResponse, int]:
        body = urlencode({**hall.filled(ticket=ticket), **beside}, doseq=True).encode()
        return send(app, hall.url, body, is_chunked=is_chunked, is_script=is_script)

    unknown, read = cast(new_ticket_code(), pad="0" * STRANGERS_BODY)
    assert (unknown.status_code, unknown.headers["X-Kaohe-Error"]) == (413, "body_too_large")
    assert "票码" in unknown.text
    assert read <= STRANGERS_BODY + 1
    too_long, read = cast(hall.tickets[0], pad="0" * VOTER_BODY)
    assert (too_long.status_code, too_long.headers["X-Kaohe-Error"]) == (413, "body_too_large")
    assert read <= VOTER_BODY + 1
    assert hall.cast_count() == 0
    assert cast(hall.tickets[0], pad="0" * STRANGERS_BODY)[0].status_code == 200
    assert hall.cast_count() == 1


@pytest.mark.parametrize("is_script", [False, True])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_more_fields_than_any_form_has_are_refused_unparsed(
    hall: Hall, app: Flask, *, is_script: bool, is_chunked: bool
) -> None:
    many = urlencode(hall.filled()).encode() + b"&" * FIELDS_AT_MOST
    for url, body in ((hall.url, many), ("/desk/sign-in", b"&" * FIELDS_AT_MOST)):
        reply, _ = send(app, url, body, is_chunked=is_chunked, is_script=is_script)
        assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (413, "body_too_large")
    assert hall.cast_count() == 0


def test_a_contradiction_behind_the_bound_is_never_cut_off_a_ballot(hall: Hall, app: Flask) -> None:
    ballot = urlencode(hall.filled()).encode()
    for is_chunked in (False, True):
        body = ballot + b"&zz=" + bytes(200_000) + b"&i.s1.overall=excellent&ticket=other"
        assert send(app, hall.url, body, is_chunked=is_chunked)[0].status_code == 413
    assert hall.cast_count() == 0
