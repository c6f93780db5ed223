"""Sign-in with name, password and an optional code, until sign-out or a time limit."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from kaohe.domain.errors import AccountClosed, SignInFailed
from kaohe.operations.people.credentials import (
    digest_of,
    new_secret,
    password_attempt,
    without_failures,
)
from kaohe.operations.people.password_turns import NOBODY, Caller
from kaohe.storage.accounts import (
    Account,
    AccountForUpdate,
    account_count,
    save_account,
)
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.migrating import DatabaseOfOtherVersion
from kaohe.storage.sign_ins import SignIn, add_sign_in, drop_sign_in, drop_stale, find_sign_in, keep_seen
from kaohe.storage.storage_faults import CannotStore

IDLE_FOR = timedelta(hours=4)
"""Longer than a meeting: a chair who watches the hall is not signed out."""
LASTS_FOR = timedelta(hours=12)
HALF_LASTS_FOR = timedelta(minutes=5)
"""How long a right password waits for the code of the second factor."""
_SEEN_EVERY = timedelta(minutes=1)
_SEEN_PATIENCE_SECONDS = 0.2


def sign_in(name: str, password: str, caller: Caller = NOBODY) -> str:
    """The secret of a new sign-in; it is a half one (``is_half``) where the account asks for a code as well.

    Raises:
        SignInFailed: wrong name or password.
        LockedOut: five failures in a row; the account opens again after a quarter of an hour.
        TooManySignIns: a password of this account, or too many at once, are being checked; nothing is counted.
        AccountClosed: the password is right, and an administrator has locked the account.
    """
    name = read_name(name)
    with password_attempt(name, password, caller) as attempt, transaction() as session:
        account = attempt.judge(session, name)
        if account is not None and not account.is_locked:
            drop_stale(session, started_before=now() - LASTS_FOR, moment=now())
            return begin_sign_in(session, account, is_half=account.totp_is_on)
    raise SignInFailed if account is None else AccountClosed


def begin_sign_in(session: Transaction, account: AccountForUpdate, *, is_half: bool = False) -> str:
    """Store a new sign-in within this transaction and return its secret.

    A half one leaves the count of failures alone: a known password must not buy more guesses at the code.
    """
    if not is_half:
        save_account(session, without_failures(account))
    secret = new_secret()
    add_sign_in(session, SignIn(digest_of(secret), account.id, started_at=now(), seen_at=now(), is_half=is_half))
    return secret


def is_half(secret: str) -> bool:
    """Whether this sign-in still waits for the code of the second factor."""
    with reading() as session:
        found = find_sign_in(session, digest_of(secret))
    return found is not None and found[0].is_half and found[0].started_at + HALF_LASTS_FOR > now()


def sign_out(secret: str) -> None:
    """End one sign-in. Idempotent."""
    with transaction() as session:
        drop_sign_in(session, digest_of(secret))


@dataclass(frozen=True, slots=True)
class Visit:
    """A request by someone who is signed in."""

    account: Account
    is_to_note: bool
    """Whether ``note_visit`` is due."""


def find_visit(secret: str) -> Visit | None:
    """The sign-in with this secret; None if it has expired, still waits for a code or never was. Changes nothing."""
    moment = now()
    with reading() as session:
        found = find_sign_in(session, digest_of(secret))
    if found is None:
        return None
    visit, account = found
    if visit.is_half or account.is_locked:
        return None
    if visit.started_at + LASTS_FOR < moment or visit.seen_at + IDLE_FOR < moment:
        return None
    return Visit(account.without_secrets(), is_to_note=visit.seen_at + _SEEN_EVERY < moment)


def note_visit(secret: str) -> None:
    """Keep a sign-in from running out: it was in use just now.

    Where nothing can be stored, or may be, the console must still say so: the sign-in is noted the next time.
    """
    with suppress(CannotStore, DatabaseOfOtherVersion), transaction(_SEEN_PATIENCE_SECONDS) as session:
        keep_seen(session, digest_of(secret), now())


def account_for_sign_in(secret: str) -> Account | None:
    """The account that is signed in with this secret, noted as in use; None as for ``find_visit``."""
    visit = find_visit(secret)
    if visit is None:
        return None
    if visit.is_to_note:
        note_visit(secret)
    return visit.account


def has_accounts() -> bool:
    """Whether anybody can sign in yet."""
    with reading() as session:
        return account_count(session) > 0


def read_name(name: str) -> str:
    """A name as it was typed, with its white space folded, so that it is found however it was typed."""
    return unicodedata.normalize("NFC", " ".join(name.split()))
