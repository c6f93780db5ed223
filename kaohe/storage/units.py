"""The tree of units in and out of the tables."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kaohe.domain.units import AT_THE_TOP, TOP, Unit, UnitTree
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import UnitRow


@cached_in_transaction
def unit_tree(session: Session) -> UnitTree:
    """All units, in the order in which they were made; the one at the top is there before anything is stored of it."""
    rows = session.scalars(select(UnitRow).order_by(UnitRow.position))
    return UnitTree({TOP: AT_THE_TOP} | {row.id: Unit(row.id, row.name, row.parent_id, row.is_closed) for row in rows})


def store_unit(session: Session, unit: Unit) -> None:
    """Store a new unit, or what has changed of one."""
    row = session.get(UnitRow, unit.id)
    if row is None:
        last = session.scalar(select(func.max(UnitRow.position))) or 0
        session.add(row := UnitRow(id=unit.id, position=last + 1))
    row.name, row.parent_id, row.is_closed = unit.name, unit.parent_id, unit.is_closed
    session.flush()
