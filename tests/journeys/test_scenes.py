"""Every scene of the wall in a real browser: nothing overlaps, is cut, or is too small to read."""

from __future__ import annotations

import os
from collections.abc import Callable

from accessibility import problems
from emblems import picture
from phones import Hall
from playwright.sync_api import Page, expect
from scene import CHAIR, cast, version_of

from kaohe.domain.meetings import HallView
from kaohe.domain.rosters import SubjectEntry
from kaohe.intake.emblems import read_emblem
from kaohe.operations.chair.publishing import publish_result, reveal_all, reveal_next, show_scene
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.setup.preparing import change_basics, change_emblem, change_wireless, stage_code
from kaohe.operations.setup.subjects import change_subjects

SIZES = ((1024, 768), (1366, 768), (1920, 1080), (3840, 2160))
LONG_TITLE = (
    "青山区统计局领导班子和领导干部二〇二六年度考核民主测评"
    "暨选人用人工作专项民主评议大会（第一分会场全体干部职工参加）会议"
)
NAMES = ("王文", "阿卜杜热合曼·买买提·艾力", *(f"欧阳子{n}" for n in "一二三四五六七八"))
"""So many that a page of the list is full."""
UNITS = ("青山区教育体育局", "统计局", "青山区市场监督管理局")
BESIDE = ", ".join(
    (
        *(
            ".top",
            ".rehearsal",
            ".record",
            ".row--head",
            ".row__who span",
            ".row__wait",
            ".row__parts",
            ".row__rank span",
        ),
        *(".columns span", ".counted", ".caution", ".imprints", ".slip-notes", ".code figcaption", ".code__address"),
        *(".to-scan__hint", ".ranking__place i", ".trouble"),
    )
)
"""What stands beside that which matters; everything else is read from the last row, 30 m from a screen 6 m wide."""
FAULTS = """beside => {
    const found = [], texts = [];
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    for (const one of document.querySelectorAll(".screen *")) {
        const own = [...one.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || !one.offsetParent || getComputedStyle(one).visibility === "hidden") continue;
        const range = document.createRange();
        range.selectNodeContents(one);
        const box = range.getBoundingClientRect(), words = one.textContent.trim().slice(0, 12);
        const isIn = box.left > -1 && box.top > -1 && box.right < innerWidth + 1 && box.bottom < innerHeight + 1;
        if (!isIn)
            found.push("outside: " + words);
        // Letters reach out of a narrow line by themselves; where something is cut, half a line is missing.
        const size = parseFloat(getComputedStyle(one).fontSize);
        const isCut = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + size / 2;
        if (getComputedStyle(one).overflow === "hidden" && isCut)
            found.push("cut: " + words);
        // 48 and 30 of 1080 lines.
        if (size < (one.closest(beside) ? 1.5625 : 2.5) * rem - 0.1)
            found.push("small: " + words);
        for (const other of texts) {
            const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
            const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
            const isWithin = other.one.contains(one) || one.contains(other.one);
            if (!isWithin && wide > 2 && high > Math.min(size, other.size) / 2)
                found.push("over one another: " + words + " / " + other.words);
        }
        texts.push({one, box, words, size});
    }
    for (const one of document.querySelectorAll("li.row")) {
        const own = one.getBoundingClientRect();
        for (const part of one.offsetParent ? one.children : []) {
            const box = part.getBoundingClientRect();
            if (box.top < own.top - 1 || box.bottom > own.bottom + 1)
                found.push("over the line: " + part.textContent.trim().slice(0, 12));
        }
    }
    for (const one of document.querySelectorAll(".row__who span")) {
        if (!one.offsetParent || getComputedStyle(one).visibility === "hidden") continue;
        const text = one.firstChild, range = document.createRange();
        let at = 0;
        for (const word of text.data.split(" · ")) {
            range.setStart(text, at);
            range.setEnd(text, at + word.length);
            at += word.length + 3;
            const isShort = word.length * parseFloat(getComputedStyle(one).fontSize) <= one.clientWidth;
            if (isShort && range.getClientRects().length > 1)
                found.push("broken: " + word);
        }
    }
    return found;
}"""


NOTE_CALLS = """() => {
    window.called = [];
    new MutationObserver(() => {
        const count = document.querySelector("[data-votes] strong");
        if (count) window.called.push(Number(count.textContent));
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
PICTURES = os.environ.get("KAOHE_PICTURES", "")
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Resolves once the page has been painted at its new size."""


def look(page: Page, name: str) -> None:
    expect(page.locator(f"[data-page={name}]")).to_be_visible()
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(PAINTED)
        assert page.evaluate(FAULTS, BESIDE) == [], (name, width)
        if PICTURES and width in (1024, 1920):
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png")
    assert problems(page) == [], name


