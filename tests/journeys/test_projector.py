"""The projector in a real browser, fed by the server that a hall uses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from flask import Flask
from phones import until
from playwright.sync_api import Browser, Page, expect, sync_playwright
from scene import CHAIR, NAMES, cast, hold_meeting, prepare_meeting
from stage_viewer import wait_until

from bench.chromium import start_chromium
from bench.hall import free_port
from kaohe.domain.meetings import Group, HallView
from kaohe.operations.chair.publishing import publish_result, reveal_all, reveal_next
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.setup.preparing import stage_code

ROOT = Path(__file__).parents[2]
FORTY = (Group("all", "全体", Fraction(1), 40),)
# What Chromium, htmx and its extension write to the console where a server cannot be reached.
UNREACHABLE = ("net::ERR_", "htmx:afterRequest", "htmx:sendError", "[object Event]")


class HallServer:
    """``kaohe serve`` on the test's own data, in a process that can be killed."""

    def __init__(self, data: Path, port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, "KAOHE_DATA": str(data), "PORT": str(self.port), "KAOHE_URL": self.url}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from kaohe.cli import main; main()", "serve"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, 120)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=2) as reply:
            return bool(reply.status == 200)
        return False


@pytest.fixture(autouse=True)
def installed(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HallServer]:
    hall = HallServer(tmp_path)
    hall.start()
    yield hall
    hall.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = start_chromium(playwright)
        yield started
        started.close()


