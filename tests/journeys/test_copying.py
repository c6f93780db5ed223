"""Last year's meeting is held again: what a clerk presses and types from the list to the open vote."""

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
        page.get_by_role("link", name="打印测评票").or_(page.get_by_role("button", name="打印测评票")).first
    ).to_be_visible()
    hand.press(page.get_by_role("link", name="检查与试投").first)
    hand.press(page.locator("summary", has_text="开始投票"))
    hand.press(page.get_by_role("button", name="确认开始投票"))
    expect(page.get_by_role("heading", name="正在投票")).to_be_visible()

    assert hand.actions <= 8
    with hall.server.app.app_context():
        assert [line.state for line in list_meetings()] == [MeetingState.OPEN, MeetingState.PUBLISHED]
