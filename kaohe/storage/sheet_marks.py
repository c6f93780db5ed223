"""What a unit wants on the sheets of a meeting, in and out of the tables: marks in their heads, and who signs below."""

from __future__ import annotations

from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kaohe.domain.meetings import EXAMPLE_MARK
from kaohe.domain.sheet_marks import SheetMarks, marks_text, read_marks
from kaohe.storage.meetings import meeting_row
from kaohe.storage.tables import MeetingRow, RecordEntryRow

NAMED_SIGNERS: Final = "named_signers"
"""The act by which a meeting is told who signs its sheets, as the record has it."""


def sheet_marks(session: Session, meeting_id: str) -> SheetMarks:
    """What a meeting's sheets are marked with."""
    return read_marks(meeting_row(session, meeting_id).sheet_marks)


def save_sheet_marks(session: Session, meeting_id: str, marks: SheetMarks) -> None:
    """Store what they are marked with."""
    meeting_row(session, meeting_id).sheet_marks = marks_text(marks)


def take_over_signers(session: Session, meeting_id: str) -> None:
    """Let those sign a meeting's sheets whom its unit has named last, for whichever of its meetings that was.

    A meeting is of the unit that it belongs to, under the name that its sheets print, where they print one. What was
    named for an example is nobody's; a meeting that was told its own signers keeps them.
    """
    meeting = meeting_row(session, meeting_id)
    named = (
        select(MeetingRow.id, MeetingRow.sheet_marks)
        .join(RecordEntryRow, RecordEntryRow.meeting_id == MeetingRow.id)
        .where(RecordEntryRow.act == NAMED_SIGNERS)
        .order_by(RecordEntryRow.id.desc())
        .limit(1)
    )
    if session.execute(named.where(MeetingRow.id == meeting_id)).first():
        return
    of_unit = [MeetingRow.unit_id == meeting.unit_id, MeetingRow.title.not_like(f"{EXAMPLE_MARK}%")]
    if meeting.unit:
        of_unit.append(or_(MeetingRow.unit == meeting.unit, MeetingRow.unit == ""))
    texts = session.scalars(select(MeetingRow.sheet_marks).where(*of_unit, MeetingRow.sheet_marks != ""))
    # Most units have named nobody, and the record of a province is long: it is asked only where somebody was named.
    is_asked = any(marks.vote_signers or marks.office_signers for marks in map(read_marks, texts))
    last = session.execute(named.where(*of_unit)).first() if is_asked else None
    signed_by = read_marks(last.sheet_marks) if last else SheetMarks()
    save_sheet_marks(session, meeting_id, sheet_marks(session, meeting_id).signed_like(signed_by))
