"""A vote on the spot (现场票决) within a running meeting: called, voted, counted and announced in a minute.

As in P16 (docs/systems.md), the candidates for the highest tier speak, are voted on at once, two for one place, and the
most votes win. The hall uses the slips that it holds already: their address leads on to the vote while it is on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kaohe.domain.errors import FieldInvalid, NoCompetition, SpotVoteOn, WrongState
from kaohe.domain.limits import SEATS_AT_MOST
from kaohe.domain.meetings import Group, HallView, MeetingState, require_state
from kaohe.domain.ticket_codes import new_pool_code
from kaohe.operations.chair.chairing import close_meeting, open_meeting, publish_result, reveal_all
from kaohe.operations.count.opening import count_meeting
from kaohe.operations.hall.boards import board_of
from kaohe.operations.setup.preparing import create_meeting, meeting_preset
from kaohe.storage.database import Session, reading, transaction
from kaohe.storage.events import record
from kaohe.storage.meetings import as_round, current_round_row, load_setup, round_setup, store_setup
from kaohe.storage.round_state_cache import active_round
from kaohe.storage.spot_votes import make_spot_vote, spot_votes_of
from kaohe.storage.tables import MeetingRow
from kaohe.storage.tickets import lend_tickets
from kaohe.tally.awards.electing import check_competition
from kaohe.tally.model import Subject
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.refusals import CompetitionError
from kaohe.tally.scheme.scheme import EVERYONE, Scheme

PRESET = "ganbu-zonghe-texuan"
_BETWEEN_BALLOTS = (MeetingState.DRAFT, MeetingState.CLOSED, MeetingState.COUNTED, MeetingState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class SpotVote:
    """One vote on the spot."""

    meeting_id: str
    title: str
    state: MeetingState
    is_on: bool
    """Whether slips and projector of the meeting lead to it."""


def list_spot_votes(meeting_id: str) -> Sequence[SpotVote]:
    """Every vote on the spot within a meeting, the newest first."""
    with reading() as session:
        return [
            SpotVote(row.id, row.title, MeetingState(held.state), not row.is_dismissed)
            for row, held in spot_votes_of(session, meeting_id)
        ]


def spot_vote_on(session: Session, meeting_id: str) -> str | None:
    """The vote on the spot that a meeting's slips and projector lead to at this moment."""
    for row, held in spot_votes_of(session, meeting_id):
        if not row.is_dismissed and held.state != MeetingState.DRAFT:
            return row.id
    return None


def spot_vote_for_phones(meeting_id: str) -> str | None:
    """The same for a phone, as of a moment ago; a meeting that rehearses or collects ballots itself comes first."""
    found = active_round(meeting_id)
    return None if found is None else found.spot_id


