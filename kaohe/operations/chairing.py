"""The chair holds the meeting: opens, pauses, closes, publishes, reveals, and voids a round where it must be."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from kaohe.domain.bundles import setup_digest
from kaohe.domain.envelopes import BoxKey, fingerprint
from kaohe.domain.errors import FieldInvalid, NotReady, WrongState
from kaohe.domain.meetings import (
    Custody,
    GroupNumbers,
    MeetingSetup,
    MeetingState,
    Round,
    next_state,
    require_state,
)
from kaohe.domain.setup_documents import freeze_setup
from kaohe.domain.ticket_codes import new_pool_code
from kaohe.operations.checking import check_meeting
from kaohe.operations.rehearsing import wipe_within
from kaohe.operations.standing_inputs import require_inputs
from kaohe.storage.clock import now
from kaohe.storage.database import Session, erase_traces, reading, transaction
from kaohe.storage.events import record
from kaohe.storage.installation import these_secrets
from kaohe.storage.meetings import as_round, current_round_row, load_setup, round_setup
from kaohe.storage.numbers import SaidNumbers, said_numbers, say_numbers
from kaohe.storage.tables import RoundRow
from kaohe.storage.tickets import TicketNumbers, carry_tickets, forget_retries, ticket_numbers

REASON_LENGTH = 200
_NUMBER_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Board:
    """应到 / 实到 / 发出 / 收回 of one round, per group and in all, and where they cannot be true."""

    setup: MeetingSetup
    round: Round
    groups: tuple[GroupNumbers, ...]
    warnings: tuple[str, ...]

    @property
    def entitled(self) -> int:
        """应到, all groups."""
        return sum(group.entitled for group in self.groups)

    @property
    def present(self) -> int | None:
        """实到, all groups; None until every group's number has been said."""
        numbers = [group.present for group in self.groups]
        return sum(n for n in numbers if n is not None) if None not in numbers else None

    @property
    def printed(self) -> int:
        """Tickets made and not voided, all groups."""
        return sum(group.printed for group in self.groups)

    @property
    def issued(self) -> int:
        """发出, all groups."""
        return sum(group.issued for group in self.groups)

    @property
    def cast(self) -> int:
        """收回, all groups."""
        return sum(group.cast for group in self.groups)


def load_board(meeting_id: str) -> Board:
    """The board of the current round.

    Raises:
        MeetingUnknown: no such meeting.
    """
    with reading() as session:
        return board_of(session, current_round_row(session, meeting_id))


def board_of(session: Session, row: RoundRow) -> Board:
    """The board of one round."""
    setup = round_setup(session, row)
    tickets = ticket_numbers(session, row.id)
    typed = said_numbers(session, row.id)
    groups = []
    for group in setup.groups:
        numbers = tickets.get(group.key, TicketNumbers())
        said = typed.get(group.key, SaidNumbers())
        groups.append(
            GroupNumbers(
                key=group.key,
                label=group.label,
                entitled=group.entitled,
                present=said.present,
                printed=numbers.printed,
                voided=numbers.voided,
                left_over=said.left_over,
                cast=numbers.spent,
            )
        )
    return Board(setup, as_round(row), tuple(groups), tuple(_warnings(groups)))


def record_numbers(actor: str, meeting_id: str, group_key: str, *, present: int | None, left_over: int) -> None:
    """Say how many of a group are in the hall and how many of its slips were not handed out.

    Allowed until the result is published; the former numbers stay in the record of acts. Idempotent.

    Raises:
        FieldInvalid: a number is out of bounds, or the group unknown.
        WrongState: the result has been published, or the round voided.
    """
    if present is not None and not 0 <= present <= _NUMBER_AT_MOST:
        raise FieldInvalid(f"实到人数应为 0 到 {_NUMBER_AT_MOST}。")
    with transaction() as session:
        row = current_round_row(session, meeting_id)
        require_state(as_round(row), MeetingState.DRAFT, MeetingState.OPEN, MeetingState.CLOSED, MeetingState.COUNTED)
        group = next((g for g in board_of(session, row).groups if g.key == group_key), None)
        if group is None:
            raise FieldInvalid("没有这个票种，请刷新页面后重新填写。")
        if not 0 <= left_over <= group.printed:
            raise FieldInvalid(f"“{group.label}”未发出的票数应为 0 到 {group.printed}（已制票数）。")
        say_numbers(session, row.id, group_key, SaidNumbers(present, left_over))
        said = "" if present is None else str(present)
        record(session, meeting_id, actor, "recorded_numbers", group=group_key, present=said, left_over=str(left_over))


def open_meeting(actor: str, meeting_id: str) -> None:
    """Open the ballot box. The set-up is frozen into the round; a rehearsal that still stands is wiped.

    Raises:
        NotReady: the check list still holds something that must be mended.
        WrongState: the round has been opened before.
    """
    with transaction() as session:
        row = current_round_row(session, meeting_id)
        require_state(as_round(row), MeetingState.DRAFT)
        lacking = [finding.message for finding in check_meeting(session, meeting_id) if finding.is_blocking]
        if lacking:
            raise NotReady("还不能开始投票：" + "".join(lacking))
        wipe_within(session, meeting_id)
        setup = load_setup(session, meeting_id)
        row.frozen = freeze_setup(setup)
        row.state = next_state(MeetingState(row.state), MeetingState.OPEN)
        row.opened_at = now()
        if setup.custody is Custody.SERVER:
            give_server_key(row)
        record(
            session,
            meeting_id,
            actor,
            "opened",
            round=str(row.number),
            hall_view=str(setup.hall_view),
            custody=str(setup.custody),
            key=fingerprint(row.public_key or b""),
            setup=setup_digest(row.frozen),
        )


