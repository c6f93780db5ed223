"""Redeems tickets within the ballot box's transaction: which ballots are paid for, and what each of them is told."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from kaohe.domain.envelopes import Envelope, envelope_digest
from kaohe.domain.errors import KaoheError, NonceTaken, TicketNotHandedOut, TicketUnknown, TicketUsed, TicketVoided
from kaohe.domain.meetings import MeetingState, require_collecting
from kaohe.storage.storage_faults import DatabaseBusy
from kaohe.storage.tables import EnvelopeRow, RoundNumbersRow, RoundRow, TicketRow, table_of

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
# Asked for in the order of the index on tags: without that SQLite reads the whole box for every commit.
_TAKEN = (
    select(_ENVELOPES.c.round_id, _ENVELOPES.c.tag, _ENVELOPES.c.box)
    .where(
        _ENVELOPES.c.round_id.in_(bindparam("round_ids", expanding=True)),
        _ENVELOPES.c.tag.in_(bindparam("tags", expanding=True)),
    )
    .order_by(_ENVELOPES.c.round_id, _ENVELOPES.c.tag)
)
_STORE = insert(_ENVELOPES)
_NUMBERS = table_of(RoundNumbersRow)
_LEFT_OVER = (
    select(_NUMBERS.c.round_id, _NUMBERS.c.group_key, _NUMBERS.c.left_over)
    .where(_NUMBERS.c.round_id.in_(bindparam("round_ids", expanding=True)), _NUMBERS.c.left_over > 0)
    .order_by(_NUMBERS.c.round_id, _NUMBERS.c.group_key)
    .with_for_update()
)
_UNSPENT = select(func.count()).select_from(
    select(_TICKETS.c.digest)
    .where(_TICKETS.c.round_id == bindparam("of_round"), _TICKETS.c.group_key == bindparam("of_group"))
    .where(~_TICKETS.c.is_spent, ~_TICKETS.c.is_void)
    .limit(bindparam("at_most"))
    .subquery()
)


@dataclass(frozen=True, slots=True)
class CastRequest:
    """A sealed ballot and the ticket that pays for it. They meet here and nowhere else."""

    round_id: str
    ticket_digest: bytes
    retry_digest: bytes
    envelope: Envelope


@dataclass(slots=True)
class _StoredTicket:
    """A ticket as it stands within the transaction."""

    group_key: str
    is_spent: bool
    is_void: bool
    retry_digest: bytes | None


def redeem(connection: Connection, requests: Sequence[CastRequest]) -> list[KaoheError | bytes]:
    """Store the ballots whose tickets pay for them; for each, in order, a refusal, or the digest of its envelope."""
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
    taken = _taken(connection, round_ids, tags)
    room = _room(connection, round_ids, len(requests))
    outcomes: list[KaoheError | bytes] = []
    accepted: list[CastRequest] = []
    for request in requests:
        ticket = tickets.get((request.round_id, request.ticket_digest))
        refusal = _refusal(ticket, request, states)
        named = (request.round_id, request.envelope.tag)
        if refusal is None and ticket is not None and not ticket.is_spent:
            group = (request.round_id, ticket.group_key)
            if room.get(group, 1) < 1:
                refusal = TicketNotHandedOut()
            elif named in taken:
                # No phone by itself: somebody has sent one nonce for two tickets. Two ballots with one receipt would
                # let nobody say whose is missing, and the list of receipts could not be made.
                refusal = NonceTaken()
            else:
                taken[named] = request.envelope.digest
                if group in room:
                    room[group] -= 1
                ticket.is_spent, ticket.retry_digest = True, request.retry_digest
                accepted.append(request)
        # A retry digest without the envelope of its tag is no phone's: somebody has mixed two nonces.
        outcomes.append(refusal or taken.get(named) or TicketUsed())
    if accepted:
        _store(connection, accepted)
    return outcomes


def stored_digest(session: Session, round_id: str, tag: bytes) -> bytes | None:
    """The digest of the envelope that was cast with the nonce of this tag; None where the box has none."""
    return _taken(session.connection(), [round_id], [tag]).get((round_id, tag))


def _taken(connection: Connection, round_ids: Sequence[str], tags: Sequence[bytes]) -> dict[tuple[str, bytes], bytes]:
    found = connection.execute(_TAKEN, {"round_ids": round_ids, "tags": tags})
    return {(round_id, tag): envelope_digest(tag, box) for round_id, tag, box in found}


def _room(connection: Connection, round_ids: Sequence[str], at_most: int) -> dict[tuple[str, str], int]:
    """How many more ballots are taken of each group some of whose slips have not been handed out, up to ``at_most``.

    Which slips were handed out nobody knows, so every slip of the group is good until as many are spent as were.
    """
    room = {}
    for round_id, group_key, left_over in connection.execute(_LEFT_OVER, {"round_ids": round_ids}).all():
        asked = {"of_round": round_id, "of_group": group_key, "at_most": left_over + at_most}
        room[round_id, group_key] = connection.execute(_UNSPENT, asked).scalar_one() - left_over
    return room


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
