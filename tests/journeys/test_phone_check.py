"""The page on which a phone tries what a ballot will need, before anything is printed."""

from __future__ import annotations

from collections.abc import Callable

from phones import Hall, kept_on
from playwright.sync_api import Page, expect

WECHAT = (
    "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/86.0.4240.99 Mobile Safari/537.36 MicroMessenger/8.0.10"
)
LINES = "#tried li"


def test_a_phone_finds_out_whether_it_can_vote_and_leaves_nothing_behind(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    desk = console_of(hall, 1280, 900)
    desk.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/tickets")
    panel = desk.locator("#reaching")
    expect(panel.get_by_text("这是本机自己的地址，手机打不开")).to_be_visible()
    address = panel.get_by_role("link", name="在本机打开").get_attribute("href")
    assert address
    phone = hall.phone(360, 740)
    phone.goto(address)
    expect(phone.get_by_role("heading", name="这部手机能投票")).to_be_visible()
    expect(phone.locator("#score")).to_have_text("6/6")
    assert phone.locator(f"{LINES}.works").count() == phone.locator(LINES).count() == 6
    assert kept_on(phone) == []
    assert phone.context.cookies() == []


def test_each_thing_that_does_not_work_is_told_with_what_to_do(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(begins=False)
    phone = hall.phone(360, 740, user_agent=WECHAT)
    phone.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get: () => { throw new Error('blocked'); }});"
    )
    phone.route("**/check", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
    phone.goto(f"{hall.url}/check")
    expect(phone.get_by_role("heading", name="这部手机有 4 项要处理")).to_be_visible()
    told = phone.locator(f"{LINES}.fails").all_inner_texts()
    assert [each.partition("：")[0] for each in told] == [
        "微信，内核 Chrome 86",
        "二维码里的票码",
        "中途退出，填好的还在",
        "和服务器往返一次",
    ]
    assert all("请" in each for each in told)
