"""The board on the console's pages: 应到 / 实到 / 发出 / 收回, and 有效 / 无效 once the box has been counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from kaohe.domain.errors import KaoheError
from kaohe.domain.meetings import GroupNumbers, MeetingState
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.box_keys import load_key_warning
from kaohe.operations.count.results import load_counted
from kaohe.operations.hall.boards import Board
from kaohe.operations.server.health import box_warning
from kaohe.operations.setup.printing import is_address_gone
from kaohe.tally.model import Turnout

NOT_SAID = "—"
_ADDRESS_GONE = "票上的网址已经不是这台电脑的地址，手机打不开：请让这台电脑连回会场原来的网络。"


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
    drawn_text: str
    """How many tickets were drawn by the shared code, and how many of them were cast; '' where there is none."""
    cast: int
    issued: int
    warnings: Sequence[str]
    comparisons: Sequence[str]
    """What the numbers mean beside one another, for the tellers; once voting has ended."""
    box_warning: str
    """Why no ballot can be stored at this moment; '' where all is well."""


def board_block(board: Board) -> BoardBlock:
    """The numbers of a round; 有效 and 无效 once the box has been counted."""
    this_round, shared = board.round, board.setup.shared_group
    turnout, by_group = _counted_turnout(board)
    several = len(board.groups) > 1
    total = _tiles(board.entitled, board.present, board.issued, board.cast, turnout)
    groups = [(group.label, _group_tiles(group, by_group.get(group.key))) for group in board.groups if several]
    outstanding = board.issued - board.cast
    tag = f"{this_round.number}-{this_round.state}{'-paused' if this_round.is_paused else ''}"
    warning = box_warning() if this_round.state is MeetingState.OPEN else ""
    warnings = board.warnings
    if this_round.state is MeetingState.OPEN and is_address_gone():
        warnings = (*warnings, _ADDRESS_GONE)
    if why := load_key_warning(board.setup.id):
        warnings = (*warnings, why)
    return BoardBlock(
        meeting_id=board.setup.id,
        is_live=this_round.state is MeetingState.OPEN
        or (this_round.state is MeetingState.DRAFT and shared is not None),
        state_tag=tag,
        seen=sha256(repr((tag, total, groups, warnings, warning)).encode()).hexdigest()[:16],
        tiles=total,
        groups=groups,
        outstanding_text=f"还有 {outstanding} 张没有交"
        if this_round.state is MeetingState.OPEN and outstanding > 0
        else "",
        drawn_text=_drawn_text(board),
        cast=board.cast,
        issued=board.issued,
        warnings=warnings,
        comparisons=board.comparisons,
        box_warning=warning,
    )


def _drawn_text(board: Board) -> str:
    shared = next((group for group in board.groups if group.key == board.setup.shared_group), None)
    return f"会场码已领 {shared.drawn} 张，已投 {shared.drawn_cast} 张" if shared is not None else ""


def _counted_turnout(board: Board) -> tuple[Turnout | None, dict[str, Turnout]]:
    if not board.round.state.is_counted or not takes_ballots(board.setup.full_scheme):
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
