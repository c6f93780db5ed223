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


def test_thousands_of_one_name_are_told_apart_with_as_little_work_for_each_as_three() -> None:
    compared = 0

    class Name(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

    many = tuple(Subject(f"s{number}", Name("张伟"), f"{number}科") for number in range(3_000))
    assert names(*many)[-1] == "张伟（2999科）"
    assert compared < 10 * len(many)
