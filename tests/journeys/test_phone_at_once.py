"""Many marks at one tap, each with its undo: 弃权 on a whole person, and one grade for all who are left."""

from __future__ import annotations

from collections.abc import Callable

from phones import NAMES, Hall, check, confirm, receipt
from playwright.sync_api import Page, expect

FIVE = "de-neng-qin-ji-lian"
MARKS = "() => [...document.querySelectorAll('#s1 input:checked')].map(each => each.value)"


def several(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_voter_abstains_on_a_whole_person_at_once_and_takes_it_back(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(preset=FIVE)
    page = hall.phone(360, 740)
    page.goto(hall.slip())
    first = page.locator("#s1 fieldset").first
    first.get_by_text("优秀", exact=True).click()
    before = page.evaluate(MARKS)
    several(page, "张伟 全部弃权")
    assert page.evaluate(MARKS) == ["abstain"] * 5
    expect(page.get_by_text("已评 1/4")).to_be_visible()
    page.reload()
    several(page, "张伟 撤销弃权")
    # After a reload nobody knows any more what stood there before.
    assert page.evaluate(MARKS) == []
    first.get_by_text("优秀", exact=True).click()
    several(page, "张伟 全部弃权")
    several(page, "张伟 撤销弃权")
    assert page.evaluate(MARKS) == before
    for name in NAMES:
        several(page, f"{name} 全部弃权")
    check(page)
    expect(page.get_by_text("弃权 20")).to_be_visible()
    confirm(page)
    receipt(page)
    assert set(hall.opened().values()) == {"abstain"}


def test_whoever_has_abstained_on_numbers_gets_them_back(form_of: Callable[..., Hall]) -> None:
    hall = form_of("beian-pingshi", abstention_allowed=True)
    page = hall.phone(360, 740)
    page.goto(hall.slip())
    subject = page.locator("#s1")
    subject.locator(".number > input").first.fill("3")
    button = subject.locator(".at-once")
    button.click()
    expect(subject.locator(".number > input").first).to_have_value("")
    assert subject.locator(".abstain input:checked").count() == subject.locator(".item").count()
    button.click()
    expect(subject.locator(".number > input").first).to_have_value("3")
    assert subject.locator(".abstain input:checked").count() == 0


def test_the_rest_get_one_grade_at_once_where_the_scheme_allows_it_and_it_is_taken_back(
    hall_of: Callable[..., Hall],
) -> None:
    hall = hall_of(preset=FIVE, may_fill_rest=True, top_grade_limit=2)
    page = hall.phone(360, 740)
    page.goto(hall.slip())
    page.locator("#s2 fieldset").first.get_by_text("不称职", exact=True).click()
    page.get_by_role("button", name="其余都选…").click()
    # The best one is limited, and given one by one.
    assert page.locator(".rest button:visible").all_text_contents() == ["其余都选…", "称职", "基本称职", "不称职"]
    page.locator(".rest").get_by_role("button", name="称职", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="都选了")).to_have_text("其余 4 个都选了“称职”。")
    expect(page.get_by_role("button", name="撤销", exact=True)).to_be_focused()
    expect(page.get_by_text("已评 4/4")).to_be_visible()
    page.locator("#s1 fieldset").first.get_by_text("优秀", exact=True).click()
    page.get_by_role("button", name="撤销", exact=True).click()
    # What was given by hand, before or since, stays.
    assert page.locator(".subject input:checked").count() == 2
    expect(page.locator("#s1 fieldset").first.get_by_label("优秀")).to_be_checked()
    page.get_by_role("button", name="其余都选…").click()
    page.locator(".rest").get_by_role("button", name="称职", exact=True).click()
    check(page)
    expect(page.get_by_text("优秀 1 · 称职 18 · 不称职 1")).to_be_visible()
