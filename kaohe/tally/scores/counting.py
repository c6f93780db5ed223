"""From ballots to grade counts, in one pass and in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from kaohe.tally.model import GradeCounts, Subject, Turnout
from kaohe.tally.scheme.questions import Question, QuestionKind
from kaohe.tally.scheme.refusals import MarkError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.ballot_layouts import INVALID_MARK as INVALID_MARK
from kaohe.tally.scores.ballot_layouts import NOT_ASKED_MARK as NOT_ASKED_MARK
from kaohe.tally.scores.ballot_layouts import BallotLayout, LayoutCell, Row, layout_of
from kaohe.tally.scores.numbers import numbers_of, read_number

ABSTAIN_MARK = "abstain"
"""A chosen abstention (弃权). A cell without any mark is skipped (漏选)."""

MarkedBallot = tuple[str, Mapping[tuple[str, str], str]]
"""Group key, and marks by (subject key, dimension key): a grade's key, a number as text, ``abstain``, ``invalid``, or
``not_asked`` on a ballot that is not about this subject. Answers to questions stand beside them under
(subject key, question item): an option's key, or ``ticked``."""

_ROWS_AT_A_TIME = 2_000


@dataclass(frozen=True, slots=True)
class PartForm:
    """The form of some voters of a group who may not grade everybody (评分关系)."""

    group_key: str
    """The voter group that they are counted with."""
    subjects: frozenset[str]
    """The keys of those whom they may grade."""


@dataclass(frozen=True, slots=True)
class CountedMarks:
    """What a pile of ballots adds up to."""

    cells: Mapping[tuple[str, str, str], GradeCounts]
    """By (group key, subject key, dimension key); void ballots are in every cell's ``invalid``."""
    turnout: Mapping[str, Turnout]
    """By group key: ``cast`` and ``invalid`` only; the other numbers are not on the ballots."""
    asked: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By (group key, subject key): on how many ballots the subject stood, where not on all."""
    answers: Mapping[tuple[str, str, str], tuple[int, ...]] = field(default_factory=dict)
    """By (group key, subject key, question key): how often each option was ticked or chosen."""
    void: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By (group key, subject key): on how many void ballots the subject stood, where not on all of them."""


def count_marks(
    scheme: Scheme,
    subjects: Sequence[Subject],
    ballots: Iterable[MarkedBallot],
    parts: Mapping[str, PartForm] | None = None,
) -> CountedMarks:
    """Count the marks; the order of the ballots never matters and ``ballots`` is read once.

    ``parts`` are the forms of voter groups that are divided by whom their voters may grade, by the key that such a
    ballot carries instead of its group's; what they hold is added up under the group.

    A ballot that gives the top grade to more subjects than ``top_grade_limit`` on one dimension, or holds an
    ``invalid`` mark, is void as a whole under ``InvalidRule.BALLOT``. Under ``InvalidRule.CELL`` only the cell is
    invalid, and over the limit all top grades of that dimension are: nobody can say which of them is the one too many.
    Pieces of ballots are counted as ballots; whoever cut them has judged them before (``BallotLayout.judged``).

    Raises:
        MarkError: for a group, item or mark that the scheme does not know, or an abstention where none is allowed.
        SectionError: where a subject belongs to no section.
    """
    piles = _piles(scheme, subjects, parts or {})
    for group_key, marks in ballots:
        pile = piles.get(group_key)
        if pile is None:
            raise MarkError(f"方案中没有票种「{group_key}」，请核对。")
        if not pile.layout.items_known.issuperset(marks):
            strange = "、".join(min(key for key in marks if key not in pile.layout.items_known))
            raise MarkError(f"票上有本场没有的测评项「{strange}」，请核对。")
        pile.add(list(map(marks.get, pile.layout.items)))
    for pile in piles.values():
        pile.flush()
    return _together([_marks_of(pile) for pile in piles.values()])


def _piles(scheme: Scheme, subjects: Sequence[Subject], parts: Mapping[str, PartForm]) -> dict[str, _Pile]:
    """The piles of whole groups, all of whose cells are there even if nobody may fill them, and those of parts."""
    piles = {group.key: _Pile(group.key, layout_of(scheme, group.key, subjects)) for group in scheme.groups}
    for key, part in parts.items():
        own = [subject for subject in subjects if subject.key in part.subjects]
        piles[key] = _Pile(part.group_key, layout_of(scheme, part.group_key, own))
    return piles


def _marks_of(pile: _Pile) -> CountedMarks:
    """What one pile adds up to; ``asked`` and ``void`` hold every subject of its form."""
    cells: dict[tuple[str, str, str], GradeCounts] = {}
    asked: dict[tuple[str, str], int] = {}
    for cell, found in zip(pile.layout.cells, pile.found, strict=False):
        cells[pile.group_key, cell.subject, cell.dimension.key] = _grade_counts(cell, found, pile.void)
        not_asked = found[NOT_ASKED_MARK]
        if asked.setdefault((pile.group_key, cell.subject), pile.cast - not_asked) != pile.cast - not_asked:
            raise MarkError(f"同一张票对「{cell.subject}」的各维度，有的问了、有的没问，请核对。")
    return CountedMarks(
        cells,
        {pile.group_key: Turnout(cast=pile.cast, invalid=pile.void + pile.void_in_part)},
        asked=asked,
        void={key: pile.void + pile.void_about[key[1]] for key in asked},
        answers={
            (pile.group_key, subject_key, question.key): _answer_counts(pile, subject_key, question)
            for subject_key, question in pile.layout.questions
        },
    )


