"""What must hold for every scheme, wherever it was typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from kaohe.tally.refusals import SchemeError
from kaohe.tally.rounding import MOST_DECIMALS, percent_text
from kaohe.tally.scheme import Dimension, Grade, Scheme, VoterGroup

RESERVED_MARKS = frozenset({"abstain", "skipped", "invalid"})
"""What a cell may hold beside a grade's key; a grade of that name could not be told from it."""
RESERVED_LABELS = frozenset({"弃权", "漏选", "无效"})
"""The columns that stand beside the grades on every sheet."""
FEWEST_GRADES = 2
MOST_ENTRIES = 30
"""The longest list of grades, dimensions or groups."""
LONGEST_LABEL = 40
LONGEST_TITLE = 100
LARGEST_POINTS = 1_000_000

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def check_scheme(scheme: Scheme) -> None:
    """Accept a scheme that can be tallied, or say what is wrong with it.

    Raises:
        SchemeError: at the first fault.
    """
    _check_key("key", scheme.key)
    _check_label("title", scheme.title, LONGEST_TITLE)
    _check_entries("grades", scheme.grades)
    if len(scheme.grades) < FEWEST_GRADES:
        raise SchemeError("grades", f"至少要有 {FEWEST_GRADES} 个等次。")
    _check_grades(scheme.grades)
    _check_entries("dimensions", scheme.dimensions)
    _check_weights("dimensions", scheme.dimensions)
    _check_entries("groups", scheme.groups)
    _check_weights("groups", scheme.groups)
    if not 0 <= scheme.decimals <= MOST_DECIMALS:
        raise SchemeError("decimals", f"小数位数应为 0 到 {MOST_DECIMALS} 的整数。")
    if scheme.top_grade_limit is not None and scheme.top_grade_limit < 1:
        raise SchemeError("top_grade_limit", "最高等次的名额应为 1 以上的整数；不限名额时请不写这一项。")


def _check_entries(place: str, entries: Sequence[Grade | Dimension | VoterGroup]) -> None:
    if not entries:
        raise SchemeError(place, "至少要有一项。")
    if len(entries) > MOST_ENTRIES:
        raise SchemeError(place, f"最多 {MOST_ENTRIES} 项，现有 {len(entries)} 项。")
    keys: set[str] = set()
    labels: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        _check_key(f"{place}[{number}].key", entry.key)
        _check_label(f"{place}[{number}].label", entry.label, LONGEST_LABEL)
        if entry.key in keys:
            raise SchemeError(f"{place}[{number}].key", f"「{entry.key}」与前面的重复，每项的 key 应各不相同。")
        if entry.label in labels:
            raise SchemeError(f"{place}[{number}].label", f"「{entry.label}」与前面的重复，每项的名称应各不相同。")
        keys.add(entry.key)
        labels.add(entry.label)


def _check_key(place: str, key: str) -> None:
    if not _KEY.fullmatch(key):
        raise SchemeError(place, "应由 1 到 40 个小写英文字母、数字、- 或 _ 组成，并以字母或数字开头。")


def _check_label(place: str, label: str, longest: int) -> None:
    if not label or label != label.strip() or len(label) > longest or not label.isprintable():
        raise SchemeError(place, f"应为 1 到 {longest} 个字的文字，首尾不留空格，不含换行等控制字符。")


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


def _check_weights(place: str, entries: Sequence[Dimension | VoterGroup]) -> None:
    for number, entry in enumerate(entries, start=1):
        if entry.weight <= 0:
            raise SchemeError(f"{place}[{number}].weight", "权重应大于 0。")
    total = sum((entry.weight for entry in entries), start=Fraction(0))
    if total != 1:
        raise SchemeError(place, f"各项权重（weight，按百分数填写）之和应为 100%，现为 {percent_text(total)}。")