def test_no_text_overlaps_or_is_cut_in_any_scene(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(names=NAMES, begins=False, hall_view=HallView.INSTANT)
    meeting_id = hall.scene.meeting_id
    page = hall.phone(1920, 1080, reduced_motion="reduce")

    def step(scene: str) -> None:
        with hall.server.app.app_context():
            show_scene(meeting_id, scene)

    with hall.server.app.app_context():
        version = version_of(meeting_id)
        change_basics(CHAIR, meeting_id, version, title=LONG_TITLE, unit="青山区统计局", held_on=None)
        entries = [SubjectEntry(name, unit, "副主任") for name, unit in zip(NAMES, UNITS * len(NAMES), strict=False)]
        change_subjects(CHAIR, meeting_id, version_of(meeting_id), entries)
        change_emblem(CHAIR, meeting_id, read_emblem(picture(size=(600, 600))))
        page.goto(f"{hall.server.url}/stage/{meeting_id}/{stage_code(meeting_id)}")
    look(page, "vote")
    step("welcome")
    look(page, "welcome")
    with hall.server.app.app_context():
        change_wireless(CHAIR, meeting_id, "青山区会议中心无线网", "y" * 63)
    expect(page.get_by_role("img", name="连接无线网络的二维码")).to_be_visible()
    look(page, "welcome")
    hall.chair(open_meeting)
    with hall.server.app.app_context():
        for code in hall.scene.all_codes:
            cast(meeting_id, code, "excellent")
    look(page, "rows-1")
    hall.chair(close_meeting)
    look(page, "closed")
    hall.chair(count_meeting)
    hall.chair(publish_result)
    look(page, "rows-1")
    for _ in range(2):
        hall.chair(reveal_next)
        look(page, "person")
    step("calling")
    look(page, "call")
    hall.chair(reveal_all)
    look(page, "rows-2")
    step("ranking")
    look(page, "ranking-1")
    step("thanks")
    look(page, "thanks")


def test_a_person_is_tucked_into_the_list_and_the_pages_turn_where_nobody_steers(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(names=NAMES)
    meeting_id = hall.scene.meeting_id
    with hall.server.app.app_context():
        for code in hall.scene.all_codes[:6]:
            cast(meeting_id, code, "excellent")
    for act in (close_meeting, count_meeting, publish_result, reveal_next):
        hall.chair(act)
    page = hall.phone(1366, 768)
    page.clock.install()
    with hall.server.app.app_context():
        page.goto(f"{hall.server.url}/stage/{meeting_id}/{stage_code(meeting_id)}")
    in_view = page.locator("[data-page]:visible")
    expect(in_view).to_have_attribute("data-page", "person")
    for name in ("rows-1", "rows-2", "rows-1"):
        page.clock.run_for(13_000)
        expect(in_view).to_have_attribute("data-page", name)
    page.keyboard.press("PageDown")
    expect(in_view).to_have_attribute("data-page", "rows-2")
    page.clock.run_for(30_000)
    expect(in_view).to_have_attribute("data-page", "rows-2")
    # The chair has the votes called out: one after the other, up to the counts and no further, for the next one too.
    with hall.server.app.app_context():
        show_scene(meeting_id, "calling")
    rows = "[...document.querySelectorAll('[data-votes]')]"
    page.evaluate(NOTE_CALLS)
    votes = f"() => {rows}.map(one => [one.dataset.votes, one.lastElementChild.innerText])"
    for number in (1, 2):
        expect(page.locator(".page--call .person__place")).to_contain_text(f"第 {number} 位")
        expect(in_view).to_have_attribute("data-page", "call")
        page.clock.run_for(4_500)
        expect(page.locator("[data-mark]")).to_have_text("唱票完毕")
        assert any(0 < shown < 6 for shown in page.evaluate("window.called.splice(0)"))
        assert page.evaluate(votes) == [["6", "6"], *[["0", "0"]] * 4]
        hall.chair(reveal_next)


def test_the_chair_steps_the_wall_from_a_phone_and_sees_it_move(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False, shared_group="all")
    meeting_id = hall.scene.meeting_id
    chair = console_of(hall, 390, 844)
    chair.goto(f"{hall.server.url}/desk/{meeting_id}/chair")
    wall = hall.phone(1920, 1080)
    with hall.server.app.app_context():
        wall.goto(f"{hall.server.url}/stage/{meeting_id}/{stage_code(meeting_id)}")
    expect(wall.locator("[data-page=vote]")).to_be_visible()
    # Who draws a ticket by the shared code scans the wall from the last row.
    code = wall.get_by_role("img", name="投票二维码").bounding_box()
    assert code is not None
    assert code["height"] >= 0.7 * 1080
    chair.get_by_role("button", name="欢迎").click()
    expect(wall.locator("[data-page=welcome]")).to_be_visible()
    expect(chair.frame_locator(".mirror-screen").locator("[data-page=welcome]")).to_be_visible()
    chair.get_by_role("button", name="怎样投").click()
    expect(wall.locator("[data-page=vote]")).to_be_visible()
