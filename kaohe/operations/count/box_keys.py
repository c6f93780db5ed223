"""The key that opens a box: from the tellers' sheets, or from the file in which the servers keep it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kaohe.domain.envelopes import BoxKey, read_key
from kaohe.domain.errors import FieldInvalid, KeyFileMissing, KeyMissing, KeyWrong
from kaohe.domain.meetings import Custody, MeetingSetup, MeetingState
from kaohe.operations.setup.key import joined_key
from kaohe.storage.database import reading
from kaohe.storage.meetings import list_meetings
from kaohe.storage.record import chain_of, record
from kaohe.storage.round_keys import copy_round_key, key_file_name, read_round_key
from kaohe.storage.rounds import StoredRound, changing_round, current_round, current_rounds


def key_of_round(row: StoredRound, setup: MeetingSetup, key_text: str | None) -> BoxKey:
    """The key of a round, whoever holds it.

    Raises:
        KeyMissing, KeyWrong, ShareWrong, ShareMissing, ShareRepeated, ShareForeign, KeyFileMissing: as it says.
    """
    if setup.custody is Custody.SERVER:
        return server_key(row)
    if not (key_text or "").strip():
        raise KeyMissing
    key = joined_key(row, key_text or "") if row.share_digests else read_key(key_text or "")
    if key.public != row.public_key:
        raise KeyWrong
    return key


def server_key(row: StoredRound) -> BoxKey:
    """The key of a round whose custody is the servers'.

    Raises:
        KeyFileMissing: this server cannot read it.
    """
    return read_round_key(row.id, row.public_key)


def key_warning(row: StoredRound) -> str:
    """Why this server could not open a box whose key the servers hold, in a sentence; '' where it could."""
    try:
        if row.is_key_with_servers:
            server_key(row)
    except KeyFileMissing as error:
        return error.message
    return ""


def load_key_warning(meeting_id: str) -> str:
    """Why this server could not open the box of a meeting's current round, in a sentence; '' where it could."""
    with reading() as session:
        return key_warning(current_round(session, meeting_id))


def list_key_warnings() -> Sequence[tuple[str, str]]:
    """(title of the meeting, why) for every box that waits for a key which this server cannot read."""
    with reading() as session:
        rounds = current_rounds(session)
        found = [(line.title, key_warning(rounds[line.id])) for line in list_meetings(session)]
    return [(title, why) for title, why in found if why]


def copy_key(actor: str, meeting_id: str, folder: Path) -> Path:
    """Write a copy of the current round's key file to a folder elsewhere, on record; returns where it is.

    With this copy and ``secrets.json`` the box can be opened although this machine is lost. The count reminds of it.

    Raises:
        FieldInvalid: no box waits for a key that the servers hold.
        KeyFileMissing: this server cannot read the key.
        BackupRefused: the copy cannot be written.
    """
    with changing_round(meeting_id) as (session, row):
        if not row.is_key_with_servers:
            raise FieldInvalid("本轮没有由服务器保管、等待开箱的钥匙，不需要复制。")
        target = copy_round_key(row.id, row.public_key, folder)
        record(session, meeting_id, actor, "copied_key", round=str(row.number))
    return target


def key_copy_reminder(meeting_id: str) -> str:
    """The sentence that reminds people to destroy copies of the round's key file after the count; '' without copies."""
    with reading() as session:
        row = current_round(session, meeting_id)
        made = [entry for entry in chain_of(session, meeting_id) if entry.act == "copied_key"]
        is_copied = any(entry.detail["round"] == str(row.number) for entry in made)
        is_due = is_copied and row.state is MeetingState.COUNTED
    return f"本轮的钥匙文件另存过，请销毁它的副本 {key_file_name(row.id)}。" if is_due else ""
