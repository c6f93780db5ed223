"""What must hold for the bands, quotas, clauses, period rules and flags of a scheme."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kaohe.tally.rounding import MOST_DECIMALS, unrounded_text
from kaohe.tally.scheme.refusals import SchemeError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import POINTED, Band, Clause, Effect, FlagKind, FlagRule, PeriodRule, Quota, are_voted
from kaohe.tally.scheme_checks.entries import check_entries

_FEWEST_BANDS = 2


def check_tiers(scheme: Scheme) -> None:
    """Check all that decides a tier.

    Raises:
        SchemeError: at the first fault.
    """
    components = {component.key for component in scheme.components}
    tiers = [band.key for band in scheme.bands]
    _check_banding(scheme, components)
    for number, quota in enumerate(scheme.quotas, start=1):
        _check_quota(f"quotas[{number}]", quota)
    for path, entries in (("clauses", scheme.clauses), ("period_rules", scheme.period_rules), ("flags", scheme.flags)):
        if entries:
            check_entries(path, entries)
    for number, clause in enumerate(scheme.clauses, start=1):
        _check_clause(f"clauses[{number}]", clause, scheme, tiers)
    for number, rule in enumerate(scheme.period_rules, start=1):
        _check_period_rule(f"period_rules[{number}]", rule, tiers, components)
    for number, flag in enumerate(scheme.flags, start=1):
        _check_flag(f"flags[{number}]", flag, tiers, components)


def _check_banding(scheme: Scheme, components: set[str]) -> None:
    if scheme.tier_by and scheme.tier_by not in components:
        raise SchemeError("tier_by", f"没有名为「{scheme.tier_by}」的分项（components）。")
    if scheme.band_decimals is not None and not 0 <= scheme.band_decimals <= MOST_DECIMALS:
        raise SchemeError("band_decimals", f"小数位数应为 0 到 {MOST_DECIMALS} 的整数。")
    if scheme.bands:
        if are_voted(scheme.bands):
            _check_voted(scheme)
        else:
            check_bands("bands", scheme.bands, scheme.band_decimals)
        if scheme.quotas and scheme.bands[0].ruled:
            raise SchemeError("quotas", "最高一档只由审定或票决确定的，名额由票决的席位限定，请删去名额。")
    elif scheme.quotas:
        raise SchemeError("quotas", "没有档次（bands）就没有名额可限，请先写明档次。")


def _check_voted(scheme: Scheme) -> None:
    """Refuse tiers of which some are decided by votes and some by a score, or whose shares no vote can tell apart."""
    check_entries("bands", scheme.bands)
    ruled = _ruled_at_the_top("bands", scheme.bands)
    if scheme.tier_by or scheme.band_decimals is not None or any(map(scheme.scale_of, scheme.dimensions)):
        raise SchemeError("bands", "由票数表决等次（over）的，只评等次，不写 tier_by、band_decimals，也不打分。")
    if len(scheme.bands) - ruled < _FEWEST_BANDS:
        raise SchemeError("bands", f"至少要有 {_FEWEST_BANDS} 个由票数表决的等次，最后一个收下其余。")
    for number, band in enumerate(scheme.bands[ruled:], start=ruled + 1):
        here, is_last = f"bands[{number}]", number == len(scheme.bands)
        if (band.start, band.below, band.to) != (None, None, None):
            raise SchemeError(here, "由票数表决等次（over）的，不写 from、below、to。")
        if is_last and (band.over is not None or band.grades != 1):
            raise SchemeError(f"{here}.over", "最后一个等次不写 over 和 grades，它收下其余。")
        if not is_last and (band.over is None or not 0 < band.over < 1):
            raise SchemeError(f"{here}.over", "应写明票数须超过基数的百分之几，大于 0、小于 100，如过半数写 50。")
        if not 1 <= band.grades < len(scheme.grades):
            raise SchemeError(f"{here}.grades", "应为 1 以上的整数，并少于选票上等次的个数。")


def check_bands(path: str, bands: Sequence[Band], decimals: int | None) -> None:
    """Refuse bands with gaps or overlaps: every score must lead to exactly one of them."""
    check_entries(path, bands)
    ruled = _ruled_at_the_top(path, bands)
    if len(bands) - ruled < _FEWEST_BANDS:
        raise SchemeError(
            path, f"至少要有 {_FEWEST_BANDS} 个按得分确定的档次。" if ruled else f"至少要有 {_FEWEST_BANDS} 个档次。"
        )
    above: Band | None = None
    for number, band in enumerate(bands[ruled:], start=ruled + 1):
        here = f"{path}[{number}]"
        is_last = number == len(bands)
        if is_last and band.start is not None:
            raise SchemeError(
                f"{here}.from", f"最低一档不写 from，否则低于 {unrounded_text(band.start)} 分的没有档次。"
            )
        if not is_last and band.start is None:
            raise SchemeError(f"{here}.from", "缺少这一档的起点（含）。")
        if band.over is not None or band.grades != 1:
            raise SchemeError(f"{here}.over", "只有整个方案的档次可以由票数表决，且各档都写 over。")
        if band.to is not None and decimals is None:
            raise SchemeError(f"{here}.to", "写了 to（含）的，应同时用 band_decimals 写明定档前先舍入到几位小数。")
        if above is not None and above.start is not None:
            _check_meeting(here, above.start, band, decimals)
            if band.start is not None and band.start >= above.start:
                raise SchemeError(f"{here}.from", "与上一档重叠；档次应从高到低排列。")
        above = band


def _ruled_at_the_top(path: str, bands: Sequence[Band]) -> int:
    """How many tiers only people give; they stand above all others and name no scores."""
    ruled = sum(band.ruled for band in bands)
    for number, band in enumerate(bands, start=1):
        if band.ruled and (path != "bands" or number > ruled):
            raise SchemeError(f"{path}[{number}].ruled", "只由审定或票决确定的档次，应写在按得分确定的档次之上。")
        if band.ruled and (band.start, band.below, band.to, band.over) != (None, None, None, None):
            raise SchemeError(f"{path}[{number}]", "只由审定或票决确定的档次，不写 from、below、to、over。")
    return ruled


def _check_meeting(path: str, start_above: Fraction, band: Band, decimals: int | None) -> None:
    ends = [(f"{path}.below", band.below)]
    if band.to is not None:
        ends.append((f"{path}.to", band.to + Fraction(1, 10 ** (decimals or 0))))
    for where, end in ends:
        if end is not None and end != start_above:
            fault = "与上一档重叠" if end > start_above else "与上一档之间有空档"
            raise SchemeError(where, f"{fault}：上一档从 {unrounded_text(start_above)} 分起。")


def _check_quota(path: str, quota: Quota) -> None:
    if (quota.share is None) == (quota.count is None):
        raise SchemeError(path, "请用 share 写明比例（百分数），或用 count 写明人数，二者选一。")
    if quota.watched and quota.share is None:
        raise SchemeError(f"{path}.watched", "只看分布、不限名额的，请用 share 写明参考的比例。")
    if quota.count is not None and quota.count < 0:
        raise SchemeError(f"{path}.count", "应为 0 以上的整数。")
    for name, share in (("share", quota.share), ("ceiling", quota.ceiling), ("fewest_share", quota.fewest_share)):
        if share is not None and not 0 <= share <= 1:
            raise SchemeError(f"{path}.{name}", "应为 0 到 100 的百分数。")
    if quota.share is not None and quota.ceiling is not None and quota.share > quota.ceiling:
        raise SchemeError(f"{path}.share", "比例不能超过规定的上限（ceiling）。")
    if quota.share is not None and quota.fewest_share is not None and quota.fewest_share > quota.share:
        raise SchemeError(f"{path}.fewest_share", "至少的比例不能超过名额的比例（share）。")


def _check_tier(path: str, tier: str, tiers: Sequence[str]) -> None:
    if tier not in tiers:
        raise SchemeError(path, f"没有名为「{tier}」的档次；可用的有 {'、'.join(tiers) or '（本方案没有写 bands）'}。")


def _check_clause(path: str, clause: Clause, scheme: Scheme, tiers: Sequence[str]) -> None:
    if clause.effect in (Effect.CAP, Effect.OUTRIGHT) or (clause.effect is Effect.VETO and clause.tier):
        _check_tier(f"{path}.tier", clause.tier, tiers)
    elif clause.tier:
        raise SchemeError(f"{path}.tier", f"{clause.effect.value} 不涉及档次，请删去这一项。")
    if clause.effect is Effect.VETO and scheme.bands and not clause.tier:
        raise SchemeError(f"{path}.tier", "请写明被否决的定为哪一档。")
    if clause.points is not None and (clause.effect not in POINTED or clause.points <= 0):
        raise SchemeError(f"{path}.points", "只有加分（bonus）、减分（deduction）才写分值，并应大于 0。")
    limits = {Effect.BONUS: scheme.bonus_limit, Effect.DEDUCTION: scheme.deduction_limit}
    if limits.get(clause.effect) == 0:
        name = f"{clause.effect.value}_limit"
        raise SchemeError(f"{path}.effect", f"请先用 {name} 写明加分或减分的上限。")


def _check_period_rule(path: str, rule: PeriodRule, tiers: Sequence[str], components: set[str]) -> None:
    if rule.effect in (Effect.CAP, Effect.OUTRIGHT):
        _check_tier(f"{path}.tier", rule.tier, tiers)
    elif rule.effect is not Effect.FLAG or rule.tier:
        raise SchemeError(f"{path}.effect", "各期规则的结果应为 cap、outright（写明 tier）或 flag（不写 tier）。")
    conditions = (rule.times, rule.from_share, rule.over_share, rule.under_share, rule.running)
    condition_count = sum(condition is not None for condition in conditions)
    if rule.component or rule.below is not None:
        if condition_count or rule.tiers or rule.below is None or rule.component not in components:
            raise SchemeError(path, "看分项得分的规则应只写 component（本方案的分项）和 below。")
        return
    if condition_count != 1 or not rule.tiers:
        raise SchemeError(path, "应写明 tiers，并在 times、from_share、over_share、under_share、running 中写一项条件。")
    if any(number is not None and number < 1 for number in (rule.times, rule.running)):
        raise SchemeError(path, "次数应为 1 以上的整数。")
    for name in ("from_share", "over_share", "under_share"):
        share = getattr(rule, name)
        if share is not None and not 0 <= share <= 1:
            raise SchemeError(f"{path}.{name}", "应为 0 到 100 的百分数。")


def _check_flag(path: str, flag: FlagRule, tiers: Sequence[str], components: set[str]) -> None:
    is_ranked = flag.kind in (FlagKind.TOP, FlagKind.BOTTOM)
    if is_ranked != (flag.count is not None) or (flag.count is not None and flag.count < 1):
        raise SchemeError(f"{path}.count", "取前几名、后几名（top、bottom）时，应且只应写明名次数，1 以上。")
    if flag.classes and not is_ranked:
        raise SchemeError(f"{path}.classes", "只有取前几名、后几名时才写类别。")
    for tier in flag.tiers:
        _check_tier(f"{path}.tiers", tier, tiers)
    if flag.kind is FlagKind.TIER and not flag.tiers:
        raise SchemeError(f"{path}.tiers", "请写明是哪些档次。")
    ranged = flag.kind in (FlagKind.SCORE, FlagKind.LOWEST_RATE)
    if ranged != (flag.start is not None or flag.below is not None):
        raise SchemeError(path, "看得分、看最低等次的占比（score、lowest_rate）时，应且只应用 from、below 写明范围。")
    if flag.component and flag.component not in components:
        raise SchemeError(f"{path}.component", f"没有名为「{flag.component}」的分项（components）。")
    if flag.running < 1:
        raise SchemeError(f"{path}.running", "应为 1 以上的整数。")
