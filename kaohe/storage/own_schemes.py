"""The unit's own schemes, as they are stored: the text as it was written."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kaohe.domain.errors import OwnSchemeUnknown
from kaohe.storage.clock import now
from kaohe.storage.tables import OwnSchemeRow


@dataclass(frozen=True, slots=True)
class OwnScheme:
    """One scheme of the unit's own (本单位方案)."""

    id: str
    unit_id: str
    """The unit that it belongs to; the units below may use it."""
    title: str
    document: str
    """TOML."""
    saved_by: str
    saved_at: datetime


def own_scheme(session: Session, scheme_id: str) -> OwnScheme:
    """One of them.

    Raises:
        OwnSchemeUnknown: no such scheme.
    """
    return _as_scheme(_row(session, scheme_id))


def own_schemes(session: Session) -> Sequence[OwnScheme]:
    """All of them, by title."""
    return [_as_scheme(row) for row in session.scalars(select(OwnSchemeRow).order_by(OwnSchemeRow.title))]


def store_own_scheme(session: Session, unit_id: str, title: str, document: str, saved_by: str) -> str:
    """Store a scheme of a unit and return its id; one of the same unit and title is replaced and keeps its id."""
    of_unit = select(OwnSchemeRow).where(OwnSchemeRow.unit_id == unit_id)
    row = session.scalars(of_unit.where(OwnSchemeRow.title == title)).first()
    if row is None:
        row = OwnSchemeRow(id=secrets.token_hex(6), unit_id=unit_id, title=title)
        session.add(row)
    row.document, row.saved_by, row.saved_at = document, saved_by, now()
    session.flush()
    return row.id


def remove_own_scheme(session: Session, scheme_id: str) -> str:
    """Remove a scheme and return its title; meetings that were made from it keep theirs.

    Raises:
        OwnSchemeUnknown: no such scheme.
    """
    row = _row(session, scheme_id)
    session.delete(row)
    return row.title


def _row(session: Session, scheme_id: str) -> OwnSchemeRow:
    row = session.get(OwnSchemeRow, scheme_id)
    if row is None:
        raise OwnSchemeUnknown
    return row


def _as_scheme(row: OwnSchemeRow) -> OwnScheme:
    return OwnScheme(row.id, row.unit_id, row.title, row.document, row.saved_by, row.saved_at)