def _together(parts: Sequence[CountedMarks]) -> CountedMarks:
    """Add up piles of the same or of other groups; ``asked`` and ``void`` then name what is not as the turnout says."""
    cells: dict[tuple[str, str, str], GradeCounts] = {}
    answers: dict[tuple[str, str, str], tuple[int, ...]] = {}
    asked, void = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    cast, invalid = Counter[str](), Counter[str]()
    for part in parts:
        for cell, counts in part.cells.items():
            cells[cell] = cells[cell] + counts if cell in cells else counts
        for question, votes in part.answers.items():
            found = answers.get(question, (0,) * len(votes))
            answers[question] = tuple(one + other for one, other in zip(found, votes, strict=True))
        asked.update(part.asked)
        void.update(part.void)
        cast.update({key: turnout.cast for key, turnout in part.turnout.items()})
        invalid.update({key: turnout.invalid for key, turnout in part.turnout.items()})
    return CountedMarks(
        cells,
        {key: Turnout(cast=number, invalid=invalid[key]) for key, number in cast.items()},
        asked={key: number for key, number in asked.items() if number != cast[key[0]]},
        void={key: number for key, number in void.items() if number != invalid[key[0]]},
        answers=answers,
    )


@dataclass(slots=True)
class _Pile:
    """The ballots of one form: a few as rows, the rest already counted by column."""

    group_key: str
    layout: BallotLayout
    found: list[Counter[str | None]] = field(init=False)
    cast: int = 0
    void: int = 0
    void_in_part: int = 0
    """Void ballots that are not about every subject: they are kept as rows."""
    void_about: Counter[str] = field(default_factory=Counter)
    """On how many of those a subject stands."""
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.found = [Counter() for _ in self.layout.items]

    def add(self, row: Row) -> None:
        self.cast += 1
        if self.layout.invalidate(row):
            if NOT_ASKED_MARK not in row:
                self.void += 1
                return
            self.void_in_part += 1
            self.void_about.update(self.layout.asked(row))
            width = len(self.layout.cells)
            row[:] = [mark if mark == NOT_ASKED_MARK else INVALID_MARK for mark in row[:width]] + [None] * (
                len(row) - width
            )
        self.rows.append(row)
        if len(self.rows) == _ROWS_AT_A_TIME:
            self.flush()

    def flush(self) -> None:
        # A column at a time, because Counter counts a whole column faster than a loop adds one mark.
        for found, cell in zip(self.found, zip(*self.rows, strict=True), strict=False):
            found.update(cell)
        self.rows.clear()


def _grade_counts(cell: LayoutCell, found: Counter[str | None], void: int) -> GradeCounts:
    scheme = cell.scheme
    scale = scheme.scale_of(cell.dimension)
    known = {INVALID_MARK, NOT_ASKED_MARK, None}
    if scheme.abstention_allowed:
        known.add(ABSTAIN_MARK)
    elif ABSTAIN_MARK in found:
        raise MarkError("本方案不设弃权，但票上有弃权，请核对。")
    given = {mark: votes for mark, votes in found.items() if mark is not None and mark not in known}
    numbers: Counter[Fraction] = Counter()
    grades = {grade.key for grade in scheme.grades} if scale is None else set()
    for mark in sorted(given):
        number = None if scale is None else read_number(scale, mark)
        if number is not None:
            numbers[number] += given[mark]
        elif scale is not None:
            raise MarkError(f"票上的「{mark}」不是「{cell.dimension.label}」可以打的分数，请核对。")
        elif mark not in grades:
            raise MarkError(f"票上有方案中没有的等次「{mark}」，请核对。")
    return GradeCounts(
        grades=tuple(given.get(grade.key, 0) if scale is None else 0 for grade in scheme.grades),
        abstention=found[ABSTAIN_MARK],
        skipped=found[None],
        invalid=found[INVALID_MARK] + void,
        numbers=numbers_of(numbers),
    )


def _answer_counts(pile: _Pile, subject_key: str, question: Question) -> tuple[int, ...]:
    counted: Counter[str] = Counter()
    for item in question.items:
        for mark, votes in pile.found[pile.layout.items.index((subject_key, item))].items():
            if mark is None or mark == NOT_ASKED_MARK:
                continue
            if mark not in question.marks():
                raise MarkError(f"票上「{question.label}」一项有方案中没有的选项「{mark}」，请核对。")
            counted[mark if question.kind is QuestionKind.CHOICE else item] += votes
    if question.kind is QuestionKind.CHOICE:
        return tuple(counted[option.key] for option in question.options)
    return tuple(counted[item] for item in question.items)
