"""Two records that are one person, or two units that became one: read together, and taken apart again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from role_visits import PASSWORD
from scene import CHAIR, version_of

from kaohe.domain.errors import FieldInvalid, PeopleNotOne, PersonDoubted, PersonUnknown, UnitInvalid, UnitUnknown
from kaohe.domain.people import Employment, Spell
from kaohe.domain.permissions import Role
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.units import TOP
from kaohe.operations.count.sources import KnownPeople
from kaohe.operations.people.merging import (
    merge_people,
    merge_unit,
    preview_merge,
    preview_unit_merge,
    take_apart,
)
from kaohe.operations.people.register import add_person, list_people, note_change, people_in, register_subjects
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.operations.people.units import add_unit, close_unit, list_units, reach_below, reopen_unit
from kaohe.operations.setup.copying import copy_meeting
from kaohe.operations.setup.preparing import create_meeting
from kaohe.operations.setup.subjects import change_subjects
from kaohe.storage.clock import now
from kaohe.storage.database import reading
from kaohe.storage.record import chain_of

HR = "钱人事"
WHY = "调动时误作新人登记"


def meeting(title: str, *entries: SubjectEntry, unit_id: str = TOP) -> str:
    made = create_meeting(CHAIR, title=title, unit="", held_on=None, preset_id="si-deng", unit_id=unit_id)
    change_subjects(CHAIR, made, version_of(made), entries)
    return made


def who(meeting_id: str) -> dict[str, str]:
    with reading() as session:
        return dict(people_in(session, meeting_id))


def told() -> list[str]:
    return [person.told for person in list_people()]


@pytest.fixture
def twice() -> tuple[str, str, str, str]:
    """One person in the register twice, and the meetings of each record: (kept, merged, its meeting, the other's)."""
    kept = add_person(CHAIR, Spell("陈静", "人事科", "科长", since=date(2026, 3, 1)))
    merged = add_person(CHAIR, Spell("陈静", "办公室", "科员"))
    of_kept = meeting("第二季度", SubjectEntry("陈静", "人事科", "科长", person=kept))
    of_merged = meeting("第一季度", SubjectEntry("陈静", "办公室", "科员", person=merged))
    return kept, merged, of_kept, of_merged


def test_two_records_are_read_as_one_person_with_both_histories_and_all_meetings(twice) -> None:
    kept, merged, of_kept, of_merged = twice
    preview = preview_merge(kept, merged)
    assert (preview.meetings_of_kept, preview.meetings_of_merged, preview.refusal) == (["第二季度"], ["第一季度"], "")
    assert who(of_merged) == {"s1": merged}

    for _ in range(2):
        merge_people(HR, kept, merged, f" {WHY} ")

    (person,) = list_people()
    assert person == preview.together
    assert [(spell.unit, spell.since) for spell in person.spells] == [("办公室", None), ("人事科", date(2026, 3, 1))]
    assert person.ids == {kept, merged}
    assert who(of_kept) == who(of_merged) == {"s1": kept}
    assert KnownPeople(who(of_kept), who(of_merged)).there == {"s1": kept}
    with reading() as session:
        (act,) = [entry for entry in chain_of(session, None) if entry.act == "merged_people"]
    assert (act.actor, act.detail["reason"], act.detail["name"]) == (HR, WHY, "陈静（办公室 科员）")


def test_what_changes_afterwards_is_of_the_one_person_under_either_id(twice) -> None:
    kept, merged, *_ = twice
    merge_people(HR, kept, merged, WHY)
    note_change(CHAIR, merged, Spell("陈静", "街道", "主任", since=date(2026, 9, 1)))
    assert told() == ["陈静（街道 主任）"]
    third = meeting("第三季度", SubjectEntry("陈静", "农业科", "科长", person=merged))
    assert who(third) == {"s1": kept}
    assert [spell.unit for spell in list_people()[0].spells] == ["办公室", "人事科", "街道", "农业科"]
    with pytest.raises(PersonDoubted, match="同一个人"):
        meeting("两行", *(SubjectEntry("陈静", unit, "", person=each) for unit, each in (("甲", kept), ("乙", merged))))


def test_taken_apart_each_record_has_its_own_again_and_what_came_since_stays_with_the_kept_one(twice) -> None:
    kept, merged, of_kept, of_merged = twice
    merge_people(HR, kept, merged, WHY)
    since = copy_meeting(CHAIR, of_merged, title="第三季度", unit="", held_on=None, token="x" * 16)
    for _ in range(2):
        take_apart(HR, merged, "其实是两个人")
    assert told() == ["陈静（人事科 科长）", "陈静（办公室 科员）"]
    assert (who(of_kept), who(of_merged), who(since)) == ({"s1": kept}, {"s1": merged}, {"s1": kept})


def test_a_record_that_has_taken_one_in_is_merged_with_it_and_the_last_is_taken_apart_first(twice) -> None:
    kept, merged, _, of_merged = twice
    merge_people(HR, kept, merged, WHY)
    third = add_person(CHAIR, Spell("陈婧", "人事科", "科长", since=date(2026, 5, 1)))
    merge_people(HR, third, merged, "改名")
    assert told() == ["陈婧（人事科 科长）"]
    assert list_people()[0].ids == {kept, merged, third}
    assert who(of_merged) == {"s1": third}
    with pytest.raises(PersonUnknown):
        take_apart(HR, merged, WHY)
    take_apart(HR, kept, WHY)
    assert who(of_merged) == {"s1": kept}


def test_two_who_stand_in_one_meeting_are_two_people(twice) -> None:
    kept, merged, *_ = twice
    meeting(
        "年度",
        SubjectEntry("陈静", "人事科", "科长", person=kept),
        SubjectEntry("陈静", "办公室", "科员", person=merged),
    )
    sentence = "陈静（人事科 科长）和陈静（办公室 科员）同在“年度”的名单上，是两个人，不能合并。"
    assert preview_merge(kept, merged).refusal == sentence
    with pytest.raises(PeopleNotOne, match=sentence):
        merge_people(HR, kept, merged, WHY)
    assert len(list_people()) == 2


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201, "看不见\u202e"])
def test_without_a_reason_nothing_is_merged(twice, reason: str) -> None:
    kept, merged, *_ = twice
    with pytest.raises(FieldInvalid, match=r"请写明理由|看不见的字符"):
        merge_people(HR, kept, merged, reason)
    assert len(list_people()) == 2


