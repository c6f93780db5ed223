"""Rows of a result as a screen shows them: texts from the result, and lengths of bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

from kaohe.live.snapshots import WHOLE, LegendEntry, Segment, TallyRow, VeiledRow
from kaohe.tally.model import Result, Subject, SubjectResult
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scores.sectioning import section_of

_ROWS_A_PAGE = 6
"""As many subjects as can be read from the last row of a hall."""
_ROWS_OF_THREE_LINES, _ROWS_OF_LONG_NAMES = 5, 4
_ONE_LINE, _TWO_LINES = 5, 14
"""So many letters of a name stand in one line and in two."""
ABSTAIN_TONE = "abstain"
NUMBER_TONE = "number"
_TONES = 6

Row = TypeVar("Row")


def legend_of(scheme: Scheme) -> tuple[LegendEntry, ...]:
    """The colours of a scale, best grade first, of votes that are numbers, and of the votes that carry neither.

    Sections share the colours: where the same position has another name in another section, both names stand there.
    """
    rules = [section.scheme for section in scheme.sections]
    labels_by_position = zip_longest(*([grade.label for grade in rule.grades] for rule in rules if _takes_grades(rule)))
    grades = [
        LegendEntry(tone_of(number), "、".join(dict.fromkeys(label for label in labels if label is not None)))
        for number, labels in enumerate(labels_by_position, 1)
    ]
    numbers = [LegendEntry(NUMBER_TONE, "已打分")] if any(_takes_numbers(rule) for rule in rules) else []
    abstained = [LegendEntry(ABSTAIN_TONE, "弃权")] if any(rule.abstention_allowed for rule in rules) else []
    return (*grades, *numbers, *abstained)


def tally_rows(result: Result, *, with_scores: bool, with_rates: bool) -> tuple[TallyRow, ...]:
    """One row per subject, in the organizer's order: a row that moves while people read it cannot be read."""
    legend = legend_of(result.scheme)
    return tuple(
        TallyRow(
            key=subject_result.subject.key,
            name=subject_result.subject.name,
            note=note_of(subject_result.subject),
            segments=tuple(_segments(result.scheme, legend, subject_result, with_rates=with_rates)),
            score_text=subject_result.score.text if with_scores and subject_result.score is not None else None,
            rank_text=str(subject_result.rank) if with_scores and subject_result.rank is not None else None,
            is_tied=with_scores and subject_result.tied,
        )
        for subject_result in result.subjects
    )


def veiled(subject: Subject) -> VeiledRow:
    """A subject before its result is revealed."""
    return VeiledRow(subject.key, subject.name, note_of(subject))


def paged(rows: Sequence[TallyRow]) -> tuple[tuple[TallyRow, ...], ...]:
    """The rows in pages; one empty page for no rows."""
    return evenly(rows, rows_a_page((row.name, row.note) for row in rows)) or ((),)


def rows_a_page(names_and_notes: Iterable[tuple[str, str]]) -> int:
    """How many rows fit a page, so that no name or note reaches over the line to the next row."""
    lengths = [(len(name), bool(note)) for name, note in names_and_notes]
    if any(letters > _TWO_LINES for letters, _ in lengths):
        return _ROWS_OF_LONG_NAMES
    has_three_lines = any(letters > _ONE_LINE and has_note for letters, has_note in lengths)
    return _ROWS_OF_THREE_LINES if has_three_lines else _ROWS_A_PAGE


def evenly(rows: Sequence[Row], most: int) -> tuple[tuple[Row, ...], ...]:
    """The rows in as few pages of at most ``most`` as hold them, each of about the same length; none for no rows."""
    page_count = -(-len(rows) // most)
    size = -(-len(rows) // page_count) if page_count else most
    return tuple(tuple(rows[at : at + size]) for at in range(0, len(rows), size))


def note_of(subject: Subject) -> str:
    """Unit, post and class of a subject, on one line."""
    return " · ".join(part for part in (subject.unit, subject.post, subject.class_label) if part)


def _takes_grades(scheme: Scheme) -> bool:
    return any(scheme.scale_of(dimension) is None for dimension in scheme.dimensions)


def _takes_numbers(scheme: Scheme) -> bool:
    return any(scheme.scale_of(dimension) is not None for dimension in scheme.dimensions)


def _segments(
    whole: Scheme, legend: Sequence[LegendEntry], subject_result: SubjectResult, *, with_rates: bool
) -> Iterator[Segment]:
    """One segment under each entry of the legend; without a number where the subject's own section has none."""
    section_scheme = section_of(whole, subject_result.subject).scheme
    shares = list(subject_result.shares) if _takes_grades(section_scheme) else []
    numbers = sum(votes for _, votes in subject_result.counts.numbers) if _takes_numbers(section_scheme) else None
    abstained = subject_result.counts.abstention if section_scheme.abstention_allowed else None
    total, before = subject_result.counts.cast, 0
    for number, entry in enumerate(legend):
        rate = None
        if entry.tone == NUMBER_TONE:
            count = numbers
        elif entry.tone == ABSTAIN_TONE:
            count = abstained
        else:
            share = shares[number] if number < len(shares) else None
            count = None if share is None else share.count
            rate = f"{share.rate.text}%" if with_rates and share is not None and share.rate is not None else None
        yield segment(entry.tone, count, rate, before, total)
        before += count or 0


def segment(tone: str, count: int | None, rate_text: str | None, before: int, total: int) -> Segment:
    """The part of a bar for ``count`` of ``total`` votes, after ``before`` others; no number without a count."""
    # Both ends are cut the same way, so neighbouring segments always touch.
    start, end = (WHOLE * part // total if total else 0 for part in (before, before + (count or 0)))
    return Segment(tone, "" if count is None else str(count), rate_text, start, end - start)


def tone_of(number: int) -> str:
    """The colour of the grade, part or tier with this number, counted from 1 for the best."""
    return str(min(number, _TONES))
