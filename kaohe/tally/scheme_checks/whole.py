"""What must hold for every scheme, wherever it was typed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kaohe.tally.rounding import MOST_DECIMALS
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import Combine, Grade, Scheme
from kaohe.tally.scheme_checks.composing import check_composing
from kaohe.tally.scheme_checks.entries import (
    LARGEST_POINTS,
    LONGEST_REMARK,
    LONGEST_TITLE,
    check_entries,
    check_key,
    check_label,
    check_steps,
    check_weights,
)
from kaohe.tally.scheme_checks.tiers import check_tiers
from kaohe.tally.scheme_checks.voting import check_voting

RESERVED_MARKS = frozenset({"abstain", "skipped", "invalid"})
"""What a cell may hold beside a grade's key; a grade of that name could not be told from it."""
RESERVED_LABELS = frozenset({"弃权", "漏选", "无效"})
"""The columns that stand beside the grades on every sheet."""
FEWEST_GRADES = 2
MOST_REVIEW_DAYS = 365


def check_scheme(scheme: Scheme) -> None:
    """Accept a scheme that can be tallied, or say what is wrong with it.

    Raises:
        SchemeError: at the first fault.
    """
    check_key("key", scheme.key)
    check_label("title", scheme.title, LONGEST_TITLE)
    check_entries("groups", scheme.groups)
    for number, remark in enumerate(scheme.remarks, start=1):
        check_label(f"remarks[{number}]", remark, LONGEST_REMARK)
    check_steps("ruling_steps", scheme.ruling_steps)
    if scheme.review_days is not None and not 1 <= scheme.review_days <= MOST_REVIEW_DAYS:
        raise SchemeError(
            "review_days", f"申请复核的期限应为 1 到 {MOST_REVIEW_DAYS} 日的整数；没有规定的请不写这一项。"
        )
    if not 0 <= scheme.decimals <= MOST_DECIMALS:
        raise SchemeError("decimals", f"小数位数应为 0 到 {MOST_DECIMALS} 的整数。")
    if scheme.declared_sections:
        _check_parts(scheme)
        return
    _check_ballot(scheme)
    check_weights("groups", scheme.groups)
    if scheme.top_grade_limit is not None and scheme.top_grade_limit < 1:
        raise SchemeError("top_grade_limit", "最高等次的名额应为 1 以上的整数；不限名额时请不写这一项。")
    if scheme.may_fill_rest and (scheme.choose is not None or not scheme.grades):
        raise SchemeError("may_fill_rest", "只有评等次的表才谈得上其余都选同一等次：打分和差额票决请删去这一项。")
    if scheme.top_grade_limit is not None and not scheme.grades:
        raise SchemeError(
            "top_grade_limit", "都是打分、没有等次，谈不上最高等次的名额：请删去这一项，或只写在评等次的分表里。"
        )
    check_voting(scheme)
    check_composing(scheme)
    check_tiers(scheme)


def _check_parts(scheme: Scheme) -> None:
    check_entries("sections", scheme.declared_sections)
    for number, section in enumerate(scheme.declared_sections, start=1):
        path = f"sections[{number}]"
        if section.scheme.declared_sections:
            raise SchemeError(f"{path}.sections", "分表之内不能再分表。")
        try:
            check_scheme(section.scheme)
        except SchemeError as fault:
            raise fault.within(path) from fault
    known = {(group.key, group.label) for group in scheme.groups}
    filling = {(group.key, group.label) for section in scheme.declared_sections for group in section.scheme.groups}
    for key, _ in sorted(filling - known):
        raise SchemeError("sections", f"分表的票种「{key}」不在总的票种（groups）之中。")
    for number, group in enumerate(scheme.groups, start=1):
        if (group.key, group.label) not in filling:
            raise SchemeError(f"groups[{number}]", f"票种「{group.label}」不填任何一张分表，请改正或删去。")


def _check_ballot(scheme: Scheme) -> None:
    if not scheme.has_votes:
        if scheme.dimensions:
            raise SchemeError("components", '方案有测评维度，但没有来自本场测评（source = "votes"）的分项。')
        return
    taking_grades = [dimension for dimension in scheme.dimensions if scheme.scale_of(dimension) is None]
    if taking_grades or not scheme.dimensions or scheme.grades:
        check_entries("grades", scheme.grades)
        if len(scheme.grades) < FEWEST_GRADES:
            raise SchemeError("grades", f"至少要有 {FEWEST_GRADES} 个等次。")
        _check_grades(scheme.grades)
    check_entries("dimensions", scheme.dimensions)
    if scheme.combine is Combine.WEIGHTED:
        check_weights("dimensions", scheme.dimensions)


def _check_grades(grades: Sequence[Grade]) -> None:
    best: Fraction | None = None
    for number, grade in enumerate(grades, start=1):
        if grade.key in RESERVED_MARKS:
            raise SchemeError(f"grades[{number}].key", f"「{grade.key}」另有用途，请换一个 key。")
        if grade.label in RESERVED_LABELS:
            raise SchemeError(f"grades[{number}].label", f"「{grade.label}」另有用途，不能作为等次名称。")
        if abs(grade.points) > LARGEST_POINTS:
            raise SchemeError(f"grades[{number}].points", f"分值的绝对值不能超过 {LARGEST_POINTS}。")
        if best is not None and grade.points > best:
            raise SchemeError(f"grades[{number}].points", "等次应从好到差排列，后一等次的分值不能高于前一等次。")
        best = grade.points
