"""What the chair's page shows of 两人操作: who has proposed what, what is awaited, and what may be proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from kaohe.domain.meetings import Custody, MeetingSetup, Round
from kaohe.domain.permissions import PERMISSIONS, Act
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.hall.attendance import proposed_late
from kaohe.operations.people.second_person import open_proposals
from kaohe.storage.clock import hour_text
from kaohe.storage.proposals import Proposal
from kaohe.web.access import may_now, this_account
from kaohe.web.organizer.shell.hall_words import key_label, two_people_acts

_ON_THE_CHAIRS_PAGE = {
    Act.REISSUE_TICKET: "原票当场作废，新票只显示这一次；大屏会写明换发 1 张票。",
    Act.MAKE_LATE_SLIPS: "先发备用票，不够的当场另制，新票只显示这一次；大屏会写明另制几张。",
    Act.CLOSE: "结束后票箱封闭，不能重新开放。",
    Act.COUNT: "开箱后票面打乱次序，封票和钥匙一并销毁，不能退回。",
    Act.CORRECT: "按改动后的成绩、认定和审定作为新的一版公布，原来的一版保留并印“已更正”；选票不变。",
    Act.VOID: "本轮已投的票不再开箱，另建一轮重投。",
    Act.PURGE: "选票、意见建议、回执和票码一并清除，只保留票数和结果，不能恢复。",
}
"""The weighty acts that are answered there, and what each of them means."""
_WITHOUT_BALLOTS = {
    Act.COUNT: ("汇总成绩", "按定稿的方案和名单，由已有的成绩算出得分、名次和等次。"),
    Act.VOID: (PERMISSIONS[Act.VOID].label, "本轮的结果不再有效，另建一轮重做。"),
}
_PROPOSED_HERE = {Act.CLOSE: "organizer.propose_close", Act.COUNT: "organizer.propose_count"}
"""The others have pages of their own, where the reason is written."""
_CONFIRMED_BY = {
    Act.REISSUE_TICKET: "organizer.confirm_reissue",
    Act.MAKE_LATE_SLIPS: "organizer.confirm_late_slips",
}
"""What shows slips when it is confirmed has a route of its own."""


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One proposal, as the person who looks at it may answer it."""

    id: str
    act_label: str
    proposed_text: str
    awaited_text: str
    about: str
    """Whom it is about; '' where the act itself says it."""
    reason: str
    consequence: str
    can_confirm: bool
    confirm_endpoint: str
    shows_slips: bool
    needs_ticket: bool
    """Whether whoever confirms types the code of the slip that is replaced: no proposal keeps one."""
    needs_key: bool
    key_label: str
    """What the field for the key asks for."""
    can_withdraw: bool
    withdraw_label: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that the person who looks may propose now."""

    act: str
    endpoint: str
    """Where it is proposed."""
    label: str
    consequence: str


@dataclass(frozen=True, slots=True)
class SecondPersonBlock:
    """The block of the page that moves while somebody is waited for."""

    meeting_id: str
    is_asked: bool
    """Whether the meeting asks for two people at all."""
    acts_text: str
    """What takes two people."""
    state_tag: str
    seen: str
    """Changes with everything shown; '' where the block does not ask for itself anew."""
    lines: Sequence[ProposalLine]
    offers: Sequence[Offer]


def second_person_block(setup: MeetingSetup, this_round: Round, state_tag: str) -> SecondPersonBlock:
    """The block as the proposals stand now; ``state_tag`` is the board's."""
    if not setup.two_people:
        return SecondPersonBlock(
            setup.id, is_asked=False, acts_text=_acts(setup), state_tag=state_tag, seen="", lines=(), offers=()
        )
    proposals = open_proposals(setup.id)
    lines = tuple(_line(proposal, setup, this_round) for proposal in proposals if proposal.act in _ON_THE_CHAIRS_PAGE)
    proposed = {proposal.act for proposal in proposals}
    offers = tuple(
        Offer(act, endpoint, *_words(act, setup))
        for act, endpoint in _PROPOSED_HERE.items()
        if act not in proposed and may_now(act, this_round.state)
    )
    seen = sha256(repr((state_tag, lines, offers)).encode()).hexdigest()[:16]
    return SecondPersonBlock(
        setup.id,
        is_asked=True,
        acts_text=_acts(setup),
        state_tag=state_tag,
        seen=seen,
        lines=lines,
        offers=offers,
    )


def purge_block(setup: MeetingSetup, this_round: Round) -> SecondPersonBlock:
    """The proposal to destroy the ballots, for the page where that is done; nothing to be proposed stands there."""
    lines = [_line(proposal, setup, this_round) for proposal in open_proposals(setup.id) if proposal.act == Act.PURGE]
    return SecondPersonBlock(
        setup.id,
        is_asked=setup.two_people,
        acts_text=_acts(setup),
        state_tag="",
        seen="",
        lines=lines,
        offers=(),
    )


def _line(proposal: Proposal, setup: MeetingSetup, this_round: Round) -> ProposalLine:
    act = Act(proposal.act)
    is_own = proposal.account_id == this_account().id
    may_answer = may_now(Act.SECOND, this_round.state)
    label, consequence = _words(act, setup)
    until = hour_text(proposal.expires_at)
    return ProposalLine(
        id=proposal.id,
        act_label=label,
        proposed_text=f"{proposal.proposer}于{hour_text(proposal.proposed_at)} 提出",
        awaited_text=f"等待另一人登录自己的账号确认，{until} 前有效" if is_own else f"请在{until} 前确认",
        about=_about(proposal, setup) if act is Act.MAKE_LATE_SLIPS else "",
        reason=proposal.reason,
        consequence=consequence,
        can_confirm=may_answer and not is_own,
        confirm_endpoint=_CONFIRMED_BY.get(act, "organizer.confirm"),
        shows_slips=act in _CONFIRMED_BY,
        needs_ticket=act is Act.REISSUE_TICKET,
        needs_key=act is Act.COUNT and setup.custody is Custody.TELLERS and takes_ballots(setup.full_scheme),
        key_label=key_label(setup.id),
        can_withdraw=may_answer,
        withdraw_label="撤回" if is_own else "不同意，撤回",
    )


def _about(proposal: Proposal, setup: MeetingSetup) -> str:
    late = proposed_late(setup.id, proposal.id)
    return "".join(f"“{group.label}”迟到 {late.people} 人" for group in setup.groups if group.key == late.group_key)


def _acts(setup: MeetingSetup) -> str:
    return two_people_acts(has_votes=takes_ballots(setup.full_scheme))


def _words(act: Act, setup: MeetingSetup) -> tuple[str, str]:
    """What an act is called in this meeting, and what it brings about."""
    if not takes_ballots(setup.full_scheme) and act in _WITHOUT_BALLOTS:
        return _WITHOUT_BALLOTS[act]
    return PERMISSIONS[act].label, _ON_THE_CHAIRS_PAGE[act]