def call_spot_vote(actor: str, meeting_id: str, *, title: str, subject_keys: Sequence[str], seats: int | None) -> str:
    """Open a vote on some subjects of a meeting at once, and return its own meeting id.

    ``seats`` are the places of each class; None for half of its candidates, rounded down. Everyone who holds a slip may
    vote; where tickets are drawn by the shared code they are drawn anew, since nobody knows who holds one.

    Raises:
        FieldInvalid: nobody was chosen, or the title does not fit.
        NoCompetition: a class has no more candidates than places.
        SpotVoteOn: another one is still on.
        WrongState: the meeting collects ballots itself at this moment, or is purged.
        NotReady, MeetingUnknown.
    """
    with reading() as session:
        row = current_round_row(session, meeting_id)
        require_state(as_round(row), *_BETWEEN_BALLOTS)
        if spot_vote_on(session, meeting_id) is not None:
            raise SpotVoteOn
        parent, board, is_lost = round_setup(session, row), board_of(session, row), row.tickets_lost
    candidates = tuple(_candidate(subject) for subject in parent.subjects if subject.key in set(subject_keys))
    if not candidates:
        raise FieldInvalid("请先勾选参加票决的对象。")
    if not board.printed and not parent.shared_group:
        raise FieldInvalid("会议还没有制票，无法现场票决。请先制票，或使用一会一码。")
    if is_lost and not parent.shared_group:
        raise FieldInvalid("本场的票是更换密钥以前制的，已经失效，无法现场票决。请另建一场会议，重新制票。")
    scheme = _scheme(seats)
    try:
        check_competition(scheme, candidates)
    except CompetitionError as error:
        raise NoCompetition(error.message) from error
    spot_id = create_meeting(actor, title=title, unit=parent.unit, held_on=parent.held_on, preset_id=PRESET)
    with transaction() as session:
        setup = replace(
            load_setup(session, spot_id),
            scheme=scheme,
            subjects=candidates,
            groups=(Group(EVERYONE.key, EVERYONE.label, EVERYONE.weight, board.entitled),),
            hall_view=HallView.TURNOUT,
            two_people=False,
            shared_group=EVERYONE.key if parent.shared_group else None,
        )
        store_setup(session, setup)
        make_spot_vote(session, spot_id, meeting_id)
        lender, borrower = current_round_row(session, meeting_id), current_round_row(session, spot_id)
        lend_tickets(session, lender, borrower, EVERYONE.key)
        borrower.printed_url = lender.printed_url
        borrower.pool_code = new_pool_code() if parent.shared_group else None
        record(session, meeting_id, actor, "called_spot_vote", title=setup.title, meeting=spot_id)
    open_meeting(actor, spot_id)
    return spot_id


def announce_spot_vote(actor: str, meeting_id: str, spot_id: str) -> None:
    """End a meeting's vote on the spot, count it and show the result to the hall, all at once. Idempotent.

    A call that was interrupted goes on where it was.

    Raises:
        WrongState: ``spot_id`` is no vote of this meeting, or has not been opened.
        What closing, counting and publishing raise.
    """
    with reading() as session:
        _spot_vote_row(session, meeting_id, spot_id)
    close_meeting(actor, spot_id)
    if _state(spot_id) is MeetingState.CLOSED:
        count_meeting(actor, spot_id)
    if _state(spot_id) is MeetingState.COUNTED:
        publish_result(actor, spot_id)
    if _state(spot_id) is MeetingState.PUBLISHED:
        reveal_all(actor, spot_id)


def dismiss_spot_vote(actor: str, meeting_id: str, spot_id: str) -> None:
    """Let slips and projector go back from a vote on the spot to its meeting; its result stays. Idempotent.

    Raises:
        WrongState: ``spot_id`` is no vote of this meeting, or still collects ballots.
    """
    with transaction() as session:
        row = _spot_vote_row(session, meeting_id, spot_id)
        if current_round_row(session, spot_id).state == MeetingState.OPEN:
            raise WrongState("票决还在进行，请先结束投票。")
        if not row.is_dismissed:
            row.is_dismissed = True
            record(session, meeting_id, actor, "dismissed_spot_vote", title=row.title, meeting=spot_id)


def _spot_vote_row(session: Session, meeting_id: str, spot_id: str) -> MeetingRow:
    for row, _ in spot_votes_of(session, meeting_id):
        if row.id == spot_id:
            return row
    raise WrongState


def _scheme(seats: int | None) -> Scheme:
    preset = meeting_preset(PRESET)
    if seats is None:
        return preset
    if not 1 <= seats <= SEATS_AT_MOST:
        raise FieldInvalid(f"名额应为 1 到 {SEATS_AT_MOST} 个。")
    choose = preset.choose or Choose()
    return replace(preset, choose=replace(choose, seats=seats, seats_share=None))


def _candidate(subject: Subject) -> Subject:
    # In a vote on the spot there is one form, whatever form asked about this subject before.
    return replace(subject, section="")


def _state(meeting_id: str) -> MeetingState:
    with reading() as session:
        return MeetingState(current_round_row(session, meeting_id).state)
