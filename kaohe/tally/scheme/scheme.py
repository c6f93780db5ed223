"""What is graded, on which scale, and how grades become a score (考核方案)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from kaohe.tally.scheme.components import Component, ComponentSource
from kaohe.tally.scheme.questions import Choose, Question
from kaohe.tally.scheme.scales import NumberScale, TableRow, Trim
from kaohe.tally.scheme.tiers import Band, Clause, FlagRule, PeriodRule, Quota


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


class Combine(StrEnum):
    """How dimensions become one score: a weighted mean, or a sum of indicators with their own maxima."""

    WEIGHTED = "weighted"
    SUM = "sum"


class ScoreRule(StrEnum):
    """How the votes of a cell become its score."""

    POINTS = "points"
    RATE = "rate"
    TABLE = "table"
    VOTES = "votes"


class SubjectKind(StrEnum):
    """Whether a person (人) or a team (班子) is graded."""

    PERSON = "person"
    TEAM = "team"


class Relation(StrEnum):
    """Whom the voters of a group may grade (评分关系); which people these are is drawn for each meeting."""

    ALL = "all"
    OWN_UNIT = "own_unit"
    """Those of their own unit."""
    OTHER_UNITS = "other_units"
    """Those of every unit but their own."""
    OWN_PEOPLE = "own_people"
    """Those whom a list names beside them, such as the people that a leader is in charge of."""


@dataclass(frozen=True, slots=True)
class Grade:
    """One step of a scale (等次), with the points it is worth (分值)."""

    key: str
    label: str
    points: Fraction


@dataclass(frozen=True, slots=True)
class Branch:
    """A dimension that is only the sum of its own parts (绩 = 业务工作 + 中心工作)."""

    key: str
    label: str
    weight: Fraction
    """A share of what it is a part of."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side of a subject that gets its own grade or number (测评维度)."""

    key: str
    label: str
    weight: Fraction
    """A share of 1; the weights of a scheme's dimensions sum to exactly 1. Where scores are summed, each is 1."""
    number: NumberScale | None = None
    """Its own number scale; None for the scale of the scheme."""
    groups: tuple[str, ...] = ()
    """The keys of the voter groups that fill it; empty for all."""
    within: tuple[Branch, ...] = ()
    """The branches that it hangs on, the topmost first."""


@dataclass(frozen=True, slots=True)
class VoterGroup:
    """Voters who are counted together (票种)."""

    key: str
    label: str
    weight: Fraction
    """A share of 1; the weights of a scheme's groups sum to exactly 1."""
    relation: Relation = Relation.ALL


EVERYONE = VoterGroup("all", "全体", Fraction(1))


class Quorum(StrEnum):
    """How many of the people entitled must be present for the meeting to be valid (法定到会人数)."""

    HALF = "half"
    TWO_THIRDS = "two_thirds"
    FOUR_FIFTHS = "four_fifths"

    def fewest(self, entitled: int) -> int:
        """The fewest that must be present: more than the half, but two thirds or four fifths are enough."""
        if self is Quorum.HALF:
            return entitled // 2 + 1
        part, whole = (2, 3) if self is Quorum.TWO_THIRDS else (4, 5)
        return -(-part * entitled // whole)


@dataclass(frozen=True, slots=True)
class Section:
    """A form of its own in a meeting of several: other subjects, other dimensions, other voters (分表)."""

    key: str
    label: str
    scheme: Scheme
    """A scheme of one section, whole in itself."""
    kind: SubjectKind | None = None
    """Subjects of this kind belong here unless they say otherwise; None for any kind."""


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
    may_leave_out: bool = False
    """Whether a voter may say of a subject that they do not evaluate it (不评), such as themselves."""
    may_fill_rest: bool = False
    """Whether a voter may give all who are still without a grade the same one at once (其余同评)."""
    number: NumberScale | None = None
    """The scale of every dimension that has none of its own; None for the grades."""
    combine: Combine = Combine.WEIGHTED
    score_by: ScoreRule = ScoreRule.POINTS
    rate_grades: int = 1
    """How many of the best grades make the rate, where the score is a rate or comes from a table."""
    score_table: tuple[TableRow, ...] = ()
    trim: Trim | None = None
    questions: tuple[Question, ...] = ()
    choose: Choose | None = None
    candidates_over: int | None = None
    """Each class must have more subjects than this, or there is no competition (差额); None where it need not."""
    components: tuple[Component, ...] = ()
    """Empty where the votes alone make the score."""
    bonus_limit: Fraction = Fraction(0)
    deduction_limit: Fraction = Fraction(0)
    tier_by: str = ""
    """The component whose score is banded; the final score where empty."""
    bands: tuple[Band, ...] = ()
    """Tiers, best first."""
    band_decimals: int | None = None
    """Decimals to which the score is rounded before it is banded; None for the exact score."""
    quotas: tuple[Quota, ...] = ()
    clauses: tuple[Clause, ...] = ()
    period_rules: tuple[PeriodRule, ...] = ()
    flags: tuple[FlagRule, ...] = ()
    ruling_steps: tuple[str, ...] = ("审定",)
    """The steps at which people confirm or change the tiers that the rules recommend, in their order."""
    quorum: Quorum | None = None
    """How many must be present; None where nothing is asked."""
    review_days: int | None = None
    """For how many days after the publication a review (复核) may be asked for; None where nothing is said."""
    remarks: tuple[str, ...] = ()
    """What people agreed beside the numbers; printed among the notes."""
    declared_sections: tuple[Section, ...] = field(default=())
    """The sections that the scheme is divided into, if any; it then has no grades and dimensions of its own."""

    @property
    def is_overall(self) -> bool:
        """Whether a voter gives one overall grade per subject."""
        return len(self.dimensions) == 1

    @property
    def is_plain(self) -> bool:
        """Whether a ballot holds one grade per subject and dimension, the same for every group, and nothing else."""
        return not (
            self.declared_sections
            or self.components
            or self.questions
            or self.choose
            or self.may_leave_out
            or any(self.scale_of(dimension) or dimension.groups for dimension in self.dimensions)
        )

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections, at least one: a scheme that declares none is its own and only section."""
        return self.declared_sections or (Section(self.key, self.title, self),)

    @property
    def has_votes(self) -> bool:
        """Whether the score has a part that is voted on in this meeting."""
        return not self.components or any(component.source is ComponentSource.VOTES for component in self.components)

    @property
    def question_items(self) -> tuple[str, ...]:
        """The keys under which a ballot holds the answers about one subject."""
        return tuple(item for question in self.questions for item in question.items)

    def scale_of(self, dimension: Dimension) -> NumberScale | None:
        """Return the number scale of a dimension; None where it takes a grade."""
        return dimension.number or self.number

    def fillers(self, dimension: Dimension) -> tuple[VoterGroup, ...]:
        """Return the groups that fill a dimension, their weights made to sum to 1."""
        if not dimension.groups:
            return self.groups
        filling = [group for group in self.groups if group.key in dimension.groups]
        whole = sum((group.weight for group in filling), start=Fraction(0))
        return tuple(replace(group, weight=group.weight / whole) for group in filling)
