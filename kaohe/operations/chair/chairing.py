"""The chair's acts: open, pause, close, publish, reveal, and void a round."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace

from kaohe.domain.bundles import inputs_digest, numbers_digest, setup_digest
from kaohe.domain.envelopes import BoxKey, fingerprint
from kaohe.domain.errors import EditedMeanwhile, FieldInvalid, NotReady, TracesLeft, WrongState
from kaohe.domain.keeping import purge_day
from kaohe.domain.limits import PEOPLE_AT_MOST, REASON_LENGTH
from kaohe.domain.meetings import (
    Custody,
    MeetingState,
    next_state,
    require_state,
)
from kaohe.domain.permissions import Act
from kaohe.domain.setup_documents import freeze_setup
from kaohe.domain.ticket_codes import new_pool_code
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.computing import NO_VOTES
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.results import CountedRound, load_counted, numbers_of
from kaohe.operations.count.stripping import cut_links
from kaohe.operations.hall.boards import board_of
from kaohe.operations.people.second_person import proposed_by, require_second_person
from kaohe.operations.setup.checking import check_meeting
from kaohe.operations.setup.inputs import require_inputs
from kaohe.operations.setup.rehearsing import wipe_within
from kaohe.reports.archive_texts import inputs_text
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.meetings import keep_months, load_setup
from kaohe.storage.numbers import EnteredNumbers, entered_numbers, store_numbers
from kaohe.storage.paper import forget_sheets
from kaohe.storage.proposals import drop_proposals
from kaohe.storage.record import record
from kaohe.storage.rounds import (
    RoundForUpdate,
    StoredRound,
    add_round,
    current_round,
    current_round_for_update,
    round_setup,
    save_round,
)
from kaohe.storage.tickets import carry_tickets


def record_numbers(actor: str, meeting_id: str, group_key: str, *, present: int | None, left_over: int) -> None:
    """Record how many of a group are in the hall and how many of its slips were not handed out.

    Allowed until the result is published; the former numbers stay in the record of acts. Idempotent.

    Raises:
        FieldInvalid: a number is out of bounds, or the group unknown.
        WrongState: the result has been published, or the round voided.
    """
    if present is not None and not 0 <= present <= PEOPLE_AT_MOST:
        raise FieldInvalid(f"实到人数应为 0 到 {PEOPLE_AT_MOST}。")
    with transaction() as session:
        row = current_round(session, meeting_id)
        require_state(row, MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED, MeetingState.COUNTED)
        group = next((g for g in board_of(session, row).groups if g.key == group_key), None)
        if group is None:
            raise FieldInvalid("没有这个票种，请刷新页面后重新填写。")
        if not 0 <= left_over <= group.printed:
            raise FieldInvalid(f"“{group.label}”未发出的票数应为 0 到 {group.printed}（已制票数）。")
        store_numbers(session, row.id, group_key, EnteredNumbers(present, left_over))
        present_text = "" if present is None else str(present)
        record(
            session,
            meeting_id,
            actor,
            "recorded_numbers",
            group=group_key,
            present=present_text,
            left_over=str(left_over),
        )


def open_meeting(actor: str, meeting_id: str) -> None:
    """Open the ballot box. The set-up is frozen into the round; a rehearsal that still stands is wiped.

    A round that takes no ballots has no box and no key: it is closed as it opens, and waits for its count.

    Raises:
        NotReady: the check list still holds something that must be mended.
        WrongState: the round has been opened before.
    """
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.DRAFT)
        lacking = [finding.message for finding in check_meeting(session, meeting_id) if finding.is_blocking]
        if lacking:
            raise NotReady("还不能开始投票：" + "".join(lacking))
        wipe_within(session, meeting_id)
        setup = load_setup(session, meeting_id)
        frozen = freeze_setup(setup)
        row = replace(row, frozen=frozen, state=next_state(row.state, MeetingState.OPEN), opened_at=now())
        how = NO_VOTES
        if takes_ballots(setup.full_scheme):
            if setup.custody is Custody.SERVER:
                key = BoxKey.new()
                wrapped = these_secrets().wrap(key.private, f"box|{row.id}")
                row = replace(row, public_key=key.public, wrapped_key=wrapped, key_proven=True)
            shown = fingerprint(row.public_key or b"")
            how = {"hall_view": str(setup.hall_view), "custody": str(setup.custody), "key": shown}
        else:
            row = replace(row, state=next_state(row.state, MeetingState.CLOSED), closed_at=row.opened_at)
        save_round(session, row)
        record(
            session,
            meeting_id,
            actor,
            "opened",
            round=str(row.number),
            setup=setup_digest(frozen),
            **how,
            **({"two_people": "True"} if setup.two_people else {}),
        )


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
            cast = str(board_of(session, row).cast)
            record(session, meeting_id, actor, "closed", round=str(row.number), cast=cast, **proposed_by(proposer))
        return board_of(session, row).cast


def publish_result(actor: str, meeting_id: str) -> None:
    """Publish the result, which the projector then reveals step by step.

    The day from which its ballots may be destroyed is set with it, where there can be any, and the record fixes by
    digests what was brought in beside the votes, and the numbers from 应到 to 有效. What cannot be shown is not
    published: afterwards no number could be mended any more. Where something kept the files busy at the count, what it
    has deleted is wiped now.

    Raises:
        WrongState: the round is not counted, or published already.
        InputsMissing: the scheme counts scores that nobody has brought yet.
        What ``load_counted`` raises: there is no result that could be shown.
        EditedMeanwhile: a number was changed at the same moment.
        TracesLeft: published, but the files could not be wiped.
    """
    counted = _counted(meeting_id)
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.COUNTED)
        setup = round_setup(session, row)
        inputs = require_inputs(session, setup)
        if counted is None or counted.board != board_of(session, row):
            raise EditedMeanwhile("票数刚刚被修改，结果没有公布。请刷新页面，核对后再公布。")
        drop_proposals(session, meeting_id)
        moment = now()
        row = replace(row, state=next_state(row.state, MeetingState.PUBLISHED), published_at=moment)
        # A round before this one may have been voted on, by another scheme.
        if takes_ballots(setup.full_scheme) or row.number > 1:
            row = replace(row, purge_on=purge_day(moment.astimezone().date(), keep_months(session, meeting_id)))
        save_round(session, row)
        record(
            session,
            meeting_id,
            actor,
            "published",
            round=str(row.number),
            kept_until=row.purge_on.isoformat() if row.purge_on else "",
            inputs=inputs_digest(inputs_text(inputs)),
            numbers=numbers_digest(numbers_of(counted.result, counted.board)),
        )
    erase_what_is_due(meeting_id)


def _counted(meeting_id: str) -> CountedRound | None:
    """The result as it is going to be published; None where the round is not one that can be."""
    with reading() as session:
        this_round = current_round(session, meeting_id)
    return load_counted(meeting_id, this_round.number) if this_round.state is MeetingState.COUNTED else None


def reveal_next(actor: str, meeting_id: str) -> None:
    """Reveal one more subject on the projector; nothing happens once all are shown.

    Raises:
        WrongState: the result is not published.
    """
    _reveal(actor, meeting_id, step=1)


def reveal_all(actor: str, meeting_id: str) -> None:
    """Reveal every subject on the projector. Idempotent.

    Raises:
        WrongState: the result is not published.
    """
    _reveal(actor, meeting_id, step=None)


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
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise FieldInvalid(f"请写明作废原因（不超过 {REASON_LENGTH} 字），原因会记入操作记录。")
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.OPEN, MeetingState.CLOSED, MeetingState.COUNTED, MeetingState.PUBLISHED)
        proposer = require_second_person(session, meeting_id, Act.VOID, actor, reason=reason)
        void_within(session, row, reason)
        number = str(row.number)
        record(session, meeting_id, actor, "voided_round", round=number, reason=reason, **proposed_by(proposer))
    # The new round is there whether or not the files can be wiped now; the next start or count tries again.
    with suppress(TracesLeft):
        erase_what_is_due(meeting_id)


def void_within(session: Transaction, row: RoundForUpdate, reason: str) -> None:
    """Void a round and make its successor within the caller's transaction; checks and records nothing."""
    drop_proposals(session, row.meeting_id)
    traces = "voided_round" if row.wrapped_key is not None else row.traces_due or "unlinked"
    save_round(
        session,
        replace(row, traces_due=traces, void_reason=reason, is_paused=False, wrapped_key=None, held_share=None),
    )
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
    for group_key, numbers in entered_numbers(session, row.id).items():
        kept = replace(numbers, left_over=0) if row.tickets_lost else numbers
        store_numbers(session, successor.id, group_key, kept)


def _set_paused(actor: str, meeting_id: str, act: str, *, is_paused: bool) -> None:
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.OPEN)
        if row.is_paused is not is_paused:
            save_round(session, replace(row, is_paused=is_paused))
            record(session, meeting_id, actor, act)


def _reveal(actor: str, meeting_id: str, *, step: int | None) -> None:
    with transaction() as session:
        row = current_round_for_update(session, meeting_id)
        require_state(row, MeetingState.PUBLISHED)
        total = len(round_setup(session, row).subjects)
        wanted = total if step is None else min(row.revealed_count + step, total)
        if wanted != row.revealed_count:
            save_round(session, replace(row, revealed_count=wanted))
            record(session, meeting_id, actor, "revealed", count=str(wanted))
