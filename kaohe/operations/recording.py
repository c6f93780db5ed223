"""What the hall compares of the record of acts: the head of its chain at the moments that matter."""

from __future__ import annotations

from dataclasses import dataclass

from kaohe.domain.errors import RecordBroken
from kaohe.domain.record_chain import ChainEntry, broken_at, head_text, public_half
from kaohe.storage.database import Session, reading
from kaohe.storage.events import chain_of
from kaohe.storage.installation import these_secrets

MILESTONES = ("opened", "closed", "stripped", "counted", "published", "voided_round")
"""Acts after which the head is announced; between them it moves with every act and nobody could compare it."""


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


def counted_head(session: Session, meeting_id: str, round_number: int) -> str:
    """The head after the count of a round, for its sheets; '' where the record does not say which round it was."""
    entries = [entry for entry in chain_of(session, meeting_id) if entry.detail.get("round") == str(round_number)]
    head = _latest(entries, ("counted",))
    return head.text if head else ""


def whole_record(session: Session, meeting_id: str) -> list[ChainEntry]:
    """The record of a meeting, found to be whole.

    Raises:
        RecordBroken: an entry was changed, removed or reordered in the database.
    """
    entries = chain_of(session, meeting_id)
    place = broken_at(meeting_id, entries, public_half(these_secrets().signing_key))
    if place is not None:
        raise RecordBroken(f"操作记录的第 {place} 条被改动过，不能归档。请保留数据并联系技术人员。")
    return entries


def _latest(entries: list[ChainEntry], acts: tuple[str, ...]) -> RecordHead | None:
    found = next((entry for entry in reversed(entries) if entry.act in acts), None)
    return None if found is None else RecordHead(found.act, head_text(found.digest))
