"""Warnings that a sheet carries: too few were present, or a weighted group or a whole item has nothing to count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from kaohe.tally.model import Count, Turnout
from kaohe.tally.rounding import percent_text
from kaohe.tally.scheme.scheme import EmptyGroupRule, Quorum, Scheme, VoterGroup
from kaohe.tally.scores.weighting import ItemScore, SubjectScore

FEWEST_GROUP_BALLOTS: Final = 5
"""With fewer ballots in a group than these, nothing is said that tells what the group chose."""
SMALLEST_BATCH: Final = 10
"""k: two pictures that a hall sees one after the other differ by at least so many ballots."""


QUORUM_LABELS = {
    Quorum.HALF: "超过应到人数的二分之一",
    Quorum.TWO_THIRDS: "达到应到人数的三分之二",
    Quorum.FOUR_FIFTHS: "达到应到人数的五分之四",
}


def quorum_warning(quorum: Quorum | None, present: int | None, entitled: int | None) -> str:
    """Say that too few are present; '' where there are enough, where a number is not known, or nothing is asked."""
    if quorum is None or present is None or entitled is None or present >= quorum.fewest(entitled):
        return ""
    return (
        f"到会人数不足：应到 {entitled} 人，实到 {present} 人；须{QUORUM_LABELS[quorum]}，"
        f"至少 {quorum.fewest(entitled)} 人，会议方为有效。"
    )


def quorum_warnings(count: Count) -> Iterator[str]:
    """Say that too few were present at a meeting; nothing where the numbers of one group are not known."""
    turnouts = [count.turnout[group.key] for group in count.scheme.groups]
    present = [turnout.present for turnout in turnouts if turnout.present is not None]
    entitled = [turnout.entitled for turnout in turnouts if turnout.entitled is not None]
    if len(present) == len(entitled) == len(turnouts):
        warning = quorum_warning(count.scheme.quorum, sum(present), sum(entitled))
        yield from [warning] if warning else []


def empty_warnings(scheme: Scheme, scored: Sequence[SubjectScore], turnout: Mapping[str, Turnout]) -> Iterator[str]:
    """Name every group and every item without a vote that counts, each once and as widely as it is true.

    Of a group with fewer than ``FEWEST_GROUP_BALLOTS`` ballots no subject is named: that a group of two gave somebody
    no grade at all says what both of them did.
    """
    if not scheme.has_votes:
        return
    if all(item.score is None for subject in scored for item in subject.items):
        yield "还没有可以计分的票，因此没有得分。"
        return
    for group in scheme.groups:
        is_small = turnout[group.key].cast < FEWEST_GROUP_BALLOTS
        yield from _group_warnings(scheme, group, scored, is_small=is_small)
    for subject in scored:
        empty = "、".join(item.dimension.label for item in subject.items if item.score is None)
        if empty:
            yield f"「{subject.subject.full_name}」的「{empty}」没有可以计分的票，因此没有得分。"


def _group_warnings(
    scheme: Scheme, group: VoterGroup, scored: Sequence[SubjectScore], *, is_small: bool
) -> Iterator[str]:
    weight = percent_text(group.weight)
    if scheme.empty_group is EmptyGroupRule.RENORMALISE:
        consequence = f"其权重 {weight} 已按比例分给其余票种"
    else:
        consequence = f"其权重 {weight} 按 0 分计入"
    if all(not _is_filled(item, group) for subject in scored for item in subject.items):
        yield f"票种「{group.label}」没有可以计分的票，{consequence}。"
        return
    for subject in scored:
        empty = "、".join(
            item.dimension.label
            for item in subject.items
            if item.cell_of(group) is not None and not _is_filled(item, group) and item.score is not None
        )
        if empty and is_small:
            yield f"票种「{group.label}」不足 {FEWEST_GROUP_BALLOTS} 票，且有对象没有可以计分的票，{consequence}。"
            return
        if empty:
            name = subject.subject.full_name
            yield f"票种「{group.label}」对「{name}」的「{empty}」没有可以计分的票，{consequence}。"


def _is_filled(item: ItemScore, group: VoterGroup) -> bool:
    cell = item.cell_of(group)
    return cell is not None and cell.score is not None


def fewest_warning(top: str, among: str, people: int, reached: int, seats: int | None, fewest: Fraction) -> str:
    """Say that fewer of ``people`` have the top tier than should, or that the ``seats`` of a share are fewer already.

    In a small office no whole number lies between the two shares, and nobody could have done better. ``seats`` is None
    where the quota is a number, which the unit has chosen itself.
    """
    if seats is not None and seats < people * fewest:
        kept = f"按比例取整，{top}名额 {seats} 个，达不到 {percent_text(fewest)}"
        return f"{among}参加定档 {people} 个，{kept}：人数少，名额请按本单位的规定改为人数。"
    return f"{among}的{top}有 {reached} 个，不到参加定档 {people} 个的 {percent_text(fewest)}。"
