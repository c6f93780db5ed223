"""Accounts and sign-ins in and out of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kaohe.storage.tables import AccountRow, SignInLinkRow, SignInRow


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may sign in to the console."""

    id: str
    name: str


def find_account(session: Session, name: str) -> AccountRow | None:
    """The account with this name, if there is one."""
    return session.scalars(select(AccountRow).where(AccountRow.name == name)).first()


def account_names(session: Session) -> list[str]:
    """The names of all accounts, sorted."""
    return list(session.scalars(select(AccountRow.name).order_by(AccountRow.name)))


def account_count(session: Session) -> int:
    """How many accounts there are."""
    return session.scalar(select(func.count()).select_from(AccountRow)) or 0


def find_sign_in(session: Session, digest: bytes) -> tuple[SignInRow, AccountRow] | None:
    """The sign-in with this digest and whose it is."""
    row = session.execute(
        select(SignInRow, AccountRow)
        .join(AccountRow, AccountRow.id == SignInRow.account_id)
        .where(SignInRow.digest == digest)
    ).first()
    return (row[0], row[1]) if row else None


def drop_sign_in(session: Session, digest: bytes) -> None:
    """Forget one sign-in."""
    session.execute(delete(SignInRow).where(SignInRow.digest == digest))


def drop_sign_ins_of(session: Session, account_id: str) -> None:
    """Forget every sign-in of an account."""
    session.execute(delete(SignInRow).where(SignInRow.account_id == account_id))


def drop_stale(session: Session, *, started_before: datetime, moment: datetime) -> None:
    """Forget sign-ins and links that have run out."""
    session.execute(delete(SignInRow).where(SignInRow.started_at < started_before))
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.expires_at < moment))
