"""Sections (分表) of a scheme as people name them in lists of subjects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kaohe.domain.errors import FieldInvalid
from kaohe.tally.model import Subject
from kaohe.tally.scheme.scheme import Scheme


def with_sections_named(scheme: Scheme, subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """The subjects with each section by its key, where the scheme has one of that label or key.

    What fits no section stays as it is written: a list may come before the scheme that it is meant for.
    """
    keys = {section.label: section.key for section in scheme.declared_sections}
    return tuple(replace(subject, section=keys.get(subject.section, subject.section)) for subject in subjects)


def require_known_sections(scheme: Scheme, subjects: Sequence[Subject]) -> None:
    """Refuse a list of subjects that names a section which the scheme does not have, where it has sections at all.

    Raises:
        FieldInvalid: naming the first such subject.
    """
    known = {section.key for section in scheme.declared_sections}
    for subject in subjects:
        if known and subject.section and subject.section not in known:
            labels = "、".join(section.label for section in scheme.declared_sections)
            raise FieldInvalid(
                f"「{subject.name}」的分表“{subject.section}”不在考核方案中，请改为 {labels} 之一，或留空。"
            )
