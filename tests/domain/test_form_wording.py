"""The words of a form: headings, rules and bounds as they stand on a phone and on paper."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from ballot_forms import style_of

from kaohe.domain.ballots.styles import StyleSection
from kaohe.domain.ballots.wording import (
    bounds_text,
    by_class,
    full_text,
    limit_text,
    part_label,
    section_rules,
    span_text,
    unit_and_post,
    with_branches,
    with_class_headings,
    written_step,
)
from kaohe.schemes import load_preset
from kaohe.tally.model import Subject
from kaohe.tally.scheme.scales import NumberScale
from kaohe.tally.scheme.scheme import Scheme

A, B, C = Subject("s1", "张伟"), Subject("s2", "李娜"), Subject("s3", "王芳")
SI_DENG = load_preset("si-deng")
VOTE = load_preset("ganbu-zonghe-texuan")


def section_of(scheme: Scheme, *subjects: Subject) -> StyleSection:
    groups = tuple(group.key for group in scheme.groups)
    return style_of(scheme, *(subjects or (A, B)), groups=groups).sections[0]


def classed(subject: Subject, label: str) -> Subject:
    return replace(subject, class_label=label)


def test_a_section_is_headed_as_a_form_and_a_scheme_without_sections_has_no_heading() -> None:
    style = style_of(SI_DENG, A, B)
    assert part_label(style, style.sections[0]) == ""
    parts = load_preset("jiguan-kaoping")
    assert parts.declared_sections
    groups = tuple(group.key for group in parts.groups)
    style = style_of(parts, replace(A, section=parts.declared_sections[0].key), groups=groups)
    (section,) = style.sections
    assert part_label(style, replace(section, label="领导班子")) == "领导班子测评表"
    assert part_label(style, replace(section, label="推荐票")) == "推荐票"


def test_classes_come_in_the_order_in_which_they_are_first_met_and_only_several_are_headed() -> None:
    mixed = section_of(SI_DENG, classed(A, "正职"), classed(B, ""), classed(C, "正职"))
    assert [(label, [subject.key for subject in subjects]) for label, subjects in by_class(mixed)] == [
        ("正职", ["s1", "s3"]),
        ("", ["s2"]),
    ]
    assert [(heading, subject.key) for heading, subject in with_class_headings(mixed)] == [
        ("正职", "s1"),
        ("", "s3"),
        ("其他", "s2"),
    ]
    assert [heading for heading, _ in with_class_headings(section_of(SI_DENG, A, B))] == ["", ""]


def test_where_some_are_chosen_the_heading_of_a_class_says_out_of_how_many() -> None:
    four = [classed(Subject(f"s{number}", f"候选{number}"), "甲" if number < 3 else "乙") for number in range(1, 5)]
    assert [heading for heading, _ in with_class_headings(section_of(VOTE, *four))] == [
        "甲（候选 2，名额 1）",
        "",
        "乙（候选 2，名额 1）",
        "",
    ]


def test_beside_a_name_stand_unit_and_post_as_far_as_they_are_known() -> None:
    assert unit_and_post(replace(A, unit="统计局", post="科长")) == "统计局 · 科长"
    assert unit_and_post(replace(A, unit="统计局")) == "统计局"
    assert unit_and_post(A) == ""


def test_rules_of_a_section_say_what_is_evaluated_and_how_many_may_be_chosen() -> None:
    assert list(section_rules(section_of(SI_DENG))) == []
    five = load_preset("de-neng-qin-ji-lian")
    of_others = tuple(replace(dimension, groups=("others",)) for dimension in five.dimensions[1:])
    assert list(section_rules(section_of(replace(five, dimensions=(five.dimensions[0], *of_others))))) == [
        "测评内容：德。"
    ]
    limited = replace(SI_DENG, top_grade_limit=1)
    assert list(section_rules(section_of(limited))) == ["“优秀”最多选 1 个。"]
    several = replace(load_preset("de-neng-qin-ji-lian"), top_grade_limit=1)
    assert limit_text(section_of(several)).startswith("每个维度中，")
    assert limit_text(section_of(SI_DENG)) == ""
    choose = VOTE.choose
    assert choose is not None
    assert list(section_rules(section_of(VOTE))) == ["最多选 1 个，可以少选或不选。"]
    bound = replace(VOTE, choose=replace(choose, fewest=1))
    assert list(section_rules(section_of(bound))) == ["最多选 1 个，最少选 1 个。"]


def test_what_is_summed_says_what_it_comes_to_with_the_branches_above_it() -> None:
    summed = section_of(load_preset("beian-pingshi"))
    branches = list(with_branches(summed))
    assert [dimension for _, dimension in branches] == list(summed.dimensions)
    begun = [branch for above, _ in branches for branch in above]
    assert begun
    assert full_text(summed, summed.dimensions) == "100"
    assert sum(Fraction(full) for _, full in begun if full) == 100
    assert full_text(summed, summed.dimensions[:1]) == ""
    assert full_text(section_of(SI_DENG), SI_DENG.dimensions) == ""
    assert [above for above, _ in with_branches(section_of(SI_DENG))] == [()]


@pytest.mark.parametrize(
    ("step", "written", "text"),
    [
        (Fraction(1), Fraction(1), "0–30 分"),
        (Fraction(1, 2), Fraction(1, 2), "0–30 分，每 0.5 分一档"),
        (Fraction(1, 5), Fraction(1, 5), "0–30 分，每 0.2 分一档"),
        (Fraction(1, 3), Fraction(1), "0–30 分"),
    ],
)
def test_bounds_name_the_step_that_a_decimal_can_write(step: Fraction, written: Fraction, text: str) -> None:
    scale = NumberScale(Fraction(30), step=step)
    assert written_step(scale) == written
    assert bounds_text(scale) == text


def test_a_span_of_one_number_is_that_number() -> None:
    assert span_text(Fraction(27), Fraction(30)) == "27–30"
    assert span_text(Fraction(5), Fraction(5)) == "5"
