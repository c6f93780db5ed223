"""Tickets: issue and print them, or draw them by the shared code."""

from __future__ import annotations

import hmac
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kaohe.domain.ballots import FIRST_STYLE
from kaohe.domain.errors import (
    CodesSealed,
    DrawsTooFast,
    EditedMeanwhile,
    FieldInvalid,
    NonceInvalid,
    PoolClosed,
    PoolEmpty,
    TicketMistyped,
)
from kaohe.domain.limits import PEOPLE_AT_MOST
from kaohe.domain.meeting_keys import MeetingKey
from kaohe.domain.meetings import Group, MeetingSetup, MeetingState
from kaohe.domain.ticket_codes import POOL_CODE_LENGTH, code_from_bytes, new_pool_code, new_ticket_code, read_code
from kaohe.domain.voting_mode import require_ballots
from kaohe.operations.setup.ballot_styles import style_keys
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.installation import these_secrets, this_config, this_memory
from kaohe.storage.meetings import meeting_key
from kaohe.storage.numbers import EnteredNumbers, GroupFigures, entered_numbers, figures_of_round, store_numbers
from kaohe.storage.record import record
from kaohe.storage.rounds import StoredRound, changing_round, current_round, round_setup, save_round, voting_round
from kaohe.storage.tickets import (
    TicketCode,
    add_tickets,
    drawn_count,
    find_ticket,
    printable_codes,
    void_drawn_tickets,
)

_DRAW = re.compile(r"[A-Za-z0-9_-]{16,64}")
_DRAWS = "draws"
_DRAWS_A_SECOND = 5
"""People who come in by two doors; a script draws a hundred."""
_DRAWS_AT_ONCE = 40
"""Rows of seats that scan at the same word."""
_HASTE_TOLD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class PrintedTicket:
    """One ticket as it goes to a slip or a CSV line."""

    group_label: str
    code: str
    url: str
    signer_text: str
    """The fingerprint of the meeting's key, by eye."""


def issue_tickets(
    actor: str, meeting_id: str, group_key: str, count: int, spares: int, *, made_before: int | None = None
) -> None:
    """Make ``count`` tickets for a group and ``spares`` more that lie ready at the desk.

    Spares count as left over (未发出) until the organizer says that they were handed out. ``made_before`` is how many
    tickets of the group, void ones included, were there when this was asked for: where exactly these have been made
    since, nothing happens. None asks for no such check.

    Raises:
        FieldInvalid: the group is unknown or the numbers are out of bounds.
        BallotsNotTaken: the meeting has no vote.
        EditedMeanwhile: other tickets of the group have been made since.
        WrongState: voting has begun; from then on tickets are only replaced.
    """
    if count < 0 or spares < 0 or count + spares < 1:
        raise FieldInvalid("请填写要制作的票数（至少 1 张）。")
    with changing_round(meeting_id, MeetingState.DRAFT) as (session, row):
        setup = round_setup(session, row)
        require_ballots(setup.full_scheme)
        groups = {group.key: group for group in setup.groups}
        if group_key not in groups:
            raise FieldInvalid("没有这个票种，请刷新页面后重新选择。")
        held = figures_of_round(session, row.id)
        existing = sum(numbers.printed for numbers in held.values())
        own = held.get(group_key, GroupFigures())
        if made_before is not None and own.made != made_before:
            if own.made == made_before + count + spares:
                return
            raise EditedMeanwhile("这一票种的票数刚刚变了，这次没有再制票。请核对已制票数，再决定是否制票。")
        if existing + count + spares > PEOPLE_AT_MOST:
            raise FieldInvalid(f"一场会议最多制作 {PEOPLE_AT_MOST} 张票，请减少数量。")
        add_tickets(session, row.id, (TicketCode(group_key, new_ticket_code()) for _ in range(count + spares)))
        save_round(session, replace(row, printed_url=this_config().public_url))
        store_numbers(session, row.id, group_key, replace(own.entered, left_over=own.entered.left_over + spares))
        record(session, meeting_id, actor, "issued_tickets", group=group_key, count=str(count), spares=str(spares))


def list_tickets(meeting_id: str, group_key: str | None = None) -> Sequence[PrintedTicket]:
    """The tickets to print, shuffled anew at every call.

    In the round after a voided one only those that have been made since: the others are in people's hands.

    Raises:
        CodesSealed: voting has begun, and the codes are gone.
    """
    with reading() as session:
        row = current_round(session, meeting_id)
        if row.state is not MeetingState.DRAFT:
            raise CodesSealed
        setup = round_setup(session, row)
        codes = printable_codes(session, row.id)
        signer = meeting_key(session, meeting_id)
    labels, styles = {group.key: group.label for group in setup.groups}, style_keys(setup)
    return [
        printed_ticket(signer, meeting_id, styles[ticket.group_key], labels[ticket.group_key], ticket.code)
        for ticket in codes
        if group_key in (None, ticket.group_key) and ticket.group_key in labels
    ]


def printed_ticket(signer: MeetingKey, meeting_id: str, style_key: str, group_label: str, code: str) -> PrintedTicket:
    """A ticket and its address, whose fragment, which no log or preview sees, holds the code and who signs the box."""
    url = f"{voting_url(meeting_id, style_key)}#{code}.{signer.fingerprint.replace('-', '')}"
    return PrintedTicket(group_label, code, url, signer.fingerprint)


