"""Two people for the weighty acts (两人操作): one proposes, another one confirms, and both stand in the record.

Whether a meeting asks for it is decided in the hall step and frozen with the set-up. The check runs inside the
transaction of the act itself, so there is no moment between "confirmed" and "done".
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta

from kaohe.domain.errors import (
    ProposalGone,
    ProposalOpen,
    SecondPersonNeeded,
    SecondPersonSame,
    WrongState,
)
from kaohe.domain.limits import REASON_LENGTH
from kaohe.domain.lines import read_line, read_reason
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import PERMISSIONS, Act, may
from kaohe.operations.people.reaching import reaches, require_still_may
from kaohe.storage.accounts import Account, account_by_id, all_accounts, find_account
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading
from kaohe.storage.proposals import Proposal, add_proposal, drop_proposal, proposals_of
from kaohe.storage.record import chain_of, record
from kaohe.storage.rounds import StoredRound, changing_round, current_round, round_setup

WEIGHTY = (Act.REISSUE_TICKET, Act.MAKE_LATE_SLIPS, Act.CLOSE, Act.COUNT, Act.CORRECT, Act.VOID, Act.PURGE)
"""The acts that a meeting may ask two people for."""
_WITH_REASON = {
    Act.REISSUE_TICKET: "换发的原因",
    Act.MAKE_LATE_SLIPS: "另制新票的原因",
    Act.VOID: "作废原因",
    Act.CORRECT: "更正的理由",
}
PROPOSAL_LASTS = timedelta(minutes=15)


def asks_for_two(meeting_id: str) -> bool:
    """Whether this meeting has its weighty acts done by two people."""
    with reading() as session:
        return round_setup(session, current_round(session, meeting_id)).two_people


def require_second_person(
    session: Transaction, meeting_id: str, act: Act, actor: str, *, reason: str = "", proposal_id: str = ""
) -> str:
    """Let a weighty act pass, within its own transaction, if two people stand behind it or one is enough here.

    Called first thing by the operation of every act in ``WEIGHTY``, once the round is locked. ``actor`` is the name of
    whoever confirms; the proposal is used up. ``reason`` must be the one that was proposed, and ``proposal_id``, where
    it is given, the proposal's own. Returns the proposer's name for the record, '' where nobody was needed.

    Raises:
        What ``check_second_person`` raises.
    """
    proposer = check_second_person(session, meeting_id, act, actor, reason=reason, proposal_id=proposal_id)
    if proposer:
        drop_proposal(session, meeting_id, act)
    return proposer


def check_second_person(
    session: Transaction, meeting_id: str, act: Act, actor: str, *, reason: str = "", proposal_id: str = ""
) -> str:
    """Check the second person without using the proposal up, before the first step of an act in several steps.

    Returns the proposer's name, '' where nobody was needed.

    Raises:
        SecondPersonNeeded: nobody has proposed it, or the proposal has run out.
        SecondPersonSame: the only proposal is the actor's own.
        ProposalGone: what was proposed is another proposal, or had another reason.
        NotAllowed: one of the two may not, or may no longer, do their part.
    """
    row = current_round(session, meeting_id)
    if not round_setup(session, row).two_people:
        return ""
    proposal = next((candidate for candidate in _open(session, row) if candidate.act == act), None)
    if proposal is None:
        raise SecondPersonNeeded
    if proposal.proposer == actor:
        raise SecondPersonSame
    if proposal.reason != reason or proposal_id not in ("", proposal.id):
        raise ProposalGone
    state = row.state
    require_still_may(session, account_by_id(session, proposal.account_id), meeting_id, act, state)
    require_still_may(session, find_account(session, actor), meeting_id, Act.SECOND, state)
    return proposal.proposer


def require_proven(account: Account, meeting_id: str, act: Act) -> None:
    """Let an account that has proven itself do an act of which another person does the rest, such as a ruling.

    Raises:
        NotAllowed: its roles do not cover the act in this meeting.
    """
    with reading() as session:
        state = current_round(session, meeting_id).state
        require_still_may(session, account_by_id(session, account.id), meeting_id, act, state)


def proposed_by(proposer: str) -> dict[str, str]:
    """What an act adds to its line in the record: who proposed it, or nothing."""
    return {"proposed_by": proposer} if proposer else {}


def propose(
    account: Account, meeting_id: str, act: Act, reason: str = "", about: Mapping[str, str] | None = None
) -> Proposal:
    """Propose a weighty act, for a quarter of an hour. Proposing the same again keeps the first proposal.

    ``about`` is what the act needs to know beside the reason. The record keeps it, for ``proposed_detail`` to find.

    Raises:
        NotAllowed: the account may not do this act in this meeting.
        WrongState: the act does not fit the meeting's state, or the meeting asks for one person only.
        FieldInvalid: the act wants a reason, and there is none; or it is too long, or holds what cannot be seen.
        ProposalOpen: somebody else has proposed it, or the same person in other words or numbers.
    """
    asking = _WITH_REASON.get(act)
    reason = read_reason(reason, f"请写明{asking}") if asking else read_line(reason, "原因", REASON_LENGTH)
    about = about or {}
    with changing_round(meeting_id) as (session, row):
        state = row.state
        if act not in WEIGHTY or not PERMISSIONS[act].by_state[state] or not round_setup(session, row).two_people:
            raise WrongState
        require_still_may(session, account_by_id(session, account.id), meeting_id, act, state)
        standing = next((candidate for candidate in _open(session, row) if candidate.act == act), None)
        if standing is not None:
            known = proposed_detail(session, meeting_id, standing.id)
            if (standing.account_id, standing.reason) == (account.id, reason) and about.items() <= known.items():
                return standing
            raise ProposalOpen(f"{standing.proposer}已经提出这一操作，请直接确认，或先撤回。")
        drop_proposal(session, meeting_id, act)
        moment = now()
        made = Proposal(secrets.token_hex(8), act, account.id, account.name, reason, moment, moment + PROPOSAL_LASTS)
        add_proposal(session, meeting_id, row.id, made)
        detail = {**({"reason": reason} if reason else {}), **about, "proposal": made.id}
        record(session, meeting_id, account.name, "proposed", proposed=act, round=str(row.number), **detail)
        return made


def proposed_detail(session: Transaction, meeting_id: str, proposal_id: str) -> Mapping[str, str]:
    """What the record keeps of a proposal, also once it has been confirmed or withdrawn; nothing of an unknown one."""
    entries = (entry for entry in chain_of(session, meeting_id) if entry.act == "proposed")
    return next((entry.detail for entry in entries if entry.detail.get("proposal") == proposal_id), {})


def withdraw(actor: str, meeting_id: str, proposal_id: str) -> None:
    """Take a proposal back, one's own or another's.

    Raises:
        ProposalGone: it is not open any more.
    """
    with changing_round(meeting_id) as (session, row):
        found = _by_id(session, row, proposal_id)
        drop_proposal(session, meeting_id, found.act)
        record(session, meeting_id, actor, "withdrew", proposed=found.act, proposer=found.proposer)


def open_proposals(meeting_id: str) -> Sequence[Proposal]:
    """The proposals that can be confirmed now, the oldest first."""
    with reading() as session:
        return _open(session, current_round(session, meeting_id))


def find_proposal(meeting_id: str, proposal_id: str) -> Proposal:
    """One open proposal.

    Raises:
        ProposalGone: it is not open any more.
    """
    with reading() as session:
        return _by_id(session, current_round(session, meeting_id), proposal_id)


def people_for_two(session: Transaction, meeting_id: str) -> int:
    """How many accounts could propose or confirm the close of a meeting: two are needed, one of them to propose."""
    accounts = [account for account in all_accounts(session) if not account.is_locked]
    able = [
        account
        for account in accounts
        if may(account.roles, Act.SECOND, MeetingState.OPEN) and reaches(session, account, meeting_id)
    ]
    return len(able) if any(may(account.roles, Act.CLOSE, MeetingState.OPEN) for account in able) else 0


def _open(session: Transaction, row: StoredRound) -> list[Proposal]:
    moment, state = now(), row.state
    return [
        proposal
        for proposal in proposals_of(session, row.id)
        if proposal.expires_at > moment and PERMISSIONS[Act(proposal.act)].by_state[state]
    ]


def _by_id(session: Transaction, row: StoredRound, proposal_id: str) -> Proposal:
    found = next((candidate for candidate in _open(session, row) if candidate.id == proposal_id), None)
    if found is None:
        raise ProposalGone
    return found
