"""The unit's own schemes, kept beside the presets for further meetings."""

from __future__ import annotations

from collections.abc import Sequence

from kaohe.domain.errors import FieldInvalid
from kaohe.domain.limits import PASTED_LENGTH
from kaohe.schemes import parse_scheme_text
from kaohe.storage.database import reading, transaction
from kaohe.storage.own_schemes import OwnScheme as OwnScheme
from kaohe.storage.own_schemes import own_scheme, own_schemes, remove_own_scheme, store_own_scheme
from kaohe.storage.record import record
from kaohe.tally.scheme.scheme import Scheme

"""Characters of a scheme file; the longest preset has a twentieth of it."""


def read_scheme_text(text: str) -> Scheme:
    """The scheme that a text (TOML) describes, where a meeting can be held by it.

    Raises:
        FieldInvalid: the text is empty or far too long.
        SchemeError: it is no scheme; with the line, the key and what is expected there.
    """
    if not text.strip() or len(text) > PASTED_LENGTH:
        raise FieldInvalid(f"请填写考核方案的全文（TOML），不超过 {PASTED_LENGTH} 个字符。")
    return parse_scheme_text(text)


def save_own_scheme(actor: str, text: str) -> str:
    """Keep a scheme as the unit's own, exactly as it was written, and return its id.

    One of the same title is replaced; meetings that were made from it keep what they have.

    Raises:
        FieldInvalid, SchemeError: nothing is stored.
    """
    scheme = read_scheme_text(text)
    with transaction() as session:
        scheme_id = store_own_scheme(session, scheme.title, text, actor)
        record(session, None, actor, "saved_own_scheme", title=scheme.title, id=scheme_id)
    return scheme_id


def list_own_schemes() -> Sequence[OwnScheme]:
    """All of them, by title."""
    with reading() as session:
        return own_schemes(session)


def load_own_scheme(scheme_id: str) -> OwnScheme:
    """One of them, as it was written.

    Raises:
        OwnSchemeUnknown: no such scheme.
    """
    with reading() as session:
        return own_scheme(session, scheme_id)


def delete_own_scheme(actor: str, scheme_id: str) -> None:
    """Take one out of the list. Meetings that were made from it keep theirs.

    Raises:
        OwnSchemeUnknown: no such scheme.
    """
    with transaction() as session:
        title = remove_own_scheme(session, scheme_id)
        record(session, None, actor, "deleted_own_scheme", title=title, id=scheme_id)
