"""The tokens of personnel systems, in and out of the tables. Only the digest of a token is stored, never the token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kaohe.storage.tables import ApiTokenRow


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is known of a token beside its digest."""

    id: str
    unit_id: str
    """It reads what belongs to this unit and the units below it."""
    label: str
    """Which system it was made for."""
    made_by: str
    made_at: datetime
    revoked_at: datetime | None

    @property
    def is_revoked(self) -> bool:
        """Whether the token opens nothing any more."""
        return self.revoked_at is not None


def store_token(session: Session, token: ApiToken, digest: str) -> None:
    """Store a new token."""
    session.add(
        ApiTokenRow(
            id=token.id,
            unit_id=token.unit_id,
            label=token.label,
            digest=digest,
            made_by=token.made_by,
            made_at=token.made_at,
            revoked_at=token.revoked_at,
        )
    )
    session.flush()


def all_tokens(session: Session) -> Sequence[ApiToken]:
    """All of them, the newest first."""
    rows = session.scalars(select(ApiTokenRow).order_by(ApiTokenRow.made_at.desc(), ApiTokenRow.id))
    return [_token(row) for row in rows]


def token_by_digest(session: Session, digest: str) -> ApiToken | None:
    """The token with this digest, a revoked one too."""
    row = session.scalars(select(ApiTokenRow).where(ApiTokenRow.digest == digest)).first()
    return None if row is None else _token(row)


def store_revocation(session: Session, token_id: str, at: datetime) -> None:
    """Note when a token that is there was revoked."""
    session.get_one(ApiTokenRow, token_id).revoked_at = at
    session.flush()


def _token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(row.id, row.unit_id, row.label, row.made_by, row.made_at, row.revoked_at)
