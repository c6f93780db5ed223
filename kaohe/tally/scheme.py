"""What is graded, on which scale, and how grades become a score (考核方案)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

OVERALL = "overall"
"""The key of the single dimension of a scheme that asks for one overall grade."""


class PercentBase(StrEnum):
    """What a rate or a score is divided by (基数)."""

    VALID = "valid"
    CAST = "cast"
    ISSUED = "issued"
    PRESENT = "present"
    ENTITLED = "entitled"


class AbstentionRule(StrEnum):
    """How abstentions (弃权) and skipped cells enter the score."""

    EXCLUDED = "excluded"
    ZERO = "zero"


class EmptyGroupRule(StrEnum):
    """What happens to the weight of a voter group without one valid vote."""

    RENORMALISE = "renormalise"
    ZERO = "zero"


class TieRule(StrEnum):
    """What breaks a tie in the score."""

    NONE = "none"
    TOP_GRADES = "top_grades"


class InvalidRule(StrEnum):
    """How far a cell with more than one grade, or a ballot over its limit, spreads."""

    BALLOT = "ballot"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Grade:
    """One step of a scale (等次), with the points it is worth (分值)."""

    key: str
    label: str
    points: Fraction


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side of a subject that gets its own grade (测评维度)."""

    key: str
    label: str
    weight: Fraction
    """A share of 1; the weights of a scheme's dimensions sum to exactly 1."""


@dataclass(frozen=True, slots=True)
class VoterGroup:
    """Voters who are counted together (票种)."""

    key: str
    label: str
    weight: Fraction
    """A share of 1; the weights of a scheme's groups sum to exactly 1."""


EVERYONE = VoterGroup("all", "全体", Fraction(1))


@dataclass(frozen=True, slots=True)
class Scheme:
    """A whole evaluation scheme (考核方案). Grades are listed best first."""

    key: str
    title: str
    grades: tuple[Grade, ...]
    dimensions: tuple[Dimension, ...]
    groups: tuple[VoterGroup, ...] = (EVERYONE,)
    score_base: PercentBase = PercentBase.VALID
    rate_base: PercentBase = PercentBase.VALID
    abstention_allowed: bool = True
    abstention: AbstentionRule = AbstentionRule.EXCLUDED
    empty_group: EmptyGroupRule = EmptyGroupRule.RENORMALISE
    tie_rule: TieRule = TieRule.NONE
    invalid_rule: InvalidRule = InvalidRule.BALLOT
    top_grade_limit: int | None = None
    """The most subjects that one ballot may give the top grade, per dimension; None for no limit."""
    decimals: int = 2
    comments_wanted: bool = False

    @property
    def is_overall(self) -> bool:
        """Whether a voter gives one overall grade per subject."""
        return len(self.dimensions) == 1
