"""Two records that are one: of a person, read as one from then on; of a unit, which becomes part of another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from kaohe.domain.errors import FieldInvalid, KaoheError, PeopleNotOne, PersonUnknown, UnitInvalid
from kaohe.domain.lines import read_reason
from kaohe.domain.people import Employment, Person, Spell, check_spell, require_one_person, united
from kaohe.domain.units import EVERYWHERE, Reach, Unit, UnitTree
from kaohe.operations.people.register import find_person, require_begun
from kaohe.operations.people.units import below_the_highest, require_nobody_in, require_open_unit
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.meetings import list_meetings
from kaohe.storage.people import all_people, store_merged_into, store_spell
from kaohe.storage.published_results import meetings_of_person
from kaohe.storage.record import chain_of, record, wait_for_turn
from kaohe.storage.units import store_unit, unit_tree


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What becomes of two records that are made one, as far as whoever looks may see it."""

    kept: Person
    merged: Person
    together: Person
    """As the two are read afterwards."""
    meetings_of_kept: Sequence[str]
    meetings_of_merged: Sequence[str]
    """Title and unit of those within reach, the newest first."""
    refusal: str
    """Why they cannot be one person; '' if they can."""


def preview_merge(kept_id: str, merged_id: str, reach: Reach = EVERYWHERE) -> MergePreview:
    """What would become of two records, without changing anything.

    Raises:
        PersonUnknown: one of them is not within reach.
    """
    with reading() as session:
        kept, merged = (find_person(session, each, reach) for each in (kept_id, merged_id))
        refusal = ""
        try:
            _require_one(session, kept, merged, reach)
        except KaoheError as error:
            refusal = error.message
        return MergePreview(
            kept,
            merged,
            united(kept, [*kept.merged, merged]),
            _titles(session, _meetings(session, kept), reach, with_unit=True),
            _titles(session, _meetings(session, merged), reach, with_unit=True),
            refusal,
        )


def merge_people(actor: str, kept_id: str, merged_id: str, reason: str, reach: Reach = EVERYWHERE) -> None:
    """Let two records be one person, under the id of the first; what both said stays, in the order of time. Idempotent.

    Raises:
        FieldInvalid: there is no reason.
        PersonUnknown: one of them is not within reach.
        PeopleNotOne: they stand in one meeting, or the other one has the latest change.
    """
    reason = read_reason(reason, "请写明理由")
    with transaction() as session:
        wait_for_turn(session, None)
        kept, merged = (find_person(session, each, reach) for each in (kept_id, merged_id))
        if merged_id in kept.ids and merged_id != kept.id:
            return
        _require_one(session, kept, merged, reach)
        store_merged_into(session, merged.id, kept.id)
        record(session, None, actor, "merged_people", person=kept.told, name=merged.told, reason=reason, id=kept.id)


def take_apart(actor: str, merged_id: str, reason: str, reach: Reach = EVERYWHERE) -> None:
    """Let a record that was merged into another one stand by itself again, with its own meetings. Idempotent.

    What was noted and held since the two were merged stays with the record that was kept.

    Raises:
        FieldInvalid: there is no reason.
        PersonUnknown: no such record within reach, or the one that was kept is not.
    """
    reason = read_reason(reason, "请写明理由")
    with transaction() as session:
        wait_for_turn(session, None)
        person = find_person(session, merged_id, reach)
        if person.id == merged_id:
            return
        own = next((each for each in person.merged if each.id == merged_id), None)
        if own is None or own.unit_id not in reach:
            # It is another unit's, or was merged into a record that was merged itself: that one is taken apart first.
            raise PersonUnknown
        store_merged_into(session, merged_id, "")
        record(session, None, actor, "took_people_apart", person=person.told, name=own.told, reason=reason, id=own.id)


@dataclass(frozen=True, slots=True)
class UnitMerge:
    """What becomes of a unit that is made a part of another one from a day on."""

    unit: Unit
    into: Unit
    day: date
    units: Sequence[Unit]
    """What changes in the tree, in an order in which it can be stored."""
    people: Sequence[tuple[Person, Spell]]
    """Those of the register who are in the unit by name, and what is so of each from then on."""

    @property
    def below(self) -> Sequence[Unit]:
        """The open units of the one that is closed, which stand below the other one then."""
        return self.units[:-1]


def preview_unit_merge(unit_id: str, into_id: str, day: date | None, reach: Reach = EVERYWHERE) -> UnitMerge:
    """What would become of a unit, without changing anything.

    Raises:
        What ``merge_unit`` raises, but for the reason.
    """
    with reading() as session:
        return _unit_merge(session, unit_id, into_id, day, reach)


