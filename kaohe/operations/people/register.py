"""The register of people: who somebody is across meetings, what has changed about them, and who a list names."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from kaohe.domain.errors import FieldInvalid, PersonDoubted, PersonUnknown
from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.people import NEW, Person, Spell, check_spell, fit
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.operations.people.units import require_open_unit
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.meetings import load_setup, unit_of_meeting
from kaohe.storage.people import all_people, people_of_meeting, store_people_of_meeting, store_person, store_spell
from kaohe.storage.record import record, wait_for_turn
from kaohe.storage.units import unit_tree
from kaohe.tally.model import Subject, SubjectKind

_Identity: TypeAlias = tuple[str, str, str]
"""Name, unit and post, as a list says them."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An entry of a list of which it must be said who it is."""

    at: int
    """Its place in the list, from 0."""
    entry: SubjectEntry
    people: tuple[Person, ...]
    """Those of the register who may be meant."""


def list_people(sought: str = "", reach: Reach = EVERYWHERE) -> Sequence[Person]:
    """The people within a reach whose names, units or posts, present or past, hold every word of ``sought``.

    Somebody whose record was merged into one of another unit is found by both units; the other one alone changes it.
    """
    words = sought.casefold().split()
    with reading() as session:
        return [person for person in all_people(session) if person.is_registered_in(reach) and person.holds(words)]


def add_person(
    actor: str, spell: Spell, unit_id: str = TOP, reach: Reach = EVERYWHERE, *, token: str | None = None
) -> str:
    """Register somebody, in a unit's register, and return the person's id. Namesakes are other people.

    ``token`` is a random word of the page that asks: the same asked for twice with it, one person is registered.

    Raises:
        FieldInvalid: what is said of the person cannot stand, or begins on a day that is still to come.
        UnitUnknown, UnitInvalid: no such unit within reach, or it is closed.
    """
    asked = repr((token or secrets.token_hex(16), spell, unit_id))
    person = Person(hashlib.sha256(asked.encode()).hexdigest()[:12], unit_id, (check_spell(spell),))
    require_begun("起始日期", spell.since)
    with transaction() as session:
        wait_for_turn(session, None)
        require_open_unit(session, unit_id, reach)
        there = next((known.id for known in all_people(session) if person.id in known.ids), "")
        if there:
            return there
        store_person(session, person)
        record(session, None, actor, "registered_person", person=person.told, id=person.id)
    return person.id


def note_change(actor: str, person_id: str, spell: Spell, reach: Reach = EVERYWHERE) -> None:
    """Note that somebody has been renamed, moved, seconded, appointed or has left; what was before stays.

    Raises:
        FieldInvalid: nothing has changed, what is said cannot stand, or it begins on a day that is still to come.
        PersonUnknown: no such person within reach.
    """
    require_begun("起始日期", spell.since)
    with transaction() as session:
        wait_for_turn(session, None)
        person = find_person(session, person_id, reach)
        _change(session, actor, person, check_spell(spell, person.spells))


def doubts_about(meeting_id: str, entries: Sequence[SubjectEntry]) -> Sequence[Doubt]:
    """The entries of a list for a meeting of which it must be said who they are, before the list is stored."""
    with reading() as session:
        setup = load_setup(session, meeting_id)
        judged = _judged(session, unit_of_meeting(session, meeting_id), entries, _known(session, setup))
    return [doubt for doubt, _ in judged if doubt is not None]


def doubts_of_new(session: Transaction, unit_id: str, entries: Sequence[SubjectEntry]) -> Sequence[Doubt]:
    """The entries of a list for a new meeting of a unit of which it must be said who they are."""
    return [doubt for doubt, _ in _judged(session, unit_id, entries, {}) if doubt is not None]


def require_no_doubts(unit_id: str, entries: Sequence[SubjectEntry]) -> None:
    """Let a list for a new meeting of a unit pass, if it is plain of every entry who of the register it is.

    Raises:
        PersonDoubted: naming the first of which it is not, or two that are one person.
    """
    with reading() as session:
        _require_sure(entries, _judged(session, unit_id, entries, {}))


def link_subjects(
    session: Transaction,
    actor: str,
    before: MeetingSetup,
    entries: Sequence[SubjectEntry],
    subjects: Sequence[Subject],
) -> None:
    """Let the subjects of a meeting be the people whom their entries name, one subject for each entry.

    ``before`` is the set-up that is being changed: an entry that stood in it so is whoever it was. Where it was said
    that somebody is meant whose name, unit or post differ, the change is noted in the register; where it was said that
    an entry is nobody there, a person is registered.

    Raises:
        PersonDoubted: of some entry nobody has said who it is, or two entries are one person.
    """
    own_unit = unit_of_meeting(session, before.id)
    judged = _judged(session, own_unit, entries, _known(session, before))
    _require_sure(entries, judged)
    reach = unit_tree(session).reach(own_unit)
    links: dict[str, str] = {}
    for entry, subject, (_, judged_person) in zip(entries, subjects, judged, strict=True):
        person, spell = judged_person, Spell(entry.name, entry.unit, entry.post)
        if entry.person == NEW and person is None:
            person = Person(secrets.token_hex(6), own_unit, (spell,))
            store_person(session, person)
            record(session, None, actor, "registered_person", person=person.told, id=person.id)
        elif person is not None and entry.person in person.ids and person.unit_id in reach:
            person = _as_listed(session, actor, person, spell)
        if person is not None:
            links[subject.key] = person.id
    store_people_of_meeting(session, before.id, [subject.key for subject in subjects], links)


