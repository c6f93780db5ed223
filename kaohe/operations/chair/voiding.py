"""The chair declares a round void, which makes the next one."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace

from kaohe.domain.errors import TracesLeft
from kaohe.domain.lines import read_reason
from kaohe.domain.meetings import MeetingState, require_state
from kaohe.domain.permissions import Act
from kaohe.domain.ticket_codes import new_pool_code
from kaohe.operations.count.counting_apart import erase_apart
from kaohe.operations.count.stripping import cut_links
from kaohe.operations.people.second_person import proposed_by, require_second_person
from kaohe.storage.database import Transaction, transaction
from kaohe.storage.inputs import remove_rulings
from kaohe.storage.meetings import load_setup
from kaohe.storage.numbers import entered_numbers, store_numbers
from kaohe.storage.paper import forget_sheets
from kaohe.storage.proposals import drop_proposals
from kaohe.storage.record import record
from kaohe.storage.round_keys import has_key_file
from kaohe.storage.rounds import RoundForUpdate, StoredRound, add_round, current_round_for_update, save_round
from kaohe.storage.tickets import carry_tickets


def void_round(actor: str, meeting_id: str, reason: str) -> None:
    """Declare the current round void and make the next one, in draft, with the same set-up and slips.

    The numbers of the voided round stay as they are. Its key is destroyed, where the server has it, so that its sealed
    ballots are never opened; and they are taken apart from the tickets and wiped like those of a box that is counted,
    since the tellers' key is not the server's to destroy and the same slips are used again.

    Raises:
        FieldInvalid: no reason is given.
        WrongState: the round has not been opened, or is purged.
        SecondPersonNeeded and its kin: the meeting asks for two people.
    """
    reason = read_reason(reason, "请写明作废原因")
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.OPEN, MeetingState.CLOSED, MeetingState.COUNTED, MeetingState.PUBLISHED)
        proposer = require_second_person(session, meeting_id, Act.VOID, actor, reason=reason)
        void_within(session, row, reason)
        number = str(row.number)
        record(session, meeting_id, actor, "voided_round", round=number, reason=reason, **proposed_by(proposer))
    # The new round is there whether or not the files can be wiped now; the next start or count tries again.
    with suppress(TracesLeft):
        erase_apart(meeting_id)


def void_within(session: Transaction, row: RoundForUpdate, reason: str) -> None:
    """Void a round and make its successor within the caller's transaction; checks and records nothing."""
    drop_proposals(session, row.meeting_id)
    # The record speaks of a destroyed key only where it was here to be destroyed.
    has_key = row.is_key_with_servers and has_key_file(row.id)
    traces = "voided_round" if has_key else row.traces_due or "unlinked"
    save_round(session, replace(row, traces_due=traces, void_reason=reason, is_paused=False, held_share=None))
    setup = load_setup(session, row.meeting_id)
    successor = StoredRound(
        id=secrets.token_hex(8),
        meeting_id=row.meeting_id,
        number=row.number + 1,
        printed_url=None if row.tickets_lost else row.printed_url,
        pool_code=new_pool_code() if setup.shared_group else None,
        challenge_limit=row.challenge_limit,
    )
    add_round(session, successor)
    carry_tickets(session, row, successor.id)
    cut_links(session, row)
    forget_sheets(session, row.id)
    # They were about the result of this round.
    remove_rulings(session, row.meeting_id)
    for group_key, numbers in entered_numbers(session, row.id).items():
        kept = replace(numbers, left_over=0) if row.tickets_lost else numbers
        store_numbers(session, successor.id, group_key, kept)
