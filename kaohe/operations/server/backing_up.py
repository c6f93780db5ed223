"""Back up while ballots come in (备份); refuse a restore (恢复) that would silently lose data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kaohe.domain.errors import BackupBroken, BackupOlder, BackupRefused, FieldInvalid
from kaohe.domain.record_chain import ChainEntry, broken_at, head_text, public_half
from kaohe.operations.count.opened_ballots import opened_digest
from kaohe.operations.count.recording import MILESTONES
from kaohe.storage.backups import (
    DatabaseContents,
    contents_of,
    copy_database,
    database_path,
    exclusive_file_access,
    has_content,
    opened_copy,
    put_in_place,
)
from kaohe.storage.database import Transaction, transaction
from kaohe.storage.installation import these_secrets
from kaohe.storage.last_backup import note_backup
from kaohe.storage.record import record
from kaohe.storage.round_keys import key_file_name
from kaohe.storage.rounds import round_setup, rounds_of
from kaohe.storage.secrets_mark import bears_other_mark, marked_key, refusal_of_backup
from kaohe.storage.starting import close_database
from kaohe.storage.witness import forget_witness

_APPROVERS = 2


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One meeting in a backup, as an operator recognises it."""

    title: str
    acts: int
    cast: int
    head_text: str
    """The head of its record at the latest moment that the hall was told one; '' before the opening."""


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """What a backup that was found to be whole holds."""

    meetings: tuple[MeetingLine, ...]
    sealed_count: int
    """Envelopes in it whose box is still to be opened: the reason to destroy it once their round has been counted."""
    done_rounds: frozenset[str]
    """The ids of the rounds that were counted or voided."""
    key_files: tuple[str, ...]
    """The key files without which boxes in it cannot be opened; none of them is in it."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done."""

    facts: BackupFacts
    kept: Path | None
    """Where the replaced database lies now."""
    undone: tuple[str, ...]
    """What was given up with the approval of two persons, a sentence for each meeting."""
    is_compared: bool
    """Whether there was a database or a head to compare with."""


def make_backup(target: Path) -> BackupFacts:
    """Write a copy of the database as it is at one moment to a new file, and check that copy whole.

    Voting goes on meanwhile. The copy holds no secret and no ballot that could be read without the key.

    Raises:
        BackupRefused: PostgreSQL serves, or the file cannot be written, or it is there already.
        BackupBroken: the copy is not whole; it is removed again.
        DatabaseBusy: another process holds the database.
    """
    if database_path() is None:
        raise BackupRefused(
            "数据在 PostgreSQL 里，请用它的工具备份：pg_dump --format=custom --file=备份文件 库名；恢复用 pg_restore。"
        )
    copy_database(target)
    try:
        facts = check_backup(target)[1]
    except BackupBroken:
        target.unlink(missing_ok=True)
        raise
    note_backup()
    return facts


def sealed_rounds_of(path: Path) -> frozenset[str]:
    """The ids of the rounds in a backup whose boxes were still to be opened; nothing else of it is checked.

    Raises:
        BackupBroken: it cannot be read.
    """
    with opened_copy(path) as session:
        return frozenset(each.round_id for each in contents_of(session).rounds if each.is_sealed)


