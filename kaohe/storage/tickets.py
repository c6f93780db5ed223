"""Tickets in and out of the table. Who was handed which slip is nowhere: slips are drawn blind."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from kaohe.domain.envelopes import ticket_digest
from kaohe.storage.installation import these_secrets
from kaohe.storage.rounds import StoredRound
from kaohe.storage.tables import TicketRow, db, table_of

_TICKETS = table_of(TicketRow)
_GROUPS = select(_TICKETS.c.round_id, _TICKETS.c.group_key).where(_TICKETS.c.digest == bindparam("of_ticket"))


@dataclass(frozen=True, slots=True)
class TicketFound:
    """A ticket as casting needs it."""

    round_id: str
    group_key: str
    is_spent: bool
    is_void: bool
    retry_digest: bytes | None


@dataclass(frozen=True, slots=True)
class TicketCode:
    """A ticket as it is printed."""

    group_key: str
    code: str


def add_tickets(
    session: Session,
    round_id: str,
    codes: Iterable[TicketCode],
    *,
    is_drawn: bool = False,
    keeps_code: bool = True,
) -> None:
    """Store new tickets; with ``keeps_code`` the code too, sealed, so that slips can be printed until the opening."""
    vault = these_secrets()
    rows = [
        {
            "round_id": round_id,
            "digest": ticket_digest(vault.pepper, ticket.code),
            "group_key": ticket.group_key,
            "is_drawn": is_drawn,
            "wrapped_code": vault.wrap(ticket.code.encode(), "ticket") if keeps_code else None,
        }
        for ticket in codes
    ]
    if rows:
        session.execute(insert(TicketRow), rows)


def find_ticket(session: Session, round_id: str, code: str) -> TicketFound | None:
    """The ticket with this code: the one of this round, else one of any other round, else none."""
    digest = ticket_digest(these_secrets().pepper, code)
    row = session.get(TicketRow, (round_id, digest))
    if row is None:
        row = session.scalars(select(TicketRow).where(TicketRow.digest == digest).limit(1)).first()
    if row is None:
        return None
    return TicketFound(row.round_id, row.group_key, row.is_spent, row.is_void, row.retry_digest)


def ticket_groups(session: Session, round_id: str) -> dict[bytes, str]:
    """The group of every ticket of a round, by its digest. A ticket never changes its group."""
    query = select(_TICKETS.c.digest, _TICKETS.c.group_key).where(_TICKETS.c.round_id == round_id)
    return {digest: group_key for digest, group_key in session.connection().execute(query)}  # noqa: C416 - a result is no pairs to dict()


def ticket_groups_by_round(digest: bytes) -> dict[str, str]:
    """The group of a ticket in each round that has it; none where nobody ever made such a ticket."""
    with db.engine.connect() as connection:
        return {round_id: group_key for round_id, group_key in connection.execute(_GROUPS, {"of_ticket": digest})}  # noqa: C416 - as above


def void_ticket_row(session: Session, round_id: str, code: str) -> bool:
    """Void an unspent ticket; False when it is not there, spent or void already."""
    result = session.execute(
        update(TicketRow)
        .where(
            TicketRow.round_id == round_id,
            TicketRow.digest == ticket_digest(these_secrets().pepper, code),
            ~TicketRow.is_spent,
            ~TicketRow.is_void,
        )
        .values(is_void=True, wrapped_code=None)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined] # an UPDATE's result has one; the stub names the base class


def void_drawn_tickets(session: Session, round_id: str) -> int:
    """Void every ticket that was drawn by the shared code and is unspent; how many they were."""
    result = session.execute(
        update(TicketRow)
        .where(TicketRow.round_id == round_id, TicketRow.is_drawn, ~TicketRow.is_spent, ~TicketRow.is_void)
        .values(is_void=True)
    )
    return int(result.rowcount)  # type: ignore[attr-defined] # as above


def void_printable_tickets(session: Session, round_id: str, group_key: str) -> int:
    """Void every unspent ticket of a group whose code is kept, which nobody holds yet by a round before; how many."""
    result = session.execute(
        update(TicketRow)
        .where(
            TicketRow.round_id == round_id,
            TicketRow.group_key == group_key,
            TicketRow.wrapped_code.is_not(None),
            ~TicketRow.is_spent,
            ~TicketRow.is_void,
        )
        .values(is_void=True, wrapped_code=None)
    )
    return int(result.rowcount)  # type: ignore[attr-defined] # as above


def printable_codes(session: Session, round_id: str) -> list[TicketCode]:
    """The codes that are kept of tickets that are not void, in an order that tells nothing."""
    vault = these_secrets()
    rows = session.execute(
        select(TicketRow.group_key, TicketRow.wrapped_code).where(
            TicketRow.round_id == round_id, ~TicketRow.is_void, TicketRow.wrapped_code.is_not(None)
        )
    ).all()
    codes = [TicketCode(group_key, vault.unwrap(wrapped or b"", "ticket").decode()) for group_key, wrapped in rows]
    secrets.SystemRandom().shuffle(codes)
    return codes


def printable_count(session: Session, round_id: str) -> int:
    """How many tickets that are not void have their code kept."""
    is_printable = TicketRow.round_id == round_id, ~TicketRow.is_void, TicketRow.wrapped_code.is_not(None)
    return session.scalar(select(func.count()).select_from(TicketRow).where(*is_printable)) or 0


def drawn_count(session: Session, round_id: str) -> int:
    """How many tickets were drawn by the shared code and not voided."""
    return (
        session.scalar(
            select(func.count())
            .select_from(TicketRow)
            .where(TicketRow.round_id == round_id, TicketRow.is_drawn, ~TicketRow.is_void)
        )
        or 0
    )


def carry_tickets(session: Session, old_round: StoredRound, new_round_id: str) -> None:
    """Let the slips of a voided round be used again in the next one, all unspent; none where their secrets are lost."""
    if old_round.tickets_lost:
        return
    rows = session.execute(
        select(TicketRow.digest, TicketRow.group_key, TicketRow.wrapped_code).where(
            TicketRow.round_id == old_round.id, ~TicketRow.is_void, ~TicketRow.is_drawn
        )
    ).all()
    if rows:
        session.execute(
            insert(TicketRow),
            [
                {"round_id": new_round_id, "digest": digest, "group_key": group_key, "wrapped_code": wrapped}
                for digest, group_key, wrapped in rows
            ],
        )


def lend_tickets(session: Session, lender: StoredRound, borrower_id: str, group_key: str) -> int:
    """Let the slips of one round be used in a round of another meeting as well, all in one group; return how many.

    They stay what they are in their own round. The codes are not copied: nobody prints these slips again. None is lent
    where their secrets are lost.
    """
    if lender.tickets_lost:
        return 0
    digests = session.scalars(
        select(TicketRow.digest).where(TicketRow.round_id == lender.id, ~TicketRow.is_void, ~TicketRow.is_drawn)
    ).all()
    if digests:
        session.execute(
            insert(TicketRow),
            [{"round_id": borrower_id, "digest": digest, "group_key": group_key} for digest in sorted(digests)],
        )
    return len(digests)


def forget_retries(session: Session, round_id: str) -> None:
    """Drop the retry digests: once the box is open nothing but the bare tickets is left."""
    session.execute(update(TicketRow).where(TicketRow.round_id == round_id).values(retry_digest=None))


def forget_codes(session: Session, round_id: str) -> None:
    """Drop the sealed codes: once voting has begun nobody reads or prints one."""
    session.execute(update(TicketRow).where(TicketRow.round_id == round_id).values(wrapped_code=None))


def drop_tickets(session: Session, round_id: str) -> None:
    """Delete the slips of a round."""
    session.execute(delete(TicketRow).where(TicketRow.round_id == round_id))
