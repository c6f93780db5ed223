"""What a province's workbook would change beside what is there, and each row that cannot be taken."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.office_tables.account import TableSheet
from kaohe.domain.people import Person, Spell, united
from kaohe.domain.permissions import Role
from kaohe.domain.province import Holder, ProvincePlan, plan_province
from kaohe.domain.units import AT_THE_TOP, TOP, Unit, UnitTree

TREE = UnitTree({TOP: AT_THE_TOP, "a": Unit("a", "青山区", TOP), "x": Unit("x", "旧局", TOP, is_closed=True)})
UNITS = ("单位", "上级单位")
ROLES = ("姓名", "角色", "单位")
PEOPLE = ("姓名", "单位", "职务", "登记单位", "同名另登记")


def planned(
    *sheets: tuple[str, Sequence[Sequence[str]]],
    people: Sequence[Person] = (),
    holders: Sequence[Holder] = (),
    tree: UnitTree = TREE,
) -> ProvincePlan:
    tables = [TableSheet(name, rows) for name, rows in sheets]
    return plan_province(tables, tree, people, holders, iter([f"new{number}" for number in range(9)]))


def refusals(plan: ProvincePlan) -> list[tuple[str, int]]:
    return [(each.sheet, each.row) for each in plan.refused]


def test_units_are_made_below_those_that_are_there_or_stand_above_in_the_sheet() -> None:
    plan = planned(("单位", [UNITS, ["统计局", "青山区"], [], ["综合科", "青山区/统计局"], ["财政厅"]]))
    assert [(unit.name, plan.tree.name_below(unit.id)) for unit in plan.new_units] == [
        ("统计局", "青山区 / 统计局"),
        ("综合科", "青山区 / 统计局 / 综合科"),
        ("财政厅", "财政厅"),
    ]
    assert plan.refused == []
    again = planned(("单位", [UNITS, ["统计局", "青山区"], ["青山区", ""]]), tree=plan.tree)
    assert (again.new_units, again.unchanged_count) == ([], 2)


def test_a_unit_that_cannot_be_taken_is_named_by_its_row_and_the_others_are_still_looked_at() -> None:
    rows = [UNITS, ["统计局", "没有的局"], ["旧局", ""], ["科", "旧局"], ["", "青山区"], ["甲局", "青山区"]]
    plan = planned(("单位", rows))
    assert refusals(plan) == [("单位", row) for row in (2, 3, 4, 5)]
    assert [unit.name for unit in plan.new_units] == ["甲局"]


def test_a_name_that_two_units_have_is_asked_for_with_the_one_above() -> None:
    plan = planned(("单位", [UNITS, ["统计局", "青山区"], ["统计局", ""], ["科", "统计局"], ["科", "青山区/统计局"]]))
    assert refusals(plan) == [("单位", 4)]
    assert "有 2 个单位叫“统计局”" in plan.refused[0].message


def test_people_are_registered_once_and_a_namesake_is_asked_for() -> None:
    known = [Person("p", "a", (Spell("陈静", "办公室", "科员"),))]
    rows = [
        PEOPLE,
        ["陈静", "办公室", "科员", "青山区"],
        ["陈静", "财务科", "", "青山区"],
        ["陈静", "财务科", "", "青山区", "是"],
        ["赵敏", "办公室"],
        ["赵敏", "办公室"],
        ["", "办公室"],
        ["钱江", "", "", "旧局"],
    ]
    plan = planned(("人员", rows), people=known)
    assert plan.new_people == [("a", Spell("陈静", "财务科")), (TOP, Spell("赵敏", "办公室"))]
    assert plan.unchanged_count == 2
    assert refusals(plan) == [("人员", 3), ("人员", 7), ("人员", 8)]
    assert "陈静”（办公室 科员）" in plan.refused[0].message


def test_a_namesake_without_unit_and_post_is_told_as_such() -> None:
    plan = planned(("人员", [PEOPLE, ["赵敏"], ["赵敏", "办公室"]]))
    assert "未写单位和职务" in plan.refused[0].message


def test_roles_invite_who_has_no_account_and_change_whose_account_differs() -> None:
    holders = [Holder("王", frozenset({Role.ORGANIZER}), "a"), Holder("李", frozenset({Role.TELLER}), TOP)]
    rows = [ROLES, ["王", "组织者", "青山区"], ["李", "监票人、人事", "青山区"], ["新", "纪检，监票人"]]
    plan = planned(("角色", rows), holders=holders)
    assert plan.unchanged_count == 1
    assert plan.changed == [Holder("李", frozenset({Role.TELLER, Role.HR}), "a")]
    assert plan.former == {"李": holders[1]}
    assert plan.invited == [Holder("新", frozenset({Role.OBSERVER, Role.TELLER}), TOP)]


def test_roles_that_are_unknown_said_twice_or_held_nowhere_are_refused_by_row() -> None:
    rows = [
        ROLES,
        ["王", "主任", ""],
        ["李", "", ""],
        ["张", "组织者", "没有的局"],
        ["孙", "组织者", "旧局"],
        ["吴", "组织者", ""],
        ["吴", "监票人", "青山区"],
        ["", "组织者", ""],
        ["长" * 33, "组织者", ""],
    ]
    plan = planned(("角色", rows))
    assert refusals(plan) == [("角色", row) for row in (2, 3, 4, 5, 7, 8, 9)]
    assert "吴（青山区）" in plan.refused[4].message


def test_a_sheet_without_its_heading_is_refused_and_a_workbook_without_sheets_too() -> None:
    plan = planned(("单位", [["青山区", ""]]), ("说明", [["随便"]]))
    assert refusals(plan) == [("单位", 1)]
    with pytest.raises(FieldInvalid, match="单位、人员、角色"):
        planned(("名单", [UNITS]))


def test_columns_may_stand_in_any_order_and_others_beside_them() -> None:
    plan = planned(("单位", [["序号", "上级单位", " 单 位 "], ["1", "青山区", "统计局"]]))
    assert [unit.parent_id for unit in plan.new_units] == ["a"]


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("单位", ["单位", "上级"]),
        ("人员", ["姓名", "单位", "职务"]),
        ("人员", ["姓名", "单位", "职务", "登记单位", "同名另登记", "同名另登记"]),
        ("角色", ["姓名", "角色", "所属单位"]),
        ("角色", ["姓名", "角色", "单位", "单位"]),
    ],
)
def test_a_column_by_another_name_puts_nobody_at_the_top(name: str, heading: Sequence[str]) -> None:
    row = ["张三", "组织者", "青山区"] if name == "角色" else ["统计局", "青山区"]
    plan = planned((name, [heading, row]))
    assert refusals(plan) == [(name, 1)]
    assert (plan.new_units, plan.new_people, plan.invited) == ([], [], [])


@pytest.mark.parametrize("typed", ["组织者、 人事", "组织者 ，人事", "组织者；人事、", "组织者, 人事"])
def test_roles_are_parted_by_whatever_people_part_them_with(typed: str) -> None:
    plan = planned(("角色", [ROLES, ["张三", typed, "青山区"]]))
    assert plan.invited == [Holder("张三", frozenset({Role.ORGANIZER, Role.HR}), "a")]


def test_who_has_another_post_since_or_is_one_with_another_record_is_not_made_anew() -> None:
    rows = [
        PEOPLE,
        ["张伟", "一科", "科员", "", ""],
        ["张伟", "二科", "科长", "", "是"],
        ["张伟", "一科", "科员", "青山区", ""],
    ]
    moved = Person("p2", TOP, (Spell("张伟", "二科", "科长"), Spell("张伟", "二科", "处长")))
    there = united(
        Person("p1", TOP, (Spell("张伟", "一科", "科员"),)), [Person("p3", "a", (Spell("张伟", "一科", "科员"),))]
    )
    plan = planned(("人员", rows), people=[there, moved])
    assert (plan.new_people, plan.unchanged_count, plan.refused) == ([], 3, [])
