"""What tests of a held meeting do again and again, each within an application context of its own."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask
from page_client import Page, PageClient
from scene import CHAIR, Scene, cast, hold_meeting, prepare_meeting

from kaohe.operations.chair import publishing, voting
from kaohe.operations.count.opening import count_meeting

GRADES = ("excellent", "competent", "basically_competent", "incompetent")


def prepared(app: Flask, **settings: object) -> Scene:
    with app.app_context():
        return prepare_meeting(**settings)


def opened(app: Flask, ballots: Sequence[Sequence[str]] = (), **settings: object) -> Scene:
    """An open meeting with these ballots in its box, one per ticket."""
    with app.app_context():
        scene = hold_meeting(**settings)
        for code, marks in zip(scene.all_codes, ballots, strict=False):
            cast(scene.meeting_id, code, *marks)
        return scene


def closed(app: Flask, ballots: Sequence[Sequence[str]] = (), **settings: object) -> Scene:
    scene = opened(app, ballots, **settings)
    with app.app_context():
        voting.close_meeting(CHAIR, scene.meeting_id)
    return scene


def counted(app: Flask, ballots: Sequence[Sequence[str]] = (), **settings: object) -> Scene:
    scene = closed(app, ballots, **settings)
    with app.app_context():
        count_meeting(CHAIR, scene.meeting_id, scene.key_text)
    return scene


def published(app: Flask, ballots: Sequence[Sequence[str]] = (), **settings: object) -> Scene:
    scene = counted(app, ballots, **settings)
    with app.app_context():
        publishing.publish_result(CHAIR, scene.meeting_id)
    return scene


def press(client: PageClient, page: Page, url: str, *, status: int = 200, **fields: str) -> Page:
    """Post as a button of the page does: with the page's token."""
    token = page.soup.select_one("input[name=csrf_token]")
    assert token is not None
    return client.post(url, {"csrf_token": str(token["value"]), **fields}, status=status)


def numbers(page: Page, within: str) -> dict[str, str]:
    """The named numbers in one part of a page, the first of each name."""
    found: dict[str, str] = {}
    for tag in page.soup.select(f"{within} [data-number]"):
        shown = tag.select_one("dd") or tag
        found.setdefault(str(tag["data-number"]), shown.get_text(strip=True))
    return found
