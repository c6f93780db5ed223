"""Changing one's own password, and asking for it again before a weighty act."""

from __future__ import annotations

from dataclasses import replace

from kaohe.domain.errors import SignInFailed
from kaohe.operations.people.credentials import (
    hash_password,
    password_attempt,
    require_strong,
)
from kaohe.operations.people.password_turns import Caller
from kaohe.storage.accounts import Account, account_for_update, save_account
from kaohe.storage.database import transaction
from kaohe.storage.record import record
from kaohe.storage.sign_ins import drop_sign_ins_of


def change_password(account: Account, old: str, new: str) -> None:
    """Change the password and end every sign-in of the account.

    Raises:
        SignInFailed: the old password is wrong.
        LockedOut: it was wrong too often.
        PasswordWeak: the new one is too short or too common.
    """
    require_strong(new, account.name)
    require_password(account, old)
    hashed = hash_password(new)
    with transaction() as session:
        row = account_for_update(session, account.id)
        if row is None:
            raise SignInFailed
        save_account(session, replace(row, password_hash=hashed))
        drop_sign_ins_of(session, row.id)
        record(session, None, account.name, "changed_password")


def require_password(account: Account, password: str) -> None:
    """Require the password of the signed-in account again before a weighty act; failures count.

    Raises:
        SignInFailed, LockedOut: wrong, or wrong too often.
        TooManySignIns: a password of this account, or too many at once, are being checked.
    """
    with password_attempt(account.name, password, Caller(is_known=True)) as attempt, transaction() as session:
        proven = attempt.judge(session, account.name)
    if proven is None:
        raise SignInFailed("原密码不正确，请重新输入。")
