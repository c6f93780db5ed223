"""The register of people, and who of it a meeting's subjects are, in and out of the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kaohe.domain.people import Employment, Person, Spell
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import PersonRow, PersonSpellRow, SubjectPersonRow


@cached_in_transaction
def all_people(session: Session) -> Sequence[Person]:
    """Everybody, sorted by the present name, then by unit and post."""
    query = select(PersonRow, PersonSpellRow).join(PersonSpellRow, PersonSpellRow.person_id == PersonRow.id)
    spells: dict[str, list[Spell]] = {}
    units: dict[str, str] = {}
    for person, row in session.execute(query.order_by(PersonSpellRow.person_id, PersonSpellRow.position)):
        units[person.id] = person.unit_id
        spell = Spell(row.name, row.unit, row.post, Employment(row.standing), row.since)
        spells.setdefault(person.id, []).append(spell)
    found = [Person(person_id, units[person_id], tuple(own)) for person_id, own in spells.items()]
    return sorted(found, key=lambda person: (person.now.name, person.now.unit, person.now.post, person.id))


def store_person(session: Session, person: Person) -> None:
    """Store a new person, or the spells that have been added to one."""
    if session.get(PersonRow, person.id) is None:
        session.add(PersonRow(id=person.id, unit_id=person.unit_id))
        session.flush()
    session.execute(delete(PersonSpellRow).where(PersonSpellRow.person_id == person.id))
    session.add_all(
        PersonSpellRow(
            person_id=person.id,
            position=position,
            name=spell.name,
            unit=spell.unit,
            post=spell.post,
            standing=str(spell.standing),
            since=spell.since,
        )
        for position, spell in enumerate(person.spells)
    )
    session.flush()


@cached_in_transaction
def people_of_meeting(session: Session, meeting_id: str) -> Mapping[str, str]:
    """The person that each subject of a meeting is, by the subject's key, as far as it is known."""
    query = select(SubjectPersonRow).where(SubjectPersonRow.meeting_id == meeting_id)
    return {row.subject_key: row.person_id for row in session.scalars(query)}


def store_people_of_meeting(session: Session, meeting_id: str, keys: Sequence[str], people: Mapping[str, str]) -> None:
    """Store who the subjects with these ``keys`` are, as far as anybody is; what is known of other keys stays."""
    of_keys = SubjectPersonRow.subject_key.in_(keys)
    session.execute(delete(SubjectPersonRow).where(SubjectPersonRow.meeting_id == meeting_id, of_keys))
    session.add_all(
        SubjectPersonRow(meeting_id=meeting_id, subject_key=key, person_id=person_id)
        for key, person_id in people.items()
    )
    session.flush()
