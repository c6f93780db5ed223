"""Tokens (接口令牌) with which a personnel system reads the published results of a unit: made, shown once, revoked."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kaohe.domain.errors import AskedTooOften, FieldInvalid, TokenNeeded, TokenRevoked, TokenUnknown
from kaohe.domain.limits import API_REQUESTS_A_MINUTE, API_TOKENS_AT_MOST, TITLE_LENGTH
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.operations.people.units import require_open_unit
from kaohe.storage.api_tokens import ApiToken, all_tokens, store_revocation, store_token, token_by_digest
from kaohe.storage.clock import now
from kaohe.storage.database import reading, transaction
from kaohe.storage.installation import these_secrets, this_memory
from kaohe.storage.record import record, wait_for_turn
from kaohe.storage.units import unit_tree

PREFIX: Final = "kaohe_"
"""What every token begins with, so that scanners for leaked secrets know it."""
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Holder:
    """The system that holds a token, and how far it may read."""

    token_id: str
    reach: Reach


def make_token(actor: str, label: str, unit_id: str = TOP, reach: Reach = EVERYWHERE, *, page_token: str = "") -> str:
    """Make a token for the published results of a unit and all below it; returns it, which nobody can do again.

    ``page_token`` is a random word of the page that asks: the same asked for twice with it, one token is made.

    Raises:
        FieldInvalid: the label is empty or too long, or there are too many tokens in use.
        UnitUnknown, UnitInvalid: no such unit within reach, or it is closed.
    """
    label = " ".join(label.split())
    if not label or len(label) > TITLE_LENGTH:
        raise FieldInvalid(f"请填写给哪个系统使用，不超过 {TITLE_LENGTH} 个字。")
    asked = repr((page_token or secrets.token_urlsafe(24), label, unit_id)).encode()
    # Keyed, so that who has seen the page's word cannot work out the token.
    secret = PREFIX + urlsafe_b64encode(hmac.digest(these_secrets().cookie_key, asked, "sha256")).decode().rstrip("=")
    with transaction() as session:
        wait_for_turn(session, None)
        if token_by_digest(session, _digest(secret)) is not None:
            return secret
        require_open_unit(session, unit_id, reach)
        if sum(not token.is_revoked for token in all_tokens(session)) >= API_TOKENS_AT_MOST:
            raise FieldInvalid(f"使用中的令牌已有 {API_TOKENS_AT_MOST} 个，请先停用不再使用的。")
        token = ApiToken(secrets.token_hex(6), unit_id, label, actor, now(), None)
        store_token(session, token, _digest(secret))
        record(session, None, actor, "made_api_token", system=label, unit=unit_tree(session).unit(unit_id).name)
    return secret


def list_tokens(reach: Reach = EVERYWHERE) -> Sequence[ApiToken]:
    """The tokens of the units within a reach, the newest first, revoked ones too."""
    with reading() as session:
        return [token for token in all_tokens(session) if token.unit_id in reach]


def revoke_token(actor: str, token_id: str, reach: Reach = EVERYWHERE) -> None:
    """Let a token open nothing any more, from the next request on. Idempotent.

    Raises:
        TokenUnknown: no such token within reach.
    """
    with transaction() as session:
        token = next((each for each in all_tokens(session) if each.id == token_id and each.unit_id in reach), None)
        if token is None:
            raise TokenUnknown
        if not token.is_revoked:
            store_revocation(session, token.id, now())
            record(session, None, actor, "revoked_api_token", system=token.label)


def holder_of(secret: str) -> Holder:
    """Who holds a token, and how far it may read now.

    Raises:
        TokenNeeded: there is none, or it was never made.
        TokenRevoked: it was revoked.
    """
    with reading() as session:
        token = token_by_digest(session, _digest(secret)) if secret.startswith(PREFIX) else None
        if token is None:
            raise TokenNeeded
        if token.is_revoked:
            raise TokenRevoked
        return Holder(token.id, EVERYWHERE if token.unit_id == TOP else unit_tree(session).reach(token.unit_id))


def note_request(token_id: str) -> None:
    """Count a request of a token; what was counted is forgotten with the minute.

    Raises:
        AskedTooOften: the token has asked as often as it may in this minute.
    """
    minute = int(time.monotonic() // _SECONDS)
    counts = this_memory("api_requests")
    # A copy, since other requests count at the same time.
    for past in list(counts):
        if past[0] != minute:
            counts.pop(past, None)
    count = counts.get((minute, token_id), 0)
    if count >= API_REQUESTS_A_MINUTE:
        raise AskedTooOften
    counts[minute, token_id] = count + 1


def _digest(secret: str) -> str:
    """A token has 256 bits of its own, so nobody can try them out and a plain digest is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
