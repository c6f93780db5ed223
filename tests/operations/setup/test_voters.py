"""A meeting begins with the voter groups and the sections of its scheme."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from scene import CHAIR, prepare_meeting, put_scheme

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.meetings import Group
from kaohe.domain.rosters import SubjectEntry
from kaohe.operations.setup.preparing import create_meeting, load_meeting
from kaohe.operations.setup.scheme import change_scheme
from kaohe.operations.setup.subjects import change_subjects
from kaohe.operations.setup.voters import change_groups
from kaohe.schemes import load_preset
from kaohe.storage.database import reading
from kaohe.storage.meetings import load_setup


def new_meeting(preset: str) -> str:
    """A meeting under any preset, whether or not ballots can hold its votes yet."""
    meeting_id = create_meeting(CHAIR, title="年度考评", unit="教育局", held_on=None, preset_id="si-deng")
    put_scheme(meeting_id, load_preset(preset))
    return meeting_id


def version(meeting_id: str) -> int:
    return load_meeting(meeting_id)[0].version


def test_subjects_name_their_section_by_its_label_and_keep_it() -> None:
    meeting_id = new_meeting("jiguan-kaoping")
    entries = [SubjectEntry("办公室", section="科室"), SubjectEntry("张伟"), SubjectEntry("局机关", section="organ")]
    change_subjects(CHAIR, meeting_id, version(meeting_id), entries)
    assert [subject.section for subject in load_meeting(meeting_id)[0].subjects] == ["office", "", "organ"]


def test_a_section_that_the_scheme_does_not_have_is_refused() -> None:
    meeting_id = new_meeting("jiguan-kaoping")
    with pytest.raises(FieldInvalid, match="机关集体、科室、个人"):
        change_subjects(CHAIR, meeting_id, version(meeting_id), [SubjectEntry("办公室", section="车间")])
    assert load_meeting(meeting_id)[0].subjects == ()


def test_sections_may_be_written_before_the_scheme_is_chosen() -> None:
    meeting_id = new_meeting("si-deng")
    change_subjects(CHAIR, meeting_id, version(meeting_id), [SubjectEntry("办公室", section="科室")])
    assert load_meeting(meeting_id)[0].subjects[0].section == "科室"


def test_groups_that_sections_weigh_keep_their_keys_and_weights() -> None:
    meeting_id = new_meeting("sifaju-pingshi")
    groups = load_meeting(meeting_id)[0].groups
    assert [group.label for group in groups] == ["上级主管领导", "同级有关人员", "主管下级", "所在机构其他人员"]

    typed = [Group(group.key, f"{group.label}票", Fraction(1), 9) for group in reversed(groups)]
    change_groups(CHAIR, meeting_id, version(meeting_id), typed)

    setup = load_meeting(meeting_id)[0]
    assert [(group.key, group.weight, group.entitled) for group in setup.groups] == [
        (group.key, group.weight, 9) for group in groups
    ]
    heads = setup.full_scheme.declared_sections[0].scheme.groups
    assert [(group.label, group.weight) for group in heads] == [
        ("上级主管领导票", Fraction(2, 5)),
        ("同级有关人员票", Fraction(3, 10)),
        ("主管下级票", Fraction(3, 10)),
    ]


@pytest.mark.parametrize("preset", ["sifaju-pingshi", "jingzheng-shanggang"])
def test_no_group_comes_or_goes_where_the_scheme_names_them(preset: str) -> None:
    meeting_id = new_meeting(preset)
    groups = load_meeting(meeting_id)[0].groups
    for changed in (groups[1:], (*groups, Group("g9", "其他", Fraction(1, 9), 3)), (*groups, groups[0])):
        with pytest.raises(FieldInvalid, match="由考核方案规定"):
            change_groups(CHAIR, meeting_id, version(meeting_id), changed)
    assert load_meeting(meeting_id)[0].groups == groups


def test_groups_that_only_dimensions_name_may_be_weighed_anew() -> None:
    meeting_id = new_meeting("jingzheng-shanggang")
    panel, staff = load_meeting(meeting_id)[0].groups
    change_groups(
        CHAIR,
        meeting_id,
        version(meeting_id),
        (replace(panel, weight=Fraction(2, 5), entitled=7), replace(staff, weight=Fraction(3, 5), entitled=40)),
    )
    assert [group.weight for group in load_meeting(meeting_id)[0].full_scheme.groups] == [
        Fraction(2, 5),
        Fraction(3, 5),
    ]
    with pytest.raises(FieldInvalid, match="100%"):
        change_groups(CHAIR, meeting_id, version(meeting_id), (panel, replace(staff, weight=Fraction(1, 5))))


def test_a_changed_setting_of_the_scheme_leaves_the_groups_alone() -> None:
    scene = prepare_meeting(groups=(Group("a", "A票", Fraction(1, 2), 6), Group("b", "B票", Fraction(1, 2), 9)))
    setup = load_meeting(scene.meeting_id)[0]
    change_scheme(CHAIR, scene.meeting_id, setup.version, replace(setup.scheme, decimals=1))
    assert load_meeting(scene.meeting_id)[0].groups == setup.groups


def test_a_group_with_tickets_does_not_go_with_its_scheme() -> None:
    scene = prepare_meeting()
    setup = load_meeting(scene.meeting_id)[0]
    with_others = replace(setup.scheme, groups=load_preset("tiyuju-pingshi").groups)
    with pytest.raises(FieldInvalid, match="已经制票"):
        change_scheme(CHAIR, scene.meeting_id, setup.version, with_others)
    with reading() as session:
        assert load_setup(session, scene.meeting_id) == setup
