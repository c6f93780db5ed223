"""Marks for people to look at: the last three, full marks, twice running. A flag changes no number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from kaohe.tally.banding import band_score
from kaohe.tally.candidates import Award, Candidate
from kaohe.tally.model import Count, Flag, Period
from kaohe.tally.rounding import round_text
from kaohe.tally.scheme import Scheme
from kaohe.tally.tiers import FlagKind, FlagRule


def flags_of(count: Count, candidates: Sequence[Candidate], awards: Sequence[Award]) -> tuple[tuple[Flag, ...], ...]:
    """Return each candidate's flags, in the order of the scheme; the order of the candidates never matters."""
    found: list[tuple[Flag, ...]] = []
    for candidate, award in zip(candidates, awards, strict=True):
        periods = count.history.get(candidate.subject.key, ())
        raised = tuple(
            Flag(rule.key, rule.label)
            for rule in count.scheme.flags
            if _holds_now(count.scheme, rule, candidate, award, candidates)
            and _held_before(count.scheme, rule, periods)
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


def _holds_now(
    scheme: Scheme, rule: FlagRule, candidate: Candidate, award: Award, candidates: Sequence[Candidate]
) -> bool:
    if rule.kind is FlagKind.TIER:
        return award.place is not None and scheme.bands[award.place].key in rule.tiers
    if rule.kind is FlagKind.FULL_MARKS:
        return _has_full_marks(candidate)
    if rule.kind is FlagKind.LOWEST_RATE:
        counts = candidate.composition.votes.counts
        return bool(counts.graded) and _is_between(rule, Fraction(100 * counts.grades[-1], counts.graded))
    if rule.kind is FlagKind.SCORE:
        score = candidate.composition.component_score(rule.component) if rule.component else candidate.composition.score
        return score is not None and _is_between(rule, band_score(score, scheme.band_decimals))
    return _is_at_the_end(scheme, rule, candidate, award, candidates)


def _is_between(rule: FlagRule, number: Fraction) -> bool:
    return (rule.start is None or number >= rule.start) and (rule.below is None or number < rule.below)


def _has_full_marks(candidate: Candidate) -> bool:
    counts = candidate.composition.votes.counts
    return bool(counts.graded) and counts.grades[0] == counts.valid


def _is_at_the_end(
    scheme: Scheme, rule: FlagRule, candidate: Candidate, award: Award, candidates: Sequence[Candidate]
) -> bool:
    """Whether fewer than ``count`` others stand better (or worse); equals at the edge are all flagged."""
    own = candidate.subject.class_label
    if candidate.key is None or (rule.classes and own not in rule.classes):
        return False
    if rule.tiers and (award.place is None or scheme.bands[award.place].key not in rule.tiers):
        return False
    keys = [
        each.key for each in candidates if each.key is not None and each.subject.class_label in (rule.classes or (own,))
    ]
    is_top = rule.kind is FlagKind.TOP
    before = sum(key > candidate.key if is_top else key < candidate.key for key in keys)
    return before < (rule.count or 0)


def _held_before(scheme: Scheme, rule: FlagRule, periods: tuple[Period, ...]) -> bool:
    """Whether the same held in as many of the last periods as the rule asks for."""
    before = rule.running - 1
    if len(periods) < before:
        return False
    same = {
        other.key
        for other in scheme.flags
        if replace(other, key="", label="", running=1) == replace(rule, key="", label="", running=1)
    }
    labels = {band.label for band in scheme.bands if band.key in rule.tiers}
    return all(
        period.tier in labels if rule.kind is FlagKind.TIER else bool(same & period.flags)
        for period in (periods[-before:] if before else ())
    )
