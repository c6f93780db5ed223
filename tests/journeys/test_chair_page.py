"""The chair's page in a real browser: acts swap their part, questions can be left, and a lost connection is seen."""

from __future__ import annotations

from collections.abc import Callable

from phones import Hall
from playwright.sync_api import Page, expect
from scene import cast

from kaohe.operations.hall.boards import load_board

LAPTOP, PHONE = (1366, 768), (390, 844)


def chair_of(hall: Hall, console_of: Callable[..., Page], size: tuple[int, int]) -> Page:
    page = console_of(hall, *size)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/chair")
    return page


def test_an_act_swaps_its_part_and_keeps_the_page_and_the_focus(hall: Hall, console_of: Callable[..., Page]) -> None:
    page = chair_of(hall, console_of, LAPTOP)
    page.evaluate("window.isTheSamePage = true")
    page.get_by_role("button", name="暂停收票").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="恢复收票")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="暂停收票")).to_be_focused()
    assert page.evaluate("window.isTheSamePage")


def test_a_question_says_how_many_are_outstanding_and_is_left_by_esc_or_cancel(
    hall: Hall, console_of: Callable[..., Page]
) -> None:
    page = chair_of(hall, console_of, PHONE)
    question = page.get_by_role("dialog", name="结束投票")
    outstanding = load_outstanding(hall)
    for leave in (lambda: page.keyboard.press("Escape"), question.get_by_role("button", name="取消").click):
        page.get_by_role("button", name="结束投票", exact=True).click()
        expect(question.get_by_text(f"还有 {outstanding} 张没有交")).to_be_visible()
        page.wait_for_timeout(500)
        leave()
        expect(question).to_be_hidden()
    page.get_by_role("button", name="结束投票", exact=True).click()
    with hall.server.app.app_context():
        cast(hall.scene.meeting_id, hall.scene.all_codes[0], "excellent")
    expect(page.locator("#board [data-number=cast] dd")).to_have_text("1")
    expect(question.get_by_text(f"还有 {outstanding - 1} 张没有交")).to_be_visible()
    expect(question.get_by_role("button", name="确认结束投票")).to_be_visible()


def load_outstanding(hall: Hall) -> int:
    with hall.server.app.app_context():
        board = load_board(hall.scene.meeting_id)
        return board.issued - board.cast


def test_a_lost_connection_is_said_within_seconds_and_nothing_can_be_pressed_until_it_is_back(
    hall: Hall, console_of: Callable[..., Page]
) -> None:
    page = chair_of(hall, console_of, PHONE)
    lost = page.get_by_text("与服务器断开，正在重连")
    expect(lost).to_be_hidden()
    page.context.set_offline(True)
    page.wait_for_timeout(7_500)
    expect(lost).to_be_visible()
    under = (
        "e => { const b = e.getBoundingClientRect(); return e.contains(document.elementFromPoint(b.x + 9, b.y + 9)) }"
    )
    assert not page.get_by_role("button", name="暂停收票").evaluate(under)
    page.context.set_offline(False)
    expect(lost).to_be_hidden()
    page.get_by_role("button", name="暂停收票").click()
    expect(page.get_by_role("button", name="恢复收票")).to_be_visible()


def test_what_is_done_in_another_tab_is_seen_without_a_reload(hall: Hall, console_of: Callable[..., Page]) -> None:
    page = chair_of(hall, console_of, LAPTOP)
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="暂停收票").click()
    expect(other.get_by_role("button", name="恢复收票")).to_be_visible()


def test_state_acts_and_numbers_stand_on_the_first_screen_of_a_phone(
    hall: Hall, console_of: Callable[..., Page]
) -> None:
    page = chair_of(hall, console_of, PHONE)
    expect(page.frame_locator(".mirror-screen").locator("[data-kind]")).to_have_count(1)
    expect(page.get_by_role("button", name="结束投票", exact=True)).to_be_in_viewport(ratio=1)
    for name in ("entitled", "present", "issued", "cast"):
        expect(page.locator(f"#board [data-number={name}]").first).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
