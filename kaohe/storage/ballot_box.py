"""The ballot box (票箱): the one writer of spent tickets and of envelopes while voting is open.

Ballots are committed in groups. Whoever finds the box free becomes its writer, takes everything that waits, commits
once, wakes the others, and hands the box to the first of those who came meanwhile; whoever completes a crowd commits it
on the spot. No ballot waits for a timer, and a reply is given only after the commit that holds it is durable.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError

from kaohe.domain.envelopes import Envelope
from kaohe.domain.errors import BallotBoxBusy, KaoheError, NonceTaken, TicketUnknown, TicketUsed, TicketVoided
from kaohe.domain.meetings import MeetingState, require_collecting
from kaohe.storage.box_figures import BoxFigures
from kaohe.storage.database import transaction
from kaohe.storage.storage_faults import CannotStore, DatabaseBusy, StorageFault, storage_fault_of
from kaohe.storage.tables import EnvelopeRow, RoundRow, TicketRow, table_of

CROWD = 256
"""So many are committed at once by whoever completes them: in a crowd an event loop comes round too rarely to wait."""
WAITING_AT_MOST = 2_000
"""Whoever comes while so many wait is told to come back: an endless queue would answer nobody in time."""

_ROUNDS, _TICKETS, _ENVELOPES = table_of(RoundRow), table_of(TicketRow), table_of(EnvelopeRow)
# Made once: building a statement costs more than running it.
_STATES = (
    select(_ROUNDS.c.id, _ROUNDS.c.state, _ROUNDS.c.is_paused, _ROUNDS.c.void_reason)
    .where(_ROUNDS.c.id.in_(bindparam("round_ids", expanding=True)))
    .order_by(_ROUNDS.c.id)
    .with_for_update(read=True)
)
_FOUND_TICKETS = (
    select(
        _TICKETS.c.round_id,
        _TICKETS.c.digest,
        _TICKETS.c.group_key,
        _TICKETS.c.is_spent,
        _TICKETS.c.is_void,
        _TICKETS.c.retry_digest,
    )
    .where(
        _TICKETS.c.round_id.in_(bindparam("round_ids", expanding=True)),
        _TICKETS.c.digest.in_(bindparam("digests", expanding=True)),
    )
    .order_by(_TICKETS.c.round_id, _TICKETS.c.digest)
    .with_for_update()
)
_SPEND = (
    update(_TICKETS)
    .where(_TICKETS.c.round_id == bindparam("of_round"), _TICKETS.c.digest == bindparam("of_ticket"))
    .where(~_TICKETS.c.is_spent)
    .values(is_spent=True, retry_digest=bindparam("retry"))
)
_TAKEN = select(_ENVELOPES.c.round_id, _ENVELOPES.c.tag).where(
    _ENVELOPES.c.round_id.in_(bindparam("round_ids", expanding=True)),
    _ENVELOPES.c.tag.in_(bindparam("tags", expanding=True)),
)
_STORE = insert(_ENVELOPES)


@dataclass(frozen=True, slots=True)
class CastRequest:
    """A sealed ballot and the ticket that pays for it. They meet here and nowhere else."""

    round_id: str
    ticket_digest: bytes
    retry_digest: bytes
    envelope: Envelope


@dataclass(slots=True, eq=False)
class _Waiting:
    request: CastRequest
    turn: threading.Event = field(default_factory=threading.Event)
    """Set once this one is done, or is the next writer."""
    is_writer: bool = False
    """Whether this one hands the box over afterwards, also if a crowd has been committed before its turn came."""
    is_done: bool = False
    outcome: KaoheError | bool = False
    """A refusal, or whether this very request has been stored; not so if its ballot was in the box before."""

    def finish(self, outcome: KaoheError | bool) -> None:  # noqa: FBT001 # an outcome is no switch
        self.outcome, self.is_done = outcome, True
        self.turn.set()


@dataclass(slots=True)
class _StoredTicket:
    """A ticket as it stands within the transaction."""

    group_key: str
    is_spent: bool
    is_void: bool
    retry_digest: bytes | None


class BallotBox:
    """Takes ballots in groups, one writer at a time."""

    def __init__(self) -> None:
        """An idle box with an empty queue."""
        self._queueing = threading.Lock()
        self._writing = threading.Lock()
        self._queue: list[_Waiting] = []
        self._has_writer = False
        self._commit_began: float | None = None
        self.figures = BoxFigures()
        self.fault: StorageFault | None = None
        """Why the latest group could not be stored; None once one has been, or somebody has found that it could."""

    @property
    def waiting_count(self) -> int:
        """How many ballots wait for the next group."""
        return len(self._queue)

    @property
    def commit_seconds(self) -> float:
        """For how long the present commit has lasted; 0 where there is none."""
        began = self._commit_began
        return 0.0 if began is None else time.monotonic() - began

    def cast(self, request: CastRequest) -> bool:
        """Redeem the ticket and store the envelope, durably, or change nothing; whether this envelope was stored.

        Idempotent: the same ticket with the same retry digest is accepted again and counted once. What is in the box
        then is the envelope of the first time, whatever this one holds.

        Raises:
            TicketUnknown, TicketUsed, TicketVoided: the ticket does not pay for this ballot.
            NonceTaken: another ballot in the box has this one's tag, and would have its receipt.
            MeetingNotOpen, MeetingPaused, MeetingClosed: judged inside the transaction, so that close is a clean cut.
            BallotBoxBusy: the database could not store the group, or too many wait already; nothing was stored.
        """
        waiting = _Waiting(request)
        with self._queueing:
            if len(self._queue) >= WAITING_AT_MOST:
                self.figures.turned_away += 1
                raise BallotBoxBusy
            self._queue.append(waiting)
            waiting.is_writer, self._has_writer = not self._has_writer, True
            is_crowd = len(self._queue) >= CROWD
        try:
            if is_crowd:
                self._write_crowd()
            if not waiting.is_writer:
                waiting.turn.wait()
            if waiting.is_writer:
                self._write(waiting)
        except BaseException:
            # This request is being killed: no other one may hang because of it.
            self._step_back(waiting)
            raise
        if waiting.is_writer:
            self._hand_over()
        if isinstance(waiting.outcome, KaoheError):
            raise waiting.outcome
        return waiting.outcome

    def _write(self, waiting: _Waiting) -> None:
        if self.waiting_count == 1:
            # Lets everyone whose request has already arrived join the group; without it an event loop would commit
            # ballots one by one.
            time.sleep(0)
        with self._writing:
            if not waiting.is_done:
                self._commit(self._take())

    def _write_crowd(self) -> None:
        if self._writing.acquire(blocking=False):
            try:
                self._commit(self._take())
            finally:
                self._writing.release()

    def _hand_over(self) -> None:
        with self._queueing:
            self._has_writer = bool(self._queue)
            if self._queue:
                self._queue[0].is_writer = True
                self._queue[0].turn.set()

    def _step_back(self, waiting: _Waiting) -> None:
        with self._queueing:
            if waiting in self._queue:
                self._queue.remove(waiting)
        if waiting.is_writer:
            self._hand_over()

    def _take(self) -> list[_Waiting]:
        with self._queueing:
            taken, self._queue = self._queue, []
        return taken

    def _commit(self, group: Sequence[_Waiting]) -> None:
        self._commit_began = time.monotonic()
        try:
            with transaction() as session:
                outcomes = _redeem(session.connection(), [waiting.request for waiting in group])
        except (DBAPIError, CannotStore) as error:
            self.fault = storage_fault_of(error) or StorageFault.DISK_FAULT
            # Those waiting behind this group would wait just as long for the same fault.
            self._turn_away([*group, *self._take()])
            return
        except BaseException:
            # The writer itself is being killed: the others must not hang, and nothing was stored.
            self._turn_away(group)
            raise
        finally:
            seconds, self._commit_began = self.commit_seconds, None
        self.fault = None
        self.figures.note_group(sum(isinstance(outcome, bool) for outcome in outcomes), seconds)
        for waiting, outcome in zip(group, outcomes, strict=True):
            waiting.finish(outcome)

    def _turn_away(self, group: Sequence[_Waiting]) -> None:
        self.figures.turned_away += len(group)
        for waiting in group:
            waiting.finish(BallotBoxBusy())


BALLOT_BOX = BallotBox()


def _redeem(connection: Connection, requests: Sequence[CastRequest]) -> list[KaoheError | bool]:
    round_ids = sorted({request.round_id for request in requests})
    states = {
        round_id: (MeetingState(state), is_paused, void_reason is not None)
        for round_id, state, is_paused, void_reason in connection.execute(_STATES, {"round_ids": round_ids})
    }
    digests = sorted({request.ticket_digest for request in requests})
    tickets = {
        (round_id, digest): _StoredTicket(*columns)
        for round_id, digest, *columns in connection.execute(
            _FOUND_TICKETS, {"round_ids": round_ids, "digests": digests}
        )
    }
    tags = sorted({request.envelope.tag for request in requests})
    taken = {(round_id, tag) for round_id, tag in connection.execute(_TAKEN, {"round_ids": round_ids, "tags": tags})}
    outcomes: list[KaoheError | bool] = []
    accepted: list[CastRequest] = []
    for request in requests:
        ticket = tickets.get((request.round_id, request.ticket_digest))
        refusal = _refusal(ticket, request, states)
        is_stored = False
        if refusal is None and ticket is not None and not ticket.is_spent:
            named = (request.round_id, request.envelope.tag)
            if named in taken:
                # No phone by itself: somebody has sent one nonce for two tickets. Two ballots with one receipt would
                # let nobody say whose is missing, and the list of receipts could not be made.
                refusal = NonceTaken()
            else:
                taken.add(named)
                ticket.is_spent, ticket.retry_digest = True, request.retry_digest
                accepted.append(request)
                is_stored = True
        outcomes.append(is_stored if refusal is None else refusal)
    if accepted:
        _store(connection, accepted)
    return outcomes


def _store(connection: Connection, accepted: Sequence[CastRequest]) -> None:
    spent = connection.execute(
        _SPEND,
        [
            {"of_round": request.round_id, "of_ticket": request.ticket_digest, "retry": request.retry_digest}
            for request in sorted(accepted, key=lambda request: (request.round_id, request.ticket_digest))
        ],
    )
    if spent.rowcount != len(accepted):
        # A ticket was spent behind the lock that this transaction holds: nothing of the group may be stored.
        raise DatabaseBusy
    # Sorted by their random names, so that the order of arrival does not reach the pages either.
    named = sorted(((secrets.token_bytes(16), request) for request in accepted), key=lambda pair: pair[0])
    connection.execute(
        _STORE,
        [
            {
                "round_id": request.round_id,
                "id": name,
                "group_key": request.envelope.group_key,
                "tag": request.envelope.tag,
                "box": request.envelope.box,
            }
            for name, request in named
        ],
    )


def _refusal(
    ticket: _StoredTicket | None, request: CastRequest, states: dict[str, tuple[MeetingState, bool, bool]]
) -> KaoheError | None:
    if ticket is None or ticket.group_key != request.envelope.group_key:
        return TicketUnknown()
    if ticket.is_spent and ticket.retry_digest == request.retry_digest:
        # A retry after a lost reply is a success even after the close: its ballot is in the box.
        return None
    if ticket.is_void:
        return TicketVoided()
    state, is_paused, is_voided = states[request.round_id]
    try:
        require_collecting(state, is_paused=is_paused, is_voided=is_voided)
    except KaoheError as refusal:
        return refusal
    # Told last: where no ballot is taken, nobody learns whether a ticket has been used.
    return TicketUsed() if ticket.is_spent else None
