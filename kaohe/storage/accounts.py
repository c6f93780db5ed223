"""Accounts, sign-ins and links in and out of the tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kaohe.domain.permissions import Role
from kaohe.storage.database import asked_once
from kaohe.storage.tables import AccountRow, RecoveryCodeRow, SignInLinkRow, SignInRow


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may sign in to the console."""

    id: str
    name: str
    roles: frozenset[Role]


def as_account(row: AccountRow) -> Account:
    """The account as a value."""
    return Account(row.id, row.name, read_roles(row.roles))


def read_roles(text: str) -> frozenset[Role]:
    """The roles that a row names."""
    return frozenset(Role(name) for name in text.split())


def write_roles(roles: Iterable[Role]) -> str:
    """The text of a row that names these roles, in a fixed order."""
    wanted = set(roles)
    return " ".join(role for role in Role if role in wanted)


def find_account(session: Session, name: str, *, is_held: bool = False) -> AccountRow | None:
    """The account with this name, if there is one; locked until the transaction ends if ``is_held``."""
    query = select(AccountRow).where(AccountRow.name == name)
    return session.scalars(query.with_for_update() if is_held else query).first()


def held_account(session: Session, account_id: str) -> AccountRow | None:
    """The account with this id, locked until the transaction ends."""
    return session.get(AccountRow, account_id, with_for_update=True, populate_existing=True)


@asked_once
def all_accounts(session: Session) -> list[AccountRow]:
    """Every account, sorted by name."""
    return list(session.scalars(select(AccountRow).order_by(AccountRow.name)))


def held_accounts(session: Session) -> list[AccountRow]:
    """Every account, locked until the transaction ends."""
    return list(session.scalars(select(AccountRow).order_by(AccountRow.id).with_for_update()))


def account_count(session: Session) -> int:
    """How many accounts there are."""
    return session.scalar(select(func.count()).select_from(AccountRow)) or 0


def find_sign_in(session: Session, digest: bytes) -> tuple[SignInRow, AccountRow] | None:
    """The sign-in with this digest, whole or half, and its account."""
    row = session.execute(
        select(SignInRow, AccountRow)
        .join(AccountRow, AccountRow.id == SignInRow.account_id)
        .where(SignInRow.digest == digest)
    ).first()
    return (row[0], row[1]) if row else None


def sign_ins_of(session: Session, account_id: str) -> list[SignInRow]:
    """The whole sign-ins of an account, the latest used first."""
    query = select(SignInRow).where(SignInRow.account_id == account_id, ~SignInRow.is_half)
    return list(session.scalars(query.order_by(SignInRow.seen_at.desc())))


def drop_sign_in(session: Session, digest: bytes) -> None:
    """Delete one sign-in."""
    session.execute(delete(SignInRow).where(SignInRow.digest == digest))


def drop_sign_ins_of(session: Session, account_id: str) -> None:
    """Delete every sign-in of an account."""
    session.execute(delete(SignInRow).where(SignInRow.account_id == account_id))


def drop_every_sign_in(session: Session) -> int:
    """Delete every sign-in of every account; returns how many there were."""
    return session.execute(delete(SignInRow)).rowcount  # type: ignore[attr-defined,no-any-return] # a DELETE's result has one; the stub names the base class


def drop_stale(session: Session, *, started_before: datetime, moment: datetime) -> None:
    """Delete expired sign-ins and links."""
    session.execute(delete(SignInRow).where(SignInRow.started_at < started_before))
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.expires_at < moment))


def drop_links_of(session: Session, account_id: str) -> None:
    """Delete the links that would set an account's password."""
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.account_id == account_id))


def store_recovery_codes(session: Session, account_id: str, digests: Iterable[bytes]) -> None:
    """Replace the recovery codes of an account."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    session.add_all(RecoveryCodeRow(account_id=account_id, digest=digest) for digest in digests)


def use_recovery_code(session: Session, account_id: str, digest: bytes) -> bool:
    """Use a recovery code up; False where the account has no such code."""
    row = session.get(RecoveryCodeRow, (account_id, digest))
    if row is None:
        return False
    session.delete(row)
    return True


def recovery_code_count(session: Session, account_id: str) -> int:
    """How many recovery codes are unused."""
    query = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id)
    return session.scalar(query) or 0
