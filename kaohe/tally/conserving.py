"""Whether the numbers of a count can all be true; if not, there is no sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple

from kaohe.tally.model import Count, GradeCounts, Turnout
from kaohe.tally.refusals import ConservationError
from kaohe.tally.scheme import Scheme, VoterGroup


def completed(count: Count) -> Count:
    """Fill in what may be left out: a group nobody voted in, and the cells of such a group.

    Raises:
        ConservationError: where a cell or turnout belongs to nothing in the count; its votes would be lost in silence.
    """
    scheme = count.scheme
    keys = [
        (group.key, subject.key, dimension.key)
        for group in scheme.groups
        for subject in count.subjects
        for dimension in scheme.dimensions
    ]
    if len(set(keys)) != len(keys):
        raise ConservationError("考核对象名单中有重复的对象，请核对名单。")
    strange = set(count.cells).difference(keys)
    if strange:
        raise ConservationError(f"有票数不属于本场的票种、对象或维度：{'、'.join(min(strange))}。请核对数据。")
    unknown = sorted(set(count.turnout).difference(group.key for group in scheme.groups))
    if unknown:
        raise ConservationError(f"有收回数不属于本场的票种：{unknown[0]}。请核对数据。")
    nothing = GradeCounts((0,) * len(scheme.grades))
    return Count(
        scheme=scheme,
        subjects=count.subjects,
        cells={key: count.cells.get(key, nothing) for key in keys},
        turnout={group.key: count.turnout.get(group.key, Turnout(cast=0)) for group in scheme.groups},
    )


def check_conservation(count: Count) -> tuple[str, ...]:
    """Check every row and every turnout of a completed count; return Chinese warnings for what is only odd.

    On every row Σ grades + abstention + skipped + invalid = cast; void ballots are invalid on every row;
    cast ≤ issued ≤ printed, cast ≤ present, cast ≤ entitled, where those are known.

    Raises:
        ConservationError: at the first breach, saying which numbers disagree.
    """
    warnings: list[str] = []
    for group in count.scheme.groups:
        warnings.extend(_check_turnout(count.scheme, group, count.turnout[group.key]))
    _check_rows(count)
    return tuple(warnings)


def _check_turnout(scheme: Scheme, group: VoterGroup, turnout: Turnout) -> Iterator[str]:
    where = f"票种「{group.label}」：" if len(scheme.groups) > 1 else ""
    if any(number is not None and number < 0 for number in astuple(turnout)):
        raise ConservationError(f"{where}人数和票数不能是负数，请核对。")
    never_more = (
        ("无效票", turnout.invalid, "收回票", turnout.cast),
        ("收回票", turnout.cast, "发出票", turnout.issued),
        ("发出票", turnout.issued, "制作的票", turnout.printed),
        ("收回票", turnout.cast, "实到人数", turnout.present),
        ("收回票", turnout.cast, "应到人数", turnout.entitled),
    )
    for small_label, small, large_label, large in never_more:
        if small is not None and large is not None and small > large:
            raise ConservationError(
                f"{where}{small_label}（{small}）多于{large_label}（{large}），不能出表，请核对数字；"
                "若数字属实，本次测评应作废重测。"
            )
    if turnout.present is not None and turnout.entitled is not None and turnout.present > turnout.entitled:
        yield f"{where}实到人数（{turnout.present}）多于应到人数（{turnout.entitled}），请核对。"


def _check_rows(count: Count) -> None:
    names = {subject.key: subject.name for subject in count.subjects}
    labels = {dimension.key: dimension.label for dimension in count.scheme.dimensions}
    groups = {group.key: group.label for group in count.scheme.groups}
    for (group_key, subject_key, dimension_key), counts in count.cells.items():
        row = f"「{names[subject_key]}」在「{labels[dimension_key]}」、票种「{groups[group_key]}」上"
        turnout = count.turnout[group_key]
        if len(counts.grades) != len(count.scheme.grades):
            raise ConservationError(
                f"{row}有 {len(counts.grades)} 个等次的票数，方案有 {len(count.scheme.grades)} 个等次。"
            )
        if min(*counts.grades, counts.abstention, counts.skipped, counts.invalid) < 0:
            raise ConservationError(f"{row}有负的票数，请核对。")
        if counts.cast != turnout.cast:
            raise ConservationError(
                f"{row}各等次 {counts.valid} + 弃权 {counts.abstention} + 漏选 {counts.skipped} + 无效 {counts.invalid}"
                f" = {counts.cast}，与收回的 {turnout.cast} 票不符，不能出表，请核对。"
            )
        if counts.invalid < turnout.invalid:
            raise ConservationError(f"{row}只有 {counts.invalid} 票无效，少于整张作废的 {turnout.invalid} 票，请核对。")
