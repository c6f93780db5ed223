"""Numbers, sections, questions, picks and subjects left out: what the page asks, and what it says to a plain client."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from form_scene import SUBJECTS
from page_client import Page
from phone import NONCE, Hall

from kaohe.schemes import load_preset
from kaohe.tally.scheme.scales import NumberScale

Make = Callable[..., Hall]
TYPED_WIDE = "\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT EIGHT}"


def send(hall: Hall, fields: dict[str, str], *, nonce: str = NONCE, status: int = 200) -> Page:
    body: dict[str, object] = {"ticket": hall.tickets[0], "nonce": nonce, "round": "1", **fields}
    return hall.post(body, status=status)


def numbers(hall: Hall, value: str = "3") -> dict[str, str]:
    """The same number in every field that takes one."""
    return {str(field["name"]): value for field in hall.ballot().soup.select(".number > input")}


def lines(review: Page) -> list[str]:
    return [" ".join(li.get_text(" ").split()) for li in review.soup.select("li")]


@pytest.mark.parametrize("preset", SUBJECTS)
def test_every_form_is_the_same_bytes_for_every_phone_and_has_nothing_chosen(form_of: Make, preset: str) -> None:
    hall = form_of(preset)
    first = hall.pages.http.get(hall.url, headers={"Accept-Encoding": "gzip"})
    assert first.data == hall.pages.http.get(hall.url, headers={"Accept-Encoding": "gzip"}).data
    page = hall.ballot()
    assert not page.soup.select("[checked]")
    assert [str(field["name"]) for field in page.soup.select(".number > input") if field.get("value")] == []


def test_a_number_says_its_bounds_and_its_ranges(form_of: Make) -> None:
    soup = form_of("jiandu-pingshi").ballot().soup
    row = soup.select_one("#s1 .number-row")

    assert (
        " ".join(row.get_text(" ").split())
        == "目标任务完成情况 0–30 分 优秀 27–30 称职 23–26 基本称职 18–22 不称职 0–17"
    )
    field = row.select_one("input")
    assert field["aria-label"] == "目标任务完成情况 张伟"
    assert (field["inputmode"], field["data-low"], field["data-high"], field["data-step"]) == (
        "numeric",
        "0",
        "30",
        "1",
    )
    assert soup.select("#s1 .ranges")[4].select("li")[3].get_text() == "受到党纪政纪处分 0"


@pytest.mark.parametrize(
    ("scale", "keyboard", "bounds", "step"),
    [
        (NumberScale(Fraction(10), step=Fraction(1, 2)), "decimal", "0–10 分，每 0.5 分一档", "0.5"),
        (NumberScale(Fraction(2), low=Fraction(-2)), "text", "-2–2 分", "1"),
        (NumberScale(Fraction(3), step=Fraction(1, 3)), "numeric", "0–3 分", "1"),
    ],
)
def test_the_keys_and_the_bounds_follow_the_scale(
    form_of: Make, scale: NumberScale, keyboard: str, bounds: str, step: str
) -> None:
    row = form_of("zhen-pingshi", number=scale).ballot().soup.select_one(".number-row")
    field = row.select_one(".number > input")
    assert (field["inputmode"], row.select_one(".bounds").get_text(), field["data-step"]) == (keyboard, bounds, step)


def test_branches_of_the_dimensions_are_headings_with_what_they_come_to(form_of: Make) -> None:
    soup = form_of("beian-pingshi").ballot().soup

    assert [" ".join(each.get_text(" ").split()) for each in soup.select("#s1 .branch")] == [
        "德 20 分",
        "能 20 分",
        "勤 15 分",
        "绩 35 分",
        "廉 10 分",
    ]
    assert len(soup.select("#s1 .number-row")) == 17
    assert soup.select_one(".part")["data-full"] == "100"


def test_a_branch_among_leaves_holds_only_its_own(form_of: Make) -> None:
    section = form_of("xiang-pingshi").ballot().soup.select_one("#s1")
    assert [each.get_text() for each in section.select(".branch")] == ["绩"]
    within = [each.legend.get_text(" ", strip=True) for each in section.select(".item.within")]
    assert within == ["张伟 业务工作", "张伟 联系村和中心工作"]


def test_each_section_has_its_heading_its_scale_and_its_questions(form_of: Make) -> None:
    soup = form_of("ganbu-zonghe").ballot().soup

    assert [each.get_text() for each in soup.select(".part-name")] == [
        "领导班子测评表",
        "党政主要负责人测评表",
        "其他班子成员测评表",
    ]
    team = soup.select_one("#s1")
    assert [each.get_text() for each in team.select("fieldset")[0].select("span")][1:] == [
        "好",
        "较好",
        "一般",
        "差",
        "弃权",
    ]
    ticks = soup.select("#s1 .ticks input")
    assert {str(tick["name"]) for tick in ticks} >= {"q.s1.reverse.solidarity", "q.s1.reverse.innovation"}
    assert {str(tick["value"]) for tick in ticks} == {"ticked"}
    assert "只统计、不计分" in soup.select_one("#s1 .ticks").get_text()
    intents = [(str(each["name"]), str(each["value"])) for each in soup.select("#s2 .choice input")]
    assert intents == [("q.s2.intent", key) for key in ("promote", "continue", "non_leading", "demote", "")]


def test_a_group_sees_only_what_it_fills(form_of: Make) -> None:
    staff, leaders = form_of("guji-xiaoneng"), form_of("guji-xiaoneng", "领导班子")
    assert len(staff.ballot().soup.select("#s1 fieldset")) == 4
    asked = leaders.ballot()
    assert len(asked.soup.select("#s1 fieldset")) == 1
    assert "测评内容：组织评价。" in asked.text
    assert staff.scene.style_key != leaders.scene.style_key


def test_subjects_stand_by_class_and_a_choice_says_how_many(form_of: Make) -> None:
    page = form_of("ganbu-zonghe-texuan").ballot()

    assert [each.get_text() for each in page.soup.select(".class-name")] == [
        "政府部门组（候选 2，名额 1）",
        "街道镇乡一组（候选 2，名额 1）",
    ]
    assert [each["id"] for each in page.soup.select(".subject")] == ["s1", "s3", "s2", "s4"]
    assert "最多选 2 个，可以少选或不选。" in page.text
    box = page.soup.select_one("input[type=checkbox]")
    assert (box["name"], box["value"]) == ("i.s1.overall", "chosen")


def test_numbers_are_reviewed_and_cast_without_scripts(form_of: Make) -> None:
    hall = form_of("jiandu-pingshi")
    review = send(hall, {**numbers(hall, "9"), "i.s1.tasks": TYPED_WIDE}, nonce="")

    assert lines(review)[0] == (
        "张伟 目标任务完成情况 28 分 工作进度效率情况 9 分 工作质量情况 9 分 出勤、参会情况 9 分 遵守廉洁自律情况 9 分"
    )
    hall.pages.submit(review)
    assert hall.cast_count() == 1


def test_a_number_off_its_scale_is_told_at_its_field_and_everything_else_is_kept(form_of: Make) -> None:
    hall = form_of("jiandu-pingshi")
    page = send(hall, {**numbers(hall, "9"), "i.s2.quality": "21"}, nonce="", status=422)

    assert page.error == "number_off_scale"
    assert page.soup.select_one(".wrong").select_one(".note").get_text() == "请改正：应填 0–20 分。"
    assert page.soup.select_one(".wrong input")["value"] == "21"
    assert page.soup.select_one(".message a")["href"] == "#s2"
    assert page.fields()["i.s1.tasks"] == "9"
    hall.pages.submit(hall.pages.submit(page, **{"i.s2.quality": "20"}))
    assert hall.cast_count() == 1


def test_a_missing_number_is_marked_and_an_abstention_is_none(form_of: Make) -> None:
    hall = form_of("tongjiju-jixiao", "全员互评")
    given = numbers(hall, "9")
    del given["i.s2.quality"]
    page = send(hall, {**given, "i.s1.completion": "abstain"}, nonce="", status=422)

    assert page.error == "ballot_incomplete"
    assert [row.select_one("input")["name"] for row in page.soup.select(".number-row.missing")] == ["i.s2.quality"]
    row = page.soup.select_one("#s1 .number-row")
    assert row.select_one("input[type=checkbox]").has_attr("checked")
    assert row.select_one(".number > input")["value"] == ""


def test_a_field_left_blank_beside_a_ticked_abstention_says_nothing(form_of: Make) -> None:
    hall = form_of("tongjiju-jixiao", "全员互评")
    given: dict[str, object] = {**numbers(hall, "9"), "i.s1.completion": ["", "abstain"]}
    body = {"ticket": hall.tickets[0], "round": "1", **given}
    doubled = hall.post({**body, "nonce": "", "i.s1.completion": ["7", "abstain"]}, status=422)
    assert doubled.error == "mark_doubled"
    assert lines(hall.post({**body, "nonce": ""}))[0].startswith("张伟 任务完成 弃权 工作质量 9 分")
    hall.post({**body, "nonce": NONCE})
    assert hall.cast_count() == 1


def test_a_subject_left_out_needs_no_number_and_says_so_in_the_review(form_of: Make) -> None:
    hall = form_of("tongjiju-jixiao", "全员互评")
    given = {name: "" if ".s1." in name else "9" for name in numbers(hall)}
    review = send(hall, {**given, "n.s1": "not_asked"}, nonce="")

    assert lines(review)[0] == "张伟 不评"
    assert [sums.get_text() for sums in review.soup.select(".sums")] == ["不评 1"]
    back = hall.pages.submit(review, back="1")
    assert back.soup.select_one("[name='n.s1']").has_attr("checked")
    hall.pages.submit(review)
    assert hall.cast_count() == 1


def test_a_subject_left_out_and_graded_is_refused_and_kept(form_of: Make) -> None:
    hall = form_of("tongjiju-jixiao", "全员互评")
    page = send(hall, {**numbers(hall, "9"), "n.s1": "not_asked"}, status=422)
    assert page.error == "left_out_but_marked"
    assert page.soup.select_one("[name='n.s1']").has_attr("checked")
    assert page.fields()["i.s1.completion"] == "9"
    assert hall.cast_count() == 0


def test_without_scripts_leaving_out_wins_over_what_cannot_be_unchosen(form_of: Make) -> None:
    hall = form_of("tongjiju-jixiao", "全员互评")
    review = send(hall, {**numbers(hall, "9"), "n.s1": "not_asked"}, nonce="")

    assert lines(review)[0] == "张伟 不评"
    hall.pages.submit(review)
    assert hall.cast_count() == 1


def test_ticks_and_a_choice_are_listed_and_none_is_needed(form_of: Make) -> None:
    hall = form_of("ganbu-zonghe")
    graded = {
        str(radio["name"]): str(radio["value"])
        for radio in reversed(hall.ballot().soup.select("fieldset:not([data-kind]) input"))
    }
    said = {
        "q.s1.reverse.style": "ticked",
        "q.s1.reverse.law": "ticked",
        "q.s2.intent": "promote",
        "q.s3.intent": "",
    }
    found = lines(send(hall, {**graded, **said}, nonce=""))

    assert found[0].endswith("廉洁勤政 好 逆向测评 工作作风不实、依法行政较差")
    assert found[1].endswith("人品道德 优秀 使用意向 提拔")
    assert found[2].endswith("人品道德 优秀")
    assert send(hall, graded).soup.select("[data-receipt]")


def test_whoever_is_not_picked_is_not_chosen_and_too_many_picks_are_refused(form_of: Make) -> None:
    hall = form_of("ganbu-zonghe-texuan")
    picked = dict.fromkeys(("i.s1.overall", "i.s2.overall"), "chosen")

    assert lines(send(hall, picked, nonce="")) == ["区发改局 赞成", "区统计局 不选", "城关镇 赞成", "东山镇 不选"]
    page = send(hall, {**picked, "i.s3.overall": "chosen"}, status=422)
    assert page.error == "ballot_over_limit"
    assert page.soup.select_one("[name='i.s3.overall']").has_attr("checked")
    assert "i.s4.overall" not in page.fields()
    assert send(hall, {}).soup.select("[data-receipt]")


def test_too_few_picks_are_refused_and_kept(form_of: Make) -> None:
    choose = load_preset("ganbu-zonghe-texuan").choose
    assert choose
    hall = form_of("ganbu-zonghe-texuan", choose=replace(choose, fewest=2))
    assert "最多选 2 个，最少选 2 个。" in hall.ballot().text
    page = send(hall, {"i.s1.overall": "chosen"}, status=422)
    assert page.error == "ballot_under_limit"
    assert page.soup.select_one("[name='i.s1.overall']").has_attr("checked")


def test_a_ticket_for_another_form_leads_to_that_form(form_of: Make) -> None:
    hall = form_of("jingzheng-shanggang")
    other = f"/v/{hall.scene.meeting_id}/2"
    wrong = {str(radio["name"]): "excellent" for radio in hall.pages.get(other).soup.select("input[type=radio]")}
    page = hall.pages.post(other, {"ticket": hall.tickets[0], "nonce": NONCE, "round": "1", **wrong}, status=409)

    assert page.error == "ticket_other_form"
    link = page.soup.select_one("main a")
    assert (link["href"], link["data-form"]) == (hall.url, hall.scene.style_key)
    assert send(hall, numbers(hall, "90")).soup.select("[data-receipt]")


@pytest.mark.parametrize("preset", ["jiandu-pingshi", "ganbu-zonghe-texuan"])
def test_a_form_of_more_than_grades_takes_four_requests_and_few_bytes(form_of: Make, preset: str) -> None:
    hall = form_of(preset)
    page = hall.pages.http.get(hall.url, headers={"Accept-Encoding": "gzip"})
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', gzip.decompress(page.data).decode())
    assert len(files) == 3
    sizes = [len(hall.pages.http.get(file, headers={"Accept-Encoding": "gzip"}, buffered=True).data) for file in files]
    assert len(page.data) + sum(sizes) < 25_000


def test_plain_grades_need_no_more_script_than_before(form_of: Make, hall: Hall) -> None:
    assert not hall.ballot().soup.select("script[src*='phone-more']")
    assert form_of("beian-pingshi").ballot().soup.select("script[src*='phone-more']")
