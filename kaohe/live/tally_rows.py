"""Rows of a result as a screen shows them: texts from the result, and lengths of bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from kaohe.live.snapshots import WHOLE, LegendEntry, Segment, TallyRow, VeiledRow
from kaohe.tally.model import Result, Subject, SubjectResult
from kaohe.tally.scheme import Scheme

ROWS_A_PAGE = 8
"""As many subjects as can be read from the last row of a hall."""
ABSTAIN_TONE = "abstain"
_TONES = 6

AnyRow = TypeVar("AnyRow", bound=TallyRow | VeiledRow)


def legend_of(scheme: Scheme) -> tuple[LegendEntry, ...]:
    """The colours of a scale, best grade first, and of the votes that carry no grade."""
    grades = (LegendEntry(_tone(number), grade.label) for number, grade in enumerate(scheme.grades, 1))
    return (*grades, *([LegendEntry(ABSTAIN_TONE, "弃权")] if scheme.abstention_allowed else []))


def tally_rows(result: Result, *, with_scores: bool, with_rates: bool, with_votes: bool = True) -> tuple[TallyRow, ...]:
    """One row per subject, in the organizer's order: a row that moves while people read it cannot be read."""
    return tuple(
        TallyRow(
            key=each.subject.key,
            name=each.subject.name,
            note=note_of(each.subject),
            segments=tuple(_segments(result.scheme, each, with_rates=with_rates)) if with_votes else (),
            score_text=each.score.text if with_scores and each.score is not None else None,
            rank_text=str(each.rank) if with_scores and each.rank is not None else None,
            is_tied=with_scores and each.tied,
        )
        for each in result.subjects
    )


def veiled(subject: Subject) -> VeiledRow:
    """A subject before its result is revealed."""
    return VeiledRow(subject.key, subject.name, note_of(subject))


def paged(rows: Sequence[AnyRow]) -> tuple[tuple[AnyRow, ...], ...]:
    """The rows in pages; one empty page for no rows."""
    return tuple(tuple(rows[at : at + ROWS_A_PAGE]) for at in range(0, max(1, len(rows)), ROWS_A_PAGE))


def note_of(subject: Subject) -> str:
    """Unit, post and class of a subject, on one line."""
    return " · ".join(part for part in (subject.unit, subject.post, subject.class_label) if part)


def _segments(scheme: Scheme, each: SubjectResult, *, with_rates: bool) -> Iterator[Segment]:
    total = each.counts.cast
    before = 0
    for number, share in enumerate(each.shares, 1):
        rate = f"{share.rate.text}%" if with_rates and share.rate is not None else None
        yield _segment(_tone(number), share.count, rate, before, total)
        before += share.count
    if scheme.abstention_allowed:
        yield _segment(ABSTAIN_TONE, each.counts.abstention, None, before, total)


def _segment(tone: str, count: int, rate_text: str | None, before: int, total: int) -> Segment:
    # Both ends are cut the same way, so neighbouring segments always touch.
    start, end = (WHOLE * part // total if total else 0 for part in (before, before + count))
    return Segment(tone, str(count), rate_text, start, end - start)


def _tone(number: int) -> str:
    return str(min(number, _TONES))
