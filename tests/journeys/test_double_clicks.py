"""Real double clicks on the chair's page: what is pressed twice happens once."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import cycle

from phones import Hall
from playwright.sync_api import Page, expect

from kaohe.domain.meetings import Shelf
from kaohe.operations.setup.preparing import create_meeting, list_meetings
from kaohe.storage.database import reading
from kaohe.storage.record import list_record_entries

PAUSES_MS = (60, 100, 150, 250)
"""Between the two clicks of a hand that is used to double clicks."""


def click_twice(page: Page, label: str, pause_ms: int) -> None:
    button = page.get_by_role("button", name=re.compile(f"^{label}"))
    button.click(trial=True)
    box = button.bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*at)
    page.wait_for_timeout(pause_ms)
    page.mouse.click(*at)


def test_real_double_clicks_on_every_act_of_a_meeting_do_each_of_them_once(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    meeting_id = hall.scene.meeting_id
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{meeting_id}/chair")
    pauses = cycle(PAUSES_MS)
    steps = [
        *("开始投票", "确认开始投票"),
        *("暂停收票", "恢复收票") * len(PAUSES_MS),
        *("结束投票", "确认结束投票", "开箱计票", "确认开箱计票", "公布结果", "确认公布结果"),
        *("揭晓第 1 位", "撤回第 1 位") * len(PAUSES_MS),
        *("揭晓第 1 位", "揭晓第 2 位", "全部揭晓", "确认全部揭晓"),
    ]
    for label in steps:
        if label == "确认公布结果":
            page.get_by_role("checkbox", name="不登记实到").check()
        click_twice(page, label, next(pauses))
    expect(page.get_by_text("已揭晓 4 / 4")).to_be_visible()
    expect(page.get_by_text("草稿")).to_be_hidden()
    with hall.server.app.app_context(), reading() as session:
        entries = list_record_entries(session, meeting_id)[::-1]
    acts = [entry.act for entry in entries[[entry.act for entry in entries].index("opened") :]]
    assert [act for act in acts if act not in ("stripped", "destroyed")] == [
        *("opened", *("paused", "resumed") * len(PAUSES_MS), "closed", "counted", "published"),
        *("revealed", "took_reveal_back") * len(PAUSES_MS),
        *("revealed", "revealed", "revealed"),
    ]


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
