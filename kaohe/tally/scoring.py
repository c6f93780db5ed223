"""From the counts of one cell to its mean: Σ points × votes ÷ base."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kaohe.tally.bases import counted_votes, score_base
from kaohe.tally.model import GradeCounts, Turnout
from kaohe.tally.scheme import Scheme, VoterGroup


@dataclass(frozen=True, slots=True)
class CellScore:
    """What one voter group says about one subject on one dimension."""

    group: VoterGroup
    counts: GradeCounts
    points_sum: Fraction
    """Σ points × votes."""
    base: int
    score: Fraction | None
    """None where not one vote counts: the group is empty here."""


def score_cell(scheme: Scheme, group: VoterGroup, counts: GradeCounts, turnout: Turnout) -> CellScore:
    """Score one cell, exactly.

    A cell in which not one vote counts has no score, whatever the base: it is up to the scheme's rule for empty
    groups, not to a division of 0 by the number of people entitled, what becomes of its weight.
    """
    points_sum = sum(
        (grade.points * votes for grade, votes in zip(scheme.grades, counts.grades, strict=True)),
        start=Fraction(0),
    )
    base = score_base(scheme, counts, turnout)
    score = points_sum / base if counted_votes(scheme, counts) else None
    return CellScore(group, counts, points_sum, base, score)
