"""The one who is graded stays in view, whatever the size of the letters, and many are graded without much wiping."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from phones import Hall, check, confirm, grade, receipt, until
from playwright.sync_api import Page, expect

FIVE = "de-neng-qin-ji-lian"
TWELVE = tuple(f"考核对象{number}" for number in range(1, 13))
THIRTY = tuple(f"考核对象{number}" for number in range(1, 31))
SIZES = ("", "large", "huge")
LONG_POST = "综合科（督查室） · 一级主任科员、主持工作"
MAIN = "#actions button[type=submit]"
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


def type_size(page: Page, size: str) -> None:
    for label in ("大字", "更大")[: SIZES.index(size)]:
        page.get_by_role("button", name=label).click()


def grade_every_cell_by_taps(page: Page, label: str = "称职") -> tuple[int, int]:
    """Tap through the whole form as a thumb does; how many taps and how many swipes that took."""
    taps = swipes = 0
    page.locator("#actions").wait_for()
    cells = page.locator("fieldset.item").all()
    for cell in cells:
        choice = cell.get_by_text(label, exact=True)
        box = choice.bounding_box()
        assert box
        bottom = page.locator("#actions").bounding_box()
        assert bottom
        if box["y"] + box["height"] > bottom["y"]:
            swipes += 1
            bar = page.locator(".progress").bounding_box()
            assert bar
            page.mouse.wheel(0, box["y"] - bar["y"] - bar["height"] - 60)
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            box = choice.bounding_box()
            assert box
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        taps += 1
    page.locator(MAIN).tap()
    expect(page.locator("#review")).to_be_visible()
    confirm(page)
    receipt(page)
    return taps + 2, swipes


@pytest.mark.parametrize(
    ("preset", "names", "taps_at_most", "swipes_at_most"),
    [("si-deng", TWELVE, 14, 3), (FIVE, TWELVE, 63, 8), (FIVE, THIRTY, 152, 20)],
    ids=["12x1", "12x5", "30x5"],
)
def test_a_whole_ballot_takes_few_taps_and_swipes(
    hall_of: Callable[..., Hall], preset: str, names: tuple[str, ...], taps_at_most: int, swipes_at_most: int
) -> None:
    hall = hall_of(preset=preset, names=names)
    page = hall.phone(360, 740)
    page.goto(hall.slip())
    taps, swipes = grade_every_cell_by_taps(page)
    assert taps <= taps_at_most
    assert swipes <= swipes_at_most
    assert hall.cast_count() == 1


@pytest.mark.parametrize("size", SIZES)
def test_the_name_is_in_view_while_any_row_of_the_person_is_graded(hall_of: Callable[..., Hall], size: str) -> None:
    hall = hall_of(preset=FIVE, names=TWELVE)
    page = hall.phone(360, 640)
    page.goto(hall.slip())
    type_size(page, size)
    page.evaluate("post => { document.querySelector('#s3 .name small').textContent = post; }", LONG_POST)
    last = page.locator("#s3 fieldset").last
    for _ in range(2):
        top = last.bounding_box()
        bar = page.locator(".progress").bounding_box()
        name = page.locator("#s3 .name").bounding_box()
        assert top
        assert bar
        assert name
        page.mouse.wheel(0, top["y"] - bar["y"] - bar["height"] - name["height"] - 4)
        page.wait_for_timeout(300)
    name, bar = page.locator("#s3 .name").bounding_box(), page.locator(".progress").bounding_box()
    assert name
    assert bar
    assert abs(name["y"] - bar["height"]) <= 1
    expect(last).to_be_in_viewport()


def test_what_is_out_of_sight_is_not_painted_and_is_found_where_it_stands(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(preset=FIVE, names=tuple(f"考核对象{number}" for number in range(1, 101)))
    page = hall.phone(360, 640)
    page.goto(hall.slip())
    lengthen = """post => document.querySelectorAll('.name small').forEach((small, at) => {
        if (at % 3) { small.textContent = post; }
    })"""
    page.evaluate(lengthen, LONG_POST)
    page.wait_for_selector(".settled")
    assert page.locator("#s90").evaluate("each => getComputedStyle(each).contentVisibility") == "auto"
    all_but_one = "document.querySelectorAll('.subject:not(#s90) label:nth-child(3) input').forEach(one => one.click())"
    page.evaluate(all_but_one)
    check(page)
    expect(page.get_by_role("alert")).to_have_text("还没有评完：考核对象90。")
    landed = """() => Math.abs(document.querySelector('#s90').getBoundingClientRect().top
        - document.querySelector('.progress').getBoundingClientRect().bottom - 8) < 2"""
    until(page, landed)


def test_one_at_a_time_goes_on_by_itself_and_says_who_is_there(hall: Hall) -> None:
    page = hall.phone(360, 640)
    page.goto(hall.slip())
    page.get_by_role("button", name="逐个评").click()
    count = page.locator(".count")
    for number, name in enumerate(("张伟", "李娜"), 1):
        expect(count).to_contain_text(f"第 {number}/4 位 · {name}")
        page.get_by_role("button", name="下一个").click()
        expect(page.get_by_role("alert")).to_have_text(f"{name}还没有评完。")
        expect(count).to_contain_text(f"第 {number}/4 位")
        page.locator(f"#s{number}").get_by_text("称职", exact=True).click()
        expect(page.locator(".subject:visible")).to_have_count(1)
        expect(count).to_contain_text(f"第 {number + 1}/4 位")
        assert page.evaluate("document.activeElement.closest('.subject').id") == f"s{number + 1}"
    grade_the_rest(page, 3)
    check(page)
    confirm(page)
    receipt(page)


def grade_the_rest(page: Page, first: int) -> None:
    for number in range(first, 5):
        page.locator(f"#s{number}").get_by_text("称职", exact=True).click()


def test_how_many_top_grades_are_used_stands_in_the_bar(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(top_grade_limit=2)
    page = hall.phone(360, 640)
    page.goto(hall.slip())
    expect(page.locator(".count")).to_have_text("已评 0/4 · 优秀 0/2")
    grade(page, "优秀", subjects=2)
    expect(page.locator(".count")).to_have_text("已评 2/4 · 优秀 2/2")


def test_large_letters_are_kept_for_the_pages_that_come(hall: Hall) -> None:
    page = hall.phone(320, 640)
    page.goto(hall.slip())
    type_size(page, "huge")
    page.reload()
    assert page.evaluate("document.documentElement.className") == "huge"
    page.get_by_role("link", name="谁也不知道您投了什么").click()
    page.get_by_role("heading", name="这些防不住").wait_for()
    assert page.evaluate("document.documentElement.className") == "huge"


def test_on_its_side_a_phone_shows_a_grade_at_once(hall: Hall) -> None:
    page = hall.phone(844, 390)
    page.goto(hall.slip())
    expect(page.get_by_text("票码已读取")).to_be_visible()
    box = page.locator("#s1 .choices label").first.bounding_box()
    assert box
    assert box["y"] + 24 < 390


def test_forced_colours_show_what_is_chosen(hall: Hall) -> None:
    page = hall.phone(360, 640, forced_colors="active")
    page.goto(hall.slip())
    grade(page, subjects=1)
    look = "each => getComputedStyle(each).backgroundColor"
    looks = [span.evaluate(look) for span in page.locator("#s1 .choices span").all()]
    assert len(set(looks)) == 2
    page.get_by_role("button", name="遮挡").click()
    assert len({span.evaluate(look) for span in page.locator("#s1 .choices span").all()}) == 1


def test_covering_needs_no_filter_and_leaves_no_width_to_guess_from(hall: Hall) -> None:
    page = hall.phone(360, 640)
    page.goto(hall.slip())
    grade(page)
    check(page)
    page.locator("#review .veil").click()
    assert page.evaluate("[...document.querySelectorAll('*')].every(each => getComputedStyle(each).filter === 'none')")
    assert page.locator("#review .chosen").first.is_hidden()
