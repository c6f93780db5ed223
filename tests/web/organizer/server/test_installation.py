"""Who runs the server sees how it is and what is due, and gets neither a meeting's votes nor the database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk import make_account, sign_in_as
from flask import Flask
from holding import closed, opened, prepared, published
from page_client import PageClient
from role_visits import console_routes, url_of
from sqlalchemy import text

from kaohe.config import Config
from kaohe.domain.permissions import Role
from kaohe.factory import create_app
from kaohe.storage.tables import db

ADMINISTRATOR = "李管理"


@pytest.fixture
def administrator(app: Flask) -> PageClient:
    make_account(app, "王主持", roles=(Role.ORGANIZER,))
    make_account(app, ADMINISTRATOR, roles=(Role.ADMINISTRATOR,))
    _alone(app)
    return sign_in_as(app, ADMINISTRATOR)


def _alone(app: Flask) -> None:
    """The first account of an installation is organizer and administrator; here each has one role."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET roles = 'organizer' WHERE name = '王主持'"))


def _publish(app: Flask, purge_on: str) -> str:
    scene = published(app, [("excellent",) * 3] * 6)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(
            text("UPDATE rounds SET purge_on = :day WHERE meeting_id = :id"), {"day": purge_on, "id": scene.meeting_id}
        )
    return scene.meeting_id


def test_an_administrator_lands_on_the_servers_page_and_goes_on_to_what_is_due(
    app: Flask, administrator: PageClient
) -> None:
    later, due = _publish(app, "2099-05-01"), _publish(app, "2026-01-31")
    for make in (prepared, opened, closed):
        make(app)

    page = administrator.get("/desk/", status=302)
    assert page.response.location == "/desk/server"
    page = administrator.get("/desk/server")

    lines = page.soup.select("[data-kept] .meetings-line")
    assert [line.select_one("a")["href"] for line in lines] == [f"/desk/{due}/keeping", f"/desk/{later}/keeping"]
    assert [line.select_one(".chip").text for line in lines] == ["已到期", "保存中"]
    assert "选票保存至 2099年5月1日" in lines[1].text
    keeping = administrator.get(f"/desk/{due}/keeping")
    administrator.submit(keeping, "/purge", archived="yes")
    assert [chip.text for chip in administrator.get("/desk/server").soup.select("[data-kept] .chip")] == [
        "保存中",
        "已清除",
    ]


def test_without_a_published_result_the_page_says_where_the_days_will_stand(administrator: PageClient) -> None:
    page = administrator.get("/desk/server")
    assert "还没有公布结果的会议" in page.text
    assert page.soup.select("[data-trouble]") == []
    assert [each.text for each in page.soup.select("[data-checks] dt")] == ["收票", "磁盘", "数据库", "时钟", "备份"]


def test_what_stands_against_a_meeting_is_said_in_words(config: Config) -> None:
    app = create_app(replace(config, disk_floor_mb=999_999_999))
    make_account(app, ADMINISTRATOR, roles=(Role.ADMINISTRATOR,))
    administrator = sign_in_as(app, ADMINISTRATOR)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    troubles = [each.text for each in administrator.get("/desk/server").soup.select("[data-trouble]")]
    assert len(troubles) == 2
    assert "kaohe upgrade" in troubles[0]
    assert "请先腾出空间" in troubles[1]
    with app.app_context():
        db.engine.dispose()


def test_no_route_of_the_console_hands_out_the_database(app: Flask, administrator: PageClient) -> None:
    scene = closed(app, [("excellent",) * 3] * 3)
    for rule, method in console_routes(app):
        if method == "GET":
            reply = administrator.http.get(url_of(app, rule, scene.meeting_id, "x"))
            assert b"SQLite format 3" not in reply.data, rule
    assert "kaohe backup" in administrator.get("/desk/server").text
