"""Tickets that are lost or damaged: taken out of use, or replaced by another one.

Once voting has begun no code can be read any more, so that a replacement is the one way in which a code appears again
for a slip that was handed out. It has a reason, a second person where the meeting asks for two, and the wall shows it.
"""

from __future__ import annotations

import hmac
from dataclasses import replace

from kaohe.domain.errors import EditedMeanwhile, TicketForeign, TicketUnknown, TicketUsed, TicketVoided
from kaohe.domain.lines import read_reason
from kaohe.domain.meetings import MeetingState, require_state
from kaohe.domain.permissions import Act
from kaohe.domain.ticket_codes import code_from_bytes, new_ticket_code, read_code
from kaohe.operations.people.second_person import open_proposals, proposed_by, require_second_person
from kaohe.operations.setup.ballot_styles import style_keys
from kaohe.operations.setup.issuing import PrintedTicket, printed_ticket
from kaohe.storage.database import Transaction, transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.meetings import meeting_key
from kaohe.storage.numbers import GroupFigures, figures_of_round, store_numbers
from kaohe.storage.record import record
from kaohe.storage.rounds import StoredRound, changing_round, current_round, round_setup
from kaohe.storage.tickets import (
    TicketCode,
    add_tickets,
    find_ticket,
    void_printable_tickets,
    void_ticket_row,
)


def void_ticket(actor: str, meeting_id: str, typed: str) -> None:
    """Take an unspent ticket out of use without a new one. The count of printed tickets falls by one.

    Raises:
        TicketMistyped, TicketUnknown, TicketForeign, TicketUsed, TicketVoided, WrongState.
    """
    with transaction() as session:
        row = current_round(session, meeting_id)
        require_state(row, MeetingState.DRAFT, MeetingState.OPEN)
        _void(session, row.id, read_code(typed))
        record(session, meeting_id, actor, "voided_ticket")


def take_back_tickets(actor: str, meeting_id: str, group_key: str, *, made_before: int) -> int:
    """Void all tickets of a group that can still be printed, as when too many were made; how many these were.

    Those that a voided round has left in people's hands stay. ``made_before`` is how many tickets of the group, void
    ones included, the caller has seen. Idempotent: once there is none to take back, nothing happens.

    Raises:
        EditedMeanwhile: other tickets of the group have been made since.
        WrongState: voting has begun.
    """
    with changing_round(meeting_id, MeetingState.DRAFT) as (session, row):
        held = figures_of_round(session, row.id).get(group_key, GroupFigures())
        if held.made != made_before:
            raise EditedMeanwhile("这一票种的票数刚刚变了，这次没有收回。请核对已制票数，再决定是否收回。")
        taken = void_printable_tickets(session, row.id, group_key)
        if taken:
            left_over = min(held.entered.left_over, held.printed - taken)
            store_numbers(session, row.id, group_key, replace(held.entered, left_over=left_over))
            record(session, meeting_id, actor, "took_back_tickets", group=group_key, count=str(taken))
    return taken


def reissue_ticket(actor: str, meeting_id: str, typed: str, *, reason: str = "", token: str = "") -> PrintedTicket:
    """Void an unspent ticket and make another of the same group in its place; the count is kept.

    ``reason`` is needed, and recorded, once voting has begun. ``token`` is a random word of the page that asks: asked
    twice with it, one ticket is made and given again.

    Raises:
        TicketMistyped, TicketUnknown, TicketForeign, TicketUsed, TicketVoided, WrongState.
        FieldInvalid: voting has begun, and no reason is given.
        SecondPersonNeeded and its kin: voting has begun, and the meeting asks for two people.
    """
    with changing_round(meeting_id, MeetingState.DRAFT, MeetingState.OPEN) as (session, row):
        return _replaced(session, row, actor, typed, reason, token)


def reissue_as_proposed(actor: str, meeting_id: str, proposal_id: str, typed: str) -> PrintedTicket:
    """Replace a ticket while people vote, as another person has proposed; ``typed`` is the code of the former one.

    Asked again by the one who confirmed it, the same ticket is given again, and nobody else gets it.

    Raises:
        What ``reissue_ticket`` raises; FieldInvalid too where nothing of the kind is proposed.
    """
    reason = next((each.reason for each in open_proposals(meeting_id) if each.id == proposal_id), "")
    with changing_round(meeting_id, MeetingState.OPEN) as (session, row):
        return _replaced(session, row, actor, typed, reason, f"{proposal_id}\n{actor}")


def _replaced(session: Transaction, row: StoredRound, actor: str, typed: str, reason: str, token: str) -> PrintedTicket:
    old = read_code(typed)
    seed = hmac.digest(these_secrets().pepper, f"kaohe reissue|{row.id}|{old}|{token}".encode(), "sha256")
    code = code_from_bytes(seed) if token else new_ticket_code()
    made = find_ticket(session, row.id, code)
    group_key = made.group_key if made else _void(session, row.id, old)
    if made is None:
        add_tickets(session, row.id, [TicketCode(group_key, code)], keeps_code=row.state is MeetingState.DRAFT)
        behind = _who_stands_behind(session, row, actor, reason)
        record(session, row.meeting_id, actor, "reissued_ticket", group=group_key, **behind)
    setup = round_setup(session, row)
    label = next(group.label for group in setup.groups if group.key == group_key)
    signer = meeting_key(session, row.meeting_id)
    return printed_ticket(signer, row.meeting_id, style_keys(setup)[group_key], label, code)


def _who_stands_behind(session: Transaction, row: StoredRound, actor: str, reason: str) -> dict[str, str]:
    """What a replacement adds to its line in the record: nothing before the opening, when every code can be read."""
    if row.state is MeetingState.DRAFT:
        return {}
    reason = read_reason(reason, "请写明换发的原因")
    proposer = require_second_person(session, row.meeting_id, Act.REISSUE_TICKET, actor, reason=reason)
    return {"reason": reason, **proposed_by(proposer)}


def _void(session: Transaction, round_id: str, code: str) -> str:
    ticket = find_ticket(session, round_id, code)
    if ticket is None:
        raise TicketUnknown
    if ticket.round_id != round_id:
        raise TicketForeign
    if ticket.is_void:
        raise TicketVoided
    if not void_ticket_row(session, round_id, code):
        raise TicketUsed
    return ticket.group_key
