"""The note of what the hall has been shown of a round: one for all servers, held by one of them at a time."""

from __future__ import annotations

import time

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kaohe.storage.database import is_sqlite
from kaohe.storage.tables import ScreenRow


def has_one_server() -> bool:
    """Whether one process alone serves this database, so that it can keep in memory what its screens have shown."""
    return is_sqlite()


def hold_note(session: Session, round_id: str) -> bytes:
    """The note, empty at first; no other server gets it before this transaction ends."""
    session.execute(insert(ScreenRow).values(round_id=round_id, note=b"").on_conflict_do_nothing())
    return session.scalars(select(ScreenRow.note).where(ScreenRow.round_id == round_id).with_for_update()).one()


def keep_note(session: Session, round_id: str, note: bytes) -> None:
    """Replace the note."""
    session.execute(update(ScreenRow).where(ScreenRow.round_id == round_id).values(note=note))


def forget_note(session: Session, round_id: str) -> None:
    """Delete the note; idempotent."""
    session.execute(delete(ScreenRow).where(ScreenRow.round_id == round_id))


def forget_every_note(session: Session) -> None:
    """Delete the notes of all rounds; idempotent."""
    session.execute(delete(ScreenRow))


def common_clock(session: Session) -> float:
    """Seconds by the one clock that all servers of this database share; only differences mean anything."""
    if is_sqlite():
        return time.monotonic()
    return float(session.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())
