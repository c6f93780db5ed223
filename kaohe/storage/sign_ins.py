"""Sign-ins, and the one-time links by which people come in, in and out of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kaohe.domain.permissions import Role
from kaohe.domain.units import TOP
from kaohe.storage.accounts import StoredAccount, as_account, read_roles, write_roles
from kaohe.storage.tables import AccountRow, SignInLinkRow, SignInRow


@dataclass(frozen=True, slots=True)
class SignIn:
    """One signed-in browser, by the digest of the secret in its cookie."""

    digest: bytes
    account_id: str
    started_at: datetime
    seen_at: datetime
    is_half: bool = False
    """The password was right and the code of the second factor is still to come."""


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A one-time link, by the digest of its token."""

    digest: bytes
    expires_at: datetime
    roles: frozenset[Role]
    """The roles of the account that it makes."""
    unit_id: str = TOP
    """The unit in which that account holds them."""
    account_id: str | None = None
    """Whose password it sets; None for a new account."""

    @property
    def is_used(self) -> bool:
        """Whether the link is spent, and only kept so that it is not made a second time."""
        return not self.roles


def add_sign_in(session: Session, made: SignIn) -> None:
    """Store a new sign-in."""
    session.add(SignInRow(**asdict(made)))


def find_sign_in(session: Session, digest: bytes) -> tuple[SignIn, StoredAccount] | None:
    """The sign-in with this digest, whole or half, and its account."""
    row = session.execute(
        select(SignInRow, AccountRow)
        .join(AccountRow, AccountRow.id == SignInRow.account_id)
        .where(SignInRow.digest == digest)
    ).first()
    return None if row is None else (_as_sign_in(row[0]), as_account(row[1]))


def sign_ins_of(session: Session, *account_ids: str) -> Sequence[SignIn]:
    """The whole sign-ins of these accounts, the latest used first."""
    query = select(SignInRow).where(SignInRow.account_id.in_(account_ids), ~SignInRow.is_half)
    return [_as_sign_in(row) for row in session.scalars(query.order_by(SignInRow.seen_at.desc()))]


def keep_seen(session: Session, digest: bytes, moment: datetime) -> None:
    """Note that a sign-in was in use at this moment; nothing happens where it has ended."""
    session.execute(update(SignInRow).where(SignInRow.digest == digest).values(seen_at=moment))


def drop_sign_in(session: Session, digest: bytes) -> None:
    """Delete one sign-in."""
    session.execute(delete(SignInRow).where(SignInRow.digest == digest))


def drop_sign_ins_of(session: Session, account_id: str) -> None:
    """Delete every sign-in of an account."""
    session.execute(delete(SignInRow).where(SignInRow.account_id == account_id))


def drop_every_sign_in(session: Session) -> None:
    """Delete every sign-in of every account."""
    session.execute(delete(SignInRow))


def drop_stale(session: Session, *, started_before: datetime, moment: datetime) -> None:
    """Delete expired sign-ins and links."""
    session.execute(delete(SignInRow).where(SignInRow.started_at < started_before))
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.expires_at < moment))


def add_link(session: Session, made: StoredLink) -> None:
    """Store a new link."""
    session.add(SignInLinkRow(**asdict(made) | {"roles": write_roles(made.roles)}))


def find_link(session: Session, digest: bytes, *, is_for_update: bool = False) -> StoredLink | None:
    """The link with this digest, if it is there still; locked until the transaction ends if asked for."""
    row = session.get(SignInLinkRow, digest, with_for_update=is_for_update)
    if row is None:
        return None
    return StoredLink(row.digest, row.expires_at, read_roles(row.roles), row.unit_id, row.account_id)


def use_link_up(session: Session, digest: bytes) -> None:
    """Let a link be good for nothing any more. It is kept until its day is over, and nothing of what it was for."""
    link = SignInLinkRow.digest == digest
    session.execute(update(SignInLinkRow).where(link).values(roles="", unit_id=TOP, account_id=None))


def drop_links_of(session: Session, account_id: str) -> None:
    """Delete the links that would set an account's password."""
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.account_id == account_id))


def _as_sign_in(row: SignInRow) -> SignIn:
    return SignIn(row.digest, row.account_id, row.started_at, row.seen_at, row.is_half)
