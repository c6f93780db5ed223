"""Two people for the weighty acts (两人操作): propose, confirm, withdraw, and the block that shows who is awaited."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kaohe.domain.errors import FieldInvalid, KaoheError
from kaohe.domain.permissions import PERMISSIONS, Act
from kaohe.operations.archive import purging
from kaohe.operations.chair import chairing
from kaohe.operations.hall.boards import load_board
from kaohe.operations.people import second_person
from kaohe.storage.proposals import Proposal
from kaohe.web.access import Audience, audience, may_now, this_account
from kaohe.web.organizer.chair.chair_page import chair_page
from kaohe.web.organizer.chair.keeping import keeping_refused, purged_text
from kaohe.web.organizer.chair.outcomes import count_and_tell, voided_text
from kaohe.web.organizer.chair.second_person_block import second_person_block
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.board_block import board_block
from kaohe.web.organizer.shell.form_replies import refusal_of, reply_code

NO_CONTENT = 204


def _close(actor: str, meeting_id: str, _: Proposal) -> str:
    return f"投票结束，共收回 {chairing.close_meeting(actor, meeting_id)} 张。"


def _count(actor: str, meeting_id: str, _: Proposal) -> str:
    return count_and_tell(actor, meeting_id, _typed_key())


def _void(actor: str, meeting_id: str, proposal: Proposal) -> str:
    chairing.void_round(actor, meeting_id, proposal.reason)
    return voided_text(meeting_id)


def _purge(actor: str, meeting_id: str, proposal: Proposal) -> str:
    return purged_text(purging.purge_meeting(actor, meeting_id, forced_reason=proposal.reason))


_CONFIRMED: Mapping[str, Callable[[str, str, Proposal], str]] = {
    Act.CLOSE: _close,
    Act.COUNT: _count,
    Act.VOID: _void,
    Act.PURGE: _purge,
}
"""What is done when a second person confirms, and the sentence that says it is done."""


@organizer.get("/<meeting_id>/proposals")
@audience(Audience.ORGANIZER, act=Act.SEE_BOARD)
def proposals(meeting_id: str) -> ResponseReturnValue:
    """The block that waits: nothing where nothing has changed, the whole page where the state has."""
    board = load_board(meeting_id)
    block = second_person_block(board.setup, board.round, board_block(board).state_tag)
    if request.args.get("state") != block.state_tag:
        return Response(status=NO_CONTENT, headers={"HX-Refresh": "true"})
    if request.args.get("seen") == block.seen:
        return Response(status=NO_CONTENT)
    return render_template("organizer/chair/second_person.html", second=block, typed_key="")


@organizer.post("/<meeting_id>/proposals")
@audience(Audience.ORGANIZER, act=Act.PROPOSE)
def propose(meeting_id: str) -> ResponseReturnValue:
    """Propose an act that another person has to confirm."""
    try:
        proposal = second_person.propose(this_account(), meeting_id, _posted_act(), request.form.get("reason", ""))
    except KaoheError as error:
        return _refused(meeting_id, error)
    flash(f"已提出“{PERMISSIONS[Act(proposal.act)].label}”，请另一人登录自己的账号确认。", "good")
    return _back(meeting_id)


@organizer.post("/<meeting_id>/proposals/confirm")
@audience(Audience.ORGANIZER, act=Act.SECOND)
def confirm(meeting_id: str) -> ResponseReturnValue:
    """Confirm what somebody else has proposed, which does it at once."""
    try:
        proposal = second_person.find_proposal(meeting_id, request.form.get("proposal", ""))
        done = _CONFIRMED[proposal.act](this_account().name, meeting_id, proposal)
    except KaoheError as error:
        return _refused(meeting_id, error)
    flash(done, "good")
    return _back(meeting_id)


@organizer.post("/<meeting_id>/proposals/withdraw")
@audience(Audience.ORGANIZER, act=Act.SECOND)
def withdraw(meeting_id: str) -> ResponseReturnValue:
    """Take a proposal back."""
    try:
        second_person.withdraw(this_account().name, meeting_id, request.form.get("proposal", ""))
    except KaoheError as error:
        return _refused(meeting_id, error)
    flash("提议已撤回并记录在案。", "good")
    return _back(meeting_id)


def _posted_act() -> Act:
    act = request.form.get("act", "")
    if act not in (Act.CLOSE, Act.COUNT):
        raise FieldInvalid("没有这项操作，请刷新页面后重新选择。")
    return Act(act)


def _typed_key() -> str:
    return request.form.get("key", "")


def _refused(meeting_id: str, error: KaoheError) -> ResponseReturnValue:
    if not may_now(Act.SEE_BOARD):
        return keeping_refused(meeting_id, error)
    page = chair_page(meeting_id, refusal_of(error), typed_key=_typed_key())
    return render_template("organizer/chair/chair.html", page=page), reply_code(page.refusal)


def _back(meeting_id: str) -> ResponseReturnValue:
    return redirect(
        url_for("organizer.chair" if may_now(Act.SEE_BOARD) else "organizer.keeping", meeting_id=meeting_id), 303
    )
