"""Real double clicks on the console: what is pressed twice happens once.

The acts of the chair's page are pressed in one meeting from the opening to the last reveal. Every other button of every
page, in every state, is pressed once and twice from the same database: two clicks must have done what one does, also
where the answer to the first has put another button below the second. ``make bad-input`` presses all of them.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from holding import closed, counted, opened, prepared, published
from phones import Hall
from playwright.sync_api import Error, Page, Request, expect
from role_visits import url_of
from scene import Scene
from sqlalchemy import func, select, text

from kaohe.config import Config
from kaohe.domain.meetings import Shelf
from kaohe.operations.setup.preparing import create_meeting, list_meetings
from kaohe.storage.database import reading
from kaohe.storage.record import list_record_entries
from kaohe.storage.tables import db
from kaohe.web.access import Audience, audience_of

_log = logging.getLogger(__name__)
PAUSES_MS = (60, 100, 150, 250)
"""Between the two clicks of a hand that is used to double clicks."""


def click_twice(page: Page, label: str, pause_ms: int) -> None:
    button = page.get_by_role("button", name=re.compile(f"^{label}"))
    button.click(trial=True)
    box = button.bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*at)
    page.wait_for_timeout(pause_ms)
    page.mouse.click(*at)


def test_real_double_clicks_on_every_act_of_a_meeting_do_each_of_them_once(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    meeting_id = hall.scene.meeting_id
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{meeting_id}/chair")
    pauses = cycle(PAUSES_MS)
    steps = [
        *("开始投票", "确认开始投票"),
        *("暂停收票", "恢复收票") * len(PAUSES_MS),
        *("结束投票", "确认结束投票", "开箱计票", "确认开箱计票", "公布结果", "确认公布结果"),
        *("揭晓第 1 位", "撤回第 1 位") * len(PAUSES_MS),
        *("揭晓第 1 位", "揭晓第 2 位", "全部揭晓", "确认全部揭晓"),
    ]
    for label in steps:
        if label == "确认公布结果":
            page.get_by_role("checkbox", name="不登记实到").check()
        click_twice(page, label, next(pauses))
    expect(page.get_by_text("已揭晓 4 / 4")).to_be_visible()
    expect(page.get_by_text("尚未开始")).to_be_hidden()
    with hall.server.app.app_context(), reading() as session:
        entries = list_record_entries(session, meeting_id)[::-1]
    acts = [entry.act for entry in entries[[entry.act for entry in entries].index("opened") :]]
    assert [act for act in acts if act not in ("stripped", "destroyed")] == [
        *("opened", *("paused", "resumed") * len(PAUSES_MS), "closed", "counted", "published"),
        *("revealed", "took_reveal_back") * len(PAUSES_MS),
        *("revealed", "revealed", "revealed"),
    ]


def test_a_double_click_takes_one_meeting_off_the_list_and_not_the_one_below(
    hall: Hall, console_of: Callable[..., Page]
) -> None:
    with hall.server.app.app_context():
        for number in range(12):
            create_meeting("测试", title=f"第{number}场", unit="统计局", held_on=None, preset_id="si-deng")
    page = console_of(hall, 1280, 800)
    for deleted, pause in enumerate(PAUSES_MS, 1):
        page.goto(f"{hall.server.url}/desk/")
        with hall.server.app.app_context():
            upper = [line.title for line in list_meetings()][1]
        click_twice(page, f"删除：{upper}", pause)
        page.wait_for_timeout(600)
        with hall.server.app.app_context():
            assert upper in [line.title for line in list_meetings(shelves=[Shelf.DELETED])], pause
            assert len(list_meetings(shelves=[Shelf.DELETED])) == deleted


def test_a_double_click_on_a_search_that_finds_little_presses_nothing_that_was_further_up(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page]
) -> None:
    hall = hall_of(begins=False)
    page = console_of(hall, 1280, 800)
    page.goto(f"{hall.server.url}/desk/{hall.scene.meeting_id}/scheme/choose")
    # The button stands where that to sign out would be if the page went up.
    page.evaluate("""document.getElementById("sought").value = "试一试";
        document.querySelector(".preset-search").scrollIntoView()""")
    click_twice(page, "查找", 250)
    page.wait_for_timeout(300)
    expect(page.locator(".preset")).to_have_count(1)
    expect(page.get_by_role("button", name="退出")).to_be_attached()


ALL = os.environ.get("KAOHE_BAD_INPUT") == "long"
"""Whether every button of every page is pressed, or a few of them."""
_QUIET = 5 if ALL else 3
"""As many looks without a request under way, 50 ms apart, as show that none follows."""
_STATES: Mapping[str, Callable[[Flask], Scene]] = {
    "draft": prepared,
    "open": opened,
    "closed": closed,
    "counted": counted,
    "published": published,
}
# These end the walker's own sign-in; what is drawn anew or noted at each visit is not done twice.
_LEFT_ALONE = re.compile(
    r"/desk/(sign-|account|accounts/\w+/(roles|unit|sign-ins|lock|factor|password-link)|\w+/slips)"
)
# These say the same whatever state a meeting is in.
_WITHOUT_A_MEETING = re.compile(r"/desk/(schemes|new|several|people|units|accounts|server)\b")
_BUTTONS = """() => [...document.querySelectorAll(
    "#main button:not([type=button], .default-button, [popovertarget]), #main a.button:not([target])")].map(
    (one, at) => {
        one.dataset.at = at;
        const target = one.hasAttribute("formaction") ? one.formAction : one.form ? one.form.action : one.href;
        return [at, target, one.getAttribute("aria-label") || one.textContent.trim()];
    })"""
# What is folded or asks first is opened, and what is empty is filled in as somebody would.
_MADE_READY = """at => {
    const one = document.querySelector(`[data-at="${at}"]`);
    for (let fold = one.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const asking = one.closest("[popover]");
    if (asking && !asking.matches(":popover-open")) asking.showPopover();
    for (const field of one.form ? one.form.elements : []) {
        if (field.type === "checkbox") field.checked = true;
        else if (field.type === "radio") one.form.querySelector(`[name="${field.name}"]`).checked = true;
        else if (field.tagName === "SELECT" && !field.value)
            field.selectedIndex = Math.max(0, [...field.options].findIndex(option => option.value));
        else if (!field.value && ["text", "search", "password", "textarea"].includes(field.type)) {
            const isNumber = /numeric|decimal/.test(field.inputMode);
            field.value = field.name === "pasted" ? "张伟\\t3" : isNumber ? "3" : "试一试";
        }
    }
    one.scrollIntoView({block: "center"});
}"""


@dataclass
class Console:
    """A signed-in console, and the database behind it with a copy to go back to."""

    page: Page
    app: Flask
    url: str
    database: Path
    keys: dict[Path, bytes] = field(default_factory=dict)
    cookies: list[Any] = field(default_factory=list)
    in_flight: set[Request] = field(default_factory=set)

    def asked(self, request: Request) -> None:
        # The small picture of the wall asks for itself again and again.
        if "/stage/" not in request.url:
            self.in_flight.add(request)

    def answered(self, request: Request) -> None:
        self.in_flight.discard(request)

    def keep(self) -> None:
        with self.app.app_context(), db.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        shutil.copy(self.database, self.database.with_name("kept"))
        self.cookies = list(self.page.context.cookies())
        self.keys.update({path: path.read_bytes() for path in self.database.parent.rglob("*.key")})

    def restore(self) -> None:
        # Threads of the server may look into the database meanwhile, so it is written over and not replaced.
        kept, target = sqlite3.connect(self.database.with_name("kept")), sqlite3.connect(self.database, timeout=30)
        with closing(kept), closing(target):
            kept.backup(target)
        # An act that destroys a round's key says so only where there is one.
        for path, content in self.keys.items():
            path.write_bytes(content)
        # Whoever was signed out is signed in again there, too.
        self.page.context.add_cookies(self.cookies)

    def done(self) -> tuple[Counter[str], dict[str, int], list[object]]:
        """What was done to the meetings: acts on record, rows of every table, and how often a set-up was stored."""
        with self.app.app_context(), db.engine.connect() as connection:
            acts = Counter(connection.scalars(text("SELECT act FROM record_entries")))
            rows = {
                table.name: connection.scalar(select(func.count()).select_from(table)) or 0
                for table in db.metadata.sorted_tables
            }
            versions = [tuple(row) for row in connection.execute(text("SELECT id, version FROM meetings ORDER BY id"))]
        # The id of a meeting that was made hangs on the token of its page.
        return acts, rows, sorted(version for _, version in versions)

    def settle(self) -> None:
        """Wait until all that was asked for has been answered, and what that leads to."""
        quiet = 0
        while quiet < _QUIET:
            self.page.wait_for_timeout(50)
            quiet = quiet + 1 if self._is_loaded() and not self.in_flight else 0

    def _is_loaded(self) -> bool:
        """Whether the page has done what a click asked of it, also on a busy machine, and stands."""
        with suppress(Error):  # on its way to another page
            return self.page.evaluate("document.readyState") == "complete"
        return False

    def leave(self) -> None:
        """Leave the page for an empty one, also where it is still on its way to another."""
        for _ in range(20):
            with suppress(Error):
                self.page.goto("about:blank")
                self.in_flight.clear()
                return
            self.page.wait_for_timeout(200)
        raise AssertionError("the page is always on its way")

    def pressed(self, path: str, at: int, pause_ms: int | None) -> object:
        """What is done by one click, or by two with a pause between them, on the button of that number on a page."""
        self.leave()
        self.restore()
        self.page.goto(self.url + path)
        self.page.evaluate(_BUTTONS)
        self.page.evaluate(_MADE_READY, at)
        button = self.page.locator(f'[data-at="{at}"]')
        button.click(trial=True, timeout=10_000)
        box = button.bounding_box()
        assert box is not None
        spot = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.click(*spot)
        if pause_ms is not None:
            self.page.wait_for_timeout(pause_ms)
            self.page.mouse.click(*spot)
        self.settle()
        return self.done()


def _paths(app: Flask, meeting_id: str, state: str) -> list[str]:
    """Every page of the console, for one meeting; those of schemes and of new meetings only beside a draft."""
    return [
        url_of(app, rule, meeting_id, "x")
        for rule in app.url_map.iter_rules()
        if audience_of(app, rule.endpoint) is Audience.ORGANIZER
        and "GET" in (rule.methods or ())
        and not _LEFT_ALONE.match(url_of(app, rule, meeting_id, "x"))
        and (state == "draft" or not _WITHOUT_A_MEETING.match(url_of(app, rule, meeting_id, "x")))
    ]


def _buttons(console: Console, paths: Sequence[str]) -> list[tuple[str, int, str]]:
    """Where every button of the console stands, each kind of act once."""
    found: dict[str, tuple[str, int, str]] = {}
    for path in paths:
        with suppress(Error):  # what is handed out as a file is no page
            reply = console.page.goto(console.url + path)
            if reply is None or not reply.ok or "html" not in reply.headers.get("content-type", ""):
                continue
            for at, target, label in console.page.evaluate(_BUTTONS):
                act = re.sub(r"\d+", "0", f"{path} {target.removeprefix(console.url)} {label}")
                if (
                    not _LEFT_ALONE.match(target.removeprefix(console.url))
                    and console.page.locator(f'[data-at="{at}"]').is_enabled()
                ):
                    found.setdefault(act, (path, at, act))
    return list(found.values())


@pytest.mark.parametrize("state", _STATES if ALL else ["draft"])
def test_real_double_clicks_on_the_buttons_of_the_console_do_no_more_than_one_click(
    hall_of: Callable[..., Hall], console_of: Callable[..., Page], config: Config, state: str
) -> None:
    hall = hall_of(begins=False)
    meeting_id = _STATES[state](hall.server.app).meeting_id
    page = console_of(hall, 1280, 800)
    page.set_default_timeout(60_000 if ALL else 15_000)
    console = Console(page, hall.server.app, hall.server.url, config.data / "kaohe.sqlite3")
    page.on("request", console.asked)
    page.on("requestfinished", console.answered)
    page.on("requestfailed", console.answered)
    # A page whose form was refused asks before it is left.
    page.on("dialog", lambda dialog: dialog.accept())
    console.keep()
    paths = _paths(console.app, meeting_id, state) if ALL else [f"/desk/{meeting_id}/subjects"]
    buttons = _buttons(console, paths)
    did_more, not_pressed = [], []
    for number, (path, at, act) in enumerate(buttons if ALL else buttons[2:5], 1):
        _log.info("%s %s of %s: %s", state, number, len(buttons), act)
        try:
            once = console.pressed(path, at, None)
            for pause in PAUSES_MS[: 3 if ALL else 1]:
                if console.pressed(path, at, pause) != once:
                    _log.warning("did more: %s", act)
                    did_more.append((act, pause))
        except Error as error:
            _log.warning("not pressed: %s: %s", act, error)
            not_pressed.append(act)
    assert (did_more, not_pressed) == ([], [])
