"""What the chair's page shows: the state, the board, and the buttons that fit both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from kaohe.domain.meetings import Custody, MeetingState, Round
from kaohe.domain.permissions import Act
from kaohe.domain.record_chain import MILESTONE_LABELS
from kaohe.domain.reveals import read_reveal_order
from kaohe.domain.scenes import scene_shown, scenes_of
from kaohe.domain.ticket_codes import grouped
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.chair.publishing import number_to_take_back
from kaohe.operations.chair.reveal_orders import subjects_to_reveal
from kaohe.operations.count.recording import record_head
from kaohe.operations.count.results import list_boards
from kaohe.operations.count.sources import list_findings
from kaohe.operations.hall.boards import Board, load_board
from kaohe.operations.hall.paper_ballots import load_paper
from kaohe.operations.people.second_person import WEIGHTY
from kaohe.operations.setup.issuing import voting_url
from kaohe.operations.setup.rehearsing import trial_tickets
from kaohe.storage.clock import hour_text, now
from kaohe.storage.database import reading
from kaohe.web.access import may_now
from kaohe.web.organizer.chair.numbers import NOTHING_TO_SAY, NumbersBlock, NumbersForm, numbers_block
from kaohe.web.organizer.chair.second_person_block import SecondPersonBlock, second_person_block
from kaohe.web.organizer.setup.check_page import stage_url
from kaohe.web.organizer.shell.board_block import BoardBlock, board_block
from kaohe.web.organizer.shell.form_replies import Refusal
from kaohe.web.organizer.shell.frame import MeetingFrame, frame_of
from kaohe.web.organizer.shell.hall_words import (
    COMPUTED_SENTENCE,
    HALL_VIEW_LABELS,
    SCENE_LABELS,
    awaits_proof,
    key_label,
    proof_label,
)
from kaohe.web.organizer.shell.meeting import StateChip, state_chip

_TOP_OFFERED = 3
_ADVICE = {
    MeetingState.DRAFT: "主持人宣布后，点“开始投票”。",
    MeetingState.OPEN: "手机扫码即可投票，收到的票数会自动更新。",
    MeetingState.CLOSED: "票箱已封，不再收票。下一步：开箱计票。",
    MeetingState.COUNTED: "尚未公布：结果只有组织者能看到，核对后再决定是否公布。",
    MeetingState.PUBLISHED: "大屏按您的操作逐个揭晓。",
    MeetingState.PURGED: "选票已清除，票数和结果都在，只能查看。",
}
_COMPUTED_ADVICE = {
    MeetingState.DRAFT: f"{COMPUTED_SENTENCE}。方案、名单和成绩齐全后，点“定稿”。",
    MeetingState.CLOSED: f"{COMPUTED_SENTENCE}。下一步：汇总成绩。",
}
_COMPUTED_MILESTONES = {"opened": "定稿", "counted": "汇总成绩"}


@dataclass(frozen=True, slots=True)
class Line:
    """The connection to the server, and how long people have been voting; always sent anew."""

    meeting_id: str
    state_tag: str
    clock_text: str
    """Since when people have been voting, or what the count is at; '' otherwise."""
    outstanding_text: str
    seen: str = "never"
    """No page carries it, so that every answer shows that the server is there."""


@dataclass(frozen=True, slots=True)
class SceneButton:
    """One scene that the chair can put on the wall."""

    key: str
    label: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class RevealOrderBlock:
    """In which order the hall comes to know the result."""

    is_open: bool
    """Whether it can still be chosen by whoever looks."""
    kind: str
    top: str


@dataclass(frozen=True, slots=True)
class ChairPage:
    """The one page for the ninety seconds in which a hall waits."""

    frame: MeetingFrame
    refusal: Refusal | None
    state: StateChip
    state_advice: str
    line: Line
    board: BoardBlock
    numbers: NumbersBlock
    counts_attendance: bool
    """Whether people can be counted in who come late, and out who leave."""
    asks_present: bool
    """Whether 实到 of a group has not been said, and still can be."""
    paper_missing: int
    """Ballots on paper that were handed out and not typed, while the count waits for the answer; 0 for none."""
    second: SecondPersonBlock
    can_open: bool
    can_prove: bool
    """Whether the tellers' key is to be proven here, by somebody who has no other page for it."""
    proof_label: str
    blocking: Sequence[str]
    """What keeps the meeting from being opened."""
    is_rehearsing: bool
    can_pause: bool
    can_resume: bool
    can_close: bool
    can_count: bool
    needs_key: bool
    key_label: str
    """What the field for the key asks for."""
    typed_key: str
    can_publish: bool
    can_reveal: bool
    all_revealed: bool
    revealed_text: str
    veiled_count: str
    """How many have not been revealed."""
    next_number: int
    """Which subject is revealed next, counted from 1."""
    next_text: str
    order: RevealOrderBlock
    take_back_number: int
    """Which one may be veiled again, counted from 1; 0 for none."""
    take_back_text: str
    can_void: bool
    can_keep: bool
    has_result: bool
    has_poster: bool
    stage_url: str
    mirror_url: str
    """The wall's picture, without a stream of its own."""
    phone_url: str
    pool_code_text: str
    can_renew_pool_code: bool
    scenes: Sequence[SceneButton]
    """Empty where there is nothing to choose from, or for those who may not."""
    hall_view_text: str
    record_head_text: str
    """The head of the record of acts; '' before the opening."""
    record_head_label: str
    former_rounds: Sequence[str]
    """One sentence for each round that was voided."""


