"""A meeting on the running server and the phones in it, for the browser journeys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect
from scene import CHAIR, Scene

from kaohe.domain.ballots import fields_of
from kaohe.operations.count.opening import open_envelopes
from kaohe.operations.hall.boards import load_board
from kaohe.operations.setup.ballot_styles import style_of_group
from kaohe.operations.setup.issuing import printed_ticket
from kaohe.operations.setup.preparing import load_meeting
from kaohe.storage.box_contents import envelopes
from kaohe.storage.database import reading
from kaohe.storage.meetings import meeting_key
from kaohe.storage.rounds import round_setup, voting_round

NAMES = ("张伟", "李娜", "欧阳子涵", "阿卜杜热西提·买买提明")


class RunningServer(Protocol):
    """What the fixture ``server`` gives."""

    app: Flask
    url: str


@dataclass
class Hall:
    """An open meeting on the running server, and the phones in it."""

    server: RunningServer
    browser: Browser
    scene: Scene
    contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.server.url}/v/{self.scene.meeting_id}/{self.scene.style_key}"

    def slip(self, number: int = 0) -> str:
        """What the QR code on a slip holds."""
        with self.server.app.app_context(), reading() as session:
            signer = meeting_key(session, self.scene.meeting_id)
            code = self.scene.all_codes[number]
            return printed_ticket(signer, self.scene.meeting_id, self.scene.style_key, "", code).url

    def phone(self, width: int = 390, height: int = 760, **options: object) -> Page:
        context = self.browser.new_context(viewport={"width": width, "height": height}, has_touch=True, **options)
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        return context.new_page()

    def chair(self, act: Callable[..., object], *args: object) -> None:
        with self.server.app.app_context():
            act(CHAIR, self.scene.meeting_id, *args)

    def cast_count(self) -> int:
        with self.server.app.app_context():
            return load_board(self.scene.meeting_id).cast

    def opened(self) -> dict[str, str]:
        """The fields of the one ballot in the box, as the count would open it."""
        with self.server.app.app_context(), reading() as session:
            row = voting_round(session, self.scene.meeting_id)
            setup, sealed = round_setup(session, row), list(envelopes(session, row.id))
            (ballot,) = open_envelopes(row, setup, None, sealed)
            return dict(fields_of(style_of_group(row, setup, sealed[0].group_key), ballot))

    def pool_code(self) -> str:
        with self.server.app.app_context():
            return load_meeting(self.scene.meeting_id)[1].pool_code or ""


def grade(page: Page, label: str = "称职", subjects: int = len(NAMES)) -> None:
    for number in range(1, subjects + 1):
        page.locator(f"#s{number}").get_by_text(label, exact=True).click()


def check(page: Page) -> None:
    """Press the form's own button, whatever it says: that something is missing, or that all is there."""
    page.locator("#actions button[type=submit]").click()


def confirm(page: Page) -> None:
    page.get_by_role("button", name="确认提交").click()


def until(page: Page, condition: str) -> None:
    """Wait until an expression is true on the page, for as long as a test may take.

    Playwright's own ``wait_for_function`` evaluates it within the page from the second look on, which the page's policy
    forbids.
    """
    while not page.evaluate(condition):
        page.wait_for_timeout(50)


def is_ballot(request: Request) -> bool:
    """Whether a phone sends its ballot, and not what a slip is asked for or a ticket drawn by."""
    return request.method == "POST" and not request.url.endswith(("/slip", "/ticket"))


def lose_the_first_reply(page: Page) -> list[str]:
    """The first ballot reaches the server and its answer is lost; return what was sent, and will be."""
    sent: list[str] = []

    def carry(route: Route) -> None:
        if not is_ballot(route.request):
            route.continue_()
            return
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/v/**", carry)
    return sent


def receipt(page: Page) -> str:
    expect(page.get_by_role("heading", name="已收到")).to_be_visible()
    return page.locator("[data-receipt]").get_attribute("data-receipt") or ""


def kept_on(page: Page) -> list[str]:
    """The names of what this phone keeps, without the receipts that it has been given and the meeting's fingerprint."""
    names = page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))")
    return [name for name in names if not name.startswith(("kaohe.cast.", "kaohe.last.", "kaohe.signer."))]
