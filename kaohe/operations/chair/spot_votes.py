"""A vote on the spot (现场票决) within a running meeting: called, voted, counted and announced in a minute.

As in P16 (docs/systems.md), the candidates for the highest tier speak, are voted on at once, two for one seat, and the
most votes win. The hall uses the slips that it holds already: their address leads on to the vote while it is on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from kaohe.domain.errors import (
    FieldInvalid,
    KaoheError,
    NoCompetition,
    NotReady,
    SecondPersonNeeded,
    SpotVoteOn,
    WrongState,
)
from kaohe.domain.inputs import names_text, own_rules
from kaohe.domain.limits import LABEL_LENGTH, SEATS_AT_MOST
from kaohe.domain.meetings import Group, HallView, MeetingSetup, MeetingState, require_state
from kaohe.domain.permissions import Act
from kaohe.domain.ticket_codes import new_pool_code
from kaohe.operations.chair.publishing import publish_result, reveal_all
from kaohe.operations.chair.voting import close_meeting, open_meeting
from kaohe.operations.count.counting_apart import count_box
from kaohe.operations.count.results import load_counted
from kaohe.operations.count.ruling import rule
from kaohe.operations.hall.boards import Board, board_of
from kaohe.operations.people.second_person import propose
from kaohe.operations.setup.checking import second_person_missing
from kaohe.operations.setup.inputs import inputs_for
from kaohe.operations.setup.preparing import create_meeting
from kaohe.operations.setup.scheme import meeting_preset
from kaohe.storage.accounts import Account
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.meetings import load_setup, store_setup, unit_of_meeting
from kaohe.storage.numbers import EnteredNumbers, store_numbers
from kaohe.storage.record import record
from kaohe.storage.round_state_cache import active_round
from kaohe.storage.rounds import current_round, current_round_for_update, round_setup, save_round
from kaohe.storage.spot_votes import SpotVote, dismiss, make_spot_vote, spot_votes_of
from kaohe.storage.tickets import lend_tickets
from kaohe.tally.awards.electing import check_competition
from kaohe.tally.model import Ruling, Subject
from kaohe.tally.resulting import ELECTED as SEATED
from kaohe.tally.scheme.questions import Choose
from kaohe.tally.scheme.refusals import CompetitionError
from kaohe.tally.scheme.scheme import EVERYONE, Scheme
from kaohe.tally.scheme.tiers import Effect, FlagKind, FlagRule

PRESET = "ganbu-zonghe-texuan"
ELECTED, NOT_ELECTED = "当选", "未当选"
_NO_ENTITLED = "会议还没有填写应到人数，无法现场票决。请先在“票种与人数”中填写。"
_BETWEEN_BALLOTS = (MeetingState.DRAFT, MeetingState.CLOSED, MeetingState.COUNTED, MeetingState.PUBLISHED)


def list_spot_votes(meeting_id: str) -> Sequence[SpotVote]:
    """Every vote on the spot within a meeting, the newest first."""
    with reading() as session:
        return spot_votes_of(session, meeting_id)


def spot_vote_on(session: Transaction, meeting_id: str) -> str | None:
    """The vote on the spot that a meeting's slips and projector lead to at this moment."""
    found = (vote for vote in spot_votes_of(session, meeting_id) if vote.is_on and vote.state is not MeetingState.DRAFT)
    return next((vote.meeting_id for vote in found), None)


def spot_vote_for_phones(meeting_id: str) -> str | None:
    """The vote on the spot that phones are led to, as of a moment ago; None while the meeting itself collects."""
    found = active_round(meeting_id)
    return None if found is None else found.spot_id


@dataclass(frozen=True, slots=True)
class SpotCandidate:
    """A subject that may stand in a vote on the spot."""

    subject: Subject
    pool: str
    """Among whom it stands: its class, or all the classes of which the rules take the best together."""
    is_proposed: bool
    """Whether the rules of the meeting name it as one of the best."""
    is_barred: bool
    """Whether a veto keeps it out."""


def list_candidates(meeting_id: str) -> Sequence[SpotCandidate]:
    """Every subject of a meeting, in the organizer's order; who is proposed and who is barred once it is counted."""
    with reading() as session:
        row = current_round(session, meeting_id)
        setup = round_setup(session, row)
        flags = _flags_of(setup, meeting_id) if row.state.is_counted else {}
    return [_spot_candidate(setup.full_scheme, subject, flags.get(subject.key, ())) for subject in setup.subjects]


def _flags_of(setup: MeetingSetup, meeting_id: str) -> Mapping[str, Collection[str]]:
    """The keys of the flags of every subject, where the rules have any that matter here and there is a result."""
    rules = [section.scheme for section in setup.full_scheme.sections]
    if not any(_top_flags(one) or _vetoes(one) for one in rules):
        return {}
    try:
        rows = load_counted(meeting_id).result.subjects
    except KaoheError:
        return {}
    return {row.subject.key: {flag.key for flag in row.flags} for row in rows}


