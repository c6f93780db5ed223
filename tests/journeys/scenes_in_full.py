"""Every scene of large and odd meetings in a real browser: `make walls`.

8, 30 and 100 subjects, one voter group and eight, each view of the hall, a title of 60 characters and names of three
parts, on screens of four sizes: no text overlaps, is cut, or is too small.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import islice

import pytest
from journeys.test_scenes import LONG_TITLE, NAMES, look
from phones import Hall
from playwright.sync_api import Page, expect
from scene import CHAIR, cast, version_of

from kaohe.domain.meetings import Group, HallView
from kaohe.operations.chair.publishing import publish_result, reveal_all, reveal_next, show_scene
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.setup.preparing import change_basics, change_wireless, stage_code

ONE = (Group("all", "全体", Fraction(1), 24),)
"""A batch of ten is shown once twenty are in."""
EIGHT = tuple(Group(f"g{n}", f"第{n}组中层正职以上干部", Fraction(1, 8), 12) for n in range(1, 9))


def names_of(count: int) -> tuple[str, ...]:
    """So many names, some of them long."""
    return tuple(islice((f"{name}{round_}" if round_ else name for round_ in range(count) for name in NAMES), count))


def pages_of(page: Page, scene: str) -> list[str]:
    names = page.evaluate("[...document.querySelectorAll('[data-page]')].map(one => one.dataset.page)")
    return [name for name in names if name.startswith(scene)]


def look_at_all(page: Page, scene: str, *, key: str = "PageDown") -> None:
    """Look at each page of a scene, from the one in view on, or back from the last one."""
    names = pages_of(page, scene)
    for name in names if key == "PageDown" else reversed(names):
        look(page, name)
        page.keyboard.press(key)


@pytest.mark.parametrize("hall_view", list(HallView))
@pytest.mark.parametrize("groups", [ONE, EIGHT], ids=["one group", "eight groups"])
@pytest.mark.parametrize("count", [8, 30, 100])
def test_no_text_overlaps_is_cut_or_is_small(
    hall_of: Callable[..., Hall], count: int, groups: tuple[Group, ...], hall_view: HallView
) -> None:
    hall = hall_of(names=names_of(count), groups=groups, begins=False, hall_view=hall_view)
    meeting_id = hall.scene.meeting_id
    page = hall.phone(1920, 1080, reduced_motion="reduce")
    with hall.server.app.app_context():
        change_basics(CHAIR, meeting_id, version_of(meeting_id), title=LONG_TITLE, unit="青山区统计局", held_on=None)
        change_wireless(CHAIR, meeting_id, "青山区会议中心无线网", "y" * 63)
        page.goto(f"{hall.server.url}/stage/{meeting_id}/{stage_code(meeting_id)}")

    def step(scene: str) -> None:
        with hall.server.app.app_context():
            show_scene(meeting_id, scene)

    look(page, "vote")
    step("welcome")
    look(page, "welcome")
    hall.chair(open_meeting)
    # A screen that first looks when all are in cannot know what another one has shown, and waits for the next batch.
    expect(page.locator(".top__state")).to_have_text("正在投票")
    with hall.server.app.app_context():
        for number, code in enumerate(hall.scene.all_codes):
            cast(meeting_id, code, "excellent" if number % 3 else "competent")
    step("progress")
    if hall_view is HallView.TURNOUT:
        look(page, "turnout")
    else:
        expect(page.locator("[data-page=rows-1] .row.is-shown").first).to_be_visible()
        look_at_all(page, "rows")
    hall.chair(close_meeting)
    look(page, "closed")
    for act in (count_meeting, publish_result, reveal_next, reveal_next):
        hall.chair(act)
    expect(page.locator(".page--person .person__place")).to_contain_text("第 2 位")
    look(page, "person")
    step("calling")
    look(page, "call")
    hall.chair(reveal_all)
    expect(page.locator(".row.is-veiled")).to_have_count(0)
    step("ranking")
    expect(page.locator("[data-page=ranking-1]")).to_be_visible()
    look_at_all(page, "ranking")
    step("list")
    expect(page.locator(f"[data-page={pages_of(page, 'rows')[-1]}]")).to_be_visible()
    look_at_all(page, "rows", key="PageUp")
    step("thanks")
    look(page, "thanks")
