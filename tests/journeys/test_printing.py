"""What Chromium puts on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from phones import Hall
from playwright.sync_api import Page
from scene import THREE_GROUPS, cast

from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting


def test_a_sheet_of_eight_people_lies_on_one_page_with_its_signatures_and_its_code(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page], tmp_path: Path
) -> None:
    hall = hall_of(groups=THREE_GROUPS, names=tuple(f"第{number}位同志" for number in "一二三四五六七八"))
    with hall.server.app.app_context():
        for code in hall.scene.codes["B票"][:5] + hall.scene.codes["C票"][:5]:
            cast(hall.scene.meeting_id, code, "excellent")
    for act in (close_meeting, count_meeting, publish_result):
        hall.chair(act)
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/documents/{hall.scene.meeting_id}/1/print")
    sheets = page.locator(".paper").count()
    paper = page.pdf(path=tmp_path / "sheets.pdf", prefer_css_page_size=True)
    assert paper.count(b"/Type /Page\n") == sheets
