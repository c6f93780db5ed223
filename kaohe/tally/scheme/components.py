"""The parts that a final score is put together from, beside this meeting's votes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kaohe.tally.scheme.tiers import Band


class ComponentSource(StrEnum):
    """Where a component's score comes from."""

    VOTES = "votes"
    IMPORTED = "imported"
    MEETING = "meeting"
    PERIODS = "periods"


class PeriodMeasure(StrEnum):
    """How earlier periods (quarters) become one score."""

    SCORE = "score"
    POINTS = "points"
    TIER_RATE = "tier_rate"


@dataclass(frozen=True, slots=True)
class TierPoints:
    """What one period at a tier is worth (A 90, B 80 …); the tier goes by its label."""

    tier: str
    points: Fraction


@dataclass(frozen=True, slots=True)
class Component:
    """One weighted part of the final score (分项)."""

    key: str
    label: str
    weight: Fraction
    """A share of 1; the weights of a scheme's components sum to exactly 1."""
    source: ComponentSource
    meeting: str = ""
    """Which other meeting the score comes from, where the source is one."""
    full: Fraction = Fraction(100)
    """The most that an imported score may be; the least is 0."""
    measure: PeriodMeasure = PeriodMeasure.SCORE
    periods: int | None = None
    """How many periods there are in a year; None for as many as are given."""
    tier: str = ""
    """The label of the tier that is counted, where the measure is its rate."""
    points: tuple[TierPoints, ...] = ()
    bands: tuple[Band, ...] = ()
    """A name for this component's own score, beside the final tier."""
