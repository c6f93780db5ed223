"""Marks for people to look at: the last three, full marks, twice running. A flag changes no number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from kaohe.tally.awards.candidates import Award, Candidate
from kaohe.tally.model import Count, Flag, Period
from kaohe.tally.periods import Timeline, timeline_of
from kaohe.tally.rounding import round_text
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import FlagKind, FlagRule
from kaohe.tally.scores.banding import band_score
from kaohe.tally.scores.bases import rate_base
from kaohe.tally.scores.composing import Composition
from kaohe.tally.scores.standing import RankKey


def flags_of(count: Count, candidates: Sequence[Candidate], awards: Sequence[Award]) -> tuple[tuple[Flag, ...], ...]:
    """Return each candidate's flags, in the order of the scheme; the order of the candidates never matters."""
    found: list[tuple[Flag, ...]] = []
    rankings = [_ranking(count.scheme, *pair) for pair in zip(candidates, awards, strict=True)]
    ranked = [ranking for ranking in rankings if ranking is not None]
    line = timeline_of(count.history, count.title)
    for candidate, award, own_ranking in zip(candidates, awards, rankings, strict=True):
        periods = count.history.get(candidate.subject.key, ())
        raised = tuple(
            Flag(rule.key, rule.label)
            for rule in count.scheme.flags
            if _holds_now(count, rule, candidate, award, own_ranking, ranked)
            and _held_before(count.scheme, rule, periods, line)
        )
        found.append((*award.flags, *raised))
    return tuple(found)


def full_marks_finding(scheme: Scheme, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Say how many have nothing but votes for the top grade (满票), where the scheme asks."""
    if not candidates or not any(rule.kind is FlagKind.FULL_MARKS for rule in scheme.flags):
        return ()
    full = sum(_has_full_marks(candidate) for candidate in candidates)
    share = round_text(Fraction(100 * full, len(candidates)), scheme.decimals)
    return (f"满票：{len(candidates)} 个考核对象中有 {full} 个得满票，占 {share}%。",)


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Where a subject stands that has a rank."""

    key: RankKey
    class_label: str
    tier: str | None
    composition: Composition

    def by(self, component: str) -> RankKey:
        """What the subject is ranked by: the score of a component, exact; its own rank where none is named."""
        score = self.composition.component_score(component) if component else None
        return self.key if score is None else (score, ())


def _ranking(scheme: Scheme, candidate: Candidate, award: Award) -> _Ranking | None:
    """None where no rank is printed: without a score, or where a veto took the subject out of the ranking."""
    if candidate.key is None or award.is_vetoed:
        return None
    return _Ranking(candidate.key, candidate.subject.class_label, _tier(scheme, award), candidate.composition)


def _tier(scheme: Scheme, award: Award) -> str | None:
    return scheme.bands[award.tier_index].key if scheme.bands and award.tier_index is not None else None


def _holds_now(
    count: Count,
    rule: FlagRule,
    candidate: Candidate,
    award: Award,
    own_ranking: _Ranking | None,
    ranked: Sequence[_Ranking],
) -> bool:
    scheme = count.scheme
    if rule.kind is FlagKind.TIER:
        return _tier(scheme, award) in rule.tiers
    if rule.kind is FlagKind.FULL_MARKS:
        return _has_full_marks(candidate)
    if rule.kind is FlagKind.LOWEST_RATE:
        rate = _lowest_rate(count, candidate)
        return rate is not None and _is_between(rule, rate)
    if rule.kind is FlagKind.SCORE:
        score = candidate.composition.component_score(rule.component) if rule.component else candidate.composition.score
        return score is not None and _is_between(rule, band_score(score, scheme.band_decimals))
    return own_ranking is not None and _is_at_the_end(rule, own_ranking, ranked)


def _lowest_rate(count: Count, candidate: Candidate) -> Fraction | None:
    """The part of the lowest grade in per cent, divided as the sheet divides it; None where nobody gave a grade."""
    votes = candidate.composition.votes
    graded = [item.dimension for item in votes.items if count.scheme.scale_of(item.dimension) is None]
    if not votes.counts.graded:
        return None
    return Fraction(100 * votes.counts.grades[-1], rate_base(count, candidate.subject, graded))


def _is_between(rule: FlagRule, number: Fraction) -> bool:
    return (rule.start is None or number >= rule.start) and (rule.below is None or number < rule.below)


def _has_full_marks(candidate: Candidate) -> bool:
    counts = candidate.composition.votes.counts
    return bool(counts.graded) and counts.grades[0] == counts.valid


def _is_at_the_end(rule: FlagRule, own_ranking: _Ranking, ranked: Sequence[_Ranking]) -> bool:
    """Whether a subject is looked at, and fewer than ``count`` stand better (or worse); equals are all flagged."""
    classes = rule.classes or (own_ranking.class_label,)
    among = [
        ranking
        for ranking in ranked
        if ranking.class_label in classes and (not rule.tiers or ranking.tier in rule.tiers)
    ]
    own = own_ranking.by(rule.component)
    before = sum(
        ranking.by(rule.component) > own if rule.kind is FlagKind.TOP else ranking.by(rule.component) < own
        for ranking in among
    )
    return own_ranking in among and before < (rule.count or 0)


def _held_before(scheme: Scheme, rule: FlagRule, periods: tuple[Period, ...], line: Timeline) -> bool:
    """Whether the same held in as many periods before this one as the rule asks for, without a gap."""
    before = rule.running - 1
    if not before:
        return True
    last = periods[-before:]
    if len(last) < before or not line.leads_to_now(last[-1].label):
        return False
    if not all(line.follows(one.label, other.label) for one, other in pairwise(last)):
        return False
    same = {
        other.key
        for other in scheme.flags
        if replace(other, key="", label="", running=1) == replace(rule, key="", label="", running=1)
    }
    labels = {band.label for band in scheme.bands if band.key in rule.tiers}
    return all(period.tier in labels if rule.kind is FlagKind.TIER else bool(same & period.flags) for period in last)
