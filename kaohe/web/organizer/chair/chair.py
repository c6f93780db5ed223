"""The chair holds the meeting (主持会议): one page, and one act for every button on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField

from kaohe.domain.permissions import Act
from kaohe.domain.reveals import RevealKind
from kaohe.operations.chair import publishing, reveal_orders, voiding, voting
from kaohe.operations.count.computing import is_computed
from kaohe.operations.count.counting_apart import counting_text
from kaohe.operations.hall import boards, paper_ballots
from kaohe.operations.hall.boards import load_board
from kaohe.operations.people.second_person import asks_for_two, propose
from kaohe.web.access import this_account
from kaohe.web.organizer.chair.chair_page import ChairPage, chair_page, line_of
from kaohe.web.organizer.chair.numbers import NumbersForm
from kaohe.web.organizer.chair.outcomes import KeyForm, count_and_tell, voided_text
from kaohe.web.organizer.shell.blueprint import organizer
from kaohe.web.organizer.shell.board_block import BoardBlock, board_block
from kaohe.web.organizer.shell.form_replies import Refusal, acted, reply_code
from kaohe.web.organizer.shell.forms import ChoiceField, DeskForm, WholeField
from kaohe.web.organizer.shell.frame import MeetingFrame, meeting_frame
from kaohe.web.organizer.shell.parts import polled, shown
from kaohe.web.security import policy


class PublishForm(DeskForm):
    """Whether the result is published although nobody has said 实到."""

    without_present = BooleanField()


class SceneForm(DeskForm):
    """What the wall is to show."""

    scene = StringField(default="")


class RevealOrderForm(DeskForm):
    """In which order the hall comes to know the result, and down to which rank."""

    kind = ChoiceField("", RevealKind, "没有这种揭晓顺序，请刷新页面后重新选择。")
    top = WholeField("名次")


class ReasonForm(DeskForm):
    """Why something is done; written into the record of acts."""

    reason = StringField(default="")


@dataclass(frozen=True, slots=True)
class VoidRoundPage:
    """The page on which a round is declared void, with the numbers it ends with."""

    frame: MeetingFrame
    refusal: Refusal | None
    round_text: str
    board: BoardBlock
    reason: str
    needs_second: bool
    """Whether another person has to confirm it."""


@organizer.get("/<meeting_id>/chair", act=Act.SEE_BOARD)
def chair(meeting_id: str) -> ResponseReturnValue:
    """The state, the board, and the buttons that fit."""
    return _shown(chair_page(meeting_id))


@organizer.get("/<meeting_id>/board", act=Act.SEE_BOARD)
def board(meeting_id: str) -> ResponseReturnValue:
    """The moving block of the chair's page: nothing where nothing has changed, the whole page where the state has."""
    block = board_block(load_board(meeting_id))
    page_url = url_for("organizer.chair", meeting_id=meeting_id)
    return polled(block, "organizer/chair/board.html", page_url=page_url, board=block)


@organizer.get("/<meeting_id>/line", act=Act.SEE_BOARD)
def line(meeting_id: str) -> ResponseReturnValue:
    """That the server is there, and how long people have been voting; the whole page where the state has changed."""
    current = load_board(meeting_id)
    found = line_of(current, board_block(current))
    if progress := counting_text(meeting_id):
        # The box is open before its traces are wiped: a fresh page now would cut off the answer to whoever pressed.
        found = replace(found, clock_text=progress, state_tag=request.args.get("state", ""))
    page_url = url_for("organizer.chair", meeting_id=meeting_id)
    return polled(found, "organizer/chair/line_beside.html", page_url=page_url, page={"line": found})


@organizer.post("/<meeting_id>/numbers", act=Act.RECORD_NUMBERS)
def record_numbers(meeting_id: str) -> ResponseReturnValue:
    """Say how many of each group are present, how many of its slips were left over, and what it was handed on paper."""
    form = NumbersForm()
    return acted(
        lambda actor: boards.record_all_numbers(actor, meeting_id, form.changed()),
        "人数已保存。",
        back=url_for("organizer.chair", meeting_id=meeting_id),
        refused=lambda refusal: _shown(chair_page(meeting_id, refusal, typed_numbers=form)),
    )


@organizer.post("/<meeting_id>/paper/not-returned", act=Act.COUNT)
def record_paper_not_returned(meeting_id: str) -> ResponseReturnValue:
    """Say that as many ballots on paper as the page has named did not come back, so that the rest can be counted."""

    def act(actor: str) -> str:
        count = DeskForm().expected().on_version()
        paper_ballots.record_paper_not_returned(actor, meeting_id, count)
        return f"已登记：纸质票 {count} 张没有收回。"

    return _acted(meeting_id, act)


@organizer.post("/<meeting_id>/open", endpoint="open", act=Act.OPEN)
def open_meeting(meeting_id: str) -> ResponseReturnValue:
    """Open the box; without ballots: settle the set-up."""

    def act(actor: str) -> str:
        voting.open_meeting(actor, meeting_id)
        return "已定稿，可以汇总成绩了。" if is_computed(meeting_id) else "投票已经开始，请主持人宣布扫码投票。"

    return _acted(meeting_id, act)


@organizer.post("/<meeting_id>/pause", act=Act.PAUSE)
def pause(meeting_id: str) -> ResponseReturnValue:
    """Take no ballots for a while."""
    return _acted(meeting_id, lambda actor: voting.pause_meeting(actor, meeting_id), "已暂停收票。")


