"""Separates envelopes from tickets (拆票) after the close, before any key is asked for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from kaohe.domain.errors import BoxDamaged, TracesLeft
from kaohe.domain.meetings import MeetingState
from kaohe.domain.recorded_digests import text_digest
from kaohe.domain.signed_receipts import digests_text
from kaohe.operations.count.erasing import erase_what_is_due
from kaohe.operations.count.recording import recorded_of
from kaohe.storage.box_contents import StoredEnvelope, envelopes, rename_envelopes, store_digests
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction
from kaohe.storage.numbers import figures_of_round
from kaohe.storage.record import record
from kaohe.storage.rounds import RoundForUpdate, StoredRound, changing_round, save_round
from kaohe.storage.tickets import forget_retries

_STILL_BUSY = (
    "票已经与票码拆开，但数据库正被另一个程序占用，旧的痕迹还没有从磁盘上清除，因此还没有开箱。"
    "请关闭备份、同步等正在使用数据目录的程序，再点一次。"
)


def strip_box(actor: str, meeting_id: str) -> None:
    """Compare envelopes and spent tickets, cut what ties them together, and wipe it from the files.

    One transaction that gives every envelope a new random name, drops the tickets' retry digests and fixes the list of
    the envelopes' digests, which signed receipts are held against; and then the wiping. Only when both are done may the
    box be opened. Idempotent, and a call that was interrupted is continued.

    Raises:
        BoxDamaged: envelopes and spent tickets differ; nothing was changed.
        TracesLeft: stripped, but the files could not be wiped yet; call again.
        WrongState: the round is not closed.
    """
    with changing_round(meeting_id, MeetingState.CLOSED) as (session, row):
        sealed = list(envelopes(session, row.id))
        if row.stripped_at is None:
            _strip(session, row, actor, sealed)
    try:
        erase_what_is_due(meeting_id)
    except TracesLeft as error:
        raise TracesLeft(_STILL_BUSY) from error


def stripped_envelopes(session: Transaction, row: StoredRound) -> list[StoredEnvelope]:
    """The envelopes of a stripped box, found to be those that the signed record of acts speaks of.

    Whoever can write in the database can seal envelopes of his own, since the public key lies there, and change the
    digest in the round; he cannot sign another record.

    Raises:
        BoxDamaged: they are others.
        RecordBroken: the record was changed.
    """
    sealed = list(envelopes(session, row.id))
    if not box_digest(sealed) == row.box_digest == recorded_of(session, row)["stripped"]["box"]:
        raise BoxDamaged
    return sealed


def box_digest(sealed: Iterable[StoredEnvelope]) -> str:
    """What the record says of a stripped box: all envelopes with their groups and tags, in no order."""
    digests = sorted(hashlib.sha256(e.group_key.encode() + b"|" + e.tag + e.box).digest() for e in sealed)
    return hashlib.sha256(b"kaohe box|" + b"".join(digests)).hexdigest()


def cut_links(session: Transaction, row: StoredRound, sealed: list[StoredEnvelope] | None = None) -> None:
    """Cut what ties envelopes to tickets, also in a box that is never to be opened. The files are still to be wiped.

    Of a voided round envelopes stay, and whoever kept the tellers' key sheet could open them.
    """
    rename_envelopes(session, row.id, list(envelopes(session, row.id)) if sealed is None else sealed)
    forget_retries(session, row.id)


def _strip(session: Transaction, row: RoundForUpdate, actor: str, sealed: list[StoredEnvelope]) -> None:
    _require_one_envelope_per_ticket(session, row.id, sealed)
    cut_links(session, row, sealed)
    digest = box_digest(sealed)
    digests = [envelope.digest for envelope in sealed]
    store_digests(session, row.id, digests)
    record(
        session,
        row.meeting_id,
        actor,
        "stripped",
        round=str(row.number),
        cast=str(len(sealed)),
        box=digest,
        envelopes=text_digest(digests_text(digests)),
    )
    save_round(session, replace(row, stripped_at=now(), box_digest=digest, traces_due="stripped"))


def _require_one_envelope_per_ticket(session: Transaction, round_id: str, sealed: list[StoredEnvelope]) -> None:
    in_box = Counter(envelope.group_key for envelope in sealed)
    spent = {key: n.spent for key, n in figures_of_round(session, round_id).items() if n.spent}
    if spent != dict(in_box):
        raise BoxDamaged
