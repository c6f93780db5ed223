"""What the interface for personnel systems answers; every number is the text of the printed sheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import url_for

from kaohe.domain.people import Person
from kaohe.operations.archive.filing import Filing
from kaohe.reports.figures import text_or_none
from kaohe.storage.meetings import MeetingLine
from kaohe.tally.model import SubjectResult
from kaohe.tally.periods import canonical_label
from kaohe.tally.rounding import unrounded_text
from kaohe.web.attachments import MEDIA_TYPES

Answer = Mapping[str, object]
DOCUMENT_TYPES: Final = {
    name: MEDIA_TYPES[name.rpartition(".")[2]] for name in ("workbook.xlsx", "sheets.docx", "sheets.pdf", "data.csv")
}
"""The documents of a result, by the last part of their addresses."""


def person_answer(person: Person) -> Answer:
    """One person of the register, as things stand now."""
    now = person.now
    return {
        "id": person.id,
        "former_ids": sorted(person.ids - {person.id}),
        "name": now.name,
        "unit": now.unit,
        "post": now.post,
        "standing": str(now.standing),
        "belongs_to": person.unit_id,
    }


def period_answer(line: MeetingLine) -> Answer:
    """One published meeting."""
    return {
        "id": line.id,
        "title": line.title,
        "unit": line.unit,
        "belongs_to": line.unit_id,
        "held_on": line.held_on.isoformat() if line.held_on else None,
        "round": line.round_number,
        "result": url_for("api.result", meeting_id=line.id),
        "documents": url_for("api.documents", meeting_id=line.id),
    }


def result_answer(filing: Filing, people: Mapping[str, str]) -> Answer:
    """A published result: its turnout and, for each subject, what the signed sheets say.

    ``people`` are the ids of the register by the subjects' keys.
    """
    counted = filing.counted
    setup, result = counted.setup, counted.result
    turnout = result.turnout
    return {
        "id": setup.id,
        "title": setup.title,
        "unit": setup.unit,
        "held_on": setup.held_on.isoformat() if setup.held_on else None,
        "round": counted.round.number,
        "version": counted.version,
        "code": filing.code,
        "turnout": {
            "entitled": turnout.entitled,
            "present": turnout.present,
            "issued": turnout.issued,
            "cast": turnout.cast,
            "valid": turnout.valid,
            "invalid": turnout.invalid,
        }
        if result.scheme.has_votes
        else None,
        "subjects": [
            _subject(row, label, people.get(row.subject.key))
            for _, label, part in result.parts
            for row in part.subjects
        ],
    }


def documents_answer(meeting_id: str) -> Answer:
    """The documents of a published result and where each of them is."""
    return {
        "documents": [
            {"name": name, "media_type": kind, "url": url_for("api.document", meeting_id=meeting_id, sheet=name)}
            for name, kind in DOCUMENT_TYPES.items()
        ]
    }


def _subject(row: SubjectResult, section: str, person_id: str | None) -> Answer:
    subject = row.subject
    return {
        "person": person_id,
        "name": subject.name,
        "unit": subject.unit,
        "post": subject.post,
        "class": subject.class_label,
        "section": section,
        "kind": str(subject.kind),
        "score": text_or_none(row.score),
        "rank": row.rank,
        "tier": row.tier_label or None,
        "recommended_tier": row.recommended_label or None,
        "periods": [
            {
                "label": canonical_label(period.label),
                "score": None if period.score is None else unrounded_text(period.score),
                "tier": period.tier,
            }
            for period in row.periods
        ],
    }
