"""Whether what is going to be published tells how a small voter group has voted, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kaohe.operations.results import CountedRound
from kaohe.tally.bases import score_base
from kaohe.tally.disclosure import CellOption, GroupPart, PublishedItem, given_away, rounded_range
from kaohe.tally.model import GradeCounts, Subject
from kaohe.tally.scheme import AbstentionRule, Dimension, EmptyGroupRule, PercentBase, Scheme, ScoreRule


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

    Judged are schemes in which every group grades every item by points. Of any other scheme a protected group counts as
    given away on all items, since nobody has shown that it is not.
    """
    scheme = counted.setup.full_scheme
    if len(scheme.groups) == 1:
        return ()
    items = list(_items(counted))
    is_judged = scheme.is_plain and scheme.score_by is ScoreRule.POINTS
    found = []
    for place, group in enumerate(scheme.groups):
        protected = [item for item in items if item.groups[place].is_protected]
        given = sum(1 for item in protected if not is_judged or given_away(item, group.key))
        if given:
            ballots = counted.result.group_turnout[group.key].cast
            found.append(Exposure(group.label, ballots, given, len(items)))
    return tuple(found)


def _items(counted: CountedRound) -> Iterator[PublishedItem]:
    scheme = counted.setup.full_scheme
    for each in counted.result.subjects:
        for dimension, item in zip(scheme.dimensions, each.items, strict=False):
            low, below = (None, None) if item.score is None else rounded_range(item.score.text)
            yield PublishedItem(
                options=_options(scheme),
                groups=tuple(_parts(counted, each.subject, dimension)),
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


def _parts(counted: CountedRound, subject: Subject, dimension: Dimension) -> Iterator[GroupPart]:
    scheme = counted.setup.full_scheme
    nothing = GradeCounts((0,) * len(scheme.grades))
    for group in scheme.groups:
        counts = counted.cells.get((group.key, subject.key, dimension.key), nothing)
        fixed = scheme.score_base is not PercentBase.VALID
        yield GroupPart(
            group.key,
            group.weight,
            (*counts.grades, counts.abstention, counts.skipped, counts.invalid),
            score_base(scheme, counts, counted.result.group_turnout[group.key]) if fixed else None,
        )
