"""Take the database of an earlier version over (升级): only when asked, with a copy first and nobody connected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kaohe.domain.errors import KaoheError
from kaohe.storage.backups import copy_database, database_path
from kaohe.storage.clock import now
from kaohe.storage.exclusive_access import require_exclusive_access
from kaohe.storage.migrating import earlier_revision, migrate_database, unfinished_meetings
from kaohe.storage.secrets_mark import has_other_mark, refusal_of_other


class RoundUnfinished(KaoheError):
    """A box of the earlier version is not counted yet, so that version has to finish it."""

    http_code = 409
    text = "有会议的票箱还没有开箱计票，没有升级。"


class BackupMissing(KaoheError):
    """PostgreSQL serves, whose copy only its own tools make."""

    http_code = 409
    text = (
        "数据在 PostgreSQL 里，没有升级。请先用 pg_dump --format=custom --file=备份文件 库名 备份，"
        "再运行 kaohe upgrade --backed-up。"
    )


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade has done."""

    from_revision: str
    copy: Path | None
    """Where the database lies as it was before; None on PostgreSQL."""


def upgrade_database(*, is_backed_up: bool) -> Upgraded | None:
    """Bring the database of an earlier version to this one's; None for a new database and one of this version.

    The embedded database is copied beside itself first; for PostgreSQL ``is_backed_up`` says that it was done. Needs an
    application context. Until the copy is made nothing is changed.

    Raises:
        DatabaseOfOtherVersion: its revision is none of this version's.
        SecretsMismatch: it was made with other secrets.
        RoundUnfinished: a round is open or its box is not counted: naming the revision that has to finish it.
        DatabaseInUse: another process has the database open.
        BackupMissing: PostgreSQL serves and nobody has said that there is a copy.
        BackupRefused: the copy cannot be written.
    """
    revision = earlier_revision()
    if revision is None:
        return None
    if has_other_mark():
        raise refusal_of_other()
    titles = unfinished_meetings()
    if titles:
        named = "、".join(f"“{title}”" for title in titles)
        raise RoundUnfinished(
            f"{named}的票箱还没有开箱计票，没有升级，什么也没有改动。"
            f"请用原来的版本（数据库结构 {revision}）完成计票或作废本轮，再升级。"
        )
    if database_path() is None and not is_backed_up:
        raise BackupMissing
    require_exclusive_access()
    copy = _copy(revision)
    migrate_database()
    return Upgraded(revision, copy)


def _copy(revision: str) -> Path | None:
    path = database_path()
    if path is None:
        return None
    target = path.with_name(f"{path.stem}-{revision}-{now().astimezone():%Y%m%d-%H%M%S}{path.suffix}")
    copy_database(target)
    return target
