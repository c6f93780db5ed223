"""A list of subjects as rows of text, so that typed, pasted and stored ones pass the same checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import COMPUTED_SUBJECTS_AT_MOST
from kaohe.domain.rosters import SubjectEntry, check_rows
from kaohe.reports.heading import printed_names
from kaohe.tally.model import Subject, SubjectKind
from kaohe.tally.scheme.scheme import Scheme
from kaohe.web.organizer.shell.forms import INCOMPLETE, Option
from kaohe.web.organizer.shell.lists import ListPart, part_of_list

KIND_LABELS = {SubjectKind.PERSON: "人", SubjectKind.TEAM: "班子"}


def entries_of(subjects: Sequence[Subject]) -> list[SubjectEntry]:
    """The stored subjects as the entries that they were made from."""
    return [SubjectEntry(s.name, s.unit, s.post, s.class_label, s.kind, s.section) for s in subjects]


def row_of(entry: SubjectEntry) -> list[str]:
    """The entry as cells, in the order of the console's table."""
    return [entry.name, entry.unit, entry.post, entry.class_label, KIND_LABELS[entry.kind], entry.section]


def section_options(scheme: Scheme, chosen: str) -> tuple[Option, ...]:
    """The forms (分表) that a subject may stand on; none where the scheme has no sections."""
    if not scheme.declared_sections:
        return ()
    known = {section.key: section.label for section in scheme.declared_sections}
    if chosen and chosen not in known:
        known[chosen] = f"{chosen}（不在方案中）"
    return (
        Option("", "按类型自动", is_chosen=not chosen),
        *(Option(key, label, is_chosen=key == chosen) for key, label in known.items()),
    )


def check_entries(rows: Sequence[Sequence[str]]) -> list[SubjectEntry]:
    """The entries of a whole list, cleaned.

    Raises:
        FieldInvalid: the first fault, with the position of its row in the list.
    """
    # How many the meeting takes is judged by the operation, which knows its scheme.
    roster = check_rows(rows, COMPUTED_SUBJECTS_AT_MOST)
    if roster.problems:
        problem = roster.problems[0]
        raise FieldInvalid(f"第 {problem.row_number} 个考核对象：{_in_a_list(problem.message)}。")
    return list(roster.entries)


def at_row(row: int, entries: Sequence[SubjectEntry]) -> int:
    """``row``, where the list has one of that number, counted from 0.

    Raises:
        FieldInvalid: it has none.
    """
    if row >= len(entries):
        raise FieldInvalid(INCOMPLETE)
    return row


def moved(entries: Sequence[SubjectEntry], start: int, end: int) -> list[SubjectEntry]:
    """The entries with the one at ``start`` put at ``end``; both count from 0."""
    order = list(entries)
    order.insert(end, order.pop(start))
    return order


def _in_a_list(message: str) -> str:
    """Rows of a checked list are subjects, on the console's page."""
    return re.sub(r"与第 (\d+) 行", r"与第 \1 个", message)


@dataclass(frozen=True, slots=True)
class SubjectChoice:
    """The subjects to choose one from: of a long list those of one page, and whoever is chosen."""

    options: tuple[Option, ...]
    part: ListPart


def subject_choice(
    subjects: Sequence[Subject], chosen: str, endpoint: str, name: str, meeting_id: str, first: str = ""
) -> SubjectChoice:
    """The subjects as a field of a page offers them; ``first`` stands for nobody and comes before them, if it is any.

    ``endpoint``, ``name`` and ``meeting_id`` say where more of a long list is asked for, as ``part_of_list`` has it.
    """
    names = printed_names(subjects)
    shown, part = part_of_list(subjects, words_of, endpoint, name=name, meeting_id=meeting_id)
    keys = {subject.key for subject in shown} | {chosen}
    return SubjectChoice(
        (
            *((Option("", first, is_chosen=not chosen),) if first else ()),
            *(Option(key, name, is_chosen=key == chosen) for key, name in names.items() if key in keys),
        ),
        part,
    )


def words_of(subject: Subject) -> str:
    """What a subject is found by in a long list."""
    return f"{subject.name} {subject.unit} {subject.post} {subject.class_label}"
