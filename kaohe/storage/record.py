"""The record of acts (操作记录): who prepared, opened, closed, counted. Never who voted, or when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kaohe.domain.record_chain import ChainEntry, chain_start, chain_time, entry_digest, sign
from kaohe.storage.clock import now
from kaohe.storage.installation import these_secrets
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import RecordEntryRow
from kaohe.storage.witness import note_act


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One act of a person who prepares or chairs."""

    at: datetime
    actor: str
    act: str
    detail: Mapping[str, str]


def record(session: Session, meeting_id: str | None, actor: str, act: str, **detail: str) -> None:
    """Add one act within the transaction that does it, chained to the one before and signed.

    Each meeting has a chain of its own; what belongs to no meeting has another one.
    """
    wait_for_turn(session, meeting_id)
    last = session.execute(
        select(RecordEntryRow.seq, RecordEntryRow.digest)
        .where(RecordEntryRow.meeting_id == meeting_id if meeting_id else RecordEntryRow.meeting_id.is_(None))
        .order_by(RecordEntryRow.seq.desc())
        .limit(1)
    ).first()
    seq, prev = (last.seq + 1, last.digest) if last else (1, chain_start(meeting_id or ""))
    at = now()
    digest = entry_digest(seq, chain_time(at), actor, act, detail, prev)
    session.add(
        RecordEntryRow(
            meeting_id=meeting_id,
            at=at,
            actor=actor,
            act=act,
            detail=json.dumps(detail, ensure_ascii=False),
            seq=seq,
            prev=prev,
            digest=digest,
            signature=sign(these_secrets().signing_key, digest.encode()).hex(),
        )
    )
    session.flush()
    note_act(session, meeting_id, seq, digest)


def latest_acts(session: Session, *meeting_ids: str) -> Mapping[str | None, int]:
    """The id of the latest act of each of these meetings, and under None of what belongs to no meeting.

    Whatever is done to a meeting records an act, so that what was read of it stands as long as the id does.
    """
    chain = RecordEntryRow.meeting_id
    of_chains = chain.in_(meeting_ids) | chain.is_(None)
    latest = func.max(RecordEntryRow.id).label("latest")
    rows = session.execute(select(chain, latest).where(of_chains).group_by(chain))
    return {row.meeting_id: row.latest for row in rows}


def latest_time(session: Session) -> datetime | None:
    """When the latest act of any meeting was recorded; None before the first one."""
    return session.scalars(select(RecordEntryRow.at).order_by(RecordEntryRow.at.desc()).limit(1)).first()


@cached_in_transaction
def list_record_entries(
    session: Session, meeting_id: str | None, *, at_most: int | None = None
) -> Sequence[RecordEntry]:
    """The acts of one meeting, or those that belong to none, the newest first."""
    of_chain = RecordEntryRow.meeting_id == meeting_id if meeting_id else RecordEntryRow.meeting_id.is_(None)
    rows = session.scalars(select(RecordEntryRow).where(of_chain).order_by(RecordEntryRow.id.desc()).limit(at_most))
    return [RecordEntry(row.at, row.actor, row.act, json.loads(row.detail)) for row in rows]


@cached_in_transaction
def chain_of(session: Session, meeting_id: str | None) -> list[ChainEntry]:
    """The whole record of one meeting, or of what belongs to none, as a chain, the oldest act first."""
    rows = session.scalars(
        select(RecordEntryRow).where(RecordEntryRow.meeting_id == meeting_id).order_by(RecordEntryRow.seq)
    )
    return [
        ChainEntry(
            seq=row.seq,
            at=chain_time(row.at),
            actor=row.actor,
            act=row.act,
            detail=json.loads(row.detail),
            prev=row.prev,
            digest=row.digest,
            signature=row.signature,
        )
        for row in rows
    ]


def recorded_ids(session: Session) -> list[str]:
    """The ids of all meetings that have a record, sorted."""
    query = (
        select(RecordEntryRow.meeting_id)
        .where(RecordEntryRow.meeting_id.is_not(None))
        .distinct()
        .order_by(RecordEntryRow.meeting_id)
    )
    return [meeting_id for meeting_id in session.scalars(query) if meeting_id]


def wait_for_turn(session: Session, meeting_id: str | None) -> None:
    """Let one transaction after another go on with a meeting's acts, or with those that belong to no meeting.

    SQLite has one writer at a time anyway; PostgreSQL lets two acts of one meeting meet at the chain's end.
    """
    if session.get_bind().dialect.name == "postgresql":
        turn = int.from_bytes(hashlib.sha256(f"kaohe record|{meeting_id}".encode()).digest()[:7], "big")
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": turn})
