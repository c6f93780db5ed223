"""One ticket on two pages of one phone: what is said is true of the choices that one sees."""

from __future__ import annotations

from phones import Hall, check, confirm, grade, receipt
from playwright.sync_api import Page, expect
from scene import CHAIR

from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted


def second_page(page: Page) -> Page:
    """Another page of the same phone."""
    return page.context.new_page()


def told_that_it_was_cast_before(page: Page, code: str) -> None:
    expect(page.get_by_role("heading", name="这张票刚才已提交")).to_be_visible()
    expect(page.get_by_text("计入的是那一次的选择")).to_be_visible()
    assert page.locator("[data-receipt]").inner_text() == code
    assert page.locator(".tick:visible").count() == 0
    assert page.get_by_text("已收到").count() == 0


def test_a_page_that_still_fills_in_is_told_at_once_that_another_one_has_cast(hall: Hall) -> None:
    one = hall.phone()
    one.goto(hall.slip())
    grade(one, "优秀")
    one.wait_for_timeout(500)
    two = second_page(one)
    two.goto(hall.slip())
    grade(two, "不称职")
    check(two)
    expect(two.get_by_role("button", name="确认提交")).to_be_enabled()
    check(one)
    confirm(one)
    code = receipt(one)

    told_that_it_was_cast_before(two, code)
    assert "不称职" not in two.content()
    hall.chair(close_meeting)
    with hall.server.app.app_context():
        count_meeting(CHAIR, hall.scene.meeting_id)
        counted = load_counted(hall.scene.meeting_id)
    assert counted.cells["all", "s1", "overall"].grades == (1, 0, 0, 0)


def test_a_page_that_hears_nothing_of_the_other_one_is_told_when_it_casts(hall: Hall) -> None:
    one = hall.phone()
    one.goto(hall.slip())
    grade(one, "优秀")
    one.wait_for_timeout(500)
    two = second_page(one)
    two.add_init_script("window.addEventListener('storage', event => event.stopImmediatePropagation(), true)")
    two.goto(hall.slip())
    grade(two, "不称职")
    check(two)
    expect(two.get_by_role("button", name="确认提交")).to_be_enabled()
    check(one)
    confirm(one)
    code = receipt(one)
    expect(two.locator("#review")).to_be_visible()
    confirm(two)

    told_that_it_was_cast_before(two, code)
    assert hall.cast_count() == 1


def test_whoever_has_voted_and_loads_the_page_again_is_told_so(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page)
    check(page)
    confirm(page)
    code = receipt(page)
    page.reload()
    expect(page.get_by_role("heading", name="本页已收到一张票")).to_be_visible()
    assert page.locator("[data-receipt]").inner_text() == code
    page.goto("about:blank")
    page.goto(hall.slip())
    expect(page.get_by_role("heading", name="本页已收到一张票")).to_be_visible()
    assert page.url == hall.url
    two = second_page(page)
    two.goto(hall.slip())
    told_that_it_was_cast_before(two, code)
    page.evaluate(f"location.hash = '{hall.scene.all_codes[1]}'")
    expect(page.get_by_text("已评 0/4")).to_be_visible()
    grade(page, "优秀")
    check(page)
    confirm(page)
    assert receipt(page) != code
    assert hall.cast_count() == 2


def test_a_draft_is_masked_so_that_neither_a_mark_nor_its_length_is_kept(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    drafts = "Object.entries(localStorage).filter(([key]) => key.startsWith('kaohe.draft.'))"
    seen = []
    for label, mark in (("不称职", "incompetent"), ("优秀", "excellent")):
        grade(page, label)
        page.wait_for_timeout(500)
        ((key, kept),) = page.evaluate(drafts)
        for word in (hall.scene.all_codes[0], mark, "marks"):
            assert word not in key + kept
        seen.append(kept)
    assert len(seen[0]) == len(seen[1])
    # Under one stream, the blanks at the end of the two would be equal.
    assert seen[0][-400:] != seen[1][-400:]


def test_what_the_phone_keeps_of_a_cast_ballot_names_neither_ticket_nor_choice(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page, "不称职")
    page.wait_for_timeout(500)
    everything = "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])"
    check(page)
    confirm(page)
    receipt(page)
    kept = page.evaluate(everything)
    assert hall.scene.all_codes[0] not in kept
    assert "incompetent" not in kept
    assert "nonce" not in kept
