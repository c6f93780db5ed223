"""The emblem (单位徽标) that a unit puts on a meeting's wall, in and out of the table."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from kaohe.storage.meetings import meeting_row

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
