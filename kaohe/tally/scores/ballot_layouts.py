"""The layout of one voter group's ballot, cell by cell, and the rules that make such a ballot void."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaohe.tally.model import Subject
from kaohe.tally.scheme.questions import Choose, Question
from kaohe.tally.scheme.scheme import Dimension, InvalidRule, Scheme
from kaohe.tally.scores.sectioning import subjects_of_sections

INVALID_MARK = "invalid"
"""A cell that cannot be read as one grade, such as two ticks on paper."""
VOID_MARK = "void.ballot"
"""What every answer of a void ballot holds once it is cut in pieces; no key of an option has a point in it."""
NOT_ASKED_MARK = "not_asked"
"""A cell of a subject that this ballot is not about: it is on no row."""

Row = list[str | None]


@dataclass(frozen=True, slots=True)
class LayoutCell:
    """One cell of a ballot."""

    scheme: Scheme
    subject: str
    dimension: Dimension


@dataclass(frozen=True, slots=True)
class LayoutBlock:
    """The cells of one dimension, side by side, and how many top grades they may hold."""

    span: slice
    top: str | None
    most: int | None
    fewest: int
    spoils_ballot: bool


@dataclass(frozen=True, slots=True)
class BallotLayout:
    """What stands on the ballot of a voter group."""

    items: tuple[tuple[str, str], ...]
    """(subject key, dimension key or question item): first all the cells, then all the answers."""
    items_known: frozenset[tuple[str, str]]
    cells: tuple[LayoutCell, ...]
    blocks: tuple[LayoutBlock, ...]
    questions: tuple[tuple[str, Question], ...]
    """(subject key, question)."""

    def judged(self, marks: Mapping[tuple[str, str], str]) -> tuple[dict[tuple[str, str], str], bool]:
        """Return the marks of one whole ballot as they count, and whether it is void as a whole.

        Whoever keeps a ballot in pieces asks this before it is cut, since no piece tells what the others hold. A void
        ballot is invalid in every cell of the subjects that it is about, and void under their questions: so each piece
        is known to be of a void ballot wherever it matters.
        """
        row = [marks.get(item) for item in self.items]
        is_void = self.invalidate(row)
        if is_void:
            asked = self.asked(row)
            width = len(self.cells)
            void = [INVALID_MARK] * width + [VOID_MARK] * (len(row) - width)
            row = [
                spoilt if item[0] in asked else mark for item, mark, spoilt in zip(self.items, row, void, strict=True)
            ]
        return {item: mark for item, mark in zip(self.items, row, strict=True) if mark is not None}, is_void

    def asked(self, row: Row) -> set[str]:
        """Return the keys of the subjects that a ballot is about."""
        return {cell.subject for cell, mark in zip(self.cells, row, strict=False) if mark != NOT_ASKED_MARK}

    def invalidate(self, row: Row) -> bool:
        """Mark the invalid cells of a row; return whether the whole ballot is void."""
        has_invalid = INVALID_MARK in row
        if self.questions and VOID_MARK in row[len(self.cells) :]:
            return True
        for block in self.blocks:
            if has_invalid and block.spoils_ballot and INVALID_MARK in row[block.span]:
                return True
            if block.most is None and not block.fewest:
                continue
            cells = row[block.span]
            picked = cells.count(block.top)
            is_over = block.most is not None and picked > block.most
            # A ballot that picks nobody at all is blank, not short.
            is_short = 0 < picked < block.fewest
            if is_over or is_short:
                if block.spoils_ballot:
                    return True
                row[block.span] = [INVALID_MARK if mark == block.top else mark for mark in cells]
        return False


def layout_of(scheme: Scheme, group_key: str, subjects: Sequence[Subject]) -> BallotLayout:
    """Return the layout of a voter group's ballot, section by section and dimension by dimension.

    Raises:
        SectionError: where a subject belongs to no section.
    """
    cells: list[LayoutCell] = []
    blocks: list[LayoutBlock] = []
    questions: list[tuple[str, Question]] = []
    for section, section_subjects in subjects_of_sections(scheme, subjects):
        rules = section.scheme
        if group_key not in {group.key for group in rules.groups}:
            continue
        for dimension in rules.dimensions:
            if group_key not in {group.key for group in rules.fillers(dimension)}:
                continue
            # Dimension by dimension, so that the top grades of one dimension stand side by side.
            start = len(cells)
            cells.extend(LayoutCell(rules, subject.key, dimension) for subject in section_subjects)
            blocks.append(_block(rules, dimension, section_subjects, slice(start, len(cells))))
        questions.extend((subject.key, question) for subject in section_subjects for question in rules.questions)
    items = (
        *((cell.subject, cell.dimension.key) for cell in cells),
        *((subject, item) for subject, question in questions for item in question.items),
    )
    return BallotLayout(items, frozenset(items), tuple(cells), tuple(blocks), tuple(questions))


def _block(scheme: Scheme, dimension: Dimension, subjects: Sequence[Subject], span: slice) -> LayoutBlock:
    most, fewest = scheme.top_grade_limit, 0
    if scheme.choose is not None:
        most = scheme.choose.most or seats_in_all(scheme.choose, subjects)
        fewest = scheme.choose.fewest
    is_graded = scheme.scale_of(dimension) is None
    return LayoutBlock(
        span=span,
        top=scheme.grades[0].key if is_graded else None,
        most=most if is_graded else None,
        fewest=fewest,
        spoils_ballot=scheme.invalid_rule is InvalidRule.BALLOT,
    )


def seats_in_all(choose: Choose, subjects: Sequence[Subject]) -> int:
    """Return the seats of all classes together: what one ballot may pick where nothing else is said."""
    classes = [subject.class_label for subject in subjects]
    return sum(choose.seats_for(classes.count(label)) for label in set(classes))
