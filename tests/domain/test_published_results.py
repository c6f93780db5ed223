"""What is kept of a published result is what its sheets print, and tells nothing about a few voters."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from fractions import Fraction

from case_files import CASES, count_of, scheme_of

from kaohe.domain.published_results import (
    EarlierPeriod,
    FoundLine,
    PublishedResult,
    published_result,
    published_text,
    read_published,
    with_periods,
)
from kaohe.schemes import load_preset
from kaohe.tally.model import Count, GradeCounts, Ruling, Subject, Turnout
from kaohe.tally.scheme.scheme import VoterGroup
from kaohe.tally.tallying import tally


def of_case(name: str) -> PublishedResult:
    case = tomllib.loads(next(path for path in CASES if path.stem == name).read_text(encoding="utf-8"))
    return published_result(tally(count_of(case, scheme_of(case))))


def voted(*rows: tuple[int, ...], cast: int = 9) -> PublishedResult:
    subjects = tuple(
        Subject(f"s{number}", name, class_label=label)
        for number, (name, label) in enumerate((("甲", "正科"), ("乙", "正科"), ("丙", "副科")), 1)
    )
    cells = {
        ("all", subject.key, "overall"): GradeCounts(row, skipped=cast - sum(row))
        for subject, row in zip(subjects, rows, strict=True)
    }
    return published_result(tally(Count(load_preset("si-deng"), subjects, cells, {"all": Turnout(cast=cast)})))


def test_what_is_stored_reads_back_as_it_was() -> None:
    for name in ("a-tier-goes-through-its-steps", "p16-ganbu-zonghe", "p10-shengji-abcd-niandu"):
        assert read_published(published_text(of_case(name))) == of_case(name)


def test_a_line_says_score_rank_among_its_class_and_what_people_ruled() -> None:
    lines = {line.name: line for line in voted((9, 0, 0, 0), (8, 1, 0, 0), (9, 0, 0, 0)).lines}
    assert [(line.score, line.rank, line.among) for line in lines.values()] == [
        ("100.00", 1, 2),
        ("97.78", 2, 2),
        ("100.00", 1, 1),
    ]
    ruled = {line.name: line for line in of_case("a-tier-goes-through-its-steps").lines}
    assert ruled["甲"].tier == "优秀"
    assert ruled["甲"].decisions == ("审核：称职（第四季度有一项工作未完成）", "审定：优秀（经核实非本人责任）")
    assert [(line.tier_index, line.is_top) for line in ruled.values()] == [(0, True), (2, False), (3, False)]
    assert ruled["丙"].decisions == ()
    assert ruled["甲"].periods == (EarlierPeriod("第 1 期", "92", ""), EarlierPeriod("第 2 期", "90", ""))


def test_who_keeps_a_tier_together_with_all_others_has_no_ruling_of_their_own() -> None:
    case = tomllib.loads((CASES[0].parent / "a-tier-goes-through-its-steps.toml").read_text(encoding="utf-8"))
    count = replace(count_of(case, scheme_of(case)), rulings=(Ruling("审核", "", ""),))
    assert {line.decisions for line in published_result(tally(count)).lines} == {()}


def test_sections_stand_under_their_names_and_the_share_of_the_best_is_the_schemes() -> None:
    lines = of_case("p02-jiguan-xiaoneng").lines
    assert {(line.section, line.is_person) for line in lines} == {("科室", False), ("工作人员", True)}
    assert of_case("s04-shiye-niandu").quota == Fraction(1, 5)
    assert of_case("p12-zhen-pingshi-niandu").quota is None


def test_what_people_give_above_excellent_counts_as_excellent_and_nothing_below_it() -> None:
    lines = of_case("p16-candidates-by-goals-and-five-tiers").lines
    assert {line.tier for line in lines if line.is_top} == {"特优", "优秀"}


def test_full_marks_are_told_only_where_they_tell_nothing_of_a_few() -> None:
    assert [line.has_full_marks for line in voted((9, 0, 0, 0), (8, 1, 0, 0), (0, 0, 0, 0)).lines] == [
        True,
        False,
        None,
    ]
    assert [line.has_full_marks for line in voted((4, 0, 0, 0), (3, 1, 0, 0), (4, 0, 0, 0), cast=4).lines] == [None] * 3
    groups = (VoterGroup("a", "A", Fraction(1, 2)), VoterGroup("b", "B", Fraction(1, 2)))
    scheme = replace(load_preset("si-deng"), groups=groups)
    cells = {("a", "s", "overall"): GradeCounts((2, 0, 0, 0)), ("b", "s", "overall"): GradeCounts((9, 0, 0, 0))}
    turnout = {"a": Turnout(cast=2), "b": Turnout(cast=9)}
    published = published_result(tally(Count(scheme, (Subject("s", "甲"),), cells, turnout)))
    (line,) = published.lines
    assert line.has_full_marks is None


def found(name: str, title: str, *periods: str) -> FoundLine:
    (line, *_) = of_case("a-tier-goes-through-its-steps").lines
    made = replace(line, name=name, unit="一科", periods=tuple(EarlierPeriod(each, "90", "好") for each in periods))
    return FoundLine("m", title, "统计局", date(2026, 12, 1), made)


def test_a_line_is_found_by_every_word_that_is_shown_of_it() -> None:
    line = found("张伟", "2026年度考核")
    assert line.holds(["张", "统计"])
    assert line.holds(["2026", "优秀", "一科"])
    assert not line.holds(["张", "称职"])


def test_a_history_has_each_period_once_whether_it_was_a_meeting_or_not() -> None:
    year = found("张伟", "2026年度考核", "第一季度", "第二季度")
    own = (year, found("张伟", "2026年第二季度考核"))
    shown = tuple(with_periods(own))
    assert [each.title for each in shown] == ["2026年度考核", "2026年度考核：第一季度", "2026年第二季度考核"]
    (brought,) = (each for each in shown if "：" in each.title)
    assert (brought.line.score, brought.line.tier, brought.line.rank, brought.line.decisions) == ("90", "好", None, ())
    assert brought.held_on is None


def test_a_period_that_was_brought_with_its_year_is_the_meeting_of_that_quarter() -> None:
    own = (found("张伟", "2026年度考核", "2026年第二季度", "2025年第二季度"), found("张伟", "2026年第二季度考核"))
    shown = [each.title for each in with_periods(own)]
    assert shown == ["2026年度考核", "2026年度考核：2025年第二季度", "2026年第二季度考核"]


def test_a_period_of_one_year_is_not_taken_for_the_meeting_of_another() -> None:
    year = found("张伟", "2026年度考核", "第一季度", "2026年第二季度")
    earlier = replace(found("张伟", "第一季度考核"), held_on=date(2025, 4, 1))
    undated = replace(found("张伟", "第一季度考核"), held_on=None)
    own = (year, found("张伟", "2026年第二季度考核"), earlier, undated)
    assert [each.title for each in with_periods(own)] == [
        "2026年度考核",
        "2026年度考核：第一季度",
        "2026年第二季度考核",
        "第一季度考核",
        "第一季度考核",
    ]
