"""The part of a scheme that a screen can show while its meeting still votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kaohe.tally.model import Subject
from kaohe.tally.scheme.scheme import PercentBase, Scheme
from kaohe.tally.scheme.votes_alone import votes_alone
from kaohe.tally.scores.sectioning import section_of


def votes_only(scheme: Scheme) -> Scheme:
    """The scheme without whatever does not come from this meeting's ballots, sections without votes included."""
    alone = votes_alone(scheme)
    parts = tuple(part for part in alone.declared_sections if part.scheme.has_votes)
    filling = {group.key for part in parts for group in part.scheme.groups}
    groups = tuple(group for group in alone.groups if not parts or group.key in filling)
    return replace(alone, declared_sections=parts, groups=groups)


def voted_subjects(shown: Scheme, scheme: Scheme, subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """The subjects of the sections of ``scheme`` that ``shown`` still has, each with its section named."""
    keys = {section.key for section in shown.sections}
    if not shown.declared_sections:
        return tuple(subjects)
    placed = [replace(subject, section=section_of(scheme, subject).key) for subject in subjects]
    return tuple(subject for subject in placed if subject.section in keys)


def by_votes(scheme: Scheme) -> Scheme:
    """The scheme with nothing divided by a number that people still have to enter."""
    parts = tuple(replace(part, scheme=by_votes(part.scheme)) for part in scheme.declared_sections)
    return replace(scheme, declared_sections=parts, score_base=PercentBase.VALID, rate_base=PercentBase.VALID)