def chair_page(
    meeting_id: str,
    refusal: Refusal | None = None,
    *,
    typed_key: str = "",
    typed_numbers: NumbersForm | None = None,
) -> ChairPage:
    """The page as the meeting stands now, with what was typed where it was refused."""
    board = load_board(meeting_id)
    setup, this_round = board.setup, board.round
    is_open, is_draft = this_round.state is MeetingState.OPEN, this_round.state is MeetingState.DRAFT
    block = board_block(board)

    def does_alone(act: Act) -> bool:
        return may_now(act, this_round.state) and not (setup.two_people and act in WEIGHTY)

    has_votes = takes_ballots(setup.full_scheme)
    says_numbers = has_votes and may_now(Act.RECORD_NUMBERS, this_round.state)
    order = subjects_to_reveal(this_round, setup)
    subject_count, revealed = len(order), this_round.revealed_count
    can_reveal = may_now(Act.REVEAL, this_round.state)
    with reading() as session:
        last = number_to_take_back(session, meeting_id) if can_reveal else 0
    head = record_head(meeting_id)
    return ChairPage(
        frame=frame_of(setup, this_round, "chair"),
        refusal=refusal,
        state=state_chip(this_round.state, is_paused=this_round.is_paused, has_votes=has_votes),
        state_advice=_advice(this_round, has_votes=has_votes, all_revealed=revealed >= subject_count),
        line=line_of(board, block),
        board=block,
        second=second_person_block(setup, this_round, block.state_tag),
        numbers=numbers_block(board, typed_numbers) if says_numbers else NOTHING_TO_SAY,
        counts_attendance=says_numbers and is_open,
        asks_present=says_numbers and board.present is None,
        paper_missing=load_paper(meeting_id).unanswered if this_round.state is MeetingState.CLOSED and has_votes else 0,
        can_open=may_now(Act.OPEN, this_round.state),
        can_prove=has_votes
        and is_draft
        and awaits_proof(setup, this_round)
        and not may_now(Act.PREPARE, this_round.state),
        proof_label=proof_label(this_round),
        blocking=[finding.message for finding in list_findings(meeting_id) if finding.is_blocking] if is_draft else (),
        is_rehearsing=is_draft and bool(trial_tickets(meeting_id)),
        can_pause=may_now(Act.PAUSE, this_round.state) and not this_round.is_paused,
        can_resume=may_now(Act.PAUSE, this_round.state) and this_round.is_paused,
        can_close=does_alone(Act.CLOSE),
        can_count=does_alone(Act.COUNT),
        needs_key=has_votes and setup.custody is Custody.TELLERS,
        key_label=key_label(meeting_id),
        typed_key=typed_key,
        can_publish=may_now(Act.PUBLISH, this_round.state),
        can_reveal=can_reveal,
        all_revealed=revealed >= subject_count,
        revealed_text=f"已揭晓 {revealed} / {subject_count}",
        veiled_count=str(subject_count - revealed),
        next_number=revealed + 1,
        next_text=f"揭晓第 {revealed + 1} 位：{order[revealed].name}" if revealed < subject_count else "",
        order=_order_block(this_round, can_reveal=can_reveal),
        take_back_number=last,
        take_back_text=f"撤回第 {last} 位：{order[last - 1].name}" if last else "",
        can_void=may_now(Act.VOID, this_round.state),
        can_keep=(has_votes or this_round.number > 1) and may_now(Act.KEEP, this_round.state),
        has_result=(this_round.state.is_counted or this_round.number > 1) and may_now(Act.SEE_RESULT, this_round.state),
        has_poster=bool(this_round.pool_code) and (is_draft or is_open) and may_now(Act.PREPARE, this_round.state),
        stage_url=stage_url(meeting_id),
        mirror_url=stage_url(meeting_id, "projector.mirror"),
        phone_url=voting_url(meeting_id),
        can_renew_pool_code=bool(this_round.pool_code) and may_now(Act.REPLACE_TICKETS, this_round.state),
        pool_code_text=grouped(this_round.pool_code) if this_round.pool_code and (is_draft or is_open) else "",
        scenes=_scene_buttons(board) if may_now(Act.STEER_WALL, this_round.state) else (),
        hall_view_text=HALL_VIEW_LABELS[setup.hall_view],
        record_head_text=head.text if head else "",
        record_head_label=f"截至{_milestone(head.act, has_votes=has_votes)}" if head else "",
        former_rounds=former_rounds(meeting_id) if this_round.number > 1 else (),
    )


