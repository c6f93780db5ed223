"""A scheme with the voter groups of one meeting in it: renamed, weighed anew, or some of them left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from kaohe.tally.scheme import EVERYONE, Scheme, Section, VoterGroup


def scheme_with_groups(scheme: Scheme, groups: Sequence[VoterGroup]) -> Scheme:
    """The scheme as the groups of a meeting fill it.

    A section that weighs its voters itself keeps its weights; where the meeting lacks some of them, the others share
    their weight in proportion, and where it lacks all of them the section is not held. A section that takes over the
    groups of the whole takes over the meeting's.
    """
    if not scheme.parts:
        return replace(scheme, groups=tuple(groups))
    return replace(scheme, groups=tuple(groups), parts=tuple(_sections(scheme, groups)))


def names_groups(scheme: Scheme) -> bool:
    """Whether the scheme says by itself who votes, so that a meeting begins with its groups."""
    return scheme.groups != (EVERYONE,)


def missing_groups(scheme: Scheme, groups: Sequence[VoterGroup]) -> tuple[tuple[str, str], ...]:
    """(what is to be filled, by whom) where a dimension names a group that the meeting does not have."""
    held = {group.key for group in groups}
    found: dict[tuple[str, str], None] = {}
    for section in scheme.sections:
        labels = {group.key: group.label for group in section.scheme.groups}
        for dimension in section.scheme.dimensions:
            for key in dimension.groups:
                if key not in held:
                    found[dimension.label, labels.get(key, key)] = None
    return tuple(found)


def _sections(scheme: Scheme, groups: Sequence[VoterGroup]) -> Iterator[Section]:
    held = {group.key: group for group in groups}
    for section in scheme.parts:
        own = section.scheme.groups
        if own == scheme.groups:
            yield replace(section, scheme=replace(section.scheme, groups=tuple(groups)))
            continue
        left = [replace(group, label=held[group.key].label) for group in own if group.key in held]
        whole = sum((group.weight for group in left), start=Fraction(0))
        if left:
            shared = tuple(replace(group, weight=group.weight / whole) for group in left)
            yield replace(section, scheme=replace(section.scheme, groups=shared))