def test_the_record_with_the_latest_change_is_the_one_that_is_kept(twice) -> None:
    kept, merged, *_ = twice
    note_change(CHAIR, merged, Spell("陈静", "街道", "科员", since=date(2026, 6, 1)))
    with pytest.raises(PeopleNotOne, match="2026-06-01"):
        merge_people(HR, kept, merged, WHY)
    merge_people(HR, merged, kept, WHY)
    assert told() == ["陈静（街道 科员）"]
    with pytest.raises(PeopleNotOne, match="同一条记录"):
        merge_people(HR, merged, merged, WHY)


def test_who_is_out_of_reach_is_neither_merged_nor_told_of(twice) -> None:
    kept, merged, *_ = twice
    office = add_unit(CHAIR, "统计局", TOP)
    near = add_person(CHAIR, Spell("陈静", "统计局"), office)
    for act in (
        lambda: merge_people(HR, near, merged, WHY, reach_below(office)),
        lambda: preview_merge(kept, near, reach_below(office)),
        lambda: take_apart(HR, merged, WHY, reach_below(office)),
    ):
        with pytest.raises(PersonUnknown):
            act()
    meeting(
        "县里的会", SubjectEntry("陈静", "统计局", person=near), SubjectEntry("陈静", "人事科", "科长", person=kept)
    )
    assert "同在“县里的会”" in preview_merge(kept, near).refusal


