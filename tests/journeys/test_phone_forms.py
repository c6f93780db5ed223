"""Forms that ask for more than grades, filled in on a small phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from accessibility import problems
from phones import Hall, check, confirm, is_ballot, kept_on, lose_the_first_reply, receipt
from playwright.sync_api import Locator, Page, expect
from scene import CHAIR, version_of

from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import load_counted
from kaohe.operations.setup.material import put_material

Make = Callable[..., Hall]
SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll("body *")]
    .filter(one => one.offsetParent && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(one => parseFloat(getComputedStyle(one).fontSize)))"""
WIDE = "\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT EIGHT}"


def scan(hall: Hall, number: int = 0, **options: object) -> Page:
    page = hall.phone(320, 640, **options)
    page.goto(hall.slip(number))
    return page


def number_fields(page: Page, subject: str) -> Locator:
    return page.locator(f"#{subject} .number > input")


def fill_numbers(page: Page, subject: str, *values: str) -> None:
    """One value for each field, or one for all of them."""
    fields = number_fields(page, subject)
    for place in range(fields.count()):
        fields.nth(place).fill(values[place % len(values)])


def grade_all(page: Page, place: int = 1) -> None:
    """The same button in every row of grades."""
    for row in page.locator("fieldset:not([data-kind])").all():
        row.locator(f"label:nth-child({place})").click()


def send(page: Page) -> None:
    """Confirm, and wait for the receipt."""
    confirm(page)
    receipt(page)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= 320"))


def test_numbers_are_typed_or_stepped_and_named_by_their_range(form_of: Make) -> None:
    hall = form_of("jiandu-pingshi")
    page = scan(hall)
    row = page.locator("#s1 .number-row").first
    field = row.locator("input")
    field.fill(WIDE)
    expect(row.locator(".note")).to_have_text("优秀")
    field.blur()
    expect(field).to_have_value("28")
    row.get_by_role("button", name="减 1 分").click()
    row.get_by_role("button", name="减 1 分").click()
    expect(field).to_have_value("26")
    expect(row.locator(".ranges .in")).to_have_text("称职 23–26")
    for _ in range(6):
        row.get_by_role("button", name="加 1 分").click()
    expect(field).to_have_value("30")

    fill_numbers(page, "s1", "30", "18", "18", "9", "20")
    fill_numbers(page, "s2", "17", "0", "11", "6", "0")
    expect(page.locator("#s1 .subtotal")).to_have_text("合计 95/100 分 · 已打 5/5 项")
    expect(page.get_by_text("已评 2/2")).to_be_visible()
    assert fits(page)
    check(page)
    expect(page.locator("#review li").first).to_contain_text("合计 95 分")
    send(page)
    body = hall.opened()
    assert (body["i.s1.tasks"], body["i.s2.probity"]) == ("30", "0")
    assert kept_on(page) == []


def test_from_nothing_a_step_up_is_the_lowest_number_and_a_step_down_the_highest(form_of: Make) -> None:
    page = scan(form_of("jiandu-pingshi"))
    rows = page.locator("#s1 .number-row")
    rows.nth(0).get_by_role("button", name="加 1 分").click()
    rows.nth(1).get_by_role("button", name="减 1 分").click()
    expect(rows.nth(0).locator("input")).to_have_value("0")
    expect(rows.nth(1).locator("input")).to_have_value("20")
    expect(page.locator("#s1 .subtotal")).to_contain_text("合计 20/100 分 · 已打 2/5 项")


def test_a_number_out_of_bounds_is_told_in_place_and_before_the_review(form_of: Make) -> None:
    page = scan(form_of("jiandu-pingshi"))
    fill_numbers(page, "s1", "30", "20", "20", "10", "20")
    fill_numbers(page, "s2", "30", "20", "20", "10")
    row = page.locator("#s2 .number-row").nth(4)
    row.locator("input").fill("21")
    expect(row.locator(".fault")).to_have_text("超出范围，应为 0–20 分。")
    expect(page.get_by_text("已评 1/2")).to_be_visible()
    check(page)
    expect(page.get_by_role("alert")).to_have_text("李娜有一处填写有误，请按提示改正。")
    expect(row).to_be_in_viewport()
    expect(page.locator("#review")).to_have_count(0)
    row.locator("input").fill("二十")
    expect(row.locator(".fault")).to_have_text("请只填数字，0–20 分。")
    row.locator("input").fill("20")
    expect(row.locator(".note")).to_have_text("自觉遵守")
    check(page)
    expect(page.locator("#review")).to_be_visible()


