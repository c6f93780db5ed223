"""Which tier (档次) is awarded: band, outright, caps and vetoes, then the quota for the top tier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kaohe.tally.awards.candidates import Award, Candidate, Tiered
from kaohe.tally.awards.quota_filling import apply_quotas, fewest_warnings, watched_findings
from kaohe.tally.awards.ruling import apply_rulings, check_rulings
from kaohe.tally.model import Count, EdgeTied, Flag, Period
from kaohe.tally.periods import NOT_ASSESSED, Timeline, timeline_of
from kaohe.tally.rounding import unrounded_text
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import Effect, PeriodRule, are_voted
from kaohe.tally.scores.banding import band_index, band_score, band_step, voted_band
from kaohe.tally.scores.bases import rate_base
from kaohe.tally.scores.composing import Composition
from kaohe.tally.scores.deciding import Applied
from kaohe.tally.scores.explaining import voted_step


def rule_holds(rule: PeriodRule, periods: tuple[Period, ...], composition: Composition, line: Timeline) -> str:
    """Return why a rule holds for a subject, in Chinese; empty where it does not hold.

    Periods without a tier (未定等次) are no part of a share, and end a run; where there is no other, no rule about
    periods holds.
    """
    if rule.below is not None:
        score = composition.component_score(rule.component)
        if score is None or score >= rule.below:
            return ""
        return f"{unrounded_text(score)} < {unrounded_text(rule.below)}"
    hits = [period.tier in rule.tiers for period in periods if period.tier != NOT_ASSESSED]
    if not hits:
        return ""
    times, share = sum(hits), Fraction(sum(hits), len(hits))
    holds = (
        (rule.times is not None and times >= rule.times)
        or (rule.from_share is not None and share >= rule.from_share)
        or (rule.over_share is not None and share > rule.over_share)
        or (rule.under_share is not None and share < rule.under_share)
        or (rule.running is not None and _longest(rule, periods, line) >= rule.running)
    )
    return f"{len(hits)} 期中有 {times} 期" if holds else ""


def _longest(rule: PeriodRule, periods: tuple[Period, ...], line: Timeline) -> int:
    longest = now = 0
    for number, period in enumerate(periods):
        if not number or not line.follows(periods[number - 1].label, period.label):
            now = 0
        now = now + 1 if period.tier in rule.tiers else 0
        longest = max(longest, now)
    return longest


@dataclass(frozen=True, slots=True)
class Awards:
    """The awards in the order of the candidates, and what is to be said about all of them."""

    by_candidate: tuple[Award, ...]
    warnings: tuple[str, ...]
    findings: tuple[str, ...]
    edge_ties: tuple[EdgeTied, ...] = ()


def award_tiers(count: Count, candidates: Sequence[Candidate]) -> Awards:
    """Award the tiers, then let people's rulings change them; the order of the candidates never matters.

    Raises:
        DecisionError: where more subjects have the top tier outright than there are seats, or a ruling does not fit.
    """
    line = timeline_of(count.history, count.title)
    awards = tuple(_banded(count, candidate, line) for candidate in candidates)
    check_rulings(count)
    if not count.scheme.bands:
        return Awards(awards, (), ())
    everybody = [Tiered(candidate, award) for candidate, award in zip(candidates, awards, strict=True)]
    tiered = [each for each in everybody if each.award.tier_index is not None]
    ruled = {ruling.subject for ruling in count.rulings}
    settled = {subject.key for subject in count.subjects} if "" in ruled else ruled
    quotas = apply_quotas(count.scheme, tiered, settled)
    apply_rulings(count, everybody, quotas.seats)
    warnings = (
        *_rounding_warnings(count.scheme, candidates),
        *quotas.warnings,
        *fewest_warnings(count.scheme, tiered),
    )
    findings = (*quotas.findings, *watched_findings(count.scheme, tiered))
    return Awards(awards, warnings, findings, quotas.edge_ties)


def _banded(count: Count, candidate: Candidate, line: Timeline) -> Award:
    scheme, award = count.scheme, Award()
    for exempt in _under(candidate, Effect.EXEMPT):
        award.is_exempt = True
        award.steps.append(f"{exempt.clause.label}（{exempt.reason}）：不确定档次")
        return award
    score = _tier_score(scheme, candidate)
    if are_voted(scheme.bands) and score is not None:
        graded = [item.dimension for item in candidate.composition.votes.items]
        base = rate_base(count, candidate.subject, graded)
        votes = candidate.composition.votes.counts.grades
        award.tier_index = voted_band(scheme, votes, base)
        award.steps.append(voted_step(scheme, votes, base, award.tier_index))
    elif scheme.bands and score is not None:
        award.tier_index = band_index(scheme.bands, band_score(score, scheme.band_decimals))
        award.steps.append(f"定档：{band_step(scheme.bands, score, scheme.band_decimals)}")
    for applied in _under(candidate, Effect.OUTRIGHT):
        _outright(scheme, award, applied.clause.tier, f"{applied.clause.label}（{applied.reason}）")
    _apply_period_rules(count, candidate, award, line)
    for applied in _under(candidate, Effect.CAP):
        _cap(scheme, award, applied.clause.tier, f"{applied.clause.label}（{applied.reason}）")
    for applied in _under(candidate, Effect.VETO):
        _veto(scheme, award, applied)
    award.flags.extend(Flag(applied.clause.key, applied.clause.label) for applied in _under(candidate, Effect.FLAG))
    return award


def _under(candidate: Candidate, effect: Effect) -> list[Applied]:
    return [decision for decision in candidate.applied if decision.clause.effect is effect]


def _apply_period_rules(count: Count, candidate: Candidate, award: Award, line: Timeline) -> None:
    periods = count.history.get(candidate.subject.key, ())
    # What is given outright comes before what limits it.
    for rule in sorted(count.scheme.period_rules, key=lambda rule: rule.effect is not Effect.OUTRIGHT):
        why = rule_holds(rule, periods, candidate.composition, line)
        if not why:
            continue
        cause = f"{rule.label}（{why}）"
        if rule.effect is Effect.OUTRIGHT:
            _outright(count.scheme, award, rule.tier, cause)
        elif rule.effect is Effect.CAP:
            _cap(count.scheme, award, rule.tier, cause)
        else:
            award.flags.append(Flag(rule.key, rule.label))
            award.steps.append(f"提示：{cause}")


def _veto(scheme: Scheme, award: Award, applied: Applied) -> None:
    award.is_vetoed = True
    award.flags.append(Flag(applied.clause.key, applied.clause.label))
    cause = f"一票否决：{applied.clause.label}（{applied.reason}）"
    if applied.clause.tier:
        _cap(scheme, award, applied.clause.tier, cause, "定为")
    else:
        award.steps.append(f"{cause}，不参加排名")


def _tier_score(scheme: Scheme, candidate: Candidate) -> Fraction | None:
    if scheme.tier_by:
        return candidate.composition.component_score(scheme.tier_by)
    return candidate.composition.score


def _outright(scheme: Scheme, award: Award, tier: str, why: str) -> None:
    tier_index = _tier_index(scheme, tier)
    # Of several rules the one that is worse for the subject holds.
    award.tier_index = max(tier_index, award.tier_index or 0) if award.is_outright else tier_index
    award.is_outright = True
    award.ceiling = award.tier_index
    award.steps.append(f"{why}：直接定为{scheme.bands[tier_index].label}")


def _cap(scheme: Scheme, award: Award, tier: str, why: str, word: str = "最高为") -> None:
    tier_index = _tier_index(scheme, tier)
    award.ceiling = max(award.ceiling, tier_index)
    if award.tier_index is not None and award.tier_index < tier_index:
        award.tier_index = tier_index
        award.is_outright = False
        award.steps.append(f"{why}：{word}{scheme.bands[tier_index].label}")


def _tier_index(scheme: Scheme, tier: str) -> int:
    return [band.key for band in scheme.bands].index(tier)


def _rounding_warnings(scheme: Scheme, candidates: Iterable[Candidate]) -> Iterable[str]:
    """Warn where the printed score alone would lead to another tier than the exact one."""
    if scheme.band_decimals is not None or scheme.tier_by or are_voted(scheme.bands):
        return
    for candidate in candidates:
        score = candidate.score
        if score is None:
            continue
        exact = band_index(scheme.bands, score.exact)
        if exact != band_index(scheme.bands, band_score(score.exact, scheme.decimals)):
            label = scheme.bands[exact].label
            yield f"「{candidate.subject.full_name}」印出的 {score.text} 分是舍入后的数，按精确得分定为{label}。"