def merge_unit(actor: str, unit_id: str, into_id: str, day: date | None, reason: str, reach: Reach = EVERYWHERE) -> int:
    """Let a unit become part of another one from a day on, and return how many people moved with it. Idempotent.

    The unit is closed and stands below the other one, with its meetings; its open units stand beside it. Of everybody
    in the register who is in it by name it is noted that they are in the other one from that day on; nobody moves who
    may be in another unit of that name.

    Raises:
        FieldInvalid: there is no day or no reason, the day is still to come, or somebody's latest change is after it.
        UnitInvalid: it is the highest one within reach, would stand below itself, or an account in use is in it still;
            or a name below the other unit is not free.
        UnitUnknown: one of them is not within reach.
    """
    reason = read_reason(reason, "请写明理由")
    with transaction() as session:
        wait_for_turn(session, None)
        if unit_id in reach and _is_merged(session, unit_id, into_id, day):
            return 0
        planned = _unit_merge(session, unit_id, into_id, day, reach)
        for changed in planned.units:
            store_unit(session, changed)
        for person, spell in planned.people:
            store_spell(session, person.id, spell)
        told = {"unit": planned.unit.name, "above": planned.into.name, "left": str(len(planned.people))}
        record(session, None, actor, "merged_unit", **told, reason=reason, day=planned.day.isoformat())
    return len(planned.people)


def _is_merged(session: Transaction, unit_id: str, into_id: str, day: date | None) -> bool:
    """Whether this very merger has been done already, as when the button was pressed twice."""
    tree = unit_tree(session)
    unit = tree.unit(unit_id)
    if day is None or not unit.is_closed or unit.parent_id != into_id:
        return False
    told = {"unit": unit.name, "above": tree.unit(into_id).name, "day": day.isoformat()}
    return any(entry.act == "merged_unit" and told.items() <= entry.detail.items() for entry in chain_of(session, None))


def _unit_merge(session: Transaction, unit_id: str, into_id: str, day: date | None, reach: Reach) -> UnitMerge:
    if day is None:
        raise FieldInvalid("请填写合并日期。")
    require_begun("合并日期", day)
    unit = below_the_highest(session, unit_id, reach)
    into = require_open_unit(session, into_id, reach)
    if unit.is_closed:
        raise UnitInvalid(f"“{unit.name}”已撤销，请先恢复它，再并入别的单位。")
    require_nobody_in(session, unit)
    tree = unit_tree(session)
    below = [each for each in tree.units.values() if each.parent_id == unit.id and not each.is_closed]
    changed = [*(replace(each, parent_id=into.id) for each in below), replace(unit, parent_id=into.id, is_closed=True)]
    fitting = tree
    for each in changed:
        fitting = fitting.with_unit(each)
    people = [
        (person, replace(person.now, unit=into.name, since=day))
        for person in all_people(session)
        if person.unit_id in reach and _is_in(tree, person, unit) and person.now.standing is not Employment.LEFT
    ]
    for person, spell in people:
        try:
            check_spell(spell, person.spells)
        except FieldInvalid as error:
            raise FieldInvalid(f"{person.told}：{error.message}请核对此人的变动，或改填合并日期。") from error
    return UnitMerge(unit, into, day, changed, people)


def _is_in(tree: UnitTree, person: Person, unit: Unit) -> bool:
    """Whether the register says by name that somebody is in a unit, and no other one can be meant by the name."""
    own = tree.reach(unit.id)
    if person.now.unit != unit.name or person.unit_id in own:
        return person.now.unit == unit.name
    known = tree.reach(person.unit_id)
    named = [each.id for each in tree.units.values() if each.name == unit.name and each.id in known]
    return named == [unit.id] or (not named and person.is_registered_in(own))


def _require_one(session: Transaction, kept: Person, merged: Person, reach: Reach) -> None:
    """Let two records pass that may be one person.

    Raises:
        PeopleNotOne: they stand in one meeting, are one record, or the other one has the latest change.
    """
    require_one_person(kept, merged)
    both = _meetings(session, kept) & _meetings(session, merged)
    if both:
        titles = "、".join(f"“{title}”" for title in _titles(session, both, reach)) or "另一个单位的会议"
        raise PeopleNotOne(f"{kept.told}和{merged.told}同在{titles}的名单上，是两个人，不能合并。")


def _meetings(session: Transaction, person: Person) -> frozenset[str]:
    return frozenset(meetings_of_person(session, *sorted(person.ids)))


def _titles(session: Transaction, meeting_ids: frozenset[str], reach: Reach, *, with_unit: bool = False) -> list[str]:
    lines = [line for line in list_meetings(session) if line.id in meeting_ids and line.unit_id in reach]
    return [f"{line.title}（{line.unit}）" if with_unit and line.unit else line.title for line in lines]
