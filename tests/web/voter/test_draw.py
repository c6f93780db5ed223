"""The shared code (一会一码) seen from the phone."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from page_client import Page
from phone import NONCE, Hall

from kaohe.domain.meetings import Group
from kaohe.operations.chair.voting import close_meeting
from kaohe.operations.setup.preparing import load_meeting
from kaohe.web.voter.routes import SCRIPT_HEADER

TWO = (Group("all", "全体", Fraction(1), 2),)
BY_SCRIPT = {SCRIPT_HEADER: "1"}


@pytest.fixture
def shared(hall_of: Callable[..., Hall]) -> Hall:
    """An open meeting whose two tickets are drawn by the shared code."""
    return hall_of(shared_group="all", groups=TWO)


def pool_code(hall: Hall) -> str:
    with hall.app.app_context():
        return load_meeting(hall.scene.meeting_id)[1].pool_code or ""


def draw(hall: Hall, nonce: str = NONCE, code: str | None = None, **options: object) -> Page:
    body = {"pool": pool_code(hall) if code is None else code, "draw": nonce}
    return hall.pages.post(f"{hall.url}/ticket", body, **options)


def ticket_of(page: Page) -> str:
    return str(page.soup.select_one("[data-ticket]")["data-ticket"])


def test_the_ballot_page_leads_to_the_draw_only_where_tickets_are_handed_out(shared: Hall, hall: Hall) -> None:
    link = f'a[href="{shared.url}/ticket"]'
    assert shared.ballot().soup.select_one(link)
    assert not hall.ballot().soup.select(f'a[href="{hall.url}/ticket"]')
    assert hall.pages.get(f"{hall.url}/ticket", status=403).error == "pool_closed"


def test_the_draw_page_says_what_it_cannot_prevent(shared: Hall) -> None:
    text = shared.pages.get(f"{shared.url}/ticket").text
    assert "不核对身份" in text
    assert "再领一张" in text


def test_the_same_phone_draws_the_same_ticket(shared: Hall) -> None:
    first = draw(shared, headers=BY_SCRIPT)
    assert ticket_of(first) == ticket_of(draw(shared, headers=BY_SCRIPT))
    assert not first.soup.select("form")
    assert ticket_of(draw(shared, "another-phone-000", headers=BY_SCRIPT)) != ticket_of(first)


def test_a_client_without_scripts_gets_the_ballot_with_its_ticket_typed_in(shared: Hall) -> None:
    page = shared.pages.submit(shared.pages.get(f"{shared.url}/ticket"), pool=pool_code(shared).lower())

    assert page.form()["action"] == shared.url
    assert page.fields()["ticket"].replace("-", "") == ticket_of(page)
    shared.post({**page.fields(), "nonce": NONCE, **marks(page)})
    assert shared.cast_count() == 1


def marks(page: Page) -> dict[str, str]:
    return {str(radio["name"]): "competent" for radio in page.soup.select("input[type=radio]")}


def test_a_ticket_drawn_before_voting_is_found_again_by_one_button(draft_of: Callable[..., Hall]) -> None:
    hall = draft_of(shared_group="all", groups=TWO)
    page = draw(hall)

    assert page.soup.h1.get_text() == "投票尚未开始"
    assert not page.soup.select("meta[http-equiv=refresh]")
    assert ticket_of(hall.pages.submit(page)) == ticket_of(page)


def test_no_more_tickets_are_drawn_than_people_are_present(shared: Hall) -> None:
    draw(shared, "phone-number-one-")
    draw(shared, "phone-number-two-")
    assert draw(shared, "phone-number-three", status=409).error == "pool_empty"


@pytest.mark.parametrize("code", ["", "ABCD", "11111111", "ABCDEFGH2"])
def test_a_wrong_shared_code_is_told_plainly_and_can_be_typed_again(shared: Hall, code: str) -> None:
    page = draw(shared, code=code, status=403)

    assert page.error == "pool_closed"
    assert page.form()["action"] == f"{shared.url}/ticket"
    assert page.fields()["pool"] == code


def test_a_closed_meeting_hands_out_nothing(shared: Hall) -> None:
    shared.chair(close_meeting)
    assert draw(shared, status=403).error == "pool_closed"


def test_a_draw_without_its_number_is_refused(shared: Hall) -> None:
    assert draw(shared, "short", status=422).error == "nonce_invalid"
