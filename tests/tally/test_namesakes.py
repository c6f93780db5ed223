"""People of one name are told apart wherever a sentence or a list names them without their unit and post beside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kaohe.tally.model import Subject
from kaohe.tally.namesakes import told_apart


def names(*subjects: Subject) -> list[str]:
    return [subject.full_name for subject in told_apart(subjects)]


def test_a_name_that_only_one_bears_stands_alone() -> None:
    assert names(Subject("s1", "张伟", "一科", "科长"), Subject("s2", "李娜", "一科", "科长")) == ["张伟", "李娜"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("一科", "科长", ""), ("二科", "科长", ""), ["张伟（一科 科长）", "张伟（二科 科长）"]),
        (("一科", "科长", ""), ("一科", "科员", ""), ["张伟（一科 科长）", "张伟（一科 科员）"]),
        (("一科", "", ""), ("", "", ""), ["张伟（一科）", "张伟（s2）"]),
        (("一科", "科员", "甲类"), ("一科", "科员", "乙类"), ["张伟（一科 科员 甲类）", "张伟（一科 科员 乙类）"]),
        (("", "", ""), ("", "", ""), ["张伟（s1）", "张伟（s2）"]),
        (("一科", "科员", ""), ("一科", "科员", ""), ["张伟（s1）", "张伟（s2）"]),
    ],
)
def test_namesakes_are_told_apart_by_unit_and_post_then_class_then_key(first, second, told) -> None:
    assert names(Subject("s1", "张伟", *first), Subject("s2", "张伟", *second)) == told


def test_whoever_loses_the_namesake_loses_what_told_them_apart() -> None:
    both = told_apart((Subject("s1", "张伟", "一科"), Subject("s2", "张伟", "二科")))
    assert names(both[0]) == ["张伟"]
    assert both[0] == replace(both[0], apart="")
