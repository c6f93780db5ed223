"""What a clerk presses and types from the list to the open vote: a first meeting, and last year's held again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from phones import Hall
from playwright.sync_api import Locator, Page, expect

from kaohe.domain.meetings import MeetingState
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.setup.preparing import list_meetings


class Hand:
    """Counts what it does."""

    def __init__(self) -> None:
        self.actions = 0

    def press(self, what: Locator) -> None:
        self.actions += 1
        what.click()

    def fill(self, what: Locator, text: str) -> None:
        self.actions += 1
        what.fill(text)


def test_from_the_list_to_the_vote_it_takes_eight_actions_at_most(
    hall: Hall, console_of: Callable[..., Page], tmp_path: Path
) -> None:
    for act in (close_meeting, count_meeting, publish_result):
        hall.chair(act)
    page, hand = console_of(hall, 1280, 800), Hand()

    hand.press(page.get_by_role("link", name="照此新建"))
    hand.fill(page.get_by_label("会议日期"), "2027-01-08")
    hand.press(page.get_by_role("button", name="建立测评会"))
    expect(page.get_by_text("已照原样建立")).to_be_visible()
    page.screenshot(path=tmp_path / "check.png", full_page=True)
    hand.press(page.get_by_role("link", name="前往“制票”").first)
    hand.press(page.get_by_role("button", name="制票").first)
    expect(
        page.get_by_role("link", name="打印二维码票").or_(page.get_by_role("button", name="打印二维码票")).first
    ).to_be_visible()
    hand.press(page.get_by_role("link", name="检查与试投").first)
    hand.press(page.locator("summary", has_text="开始投票"))
    hand.press(page.get_by_role("button", name="确认开始投票"))
    expect(page.get_by_role("heading", name="正在投票")).to_be_visible()

    assert hand.actions <= 8
    with hall.server.app.app_context():
        assert [line.state for line in list_meetings()] == [MeetingState.OPEN, MeetingState.PUBLISHED]


def test_a_first_meeting_of_twelve_people_takes_sixteen_actions_at_most(
    hall: Hall, console_of: Callable[..., Page]
) -> None:
    page, hand = console_of(hall, 1280, 800), Hand()
    people = "\n".join(["姓名\t单位\t职务", *(f"张{sign}\t办公室\t科员" for sign in "一二三四五六七八九十百千")])

    hand.press(page.get_by_role("link", name="新建测评会"))
    hand.fill(page.get_by_label("会议名称"), "2026 年度民主测评会")
    hand.fill(page.get_by_label("测评单位"), "青山区统计局")
    hand.press(page.get_by_role("button", name="建立测评会"))
    hand.press(page.get_by_role("button", name="保存并继续"))
    hand.fill(page.get_by_label("从 Excel 或 WPS 复制后粘贴"), people)
    hand.press(page.get_by_role("button", name="预览名单"))
    hand.press(page.get_by_role("button", name="确认并保存"))
    hand.press(page.get_by_role("link", name="下一步：票种与人数"))
    hand.fill(page.get_by_label("应到人数"), "60")
    hand.press(page.get_by_role("button", name="保存并继续"))
    hand.press(page.get_by_role("button", name="保存并继续"))
    hand.press(page.get_by_role("button", name="制票").first)
    hand.press(page.get_by_role("link", name="检查与试投").first)
    hand.press(page.locator("summary", has_text="开始投票"))
    hand.press(page.get_by_role("button", name="确认开始投票"))
    expect(page.get_by_role("heading", name="正在投票")).to_be_visible()

    assert hand.actions <= 16
    with hall.server.app.app_context():
        assert [line.state for line in list_meetings()] == [MeetingState.OPEN, MeetingState.OPEN]
