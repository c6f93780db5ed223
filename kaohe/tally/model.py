"""The values that go into the tally and come out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.scheme import SubjectKind as SubjectKind


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is evaluated (考核对象). Subjects are ranked within their ``class_label``."""

    key: str
    name: str
    unit: str = ""
    post: str = ""
    class_label: str = ""
    kind: SubjectKind = SubjectKind.PERSON
    section: str = ""
    """The key of the section that asks about it; empty where its kind says so."""
    apart: str = field(default="", compare=False)
    """What tells it from its namesakes (``namesakes.told_apart``); empty where it has none."""

    @property
    def full_name(self) -> str:
        """The name, with what tells it from its namesakes: for whatever names it without its unit and post beside."""
        return f"{self.name}（{self.apart}）" if self.apart else self.name


@dataclass(frozen=True, slots=True)
class GradeCounts:
    """The votes of one cell: one count per grade of the scale, best first, and the rest."""

    grades: tuple[int, ...]
    abstention: int = 0
    skipped: int = 0
    invalid: int = 0
    numbers: tuple[tuple[Fraction, int], ...] = ()
    """Where a number is given instead of a grade: each number once, ascending, and how often it was given."""

    @property
    def graded(self) -> int:
        """Votes that carry a grade."""
        return sum(self.grades)

    @property
    def valid(self) -> int:
        """Votes that carry a grade or a number (有效票)."""
        return sum(self.grades) + sum(votes for _, votes in self.numbers)

    @property
    def cast(self) -> int:
        """All ballots that this cell was on (收回)."""
        return self.valid + self.abstention + self.skipped + self.invalid

    def __add__(self, other: GradeCounts) -> GradeCounts:
        """Two piles put together; their scales must be the same."""
        numbers = self.numbers or other.numbers
        if self.numbers and other.numbers:
            numbers = tuple(sorted((Counter(dict(self.numbers)) + Counter(dict(other.numbers))).items()))
        return GradeCounts(
            tuple(a + b for a, b in zip(self.grades, other.grades, strict=True)),
            self.abstention + other.abstention,
            self.skipped + other.skipped,
            self.invalid + other.invalid,
            numbers,
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
class Period:
    """What an earlier period (a quarter, last year) came to for one subject; its tier goes by the printed label."""

    label: str
    score: Fraction | None = None
    tier: str | None = None
    flags: frozenset[str] = frozenset()
    """The keys of its flags."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A clause that people applied to a subject (组织认定), with the reason that the sheet prints."""

    subject: str
    clause: str
    reason: str
    amount: Fraction | None = None
    """The points of a bonus or a deduction, always positive; None where the clause fixes them."""
    matter: str = ""
    """What it is about: one matter counts only once for a subject. The reason itself where empty."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The tier that people give at one step (审核, 审定) after the rules have recommended one."""

    step: str
    """One of the scheme's ``ruling_steps``."""
    subject: str
    """'' for everybody whom nothing else is ruled about at this step: they keep the tier that they have."""
    tier: str
    """The tier's key; '' for none, and where no subject is named."""
    reason: str = ""
    decided_on: str = ""
    """The day of the decision, as 2026-12-20; '' where it was not said."""
    minute: str = ""
    """The minute (会议纪要) that it stands in."""


@dataclass(frozen=True, slots=True)
class Count:
    """A finished count (计票): everything that the score is made from."""

    scheme: Scheme
    subjects: tuple[Subject, ...]
    cells: Mapping[tuple[str, str, str], GradeCounts]
    """By (group key, subject key, dimension key)."""
    turnout: Mapping[str, Turnout]
    """By group key."""
    asked: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By (group key, subject key): on how many collected ballots the subject stood, where not on all of them."""
    answers: Mapping[tuple[str, str, str], tuple[int, ...]] = field(default_factory=dict)
    """By (group key, subject key, question key): how often each option was ticked or chosen."""
    imported: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    """By (component key, subject key): scores from a sheet or from another meeting."""
    history: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)
    """By subject key: earlier periods, in any order."""
    decisions: tuple[Decision, ...] = ()
    void: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By (group key, subject key): on how many void ballots the subject stood, where not on all of them."""
    graders: Mapping[tuple[str, str], Turnout] = field(default_factory=dict)
    """By (group key, subject key): those who may grade the subject (评分关系), where not all of the group may."""
    title: str = ""
    """The meeting's title; where it names a period (第三季度), that is the meeting's own."""
    rulings: tuple[Ruling, ...] = ()
    """What people ruled about the recommended tiers."""


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
class AnswerResult:
    """What was ticked or chosen about one subject; it is in no score."""

    question: str
    label: str
    shares: tuple[GradeShare, ...]


@dataclass(frozen=True, slots=True)
class ComponentResult:
    """One weighted part of the final score."""

    key: str
    label: str
    score: Figure | None
    band_label: str = ""
    """The name that the component's own bands give the score."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A mark for people to look at."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class RuledTier:
    """What one step came to for one subject."""

    step: str
    tier: str | None
    tier_label: str
    is_own: bool
    """Whether it was ruled about this subject; else it was confirmed together with others."""
    text: str
    """Reason, day and minute, as far as they were said."""


@dataclass(frozen=True, slots=True)
class EdgeTied:
    """Equals at the edge of a quota, of whom only some would fit; people choose."""

    pool: str
    """The class or unit; '' for everybody."""
    places: int
    """How many of them have a place."""
    subjects: tuple[str, ...]
    """Their keys, in the order of the list."""


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """Everything that a sheet or a screen prints about one subject."""

    subject: Subject
    items: tuple[ItemResult, ...]
    counts: GradeCounts
    """Over all dimensions and groups."""
    shares: tuple[GradeShare, ...]
    upper_rate: Figure | None
    """优秀 and 称职 together (称职以上率): the two best grades of a scale of three or more."""
    group_scores: Mapping[str, Figure | None]
    score: Figure | None
    """None where there is nothing to divide by."""
    rank: int | None
    tied: bool
    explain: tuple[str, ...]
    """Chinese sentences that lead from the counts to the score."""
    votes_score: Figure | None = None
    """The score of this meeting's votes alone; equal to ``score`` where nothing else has a part in it."""
    components: tuple[ComponentResult, ...] = ()
    bonus: Figure | None = None
    deduction: Figure | None = None
    tier: str | None = None
    """The key of the tier awarded; None where there is none."""
    tier_label: str = ""
    flags: tuple[Flag, ...] = ()
    answers: tuple[AnswerResult, ...] = ()
    periods: tuple[Period, ...] = ()
    """The earlier periods that the score or the tier was made from, the oldest first."""
    decisions: tuple[str, ...] = ()
    """What people decided about the subject, each with its reason."""
    recommended: str | None = None
    """The key of the tier that the rules recommend; ``tier`` where nobody has ruled otherwise."""
    recommended_label: str = ""
    rulings: tuple[RuledTier, ...] = ()
    """What people ruled, step by step; ``tier`` is what the last of them came to."""
    graders: Turnout | None = None
    """``entitled`` may grade it (应评), ``cast`` ballots held it (实评); None where all its groups may grade it."""


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
    findings: tuple[str, ...] = ()
    """What the result says as a whole: seats used, how many have full marks."""
    periods: tuple[str, ...] = ()
    """The labels of all earlier periods, the oldest first."""
    section_results: tuple[Result, ...] = ()
    """One whole result per section, where the meeting has several; ``subjects`` then holds those of all."""
    edge_ties: tuple[EdgeTied, ...] = ()
    """Ties at the edge of a quota that the rules leave to people."""

    @property
    def parts(self) -> tuple[tuple[str, str, Result], ...]:
        """Each section's key, label and result; without sections the result itself, with '' for key and label."""
        parts = zip(self.scheme.declared_sections, self.section_results, strict=True)
        return tuple((section.key, section.label, part) for section, part in parts) or (("", "", self),)

    @property
    def ruled_steps(self) -> tuple[str, ...]:
        """The steps at which anything was ruled, in their order."""
        found = {ruling.step for row in self.subjects for ruling in row.rulings}
        steps = (step for *_, part in self.parts for step in part.scheme.ruling_steps)
        return tuple(step for step in dict.fromkeys(steps) if step in found)
