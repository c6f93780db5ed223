"""Votes on the spot (现场票决): chosen, opened, ended and announced from one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField, StringField

from kaohe.domain import limits
from kaohe.domain.meetings import MeetingState
from kaohe.domain.permissions import Act
from kaohe.operations.chair import spot_votes as operations
from kaohe.operations.hall.boards import Board, load_boards
from kaohe.operations.setup.preparing import load_meeting
from kaohe.storage.spot_votes import SpotVote
from kaohe.web.access import this_account
from kaohe.web.organizer.setup.check_page import stage_url
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.form_replies import Refusal, acted, reply_code
from kaohe.web.organizer.shell.forms import DeskForm, Option, WholeField
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.meeting import state_chip
from kaohe.web.organizer.shell.parts import shown

TITLE = "现场票决"
_WORD = {"autocomplete": "off", "maxlength": limits.LABEL_LENGTH}


class SpotVoteForm(DeskForm):
    """What is voted on, among whom, and for how many seats."""

    title = StringField("票决名称", default=TITLE, render_kw={"autocomplete": "off", "maxlength": limits.TITLE_LENGTH})
    seats = WholeField("每类名额", render_kw={"autocomplete": "off", "inputmode": "numeric"})
    elected = StringField("当选的称作", default=operations.ELECTED, render_kw=_WORD)
    others = StringField("其余的称作", default=operations.NOT_ELECTED, render_kw=_WORD)
    subject = SelectMultipleField(validate_choice=False)


@dataclass(frozen=True, slots=True)
class SpotLine:
    """One vote on the spot."""

    meeting_id: str
    title: str
    state_kind: str
    state_label: str
    numbers_text: str
    can_announce: bool
    can_dismiss: bool


@dataclass(frozen=True, slots=True)
class SpotVotesPage:
    """The form for a new one, and those that were."""

    frame: MeetingFrame
    refusal: Refusal | None
    stage_url: str
    can_call: bool
    blocked_text: str
    """Why no vote can be called now; '' where one can."""
    form: SpotVoteForm
    candidates: tuple[Option, ...]
    lines: tuple[SpotLine, ...]


@organizer.get("/<meeting_id>/spot", act=Act.CALL_SPOT_VOTES)
def spot_votes(meeting_id: str) -> ResponseReturnValue:
    """The votes on the spot that were held, and the form for a new one."""
    return _shown(meeting_id)


@organizer.post("/<meeting_id>/spot", act=Act.CALL_SPOT_VOTES)
def call_spot_vote(meeting_id: str) -> ResponseReturnValue:
    """Call a new one, which opens at once."""
    form = SpotVoteForm()

    def act(actor: str) -> None:
        form.checked()
        operations.call_spot_vote(
            actor,
            meeting_id,
            title=form.title.data,
            subject_keys=form.subject.data,
            seats=form.seats.data,
            words=(form.elected.data or operations.ELECTED, form.others.data or operations.NOT_ELECTED),
        )

    return _acted(meeting_id, act, "票决已经开始：请扫手中票上的二维码，或扫大屏上的二维码。", form)


@organizer.post("/<meeting_id>/spot/<spot_id>/announce", act=Act.CALL_SPOT_VOTES)
def announce_spot_vote(meeting_id: str, spot_id: str) -> ResponseReturnValue:
    """End, count and show, at once."""

    def act(_: str) -> str:
        if operations.announce_or_propose(this_account(), meeting_id, spot_id):
            return "投票结束，结果已在大屏公布。"
        return "本场须两人操作：已提出下一步，请另一人登录自己的账号，在本页再点“结束并当场公布”。"

    return _acted(meeting_id, act)


@organizer.post("/<meeting_id>/spot/<spot_id>/dismiss", act=Act.CALL_SPOT_VOTES)
def dismiss_spot_vote(meeting_id: str, spot_id: str) -> ResponseReturnValue:
    """Let the projector and the slips go back to the meeting."""
    return _acted(
        meeting_id,
        lambda actor: operations.dismiss_spot_vote(actor, meeting_id, spot_id),
        "大屏和票上的二维码已回到主会场。",
    )


def _acted(
    meeting_id: str, act: Callable[[str], str | None], done: str = "", form: SpotVoteForm | None = None
) -> ResponseReturnValue:
    return acted(
        act,
        done,
        back=url_for("organizer.spot_votes", meeting_id=meeting_id),
        refused=lambda refusal: _shown(meeting_id, refusal, form),
    )


def _shown(meeting_id: str, refusal: Refusal | None = None, typed: SpotVoteForm | None = None) -> ResponseReturnValue:
    form = typed or SpotVoteForm(formdata=None)
    setup, this_round = load_meeting(meeting_id)
    votes = operations.list_spot_votes(meeting_id)
    is_open = this_round.state is MeetingState.OPEN
    is_on = any(vote.is_on for vote in votes)
    blocked = (
        "本场会议正在投票，结束投票后才能发起现场票决。"
        if is_open
        else "现场票决进行中，公布并返回主会场后才能发起下一场。"
        if is_on
        else ""
    )
    page = SpotVotesPage(
        frame=frame_of(setup, this_round, "chair"),
        refusal=refusal,
        stage_url=stage_url(meeting_id),
        can_call=not blocked,
        blocked_text=blocked,
        form=form,
        candidates=tuple(
            Option(
                each.subject.key,
                each.subject.full_name,
                each.is_proposed if typed is None else each.subject.key in (form.subject.data or ()),
                "；".join(part for part in (each.pool, "一票否决，不能参加" if each.is_barred else "") if part),
            )
            for each in operations.list_candidates(meeting_id)
        ),
        lines=tuple(map(_line, votes, load_boards([vote.meeting_id for vote in votes]))),
    )
    return shown("organizer/chair/spot_votes.html", reply_code(refusal), parts=("spot-votes",), page=page)


def _line(vote: SpotVote, board: Board) -> SpotLine:
    chip = state_chip(vote.state, is_paused=False, has_votes=True)
    return SpotLine(
        meeting_id=vote.meeting_id,
        title=vote.title,
        state_kind=chip.kind,
        state_label=chip.label,
        numbers_text=f"收回 {board.cast} / 应到 {board.entitled}",
        can_announce=vote.is_on and vote.state in (MeetingState.OPEN, MeetingState.CLOSED, MeetingState.COUNTED),
        can_dismiss=vote.is_on and vote.state is not MeetingState.OPEN,
    )
