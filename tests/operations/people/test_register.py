"""One identity across meetings: namesakes are asked for, changes noted, and a year rests on people, not on names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from scene import CHAIR, cast, version_of

from kaohe.domain.errors import FieldInvalid, PersonDoubted, PersonUnknown, UnitUnknown
from kaohe.domain.people import NEW, Employment, Spell
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.units import EVERYWHERE, TOP
from kaohe.operations.chair.publishing import publish_result
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.importing_scores import take_period
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.people.register import (
    add_person,
    doubts_about,
    list_people,
    note_change,
    people_in,
    register_subjects,
    require_no_doubts,
)
from kaohe.operations.people.units import add_unit, reach_below
from kaohe.operations.setup.copying import copy_meeting
from kaohe.operations.setup.inputs import load_inputs
from kaohe.operations.setup.issuing import issue_tickets, list_tickets
from kaohe.operations.setup.preparing import create_meeting, load_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.storage.database import reading
from kaohe.tally.model import SubjectKind

SUN = SubjectEntry("孙丽", "办公室", "科员")
CHEN = SubjectEntry("陈静", "办公室", "科员")
ZHAO = SubjectEntry("赵敏", "一科", "科长")


def meeting(*entries: SubjectEntry, preset: str = "si-deng", title: str = "测评会", unit_id: str = TOP) -> str:
    made = create_meeting(CHAIR, title=title, unit="统计局", held_on=None, preset_id=preset, unit_id=unit_id)
    change_subjects(CHAIR, made, version_of(made), entries)
    return made


def who(meeting_id: str) -> dict[str, str]:
    with reading() as session:
        return dict(people_in(session, meeting_id))


def told(sought: str = "") -> list[str]:
    return [person.told for person in list_people(sought)]


def test_while_nobody_is_registered_nobody_is_asked_and_nothing_is_kept() -> None:
    made = meeting(SUN, CHEN)
    assert (who(made), told()) == ({}, [])


def test_the_subjects_of_a_meeting_are_registered_once_and_known_in_the_next_one() -> None:
    first = meeting(SUN, CHEN, SubjectEntry("局班子", kind=SubjectKind.TEAM))
    assert [register_subjects(CHAIR, first) for _ in range(2)] == [2, 0]
    assert told() == ["孙丽（办公室 科员）", "陈静（办公室 科员）"]
    second = meeting(ZHAO, CHEN, SUN)
    known = {person.now.name: person.id for person in list_people()}
    assert who(second) == {"s2": known["陈静"], "s3": known["孙丽"]}
    assert who(first) == {"s1": known["孙丽"], "s2": known["陈静"]}


def test_a_meeting_like_another_one_is_about_the_same_people() -> None:
    first = meeting(SUN, CHEN)
    register_subjects(CHAIR, first)
    known = {person.now.name: person.id for person in list_people()}
    note_change(CHAIR, known["陈静"], Spell("陈静", "人事科", "科长"))
    again = copy_meeting(CHAIR, first, title="第二季度", unit="统计局", held_on=None, token="x" * 16)
    assert who(again) == who(first) == {"s1": known["孙丽"], "s2": known["陈静"]}


def test_whoever_bears_a_known_name_in_another_unit_or_post_is_asked_for_before_anything_is_stored() -> None:
    register_subjects(CHAIR, meeting(CHEN))
    (chen,) = list_people()
    young = SubjectEntry("陈静", "经济调查中心", "一级科员")
    second = meeting(ZHAO)
    assert [(each.at, each.people) for each in doubts_about(second, [ZHAO, young])] == [(1, (chen,))]
    for refused in (
        lambda: change_subjects(CHAIR, second, version_of(second), [ZHAO, young]),
        lambda: require_no_doubts(TOP, [young]),
        lambda: meeting(young),
    ):
        with pytest.raises(PersonDoubted, match="名单里的陈静（经济调查中心 一级科员）与人员库中的陈静（办公室 科员）"):
            refused()
    assert [subject.name for subject in load_meeting(second)[0].subjects] == ["赵敏"]
    change_subjects(CHAIR, second, version_of(second), [ZHAO, replace(young, person=NEW)])
    assert told("陈静") == ["陈静（办公室 科员）", "陈静（经济调查中心 一级科员）"]
    assert who(second)["s2"] != chen.id
    change_subjects(CHAIR, second, version_of(second), [young, ZHAO])
    assert list(who(second)) == ["s2"]


def test_whoever_has_moved_is_the_same_person_and_the_register_keeps_both_places() -> None:
    register_subjects(CHAIR, meeting(CHEN))
    (chen,) = list_people()
    moved = SubjectEntry("陈静", "人事科", "", person=chen.id)
    second = meeting(moved)
    assert who(second) == {"s1": chen.id}
    (now,) = list_people()
    assert [(spell.unit, spell.post) for spell in now.spells] == [("办公室", "科员"), ("人事科", "科员")]
    assert told("办公室") == ["陈静（人事科 科员）"]


def test_one_person_is_not_in_two_units_at_one_time_and_stands_on_a_list_once() -> None:
    register_subjects(CHAIR, meeting(CHEN))
    (chen,) = list_people()
    both = [ZHAO, CHEN, SubjectEntry("陈静", "人事科", "科员", person=chen.id)]
    second = meeting(ZHAO)
    with pytest.raises(PersonDoubted, match=r"^名单第 2 行和第 3 行是同一个人：陈静（办公室 科员）。一个人不能同时"):
        change_subjects(CHAIR, second, version_of(second), both)
    assert [subject.name for subject in load_meeting(second)[0].subjects] == ["赵敏"]
    assert list_people() == [chen]


def test_a_list_that_names_somebody_whom_the_register_does_not_have_is_refused_with_its_row() -> None:
    second = meeting(ZHAO)
    with pytest.raises(PersonDoubted, match="名单第 2 行的人员编号“nobody”不在人员库中"):
        change_subjects(CHAIR, second, version_of(second), [ZHAO, replace(CHEN, person="nobody")])
    assert [subject.name for subject in load_meeting(second)[0].subjects] == ["赵敏"]


def test_two_spells_of_one_person_do_not_overlap() -> None:
    sun = add_person(CHAIR, Spell("孙丽", "办公室", "科员", since=date(2026, 7, 1)))
    for since in (None, date(2026, 6, 30)):
        with pytest.raises(FieldInvalid, match="起始日期不能早于上一次变动（2026-07-01）"):
            note_change(CHAIR, sun, Spell("孙丽", "街道", "科员", since=since))
    assert [spell.unit for spell in list_people()[0].spells] == ["办公室"]


def test_renamed_seconded_and_gone_are_noted_with_their_days() -> None:
    sun = add_person(CHAIR, Spell("孙丽", "办公室", "科员", since=date(2020, 7, 1)))
    note_change(CHAIR, sun, Spell("孙莉", "办公室", "科员", since=date(2026, 3, 1)))
    note_change(CHAIR, sun, Spell("孙莉", "街道", "科员", Employment.SECONDED, date(2026, 6, 1)))
    assert told("孙丽") == ["孙莉（街道 科员，借调）"]
    with pytest.raises(FieldInvalid, match="没有变化"):
        note_change(CHAIR, sun, Spell("孙莉", "街道", "科员", Employment.SECONDED, date(2026, 7, 1)))
    with pytest.raises(PersonUnknown):
        note_change(CHAIR, "nobody", Spell("孙莉"))


def test_a_register_is_seen_and_changed_within_reach_and_used_by_the_units_below() -> None:
    district = add_unit(CHAIR, "青山区", TOP)
    office, beside = add_unit(CHAIR, "统计局", district), add_unit(CHAIR, "红河区", TOP)
    chen = add_person(CHAIR, Spell("陈静", "办公室", "科员"), district)
    assert [person.id for person in list_people(reach=reach_below(district))] == [chen]
    assert list_people(reach=reach_below(office)) == list_people(reach=reach_below(beside)) == []
    with pytest.raises(PersonUnknown):
        note_change(CHAIR, chen, Spell("陈静", "人事科"), reach_below(office))
    with pytest.raises(UnitUnknown):
        add_person(CHAIR, Spell("陈静"), TOP, reach_below(office))
    below = meeting(SubjectEntry("陈静", "人事科", "科员", person=chen), unit_id=office)
    assert who(below) == {"s1": chen}
    assert told("陈静") == ["陈静（办公室 科员）"]
    assert who(meeting(SubjectEntry("陈静", "农业科", "科员"), unit_id=beside)) == {}
    assert list_people(reach=EVERYWHERE) != []


def quarter(*entries: SubjectEntry) -> str:
    made = meeting(*entries, title="第一季度测评会")
    register_subjects(CHAIR, made)
    (code,) = issue_codes(made)
    open_meeting(CHAIR, made)
    cast(made, code, *(["excellent"] * len(entries)))
    close_meeting(CHAIR, made)
    count_meeting(CHAIR, made)
    publish_result(CHAIR, made)
    return made


def issue_codes(meeting_id: str) -> list[str]:
    (group,) = load_meeting(meeting_id)[0].groups
    change_groups(CHAIR, meeting_id, version_of(meeting_id), [replace(group, entitled=3)])
    issue_tickets(CHAIR, meeting_id, group.key, 1, 0)
    return [ticket.code for ticket in list_tickets(meeting_id)]


def test_a_year_takes_the_quarters_of_the_person_and_not_of_the_name() -> None:
    """Finding hr A4: a new colleague inherited the quarters of a namesake who had retired."""
    first = quarter(SUN, CHEN)
    people = {person.now.name: person.id for person in list_people()}
    note_change(CHAIR, people["孙丽"], Spell("孙莉", "农村科", "科长"))
    note_change(CHAIR, people["陈静"], Spell("陈静", "办公室", "科员", Employment.LEFT))
    recruited = SubjectEntry("陈静", "办公室", "科员", person=NEW)
    year = meeting(SubjectEntry("孙莉", "农村科", "科长"), recruited, preset="zhen-pingshi-niandu", title="年度")

    taken = take_period(CHAIR, year, "第一季度", first)

    assert (taken.count, taken.not_found) == (1, ("陈静",))
    history = load_inputs(year).inputs.history
    assert {key: [period.score for period in periods] for key, periods in history.items()} == {"s1": [Fraction(100)]}
