"""Warns if the numbers to be published would reveal how a small voter group has voted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kaohe.operations.count.results import CountedRound
from kaohe.tally.disclosure import CellOption, GroupPart, PublishedItem, given_away, rounded_range
from kaohe.tally.model import GradeCounts, Result, Subject
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.scheme.scheme import AbstentionRule, Dimension, EmptyGroupRule, PercentBase, Scheme, ScoreRule
from kaohe.tally.scores.bases import score_base


@dataclass(frozen=True, slots=True)
class Exposure:
    """A group whose votes on some items can be computed from the votes and the score of all groups together."""

    group_label: str
    ballots: int
    item_count: int
    item_total: int

    @property
    def sentence(self) -> str:
        """What an organizer is told, and what follows from it."""
        return (
            f"“{self.group_label}”只收回 {self.ballots} 票：由各等次总票数和加权得分，"
            f"可以推算出该票种在 {self.item_total} 项中 {self.item_count} 项上的选择。"
            "大屏揭晓时只显示得分和名次，不显示票数；表格请只在考核工作范围内使用。"
        )


def exposures(counted: CountedRound) -> Sequence[Exposure]:
    """The groups that the published numbers of a round give away; empty where nothing can be computed.

    Judged are schemes in which every group grades every item by points. Of any other scheme, a number scale or a
    section's own among them, a group of few counts as given away on all items, since nobody has shown that it is not.
    """
    found: list[Exposure] = []
    for *_, part in counted.result.parts:
        scheme = part.scheme
        if not scheme.has_votes or len(counted.result.scheme.groups) == 1:
            continue
        if len(scheme.groups) == 1:
            # A section of one group alone: its votes are that group's, and nothing has to be computed.
            found += _unjudged(counted, part)
            continue
        is_judged = scheme.is_plain and scheme.score_by is ScoreRule.POINTS and not counted.setup.is_divided
        found += _judged(counted, part) if is_judged else _unjudged(counted, part)
    return tuple(found)


def _judged(counted: CountedRound, part: Result) -> Iterator[Exposure]:
    items = list(_items(counted, part))
    for index, group in enumerate(part.scheme.groups):
        given = sum(1 for item in items if item.groups[index].is_protected and given_away(item, group.key))
        if given:
            yield Exposure(group.label, part.group_turnout[group.key].cast, given, len(items))


def _unjudged(counted: CountedRound, part: Result) -> Iterator[Exposure]:
    keys = {result.subject.key for result in part.subjects}
    for group in part.scheme.groups:
        # Of a divided group few may have graded a subject, however many it has.
        piles = [n.cast for (own, subject, _), n in counted.cells.items() if own == group.key and subject in keys]
        small = [cast for cast in piles if 0 < cast < FEWEST_GROUP_BALLOTS]
        if small and counted.setup.is_divided:
            yield Exposure(group.label, min(small), len(small), len(piles))
        elif 0 < part.group_turnout[group.key].cast < FEWEST_GROUP_BALLOTS:
            total = sum(len(subject.items) for subject in part.subjects)
            yield Exposure(group.label, part.group_turnout[group.key].cast, total, total)


def _items(counted: CountedRound, part: Result) -> Iterator[PublishedItem]:
    scheme = part.scheme
    for subject_result in part.subjects:
        for dimension, item in zip(scheme.dimensions, subject_result.items, strict=True):
            low, below = (None, None) if item.score is None else rounded_range(item.score.text)
            yield PublishedItem(
                options=_options(scheme),
                groups=tuple(_parts(counted, part, subject_result.subject, dimension)),
                score_from=low,
                score_below=below,
                is_renormalised=scheme.empty_group is EmptyGroupRule.RENORMALISE,
            )


def _options(scheme: Scheme) -> tuple[CellOption, ...]:
    """Every grade, then 弃权, 漏选, 无效."""
    counts_as_zero = scheme.abstention is AbstentionRule.ZERO
    none = CellOption(Fraction(0), is_counted=counts_as_zero)
    return (
        *(CellOption(grade.points, is_counted=True) for grade in scheme.grades),
        none,
        none,
        CellOption(Fraction(0), is_counted=False),
    )


def _parts(counted: CountedRound, part: Result, subject: Subject, dimension: Dimension) -> Iterator[GroupPart]:
    scheme = part.scheme
    nothing = GradeCounts((0,) * len(scheme.grades))
    for group in scheme.groups:
        counts = counted.cells.get((group.key, subject.key, dimension.key), nothing)
        fixed = scheme.score_base is not PercentBase.VALID
        yield GroupPart(
            group.key,
            group.weight,
            (*counts.grades, counts.abstention, counts.skipped, counts.invalid),
            score_base(scheme, counts, part.group_turnout[group.key]) if fixed else None,
        )