def _spot_candidate(scheme: Scheme, subject: Subject, flags: Collection[str]) -> SpotCandidate:
    rules = own_rules(scheme, subject)
    tops = _top_flags(rules) if rules else ()
    together = next((flag.classes for flag in tops if subject.class_label in flag.classes), ())
    is_barred = rules is not None and any(key in flags for key in _vetoes(rules))
    is_proposed = not is_barred and any(flag.key in flags for flag in tops)
    return SpotCandidate(subject, "、".join(together) or subject.class_label, is_proposed, is_barred)


def _top_flags(rules: Scheme) -> Sequence[FlagRule]:
    return [flag for flag in rules.flags if flag.kind is FlagKind.TOP and flag.running == 1]


def _vetoes(rules: Scheme) -> Sequence[str]:
    return [clause.key for clause in rules.clauses if clause.effect is Effect.VETO]


def call_spot_vote(
    actor: str,
    meeting_id: str,
    *,
    title: str,
    subject_keys: Sequence[str],
    seats: int | None,
    words: tuple[str, str] = (ELECTED, NOT_ELECTED),
) -> str:
    """Open a vote on some subjects of a meeting at once, and return its own meeting id.

    Classes of which the rules take the best together (P16: all departments, all townships) compete as one. ``seats``
    are the seats of each class; None for half of its candidates, rounded down. Everyone who holds a slip may
    vote; where tickets are drawn by the shared code they are drawn anew, since nobody knows who holds one. 实到 and the
    slips that were not handed out are those of the meeting, and so is its rule of two people. ``words`` call those who
    are elected and those who are not, on the screen and on every sheet.

    Raises:
        FieldInvalid: nobody was chosen, a veto keeps somebody out, or the title or a word does not fit.
        NoCompetition: a class has no more candidates than seats.
        WrongState: the meeting collects ballots itself at this moment, or is purged.
        SpotVoteOn, NotReady.
    """
    with reading() as session:
        row = current_round(session, meeting_id)
        require_state(row, *_BETWEEN_BALLOTS)
        if spot_vote_on(session, meeting_id) is not None:
            raise SpotVoteOn
        parent, board, is_lost = round_setup(session, row), board_of(session, row), row.tickets_lost
        has_slips = bool(board.printed or parent.shared_group)
        nobody = _NO_ENTITLED if has_slips and not board.entitled else ""
        if missing := second_person_missing(session, parent) or nobody:
            raise NotReady(missing)
        unit_id = unit_of_meeting(session, meeting_id)
    chosen = [each for each in list_candidates(meeting_id) if each.subject.key in set(subject_keys)]
    candidates = tuple(_candidate(each) for each in chosen)
    if not candidates:
        raise FieldInvalid("请先勾选参加票决的对象。")
    if barred := [each.subject.name for each in chosen if each.is_barred]:
        raise FieldInvalid(f"{names_text(barred)}被一票否决，不能参加票决，请取消勾选。")
    if not has_slips:
        raise FieldInvalid("会议还没有制票，无法现场票决。请先制票，或使用一会一码。")
    if is_lost and not parent.shared_group:
        raise FieldInvalid("本场的票是更换密钥以前制的，已经失效，无法现场票决。请另建一场会议，重新制票。")
    scheme = _scheme(seats, *words)
    try:
        check_competition(scheme, candidates)
    except CompetitionError as error:
        raise NoCompetition(error.message) from error
    spot_id = create_meeting(
        actor, title=title, unit=parent.unit, held_on=parent.held_on, preset_id=PRESET, unit_id=unit_id
    )
    with transaction() as session:
        setup = replace(
            load_setup(session, spot_id),
            scheme=scheme,
            subjects=candidates,
            groups=(Group(EVERYONE.key, EVERYONE.label, EVERYONE.weight, board.entitled),),
            hall_view=HallView.TURNOUT,
            two_people=parent.two_people,
            shared_group=EVERYONE.key if parent.shared_group else None,
        )
        store_setup(session, setup)
        make_spot_vote(session, spot_id, meeting_id)
        lender, borrower = current_round(session, meeting_id), current_round_for_update(session, spot_id)
        lend_tickets(session, lender, borrower.id, EVERYONE.key)
        store_numbers(session, borrower.id, EVERYONE.key, _lent_numbers(board, is_lost=is_lost))
        pool_code = new_pool_code() if parent.shared_group else None
        save_round(session, replace(borrower, printed_url=lender.printed_url, pool_code=pool_code))
        record(session, meeting_id, actor, "called_spot_vote", title=setup.title, meeting=spot_id)
    open_meeting(actor, spot_id)
    return spot_id


def announce_or_propose(account: Account, meeting_id: str, spot_id: str) -> bool:
    """Announce a vote on the spot; where a second person is needed for its next step, propose that step instead.

    Whoever ends the voting on another's proposal proposes the count by it, which the first person then confirms.
    Returns whether the result was announced.

    Raises:
        SecondPersonSame: the next step was proposed by this account.
        What ``announce_spot_vote`` raises.
    """
    try:
        announce_spot_vote(account.name, meeting_id, spot_id)
    except SecondPersonNeeded:
        propose(account, spot_id, Act.CLOSE if _state(spot_id) is MeetingState.OPEN else Act.COUNT)
        return False
    return True