@pytest.fixture
def show(browser: Browser, server: HallServer) -> Iterator[Callable[..., Page]]:
    """Opens the screen of a meeting; the browser must not complain about anything meanwhile."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")

    def open_stage(meeting_id: str, *, unreachable: str = "", silent_streams: int = 0) -> Page:
        page = context.new_page()
        if unreachable:
            page.route(unreachable, lambda route: route.abort())
        if silent_streams:
            page.clock.install()
            # Neither answered nor refused, as on a line that died without either end noticing.
            page.route("**/live*", lambda _: None, times=silent_streams)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{server.url}/stage/{meeting_id}/{stage_code(meeting_id)}")
        return page

    yield open_stage
    context.close()
    assert [text for text in complaints if not any(word in text for word in UNREACHABLE)] == []


def test_a_hall_watches_a_batched_meeting_from_the_qr_code_to_the_last_result(show):
    scene = prepare_meeting(groups=FORTY, hall_view=HallView.BATCHED)
    page = show(scene.meeting_id)
    expect(page.locator(".top__state")).to_have_text("投票尚未开始")
    expect(page.locator("[data-page=vote]")).to_contain_text("投票尚未开始")
    expect(page.get_by_role("img", name="投票二维码")).to_be_visible()

    open_meeting(CHAIR, scene.meeting_id)
    expect(page.locator(".top__state")).to_have_text("正在投票")
    expect(page.locator("[data-page=vote]")).to_be_visible()
    expect(page.locator("[data-page=rows-1]")).to_be_hidden()
    for code in scene.all_codes[:20]:
        cast(scene.meeting_id, code, "excellent", "competent", "competent")
    expect(page.locator("[data-page=vote] .strip strong")).to_have_text("20")

    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-page=rows-1]")).to_be_visible()
    expect(page.locator(".counted strong").first).to_have_text("10")
    for code in scene.all_codes[20:]:
        cast(scene.meeting_id, code, "excellent", "competent", "basically_competent")
    expect(page.locator(".counted strong").first).to_have_text("30")
    expect(page.locator("[data-page=rows-1]")).to_be_visible()
    expect(page.locator("[data-page=vote]")).to_be_hidden()

    close_meeting(CHAIR, scene.meeting_id)
    expect(page.locator(".top__state")).to_have_text("投票已结束")
    expect(page.locator(".giant__cast strong")).to_have_text("40")
    expect(page.locator(".row")).to_have_count(0)
    count_meeting(CHAIR, scene.meeting_id)
    publish_result(CHAIR, scene.meeting_id)
    expect(page.locator(".row.is-veiled")).to_have_count(3)
    reveal_next(CHAIR, scene.meeting_id)
    expect(page.locator(".row.is-shown")).to_have_count(1)
    expect(page.locator("[data-page=person]")).to_be_visible()
    expect(page.locator(".person__name")).to_have_text(NAMES[0])
    reveal_all(CHAIR, scene.meeting_id)
    expect(page.locator(".top__state")).to_have_text("已全部公布")
    result = load_counted(scene.meeting_id).result
    for row, expected in zip(page.locator(".row.is-shown").all(), result.subjects, strict=True):
        expect(row.locator(".row__who strong")).to_have_text(expected.subject.name)
        expect(row.locator(".row__score")).to_have_text(expected.score.text)
        expect(row.locator(".columns strong")).to_have_text([*(str(s.count) for s in expected.shares), "0"])
        expect(row.locator(".columns span")).to_have_text([f"{s.rate.text}%" for s in expected.shares if s.count])


def test_the_keys_turn_pages_and_cover_the_screen(show):
    scene = hold_meeting(names=tuple(f"对象{n}" for n in range(1, 14)), hall_view=HallView.INSTANT)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    page = show(scene.meeting_id)
    in_view = page.locator("[data-page]:visible")
    expect(in_view).to_have_attribute("data-page", "rows-1")
    for key, name in (
        ("PageDown", "rows-2"),
        (" ", "rows-3"),
        ("ArrowRight", "rows-3"),
        ("PageUp", "rows-2"),
        ("ArrowLeft", "rows-1"),
        ("ArrowLeft", "vote"),
        ("ArrowLeft", "vote"),
    ):
        page.keyboard.press(key)
        expect(in_view).to_have_count(1)
        expect(in_view).to_have_attribute("data-page", name)
    expect(page.locator("#page-number")).to_have_text("1 / 4")
    for key in ("h", "."):
        page.keyboard.press(key)
        expect(page.locator("#cover")).to_be_visible()
        cast(scene.meeting_id, scene.all_codes[1 if key == "h" else 2], "competent")
        page.keyboard.press(key)
        expect(page.locator("#cover")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("全屏")
    page.keyboard.press("f")
    until(page, "document.fullscreenElement !== null")
    expect(page.locator("[data-page=vote] .strip strong")).to_have_text("3")


def test_whoever_pages_on_with_the_keys_is_shown_no_bar_over_the_last_row(show):
    scene = hold_meeting(names=tuple(f"对象{n}" for n in range(1, 18)), hall_view=HallView.INSTANT)
    page = show(scene.meeting_id)
    page.evaluate("document.documentElement.classList.add('is-quiet')")
    page.keyboard.press("ArrowRight")
    expect(page.locator("html")).to_have_class(re.compile(r"\bis-quiet\b"))
    page.keyboard.press("?")
    expect(page.locator("html")).not_to_have_class(re.compile(r"\bis-quiet\b"))


def test_the_last_picture_stays_while_the_server_is_away_and_moves_on_when_it_is_back(show, server):
    scene = hold_meeting()
    for code in scene.all_codes[:5]:
        cast(scene.meeting_id, code, "excellent")
    page = show(scene.meeting_id)
    expect(page.locator(".giant__cast strong")).to_have_text("5")
    expect(page.locator("#lost")).to_be_hidden()
    server.kill()
    expect(page.locator("#lost")).to_be_visible(timeout=10_000)
    expect(page.locator(".giant__cast strong")).to_have_text("5")
    cast(scene.meeting_id, scene.all_codes[5], "excellent")
    server.start()
    expect(page.locator("#lost")).to_be_hidden(timeout=40_000)
    expect(page.locator(".giant__cast strong")).to_have_text("6", timeout=10_000)


def test_a_screen_that_no_stream_reaches_moves_on_and_says_nothing_of_a_lost_connection(show):
    scene = hold_meeting()
    page = show(scene.meeting_id, unreachable="**/live*")
    expect(page.locator("[data-page=vote] .strip strong")).to_have_text("0")
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    expect(page.locator(".giant__cast strong")).to_have_text("1", timeout=10_000)
    cast(scene.meeting_id, scene.all_codes[1], "excellent")
    expect(page.locator(".giant__cast strong")).to_have_text("2", timeout=10_000)
    expect(page.locator("#lost")).to_be_hidden()


def test_a_stream_that_has_fallen_silent_is_replaced_by_a_new_one(show):
    scene = hold_meeting()
    page = show(scene.meeting_id, silent_streams=1)
    cast(scene.meeting_id, scene.all_codes[0], "excellent")
    page.clock.run_for(21_000)
    expect(page.locator(".giant__cast strong")).to_have_text("1")
    cast(scene.meeting_id, scene.all_codes[1], "excellent")
    expect(page.locator(".giant__cast strong")).to_have_text("2")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (3840, 2160), (1024, 768)])
def test_the_fullest_page_fits_the_screen_in_letters_that_a_hall_can_read(show, width, height):
    names = ("阿卜杜热合曼·买买提", *NAMES, *(f"对象{n}" for n in range(2)))
    scene = hold_meeting(names=names, hall_view=HallView.INSTANT)
    for code in scene.all_codes:
        cast(scene.meeting_id, code, "excellent")
    page = show(scene.meeting_id)
    page.set_viewport_size({"width": width, "height": height})
    last = page.locator("[data-page=rows-1] .row").last.bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= height
    assert last["x"] + last["width"] <= width
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    for part, share in ((".row__score", 40), (".row__who strong", 45), (".columns strong", 65)):
        size = float(
            page.locator(f"[data-page=rows-1] .row.is-shown {part}").first.evaluate(
                "e => parseFloat(getComputedStyle(e).fontSize)"
            )
        )
        assert size >= min(height, width * 9 / 16) / share
    page.keyboard.press("ArrowLeft")
    code_box = page.get_by_role("img", name="投票二维码").bounding_box()
    slip_box = page.get_by_role("img", name="手中的票").bounding_box()
    assert code_box is not None
    assert slip_box is not None
    assert slip_box["height"] >= min(height, width * 9 / 16) * 0.38
    assert slip_box["width"] > 2 * code_box["width"]
    assert code_box["y"] + code_box["height"] <= height
