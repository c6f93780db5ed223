"""The year of many units: which meeting is which period of whose, and how the share of 优秀 adds up over all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import pytest
from found_lines import found as a_line

from kaohe.domain.meetings import MeetingState
from kaohe.domain.published_results import PublishedLine
from kaohe.domain.unit_years import (
    county_tiers,
    everybody_once,
    is_part_of,
    labels_in_time,
    unit_years,
    years_of,
    years_to_find,
)


@dataclass(frozen=True)
class AMeeting:
    title: str
    unit: str = "统计局"
    unit_id: str = "a"
    held_on: date | None = None
    state: MeetingState = MeetingState.PUBLISHED
    sums_up_periods: bool = False


@pytest.mark.parametrize(
    ("title", "day", "label"),
    [
        ("2026年第一季度平时考核", None, "第一季度"),
        ("第一季度平时考核", date(2026, 4, 1), "第一季度"),
        ("第一季度平时考核", date(2025, 4, 1), ""),
        ("第一季度平时考核", None, ""),
        ("2025年第一季度平时考核", date(2026, 1, 4), ""),
        ("第四季度平时考核", date(2027, 1, 6), "第四季度"),
        ("第四季度平时考核", date(2026, 1, 6), ""),
        ("2026年度考核", None, ""),
        ("民主测评", date(2026, 1, 4), ""),
    ],
)
def test_a_meeting_is_the_period_that_its_title_and_else_its_day_says(title, day, label):
    assert is_part_of(AMeeting(title, held_on=day), 2026) == label


def test_the_years_are_those_of_which_there_is_a_meeting():
    meetings = [
        AMeeting("2026年度考核"),
        AMeeting("2025年第一季度考核"),
        AMeeting("第二季度考核", held_on=date(2024, 7, 1)),
        AMeeting("民主测评", held_on=date(2023, 7, 1)),
        AMeeting("第四季度考核", held_on=date(2023, 1, 6)),
    ]
    assert years_of(meetings) == [2026, 2025, 2024, 2022]


@pytest.mark.parametrize(
    ("title", "day", "years"),
    [
        ("2026年度考核", None, {2026}),
        ("2026年第三季度平时考核", None, {2026}),
        ("2025年度考核", date(2026, 1, 9), {2025, 2026}),
        ("民主测评", date(2024, 5, 6), {2024}),
        ("民主测评", None, set()),
    ],
)
def test_a_meeting_is_found_among_those_of_its_day_and_of_the_year_that_it_is_about(title, day, years):
    assert years_to_find(AMeeting(title, held_on=day)) == years


def test_an_example_is_in_nobodys_year():
    example = AMeeting("示例：2026年度民主测评会")
    assert years_of([example]) == []
    assert unit_years([example], 2026, {}) == []


@pytest.mark.parametrize(
    ("title", "is_whole"),
    [
        ("青山区统计局2026年度公务员考核", True),
        ("2026年 考核", True),
        ("2026年度领导班子和领导干部民主测评会", True),
        ("2026年终考核（平时考核与年终测评）", True),
        ("2026年度绩效考核结果汇总表(补)", True),
        ("2026年度考核民主测评会", True),
        ("2026年度领导干部年度考核民主测评大会", True),
        ("2026年度科级及以下干部述职述廉测评会", True),
        ("2026年度工作总结暨民主测评会", True),
        ("2026年度考核方案征求意见会", False),
        ("2026年度群众满意度测评", False),
        ("2026年度机关效能建设综合评定", False),
        ("2026年度优秀党务工作者推荐", False),
        ("2026年春节联欢会节目评比", False),
        ("2026年度考核优秀人选推荐", False),
        ("2026年度干部选拔任用一报告两评议", False),
        ("2026年第一季度考核", False),
    ],
)
def test_not_all_that_a_title_puts_into_a_year_assesses_the_year(title, is_whole):
    assert [unit.whole is not None for unit in unit_years([AMeeting(title)], 2026, {"a": "统计局"})] == [is_whole]


def test_what_sums_periods_up_is_the_year_whatever_it_is_called_and_before_a_vote_of_that_year():
    vote = AMeeting("2026年度民主测评")
    made = AMeeting("2026年度机关效能建设综合评定", state=MeetingState.DRAFT, sums_up_periods=True)
    (unit,) = unit_years([vote], 2026, {"a": "统计局"})
    assert (unit.wholes, unit.is_made) == ((vote,), False)
    for meetings in ([vote, made], [made, vote]):
        (unit,) = unit_years(meetings, 2026, {"a": "统计局"})
        assert (unit.wholes, unit.is_made) == ((made, vote), True)


def test_each_unit_has_a_line_and_of_several_meetings_of_a_period_the_published_ones_come_first():
    draft = AMeeting("2026年第一季度考核", state=MeetingState.DRAFT)
    held, earlier = AMeeting("2026年第一季度考核"), AMeeting("2026年第一季度平时考核")
    other = AMeeting("2026年第二季度考核", "统计局普查中心")
    whole, computed = AMeeting("2026年度考核", state=MeetingState.COUNTED), AMeeting("2026年度平时考核")
    last_year = AMeeting("2025年度考核", "财政局", "b")
    units = {"a": "青山区 / 统计局", "b": "青山区 / 财政局"}
    lines = unit_years([draft, held, earlier, other, whole, computed, last_year], 2026, units)
    assert len({line.key for line in lines}) == len(lines)
    assert [(line.unit_id, line.name) for line in lines] == [
        ("a", "青山区 / 统计局"),
        ("b", "青山区 / 财政局"),
        ("a", "统计局普查中心"),
    ]
    assert (lines[0].parts, lines[0].wholes) == ({"第一季度": (held, earlier, draft)}, (computed, whole))
    assert (lines[1].parts, lines[1].whole) == ({}, None)
    assert [line.key for line in lines] == ["a|青山区 / 统计局", "b|青山区 / 财政局", "a|统计局普查中心"]
    assert lines[2].parts == {"第二季度": (other,)}
    assert labels_in_time(lines) == ("第一季度", "第二季度")


def test_who_is_in_several_results_of_a_unit_counts_once_by_the_first_and_namesakes_of_one_result_stay():
    first = [(a_line(name, tier="优秀").line, "") for name in ("甲", "乙", "乙")]
    second = [(a_line(name, tier="称职").line, "") for name in ("乙", "丙")]
    assert [(line.name, line.tier) for line in everybody_once([first, second])] == [
        ("甲", "优秀"), ("乙", "优秀"), ("乙", "优秀"), ("丙", "称职"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        (("王伟", "一科", ""), ("王伟", "二科", ""), 2),
        (("王伟", "一科", ""), ("王伟", "", ""), 1),
        (("王伟", "", "p1"), ("王伟", "一科", ""), 1),
        (("王伟", "一科", "p1"), ("王伟", "一科", "p2"), 2),
        (("王伟", "一科", "p1"), ("王炜", "二科", "p1"), 1),
        (("王伟", "一科", "p1"), ("王伟", "二科", "p1"), 1),
    ],
)
def test_a_namesake_in_another_result_of_the_unit_is_not_taken_for_somebody(one, other, count):
    results = [[(a_line(name, unit=unit).line, person)] for name, unit, person in (one, other)]
    assert len(everybody_once(results)) == count


def lines(*tiers: str) -> list[PublishedLine]:
    places = {"优秀": 0, "称职": 1, "不称职": 2, "": None}
    return [a_line("甲", tier=tier, tier_index=places[tier], top=tier == "优秀").line for tier in tiers]


def test_what_one_unit_leaves_of_the_share_another_has_and_who_is_over_is_said():
    # 5 people: 优秀 2 of 5, allowed ⌊5 × 20 %⌋ = 1; 10 people, of whom 9 have a tier: none of ⌊9 × 20 %⌋ = 1.
    # Over all: 2 of 14, allowed ⌊14 × 20 %⌋ = 2, so the county holds it.
    county = county_tiers(
        [
            ("统计局", lines("优秀", "优秀", "称职", "称职", "不称职")),
            ("财政局", lines(*["称职"] * 9, "")),
            ("民政局", []),
        ],
        Fraction(1, 5),
    )
    assert county.tiers == ("优秀", "称职", "不称职")
    one, two, three = county.units
    assert (one.by_tier, one.top, one.share_text, one.allowed, one.over) == (
        {"优秀": 2, "称职": 2, "不称职": 1}, 2, "40.00", 1, 1,
    )  # fmt: skip
    assert (two.without, two.top, two.share_text, two.allowed, two.over) == (1, 0, "0.00", 1, 0)
    assert (three.share_text, three.allowed, three.over) == ("", 0, 0)
    assert (county.whole.top, county.whole.share_text, county.whole.allowed, county.whole.over) == (2, "14.29", 2, 0)


def test_teams_take_no_part_in_the_share_of_people():
    teams = [a_line("领导班子", tier="优秀", tier_index=0, top=True, is_person=False).line] * 5
    (unit,) = county_tiers([("统计局", [*teams, *lines(*["优秀"] * 2, *["称职"] * 3)])], Fraction(1, 5)).units
    assert (unit.by_tier, unit.top, unit.share_text, unit.allowed, unit.over) == (
        {"优秀": 2, "称职": 3}, 2, "40.00", 1, 1,
    )  # fmt: skip


def test_a_tier_above_the_best_one_of_another_unit_stands_first():
    given = [a_line("甲", tier=tier, tier_index=place, top=True).line for place, tier in enumerate(("特优", "优秀"))]
    assert county_tiers([("甲局", lines("优秀", "称职")), ("乙局", given)], Fraction(1, 5)).tiers == (
        "特优",
        "优秀",
        "称职",
    )
