"""From cells to items and from items to subjects: means × weights, never pooled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add

from kaohe.tally.model import Count, GradeCounts, Subject
from kaohe.tally.scheme.scheme import Combine, Dimension, EmptyGroupRule, Scheme, VoterGroup
from kaohe.tally.scores.bases import turnout_about
from kaohe.tally.scores.scoring import CellScore, score_cell


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
        return reduce(add, (cell.counts for cell in self.cells))

    def cell_of(self, group: VoterGroup) -> CellScore | None:
        """Return a group's cell; None where the group does not fill this dimension."""
        return next((cell for cell in self.cells if cell.group.key == group.key), None)


@dataclass(frozen=True, slots=True)
class SubjectScore:
    """One subject on all dimensions, exact."""

    subject: Subject
    items: tuple[ItemScore, ...]
    group_scores: tuple[Fraction | None, ...]
    """In the scheme's order of groups: a group's own items × dimension weights; None where it left one empty."""
    score: Fraction | None
    """None where one dimension has no score: leaving it out would silently change the weights of the others."""
    nothing: GradeCounts
    """What to begin adding from; all there is where nothing is voted on."""

    @property
    def counts(self) -> GradeCounts:
        """The votes of all groups on all dimensions together."""
        return reduce(add, (item.counts for item in self.items), self.nothing)


def score_subject(count: Count, subject: Subject) -> SubjectScore:
    """Score one subject of a completed count."""
    scheme = count.scheme
    items = tuple(_score_item(count, subject, dimension) for dimension in scheme.dimensions)
    return SubjectScore(
        subject=subject,
        items=items,
        group_scores=tuple(_group_score(scheme, group, items) for group in scheme.groups),
        score=_weigh((item.dimension.weight, item.score) for item in items),
        nothing=GradeCounts((0,) * len(scheme.grades)),
    )


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
            dimension,
            count.cells[group.key, subject.key, dimension.key],
            turnout_about(count, group.key, subject.key),
        )
        for group in count.scheme.fillers(dimension)
    )
    return ItemScore(dimension, cells, _weigh_groups(count.scheme, cells))


def _weigh_groups(scheme: Scheme, cells: tuple[CellScore, ...]) -> Fraction | None:
    weight = filled_weight(cells)
    if not weight:
        return None
    total = weighted_sum(cells)
    return total / weight if scheme.empty_group is EmptyGroupRule.RENORMALISE else total


def _group_score(scheme: Scheme, group: VoterGroup, items: Iterable[ItemScore]) -> Fraction | None:
    """Weigh the dimensions that the group fills among themselves."""
    cells = [(item.dimension.weight, item.cell_of(group)) for item in items]
    filled = [(weight, cell.score) for weight, cell in cells if cell is not None]
    score = _weigh(filled)
    if score is None or scheme.combine is Combine.SUM:
        return score
    return score / sum((weight for weight, _ in filled), start=Fraction(0))


def _weigh(parts: Iterable[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    total: Fraction | None = None
    for weight, score in parts:
        if score is None:
            return None
        total = score * weight + (total or 0)
    return total
