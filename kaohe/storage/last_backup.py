"""When the last backup was made and found whole: a line in a file beside the database, which is what was copied."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from kaohe.storage.clock import now
from kaohe.storage.installation import this_config

_FILE_NAME: Final = "last-backup"


def note_backup() -> None:
    """A backup has just been made and found whole. A folder that cannot be written keeps the older note."""
    with suppress(OSError):
        _path().write_text(f"{now().isoformat(timespec='seconds')}\n", encoding="ascii")


def last_backup_at() -> datetime | None:
    """When the last backup was made; None where none was made from here, or nobody can tell any more."""
    try:
        return datetime.fromisoformat(_path().read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None


def _path() -> Path:
    return this_config().data / _FILE_NAME
