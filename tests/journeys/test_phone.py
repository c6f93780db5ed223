"""A voter fills in and casts a ballot on small screens, by thumb and by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from accessibility import problems
from phones import NAMES, Hall, check, confirm, grade, kept_on, receipt
from playwright.sync_api import expect

from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.challenging import declare_challenges


@pytest.mark.parametrize("width", [320, 390, 430])
def test_a_voter_scans_fills_reviews_and_casts_without_sideways_scrolling(hall: Hall, width: int) -> None:
    page = hall.phone(width)
    page.goto(hall.slip())
    expect(page.get_by_text("票码已读取")).to_be_visible()
    assert page.url == hall.slip()
    grade(page)
    expect(page.get_by_text("已评 4/4")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    check(page)
    expect(page.locator("#review li")).to_have_text([f"{name}称职修改" for name in NAMES])
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert hall.cast_count() == 0
    confirm(page)

    assert len(receipt(page)) == 14
    assert page.url == hall.url
    assert hall.cast_count() == 1


def test_every_button_is_large_enough_for_a_thumb(hall: Hall) -> None:
    page = hall.phone(320)
    page.goto(hall.slip())
    for locator in page.locator("label:has(input[type=radio]), button:visible, summary").all():
        box = locator.bounding_box()
        assert box
        assert box["height"] >= 48
        assert box["width"] >= 48


@pytest.mark.parametrize("challenges", [0, 2])
def test_the_tellers_fold_is_on_the_receipt_only_where_challenges_were_announced(
    hall_of: Callable[..., Hall], challenges: int
) -> None:
    hall = hall_of(begins=False)
    hall.chair(declare_challenges, challenges)
    hall.chair(open_meeting)
    page = hall.phone(320)
    page.goto(hall.slip())
    grade(page)
    check(page)
    confirm(page)
    receipt(page)
    folds = page.get_by_text("监票人抽查用")
    expect(folds).to_have_count(1 if challenges else 0)
    if challenges:
        box = folds.bounding_box()
        assert box
        assert box["height"] >= 48


def test_after_casting_no_choice_is_left_on_the_phone(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page)
    check(page)
    confirm(page)
    receipt(page)

    assert kept_on(page) == []
    assert "称职" not in page.content()
    assert hall.scene.all_codes[0] not in page.content()
    page.go_back()
    expect(page.get_by_role("heading", name="本页已收到一张票")).to_be_visible()
    page.get_by_role("button", name="用另一张票填写").click()
    expect(page.get_by_text("已评 0/4")).to_be_visible()
    assert page.locator("input:checked").count() == 0
    assert page.locator("#ticket").input_value() == ""


def test_a_tap_on_a_line_of_the_review_changes_that_choice(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page)
    check(page)
    page.locator("#review").get_by_text("李娜").click()
    page.locator("#s2").get_by_text("弃权").click()
    check(page)
    expect(page.locator("#review li").nth(1)).to_have_text("李娜弃权修改")


def test_the_phones_back_button_leads_from_the_review_to_the_form(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page)
    check(page)
    page.go_back()
    expect(page.get_by_text("已评 4/4")).to_be_visible()
    expect(page.locator("#review")).to_have_count(0)


def test_the_draft_survives_a_reload(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(comments_wanted=True)
    page = hall.phone()
    page.goto(hall.slip())
    grade(page, subjects=3)
    page.locator("#s1 summary").click()
    page.locator("#s1 textarea").fill("工作认真")
    page.wait_for_timeout(500)
    page.reload()
    expect(page.get_by_text("已评 3/4")).to_be_visible()
    expect(page.get_by_text("票码已读取")).to_be_visible()
    assert page.locator("#s1 textarea").input_value() == "工作认真"


def test_what_is_missing_comes_into_view_and_is_marked(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(names=tuple(f"考核对象{n}" for n in range(12)))
    page = hall.phone(320, 560)
    page.goto(hall.slip())
    for number in (1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12):
        page.locator(f"#s{number}").get_by_text("优秀", exact=True).click()
    check(page)
    expect(page.locator("#s5")).to_be_in_viewport()
    expect(page.get_by_role("alert")).to_contain_text("考核对象4")
    expect(page.locator(".missing")).to_have_count(1)
    page.locator("#s5").get_by_text("弃权").click()
    expect(page.locator(".missing")).to_have_count(0)


def test_too_many_top_grades_are_told_at_once(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(top_grade_limit=2)
    page = hall.phone()
    page.goto(hall.slip())
    grade(page, "优秀", subjects=2)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.locator("#s3").get_by_text("优秀", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("最多选 2 个，现在选了 3 个")
    page.locator("#s3").get_by_text("称职", exact=True).click()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_choices_can_be_covered(hall: Hall) -> None:
    page = hall.phone()
    page.goto(hall.slip())
    grade(page)
    chosen, other = page.locator("#s1 label span").nth(1), page.locator("#s1 label span").nth(0)
    page.get_by_role("button", name="遮挡").click()
    look = "each => getComputedStyle(each).backgroundColor + getComputedStyle(each).color"
    assert chosen.evaluate(look) == other.evaluate(look)
    page.get_by_role("button", name="显示").click()
    assert chosen.evaluate(look) != other.evaluate(look)


def test_a_keyboard_alone_is_enough(hall: Hall) -> None:
    page = hall.phone(1024)
    page.goto(hall.slip())
    page.locator("[name='i.s1.overall']").first.focus()
    for number in range(1, 5):
        assert page.evaluate("document.activeElement.name") == f"i.s{number}.overall"
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#review li").first).to_have_text("张伟称职修改")
    expect(page.get_by_role("button", name="确认提交")).to_be_enabled()
    page.get_by_role("button", name="确认提交").focus()
    page.keyboard.press("Enter")
    receipt(page)


def test_three_hundred_subjects_on_five_dimensions_can_be_cast(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(preset="de-neng-qin-ji-lian", names=tuple(f"考核对象{n}" for n in range(300)))
    page = hall.phone(320)
    page.goto(hall.slip())
    page.locator("#s300").get_by_text("优秀", exact=True).first.click()
    page.evaluate("document.querySelectorAll('label:nth-child(3) input').forEach(each => each.click())")
    expect(page.get_by_text("已评 300/300")).to_be_visible()
    check(page)
    confirm(page)
    receipt(page)


@pytest.mark.parametrize("preset", ["si-deng", "de-neng-qin-ji-lian"])
def test_axe_finds_nothing_wrong_on_any_page_of_the_phone(hall_of: Callable[..., Hall], preset: str) -> None:
    hall = hall_of(preset=preset, comments_wanted=True, top_grade_limit=3, shared_group=None)
    page = hall.phone(320)
    page.goto(hall.slip())
    found = {"ballot": problems(page)}
    check(page)
    found["missing"] = problems(page)
    page.evaluate("document.querySelectorAll('label:nth-child(2) input').forEach(each => each.click())")
    check(page)
    expect(page.locator("#review")).to_be_visible()
    found["review"] = problems(page)
    confirm(page)
    receipt(page)
    found["receipt"] = problems(page)
    hall.chair(close_meeting)
    page.goto(hall.url)
    found["closed"] = problems(page)
    page.goto(f"{hall.url}9")
    found["refusal"] = problems(page)
    waiting = hall_of(begins=False, shared_group="all")
    page.goto(waiting.url)
    found["waiting"] = problems(page)
    page.goto(f"{waiting.url}/ticket")
    found["draw"] = problems(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
