"""Paper ballots (纸质票补录): typed by two people independently, compared, and counted with the others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kaohe.domain.ballots import BallotStyle
from kaohe.domain.errors import (
    EditedMeanwhile,
    FieldInvalid,
    PaperBlanks,
    PaperMissing,
    PaperTypistsTaken,
    PaperUnsettled,
)
from kaohe.domain.limits import SHEET_NUMBER_AT_MOST
from kaohe.domain.meetings import MeetingSetup, MeetingState, require_state
from kaohe.domain.paper import (
    PaperDifference,
    PaperSheet,
    blank_cells,
    cell_labels,
    compare_piles,
    read_typed,
    require_left_out_whole,
)
from kaohe.domain.voting_mode import require_ballots
from kaohe.operations.hall.boards import board_of
from kaohe.operations.setup.ballot_styles import ballot_styles
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.numbers import entered_numbers
from kaohe.storage.paper import Piles, remove_sheet, store_sheet, stored_piles
from kaohe.storage.record import chain_of, record
from kaohe.storage.rounds import StoredRound, changing_round, current_round, round_setup

TYPISTS = 2
_BY_GROUP = "by_group"
"""Where the record says how many ballots on paper of each group did not come back, as JSON."""


@dataclass(frozen=True, slots=True)
class PaperPiles:
    """The ballots on paper of one round, as far as they have been typed."""

    setup: MeetingSetup
    state: MeetingState
    styles: Sequence[BallotStyle]
    issued: int
    """Blank forms that were handed out, all groups."""
    counted: int
    """Ballots on paper that the count has taken in, all groups."""
    unanswered: int
    """How many were handed out and not typed, where nobody has said that they are lost; all groups."""
    piles: Piles
    differences: tuple[PaperDifference, ...]
    """Empty where nothing has been typed, or two have typed the same."""

    @property
    def is_settled(self) -> bool:
        """Whether the paper ballots can be counted as they have been typed."""
        return not self.piles or (len(self.piles) == TYPISTS and not self.differences)


def load_paper(meeting_id: str) -> PaperPiles:
    """What has been typed of the current round."""
    with reading() as session:
        return _paper_of(session, current_round(session, meeting_id))


def record_paper_not_returned(actor: str, meeting_id: str, count: int) -> None:
    """Say that ballots on paper which were handed out did not come back; the count asks for it. Idempotent.

    ``count`` is how many are missing, so that the answer holds for these only: it lapses where the numbers change.

    Raises:
        EditedMeanwhile: others are missing by now.
        WrongState: voting has not ended, or the round has been counted.
    """
    with changing_round(meeting_id, MeetingState.CLOSED) as (session, row):
        missing = _missing_paper(session, row)
        if sum(missing.values()) != count:
            raise EditedMeanwhile("纸质票的数目刚刚变了，没有登记。请刷新页面，核对后再操作。")
        if missing and missing != _said_not_returned(session, row):
            detail = {"round": str(row.number), "count": str(count), _BY_GROUP: json.dumps(missing)}
            record(session, meeting_id, actor, "paper_not_returned", **detail)


def unanswered_paper(session: Transaction, row: StoredRound) -> Mapping[str, int]:
    """By group key, how many ballots on paper were handed out and not typed, unless somebody has said that of them."""
    missing = _missing_paper(session, row)
    return {} if missing == _said_not_returned(session, row) else missing


def require_paper_answered(session: Transaction, row: StoredRound) -> None:
    """Let the count pass only where every ballot on paper that was handed out was typed, or said to be lost.

    Raises:
        PaperMissing: how many are missing.
    """
    missing = sum(unanswered_paper(session, row).values())
    if missing:
        raise PaperMissing(
            f"发出的纸质票还有 {missing} 张没有录入。请录入后再开箱计票；确实没有收回的，请先登记“没有收回”。"
        )


def type_sheet(
    actor: str, meeting_id: str, number: int, group_key: str, typed: Mapping[str, str], *, blanks: int | None = None
) -> None:
    """Type one ballot on paper; what the same person has typed under this number before is replaced.

    ``typed`` holds what stands in each cell by the cell's field name, in the words of ``domain.paper.read_typed``.
    Nothing of it enters the record of acts: that never has an entry for a ballot. ``blanks`` is how many open cells
    the typist has agreed to; None for whoever need not be asked.

    Raises:
        FieldInvalid: the number is out of bounds, or the group unknown.
        BallotsNotTaken: the meeting has no vote.
        PaperMarkUnknown: a cell holds what it cannot hold, or a subject is left out and evaluated.
        PaperBlanks: another number of cells is open than was agreed to.
        PaperTypistsTaken: two others are typing.
        WrongState: voting has not ended, or the round has been counted.
    """
    if not 1 <= number <= SHEET_NUMBER_AT_MOST:
        raise FieldInvalid(f"票面编号应为 1 到 {SHEET_NUMBER_AT_MOST}。")
    with _typing(actor, meeting_id) as (session, row, setup):
        style = next((style for style in ballot_styles(row, setup) if group_key in style.groups), None)
        if style is None:
            raise FieldInvalid("没有这个票种，请刷新页面后重新填写。")
        names = {subject.key: subject.full_name for subject in setup.subjects}
        labels = cell_labels(style)
        read = {
            (cell.subject, cell.item): read_typed(
                cell, typed.get(cell.field, ""), names[cell.subject], labels[cell.subject, cell.item].words
            )
            for cell in style.cells
        }
        marks = {cell_key: mark for cell_key, mark in read.items() if mark is not None}
        require_left_out_whole(style, marks)
        found = blank_cells(style, marks)
        if found and blanks not in (None, found):
            raise PaperBlanks(found)
        store_sheet(session, row.id, actor, PaperSheet(number, group_key, marks))


def drop_sheet(actor: str, meeting_id: str, number: int) -> None:
    """Take back what this person has typed under a number. Idempotent.

    Raises:
        WrongState: voting has not ended, or the round has been counted.
    """
    with _typing(actor, meeting_id) as (session, row, _):
        remove_sheet(session, row.id, actor, number)


def settled_paper(session: Transaction, row: StoredRound) -> tuple[list[PaperSheet], tuple[str, ...]]:
    """The ballots on paper of a round for the count, and who has typed them.

    Raises:
        PaperUnsettled: fewer than two have typed them, or not alike.
        PaperMissing: some were handed out and not typed, and nobody has said that they are lost.
    """
    paper = _paper_of(session, row)
    require_paper_answered(session, row)
    if paper.is_settled:
        pile = next(iter(paper.piles.values()), {})
        return list(pile.values()), tuple(paper.piles)
    if len(paper.piles) < TYPISTS:
        raise PaperUnsettled("纸质票只由一人录入，须由另一人再独立录入一遍，核对一致后才能开箱计票。")
    numbers = list(dict.fromkeys(difference.number for difference in paper.differences))
    shown = "、".join(str(number) for number in numbers[:5]) + ("等" if len(numbers) > 5 else "")  # noqa: PLR2004 - five fit a line
    raise PaperUnsettled(f"纸质票有 {len(numbers)} 张两次录入不一致（编号 {shown}），请对照票面改正后再开箱计票。")


def _missing_paper(session: Transaction, row: StoredRound) -> dict[str, int]:
    groups = board_of(session, row).groups
    return {
        group.key: group.paper_issued - group.paper_cast for group in groups if group.paper_issued > group.paper_cast
    }


def _said_not_returned(session: Transaction, row: StoredRound) -> Mapping[str, int]:
    found: Mapping[str, int] = {}
    for entry in chain_of(session, row.meeting_id):
        if entry.act == "paper_not_returned" and entry.detail.get("round") == str(row.number):
            found = json.loads(entry.detail[_BY_GROUP])
    return found


def _paper_of(session: Transaction, row: StoredRound) -> PaperPiles:
    setup = round_setup(session, row)
    piles = stored_piles(session, row.id)
    first, second = (*piles.values(), {}, {})[:TYPISTS]
    numbers = entered_numbers(session, row.id).values()
    return PaperPiles(
        setup=setup,
        state=row.state,
        styles=ballot_styles(row, setup),
        issued=sum(entered.paper_issued for entered in numbers),
        counted=sum(entered.paper_cast for entered in numbers),
        unanswered=sum(unanswered_paper(session, row).values()) if row.state is MeetingState.CLOSED else 0,
        piles=piles,
        differences=tuple(compare_piles(first, second)),
    )


@contextmanager
def _typing(actor: str, meeting_id: str) -> Iterator[tuple[Transaction, StoredRound, MeetingSetup]]:
    with transaction() as session:
        row = current_round(session, meeting_id)
        require_state(row, MeetingState.CLOSED)
        others = stored_piles(session, row.id).keys() - {actor}
        if len(others) >= TYPISTS:
            raise PaperTypistsTaken
        setup = round_setup(session, row)
        require_ballots(setup.full_scheme)
        yield session, row, setup
