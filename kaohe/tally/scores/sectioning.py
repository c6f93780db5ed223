"""Which subject is asked about in which section of a meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaohe.tally.model import Count, Subject
from kaohe.tally.scheme.refusals import SectionError
from kaohe.tally.scheme.scheme import Scheme, Section


def section_of(scheme: Scheme, subject: Subject) -> Section:
    """Return the section of a subject: the one it names, else the only one for its kind.

    Raises:
        SectionError: where it names none that exists, or its kind leaves a choice.
    """
    sections = scheme.sections
    if not scheme.declared_sections:
        return sections[0]
    if subject.section:
        named = [section for section in sections if section.key == subject.section]
        if not named:
            raise SectionError(f"「{subject.full_name}」的分表「{subject.section}」不在本方案中，请改正。")
        return named[0]
    fitting = [section for section in sections if section.kind in (None, subject.kind)]
    if len(fitting) != 1:
        labels = "、".join(section.label for section in (fitting or sections))
        raise SectionError(f"「{subject.full_name}」应写明属于哪一张分表：{labels}。")
    return fitting[0]


def subjects_of_sections(
    scheme: Scheme, subjects: Sequence[Subject]
) -> tuple[tuple[Section, tuple[Subject, ...]], ...]:
    """Share the subjects out among the sections, in the order of the list.

    Raises:
        SectionError: where a subject belongs to none.
    """
    found: Mapping[str, list[Subject]] = {section.key: [] for section in scheme.sections}
    for subject in subjects:
        found[section_of(scheme, subject).key].append(subject)
    return tuple((section, tuple(found[section.key])) for section in scheme.sections)


def split_count(count: Count) -> tuple[Count, ...]:
    """Give each section its own count; every cell goes to the section of its subject.

    Raises:
        SectionError: where a subject belongs to no section.
    """
    owner = {subject.key: section_of(count.scheme, subject).key for subject in count.subjects}
    return tuple(
        Count(
            scheme=section.scheme,
            subjects=subjects,
            cells={key: cell for key, cell in count.cells.items() if owner.get(key[1]) == section.key},
            turnout={
                group.key: count.turnout[group.key] for group in section.scheme.groups if group.key in count.turnout
            },
            asked={key: number for key, number in count.asked.items() if owner.get(key[1]) == section.key},
            void={key: number for key, number in count.void.items() if owner.get(key[1]) == section.key},
            graders={key: numbers for key, numbers in count.graders.items() if owner.get(key[1]) == section.key},
            answers={key: found for key, found in count.answers.items() if owner.get(key[1]) == section.key},
            imported={key: score for key, score in count.imported.items() if owner.get(key[1]) == section.key},
            history={key: periods for key, periods in count.history.items() if owner.get(key) == section.key},
            decisions=tuple(decision for decision in count.decisions if owner.get(decision.subject) == section.key),
            title=count.title,
            rulings=tuple(ruling for ruling in count.rulings if owner.get(ruling.subject, section.key) == section.key),
        )
        for section, subjects in subjects_of_sections(count.scheme, count.subjects)
    )
