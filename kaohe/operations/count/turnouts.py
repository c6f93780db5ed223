"""The numbers of a counted round, put together from those of its groups of tickets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from kaohe.domain.errors import CountBroken
from kaohe.domain.meetings import GroupNumbers, MeetingSetup
from kaohe.domain.relations import turnout_of_voter_groups
from kaohe.operations.hall.boards import Board
from kaohe.reports.archive_texts import json_text, numbers_document
from kaohe.tally.model import Result, Turnout
from kaohe.tally.scores.counting import CountedMarks


def turnout_of_round(
    setup: MeetingSetup, board: Board, counted: CountedMarks, in_pieces: Collection[str]
) -> tuple[dict[str, Turnout], dict[tuple[str, str], Turnout]]:
    """The numbers of every voter group; and by (voter group, subject) those of whoever may grade the subject.

    ``in_pieces`` are the groups of tickets whose ballots are kept in pieces.

    Raises:
        CountBroken: there are more or fewer ballots than were cast.
    """
    by_tickets, graders = turnout_of_voter_groups(
        setup,
        {
            group.key: Turnout(
                cast=group.cast,
                invalid=group.paper_void or 0,
                entitled=group.entitled,
                present=group.present,
                issued=group.issued,
                printed=group.printed + group.paper_issued,
            )
            for group in board.groups
        },
    )
    pairs = list(zip(setup.groups, board.groups, strict=True))
    on_paper = {group.counted_as for group, numbers in pairs if numbers.paper_void is not None}
    turnout = {
        key: numbers if key in on_paper else replace(numbers, invalid=counted.turnout[key].invalid)
        for key, numbers in by_tickets.items()
    }
    # A group whose ballots are kept in pieces is counted by its spent tickets alone.
    cut = {group.counted_as for group in setup.groups if group.key in in_pieces}
    if any(counted.turnout[key].cast != numbers.cast for key, numbers in turnout.items() if key not in cut):
        raise CountBroken("开出的测评票与收回的票数不一致，不能生成结果。请保留数据并联系技术人员。")
    return turnout, graders


def numbers_of(result: Result, board: Board) -> str:
    """应到 to 有效 of every group, as the archive holds them and as the record fixes them at the publication."""
    paper = Counter[str]()
    parts: dict[str, dict[str, GroupNumbers]] = {}
    for group, numbers in zip(board.setup.groups, board.groups, strict=True):
        paper[group.counted_as] += numbers.paper_cast
        if group.part_of:
            parts.setdefault(group.part_of, {})[group.key] = numbers
    return json_text(numbers_document(result.group_turnout, paper, parts))
