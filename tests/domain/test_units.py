"""A tree of units: where somebody's roles reach, what a unit may be called, and where it may stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kaohe.domain.errors import UnitInvalid, UnitUnknown
from kaohe.domain.limits import TITLE_LENGTH, UNIT_LEVELS_AT_MOST, UNITS_AT_MOST
from kaohe.domain.units import AT_THE_TOP, EVERYWHERE, TOP, Unit, UnitTree

ALONE = UnitTree({TOP: AT_THE_TOP})


def tree(*units: Unit) -> UnitTree:
    return UnitTree({unit.id: unit for unit in (AT_THE_TOP, *units)})


COUNTY = tree(
    Unit("a", "青山区", TOP),
    Unit("b", "红河区", TOP),
    Unit("a1", "统计局", "a"),
    Unit("b1", "统计局", "b"),
    Unit("a11", "普查中心", "a1"),
)


def test_roles_reach_their_unit_and_all_below_it_and_nothing_beside_or_above() -> None:
    reach = COUNTY.reach("a")
    assert {unit_id for unit_id in COUNTY.units if unit_id in reach} == {"a", "a1", "a11"}
    assert set(reach.above) == {TOP}
    assert not reach.is_everywhere
    assert set(COUNTY.reach("a11").above) == {TOP, "a", "a1"}
    assert COUNTY.reach(TOP) is EVERYWHERE
    assert "whatever" in EVERYWHERE


def test_a_tree_is_listed_from_the_top_with_its_levels() -> None:
    assert [(level, unit.id) for level, unit in COUNTY.from_top()] == [
        (0, TOP), (1, "a"), (2, "a1"), (3, "a11"), (1, "b"), (2, "b1"),
    ]  # fmt: skip


def test_a_unit_is_named_after_those_between_it_and_whoever_looks() -> None:
    assert COUNTY.name_below("a11") == "青山区 / 统计局 / 普查中心"
    assert COUNTY.name_below("a11", "a") == "统计局 / 普查中心"
    assert COUNTY.name_below("a", "a") == "青山区"
    assert COUNTY.name_below(TOP) == "本单位"
    assert COUNTY.name_below("b1", "a") == "本单位 / 红河区 / 统计局"


@pytest.mark.parametrize("words", ["a1", "青山区/统计局", " 青山区 / 统计局", "本单位/青山区/统计局"])
def test_a_unit_is_meant_by_its_id_or_by_names_that_only_one_has(words: str) -> None:
    assert COUNTY.find(words).id == "a1"


def test_a_name_that_none_or_several_have_means_nobody_and_the_answer_says_which() -> None:
    with pytest.raises(UnitUnknown, match="有 2 个单位叫“统计局”"):
        COUNTY.find("统计局")
    with pytest.raises(UnitUnknown, match="没有叫“财政局”的单位"):
        COUNTY.find("财政局")
    with pytest.raises(UnitUnknown):
        COUNTY.unit("gone")


def test_a_unit_is_made_renamed_and_moved_with_all_below_it() -> None:
    made = COUNTY.with_unit(Unit("c", "财政局", "b"))
    assert "c" in made.reach("b")
    moved = made.with_unit(replace(made.unit("a1"), parent_id="b", name="统计调查局"))
    assert "a11" in moved.reach("b")
    assert "a11" not in moved.reach("a")
    assert ALONE.with_unit(replace(AT_THE_TOP, name="青山市")).unit(TOP).name == "青山市"


@pytest.mark.parametrize("name", ["", "甲" * (TITLE_LENGTH + 1), "甲\n乙", "甲/乙"])
def test_a_name_is_a_line_without_a_slash(name: str) -> None:
    with pytest.raises(UnitInvalid, match="请填写单位名称"):
        ALONE.with_unit(Unit("x", name, TOP))


@pytest.mark.parametrize("below", ["a", "a1", "a11"])
def test_a_unit_never_stands_below_itself(below: str) -> None:
    with pytest.raises(UnitInvalid, match="它自己"):
        COUNTY.with_unit(replace(COUNTY.unit("a"), parent_id=below))


def test_two_units_of_one_name_do_not_stand_side_by_side() -> None:
    with pytest.raises(UnitInvalid, match="“青山区”之下已有“统计局”"):
        COUNTY.with_unit(Unit("x", "统计局", "a"))
    COUNTY.with_unit(Unit("x", "统计局", TOP))


def test_nothing_is_made_under_a_closed_unit_or_under_none() -> None:
    closed = tree(Unit("a", "青山区", TOP, is_closed=True), Unit("a1", "统计局", "a", is_closed=True))
    with pytest.raises(UnitInvalid, match="“青山区”已撤销"):
        closed.with_unit(Unit("x", "财政局", "a"))
    closed.with_unit(replace(closed.unit("a1"), name="统计调查局"))
    with pytest.raises(UnitUnknown):
        ALONE.with_unit(Unit("x", "财政局", "gone"))


def test_a_tree_has_so_many_levels_and_units_and_no_more() -> None:
    levels = tree(
        *(Unit(f"u{n}", f"第{n}级", f"u{n - 1}" if n > 2 else TOP) for n in range(2, UNIT_LEVELS_AT_MOST + 1))
    )
    with pytest.raises(UnitInvalid, match=f"最多分 {UNIT_LEVELS_AT_MOST} 级"):
        levels.with_unit(Unit("x", "再下一级", f"u{UNIT_LEVELS_AT_MOST}"))
    beside = levels.with_unit(Unit("x", "旁边", TOP))
    with pytest.raises(UnitInvalid, match="级"):
        beside.with_unit(replace(beside.unit("u2"), parent_id="x"))
    many = tree(*(Unit(str(n), f"第{n}科", TOP) for n in range(UNITS_AT_MOST - 1)))
    with pytest.raises(UnitInvalid, match=f"最多建立 {UNITS_AT_MOST} 个单位"):
        many.with_unit(Unit("x", "再来一个", TOP))
