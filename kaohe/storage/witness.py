"""A witness beside the secrets (见证): how far the record of acts and the boxes came when last seen.

An older copy of the database that is put back by hand is whole in itself; only something that lies elsewhere can tell
that acts and ballots are missing from it. The witness tells how many ballots there were at least, and nothing of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from kaohe.domain.meetings import MeetingState
from kaohe.storage.installation import this_config, this_memory
from kaohe.storage.tables import EnvelopeRow, MeetingRow, RecordEntryRow, RoundRow, table_of

FILE_NAME = "witness.json"
STEP = 10
"""Ballots are noted in tens."""
_SHARE = 20
"""In a full box they are counted after every twentieth part of what is in it, so that counting costs little."""
_ACTS = "kaohe_acts"
"""Where a transaction keeps the acts that it has recorded, until it is committed."""
_writing = threading.Lock()
_ENVELOPES = table_of(EnvelopeRow)
_COUNT = select(func.count()).select_from(_ENVELOPES).where(_ENVELOPES.c.round_id == bindparam("of_round"))


@dataclass(frozen=True, slots=True)
class Missing:
    """What the database lacks of one meeting."""

    title: str
    """'' for what belongs to no meeting."""
    ballots: int
    """How many were in the box at least; 0 where acts are missing."""


@dataclass(slots=True)
class _Witness:
    acts: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Number and digest of the newest act, by meeting; of those that belong to none under ''."""
    ballots: dict[str, int] = field(default_factory=dict)
    """How many were in a round's box at least."""
    parted: set[str] = field(default_factory=set)
    """Meetings that have got another act under a number that was seen: what was seen of them stands for good."""


def note_act(session: Session, meeting_id: str | None, seq: int, digest: str) -> None:
    """Remember an act until its transaction is committed."""
    session.info.setdefault(_ACTS, {})[meeting_id or ""] = (seq, digest)


def keep_acts(session: Session) -> None:
    """Write down the acts of a transaction that was committed."""
    acts: Mapping[str, tuple[int, str]] = session.info.pop(_ACTS, {})
    if acts:
        _write(_Witness(dict(acts)))


def count_due_boxes(session: Session, arrived: Mapping[str, int]) -> Mapping[str, int]:
    """How many ballots lie in the boxes into which enough has come since they were counted last.

    ``arrived`` says what comes with this transaction, by round.
    """
    looked: dict[str, tuple[int, int]] = this_memory("witness")
    found = {}
    for round_id, more in arrived.items():
        known, since = looked.get(round_id, (0, 0))
        looked[round_id] = known, since + more
        if since + more >= max(STEP, known // _SHARE):
            found[round_id] = session.connection().execute(_COUNT, {"of_round": round_id}).scalar_one()
            looked[round_id] = found[round_id], 0
    return found


def keep_ballots(counted: Mapping[str, int]) -> None:
    """Write down, in tens, how many ballots were found in boxes by a transaction that was committed."""
    if counted:
        _write(_Witness(ballots={round_id: count - count % STEP for round_id, count in counted.items()}))


def list_missing(session: Session) -> Iterator[Missing]:
    """Every meeting of which the database has less than the witness has seen; nothing where there is no witness."""
    seen = _read()
    titles = {row.id: row.title for row in session.execute(select(MeetingRow.id, MeetingRow.title))}
    for meeting_id, (seq, digest) in seen.acts.items():
        act = select(RecordEntryRow.digest).where(
            RecordEntryRow.meeting_id == meeting_id if meeting_id else RecordEntryRow.meeting_id.is_(None),
            RecordEntryRow.seq == seq,
        )
        if session.scalar(act) != digest:
            yield Missing(titles.get(meeting_id, ""), 0)
    collecting = (
        select(RoundRow.id, RoundRow.meeting_id, func.count(EnvelopeRow.id))
        .outerjoin(EnvelopeRow, EnvelopeRow.round_id == RoundRow.id)
        .where(RoundRow.id.in_(seen.ballots), RoundRow.state == str(MeetingState.OPEN), RoundRow.void_reason.is_(None))
        .group_by(RoundRow.id, RoundRow.meeting_id)
    )
    for round_id, meeting_id, count in session.execute(collecting):
        if count < seen.ballots[round_id]:
            yield Missing(titles[meeting_id], seen.ballots[round_id])


def forget_witness() -> None:
    """Begin anew: an older copy has been put in place with the consent that this asks for. Idempotent."""
    _path().unlink(missing_ok=True)


def _database() -> str:
    """Which database the witness speaks of: another address is another one. The address may hold a password."""
    return hashlib.sha256(this_config().database_url.encode()).hexdigest()


def _path() -> Path:
    return this_config().data / FILE_NAME


def _read() -> _Witness:
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        document = json.loads(_path().read_text(encoding="utf-8"))
        if document["of"] != _database():
            return _Witness()
        return _Witness(
            {meeting_id: (int(seq), str(digest)) for meeting_id, (seq, digest) in document["acts"].items()},
            {round_id: int(count) for round_id, count in document["ballots"].items()},
            set(document["parted"]),
        )
    return _Witness()


def _write(more: _Witness) -> None:
    """Add to the witness, and never take back: what was seen once stays seen.

    A witness that cannot be written holds up nobody; neither does it wait for the disk, as an older one is still true.
    """
    with _writing, suppress(OSError):
        kept = _read()
        for key, act in more.acts.items():
            last = kept.acts.get(key, (0, ""))
            if act[0] == last[0] and act != last:
                kept.parted.add(key)
            elif act[0] > last[0] and key not in kept.parted:
                kept.acts[key] = act
        kept.ballots.update({key: max(count, kept.ballots.get(key, 0)) for key, count in more.ballots.items()})
        path = _path()
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        document = {"of": _database(), "acts": kept.acts, "ballots": kept.ballots, "parted": sorted(kept.parted)}
        unfinished.write_text(json.dumps(document), encoding="utf-8")
        unfinished.replace(path)
