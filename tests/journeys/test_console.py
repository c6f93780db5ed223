"""The console on a small phone and on a desk: nothing pokes out of its place, and nothing moves under the finger."""

from __future__ import annotations

from collections.abc import Callable

from phones import Hall
from playwright.sync_api import Page, expect
from scene import THREE_GROUPS

OUT_OF_PLACE = """() => {
    const found = [];
    for (const one of document.querySelectorAll("#main *, .step *")) {
        const place = one.closest(".step, .panel, #main");
        if (!one.offsetParent || one.closest(".table-scroll, .visually-hidden, .default-button") || place === one)
            continue;
        const own = one.getBoundingClientRect(), around = place.getBoundingClientRect();
        if (own.width > 1 && (own.left < around.left - 0.5 || own.right > around.right + 0.5))
            found.push(one.tagName + " " + one.textContent.trim().slice(0, 20));
    }
    return found;
}"""


def test_everything_stays_in_its_place_on_a_small_phone(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(preset="guji-kaohe", groups=THREE_GROUPS, begins=False, two_people=True)
    page = console_of(hall, 320, 640)
    for step in ("basics", "scheme", "subjects", "voters", "inputs", "hall", "tickets", "check", "chair", "events"):
        page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/{step}")
        assert page.evaluate("document.documentElement.scrollWidth") == 320, step
        assert page.evaluate(OUT_OF_PLACE) == [], step


def test_the_numbers_of_the_groups_are_seen_without_scrolling(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(groups=THREE_GROUPS)
    page = console_of(hall, 320, 640)
    for step in ("chair", "tickets"):
        page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/{step}")
        hidden = "tables => tables.filter(one => one.scrollWidth > one.clientWidth).length"
        assert page.locator(".table-scroll").evaluate_all(hidden) == 0, step


def test_a_button_that_asks_once_more_stays_where_it_is(hall: Hall, console_of: Callable[..., Page]) -> None:
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/chair")
    others = [page.get_by_role("button", name="暂停收票"), page.locator("summary", has_text="结束投票")]
    others.append(page.get_by_role("heading", name="票数"))
    before = [each.bounding_box() for each in others]
    page.locator("summary", has_text="结束投票").click()
    expect(page.get_by_role("button", name="确认结束投票")).to_be_in_viewport()
    assert [each.bounding_box() for each in others] == before
