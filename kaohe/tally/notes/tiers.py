"""口径说明 of what comes after the votes: components, tiers, quotas, clauses, rules over periods, flags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from kaohe.tally.rounding import percent_text, unrounded_text
from kaohe.tally.scheme.components import Component, ComponentSource, PeriodMeasure
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import Band, EdgeTie, Effect, PeriodRule, Quota, QuotaRounding, QuotaScope, are_voted
from kaohe.tally.scores.bases import BASE_LABELS

_SOURCES: Mapping[ComponentSource, str] = {
    ComponentSource.VOTES: "本场测评",
    ComponentSource.IMPORTED: "导入",
    ComponentSource.MEETING: "另一场测评",
    ComponentSource.PERIODS: "各期结果",
}


def component_notes(scheme: Scheme) -> Iterator[str]:
    """State the components, and the bounds of bonus and deduction."""
    if scheme.components:
        parts = "、".join(
            f"{component.label}（{_SOURCES[component.source]}）{percent_text(component.weight)}"
            for component in scheme.components
        )
        yield f"最终得分：各分项加权，{parts}。"
    for component in scheme.components:
        if component.source is ComponentSource.PERIODS:
            yield f"{component.label}：{_measure(component)}。"
        if component.bands:
            yield f"{component.label}的评价：{_bands(component.bands, _least_voted(scheme))}。"
    for name, limit in (("加分", scheme.bonus_limit), ("减分", scheme.deduction_limit)):
        if limit:
            yield f"{name}：合计不超过 {unrounded_text(limit)} 分，同一件事只计一次。"


def _measure(component: Component) -> str:
    whole = "" if component.periods is None else f"，一年 {component.periods} 期"
    if component.measure is PeriodMeasure.TIER_RATE:
        return f"评为{component.tier}的次数除以期数，乘以 100{whole}"
    if component.measure is PeriodMeasure.POINTS:
        points = "、".join(f"{point.tier} {unrounded_text(point.points)}" for point in component.points)
        return f"各期档次折算为分数（{points}）后取平均{whole}"
    return f"各期得分的平均数{whole}"


def _bands(bands: Sequence[Band], least: Fraction) -> str:
    """The tiers with their scores; ``least`` is the lowest score that there can be, below which nothing is named."""
    scored = [band for band in bands if not band.ruled]
    reached = [band for band in scored if band.start is not None and band.start > least]
    rest, *never = scored[len(reached) :]
    named = [f"{band.label} {unrounded_text(band.start)} 分以上" for band in reached if band.start is not None]
    others = "、".join(band.label for band in never)
    by_rule = f"；{others}不按得分确定，只由规则或认定得出" if never else ""
    return "、".join([*named, f"其余为{rest.label}"]) + by_rule + _by_people(bands)


def _least_voted(scheme: Scheme) -> Fraction:
    """The lowest score that votes can give, or a number below it; what is imported is never less than 0."""
    given = (*(grade.points for grade in scheme.grades), *(row.score for row in scheme.score_table))
    lows = sum(min(Fraction(0), scale.low) for scale in map(scheme.scale_of, scheme.dimensions) if scale is not None)
    return min(Fraction(0), Fraction(lows), *given)


def _voted(scheme: Scheme) -> str:
    base = BASE_LABELS[scheme.rate_base]
    named = [
        f"{'、'.join(grade.label for grade in scheme.grades[: band.grades])}的票数超过{base}的 "
        f"{percent_text(band.over)} 的为{band.label}"
        for band in scheme.bands
        if band.over is not None
    ]
    return "，".join([*named, f"其余为{scheme.bands[-1].label}"]) + _by_people(scheme.bands)


def _by_people(bands: Sequence[Band]) -> str:
    ruled = "、".join(band.label for band in bands if band.ruled)
    return f"；{ruled}只由票决或审定确定" if ruled else ""


def tier_notes(scheme: Scheme) -> Iterator[str]:
    """State all that decides a tier, and the flags."""
    if are_voted(scheme.bands):
        yield f"表决：从上到下取第一个符合的，{_voted(scheme)}。"
    elif scheme.bands:
        of = next(
            (f"按{component.label}的得分" for component in scheme.components if component.key == scheme.tier_by),
            "按最终得分",
        )
        least = _least_voted(scheme) - scheme.deduction_limit
        rounded = "" if scheme.band_decimals is None else f"，定档前先四舍五入到 {scheme.band_decimals} 位小数"
        yield f"定档：{of}{rounded}，{_bands(scheme.bands, least)}（起点分含本数）。"
    for quota in scheme.quotas:
        yield _quota_note(scheme, quota)
    for clause in scheme.clauses:
        yield f"条款：{clause.label}——{_effect_text(scheme, clause.effect, clause.tier)}。"
    for rule in scheme.period_rules:
        yield f"规则：{rule.label}——{_condition(scheme, rule)}的，{_effect_text(scheme, rule.effect, rule.tier)}。"
    for flag in scheme.flags:
        yield f"提示：{flag.label}。"
    for question in scheme.questions:
        yield f"{question.label}：只统计，不计分。"
    if scheme.candidates_over is not None:
        yield f"差额：每一类别的人选必须多于 {scheme.candidates_over} 个，否则不能竞争。"


_SCOPES: Mapping[QuotaScope, str] = {QuotaScope.ALL: "全体", QuotaScope.CLASS: "每一类别", QuotaScope.UNIT: "每个单位"}


def _quota_note(scheme: Scheme, quota: Quota) -> str:
    top = scheme.bands[0].label
    if quota.share is None:
        size = f"不超过 {quota.count} 个"
    else:
        rounding = "取整数" if quota.rounding is QuotaRounding.FLOOR else "四舍五入取整数"
        size = f"不超过参加定档人数的 {percent_text(quota.share)}，{rounding}"
    if quota.watched:
        known = percent_text(quota.share or Fraction(0))
        return f"{top}分布：{_SCOPES[quota.scope]}大致平衡，以 {known} 为参考，不限名额。"
    if quota.ceiling is not None:
        size += f"，最高可调到 {percent_text(quota.ceiling)}"
    if quota.fewest_share is not None:
        size += f"，一般不少于 {percent_text(quota.fewest_share)}"
    tie = "都不占名额" if quota.tie is EdgeTie.LEAVE_OUT else "档次待定"
    return f"{top}名额：{_SCOPES[quota.scope]}{size}；边缘并列而名额不够的{tie}。"


def _effect_text(scheme: Scheme, effect: Effect, tier: str) -> str:
    label = next((band.label for band in scheme.bands if band.key == tier), "")
    return {
        Effect.VETO: f"一票否决，定为{label}，不参加排名" if tier else "一票否决，不参加排名",
        Effect.CAP: f"最高为{label}",
        Effect.OUTRIGHT: f"直接定为{label}",
        Effect.EXEMPT: "参加考核，不确定档次" if scheme.bands else "写明在表上，用于年度时不计这一期",
        Effect.BONUS: "加分",
        Effect.DEDUCTION: "减分",
        Effect.FLAG: "作出提示",
    }[effect]


def _condition(scheme: Scheme, rule: PeriodRule) -> str:
    if rule.below is not None:
        name = next(component.label for component in scheme.components if component.key == rule.component)
        return f"{name}低于 {unrounded_text(rule.below)} 分"
    conditions = (
        ("有 {} 期以上评为", rule.times),
        ("连续 {} 期评为", rule.running),
        ("达到各期的 {} 评为", rule.from_share),
        ("超过各期的 {} 评为", rule.over_share),
        ("不到各期的 {} 评为", rule.under_share),
    )
    text, number = next((text, number) for text, number in conditions if number is not None)
    shown = percent_text(number) if isinstance(number, Fraction) else number
    return f"{text.format(shown)}{'、'.join(rule.tiers)}"
