"""One subject's part of the result: everything that a sheet or a screen prints about it."""

from __future__ import annotations

from collections.abc import Iterator

from kaohe.tally.awards.candidates import Award, Candidate
from kaohe.tally.model import (
    AnswerResult,
    ComponentResult,
    Count,
    Flag,
    GradeShare,
    ItemResult,
    Subject,
    SubjectResult,
    Turnout,
)
from kaohe.tally.rounding import figure, optional_figure
from kaohe.tally.scheme.questions import Question, QuestionKind
from kaohe.tally.scheme.scheme import InvalidRule, PercentBase, Scheme
from kaohe.tally.scores.banding import band_index
from kaohe.tally.scores.bases import asked_about, number_of, rate_base, turnout_about
from kaohe.tally.scores.explaining import closed
from kaohe.tally.scores.sharing import grade_shares, rate_of, upper_rate
from kaohe.tally.scores.standing import Standing
from kaohe.tally.scores.weighting import ItemScore


def subject_result(
    count: Count, candidate: Candidate, award: Award, standing: Standing, flags: tuple[Flag, ...]
) -> SubjectResult:
    """Put together what is printed about one subject."""
    scheme, subject, composition = count.scheme, candidate.subject, candidate.composition
    votes = composition.votes
    graded = [item.dimension for item in votes.items if scheme.scale_of(item.dimension) is None]
    base = rate_base(count, subject, graded)
    tier, tier_label = _tier(scheme, award.tier_index)
    recommended, recommended_label = _tier(scheme, award.recommended_index)
    return SubjectResult(
        subject=subject,
        items=tuple(_item_result(count, subject, item) for item in votes.items),
        counts=votes.counts,
        shares=grade_shares(scheme, votes.counts, base),
        upper_rate=upper_rate(scheme, votes.counts, base),
        group_scores={
            group.key: optional_figure(score, scheme.decimals)
            for group, score in zip(scheme.groups, votes.group_scores, strict=True)
        },
        score=candidate.score,
        rank=standing.rank,
        tied=standing.tied,
        explain=_steps(scheme, candidate, award),
        votes_score=optional_figure(votes.score, scheme.decimals),
        components=tuple(_component_results(scheme, candidate)),
        bonus=figure(composition.bonus, scheme.decimals) if scheme.bonus_limit else None,
        deduction=figure(composition.deduction, scheme.decimals) if scheme.deduction_limit else None,
        tier=tier,
        tier_label=tier_label,
        flags=flags,
        answers=tuple(_answer(count, subject, question) for question in scheme.questions),
        periods=count.history.get(subject.key, ()),
        decisions=tuple(decision.text for decision in candidate.applied),
        recommended=recommended,
        recommended_label=recommended_label,
        rulings=tuple(award.rulings),
        graders=_graders(count, subject),
    )


def _graders(count: Count, subject: Subject) -> Turnout | None:
    """How many may grade a subject, of all groups together; None where none of its groups is divided."""
    keys = [group.key for group in count.scheme.groups if count.scheme.dimensions]
    if all((key, subject.key) not in count.graders for key in keys):
        return None
    entitled = [turnout_about(count, key, subject.key).entitled for key in keys]
    known = [number for number in entitled if number is not None]
    return Turnout(
        entitled=sum(known) if len(known) == len(keys) else None,
        cast=sum(asked_about(count, key, subject.key) for key in keys),
    )


def _steps(scheme: Scheme, candidate: Candidate, award: Award) -> tuple[str, ...]:
    steps = candidate.composition.steps
    if candidate.composition.score is not None:
        steps = closed(steps, candidate.composition.score, scheme.decimals)
    return (*steps, *award.steps)


ELECTED, OTHERS = "elected", "others"
"""The tiers of a vote for K out of N."""


def _tier(scheme: Scheme, tier_index: int | None) -> tuple[str | None, str]:
    """The key and the label of the tier or the seat; None and '' where there is none."""
    if tier_index is None:
        return None, ""
    if scheme.choose:
        return (OTHERS, scheme.choose.others) if tier_index else (ELECTED, scheme.choose.elected)
    band = scheme.bands[tier_index]
    return band.key, band.label


def _component_results(scheme: Scheme, candidate: Candidate) -> Iterator[ComponentResult]:
    for component in candidate.composition.components:
        bands = component.component.bands
        label = bands[band_index(bands, component.score)].label if bands and component.score is not None else ""
        yield ComponentResult(
            component.component.key, component.component.label, optional_figure(component.score, scheme.decimals), label
        )


def _item_result(count: Count, subject: Subject, item: ItemScore) -> ItemResult:
    scheme = count.scheme
    counts = item.counts
    cells = {cell.group.key: cell.score for cell in item.cells}
    return ItemResult(
        dimension=item.dimension.key,
        label=item.dimension.label,
        counts=counts,
        shares=grade_shares(scheme, counts, rate_base(count, subject, [item.dimension]), item.dimension),
        group_scores={group.key: optional_figure(cells.get(group.key), scheme.decimals) for group in scheme.groups},
        score=optional_figure(item.score, scheme.decimals),
    )


def _answer(count: Count, subject: Subject, question: Question) -> AnswerResult:
    """Add up the answers of all groups; ticks are divided by ballots, a choice among all who chose."""
    votes = [0] * len(question.options)
    base = 0
    for group in count.scheme.groups:
        found = count.answers.get((group.key, subject.key, question.key), (0,) * len(votes))
        votes = [one + other for one, other in zip(votes, found, strict=True)]
        base += _answer_base(count, group.key, subject.key, question, sum(found))
    return AnswerResult(
        question.key,
        question.label,
        tuple(
            GradeShare(option.key, option.label, number, rate_of(count.scheme, number, base))
            for option, number in zip(question.options, votes, strict=True)
        ),
    )


def _answer_base(count: Count, group_key: str, subject_key: str, question: Question, answered: int) -> int:
    base = count.scheme.rate_base
    if base is PercentBase.VALID:
        if question.kind is QuestionKind.CHOICE:
            return answered
        return max(asked_about(count, group_key, subject_key) - _void_ballots(count, group_key, subject_key), 0)
    if base is PercentBase.CAST:
        return asked_about(count, group_key, subject_key)
    return number_of(base, turnout_about(count, group_key, subject_key))


def _void_ballots(count: Count, group_key: str, subject_key: str) -> int:
    """How many void ballots of a group the subject stood on: a void ballot is invalid on every row that it is about."""
    invalid = count.void.get((group_key, subject_key), count.turnout[group_key].invalid)
    if count.scheme.invalid_rule is not InvalidRule.BALLOT:
        return invalid
    rows = (count.cells.get((group_key, subject_key, dimension.key)) for dimension in count.scheme.dimensions)
    return next((row.invalid for row in rows if row is not None), invalid)
