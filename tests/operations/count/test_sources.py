"""What a year takes from its quarters: once each, in its place, of the right people, and only while it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from scene import CHAIR, NAMES, Scene, cast, prepare_meeting, put_scheme, version_of

from kaohe.domain.errors import FieldInvalid, InputsDoubted, InputsMissing
from kaohe.domain.people import Spell
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voiding import void_round
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count import sources
from kaohe.operations.count.importing_scores import Answer, import_periods, take_period, take_periods
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.count.results import CountedRound, load_counted
from kaohe.operations.count.sources import list_findings, offered_periods, stale_inputs
from kaohe.operations.people.register import add_person, list_people, note_change, register_subjects
from kaohe.operations.setup.deciding import decide
from kaohe.operations.setup.inputs import load_inputs
from kaohe.operations.setup.preparing import change_basics, create_meeting, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.schemes import parse_scheme_text
from kaohe.tally.model import Decision, Period
from kaohe.tally.periods import NOT_ASSESSED

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
YEAR = """
components = [
  { key = "routine", label = "平时考核", weight = 40, source = "periods" },
  { key = "votes", label = "年终测评", weight = 60, source = "votes" },
]
"""
EXEMPTING = """
bands = [{ key = "a", label = "A", from = 90 }, { key = "b", label = "B" }]
clauses = [{ key = "inquiry", label = "立案调查，暂不定档", effect = "exempt" }]
"""


def counted(*grades: str, rules: str = "") -> Scene:
    scene = prepare_meeting()
    put_scheme(scene.meeting_id, parse_scheme_text(GRADES + rules))
    open_meeting(CHAIR, scene.meeting_id)
    cast(scene.meeting_id, scene.all_codes[0], *grades)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    return scene


def year() -> str:
    return counted("excellent", "excellent", "excellent", rules=YEAR).meeting_id


def routine(meeting_id: str) -> dict[str, list[tuple[str, Fraction | None, str | None]]]:
    history = load_inputs(meeting_id).inputs.history
    return {key: [(each.label, each.score, each.tier) for each in periods] for key, periods in history.items()}


def test_taking_a_quarter_again_shows_old_and_new_and_keeps_its_place() -> None:
    built, quarter = year(), counted("excellent", "competent", "excellent").meeting_id
    import_periods(CHAIR, built, {"s1": (Period("第一季度", Fraction(70)), Period("第二季度", Fraction(60)))})
    before = routine(built)

    with pytest.raises(InputsDoubted) as doubted:
        take_period(CHAIR, built, "Q1", quarter)

    assert doubted.value.doubts == ("张伟“第一季度”：70 → 100",)
    assert routine(built) == before
    take_period(CHAIR, built, "Q1", quarter, Answer.SAME)
    assert routine(built)["s1"] == [("第一季度", 100, None), ("第二季度", 60, None)]
    assert load_inputs(built).periods == ("第一季度", "第二季度")
    take_period(CHAIR, built, "一季度", quarter)


def test_pasting_another_result_for_a_quarter_asks_first() -> None:
    built = year()
    import_periods(CHAIR, built, {"s1": (Period("第一季度", Fraction(70), "称职"),)})
    new = {"s1": (Period("第一季度", Fraction(75), "称职"),)}
    with pytest.raises(InputsDoubted) as doubted:
        import_periods(CHAIR, built, new)
    assert doubted.value.doubts == ("张伟“第一季度”：70 称职 → 75 称职",)
    assert routine(built) == {"s1": [("第一季度", 70, "称职")]}
    import_periods(CHAIR, built, new, Answer.SAME)
    assert routine(built) == {"s1": [("第一季度", 75, "称职")]}


def test_one_meeting_counts_as_one_quarter_only() -> None:
    built, quarter = year(), counted("excellent", "competent", "excellent").meeting_id
    take_period(CHAIR, built, "第二季度", quarter)
    with pytest.raises(FieldInvalid, match="已作为“第二季度”取用过，一场会议只能计一次"):
        take_period(CHAIR, built, "第三季度", quarter)
    with pytest.raises(FieldInvalid, match="写上年份"):
        take_period(CHAIR, built, "2026年第二季度", counted("excellent").meeting_id)
    assert load_inputs(built).periods == ("第二季度",)


def test_a_quarter_that_was_voided_keeps_the_year_from_being_published() -> None:
    built, quarter = year(), counted("excellent", "competent", "excellent").meeting_id
    take_period(CHAIR, built, "第一季度", quarter)
    assert stale_inputs(built) == ()
    void_round(CHAIR, quarter, "计票有误")

    assert stale_inputs(built) == ("“第一季度”取自“年度民主测评会”，那一场已经作废或还没有重新计票，请重新取用或删除",)
    with pytest.raises(InputsMissing, match="暂不能公布：“第一季度”取自"):
        publish_result(CHAIR, built)


def test_a_quarter_that_was_voided_stands_on_the_check_list_and_stops_a_year_without_a_vote() -> None:
    quarter = counted("excellent", "competent", "excellent").meeting_id
    built = create_meeting(CHAIR, title="2026年度考核", unit="", held_on=None, preset_id="zhen-pingshi-niandu")
    of_others(built, *(SubjectEntry(name, "办公室", "科员") for name in NAMES))
    take_period(CHAIR, built, "第一季度", quarter)
    assert [each.code for each in list_findings(built)] == ["no_unit", "defaults_unseen", "defaults_unseen"]
    open_meeting(CHAIR, built)
    void_round(CHAIR, quarter, "计票有误")

    stale = [each for each in list_findings(built) if each.code == "inputs_stale"]
    assert [(each.is_blocking, each.step) for each in stale] == [(True, "inputs")]
    assert "已经作废或还没有重新计票" in stale[0].message
    with pytest.raises(InputsMissing, match="暂不能汇总：“第一季度”取自"):
        count_meeting(CHAIR, built)


def test_a_voided_quarter_never_stops_a_vote_from_opening() -> None:
    quarter, built = counted("excellent").meeting_id, prepare_meeting().meeting_id
    put_scheme(built, parse_scheme_text(GRADES + YEAR))
    take_period(CHAIR, built, "第一季度", quarter)
    void_round(CHAIR, quarter, "计票有误")
    assert [each.is_blocking for each in list_findings(built) if each.code == "inputs_stale"] == [False]
    open_meeting(CHAIR, built)


def test_a_quarter_that_counts_otherwise_now_keeps_the_year_from_being_published() -> None:
    quarter = counted("excellent", "competent", "excellent", rules=EXEMPTING).meeting_id
    built = year()
    take_period(CHAIR, built, "第一季度", quarter)
    decide(CHAIR, quarter, Decision("s2", "inquiry", "立案"))
    assert stale_inputs(built) == ("“第一季度”取自“年度民主测评会”，那一场的结果后来有变动（李娜），请重新取用",)
    with pytest.raises(InputsMissing, match="后来有变动（李娜）"):
        publish_result(CHAIR, built)

    with pytest.raises(InputsDoubted) as doubted:
        take_period(CHAIR, built, "第一季度", quarter)
    assert doubted.value.doubts == ("李娜“第一季度”：80 B → 未定等次",)
    take_period(CHAIR, built, "第一季度", quarter, Answer.SAME)
    assert routine(built)["s2"] == [("第一季度", None, NOT_ASSESSED)]
    assert stale_inputs(built) == ()


def test_sources_are_counted_anew_only_after_something_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    built, quarter = year(), counted("excellent", "competent", "excellent").meeting_id
    take_period(CHAIR, built, "第一季度", quarter)
    asked: list[str] = []

    def counting(meeting_id: str) -> CountedRound:
        asked.append(meeting_id)
        return load_counted(meeting_id)

    monkeypatch.setattr(sources, "load_counted", counting)
    assert (stale_inputs(built), asked) == ((), [quarter])
    assert (stale_inputs(built), list_findings(built) != [], asked) == ((), True, [quarter])
    counted("excellent")
    assert (stale_inputs(built), asked) == ((), [quarter])
    # What anybody did to people or to one of the meetings may be something to it.
    for act in (
        lambda: add_person(CHAIR, Spell("王芳")),
        lambda: register_subjects(CHAIR, built),
    ):
        act()
        asked.clear()
        assert (stale_inputs(built), asked) == ((), [quarter])
    void_round(CHAIR, quarter, "计票有误")
    assert "已经作废" in stale_inputs(built)[0]


def named(meeting_id: str, title: str) -> None:
    change_basics(CHAIR, meeting_id, version_of(meeting_id), title=title, unit="青山区统计局", held_on=None)


def quarter_of(title: str, *grades: str) -> str:
    scene = prepare_meeting()
    named(scene.meeting_id, title)
    return counted_of(scene, *grades)


def counted_of(scene: Scene, *grades: str) -> str:
    put_scheme(scene.meeting_id, parse_scheme_text(GRADES))
    open_meeting(CHAIR, scene.meeting_id)
    cast(scene.meeting_id, scene.all_codes[0], *grades)
    close_meeting(CHAIR, scene.meeting_id)
    count_meeting(CHAIR, scene.meeting_id)
    return scene.meeting_id


def whole_year() -> str:
    return create_meeting(
        CHAIR, title="2026年度考核", unit="青山区统计局", held_on=None, preset_id="zhen-pingshi-niandu"
    )


def test_all_counted_quarters_of_a_unit_and_a_year_are_taken_at_once() -> None:
    built, titles = whole_year(), ("2026年第三季度考核", "2026年第一季度考核", "2025年第四季度考核")
    of_others(built, *(SubjectEntry(name, "办公室", "科员") for name in (*NAMES, "新来的人")))
    third, first, _ = [quarter_of(title, "excellent", "competent", "excellent") for title in titles]
    offered = offered_periods(built)
    assert [(each.label, each.meeting_id, each.is_taken) for each in offered] == [
        ("第一季度", first, False),
        ("第三季度", third, False),
    ]

    taken = take_periods(CHAIR, built, [(each.label, each.meeting_id) for each in offered])

    assert [(each.count, each.not_found) for each in taken] == [(3, ("新来的人",))] * 2
    assert routine(built)["s1"] == [("第一季度", 100, None), ("第三季度", 100, None)]
    assert [each.is_taken for each in offered_periods(built)] == [True, True]


def test_a_quarter_that_names_no_year_is_offered_to_the_year_of_its_day_alone() -> None:
    built, quarters = whole_year(), []
    for day in (date(2026, 1, 6), date(2027, 1, 6)):
        scene = prepare_meeting()
        version, title = version_of(scene.meeting_id), "第四季度考核"
        change_basics(CHAIR, scene.meeting_id, version, title=title, unit="青山区统计局", held_on=day)
        quarters.append(counted_of(scene, "excellent", "competent", "excellent"))
    assert [(each.label, each.meeting_id) for each in offered_periods(built)] == [("第四季度", quarters[1])]


def test_of_several_quarters_all_are_taken_or_none() -> None:
    built = whole_year()
    of_others(built, *(SubjectEntry(name, "办公室", "科员") for name in NAMES))
    first = quarter_of("2026年第一季度考核", "excellent", "competent", "excellent")
    second = quarter_of("2026年第二季度考核", "competent", "competent", "excellent")
    import_periods(CHAIR, built, {"s1": (Period("第二季度", Fraction(70)),)})
    wanted = [("第一季度", first), ("第二季度", second)]
    before = routine(built)

    with pytest.raises(InputsDoubted) as doubted:
        take_periods(CHAIR, built, wanted)

    assert doubted.value.doubts == ("张伟“第二季度”：70 → 80",)
    assert routine(built) == before
    with pytest.raises(FieldInvalid, match="一场会议只能计一次"):
        take_periods(CHAIR, built, [("第一季度", first), ("第二季度", first)], Answer.SAME)
    assert routine(built) == before
    with pytest.raises(FieldInvalid, match="至少选择一场"):
        take_periods(CHAIR, built, [])
    take_periods(CHAIR, built, wanted, Answer.SAME)
    assert routine(built)["s1"] == [("第一季度", 100, None), ("第二季度", 80, None)]


def of_others(meeting_id: str, *entries: SubjectEntry) -> None:
    change_subjects(CHAIR, meeting_id, load_meeting(meeting_id)[0].version, entries)


def test_a_namesake_of_another_post_is_asked_for_before_anything_is_taken() -> None:
    quarter = counted("excellent", "competent", "excellent").meeting_id
    built = prepare_meeting().meeting_id
    put_scheme(built, parse_scheme_text(GRADES + YEAR))
    of_others(built, SubjectEntry("张伟", "调查中心", "一级科员"), SubjectEntry("李娜", "办公室", "科员"))

    with pytest.raises(InputsDoubted) as doubted:
        take_period(CHAIR, built, "第一季度", quarter)
    (doubt,) = doubted.value.doubts
    assert doubt.startswith("张伟：本场为“调查中心 一级科员”，那一场为“")
    assert routine(built) == {}

    take_period(CHAIR, built, "第一季度", quarter, Answer.OTHERS)
    assert set(routine(built)) == {subject.key for subject in load_inputs(built).setup.subjects[1:]}
    take_period(CHAIR, built, "第一季度", quarter, Answer.SAME)
    assert len(routine(built)) == 2


def test_a_newcomer_of_the_same_name_is_not_given_the_quarter_of_one_who_has_moved_on() -> None:
    built, quarter = year(), counted("excellent", "competent", "excellent").meeting_id
    register_subjects(CHAIR, quarter)
    (moved,) = list_people("张伟")
    note_change(CHAIR, moved.id, replace(moved.now, unit="财政局"))
    with pytest.raises(InputsDoubted) as doubted:
        take_period(CHAIR, built, "第一季度", quarter)
    assert doubted.value.doubts == ("张伟：本场为“办公室 科员”，那一场的人在人员库中现为张伟（财政局 科员）",)
    take_period(CHAIR, built, "第一季度", quarter, Answer.OTHERS)
    assert set(routine(built)) == {"s2", "s3"}
    assert stale_inputs(built) == ()
    take_period(CHAIR, built, "第一季度", quarter, Answer.SAME)
    assert set(routine(built)) == {"s1", "s2", "s3"}
    assert stale_inputs(built) == ()


def test_of_two_namesakes_only_the_one_whose_unit_and_post_are_the_same_is_found() -> None:
    quarter = counted("excellent", "competent", "excellent").meeting_id
    same = load_meeting(quarter)[0].subjects[0]
    built = prepare_meeting().meeting_id
    put_scheme(built, parse_scheme_text(GRADES + YEAR))
    of_others(built, SubjectEntry("张伟", "调查中心", "一级科员"), SubjectEntry(same.name, same.unit, same.post))
    taken = take_period(CHAIR, built, "第一季度", quarter)
    assert (taken.count, len(routine(built))) == (1, 1)
