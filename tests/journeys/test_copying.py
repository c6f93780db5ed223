"""What a clerk presses and types from the list to the open vote: a first meeting, and last year's held again.

Everything is found by what the screens say. One of the first meetings is prepared by the keyboard alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from phones import Hall
from playwright.sync_api import Locator, Page, expect

from kaohe.domain.meetings import MeetingState
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.boards import load_board
from kaohe.operations.people.sign_in_links import make_sign_in_link
from kaohe.operations.setup.preparing import list_meetings


class Hand:
    """Counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def press(self, what: Locator) -> None:
        self.actions += 1
        what.click()

    def fill(self, what: Locator, text: str) -> None:
        self.actions += 1
        what.fill(text)


class Keys(Hand):
    """A hand without a mouse: it goes from one thing to the next and presses Enter."""

    def _reach(self, what: Locator) -> None:
        for _ in range(120):
            if what.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not get to {what}")

    def press(self, what: Locator) -> None:
        self.actions += 1
        self._reach(what)
        self.page.keyboard.press("Enter")

    def fill(self, what: Locator, text: str) -> None:
        self.actions += 1
        self._reach(what)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)


def test_from_the_list_to_the_vote_it_takes_eight_actions_at_most(
    hall: Hall, console_of: Callable[..., Page], tmp_path: Path
) -> None:
    for act in (close_meeting, count_meeting, publish_result):
        hall.chair(act)
    page = console_of(hall, 1280, 800)
    hand = Hand(page)

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
    hand.press(page.get_by_role("button", name="开始投票", exact=True))
    hand.press(page.get_by_role("button", name="确认开始投票"))
    expect(page.get_by_role("heading", name="正在投票")).to_be_visible()

    assert hand.actions <= 8
    with hall.server.app.app_context():
        assert [line.state for line in list_meetings()] == [MeetingState.OPEN, MeetingState.PUBLISHED]


THREE = [("A票", "40", "10"), ("", "30", "20"), ("", "", "30")]
GROUPS = {
    "one group": ([("", "", "60")], Hand, 16, 25),
    "three weighted groups, by the keyboard alone": (THREE, Keys, 24, 34),
}
"""What is typed of each voter group, by whom; the actions to the open vote, and with all that is around it."""


@pytest.mark.parametrize("case", GROUPS)
def test_a_first_meeting_of_twelve_people_takes_few_actions_by_what_the_screens_say(hall: Hall, case: str) -> None:
    groups, kind, to_the_vote, in_all = GROUPS[case]
    page = hall.phone(1280, 800)
    hand, around = kind(page), kind(page)
    people = "\n".join(["姓名\t单位\t职务", *(f"张{sign}\t办公室\t科员" for sign in "一二三四五六七八九十百千")])

    with hall.server.app.app_context():
        page.goto(f"{hall.server.url}/desk/first#{make_sign_in_link('测试')}")
    around.fill(page.get_by_label("姓名"), "李秘书")
    around.fill(page.get_by_label("密码", exact=True), "一把好用的长密码")
    around.fill(page.get_by_label("再输入一次密码"), "一把好用的长密码")
    around.press(page.get_by_role("button", name="建立账号并登录"))

    hand.press(page.get_by_role("link", name="新建测评会"))
    hand.fill(page.get_by_label("会议名称"), "2026 年度民主测评会")
    hand.fill(page.get_by_label("测评单位"), "青山区统计局")
    hand.press(page.get_by_role("button", name="建立测评会"))
    hand.press(page.get_by_role("button", name="保存并继续"))
    hand.fill(page.get_by_label("从 Excel 或 WPS 复制后粘贴"), people)
    hand.press(page.get_by_role("button", name="预览名单"))
    hand.press(page.get_by_role("button", name="确认并保存"))
    hand.press(page.get_by_role("link", name="下一步：票种与人数"))
    for number, (label, weight, entitled) in enumerate(groups):
        if number:
            hand.press(page.get_by_role("button", name="增加一个票种"))
            expect(page.get_by_role("button", name="增加一个票种")).to_be_focused()
        for field, text in (("票种名称", label), ("权重（%）", weight), ("应到人数", entitled)):
            if text:
                hand.fill(page.get_by_label(field).nth(number), text)
    hand.press(page.get_by_role("button", name="保存并继续"))
    hand.press(page.get_by_role("button", name="保存并继续"))
    hand.press(page.get_by_role("button", name="各票种按应到人数一次制齐" if len(groups) > 1 else "制票").first)
    hand.press(page.get_by_role("link", name="检查与试投").first)
    around.press(page.get_by_role("button", name="开始试投"))
    around.press(page.get_by_role("button", name="试投完毕，全部清除"))
    expect(page.get_by_role("button", name="开始试投")).to_be_visible()
    hand.press(page.get_by_role("button", name="开始投票", exact=True))
    hand.press(page.get_by_role("button", name="确认开始投票"))
    expect(page.get_by_role("heading", name="正在投票")).to_be_visible()
    for present in page.get_by_role("textbox", name=re.compile("实到人数$")).all():
        around.fill(present, "9")
    around.press(page.get_by_role("button", name="保存"))
    expect(page.get_by_text("人数已保存")).to_be_visible()

    assert hand.actions <= to_the_vote
    assert hand.actions + around.actions <= in_all
    with hall.server.app.app_context():
        (made, _) = list_meetings()
        assert made.state is MeetingState.OPEN
        board = load_board(made.id).groups
        assert [str(group.entitled) for group in board] == [entitled for _, _, entitled in groups]
