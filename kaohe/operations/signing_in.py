"""Organizers sign in: the first time by a one-time link, then with name and password."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from kaohe.domain.errors import FieldInvalid, LinkUsed, LockedOut, NameTaken, PasswordWeak, SignInFailed
from kaohe.storage.accounts import (
    Account,
    account_count,
    account_names,
    drop_sign_in,
    drop_sign_ins_of,
    drop_stale,
    find_account,
    find_sign_in,
)
from kaohe.storage.clock import now
from kaohe.storage.database import reading, transaction
from kaohe.storage.events import record
from kaohe.storage.installation import this_config
from kaohe.storage.tables import AccountRow, SignInLinkRow, SignInRow
from kaohe.storage.troubles import CannotStore

PASSWORD_LENGTH = 8
NAME_LENGTH = 32
FAILURES_AT_MOST = 5
LOCKED_FOR = timedelta(minutes=15)
IDLE_FOR = timedelta(hours=4)
"""Longer than a meeting: a chair who watches the hall is not signed out."""
LASTS_FOR = timedelta(hours=12)
LINK_LASTS_FOR = timedelta(hours=24)
_SEEN_EVERY = timedelta(minutes=1)
_SEEN_PATIENCE_SECONDS = 0.2

_HASHER = PasswordHasher()

_COMMON = frozenset(
    """
    12345678 123456789 1234567890 87654321 88888888 66666666 11111111 00000000 password password1 qwertyui qwerty123
    abcd1234 1qaz2wsx iloveyou asdfghjk a1234567 a12345678 aa123456 woaini1314 5201314520 kaohe123 admin123 admin888
    administrator 11223344 123123123 zhongguo
    """.split()  # noqa: SIM905 - a paragraph of passwords reads better than a list of quoted ones
)


def make_sign_in_link(actor: str) -> str:
    """A fresh token for one account to be made with; it lasts a day and works once."""
    token = secrets.token_urlsafe(24)
    with transaction() as session:
        session.add(SignInLinkRow(digest=_digest(token), expires_at=now() + LINK_LASTS_FOR))
        record(session, None, actor, "made_sign_in_link")
    return token


def first_sign_in_url(token: str) -> str:
    """The address that carries the token, as others in the network can open it."""
    return f"{this_config().public_url}/desk/first/{token}"


def link_is_good(token: str) -> bool:
    """Whether an account can still be made with this token."""
    with reading() as session:
        row = session.get(SignInLinkRow, _digest(token))
        return row is not None and row.expires_at > now()


def create_account(token: str, name: str, password: str) -> str:
    """Use up the link, make the account and sign it in; returns the sign-in's secret.

    Raises:
        LinkUsed, FieldInvalid, NameTaken, PasswordWeak: nothing is made and the link stays good.
    """
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 1 <= len(name) <= NAME_LENGTH or any(unicodedata.category(c).startswith("C") for c in name):
        raise FieldInvalid(f"请填写姓名（1 到 {NAME_LENGTH} 个字）。")
    _require_strong(password, name)
    hashed = _HASHER.hash(password)
    with transaction() as session:
        link = session.get(SignInLinkRow, _digest(token))
        if link is None or link.expires_at <= now():
            raise LinkUsed
        if find_account(session, name) is not None:
            raise NameTaken
        session.delete(link)
        account = AccountRow(id=secrets.token_hex(8), name=name, password_hash=hashed)
        session.add(account)
        session.flush()
        secret = _new_sign_in_secret()
        session.add(SignInRow(digest=_digest(secret), account_id=account.id, started_at=now(), seen_at=now()))
        record(session, None, name, "created_account")
    return secret


def sign_in(name: str, password: str) -> str:
    """The secret of a new sign-in.

    Raises:
        SignInFailed: wrong name or password.
        LockedOut: five failures in a row; the account opens again after a quarter of an hour.
    """
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    with reading() as session:
        found = find_account(session, name)
        hashed = found.password_hash if found else _nobody()
        locked_until = found.locked_until if found else None
    if locked_until is not None and locked_until > now():
        raise LockedOut
    # Argon2 takes its time on purpose, so it runs outside of any transaction.
    is_right = _verify(hashed, password) and found is not None
    secret = _new_sign_in_secret()
    with transaction() as session:
        account = find_account(session, name)
        if account is not None and is_right and account.password_hash == hashed:
            account.failed_count, account.locked_until = 0, None
            drop_stale(session, started_before=now() - LASTS_FOR, moment=now())
            session.add(SignInRow(digest=_digest(secret), account_id=account.id, started_at=now(), seen_at=now()))
            return secret
        if account is not None:
            account.failed_count += 1
            if account.failed_count >= FAILURES_AT_MOST:
                account.failed_count, account.locked_until = 0, now() + LOCKED_FOR
                record(session, None, name, "locked_out")
    raise SignInFailed


def sign_out(secret: str) -> None:
    """End one sign-in. Idempotent."""
    with transaction() as session:
        drop_sign_in(session, _digest(secret))


def who(secret: str) -> Account | None:
    """Whose sign-in this is; None when it has run out or never was."""
    moment = now()
    with reading() as session:
        found = find_sign_in(session, _digest(secret))
    if found is None:
        return None
    row, account = found
    if row.started_at + LASTS_FOR < moment or row.seen_at + IDLE_FOR < moment:
        return None
    if row.seen_at + _SEEN_EVERY < moment:
        # Where nothing can be stored, the console must still say so: the sign-in is noted the next time.
        with suppress(CannotStore), transaction(_SEEN_PATIENCE_SECONDS) as session:
            seen = session.get(SignInRow, row.digest)
            if seen is not None:
                seen.seen_at = moment
    return Account(account.id, account.name)


def change_password(account: Account, old: str, new: str) -> None:
    """Change the password and end every sign-in of the account.

    Raises:
        SignInFailed: the old password is wrong.
        PasswordWeak: the new one is too short or too common.
    """
    _require_strong(new, account.name)
    with reading() as session:
        found = find_account(session, account.name)
    if found is None or not _verify(found.password_hash, old):
        raise SignInFailed("原密码不正确，请重新输入。")
    hashed = _HASHER.hash(new)
    with transaction() as session:
        row = find_account(session, account.name)
        if row is None:
            raise SignInFailed
        row.password_hash = hashed
        drop_sign_ins_of(session, row.id)
        record(session, None, account.name, "changed_password")


def list_account_names() -> Sequence[str]:
    """The names of all accounts, sorted."""
    with reading() as session:
        return account_names(session)


def has_accounts() -> bool:
    """Whether anybody can sign in yet."""
    with reading() as session:
        return account_count(session) > 0


def _require_strong(password: str, name: str) -> None:
    plain = password.casefold()
    if len(password) < PASSWORD_LENGTH or len(set(password)) <= 2 or plain in _COMMON or plain == name.casefold():  # noqa: PLR2004 - two characters repeated are no password
        raise PasswordWeak
    if len(password) > 1024:  # noqa: PLR2004 - longer input only serves to keep Argon2 busy
        raise PasswordWeak("密码过长，请不超过 1024 个字符。")


@cache
def _nobody() -> str:
    """Checked where the name is unknown, so that the answer takes as long as for a known one."""
    return _HASHER.hash(secrets.token_hex(16))


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password[:1024])
    except VerificationError:
        return False


def _new_sign_in_secret() -> str:
    return secrets.token_urlsafe(32)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(b"kaohe sign-in|" + secret.encode()).digest()
