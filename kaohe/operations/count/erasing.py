"""Wipes deleted rows from the database files too (清除痕迹), and finishes what was interrupted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kaohe.domain.envelopes import fingerprint
from kaohe.domain.errors import TracesLeft
from kaohe.storage.database import Transaction, reading, transaction
from kaohe.storage.record import record
from kaohe.storage.round_keys import destroy_round_key
from kaohe.storage.rounds import StoredRound, rounds_for_update, save_round, traces_due
from kaohe.storage.storage_faults import STORAGE_FAULT_TEXTS, CannotStore, StorageFault
from kaohe.storage.wiping import erase_traces

PROGRAM = "程序"
"""The actor in the record where the program finishes an act by itself."""
_TABLES = (
    "envelopes",
    "tickets",
    "ballots",
    "comments",
    "comment_reviews",
    "receipts",
    "envelope_digests",
    "paper_sheets",
    "screens",
    "rounds",
)
_DESTROYED = {"counted": "key, envelopes", "voided_round": "key", "purged": "ballots"}
"""By the act that leaves traces: what has ceased to exist once they are wiped.

Stripping, and voiding while the tellers hold the key, leave traces too, but nothing has ceased to exist.
"""


def erase_what_is_due(meeting_id: str | None = None) -> None:
    """Wipe the files of all that strips, counts, voids and purges have deleted; of one meeting's, or of every one's.

    The key file of a round that was counted or voided is overwritten and removed before anything else. Idempotent.
    What an earlier process was stopped in is finished: the mark that asks for it is set in the transaction that
    deletes, and removed only here, together with the entry that says that key and envelopes are no more.

    Raises:
        TracesLeft: another process keeps the database busy, its standby has not confirmed what was counted or voided,
            or the key file cannot be written; call again.
    """
    with reading() as session:
        due = traces_due(session, meeting_id)
    if not due:
        return
    opened = [round_id for round_id, act in due.items() if "key" in _DESTROYED.get(act, "")]
    if opened:
        _require_confirmed(opened)
    for round_id in opened:
        # The key goes first: without it, whatever else is left on the disk cannot be opened.
        destroy_round_key(round_id)
    erase_traces(*_TABLES)
    with transaction() as session:
        for row in rounds_for_update(session, due):
            # Another act may have deleted more of it since; that is wiped by whoever has done it.
            if row.traces_due == due[row.id]:
                _record_destruction(session, row)
                save_round(session, replace(row, traces_due=None))


def _require_confirmed(round_ids: Sequence[str]) -> None:
    """Let the keys of these rounds be destroyed once the database has what they have opened for good.

    What can be read may lie on the primary alone. Were that machine lost, its standby would have sealed ballots only,
    and nobody could open them any more.
    """
    try:
        with transaction() as session:
            rounds_for_update(session, round_ids)
    except CannotStore as error:
        why = STORAGE_FAULT_TEXTS[error.fault or StorageFault.DISK_FAULT]
        raise TracesLeft(f"钥匙和已删除的内容还没有销毁：{why}恢复以后请再点一次。") from error


def _record_destruction(session: Transaction, row: StoredRound) -> None:
    what = _DESTROYED.get(row.traces_due or "")
    if what is not None:
        record(
            session,
            row.meeting_id,
            PROGRAM,
            "destroyed",
            round=str(row.number),
            what=what,
            key=fingerprint(row.public_key or b""),
            box=row.box_digest or "",
        )
