"""The ballots of the tellers' own that were named to be compared (抽查票)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kaohe.storage.tables import ChallengeRow


def challenged(session: Session, round_id: str) -> Mapping[str, str]:
    """The group of every challenge of a round, by its receipt."""
    query = select(ChallengeRow.receipt, ChallengeRow.group_key).where(ChallengeRow.round_id == round_id)
    return {receipt: group_key for receipt, group_key in session.execute(query)}  # noqa: C416 - a result is no pairs to dict()


def add_challenges(session: Session, round_id: str, named: Mapping[str, str]) -> None:
    """Name ballots by their receipts; ``named`` gives each one's group. Those named already stay so."""
    new = {receipt: group for receipt, group in named.items() if receipt not in challenged(session, round_id)}
    if new:
        session.execute(
            insert(ChallengeRow),
            [
                {"round_id": round_id, "receipt": receipt, "group_key": group_key}
                for receipt, group_key in sorted(new.items())
            ],
        )