def test_a_unit_that_joins_another_one_takes_its_units_and_people_along_and_keeps_its_meetings() -> None:
    statistics, reform = (add_unit(CHAIR, name, TOP) for name in ("统计局", "发改局"))
    section = add_unit(CHAIR, "农业科", statistics)
    held = meeting("年度", SubjectEntry("孙丽", "统计局", "科员"), unit_id=statistics)
    register_subjects(CHAIR, held)
    add_person(CHAIR, Spell("周敏", "统计局", "科员", Employment.LEFT), statistics)
    day = date(2026, 7, 1)
    planned = preview_unit_merge(statistics, reform, day)
    assert [unit.name for unit in planned.below] == ["农业科"]
    assert [person.told for person, _ in planned.people] == ["孙丽（统计局 科员）"]

    assert [merge_unit(CHAIR, statistics, reform, day, "机构改革") for _ in range(2)] == [1, 0]

    tree = {line.unit.name: line for line in list_units()}
    assert tree["统计局"].unit.is_closed
    assert {tree[name].unit.parent_id for name in ("统计局", "农业科")} == {reform}
    assert tree["统计局"].meeting_count == 1
    assert {statistics, section} < set(reach_below(reform).within or ())
    assert told() == ["周敏（统计局 科员，离任）", "孙丽（发改局 科员）"]
    assert [(s.unit, s.since) for s in list_people("孙丽")[0].spells] == [("统计局", None), ("发改局", day)]
    again = meeting("第二年", SubjectEntry("孙丽", "发改局", "科员"), unit_id=reform)
    assert who(again) == who(held)


def test_nobody_of_another_unit_by_that_name_moves_along() -> None:
    districts = [add_unit(CHAIR, name, TOP) for name in ("青山区", "红河区")]
    own, other = (add_unit(CHAIR, "统计局", district) for district in districts)
    reform = add_unit(CHAIR, "发改局", districts[0])
    section = add_unit(CHAIR, "农业科", own)
    for name, kept_by in (
        ("甲", own),
        ("乙", section),
        ("丙", districts[0]),
        ("丁", TOP),
        ("戊", districts[1]),
        ("己", other),
    ):
        add_person(CHAIR, Spell(name, "统计局"), kept_by)
    planned = preview_unit_merge(own, reform, date(2026, 7, 1))
    assert {person.now.name for person, _ in planned.people} == {"甲", "乙", "丙"}
    merge_unit(CHAIR, own, reform, date(2026, 7, 1), "机构改革")
    assert {person.now.name for person in list_people("发改局")} == {"甲", "乙", "丙"}


def test_a_unit_that_was_closed_below_the_other_one_has_not_joined_it() -> None:
    district = add_unit(CHAIR, "青山区", TOP)
    statistics = add_unit(CHAIR, "统计局", district)
    add_person(CHAIR, Spell("陈静", "统计局"), statistics)
    close_unit(CHAIR, statistics)
    with pytest.raises(UnitInvalid, match="已撤销，请先恢复它"):
        merge_unit(CHAIR, statistics, district, date(2026, 7, 1), "机构改革")
    reopen_unit(CHAIR, statistics)
    assert merge_unit(CHAIR, statistics, district, date(2026, 7, 1), "机构改革") == 1
    with pytest.raises(UnitInvalid, match="已撤销"):
        merge_unit(CHAIR, statistics, district, date(2026, 8, 1), "机构改革")


def test_what_does_not_fit_keeps_two_units_apart_and_changes_nothing() -> None:
    statistics, reform = (add_unit(CHAIR, name, TOP) for name in ("统计局", "发改局"))
    section, same = add_unit(CHAIR, "办公室", statistics), add_unit(CHAIR, "办公室", reform)
    later = add_person(CHAIR, Spell("孙丽", "统计局", "科员", since=date(2026, 8, 1)), statistics)
    # The first account is always one at the top.
    for name, unit in (("赵管理", TOP), ("吴科员", section)):
        create_account(make_sign_in_link("测试", [Role.ORGANIZER], unit), name, PASSWORD)
    before = (list_units(), list_people())
    day = date(2026, 7, 1)
    for unit, into, on, why, refusal, said in (
        (statistics, reform, None, WHY, FieldInvalid, "请填写合并日期"),
        (statistics, reform, day, "", FieldInvalid, "请写明理由"),
        (statistics, reform, day, WHY, UnitInvalid, "之下已有“办公室”"),
        (statistics, section, day, WHY, UnitInvalid, "它自己或它的下级单位"),
        (section, same, day, WHY, UnitInvalid, "还有账号（吴科员）"),
        (TOP, reform, day, WHY, UnitInvalid, "最上级单位"),
        (statistics, "nowhere", day, WHY, UnitUnknown, "没有找到这个单位"),
    ):
        with pytest.raises(refusal, match=said):
            merge_unit(CHAIR, unit, into, on, why)
    with pytest.raises(FieldInvalid, match=r"^孙丽（统计局 科员）：起始日期不能早于上一次变动（2026-08-01）"):
        merge_unit(CHAIR, statistics, add_unit(CHAIR, "财政局", TOP), day, WHY)
    with pytest.raises(UnitUnknown):
        merge_unit(CHAIR, section, reform, day, WHY, reach_below(reform))
    assert (list_units()[:-1], list_people()) == before
    assert list_people()[0].id == later


