"""Whole meetings in a real browser against a real server on a free port."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from form_scene import hold_form
from phones import NAMES, Hall
from playwright.sync_api import Browser, Page, expect, sync_playwright
from scene import CHAIR, hold_meeting, prepare_meeting
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.chromium import start_chromium
from bench.hall import free_port
from kaohe.config import Config, sqlite_url
from kaohe.domain.permissions import Role
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link

# A busy machine makes a journey slow, never wrong; a page that says the wrong thing is told by what it shows instead.
expect.set_options(timeout=20_000)

_PASSWORD = "一把好用的长密码"


@dataclass(frozen=True)
class Server:
    """A running kaohe and the application in it, for setting the scene."""

    app: Flask
    url: str


class _Silent(WSGIRequestHandler):
    """Writes no access log, as kaohe's own server does not."""

    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


@pytest.fixture
def config(tmp_path: Path, migrated_sqlite: Path) -> Config:
    """The settings of a fresh installation that answers on a free port of this machine."""
    shutil.copy(migrated_sqlite, tmp_path / "kaohe.sqlite3")
    base = Config(tmp_path, sqlite_url(tmp_path), port=free_port(), is_testing=True)
    return replace(base, public_url=f"http://127.0.0.1:{base.port}")


@pytest.fixture
def server(app: Flask, config: Config) -> Iterator[Server]:
    running = make_server("127.0.0.1", config.port, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield Server(app, config.public_url)
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; a module of its own may start another one after it."""
    with sync_playwright() as playwright:
        started = start_chromium(playwright)
        yield started
        started.close()


@pytest.fixture
def halls() -> Iterator[list[Hall]]:
    """The halls of a test; the phones in them are switched off after it."""
    found: list[Hall] = []
    yield found
    for hall in found:
        for context in hall.contexts:
            context.close()


@pytest.fixture
def hall_of(server: Server, browser: Browser, halls: list[Hall]) -> Callable[..., Hall]:
    def make(*, begins: bool = True, **settings: object) -> Hall:
        with server.app.app_context():
            scene = (hold_meeting if begins else prepare_meeting)(**{"names": NAMES, **settings})
        halls.append(Hall(server, browser, scene))
        return halls[-1]

    return make


@pytest.fixture
def form_of(server: Server, browser: Browser, halls: list[Hall]) -> Callable[..., Hall]:
    """A hall that votes by a preset, with the tickets of one voter group."""

    def make(preset: str, group: str = "", **changes: object) -> Hall:
        with server.app.app_context():
            halls.append(Hall(server, browser, hold_form(preset, group, **changes)))
        return halls[-1]

    return make


@pytest.fixture
def hall(hall_of: Callable[..., Hall]) -> Hall:
    return hall_of()


@pytest.fixture
def console_of() -> Callable[..., Page]:
    """A signed-in console beside a hall."""

    def make(hall: Hall, width: int, height: int, *roles: Role) -> Page:
        with hall.server.app.app_context():
            create_account(make_sign_in_link("测试", roles or [Role.ORGANIZER]), CHAIR, _PASSWORD)
        page = hall.phone(width, height)
        page.goto(f"{hall.server.url}/desk/sign-in")
        page.fill("[name=name]", CHAIR)
        page.fill("[name=password]", _PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="测评会", exact=True)).to_be_visible()
        return page

    return make
