"""Replaces secrets that are lost for good (密钥丢失), and ends whatever depended on them in a stated way.

Printed tickets, boxes whose key the server holds, second factors and sign-ins hang on the secrets; opened ballots,
results and passwords do not. The record of acts goes on under another signing key and names the former one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

from kaohe.domain.errors import SecretsFit, SecretsMismatch, TracesLeft
from kaohe.domain.meetings import MeetingState, next_state
from kaohe.domain.record_chain import REPLACED, public_half
from kaohe.operations.chair.voiding import void_within
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.hall.boards import board_of
from kaohe.operations.people.second_factor import lose_second_factors
from kaohe.operations.setup.rehearsing import wipe_within
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, transaction, undo
from kaohe.storage.exclusive_access import require_exclusive_access
from kaohe.storage.installation import these_secrets
from kaohe.storage.meetings import meeting_title
from kaohe.storage.numbers import figures_of_round, forget_left_over
from kaohe.storage.proposals import drop_proposals
from kaohe.storage.record import record, recorded_ids
from kaohe.storage.rounds import RoundForUpdate, StoredRound, every_round_for_update, save_round
from kaohe.storage.screens import forget_every_note
from kaohe.storage.secrets_mark import marked_key, put_mark, require_own_secrets, wait_for_mark
from kaohe.storage.sign_ins import drop_every_sign_in
from kaohe.storage.tickets import drop_tickets, forget_codes
from kaohe.storage.wiping import erase_traces

WHY_VOID = "密钥文件丢失，服务器保管的票箱钥匙无法再用，封票不能开箱"
_ERASED = (
    *("tickets", "envelopes", "ballots", "comments", "comment_reviews", "receipts", "envelope_digests"),
    *("screens", "rounds"),
)


class Fate(StrEnum):
    """What becomes of a meeting whose secrets are lost."""

    REISSUE = "reissue"
    """Not opened yet: its tickets are gone and have to be made and handed out anew."""
    VOID = "void"
    """Opened or closed, and the server held the key: the box can never be opened, so the round is void."""
    CLOSE = "close"
    """Open, and the tellers hold the key: no more ballots can come, those in the box can be counted."""
    KEEP = "keep"
    """Nothing ends: the box is closed and the tellers hold the key, or it has been counted."""


@dataclass(frozen=True, slots=True)
class MeetingEnd:
    """What one meeting loses."""

    meeting_id: str
    title: str
    fate: Fate
    tickets: int
    """Of its current round."""
    cast: int
    """Ballots in the box of its current round."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What ends with the lost secrets."""

    meetings: tuple[MeetingEnd, ...]
    """Those that are not over; a meeting that has been counted loses nothing."""
    second_factors: tuple[str, ...]
    """The names of the accounts whose second factor is turned off."""


def what_would_end() -> Ends:
    """What ``replace_secrets`` would end; nothing is changed. Every server must be stopped.

    Raises:
        SecretsFit: the secrets at hand are those that the database was made with.
        DatabaseInUse: another process has the database open.
    """
    _require_other_secrets()
    require_exclusive_access()
    with transaction(is_told=False) as session:
        found = _end(session, "")
        undo(session)
    return found


def replace_secrets(actor: str) -> Ends:
    """Give the database the secrets of this process in the place of those that are lost. Every server must be stopped.

    One transaction. What was deleted is wiped from the files afterwards, or at the next start.

    Raises:
        SecretsFit: the secrets at hand are those that the database was made with; nothing is changed.
        DatabaseInUse: another process has the database open.
    """
    _require_other_secrets()
    require_exclusive_access()
    with transaction() as session:
        wait_for_mark(session)
        found = _end(session, actor)
    with suppress(TracesLeft):
        erase_traces(*_ERASED)
        erase_what_is_due()
    return found


def _require_other_secrets() -> None:
    with suppress(SecretsMismatch):
        require_own_secrets()
        raise SecretsFit


def _end(session: Transaction, actor: str) -> Ends:
    rounds = every_round_for_update(session)
    latest = {row.meeting_id: row for row in rounds if not row.is_rehearsal}
    ends = {meeting_id: _foreseen(session, row) for meeting_id, row in latest.items()}
    _sign_anew(session, actor, ends)
    for meeting_id in latest:
        wipe_within(session, meeting_id)
    for row in rounds:
        if not row.is_rehearsal:
            without = _lose_tickets(session, row)
            if row is latest[row.meeting_id]:
                _end_round(session, actor, without, ends[row.meeting_id])
    forget_every_note(session)
    names = lose_second_factors(session, actor)
    drop_every_sign_in(session)
    return Ends(tuple(end for end in ends.values() if end.fate is not Fate.KEEP), tuple(names))


def _foreseen(session: Transaction, row: StoredRound) -> MeetingEnd:
    numbers = figures_of_round(session, row.id).values()
    made, cast = sum(number.printed for number in numbers), sum(number.spent for number in numbers)
    return MeetingEnd(row.meeting_id, meeting_title(session, row.meeting_id), _fate(row, made), made, cast)


def _fate(row: StoredRound, tickets: int) -> Fate:
    if row.state == MeetingState.DRAFT:
        return Fate.REISSUE if tickets else Fate.KEEP
    if row.is_key_with_servers:
        return Fate.VOID
    return Fate.CLOSE if row.state == MeetingState.OPEN else Fate.KEEP


def _lose_tickets(session: Transaction, row: RoundForUpdate) -> RoundForUpdate:
    """Give up the slips of a round, which nobody can look up any more, and a share that nobody can unwrap.

    In a draft the slips are deleted, so that others have to be made. In any other round they stay as the numbers that
    they are, and no later round takes them over.
    """
    if row.state is MeetingState.DRAFT:
        drop_tickets(session, row.id)
    else:
        forget_codes(session, row.id)
    return save_round(session, replace(row, held_share=None, tickets_lost=row.state is not MeetingState.DRAFT))


def _sign_anew(session: Transaction, actor: str, ends: Mapping[str, MeetingEnd]) -> None:
    former = marked_key(session)
    put_mark(session)
    keys = {
        "former_key": former.hex() if former else "",
        "new_key": public_half(these_secrets().signing_key).hex(),
    }
    record(session, None, actor, REPLACED, **keys)
    for meeting_id in recorded_ids(session):
        fate = str(ends[meeting_id].fate) if meeting_id in ends else str(Fate.KEEP)
        record(session, meeting_id, actor, REPLACED, **keys, fate=fate)


def _end_round(session: Transaction, actor: str, row: RoundForUpdate, end: MeetingEnd) -> None:
    number = str(row.number)
    match end.fate:
        case Fate.REISSUE:
            save_round(session, replace(row, printed_url=None))
            forget_left_over(session, row.id)
        case Fate.VOID:
            void_within(session, row, WHY_VOID)
            record(session, row.meeting_id, actor, "voided_round", round=number, reason=WHY_VOID)
        case Fate.CLOSE:
            state = next_state(row.state, MeetingState.CLOSED)
            row = save_round(session, replace(row, state=state, is_paused=False, closed_at=now()))
            drop_proposals(session, row.meeting_id)
            cast = str(board_of(session, row).cast)
            record(session, row.meeting_id, actor, "closed", round=number, cast=cast)
        case Fate.KEEP:
            pass