def line_of(board: Board, block: BoardBlock) -> Line:
    """The line of a round, beside its board."""
    opened = board.round.opened_at
    clock_text = ""
    if board.round.state is MeetingState.OPEN and opened is not None:
        minutes = int((now() - opened) / timedelta(minutes=1))
        clock_text = f"{hour_text(opened)} 开始投票，已 {minutes} 分钟" if minutes else "刚刚开始投票"
    return Line(board.setup.id, block.state_tag, clock_text, block.outstanding_text)


def former_rounds(meeting_id: str) -> Sequence[str]:
    """One sentence for each voided round: what was in its box, and why it was voided."""
    return [
        f"第 {board.round.number} 轮已作废{_ended_with(board)}；原因：{board.round.void_reason}"
        for board in list_boards(meeting_id)
        if board.round.is_voided
    ]


def _ended_with(board: Board) -> str:
    return f"：收回 {board.cast} 张" if takes_ballots(board.setup.full_scheme) else ""


def _scene_buttons(board: Board) -> list[SceneButton]:
    this_round, has_votes = board.round, takes_ballots(board.setup.full_scheme)
    total = read_reveal_order(this_round.reveal_order).count_of(len(board.setup.subjects))
    available = scenes_of(this_round.state, this_round.revealed_count, total, has_votes=has_votes)
    shown = scene_shown(this_round.scene, available, is_anybody_in=board.cast > 0)
    return [SceneButton(scene, SCENE_LABELS[scene], scene is shown) for scene in available if len(available) > 1]


def _order_block(this_round: Round, *, can_reveal: bool) -> RevealOrderBlock:
    order = read_reveal_order(this_round.reveal_order)
    return RevealOrderBlock(can_reveal and not this_round.revealed_count, order.kind, str(order.top or _TOP_OFFERED))


def _milestone(act: str, *, has_votes: bool) -> str:
    return MILESTONE_LABELS[act] if has_votes else _COMPUTED_MILESTONES.get(act, MILESTONE_LABELS[act])


def _advice(this_round: Round, *, has_votes: bool, all_revealed: bool) -> str:
    """What the state that the chair sees first means, and what comes next."""
    if this_round.state is MeetingState.OPEN and this_round.is_paused:
        return "手机上填好的内容都在，恢复后即可提交。"
    if not has_votes and this_round.state in _COMPUTED_ADVICE:
        return _COMPUTED_ADVICE[this_round.state]
    if this_round.state is MeetingState.PUBLISHED and all_revealed:
        return "结果已全部揭晓。下一步：取归档文件，打印签字。"
    return _ADVICE[this_round.state]
