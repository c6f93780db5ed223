"""The speeches of a meeting, as they are stored."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from kaohe.domain.meetings import MeetingSetup
from kaohe.domain.speaking import SPEECH_MINUTES, Speaking
from kaohe.storage.tables import SpeakingRow

NOTHING_DRAWN = Speaking((), timedelta(minutes=SPEECH_MINUTES), None, None, is_shown=False)


def stored_speaking(session: Session, setup: MeetingSetup) -> Speaking:
    """The speeches of a meeting. An order that was drawn for another list of subjects counts as not drawn."""
    row = session.get(SpeakingRow, setup.id)
    if row is None:
        return NOTHING_DRAWN
    limit = timedelta(minutes=row.limit_minutes)
    by_key = {subject.key: subject for subject in setup.subjects}
    drawn: list[list[str]] = json.loads(row.drawn)
    if {(key, name) for key, name in drawn} != {(subject.key, subject.name) for subject in setup.subjects}:
        return replace(NOTHING_DRAWN, limit=limit)
    return Speaking(
        order=tuple(by_key[key] for key, _ in drawn),
        limit=limit,
        current=by_key.get(row.current or ""),
        started_at=row.started_at,
        is_shown=row.is_shown,
    )


def store_speaking(session: Session, meeting_id: str, speaking: Speaking) -> None:
    """Store the speeches, replacing what was stored."""
    row = session.get(SpeakingRow, meeting_id)
    if row is None:
        row = SpeakingRow(meeting_id=meeting_id)
        session.add(row)
    row.drawn = json.dumps([[subject.key, subject.name] for subject in speaking.order], ensure_ascii=False)
    row.limit_minutes = int(speaking.limit / timedelta(minutes=1))
    row.current = speaking.current.key if speaking.current else None
    row.started_at = speaking.started_at
    row.is_shown = speaking.is_shown
