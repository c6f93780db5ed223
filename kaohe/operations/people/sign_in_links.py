"""One-time links, to make an account or to reset the password of one."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from kaohe.domain.errors import FieldInvalid, LinkUsed, NameTaken
from kaohe.domain.limits import ACCOUNT_NAME_LENGTH
from kaohe.domain.permissions import Role
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.operations.people.credentials import digest_of, hash_password, require_strong, without_failures
from kaohe.operations.people.signing_in import begin_sign_in, read_name
from kaohe.operations.people.units import in_unit, require_open_unit
from kaohe.storage.accounts import (
    StoredAccount,
    account_by_id,
    account_count,
    account_for_update,
    add_account,
    find_account,
    save_account,
    write_roles,
)
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.installation import these_secrets, this_config
from kaohe.storage.record import record, wait_for_turn
from kaohe.storage.sign_ins import StoredLink, add_link, drop_sign_ins_of, find_link, use_link_up

LINK_LASTS_FOR = timedelta(hours=24)
FIRST_ROLES = (Role.ORGANIZER, Role.ADMINISTRATOR)
"""The roles of an installation's first account, whatever its link says: somebody must be able to invite the others."""


@dataclass(frozen=True, slots=True)
class SignInLink:
    """What a one-time link is good for."""

    roles: frozenset[Role]
    account_name: str
    """Whose password it sets; '' where it makes a new account."""


def make_sign_in_link(
    actor: str,
    roles: Collection[Role] = (Role.ORGANIZER,),
    unit_id: str = TOP,
    reach: Reach = EVERYWHERE,
    *,
    page_token: str = "",
) -> str:
    """A fresh token for one account with these roles, held in a unit, to be made with; it lasts a day and works once.

    ``page_token`` is a random word of the page that asks: the same asked for twice with it, one token is made. Once
    that one is used up, the page makes no other.

    Raises:
        FieldInvalid: no role.
        LinkUsed: what this page has made was used, or has run out.
        UnitUnknown, UnitInvalid: no such unit within reach, or it is closed.
    """
    if not roles:
        raise FieldInvalid("请至少选择一个角色。")
    asked = repr(("sign-in link", page_token or secrets.token_urlsafe(24), sorted(roles), unit_id)).encode()
    # Keyed, so that who has seen the page's word cannot work out the token.
    token = urlsafe_b64encode(hmac.digest(these_secrets().cookie_key, asked, "sha256")[:24]).decode()
    with transaction() as session:
        wait_for_turn(session, None)
        unit = require_open_unit(session, unit_id, reach)
        made = find_link(session, digest_of(token))
        if made is not None and not _is_good(made):
            raise LinkUsed("本页生成的邀请链接已经用过或已失效，需要的话请重新生成。")
        if made is not None:
            return token
        add_link(session, StoredLink(digest_of(token), now() + LINK_LASTS_FOR, frozenset(roles), unit_id))
        record(session, None, actor, "made_sign_in_link", roles=write_roles(roles), **in_unit(unit))
    return token


def first_sign_in_url(token: str) -> str:
    """The address that carries the token, as others in the network can open it, behind the #, which is never sent."""
    return f"{this_config().public_url}/desk/first#{token}"


def look_at_link(token: str) -> SignInLink | None:
    """What the token is good for; None where it has been used, has run out or never was."""
    with reading() as session:
        link = find_link(session, digest_of(token))
        if link is None or not _is_good(link):
            return None
        account = account_by_id(session, link.account_id) if link.account_id else None
        return SignInLink(link.roles, account.name if account else "")


def create_account(token: str, name: str, password: str) -> str:
    """Use up the link, make the account and sign it in; returns the sign-in's secret.

    Raises:
        LinkUsed, FieldInvalid, NameTaken, PasswordWeak, UnitInvalid: nothing is made and the link stays good.
    """
    name = read_name(name)
    if not 1 <= len(name) <= ACCOUNT_NAME_LENGTH or any(unicodedata.category(c).startswith("C") for c in name):
        raise FieldInvalid(f"请填写姓名（1 到 {ACCOUNT_NAME_LENGTH} 个字）。")
    require_strong(password, name)
    hashed = hash_password(password)
    with transaction() as session:
        link = _good_link(session, token)
        if link.account_id is not None:
            raise LinkUsed
        if find_account(session, name) is not None:
            raise NameTaken
        is_first = not account_count(session)
        roles, unit_id = (frozenset(FIRST_ROLES), TOP) if is_first else (link.roles, link.unit_id)
        unit = require_open_unit(session, unit_id, EVERYWHERE)
        use_link_up(session, link.digest)
        made = StoredAccount(id=secrets.token_hex(8), name=name, roles=roles, unit_id=unit_id, password_hash=hashed)
        secret = begin_sign_in(session, add_account(session, made))
        record(session, None, name, "created_account", roles=write_roles(roles), **in_unit(unit))
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
        account = account_for_update(session, row.account_id or "")
        if account is None:
            raise LinkUsed
        use_link_up(session, row.digest)
        save_account(session, replace(without_failures(account), password_hash=hashed))
        drop_sign_ins_of(session, account.id)
        record(session, None, account.name, "set_password")
        return account.name


def _good_link(session: Transaction, token: str) -> StoredLink:
    # Locked, or on PostgreSQL two browsers at the same moment would both find it good.
    link = find_link(session, digest_of(token), is_for_update=True)
    if link is None or not _is_good(link):
        raise LinkUsed
    return link


def _is_good(link: StoredLink) -> bool:
    return not link.is_used and link.expires_at > now()
