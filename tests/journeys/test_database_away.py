"""The database of a hall goes away and comes back: phone, wall and console say so, and go on by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from databases import PostgreSQLServer
from playwright.sync_api import Browser, Page, expect
from processes import TWO_SUBJECTS, Kaohe

from bench.hall import free_port

CAUSE = "数据库连接不上，请检查数据库服务是否在运行。"
FOR_VOTERS = "服务器暂时没有应答，请稍候，本页会自动重试。"
PASSWORD = "一把好用的长密码"


@pytest.fixture
def postgresql_of_its_own() -> Iterator[PostgreSQLServer]:
    """One that may go away, unlike the tests' common one."""
    server = PostgreSQLServer.start()
    yield server
    server.stop()


def sign_in(page: Page, link: str) -> None:
    page.goto(link)
    page.fill("[name=name]", "王主持")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=password_again]", PASSWORD)
    page.get_by_role("button", name="建立账号并登录").click()
    expect(page.get_by_role("heading", name="测评会", exact=True)).to_be_visible()


def test_phone_wall_and_console_wait_for_the_database_and_go_on(
    tmp_path: Path, browser: Browser, postgresql_of_its_own: PostgreSQLServer
) -> None:
    database = postgresql_of_its_own
    kaohe = Kaohe(tmp_path / "data", free_port(), database_url=database.url(database.create_database()))
    meeting_id = kaohe.meeting(TWO_SUBJECTS)
    code = kaohe.tickets(meeting_id)["全体"][0]
    kaohe.does("meeting", "open", meeting_id)
    link = kaohe.does("sign-in-link").strip()
    with kaohe.serving() as server, closing(browser.new_context(viewport={"width": 390, "height": 760})) as phones:
        stage = next(line.strip() for line in server.printed.splitlines() if "/stage/" in line)
        phone, wall, desk = phones.new_page(), phones.new_page(), phones.new_page()
        sign_in(desk, link)
        chair = f"{kaohe.url}/desk/{meeting_id}/chair"
        desk.goto(chair)
        expect(desk.get_by_role("heading", name="正在投票")).to_be_visible()
        wall.goto(stage)
        expect(wall.locator("#stage")).to_contain_text("正在投票")

        page = kaohe.get(f"/v/{meeting_id}/1").soup
        marks = {str(radio["name"]): "excellent" for radio in page.select("input[type=radio]")}

        database.go_away()

        # What every page says is why, and that it comes back by itself; never a fault, never English.
        for path, said in (
            (f"/v/{meeting_id}/1", FOR_VOTERS),
            (f"/desk/{meeting_id}/chair", CAUSE),
            ("/desk/server", CAUSE),
            (stage.removeprefix(kaohe.url), CAUSE),
        ):
            reply = phones.request.get(kaohe.url + path)
            assert (reply.status, reply.headers["retry-after"]) == (503, "2"), path
            assert said in reply.text()
            assert 'http-equiv="refresh"' in reply.text()
        cast = phones.request.post(
            f"{kaohe.url}/v/{meeting_id}/1",
            form={"ticket": code, "nonce": "a-nonce-of-the-phone", "round": "1", **marks},
            headers={"X-Kaohe-Script": "1"},
        )
        assert (cast.status, cast.headers["retry-after"]) == (503, "2")
        assert "refresh" not in cast.text()
        phone.goto(f"{kaohe.url}/v/{meeting_id}/1#{code}")
        expect(phone.get_by_text(FOR_VOTERS)).to_be_visible()
        expect(wall.locator(".trouble")).to_contain_text("服务器连不上数据库")
        expect(wall.locator("#stage")).to_contain_text("正在投票")
        desk.reload()
        expect(desk.get_by_text(CAUSE)).to_be_visible()

        database.come_back()

        # Nobody touches anything; the ticket's code is still in the phone's address.
        expect(phone.locator("input[type=radio]").first).to_be_attached(timeout=30_000)
        assert phone.evaluate("document.body.textContent.includes('没有完成')") is False
        expect(desk.get_by_role("heading", name="正在投票")).to_be_visible(timeout=30_000)
        expect(wall.locator(".trouble")).to_have_count(0, timeout=30_000)
        assert "Traceback" not in server.printed
        assert kaohe.vote(meeting_id, code, "excellent").status == 200
