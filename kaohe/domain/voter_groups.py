"""The voter groups (票种) of a meeting: those of its scheme, and what the meeting may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from kaohe.tally.model import Subject
from kaohe.tally.scheme.refusals import SectionError
from kaohe.tally.scheme.scheme import Relation, Scheme, VoterGroup
from kaohe.tally.scores.sectioning import section_of


@dataclass(frozen=True, slots=True)
class Group:
    """A group of tickets as one meeting has it: a voter group of the scheme, or a part of one.

    A voter group is divided where its voters may not grade everybody (评分关系). All its parts have its weight and are
    counted together.
    """

    key: str
    label: str
    weight: Fraction
    entitled: int
    """应到."""
    part_of: str = ""
    """The key of the voter group that it is a part of; empty where it is one itself."""
    part_of_label: str = ""
    may_grade: tuple[str, ...] = ()
    """The keys of the subjects that a part may grade; a whole group may grade all."""
    is_named: bool = False
    """Whether the chair has confirmed that this form is not secret (记名), because too few people hold it."""

    @property
    def counted_as(self) -> str:
        """The key of the voter group that its ballots are counted in."""
        return self.part_of or self.key

    @property
    def counted_label(self) -> str:
        """The label of the voter group that its ballots are counted in."""
        return self.part_of_label or self.label


class GroupsRule(StrEnum):
    """How far a meeting may make the groups of its scheme its own. How many are entitled is always the meeting's."""

    FREE = "free"
    """No part of the scheme names a group: the meeting may have any groups."""
    WEIGHED = "weighed"
    """A dimension names the groups that fill it: the meeting may change labels and weights."""
    NAMED = "named"
    """The sections weigh the groups, each in its own way: the meeting may change labels."""


def groups_rule(scheme: Scheme) -> GroupsRule:
    """How far a meeting may change the voter groups of ``scheme``."""
    if any(section.scheme.groups != scheme.groups for section in scheme.sections):
        return GroupsRule.NAMED
    if any(dimension.groups for section in scheme.sections for dimension in section.scheme.dimensions):
        return GroupsRule.WEIGHED
    return GroupsRule.FREE


def with_groups(scheme: Scheme, groups: Sequence[Group]) -> Scheme:
    """The scheme as a meeting with ``groups`` tallies it; where the sections weigh the groups, they keep doing so."""
    if groups_rule(scheme) is not GroupsRule.NAMED:
        relations = {group.key: group.relation for group in scheme.groups}
        counted = {group.counted_as: group for group in groups}
        voter_groups = tuple(
            VoterGroup(key, group.counted_label, group.weight, relations.get(key, Relation.ALL))
            for key, group in counted.items()
        )
        return replace(
            scheme,
            groups=voter_groups,
            declared_sections=tuple(
                replace(part, scheme=replace(part.scheme, groups=voter_groups)) for part in scheme.declared_sections
            ),
        )
    labels = {group.counted_as: group.counted_label for group in groups}

    def labelled(theirs: tuple[VoterGroup, ...]) -> tuple[VoterGroup, ...]:
        return tuple(replace(group, label=labels.get(group.key, group.label)) for group in theirs)

    return replace(
        scheme,
        groups=labelled(scheme.groups),
        declared_sections=tuple(
            replace(part, scheme=replace(part.scheme, groups=labelled(part.scheme.groups)))
            for part in scheme.declared_sections
        ),
    )


def groups_to_begin_with(scheme: Scheme, earlier: Sequence[Group] = ()) -> tuple[Group, ...]:
    """The scheme's own groups; how many are entitled is taken from the ``earlier`` group of the same key."""
    entitled = {group.key: group.entitled for group in earlier}
    return tuple(Group(group.key, group.label, group.weight, entitled.get(group.key, 0)) for group in scheme.groups)


def grading_only(groups: Sequence[Group], subject_keys: Sequence[str]) -> tuple[Group, ...]:
    """The groups of a meeting whose subjects have come to be others: nobody may grade anybody who is none of them."""
    return tuple(
        replace(group, may_grade=tuple(key for key in subject_keys if key in group.may_grade)) for group in groups
    )


def groups_under(scheme: Scheme, before: Scheme, groups: Sequence[Group]) -> tuple[Group, ...]:
    """What becomes of a meeting's ``groups`` when ``scheme`` takes the place of ``before``.

    They stay where the new scheme brings the same groups under the same rule, and begin anew otherwise.
    """
    if scheme.groups == before.groups and groups_rule(scheme) is groups_rule(before):
        return tuple(groups)
    return groups_to_begin_with(scheme, groups)


def idle_groups(scheme: Scheme, subjects: Sequence[Subject]) -> frozenset[str]:
    """The keys of the groups that no form asks: they fill sections in which nobody stands.

    Empty where there is no subject at all, or where a subject's section is still to be named.
    """
    if not scheme.declared_sections or not subjects:
        return frozenset()
    try:
        filled = {section_of(scheme, subject).key for subject in subjects}
    except SectionError:
        return frozenset()
    asked = {group.key for part in scheme.declared_sections if part.key in filled for group in part.scheme.groups}
    return frozenset(group.key for group in scheme.groups if group.key not in asked)
