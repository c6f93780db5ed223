"""Meetings without ballots (不投票) pass through the same states as all others, but have no box."""

from __future__ import annotations

from dataclasses import replace

from kaohe.domain.meetings import MeetingState, next_state
from kaohe.domain.permissions import Act
from kaohe.domain.recorded_digests import ballots_digest, new_ballots_salt, receipts_digest
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.sources import require_fresh_inputs
from kaohe.operations.people.second_person import proposed_by, require_second_person
from kaohe.operations.setup.inputs import require_inputs
from kaohe.storage.clock import now
from kaohe.storage.database import reading
from kaohe.storage.proposals import drop_proposals
from kaohe.storage.record import record
from kaohe.storage.rounds import changing_round, current_round, round_setup, save_round

NO_VOTES = {"votes": "none"}
"""What the record says of opening and count where there are no ballots."""


def is_computed(meeting_id: str) -> bool:
    """Whether the current round is computed from what is brought, without a vote of its own."""
    with reading() as session:
        return not takes_ballots(round_setup(session, current_round(session, meeting_id)).full_scheme)


def count_without_ballots(actor: str, meeting_id: str) -> None:
    """Count a round that takes no ballots: there is no box and no key, and the record says so.

    One transaction. The digest that it writes down is that of no ballots at all, so that none can be put in later.

    Raises:
        InputsMissing: the score cannot be made whole yet, or a source no longer says what was taken from it.
        WrongState: the round is not closed.
        SecondPersonNeeded and its kin: the meeting asks for two people.
    """
    with changing_round(meeting_id, MeetingState.CLOSED) as (session, row):
        setup = round_setup(session, row)
        proposer = require_second_person(session, meeting_id, Act.COUNT, actor)
        drop_proposals(session, meeting_id)
        require_inputs(session, setup, "汇总")
        require_fresh_inputs(session, setup, "汇总")
        salt = new_ballots_salt()
        state = next_state(row.state, MeetingState.COUNTED)
        save_round(session, replace(row, state=state, counted_at=now(), ballots_salt=salt))
        record(
            session,
            meeting_id,
            actor,
            "counted",
            round=str(row.number),
            cast="0",
            ballots=ballots_digest(salt, []),
            receipts=receipts_digest([]),
            **NO_VOTES,
            **proposed_by(proposer),
        )
