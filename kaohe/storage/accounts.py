"""Accounts and their recovery codes in and out of the tables, as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from kaohe.domain.permissions import Role
from kaohe.storage.read_views import cached_in_transaction
from kaohe.storage.tables import AccountRow, RecoveryCodeRow


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may sign in to the console."""

    id: str
    name: str
    roles: frozenset[Role]
    unit_id: str
    """The unit in which these roles are held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAccount(Account):
    """An account with what pages never see of it; its fields are the columns of ``tables.AccountRow``."""

    password_hash: str = field(repr=False)
    failed_count: int = 0
    locked_until: datetime | None = None
    is_locked: bool = False
    wrapped_totp: bytes | None = field(default=None, repr=False)
    totp_is_on: bool = False
    totp_step: int = 0

    def without_secrets(self) -> Account:
        """The account as pages may hold it."""
        return Account(self.id, self.name, self.roles, self.unit_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForUpdate(StoredAccount):
    """An account that nobody else changes before the transaction ends."""


def as_account(row: AccountRow) -> StoredAccount:
    """The account that a row of the table holds."""
    return StoredAccount(**_values(row))


def read_roles(text: str) -> frozenset[Role]:
    """The roles that are named with blanks between them."""
    return frozenset(Role(name) for name in text.split())


def write_roles(roles: Iterable[Role]) -> str:
    """Names of roles with blanks between them, in a fixed order."""
    wanted = set(roles)
    return " ".join(role for role in Role if role in wanted)


def find_account(session: Session, name: str) -> StoredAccount | None:
    """The account with this name, if there is one."""
    row = session.scalars(select(AccountRow).where(AccountRow.name == name)).first()
    return None if row is None else as_account(row)


def find_account_for_update(session: Session, name: str) -> AccountForUpdate | None:
    """The account with this name, if there is one, locked until the transaction ends."""
    return next(iter(_for_update(session, AccountRow.name == name)), None)


def account_by_id(session: Session, account_id: str) -> StoredAccount | None:
    """The account with this id, if it is there still."""
    row = session.get(AccountRow, account_id)
    return None if row is None else as_account(row)


def account_for_update(session: Session, account_id: str) -> AccountForUpdate | None:
    """The account with this id, if it is there still, locked until the transaction ends."""
    return next(iter(_for_update(session, AccountRow.id == account_id)), None)


@cached_in_transaction
def all_accounts(session: Session) -> Sequence[StoredAccount]:
    """Every account, sorted by name."""
    return [as_account(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.name))]


def accounts_for_update(session: Session) -> Sequence[AccountForUpdate]:
    """Every account, locked until the transaction ends."""
    return _for_update(session)


def account_count(session: Session) -> int:
    """How many accounts there are."""
    return session.scalar(select(func.count()).select_from(AccountRow)) or 0


def add_account(session: Session, made: StoredAccount) -> AccountForUpdate:
    """Store a new account, which nobody else sees before the transaction ends."""
    row = AccountRow(**_columns(made))
    session.add(row)
    session.flush()
    return AccountForUpdate(**_values(row))


def save_account(session: Session, changed: AccountForUpdate) -> AccountForUpdate:
    """Store what has changed of an account since it was read for update; returns it as it is stored now."""
    row = session.get_one(AccountRow, changed.id)
    for name, value in _columns(changed).items():
        setattr(row, name, value)
    session.flush()
    return changed


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


def _for_update(session: Session, *which: ColumnElement[bool]) -> list[AccountForUpdate]:
    query = select(AccountRow).where(*which).order_by(AccountRow.id).with_for_update()
    # What this transaction has read before the lock may be old by now.
    found = session.scalars(query.execution_options(populate_existing=True))
    return [AccountForUpdate(**_values(row)) for row in found]


def _values(row: AccountRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS} | {"roles": read_roles(row.roles)}


def _columns(account: StoredAccount) -> dict[str, Any]:
    return {name: getattr(account, name) for name in _COLUMNS} | {"roles": write_roles(account.roles)}


_COLUMNS = tuple(column.name for column in fields(StoredAccount))
