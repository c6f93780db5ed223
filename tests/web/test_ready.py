"""Whether the server is there, and whether it could take ballots: two addresses for whoever watches over it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from page_client import PageClient
from scene import cast, hold_meeting
from sqlalchemy import text
from troubled_disks import read_only_disk

from kaohe.domain.errors import BallotBoxBusy
from kaohe.operations.server import health
from kaohe.operations.server.startup_checks import check_running
from kaohe.operations.setup.preparing import stage_code
from kaohe.storage.ballot_box import BALLOT_BOX
from kaohe.storage.database import transaction
from kaohe.storage.starting import bring_up_to_date


@pytest.fixture(autouse=True)
def always_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOOK_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(BALLOT_BOX, "fault", None)


def test_anybody_may_ask_and_is_told_one_word(app: Flask, pages: PageClient) -> None:
    reply = pages.http.get("/ready")
    assert (reply.status_code, reply.text) == (200, "ok\n")
    assert "Set-Cookie" not in reply.headers
    with app.app_context(), read_only_disk():
        reply = pages.http.get("/ready")
        assert (reply.status_code, reply.text) == (503, "store-read_only\n")
        assert pages.http.get("/health").status_code == 200
    assert pages.http.get("/ready").status_code == 200


def test_however_many_ask_the_disk_is_tried_once(
    app: Flask, pages: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "LOOK_EVERY_SECONDS", 3600.0)
    assert pages.http.get("/ready").status_code == 200
    with app.app_context(), read_only_disk():
        assert pages.http.get("/ready").status_code == 200


def test_the_chairs_page_says_that_no_ballot_can_be_stored_and_moves_back_by_itself(
    app: Flask, signed_in: PageClient
) -> None:
    with app.app_context():
        scene = hold_meeting()
        stage = stage_code(scene.meeting_id)
    address = f"/desk/{scene.meeting_id}"
    good = signed_in.get(f"{address}/chair")
    assert not good.soup.select("#board [data-error]")
    poll = str(good.soup.select_one("#board")["hx-get"])
    signed_in.poll(poll, status=204)
    with app.app_context(), read_only_disk():
        with pytest.raises(BallotBoxBusy):
            cast(scene.meeting_id, scene.all_codes[0], "excellent")
        block = signed_in.poll(poll)
        (sentence,) = block.soup.select('[data-error="box_warning"][role="alert"]')
        assert "只能读、不能写" in sentence.text
        assert "不会丢票" in sentence.text
        wall = signed_in.get(f"/stage/{scene.meeting_id}/{stage}")
        assert "服务器暂时存不了选票" in wall.soup.select_one(".trouble").text
        later = str(block.soup.select_one("#board")["hx-get"])
        signed_in.poll(later, status=204)
        # An act that cannot be stored is refused on the same page, in words.
        page = signed_in.get(f"{address}/chair")
        refused = signed_in.submit(page, f"{address}/pause", status=503)
        assert refused.error == "cannot_store"
        assert "只能读、不能写" in refused.text
    assert not signed_in.poll(later).soup.select("[data-error]")
    with app.app_context():
        assert health.wall_warning() == ""


def test_somebody_signed_in_stays_so_while_nothing_can_be_stored(
    app: Flask, signed_in: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kaohe.operations.people.signing_in._SEEN_EVERY", timedelta(hours=-1))
    with app.app_context(), read_only_disk():
        assert signed_in.get("/desk/").response.status_code == 200


def test_a_server_whose_database_has_been_given_other_secrets_is_not_ready_and_says_why(
    app: Flask, pages: PageClient
) -> None:
    with app.app_context():
        bring_up_to_date()
    assert pages.http.get("/ready").status_code == 200
    with app.app_context(), transaction() as session:
        session.execute(text("UPDATE secrets_mark SET mark = :other"), {"other": bytes(32)})
    reply = pages.http.get("/ready")
    assert (reply.status_code, reply.text) == (503, "secrets\n")
    with app.app_context():
        assert any("另一份密钥文件" in check.text for check in check_running() if not check.is_good)
