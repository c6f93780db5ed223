"""Ballots on paper as two people have typed them, until the count puts them among the others."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kaohe.domain.paper import PaperSheet
from kaohe.storage.tables import PaperSheetRow

Piles = Mapping[str, Mapping[int, PaperSheet]]
"""By typist: the sheets, by their numbers."""


def stored_piles(session: Session, round_id: str) -> Piles:
    """What has been typed so far, by whom; the typists in the order of their names."""
    found: dict[str, dict[int, PaperSheet]] = {}
    for row in session.scalars(
        select(PaperSheetRow)
        .where(PaperSheetRow.round_id == round_id)
        .order_by(PaperSheetRow.typist, PaperSheetRow.number)
    ):
        marks = {(subject, item): mark for subject, item, mark in json.loads(row.marks)}
        found.setdefault(row.typist, {})[row.number] = PaperSheet(row.number, row.group_key, marks)
    return found


def store_sheet(session: Session, round_id: str, typist: str, sheet: PaperSheet) -> None:
    """Store a sheet, replacing what this person has typed under this number."""
    remove_sheet(session, round_id, typist, sheet.number)
    marks = json.dumps([[*cell_key, mark] for cell_key, mark in sorted(sheet.marks.items())], ensure_ascii=False)
    session.add(
        PaperSheetRow(round_id=round_id, typist=typist, number=sheet.number, group_key=sheet.group_key, marks=marks)
    )
    session.flush()


def remove_sheet(session: Session, round_id: str, typist: str, number: int) -> None:
    """Delete what this person has typed under this number. Idempotent."""
    session.execute(
        delete(PaperSheetRow).where(
            PaperSheetRow.round_id == round_id, PaperSheetRow.typist == typist, PaperSheetRow.number == number
        )
    )


def forget_sheets(session: Session, round_id: str) -> None:
    """Delete everything typed: it has been counted, or its round is void."""
    session.execute(delete(PaperSheetRow).where(PaperSheetRow.round_id == round_id))
