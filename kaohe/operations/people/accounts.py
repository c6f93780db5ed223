"""Account management for administrators: roles, locks, and who is signed in where."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kaohe.domain.errors import AccountUnknown, FieldInvalid, LastAdministrator
from kaohe.domain.permissions import Role
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.operations.people.credentials import digest_of, without_failures
from kaohe.operations.people.sign_in_links import LINK_LASTS_FOR
from kaohe.operations.people.signing_in import IDLE_FOR, LASTS_FOR
from kaohe.operations.people.units import require_open_unit
from kaohe.storage.accounts import AccountForUpdate, accounts_for_update, all_accounts, save_account, write_roles
from kaohe.storage.clock import now
from kaohe.storage.database import reading, transaction
from kaohe.storage.record import RecordEntry, list_record_entries, record
from kaohe.storage.sign_ins import (
    SignIn,
    StoredLink,
    add_link,
    drop_links_of,
    drop_sign_in,
    drop_sign_ins_of,
    sign_ins_of,
)
from kaohe.storage.units import unit_tree

_HANDLE_LENGTH = 24
ACTS_SHOWN = 30
_ACTS_SEARCHED = 500
"""How far back the acts of a part of the installation are looked for."""


@dataclass(frozen=True, slots=True)
class SignInLine:
    """One browser that is signed in."""

    handle: str
    """Names the sign-in on a page; it opens nothing."""
    started_at: datetime
    seen_at: datetime
    is_this: bool
    """Whether it is the one that asks."""


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account as an administrator sees it."""

    id: str
    name: str
    roles: frozenset[Role]
    unit_id: str
    is_locked: bool
    has_second_factor: bool
    sign_ins: Sequence[SignInLine]


def list_accounts(this_secret: str = "", reach: Reach = EVERYWHERE) -> Sequence[AccountLine]:
    """Every account within a reach, with its sign-ins; ``this_secret`` is the asking browser's own."""
    with reading() as session:
        rows = [row for row in all_accounts(session) if row.unit_id in reach]
        sign_ins = sign_ins_of(session, *(row.id for row in rows))
        return [
            AccountLine(
                row.id,
                row.name,
                row.roles,
                row.unit_id,
                row.is_locked,
                row.totp_is_on,
                _sign_in_lines((each for each in sign_ins if each.account_id == row.id), this_secret),
            )
            for row in rows
        ]


def list_sign_ins(account_id: str, this_secret: str = "") -> Sequence[SignInLine]:
    """The browsers in which an account is signed in, the latest used first."""
    with reading() as session:
        return _sign_in_lines(sign_ins_of(session, account_id), this_secret)


def change_roles(actor: str, account_id: str, roles: Collection[Role]) -> None:
    """Give an account exactly these roles. Idempotent; pages that are open obey from the next request on.

    Raises:
        FieldInvalid: no role at all.
        LastAdministrator: nobody would be left to manage accounts.
        AccountUnknown: no such account.
    """
    if not roles:
        raise FieldInvalid("每个账号至少要有一个角色；不再使用的账号请改为停用。")
    with transaction() as session:
        row = _find(accounts := accounts_for_update(session), account_id)
        changed = replace(row, roles=frozenset(roles))
        require_an_administrator(accounts, changed)
        if changed != row:
            save_account(session, changed)
            told = {"before": write_roles(row.roles), "roles": write_roles(roles)}
            record(session, None, actor, "changed_roles", account=row.name, **told)


def move_account(actor: str, account_id: str, unit_id: str, reach: Reach = EVERYWHERE) -> None:
    """Let the roles of an account be held in another unit. Idempotent; pages obey from the next request on.

    Raises:
        UnitUnknown, UnitInvalid: no such unit within reach, or it is closed.
        LastAdministrator: nobody at the top would be left to manage accounts.
        AccountUnknown: no such account.
    """
    with transaction() as session:
        row = _find(accounts := accounts_for_update(session), account_id)
        moved = replace(row, unit_id=unit_id)
        if moved == row:
            return
        unit = require_open_unit(session, unit_id, reach)
        require_an_administrator(accounts, moved)
        save_account(session, moved)
        before = unit_tree(session).unit(row.unit_id).name
        record(session, None, actor, "moved_account", account=row.name, before=before, unit=unit.name)