def test_who_was_registered_and_merged_is_not_registered_again_by_the_same_form() -> None:
    kept, merged = (add_person(CHAIR, Spell("陈静", unit), token=unit) for unit in ("人事科", "办公室"))
    merge_people(HR, kept, merged, WHY)
    assert add_person(CHAIR, Spell("陈静", "办公室"), token="办公室") == kept
    assert len(list_people()) == 1


def test_a_change_of_a_day_to_come_is_not_made_before_that_day() -> None:
    own, other = (add_unit(CHAIR, name, TOP) for name in ("统计局", "财政局"))
    person = add_person(CHAIR, Spell("陈静", "统计局"), own)
    tomorrow = now().astimezone().date() + timedelta(days=1)
    before = (list_units(), list_people())
    for act in (
        lambda: merge_unit(CHAIR, own, other, tomorrow, WHY),
        lambda: preview_unit_merge(own, other, tomorrow),
        lambda: note_change(CHAIR, person, Spell("陈静", "财政局", since=tomorrow)),
        lambda: add_person(CHAIR, Spell("王芳", since=tomorrow)),
    ):
        with pytest.raises(FieldInvalid, match="不能晚于今天"):
            act()
    assert (list_units(), list_people()) == before


def test_who_moved_to_a_unit_and_was_merged_with_its_own_record_moves_on_with_it() -> None:
    districts = [add_unit(CHAIR, name, TOP) for name in ("青山区", "红河区")]
    own, other = (add_unit(CHAIR, "统计局", district) for district in districts)
    finance, reform = (add_unit(CHAIR, name, districts[0]) for name in ("财政局", "发改局"))
    for name, kept_by in (("甲", finance), ("乙", other)):
        kept = add_person(CHAIR, Spell(name, "财政局", "科员"), kept_by)
        note_change(CHAIR, kept, Spell(name, "统计局", "科员", since=date(2026, 3, 1)))
        merge_people(HR, kept, add_person(CHAIR, Spell(name, "统计局", "科员"), own), WHY)
    # 乙 may be in the other 统计局.
    planned = preview_unit_merge(own, reform, date(2026, 7, 1))
    assert [person.now.name for person, _ in planned.people] == ["甲"]


def test_two_sibling_units_know_one_person_whose_records_were_merged() -> None:
    one, two = (add_unit(CHAIR, name, TOP) for name in ("统计局", "财政局"))
    merged = add_person(CHAIR, Spell("陈静", "统计局", "科员"), one)
    kept = add_person(CHAIR, Spell("陈静", "财政局", "科长"), two)
    held = meeting("第一季度", SubjectEntry("陈静", "统计局", "科员", person=merged), unit_id=one)
    merge_people(HR, kept, merged, WHY)
    assert [[person.id for person in list_people("陈静", reach_below(unit))] for unit in (one, two)] == [[kept], [kept]]
    # The list that is saved once more keeps her, and the next one asks whether she is meant.
    entries = [SubjectEntry("陈静", "统计局", "科员"), SubjectEntry("王芳", "统计局", "科员")]
    change_subjects(CHAIR, held, version_of(held), entries)
    assert list(who(held).values()) == [kept]
    with pytest.raises(PersonDoubted, match="陈静（财政局 科长）"):
        meeting("第二季度", entries[0], unit_id=one)
    # What has become of her is noted by the unit whose record is kept, and by nobody else.
    with pytest.raises(PersonUnknown):
        note_change(HR, kept, Spell("陈静", "统计局"), reach_below(one))
    # Neither of them alone takes back what was done over both.
    for unit in (one, two):
        with pytest.raises(PersonUnknown):
            take_apart(HR, merged, WHY, reach_below(unit))
    take_apart(HR, merged, WHY)
    assert [len(list_people("陈静", reach_below(unit))) for unit in (one, two)] == [1, 1]