def give_server_key(row: RoundRow) -> None:
    """Make the round's key and keep its private half under the wrapping key, outside of which it is nothing."""
    key = BoxKey.new()
    row.public_key = key.public
    row.wrapped_key = these_secrets().wrap(key.private, f"box|{row.id}")
    row.key_proven = True


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
    """
    with transaction() as session:
        row = _locked_round(session, meeting_id)
        if as_round(row).is_voided or row.state == MeetingState.DRAFT:
            raise WrongState
        if row.state == MeetingState.OPEN:
            row.state = next_state(MeetingState(row.state), MeetingState.CLOSED)
            row.is_paused = False
            row.closed_at = now()
            session.flush()
            record(session, meeting_id, actor, "closed", round=str(row.number), cast=str(board_of(session, row).cast))
        return board_of(session, row).cast


def publish_result(actor: str, meeting_id: str) -> None:
    """Let the hall see the result, which the projector then reveals step by step.

    What the count has deleted is wiped from the files once more, in case something kept them busy then.

    Raises:
        WrongState: the round is not counted, or published already.
        InputsMissing: the scheme counts scores that nobody has brought yet.
        TracesLeft: published, but the files could not be wiped.
    """
    with transaction() as session:
        row = _locked_round(session, meeting_id)
        require_state(as_round(row), MeetingState.COUNTED)
        require_inputs(session, round_setup(session, row))
        row.state = next_state(MeetingState(row.state), MeetingState.PUBLISHED)
        row.published_at = now()
        record(session, meeting_id, actor, "published", round=str(row.number))
    erase_traces("envelopes", "tickets", "rounds")


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

    The voided round stays as it is; only its key is destroyed, so that its sealed ballots are never opened.

    Raises:
        FieldInvalid: no reason is given.
        WrongState: the round has not been opened, or is archived.
    """
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise FieldInvalid(f"请写明作废原因（不超过 {REASON_LENGTH} 字），原因会记入操作记录。")
    with transaction() as session:
        row = _locked_round(session, meeting_id)
        require_state(
            as_round(row), MeetingState.OPEN, MeetingState.CLOSED, MeetingState.COUNTED, MeetingState.PUBLISHED
        )
        row.void_reason, row.is_paused, row.wrapped_key = reason, False, None
        setup = load_setup(session, meeting_id)
        successor = RoundRow(
            id=secrets.token_hex(8),
            meeting_id=meeting_id,
            number=row.number + 1,
            printed_url=row.printed_url,
            pool_code=new_pool_code() if setup.shared_group else None,
        )
        session.add(successor)
        session.flush()
        carry_tickets(session, row, successor)
        forget_retries(session, row.id)
        for group_key, numbers in said_numbers(session, row.id).items():
            say_numbers(session, successor.id, group_key, numbers)
        record(session, meeting_id, actor, "voided_round", round=str(row.number), reason=reason)


def _locked_round(session: Session, meeting_id: str) -> RoundRow:
    """The current round, held against ballots that are being committed at this moment."""
    row = current_round_row(session, meeting_id)
    session.refresh(row, with_for_update=True)
    return row


def _set_paused(actor: str, meeting_id: str, act: str, *, is_paused: bool) -> None:
    with transaction() as session:
        row = _locked_round(session, meeting_id)
        require_state(as_round(row), MeetingState.OPEN)
        if row.is_paused is not is_paused:
            row.is_paused = is_paused
            record(session, meeting_id, actor, act)


def _reveal(actor: str, meeting_id: str, *, step: int | None) -> None:
    with transaction() as session:
        row = _locked_round(session, meeting_id)
        require_state(as_round(row), MeetingState.PUBLISHED)
        total = len(round_setup(session, row).subjects)
        wanted = total if step is None else min(row.revealed_count + step, total)
        if wanted != row.revealed_count:
            row.revealed_count = wanted
            record(session, meeting_id, actor, "revealed", count=str(wanted))


def _warnings(groups: Sequence[GroupNumbers]) -> list[str]:
    found = []
    for g in groups:
        if g.cast > g.issued:
            found.append(
                f"“{g.label}”收回 {g.cast} 张，多于发出 {g.issued} 张：请核对未发出的票数；如属实，本轮应作废重投。"
            )
        if g.present is not None and g.present > g.entitled:
            found.append(f"“{g.label}”实到 {g.present} 人，多于应到 {g.entitled} 人：请核对人数。")
        if g.present is not None and g.cast > g.present:
            found.append(
                f"“{g.label}”收回 {g.cast} 张，多于实到 {g.present} 人：请核对实到人数；如属实，本轮应作废重投。"
            )
        elif g.cast > g.entitled:
            found.append(
                f"“{g.label}”收回 {g.cast} 张，多于应到 {g.entitled} 人：请核对应到人数；如属实，本轮应作废重投。"
            )
        if g.present is not None and g.issued > g.present:
            found.append(f"“{g.label}”发出 {g.issued} 张，多于实到 {g.present} 人：请核对未发出的票数。")
    return found
