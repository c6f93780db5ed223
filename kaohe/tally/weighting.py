"""From cells to items and from items to subjects: means × weights, never pooled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add

from kaohe.tally.model import Count, GradeCounts, Subject
from kaohe.tally.scheme import Dimension, EmptyGroupRule, Scheme
from kaohe.tally.scoring import CellScore, score_cell


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One subject on one dimension: its cells, one per voter group, and their weighted mean."""

    dimension: Dimension
    cells: tuple[CellScore, ...]
    score: Fraction | None
    """None where every group is empty."""

    @property
    def counts(self) -> GradeCounts:
        """The votes of all groups together."""
        return added(cell.counts for cell in self.cells)


@dataclass(frozen=True, slots=True)
class SubjectScore:
    """One subject on all dimensions, exact."""

    subject: Subject
    items: tuple[ItemScore, ...]
    group_scores: tuple[Fraction | None, ...]
    """In the scheme's order of groups: a group's own items × dimension weights; None where it left one empty."""
    score: Fraction | None
    """None where one dimension has no score: leaving it out would silently change the weights of the others."""

    @property
    def counts(self) -> GradeCounts:
        """The votes of all groups on all dimensions together."""
        return added(item.counts for item in self.items)


def score_subject(count: Count, subject: Subject) -> SubjectScore:
    """Score one subject of a completed count."""
    items = tuple(_score_item(count, subject, dimension) for dimension in count.scheme.dimensions)
    by_group = tuple(zip(*(item.cells for item in items), strict=True))
    return SubjectScore(
        subject=subject,
        items=items,
        group_scores=tuple(
            _weigh_dimensions(count.scheme.dimensions, (cell.score for cell in cells)) for cells in by_group
        ),
        score=_weigh_dimensions(count.scheme.dimensions, (item.score for item in items)),
    )


def added(piles: Iterable[GradeCounts]) -> GradeCounts:
    """Put one or more piles together."""
    return reduce(add, piles)


def filled_weight(cells: Iterable[CellScore]) -> Fraction:
    """Return the weight of the groups that are not empty."""
    return sum((cell.group.weight for cell in cells if cell.score is not None), start=Fraction(0))


def weighted_sum(cells: Iterable[CellScore]) -> Fraction:
    """Return Σ mean × weight over the groups that are not empty."""
    return sum((cell.score * cell.group.weight for cell in cells if cell.score is not None), start=Fraction(0))


def _score_item(count: Count, subject: Subject, dimension: Dimension) -> ItemScore:
    cells = tuple(
        score_cell(
            count.scheme,
            group,
            count.cells[group.key, subject.key, dimension.key],
            count.turnout[group.key],
        )
        for group in count.scheme.groups
    )
    return ItemScore(dimension, cells, _weigh_groups(count.scheme, cells))


def _weigh_groups(scheme: Scheme, cells: tuple[CellScore, ...]) -> Fraction | None:
    weight = filled_weight(cells)
    if not weight:
        return None
    total = weighted_sum(cells)
    return total / weight if scheme.empty_group is EmptyGroupRule.RENORMALISE else total


def _weigh_dimensions(dimensions: Iterable[Dimension], scores: Iterable[Fraction | None]) -> Fraction | None:
    total = Fraction(0)
    for dimension, score in zip(dimensions, scores, strict=True):
        if score is None:
            return None
        total += score * dimension.weight
    return total
