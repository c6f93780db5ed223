"""How a ticket gets onto the phone, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from phones import Hall, check, confirm, grade, receipt
from playwright.sync_api import expect

from kaohe.operations.chair.voting import open_meeting
from kaohe.web.voter import pages


def test_two_tickets_on_one_phone_do_not_mix(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip(0))
    grade(page, subjects=2)
    page.wait_for_timeout(500)
    page.evaluate(f"location.hash = '{hall.scene.all_codes[1]}'")
    expect(page.get_by_text("已评 0/4")).to_be_visible()
    grade(page, "优秀", subjects=1)
    page.wait_for_timeout(500)
    page.goto(hall.slip(0))
    expect(page.get_by_text("已评 2/4")).to_be_visible()


def test_a_mistyped_ticket_is_told_under_its_field(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.url)
    page.fill("#ticket", "1234-5678")
    grade(page)
    expect(page.locator("#ticket-hint")).to_contain_text("票码输入有误")
    code = hall.scene.all_codes[0]
    page.fill("#ticket", "-".join(code[i : i + 4] for i in range(0, 16, 4)).lower())
    check(page)
    confirm(page)
    receipt(page)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Phones that ask every second whether voting has begun."""
    monkeypatch.setattr(pages, "ASK_AGAIN_SECONDS", 1)


@pytest.mark.usefixtures("impatient")
def test_the_waiting_page_opens_the_ballot_by_itself_and_keeps_the_ticket(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(begins=False)
    page = hall.phone()
    page.goto(hall.slip())
    expect(page.get_by_role("heading", name="投票尚未开始")).to_be_visible()
    hall.chair(open_meeting)
    expect(page.get_by_text("票码已读取")).to_be_visible(timeout=20_000)


@pytest.mark.usefixtures("impatient")
def test_the_waiting_page_opens_the_ballot_without_scripts_too(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(begins=False)
    page = hall.phone(java_script_enabled=False)
    page.goto(hall.slip())
    expect(page.get_by_role("heading", name="投票尚未开始")).to_be_visible()
    hall.chair(open_meeting)
    expect(page.get_by_role("button", name="核对")).to_be_visible(timeout=20_000)
    assert page.url == hall.url


def test_the_shared_code_gives_each_phone_one_ticket_and_the_same_again(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(shared_group="all")
    qr = f"{hall.url}#pool-{hall.pool_code()}"
    page, other = hall.phone(), hall.phone()
    for phone in (page, other):
        phone.goto(qr)
        expect(phone.get_by_text("已领到一张票")).to_be_visible()
    first = page.locator("#ticket").input_value()
    page.goto("about:blank")
    page.goto(qr)
    expect(page.get_by_text("已领到一张票")).to_be_visible()

    assert page.locator("#ticket").input_value() == first
    assert other.locator("#ticket").input_value() != first
    grade(page)
    check(page)
    confirm(page)
    receipt(page)


def test_without_scripts_a_voter_types_the_code_reviews_and_casts(hall: Hall) -> None:
    page = hall.phone(320, java_script_enabled=False)
    page.goto(hall.slip())
    page.fill("#ticket", hall.scene.all_codes[0])
    grade(page, subjects=3)
    check(page)
    expect(page.locator("[data-error=ballot_incomplete]")).to_be_visible()
    page.locator("#s4").get_by_text("弃权").click()
    check(page)
    expect(page.get_by_role("heading", name="请核对您的选择")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    confirm(page)
    first = receipt(page)
    page.reload()

    expect(page.get_by_role("heading", name="这张票刚才已提交")).to_be_visible()
    assert page.locator("[data-receipt]").inner_text() == first
    assert hall.cast_count() == 1


def test_without_scripts_a_voter_draws_a_ticket_by_the_shared_code(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(shared_group="all")
    page = hall.phone(java_script_enabled=False)
    page.goto(hall.url)
    page.get_by_role("link", name="用会场码领票").click()
    page.fill("#pool", hall.pool_code())
    page.get_by_role("button", name="领取一张票").click()
    grade(page)
    check(page)
    confirm(page)
    receipt(page)
