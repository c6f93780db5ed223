"""What each version of a published result was made from beside the votes (更正), in and out of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import ResultVersionRow


@dataclass(frozen=True, slots=True)
class ResultVersion:
    """One version of a result: the first is the one that was published, every other one corrects the one before."""

    number: int
    inputs: str
    """The text that the record of acts fixes by its digest, as ``inputs.json`` of a bundle holds it."""
    reason: str
    """Why it was corrected; '' for the first one."""
    since: datetime


@cached_in_transaction
def versions_of(session: Session, round_id: str) -> Sequence[ResultVersion]:
    """The versions of a round, the first one first; none as long as nobody has begun to correct it."""
    rows = session.scalars(
        select(ResultVersionRow).where(ResultVersionRow.round_id == round_id).order_by(ResultVersionRow.number)
    )
    return [ResultVersion(row.number, row.inputs, row.reason, row.since) for row in rows]


def latest_version(session: Session, round_id: str) -> int:
    """The number of the latest version of a round; 0 as long as nobody has begun to correct it."""
    query = select(func.max(ResultVersionRow.number)).where(ResultVersionRow.round_id == round_id)
    return session.scalar(query) or 0


def add_version(session: Session, round_id: str, version: ResultVersion) -> None:
    """Store one more version."""
    session.add(
        ResultVersionRow(
            round_id=round_id,
            number=version.number,
            inputs=version.inputs,
            reason=version.reason,
            since=version.since,
        )
    )
    session.flush()
