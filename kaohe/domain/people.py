"""The register of people (人员): one identity across meetings, with name, unit and post as they were at each time.

A namesake is never taken for somebody: where what a list says does not fit exactly one person, it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from kaohe.domain.errors import FieldInvalid, PeopleNotOne
from kaohe.domain.limits import CELL_LENGTH, POST_LENGTH
from kaohe.domain.units import Reach

NEW: Final = "new"
"""The answer that an entry of a list is nobody of the register."""


class Employment(StrEnum):
    """How somebody stands to the unit."""

    IN_OFFICE = "in_office"
    PROBATION = "probation"
    SECONDED = "seconded"
    LEFT = "left"


EMPLOYMENT_LABELS: Final[Mapping[Employment, str]] = {
    Employment.IN_OFFICE: "在职",
    Employment.PROBATION: "试用期",
    Employment.SECONDED: "借调",
    Employment.LEFT: "离任",
}


@dataclass(frozen=True, slots=True)
class Spell:
    """Name, unit, post and standing from a day on, until the next spell begins."""

    name: str
    unit: str = ""
    post: str = ""
    standing: Employment = Employment.IN_OFFICE
    since: date | None = None
    """None: as far back as is known."""

    @property
    def place(self) -> str:
        """Unit and post in one line."""
        return " ".join(part for part in (self.unit, self.post) if part)


@dataclass(frozen=True, slots=True)
class Person:
    """One person, whatever the name, unit or post at the time."""

    id: str
    unit_id: str
    """The unit that keeps the register of this person."""
    spells: tuple[Spell, ...]
    """In the order of time; there is at least one."""
    merged: tuple[Person, ...] = ()
    """The records that were merged into this one, as they were; what they say is among the spells too."""

    @property
    def now(self) -> Spell:
        """The latest spell."""
        return self.spells[-1]

    @property
    def ids(self) -> frozenset[str]:
        """Every id that means this person: the own one, and those of the records that were merged into it."""
        return frozenset({self.id}).union(*(each.ids for each in self.merged))

    def is_registered_in(self, reach: Reach | Collection[str]) -> bool:
        """Whether some of these units registered this person, be it as a record that was merged into this one."""
        return self.unit_id in reach or any(each.is_registered_in(reach) for each in self.merged)

    @property
    def told(self) -> str:
        """The name with what tells this person from namesakes: unit, post, and the standing where it is not 在职."""
        standing = "" if self.now.standing is Employment.IN_OFFICE else EMPLOYMENT_LABELS[self.now.standing]
        beside = "，".join(part for part in (self.now.place, standing) if part)
        return f"{self.now.name}（{beside or '未写单位和职务'}）"

    def holds(self, words: Sequence[str]) -> bool:
        """Whether every word stands in some name, unit or post that this person has had."""
        text = " ".join(f"{spell.name} {spell.place} {EMPLOYMENT_LABELS[spell.standing]}" for spell in self.spells)
        return all(word in text.casefold() for word in words)


def united(kept: Person, merged: Sequence[Person]) -> Person:
    """One person of several records: what all of them say, in the order of time, and now what the kept one says."""
    if not merged and len(kept.spells) == 1:
        return kept
    *past, now = kept.spells
    earlier = dict.fromkeys(spell for spells in (*(each.spells for each in merged), past) for spell in spells)
    in_order = sorted((spell for spell in earlier if spell != now), key=lambda spell: spell.since or date.min)
    return replace(kept, spells=(*in_order, now), merged=tuple(merged))


def require_one_person(kept: Person, merged: Person) -> None:
    """Let two records pass that may be one person, as far as they themselves can tell.

    Raises:
        PeopleNotOne: they are one record, or the one that is to be kept is not the one with the latest change.
    """
    if kept.ids & merged.ids:
        raise PeopleNotOne("这是同一条记录，请另选一条。")
    latest = max((spell.since for spell in merged.spells if spell.since), default=None)
    if latest is not None and kept.now.since is not None and latest > kept.now.since:
        raise PeopleNotOne(
            f"另一条记录有更晚的变动（{latest.isoformat()}），请改为保留那一条；合并以后的现况以保留的记录为准。"
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """Who of the register an entry of a list is."""

    sure: Person | None
    """The one person whom it fits; None where nobody does, or where it must be asked."""
    asked: tuple[Person, ...] = ()
    """Those who bear the name, where unit or post differ, several fit, or the one whom it fits has left."""


def fit(people: Sequence[Person], name: str, unit: str, post: str) -> Fit:
    """Find an entry in the register; what the entry leaves empty does not differ.

    Sure is only whoever bears the name now in this unit and post, alone, and has not left.
    """
    namesakes = tuple(person for person in people if any(spell.name == name for spell in person.spells))
    fitting = [
        person
        for person in namesakes
        if person.now.name == name
        and person.now.standing is not Employment.LEFT
        and unit in ("", person.now.unit)
        and post in ("", person.now.post)
    ]
    return Fit(fitting[0]) if len(fitting) == 1 else Fit(None, namesakes)


def check_spell(spell: Spell, before: Sequence[Spell] = ()) -> Spell:
    """A spell that may follow those before it.

    Raises:
        FieldInvalid: no name, something too long or unprintable, nothing new, or a day before the last one.
    """
    named = (("姓名", spell.name, CELL_LENGTH), ("单位", spell.unit, CELL_LENGTH), ("职务", spell.post, POST_LENGTH))
    if not spell.name:
        raise FieldInvalid("请填写姓名。")
    for label, text, longest in named:
        if len(text) > longest or not (text.isprintable() or not text):
            raise FieldInvalid(f"{label}应为一行，不超过 {longest} 个字。")
    last = before[-1] if before else None
    if last is not None and (last.name, last.unit, last.post, last.standing) == (
        spell.name, spell.unit, spell.post, spell.standing,
    ):  # fmt: skip
        raise FieldInvalid("姓名、单位、职务和状态都没有变化，没有登记。")
    if last is not None and last.since is not None and (spell.since is None or spell.since < last.since):
        raise FieldInvalid(f"起始日期不能早于上一次变动（{last.since.isoformat()}）。")
    return spell
