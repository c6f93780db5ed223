"""Reads settings back from the database, since a setting that was written may not have taken effect."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text

from kaohe.storage.database import is_sqlite, reading


class Promise(StrEnum):
    """What hangs on a setting."""

    DURABLE = "durable"
    """No acknowledged ballot is lost in a power cut."""
    SILENT = "silent"
    """The database writes down nothing about the time of a ballot."""
    STANDBY = "standby"
    """No acknowledged ballot is lost with the machine of the database."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it was read back."""

    name: str
    found: str
    wanted: tuple[str, ...]
    promise: Promise

    @property
    def is_right(self) -> bool:
        """Whether the database does what it should."""
        return self.found in self.wanted


_SQLITE = (
    ("journal_mode", ("wal",)),
    ("synchronous", ("2", "3")),
    ("secure_delete", ("1",)),
    ("temp_store", ("2",)),
    ("foreign_keys", ("1",)),
)
_SQLITE_PROMISES = {"journal_mode": Promise.DURABLE, "synchronous": Promise.DURABLE}
_DURABLE_POSTGRESQL = (
    ("fsync", ("on",)),
    ("synchronous_commit", ("on", "remote_write", "remote_apply", "local")),
    ("full_page_writes", ("on",)),
)
_SILENT_POSTGRESQL = (
    ("track_commit_timestamp", ("off",)),
    ("log_statement", ("none", "ddl")),
    ("log_min_duration_statement", ("-1",)),
)


def read_settings() -> list[Setting]:
    """Every setting that this program's promises depend on; needs an application context."""
    with reading() as session:
        if is_sqlite():
            # One statement for all, as a page of the console may ask the database only so often.
            asked = " UNION ALL ".join(f"SELECT '{name}', {name} FROM pragma_{name}" for name, _ in _SQLITE)  # noqa: S608 - names of this module
            found = {name: str(value) for name, value in session.execute(text(asked))}
            return [
                Setting(name, found[name], wanted, _SQLITE_PROMISES.get(name, Promise.SILENT))
                for name, wanted in _SQLITE
            ]
        rows = session.execute(text("SELECT name, setting FROM pg_settings"))
        shown = {row.name: row.setting for row in rows}
        return [
            *(Setting(name, str(shown[name]), wanted, Promise.DURABLE) for name, wanted in _DURABLE_POSTGRESQL),
            *(Setting(name, str(shown[name]), wanted, Promise.SILENT) for name, wanted in _SILENT_POSTGRESQL),
            *_about_standby(shown["synchronous_standby_names"], shown["synchronous_commit"]),
        ]


def _about_standby(names: str, commit: str) -> list[Setting]:
    """Whether a standby is named at all and, if so, whether a commit waits until it has the ballot on its disk."""
    named = Setting("synchronous_standby_names", names, (names,) if names else (), Promise.STANDBY)
    return [named, Setting("synchronous_commit", commit, ("on", "remote_apply"), Promise.STANDBY)] if names else [named]
