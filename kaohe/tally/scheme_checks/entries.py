"""Checks that many parts of a scheme share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from kaohe.tally.rounding import percent_text
from kaohe.tally.scheme.refusals import SchemeError

MOST_ENTRIES = 30
"""The longest list of grades, dimensions or groups."""
LONGEST_LABEL = 40
LONGEST_TITLE = 100
LONGEST_REMARK = 300
MOST_STEPS, LONGEST_STEP = 5, 10
LARGEST_POINTS = 1_000_000

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class _Named(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...


def check_entries(path: str, entries: Sequence[_Named]) -> None:
    """Refuse a list that is empty or too long, or whose keys or labels are not their own."""
    if not entries:
        raise SchemeError(path, "缺少内容：至少要有一项。")
    if len(entries) > MOST_ENTRIES:
        raise SchemeError(path, f"最多 {MOST_ENTRIES} 项，现有 {len(entries)} 项。")
    keys: set[str] = set()
    labels: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        check_key(f"{path}[{number}].key", entry.key)
        check_label(f"{path}[{number}].label", entry.label, LONGEST_LABEL)
        if entry.key in keys:
            raise SchemeError(f"{path}[{number}].key", f"「{entry.key}」与前面的重复，每项的 key 应各不相同。")
        if entry.label in labels:
            raise SchemeError(f"{path}[{number}].label", f"「{entry.label}」与前面的重复，每项的名称应各不相同。")
        keys.add(entry.key)
        labels.add(entry.label)


def check_key(path: str, key: str) -> None:
    """Refuse a key that is not one."""
    if not _KEY.fullmatch(key):
        raise SchemeError(path, "应由 1 到 40 个小写英文字母、数字、- 或 _ 组成，并以字母或数字开头。")


def check_label(path: str, label: str, longest: int) -> None:
    """Refuse a label that cannot be printed on a sheet."""
    if not label or label != label.strip() or len(label) > longest or not label.isprintable():
        raise SchemeError(path, f"应为 1 到 {longest} 个字的文字，首尾不留空格，不含换行等控制字符。")


def check_steps(path: str, steps: Sequence[str]) -> None:
    """Refuse steps of which there are none, too many, or two of one name."""
    if not 1 <= len(steps) <= MOST_STEPS:
        raise SchemeError(path, f'应为 1 到 {MOST_STEPS} 个步骤，如 ["审核", "审定"]。')
    for number, step in enumerate(steps, start=1):
        check_label(f"{path}[{number}]", step, LONGEST_STEP)
        if step in steps[: number - 1]:
            raise SchemeError(f"{path}[{number}]", f"「{step}」与前面的重复，各步骤的名称应各不相同。")


class _Weighted(Protocol):
    @property
    def weight(self) -> Fraction: ...


def check_weights(path: str, entries: Sequence[_Weighted]) -> None:
    """Refuse weights that do not make a whole."""
    for number, entry in enumerate(entries, start=1):
        if entry.weight <= 0:
            raise SchemeError(f"{path}[{number}].weight", "权重应大于 0。")
    total = sum((entry.weight for entry in entries), start=Fraction(0))
    if total != 1:
        raise SchemeError(path, f"各项权重（weight，按百分数填写）之和应为 100%，现为 {percent_text(total)}。")
