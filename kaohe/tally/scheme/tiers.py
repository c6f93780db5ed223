"""Tiers and what decides them: bands, quotas, clauses, rules over periods, and flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

_EXCELLENT: Final = "优秀"


@dataclass(frozen=True, slots=True)
class Band:
    """One tier (档次) and the scores that lead to it; the lower end is included."""

    key: str
    label: str
    start: Fraction | None = None
    """None for the lowest band, which is open below, and for a ruled one."""
    below: Fraction | None = None
    """The upper end, not included, where the rule states it; it must meet the band above."""
    to: Fraction | None = None
    """The upper end, included, where the score is rounded before it is banded."""
    over: Fraction | None = None
    """Instead of a score: the share of the rates' base that the best ``grades`` grades together must exceed."""
    grades: int = 1
    ruled: bool = False
    """Whether only people give it (审定, or a vote on the spot), above all tiers that a score leads to."""


def top_bands(bands: Sequence[Band]) -> Sequence[Band]:
    """优秀 and what stands above it (特优); the best one alone where no tier is called so."""
    best = next((place for place, band in enumerate(bands) if band.label == _EXCELLENT), 0)
    return bands[: best + 1]


def are_voted(bands: Sequence[Band]) -> bool:
    """Whether shares of the votes decide about the tiers (表决), and not a score."""
    return any(band.over is not None for band in bands)


class QuotaScope(StrEnum):
    """Among whom a quota is counted."""

    ALL = "all"
    CLASS = "class"
    UNIT = "unit"


class QuotaRounding(StrEnum):
    """How a share of people becomes a number of seats."""

    FLOOR = "floor"
    NEAREST = "nearest"


class EdgeTie(StrEnum):
    """What becomes of equals of whom only some would fit."""

    LEAVE_OUT = "leave_out"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Quota:
    """The most subjects that may have the top tier (优秀比例限制)."""

    share: Fraction | None = None
    """A share of 1, of those who get a tier; None where ``count`` says it."""
    count: int | None = None
    scope: QuotaScope = QuotaScope.ALL
    rounding: QuotaRounding = QuotaRounding.FLOOR
    tie: EdgeTie = EdgeTie.LEAVE_OUT
    ceiling: Fraction | None = None
    """How far the unit itself may raise ``share``."""
    fewest_share: Fraction | None = None
    """The share that should be reached; fewer is only a warning."""
    watched: bool = False
    """Whether the share of each pool is only told, as a balance for people to keep an eye on; nothing is limited."""


class Effect(StrEnum):
    """What a clause does to a subject."""

    VETO = "veto"
    CAP = "cap"
    OUTRIGHT = "outright"
    EXEMPT = "exempt"
    BONUS = "bonus"
    DEDUCTION = "deduction"
    FLAG = "flag"


POINTED = (Effect.BONUS, Effect.DEDUCTION)
"""What changes the score by points."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule that people apply to one subject, with a reason (一票否决、直接定等、加减分)."""

    key: str
    label: str
    effect: Effect
    tier: str = ""
    """The tier that is given (outright, veto) or the best that is left (cap)."""
    points: Fraction | None = None
    """What a bonus or a deduction is worth, where the clause fixes it."""


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """A rule over the tiers of earlier periods, or over one component's score."""

    key: str
    label: str
    effect: Effect
    tier: str = ""
    tiers: tuple[str, ...] = ()
    """The labels of the periods' tiers, which may be others than this scheme's own."""
    times: int | None = None
    """Holds where at least so many periods have one of ``tiers``."""
    from_share: Fraction | None = None
    """Holds where at least this share of the periods has one of ``tiers``."""
    over_share: Fraction | None = None
    """Holds where more than this share has."""
    under_share: Fraction | None = None
    """Holds where less than this share has."""
    running: int | None = None
    """Holds where so many periods running have."""
    component: str = ""
    below: Fraction | None = None
    """Holds where the component's score lies below this."""


class FlagKind(StrEnum):
    """What a flag looks at."""

    TOP = "top"
    BOTTOM = "bottom"
    TIER = "tier"
    SCORE = "score"
    FULL_MARKS = "full_marks"
    LOWEST_RATE = "lowest_rate"


@dataclass(frozen=True, slots=True)
class FlagRule:
    """When a subject is marked for people to look at; a flag changes no number."""

    key: str
    label: str
    kind: FlagKind
    count: int | None = None
    """How many ranks, for the top and the bottom of a class."""
    classes: tuple[str, ...] = ()
    """These classes stand in one row; without them, each class by itself."""
    tiers: tuple[str, ...] = ()
    start: Fraction | None = None
    below: Fraction | None = None
    component: str = ""
    """Which score the flag looks at, or ranks by; the final one where empty."""
    running: int = 1
    """How many periods running, this one included, the same must hold."""
