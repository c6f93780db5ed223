"""One subject's result as a person reads it on the console."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from kaohe.domain.ballots.wording import unit_and_post
from kaohe.reports.accounts import steps_withheld
from kaohe.reports.contributions import contributions
from kaohe.reports.figures import branch_score, figure_text, graders_text, scored_branches, shows_votes, weighed_text
from kaohe.reports.ruled_tiers import ruling_remarks
from kaohe.reports.sheet import NOTHING
from kaohe.reports.summary import UNDECIDED
from kaohe.reports.tier_sheet import has_tiers, tiers_of
from kaohe.tally.model import AnswerResult, GradeCounts, Result, SubjectResult

BAR_WIDTH = 1000
"""In the bar's own units: each part is exact to a thousandth."""
TONES = 6


@dataclass(frozen=True, slots=True)
class BarPart:
    """A stretch of a subject's bar: ``kind`` is the part of the style class that colours it."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Tier:
    """The tier or seat awarded; ``kind`` is the part of the style class that colours it."""

    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What was ticked or chosen about a subject."""

    label: str
    shares: Sequence[tuple[str, str, str]]
    """(option, votes, rate)."""


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One subject's result."""

    key: str
    name: str
    post_text: str
    rank_text: str
    is_tied: bool
    score_text: str
    upper_text: str
    tier: Tier | None
    bar: Sequence[BarPart]
    shares: Sequence[tuple[str, str, str, str]]
    """(kind, label, votes or score, rate) of every stretch of the bar and of what carries no grade."""
    parts: Sequence[tuple[str, str, str]]
    """(label, score, what it brings) of the components, bonus and deduction."""
    dimension_scores: Sequence[tuple[str, str]]
    flags: Sequence[str]
    decisions: Sequence[str]
    answers: Sequence[Answers]
    explain: Sequence[str]


def subject_line(result: Result, subject_result: SubjectResult) -> SubjectLine:
    """The line of one subject of a section, with nothing in it that the sheets withhold."""
    bar, shares = _votes(subject_result) if shows_votes(result) else _parts_of_score(result, subject_result)
    return SubjectLine(
        key=subject_result.subject.key,
        name=subject_result.subject.name,
        post_text=_about(subject_result),
        rank_text=NOTHING if subject_result.rank is None else str(subject_result.rank),
        is_tied=subject_result.tied,
        score_text=figure_text(subject_result.score),
        upper_text=f"{subject_result.upper_rate.text}%" if subject_result.upper_rate and shows_votes(result) else "",
        tier=_tier(result, subject_result),
        bar=bar,
        shares=shares,
        parts=tuple(_parts(result, subject_result)),
        dimension_scores=_dimension_scores(result, subject_result),
        flags=[flag.label for flag in subject_result.flags],
        decisions=(*subject_result.decisions, *ruling_remarks(subject_result)),
        answers=[_answers(answer) for answer in subject_result.answers],
        explain=() if steps_withheld(result) else subject_result.explain,
    )


def _about(subject_result: SubjectResult) -> str:
    """Unit and post; and where not everybody grades everybody, how many may grade and did."""
    post = unit_and_post(subject_result.subject)
    if subject_result.graders is None:
        return post
    entitled, cast = graders_text(subject_result.graders)
    return " · ".join(part for part in (post, f"应评 {entitled}，实评 {cast}") if part)


def _votes(subject_result: SubjectResult) -> tuple[list[BarPart], list[tuple[str, str, str, str]]]:
    none = subject_result.counts.abstention + subject_result.counts.skipped
    shares = [
        (_tone(number), share.label, str(share.count), f"{share.rate.text}%" if share.rate else NOTHING)
        for number, share in enumerate(subject_result.shares, start=1)
    ]
    rest = [("abstain", "弃权/漏选", none), ("invalid", "无效", subject_result.counts.invalid)]
    return _vote_bar(subject_result.counts), [
        *shares,
        *((kind, label, str(votes), "") for kind, label, votes in rest if votes),
    ]


def _vote_bar(counts: GradeCounts) -> list[BarPart]:
    """The votes as stretches that fill the bar exactly; rounding moves an edge, never the sum."""
    votes = [*counts.grades, counts.abstention + counts.skipped + counts.invalid]
    total = sum(votes)
    if not total:
        return []
    edges = [BAR_WIDTH * passed // total for passed in accumulate(votes, initial=0)]
    return _stretches([*(_tone(number) for number in range(1, len(counts.grades) + 1)), "abstain"], edges)


def _parts_of_score(
    result: Result, subject_result: SubjectResult
) -> tuple[list[BarPart], list[tuple[str, str, str, str]]]:
    """Where there are no votes by grade: what the score is made of, against full marks."""
    parts = contributions(result, subject_result)
    kinds = [_tone(number) for number in range(1, len(parts) + 1)]
    passed = accumulate((part.share for part in parts), initial=Fraction(0))
    edges = [int(BAR_WIDTH * share) for share in passed]
    shares = [(kind, part.label, part.text, "") for kind, part in zip(kinds, parts, strict=True)]
    return _stretches(kinds, edges), shares if len(parts) > 1 else []


def _stretches(kinds: Sequence[str], edges: Sequence[int]) -> list[BarPart]:
    return [
        BarPart(kind, left, right - left)
        for kind, (left, right) in zip(kinds, pairwise(edges), strict=True)
        if right > left
    ]


def _parts(result: Result, subject_result: SubjectResult) -> Iterator[tuple[str, str, str]]:
    scheme = result.scheme
    if len(scheme.components) > 1:
        for component, found in zip(scheme.components, subject_result.components, strict=True):
            name = f"{component.label}（{found.band_label}）" if found.band_label else component.label
            yield name, figure_text(found.score), f"折算 {weighed_text(scheme, found, component.weight)}"
    for label, sign, figure in (
        ("加分", "+", subject_result.bonus),
        ("减分", "\N{MINUS SIGN}", subject_result.deduction),
    ):
        if figure is not None and figure.exact:
            yield label, f"{sign}{figure.text}", ""


def _dimension_scores(result: Result, subject_result: SubjectResult) -> list[tuple[str, str]]:
    """The score of each branch, where the bar is not made of them already."""
    scores = [
        (node.label, figure_text(branch_score(result.scheme, node, subject_result))) for node in scored_branches(result)
    ]
    in_bar = [part.label for part in contributions(result, subject_result)]
    return scores if shows_votes(result) or in_bar != [label for label, _ in scores] else []


def _tier(result: Result, subject_result: SubjectResult) -> Tier | None:
    if not has_tiers(result.scheme):
        return None
    keys = [key for key, _ in tiers_of(result.scheme)]
    if subject_result.tier is None:
        return Tier("open", UNDECIDED if result.scheme.choose else "不定等次")
    return Tier(str(min(keys.index(subject_result.tier) + 1, TONES)), subject_result.tier_label)


def _answers(answer: AnswerResult) -> Answers:
    return Answers(
        answer.label,
        [(share.label, str(share.count), f"{share.rate.text}%" if share.rate else NOTHING) for share in answer.shares],
    )


def _tone(number: int) -> str:
    return f"grade-{min(number, TONES)}"
