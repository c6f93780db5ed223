"""What can be known when a slip is scanned is said then, and one phone serves several people without mixing them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from phones import Hall, check, confirm, grade, receipt
from playwright.sync_api import expect

from kaohe.operations.setup.replacing import void_ticket


def test_a_void_slip_is_told_before_anything_is_filled_in(hall: Hall) -> None:
    hall.chair(void_ticket, hall.scene.all_codes[0])
    page = hall.phone()
    page.goto(hall.slip())
    expect(page.locator("#ticket-hint.wrong")).to_contain_text("已经作废")
    assert page.locator("input:checked").count() == 0


def test_a_slip_of_another_meeting_is_told_before_anything_is_filled_in(
    hall: Hall, hall_of: Callable[..., Hall]
) -> None:
    other = hall_of()
    page = hall.phone()
    page.goto(f"{hall.url}#{other.scene.all_codes[0]}")
    expect(page.locator("#ticket-hint.wrong")).to_contain_text("不属于本场")


def test_a_slip_of_another_form_leads_there_with_its_ticket_and_keeps_what_is_here(
    form_of: Callable[..., Hall],
) -> None:
    hall = form_of("jingzheng-shanggang")
    here = f"{hall.server.url}/v/{hall.scene.meeting_id}/2"
    page = hall.phone(320)
    page.goto(here)
    page.locator("fieldset:not([data-kind]) label").first.click()
    page.fill("#ticket", hall.scene.all_codes[0])
    page.locator("#ticket").blur()
    page.get_by_role("link", name="打开这张票的测评票").click()
    expect(page.get_by_text("票码已读取")).to_be_visible()
    page.goto(here)
    expect(page.locator("fieldset:not([data-kind]) input:checked")).to_have_count(1)


def test_a_slip_that_has_been_used_elsewhere_is_not_told_so_without_a_ballot(hall: Hall) -> None:
    one = hall.phone()
    one.goto(hall.slip())
    grade(one)
    check(one)
    confirm(one)
    receipt(one)
    other = hall.phone()
    with other.expect_response(lambda reply: reply.url.endswith("/slip")) as asked:
        other.goto(hall.slip())
    assert asked.value.status == 204
    expect(other.locator("#ticket-hint.wrong")).to_have_count(0)


@pytest.mark.parametrize("behind", ["&appinstall=0", "?from=timeline", "/", "%20"])
def test_what_scanners_put_behind_the_code_does_no_harm(hall: Hall, behind: str) -> None:
    page = hall.phone()
    page.goto(hall.slip() + behind)
    expect(page.get_by_text("票码已读取")).to_be_visible()


def test_a_damaged_code_is_told(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip()[:-3])
    expect(page.locator("#ticket-hint.wrong")).to_contain_text("二维码读取不完整")


@pytest.mark.parametrize(("answer", "kept"), [("accept", 2), ("dismiss", 0)])
def test_another_code_asks_what_becomes_of_what_is_filled_in(hall: Hall, answer: str, kept: int) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page, subjects=2)
    page.on("dialog", lambda dialog: getattr(dialog, answer)())
    page.get_by_role("button", name="更换").click()
    page.fill("#ticket", hall.scene.all_codes[1])
    page.locator("#ticket").blur()
    expect(page.get_by_text(f"已评 {kept}/4")).to_be_visible()
    assert page.locator("input:checked").count() == kept


def test_the_next_person_begins_with_an_empty_form(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page, subjects=2)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="换人填写").click()
    expect(page.get_by_text("已评 0/4")).to_be_visible()
    assert page.locator("#ticket").input_value() == ""
    page.fill("#ticket", hall.scene.all_codes[1])
    grade(page)
    check(page)
    confirm(page)
    receipt(page)
    page.get_by_role("button", name="用另一张票填写").click()
    expect(page.get_by_text("已评 0/4")).to_be_visible()


def test_the_keyboards_next_goes_to_the_next_field_and_alarms_nobody(form_of: Callable[..., Hall]) -> None:
    hall = form_of("jiandu-pingshi")
    page = hall.phone()
    page.goto(hall.url)
    page.locator("#ticket").press("Enter")
    fields = page.locator(".number > input")
    expect(fields.first).to_be_focused()
    fields.first.fill("9")
    fields.first.press("Enter")
    expect(fields.nth(1)).to_be_focused()
    expect(page.locator(".missing")).to_have_count(0)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_coming_back_from_the_review_the_focus_is_where_one_was(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page)
    check(page)
    page.locator("#review li button").nth(2).click()
    assert page.evaluate("document.activeElement.closest('.subject').id") == "s3"
    check(page)
    page.get_by_role("button", name="返回修改").click()
    assert page.evaluate("document.activeElement.textContent") == "填好了，去核对"


def test_a_draft_that_nobody_came_back_to_is_gone_after_a_day(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page, subjects=2)
    page.wait_for_timeout(500)
    drafts = "Object.keys(localStorage).filter(key => key.startsWith('kaohe.draft.'))"
    assert len(page.evaluate(drafts)) == 1
    page.evaluate("sessionStorage.clear()")
    page.clock.install(time=time.time() + 2 * 24 * 60 * 60)
    page.goto(hall.url)
    expect(page.get_by_text("已评 0/4")).to_be_visible()
    assert page.evaluate(drafts) == []