def register_subjects(actor: str, meeting_id: str) -> int:
    """Register the people among a meeting's subjects who are not in the register yet; returns how many. Idempotent.

    Raises:
        PersonDoubted: somebody may be one of the register or not.
    """
    with transaction() as session:
        setup = load_setup(session, meeting_id)
        entries = [SubjectEntry(s.name, s.unit, s.post, kind=s.kind) for s in setup.subjects]
        judged = _judged(session, unit_of_meeting(session, meeting_id), entries, _known(session, setup))
        is_new = [
            doubt is None and person is None and entry.kind is SubjectKind.PERSON
            for entry, (doubt, person) in zip(entries, judged, strict=True)
        ]
        answered = [replace(entry, person=NEW) if new else entry for entry, new in zip(entries, is_new, strict=True)]
        link_subjects(session, actor, setup, answered, setup.subjects)
    return sum(is_new)


def people_in(session: Transaction, meeting_id: str) -> Mapping[str, str]:
    """The id of the person that each subject of a meeting is, by the subject's key; it is the same in every meeting.

    Who is not in the register is not there.
    """
    return people_of_meeting(session, meeting_id)


def _known(session: Transaction, setup: MeetingSetup) -> Mapping[_Identity, str]:
    """Who the subjects of a set-up are, by what they are listed as."""
    linked = people_of_meeting(session, setup.id)
    return {(s.name, s.unit, s.post): linked[s.key] for s in setup.subjects if s.key in linked}


def _judged(
    session: Transaction, unit_id: str, entries: Sequence[SubjectEntry], known: Mapping[_Identity, str]
) -> list[tuple[Doubt | None, Person | None]]:
    """For each entry: what must be asked, else who it is, as far as anybody is."""
    reach = unit_tree(session).reach(unit_id)
    people = [
        person
        for person in all_people(session)
        if person.is_registered_in(reach) or person.is_registered_in(reach.above)
    ]
    by_id = {each: person for person in people for each in person.ids}
    found: list[tuple[Doubt | None, Person | None]] = []
    for at, entry in enumerate(entries):
        person = by_id.get(entry.person or known.get((entry.name, entry.unit, entry.post), ""))
        if person is not None or entry.kind is not SubjectKind.PERSON or entry.person:
            found.append((None, person))
            continue
        fitting = fit(people, entry.name, entry.unit, entry.post)
        found.append((Doubt(at, entry, fitting.asked) if fitting.asked else None, fitting.sure))
    return found


def _require_sure(entries: Sequence[SubjectEntry], judged: Sequence[tuple[Doubt | None, Person | None]]) -> None:
    """Refuse a list of which it is not plain who everybody is, or in which one person stands twice.

    Raises:
        PersonDoubted: naming the first such row.
    """
    if doubts := [doubt for doubt, _ in judged if doubt is not None]:
        raise PersonDoubted(_sentence(doubts))
    rows: dict[str, int] = {}
    for row, (entry, (_, person)) in enumerate(zip(entries, judged, strict=True), 1):
        if person is None and entry.person not in ("", NEW):
            raise PersonDoubted(f"名单第 {row} 行的人员编号“{entry.person}”不在人员库中，请核对编号，或删去编号。")
        if person is None:
            continue
        if person.id in rows:
            raise PersonDoubted(
                f"名单第 {rows[person.id]} 行和第 {row} 行是同一个人：{person.told}。"
                "一个人不能同时在两个单位，在名单上只能有一行：请删去一行，或说明是另一个人。"
            )
        rows[person.id] = row


def _as_listed(session: Transaction, actor: str, person: Person, spell: Spell) -> Person:
    """The person with the change that a list shows noted; what the list leaves empty does not change."""
    now = person.now
    listed = replace(now, name=spell.name, unit=spell.unit or now.unit, post=spell.post or now.post)
    if listed == now:
        return person
    return _change(session, actor, person, listed)


def _change(session: Transaction, actor: str, person: Person, spell: Spell) -> Person:
    changed = replace(person, spells=(*person.spells, spell))
    store_spell(session, person.id, spell)
    record(session, None, actor, "changed_person", person=person.told, now=changed.told, id=person.id)
    return changed


def _sentence(doubts: Sequence[Doubt]) -> str:
    first = doubts[0]
    listed = Spell(first.entry.name, first.entry.unit, first.entry.post)
    who = "、".join(person.told for person in first.people)
    more = f"；另有 {len(doubts) - 1} 人" if len(doubts) > 1 else ""
    return (
        f"名单里的{listed.name}（{listed.place or '未写单位和职务'}）与人员库中的{who}不完全相符{more}。"
        "请在粘贴或上传名单时说明是不是同一人，或先在“人员”中登记变动。"
    )


def require_begun(label: str, day: date | None) -> None:
    """Let the day of a change pass that has come: what is noted of people and units is so at once.

    Raises:
        FieldInvalid: it is still to come; ``label`` is what the form calls it.
    """
    if day is not None and day > (today := now().astimezone().date()):
        raise FieldInvalid(f"{label}不能晚于今天（{today.isoformat()}）：登记后立即生效，请到当日再办理。")


def find_person(session: Transaction, person_id: str, reach: Reach) -> Person:
    """The person whom an id means, be it that of a record that was merged into another one.

    Raises:
        PersonUnknown: there is none within reach.
    """
    found = next((person for person in all_people(session) if person_id in person.ids), None)
    if found is None or found.unit_id not in reach:
        raise PersonUnknown
    return found
