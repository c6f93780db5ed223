"""What the check list says of the groups of tickets: their numbers, and who grades whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from kaohe.domain.meetings import Group, HallView, MeetingSetup
from kaohe.domain.relations import half_graded, listed, relation_faults, small_forms, to_be_divided
from kaohe.storage.numbers import GroupFigures
from kaohe.tally.notes.warnings import FEWEST_GROUP_BALLOTS
from kaohe.tally.scheme.refusals import SectionError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing on the check list. ``step`` names the console page where it is corrected."""

    code: str
    message: str
    step: str
    is_blocking: bool


def about_tickets(
    setup: MeetingSetup, idle: Collection[str], figures: Mapping[str, GroupFigures], ended: str
) -> list[Finding]:
    """What is odd in the tickets of every group. ``ended`` says what has become of earlier ones, where anything has."""
    found = list(_about_parts(setup, {key: numbers.printed for key, numbers in figures.items()}))
    for group in setup.groups:
        if group.part_of:
            continue
        printed, left_over = figures[group.key].printed, figures[group.key].entered.left_over
        if group.key in idle:
            found += _about_idle_group(group, printed, draws=group.key == setup.shared_group)
        elif group.key != setup.shared_group:
            found += _about_group(group, printed, left_over, ended)
    return found


def _about_group(group: Group, printed: int, left_over: int, ended: str) -> Iterator[Finding]:
    if printed == 0:
        yield Finding("no_tickets", f"“{group.label}”还没有制票{ended}。", "tickets", is_blocking=True)
    elif printed > group.entitled + left_over:
        more = (
            f"，多于应到 {group.entitled} 人和备用 {left_over} 张" if left_over else f"，多于应到 {group.entitled} 人"
        )
        what = f"“{group.label}”已制 {printed} 张{more}：请核对应到人数，多制的填入未发出，或予作废。"
        yield Finding("many_tickets", what, "tickets", is_blocking=False)
    elif printed < group.entitled:
        what = f"“{group.label}”应到 {group.entitled} 人，只制了 {printed} 张票。"
        yield Finding("few_tickets", what, "tickets", is_blocking=False)


def about_relations(setup: MeetingSetup) -> list[Finding]:
    """Who grades whom: what is still to be drawn, whom it leaves out, and whose form is not secret."""
    found = [
        Finding("relation_missing", f"“{group.label}”只评一部分人，还没有划分评分关系。", "relations", is_blocking=True)
        for group in to_be_divided(setup)
    ]
    try:
        found += [Finding("relation_broken", each, "relations", is_blocking=True) for each in relation_faults(setup)]
        found += [Finding("half_graded", each, "relations", is_blocking=False) for each in half_graded(setup)]
    except SectionError:
        # The subjects without a section are on the list by themselves.
        return found
    small = small_forms(setup)
    if unconfirmed := [group.label for group in small if not group.is_named]:
        what = (
            f"{listed(unconfirmed)}不足 {FEWEST_GROUP_BALLOTS} 人，做不到无记名：请确认按记名测评进行，或合并评分组。"
        )
        found.append(Finding("named_unconfirmed", what, "relations", is_blocking=True))
    if small and setup.hall_view is HallView.INSTANT:
        what = "有的表不足 5 人填写，逐票更新会在大屏上显示各人的评分：请改为分批更新或只显示进度。"
        found.append(Finding("instant_small_forms", what, "hall", is_blocking=True))
    return found


def _about_parts(setup: MeetingSetup, printed: Mapping[str, int]) -> list[Finding]:
    """The tickets of the parts of divided groups, all in one sentence each: there may be a hundred of them."""
    parts = [group for group in setup.groups if group.part_of]
    none = [group.label for group in parts if not printed[group.key]]
    few = [group.label for group in parts if 0 < printed[group.key] < group.entitled]
    many = [group.label for group in parts if printed[group.key] > group.entitled]
    return [
        Finding(code, f"{listed(labels)}{what}", "tickets", is_blocking=is_blocking)
        for code, labels, what, is_blocking in (
            ("no_tickets", none, "还没有制票。", True),
            ("few_tickets", few, "制的票少于应到人数。", False),
            ("many_tickets", many, "制的票多于应到人数：多制的填入未发出，或予作废。", False),
        )
        if labels
    ]


def _about_idle_group(group: Group, printed: int, *, draws: bool) -> list[Finding]:
    """A group that fills only forms on which nobody stands votes on nothing, and must hold no ticket."""
    if not printed and not draws:
        return []
    handed_out = f"已制 {printed} 张票" if printed else "用会场码领票"
    message = (
        f"“{group.label}”所填的分表没有考核对象，却{handed_out}，扫码后无表可填：请补充考核对象，或不给该票种发票。"
    )
    return [Finding("idle_group", message, "subjects", is_blocking=True)]
