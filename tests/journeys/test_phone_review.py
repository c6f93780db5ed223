"""A ballot is cast by somebody who has read it: the way from the form over the list of choices into the box."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from phones import Hall, check, confirm, grade, receipt
from playwright.sync_api import Page, expect

MAIN = "#actions button[type=submit]"
TWELVE = tuple(f"考核对象{number}" for number in range(1, 13))


def middle_of(page: Page, selector: str, across: float) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box
    return box["x"] + box["width"] * across, box["y"] + box["height"] / 2


@pytest.mark.parametrize("names", [TWELVE[:2], TWELVE], ids=["two", "twelve"])
def test_a_second_tap_of_the_same_finger_never_casts(hall_of: Callable[..., Hall], names: tuple[str, ...]) -> None:
    hall = hall_of(names=names)
    page = hall.phone(360, 740)
    page.goto(hall.slip())
    grade(page, subjects=len(names))
    mouse, touch = page.mouse.click, page.touchscreen.tap
    for act, apart, across in (
        (mouse, 60, 0.25),
        (mouse, 120, 0.75),
        (mouse, 250, 0.75),
        (touch, 120, 0.75),
        (touch, 400, 0.25),
    ):
        expect(page.locator(MAIN)).to_be_visible()
        where = middle_of(page, MAIN, across)
        act(*where)
        page.wait_for_timeout(apart)
        act(*where)
        expect(page.get_by_role("heading", name="请核对您的选择")).to_be_visible()
        expect(page.get_by_role("button", name="确认提交")).to_be_enabled()
        assert page.locator("#sending").count() == 0
        page.go_back()
    assert hall.cast_count() == 0


def test_the_button_that_casts_stands_behind_the_whole_list(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(names=TWELVE)
    page = hall.phone(360, 740)
    page.goto(hall.slip())
    grade(page, subjects=12)
    check(page)
    cast = page.get_by_role("button", name="确认提交")
    expect(cast).not_to_be_in_viewport()
    last, button = page.locator("#review li").last.bounding_box(), cast.bounding_box()
    assert last
    assert button
    assert button["y"] >= last["y"] + last["height"]
    confirm(page)
    receipt(page)
    assert hall.cast_count() == 1


def test_the_form_says_how_many_are_open_and_leads_to_them(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(names=TWELVE)
    page = hall.phone(360, 740)
    page.goto(hall.slip())
    button = page.locator(MAIN)
    expect(button).to_have_text("还有 12 个未评")
    filled = button.evaluate("each => getComputedStyle(each).backgroundColor")
    page.locator("#s1").get_by_text("称职", exact=True).click()
    expect(button).to_have_text("还有 11 个未评")
    button.click()
    expect(page.locator("#s2")).to_be_in_viewport()
    expect(page.get_by_role("alert")).to_have_text("还没有评完：考核对象2、考核对象3、考核对象4等 11 个。")
    expect(page.locator(".missing")).to_have_count(1)
    grade(page, subjects=12)
    expect(button).to_have_text("填好了，去核对")
    assert button.evaluate("each => getComputedStyle(each).backgroundColor") != filled


def test_the_list_has_sums_and_sets_the_worst_grade_and_abstentions_apart(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(names=TWELVE)
    page = hall.phone(360, 740)
    page.goto(hall.slip())
    grade(page, subjects=12)
    for number, label in ((1, "优秀"), (2, "优秀"), (3, "不称职"), (4, "弃权")):
        page.locator(f"#s{number}").get_by_text(label, exact=True).click()
    check(page)
    expect(page.locator(".sums")).to_have_text("优秀 2 · 称职 8 · 不称职 1 · 弃权 1")
    look = "each => [getComputedStyle(each).color, getComputedStyle(each, '::before').content].join()"
    looks = [page.locator("#review .chosen span").nth(at).evaluate(look) for at in (0, 2, 3, 4)]
    assert looks[0] == looks[3]
    assert len(set(looks)) == 3
    expect(page.locator("#review .change")).to_have_count(12)


def test_several_dimensions_stand_in_a_table_of_each_person(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(preset="de-neng-qin-ji-lian")
    page = hall.phone(320, 640)
    page.goto(hall.slip())
    page.evaluate("document.querySelectorAll('label:nth-child(2) input').forEach(each => each.click())")
    page.locator("#s2").get_by_text("优秀", exact=True).nth(2).click()
    check(page)
    table = page.get_by_role("table").nth(1)
    expect(table.get_by_role("columnheader")).to_have_text(["德", "能", "勤", "绩", "廉"])
    expect(table.get_by_role("cell")).to_have_text(["称职", "称职", "优秀", "称职", "称职"])
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_tree_of_indicators_keeps_its_branches_in_the_list(form_of: Callable[..., Hall]) -> None:
    hall = form_of("beian-pingshi")
    page = hall.phone(320, 640)
    page.goto(hall.slip())
    page.evaluate("document.querySelectorAll('.number > input + .step').forEach(each => each.click())")
    check(page)
    first = page.locator("#review li").first
    expect(first.get_by_role("cell")).to_have_count(17)
    expect(first.locator(".branch-row")).to_have_text(page.locator("#s1 .branch").all_text_contents())
    assert page.evaluate("document.documentElement.scrollWidth") == 320
