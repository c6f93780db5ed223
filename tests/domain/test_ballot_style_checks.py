from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.domain.ballot_style_checks import style_faults
from kaohe.domain.meetings import Custody, Group, HallView, MeetingSetup
from kaohe.domain.voter_groups import groups_to_begin_with
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject, SubjectKind
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.scheme import Scheme


def _setup(scheme: Scheme, *subjects: Subject) -> MeetingSetup:
    return MeetingSetup(
        id="m",
        title="测评会",
        unit="统计局",
        held_on=None,
        scheme=scheme,
        subjects=subjects,
        groups=groups_to_begin_with(scheme),
        hall_view=HallView.TURNOUT,
        custody=Custody.SERVER,
        shared_group=None,
        ballot_list_wanted=False,
        version=1,
    )


def _codes(setup: MeetingSetup) -> list[str]:
    return [fault.code for fault in style_faults(setup)]


def test_a_sound_set_up_has_no_fault() -> None:
    assert _codes(_setup(load_preset("si-deng"), Subject("s1", "张伟"))) == []
    office, person = Subject("s1", "办公室", kind=SubjectKind.TEAM), Subject("s2", "张伟")
    assert _codes(_setup(load_preset("jiguan-xiaoneng"), office, person)) == []


def test_every_subject_without_a_section_is_told_of_but_not_a_whole_phone_book() -> None:
    people = [Subject(f"s{number}", f"人{number}") for number in range(1, 6)]
    (fault,) = style_faults(_setup(load_preset("sifaju-pingshi"), replace(people[0], section="head"), *people[1:]))
    assert (fault.code, fault.step) == ("subject_section", "subjects")
    assert "「人2」应写明属于哪一张分表" in fault.message
    assert "「人5」" not in fault.message
    assert fault.message.endswith("另有 1 个考核对象也是如此。")


@pytest.mark.parametrize("preset", ["jingzheng-shanggang", "ganbu-zonghe-texuan"])
def test_a_post_with_one_applicant_is_no_competition(preset: str) -> None:
    lone = [Subject("s1", "张伟", class_label="办公室主任")]
    both = [*lone, Subject("s2", "李娜", class_label="办公室主任")]
    (fault,) = style_faults(_setup(load_preset(preset), *lone))
    assert (fault.code, fault.step) == ("no_competition", "subjects")
    assert _codes(_setup(load_preset(preset), *both)) == []


def test_a_choice_that_nobody_could_fill_is_found_before_anybody_holds_it() -> None:
    vote = load_preset("ganbu-zonghe-texuan")
    subjects = [Subject("s1", "甲局"), Subject("s2", "乙局")]
    wanting_two = replace(vote, choose=Choose(seats=1, fewest=2))
    (fault,) = style_faults(_setup(wanting_two, *subjects))
    assert fault.code == "choice_out_of_reach"
    assert "至少要选 2 个，而最多只能选 1 个" in fault.message
    assert _codes(_setup(wanting_two)) == []


def test_a_choice_among_all_is_not_put_on_forms_that_hold_some_of_them_only() -> None:
    both = [Subject("s1", "甲局"), Subject("s2", "乙局")]
    chosen = _setup(load_preset("ganbu-zonghe-texuan"), *both)
    graded = _setup(load_preset("si-deng"), *both)
    part = Group("all-1", "全体·一组", Fraction(1), 9, "all", "全体", ("s1", "s2"))
    (fault,) = style_faults(replace(chosen, groups=(part,)))
    assert (fault.code, fault.step) == ("choice_divided", "relations")
    assert "请恢复为全体评价" in fault.message
    assert _codes(chosen) == []
    assert _codes(replace(graded, groups=(part,))) == []


def test_a_scheme_that_a_change_of_groups_has_broken_is_told_of_by_itself() -> None:
    setup = _setup(load_preset("jingzheng-shanggang"), Subject("s1", "张伟"))
    others = replace(setup, groups=(Group("all", "全体", Fraction(1), 9),))
    (fault,) = style_faults(others)
    assert (fault.code, fault.step) == ("scheme_unsound", "scheme")


def _people(number: int) -> list[Subject]:
    return [Subject(f"s{place}", f"人{place}") for place in range(1, number + 1)]


def test_a_form_that_could_not_be_handed_in_when_filled_in_full_is_told_of_before_anybody_holds_it() -> None:
    indicators = load_preset("beian-pingshi")
    (fault,) = style_faults(_setup(indicators, *_people(200)))
    assert (fault.code, fault.step) == ("form_too_long", "subjects")
    assert "200 个考核对象、3400 格" in fault.message
    assert "超过一次能提交的 96 KB" in fault.message
    assert "请减少考核对象或测评项，或分成几场会议" in fault.message
    assert _codes(_setup(indicators, *_people(100))) == []


@pytest.mark.parametrize("comments_wanted", [True, False])
def test_300_people_on_five_dimensions_with_comments_have_room(*, comments_wanted: bool) -> None:
    scheme = replace(load_preset("de-neng-qin-ji-lian"), comments_wanted=comments_wanted)
    assert _codes(_setup(scheme, *_people(300))) == []


def test_the_longest_of_several_forms_is_the_one_that_counts() -> None:
    # Two forms: the panel types a number, the staff ticks a grade.
    scheme = load_preset("jingzheng-shanggang")
    crowd = [replace(each, class_label="办公室主任") for each in _people(2500)]
    (fault,) = style_faults(_setup(scheme, *crowd))
    assert fault.code == "form_too_long"
    assert "2500 个考核对象、2500 格" in fault.message