def test_what_is_missing_among_seventeen_indicators_comes_into_view(form_of: Make) -> None:
    hall = form_of("beian-pingshi")
    page = scan(hall)
    assert [each.inner_text().split()[0] for each in page.locator("#s1 .branch").all()] == [
        "德",
        "能",
        "勤",
        "绩",
        "廉",
    ]
    for subject in ("s1", "s2"):
        fill_numbers(page, subject, "3")
    gap = number_fields(page, "s2").nth(12)
    gap.fill("")
    expect(page.locator("#s1 .subtotal")).to_have_text("合计 51/100 分 · 已打 17/17 项")
    expect(page.get_by_text("已评 1/2")).to_be_visible()
    check(page)
    expect(gap).to_be_in_viewport()
    expect(gap).to_be_focused()
    expect(page.locator(".missing")).to_have_count(1)
    gap.fill("10")
    expect(page.locator(".missing")).to_have_count(0)
    check(page)
    assert fits(page)
    send(page)
    assert hall.cast_count() == 1


def test_the_draft_keeps_numbers_ticks_and_who_is_left_out(form_of: Make) -> None:
    page = scan(form_of("tongjiju-jixiao", "全员互评"))
    page.get_by_text("本人或无评分关系，不评").first.click()
    fill_numbers(page, "s2", "12")
    fill_numbers(page, "s3", "11")
    page.locator("#s3 .abstain").first.click()
    expect(page.get_by_text("已评 3/4")).to_be_visible()
    page.reload()
    expect(page.locator("#s2 .subtotal")).to_contain_text("合计 72/100 分")
    expect(page.locator("[name='n.s1']")).to_be_checked()
    expect(page.locator("#s3 .abstain input").first).to_be_checked()


def test_a_whole_leadership_is_evaluated_on_its_sections_with_ticks_and_an_intent(form_of: Make) -> None:
    hall = form_of("ganbu-zonghe")
    page = scan(hall)
    grade_all(page)
    page.locator("#s1").get_by_text("选人用人不公").click()
    page.locator("#s2").get_by_text("提拔", exact=True).click()
    page.locator("#s3").get_by_text("降职", exact=True).click()
    page.locator("#s3").get_by_text("不选", exact=True).click()
    expect(page.get_by_text("已评 4/4")).to_be_visible()
    assert fits(page)
    check(page)
    expect(page.locator("#review .part-name")).to_have_text(
        ["领导班子测评表", "党政主要负责人测评表", "其他班子成员测评表"]
    )
    expect(page.locator("#review li").nth(0)).to_contain_text("逆向测评选人用人不公")
    expect(page.locator("#review li").nth(1)).to_contain_text("使用意向提拔")
    expect(page.locator("#review li").nth(2)).not_to_contain_text("使用意向")
    send(page)
    body = hall.opened()
    assert body["q.s1.reverse.appointments"] == "ticked"
    assert body["q.s2.intent"] == "promote"
    assert not [name for name in body if name.startswith("q.s3")]


def test_what_phones_sent_on_three_sections_is_what_is_counted(form_of: Make) -> None:
    hall = form_of("ganbu-zonghe")
    for number in range(5):
        page = scan(hall, number)
        grade_all(page, place=1 if number < 3 else 2)
        if number == 0:
            page.locator("#s4").get_by_text("协作不好", exact=True).click()
        check(page)
        send(page)
    hall.chair(close_meeting)
    with hall.server.app.app_context():
        assert count_meeting(CHAIR, hall.scene.meeting_id) == 5
        counted = load_counted(hall.scene.meeting_id)
    assert counted.cells["all", "s1", "politics"].grades == (3, 2, 0, 0)
    assert counted.cells["all", "s4", "character"].grades == (3, 2, 0, 0)
    said = next(each for each in counted.result.subjects if each.subject.key == "s4").answers[0]
    assert {share.label: share.count for share in said.shares if share.count} == {"协作不好": 1}


