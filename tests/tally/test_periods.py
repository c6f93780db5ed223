"""Labels of periods, as offices write them, are put in the order of time; what cannot be placed is said."""

from __future__ import annotations

from datetime import date

import pytest

from kaohe.tally.periods import canonical_label, label_of_meeting, says_its_year, timeline, year_named


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("一季度", "第一季度"),
        ("第1季度", "第一季度"),
        ("Q3", "第三季度"),
        ("2026Q3", "2026年第三季度"),
        ("2026年第2季度", "2026年第二季度"),
        ("２０２６年度第四季度平时考核", "2026年第四季度"),
        ("二〇二六年三季度", "2026年第三季度"),
        ("第三季度（2026年）", "2026年第三季度"),
        ("2026年上半年", "2026年上半年"),
        ("03月份", "3月"),
        ("十二月", "12月"),
        ("2026-03", "2026年3月"),
        ("第 2 期", "第 2 期"),
        ("2025年度", "2025年度"),
        ("届中考核（2026年5月10日）", "届中考核（2026年5月10日）"),
        ("前三季度", "前三季度"),
    ],
)
def test_a_period_is_named_as_the_forms_name_it(text: str, label: str) -> None:
    assert canonical_label(text) == label
    assert canonical_label(label) == label


@pytest.mark.parametrize(
    ("title", "year_title", "label"),
    [
        ("2026年第一季度公务员平时考核", "2026年度公务员年度考核", "第一季度"),
        ("三季度平时考核测评会", "2026年度公务员年度考核", "第三季度"),
        ("2026年6月考核", "2026年度考核", "6月"),
        ("2026年3月考核", "2026年第一季度平时考核", "3月"),
        ("2025年第四季度平时考核", "2026年度公务员年度考核", ""),
        ("2026年5月10日民主测评", "2026年度考核", ""),
        ("2026年度公务员年度考核", "2026年度公务员年度考核", ""),
        ("第一季度、第二季度平时考核", "2026年度考核", ""),
        ("年度民主测评会", "2026年度考核", ""),
        ("2026年第一季度平时考核", "年度民主测评会", ""),
    ],
)
def test_a_meeting_is_that_part_of_the_year_which_its_title_names(title: str, year_title: str, label: str) -> None:
    assert label_of_meeting(title, year_title) == label


@pytest.mark.parametrize(
    ("title", "day", "label"),
    [
        ("第四季度平时考核", date(2026, 12, 28), "第四季度"),
        ("第四季度平时考核", date(2027, 1, 6), "第四季度"),
        ("第四季度平时考核", date(2026, 1, 6), ""),
        ("12月考核", date(2027, 1, 4), "12月"),
        ("下半年考核", date(2027, 1, 4), "下半年"),
        ("第一季度平时考核", date(2026, 1, 1), "第一季度"),
        ("第一季度平时考核", date(2025, 4, 1), ""),
        ("2026年第一季度平时考核", date(2025, 4, 1), "第一季度"),
        ("第一季度平时考核", None, "第一季度"),
    ],
)
def test_without_a_year_in_its_title_a_meeting_is_of_the_latest_such_period_that_had_begun(
    title: str, day: date | None, label: str
) -> None:
    assert label_of_meeting(title, "2026年度考核", day) == label


def test_title_or_day_say_of_which_year_a_period_is() -> None:
    assert says_its_year("2026年第一季度平时考核", None)
    assert says_its_year("第一季度平时考核", date(2026, 4, 1))
    assert not says_its_year("第一季度平时考核", None)
    assert not says_its_year("民主测评会", date(2026, 4, 1))


def test_a_title_names_a_whole_year_or_none() -> None:
    assert year_named("青山区2026年度公务员考核") == 2026
    assert year_named("2026年第一季度平时考核") is None
    assert year_named("年度民主测评会") is None
    assert year_named("上半年考核") is None


