"""The chair's page in a real browser: acts swap their part, questions can be left, and a lost connection is seen."""

from __future__ import annotations

from collections.abc import Callable

from phones import Hall, until
from playwright.sync_api import Page, expect
from scene import CHAIR, cast

from kaohe.operations.hall.boards import load_board, record_numbers
from kaohe.operations.setup.preparing import stage_code

LAPTOP, PHONE = (1366, 768), (390, 844)
SETTLES_MS = 600
"""What has just come takes no press for 400 ms, from when the browser says that it came: later than it is seen."""


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


def test_a_clicker_with_two_buttons_chairs_a_whole_meeting(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    with hall.server.app.app_context():
        record_numbers(CHAIR, hall.scene.meeting_id, "all", present=12, left_over=0)
    page = chair_of(hall, console_of, LAPTOP)
    page.get_by_text("会务工具").click()
    page.get_by_role("checkbox", name="用翻页笔主持").check()
    page.reload()

    def press(key: str, seen: str) -> None:
        page.wait_for_timeout(SETTLES_MS)
        page.keyboard.press(key)
        # The box is counted in a process of its own, which a busy machine begins late.
        expect(page.locator("#main").get_by_text(seen, exact=True)).to_be_visible(timeout=60_000)

    press("PageDown", "确认开始投票")
    press("PageUp", "尚未开始")
    expect(page.get_by_text("确认开始投票")).to_be_hidden()
    for question, state in (
        ("确认开始投票", "正在投票"),
        ("确认结束投票", "投票已结束"),
        ("确认开箱计票", "已计票"),
        ("确认公布结果", "已公布"),
    ):
        press("PageDown", question)
        press("PageDown", state)
    press("PageDown", "已揭晓 1 / 4")
    press("PageUp", "已揭晓 0 / 4")
    for number in range(1, 5):
        press("PageDown", f"已揭晓 {number} / 4")


def test_a_press_of_the_clicker_is_taken_just_after_the_numbers_have_come(
    hall: Hall, console_of: Callable[..., Page]
) -> None:
    page = chair_of(hall, console_of, LAPTOP)
    page.evaluate(
        """() => {
          const wanted = document.getElementById("clicker");
          wanted.checked = true;
          document.addEventListener("htmx:afterSwap", e => {
            if (e.target.id === "line" && !window.isPressed) {
              window.isPressed = true;
              document.dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown" }));
            }
          });
        }"""
    )
    expect(page.get_by_role("button", name="确认结束投票")).to_be_visible()


def test_many_walls_in_one_browser_leave_the_chair_a_connection(hall: Hall, console_of: Callable[..., Page]) -> None:
    page = chair_of(hall, console_of, LAPTOP)
    page.context.add_init_script(
        "window.streams = []; window.isHidden = true;"
        "const Plain = window.EventSource;"
        "window.EventSource = class extends Plain { constructor(url) { super(url); window.streams.push(this); } };"
        "Object.defineProperty(document, 'hidden', { get: () => window.isHidden });"
    )
    with hall.server.app.app_context():
        url = f"{hall.server.url}/stage/{hall.scene.meeting_id}/{stage_code(hall.scene.meeting_id)}"
    walls = [page.context.new_page() for _ in range(7)]
    for wall in walls:
        wall.goto(url)
    page.get_by_role("button", name="暂停收票").click()
    expect(page.get_by_role("button", name="恢复收票")).to_be_visible()
    seen, open_streams = walls[0], "window.streams.filter(one => one.readyState !== 2).length"
    assert seen.evaluate(open_streams) == 0
    turn = "() => { window.isHidden = !window.isHidden; document.dispatchEvent(new Event('visibilitychange')); }"
    seen.evaluate(turn)
    expect(seen.locator(".top__state")).to_have_text("已暂停收票")
    until(seen, f"{open_streams} === 1")
    page.get_by_role("button", name="恢复收票").click()
    expect(seen.locator(".top__state")).to_have_text("正在投票", timeout=5_000)
    seen.evaluate(turn)
    assert seen.evaluate(open_streams) == 0
