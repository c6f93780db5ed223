"""The result as the projector reveals it: section after section, a page of subjects at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction
from itertools import accumulate, pairwise

from kaohe.domain.reveals import IN_LIST_ORDER, RevealKind, RevealOrder
from kaohe.live.snapshots import (
    WHOLE,
    LegendEntry,
    Person,
    RankingPage,
    RevealedRow,
    RevealPage,
    Segment,
    TierBadge,
    VeiledRow,
)
from kaohe.live.tally_rows import ABSTAIN_TONE, evenly, note_of, rows_a_page, segment, tone_of, veiled
from kaohe.reports.contributions import contribution_labels, contributions
from kaohe.reports.figures import figure_text, rank_text, shows_votes
from kaohe.reports.sheet import NOTHING
from kaohe.reports.tier_sheet import has_tiers, tiers_of
from kaohe.tally.model import Result, SubjectResult

RANKED_A_PAGE = 8
_ROWS_WITH_PARTS = 5
"""As many subjects as fit a page where each has a line of parts below its votes."""
_FEW, _FEW_WITH_PARTS = 4, 3
_AGAIN = "再次投票"


def reveal_keys(result: Result, order: RevealOrder) -> Sequence[str]:
    """The subjects that are revealed, one after another: section after section where the list says it."""
    if order.kind is not RevealKind.LISTED:
        return order.keys
    return [each.subject.key for *_, part in result.parts for each in part.subjects]


def reveal_pages(
    result: Result, revealed_count: int, order: RevealOrder = IN_LIST_ORDER, *, with_votes: bool = True
) -> tuple[tuple[RevealPage, ...], int]:
    """The pages, with so many subjects revealed, and the number of the page that the newest of them is on, from 1.

    The rows stand in the order of the sections, and the organizer's within each; a row never moves. Where only the
    first ranks are shown, they stand in the order of the ranks, and nobody is named who is not revealed. Without the
    votes, score, rank and tier stand alone.
    """
    keys = reveal_keys(result, order)
    shown, last = frozenset(keys[:revealed_count]), keys[revealed_count - 1] if revealed_count else ""
    pages: list[RevealPage] = []
    newest = 1
    for _, label, part in result.parts:
        subjects = _subjects_on_pages(part, order)
        most = rows_a_page((each.subject.name, note_of(each.subject)) for each in subjects)
        for page_subjects in evenly(subjects, min(most, _ROWS_WITH_PARTS) if _shows_parts(part) else most):
            pages.append(
                _page(part, label, page_subjects, shown, len(pages), with_names=not order.top, with_votes=with_votes)
            )
            if last in {each.subject.key for each in page_subjects}:
                newest = len(pages)
    return tuple(pages), newest


def _subjects_on_pages(part: Result, order: RevealOrder) -> Sequence[SubjectResult]:
    if not order.top:
        return part.subjects
    by_key = {each.subject.key: each for each in part.subjects}
    return [by_key[key] for key in reversed(order.keys) if key in by_key]


def person_shown(
    result: Result, revealed_count: int, order: RevealOrder = IN_LIST_ORDER, *, with_votes: bool
) -> Person | None:
    """Whoever was revealed last; None while nobody is."""
    keys = reveal_keys(result, order)
    if not revealed_count:
        return None
    part, subject_result = next(
        (part, each)
        for *_, part in result.parts
        for each in part.subjects
        if each.subject.key == keys[revealed_count - 1]
    )
    # A place in the order beside a rank would be read as another rank where the order is that of the ranks.
    is_listed = order.kind is RevealKind.LISTED
    return Person(
        place_text=f"第 {revealed_count} 位，共 {len(keys)} 位"
        if is_listed
        else f"揭晓 {revealed_count} / {len(keys)}",
        row=_revealed(part, subject_result, with_votes=with_votes),
        legend=_legend(part) if with_votes else (),
        score_label=_score_label(part),
        uncalled_text=_uncalled_text(part, with_votes=with_votes),
        rank_label="" if subject_result.rank is None else "并列第" if subject_result.tied else "第",
    )


def ranking_pages(result: Result, order: RevealOrder = IN_LIST_ORDER, *, with_votes: bool) -> tuple[RankingPage, ...]:
    """Everybody who is revealed in the order of the ranks, class after class, on pages of about the same length."""
    pages = []
    keys = frozenset(reveal_keys(result, order))
    first = f"前 {order.top} 名" if order.top else ""
    for _, label, part in result.parts:
        classes = dict.fromkeys(each.subject.class_label for each in part.subjects)
        for class_label in classes:
            own = [each for each in part.subjects if each.subject.class_label == class_label]
            own = [each for each in own if each.subject.key in keys]
            own.sort(key=lambda each: (each.rank is None, each.rank or 0))
            heading = " · ".join(name for name in (label, class_label if len(classes) > 1 else "", first) if name)
            rows = [_revealed(part, each, with_votes=with_votes) for each in own]
            pages += [RankingPage(heading, _score_label(part), page) for page in evenly(rows, RANKED_A_PAGE)]
    return tuple(pages)


def _uncalled_text(part: Result, *, with_votes: bool) -> str:
    if not with_votes:
        return "票种人数少，票数不在大屏显示，不唱票"
    return "" if shows_votes(part) else "这一项不按等次投票，不唱票"


def _score_label(part: Result) -> str:
    return "票数" if part.scheme.choose else "得分"


def _page(
    part: Result,
    label: str,
    subjects: Sequence[SubjectResult],
    shown: AbstractSet[str],
    before: int,
    *,
    with_names: bool,
    with_votes: bool,
) -> RevealPage:
    rows: list[RevealedRow | VeiledRow] = [
        _revealed(part, each, with_votes=with_votes)
        if each.subject.key in shown
        else veiled(each.subject)
        if with_names
        else VeiledRow(f"place-{before}-{number}", f"第 {rank_text(each)} 名", each.subject.class_label)
        for number, each in enumerate(subjects, 1)
    ]
    return RevealPage(
        section=label,
        legend=_legend(part) if with_votes else (),
        score_label=_score_label(part),
        tier_label=_tier_head(part),
        is_roomy=len(subjects) <= (_FEW_WITH_PARTS if _shows_parts(part) else _FEW),
        rows=tuple(rows),
    )


def _legend(part: Result) -> tuple[LegendEntry, ...]:
    if shows_votes(part):
        abstained = [LegendEntry(ABSTAIN_TONE, "弃权")] if part.scheme.abstention_allowed else []
        return (*_coloured(grade.label for grade in part.scheme.grades), *abstained)
    return tuple(_coloured(contribution_labels(part)))


def _coloured(labels: Iterable[str]) -> Iterator[LegendEntry]:
    return (LegendEntry(tone_of(number), label) for number, label in enumerate(labels, 1))


def _tier_head(part: Result) -> str:
    if part.scheme.choose:
        return "结果"
    return "等次" if has_tiers(part.scheme) else ""


def _revealed(part: Result, subject_result: SubjectResult, *, with_votes: bool) -> RevealedRow:
    segments = _vote_segments(part, subject_result) if shows_votes(part) else _score_segments(part, subject_result)
    return RevealedRow(
        key=subject_result.subject.key,
        name=subject_result.subject.name,
        note=note_of(subject_result.subject),
        segments=tuple(segments) if with_votes else (),
        score_text=figure_text(subject_result.score),
        rank_text=rank_text(subject_result),
        is_tied=subject_result.tied,
        tier=_tier(part, subject_result),
        parts=tuple(_parts(part, subject_result)) if with_votes and _shows_parts(part) else (),
    )


def _parts(part: Result, subject_result: SubjectResult) -> Iterator[str]:
    return (f"{one.label} {one.text}" for one in contributions(part, subject_result))


def _vote_segments(part: Result, subject_result: SubjectResult) -> Iterator[Segment]:
    """The votes by grade, and the abstentions; void votes and numbers are under no head, so they have no segment."""
    counts = subject_result.counts
    total = counts.graded + counts.abstention + counts.skipped + counts.invalid
    before = 0
    for number, share in enumerate(subject_result.shares, 1):
        rate = f"{share.rate.text}%" if share.rate else None
        yield segment(tone_of(number), share.count, rate, before, total)
        before += share.count
    if part.scheme.abstention_allowed:
        yield segment(ABSTAIN_TONE, counts.abstention, None, before, total)


def _score_segments(part: Result, subject_result: SubjectResult) -> Iterator[Segment]:
    """What the score is made of, against full marks."""
    parts = contributions(part, subject_result)
    passed = accumulate((one.share for one in parts), initial=Fraction(0))
    ends = [int(WHOLE * share) for share in passed]
    for number, (one, (start, end)) in enumerate(zip(parts, pairwise(ends), strict=True), 1):
        yield Segment(tone_of(number), one.text, None, start, end - start)


def _tier(part: Result, subject_result: SubjectResult) -> TierBadge | None:
    if not has_tiers(part.scheme):
        return None
    if subject_result.tier is None:
        return TierBadge("open", _AGAIN if part.scheme.choose else NOTHING)
    index = [key for key, _ in tiers_of(part.scheme)].index(subject_result.tier)
    return TierBadge(tone_of(index + 1), subject_result.tier_label)


def _shows_parts(part: Result) -> bool:
    """Whether the parts of a score need a line of their own: there are others than the votes that the bar shows."""
    scheme = part.scheme
    has_numbers = any(scheme.scale_of(dimension) for dimension in scheme.dimensions)
    return shows_votes(part) and (len(scheme.components) > 1 or has_numbers)
