"""The ballot styles (票样) that a set-up makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.domain.ballots import BallotStyle, style_groups
from kaohe.domain.meetings import Group, MeetingSetup
from kaohe.tally.model import Subject


@dataclass(frozen=True, slots=True)
class HeldForm:
    """One form of a meeting, and who holds it."""

    groups: tuple[Group, ...]
    subjects: tuple[Subject, ...]
    """Those whom its holders may grade."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the groups of tickets that hold it."""
        return tuple(group.key for group in self.groups)

    @property
    def part_of(self) -> str:
        """The voter group that its only group is a part of; empty where its groups are whole."""
        return self.groups[0].part_of


def held_forms(setup: MeetingSetup) -> Sequence[HeldForm]:
    """The forms of a meeting in the order of their first group.

    Whole voter groups whose forms are equal share one; a part of a voter group has its own.
    """
    same = {key: keys for keys in style_groups(setup.full_scheme) for key in keys}
    found: dict[tuple[str, ...], HeldForm] = {}
    for group in setup.groups:
        if group.part_of:
            own = frozenset(group.may_grade)
            found[group.key,] = HeldForm((group,), tuple(each for each in setup.subjects if each.key in own))
        elif (keys := same[group.key]) not in found:
            holders = tuple(each for each in setup.groups if each.key in keys and not each.part_of)
            found[keys] = HeldForm(holders, setup.subjects)
    return tuple(found.values())


def meeting_styles(
    setup: MeetingSetup, round_id: str = "", number: int = 1, *, is_rehearsal: bool = False
) -> tuple[BallotStyle, ...]:
    """Every ballot style of a meeting, keyed from ``1``; without a round they serve for display only."""
    scheme = setup.full_scheme
    return tuple(
        BallotStyle(
            meeting_id=setup.id,
            key=str(position),
            round_id=round_id,
            round_number=number,
            is_rehearsal=is_rehearsal,
            title=setup.title,
            unit=setup.unit,
            scheme=scheme,
            subjects=form.subjects,
            groups=form.keys,
            part_of=form.part_of,
            is_named=any(group.is_named for group in form.groups),
        )
        for position, form in enumerate(held_forms(setup), start=1)
    )
