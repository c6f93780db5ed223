"""The guides that the program serves itself: every link and picture leads somewhere, and pages lead to them."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from page_client import PageClient
from processes import ROOT

from kaohe.web.guides import _FILES

JOURNEY = (ROOT / "tests" / "journeys" / "test_whole_meeting.py").read_text(encoding="utf-8")


def page_of(pages: PageClient, path: str) -> BeautifulSoup:
    reply = pages.http.get(path)
    assert reply.status_code == 200, path
    return BeautifulSoup(reply.get_data(as_text=True), "html.parser")


def test_a_stranger_reads_every_guide_and_each_link_and_picture_leads_somewhere(pages: PageClient) -> None:
    listed = page_of(pages, "/guides/")
    names = [str(link["href"]) for link in listed.select(".guides a")]
    assert names == [f"/guides/{name}" for name in _FILES]
    shown = {path: page_of(pages, path) for path in names}
    for path, page in shown.items():
        article = page.select_one(".guide")
        assert article is not None
        assert article.select_one("h1")
        assert page.select_one('.guides-nav [aria-current="page"]')["href"] == path
        for link in article.select("a"):
            target, _, section = str(link["href"]).partition("#")
            aim = shown[target] if target else page
            assert not section or aim.find(id=unquote(section)), link
        for picture in article.select("img"):
            assert picture["alt"]
            assert pages.http.get(str(picture["src"])).mimetype == "image/png", picture
        assert not re.search(r"<script|\]\(|\*\*[^*]+\*\*", str(article)), path
    assert len([picture for page in shown.values() for picture in page.select("img")]) >= 12


def test_what_is_no_guide_and_no_picture_is_not_served(pages: PageClient) -> None:
    for path in ("/guides/nothing", "/guides/pictures/nothing.png", "/guides/pictures/..%2f..%2fsecurity.md"):
        assert pages.http.get(path).status_code == 404, path


@pytest.mark.parametrize("path", sorted((ROOT / "docs/screenshots/guides").iterdir()), ids=lambda path: path.stem)
def test_every_picture_is_of_a_step_that_the_journey_walks_and_stands_in_a_guide(path: Path) -> None:
    assert f', "{path.stem}")' in JOURNEY
    guides = [(ROOT / "docs" / f"{file}.zh-CN.md").read_text(encoding="utf-8") for file, _ in _FILES.values()]
    assert any(f"(screenshots/guides/{path.name})" in guide for guide in guides)


def test_the_console_leads_to_the_guide_that_is_needed_and_the_phone_to_what_becomes_of_personal_data(
    signed_in: PageClient,
) -> None:
    templates = {
        "organizer/chair/chair.html": "chair",
        "organizer/chair/challenges.html": "tellers",
        "organizer/setup/tickets.html": "voters",
        "organizer/setup/hall.html": "deployment",
        "organizer/server/installation.html": "deployment",
        "voter/privacy.html": "privacy",
    }
    for template, name in templates.items():
        text = (ROOT / "templates" / template).read_text(encoding="utf-8")
        assert f"url_for('guides.guide', name='{name}'" in text, template
    assert page_of(signed_in, "/desk/server").select_one('a[href="/guides/deployment"]')
    assert page_of(signed_in, "/desk/").select_one('.bar a[href="/guides/"]')


def test_whoever_cannot_sign_in_yet_finds_the_guides_too(pages: PageClient) -> None:
    assert page_of(pages, "/desk/sign-in").select_one('a[href="/guides/"]')
