"""Rates (率): each grade's part of a row, in per cent, never levelled to make 100."""

from __future__ import annotations

from fractions import Fraction

from kaohe.tally.model import Figure, GradeCounts, GradeShare
from kaohe.tally.rounding import figure
from kaohe.tally.scheme.scales import NamedRange
from kaohe.tally.scheme.scheme import Dimension, Grade, Scheme

_FEWEST_GRADES_FOR_UPPER_RATE = 3


def grade_shares(
    scheme: Scheme, counts: GradeCounts, base: int, dimension: Dimension | None = None
) -> tuple[GradeShare, ...]:
    """Return one share per grade, best first; the rates are None where the base is 0.

    Where the row is one dimension with a number scale, the shares are those of its named ranges.
    """
    scale = None if dimension is None else scheme.scale_of(dimension)
    if scale is not None:
        return tuple(
            _share(
                scheme, named_range, sum(given for number, given in counts.numbers if named_range.holds(number)), base
            )
            for named_range in scale.ranges
        )
    return tuple(_share(scheme, grade, votes, base) for grade, votes in zip(scheme.grades, counts.grades, strict=True))


def _share(scheme: Scheme, step: Grade | NamedRange, votes: int, base: int) -> GradeShare:
    return GradeShare(step.key, step.label, votes, rate_of(scheme, votes, base))


def upper_rate(scheme: Scheme, counts: GradeCounts, base: int) -> Figure | None:
    """Return the rate of the two best grades together (称职以上率), rounded from its own exact sum.

    None on a scale of two grades, where both together say nothing, and where the base is 0.
    """
    if not has_upper_rate(scheme):
        return None
    return rate_of(scheme, sum(counts.grades[:2]), base)


def has_upper_rate(scheme: Scheme) -> bool:
    """Whether the scale is long enough for a rate of its two best grades."""
    return len(scheme.grades) >= _FEWEST_GRADES_FOR_UPPER_RATE


def upper_label(scheme: Scheme) -> str:
    """Name the two best grades together, such as 称职以上 or 较好以上."""
    return f"{scheme.grades[1].label}以上"


def rate_of(scheme: Scheme, votes: int, base: int) -> Figure | None:
    """Return votes ÷ base in per cent; None where the base is 0."""
    return figure(Fraction(100 * votes, base), scheme.decimals) if base else None
