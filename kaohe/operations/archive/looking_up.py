"""Looks results up across meetings (查结果): published ones only, and only those of units within reach."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from kaohe.domain.comparisons import Comparison, compare
from kaohe.domain.errors import KaoheError, NotFound, PersonUnknown
from kaohe.domain.people import Spell
from kaohe.domain.published_results import FoundLine, published_result
from kaohe.domain.units import EVERYWHERE, Reach
from kaohe.operations.archive.published import published_meetings
from kaohe.operations.count.results import load_counted
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.people import all_people
from kaohe.storage.published_results import (
    meetings_of_person,
    people_of_meetings,
    published_results,
    rounds_without_lines,
    store_published,
)


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """One person in all published results, the latest first."""

    person_id: str
    name: str
    place: str
    """Unit and post now, as far as whoever looks may read the register; else as the latest result has them."""
    former: Sequence[Spell]
    """What the register says of earlier times, the latest first."""
    found: Sequence[FoundLine]


def find_results(sought: str, reach: Reach = EVERYWHERE) -> Sequence[FoundLine]:
    """The subjects of published results in which every word of ``sought`` stands, the latest meeting first."""
    words = sought.casefold().split()
    with reading() as session:
        return [each for each in _all_lines(session, reach) if each.holds(words)]


def with_people(found: Sequence[FoundLine]) -> Sequence[FoundLine]:
    """Lines that were found, each with who of the register it is."""
    if not found:
        return found
    with reading() as session:
        known = people_of_meetings(session, *dict.fromkeys(each.meeting_id for each in found))
    return [replace(each, person_id=known.get((each.meeting_id, each.line.key), "")) for each in found]


@dataclass(frozen=True, slots=True)
class Comparing:
    """Two periods, each of all meetings of one title: those that a list of units was given, or the one that there is.

    ``before`` and ``after`` are '' where there are not two titles.
    """

    titles: Sequence[str]
    """All that can be chosen, the latest first."""
    before: str
    after: str
    compared: Comparison


def compare_periods(before: str, after: str, reach: Reach = EVERYWHERE) -> Comparing:
    """Hold the published results of two titles beside each other, the latest two where none are named.

    Raises:
        NotFound: there is no published result of a title that is named.
    """
    with reading() as session:
        lines = _all_lines(session, reach)
        titles = list(dict.fromkeys(each.title for each in lines))
        if {before, after} - {"", *titles}:
            raise NotFound
        if not after:
            after = next((title for title in titles if title != before), "")
        if not before:
            later = titles[titles.index(after) + 1 :] if after else []
            before = next((title for title in (*later, *titles) if title != after), "")
        one, other = (with_people([each for each in lines if each.title == title]) for title in (before, after))
    return Comparing(titles, before, after, compare(one, other))


def load_history(person_id: str, reach: Reach = EVERYWHERE) -> PersonHistory:
    """Every published result of one person.

    Raises:
        PersonUnknown: nobody of the register within reach, nor of any result there.
    """
    with reading() as session:
        person = next((each for each in all_people(session) if person_id in each.ids), None)
        person_id, ids = (person.id, sorted(person.ids)) if person else (person_id, [person_id])
        keys = meetings_of_person(session, *ids)
        found = [
            replace(each, person_id=person_id)
            for each in (_all_lines(session, reach, *keys) if keys else ())
            if each.line.key == keys[each.meeting_id]
        ]
    if person is not None and person.is_registered_in(reach):
        former = person.spells[:-1][::-1]
        return PersonHistory(person_id, person.now.name, person.now.place, former, found)
    if not found:
        raise PersonUnknown
    line = found[0].line
    return PersonHistory(person_id, line.name, Spell(line.name, line.unit, line.post).place, (), found)


def keep_earlier_results() -> int:
    """Keep what results say that were published before any was kept; return of how many. Idempotent.

    A result that cannot be shown any more is passed over.
    """
    with reading() as session:
        lacking = rounds_without_lines(session)
    kept = 0
    for round_id, meeting_id in lacking.items():
        with suppress(KaoheError):
            published = published_result(load_counted(meeting_id).result)
            with transaction() as session:
                store_published(session, round_id, published)
            kept += 1
    return kept


def _all_lines(session: Transaction, reach: Reach, *meeting_ids: str) -> Sequence[FoundLine]:
    kept = published_results(session, *meeting_ids)
    return [
        FoundLine(meeting.id, meeting.title, meeting.unit, meeting.held_on, line)
        for meeting in published_meetings(reach)
        if meeting.id in kept
        for line in kept[meeting.id].lines
    ]
