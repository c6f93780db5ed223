"""What people rule about the tiers that the rules recommend (审定), step by step and within the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from kaohe.tally.awards.candidates import Award, Tiered
from kaohe.tally.awards.quota_filling import Pool, pools_of
from kaohe.tally.model import Count, RuledTier, Ruling
from kaohe.tally.scheme.refusals import DecisionError
from kaohe.tally.scheme.scheme import Scheme


def check_rulings(count: Count) -> None:
    """Accept rulings that name a step, a subject and a tier of the count, each step and subject once, with a reason.

    Raises:
        DecisionError: at the first one that does not.
    """
    names = {subject.key: subject.full_name for subject in count.subjects}
    tiers = {"", *(band.key for band in count.scheme.bands)}
    seen: set[tuple[str, str]] = set()
    for ruling in count.rulings:
        if not count.scheme.bands:
            raise DecisionError("本方案不定等次，没有可以审定的。")
        if ruling.subject and ruling.subject not in names:
            raise DecisionError(f"审定的名单里没有考核对象「{ruling.subject}」。")
        if ruling.subject and (ruling.step not in count.scheme.ruling_steps or ruling.tier not in tiers):
            raise DecisionError(f"对「{names[ruling.subject]}」的{ruling.step}不合本方案的步骤或等次，请改正。")
        if ruling.subject and not ruling.reason.strip():
            raise DecisionError(f"对「{names[ruling.subject]}」的{ruling.step}没有写明理由，请补上。")
        if (ruling.step, ruling.subject) in seen:
            raise DecisionError(f"{ruling.step}对同一考核对象作了两次，只能留一个。")
        seen.add((ruling.step, ruling.subject))


def apply_rulings(count: Count, everybody: Sequence[Tiered], seats: Mapping[Pool, int]) -> None:
    """Let every award be what people ruled last; ``seats`` are the places of each pool of the quotas.

    Raises:
        DecisionError: a ruling gives a tier that the rules forbid, or more top tiers than there are places.
    """
    by_step = {(ruling.step, ruling.subject): ruling for ruling in count.rulings}
    for tiered in everybody:
        award = tiered.award
        award.recommended_index = award.tier_index
        for step in count.scheme.ruling_steps:
            own, others = by_step.get((step, tiered.subject.key)), by_step.get((step, ""))
            if own is not None:
                award.tier_index = _ruled_index(count.scheme, tiered, own)
            elif others is None:
                continue
            award.rulings.append(_ruled(count.scheme, award, own or others or Ruling(step, "", "")))
        if award.rulings:
            award.steps.append(_step_text(award))
    if count.rulings:
        _require_places(count.scheme, everybody, seats)


def _ruled_index(scheme: Scheme, tiered: Tiered, ruling: Ruling) -> int | None:
    if not ruling.tier:
        return None
    tier_index = [band.key for band in scheme.bands].index(ruling.tier)
    label, name = scheme.bands[tier_index].label, tiered.subject.name
    if tiered.award.is_exempt:
        raise DecisionError(f"「{name}」已认定不确定档次，不能{ruling.step}为{label}；如应补定，请先撤销那条认定。")
    if tier_index < tiered.award.ceiling:
        best = scheme.bands[tiered.award.ceiling].label
        raise DecisionError(f"按方案的条款和规则，「{name}」最高为{best}，不能{ruling.step}为{label}。")
    return tier_index


def _ruled(scheme: Scheme, award: Award, ruling: Ruling) -> RuledTier:
    band = None if award.tier_index is None else scheme.bands[award.tier_index]
    said = (ruling.reason, ruling.decided_on, ruling.minute)
    return RuledTier(
        ruling.step,
        band.key if band else None,
        band.label if band else "",
        bool(ruling.subject),
        "；".join(part for part in said if part),
    )


def _step_text(award: Award) -> str:
    said = (
        f"{ruled.step}：{ruled.tier_label or '不定等次'}{f'（{ruled.text}）' if ruled.text else ''}"
        for ruled in award.rulings
    )
    return "；".join(said)


def _require_places(scheme: Scheme, everybody: Sequence[Tiered], seats: Mapping[Pool, int]) -> None:
    top = scheme.bands[0].label
    taken = Counter(
        pool for tiered in everybody if tiered.award.tier_index == 0 for pool in pools_of(scheme, tiered.subject)
    )
    for pool, number in sorted(taken.items()):
        places = seats.get(pool, 0)
        if number > places:
            among = f"「{pool[1]}」的" if pool[1] else ""
            raise DecisionError(f"{among}{top}名额 {places} 个，审定后有 {number} 个，请先改定其他人。")
