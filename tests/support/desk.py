"""What tests of the console do again and again: sign in as somebody, make a meeting, press a button."""

from __future__ import annotations

from collections.abc import Collection

import pyotp
from flask import Flask
from page_client import Page, PageClient

from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.permissions import Role
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.setup.preparing import create_meeting, load_meeting

PASSWORD = "correct horse 电池"


def make_account(app: Flask, name: str, password: str = PASSWORD, roles: Collection[Role] = (Role.ORGANIZER,)) -> None:
    with app.app_context():
        create_account(make_sign_in_link("测试", roles), name, password)


def sign_in_as(app: Flask, name: str, password: str = PASSWORD) -> PageClient:
    client = PageClient(app)
    client.submit(client.get("/desk/sign-in"), name=name, password=password)
    return client


def opened_link(client: PageClient, link: str, *, status: int = 200) -> Page:
    """The page to which a one-time link leads, as where no script runs: the link, or its secret, is pasted."""
    return client.submit(client.get("/desk/first"), link=link, status=status)


def turn_on_second_factor(client: PageClient) -> tuple[str, list[str]]:
    """Turn it on as a person does; the secret of the authenticator, and the recovery codes."""
    page = client.submit(client.get("/desk/account"), "/desk/account/second-factor")
    secret = "".join(page.soup.select_one("[data-secret]").text.split())
    page = client.submit(page, "/second-factor/confirm", code=pyotp.TOTP(secret).now())
    return secret, [each.text for each in page.soup.select("[data-codes] li")]


def new_meeting(app: Flask, preset: str = "si-deng") -> str:
    with app.app_context():
        return create_meeting("测试", title="年度测评会", unit="统计局", held_on=None, preset_id=preset)


def setup_of(app: Flask, meeting_id: str) -> MeetingSetup:
    with app.app_context():
        return load_meeting(meeting_id)[0]


def press(client: PageClient, page: Page, url: str, *, status: int = 200, **fields: object) -> Page:
    """Post to a step as from a form of the page: with its token and the version it was made from."""
    hidden = {name: page.soup.select_one(f"#main input[name={name}]")["value"] for name in ("csrf_token", "version")}
    return client.post(url, {**hidden, **fields}, status=status, content_type="multipart/form-data")
