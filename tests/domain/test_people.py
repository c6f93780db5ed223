"""Who of the register an entry of a list is: one person for sure, or a question, and never a namesake by luck."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kaohe.domain.errors import FieldInvalid, PeopleNotOne
from kaohe.domain.people import Employment, Fit, Person, Spell, check_spell, fit, require_one_person, united

ZHANG = Person("p1", "top", (Spell("张伟", "一科", "科长"),))
OTHER = Person("p2", "top", (Spell("张伟", "二科", "科员"),))
RENAMED = Person(
    "p3", "top", (Spell("孙丽", "办公室", "科员"), Spell("孙莉", "办公室", "科员", since=date(2026, 3, 1)))
)
RETIRED = Person("p4", "top", (Spell("陈静", "办公室", "科员"), Spell("陈静", "办公室", "科员", Employment.LEFT)))
EVERYBODY = (ZHANG, OTHER, RENAMED, RETIRED)


@pytest.mark.parametrize(
    ("name", "unit", "post", "who"),
    [
        ("张伟", "一科", "科长", Fit(ZHANG)),
        ("张伟", "二科", "", Fit(OTHER)),
        ("张伟", "", "科员", Fit(OTHER)),
        ("张伟", "", "", Fit(None, (ZHANG, OTHER))),
        ("张伟", "三科", "科长", Fit(None, (ZHANG, OTHER))),
        ("孙莉", "办公室", "科员", Fit(RENAMED)),
        ("孙丽", "办公室", "科员", Fit(None, (RENAMED,))),
        ("陈静", "办公室", "科员", Fit(None, (RETIRED,))),
        ("赵敏", "一科", "科长", Fit(None)),
    ],
)
def test_an_entry_is_somebody_for_sure_only_where_name_unit_and_post_fit_one_alone_who_is_there(name, unit, post, who):
    assert fit(EVERYBODY, name, unit, post) == who


def test_a_person_is_found_by_every_name_unit_and_post_that_there_was() -> None:
    assert RENAMED.holds(["孙丽"])
    assert RENAMED.holds(["孙莉", "办公室"])
    assert RETIRED.holds(["离任"])
    assert not RETIRED.holds(["一科"])


def test_a_person_is_told_by_unit_post_and_standing() -> None:
    assert ZHANG.told == "张伟（一科 科长）"
    assert RETIRED.told == "陈静（办公室 科员，离任）"
    assert Person("p", "top", (Spell("李娜"),)).told == "李娜（未写单位和职务）"


@pytest.mark.parametrize(
    ("spell", "why"),
    [
        (Spell(""), "请填写姓名"),
        (Spell("甲" * 65), "姓名应为一行，不超过 64 个字"),
        (Spell("甲", "一\n科"), "单位应为一行"),
        (Spell("甲", "一科", "长" * 121), "职务应为一行，不超过 120 个字"),
    ],
)
def test_what_cannot_be_printed_in_a_line_is_refused(spell: Spell, why: str) -> None:
    with pytest.raises(FieldInvalid, match=why):
        check_spell(spell)


def test_a_change_changes_something_and_does_not_come_before_the_last_one() -> None:
    now = Spell("张伟", "一科", "科长", since=date(2026, 3, 1))
    for spell in (replace(now, since=date(2026, 5, 1)), replace(now, since=None)):
        with pytest.raises(FieldInvalid, match="都没有变化"):
            check_spell(spell, (now,))
    for since in (date(2026, 2, 28), None):
        with pytest.raises(FieldInvalid, match="不能早于上一次变动（2026-03-01）"):
            check_spell(Spell("张伟", "二科", "科长", since=since), (now,))
    moved = Spell("张伟", "二科", "科长", Employment.SECONDED, date(2026, 3, 1))
    assert check_spell(moved, (now,)) == moved
    assert check_spell(Spell("张伟", "二科"), (Spell("张伟", "一科"),)) == Spell("张伟", "二科")


def test_two_records_are_one_person_with_all_that_was_in_the_order_of_time_and_now_what_the_kept_one_says():
    kept = Person("k", "top", (Spell("孙丽", "二科", since=date(2020, 1, 1)), Spell("孙莉", "三科")))
    merged = Person("m", "top", (Spell("孙丽", "一科"), Spell("孙丽", "二科", since=date(2020, 1, 1))))
    one = united(kept, [merged])
    assert [(spell.name, spell.unit) for spell in one.spells] == [("孙丽", "一科"), ("孙丽", "二科"), ("孙莉", "三科")]
    assert (one.id, one.ids, one.now) == ("k", {"k", "m"}, kept.now)
    assert united(kept, []) == kept
    assert united(OTHER, []) is OTHER
    assert united(Person("z", "top", ZHANG.spells), [ZHANG]).spells == ZHANG.spells


def test_a_person_is_found_by_every_unit_that_registered_a_record_of_theirs_and_meant_by_each_of_their_ids():
    one = united(Person("k", "east", (Spell("孙丽", ""),)), [Person("m", "west", (Spell("孙丽", "一科"),))])
    assert one.ids == {"k", "m"}
    assert [one.is_registered_in({unit}) for unit in ("east", "west", "north")] == [True, True, False]


def test_a_record_is_not_merged_with_itself_nor_into_one_that_is_older():
    require_one_person(ZHANG, OTHER)
    for one in (ZHANG, united(OTHER, [ZHANG])):
        with pytest.raises(PeopleNotOne, match="同一条记录"):
            require_one_person(ZHANG, one)
    older = Person("p5", "top", (Spell("孙丽", "一科", since=date(2026, 2, 1)),))
    require_one_person(RENAMED, older)
    with pytest.raises(PeopleNotOne, match="2026-03-01"):
        require_one_person(older, RENAMED)
