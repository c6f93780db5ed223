"""Scores, earlier periods and decisions come into a result, are refused where they do not fit, and lock with it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from scene import CHAIR, NAMES, cast, hold_meeting, prepare_meeting, put_scheme

from kaohe.domain.errors import (
    ComponentRefused,
    DecisionRefused,
    FieldInvalid,
    InputsMissing,
    MeetingUnknown,
    WrongState,
)
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.importing_scores import (
    Answer,
    clear_period,
    clear_scores,
    import_periods,
    import_scores,
    take_period,
    take_scores,
)
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import list_record_entries, load_counted
from kaohe.operations.setup.deciding import decide, withdraw_decision
from kaohe.operations.setup.inputs import load_inputs
from kaohe.operations.setup.preparing import load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.schemes import load_preset, parse_scheme_text
from kaohe.storage.database import reading
from kaohe.storage.inputs import stored_inputs
from kaohe.tally.model import Decision, Period
from kaohe.tally.periods import canonical_label

HALF = """
components = [
  { key = "checks", label = "日常检查", weight = 50, source = "imported" },
  { key = "votes", label = "民主测评", weight = 50, source = "votes" },
]
bonus_limit = 5
deduction_limit = 5
clauses = [
  { key = "bonus", label = "加分", effect = "bonus" },
  { key = "minus", label = "迟到", effect = "deduction", points = 2 },
  { key = "best", label = "直接定为优秀", effect = "outright", tier = "excellent" },
  { key = "worst", label = "直接定为不称职", effect = "outright", tier = "incompetent" },
]
bands = [
  { key = "excellent", label = "优秀", from = 90 },
  { key = "incompetent", label = "不称职" },
]
"""
QUARTERS = """
components = [
  { key = "routine", label = "平时考核", weight = 40, source = "periods", periods = 2 },
  { key = "votes", label = "年终测评", weight = 60, source = "votes" },
]
"""
GRADES = """
format = 1
key = "own"
title = "自定方案"
grades = [
  { key = "excellent", label = "优秀", points = 100 },
  { key = "competent", label = "称职", points = 80 },
]
dimensions = [{ key = "overall", label = "总体评价", weight = 100 }]
"""


def drafted(rules: str) -> str:
    scene = prepare_meeting()
    put_scheme(scene.meeting_id, parse_scheme_text(GRADES + rules))
    return scene.meeting_id


def counted(rules: str, *grades: str) -> str:
    """A counted meeting of three subjects with one ballot."""
    scene = prepare_meeting()
    put_scheme(scene.meeting_id, parse_scheme_text(GRADES + rules))
    open_meeting(CHAIR, scene.meeting_id)
    cast(scene.meeting_id, scene.all_codes[0], *grades)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    return scene.meeting_id


def acts(meeting_id: str) -> list[str]:
    return [event.act for event in list_record_entries(meeting_id)]


ALL_CHECKS = {"s1": Fraction(90), "s2": Fraction("85.5"), "s3": Fraction(60)}


def test_imported_scores_make_the_result_whole() -> None:
    meeting_id = counted(HALF, "excellent", "competent", "excellent")
    alone = load_counted(meeting_id)
    assert [each.score.text for each in alone.result.subjects] == ["100.00", "80.00", "100.00"]
    assert alone.missing == ("“日常检查”缺少得分：张伟、李娜、欧阳子涵",)
    assert "还不是最终得分" in alone.result.warnings[0]
    with pytest.raises(InputsMissing, match="日常检查"):
        publish_result(CHAIR, meeting_id)

    import_scores(CHAIR, meeting_id, "checks", ALL_CHECKS)

    whole = load_counted(meeting_id)
    # (90 + 100) ÷ 2, (85.5 + 80) ÷ 2, (60 + 100) ÷ 2
    assert [each.score.text for each in whole.result.subjects] == ["95.00", "82.75", "80.00"]
    assert [each.tier_label for each in whole.result.subjects] == ["优秀", "不称职", "不称职"]
    assert whole.missing == ()
    publish_result(CHAIR, meeting_id)
    assert acts(meeting_id).count("imported_scores") == 1


def test_what_changes_after_the_publication_never_changes_the_published_result() -> None:
    meeting_id = counted(HALF, "excellent", "competent", "excellent")
    import_scores(CHAIR, meeting_id, "checks", ALL_CHECKS)
    publish_result(CHAIR, meeting_id)
    before = load_counted(meeting_id).result
    for change in (
        lambda: decide(CHAIR, meeting_id, Decision("s1", "bonus", "获奖", Fraction(1))),
        lambda: import_scores(CHAIR, meeting_id, "checks", {"s1": Fraction(1)}),
        lambda: clear_scores(CHAIR, meeting_id, "checks"),
    ):
        change()
        assert load_counted(meeting_id).result == before


def test_a_score_that_does_not_fit_is_refused_and_nothing_is_stored() -> None:
    meeting_id = drafted(HALF)
    for component, scores in (
        ("checks", {"s1": Fraction(101)}),
        ("checks", {"s1": Fraction(50), "s9": Fraction(50)}),
        ("votes", {"s1": Fraction(50)}),
        ("nothing", {"s1": Fraction(50)}),
    ):
        with pytest.raises(ComponentRefused):
            import_scores(CHAIR, meeting_id, component, scores)
    with pytest.raises(FieldInvalid):
        import_scores(CHAIR, meeting_id, "checks", {})
    assert load_inputs(meeting_id).inputs.imported == {}
    assert "imported_scores" not in acts(meeting_id)


def test_scores_brought_again_take_the_place_of_the_earlier_ones_and_can_be_cleared() -> None:
    meeting_id = drafted(HALF)
    import_scores(CHAIR, meeting_id, "checks", {"s1": Fraction(50), "s2": Fraction(60)})
    import_scores(CHAIR, meeting_id, "checks", {"s1": Fraction(70)})
    assert load_inputs(meeting_id).inputs.imported == {("checks", "s1"): 70, ("checks", "s2"): 60}
    clear_scores(CHAIR, meeting_id, "checks")
    clear_scores(CHAIR, meeting_id, "checks")
    assert load_inputs(meeting_id).inputs.imported == {}
    assert acts(meeting_id).count("removed_scores") == 1


def test_scores_come_from_another_counted_meeting_as_its_sheets_print_them() -> None:
    scene = hold_meeting(names=("李娜", "张伟", "赵六"))
    for code, grades in zip(
        scene.all_codes, [("competent",) * 3, ("competent",) * 3, ("excellent",) * 3], strict=False
    ):
        cast(scene.meeting_id, code, *grades)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    meeting_id = drafted(HALF)

    taken = take_scores(CHAIR, meeting_id, "checks", scene.meeting_id)

    assert (taken.count, taken.not_found) == (2, ("欧阳子涵",))
    # (80 + 80 + 100) ÷ 3 = 86.666…, printed 86.67.
    assert load_inputs(meeting_id).inputs.imported == {("checks", key): Fraction("86.67") for key in ("s1", "s2")}
    assert load_inputs(meeting_id).sources == {"checks": ["年度民主测评会"]}
    assert load_inputs(meeting_id).missing == ("“日常检查”缺少得分：欧阳子涵",)


def test_meetings_never_use_each_others_scores_in_a_circle() -> None:
    first, second = (counted(HALF, "excellent", "competent", "excellent") for _ in range(2))
    import_scores(CHAIR, first, "checks", ALL_CHECKS)
    take_scores(CHAIR, second, "checks", first)
    with pytest.raises(ComponentRefused, match="圈"):
        take_scores(CHAIR, first, "checks", second)
    with pytest.raises(ComponentRefused, match="圈"):
        take_scores(CHAIR, first, "checks", first)
    assert load_inputs(first).sources == {"checks": [""]}


def test_nothing_is_taken_from_a_meeting_that_is_not_counted_or_not_complete() -> None:
    meeting_id = drafted(HALF)
    with pytest.raises(WrongState):
        take_scores(CHAIR, meeting_id, "checks", prepare_meeting().meeting_id)
    with pytest.raises(FieldInvalid, match="还缺其他成绩"):
        take_scores(CHAIR, meeting_id, "checks", counted(HALF, "excellent"))
    with pytest.raises(MeetingUnknown):
        take_scores(CHAIR, meeting_id, "checks", "nowhere")
    strangers = hold_meeting(names=("赵六",))
    cast(strangers.meeting_id, strangers.all_codes[0], "excellent")
    close_meeting(CHAIR, strangers.meeting_id)
    count_meeting(CHAIR, strangers.meeting_id)
    with pytest.raises(FieldInvalid, match="没有本场的考核对象"):
        take_scores(CHAIR, meeting_id, "checks", strangers.meeting_id)


def test_a_year_is_built_from_quarters_of_sheets_and_of_meetings() -> None:
    quarter = counted("", "excellent", "competent", "excellent")
    year = counted(QUARTERS, "excellent", "excellent", "competent")
    import_periods(CHAIR, year, {key: (Period("第一季度", Fraction(90)),) for key in ("s1", "s2", "s3")})
    take_period(CHAIR, year, "第二季度", quarter)

    assert load_inputs(year).periods == ("第一季度", "第二季度")
    # 平时 = (90 + 100) ÷ 2 = 95, (90 + 80) ÷ 2 = 85, 95; × 40 % + 测评 100, 100, 80 × 60 %
    assert [each.score.text for each in load_counted(year).result.subjects] == ["98.00", "94.00", "86.00"]

    import_periods(CHAIR, year, {key: (Period("第三季度", Fraction(90)),) for key in ("s1", "s2", "s3")})
    assert load_inputs(year).missing == ("“平时考核”应有 2 期结果，现有 3 期：张伟、李娜、欧阳子涵",)
    clear_period(CHAIR, year, "第三季度")
    assert load_inputs(year).missing == ()
    assert {"imported_periods", "took_period", "removed_period"} <= set(acts(year))


def test_quarters_stand_in_the_order_of_time_whatever_came_first() -> None:
    year = drafted(QUARTERS)
    for label, score in (("四季度", 90), ("Q2", 70), ("第3季度", 80), ("第一季度", 60), ("Q2", 75)):
        import_periods(CHAIR, year, {"s1": (Period(canonical_label(label), Fraction(score)),)}, Answer.SAME)
    found = load_inputs(year)
    assert found.periods == ("第一季度", "第二季度", "第三季度", "第四季度")
    with reading() as session:
        stored = stored_inputs(session, year).history["s1"]
    assert [(period.label, period.score) for period in stored] == [
        ("第一季度", 60),
        ("第二季度", 75),
        ("第三季度", 80),
        ("第四季度", 90),
    ]


@pytest.mark.parametrize("label", ["上一次", "前三季度", "2026年第一季度", "上半年", "第2期"])
def test_a_period_that_cannot_be_placed_is_refused_and_nothing_is_stored(label: str) -> None:
    year = drafted(QUARTERS)
    import_periods(CHAIR, year, {"s1": (Period("第二季度", Fraction(80)),)})
    with pytest.raises(FieldInvalid, match=r"看不出是哪一期|写上年份|同一段时间|排不出先后"):
        import_periods(CHAIR, year, {"s1": (Period(label, Fraction(90)),)})
    assert load_inputs(year).periods == ("第二季度",)


def test_periods_are_refused_where_the_scheme_does_not_look_back() -> None:
    meeting_id = drafted(HALF)
    with pytest.raises(FieldInvalid, match="不用往期结果"):
        import_periods(CHAIR, meeting_id, {"s1": (Period("第一季度", Fraction(90)),)})
    with pytest.raises(FieldInvalid):
        import_periods(CHAIR, meeting_id, {})


def test_decisions_change_the_result_and_their_reasons_stand_in_the_record() -> None:
    meeting_id = counted(HALF, "excellent", "competent", "excellent")
    import_scores(CHAIR, meeting_id, "checks", ALL_CHECKS)
    decide(CHAIR, meeting_id, Decision("s1", "bonus", "获市级表彰", Fraction(3)))
    decide(CHAIR, meeting_id, Decision("s1", "minus", "三次迟到"))
    decide(CHAIR, meeting_id, Decision("s3", "best", "抗洪抢险中表现突出"))

    first, _, third = load_counted(meeting_id).result.subjects
    assert (first.score.text, first.bonus.text, first.deduction.text) == ("96.00", "3.00", "2.00")
    assert third.tier_label == "优秀"
    said = [event.detail for event in list_record_entries(meeting_id) if event.act == "decided"]
    assert said[-1] == {
        "subject": "张伟",
        "clause": "加分",
        "amount": "3",
        "reason": "获市级表彰",
        "matter": "",
    }


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        (Decision("s9", "bonus", "获奖", Fraction(1)), "考核对象"),
        (Decision("s1", "praise", "获奖", Fraction(1)), "不适用"),
        (Decision("s1", "bonus", "获奖"), "大于 0"),
        (Decision("s1", "bonus", "获奖", Fraction(0)), "大于 0"),
        (Decision("s1", "minus", "迟到", Fraction(3)), "由方案规定为 2 分"),
        (Decision("s1", "best", "抢险", Fraction(3)), "不能写分值"),
        (Decision("s1", "bonus", "又是同一件事", Fraction(1), matter="市级表彰"), "计了两次"),
        (Decision("s1", "worst", "不服从安排"), "两个不同的档次"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(decision: Decision, message: str) -> None:
    meeting_id = drafted(HALF)
    decide(CHAIR, meeting_id, Decision("s1", "bonus", "获市级表彰", Fraction(1), matter="市级表彰"))
    decide(CHAIR, meeting_id, Decision("s1", "best", "抗洪抢险"))
    with pytest.raises(DecisionRefused, match=message):
        decide(CHAIR, meeting_id, decision)
    assert len(load_inputs(meeting_id).decisions) == 2


def test_a_decision_needs_a_reason_and_points_within_the_limit() -> None:
    meeting_id = drafted(HALF)
    with pytest.raises(FieldInvalid, match="理由"):
        decide(CHAIR, meeting_id, Decision("s1", "bonus", "  ", Fraction(1)))
    with pytest.raises(FieldInvalid, match="最多 5 分"):
        decide(CHAIR, meeting_id, Decision("s1", "bonus", "获奖", Fraction(6)))
    assert load_inputs(meeting_id).decisions == []


def test_a_decision_is_withdrawn_with_a_reason() -> None:
    meeting_id = drafted(HALF)
    decision_id = decide(CHAIR, meeting_id, Decision("s1", "bonus", "获奖", Fraction(1)))
    with pytest.raises(FieldInvalid):
        withdraw_decision(CHAIR, meeting_id, decision_id, "")
    withdraw_decision(CHAIR, meeting_id, decision_id, "材料不实")
    withdraw_decision(CHAIR, meeting_id, decision_id, "再按一次")
    assert load_inputs(meeting_id).decisions == []
    assert acts(meeting_id).count("withdrew_decision") == 1


def test_what_was_brought_stays_with_its_subject_when_the_list_changes() -> None:
    meeting_id = drafted(HALF)
    import_scores(CHAIR, meeting_id, "checks", ALL_CHECKS)
    decide(CHAIR, meeting_id, Decision("s2", "bonus", "获奖", Fraction(1)))
    first, second, third = (SubjectEntry(name, "办公室", "科员") for name in NAMES)

    def change(*entries: SubjectEntry) -> dict[str, Fraction]:
        change_subjects(CHAIR, meeting_id, load_meeting(meeting_id)[0].version, entries)
        found = load_inputs(meeting_id)
        names = {subject.key: subject.name for subject in found.setup.subjects}
        return {names[subject]: score for (_, subject), score in found.inputs.imported.items()}

    assert change(third, first, second) == {"张伟": 90, "李娜": Fraction("85.5"), "欧阳子涵": 60}
    assert change(third, replace(first, name="张玮"), second) == {
        "张玮": 90,
        "李娜": Fraction("85.5"),
        "欧阳子涵": 60,
    }
    assert change(SubjectEntry("赵六"), third) == {"欧阳子涵": 60}
    assert load_inputs(meeting_id).decisions == []
    assert change(first, second, third) == {"欧阳子涵": 60}


def test_what_another_scheme_does_not_ask_for_is_left_out_of_the_count() -> None:
    meeting_id = drafted(HALF)
    import_scores(CHAIR, meeting_id, "checks", ALL_CHECKS)
    decide(CHAIR, meeting_id, Decision("s1", "bonus", "获奖", Fraction(1)))
    put_scheme(meeting_id, load_preset("si-deng"))
    found = load_inputs(meeting_id)
    assert not found.needs.has_any
    assert (found.inputs.imported, found.inputs.decisions) == ({}, ())
    assert len(found.decisions) == 1
