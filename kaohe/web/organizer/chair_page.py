"""What the chair's page shows: the state, the board, and the buttons that fit both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from kaohe.domain.errors import KaoheError
from kaohe.domain.meetings import Custody, GroupNumbers, MeetingState, Round
from kaohe.domain.permissions import Act
from kaohe.domain.ticket_codes import grouped
from kaohe.operations.boards import Board, load_board
from kaohe.operations.checking import list_findings
from kaohe.operations.issuing import voting_url
from kaohe.operations.recording import record_head
from kaohe.operations.rehearsing import trial_tickets
from kaohe.operations.results import COUNTED, list_boards, load_counted
from kaohe.operations.second_person import WEIGHTY
from kaohe.operations.watching_over import box_trouble
from kaohe.tally.model import Turnout
from kaohe.web.access import may_now
from kaohe.web.organizer.acts import MILESTONE_LABELS
from kaohe.web.organizer.check_page import stage_url
from kaohe.web.organizer.frame import MeetingFrame, frame_of
from kaohe.web.organizer.hall_words import HALL_VIEW_LABELS
from kaohe.web.organizer.key_words import awaits_proof, key_label, proof_label
from kaohe.web.organizer.refusing import Refusal
from kaohe.web.organizer.second_person_block import SecondPersonBlock, second_person_block

NOT_SAID = "—"


@dataclass(frozen=True, slots=True)
class Tile:
    """One big number; ``name`` is stable and meant for programs."""

    name: str
    label: str
    text: str
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class BoardBlock:
    """应到 / 实到 / 发出 / 收回, all groups and each. The block of the page that moves."""

    meeting_id: str
    is_live: bool
    """Whether it asks for itself anew every few seconds."""
    state_tag: str
    """Changes with the round's state: a page made for another state must be fetched anew."""
    seen: str
    """Changes with every number shown."""
    tiles: Sequence[Tile]
    groups: Sequence[tuple[str, Sequence[Tile]]]
    """Empty where there is one group only."""
    outstanding_text: str
    cast: int
    issued: int
    warnings: Sequence[str]
    box_trouble: str
    """Why no ballot can be stored at this moment; '' where all is well."""


@dataclass(frozen=True, slots=True)
class NumberForm:
    """The numbers of one group that people say: 实到 and 未发出."""

    key: str
    label: str
    present_text: str
    left_over_text: str
    printed_text: str
    is_shared: bool


@dataclass(frozen=True, slots=True)
class ChairPage:
    """The one page for the ninety seconds in which a hall waits."""

    frame: MeetingFrame
    refusal: Refusal | None
    state_kind: str
    state_label: str
    state_advice: str
    board: BoardBlock
    number_forms: Sequence[NumberForm]
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
    can_void: bool
    can_keep: bool
    has_result: bool
    has_poster: bool
    stage_url: str
    phone_url: str
    pool_code_text: str
    hall_view_text: str
    record_head_text: str
    """The head of the record of acts; '' before the opening."""
    record_head_label: str
    former_rounds: Sequence[str]
    """One sentence for each round that was voided."""


def chair_page(meeting_id: str, refusal: Refusal | None = None, *, typed_key: str = "") -> ChairPage:
    """The page as the meeting stands now.

    Raises:
        MeetingUnknown: no such meeting.
    """
    board = load_board(meeting_id)
    setup, held = board.setup, board.round
    is_open, is_draft = held.state is MeetingState.OPEN, held.state is MeetingState.DRAFT
    block = board_block(board)

    def does_alone(act: Act) -> bool:
        return may_now(act, held.state) and not (setup.two_people and act in WEIGHTY)

    kind, label, advice = _state(held)
    subject_count = len(setup.subjects)
    head = record_head(meeting_id)
    return ChairPage(
        frame=frame_of(setup, held, "chair"),
        refusal=refusal,
        state_kind=kind,
        state_label=label,
        state_advice=advice,
        board=block,
        second=second_person_block(setup, held, block.state_tag),
        number_forms=_number_forms(board) if may_now(Act.RECORD_NUMBERS, held.state) else (),
        can_open=may_now(Act.OPEN, held.state),
        can_prove=is_draft and awaits_proof(setup, held) and not may_now(Act.PREPARE, held.state),
        proof_label=proof_label(held),
        blocking=[each.message for each in list_findings(meeting_id) if each.is_blocking] if is_draft else (),
        is_rehearsing=is_draft and bool(trial_tickets(meeting_id)),
        can_pause=may_now(Act.PAUSE, held.state) and not held.is_paused,
        can_resume=may_now(Act.PAUSE, held.state) and held.is_paused,
        can_close=does_alone(Act.CLOSE),
        can_count=does_alone(Act.COUNT),
        needs_key=setup.custody is Custody.TELLERS,
        key_label=key_label(meeting_id),
        typed_key=typed_key,
        can_publish=may_now(Act.PUBLISH, held.state),
        can_reveal=may_now(Act.REVEAL, held.state),
        all_revealed=held.revealed_count >= subject_count,
        revealed_text=f"已揭晓 {held.revealed_count} / {subject_count}",
        can_void=may_now(Act.VOID, held.state),
        can_keep=may_now(Act.KEEP, held.state),
        has_result=(held.state in COUNTED or held.number > 1) and may_now(Act.SEE_RESULT, held.state),
        has_poster=bool(held.pool_code) and (is_draft or is_open) and may_now(Act.PREPARE, held.state),
        stage_url=stage_url(meeting_id),
        phone_url=voting_url(meeting_id),
        pool_code_text=grouped(held.pool_code) if held.pool_code and (is_draft or is_open) else "",
        hall_view_text=HALL_VIEW_LABELS[setup.hall_view],
        record_head_text=head.text if head else "",
        record_head_label=f"截至{MILESTONE_LABELS[head.act]}" if head else "",
        former_rounds=former_rounds(meeting_id) if held.number > 1 else (),
    )


