"""Speeches before a vote (述职演讲): the order is drawn by lot, and each speaker has the same time.

As in P03 (docs/systems.md), the applicants for a post speak in an order drawn by lot, five minutes each, before they
are evaluated; P16: the units that stand for the highest tier speak before the vote on the spot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kaohe.tally.model import Subject

SPEECH_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Speaking:
    """Who speaks when, and who is speaking."""

    order: tuple[Subject, ...]
    """As drawn: class by class, in the classes' own order. Empty where nothing has been drawn for these subjects."""
    limit: timedelta
    current: Subject | None
    """Who speaks now, or spoke last."""
    started_at: datetime | None
    """When the speech that is on began; None where nobody speaks."""
    is_shown: bool
    """Whether the projector shows order and time while no ballots are collected."""

    @property
    def numbers(self) -> dict[str, int]:
        """Each speaker's number by subject key, from 1; every class begins anew."""
        found: dict[str, int] = {}
        spoken: dict[str, int] = {}
        for subject in self.order:
            found[subject.key] = spoken[subject.class_label] = spoken.get(subject.class_label, 0) + 1
        return found

    @property
    def following(self) -> Subject | None:
        """Who speaks after the current speaker; the first one before the first speech, None after the last one."""
        if self.current is None:
            return self.order[0] if self.order else None
        at = self.order.index(self.current) + 1
        return self.order[at] if at < len(self.order) else None


def draw_order(subjects: Sequence[Subject], shuffle: Callable[[list[Subject]], None]) -> tuple[Subject, ...]:
    """The subjects in an order drawn by lot within each class; classes stand as they first appear in the list.

    ``shuffle`` shuffles a list in place, uniformly.
    """
    drawn: list[Subject] = []
    for label in dict.fromkeys(subject.class_label for subject in subjects):
        class_subjects = [subject for subject in subjects if subject.class_label == label]
        shuffle(class_subjects)
        drawn += class_subjects
    return tuple(drawn)
