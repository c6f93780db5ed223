"""What organizers count by hand in a round: heads in the hall, slips left over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kaohe.storage.tables import RoundNumbersRow


@dataclass(frozen=True, slots=True)
class SaidNumbers:
    """One group's numbers as they were last said."""

    present: int | None = None
    left_over: int = 0


def said_numbers(session: Session, round_id: str) -> Mapping[str, SaidNumbers]:
    """The numbers said so far, by group key."""
    rows = session.scalars(select(RoundNumbersRow).where(RoundNumbersRow.round_id == round_id))
    return {row.group_key: SaidNumbers(row.present, row.left_over) for row in rows}


def say_numbers(session: Session, round_id: str, group_key: str, numbers: SaidNumbers) -> None:
    """Take the place of what was said about a group before."""
    row = session.get(RoundNumbersRow, (round_id, group_key))
    if row is None:
        row = RoundNumbersRow(round_id=round_id, group_key=group_key)
        session.add(row)
    row.present, row.left_over = numbers.present, numbers.left_over
