"""The chair opens, pauses and closes the voting."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

from kaohe.domain.envelopes import BoxKey, fingerprint
from kaohe.domain.errors import NotReady, TracesLeft, WrongState
from kaohe.domain.meetings import Custody, MeetingState, next_state, require_state
from kaohe.domain.permissions import Act
from kaohe.domain.recorded_digests import text_digest
from kaohe.domain.setup_documents import freeze_setup
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.computing import NO_VOTES
from kaohe.operations.hall.boards import UNISSUED_BY_GROUP, board_of
from kaohe.operations.people.second_person import proposed_by, require_second_person
from kaohe.operations.setup.checking import check_meeting, database_refused, servers_without_keys
from kaohe.operations.setup.rehearsing import wipe_within
from kaohe.storage.clock import now
from kaohe.storage.database import transaction
from kaohe.storage.meetings import load_setup, meeting_key
from kaohe.storage.proposals import drop_proposals
from kaohe.storage.record import record
from kaohe.storage.round_keys import destroy_round_key, write_round_key
from kaohe.storage.rounds import changing_round, current_round_for_update, save_round
from kaohe.storage.tickets import forget_codes


def open_meeting(actor: str, meeting_id: str) -> None:
    """Open the ballot box. The set-up is frozen into the round; a rehearsal that still stands is wiped.

    The tickets' codes are destroyed: from here on nobody can look one up and vote with it.

    A round that takes no ballots has no box and no key: it is closed as it opens, and waits for its count.

    Raises:
        NotReady: the check list still holds something that must be mended, or the database would write ballots down.
        WrongState: the round has been opened before.
        KeyFolderUnwritable: the servers are to hold the key, and there is nowhere to keep it.
    """
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.DRAFT)
        lacking = [finding.message for finding in check_meeting(session, meeting_id) if finding.is_blocking]
        planned = load_setup(session, meeting_id)
        if takes_ballots(planned.full_scheme):
            lacking.append(database_refused(session))
            if planned.custody is Custody.SERVER:
                lacking.append(servers_without_keys(session))
        if any(lacking):
            raise NotReady("还不能开始投票：" + "".join(lacking))
        rehearsal = wipe_within(session, meeting_id)
        forget_codes(session, row.id)
        setup = load_setup(session, meeting_id)
        frozen = freeze_setup(setup)
        row = replace(row, frozen=frozen, state=next_state(row.state, MeetingState.OPEN), opened_at=now())
        how = NO_VOTES
        if takes_ballots(setup.full_scheme):
            if setup.custody is Custody.SERVER:
                key = BoxKey.new()
                write_round_key(row.id, key)
                row = replace(row, public_key=key.public, key_proven=True)
            shown = fingerprint(row.public_key or b"")
            signer = meeting_key(session, meeting_id).public.hex()
            how = {"hall_view": str(setup.hall_view), "custody": str(setup.custody), "key": shown, "signer": signer}
        else:
            row = replace(row, state=next_state(row.state, MeetingState.CLOSED), closed_at=row.opened_at)
        save_round(session, row)
        record(
            session,
            meeting_id,
            actor,
            "opened",
            round=str(row.number),
            setup=text_digest(frozen),
            **how,
            **({"two_people": "True"} if setup.two_people else {}),
        )
    if rehearsal is not None:
        # Voting has begun whether or not the key of a rehearsal, which is worth nothing now, can be overwritten.
        with suppress(TracesLeft):
            destroy_round_key(rehearsal)


def pause_meeting(actor: str, meeting_id: str) -> None:
    """Stop taking ballots for a while. Idempotent.

    Raises:
        WrongState: the round is not open.
    """
    _set_paused(actor, meeting_id, "paused", is_paused=True)


def resume_meeting(actor: str, meeting_id: str) -> None:
    """Take ballots again. Idempotent.

    Raises:
        WrongState: the round is not open.
    """
    _set_paused(actor, meeting_id, "resumed", is_paused=False)


def close_meeting(actor: str, meeting_id: str) -> int:
    """End the voting and return how many ballots are in the box.

    Whatever was acknowledged is in, whatever was not is out: ballots re-check the state in their own transaction.
    A second close changes nothing and returns the same number.

    Raises:
        WrongState: the round was never opened, or is voided.
        SecondPersonNeeded and its kin: the meeting asks for two people.
    """
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        if row.is_voided or row.state == MeetingState.DRAFT:
            raise WrongState
        if row.state == MeetingState.OPEN:
            proposer = require_second_person(session, meeting_id, Act.CLOSE, actor)
            drop_proposals(session, meeting_id)
            state = next_state(row.state, MeetingState.CLOSED)
            row = save_round(session, replace(row, state=state, is_paused=False, closed_at=now()))
            board = board_of(session, row)
            by_group = {group.key: group.left_over for group in board.groups if group.left_over}
            void = (
                {"unissued": str(sum(by_group.values())), UNISSUED_BY_GROUP: json.dumps(by_group)} if by_group else {}
            )
            detail = {"round": str(row.number), "cast": str(board.cast), **void, **proposed_by(proposer)}
            record(session, meeting_id, actor, "closed", **detail)
        return board_of(session, row).cast


def _set_paused(actor: str, meeting_id: str, act: str, *, is_paused: bool) -> None:
    with changing_round(meeting_id, MeetingState.OPEN) as (session, row):
        if row.is_paused is not is_paused:
            save_round(session, replace(row, is_paused=is_paused))
            record(session, meeting_id, actor, act)
