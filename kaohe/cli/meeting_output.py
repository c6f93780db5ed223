"""A meeting as JSON for a program, and as a few lines for a person."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kaohe.cli.tally.output import print_result, result_json
from kaohe.domain.meetings import MeetingState
from kaohe.domain.setup_documents import subjects_document
from kaohe.domain.state_words import state_word
from kaohe.domain.voting_mode import takes_ballots
from kaohe.operations.count.results import list_rounds, load_counted
from kaohe.operations.count.sources import list_findings
from kaohe.operations.hall.boards import Board, load_board
from kaohe.operations.setup.checking import Finding
from kaohe.operations.setup.preparing import unit_of
from kaohe.storage.meetings import MeetingLine
from kaohe.tally.scheme_document.document import scheme_document


def as_json(document: object) -> bytes:
    """UTF-8, whatever the terminal is set to."""
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def meetings_document(lines: Sequence[MeetingLine]) -> list[dict[str, object]]:
    """The list of meetings."""
    return [
        {
            "id": line.id,
            "title": line.title,
            "unit": line.unit,
            "belongs_to": line.unit_id,
            "held_on": line.held_on.isoformat() if line.held_on else None,
            "state": str(line.state),
            "is_paused": line.is_paused,
            "round": line.round_number,
        }
        for line in lines
    ]


def meeting_document(meeting_id: str) -> dict[str, object]:
    """Everything about one meeting; ``result`` has the shape of ``kaohe tally --json`` and is null before the count.

    Raises:
        CountBroken: the numbers do not conserve.
    """
    board = load_board(meeting_id)
    setup, current = board.setup, board.round
    return {
        "id": setup.id,
        "title": setup.title,
        "unit": setup.unit,
        "belongs_to": unit_of(setup.id),
        "held_on": setup.held_on.isoformat() if setup.held_on else None,
        "state": str(current.state),
        "is_paused": current.is_paused,
        "round": current.number,
        "revealed": current.revealed_count,
        "hall_view": str(setup.hall_view),
        "custody": str(setup.custody),
        "key_proven": current.key_proven,
        "shared_group": next((g.label for g in setup.groups if g.key == setup.shared_group), None),
        "scheme": scheme_document(setup.full_scheme),
        "subjects": subjects_document(setup.subjects),
        "board": _board_document(board),
        "findings": findings_document(_findings(board)),
        "rounds": [
            {"round": this_round.number, "state": str(this_round.state), "void_reason": this_round.void_reason}
            for this_round in list_rounds(meeting_id)
            if not this_round.is_rehearsal
        ],
        "result": json.loads(result_json(load_counted(meeting_id).result)) if current.state.is_counted else None,
    }


def findings_document(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """The check list."""
    return [
        {"code": finding.code, "message": finding.message, "step": finding.step, "is_blocking": finding.is_blocking}
        for finding in findings
    ]


def print_meeting(meeting_id: str, console: Console) -> None:
    """Print the meeting, its numbers, what it still lacks, and its result once it is counted.

    Raises:
        What ``meeting_document`` raises.
    """
    board = load_board(meeting_id)
    setup, current = board.setup, board.round
    has_votes = takes_ballots(setup.full_scheme)
    state = state_word(current.state, is_paused=current.is_paused, has_votes=has_votes)
    console.print(Text(f"{setup.title}  {setup.unit}  {setup.id}", style="bold"), soft_wrap=True)
    console.print(Text(f"第 {current.number} 轮  {state}"), soft_wrap=True)
    console.print(_numbers_table(board) if has_votes else Text("本场不投票"))
    for warning in board.warnings:
        console.print(Text(f"注意：{warning}"), soft_wrap=True)
    for finding in _findings(board):
        kind = "必须处理" if finding.is_blocking else "提醒"
        console.print(Text(f"{kind}：{finding.message}"), soft_wrap=True)
    if current.state.is_counted:
        print_result(load_counted(meeting_id).result, console)


def _numbers_table(board: Board) -> Table:
    table = Table("票种", "应到", "实到", "制票", "发出", "收回", box=None)
    for g in board.groups:
        present = "—" if g.present is None else str(g.present)
        numbers = (str(g.entitled), present, str(g.printed), str(g.issued), str(g.cast))
        table.add_row(*(Text(cell) for cell in (g.label, *numbers)))
    return table


def _findings(board: Board) -> Sequence[Finding]:
    """What is still to be done before voting; nothing once it has begun."""
    return list_findings(board.setup.id) if board.round.state is MeetingState.DRAFT else ()


def _board_document(board: Board) -> dict[str, object]:
    whole = ("entitled", "present", "printed", "issued", "cast")
    of_a_group = ("entitled", "present", "printed", "voided", "left_over", "issued", "cast")
    return {
        **{name: getattr(board, name) for name in whole},
        "groups": [
            {"group": group.label} | {name: getattr(group, name) for name in of_a_group} for group in board.groups
        ],
        "warnings": list(board.warnings),
    }