def check_backup(path: Path, *, has_own_secrets: bool = True) -> tuple[DatabaseContents, BackupFacts]:
    """Verify a backup: the file, ballots against spent tickets, every record of acts with its signatures.

    With ``has_own_secrets`` off, for secrets that are lost, the signatures are held to the key that the backup names.

    Raises:
        BackupBroken: naming what is wrong.
        SecretsMismatch: it was made with other secrets than those at hand.
    """
    with opened_copy(path) as session:
        if has_own_secrets and bears_other_mark(session):
            raise refusal_of_backup()
        public_key = public_half(these_secrets().signing_key) if has_own_secrets else marked_key(session)
        contents = contents_of(session)
        for meeting_id in contents.titles:
            _require_counted_ballots(session, meeting_id, contents)
        waiting = [row for meeting_id in contents.titles for row in rounds_of(session, meeting_id)]
        key_files = tuple(key_file_name(row.id) for row in waiting if row.is_key_with_servers)
    for found in contents.rounds:
        if not found.is_whole:
            title = contents.titles.get(found.meeting_id, found.meeting_id)
            raise BackupBroken(f"备份中“{title}”的票箱不完整：用过的票与选票数不符。请换一份备份。")
    for meeting_id, entries in contents.records.items():
        seq = broken_at(meeting_id, entries, public_key)
        if seq is not None:
            whose = f"“{contents.titles[meeting_id]}”" if meeting_id in contents.titles else "系统"
            raise BackupBroken(
                f"备份中{whose}的操作记录第 {seq} 条对不上：备份被改动过，或不是本机（secrets.json）的备份。"
            )
    return contents, _facts(contents, key_files)


def _require_counted_ballots(session: Transaction, meeting_id: str, contents: DatabaseContents) -> None:
    """The opened ballots of every counted round are those that its count has recorded."""
    entries = contents.records[meeting_id]
    recorded = {entry.detail["round"]: entry.detail["ballots"] for entry in entries if entry.act == "counted"}
    for row in rounds_of(session, meeting_id):
        if row.counted_at is None or row.purged_at is not None:
            continue
        try:
            is_same = opened_digest(session, row, round_setup(session, row)) == recorded[str(row.number)]
        except (ValueError, KeyError):
            is_same = False
        if not is_same:
            raise BackupBroken(f"备份中“{contents.titles[meeting_id]}”第 {row.number} 轮的选票被改动过，不能使用。")


def restore_backup(
    actor: str, path: Path, *, head: str = "", approved_by: Sequence[str] = (), has_own_secrets: bool = True
) -> Restored:
    """Restore a backup; the replaced database is kept beside it under another name.

    The backup must hold everything that the present database and the printed ``head`` know of. What it lacks is given
    up only where two persons have approved of it by name, and then the record of acts says so.
    The application's own connections are closed; nobody else may have the database open.

    With ``has_own_secrets`` off, the secrets of the backup are lost: it is restored where there is no database, and can
    be used after ``replace_secrets``.

    Raises:
        BackupBroken: the backup is not whole, or of another installation.
        SecretsMismatch: it was made with other secrets than those at hand.
        BackupOlder: it lacks acts or ballots, or does not know the head; nothing was changed.
        DatabaseInUse: the server is running.
        BackupRefused: PostgreSQL serves, or the folder cannot be written.
        FieldInvalid: the head cannot be one, or fewer than two persons are named.
    """
    current = database_path()
    if current is None:
        raise BackupRefused("数据在 PostgreSQL 里，请用 pg_restore 恢复，并先停止所有服务器。")
    approvers = tuple(dict.fromkeys(name.strip() for name in approved_by if name.strip()))
    if approved_by and len(approvers) < _APPROVERS:
        raise FieldInvalid("恢复较早的备份须由两个人同意，请写明两个不同的姓名，例如组织者和监票人。")
    wanted = _read_head(head)
    if not has_own_secrets and has_content(current):
        raise BackupRefused(
            f"数据目录里已有数据库 {current}，没有恢复。"
            "密钥文件已丢失的，只能恢复到还没有数据的目录：请先移走它，或换一个目录。"
        )
    contents, facts = check_backup(path, has_own_secrets=has_own_secrets)
    if wanted and not approvers:
        _require_head(contents, wanted)
    close_database()
    present = _present(current)
    lost = _undone(present, contents) if present is not None else {}
    undone = tuple(lost.values())
    if undone and not approvers:
        raise BackupOlder(
            "备份早于现在的数据，没有恢复。恢复会丢失："
            + "；".join(undone)
            + "。确需恢复，请由两个人同意，并用 --approved-by 写明两人姓名。"
        )
    kept = put_in_place(path, current)
    forget_witness()
    # Without its secrets nothing can be signed; the replacement that has to follow is recorded.
    if has_own_secrets and (lost or present is None):
        _record_restoring(actor, contents, lost, approvers)
    return Restored(facts, kept, undone, is_compared=bool(wanted) or present is not None)


