"""Lists of which a page shows a part, in a browser: what is typed beside a search, and who was found by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from phones import Hall
from playwright.sync_api import Dialog, Page, expect
from scene import CHAIR, version_of
from sqlalchemy import text

from kaohe.domain.limits import REASON_LENGTH
from kaohe.domain.permissions import Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.people.units import add_unit
from kaohe.operations.setup.deciding import decide
from kaohe.operations.setup.preparing import create_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.storage.tables import db
from kaohe.tally.model import Decision
from kaohe.web.organizer.shell.lists import LINES_OF_A_PAGE

PEOPLE = LINES_OF_A_PAGE + 30


@pytest.fixture
def year(hall_of: Callable[..., Hall]) -> tuple[Hall, str]:
    """A year of many people."""
    hall = hall_of(begins=False)
    with hall.server.app.app_context():
        asked = {"title": "2026年度考核", "unit": "青山区", "held_on": None, "preset_id": "zhen-pingshi-niandu"}
        meeting_id = create_meeting(CHAIR, **asked)
        entries = [SubjectEntry(f"赵{number:03}", f"{number % 9}局", "科员") for number in range(PEOPLE)]
        change_subjects(CHAIR, meeting_id, version_of(meeting_id), entries)
    return hall, f"{hall.server.url}/desk/{meeting_id}"


@pytest.mark.parametrize(
    ("path", "begins", "typed", "sought"),
    [
        ("subjects?page=2", "修改赵120", "#edited-post", "修改赵121"),
        ("material?page=2", "赵120的材料", "#material-text", "#material-list-sought"),
    ],
)
def test_a_search_and_a_press_ask_before_they_take_away_what_is_being_typed(
    year: tuple[Hall, str], console_of: Callable[..., Page], path: str, begins: str, typed: str, sought: str
) -> None:
    hall, url = year
    page = console_of(hall, 1280, 800)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if len(asked) == 1:
            dialog.dismiss()
        else:
            dialog.accept()

    def seek(words: str) -> None:
        with page.expect_event("dialog"):
            if sought.startswith("#"):
                page.locator(sought).fill(words)
            else:
                page.get_by_role("link", name=sought).click()

    page.on("dialog", answer)
    page.goto(f"{url}/{path}")
    page.get_by_role("link", name=begins).click()
    page.locator(typed).fill("一段很长的话")
    seek("赵12")
    expect(page.locator(typed)).to_have_value("一段很长的话")
    seek("赵121")
    expect(page.locator(typed)).not_to_have_value("一段很长的话")
    page.goto(f"{url}/hall")
    assert asked == ["confirm", "confirm"]


def test_what_was_typed_about_somebody_who_was_looked_for_comes_back_about_nobody_else(
    year: tuple[Hall, str], console_of: Callable[..., Page]
) -> None:
    hall, url = year
    page = console_of(hall, 1280, 800)
    page.goto(f"{url}/inputs")
    chosen = page.locator("#decision-subject option:checked")
    page.locator("#decision-subject-sought").fill("赵120")
    expect(chosen).to_have_text("赵120")
    page.locator("#decision-reason").fill("受处分")
    # As after a search in another list of the page, whose address says nothing of this one.
    page.evaluate("history.replaceState(null, '', location.pathname)")
    _sign_in_again(hall, page, "增加一条认定")
    expect(page.locator("#decision-reason")).to_have_value("受处分")
    expect(chosen).to_have_text("赵120")
    page.get_by_role("button", name="增加一条认定").click()
    expect(page.locator(".decision .subject-name")).to_contain_text("赵120")
    page.goto(f"{url}/material?sought=赵11")
    page.get_by_role("link", name="赵112的材料").click()
    page.locator("#material-text").fill("述职报告")
    _sign_in_again(hall, page, "保存材料")
    expect(page.get_by_label("赵112的材料", exact=True)).to_have_value("述职报告")


def _sign_in_again(hall: Hall, page: Page, button: str) -> None:
    """Press where the sign-in has ended, and sign in."""
    with hall.server.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM sign_ins"))
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("link", name="去登录").click()
    page.get_by_label("姓名").fill(CHAIR)
    page.get_by_label("密码").fill("一把好用的长密码")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("刚才填写的内容还在下面")).to_be_visible()


def test_what_is_sought_among_units_is_sought_still_after_a_reload(hall: Hall, console_of: Callable[..., Page]) -> None:
    with hall.server.app.app_context():
        for number in range(LINES_OF_A_PAGE):
            add_unit(CHAIR, f"{number:03}局", "top")
    page = console_of(hall, 390, 844, Role.ADMINISTRATOR)
    page.goto(f"{hall.server.url}/desk/units")
    page.locator("#unit-list-sought").fill("07局")
    expect(page.locator("#unit-list .account-name")).to_have_text(["007局"])
    page.reload()
    expect(page.locator("#unit-list .account-name")).to_have_text(["007局"])


def test_a_question_on_a_later_page_stands_open_again_where_it_was_refused_or_the_sign_in_had_ended(
    year: tuple[Hall, str], console_of: Callable[..., Page]
) -> None:
    hall, url = year
    with hall.server.app.app_context():
        for number in range(LINES_OF_A_PAGE + 2):
            decide(CHAIR, url.rpartition("/")[2], Decision(f"s{number + 1}", "probation", "试用期"))
    page = console_of(hall, 390, 844)
    page.goto(f"{url}/inputs?list=decided&page=2")
    asked, too_long = page.locator(".confirm-box:popover-open"), "误" * (REASON_LENGTH + 1)
    page.get_by_role("button", name="撤销对赵101的认定").click()
    asked.get_by_role("textbox").fill(too_long)
    asked.get_by_role("textbox").press("Enter")
    expect(asked.get_by_role("alert")).to_contain_text(f"请不超过 {REASON_LENGTH} 个字")
    expect(asked.get_by_role("textbox")).to_have_value(too_long)
    asked.get_by_role("textbox").fill("误登")
    _sign_in_again(hall, page, "确认撤销")
    expect(asked.get_by_role("status")).to_be_visible()
    expect(asked.get_by_role("textbox")).to_have_value("误登")
    asked.get_by_role("textbox").press("Enter")
    expect(page.get_by_text("已撤销这条认定")).to_be_visible()
    expect(page.locator("#decided .subject-name").first).to_contain_text("赵100")
    expect(page.get_by_role("button", name="撤销对赵101的认定")).to_have_count(0)
