"""Who grades whom: how a voter group is divided, corrected and made whole, and what a division must not leave out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import PARTS_AT_MOST
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.domain.relations import (
    Pair,
    corrected,
    divided_by_list,
    divided_by_unit,
    divided_groups,
    divides_voters,
    graded_by,
    graders_of,
    half_graded,
    listed,
    part_forms,
    relation_faults,
    small_forms,
    to_be_divided,
    turnout_of_voter_groups,
    undivided,
    unit_of,
)
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject, SubjectKind, Turnout
from kaohe.tally.scheme.refusals import SectionError
from kaohe.tally.scheme.scheme import Relation
from kaohe.tally.scores.counting import PartForm

NA = Subject("na", "李娜", "一科")
WEI = Subject("wei", "张伟", "一科")
MIN = Subject("min", "赵敏", "二科")
YUE = Subject("yue", "孙悦", "二科")
QIANG = Subject("qiang", "周强", "二科")
OFFICE = (NA, MIN, WEI, YUE, QIANG)
"""The people of the two units are mixed, so that a part in the order of the units would be seen."""
LEADERS = Group("leaders", "分管领导", Fraction(1, 2), 2)
MEMBERS = Group("members", "考核单元内人员", Fraction(1, 2), 9)


def _setup(
    preset: str = "jixiao-pingshi",
    subjects: tuple[Subject, ...] = OFFICE,
    groups: tuple[Group, ...] = (LEADERS, MEMBERS),
) -> MeetingSetup:
    return MeetingSetup(
        id="m",
        title="平时考核",
        unit="统计局",
        held_on=None,
        scheme=load_preset(preset),
        subjects=subjects,
        groups=groups,
        hall_view=HallView.TURNOUT,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
        version=1,
    )


def _by_unit(relation: Relation = Relation.OWN_UNIT, entitled: int | None = 4) -> MeetingSetup:
    """The members divided by 一科 and 二科."""
    setup = _setup()
    return replace(setup, groups=divided_by_unit(setup, "members", relation, entitled))


def _by_list() -> MeetingSetup:
    """The leaders divided among two of them; nobody of them grades 周强."""
    setup = _setup()
    pairs = [Pair(1, "陈局", YUE), Pair(2, "王局", MIN), Pair(3, "陈局", NA), Pair(4, "王局", WEI)]
    return replace(setup, groups=divided_by_list(setup, "leaders", pairs, 1))


def test_a_person_belongs_to_the_unit_on_the_list_and_a_team_is_a_unit_of_its_own() -> None:
    assert unit_of(NA) == "一科"
    assert unit_of(Subject("office", "办公室", "统计局", kind=SubjectKind.TEAM)) == "办公室"


def test_a_group_stands_on_the_forms_of_its_own_sections_only() -> None:
    head, clerk = Subject("h", "何主任", section="head"), Subject("c", "程科员", section="other")
    setup = _setup("sifaju-pingshi", (clerk, head), ())
    graded = {key: [each.key for each in graded_by(setup, key)] for key in ("superior", "peer", "colleague")}
    assert graded == {"superior": ["c", "h"], "peer": ["h"], "colleague": ["c"]}
    with pytest.raises(SectionError, match="何主任"):
        graded_by(_setup("sifaju-pingshi", (replace(head, section=""),), ()), "peer")


def test_each_unit_grades_its_own_people_in_the_order_of_the_list_and_with_the_weight_of_the_whole() -> None:
    assert _by_unit().groups == (
        LEADERS,
        Group("members-1", "考核单元内人员·一科", Fraction(1, 2), 4, "members", "考核单元内人员", ("na", "wei")),
        Group(
            "members-2", "考核单元内人员·二科", Fraction(1, 2), 4, "members", "考核单元内人员", ("min", "yue", "qiang")
        ),
    )


def test_each_unit_grades_everybody_but_its_own_people_where_the_relation_says_so() -> None:
    parts = _by_unit(Relation.OTHER_UNITS).groups[1:]
    assert [(part.label, part.may_grade) for part in parts] == [
        ("考核单元内人员·一科", ("min", "yue", "qiang")),
        ("考核单元内人员·二科", ("na", "wei")),
    ]


@pytest.mark.parametrize("relation", [Relation.OWN_UNIT, Relation.OTHER_UNITS])
def test_without_a_number_a_unit_has_as_many_voters_as_it_has_people_on_the_list(relation: Relation) -> None:
    assert [part.entitled for part in _by_unit(relation, None).groups[1:]] == [2, 3]


def test_people_without_a_unit_are_named_and_nothing_is_divided_by_units() -> None:
    setup = _setup(subjects=(NA, replace(MIN, unit=""), replace(YUE, unit="")))
    with pytest.raises(FieldInvalid, match=r"^“赵敏”、“孙悦”没有填写单位，不能按单位划分"):
        divided_by_unit(setup, "members", Relation.OWN_UNIT, 4)


def test_a_single_unit_cannot_grade_every_unit_but_its_own() -> None:
    with pytest.raises(FieldInvalid, match=r"^“考核单元内人员·一科”没有可评的考核对象"):
        divided_by_unit(_setup(subjects=(NA, WEI)), "members", Relation.OTHER_UNITS, 4)


def test_a_group_is_not_divided_where_there_is_nobody_to_grade() -> None:
    with pytest.raises(FieldInvalid, match=r"^没有划分出一个评分组"):
        divided_by_unit(_setup(subjects=()), "members", Relation.OWN_UNIT, 4)


def test_a_group_falls_into_as_many_parts_as_are_allowed_and_not_into_one_more() -> None:
    crowd = tuple(Subject(f"s{number}", f"人{number}", f"{number}科") for number in range(PARTS_AT_MOST + 1))
    most = divided_by_unit(_setup(subjects=crowd[1:]), "members", Relation.OWN_UNIT, 1)
    assert len(most) == 1 + 120
    with pytest.raises(FieldInvalid, match="最多分成 120 组，现在要分 121 组"):
        divided_by_unit(_setup(subjects=crowd), "members", Relation.OWN_UNIT, 1)


def test_a_part_never_takes_the_key_of_another_group_and_never_a_longer_one_than_fits() -> None:
    namesake = Group("members-1", "列席人员", Fraction(0), 3)
    parts = divided_by_unit(_setup(groups=(LEADERS, namesake, MEMBERS)), "members", Relation.OWN_UNIT, 4)
    assert [group.key for group in parts] == ["leaders", "members-1", "members-2", "members-3"]
    long = replace(MEMBERS, key="m" * 40)
    parts = divided_by_unit(_setup("si-deng", groups=(long,)), long.key, Relation.OWN_UNIT, 4)
    assert [(group.key, group.part_of) for group in parts] == [("m" * 32 + "-1", long.key), ("m" * 32 + "-2", long.key)]


def test_a_group_that_is_drawn_anew_loses_its_former_parts_and_keeps_its_place_and_name() -> None:
    setup = _by_list()
    again = divided_by_unit(setup, "leaders", Relation.OWN_UNIT, 1)
    assert [(group.key, group.label) for group in again] == [
        ("leaders-1", "分管领导·一科"),
        ("leaders-2", "分管领导·二科"),
        ("members", "考核单元内人员"),
    ]


def test_a_list_makes_one_part_of_each_grader_however_its_lines_are_mixed() -> None:
    assert [(group.key, group.label, group.entitled, group.may_grade) for group in _by_list().groups] == [
        ("leaders-1", "分管领导·陈局", 1, ("na", "yue")),
        ("leaders-2", "分管领导·王局", 1, ("min", "wei")),
        ("members", "考核单元内人员", 9, ()),
    ]


def test_a_list_that_says_a_thing_twice_is_refused_by_the_numbers_of_both_lines() -> None:
    pairs = [Pair(2, "陈局", NA), Pair(3, "王局", NA), Pair(4, "陈局", NA)]
    with pytest.raises(FieldInvalid, match=r"^第 4 行与第 2 行重复：“陈局”评“李娜”。$"):
        divided_by_list(_setup(), "leaders", pairs, 1)


def test_a_list_that_names_somebody_on_another_form_is_refused_by_the_number_of_the_line() -> None:
    head, clerk = Subject("h", "何主任", section="head"), Subject("c", "程科员", section="other")
    setup = _setup("sifaju-pingshi", (clerk, head), (Group("peer", "同级有关人员", Fraction(1, 4), 5),))
    with pytest.raises(FieldInvalid, match=r"^第 3 行：“程科员”不由本票种评价"):
        divided_by_list(setup, "peer", [Pair(2, "刘主任", head), Pair(3, "刘主任", clerk)], 1)


def test_a_list_that_leaves_out_somebody_whom_nobody_else_grades_is_refused() -> None:
    only = _setup("shengji-abcd", groups=(Group("leader", "主管领导", Fraction(1), 2),))
    with pytest.raises(FieldInvalid, match=r"^“张伟”、“孙悦”、“周强”没有人评：请在评分关系中补上评价人。$"):
        divided_by_list(only, "leader", [Pair(1, "陈局", NA), Pair(2, "王局", MIN)], 1)


def test_a_group_that_is_made_whole_has_the_voters_of_all_its_parts_and_grades_everybody() -> None:
    setup = _by_unit()
    assert undivided(setup, "members") == (LEADERS, replace(MEMBERS, entitled=8))
    assert undivided(setup, "leaders") == setup.groups


def test_single_cells_are_corrected_among_those_shown_and_all_else_stays() -> None:
    setup = _by_unit()
    leaders, first, second = setup.groups
    # 周强 is not on this page of the grid: a mark for him does not count, and his own cell stays.
    marks = {
        "leaders": frozenset({"na"}),
        "members-1": frozenset({"min", "na", "qiang"}),
        "members-2": frozenset({"wei"}),
    }
    groups = corrected(setup, marks, (NA, WEI, MIN))
    assert groups == (
        leaders,
        replace(first, may_grade=("na", "min")),
        replace(second, may_grade=("wei", "yue", "qiang")),
    )
    assert corrected(setup, {"members-2": frozenset({"min", "yue"})}, OFFICE)[:2] == (leaders, first)


def test_a_correction_that_empties_a_ballot_is_refused() -> None:
    with pytest.raises(FieldInvalid, match=r"^“考核单元内人员·一科”没有可评的考核对象"):
        corrected(_by_unit(), {"members-1": frozenset()}, OFFICE)


def test_a_part_whose_people_have_all_left_and_somebody_who_has_joined_are_told_of_separately() -> None:
    head = Group("section_head", "科室负责人", Fraction(1), 2)
    whole = _setup("beian-pingshi", groups=(head,))
    setup = replace(whole, groups=divided_by_unit(whole, "section_head", Relation.OWN_UNIT, 1))
    joined = replace(setup, subjects=(MIN, YUE, QIANG, Subject("new", "周新", "一科")))
    assert list(relation_faults(setup)) == []
    assert list(relation_faults(joined)) == [
        "“科室负责人·一科”没有可评的考核对象，票上会是空的：请在评分关系中给它勾选考核对象。",
        "“周新”没有人评：请在评分关系中补上评价人。",
    ]


def test_a_group_is_drawn_anew_whatever_is_still_broken_in_another_one() -> None:
    """Somebody alone in a unit has left, and somebody of another one has come: each group is mended by itself."""
    setup = _setup()
    for key in ("leaders", "members"):
        setup = replace(setup, groups=divided_by_unit(setup, key, Relation.OWN_UNIT, 1))
    setup = replace(setup, subjects=(MIN, YUE, QIANG, Subject("new", "周新", "三科")))
    for key in ("leaders", "members"):
        assert list(relation_faults(setup))
        setup = replace(setup, groups=divided_by_unit(setup, key, Relation.OWN_UNIT, 1))
    assert list(relation_faults(setup)) == []
    assert [group.label.partition("·")[2] for group in setup.groups] == ["二科", "三科"] * 2


def test_cells_are_corrected_on_one_page_of_the_grid_whatever_is_still_broken_on_another() -> None:
    head = Group("section_head", "科室负责人", Fraction(1), 2)
    whole = _setup("beian-pingshi", groups=(head,))
    setup = replace(whole, groups=divided_by_unit(whole, "section_head", Relation.OWN_UNIT, 1))
    new, other = Subject("new", "周新", "二科"), Subject("other", "吴同", "三科")
    joined = replace(setup, subjects=(MIN, YUE, QIANG, new, other))
    with pytest.raises(FieldInvalid, match=r"^“周新”没有人评"):
        corrected(joined, {"section_head-2": frozenset({"min", "yue", "qiang"})}, (MIN, YUE, QIANG, new))
    marks = {"section_head-2": frozenset({"min", "yue", "qiang", "new"})}
    groups = corrected(joined, marks, (MIN, YUE, QIANG, new))
    assert list(relation_faults(replace(joined, groups=groups))) == [
        "“科室负责人·一科”没有可评的考核对象，票上会是空的：请在评分关系中给它勾选考核对象。",
        "“吴同”没有人评：请在评分关系中补上评价人。",
    ]


def test_a_meeting_that_is_not_divided_has_no_fault_of_relations() -> None:
    nobody = _setup("sifaju-pingshi", (replace(NA, section=""),), ())
    assert list(relation_faults(nobody)) == []


def test_whoever_a_divided_group_passes_over_is_told_of_with_the_groups_name() -> None:
    assert list(half_graded(_by_list())) == ["“周强”没有“分管领导”评：其得分只由其他票种合成。"]
    assert list(half_graded(_by_unit())) == []
    assert list(half_graded(_setup())) == []


def test_the_graders_of_a_subject_are_the_whole_groups_of_its_form_and_the_parts_that_name_it() -> None:
    graders = {key: [group.key for group in groups] for key, groups in graders_of(_by_list()).items()}
    assert graders == {
        "na": ["leaders-1", "members"],
        "min": ["leaders-2", "members"],
        "wei": ["leaders-2", "members"],
        "yue": ["leaders-1", "members"],
        "qiang": ["members"],
    }


def test_a_subject_without_a_section_has_no_graders_and_those_beside_it_have_those_of_their_own_form() -> None:
    head, clerk, lost = (
        Subject("h", "何主任", section="head"),
        Subject("c", "程科员", section="other"),
        Subject("l", "罗某"),
    )
    superior = Group("superior", "上级主管领导", Fraction(1, 4), 5)
    peer = Group("peer", "同级有关人员", Fraction(1, 4), 5)
    setup = _setup("sifaju-pingshi", (lost, clerk, head), (superior, peer))
    assert graders_of(setup) == {"l": [], "c": [superior], "h": [superior, peer]}


def test_a_scheme_says_whether_it_divides_its_voters_and_what_is_still_to_be_drawn() -> None:
    assert divides_voters(load_preset("jixiao-pingshi"))
    assert not divides_voters(load_preset("si-deng"))
    assert [group.key for group in to_be_divided(_setup())] == ["leaders", "members"]
    assert [group.key for group in to_be_divided(_by_unit())] == ["leaders"]
    assert list(to_be_divided(_setup(subjects=()))) == []
    assert list(to_be_divided(_setup("si-deng", groups=(Group("all", "全体", Fraction(1), 9),)))) == []


def test_a_divided_group_keeps_its_name_and_is_known_once_however_many_parts_it_has() -> None:
    assert divided_groups(_by_unit()) == {"members": "考核单元内人员"}
    assert divided_groups(_setup()) == {}


def test_a_part_of_four_is_too_small_for_a_secret_vote_and_one_of_five_is_not() -> None:
    leaders, first, second = _by_unit().groups
    setup = _setup(groups=(leaders, first, replace(second, entitled=5)))
    assert leaders.entitled == 2
    assert list(small_forms(setup)) == [first]


def test_the_ballots_of_a_part_are_counted_with_its_group_and_about_its_own_people() -> None:
    assert part_forms(_by_unit()) == {
        "members-1": PartForm("members", frozenset({"na", "wei"})),
        "members-2": PartForm("members", frozenset({"min", "yue", "qiang"})),
    }


def test_the_numbers_of_the_parts_add_up_for_their_group_and_for_each_subject() -> None:
    setup = _by_unit()
    leaders, first, second = setup.groups
    both = replace(setup, groups=(leaders, first, replace(second, may_grade=("min", "yue", "wei"))))
    parts = {
        "leaders": Turnout(cast=2, entitled=2),
        "members-1": Turnout(cast=3, invalid=1, entitled=4, present=3),
        "members-2": Turnout(cast=4, entitled=4),
    }
    together, about = turnout_of_voter_groups(both, parts)
    # Of 二科 nobody has said how many were there, so it is unknown of both together.
    all_members = Turnout(cast=7, invalid=1, entitled=8)
    assert together == {"leaders": Turnout(cast=2, entitled=2), "members": all_members}
    assert about == {
        ("members", "na"): parts["members-1"],
        ("members", "wei"): all_members,
        ("members", "min"): parts["members-2"],
        ("members", "yue"): parts["members-2"],
        ("members", "qiang"): Turnout(cast=0, invalid=0, entitled=0, present=0, issued=0, printed=0),
    }


def test_three_names_are_listed_in_full_and_of_four_it_is_said_how_many_they_are() -> None:
    assert listed(["李娜"]) == "“李娜”"
    assert listed(["李娜", "张伟", "赵敏"]) == "“李娜”、“张伟”、“赵敏”"
    assert listed(["李娜", "张伟", "赵敏", "孙悦"]) == "“李娜”、“张伟”、“赵敏”等 4 个"
