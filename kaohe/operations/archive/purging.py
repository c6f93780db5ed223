"""Destroys ballots, comments, receipts and tickets when their time is over (到期清除). The counts stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from kaohe.domain.errors import FieldInvalid, PurgeTooEarly, WrongState
from kaohe.domain.keeping import KeptCounts, KeptTickets, counts_text, require_keep_months
from kaohe.domain.limits import REASON_LENGTH
from kaohe.domain.lines import read_line, read_reason
from kaohe.domain.meetings import MeetingState, next_state
from kaohe.domain.permissions import Act
from kaohe.domain.recorded_digests import text_digest
from kaohe.operations.count.counting_apart import erase_apart
from kaohe.operations.count.results import counted_marks, load_counted
from kaohe.operations.hall.boards import board_of
from kaohe.operations.people.second_person import proposed_by, require_second_person
from kaohe.storage.box_contents import drop_round_contents, opened_ballot_count, opened_ballots
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.meetings import keep_months, save_keep_months
from kaohe.storage.meetings import list_meetings as stored_meetings
from kaohe.storage.record import record
from kaohe.storage.rounds import (
    StoredRound,
    changing_round,
    current_round,
    current_round_for_update,
    current_rounds,
    round_setup,
    rounds_for_update,
    rounds_of,
    save_round,
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long the ballots of a meeting are kept."""

    months: int
    """From publication on."""
    purge_on: date | None
    """The day from which they may be destroyed; None before publication."""
    is_due: bool
    is_purged: bool
    ballot_count: int
    """Opened ballots that are still there, of all rounds."""


@dataclass(frozen=True, slots=True)
class DuePurge:
    """One meeting whose ballots may be destroyed."""

    meeting_id: str
    title: str
    purge_on: date
    ballot_count: int


@dataclass(frozen=True, slots=True)
class KeptMeeting:
    """One published meeting in the administrators' list of destruction days."""

    meeting_id: str
    title: str
    purge_on: date | None
    is_due: bool
    is_purged: bool


def load_keeping(meeting_id: str) -> Keeping:
    """How long the ballots of a meeting are kept, and how many there are."""
    with reading() as session:
        current = current_round(session, meeting_id)
        return Keeping(
            months=keep_months(session, meeting_id),
            purge_on=current.purge_on,
            is_due=_is_due(current),
            is_purged=current.purged_at is not None,
            ballot_count=opened_ballot_count(session, meeting_id),
        )


def change_keeping(actor: str, meeting_id: str, months: int | None) -> None:
    """Say how many months after publication the ballots are kept. Idempotent.

    Raises:
        FieldInvalid: no number from 0 to 120.
        WrongState: the result is published; from then on the day itself is moved.
    """
    wanted = require_keep_months(months)
    with transaction() as session:
        if current_round(session, meeting_id).published_at is not None:
            raise WrongState("结果已经公布，保存期已换算为清除日期，请直接修改清除日期。")
        before = keep_months(session, meeting_id)
        if before != wanted:
            save_keep_months(session, meeting_id, wanted)
            record(session, meeting_id, actor, "changed_keeping", before=str(before), months=str(wanted))


def change_purge_day(actor: str, meeting_id: str, day: date | None, reason: str) -> None:
    """Move the day from which the ballots may be destroyed; a complaint may need them longer. Moved twice, it is once.

    Raises:
        FieldInvalid: no day or no reason.
        WrongState: nothing is published, or it is purged already.
    """
    if day is None:
        raise FieldInvalid("请填写清除日期。")
    reason = read_reason(reason, "请写明修改清除日期的原因")
    with changing_round(meeting_id) as (session, row):
        if row.published_at is None or row.purged_at is not None:
            raise WrongState
        if row.purge_on == day:
            return
        before = row.purge_on.isoformat() if row.purge_on else ""
        save_round(session, replace(row, purge_on=day))
        record(
            session,
            meeting_id,
            actor,
            "changed_purge_day",
            before=before,
            purge_on=day.isoformat(),
            reason=reason,
        )


def list_due() -> Sequence[DuePurge]:
    """Every meeting whose day has come and whose ballots are still there."""
    with reading() as session:
        rows = current_rounds(session)
        return [
            DuePurge(line.id, line.title, row.purge_on, len(opened_ballots(session, row.id)))
            for line in stored_meetings(session)
            if (row := rows[line.id]).purge_on is not None and _is_due(row)
        ]


