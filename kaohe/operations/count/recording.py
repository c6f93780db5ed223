"""The heads of the record of acts that the hall compares, at the moments that matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kaohe.domain.errors import RecordBroken
from kaohe.domain.record_chain import ChainEntry, acts_of_round, broken_at, head_text, public_half
from kaohe.storage.database import Transaction, reading
from kaohe.storage.installation import these_secrets
from kaohe.storage.record import chain_of
from kaohe.storage.rounds import StoredRound

MILESTONES = ("opened", "closed", "stripped", "counted", "published", "corrected", "purged", "voided_round")
"""Acts after which the head is announced; between them it moves with every act and nobody could compare it."""
_LABELS = {
    "opened": "开始投票",
    "closed": "结束投票",
    "stripped": "拆票",
    "counted": "开箱计票",
    "published": "公布结果",
    "purged": "清除选票",
}
_NOTHING_FROM_IT = "不能据以计票、出具结果或归档。请保留数据并联系技术人员。"


@dataclass(frozen=True, slots=True)
class RecordHead:
    """The head of the record as it stood after one act (操作记录校验码)."""

    act: str
    text: str
    """Eight groups of four."""


def record_head(meeting_id: str) -> RecordHead | None:
    """The head after the latest act that the hall has seen; None before the opening."""
    with reading() as session:
        return _latest(chain_of(session, meeting_id), MILESTONES)


def counted_head(session: Transaction, meeting_id: str, round_number: int) -> str:
    """The head after the count of a round, for its sheets; '' where the record does not say which round it was."""
    entries = [entry for entry in chain_of(session, meeting_id) if entry.detail.get("round") == str(round_number)]
    head = _latest(entries, ("counted",))
    return head.text if head else ""


def whole_record(session: Transaction, meeting_id: str) -> list[ChainEntry]:
    """The record of a meeting, verified.

    Raises:
        RecordBroken: an entry was changed, removed or reordered in the database.
    """
    entries = chain_of(session, meeting_id)
    seq = broken_at(meeting_id, entries, public_half(these_secrets().signing_key))
    if seq is not None:
        raise RecordBroken(f"操作记录的第 {seq} 条被改动过，{_NOTHING_FROM_IT}")
    return entries


def recorded_of(session: Transaction, row: StoredRound) -> Mapping[str, Mapping[str, str]]:
    """What the record, found to be whole, says of one round: by act, the detail of the latest entry.

    A chain does not tell that its end was cut off; but the round says which acts must stand in it.

    Raises:
        RecordBroken: the record was changed, or it and the round contradict each other on what has happened.
    """
    recorded = acts_of_round(whole_record(session, row.meeting_id), row.number)
    # A round without ballots is closed as it is opened, which is one act.
    is_computed = "votes" in recorded.get("opened", {})
    happened = {
        "opened": row.opened_at,
        "closed": None if is_computed else row.closed_at,
        "stripped": row.stripped_at,
        "counted": row.counted_at,
        "published": row.published_at,
        "purged": row.purged_at,
    }
    missing = next((act for act, at in happened.items() if at is not None and act not in recorded), None)
    if missing is not None:
        raise RecordBroken(f"操作记录里缺少第 {row.number} 轮的“{_LABELS[missing]}”，记录被删改过，{_NOTHING_FROM_IT}")
    if "voided_round" in recorded and row.void_reason is None:
        raise RecordBroken(f"操作记录里第 {row.number} 轮已经作废，数据库里却没有作废，{_NOTHING_FROM_IT}")
    return recorded


def recorded_version(session: Transaction, row: StoredRound, version: int) -> Mapping[str, Mapping[str, str]]:
    """What the record says of one correction of a round's result; without ``corrected`` where it does not.

    Raises:
        RecordBroken: the record says nothing of this version.
    """
    for entry in chain_of(session, row.meeting_id):
        said = (entry.act, entry.detail.get("round"), entry.detail.get("version"))
        if said == ("corrected", str(row.number), str(version)):
            return {"corrected": entry.detail}
    raise RecordBroken(f"操作记录里缺少第 {version} 版结果的“更正”，记录被删改过，{_NOTHING_FROM_IT}")


def _latest(entries: list[ChainEntry], acts: tuple[str, ...]) -> RecordHead | None:
    found = next((entry for entry in reversed(entries) if entry.act in acts), None)
    return None if found is None else RecordHead(found.act, head_text(found.digest))