def former_rounds(meeting_id: str) -> Sequence[str]:
    """One sentence for each voided round: what was in its box, and why it was voided."""
    return [
        f"第 {board.round.number} 轮已作废：收回 {board.cast} 张；原因：{board.round.void_reason}"
        for board in list_boards(meeting_id)
        if board.round.is_voided
    ]


def board_block(board: Board) -> BoardBlock:
    """The numbers of a round; 有效 and 无效 once the box has been counted."""
    held, shared = board.round, board.setup.shared_group
    turnout, by_group = _counted_turnout(board)
    several = len(board.groups) > 1
    total = _tiles(board.entitled, board.present, board.issued, board.cast, turnout)
    groups = [(group.label, _group_tiles(group, by_group.get(group.key))) for group in board.groups if several]
    outstanding = board.issued - board.cast
    tag = f"{held.number}-{held.state}{'-paused' if held.is_paused else ''}"
    trouble = box_trouble() if held.state is MeetingState.OPEN else ""
    return BoardBlock(
        meeting_id=board.setup.id,
        is_live=held.state is MeetingState.OPEN or (held.state is MeetingState.DRAFT and shared is not None),
        state_tag=tag,
        seen=sha256(repr((tag, total, groups, board.warnings, trouble)).encode()).hexdigest()[:16],
        tiles=total,
        groups=groups,
        outstanding_text=f"还有 {outstanding} 张没有交" if held.state is MeetingState.OPEN and outstanding > 0 else "",
        cast=board.cast,
        issued=board.issued,
        warnings=board.warnings,
        box_trouble=trouble,
    )


def _counted_turnout(board: Board) -> tuple[Turnout | None, dict[str, Turnout]]:
    if board.round.state not in COUNTED:
        return None, {}
    try:
        result = load_counted(board.setup.id, board.round.number).result
    except KaoheError:
        # Numbers that do not conserve keep the result from being shown; the chair must still see the board to mend it.
        return None, {}
    return result.turnout, dict(result.group_turnout)


def _group_tiles(group: GroupNumbers, turnout: Turnout | None) -> tuple[Tile, ...]:
    return _tiles(group.entitled, group.present, group.issued, group.cast, turnout)


def _tiles(entitled: int, present: int | None, issued: int, cast: int, turnout: Turnout | None) -> tuple[Tile, ...]:
    return (
        Tile("entitled", "应到", str(entitled)),
        Tile(
            "present", "实到", NOT_SAID if present is None else str(present), present is not None and present > entitled
        ),
        Tile("issued", "发出", str(issued), present is not None and issued > present),
        Tile("cast", "收回", str(cast), cast > issued or cast > (entitled if present is None else present)),
        *(
            (Tile("valid", "有效", str(turnout.valid)), Tile("invalid", "无效", str(turnout.invalid)))
            if turnout is not None
            else ()
        ),
    )


def _number_forms(board: Board) -> list[NumberForm]:
    if board.round.state in (MeetingState.PUBLISHED, MeetingState.ARCHIVED):
        return []
    return [
        NumberForm(
            key=group.key,
            label=group.label,
            present_text="" if group.present is None else str(group.present),
            left_over_text=str(group.left_over),
            printed_text=str(group.printed),
            is_shared=group.key == board.setup.shared_group,
        )
        for group in board.groups
    ]


def _state(held: Round) -> tuple[str, str, str]:
    """Kind (for the style), name and advice of the state that the chair sees first."""
    if held.state is MeetingState.OPEN and held.is_paused:
        return "paused", "已暂停收票", "手机上填好的内容都在，恢复后即可提交。"
    return {
        MeetingState.DRAFT: ("draft", "尚未开始", "主持人宣布后，点“开始投票”。"),
        MeetingState.OPEN: ("open", "正在投票", "手机扫码即可投票，收到的票数会自动更新。"),
        MeetingState.CLOSED: ("closed", "投票已结束", "票箱已封，不再收票。下一步：开箱计票。"),
        MeetingState.COUNTED: (
            "counted",
            "已计票，尚未公布",
            "结果只有组织者能看到，核对后再决定是否公布。",
        ),
        MeetingState.PUBLISHED: ("published", "结果已公布", "大屏按您的操作逐个揭晓。"),
        MeetingState.ARCHIVED: ("archived", "已封存", "本场会议已经封存，只能查看。"),
    }[held.state]
