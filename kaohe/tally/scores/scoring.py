"""From the counts of one cell to its score: points, a rate, a table, a number of votes, or the mean of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kaohe.tally.model import GradeCounts, Turnout
from kaohe.tally.scheme.scales import TableRow
from kaohe.tally.scheme.scheme import Dimension, Scheme, ScoreRule, VoterGroup
from kaohe.tally.scores.bases import counted_votes, score_base
from kaohe.tally.scores.numbers import Trimmed, sum_of, trim_numbers, votes_of


@dataclass(frozen=True, slots=True)
class CellScore:
    """What one voter group says about one subject on one dimension."""

    group: VoterGroup
    counts: GradeCounts
    points_sum: Fraction
    """Σ points × votes; Σ numbers; or the votes of the best grades, where a rate or a table is asked for."""
    base: int
    score: Fraction | None
    """None where not one vote counts: the group is empty here."""
    trimmed: Trimmed | None = None
    """The numbers that were kept; None where grades are given."""
    row: TableRow | None = None
    """The row of the table that holds."""


def score_cell(
    scheme: Scheme, group: VoterGroup, dimension: Dimension, counts: GradeCounts, turnout: Turnout
) -> CellScore:
    """Score one cell, exactly.

    A cell in which not one vote counts has no score, whatever the base: it is up to the scheme's rule for empty
    groups, not to a division of 0 by the number of people entitled, what becomes of its weight.
    """
    base = score_base(scheme, counts, turnout)
    if scheme.scale_of(dimension) is not None:
        return _number_cell(scheme, group, counts, base)
    is_counted = bool(counted_votes(scheme, counts))
    if scheme.score_by is ScoreRule.POINTS:
        points_sum = sum(
            (grade.points * votes for grade, votes in zip(scheme.grades, counts.grades, strict=True)), start=Fraction(0)
        )
        return CellScore(group, counts, points_sum, base, points_sum / base if is_counted else None)
    best = Fraction(sum(counts.grades[: scheme.rate_grades]))
    if scheme.score_by is ScoreRule.VOTES:
        return CellScore(group, counts, best, 1, best if is_counted else None)
    if not is_counted:
        return CellScore(group, counts, best, base, None)
    rate = 100 * best / base
    if scheme.score_by is ScoreRule.RATE:
        return CellScore(group, counts, best, base, rate)
    lower = Fraction(100 * sum(counts.grades[scheme.rate_grades + 1 :]), base)
    row = next(
        row
        for row in scheme.score_table
        if rate >= row.at_least and (row.lower_under is None or lower < row.lower_under)
    )
    return CellScore(group, counts, best, base, row.score, row=row)


def _number_cell(scheme: Scheme, group: VoterGroup, counts: GradeCounts, base: int) -> CellScore:
    trimmed = trim_numbers(counts.numbers, scheme.trim)
    base -= votes_of(trimmed.high) + votes_of(trimmed.low)
    total = sum_of(trimmed.kept)
    return CellScore(group, counts, total, base, total / base if counted_votes(scheme, counts) else None, trimmed)
