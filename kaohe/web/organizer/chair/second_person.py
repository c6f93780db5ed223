"""Two people for the weighty acts (两人操作): propose, confirm, withdraw, and the block that shows who is awaited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.permissions import PERMISSIONS, Act
from kaohe.operations.archive import purging
from kaohe.operations.chair import voiding, voting
from kaohe.operations.count import correcting
from kaohe.operations.count.counting_apart import counting_text
from kaohe.operations.hall.attendance import admit_as_proposed
from kaohe.operations.hall.boards import load_board
from kaohe.operations.people import second_person
from kaohe.operations.setup.issuing import PrintedTicket
from kaohe.operations.setup.printing import slip_of
from kaohe.operations.setup.replacing import reissue_as_proposed
from kaohe.reports.ticket_slips import PrintedSlip, printed_slip
from kaohe.storage.proposals import Proposal
from kaohe.web.access import may_now, this_account
from kaohe.web.organizer.chair.chair_page import chair_page
from kaohe.web.organizer.chair.keeping import keeping_shown, purged_text
from kaohe.web.organizer.chair.outcomes import KeyForm, count_and_tell, voided_text
from kaohe.web.organizer.chair.second_person_block import second_person_block
from kaohe.web.organizer.setup.tickets import TicketForm
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.board_block import board_block
from kaohe.web.organizer.shell.form_replies import Refusal, acted, refusal_of, reply_code
from kaohe.web.organizer.shell.forms import INCOMPLETE
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.parts import polled


def _close(actor: str, meeting_id: str, _: Proposal) -> str:
    return f"投票结束，共收回 {voting.close_meeting(actor, meeting_id)} 张。"


def _count(actor: str, meeting_id: str, _: Proposal) -> str:
    return count_and_tell(actor, meeting_id, KeyForm().key.data)


def _void(actor: str, meeting_id: str, proposal: Proposal) -> str:
    voiding.void_round(actor, meeting_id, proposal.reason)
    return voided_text(meeting_id)


def _correct(actor: str, meeting_id: str, proposal: Proposal) -> str:
    return f"已更正，现为第 {correcting.correct_result(actor, meeting_id, proposal.reason)} 版。"


def _purge(actor: str, meeting_id: str, proposal: Proposal) -> str:
    return purged_text(purging.purge_meeting(actor, meeting_id, forced_reason=proposal.reason))


_CONFIRMED: Mapping[str, Callable[[str, str, Proposal], str]] = {
    Act.CLOSE: _close,
    Act.COUNT: _count,
    Act.CORRECT: _correct,
    Act.VOID: _void,
    Act.PURGE: _purge,
}
"""What is done when a second person confirms, and the sentence that says it is done."""


@dataclass(frozen=True, slots=True)
class NewSlipsPage:
    """Slips that two people stand behind, shown to whoever confirmed them, once."""

    frame: MeetingFrame
    title: str
    done_text: str
    heading: str
    slips: Sequence[PrintedSlip]


@organizer.get("/<meeting_id>/proposals", act=Act.SEE_BOARD)
def proposals(meeting_id: str) -> ResponseReturnValue:
    """The block that waits: nothing where nothing has changed, the whole page where the state has."""
    board = load_board(meeting_id)
    block = second_person_block(board.setup, board.round, board_block(board).state_tag)
    if counting_text(meeting_id):
        block = replace(block, state_tag=request.args.get("state", ""))
    page_url = url_for("organizer.chair", meeting_id=meeting_id)
    return polled(block, "organizer/chair/second_person.html", page_url=page_url, second=block, typed_key="")


@organizer.post("/<meeting_id>/proposals/close", act=Act.PROPOSE)
def propose_close(meeting_id: str) -> ResponseReturnValue:
    """Propose to end the voting."""
    return _proposed(meeting_id, Act.CLOSE)


@organizer.post("/<meeting_id>/proposals/count", act=Act.PROPOSE)
def propose_count(meeting_id: str) -> ResponseReturnValue:
    """Propose to open the box and count."""
    return _proposed(meeting_id, Act.COUNT)


@organizer.post("/<meeting_id>/proposals/<proposal_id>/confirm", act=Act.SECOND)
def confirm(meeting_id: str, proposal_id: str) -> ResponseReturnValue:
    """Confirm what somebody else has proposed, which does it at once."""

    def act(actor: str) -> str:
        proposal = second_person.find_proposal(meeting_id, proposal_id)
        if proposal.act not in _CONFIRMED:
            raise FieldInvalid(INCOMPLETE)
        return _CONFIRMED[proposal.act](actor, meeting_id, proposal)

    return _acted(meeting_id, act)


@organizer.post("/<meeting_id>/proposals/<proposal_id>/reissue", act=Act.SECOND)
def confirm_reissue(meeting_id: str, proposal_id: str) -> ResponseReturnValue:
    """Confirm that a slip is replaced. The new one is in the reply itself: its code must not ride in an address."""
    try:
        ticket = reissue_as_proposed(this_account().name, meeting_id, proposal_id, TicketForm().ticket.data)
    except KaoheError as error:
        return _refused(meeting_id, refusal_of(error))
    done = "换发已经记入操作记录，大屏会写明换发 1 张票。"
    return _slips_shown(meeting_id, "换发测评票", done, "新票已生成，原票作废", [ticket])


@organizer.post("/<meeting_id>/proposals/<proposal_id>/late-slips", act=Act.SECOND)
def confirm_late_slips(meeting_id: str, proposal_id: str) -> ResponseReturnValue:
    """Confirm that slips are made for people who came late. They are in the reply itself, like a replaced one."""
    try:
        admitted = admit_as_proposed(this_account().name, meeting_id, proposal_id)
    except KaoheError as error:
        return _refused(meeting_id, refusal_of(error))
    handed_out = f"请从备用票中发给他们 {admitted.handed_out} 张。" if admitted.handed_out else ""
    done = f"迟到的人已经登记，并记入操作记录；大屏会写明另制新票几张。{handed_out}"
    return _slips_shown(meeting_id, "为迟到的人另制新票", done, f"另制新票 {len(admitted.made)} 张", admitted.made)


@organizer.post("/<meeting_id>/proposals/<proposal_id>/withdraw", act=Act.SECOND)
def withdraw(meeting_id: str, proposal_id: str) -> ResponseReturnValue:
    """Take a proposal back."""
    return _acted(
        meeting_id,
        lambda actor: second_person.withdraw(actor, meeting_id, proposal_id),
        "提议已撤回并记录在案。",
    )


def _slips_shown(
    meeting_id: str, title: str, done_text: str, heading: str, tickets: Sequence[PrintedTicket]
) -> ResponseReturnValue:
    board = load_board(meeting_id)
    page = NewSlipsPage(
        frame=frame_of(board.setup, board.round, "chair"),
        title=title,
        done_text=done_text,
        heading=heading,
        slips=[printed_slip(slip_of(ticket, board.setup.title, board.setup.unit)) for ticket in tickets],
    )
    return render_template("organizer/chair/new_slips.html", page=page)


def _proposed(meeting_id: str, proposed: Act) -> ResponseReturnValue:
    def act(_: str) -> str:
        second_person.propose(this_account(), meeting_id, proposed)
        return f"已提出“{PERMISSIONS[proposed].label}”，请另一人登录自己的账号确认。"

    return _acted(meeting_id, act)


def _acted(meeting_id: str, act: Callable[[str], str | None], done: str = "") -> ResponseReturnValue:
    back = url_for("organizer.chair" if may_now(Act.SEE_BOARD) else "organizer.keeping", meeting_id=meeting_id)
    return acted(act, done, back=back, refused=lambda refusal: _refused(meeting_id, refusal))


def _refused(meeting_id: str, refusal: Refusal) -> ResponseReturnValue:
    if not may_now(Act.SEE_BOARD):
        return keeping_shown(meeting_id, refusal)
    page = chair_page(meeting_id, refusal, typed_key=KeyForm().key.data)
    return render_template("organizer/chair/chair.html", page=page), reply_code(page.refusal)
