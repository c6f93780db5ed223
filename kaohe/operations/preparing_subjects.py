"""Who is evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.rosters import SubjectEntry
from kaohe.domain.sections import strange_sections, with_sections_named
from kaohe.operations.preparing_steps import changing
from kaohe.storage.meetings import store_setup
from kaohe.tally.model import Subject


def change_subjects(actor: str, meeting_id: str, version: int, entries: Sequence[SubjectEntry]) -> None:
    """Replace the list of subjects, in the order given. A section (分表) may go by its label or its key.

    Raises:
        FieldInvalid: a section is named that the meeting's scheme does not have.
        EditedMeanwhile, WrongState, MeetingUnknown.
    """
    written = [
        Subject(f"s{number}", e.name, e.unit, e.post, e.class_label, e.kind, e.section)
        for number, e in enumerate(entries, 1)
    ]
    with changing(actor, meeting_id, version, "changed_subjects", count=str(len(written))) as (session, setup):
        subjects = with_sections_named(setup.scheme, written)
        if strange := strange_sections(setup.scheme, subjects):
            labels = "、".join(section.label for section in setup.scheme.parts)
            raise FieldInvalid(
                f"「{strange[0].name}」的分表“{strange[0].section}”不在考核方案中，请改为 {labels} 之一，或留空。"
            )
        store_setup(session, replace(setup, subjects=subjects))
