"""The ballot box (票箱): the one writer of spent tickets and of envelopes while voting is open.

Ballots are committed in groups. Whoever finds the box free becomes its writer, takes everything that waits, commits
once, wakes the others, and hands the box to the first of those who came meanwhile; whoever completes a crowd commits it
on the spot. No ballot waits for a timer, and a reply is given only after the commit that holds it is durable.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError

from kaohe.domain.errors import (
    BallotBoxBusy,
    KaoheError,
)
from kaohe.storage.box_figures import BoxFigures
from kaohe.storage.database import transaction
from kaohe.storage.redeeming import CastRequest as CastRequest
from kaohe.storage.redeeming import redeem
from kaohe.storage.storage_faults import CannotStore, StorageFault, storage_fault_of
from kaohe.storage.witness import count_due_boxes, keep_ballots

CROWD = 256
"""So many are committed at once by whoever completes them: in a crowd an event loop comes round too rarely to wait."""
WAITING_AT_MOST = 2_000
"""Whoever comes while so many wait is told to come back: an endless queue would answer nobody in time."""


@dataclass(slots=True, eq=False)
class _Waiting:
    request: CastRequest
    turn: threading.Event = field(default_factory=threading.Event)
    """Set once this one is done, or is the next writer."""
    is_writer: bool = False
    """Whether this one hands the box over afterwards, also if a crowd has been committed before its turn came."""
    is_done: bool = False
    outcome: KaoheError | bytes = b""
    """A refusal, or the digest of the envelope that the ticket has paid for."""

    def finish(self, outcome: KaoheError | bytes) -> None:
        self.outcome, self.is_done = outcome, True
        self.turn.set()


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

    def cast(self, request: CastRequest) -> bytes:
        """Redeem the ticket and store the envelope, durably, or change nothing; the digest of what is in the box.

        Idempotent: the same ticket with the same retry digest is accepted again and counted once. What is in the box
        then is the envelope of the first time, whatever this one holds; the digest tells which.

        Raises:
            TicketUnknown, TicketUsed, TicketVoided: the ticket does not pay for this ballot.
            TicketNotHandedOut: as many ballots of the group are in as slips have been handed out (发出).
            NonceTaken: another ballot in the box has this one's tag.
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
                outcomes = redeem(session.connection(), [waiting.request for waiting in group])
                counted = count_due_boxes(session, Counter(waiting.request.round_id for waiting in group))
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
        self.figures.note_group(sum(isinstance(outcome, bytes) for outcome in outcomes), seconds)
        for waiting, outcome in zip(group, outcomes, strict=True):
            waiting.finish(outcome)
        keep_ballots(counted)

    def _turn_away(self, group: Sequence[_Waiting]) -> None:
        self.figures.turned_away += len(group)
        for waiting in group:
            waiting.finish(BallotBoxBusy())


BALLOT_BOX = BallotBox()
