"""The subjects of a meeting: who is evaluated."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.rosters import SubjectEntry, keyed_subjects
from kaohe.domain.sections import require_known_sections, with_sections_named
from kaohe.domain.voter_groups import grading_only
from kaohe.domain.voting_mode import require_room
from kaohe.operations.people.register import link_subjects
from kaohe.operations.setup.steps import changing
from kaohe.storage.database import Transaction
from kaohe.storage.inputs import keep_inputs_of
from kaohe.storage.meetings import store_setup
from kaohe.storage.rounds import round_setup, rounds_of
from kaohe.tally.model import Subject


def change_subjects(actor: str, meeting_id: str, version: int, entries: Sequence[SubjectEntry]) -> None:
    """Replace the list of subjects, in the order given. A section (分表) may go by its label or its key.

    Scores and decisions that were brought about a subject stay with it; of a subject that goes, they go too. Who grades
    a subject (评分关系) is to be said anew where its unit has changed.

    Who of the register of people the subjects are is stored with them.

    Raises:
        PersonDoubted: somebody may be one of the register or not, and no entry says which.
        FieldInvalid: there are more than the scheme takes, or a section is named that it does not have.
        EditedMeanwhile, WrongState.
    """
    with changing(actor, meeting_id, version, "changed_subjects", count=str(len(entries))) as (session, setup):
        subjects = listed_subjects(setup, entries, _keys_of_earlier_rounds(session, meeting_id))
        units = {subject.key: subject.unit for subject in setup.subjects}
        # Whoever has moved to another unit is no longer graded by the people of the old one.
        staying = [subject.key for subject in subjects if units.get(subject.key) == subject.unit]
        store_setup(session, replace(setup, subjects=subjects, groups=grading_only(setup.groups, staying)))
        link_subjects(session, actor, setup, entries, subjects)
        keep_inputs_of(session, meeting_id, [subject.key for subject in subjects])


def listed_subjects(
    setup: MeetingSetup, entries: Sequence[SubjectEntry], used: Collection[str] = ()
) -> tuple[Subject, ...]:
    """The subjects that a list gives a meeting with the scheme and subjects of ``setup``; ``used`` keys stay out.

    Raises:
        FieldInvalid: there are more than the scheme takes, or a section is named that it does not have.
    """
    # What was stored under another scheme may be mended one row at a time.
    if len(entries) > len(setup.subjects):
        require_room(setup.scheme, len(entries))
    subjects = with_sections_named(setup.scheme, keyed_subjects(entries, setup.subjects, used))
    stored = {(subject.key, subject.section) for subject in setup.subjects}
    require_known_sections(
        setup.scheme, [subject for subject in subjects if (subject.key, subject.section) not in stored]
    )
    return subjects


def _keys_of_earlier_rounds(session: Transaction, meeting_id: str) -> set[str]:
    rounds = (row for row in rounds_of(session, meeting_id) if row.frozen)
    return {subject.key for row in rounds for subject in round_setup(session, row).subjects}
