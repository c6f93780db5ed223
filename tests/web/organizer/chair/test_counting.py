"""While a box is counted in a process of its own, every chair's page says what it is at, and stays."""

from __future__ import annotations

import threading

import pytest
from desk import make_account, sign_in_as
from flask import Flask
from holding import closed, press
from page_client import PageClient

from kaohe.domain.permissions import Role
from kaohe.operations.apart import work_apart_from_now_on
from kaohe.storage.installation import this_config


def test_the_chairs_page_says_what_a_count_is_at_and_is_not_fetched_anew_before_its_end(
    app: Flask, signed_in: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = closed(app)
    with app.app_context():
        monkeypatch.setenv("KAOHE_DATA", str(this_config().data))
        work_apart_from_now_on()
    url = f"/desk/{scene.meeting_id}/chair"
    make_account(app, "李监票", roles=[Role.TELLER])
    watcher = sign_in_as(app, "李监票")
    line = watcher.get(url).soup.select_one("#line")["hx-get"]
    replies: list[str] = []
    counting = threading.Thread(
        target=lambda: replies.append(press(signed_in, signed_in.get(url), f"/desk/{scene.meeting_id}/count").text)
    )
    counting.start()
    told = []
    while counting.is_alive():
        answer = watcher.http.get(line, headers={"HX-Request": "true"})
        told.append((answer.get_data(as_text=True), "HX-Refresh" in answer.headers))
        counting.join(0.02)

    at_work = [is_refreshed for text, is_refreshed in told if "正在" in text]
    assert at_work
    assert not any(at_work)
    assert "开箱完成" in replies[0]
    assert watcher.http.get(line, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