def lock_account(actor: str, account_id: str) -> None:
    """Lock an account and end its sign-ins. Idempotent.

    Raises:
        LastAdministrator: nobody would be left to manage accounts.
        AccountUnknown: no such account.
    """
    with transaction() as session:
        row = _find(accounts := accounts_for_update(session), account_id)
        if row.is_locked:
            return
        locked = replace(row, is_locked=True)
        require_an_administrator(accounts, locked)
        save_account(session, locked)
        drop_sign_ins_of(session, row.id)
        drop_links_of(session, row.id)
        record(session, None, actor, "locked_account", account=row.name)


def unlock_account(actor: str, account_id: str) -> None:
    """Unlock an account, also after too many failures. Idempotent.

    Raises:
        AccountUnknown: no such account.
    """
    with transaction() as session:
        row = _find(accounts_for_update(session), account_id)
        save_account(session, replace(without_failures(row), is_locked=False))
        if row.is_locked:
            record(session, None, actor, "unlocked_account", account=row.name)


def make_password_link(actor: str, account_id: str) -> str:
    """A token with which the owner of the account sets a new password; lasts a day, works once, ends earlier ones.

    Raises:
        AccountUnknown: no such account.
    """
    token = secrets.token_urlsafe(24)
    with transaction() as session:
        row = _find(accounts_for_update(session), account_id)
        drop_links_of(session, row.id)
        add_link(session, StoredLink(digest_of(token), now() + LINK_LASTS_FOR, row.roles, row.unit_id, row.id))
        record(session, None, actor, "made_password_link", account=row.name)
    return token


def end_sign_in(actor: str, account_id: str, handle: str) -> None:
    """End one sign-in of an account. Idempotent.

    Raises:
        AccountUnknown: no such account.
    """
    with transaction() as session:
        row = _find(accounts_for_update(session), account_id)
        for sign_in in sign_ins_of(session, row.id):
            if _handle(sign_in) == handle:
                drop_sign_in(session, sign_in.digest)
                record(session, None, actor, "ended_sign_in", account=row.name)


def end_all_sign_ins(actor: str, account_id: str) -> None:
    """End every sign-in of an account. Idempotent.

    Raises:
        AccountUnknown: no such account.
    """
    with transaction() as session:
        row = _find(accounts_for_update(session), account_id)
        drop_sign_ins_of(session, row.id)
        record(session, None, actor, "ended_sign_in", account=row.name)


def list_account_acts(reach: Reach = EVERYWHERE) -> Sequence[RecordEntry]:
    """The latest acts that concern accounts and not a meeting, the newest first.

    Where the reach is not everywhere: those of accounts and about accounts within it.
    """
    with reading() as session:
        if reach.is_everywhere:
            return list_record_entries(session, None, at_most=ACTS_SHOWN)
        names = {row.name for row in all_accounts(session) if row.unit_id in reach}
        entries = list_record_entries(session, None, at_most=_ACTS_SEARCHED)
    return [entry for entry in entries if not names.isdisjoint((entry.actor, entry.detail.get("account")))][:ACTS_SHOWN]


def _find(accounts: Sequence[AccountForUpdate], account_id: str) -> AccountForUpdate:
    found = next((row for row in accounts if row.id == account_id), None)
    if found is None:
        raise AccountUnknown
    return found


def require_an_administrator(accounts: Sequence[AccountForUpdate], changed: AccountForUpdate) -> None:
    """Let one of ``accounts`` be changed only where somebody is left at the top to manage accounts.

    Raises:
        LastAdministrator: nobody would be.
    """
    after = [changed if account.id == changed.id else account for account in accounts if not account.is_locked]
    if not any(Role.ADMINISTRATOR in each.roles and each.unit_id == TOP and not each.is_locked for each in after):
        raise LastAdministrator


def _sign_in_lines(rows: Iterable[SignIn], this_secret: str) -> list[SignInLine]:
    this, moment = digest_of(this_secret), now()
    return [
        SignInLine(_handle(row), row.started_at, row.seen_at, row.digest == this)
        for row in rows
        if row.started_at + LASTS_FOR > moment and row.seen_at + IDLE_FOR > moment
    ]


def _handle(row: SignIn) -> str:
    return row.digest.hex()[:_HANDLE_LENGTH]
