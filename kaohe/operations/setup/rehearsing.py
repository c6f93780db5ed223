"""A trial vote (试投) on the organizer's own phone, wiped by one click."""

from __future__ import annotations

import secrets

from kaohe.domain.ballot_style_checks import style_faults
from kaohe.domain.envelopes import BoxKey
from kaohe.domain.errors import NotReady
from kaohe.domain.meetings import MeetingState, require_state
from kaohe.domain.setup_documents import freeze_setup
from kaohe.domain.ticket_codes import new_pool_code, new_ticket_code
from kaohe.domain.voting_mode import require_ballots
from kaohe.operations.apart import erase_traces_apart
from kaohe.operations.setup.ballot_styles import style_keys
from kaohe.operations.setup.issuing import PrintedTicket, printed_ticket
from kaohe.storage.box_contents import drop_round_contents
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.meetings import load_setup, meeting_key
from kaohe.storage.record import record
from kaohe.storage.round_keys import destroy_round_key, write_round_key
from kaohe.storage.rounds import StoredRound, add_round, current_round, drop_round, rehearsal_of, round_setup
from kaohe.storage.tickets import TicketCode, add_tickets, printable_codes

TRIAL_TICKETS = 3


def start_rehearsal(actor: str, meeting_id: str) -> None:
    """Open a trial round with a few tickets of each group. While it stands, real tickets wait. Idempotent.

    Raises:
        NotReady: there is nobody to evaluate yet, or the forms cannot be filled.
        BallotsNotTaken: the meeting has no vote.
        WrongState: the meeting has opened.
        KeyFolderUnwritable: there is nowhere to keep its key.
    """
    with transaction() as session:
        require_state(current_round(session, meeting_id), MeetingState.DRAFT)
        if rehearsal_of(session, meeting_id) is not None:
            return
        setup = load_setup(session, meeting_id)
        require_ballots(setup.full_scheme)
        if not setup.subjects:
            raise NotReady("请先录入考核对象，再试投。")
        if faults := style_faults(setup):
            raise NotReady("还不能试投：" + "".join(fault.message for fault in faults))
        key = BoxKey.new()
        round_id = secrets.token_hex(8)
        write_round_key(round_id, key)
        row = StoredRound(
            id=round_id,
            meeting_id=meeting_id,
            number=0,
            is_rehearsal=True,
            state=MeetingState.OPEN,
            frozen=freeze_setup(setup),
            public_key=key.public,
            key_proven=True,
            pool_code=new_pool_code() if setup.shared_group else None,
        )
        add_round(session, row)
        add_tickets(
            session,
            round_id,
            (TicketCode(group.key, new_ticket_code()) for group in setup.groups for _ in range(TRIAL_TICKETS)),
        )
        record(session, meeting_id, actor, "started_rehearsal")


def trial_tickets(meeting_id: str) -> list[PrintedTicket]:
    """The tickets of the rehearsal; empty when there is none."""
    with reading() as session:
        row = rehearsal_of(session, meeting_id)
        if row is None:
            return []
        setup = round_setup(session, row)
        codes = printable_codes(session, row.id)
        signer = meeting_key(session, meeting_id)
    labels, styles = {group.key: group.label for group in setup.groups}, style_keys(setup)
    found = [printed_ticket(signer, meeting_id, styles[t.group_key], labels[t.group_key], t.code) for t in codes]
    return sorted(found, key=lambda ticket: ticket.group_label)


def wipe_rehearsal(actor: str, meeting_id: str) -> None:
    """Remove the rehearsal and everything cast in it. Idempotent."""
    with transaction() as session:
        current_round(session, meeting_id)
        rehearsal = wipe_within(session, meeting_id)
        if rehearsal is not None:
            record(session, meeting_id, actor, "wiped_rehearsal")
    if rehearsal is not None:
        destroy_round_key(rehearsal)
    erase_traces_apart("tickets", "envelopes", "ballots", "comments", "comment_reviews", "receipts", "envelope_digests")


def wipe_within(session: Transaction, meeting_id: str) -> str | None:
    """Remove the rehearsal within the caller's transaction, and return its id, if there was one.

    Its key file is the caller's to destroy, once that is committed.
    """
    row = rehearsal_of(session, meeting_id)
    if row is None:
        return None
    drop_round_contents(session, row.id)
    drop_round(session, row.id)
    return row.id
