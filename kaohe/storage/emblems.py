"""What a unit puts on its wall and its sheets beside the meeting's own words: emblem (单位徽标) and marks."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from kaohe.domain.sheet_marks import SheetMarks, marks_text, read_marks
from kaohe.storage.meetings import meeting_row
from kaohe.storage.tables import MeetingRow

_DIGEST_LENGTH = 16


def emblem_of(session: Session, meeting_id: str) -> bytes | None:
    """The picture, a PNG; None where there is none."""
    return meeting_row(session, meeting_id).emblem


def emblem_digest(session: Session, meeting_id: str) -> str:
    """What tells this picture from every other one; '' where there is none. The picture itself is not read."""
    return meeting_row(session, meeting_id).emblem_digest


def save_emblem(session: Session, meeting_id: str, emblem: bytes | None) -> str:
    """Store the picture, or that there is none; returns its digest."""
    row = meeting_row(session, meeting_id)
    row.emblem = emblem
    row.emblem_digest = hashlib.sha256(emblem).hexdigest()[:_DIGEST_LENGTH] if emblem else ""
    return row.emblem_digest


def sheet_marks(session: Session, meeting_id: str) -> SheetMarks:
    """What stands in the head of a meeting's sheets."""
    return read_marks(meeting_row(session, meeting_id).sheet_marks)


def save_sheet_marks(session: Session, meeting_id: str, marks: SheetMarks) -> None:
    """Store what stands there."""
    meeting_row(session, meeting_id).sheet_marks = marks_text(marks)


def take_over_signers(session: Session, meeting_id: str, unit_id: str) -> None:
    """Let those sign the sheets of a new meeting who sign those of the meeting that its unit made before it."""
    query = select(MeetingRow.sheet_marks).where(MeetingRow.unit_id == unit_id, MeetingRow.id != meeting_id)
    before = read_marks(session.scalar(query.order_by(MeetingRow.created_at.desc()).limit(1)) or "")
    save_sheet_marks(session, meeting_id, SheetMarks().signed_like(before))
