"""A meeting may change as much of its scheme's voter groups as no part of the scheme hangs on."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.sections import require_known_sections, with_sections_named
from kaohe.domain.voter_groups import (
    Group,
    GroupsRule,
    grading_only,
    groups_rule,
    groups_to_begin_with,
    groups_under,
    idle_groups,
    with_groups,
)
from kaohe.schemes import list_presets, load_preset
from kaohe.tally.model import Subject, SubjectKind
from kaohe.tally.scheme_checks.whole import check_scheme

A_AND_B = (Group("a", "A票", Fraction(2, 5), 6), Group("b", "B票", Fraction(3, 5), 13))


@pytest.mark.parametrize(
    ("preset", "rule"),
    [
        ("si-deng", GroupsRule.FREE),
        ("tiyuju-pingshi", GroupsRule.FREE),
        ("ganbu-zonghe", GroupsRule.FREE),
        ("guji-xiaoneng", GroupsRule.WEIGHED),
        ("jingzheng-shanggang", GroupsRule.WEIGHED),
        ("zeren-kaohe", GroupsRule.WEIGHED),
        ("jiguan-kaoping", GroupsRule.NAMED),
        ("sifaju-pingshi", GroupsRule.NAMED),
        ("tongjiju-jixiao", GroupsRule.NAMED),
    ],
)
def test_what_the_scheme_hangs_on_stays_the_schemes(preset: str, rule: GroupsRule) -> None:
    assert groups_rule(load_preset(preset)) is rule


@pytest.mark.parametrize("scheme", list_presets(), ids=lambda scheme: scheme.key)
def test_a_meeting_that_begins_with_the_groups_of_a_preset_has_exactly_the_preset(scheme) -> None:
    assert with_groups(scheme, groups_to_begin_with(scheme)) == scheme


@pytest.mark.parametrize("scheme", list_presets(), ids=lambda scheme: scheme.key)
def test_every_preset_can_be_tallied_with_groups_renamed(scheme) -> None:
    renamed = [replace(group, label=f"{group.label}（更名）") for group in groups_to_begin_with(scheme)]
    changed = with_groups(scheme, renamed)
    check_scheme(changed)
    assert [group.label for group in changed.groups] == [group.label for group in renamed]
    assert {group.label for part in changed.declared_sections for group in part.scheme.groups} <= {
        g.label for g in renamed
    }


def test_sections_that_share_the_groups_of_the_whole_take_those_of_the_meeting() -> None:
    changed = with_groups(load_preset("ganbu-zonghe"), A_AND_B)
    check_scheme(changed)
    assert all(part.scheme.groups == changed.groups for part in changed.declared_sections)


def test_weights_of_sections_stay_whatever_the_meeting_says() -> None:
    scheme = load_preset("sifaju-pingshi")
    wrong = [replace(group, weight=Fraction(1, 9)) for group in groups_to_begin_with(scheme)]
    assert with_groups(scheme, wrong) == scheme


def test_another_scheme_brings_its_own_groups_and_keeps_how_many_are_entitled() -> None:
    plain, five, sections = (load_preset(key) for key in ("si-deng", "de-neng-qin-ji-lian", "sifaju-pingshi"))
    assert groups_under(five, plain, A_AND_B) == A_AND_B

    groups = groups_under(sections, plain, (Group("peer", "同级", Fraction(1), 7),))
    assert [(group.key, group.entitled) for group in groups] == [
        ("superior", 0),
        ("peer", 7),
        ("subordinate", 0),
        ("colleague", 0),
    ]


def test_groups_are_idle_where_nobody_stands_in_their_sections() -> None:
    scheme = load_preset("jiguan-kaoping")
    person = Subject("s1", "张伟")
    office = Subject("s2", "办公室", kind=SubjectKind.TEAM, section="office")
    assert idle_groups(scheme, (person,)) == {"superior", "peer", "public", "school", "office"}
    assert idle_groups(scheme, (person, office)) == {"superior", "peer", "public"}
    assert idle_groups(scheme, (person, replace(office, section=""))) == frozenset()
    assert idle_groups(scheme, ()) == idle_groups(load_preset("si-deng"), (person,)) == frozenset()


def test_a_section_may_be_written_as_people_call_it() -> None:
    scheme = load_preset("jiguan-kaoping")
    written = tuple(Subject(f"s{n}", "某", section=text) for n, text in enumerate(["科室", "organ", "", "车间"]))
    named = with_sections_named(scheme, written)
    assert [subject.section for subject in named] == ["office", "organ", "", "车间"]
    with pytest.raises(FieldInvalid, match=f"^「{named[3].name}」的分表“{named[3].section}”不在考核方案中"):
        require_known_sections(scheme, named)
    require_known_sections(scheme, [*named[:3], *named[4:]])
    require_known_sections(load_preset("si-deng"), named)


def test_nobody_may_grade_whoever_is_off_the_list() -> None:
    part = Group("a-1", "A票·一科", Fraction(2, 5), 3, part_of="a", part_of_label="A票", may_grade=("s1", "s2", "s3"))
    whole, drawn = grading_only((A_AND_B[0], part), ["s3", "s1", "s9"])
    assert whole == A_AND_B[0]
    assert drawn == replace(part, may_grade=("s3", "s1"))
