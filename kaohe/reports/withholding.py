"""Decides what is not printed because it would reveal what a small voter group chose."""

from __future__ import annotations

from typing import Final

from kaohe.tally.disclosure import withheld_by_group
from kaohe.tally.model import Result
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.scheme.scheme import Dimension, Scheme

_SMALL: Final = f"有的票种收回不足 {FEWEST_GROUP_BALLOTS} 票，为保护无记名，"


def groups_withheld(result: Result) -> str:
    """The sentence that stands in place of anything by voter group; '' where it may be shown.

    A ballot that leaves subjects out may leave a group of many with a single voice on one subject, so such groups count
    as small.
    """
    if not has_groups(result.scheme):
        return ""
    if _has_small_group(result) or _leaves_out(result):
        return f"{_SMALL}不分票种列出得票、得分和计算过程。"
    return ""


def numbers_withheld(result: Result) -> str:
    """The sentence in place of the mean, the highest and the lowest number of all groups together.

    The mean of all groups beside the weighted score of the same groups is two equations: with two groups they give the
    mean of each.
    """
    return f"{_SMALL}不列出打分的平均、最高和最低。" if groups_withheld(result) else ""


def dimensions_withheld(result: Result) -> str:
    """The sentence in place of all votes and scores by dimension, where one dimension is filled by a small group only.

    The others go with it: from them and the final score anyone could compute the one that is missing.
    """
    restricted = [dimension for dimension in result.scheme.dimensions if dimension.groups]
    if any(_ballots_of(result, dimension) < FEWEST_GROUP_BALLOTS for dimension in restricted):
        return (
            f"有的维度只由收回不足 {FEWEST_GROUP_BALLOTS} 票的票种填写，为保护无记名，不列出各维度的得票和得分，"
            "只列出最终结果。"
        )
    return ""


def forms_tell_groups(result: Result) -> bool:
    """Whether the shape of a whole ballot tells its voter group, and some group is small."""
    whole = {group.key for group in result.scheme.groups}
    tells = any(
        {group.key for group in section.scheme.groups} != whole
        or any(dimension.groups for dimension in section.scheme.dimensions)
        for section in result.scheme.sections
    )
    return tells and _has_small_group(result)


def has_groups(scheme: Scheme) -> bool:
    """Whether there is more than one voter group."""
    return len(scheme.groups) > 1


def _has_small_group(result: Result) -> bool:
    return bool(withheld_by_group({group.key: result.group_turnout[group.key].cast for group in result.scheme.groups}))


def _leaves_out(result: Result) -> bool:
    dimensions = {dimension.key: dimension for dimension in result.scheme.dimensions}
    return any(
        item.counts.cast < _ballots_of(result, dimensions[item.dimension])
        for subject in result.subjects
        for item in subject.items
    )


def _ballots_of(result: Result, dimension: Dimension) -> int:
    return sum(result.group_turnout[group.key].cast for group in result.scheme.fillers(dimension))
