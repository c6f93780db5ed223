"""The tally: a finished count in, the one result that feeds every screen and sheet out."""

from __future__ import annotations

from collections.abc import Iterable

from kaohe.tally.bases import check_bases, rate_base
from kaohe.tally.conserving import check_conservation, completed
from kaohe.tally.explaining import explain_subject
from kaohe.tally.model import Count, ItemResult, Result, SubjectResult, Turnout
from kaohe.tally.rounding import optional_figure
from kaohe.tally.scheme_checks import check_scheme
from kaohe.tally.sharing import grade_shares, upper_rate
from kaohe.tally.standing import Standing, rank_subjects
from kaohe.tally.stating import scheme_notes
from kaohe.tally.warning import empty_warnings
from kaohe.tally.weighting import ItemScore, SubjectScore, score_subject


def tally(count: Count) -> Result:
    """Tally a count: the same count always gives the same result, to the last character.

    A group that nobody voted in may be left out of ``count.turnout`` and ``count.cells``; every other cell must be
    there. Scores and rates are exact and rounded once. Rules: docs/tally-rules.md.

    Raises:
        SchemeError: the scheme cannot be used.
        ConservationError: the numbers cannot all be true.
        MissingBaseError: a number to divide by was never said.
    """
    check_scheme(count.scheme)
    count = completed(count)
    warnings = check_conservation(count)
    check_bases(count)
    scheme = count.scheme
    scored = [score_subject(count, subject) for subject in count.subjects]
    standings = rank_subjects(
        ((each.subject, each.counts, optional_figure(each.score, scheme.decimals)) for each in scored),
        scheme.tie_rule,
    )
    return Result(
        scheme=scheme,
        turnout=total_turnout(count.turnout[group.key] for group in scheme.groups),
        group_turnout=count.turnout,
        subjects=tuple(
            _subject_result(count, each, standing) for each, standing in zip(scored, standings, strict=True)
        ),
        notes=scheme_notes(scheme),
        warnings=(*warnings, *empty_warnings(scheme, scored, count.turnout)),
    )


def total_turnout(groups: Iterable[Turnout]) -> Turnout:
    """Add up the turnout of all groups; a number that is unknown for one of them is unknown for all together."""
    parts = tuple(groups)
    return Turnout(
        cast=sum(part.cast for part in parts),
        invalid=sum(part.invalid for part in parts),
        entitled=_known_sum(part.entitled for part in parts),
        present=_known_sum(part.present for part in parts),
        issued=_known_sum(part.issued for part in parts),
        printed=_known_sum(part.printed for part in parts),
    )


def _known_sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def _subject_result(count: Count, scored: SubjectScore, standing: Standing) -> SubjectResult:
    scheme = count.scheme
    counts = scored.counts
    base = rate_base(count, counts, len(scored.items))
    return SubjectResult(
        subject=scored.subject,
        items=tuple(_item_result(count, item) for item in scored.items),
        counts=counts,
        shares=grade_shares(scheme, counts, base),
        upper_rate=upper_rate(scheme, counts, base),
        group_scores={
            group.key: optional_figure(score, scheme.decimals)
            for group, score in zip(scheme.groups, scored.group_scores, strict=True)
        },
        score=optional_figure(scored.score, scheme.decimals),
        rank=standing.rank,
        tied=standing.tied,
        explain=explain_subject(scheme, scored),
    )


def _item_result(count: Count, item: ItemScore) -> ItemResult:
    scheme = count.scheme
    counts = item.counts
    return ItemResult(
        dimension=item.dimension.key,
        label=item.dimension.label,
        counts=counts,
        shares=grade_shares(scheme, counts, rate_base(count, counts, 1)),
        group_scores={cell.group.key: optional_figure(cell.score, scheme.decimals) for cell in item.cells},
        score=optional_figure(item.score, scheme.decimals),
    )
