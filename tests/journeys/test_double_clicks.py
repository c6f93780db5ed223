"""Real double clicks on the chair's page: what is pressed twice happens once."""

from __future__ import annotations

from collections.abc import Callable

from phones import Hall
from playwright.sync_api import Page, expect

from kaohe.domain.meetings import Shelf
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup.preparing import create_meeting, list_meetings

PAUSES_MS = (60, 100, 150, 250)
"""Between the two clicks of a hand that is used to double clicks."""


def click_twice(page: Page, label: str, pause_ms: int) -> None:
    button = page.get_by_role("button", name=label)
    button.click(trial=True)
    box = button.bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*at)
    page.wait_for_timeout(pause_ms)
    page.mouse.click(*at)


def test_a_double_click_reveals_one_person(hall: Hall, console_of: Callable[..., Page]) -> None:
    for act in (close_meeting, count_meeting, publish_result):
        hall.chair(act)
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/chair")
    for pause in PAUSES_MS:
        click_twice(page, "揭晓第 1 位", pause)
        expect(page.get_by_text("已揭晓 1 /")).to_be_visible()
        page.wait_for_timeout(600)
        with hall.server.app.app_context():
            assert load_board(hall.scene.meeting_id).round.revealed_count == 1, pause
        click_twice(page, "撤回第 1 位", pause)
        expect(page.get_by_text("已揭晓 0 /")).to_be_visible()


def test_a_double_click_pauses_and_does_not_resume(hall: Hall, console_of: Callable[..., Page]) -> None:
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/chair")
    for pause in PAUSES_MS:
        click_twice(page, "暂停收票", pause)
        page.wait_for_timeout(600)
        expect(page.get_by_role("button", name="恢复收票")).to_be_visible()
        click_twice(page, "恢复收票", pause)
        page.wait_for_timeout(600)
        expect(page.get_by_role("button", name="暂停收票")).to_be_visible()


def test_a_double_click_takes_one_meeting_off_the_list_and_not_the_one_below(
    hall: Hall, console_of: Callable[..., Page]
) -> None:
    with hall.server.app.app_context():
        for number in range(12):
            create_meeting("测试", title=f"第{number}场", unit="统计局", held_on=None, preset_id="si-deng")
    page = console_of(hall, 1280, 800)
    for deleted, pause in enumerate(PAUSES_MS, 1):
        page.goto(f"{hall.server.url}/desk/")
        with hall.server.app.app_context():
            upper = [line.title for line in list_meetings()][1]
        click_twice(page, f"删除：{upper}", pause)
        page.wait_for_timeout(600)
        with hall.server.app.app_context():
            assert upper in [line.title for line in list_meetings(shelves=[Shelf.DELETED])], pause
            assert len(list_meetings(shelves=[Shelf.DELETED])) == deleted
