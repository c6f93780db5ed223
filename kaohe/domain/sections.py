"""Sections (分表) of a scheme as people name them in lists of subjects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kaohe.tally.model import Subject
from kaohe.tally.scheme.scheme import Scheme


def with_sections_named(scheme: Scheme, subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """The subjects with each section by its key, where the scheme has one of that label or key.

    What fits no section stays as it is written: a list may come before the scheme that it is meant for.
    """
    keys = {section.label: section.key for section in scheme.declared_sections}
    return tuple(replace(subject, section=keys.get(subject.section, subject.section)) for subject in subjects)


def strange_sections(scheme: Scheme, subjects: Sequence[Subject]) -> tuple[Subject, ...]:
    """The subjects that name a section which the scheme does not have; none where it has no sections at all."""
    known = {section.key for section in scheme.declared_sections}
    return tuple(subject for subject in subjects if known and subject.section and subject.section not in known)
