"""Passwords, the limit on wrong attempts, and the digests that are stored in place of secrets."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from kaohe.domain.errors import LockedOut, PasswordWeak
from kaohe.storage.accounts import AccountForUpdate, StoredAccount, save_account
from kaohe.storage.database import Transaction
from kaohe.storage.record import record

PASSWORD_LENGTH = 8
FAILURES_AT_MOST = 5
LOCKED_FOR = timedelta(minutes=15)

_HASHER = PasswordHasher()
_COMMON = frozenset(
    """
    12345678 123456789 1234567890 87654321 88888888 66666666 11111111 00000000 password password1 qwertyui qwerty123
    abcd1234 1qaz2wsx iloveyou asdfghjk a1234567 a12345678 aa123456 woaini1314 5201314520 kaohe123 admin123 admin888
    administrator 11223344 123123123 zhongguo
    """.split()  # noqa: SIM905 - a paragraph of passwords reads better than a list of quoted ones
)


def require_strong(password: str, name: str) -> None:
    """Refuse a new password that is short, long, common or the name.

    Raises:
        PasswordWeak: it is.
    """
    plain = password.casefold()
    if len(password) < PASSWORD_LENGTH or len(set(password)) <= 2 or plain in _COMMON or plain == name.casefold():  # noqa: PLR2004 - two characters repeated are no password
        raise PasswordWeak
    if len(password) > 1024:  # noqa: PLR2004 - longer input only serves to keep Argon2 busy
        raise PasswordWeak("密码过长，请不超过 1024 个字符。")


PasswordJob = Callable[[], object]
"""Hashing or checking a password: keeps a processor busy for a tenth of a second."""


def _run_here(job: PasswordJob) -> object:
    return job()


_run_job: Callable[[PasswordJob], object] = _run_here


def set_password_executor(executor: Callable[[PasswordJob], object]) -> None:
    """Hash and check passwords with ``executor`` from now on, for a server whose one thread must answer the hall.

    Otherwise twenty strangers who guess at passwords, known names or not, would leave it no time for a single ballot.
    """
    global _run_job  # noqa: PLW0603 - one server in a process, and one way to do this job
    _run_job = executor


def hash_password(password: str) -> str:
    """What is stored of a password. Takes its time on purpose, so it belongs outside of any transaction."""
    return str(_run_job(lambda: _HASHER.hash(password)))


def is_password(hashed: str | None, password: str) -> bool:
    """Whether this is the password; ``hashed`` is None for a name that nobody has, which takes as long and is False."""
    try:
        return bool(_run_job(lambda: _HASHER.verify(hashed or _dummy_hash(), password[:1024]))) and hashed is not None
    except VerificationError:
        return False


def require_not_locked_out(account: StoredAccount | None, moment: datetime) -> None:
    """Refuse an attempt after too many failures.

    Raises:
        LockedOut: until a quarter of an hour after the fifth failure.
    """
    if account is not None and account.locked_until is not None and account.locked_until > moment:
        raise LockedOut


def note_failure(session: Transaction, account: AccountForUpdate, moment: datetime) -> None:
    """Count one wrong password or code; the fifth in a row locks the account for a quarter of an hour."""
    if account.failed_count + 1 < FAILURES_AT_MOST:
        save_account(session, replace(account, failed_count=account.failed_count + 1))
    else:
        save_account(session, replace(account, failed_count=0, locked_until=moment + LOCKED_FOR))
        record(session, None, account.name, "locked_out")


def without_failures(account: AccountForUpdate) -> AccountForUpdate:
    """The account as it is after somebody has proven to be its owner; still to be saved."""
    return replace(account, failed_count=0, locked_until=None)


def new_secret() -> str:
    """256 bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """What is stored of the secret of a sign-in or of a link."""
    return hashlib.sha256(b"kaohe sign-in|" + secret.encode()).digest()


@cache
def _dummy_hash() -> str:
    return _HASHER.hash(secrets.token_hex(16))
