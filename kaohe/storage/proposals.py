"""Proposed acts in and out of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kaohe.storage.tables import AccountRow, ProposalRow


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act that somebody has proposed, and until when another person may confirm it."""

    id: str
    act: str
    account_id: str
    proposer: str
    reason: str
    proposed_at: datetime
    expires_at: datetime


def add_proposal(session: Session, meeting_id: str, round_id: str, proposal: Proposal) -> None:
    """Store a proposal; there must be none of its act."""
    session.add(
        ProposalRow(
            meeting_id=meeting_id,
            act=proposal.act,
            id=proposal.id,
            round_id=round_id,
            account_id=proposal.account_id,
            reason=proposal.reason,
            proposed_at=proposal.proposed_at,
            expires_at=proposal.expires_at,
        )
    )
    session.flush()


def proposals_of(session: Session, round_id: str) -> list[Proposal]:
    """The proposals of one round, those that have run out included, the oldest first."""
    rows = session.execute(
        select(ProposalRow, AccountRow.name)
        .join(AccountRow, AccountRow.id == ProposalRow.account_id)
        .where(ProposalRow.round_id == round_id)
        .order_by(ProposalRow.proposed_at)
    )
    return [
        Proposal(row.id, row.act, row.account_id, name, row.reason, row.proposed_at, row.expires_at)
        for row, name in rows
    ]


def drop_proposal(session: Session, meeting_id: str, act: str) -> None:
    """Delete the proposal of an act, if there is one."""
    session.execute(delete(ProposalRow).where(ProposalRow.meeting_id == meeting_id, ProposalRow.act == act))


def drop_proposals(session: Session, meeting_id: str) -> None:
    """Delete every proposal of a meeting: each was meant for the state that has just ended."""
    session.execute(delete(ProposalRow).where(ProposalRow.meeting_id == meeting_id))