@organizer.post("/<meeting_id>/resume", act=Act.PAUSE)
def resume(meeting_id: str) -> ResponseReturnValue:
    """Take ballots again."""
    return _acted(meeting_id, lambda actor: voting.resume_meeting(actor, meeting_id), "已恢复收票。")


@organizer.post("/<meeting_id>/close", act=Act.CLOSE)
def close(meeting_id: str) -> ResponseReturnValue:
    """End the voting."""
    return _acted(meeting_id, lambda actor: f"投票结束，共收回 {voting.close_meeting(actor, meeting_id)} 张。")


@organizer.post("/<meeting_id>/count", act=Act.COUNT)
def count(meeting_id: str) -> ResponseReturnValue:
    """Open the box and count, with the tellers' key where they hold it."""
    key_text = KeyForm().key.data
    return _acted(meeting_id, lambda actor: count_and_tell(actor, meeting_id, key_text), typed_key=key_text)


@organizer.post("/<meeting_id>/publish", act=Act.PUBLISH)
def publish(meeting_id: str) -> ResponseReturnValue:
    """Let the projector show the result."""
    without_present = PublishForm().without_present.data
    return _acted(
        meeting_id,
        lambda actor: publishing.publish_result(actor, meeting_id, without_present=without_present),
        "结果已公布，请在下面逐个揭晓。",
    )


@organizer.post("/<meeting_id>/reveal", act=Act.REVEAL)
def reveal_next(meeting_id: str) -> ResponseReturnValue:
    """Reveal the subject that the page has named, once."""
    return _acted(
        meeting_id,
        lambda actor: publishing.reveal_next(actor, meeting_id, number=DeskForm().expected().on_version()),
    )


@organizer.post("/<meeting_id>/reveal-order", act=Act.REVEAL)
def choose_reveal_order(meeting_id: str) -> ResponseReturnValue:
    """Choose in which order the hall comes to know the result, before anybody is revealed."""
    form = RevealOrderForm()

    def act(actor: str) -> str:
        form.checked()
        reveal_orders.choose_reveal_order(actor, meeting_id, form.kind.data, form.top.data)
        return "揭晓顺序已选定。"

    return _acted(meeting_id, act)


@organizer.post("/<meeting_id>/take-reveal-back", act=Act.REVEAL)
def take_reveal_back(meeting_id: str) -> ResponseReturnValue:
    """Veil the subject again that the page has named."""
    return _acted(
        meeting_id,
        lambda actor: publishing.take_reveal_back(actor, meeting_id, DeskForm().expected().on_version()),
        "已撤回，大屏上这一位恢复为“待公布”。",
    )


@organizer.post("/<meeting_id>/reveal-all", act=Act.REVEAL)
def reveal_all(meeting_id: str) -> ResponseReturnValue:
    """Reveal every subject."""
    return _acted(meeting_id, lambda actor: publishing.reveal_all(actor, meeting_id))


@organizer.post("/<meeting_id>/scene", act=Act.STEER_WALL)
def show_scene(meeting_id: str) -> ResponseReturnValue:
    """Put another scene on the wall."""
    return _acted(meeting_id, lambda _: publishing.show_scene(meeting_id, SceneForm().scene.data))


@organizer.get("/<meeting_id>/void", act=Act.VOID)
def void_round(meeting_id: str) -> ResponseReturnValue:
    """What declaring the round void brings about, and where the reason is written."""
    return _void_round_shown(meeting_id)


@organizer.post("/<meeting_id>/void", act=Act.VOID)
def declare_void(meeting_id: str) -> ResponseReturnValue:
    """Declare the round void, with a reason, and hold it again."""
    reason = ReasonForm().reason.data

    def act(actor: str) -> str:
        if asks_for_two(meeting_id):
            propose(this_account(), meeting_id, Act.VOID, reason)
            return "已提出本轮作废，请另一人登录自己的账号确认。"
        voiding.void_round(actor, meeting_id, reason)
        return voided_text(meeting_id)

    return acted(
        act,
        back=url_for("organizer.chair", meeting_id=meeting_id),
        refused=lambda refusal: _void_round_shown(meeting_id, refusal, reason),
    )


def _void_round_shown(meeting_id: str, refusal: Refusal | None = None, reason: str = "") -> ResponseReturnValue:
    current = load_board(meeting_id)
    page = VoidRoundPage(
        frame=meeting_frame(meeting_id, "chair"),
        refusal=refusal,
        round_text=f"第 {current.round.number} 轮",
        board=board_block(current),
        reason=reason,
        needs_second=current.setup.two_people,
    )
    return render_template("organizer/chair/void_round.html", page=page), reply_code(refusal)


def _acted(
    meeting_id: str, act: Callable[[str], str | None], done: str = "", *, typed_key: str = ""
) -> ResponseReturnValue:
    return acted(
        act,
        done,
        back=url_for("organizer.chair", meeting_id=meeting_id),
        refused=lambda refusal: _shown(chair_page(meeting_id, refusal, typed_key=typed_key)),
    )


def _shown(page: ChairPage) -> ResponseReturnValue:
    response = shown("organizer/chair/chair.html", reply_code(page.refusal), parts=("chair",), page=page)
    # The wall's picture stands in a frame.
    response.headers["Content-Security-Policy"] = policy("frame-src 'self'")
    return response