def list_kept() -> Sequence[KeptMeeting]:
    """Every published meeting that has ballots: those that are due first, then by day, those purged last."""
    with reading() as session:
        latest = current_rounds(session)
        rows = [(line, latest[line.id]) for line in stored_meetings(session)]
        kept = [
            KeptMeeting(line.id, line.title, row.purge_on, _is_due(row), row.purged_at is not None)
            for line, row in rows
            if row.state in (MeetingState.PUBLISHED, MeetingState.PURGED)
            and (line.takes_ballots or row.purge_on is not None or row.purged_at is not None)
        ]
    return sorted(kept, key=lambda meeting: (meeting.is_purged, meeting.purge_on or date.max))


def purge_meeting(actor: str, meeting_id: str, *, forced_reason: str = "") -> int:
    """Destroy the ballots, comments, receipts and tickets of every round of a meeting; return how many ballots.

    The counts of every cell are stored first, so that result, sheets and record stay as they are; then the meeting is
    purged (清除), and an archive bundle holds the counts in place of ballots. A second call destroys nothing.

    Raises:
        PurgeTooEarly: its day has not come and no reason to destroy them before is given.
        FieldInvalid: the reason is too long, or holds what cannot be seen.
        WrongState: the result has not been published.
        SecondPersonNeeded and its kin: the meeting asks for two people.
        CountBroken: the result cannot be computed now, so it could not be computed from the counts either.
        TracesLeft: destroyed, but the files could not be wiped yet; call again, or it is done at the next start.
    """
    reason = read_line(forced_reason, "原因", REASON_LENGTH)
    is_purged = require_purgeable(meeting_id, forced_reason=reason)
    count = 0
    if not is_purged:
        load_counted(meeting_id)
        count = _purge(actor, meeting_id, reason)
    erase_apart(meeting_id)
    return count


def require_purgeable(meeting_id: str, *, forced_reason: str = "") -> bool:
    """Require that the ballots may be destroyed now, and return whether they are destroyed already.

    Raises:
        PurgeTooEarly: its day has not come and no reason to destroy the ballots before is given.
        WrongState: the result has not been published.
    """
    with reading() as session:
        current = current_round(session, meeting_id)
        if current.state not in (MeetingState.PUBLISHED, MeetingState.PURGED) or current.void_reason is not None:
            raise WrongState("结果公布之后才能清除选票。")
        is_purged = current.purged_at is not None
        if not is_purged and not _is_due(current) and not forced_reason.strip():
            day = f"本场选票保存到 {current.purge_on}，" if current.purge_on else "本场还没有定清除日期，"
            raise PurgeTooEarly(f"{day}现在没有清除。确需提前清除的，请写明原因。")
    return is_purged


def _purge(actor: str, meeting_id: str, reason: str) -> int:
    with transaction() as session:
        current = current_round_for_update(session, meeting_id)
        if current.purged_at is not None:
            return 0
        proposer = require_second_person(session, meeting_id, Act.PURGE, actor, reason=reason)
        count, digests = 0, {}
        for row in rounds_for_update(session, [this_round.id for this_round in rounds_of(session, meeting_id)]):
            kept = _kept(session, row)
            count += sum(numbers.cast for numbers in kept.counted.turnout.values()) if kept.counted else 0
            text = counts_text(kept)
            # From now on the result is made from these, and no ballot is left that could contradict them.
            digests[f"counts_{row.number}"] = text_digest(text)
            purged = replace(row, kept_counts=text, purged_at=now(), held_share=None, ballots_salt=None)
            if row.id == current.id:
                purged = replace(purged, state=next_state(row.state, MeetingState.PURGED), traces_due="purged")
            save_round(session, purged)
            drop_round_contents(session, row.id)
        forced = "" if _is_due(current) else reason
        detail = {"ballots": str(count), "forced": forced, **digests, **proposed_by(proposer)}
        record(session, meeting_id, actor, "purged", **detail)
    return count


def _kept(session: Transaction, row: StoredRound) -> KeptCounts:
    tickets = {
        group.key: KeptTickets(
            printed=group.printed + group.challenged,
            voided=group.voided,
            spent=group.cast - group.paper_cast + group.challenged,
            challenged=group.challenged,
        )
        for group in board_of(session, row).groups
    }
    is_counted = row.state.is_counted
    return KeptCounts(counted_marks(session, row, round_setup(session, row)) if is_counted else None, tickets)


def _is_due(row: StoredRound) -> bool:
    return row.purged_at is None and row.purge_on is not None and row.purge_on <= now().astimezone().date()
