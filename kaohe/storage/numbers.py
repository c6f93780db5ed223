"""What organizers count by hand in a round: heads in the hall, slips left over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kaohe.storage.database import asked_once
from kaohe.storage.tables import RoundNumbersRow


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


@asked_once
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
