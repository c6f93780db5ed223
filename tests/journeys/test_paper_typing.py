"""A ballot on paper is typed as into a spreadsheet, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from phones import Hall
from playwright.sync_api import Page, expect

from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.hall.paper_ballots import load_paper


def test_signs_and_enter_go_on_and_nothing_is_saved_before_the_end(hall: Hall, console_of: Callable[..., Page]) -> None:
    hall.chair(close_meeting)
    page = console_of(hall, 1366, 768)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/paper")
    cells = page.locator("[data-cell]")
    count = cells.count()
    expect(cells.first).to_be_focused()
    page.keyboard.press("1")
    expect(cells.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(cells.nth(2)).to_be_focused()
    page.keyboard.insert_text("称职")
    page.keyboard.press("Enter")
    for _ in range(3, count):
        page.keyboard.press("b")
    expect(page.get_by_role("button", name="保存，录下一张")).to_be_focused()
    with hall.server.app.app_context():
        assert load_paper(hall.scene.meeting_id).piles == {}
    page.keyboard.press("Enter")
    expect(page.get_by_text("这张票空了 1 格")).to_be_visible()
    page.get_by_role("button", name="空 1 格按漏选计，保存").click()
    expect(page.get_by_text("第 1 号票已录入")).to_be_visible()
    expect(cells.first).to_be_focused()
