"""The quota for the top tier (优秀比例限制): who gets a seat, and what becomes of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kaohe.tally.awards.candidates import Tiered
from kaohe.tally.awards.seats import Contender, Filled, fill_seats, seats_for_share
from kaohe.tally.model import EdgeTied, Flag, Subject
from kaohe.tally.notes.warnings import fewest_warning
from kaohe.tally.rounding import percent_text, round_text
from kaohe.tally.scheme.refusals import DecisionError
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import EdgeTie, Quota, QuotaScope

QUOTA_TIE = Flag("quota_tie", "名额边缘并列")
QUOTA_FULL = Flag("quota_full", "超出名额")

Pool = tuple[int, str]
"""The index of a quota in the order in which they are filled, and the unit or class that its seats are for."""

_WIDTH: Mapping[QuotaScope, int] = {QuotaScope.UNIT: 0, QuotaScope.CLASS: 1, QuotaScope.ALL: 2}


@dataclass(frozen=True, slots=True)
class Quotas:
    """What the quotas came to."""

    seats: Mapping[Pool, int]
    """The places of each pool."""
    warnings: tuple[str, ...]
    findings: tuple[str, ...]
    edge_ties: tuple[EdgeTied, ...]


def apply_quotas(scheme: Scheme, tiered: Sequence[Tiered], settled: Collection[str]) -> Quotas:
    """Take the top tier from those for whom there is no seat.

    What people gave outright takes its seats first. Equals of whom only some would fit all stay out; for whoever is
    ``settled`` by a ruling, this is no question any more.

    Raises:
        DecisionError: where more subjects have the top tier outright than there are seats.
    """
    quotas = _in_order(scheme)
    seats: dict[Pool, int] = {}
    findings: list[str] = []
    for number, quota in enumerate(quotas):
        people = Counter(_pool_name(quota, candidate.subject) for candidate in tiered)
        for name, size in sorted(people.items()):
            seats[number, name] = _seats(quota, size)
            findings.append(_seats_finding(quota, name, size, seats[number, name], scheme.bands[0].label))
    standing = [candidate for candidate in tiered if candidate.award.tier_index == 0]
    filled = _fill(scheme, dict(seats), standing)
    for candidate in standing:
        if candidate.subject.key in filled.admitted and quotas:
            candidate.award.steps.append(f"{scheme.bands[0].label}名额：按得分从高到低，在名额之内")
    warnings = tuple(
        warning
        for candidate in standing
        if not candidate.award.is_outright and candidate.subject.key not in filled.admitted
        for warning in _leave_out(
            scheme,
            candidate,
            _quota_tied_at(quotas, filled, candidate.subject),
            is_settled=candidate.subject.key in settled,
        )
    )
    return Quotas(seats, warnings, tuple(findings), tuple(_edge_ties(filled, standing)))


def pools_of(scheme: Scheme, subject: Subject) -> Iterator[Pool]:
    """The pool of each quota that a subject takes a seat from, in the order in which they are filled."""
    for number, quota in enumerate(_in_order(scheme)):
        yield number, _pool_name(quota, subject)


def _in_order(scheme: Scheme) -> Sequence[Quota]:
    limiting = (quota for quota in scheme.quotas if not quota.watched)
    return sorted(limiting, key=lambda quota: _WIDTH[quota.scope])


def _edge_ties(filled: Filled[Pool], standing: Sequence[Tiered]) -> Iterator[EdgeTied]:
    tied = [candidate.subject.key for candidate in standing if candidate.subject.key in filled.tied_out]
    for pool in dict.fromkeys(filled.tied_out[key] for key in tied):
        yield EdgeTied(pool[1], filled.open_seats[pool], tuple(key for key in tied if filled.tied_out[key] == pool))


def _quota_tied_at(quotas: Sequence[Quota], filled: Filled[Pool], subject: Subject) -> Quota | None:
    """The quota at whose edge a subject stands among equals; None where its seats were simply taken."""
    pool = filled.tied_out.get(subject.key)
    return None if pool is None else quotas[pool[0]]


def _fill(scheme: Scheme, pools: dict[Pool, int], standing: Sequence[Tiered]) -> Filled[Pool]:
    contenders = []
    for candidate in standing:
        candidate_pools = tuple(pools_of(scheme, candidate.subject))
        if not candidate.award.is_outright:
            contenders.append(
                Contender(candidate.subject.key, candidate.candidate.key or (Fraction(0), ()), candidate_pools)
            )
            continue
        for pool in candidate_pools:
            pools[pool] -= 1
            if pools[pool] < 0:
                top = scheme.bands[0].label
                raise DecisionError(f"直接定为{top}的人数超过了名额（「{candidate.subject.full_name}」），请减少。")
    return fill_seats(contenders, pools)


def _leave_out(scheme: Scheme, tiered: Tiered, tied_at: Quota | None, *, is_settled: bool) -> Iterable[str]:
    top, award, is_tied = scheme.bands[0].label, tiered.award, tied_at is not None
    if not (is_tied and is_settled):
        award.flags.append(QUOTA_TIE if is_tied else QUOTA_FULL)
    if is_tied and not is_settled:
        yield f"「{tiered.subject.full_name}」在{top}名额的边缘与他人并列，名额不够，请研究确定。"
    if tied_at is not None and tied_at.tie is EdgeTie.UNDECIDED:
        award.tier_index = None
        award.steps.append(f"{top}名额：与他人并列，名额不够，档次待定")
        return
    award.tier_index = 1
    why = "与他人并列，名额不够" if is_tied else "名额已满"
    award.steps.append(f"{top}名额：{why}，改为{scheme.bands[1].label}")


def _pool_name(quota: Quota, subject: Subject) -> str:
    if quota.scope is QuotaScope.ALL:
        return ""
    return subject.unit if quota.scope is QuotaScope.UNIT else subject.class_label


def _seats(quota: Quota, people: int) -> int:
    if quota.share is None:
        return quota.count or 0
    return seats_for_share(people, quota.share, quota.rounding)


def _seats_finding(quota: Quota, name: str, people: int, seats: int, top: str) -> str:
    among = f"「{name or '未注明'}」" if quota.scope is not QuotaScope.ALL else "全体"
    if quota.share is None:
        return f"{top}名额：{among}参加定档 {people} 个，名额 {seats} 个。"
    return f"{top}名额：{among}参加定档 {people} 个 × {percent_text(quota.share)}，名额 {seats} 个。"


def watched_findings(scheme: Scheme, tiered: Sequence[Tiered]) -> Iterator[str]:
    """Say of each pool that is only watched how many have the top tier, by what people ruled last."""
    top = scheme.bands[0].label
    for quota in (quota for quota in scheme.quotas if quota.watched and quota.share is not None):
        for name in sorted({_pool_name(quota, candidate.subject) for candidate in tiered}):
            inside = [each.award for each in tiered if _pool_name(quota, each.subject) == name]
            reached = sum(award.tier_index == 0 for award in inside)
            share = round_text(Fraction(100 * reached, len(inside)), scheme.decimals)
            among = f"「{name or '未注明'}」" if quota.scope is not QuotaScope.ALL else "全体"
            known = percent_text(quota.share or Fraction(0))
            yield f"{top}分布：{among}参加定档 {len(inside)} 个，{top} {reached} 个，占 {share}%（参考 {known}）。"


def fewest_warnings(scheme: Scheme, tiered: Sequence[Tiered]) -> Iterator[str]:
    """Warn where fewer have the top tier than a quota says there should be."""
    for quota in _in_order(scheme):
        yield from _too_few(scheme, quota, tiered)


def _too_few(scheme: Scheme, quota: Quota, tiered: Sequence[Tiered]) -> Iterator[str]:
    if quota.fewest_share is None:
        return
    for name in sorted({_pool_name(quota, candidate.subject) for candidate in tiered}):
        inside = [candidate.award for candidate in tiered if _pool_name(quota, candidate.subject) == name]
        reached = sum(award.tier_index == 0 for award in inside)
        if reached < len(inside) * quota.fewest_share:
            among = f"「{name or '未注明'}」" if quota.scope is not QuotaScope.ALL else "全体"
            seats = None if quota.share is None else _seats(quota, len(inside))
            yield fewest_warning(scheme.bands[0].label, among, len(inside), reached, seats, quota.fewest_share)
