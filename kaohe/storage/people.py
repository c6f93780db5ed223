"""The register of people, and who of it a meeting's subjects are, in and out of the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from kaohe.domain.people import Employment, Person, Spell, united
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import PersonRow, PersonSpellRow, SubjectPersonRow


@cached_in_transaction
def all_people(session: Session) -> Sequence[Person]:
    """Everybody once, sorted by the present name, then by unit and post."""
    spell = PersonSpellRow
    # Columns and no objects: whoever lists a meeting's people asks for thousands, each time within what it writes.
    query = select(
        PersonRow.id, PersonRow.unit_id, PersonRow.merged_into,
        spell.name, spell.unit, spell.post, spell.standing, spell.since,
    ).join(spell, spell.person_id == PersonRow.id)  # fmt: skip
    spells: dict[str, list[Spell]] = {}
    units: dict[str, str] = {}
    merged: dict[str, list[str]] = {}
    for row in session.execute(query.order_by(spell.person_id, spell.position)):
        if row.id not in units:
            units[row.id] = row.unit_id
            merged.setdefault(row.merged_into, []).append(row.id)
        known = Spell(row.name, row.unit, row.post, Employment(row.standing), row.since)
        spells.setdefault(row.id, []).append(known)

    def whole(person_id: str) -> Person:
        record = Person(person_id, units[person_id], tuple(spells[person_id]))
        return united(record, [whole(each) for each in merged.get(person_id, ())])

    found = [whole(person_id) for person_id in merged.get("", ())]
    return sorted(found, key=lambda person: (person.now.name, person.now.unit, person.now.post, person.id))


def store_person(session: Session, person: Person) -> None:
    """Store a new person."""
    session.add(PersonRow(id=person.id, unit_id=person.unit_id))
    session.flush()
    for spell in person.spells:
        store_spell(session, person.id, spell)


def store_spell(session: Session, person_id: str, spell: Spell) -> None:
    """Store what is so of a person from now on, behind what was."""
    of_person = PersonSpellRow.person_id == person_id
    last = session.scalar(select(func.max(PersonSpellRow.position)).where(of_person))
    session.add(
        PersonSpellRow(
            person_id=person_id,
            position=0 if last is None else last + 1,
            name=spell.name,
            unit=spell.unit,
            post=spell.post,
            standing=str(spell.standing),
            since=spell.since,
        )
    )
    session.flush()


def store_merged_into(session: Session, person_id: str, kept_id: str) -> None:
    """Let a record be a part of another one, or with '' stand by itself."""
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(merged_into=kept_id))


@cached_in_transaction
def people_of_meeting(session: Session, meeting_id: str) -> Mapping[str, str]:
    """The person that each subject of a meeting is, by the subject's key, as far as it is known."""
    kept = kept_ids(session)
    link = SubjectPersonRow
    query = select(link.subject_key, link.person_id).where(link.meeting_id == meeting_id)
    return {row.subject_key: kept.get(row.person_id, row.person_id) for row in session.execute(query)}


@cached_in_transaction
def kept_ids(session: Session) -> Mapping[str, str]:
    """The id under which a person is read, by the id of each record that was merged, be it by way of another one."""
    query = select(PersonRow.id, PersonRow.merged_into).where(PersonRow.merged_into != "")
    into = {row.id: row.merged_into for row in session.execute(query)}

    def kept(person_id: str) -> str:
        return kept(into[person_id]) if person_id in into else person_id

    return {person_id: kept(person_id) for person_id in into}


def store_people_of_meeting(session: Session, meeting_id: str, keys: Sequence[str], people: Mapping[str, str]) -> None:
    """Store who the subjects with these ``keys`` are, as far as anybody is; what is known of other keys stays."""
    of_keys = SubjectPersonRow.subject_key.in_(keys)
    session.execute(delete(SubjectPersonRow).where(SubjectPersonRow.meeting_id == meeting_id, of_keys))
    session.add_all(
        SubjectPersonRow(meeting_id=meeting_id, subject_key=key, person_id=person_id)
        for key, person_id in people.items()
    )
    session.flush()
