"""One subject's result as a person reads it on the console."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

from kaohe.reports.accounts import steps_withheld
from kaohe.reports.contributions import contributions
from kaohe.reports.figures import branch_score, figure_text, scored_branches, shows_votes, weighed_text
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


def subject_line(result: Result, each: SubjectResult) -> SubjectLine:
    """The line of one subject of a section, with nothing in it that the sheets withhold."""
    bar, shares = _votes(each) if shows_votes(result) else _parts_of_score(result, each)
    return SubjectLine(
        key=each.subject.key,
        name=each.subject.name,
        post_text=f"{each.subject.unit} {each.subject.post}".strip(),
        rank_text=NOTHING if each.rank is None else str(each.rank),
        is_tied=each.tied,
        score_text=figure_text(each.score),
        upper_text=f"{each.upper_rate.text}%" if each.upper_rate and shows_votes(result) else "",
        tier=_tier(result, each),
        bar=bar,
        shares=shares,
        parts=tuple(_parts(result, each)),
        dimension_scores=_dimension_scores(result, each),
        flags=[flag.label for flag in each.flags],
        decisions=each.decisions,
        answers=[_answers(answer) for answer in each.answers],
        explain=() if steps_withheld(result) else each.explain,
    )


def _votes(each: SubjectResult) -> tuple[list[BarPart], list[tuple[str, str, str, str]]]:
    none = each.counts.abstention + each.counts.skipped
    shares = [
        (_tone(number), share.label, str(share.count), f"{share.rate.text}%" if share.rate else NOTHING)
        for number, share in enumerate(each.shares, start=1)
    ]
    rest = [("abstain", "弃权/漏选", none), ("invalid", "无效", each.counts.invalid)]
    return _vote_bar(each.counts), [*shares, *((kind, label, str(votes), "") for kind, label, votes in rest if votes)]


def _vote_bar(counts: GradeCounts) -> list[BarPart]:
    """The votes as stretches that fill the bar exactly; rounding moves an edge, never the sum."""
    votes = [*counts.grades, counts.abstention + counts.skipped + counts.invalid]
    total = sum(votes)
    if not total:
        return []
    edges = [BAR_WIDTH * passed // total for passed in accumulate(votes, initial=0)]
    return _stretches([*(_tone(number) for number in range(1, len(counts.grades) + 1)), "abstain"], edges)


def _parts_of_score(result: Result, each: SubjectResult) -> tuple[list[BarPart], list[tuple[str, str, str, str]]]:
    """Where there are no votes by grade: what the score is made of, against full marks."""
    parts = contributions(result, each)
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


def _parts(result: Result, each: SubjectResult) -> Iterator[tuple[str, str, str]]:
    scheme = result.scheme
    if len(scheme.components) > 1:
        for component, found in zip(scheme.components, each.components, strict=True):
            name = f"{component.label}（{found.band_label}）" if found.band_label else component.label
            yield name, figure_text(found.score), f"折算 {weighed_text(scheme, found, component.weight)}"
    for label, sign, figure in (("加分", "+", each.bonus), ("减分", "\N{MINUS SIGN}", each.deduction)):
        if figure is not None and figure.exact:
            yield label, f"{sign}{figure.text}", ""


def _dimension_scores(result: Result, each: SubjectResult) -> list[tuple[str, str]]:
    """The score of each branch, where the bar is not made of them already."""
    scores = [(node.label, figure_text(branch_score(result.scheme, node, each))) for node in scored_branches(result)]
    in_bar = [part.label for part in contributions(result, each)]
    return scores if shows_votes(result) or in_bar != [label for label, _ in scores] else []


def _tier(result: Result, each: SubjectResult) -> Tier | None:
    if not has_tiers(result.scheme):
        return None
    keys = [key for key, _ in tiers_of(result.scheme)]
    if each.tier is None:
        return Tier("open", UNDECIDED if result.scheme.choose else "不定等次")
    return Tier(str(min(keys.index(each.tier) + 1, TONES)), each.tier_label)


def _answers(answer: AnswerResult) -> Answers:
    return Answers(
        answer.label,
        [(share.label, str(share.count), f"{share.rate.text}%" if share.rate else NOTHING) for share in answer.shares],
    )


def _tone(number: int) -> str:
    return f"grade-{min(number, TONES)}"
