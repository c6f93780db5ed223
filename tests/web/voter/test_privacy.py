"""What a voter's pages must never do: set a cookie, know an account, write a log, change anything by GET."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from page_client import PageClient
from phone import NONCE, Hall
from scene import THREE_GROUPS
from werkzeug.test import TestResponse

from kaohe.web.access import Audience, audience_of

CHOICE = "i.s1.overall=excellent"


@pytest.fixture
def replies(hall_of: Callable[..., Hall]) -> list[TestResponse]:
    """One reply of every kind that a phone can get."""
    hall = hall_of(shared_group="c", groups=THREE_GROUPS)
    http = hall.pages.http
    body = hall.filled()
    return [
        http.get(hall.url),
        http.get(f"{hall.url}/ticket"),
        http.post(hall.url, data={**body, "nonce": ""}),
        http.post(hall.url, data=body),
        http.post(hall.url, data={**body, "nonce": "fedcba9876543210"}),
        http.post(hall.url, data={}),
        http.post(f"{hall.url}/ticket", data={"pool": "", "draw": ""}),
        http.get("/v/zzzzzzzz/1"),
        http.put(hall.url),
    ]


def test_no_reply_sets_a_cookie_or_depends_on_one(replies: list[TestResponse]) -> None:
    assert [reply.status_code for reply in replies] == [200, 200, 200, 200, 409, 400, 422, 404, 405]
    for reply in replies:
        assert "Set-Cookie" not in reply.headers
        assert "Cookie" not in reply.headers.get("Vary", "")


def test_only_the_blank_ballot_may_be_kept_by_a_browser(replies: list[TestResponse]) -> None:
    assert replies[0].headers["Cache-Control"] == "no-cache"
    assert {reply.headers["Cache-Control"] for reply in replies[1:]} == {"no-store"}


def test_an_organizers_cookie_is_left_alone(hall: Hall, signed_in: PageClient) -> None:
    reply = signed_in.http.get(hall.url)
    assert "Set-Cookie" not in reply.headers
    assert reply.data == hall.pages.http.get(hall.url).data


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture, replies: list[TestResponse]) -> None:
    with caplog.at_level(logging.DEBUG):
        assert len(replies) == 9
    assert [record for record in caplog.records if not record.name.startswith("asyncio")] == []


def _break_down(*_: object, **__: object) -> None:
    raise RuntimeError(CHOICE)


def test_a_fault_in_the_fast_path_or_in_a_commit_leaves_its_class_and_its_route_in_the_log_and_nothing_else(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    ballot = {**hall.filled(), "nonce": NONCE}
    for place in (
        "kaohe.web.voter.answers.cast_ballot",
        "kaohe.storage.ballot_box.redeem",
        "kaohe.storage.ballot_box.transaction",
    ):
        caplog.clear()
        with monkeypatch.context() as plant, caplog.at_level(logging.DEBUG):
            plant.setattr(place, _break_down)
            reply = hall.pages.http.post(hall.url, data=ballot, headers={"X-Kaohe-Script": "1"})

        assert (reply.status_code, reply.headers["X-Kaohe-Error"]) == (500, "internal"), place
        assert [record.getMessage() for record in caplog.records] == ["fault in voter.cast: RuntimeError"]
        assert "Traceback" not in caplog.text
        assert CHOICE not in caplog.text + reply.text
    assert "Traceback" not in capfd.readouterr().err
    assert hall.pages.http.post(hall.url, data=ballot, headers={"X-Kaohe-Script": "1"}).status_code == 200


def test_getting_pages_changes_nothing(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(shared_group="all")
    before = hall.dump()
    hall.pages.get(hall.url)
    hall.pages.get(f"{hall.url}/ticket")
    hall.pages.http.head(hall.url)
    assert hall.dump() == before


def test_every_route_under_v_is_for_voters(app: Flask) -> None:
    found = {audience_of(app, r.endpoint) for r in app.url_map.iter_rules() if r.rule.startswith("/v/")}
    assert found == {Audience.VOTER}


def test_the_phones_own_number_is_never_stored_as_it_is(hall: Hall) -> None:
    hall.post(hall.filled())
    stored = "\n".join(hall.dump())
    assert NONCE not in stored
    assert NONCE.encode().hex() not in stored.lower()
