"""The numbers of a round: tickets as they are stored, and what organizers count by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, func, literal, null, select, type_coerce, union_all, update
from sqlalchemy.orm import Session

from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import ChallengeRow, PaperSheetRow, RoundNumbersRow, RoundRow, TicketRow


@dataclass(frozen=True, slots=True)
class EnteredNumbers:
    """One group's numbers as last entered."""

    present: int | None = None
    left_over: int = 0
    paper_issued: int = 0
    """Blank forms handed out on paper (纸质票)."""
    paper_cast: int = 0
    """Ballots on paper that the count has taken in."""
    paper_void: int | None = None
    """How many of these are void as a whole; None where it was not said, as whole ballots say it themselves."""


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """What is stored of one voter group in one round."""

    printed: int = 0
    voided: int = 0
    spent: int = 0
    drawn: int = 0
    """Drawn by the shared code and not voided."""
    drawn_spent: int = 0
    challenged: int = 0
    """Ballots of the tellers' own that were named to be compared."""
    paper_typed: int = 0
    """Sheets as many as whoever has typed the most of them."""
    entered: EnteredNumbers = EnteredNumbers()

    @property
    def made(self) -> int:
        """Tickets ever made for this round, void ones included."""
        return self.printed + self.voided


@cached_in_transaction
def round_figures(session: Session, meeting_ids: tuple[str, ...]) -> Mapping[tuple[str, str], GroupFigures]:
    """By round and group key, for every round of these meetings: all its numbers, in one statement."""
    return _collected(session, RoundRow.meeting_id.in_(meeting_ids))


def figures_of_round(session: Session, round_id: str) -> Mapping[str, GroupFigures]:
    """By group key: all numbers of one round, in one statement."""
    return {group_key: figures for (_, group_key), figures in _collected(session, RoundRow.id == round_id).items()}


def _collected(session: Session, which: ColumnElement[bool]) -> dict[tuple[str, str], GroupFigures]:
    found: dict[tuple[str, str], GroupFigures] = {}
    for kind, round_id, group_key, *numbers in session.execute(union_all(*_figures(which))):
        group = found.get((round_id, group_key), GroupFigures())
        first = int(numbers[0] or 0)
        if kind == "tickets":
            voided, spent, drawn, drawn_spent = map(int, numbers[1:])
            group = replace(group, printed=first, voided=voided, spent=spent, drawn=drawn, drawn_spent=drawn_spent)
        elif kind == "challenges":
            group = replace(group, challenged=first)
        elif kind == "paper":
            group = replace(group, paper_typed=max(group.paper_typed, first))
        else:
            group = replace(group, entered=EnteredNumbers(*numbers))
        found[round_id, group_key] = group
    return found


def _figures(which: ColumnElement[bool]) -> list[Select[*tuple[Any, ...]]]:
    rounds = select(RoundRow.id).where(which)
    none = [type_coerce(null(), Integer)] * 4
    tickets, challenges, paper, entered = TicketRow, ChallengeRow, PaperSheetRow, RoundNumbersRow
    return [
        select(
            literal("entered"), entered.round_id, entered.group_key,
            entered.present, entered.left_over, entered.paper_issued, entered.paper_cast, entered.paper_void,
        ).where(entered.round_id.in_(rounds)),
        select(
            literal("tickets"), tickets.round_id, tickets.group_key,
            func.sum(case((~tickets.is_void, 1), else_=0)),
            func.sum(case((tickets.is_void, 1), else_=0)),
            func.sum(case((tickets.is_spent, 1), else_=0)),
            func.sum(case((tickets.is_drawn & ~tickets.is_void, 1), else_=0)),
            func.sum(case((tickets.is_drawn & tickets.is_spent, 1), else_=0)),
        ).where(tickets.round_id.in_(rounds)).group_by(tickets.round_id, tickets.group_key),
        select(literal("challenges"), challenges.round_id, challenges.group_key, func.count(), *none)
        .where(challenges.round_id.in_(rounds)).group_by(challenges.round_id, challenges.group_key),
        select(literal("paper"), paper.round_id, paper.group_key, func.count(), *none)
        .where(paper.round_id.in_(rounds)).group_by(paper.round_id, paper.group_key, paper.typist),
    ]  # fmt: skip


@cached_in_transaction
def entered_numbers(session: Session, round_id: str) -> Mapping[str, EnteredNumbers]:
    """The numbers entered so far, by group key."""
    rows = session.scalars(select(RoundNumbersRow).where(RoundNumbersRow.round_id == round_id))
    return {
        row.group_key: EnteredNumbers(row.present, row.left_over, row.paper_issued, row.paper_cast, row.paper_void)
        for row in rows
    }


def store_numbers(session: Session, round_id: str, group_key: str, numbers: EnteredNumbers) -> None:
    """Replace the numbers of a group; those of paper stay."""
    row = _row(session, round_id, group_key)
    row.present, row.left_over = numbers.present, numbers.left_over


def forget_left_over(session: Session, round_id: str) -> None:
    """No slip is left over where there are none any more."""
    session.execute(update(RoundNumbersRow).where(RoundNumbersRow.round_id == round_id).values(left_over=0))


def store_paper_issued(session: Session, round_id: str, group_key: str, issued: int) -> None:
    """Replace the number of blank paper forms handed out."""
    _row(session, round_id, group_key).paper_issued = issued


def store_paper_cast(session: Session, round_id: str, group_key: str, cast: int, void: int | None) -> None:
    """Keep how many ballots on paper the count has taken in, and how many of them are void as a whole."""
    row = _row(session, round_id, group_key)
    row.paper_cast, row.paper_void = cast, void


def _row(session: Session, round_id: str, group_key: str) -> RoundNumbersRow:
    row = session.get(RoundNumbersRow, (round_id, group_key))
    if row is None:
        row = RoundNumbersRow(round_id=round_id, group_key=group_key, left_over=0, paper_issued=0, paper_cast=0)
        session.add(row)
    return row