def announce_spot_vote(actor: str, meeting_id: str, spot_id: str) -> None:
    """End a meeting's vote on the spot, count it and show the result to the hall, all at once. Idempotent.

    Where the meeting is counted and its rules leave two tiers to people, the outcome becomes their ruling (审定).

    A call that was interrupted goes on where it was.

    Raises:
        WrongState: ``spot_id`` is no vote of this meeting, or has not been opened.
        SecondPersonNeeded: the meeting asks for two people, and nobody has proposed the step that comes next.
        What closing, counting, publishing and ruling raise.
    """
    with reading() as session:
        _spot_vote(session, meeting_id, spot_id)
    close_meeting(actor, spot_id)
    if _state(spot_id) is MeetingState.CLOSED:
        count_box(actor, spot_id)
    if _state(spot_id) is MeetingState.COUNTED:
        publish_result(actor, spot_id)
    if _state(spot_id) is MeetingState.PUBLISHED:
        reveal_all(actor, spot_id)
        _bring_outcome(actor, meeting_id, spot_id)


def _bring_outcome(actor: str, meeting_id: str, spot_id: str) -> None:
    """Rule the outcome into the meeting's list, where its rules have two tiers that only people give (特优, 优秀)."""
    with reading() as session:
        row = current_round(session, meeting_id)
        if not row.state.is_counted:
            return
        setup = round_setup(session, row)
        standing = {(one.step, one.subject, one.tier) for one in inputs_for(session, setup).rulings}
    subjects = {subject.key: subject for subject in setup.subjects}
    outcome = load_counted(spot_id)
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in outcome.result.subjects:
        rules = own_rules(setup.full_scheme, subjects[each.subject.key])
        tiers = [band.key for band in rules.bands if band.ruled] if rules else []
        if rules and len(tiers) > 1 and each.tier:
            tier = tiers[0] if each.tier == SEATED else tiers[1]
            if (rules.ruling_steps[0], each.subject.key, tier) not in standing:
                found.setdefault((rules.ruling_steps[0], tier, each.tier_label), []).append(each.subject.key)
    for (step, tier, word), keys in found.items():
        day = outcome.setup.held_on.isoformat() if outcome.setup.held_on else ""
        rule(actor, meeting_id, keys, Ruling(step, "", tier, f"“{outcome.setup.title}”{word}", day))


def dismiss_spot_vote(actor: str, meeting_id: str, spot_id: str) -> None:
    """Let slips and projector go back from a vote on the spot to its meeting; its result stays. Idempotent.

    Raises:
        WrongState: ``spot_id`` is no vote of this meeting, or still collects ballots.
    """
    with transaction() as session:
        vote = _spot_vote(session, meeting_id, spot_id)
        if vote.state is MeetingState.OPEN:
            raise WrongState("票决还在进行，请先结束投票。")
        if vote.is_on:
            dismiss(session, spot_id)
            record(session, meeting_id, actor, "dismissed_spot_vote", title=vote.title, meeting=spot_id)


def _spot_vote(session: Transaction, meeting_id: str, spot_id: str) -> SpotVote:
    for vote in spot_votes_of(session, meeting_id):
        if vote.meeting_id == spot_id:
            return vote
    raise WrongState


def _scheme(seats: int | None, elected: str, others: str) -> Scheme:
    preset = meeting_preset(PRESET)
    words = [" ".join(word.split()) for word in (elected, others)]
    if words[0] == words[1] or not all(1 <= len(word) <= LABEL_LENGTH and word.isprintable() for word in words):
        raise FieldInvalid(f"结果用语各填 1 到 {LABEL_LENGTH} 字，两者不能相同，例如“{ELECTED}”和“{NOT_ELECTED}”。")
    choose = replace(preset.choose or Choose(), elected=words[0], others=words[1])
    if seats is not None:
        if not 1 <= seats <= SEATS_AT_MOST:
            raise FieldInvalid(f"名额应为 1 到 {SEATS_AT_MOST} 个。")
        choose = replace(choose, seats=seats, seats_share=None)
    # What the preset says of its own occasion, the units of a year, does not hold for the question of the moment.
    asked = tuple(replace(dimension, label="人选") for dimension in preset.dimensions)
    return replace(preset, title="现场票决", remarks=(), dimensions=asked, choose=choose)


def _lent_numbers(board: Board, *, is_lost: bool) -> EnteredNumbers:
    """What the meeting says of its slips: one that was not handed out for it was not for this vote either."""
    return EnteredNumbers(board.present, 0 if is_lost else sum(group.left_over for group in board.groups))


def _candidate(candidate: SpotCandidate) -> Subject:
    return replace(candidate.subject, section="", class_label=candidate.pool)  # All stand on one form.


def _state(meeting_id: str) -> MeetingState:
    with reading() as session:
        return current_round(session, meeting_id).state
