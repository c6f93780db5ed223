"""The record of acts (操作记录): who prepared, opened, closed, counted. Never who voted, or when."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kaohe.storage.clock import now
from kaohe.storage.tables import EventRow


@dataclass(frozen=True, slots=True)
class Event:
    """One act of a person who prepares or chairs."""

    at: datetime
    actor: str
    act: str
    detail: Mapping[str, str]


def record(session: Session, meeting_id: str | None, actor: str, act: str, **detail: str) -> None:
    """Add one act within the transaction that does it."""
    session.add(
        EventRow(meeting_id=meeting_id, at=now(), actor=actor, act=act, detail=json.dumps(detail, ensure_ascii=False))
    )


def has_happened(session: Session, meeting_id: str, act: str) -> bool:
    """Whether an act of this kind stands in a meeting's record."""
    query = select(EventRow.seq).where(EventRow.meeting_id == meeting_id, EventRow.act == act).limit(1)
    return session.scalars(query).first() is not None


def list_events(session: Session, meeting_id: str) -> Sequence[Event]:
    """All acts of one meeting, the newest first."""
    rows = session.scalars(select(EventRow).where(EventRow.meeting_id == meeting_id).order_by(EventRow.seq.desc()))
    return [Event(row.at, row.actor, row.act, json.loads(row.detail)) for row in rows]
