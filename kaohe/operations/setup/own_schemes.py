"""The unit's own schemes, kept beside the presets for further meetings."""

from __future__ import annotations

from collections.abc import Sequence

from kaohe.domain.errors import FieldInvalid, OwnSchemeUnknown
from kaohe.domain.limits import PASTED_LENGTH
from kaohe.domain.units import EVERYWHERE, TOP, Reach
from kaohe.schemes import parse_scheme_text
from kaohe.storage.database import reading, transaction
from kaohe.storage.own_schemes import OwnScheme as OwnScheme
from kaohe.storage.own_schemes import own_scheme, own_schemes, remove_own_scheme, store_own_scheme
from kaohe.storage.record import record, wait_for_turn
from kaohe.tally.scheme.scheme import Scheme

"""Characters of a scheme file; the longest preset has a twentieth of it."""


def read_scheme_text(text: str) -> Scheme:
    """The scheme that a text (TOML) describes, where a meeting can be held by it.

    Raises:
        FieldInvalid: the text is empty or far too long.
        SchemeError: it is no scheme; with the line, the key and what is expected there.
    """
    if not text.strip() or len(text) > PASTED_LENGTH:
        raise FieldInvalid(f"请填写考核方案的全文，不超过 {PASTED_LENGTH} 个字符。")
    return parse_scheme_text(text)


def save_own_scheme(actor: str, text: str, unit_id: str = TOP) -> str:
    """Keep a scheme as a unit's own, exactly as it was written, and return its id.

    One of the same title in the same unit is replaced; meetings that were made from it keep what they have. Kept again
    as it is, it stays as it was.

    Raises:
        FieldInvalid, SchemeError: nothing is stored.
    """
    scheme = read_scheme_text(text)
    with transaction() as session:
        wait_for_turn(session, None)
        for known in own_schemes(session):
            if (known.unit_id, known.title, known.document) == (unit_id, scheme.title, text):
                return known.id
        scheme_id = store_own_scheme(session, unit_id, scheme.title, text, actor)
        record(session, None, actor, "saved_own_scheme", title=scheme.title, id=scheme_id)
    return scheme_id


def list_own_schemes(reach: Reach = EVERYWHERE) -> Sequence[OwnScheme]:
    """The schemes of one's own that may be used within a reach, by title: of the units there and of the units above."""
    with reading() as session:
        return [own for own in own_schemes(session) if may_use(own, reach)]


def load_own_scheme(scheme_id: str, reach: Reach = EVERYWHERE) -> OwnScheme:
    """One of those that may be used within a reach, as it was written.

    Raises:
        OwnSchemeUnknown: no such scheme.
    """
    with reading() as session:
        found = own_scheme(session, scheme_id)
    if not may_use(found, reach):
        raise OwnSchemeUnknown
    return found


def may_use(own: OwnScheme, reach: Reach) -> bool:
    """Whether a scheme belongs to a unit within the reach or to one above it."""
    return own.unit_id in reach or own.unit_id in reach.above


def delete_own_scheme(actor: str, scheme_id: str, reach: Reach = EVERYWHERE) -> None:
    """Take one out of the list. Meetings that were made from it keep theirs.

    Raises:
        OwnSchemeUnknown: no such scheme within reach; those of the units above are theirs.
    """
    with transaction() as session:
        if own_scheme(session, scheme_id).unit_id not in reach:
            raise OwnSchemeUnknown
        title = remove_own_scheme(session, scheme_id)
        record(session, None, actor, "deleted_own_scheme", title=title, id=scheme_id)
