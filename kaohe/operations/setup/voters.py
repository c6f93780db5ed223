"""Who votes: the voter groups (票种), and how many of each are entitled (应到)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import GROUPS_AT_MOST, LABEL_LENGTH, PEOPLE_AT_MOST
from kaohe.domain.lines import read_line
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.voter_groups import Group, GroupsRule, groups_rule
from kaohe.operations.setup.steps import changing
from kaohe.storage.database import Transaction
from kaohe.storage.meetings import store_setup
from kaohe.storage.numbers import figures_of_round
from kaohe.storage.rounds import current_round
from kaohe.tally.scheme.scheme import Scheme


def change_groups(actor: str, meeting_id: str, version: int, groups: Sequence[Group]) -> None:
    """Replace the voter groups; a group that already has tickets must keep its key.

    Where the scheme names its groups, they are the scheme's, in its order: only their labels and how many are
    entitled are taken from ``groups``, and their weights only where no section weighs them. A group that is divided
    (评分关系) stays so, whether it is named as a whole or by its parts; only parts say how many are entitled.

    Raises:
        FieldInvalid: no group, a label that is empty, long or repeated, 应到 out of bounds, weights that are not
            100 % together, a group with tickets left out, or other groups than those that the scheme names.
        EditedMeanwhile, WrongState.
    """
    with changing(actor, meeting_id, version, "changed_groups", count=str(len(groups))) as (session, setup):
        read = tuple(replace(group, label=_read_label(group, setup.scheme)) for group in _whole_groups(groups))
        wanted = _as_the_scheme_says(setup.scheme, read)
        _require_sound_groups(wanted, groups_rule(setup.scheme))
        divided = tuple(_divided_as_before(setup, wanted, groups))
        require_ticketed_groups(session, setup, divided)
        store_setup(session, keep_shared_group(replace(setup, groups=divided)))


def require_ticketed_groups(session: Transaction, setup: MeetingSetup, groups: Sequence[Group]) -> None:
    """Refuse ``groups`` unless every group of the meeting that has tickets is among them.

    Raises:
        FieldInvalid: one is not.
    """
    keys = {group.key for group in groups}
    for key, numbers in figures_of_round(session, current_round(session, setup.id).id).items():
        if key not in keys and numbers.printed:
            label = next((g.label for g in setup.groups if g.key == key), key)
            raise FieldInvalid(f"“{label}”已经制票，不能删除。请先作废这些票，或保留该票种。")


def keep_shared_group(setup: MeetingSetup) -> MeetingSetup:
    """The set-up with the shared code only where its group is still there."""
    keys = {group.key for group in setup.groups}
    return setup if setup.shared_group in keys else replace(setup, shared_group=None)


def _whole_groups(groups: Sequence[Group]) -> Sequence[Group]:
    """The voter groups that ``groups`` are, or are parts of."""
    divided = [group for group in groups if group.part_of]
    whole = {part.part_of: Group(part.part_of, part.part_of_label, part.weight, 0) for part in divided}
    plain = {group.key: group for group in groups if not group.part_of}
    order = dict.fromkeys(group.counted_as for group in groups)
    # Two groups of one key are refused later, so none of them may be lost here.
    return groups if not whole else [whole.get(key) or plain[key] for key in order]


def _divided_as_before(setup: MeetingSetup, wanted: Sequence[Group], typed: Sequence[Group]) -> Iterator[Group]:
    entitled = {group.key: group.entitled for group in typed if group.part_of}
    for group in wanted:
        parts = [part for part in setup.groups if part.part_of == group.key]
        if not parts:
            yield group
        for part in parts:
            number = entitled.get(part.key, part.entitled)
            if not 0 < number <= PEOPLE_AT_MOST:
                raise FieldInvalid(f"“{part.label}”的应到人数应为 1 到 {PEOPLE_AT_MOST}。")
            yield replace(
                part,
                label=group.label + part.label.removeprefix(part.part_of_label),
                part_of_label=group.label,
                weight=group.weight,
                entitled=number,
                is_named=part.is_named and number == part.entitled,
            )


def _read_label(group: Group, scheme: Scheme) -> str:
    longest = max(
        [LABEL_LENGTH, *(len(voter_group.label) for voter_group in scheme.groups if voter_group.key == group.key)]
    )
    return read_line(group.label, "票种名称", longest, is_needed=True)


def _as_the_scheme_says(scheme: Scheme, groups: tuple[Group, ...]) -> tuple[Group, ...]:
    rule = groups_rule(scheme)
    if rule is GroupsRule.FREE:
        return groups
    typed = {group.key: group for group in groups}
    if set(typed) != {group.key for group in scheme.groups} or len(typed) < len(groups):
        labels = "、".join(group.label for group in scheme.groups)
        raise FieldInvalid(f"本场的票种由考核方案规定（{labels}），不能增加或删除；如需增减，请先修改方案。")
    if rule is GroupsRule.WEIGHED:
        return tuple(typed[group.key] for group in scheme.groups)
    return tuple(replace(typed[group.key], weight=group.weight) for group in scheme.groups)


def _require_sound_groups(groups: Sequence[Group], rule: GroupsRule) -> None:
    if rule is GroupsRule.FREE and not 1 <= len(groups) <= GROUPS_AT_MOST:
        raise FieldInvalid(f"票种应为 1 到 {GROUPS_AT_MOST} 个。")
    if len({group.label for group in groups}) < len(groups) or len({group.key for group in groups}) < len(groups):
        raise FieldInvalid("票种名称不能重复，请改名后再保存。")
    for group in groups:
        if not 0 <= group.entitled <= PEOPLE_AT_MOST:
            raise FieldInvalid(f"“{group.label}”的应到人数应为 0 到 {PEOPLE_AT_MOST}。")
        if not 0 < group.weight <= 1:
            raise FieldInvalid(f"“{group.label}”的权重应大于 0、不超过 100%。")
    if rule is not GroupsRule.NAMED and sum((group.weight for group in groups), Fraction(0)) != 1:
        raise FieldInvalid("各票种权重之和应为 100%，请调整后再保存。")
