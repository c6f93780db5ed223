"""From ballots to grade counts, in one pass and in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kaohe.tally.model import GradeCounts, Subject, Turnout
from kaohe.tally.refusals import MarkError
from kaohe.tally.scheme import InvalidRule, Scheme

ABSTAIN_MARK = "abstain"
"""A chosen abstention (弃权). A cell without any mark is skipped (漏选)."""
INVALID_MARK = "invalid"
"""A cell that cannot be read as one grade, such as two ticks on paper."""

MarkedBallot = tuple[str, Mapping[tuple[str, str], str]]
"""Group key, and marks by (subject key, dimension key): a grade's key, ``abstain`` or ``invalid``."""

_Row = list[str | None]
_ROWS_AT_A_TIME = 2_000


@dataclass(frozen=True, slots=True)
class CountedMarks:
    """What a pile of ballots adds up to."""

    cells: Mapping[tuple[str, str, str], GradeCounts]
    """By (group key, subject key, dimension key); void ballots are in every cell's ``invalid``."""
    turnout: Mapping[str, Turnout]
    """By group key: ``cast`` and ``invalid`` only; the other numbers are not on the ballots."""


def count_marks(scheme: Scheme, subjects: Sequence[Subject], ballots: Iterable[MarkedBallot]) -> CountedMarks:
    """Count the marks; the order of the ballots never matters and ``ballots`` is read once.

    A ballot that gives the top grade to more subjects than ``top_grade_limit`` on one dimension, or holds an
    ``invalid`` mark, is void as a whole under ``InvalidRule.BALLOT``. Under ``InvalidRule.CELL`` only the cell is
    invalid, and over the limit all top grades of that dimension are: nobody can say which of them is the one too many.

    Raises:
        MarkError: for a group, item or mark that the scheme does not know, or an abstention where none is allowed.
    """
    # Dimension by dimension, so that the top grades of one dimension stand side by side.
    items = [(subject.key, dimension.key) for dimension in scheme.dimensions for subject in subjects]
    known_items = frozenset(items)
    piles = {group.key: _Pile.empty(len(items)) for group in scheme.groups}
    invalidated = _Invalidation(scheme, max(1, len(subjects)))
    for group_key, marks in ballots:
        pile = piles.get(group_key)
        if pile is None:
            raise MarkError(f"方案中没有票种「{group_key}」，请核对。")
        if not known_items.issuperset(marks):
            strange = "、".join(min(key for key in marks if key not in known_items))
            raise MarkError(f"票上有本场没有的测评项「{strange}」，请核对。")
        pile.add(invalidated(list(map(marks.get, items))))
    cells: dict[tuple[str, str, str], GradeCounts] = {}
    for group_key, pile in piles.items():
        pile.flush()
        for (subject_key, dimension_key), found in zip(items, pile.columns, strict=True):
            cells[group_key, subject_key, dimension_key] = _grade_counts(scheme, found, pile.void)
    return CountedMarks(cells, {key: Turnout(cast=pile.cast, invalid=pile.void) for key, pile in piles.items()})


@dataclass(slots=True)
class _Pile:
    """The ballots of one voter group: a few as rows, the rest already counted by column."""

    columns: list[Counter[str | None]]
    cast: int = 0
    void: int = 0
    rows: list[_Row] = field(default_factory=list)

    @classmethod
    def empty(cls, width: int) -> _Pile:
        return cls([Counter() for _ in range(width)])

    def add(self, row: _Row | None) -> None:
        self.cast += 1
        if row is None:
            self.void += 1
            return
        self.rows.append(row)
        if len(self.rows) == _ROWS_AT_A_TIME:
            self.flush()

    def flush(self) -> None:
        # A column at a time, because Counter counts a whole column faster than a loop adds one mark.
        for found, column in zip(self.columns, zip(*self.rows, strict=True), strict=False):
            found.update(column)
        self.rows.clear()


@dataclass(frozen=True, slots=True)
class _Invalidation:
    """The scheme's rule on invalid cells and on the limit of top grades, applied to one ballot's row."""

    scheme: Scheme
    subject_count: int

    def __call__(self, row: _Row) -> _Row | None:
        """Return the row with its invalid cells marked; None where the whole ballot is void."""
        whole_ballot = self.scheme.invalid_rule is InvalidRule.BALLOT
        if whole_ballot and INVALID_MARK in row:
            return None
        limit = self.scheme.top_grade_limit
        if limit is None:
            return row
        top = self.scheme.grades[0].key
        for start in range(0, len(row), self.subject_count):
            dimension = slice(start, start + self.subject_count)
            if row[dimension].count(top) > limit:
                if whole_ballot:
                    return None
                row[dimension] = [INVALID_MARK if mark == top else mark for mark in row[dimension]]
        return row


def _grade_counts(scheme: Scheme, found: Counter[str | None], void: int) -> GradeCounts:
    allowed = {grade.key for grade in scheme.grades} | {INVALID_MARK, None}
    if scheme.abstention_allowed:
        allowed.add(ABSTAIN_MARK)
    for mark in found:
        if mark == ABSTAIN_MARK and mark not in allowed:
            raise MarkError("本方案不设弃权，但票上有弃权，请核对。")
        if mark not in allowed:
            raise MarkError(f"票上有方案中没有的等次「{mark}」，请核对。")
    return GradeCounts(
        grades=tuple(found[grade.key] for grade in scheme.grades),
        abstention=found[ABSTAIN_MARK],
        skipped=found[None],
        invalid=found[INVALID_MARK] + void,
    )
