"""The values that go into the tally and come out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from kaohe.tally.scheme import Scheme


class SubjectKind(StrEnum):
    """Whether a person (人) or a team (班子) is graded."""

    PERSON = "person"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is evaluated (考核对象). Subjects are ranked within their ``class_label``."""

    key: str
    name: str
    unit: str = ""
    post: str = ""
    class_label: str = ""
    kind: SubjectKind = SubjectKind.PERSON


@dataclass(frozen=True, slots=True)
class GradeCounts:
    """The votes of one cell: one count per grade of the scale, best first, and the rest."""

    grades: tuple[int, ...]
    abstention: int = 0
    skipped: int = 0
    invalid: int = 0

    @property
    def valid(self) -> int:
        """Votes that carry a grade (有效票)."""
        return sum(self.grades)

    @property
    def cast(self) -> int:
        """All ballots that this cell was on (收回)."""
        return self.valid + self.abstention + self.skipped + self.invalid

    def __add__(self, other: GradeCounts) -> GradeCounts:
        """Two piles put together; their scales must be the same."""
        return GradeCounts(
            tuple(a + b for a, b in zip(self.grades, other.grades, strict=True)),
            self.abstention + other.abstention,
            self.skipped + other.skipped,
            self.invalid + other.invalid,
        )


@dataclass(frozen=True, slots=True)
class Turnout:
    """应到 / 实到 / 发出 / 收回 / 有效 / 无效. None where nobody has said the number."""

    cast: int
    invalid: int = 0
    entitled: int | None = None
    present: int | None = None
    issued: int | None = None
    printed: int | None = None
    """Tickets made and not voided: 发出 can never be more than these."""

    @property
    def valid(self) -> int:
        """Ballots that are counted (有效票)."""
        return self.cast - self.invalid


@dataclass(frozen=True, slots=True)
class Count:
    """A finished count (计票): everything that the score is made from."""

    scheme: Scheme
    subjects: tuple[Subject, ...]
    cells: Mapping[tuple[str, str, str], GradeCounts]
    """By (group key, subject key, dimension key)."""
    turnout: Mapping[str, Turnout]
    """By group key."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that will be printed: exact, and rounded once."""

    exact: Fraction
    text: str


@dataclass(frozen=True, slots=True)
class GradeShare:
    """One grade's part of a row: how many votes, and their rate in per cent (率)."""

    grade: str
    label: str
    count: int
    rate: Figure | None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One subject on one dimension, all groups."""

    dimension: str
    label: str
    counts: GradeCounts
    shares: tuple[GradeShare, ...]
    group_scores: Mapping[str, Figure | None]
    score: Figure | None


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """Everything that a sheet or a screen prints about one subject."""

    subject: Subject
    items: tuple[ItemResult, ...]
    counts: GradeCounts
    """Over all dimensions and groups."""
    shares: tuple[GradeShare, ...]
    upper_rate: Figure | None
    """优秀 and 称职 together (称职以上率): the two best grades of a scale of four or more."""
    group_scores: Mapping[str, Figure | None]
    score: Figure | None
    """None where there is nothing to divide by."""
    rank: int | None
    tied: bool
    explain: tuple[str, ...]
    """Chinese sentences that lead from the counts to the score."""


@dataclass(frozen=True, slots=True)
class Result:
    """The one result that feeds screen, workbook, CSV and page."""

    scheme: Scheme
    turnout: Turnout
    """All groups together."""
    group_turnout: Mapping[str, Turnout]
    subjects: tuple[SubjectResult, ...]
    """In the organizer's order."""
    notes: tuple[str, ...] = ()
    """口径说明: the settings used, one Chinese sentence each."""
    warnings: tuple[str, ...] = field(default=())
