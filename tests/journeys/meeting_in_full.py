"""A whole meeting chaired from a phone while server and network fail at every step: `make walls`.

Two walls of different shapes follow, seven more stand in hidden tabs of the chair's browser. The network is cut before
every act, or the server is killed as soon as it is pressed. KAOHE_PICTURES=folder keeps pictures of phone and walls.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask
from journeys.test_projector import HallServer
from playwright.sync_api import Browser, Locator, Page, expect
from scene import CHAIR, cast, prepare_meeting
from stage_viewer import wait_until

from kaohe.config import Config
from kaohe.domain.permissions import Role
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.setup.preparing import stage_code

PASSWORD = "一把好用的长密码"
PICTURES = os.environ.get("KAOHE_PICTURES", "")
SAID_WITHIN_SECONDS = 5
SLOW_SECONDS = 2
"""What a busy machine may take on top."""
STEPS = (
    ("欢迎", "", "welcome", "", "投票尚未开始"),
    ("怎样投", "", "vote", "", "投票尚未开始"),
    ("开始投票", "确认开始投票", "vote", "opened", "正在投票"),
    ("进度", "", "turnout", "", "正在投票"),
    ("暂停收票", "", "turnout", "paused", "已暂停收票"),
    ("恢复收票", "", "turnout", "resumed", "正在投票"),
    ("结束投票", "确认结束投票", "closed", "closed", "投票已结束"),
    ("开箱计票", "确认开箱计票", "closed", "counted", "已计票"),
    ("公布结果", "确认公布结果", "rows", "published", "已公布 0 / 3"),
    ("从后往前", "", "rows", "chose_reveal_order", "已公布 0 / 3"),
    ("揭晓第 1 位", "", "person|rows", "revealed", "已公布 1 / 3"),
    ("唱票", "", "call", "", "已公布 1 / 3"),
    ("揭晓第 2 位", "", "call", "revealed", "已公布 2 / 3"),
    ("撤回第 2 位", "", "rows", "took_reveal_back", "已公布 1 / 3"),
    ("全部揭晓", "确认全部揭晓", "rows", "revealed", "已全部公布"),
    ("名次", "", "ranking", "", "已全部公布"),
    ("致谢", "", "thanks", "", "已全部公布"),
)
"""What is pressed, the answer to its question, the pages on the walls then, the act on record, and the walls' word."""
HIDDEN = """Object.defineProperty(document, "hidden", {
    get: () => location.pathname.startsWith("/stage/") && top === window
})"""


@pytest.fixture(autouse=True)
def installed(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def server(config: Config) -> Iterator[HallServer]:
    """At the address that the slips are printed with."""
    hall = HallServer(config.data, config.port)
    hall.start()
    yield hall
    hall.kill()


def signed_in(browser: Browser, url: str) -> Page:
    create_account(make_sign_in_link("测试", [Role.ORGANIZER]), CHAIR, PASSWORD)
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{url}/desk/sign-in")
    page.fill("[name=name]", CHAIR)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="测评会", exact=True)).to_be_visible()
    context.add_init_script(HIDDEN)
    return page


def button(page: Page, label: str) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^{label}"))


def press(page: Page, label: str, answer: str) -> None:
    # A question stays open while the server is away.
    if not answer or not button(page, answer).is_visible():
        button(page, label).click()
    if answer:
        skip = page.get_by_role("checkbox", name="不登记实到")
        if skip.is_visible():
            skip.check()
        button(page, answer).click()


def shows(walls: list[Page], pages: str, seconds: float) -> bool:
    in_view = ", ".join(f"[data-page^={name}]:visible" for name in pages.split("|"))
    try:
        for wall in walls:
            expect(wall.locator(in_view)).to_be_visible(timeout=seconds * 1000)
    except AssertionError:
        return False
    return True


def acts_of(meeting_id: str) -> list[str]:
    return [entry.act for entry in reversed(list_record_entries(meeting_id))]


def is_done(meeting_id: str, act: str, before: int) -> bool:
    return not act or acts_of(meeting_id).count(act) > before


def is_said_in_time(chair: Page, since: float) -> None:
    expect(chair.locator(".line-lost")).to_be_visible(timeout=30_000)
    assert time.monotonic() - since <= SAID_WITHIN_SECONDS + SLOW_SECONDS


def cut_the_network(pages: list[Page], _: HallServer) -> None:
    since = time.monotonic()
    for page in pages:
        page.context.set_offline(True)
    is_said_in_time(pages[0], since)
    for page in pages:
        page.context.set_offline(False)


def kill_the_server(pages: list[Page], server: HallServer) -> None:
    since = time.monotonic()
    server.kill()
    is_said_in_time(pages[0], since)
    server.start()


def take_pictures(pages: list[Page], name: str) -> None:
    for page in pages if PICTURES else ():
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=f"{PICTURES}/{name}-{width}.png")


@pytest.mark.parametrize("fail", [cut_the_network, kill_the_server])
def test_a_meeting_chaired_from_a_phone_goes_on_through_every_failure(
    browser: Browser, server: HallServer, fail: Callable[[list[Page], HallServer], None]
) -> None:
    scene = prepare_meeting()
    chair = signed_in(browser, server.url)
    chair.goto(f"{server.url}/desk/{scene.meeting_id}/chair")
    stage = f"{server.url}/stage/{scene.meeting_id}/{stage_code(scene.meeting_id)}"
    walls = []
    for width, height in ((1920, 1080), (1024, 768)):
        walls.append(browser.new_context(viewport={"width": width, "height": height}).new_page())
        walls[-1].goto(stage)
    for _ in range(7):
        chair.context.new_page().goto(stage)
    chair.bring_to_front()
    for number, (label, answer, pages, act, word) in enumerate(STEPS, 1):
        expect(button(chair, label)).to_be_visible()
        before = acts_of(scene.meeting_id).count(act)
        if fail is kill_the_server:
            press(chair, label, answer)
        fail([chair, *walls], server)
        expect(chair.locator(".line-lost")).to_be_hidden(timeout=30_000)
        # What the server has done before it died is not pressed again.
        if not (is_done(scene.meeting_id, act, before) if act else shows(walls, pages, 5)):
            press(chair, label, answer)
        wait_until(partial(is_done, scene.meeting_id, act, before), 30)
        assert shows(walls, pages, 30), label
        for wall in walls:
            expect(wall.locator(".top__state")).to_have_text(word)
            expect(wall.locator("#lost")).to_be_hidden(timeout=30_000)
        if label == "进度":
            for code in scene.all_codes[:6]:
                cast(scene.meeting_id, code, "excellent", "competent", "basically_competent")
            for wall in walls:
                expect(wall.locator(".giant__cast strong")).to_have_text("6")
        take_pictures([chair, *walls], f"{number:02}-{fail.__name__}")
    counted = load_counted(scene.meeting_id)
    assert counted.board.cast == 6
    assert [each.rank for each in counted.result.subjects] == [1, 2, 3]
    pressed = [act for *_, act, _ in STEPS if act]
    assert [act for act in acts_of(scene.meeting_id) if act in pressed] == pressed
