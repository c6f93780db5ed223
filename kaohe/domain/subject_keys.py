"""Keys of subjects: a person keeps the same key while the list around them changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kaohe.domain.rosters import SubjectEntry
from kaohe.tally.model import Subject


def keyed_subjects(
    entries: Sequence[SubjectEntry], before: Sequence[Subject], used: Iterable[str] = ()
) -> tuple[Subject, ...]:
    """The subjects of a new list. What has been brought about a subject hangs on its key, so keys are never reused.

    An entry keeps the key of the subject of the same name, unit and post. Where a list of the same length has another
    text in one place, that is a correction and keeps the key too. ``used`` are keys of earlier rounds.
    """
    known = {_identity(subject): subject.key for subject in before}
    listed = {_identity(entry) for entry in entries}
    is_same_length = len(entries) == len(before)
    taken = {subject.key for subject in before} | set(used)
    numbers = [int(key[1:]) for key in taken if key[:1] == "s" and key[1:].isdigit()]
    next_number = max(numbers, default=0) + 1
    subjects = []
    for index, entry in enumerate(entries):
        key = known.get(_identity(entry))
        if key is None and is_same_length and _identity(before[index]) not in listed:
            key = before[index].key
        if key is None:
            key, next_number = f"s{next_number}", next_number + 1
        subjects.append(Subject(key, entry.name, entry.unit, entry.post, entry.class_label, entry.kind, entry.section))
    return tuple(subjects)


def _identity(each: Subject | SubjectEntry) -> tuple[str, str, str]:
    return each.name, each.unit, each.post