@pytest.mark.parametrize(
    ("labels", "title", "order"),
    [
        (("第四季度", "三季度", "Q1", "第2季度"), "", ("Q1", "第2季度", "三季度", "第四季度")),
        (("第一季度", "第四季度"), "2026年第二季度平时考核", ("第四季度", "第一季度")),
        (("第三季度", "2025年第四季度"), "2026年度考核", ("2025年第四季度", "第三季度")),
        (("下半年", "第二季度", "3月"), "", ("3月", "第二季度", "下半年")),
        (("12月", "2月", "10月"), "", ("2月", "10月", "12月")),
        (("第10期", "第 2 期", "第一期"), "", ("第一期", "第 2 期", "第10期")),
        (("换届（2026年5月10日）", "届中（2024-03-01）"), "", ("届中（2024-03-01）", "换届（2026年5月10日）")),
        (("2025年", "上年"), "2025年度考核", ("上年", "2025年")),
    ],
)
def test_periods_stand_in_the_order_of_time(labels: tuple[str, ...], title: str, order: tuple[str, ...]) -> None:
    found = timeline(labels, title)
    assert (found.labels, found.problems) == (order, ())
    assert timeline(reversed(labels), title).labels == order


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        (("上一次",), "“上一次”看不出是哪一期"),
        (("前三季度",), "“前三季度”看不出是哪一期"),
        (("二、三季度",), "看不出是哪一期"),
        (("第五季度",), "看不出是哪一期"),
        (("2025年至2026年",), "看不出是哪一期"),
        (("2026年5月40日",), "看不出是哪一期"),
        (("第一季度", "2026年第二季度"), "请都写上年份"),
        (("第一季度", "第2期"), "排不出先后"),
        (("二季度", "第二季度"), "是同一段时间"),
        (("上半年", "第二季度"), "是同一段时间"),
    ],
)
def test_what_cannot_be_placed_is_said_and_comes_last(labels: tuple[str, ...], problem: str) -> None:
    assert problem in "；".join(timeline(labels).problems)
    assert timeline(("第一季度", "上一次")).labels == ("第一季度", "上一次")


def test_a_period_after_the_meeting_itself_is_questioned() -> None:
    found = timeline(("2026年第四季度",), "2026年第三季度平时考核")
    assert found.problems == ("“2026年第四季度”比本场会议名称中写明的时间还晚，请核对",)


def test_one_period_follows_another_only_where_nothing_lies_between() -> None:
    quarters = timeline(("第一季度", "第三季度", "第四季度", "2026年上半年"), "2026年度考核")
    assert quarters.follows("第三季度", "第四季度")
    assert quarters.follows("2026年上半年", "第三季度")
    assert not quarters.follows("第一季度", "第三季度")
    assert timeline(("2025年第四季度", "2026年第一季度")).follows("2025年第四季度", "2026年第一季度")
    dates = timeline(("甲（2024年1月2日）", "乙（2025年1月2日）", "丙（2026年1月2日）"))
    assert dates.follows("甲（2024年1月2日）", "乙（2025年1月2日）")
    assert not dates.follows("甲（2024年1月2日）", "丙（2026年1月2日）")


@pytest.mark.parametrize(
    ("label", "title", "leads"),
    [
        ("第二季度", "2026年第三季度平时考核", True),
        ("第一季度", "2026年第三季度平时考核", False),
        ("第四季度", "2026年第一季度平时考核", True),
        ("第四季度", "第一季度平时考核", True),
        ("2025年第四季度", "第一季度平时考核", True),
        ("上年", "2026年度考核", True),
        ("2024年", "2026年度考核", False),
        ("第一季度", "平时考核", True),
        ("第二季度", "2026年度平时考核", True),
    ],
)
def test_a_meeting_follows_the_period_before_the_one_that_its_title_names(
    label: str, title: str, *, leads: bool
) -> None:
    assert timeline((label,), title).leads_to_now(label) is leads


def test_a_label_that_cannot_be_placed_neither_follows_another_nor_is_followed() -> None:
    found = timeline(("第一季度", "上一次"))
    assert not found.follows("第一季度", "上一次")
    assert not found.follows("上一次", "第一季度")
