"""People sign in: the first time by a one-time link, then with name and password, and a code where they want that."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from kaohe.domain.errors import AccountClosed, FieldInvalid, LinkUsed, NameTaken, SignInFailed
from kaohe.domain.permissions import Role
from kaohe.operations.credentials import (
    digest_of,
    forget_failures,
    hash_password,
    is_password,
    new_secret,
    note_failure,
    require_not_locked_out,
    require_strong,
)
from kaohe.storage.accounts import (
    Account,
    account_count,
    as_account,
    drop_sign_in,
    drop_sign_ins_of,
    drop_stale,
    find_account,
    find_sign_in,
    held_account,
    read_roles,
    write_roles,
)
from kaohe.storage.clock import now
from kaohe.storage.database import Session, reading, transaction
from kaohe.storage.events import record
from kaohe.storage.installation import this_config
from kaohe.storage.tables import AccountRow, SignInLinkRow, SignInRow
from kaohe.storage.troubles import CannotStore

NAME_LENGTH = 32
IDLE_FOR = timedelta(hours=4)
"""Longer than a meeting: a chair who watches the hall is not signed out."""
LASTS_FOR = timedelta(hours=12)
HALF_LASTS_FOR = timedelta(minutes=5)
"""How long a right password waits for the code of the second factor."""
LINK_LASTS_FOR = timedelta(hours=24)
FIRST_ROLES = (Role.ORGANIZER, Role.ADMINISTRATOR)
"""What the first account of an installation is, whatever its link says: somebody must be able to invite the others."""
_SEEN_EVERY = timedelta(minutes=1)
_SEEN_PATIENCE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class SignInLink:
    """What a one-time link is good for."""

    roles: frozenset[Role]
    account_name: str
    """Whose password it sets; '' where it makes a new account."""


def make_sign_in_link(actor: str, roles: Collection[Role] = (Role.ORGANIZER,)) -> str:
    """A fresh token for one account with these roles to be made with; it lasts a day and works once.

    Raises:
        FieldInvalid: no role.
    """
    if not roles:
        raise FieldInvalid("请至少选择一个角色。")
    token = secrets.token_urlsafe(24)
    with transaction() as session:
        session.add(SignInLinkRow(digest=digest_of(token), expires_at=now() + LINK_LASTS_FOR, roles=write_roles(roles)))
        record(session, None, actor, "made_sign_in_link", roles=write_roles(roles))
    return token


def first_sign_in_url(token: str) -> str:
    """The address that carries the token, as others in the network can open it."""
    return f"{this_config().public_url}/desk/first/{token}"


def link_is_good(token: str) -> bool:
    """Whether the token can still be used."""
    return look_at_link(token) is not None


def look_at_link(token: str) -> SignInLink | None:
    """What the token is good for; None where it has been used, has run out or never was."""
    with reading() as session:
        row = session.get(SignInLinkRow, digest_of(token))
        if row is None or row.expires_at <= now():
            return None
        account = session.get(AccountRow, row.account_id) if row.account_id else None
        return SignInLink(read_roles(row.roles), account.name if account else "")


def create_account(token: str, name: str, password: str) -> str:
    """Use up the link, make the account and sign it in; returns the sign-in's secret.

    Raises:
        LinkUsed, FieldInvalid, NameTaken, PasswordWeak: nothing is made and the link stays good.
    """
    name = _read_name(name)
    if not 1 <= len(name) <= NAME_LENGTH or any(unicodedata.category(c).startswith("C") for c in name):
        raise FieldInvalid(f"请填写姓名（1 到 {NAME_LENGTH} 个字）。")
    require_strong(password, name)
    hashed = hash_password(password)
    with transaction() as session:
        link = _good_link(session, token)
        if link.account_id is not None:
            raise LinkUsed
        if find_account(session, name) is not None:
            raise NameTaken
        roles = link.roles if account_count(session) else write_roles(FIRST_ROLES)
        session.delete(link)
        account = AccountRow(id=secrets.token_hex(8), name=name, password_hash=hashed, roles=roles)
        session.add(account)
        session.flush()
        secret = begin_sign_in(session, account)
        record(session, None, name, "created_account", roles=roles)
    return secret


def set_password(token: str, password: str) -> str:
    """Use up a link that an administrator has made for an account, and set its password; returns the account's name.

    Every sign-in of the account ends. A second factor stays as it is.

    Raises:
        LinkUsed, PasswordWeak: nothing is changed.
    """
    link = look_at_link(token)
    if link is None or not link.account_name:
        raise LinkUsed
    require_strong(password, link.account_name)
    hashed = hash_password(password)
    with transaction() as session:
        row = _good_link(session, token)
        account = held_account(session, row.account_id or "")
        if account is None:
            raise LinkUsed
        session.delete(row)
        account.password_hash = hashed
        forget_failures(account)
        drop_sign_ins_of(session, account.id)
        record(session, None, account.name, "set_password")
        return account.name


def sign_in(name: str, password: str) -> str:
    """The secret of a new sign-in; it is a half one (``is_half``) where the account asks for a code as well.

    Raises:
        SignInFailed: wrong name or password.
        LockedOut: five failures in a row; the account opens again after a quarter of an hour.
        AccountClosed: the password is right, and an administrator has locked the account.
    """
    name = _read_name(name)
    with reading() as session:
        found = find_account(session, name)
        require_not_locked_out(found, now())
        hashed = found.password_hash if found else None
    is_right = is_password(hashed, password)
    with transaction() as session:
        account = find_account(session, name, is_held=True)
        if account is not None and is_right and account.password_hash == hashed:
            if account.is_locked:
                raise AccountClosed
            drop_stale(session, started_before=now() - LASTS_FOR, moment=now())
            return begin_sign_in(session, account, is_half=account.totp_is_on)
        if account is not None:
            note_failure(session, account, now())
    raise SignInFailed


def begin_sign_in(session: Session, account: AccountRow, *, is_half: bool = False) -> str:
    """Store a new sign-in within this transaction and return its secret.

    A half one leaves the count of failures alone: a known password must not buy more guesses at the code.
    """
    if not is_half:
        forget_failures(account)
    secret = new_secret()
    session.add(
        SignInRow(digest=digest_of(secret), account_id=account.id, started_at=now(), seen_at=now(), is_half=is_half)
    )
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


def who(secret: str) -> Account | None:
    """Whose sign-in this is; None when it has run out, is a half one or never was."""
    moment = now()
    with reading() as session:
        found = find_sign_in(session, digest_of(secret))
    if found is None:
        return None
    row, account = found
    if row.is_half or account.is_locked:
        return None
    if row.started_at + LASTS_FOR < moment or row.seen_at + IDLE_FOR < moment:
        return None
    if row.seen_at + _SEEN_EVERY < moment:
        # Where nothing can be stored, the console must still say so: the sign-in is noted the next time.
        with suppress(CannotStore), transaction(_SEEN_PATIENCE_SECONDS) as session:
            seen = session.get(SignInRow, row.digest)
            if seen is not None:
                seen.seen_at = moment
    return as_account(account)


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
        row = held_account(session, account.id)
        if row is None:
            raise SignInFailed
        row.password_hash = hashed
        drop_sign_ins_of(session, row.id)
        record(session, None, account.name, "changed_password")


def require_password(account: Account, password: str) -> None:
    """Let something weighty pass only if whoever is signed in still knows the password; failures count.

    Raises:
        SignInFailed, LockedOut: wrong, or wrong too often.
    """
    with reading() as session:
        found = find_account(session, account.name)
        require_not_locked_out(found, now())
        hashed = found.password_hash if found else None
    if is_password(hashed, password):
        return
    with transaction() as session:
        row = held_account(session, account.id)
        if row is not None:
            note_failure(session, row, now())
    raise SignInFailed("原密码不正确，请重新输入。")


def has_accounts() -> bool:
    """Whether anybody can sign in yet."""
    with reading() as session:
        return account_count(session) > 0


def _read_name(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


def _good_link(session: Session, token: str) -> SignInLinkRow:
    row = session.get(SignInLinkRow, digest_of(token))
    if row is None or row.expires_at <= now():
        raise LinkUsed
    return row