def test_whoever_is_left_out_is_grey_done_and_not_sent(form_of: Make) -> None:
    hall = form_of("tongjiju-jixiao", "全员互评")
    page = scan(hall)
    fill_numbers(page, "s1", "9")
    page.get_by_text("本人或无评分关系，不评").first.click()
    expect(page.locator("#s1 .cells")).to_have_css("opacity", "0.4")
    expect(number_fields(page, "s1").first).to_be_disabled()
    expect(page.get_by_text("已评 1/4")).to_be_visible()
    page.get_by_text("本人或无评分关系，不评").first.click()
    expect(number_fields(page, "s1").first).to_have_value("9")
    expect(number_fields(page, "s1").first).to_be_enabled()
    page.get_by_text("本人或无评分关系，不评").first.click()
    for number in (2, 3, 4):
        fill_numbers(page, f"s{number}", "12.0")
    assert fits(page)
    check(page)
    expect(page.locator("#review li").first).to_have_text("张伟不评修改")
    send(page)
    body = hall.opened()
    assert body["n.s1"] == "not_asked"
    assert body["i.s2.completion"] == "12"
    assert not [name for name in body if name.startswith("i.s1.")]


def test_some_are_picked_and_too_many_are_told_at_once(form_of: Make) -> None:
    hall = form_of("ganbu-zonghe-texuan")
    page = scan(hall)
    expect(page.get_by_text("已选 0/2")).to_be_visible()
    for name in ("区发改局", "城关镇", "东山镇"):
        page.locator(".pick").filter(has_text=name).locator("label").click()
    expect(page.get_by_text("已选 3/2")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text("最多选 2 个，现在选了 3 个，请调整。")
    check(page)
    expect(page.locator("#review")).to_have_count(0)
    page.locator(".pick").filter(has_text="东山镇").locator("label").click()
    expect(page.get_by_role("alert")).to_be_hidden()
    assert fits(page)
    check(page)
    expect(page.locator("#review li")).to_have_text(
        ["区发改局赞成修改", "区统计局不选修改", "城关镇赞成修改", "东山镇不选修改"]
    )
    send(page)
    assert [name for name, mark in hall.opened().items() if mark == "chosen"] == ["i.s1.overall", "i.s2.overall"]


def test_a_lost_reply_of_a_ballot_of_numbers_ends_in_the_receipt_of_one(form_of: Make) -> None:
    hall = form_of("jiandu-pingshi")
    page = hall.phone(320)
    sent = lose_the_first_reply(page)
    page.goto(hall.slip())
    fill_numbers(page, "s1", "9")
    fill_numbers(page, "s2", "10")
    check(page)
    confirm(page)
    assert len(receipt(page)) == 14
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert hall.cast_count() == 1


@pytest.mark.parametrize("preset", ["jiandu-pingshi", "ganbu-zonghe", "tongjiju-jixiao", "ganbu-zonghe-texuan"])
def test_ballots_of_a_form_have_one_length_whatever_they_say(form_of: Make, preset: str) -> None:
    hall = form_of(preset)
    lengths = []
    for number, is_full in enumerate((True, False)):
        page = scan(hall, number)
        for subject in page.locator(".subject").all():
            leave = subject.locator(".leave")
            if leave.count() and not is_full:
                leave.click()
                continue
            for field in subject.locator(".number > input").all():
                field.fill("10" if is_full else "0")
        grade_all(page, place=3 if is_full else 1)
        if is_full:
            for box in page.locator(".ticks label, .choice label:first-child, .pick label").all()[:-2]:
                box.click()
        check(page)
        with page.expect_request(is_ballot) as sent:
            confirm(page)
        lengths.append(len(sent.value.post_data or ""))
        receipt(page)
    assert lengths[0] == lengths[1]


def test_comments_do_not_change_the_length_either(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(comments_wanted=True, names=("张伟",))
    lengths = set()
    for number, comment in enumerate(("", "好", "工作踏实，作风正派。" * 30)):
        page = scan(hall, number)
        grade_all(page)
        if comment:
            page.locator("#s1 summary").click()
            page.locator("#s1 textarea").fill(comment)
        check(page)
        with page.expect_request(is_ballot) as sent:
            confirm(page)
        lengths.add(len(sent.value.post_data or ""))
        receipt(page)
    assert len(lengths) == 1


def test_without_scripts_numbers_sections_and_who_is_left_out_can_be_cast(form_of: Make) -> None:
    hall = form_of("tongjiju-jixiao", "全员互评")
    page = scan(hall, java_script_enabled=False)
    page.fill("#ticket", hall.scene.all_codes[0])
    page.locator("#s1 .leave").click()
    expect(page.locator("#s1 .cells")).to_have_css("opacity", "0.4")
    for number in (2, 3, 4):
        fill_numbers(page, f"s{number}", "9")
    number_fields(page, "s2").first.fill("26")
    page.locator("#s3 .abstain").first.click()
    number_fields(page, "s3").first.fill("")
    check(page)
    expect(page.locator("[data-error=number_off_scale]")).to_contain_text("李娜")
    expect(page.locator("#s2 .fault")).to_have_text("请改正：应填 0–25 分。")
    assert fits(page)
    number_fields(page, "s2").first.fill("25")
    check(page)
    expect(page.get_by_role("heading", name="请核对您的选择")).to_be_visible()
    expect(page.locator("li").first).to_contain_text("不评")
    expect(page.locator("li").nth(2)).to_contain_text("弃权")
    assert fits(page)
    page.get_by_role("button", name="返回修改").click()
    expect(page.locator("[name='n.s1']")).to_be_checked()
    check(page)
    confirm(page)
    receipt(page)
    assert hall.cast_count() == 1


def test_where_a_part_of_the_script_is_lost_the_plain_form_still_works(form_of: Make) -> None:
    hall = form_of("jiandu-pingshi")
    page = hall.phone(320)
    page.route("**/phone-more.js*", lambda route: route.abort())
    page.goto(hall.url)
    page.fill("#ticket", hall.scene.all_codes[0])
    fill_numbers(page, "s1", "9")
    fill_numbers(page, "s2", "9")
    check(page)
    expect(page.get_by_role("heading", name="请核对您的选择")).to_be_visible()
    confirm(page)
    receipt(page)
    assert hall.cast_count() == 1


def test_material_is_opened_in_its_place_and_asked_for_only_then(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(begins=False)
    report = "述职报告\n" + "一年来，认真完成各项工作。" * 12
    with hall.server.app.app_context():
        put_material(CHAIR, hall.scene.meeting_id, version_of(hall.scene.meeting_id), "s1", report)
    hall.chair(open_meeting)
    page = hall.phone(320)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{hall.url}#{hall.scene.all_codes[0]}")
    link = page.locator("#s1").get_by_role("link", name="的材料")
    expect(link).to_be_visible()
    assert not [url for url in asked if "/material/" in url]
    link.click()
    expect(page.locator("#s1").get_by_text("述职报告")).to_be_visible()
    assert fits(page)
    link.click()
    expect(page.get_by_text("述职报告")).to_be_hidden()
    link.click()
    expect(page.get_by_text("述职报告")).to_be_visible()
    assert len([url for url in asked if "/material/" in url]) == 1
    grade_all(page)
    check(page)
    confirm(page)
    receipt(page)
    assert hall.cast_count() == 1


def test_a_ticket_on_the_wrong_form_is_led_to_its_own(form_of: Make) -> None:
    hall = form_of("jingzheng-shanggang")
    page = hall.phone(320)
    page.goto(f"{hall.server.url}/v/{hall.scene.meeting_id}/2#{hall.scene.all_codes[0]}")
    grade_all(page)
    check(page)
    confirm(page)
    page.get_by_role("link", name="打开这张票的测评票").click()
    expect(page.get_by_text("测评内容：竞职演讲。")).to_be_visible()
    expect(page.get_by_text("票码已读取")).to_be_visible()
    for number in range(1, 5):
        fill_numbers(page, f"s{number}", "92")
    check(page)
    send(page)
    assert hall.cast_count() == 1


def test_one_at_a_time_walks_through_the_sections(form_of: Make) -> None:
    page = scan(form_of("ganbu-zonghe"))
    page.get_by_role("button", name="逐个评").click()
    for number, section in enumerate(("领导班子", "党政主要负责人", "其他班子成员", "其他班子成员"), 1):
        expect(page.locator(".subject:visible")).to_have_count(1)
        expect(page.locator(".part-name:visible")).to_have_text(f"{section}测评表")
        for row in page.locator(f"#s{number} fieldset:not([data-kind])").all():
            row.locator("label").first.click()
        if number < 4:
            page.get_by_role("button", name="下一个").click()
    check(page)
    expect(page.locator("#review")).to_be_visible()


def test_the_reasons_can_be_read_on_the_way_and_nothing_is_lost(form_of: Make) -> None:
    page = scan(form_of("jiandu-pingshi"))
    fill_numbers(page, "s1", "9")
    page.get_by_role("link", name="谁也不知道您投了什么").click()
    expect(page.get_by_role("heading", name="这些防不住")).to_be_visible()
    assert fits(page)
    assert problems(page) == []
    page.get_by_role("link", name="返回测评票").click()
    expect(page.get_by_text("票码已读取")).to_be_visible()
    expect(page.locator("#s1 .subtotal")).to_contain_text("合计 45/100 分")


def test_what_is_covered_is_covered_in_every_kind_of_cell(form_of: Make) -> None:
    unread = "each => getComputedStyle(each).color === 'rgba(0, 0, 0, 0)'"
    page = scan(form_of("jiandu-pingshi"))
    fill_numbers(page, "s1", "9")
    page.get_by_role("button", name="遮挡").click()
    for part in (".number > input", ".subtotal", ".note"):
        assert page.locator(f"#s1 {part}").first.evaluate(unread)
    picked = scan(form_of("ganbu-zonghe-texuan"))
    picked.locator("#s1 label").click()
    look = "each => [getComputedStyle(each).backgroundColor, getComputedStyle(each, '::before').content].join()"
    chosen, other = picked.locator("#s1 label span").first, picked.locator("#s2 label span").first
    assert chosen.evaluate(look) != other.evaluate(look)
    picked.get_by_role("button", name="遮挡").click()
    assert chosen.evaluate(look) == other.evaluate(look)


@pytest.mark.parametrize(
    "preset", ["jiandu-pingshi", "beian-pingshi", "ganbu-zonghe", "tongjiju-jixiao", "ganbu-zonghe-texuan"]
)
def test_every_form_is_large_enough_for_a_thumb_and_axe_finds_nothing_wrong(form_of: Make, preset: str) -> None:
    page = scan(form_of(preset))
    if page.locator(".leave").count():
        page.locator("#s1 .leave").click()
    small = """each => each.filter(one => one.offsetParent).map(one => one.getBoundingClientRect())
        .filter(box => box.width < 47.5 || box.height < 47.5).length"""
    targets = "label:has(input[type=radio]), label:has(input[type=checkbox]), .leave, .number > input, button"
    assert page.locator(targets).evaluate_all(small) == 0
    assert page.evaluate(SMALLEST_LETTERS) >= 16
    assert fits(page)
    found = problems(page)
    check(page)
    assert found + problems(page) == []


@pytest.mark.parametrize("preset", ["guji-xiaoneng", "ganbu-zonghe"])
def test_a_grade_of_four_characters_breaks_at_its_middle_at_most_on_the_smallest_phone(
    form_of: Make, preset: str
) -> None:
    page = scan(form_of(preset))
    grades = page.locator("fieldset:not([data-kind]) .choices label")
    assert grades.count()
    # In a row of all grades of a dimension, or of four, 基本 stands above 胜任; everywhere else a grade is one line.
    lines_beyond = """labels => labels.filter(one => {
        const words = document.createRange();
        words.selectNodeContents(one.querySelector("span"));
        const lines = one.closest(".inline, .fours") ? 2 : 1;
        return words.getBoundingClientRect().height >= (lines + 1) * 16;
    }).length"""
    assert grades.evaluate_all(lines_beyond) == 0