def _record_restoring(
    actor: str, contents: DatabaseContents, lost: Mapping[str, str], approvers: Sequence[str]
) -> None:
    names = "、".join(approvers)
    with transaction() as session:
        record(session, None, actor, "restored", approved_by=names, undone="；".join(lost.values()))
        for meeting_id in sorted(contents.titles.keys() & lost.keys()):
            record(session, meeting_id, actor, "restored", approved_by=names)


def _present(current: Path) -> DatabaseContents | None:
    """What the database holds now; None where there is none, or it cannot be read any more."""
    if not current.exists():
        return None
    with exclusive_file_access(current):
        try:
            with opened_copy(current) as session:
                return contents_of(session)
        except BackupBroken:
            return None


def _undone(present: DatabaseContents, backup: DatabaseContents) -> dict[str, str]:
    """What is in the present database and not in the backup: a sentence for each meeting, by its id."""
    found = {}
    cast, cast_then = _cast_by_meeting(present), _cast_by_meeting(backup)
    for meeting_id, entries in present.records.items():
        then = backup.records.get(meeting_id, [])
        acts = len(entries) - _agreeing(entries, then)
        ballots = cast.get(meeting_id, 0) - cast_then.get(meeting_id, 0)
        if acts or ballots > 0:
            whose = f"“{present.titles[meeting_id]}”" if meeting_id in present.titles else "系统"
            found[meeting_id] = f"{whose}的 {acts} 条操作、{max(ballots, 0)} 张选票"
    return found


def _agreeing(present: Sequence[ChainEntry], backup: Sequence[ChainEntry]) -> int:
    """How many entries both records begin with alike."""
    pairs = zip(present, backup, strict=False)
    return next(
        (seq for seq, (one, other) in enumerate(pairs) if one.digest != other.digest),
        min(len(present), len(backup)),
    )


def _cast_by_meeting(contents: DatabaseContents) -> dict[str, int]:
    found: dict[str, int] = {}
    for in_round in contents.rounds:
        found[in_round.meeting_id] = found.get(in_round.meeting_id, 0) + in_round.spent
    return found


def _read_head(head: str) -> str:
    wanted = "".join(head.lower().split())
    if wanted and (len(wanted) != len("".join(head_text("0" * 64).split())) or set(wanted) - set("0123456789abcdef")):
        raise FieldInvalid("操作记录校验码应为 8 组、每组 4 个字符（0–9、a–f），请对照会上打印或拍照的校验码输入。")
    return wanted


def _require_head(contents: DatabaseContents, wanted: str) -> None:
    if not any(entry.digest.startswith(wanted) for entries in contents.records.values() for entry in entries):
        raise BackupOlder(
            "备份中没有所给的操作记录校验码：备份早于打印或拍照的时刻，或不是同一份数据，没有恢复。请换一份较新的备份。"
        )


def _facts(contents: DatabaseContents, key_files: tuple[str, ...]) -> BackupFacts:
    cast = _cast_by_meeting(contents)
    lines = []
    for meeting_id, title in contents.titles.items():
        entries = contents.records[meeting_id]
        head = next((entry for entry in reversed(entries) if entry.act in MILESTONES), None)
        told = head_text(head.digest) if head is not None else ""
        lines.append(MeetingLine(title, len(entries), cast.get(meeting_id, 0), told))
    return BackupFacts(
        tuple(lines),
        sealed_count=sum(each.envelopes for each in contents.rounds if each.is_sealed),
        done_rounds=frozenset(each.round_id for each in contents.rounds if each.is_done),
        key_files=key_files,
    )
