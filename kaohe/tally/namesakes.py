"""What tells people of one name apart, found once for a whole list and then known to each of its subjects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kaohe.tally.model import Subject


def told_apart(subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """The subjects, each knowing what tells it from its namesakes among them.

    It is unit and post, with the class where those are equal, else the key.
    """
    often = Counter(subject.name for subject in subjects)
    return tuple(
        replace(
            subject,
            apart="" if often[subject.name] == 1 else _apart(subject, [s for s in subjects if s.name == subject.name]),
        )
        for subject in subjects
    )


def _apart(subject: Subject, namesakes: Sequence[Subject]) -> str:
    for names in (("unit", "post"), ("unit", "post", "class_label")):
        own, *others = (
            " ".join(filter(None, (getattr(each, name) for name in names)))
            for each in (subject, *(each for each in namesakes if each is not subject))
        )
        if own and own not in others:
            return own
    return subject.key
