"""The ballot box (票箱): the one writer of spent tickets and envelopes, and the one place that empties it.

Ballots are committed in groups. Whoever finds the box free becomes its writer, takes everything that waits (up to
``GROUP`` ballots), commits once, and wakes the others; no ballot waits for a timer, and a reply is given only after the
commit that holds it is durable.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kaohe.domain.envelopes import Envelope
from kaohe.domain.errors import BallotBoxBusy, KaoheError, TicketUnknown, TicketUsed, TicketVoided
from kaohe.domain.meetings import MeetingState, require_collecting
from kaohe.storage.database import transaction
from kaohe.storage.tables import BallotRow, CommentRow, EnvelopeRow, ReceiptRow, RoundRow, TicketRow

GROUP = 64


@dataclass(frozen=True, slots=True)
class CastRequest:
    """A sealed ballot and the ticket that pays for it. They meet here and nowhere else."""

    round_id: str
    ticket_digest: bytes
    retry_digest: bytes
    envelope: Envelope


@dataclass(slots=True)
class _Waiting:
    request: CastRequest
    is_done: bool = False
    refusal: KaoheError | None = field(default=None)


class BallotBox:
    """Takes ballots in groups, one writer at a time."""

    def __init__(self) -> None:
        """An idle box with nobody waiting."""
        self._queue: list[_Waiting] = []
        self._queueing = threading.Lock()
        self._writing = threading.Lock()

    def cast(self, request: CastRequest) -> None:
        """Redeem the ticket and store the envelope, durably, or change nothing.

        Idempotent: the same ticket with the same retry digest is accepted again and counted once.

        Raises:
            TicketUnknown, TicketUsed, TicketVoided: the ticket does not pay for this ballot.
            MeetingNotOpen, MeetingPaused, MeetingClosed: judged inside the transaction, so that close is a clean cut.
            BallotBoxBusy: the database could not store the group; nothing was stored.
        """
        waiting = _Waiting(request)
        with self._queueing:
            self._queue.append(waiting)
        with self._writing:
            if not waiting.is_done:
                # Lets everyone whose request has already arrived join the group; without it an event loop would
                # commit ballots one by one.
                time.sleep(0)
            while not waiting.is_done:
                with self._queueing:
                    group, self._queue = self._queue[:GROUP], self._queue[GROUP:]
                self._commit(group)
        if waiting.refusal is not None:
            raise waiting.refusal

    def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            with transaction() as session:
                refusals = _redeem(session, [waiting.request for waiting in group])
        except DBAPIError:
            refusals = [BallotBoxBusy() for _ in group]
        except BaseException:
            # The writer itself is being stopped: whoever waits must not hang, and nothing was stored.
            for waiting in group:
                waiting.refusal, waiting.is_done = BallotBoxBusy(), True
            raise
        for waiting, refusal in zip(group, refusals, strict=True):
            waiting.refusal, waiting.is_done = refusal, True


BALLOT_BOX = BallotBox()


def _redeem(session: Session, requests: Sequence[CastRequest]) -> list[KaoheError | None]:
    states = {
        row.id: (MeetingState(row.state), row.is_paused, row.void_reason is not None)
        for row in session.execute(
            select(RoundRow.id, RoundRow.state, RoundRow.is_paused, RoundRow.void_reason)
            .where(RoundRow.id.in_({request.round_id for request in requests}))
            .order_by(RoundRow.id)
            .with_for_update(read=True)
        )
    }
    tickets = {
        (row.round_id, row.digest): row
        for row in session.scalars(
            select(TicketRow)
            .where(
                TicketRow.round_id.in_(states), TicketRow.digest.in_({request.ticket_digest for request in requests})
            )
            .order_by(TicketRow.round_id, TicketRow.digest)
            .with_for_update()
        )
    }
    refusals: list[KaoheError | None] = []
    accepted: list[CastRequest] = []
    for request in requests:
        ticket = tickets.get((request.round_id, request.ticket_digest))
        refusal = _refusal(ticket, request, states)
        if refusal is None and ticket is not None and not ticket.is_spent:
            ticket.is_spent, ticket.retry_digest = True, request.retry_digest
            accepted.append(request)
        refusals.append(refusal)
    if accepted:
        # Sorted by their random names, so that the order of arrival does not reach the pages either.
        named = sorted(((secrets.token_bytes(16), request) for request in accepted), key=lambda pair: pair[0])
        session.execute(
            insert(EnvelopeRow),
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
    return refusals


def _refusal(
    ticket: TicketRow | None, request: CastRequest, states: dict[str, tuple[MeetingState, bool, bool]]
) -> KaoheError | None:
    if ticket is None or ticket.group_key != request.envelope.group_key:
        return TicketUnknown()
    if ticket.is_spent:
        # A retry after a lost reply is a success even after the close: its ballot is in the box.
        return None if ticket.retry_digest == request.retry_digest else TicketUsed()
    if ticket.is_void:
        return TicketVoided()
    state, is_paused, is_voided = states[request.round_id]
    try:
        require_collecting(state, is_paused=is_paused, is_voided=is_voided)
    except KaoheError as refusal:
        return refusal
    return None


@dataclass(frozen=True, slots=True)
class StoredEnvelope:
    """An envelope as it lies in the box."""

    id: bytes
    group_key: str
    tag: bytes
    box: bytes


def envelope_ids(session: Session, round_id: str) -> set[bytes]:
    """The random names of all envelopes of a round."""
    return set(session.scalars(select(EnvelopeRow.id).where(EnvelopeRow.round_id == round_id)))


def envelopes(session: Session, round_id: str, ids: set[bytes] | None = None) -> Iterator[StoredEnvelope]:
    """The envelopes of a round, or those named, in the order of their random names."""
    query = select(EnvelopeRow).where(EnvelopeRow.round_id == round_id).order_by(EnvelopeRow.id)
    if ids is not None:
        query = query.where(EnvelopeRow.id.in_(ids))
    for row in session.scalars(query):
        yield StoredEnvelope(row.id, row.group_key, row.tag, row.box)


def envelope_count(session: Session, round_id: str) -> int:
    """How many envelopes lie in the box."""
    return session.scalar(select(func.count()).select_from(EnvelopeRow).where(EnvelopeRow.round_id == round_id)) or 0


def store_opened(
    session: Session,
    round_id: str,
    ballots: Sequence[tuple[str, bytes]],
    comments: Sequence[tuple[str, str]],
    receipts: Sequence[str],
) -> None:
    """Put the opened ballots in place of the envelopes. The caller has shuffled each list on its own."""
    names = sorted(secrets.token_bytes(16) for _ in ballots)
    if ballots:
        session.execute(
            insert(BallotRow),
            [
                {"round_id": round_id, "id": name, "group_key": group_key, "marks": marks}
                for name, (group_key, marks) in zip(names, ballots, strict=True)
            ],
        )
    if comments:
        names = sorted(secrets.token_bytes(16) for _ in comments)
        session.execute(
            insert(CommentRow),
            [
                {"round_id": round_id, "id": name, "subject_key": subject_key, "text": text}
                for name, (subject_key, text) in zip(names, comments, strict=True)
            ],
        )
    if receipts:
        session.execute(insert(ReceiptRow), [{"round_id": round_id, "receipt": r} for r in sorted(receipts)])
    session.execute(delete(EnvelopeRow).where(EnvelopeRow.round_id == round_id))


def drop_round_contents(session: Session, round_id: str) -> None:
    """Take everything cast in a rehearsal off the tables."""
    for row_type in (TicketRow, EnvelopeRow, BallotRow, CommentRow, ReceiptRow):
        session.execute(delete(row_type).where(row_type.round_id == round_id))


def opened_ballots(session: Session, round_id: str) -> Iterator[tuple[str, bytes]]:
    """(group key, marks) of every opened ballot, in the order of their random names."""
    for row in session.execute(
        select(BallotRow.group_key, BallotRow.marks).where(BallotRow.round_id == round_id).order_by(BallotRow.id)
    ).yield_per(2000):
        yield row.group_key, row.marks


def opened_comments(session: Session, round_id: str) -> list[tuple[str, str]]:
    """(subject key, text) of every comment, in the order of their random names."""
    return [
        (row.subject_key, row.text)
        for row in session.execute(
            select(CommentRow.subject_key, CommentRow.text)
            .where(CommentRow.round_id == round_id)
            .order_by(CommentRow.id)
        )
    ]


def receipts_of(session: Session, round_id: str) -> list[str]:
    """All receipts of a counted round, sorted."""
    return list(
        session.scalars(select(ReceiptRow.receipt).where(ReceiptRow.round_id == round_id).order_by(ReceiptRow.receipt))
    )
