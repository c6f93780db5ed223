"""What the chair cannot pass over, in a real browser: who was present, and what became of the ballots on paper."""

from __future__ import annotations

from collections.abc import Callable

from phones import Hall
from playwright.sync_api import Page, expect
from scene import hand_out_paper

from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.hall.boards import load_board


def test_neither_missing_paper_nor_missing_people_can_be_passed_over(
    hall: Hall, console_of: Callable[..., Page]
) -> None:
    with hall.server.app.app_context():
        hand_out_paper(hall.scene.meeting_id, "all", 2)
    hall.chair(close_meeting)
    page = console_of(hall, 390, 844)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/chair")
    expect(page.get_by_text("发出的纸质票还有 2 张没有录入")).to_be_visible()
    expect(page.get_by_text("开箱计票", exact=True)).to_have_count(0)
    page.get_by_text("没有收回", exact=True).click()
    page.get_by_role("button", name="确认没有收回 2 张").click()
    page.get_by_text("开箱计票", exact=True).click()
    page.get_by_role("button", name="确认开箱计票").click()

    page.get_by_text("公布结果", exact=True).click()
    expect(page.get_by_text("实到人数还没有登记，公布后不能再补")).to_be_visible()
    page.get_by_role("button", name="确认公布结果").click()
    page.wait_for_timeout(500)
    with hall.server.app.app_context():
        assert load_board(hall.scene.meeting_id).round.state == "counted"
    page.get_by_label("全体实到人数").fill("10")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("人数已保存")).to_be_visible()
    page.get_by_text("公布结果", exact=True).click()
    page.get_by_role("button", name="确认公布结果").click()
    expect(page.get_by_text("结果已公布").first).to_be_visible()
    with hall.server.app.app_context():
        assert load_counted(hall.scene.meeting_id).result.turnout.present == 10
