"""The voter groups that a meeting file lists, and what they come to beside the groups that the scheme brings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from kaohe.domain.limits import GROUPS_AT_MOST, LABEL_LENGTH, PEOPLE_AT_MOST
from kaohe.domain.meeting_file_tables import FileTable
from kaohe.domain.relations import ByUnit
from kaohe.domain.voter_groups import Group, GroupsRule, groups_rule, groups_to_begin_with
from kaohe.domain.voting_mode import takes_ballots
from kaohe.tally.scheme.scheme import EVERYONE, Scheme, VoterGroup

_HOW_MANY = f"票种应为 1 到 {GROUPS_AT_MOST} 个，每个写成 [[groups]]"
_GROUP_KEYS = ("key", "label", "weight", "entitled", "tickets", "spares", "relation", "relation_file")


@dataclass(frozen=True, slots=True)
class Division:
    """How the voters of a group are divided by whom they may grade (评分关系)."""

    by_unit: ByUnit | None
    """None where a list names who grades whom."""
    list_file: str
    """The list, its path as the file has it; empty where the group is divided by units."""
    entitled: int | None
    """How many are in each part; None for as many as its unit has people on the list of subjects."""


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """One ``[[groups]]`` of the file, with its place in it."""

    key: str
    label: str
    """One of the two at least is there."""
    weight: Fraction | None
    entitled: int
    """0 where the group is divided: its parts say it."""
    tickets: int | None
    """None for as many as are entitled in each part of a divided group; a number is that of each part."""
    spares: int
    division: Division | None
    table: FileTable

    def names(self, group: VoterGroup) -> bool:
        """Whether this group of the scheme is meant."""
        return self.key == group.key if self.key else self.label == group.label


@dataclass(frozen=True, slots=True)
class GroupOrder:
    """A voter group, how it is divided, and how many tickets are to be made for it, or for each part of it."""

    group: Group
    tickets: int | None
    """None for as many as are entitled."""
    spares: int
    division: Division | None = None

    def tickets_for(self, part: Group) -> int:
        """How many tickets are to be made for a part of the group, or for the group where it is whole."""
        return part.entitled if self.tickets is None else self.tickets


def read_groups(table: FileTable, shared_label: str | None) -> tuple[GroupEntry, ...]:
    """Read ``[[groups]]`` as far as that needs no scheme.

    Raises:
        MeetingFileInvalid: at the first fault.
    """
    entries = table.entries("groups", lambda entry: _read_entry(entry, shared_label)) if table.has("groups") else ()
    if len(entries) > GROUPS_AT_MOST:
        table.refuse("groups", f"{_HOW_MANY}。")
    for names in ([entry.label for entry in entries if entry.label], [entry.key for entry in entries if entry.key]):
        if len(set(names)) < len(names):
            table.refuse("groups", "票种名称不能重复。")
    if sum((entry.tickets or 0) + entry.spares for entry in entries) > PEOPLE_AT_MOST:
        table.refuse("groups", f"一场会议最多制作 {PEOPLE_AT_MOST} 张票。")
    labels = [entry.label for entry in entries if entry.label]
    if shared_label is not None and shared_label not in labels:
        known = f"，应为 {'、'.join(labels)} 之一" if labels else ""
        table.refuse("shared_group", f"没有名为“{shared_label}”的票种{known}。")
    return entries


def orders_of(entries: Sequence[GroupEntry], scheme: Scheme) -> tuple[GroupOrder, ...]:
    """Bring the file's groups together with those of the scheme; without a vote there need be none in the file.

    Raises:
        MeetingFileInvalid: they are not those that the scheme names, or their weights do not sum to 100.
    """
    if not entries:
        if takes_ballots(scheme):
            FileTable({}, "").refuse("groups", f"{_HOW_MANY}；只有不投票的方案可以不写。")
        return tuple(GroupOrder(group, 0, 0) for group in groups_to_begin_with(scheme))
    rule = groups_rule(scheme)
    orders = _own_orders(entries, scheme) if rule is GroupsRule.FREE else _named_orders(entries, scheme, rule)
    keys = {order.group.key for order in orders}
    labels = {order.group.label for order in orders}
    first = entries[0].table
    if len(keys) < len(orders) or len(labels) < len(orders):
        first.refuse("label", "票种名称不能重复。")
    if rule is not GroupsRule.NAMED and sum((order.group.weight for order in orders), Fraction(0)) != 1:
        first.refuse("weight", "各票种权重（weight）之和应为 100。")
    return tuple(orders)


def _read_entry(table: FileTable, shared_label: str | None) -> GroupEntry:
    table.check_keys((), _GROUP_KEYS)
    key = table.line("key", 40)
    label = table.line("label", LABEL_LENGTH, is_needed=not key)
    division = _division(table)
    entitled = 0 if division else table.count("entitled", None)
    # A group that draws its tickets by the shared code needs no slips unless the file says so.
    tickets = 0 if label and label == shared_label else entitled
    return GroupEntry(
        key=key,
        label=label,
        weight=table.per_cent("weight"),
        entitled=entitled,
        tickets=None if division and not table.has("tickets") else table.count("tickets", tickets),
        spares=table.count("spares", 0),
        division=division,
        table=table,
    )


def _division(table: FileTable) -> Division | None:
    if table.has("relation") and table.has("relation_file"):
        table.refuse("relation_file", "评分关系按单位（relation）划分，或按名单（relation_file）划分，请二者选一。")
    by_unit = table.choice("relation", ByUnit) if table.has("relation") else None
    list_file = table.file_path("relation_file", is_needed=True) if table.has("relation_file") else ""
    if by_unit is None and not list_file:
        return None
    entitled = table.count("entitled", None) if table.has("entitled") or list_file else None
    if entitled == 0:
        table.refuse("entitled", "划分评分关系的票种，这里写每组人数，至少 1 人。")
    return Division(by_unit, list_file, entitled)


def _own_orders(entries: Sequence[GroupEntry], scheme: Scheme) -> list[GroupOrder]:
    """The file's groups alone; those that the scheme brings under the same name keep their keys and weights."""
    known = [next((group for group in scheme.groups if entry.names(group)), None) for entry in entries]
    free = _free_keys({group.key for group in scheme.groups})
    orders = []
    for entry, group in zip(entries, known, strict=True):
        if entry.key and group is None:
            entry.table.refuse("key", f"方案没有这个票种，可用的有 {'、'.join(group.key for group in scheme.groups)}。")
        if len(entries) == 1:
            meeting_group = Group(
                group.key if group else EVERYONE.key, entry.label, entry.weight or Fraction(1), entry.entitled
            )
        else:
            weight = entry.weight if entry.weight is not None or group is None else group.weight
            if weight is None:
                entry.table.refuse("weight", "有几个票种时，请写明各自的权重（百分数），合计 100。")
            meeting_group = Group(group.key if group else next(free), entry.label, weight, entry.entitled)
        if not meeting_group.label and group is not None:
            meeting_group = replace(meeting_group, label=group.label)
        orders.append(GroupOrder(meeting_group, entry.tickets, entry.spares, entry.division))
    return orders


def _free_keys(taken: set[str]) -> Iterator[str]:
    return (key for key in (f"g{number}" for number in range(1, 100)) if key not in taken)


def _named_orders(entries: Sequence[GroupEntry], scheme: Scheme, rule: GroupsRule) -> list[GroupOrder]:
    """The scheme's groups; one that the file does not list has nobody entitled."""
    for entry in entries:
        if not any(entry.names(group) for group in scheme.groups):
            listed = "、".join(f"{group.label}（{group.key}）" for group in scheme.groups)
            entry.table.refuse("key" if entry.key else "label", f"本方案规定的票种是 {listed}，请选用其中之一。")
        if rule is GroupsRule.NAMED and entry.weight is not None:
            entry.table.refuse("weight", "本方案由各分表规定票种的权重，这里请不要写。")
    orders = []
    for group in scheme.groups:
        found = next((entry for entry in entries if entry.names(group)), None)
        if found is None:
            orders.append(GroupOrder(Group(group.key, group.label, group.weight, 0), 0, 0))
            continue
        meeting_group = Group(group.key, found.label or group.label, found.weight or group.weight, found.entitled)
        orders.append(GroupOrder(meeting_group, found.tickets, found.spares, found.division))
    return orders
