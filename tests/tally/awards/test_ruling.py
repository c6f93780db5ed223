"""Rulings that name what is not there, say no reason, or give what the rules forbid are refused; steps are checked."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.schemes import load_preset
from kaohe.tally import tally
from kaohe.tally.model import Count, Decision, Period, Ruling, Subject
from kaohe.tally.notes.settings import scheme_notes
from kaohe.tally.scheme.refusals import DecisionError, SchemeError
from kaohe.tally.scheme.tiers import Band, Quota, QuotaScope
from kaohe.tally.scheme_checks.whole import check_scheme

YEAR = load_preset("jixiao-pingshi-niandu")
SUBJECTS = (Subject("a", "甲", unit="一科"), Subject("b", "乙", unit="一科"), Subject("c", "丙", unit="二科"))
HISTORY = {key: (Period("第一季度", Fraction(score)),) for key, score in (("a", 95), ("b", 92), ("c", 50))}


def year(*rulings: Ruling, **more: object) -> Count:
    return Count(YEAR, SUBJECTS, {}, {}, **{"history": HISTORY, "rulings": rulings, **more})


@pytest.mark.parametrize(
    ("rulings", "says"),
    [
        ([Ruling("审定", "d", "excellent", "研究")], "没有考核对象「d」"),
        ([Ruling("审核", "a", "excellent", "研究")], "不合本方案的步骤或等次"),
        ([Ruling("审定", "a", "best", "研究")], "不合本方案的步骤或等次"),
        ([Ruling("审定", "a", "competent", " ")], "没有写明理由"),
        ([Ruling("审定", "a", "competent", "研究"), Ruling("审定", "a", "", "研究")], "作了两次"),
    ],
)
def test_a_ruling_about_what_is_not_there_is_refused(rulings: list[Ruling], says: str) -> None:
    with pytest.raises(DecisionError, match=says):
        tally(year(*rulings))


def test_a_scheme_without_tiers_has_nothing_to_rule_about() -> None:
    bare = replace(YEAR, bands=(), clauses=(), quotas=())
    with pytest.raises(DecisionError, match="不定等次"):
        tally(replace(year(Ruling("审定", "", "")), scheme=bare))


def test_nobody_is_ruled_above_a_cap_or_out_of_an_exemption_and_lower_is_free() -> None:
    decisions = (Decision("a", "warned", "党内警告"), Decision("b", "probation", "试用"))
    with pytest.raises(DecisionError, match="「甲」最高为称职，不能审定为优秀"):
        tally(year(Ruling("审定", "a", "excellent", "研究"), decisions=decisions))
    with pytest.raises(DecisionError, match="「乙」已认定不确定档次，不能审定为称职"):
        tally(year(Ruling("审定", "b", "competent", "研究"), decisions=decisions))
    result = tally(
        year(Ruling("审定", "a", "incompetent", "研究"), Ruling("审定", "b", "", "研究"), decisions=decisions)
    )
    assert [(row.recommended_label, row.tier_label) for row in result.subjects] == [
        ("称职", "不称职"),
        ("", ""),
        ("不称职", "不称职"),
    ]
    assert result.ruled_steps == ("审定",)
    assert result.subjects[0].explain[-1] == "审定：不称职（研究）"


def test_the_places_of_a_unit_are_kept_in_mind() -> None:
    halves = replace(YEAR, quotas=(Quota(share=Fraction(1, 2), scope=QuotaScope.UNIT),))
    with pytest.raises(DecisionError, match="「一科」的优秀名额 1 个，审定后有 2 个"):
        tally(replace(year(Ruling("审定", "b", "excellent", "研究")), scheme=halves))


def test_steps_are_one_to_five_of_different_names() -> None:
    for steps, says in (
        ((), "1 到 5 个步骤"),
        (("一", "二", "三", "四", "五", "六"), "1 到 5 个步骤"),
        (("审核", "审核"), "与前面的重复"),
        (("",), "应为 1 到 10 个字"),
    ):
        with pytest.raises(SchemeError, match=says):
            check_scheme(replace(YEAR, ruling_steps=steps))
    two = replace(YEAR, ruling_steps=("审核", "审定"))
    check_scheme(two)
    assert "程序：由规则得出的是建议等次，经审核、审定后确定。" in scheme_notes(two)
    assert not any(note.startswith("程序") for note in scheme_notes(YEAR))


def test_the_days_for_a_review_are_one_to_a_year() -> None:
    for days in (0, 366):
        with pytest.raises(SchemeError, match="1 到 365 日"):
            check_scheme(replace(YEAR, review_days=days))
    check_scheme(replace(YEAR, review_days=365))


def test_a_share_that_is_only_watched_needs_a_share_and_limits_nothing() -> None:
    with pytest.raises(SchemeError, match="请用 share 写明"):
        check_scheme(replace(YEAR, quotas=(Quota(count=1, watched=True),)))
    watched = replace(YEAR, quotas=(Quota(share=Fraction(1, 10), watched=True),))
    result = tally(replace(year(), scheme=watched))
    assert [row.tier_label for row in result.subjects] == ["优秀", "优秀", "不称职"]
    assert result.findings == ("优秀分布：全体参加定档 3 个，优秀 2 个，占 66.67%（参考 10%）。",)
    assert "优秀分布：全体大致平衡，以 10% 为参考，不限名额。" in scheme_notes(watched)


def test_a_tier_that_only_people_give_stands_above_the_others_and_names_no_scores() -> None:
    special, *scored = Band("special", "特优", ruled=True), *YEAR.bands
    five = replace(YEAR, bands=(special, *scored))
    check_scheme(five)
    assert any("；特优只由票决或审定确定" in note for note in scheme_notes(five))
    for bands, says in (
        ((*scored, special), "应写在按得分确定的档次之上"),
        ((replace(special, start=Fraction(95)), *scored), "不写 from、below、to"),
        ((special, scored[-1]), "2 个按得分确定的档次"),
    ):
        with pytest.raises(SchemeError, match=says):
            check_scheme(replace(five, bands=bands))
    with pytest.raises(SchemeError, match="请删去名额"):
        check_scheme(replace(five, quotas=(Quota(count=1),)))
    judged = replace(YEAR.components[0], bands=(special, *scored))
    with pytest.raises(SchemeError, match="应写在按得分确定的档次之上"):
        check_scheme(replace(YEAR, components=(judged,)))
