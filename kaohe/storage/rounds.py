"""Rounds in and out of the table, as values. Whoever changes one has read it for update."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kaohe.domain.errors import MeetingUnknown
from kaohe.domain.meetings import MeetingSetup, MeetingState, Round, require_state
from kaohe.domain.setup_documents import thaw_setup
from kaohe.storage.database import Transaction, transaction
from kaohe.storage.meetings import latest_round_rows, load_setup
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import RoundRow, db

_ALL = select(RoundRow).order_by(RoundRow.meeting_id, RoundRow.number, RoundRow.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRound(Round):
    """A round with what pages never see of it; its fields are the columns of ``tables.RoundRow``."""

    frozen: str | None = None
    canary: bytes | None = None
    held_share: bytes | None = field(default=None, repr=False)
    traces_due: str | None = None
    kept_counts: str | None = None
    ballots_salt: str | None = None
    tickets_lost: bool = False

    @property
    def is_key_with_servers(self) -> bool:
        """Whether the box of the round waits for a key that the servers hold, in a file of its own."""
        is_waiting = self.state in (MeetingState.OPEN, MeetingState.CLOSED) and not self.is_voided
        return is_waiting and self.public_key is not None and self.canary is None

    def without_secrets(self) -> Round:
        """The round as pages and results may hold it."""
        return Round(**{column.name: getattr(self, column.name) for column in fields(Round)})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundForUpdate(StoredRound):
    """A round that nobody else changes, and into which no ballot is cast, before the transaction ends."""


def current_round(session: Session, meeting_id: str) -> StoredRound:
    """The latest real round of a meeting."""
    rounds = rounds_of(session, meeting_id)
    if not rounds:
        raise MeetingUnknown
    return rounds[-1]


def current_rounds(session: Session, *meeting_ids: str) -> Mapping[str, StoredRound]:
    """The latest real round of these meetings, or of every meeting where none are named, by the meeting's id."""
    return {meeting_id: _read(row) for meeting_id, row in latest_round_rows(session, *meeting_ids).items()}


def current_round_for_update(session: Session, meeting_id: str) -> RoundForUpdate:
    """The latest real round of a meeting, locked until the transaction ends."""
    (this_round,) = rounds_for_update(session, [current_round(session, meeting_id).id])
    return this_round


@contextmanager
def changing_round(meeting_id: str, *allowed: MeetingState) -> Iterator[tuple[Transaction, RoundForUpdate]]:
    """A transaction and in it the current round of a meeting, locked, which is in one of the states that are allowed.

    Where none is named, any will do.

    Raises:
        WrongState: the round is voided, or in another state.
    """
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        if allowed:
            require_state(row, *allowed)
        yield session, row


def rehearsal_of(session: Session, meeting_id: str) -> StoredRound | None:
    """The rehearsal that is going on, if there is one."""
    return next((this_round for this_round in _rounds(session, meeting_id) if this_round.is_rehearsal), None)


def voting_round(session: Session, meeting_id: str) -> StoredRound:
    """The round that phones vote in: the rehearsal while there is one, else the current round."""
    return rehearsal_of(session, meeting_id) or current_round(session, meeting_id)


def round_by_id(session: Session, round_id: str) -> StoredRound:
    """The round with this id, which must be there."""
    return _read(session.get_one(RoundRow, round_id))


def keep_round_open(session: Session, round_id: str) -> StoredRound:
    """A round that nobody can close, strip or wipe before this transaction ends, while ballots still come in."""
    return _read(session.scalars(select(RoundRow).where(RoundRow.id == round_id).with_for_update(read=True)).one())


def rounds_of(session: Session, meeting_id: str) -> Sequence[StoredRound]:
    """Every real round of a meeting, the first one first."""
    return [this_round for this_round in _rounds(session, meeting_id) if not this_round.is_rehearsal]


def rounds_for_update(session: Session, round_ids: Iterable[str]) -> Sequence[RoundForUpdate]:
    """The rounds with these ids, by meeting and number, locked until the transaction ends."""
    return _for_update(session, _ALL.where(RoundRow.id.in_(list(round_ids))))


def every_round_for_update(session: Session) -> Sequence[RoundForUpdate]:
    """Every round of every meeting, rehearsals too, by meeting and number, locked until the transaction ends."""
    return _for_update(session, _ALL)


def traces_due(session: Session, meeting_id: str | None = None) -> Mapping[str, str]:
    """The rounds of one meeting, or of all, whose deleted rows still lie in the files: the act that deleted, by id."""
    query = select(RoundRow.id, RoundRow.traces_due).where(RoundRow.traces_due.is_not(None))
    rows = session.execute(query if meeting_id is None else query.where(RoundRow.meeting_id == meeting_id))
    return {round_id: act for round_id, act in rows if act is not None}


def round_state(session: Session, meeting_id: str, number: int | None) -> MeetingState | None:
    """The state of the latest real round of a meeting, or of the one with this number; None where there is none."""
    states = [this_round.state for this_round in rounds_of(session, meeting_id) if number in (None, this_round.number)]
    return states[-1] if states else None


@cached_in_transaction
def round_setup(session: Session, this_round: StoredRound) -> MeetingSetup:
    """The set-up that a round is held by: frozen once it has opened, the prepared one before."""
    return thaw_setup(this_round.frozen) if this_round.frozen else load_setup(session, this_round.meeting_id)


def printed_urls() -> Sequence[str]:
    """Every address of the server that stands on slips; none while the database does not answer."""
    try:
        with db.engine.connect() as connection:
            return [url for url in connection.scalars(select(RoundRow.printed_url).distinct()) if url]
    except SQLAlchemyError:
        return []


def add_round(session: Session, made: StoredRound) -> None:
    """Store a new round."""
    session.add(RoundRow(**_columns(made)))
    session.flush()


def save_round(session: Session, changed: RoundForUpdate) -> RoundForUpdate:
    """Store what has changed of a round since it was read for update; returns it as it is stored now."""
    row = session.get_one(RoundRow, changed.id)
    for name, value in _columns(changed).items():
        setattr(row, name, value)
    session.flush()
    return changed


def drop_round(session: Session, round_id: str) -> None:
    """Delete a round; what was cast in it is dropped by ``box_contents``."""
    session.delete(session.get_one(RoundRow, round_id))


@cached_in_transaction
def _rounds(session: Session, meeting_id: str) -> Sequence[StoredRound]:
    return [_read(row) for row in session.scalars(_ALL.where(RoundRow.meeting_id == meeting_id))]


def _for_update(session: Session, query: Select[RoundRow]) -> list[RoundForUpdate]:
    # What this transaction has read before the lock may be old by now.
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return [RoundForUpdate(**_values(row)) for row in found]


def _read(row: RoundRow) -> StoredRound:
    return StoredRound(**_values(row))


def _values(row: RoundRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS} | {"state": MeetingState(row.state)}


def _columns(this_round: StoredRound) -> dict[str, Any]:
    return {name: getattr(this_round, name) for name in _COLUMNS} | {"state": str(this_round.state)}


_COLUMNS = tuple(column.name for column in fields(StoredRound))