def voting_url(meeting_id: str, style_key: str = FIRST_STYLE) -> str:
    """The ballot page of a ballot style of a meeting."""
    return f"{this_config().public_url}/v/{meeting_id}/{style_key}"


def pool_url(setup: MeetingSetup) -> str:
    """The ballot page on which tickets are drawn by the shared code; the first form's where none are."""
    return voting_url(setup.id, style_keys(setup).get(setup.shared_group or "", FIRST_STYLE))


def pool_address(setup: MeetingSetup, pool_code: str) -> str:
    """What the QR of the shared code holds; the code rides in the fragment, like a ticket's."""
    return f"{pool_url(setup)}#pool-{pool_code}"


def renew_pool_code(actor: str, meeting_id: str, shown: str = "") -> int | None:
    """Exchange the shared code of the current round, and void what was drawn by the former one and is unspent.

    Returns how many tickets are void. Whoever holds one of them draws another by the new code. ``shown`` is the code
    that the page has shown: where it has been exchanged already, nothing happens and None is returned.

    Raises:
        PoolClosed: the meeting hands out no tickets by a shared code.
        WrongState: the voting has ended.
    """
    with changing_round(meeting_id, MeetingState.DRAFT, MeetingState.OPEN) as (session, row):
        if row.pool_code is None:
            raise PoolClosed("本场会议不用会场码领票，没有会场码可以更换。")
        if shown and read_code(shown, POOL_CODE_LENGTH) != row.pool_code:
            return None
        save_round(session, replace(row, pool_code=new_pool_code()))
        voided = void_drawn_tickets(session, row.id)
        record(session, meeting_id, actor, "renewed_pool_code", voided=str(voided))
    this_memory(_DRAWS).pop(row.id, None)
    return voided


def are_draws_hasty(round_id: str) -> bool:
    """Whether tickets were lately asked for faster than people come in, as far as this server has seen."""
    pace: _Pace | None = this_memory(_DRAWS).get(round_id)
    return pace is not None and time.monotonic() - pace.refused_at < _HASTE_TOLD_SECONDS


@dataclass(slots=True)
class _Pace:
    """How fast the tickets of one round are drawn; says nothing of who drew one, and when."""

    left: float
    looked_at: float
    refused_at: float = -math.inf


def _require_pace(round_id: str) -> None:
    """Take one draw from what people coming in can draw.

    Raises:
        DrawsTooFast: there is none left.
    """
    memory, moment = this_memory(_DRAWS), time.monotonic()
    pace: _Pace = memory.setdefault(round_id, _Pace(_DRAWS_AT_ONCE, moment))
    pace.left = min(_DRAWS_AT_ONCE, pace.left + (moment - pace.looked_at) * _DRAWS_A_SECOND)
    pace.looked_at = moment
    if pace.left < 1:
        pace.refused_at = moment
        raise DrawsTooFast
    pace.left -= 1


def draw_ticket(meeting_id: str, pool_code: str, draw_nonce: str) -> str:
    """The ticket code that belongs to a phone's own ``draw_nonce``; drawn from the pool at the first call.

    Idempotent: the code is computed from the nonce, so the same phone gets the same ticket and nobody has to store
    which phone drew which.

    Raises:
        PoolClosed: wrong shared code, or the round hands out none now.
        PoolEmpty: as many tickets as voters present have been drawn.
        DrawsTooFast: tickets are drawn faster than people come in; the same call may be made again.
        NonceInvalid: the nonce is not 16 to 64 letters, digits, hyphens or underscores.
    """
    if not _DRAW.fullmatch(draw_nonce):
        raise NonceInvalid
    try:
        typed = read_code(pool_code, POOL_CODE_LENGTH)
    except TicketMistyped as error:
        raise PoolClosed from error
    with reading() as session:
        row, _, code = _drawing(session, meeting_id, typed, draw_nonce)
        if find_ticket(session, row.id, code) is not None:
            return code
    _require_pace(row.id)
    with transaction() as session:
        row, shared, code = _drawing(session, meeting_id, typed, draw_nonce)
        if find_ticket(session, row.id, code) is not None:
            return code
        if row.state not in (MeetingState.DRAFT, MeetingState.OPEN) or row.void_reason is not None:
            raise PoolClosed("投票已经结束，不再发票。")
        present = entered_numbers(session, row.id).get(shared.key, EnteredNumbers()).present
        if drawn_count(session, row.id) >= (shared.entitled if present is None else present):
            raise PoolEmpty
        add_tickets(session, row.id, [TicketCode(shared.key, code)], is_drawn=True, keeps_code=False)
    return code


def _drawing(session: Transaction, meeting_id: str, typed: str, draw_nonce: str) -> tuple[StoredRound, Group, str]:
    """The round that hands out tickets, to which group, and the code that a phone with this nonce draws.

    Raises:
        PoolClosed: this is not the shared code of the round, or it has none.
    """
    row = voting_round(session, meeting_id)
    setup = round_setup(session, row)
    shared = next((group for group in setup.groups if group.key == setup.shared_group), None)
    if shared is None or row.pool_code is None or not hmac.compare_digest(row.pool_code, typed):
        raise PoolClosed
    seed = hmac.digest(these_secrets().pepper, f"kaohe draw|{row.id}|{typed}|{draw_nonce}".encode(), "sha256")
    return row, shared, code_from_bytes(seed)
