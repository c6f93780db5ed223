"""Passwords, the limit on wrong attempts, and the digests that are stored in place of secrets."""

from __future__ import annotations

import gzip
import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from kaohe.domain.errors import LockedOut, PasswordWeak
from kaohe.operations.people.password_turns import PASSWORD_TURNS, Caller
from kaohe.storage.accounts import AccountForUpdate, StoredAccount, find_account_for_update, save_account
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.installation import this_memory
from kaohe.storage.record import record
from kaohe.storage.units import unit_tree

PASSWORD_LENGTH = 8
FAILURES_AT_MOST = 5
LOCKED_FOR = timedelta(minutes=15)
_NAMES_AT_MOST = 10_000
"""Names without an account that are remembered."""

_HASHER = PasswordHasher()
_COMMON_HERE = frozenset(
    """
    87654321 88888888 66666666 qwertyui abcd1234 asdfghjk a1234567 a12345678 aa123456 woaini1314 5201314520 admin888
    administrator 123123123 zhongguo
    """.split()  # noqa: SIM905 - a paragraph of passwords reads better than a list of quoted ones
)
"""Common in China, beside those of ``kaohe/data/common-passwords.txt.gz``."""
_CONTEXT = (
    "kaohe",
    "考核",
    "民主测评",
    "测评",
    "投票",
    "minzhu",
    "ceping",
    "toupiao",
    "admin",
    "password",
    "密码",
    "mima",
)
_OWN_CHARACTERS = 4
"""How many letters a password must have beside the words that anybody would try here."""


@cache
def _common() -> frozenset[str]:
    packed = (resources.files("kaohe") / "data" / "common-passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split()) | _COMMON_HERE


def require_strong(password: str, name: str) -> None:
    """Refuse a new password that is short, long, common, or hardly more than words that anybody would try here.

    Such are the name, the names of the units, and the product's own. Needs an application context, outside of any
    transaction.

    Raises:
        PasswordWeak: it is.
    """
    plain = password.casefold()
    if len(password) < PASSWORD_LENGTH or len(set(password)) <= 2 or plain in _common():  # noqa: PLR2004 - two characters repeated are no password
        raise PasswordWeak
    if len(password) > 1024:  # noqa: PLR2004 - longer input only serves to keep Argon2 busy
        raise PasswordWeak("密码过长，请不超过 1024 个字符。")
    with reading() as session:
        units = [unit.name for unit in unit_tree(session).units.values()]
    rest = plain
    for word in sorted(
        {name.casefold(), *(unit.casefold() for unit in units), *_CONTEXT} - {""}, key=len, reverse=True
    ):
        rest = rest.replace(word, "")
    if rest != plain and sum(character.isalpha() for character in rest) < _OWN_CHARACTERS:
        raise PasswordWeak("密码太容易猜到：请不要只用姓名、单位或本系统的名称加数字。")


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

    def check() -> bool:
        # Here, and not around the job: what is raised in a thread of the server's would be written to its log.
        try:
            return _HASHER.verify(hashed or _dummy_hash(), password[:1024])
        except VerificationError:
            return False

    return bool(_run_job(check)) and hashed is not None


def require_not_locked_out(account: StoredAccount | None, moment: datetime) -> None:
    """Refuse an attempt after too many failures.

    Raises:
        LockedOut: until a quarter of an hour after the fifth failure.
    """
    if account is not None and account.locked_until is not None and account.locked_until > moment:
        raise LockedOut


def note_failure(session: Transaction, account: AccountForUpdate, moment: datetime) -> None:
    """Count one wrong code; the fifth failure in a row locks the account for a quarter of an hour."""
    if account.failed_count + 1 < FAILURES_AT_MOST:
        save_account(session, replace(account, failed_count=account.failed_count + 1))
    else:
        _lock_out(session, account, moment)


@contextmanager
def password_attempt(name: str, password: str, caller: Caller) -> Iterator[Attempt]:
    """Check a password for the block, which judges it in a transaction of its own by ``Attempt.judge``.

    The attempt is counted before the check, so that no more than five are ever in the air, and given back once it has
    been right.

    Raises:
        TooManySignIns: another check of this account, or too many of all, are in flight; nothing is counted.
        LockedOut: five failures in a row; the account opens again after a quarter of an hour.
    """
    with PASSWORD_TURNS.turn(name, caller):
        with transaction() as session:
            account = find_account_for_update(session, name)
            is_allowed = _count_attempt(session, account, now()) if account else _count_stranger(name, now())
        if not is_allowed:
            raise LockedOut
        hashed = account.password_hash if account else None
        yield Attempt(hashed, is_right=is_password(hashed, password))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password that was checked, and is not yet judged."""

    _hashed: str | None = field(repr=False)
    is_right: bool

    def judge(self, session: Transaction, name: str) -> AccountForUpdate | None:
        """The account, its attempt given back, if the password was right and is still the account's own; else None.

        Raises:
            LockedOut: it has been locked meanwhile.
        """
        account = find_account_for_update(session, name)
        if account is None:
            return None
        require_not_locked_out(account, now())
        if self.is_right and account.password_hash == self._hashed:
            return save_account(session, replace(account, failed_count=max(0, account.failed_count - 1)))
        if account.failed_count >= FAILURES_AT_MOST:
            _lock_out(session, account, now())
        return None


def _count_attempt(session: Transaction, account: AccountForUpdate, moment: datetime) -> bool:
    if account.locked_until is not None and account.locked_until > moment:
        return False
    if account.failed_count >= FAILURES_AT_MOST:
        # As many are in the air already, or a server went down with them.
        _lock_out(session, account, moment)
        return False
    save_account(session, replace(account, failed_count=account.failed_count + 1))
    return True


def _count_stranger(name: str, moment: datetime) -> bool:
    """Count an attempt on a name without an account, so that no answer tells which names have one; False: locked."""
    memory = this_memory("strangers")
    count, locked_until = memory.pop(name, (0, moment))
    if locked_until <= moment:
        count += 1
        locked_until = moment + LOCKED_FOR if count >= FAILURES_AT_MOST else moment
        is_allowed = True
    else:
        is_allowed = False
    if len(memory) >= _NAMES_AT_MOST:
        memory.pop(next(iter(memory)))
    memory[name] = (0 if count >= FAILURES_AT_MOST else count), locked_until
    return is_allowed


def _lock_out(session: Transaction, account: AccountForUpdate, moment: datetime) -> None:
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
