"""How a ticket gets onto the phone, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from phones import Hall, check, confirm, grade, receipt
from playwright.sync_api import Page, Route, expect

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


def as_in_another_view(page: Page) -> None:
    """Some apps open every link in a view of its own, which knows nothing of the one before."""
    page.evaluate("sessionStorage.clear()")


@pytest.mark.parametrize("is_typed", [False, True])
def test_the_way_to_the_reasons_and_back_keeps_the_ticket_in_any_view(hall: Hall, *, is_typed: bool) -> None:
    page = hall.phone(320)
    page.goto(hall.url if is_typed else hall.slip())
    if is_typed:
        page.fill("#ticket", hall.scene.all_codes[0])
    grade(page, subjects=2)
    page.wait_for_timeout(500)
    page.get_by_role("link", name="谁也不知道您投了什么").click()
    as_in_another_view(page)
    page.get_by_role("link", name="返回测评票").click()
    expect(page.get_by_text("票码已读取")).to_be_visible()
    expect(page.get_by_text("已评 2/4")).to_be_visible()


def test_another_ticket_than_the_scanned_one_takes_its_place_in_the_address(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    page.get_by_role("button", name="更换").click()
    page.fill("#ticket", hall.scene.all_codes[1])
    page.locator("#ticket").blur()
    page.wait_for_url(hall.slip(1))
    page.reload()
    expect(page.get_by_text("票码已读取")).to_be_visible()
    assert page.locator("#ticket").input_value().replace("-", "") == hall.scene.all_codes[1]


def test_whoever_confirms_before_the_script_has_come_loses_nothing(hall: Hall) -> None:
    page = hall.phone(320)
    held: list[Route] = []
    page.route("**/phone.js*", lambda route: held.append(route))  # noqa: PLW0108 - a method takes no mark of the library
    page.goto(hall.slip(), wait_until="commit")
    grade(page)
    page.get_by_role("button", name="核对").click()
    expect(page.locator("#ticket")).to_be_focused()
    held[0].continue_()
    expect(page.get_by_text("票码已读取")).to_be_visible()
    expect(page.get_by_text("已评 4/4")).to_be_visible()
    check(page)
    confirm(page)
    receipt(page)


def test_after_three_lost_requests_for_a_ticket_a_voter_is_told_of_the_network(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(shared_group="all")
    page = hall.phone()
    page.add_init_script("Math.random = () => 0")
    page.route("**/ticket", lambda route: route.abort())
    page.goto(f"{hall.url}#pool-{hall.pool_code()}")
    expect(page.get_by_text("是不是还连着会场的无线网络")).to_be_visible()
    page.unroute("**/ticket")
    expect(page.get_by_text("已领到一张票")).to_be_visible()


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
    expect(page.get_by_text("票码已读取，开始后自动填好")).to_be_visible()
    page.get_by_role("link", name="投票怎样保密").click()
    as_in_another_view(page)
    page.get_by_role("link", name="返回测评票").click()
    expect(page.get_by_text("票码已读取，开始后自动填好")).to_be_visible()
    hall.chair(open_meeting)
    expect(page.get_by_text("票码已读取", exact=True)).to_be_visible(timeout=20_000)


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
    assert page.url == f"{hall.url}#{first.replace('-', '')}"
    elsewhere = hall.phone()
    elsewhere.goto(page.url)
    expect(elsewhere.get_by_text("票码已读取")).to_be_visible()
    assert elsewhere.locator("#ticket").input_value() == first
    assert other.locator("#ticket").input_value() != first
    grade(page)
    check(page)
    confirm(page)
    receipt(page)
    page.goto("about:blank")
    page.goto(qr)
    expect(page.get_by_role("heading", name="这张票刚才已提交")).to_be_visible()


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
