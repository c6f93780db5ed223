"""Rules over the tiers of earlier periods (一年中有一次基本称职的不得评为优秀), or over one component's score."""

from __future__ import annotations

from fractions import Fraction

from kaohe.tally.model import Period
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.tiers import PeriodRule
from kaohe.tally.scores.composing import Composition


def rule_holds(rule: PeriodRule, periods: tuple[Period, ...], composition: Composition) -> str:
    """Return why a rule holds for a subject, in Chinese; empty where it does not hold.

    Without a single period no rule about periods holds.
    """
    if rule.below is not None:
        score = composition.component_score(rule.component)
        if score is None or score >= rule.below:
            return ""
        return f"{unrounded_text(score)} < {unrounded_text(rule.below)}"
    if not periods:
        return ""
    hits = [period.tier in rule.tiers for period in periods]
    times, share = sum(hits), Fraction(sum(hits), len(hits))
    holds = (
        (rule.times is not None and times >= rule.times)
        or (rule.from_share is not None and share >= rule.from_share)
        or (rule.over_share is not None and share > rule.over_share)
        or (rule.under_share is not None and share < rule.under_share)
        or (rule.running is not None and _longest(hits) >= rule.running)
    )
    return f"{len(hits)} 期中有 {times} 期" if holds else ""


def _longest(hits: list[bool]) -> int:
    longest = now = 0
    for hit in hits:
        now = now + 1 if hit else 0
        longest = max(longest, now)
    return longest
