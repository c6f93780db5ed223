"""Backups that nobody watches: into one folder, each checked, the old ones removed after a new one was found whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from kaohe.domain.errors import BackupBroken, BackupRefused
from kaohe.operations.server.backing_up import BackupFacts, make_backup, sealed_rounds_of
from kaohe.storage.clock import now

_NAME: Final = "kaohe-{:%Y%m%dT%H%M%SZ}-sealed.backup"
_NAMED: Final = re.compile(r"kaohe-(\d{8}T\d{6})Z(-sealed)?\.backup")
"""A name says ``-sealed`` until the backup has been checked, and for good where it holds unopened ballots."""
_LEFT: Final = re.compile(r"\.kaohe-(\d{8}T\d{6})Z-sealed\.backup\.part")
"""The unfinished copy of a backup that was killed."""
_LEFT_AFTER: Final = timedelta(days=1)
"""An unfinished copy that is older belongs to no backup that is still running."""


@dataclass(frozen=True, slots=True)
class ScheduledBackup:
    """What one turn has done."""

    path: Path
    facts: BackupFacts
    removed: Sequence[Path]
    """Backups that were too old, or should not outlive the count."""


def back_up_into(folder: Path, keep_days: int) -> ScheduledBackup:
    """Make a backup under a name of its own, check it, and only then remove those older than ``keep_days``.

    One that holds sealed ballots must not outlive their count: it is marked in its name, and removed by the first turn
    that finds each of its boxes opened, or voided, whatever others wait meanwhile. One of rounds that the database does
    not know as such stays: it may be all that is left of them. Only what bears the name of such a backup is removed, by
    the time in its name (in UTC), and never the new one.

    Raises:
        BackupRefused, BackupBroken, DatabaseBusy: as ``make_backup`` does; nothing was removed.
    """
    if not folder.is_dir():
        raise BackupRefused(f"没有目录 {folder}，请先建立它（最好在另一块盘上），再试一次。")
    moment = now()
    path = folder / _NAME.format(moment)
    facts = make_backup(path)
    if not facts.sealed_count:
        # Renamed only once it is checked: a copy without the mark would be kept after the count.
        path = path.rename(path.with_name(path.name.replace("-sealed", "")))
    removed = []
    for other in sorted(folder.iterdir()):
        named, left = _NAMED.fullmatch(other.name), _LEFT.fullmatch(other.name)
        found = named or left
        if found is None or other == path:
            continue
        made = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        is_left = made < moment - _LEFT_AFTER
        is_done_with = named and named[2] and _is_counted(other, facts, is_left=is_left)
        if (left and is_left) or made < moment - timedelta(days=keep_days) or is_done_with:
            other.unlink()
            removed.append(other)
    return ScheduledBackup(path, facts, removed)


def _is_counted(backup: Path, today: BackupFacts, *, is_left: bool) -> bool:
    """Whether every box that was sealed in a backup has been opened or voided by now.

    One without any, and not left behind, is another turn's, which has not looked into it yet.
    """
    try:
        sealed = sealed_rounds_of(backup)
    except BackupBroken:
        # Made by another version, for example: which boxes it holds cannot be read.
        return not today.sealed_count
    return sealed <= today.done_rounds if sealed else is_left
