"""What a scheme asks for beside the votes, and what it still lacks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.domain.inputs import (
    CountInputs,
    fitting_inputs,
    limit_of,
    misplaced_periods,
    missing_inputs,
    needs_of,
    ruling_steps,
)
from kaohe.schemes import load_preset
from kaohe.tally.model import Decision, Period, Ruling, Subject, SubjectKind
from kaohe.tally.periods import NOT_ASSESSED

ZHANG = Subject("s1", "张伟", section="head")
OFFICE = Subject("s2", "办公室", kind=SubjectKind.TEAM)


@pytest.mark.parametrize(
    ("preset", "components", "periods", "clauses"),
    [
        ("si-deng", [], "", 0),
        ("guji-xiaoneng", [], "used", 2),
        ("jiguan-xiaoneng", ["checks"], "", 6),
        ("beian-pingshi", [], "used", 10),
        ("diwei-pingshi", [], "needed", 7),
        ("shengji-abcd-niandu", [], "needed", 7),
        ("ganbu-zonghe", ["goals"], "used", 3),
        ("tongjiju-jixiao", [], "", 10),
    ],
)
def test_a_preset_asks_for_what_its_score_is_made_from(
    preset: str, components: list[str], periods: str, clauses: int
) -> None:
    needs = needs_of(load_preset(preset))
    assert [component.key for component in needs.components] == components
    assert ("needed" if needs.needs_periods else "used" if needs.uses_periods else "") == periods
    assert len(needs.clauses) == clauses
    assert needs.has_any is bool(components or periods or clauses)


def test_a_clause_of_one_section_is_not_for_the_others() -> None:
    inputs = CountInputs(
        {("goals", "s1"): Fraction(90), ("votes", "s1"): Fraction(90), ("goals", "s9"): Fraction(90)},
        {"s1": (Period("上年", Fraction(80)),), "s9": ()},
        (Decision("s1", "safety", "事故"), Decision("s2", "safety", "事故"), Decision("s9", "safety", "事故")),
    )
    kept = fitting_inputs(load_preset("ganbu-zonghe"), (ZHANG, OFFICE), inputs)
    assert kept == CountInputs(
        {("goals", "s1"): Fraction(90)}, {"s1": (Period("上年", Fraction(80)),)}, (Decision("s2", "safety", "事故"),)
    )
    assert fitting_inputs(load_preset("si-deng"), (ZHANG,), inputs) == CountInputs()


def test_a_subject_without_a_section_lacks_nothing_yet() -> None:
    scheme = load_preset("ganbu-zonghe")
    assert missing_inputs(scheme, (replace(ZHANG, section=""),), CountInputs()) == ()
    assert missing_inputs(scheme, (ZHANG, OFFICE), CountInputs()) == (
        "“单位综合目标考核”缺少得分：张伟",
        "“综合目标考核”缺少得分：办公室",
    )


def test_names_beyond_five_are_only_counted() -> None:
    many = tuple(Subject(f"s{n}", f"第{n}人") for n in range(7))
    assert missing_inputs(load_preset("xiang-pingshi"), many, CountInputs()) == (
        "“量化考核”缺少得分：第0人、第1人、第2人、第3人、第4人 等 7 个",
    )


def test_periods_must_be_there_be_no_more_than_a_year_has_and_hold_what_is_measured() -> None:
    def lacking(preset: str, *periods: Period) -> tuple[str, ...]:
        return missing_inputs(load_preset(preset), (ZHANG,), CountInputs(history={"s1": periods}))

    assert lacking("sifaju-pingshi") == ("“平时考核”缺少各期结果：张伟",)
    assert lacking("sifaju-pingshi", Period("一季度")) == ("“平时考核”缺少“一季度”的得分：张伟",)
    four = tuple(Period(f"第{n}季度", Fraction(80)) for n in range(4))
    assert lacking("sifaju-pingshi", *four) == ("“平时考核”应有 3 期结果，现有 4 期：张伟",)
    assert lacking("shengji-abcd-niandu", Period("一季度", tier="A")) == ()
    assert "不能折算，应为 A、B、C、D 之一" in lacking("shengji-abcd-niandu", Period("一季度", tier="好"))[0]
    assert lacking("diwei-pingshi", Period("一季度", tier="好")) == ()


def test_only_clauses_about_points_have_a_limit() -> None:
    rules = load_preset("beian-pingshi")
    limits = {clause.key: limit_of(rules, clause) for clause in rules.clauses}
    assert (limits["bonus"], limits["deduction"], limits["outright_good"]) == (5, 5, None)


def test_a_year_in_which_nobody_was_assessed_cannot_be_computed_but_one_quarter_may_be_missing() -> None:
    def lacking(*tiers: str) -> tuple[str, ...]:
        periods = tuple(Period(f"第{n}季度", tier=tier) for n, tier in zip("一二三四", tiers, strict=False))
        return missing_inputs(load_preset("shengji-abcd-niandu"), (ZHANG,), CountInputs(history={"s1": periods}))

    assert lacking("A", NOT_ASSESSED, "B", "A") == ()
    assert lacking(NOT_ASSESSED, NOT_ASSESSED)[0].startswith("“平时考核成绩”的各期都未定等次，无从计算")


def test_a_period_that_cannot_be_placed_in_time_is_said() -> None:
    history = {"s1": (Period("第一季度", tier="A"), Period("上一次", tier="A"))}
    assert "看不出是哪一期" in misplaced_periods(CountInputs(history=history))[0]
    assert misplaced_periods(CountInputs(history={"s1": history["s1"][:1]})) == ()


def test_a_ruling_stays_while_its_step_its_subject_and_its_tier_are_there() -> None:
    scheme = load_preset("sifaju-pingshi")
    assert ruling_steps(scheme) == ("审定",)
    assert ruling_steps(load_preset("si-deng")) == ()
    kept = (Ruling("审定", "", ""), Ruling("审定", "s1", "competent", "研究"), Ruling("审定", "s1", "", "研究"))
    gone = (
        Ruling("审核", "", ""),
        Ruling("审核", "s1", "competent", "研究"),
        Ruling("审定", "s1", "a", "研究"),
        Ruling("审定", "s9", "competent", "研究"),
    )
    assert fitting_inputs(scheme, (ZHANG,), CountInputs(rulings=(*kept, *gone))).rulings == kept
