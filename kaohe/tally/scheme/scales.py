"""Scales on which a voter writes a number instead of choosing a grade."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class NamedRange:
    """A stretch of a number scale that has a name (优秀 30–27), both ends included."""

    key: str
    label: str
    low: Fraction
    high: Fraction

    def holds(self, number: Fraction) -> bool:
        """Whether a number lies in the range."""
        return self.low <= number <= self.high


@dataclass(frozen=True, slots=True)
class NumberScale:
    """The numbers that a voter may give (百分制): from ``low`` to ``high`` in steps."""

    high: Fraction
    low: Fraction = Fraction(0)
    step: Fraction = Fraction(1)
    ranges: tuple[NamedRange, ...] = ()
    """Best first; together they hold every number of the scale, and no number twice."""

    def holds(self, number: Fraction) -> bool:
        """Whether a voter may give this number."""
        return self.low <= number <= self.high and ((number - self.low) / self.step).denominator == 1


@dataclass(frozen=True, slots=True)
class Trim:
    """How many of the highest and the lowest numbers are left out of a mean (去掉最高分和最低分)."""

    high: int = 1
    low: int = 1
    fewest: int | None = None
    """With fewer numbers than these the plain mean is taken; None for as few as leave two."""

    @property
    def begins_at(self) -> int:
        """The fewest numbers from which the trim is done."""
        return self.high + self.low + 2 if self.fewest is None else self.fewest


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table that turns a rate into a score (得票率对照分)."""

    at_least: Fraction
    """The rate of the best grades, in per cent, from which the row holds."""
    score: Fraction
    lower_under: Fraction | None = None
    """Where given, the row also asks that the rate of all the other grades but the next best lies under this."""
