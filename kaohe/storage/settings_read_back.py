"""Reads settings back from the database, since a setting that was written may not have taken effect."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text

from kaohe.storage.database import Transaction, is_sqlite, reading


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
_NAMES = "synchronous_standby_names"
_OFF = ("off",)
_SILENT_POSTGRESQL = (
    ("track_commit_timestamp", _OFF),
    ("archive_mode", _OFF),
    ("log_statement", ("none", "ddl")),
    ("log_min_duration_statement", ("-1",)),
    ("log_min_duration_sample", ("-1",)),
    ("log_transaction_sample_rate", ("0",)),
    ("log_parameter_max_length_on_error", ("0",)),
    ("log_min_messages", ("info", "notice", "warning", "error", "log", "fatal", "panic")),
    ("shared_preload_libraries", ("", "pg_stat_statements")),
    ("session_preload_libraries", ("",)),
    ("local_preload_libraries", ("",)),
)
"""With any other value a log, an archive or a library of somebody else's may see ballots or their times."""
_SWITCHES = ("log_", "debug_print_")
"""What writes to the server's log; each must be off, known to us or not, unless it is one of these."""
_HARMLESS = frozenset(
    {
        "log_autovacuum_min_duration",
        "log_checkpoints",
        "log_connections",
        "log_disconnections",
        "log_hostname",
        "log_lock_waits",
        "log_recovery_conflict_waits",
        "log_replication_commands",
        "log_startup_progress_interval",
        "log_truncate_on_rotation",
    }
)


def read_settings() -> list[Setting]:
    """Every setting that this program's promises depend on; needs an application context."""
    with reading() as session:
        return _settings(session)


def wrong_settings(session: Transaction) -> list[Setting]:
    """The settings of a database of somebody else's under which no meeting may be opened.

    It would write down ballots or their times, or would lose ballots that were acknowledged. That no standby is named
    is the choice of whoever runs it.
    """
    if is_sqlite():
        # It has no log of its own, and what it writes is set by this program.
        return []
    return [each for each in _settings(session) if not each.is_right and each.name != _NAMES]


def _settings(session: Transaction) -> list[Setting]:
    if is_sqlite():
        # One statement for all, as a page of the console may ask the database only so often.
        asked = " UNION ALL ".join(f"SELECT '{name}', {name} FROM pragma_{name}" for name, _ in _SQLITE)  # noqa: S608 - names of this module
        found = {name: str(value) for name, value in session.execute(text(asked))}
        return [
            Setting(name, found[name], wanted, _SQLITE_PROMISES.get(name, Promise.SILENT)) for name, wanted in _SQLITE
        ]
    rows = session.execute(text("SELECT name, setting, vartype FROM pg_settings")).all()
    shown = {row.name: str(row.setting) for row in rows}
    switches = [
        (row.name, _OFF)
        for row in rows
        if row.vartype == "bool" and row.name.startswith(_SWITCHES) and row.name not in _HARMLESS
    ]
    return [
        *(
            Setting(name, shown[name], wanted, promise)
            for settings, promise in (
                (_DURABLE_POSTGRESQL, Promise.DURABLE),
                ((*_SILENT_POSTGRESQL, *switches), Promise.SILENT),
            )
            for name, wanted in settings
            # Not every version has every one of them.
            if name in shown
        ),
        *_about_standby(shown[_NAMES], shown["synchronous_commit"]),
    ]


def _about_standby(names: str, commit: str) -> list[Setting]:
    """Whether a standby is named at all and, if so, whether a commit waits until it has the ballot on its disk."""
    named = Setting(_NAMES, names, (names,) if names else (), Promise.STANDBY)
    return [named, Setting("synchronous_commit", commit, ("on", "remote_apply"), Promise.STANDBY)] if names else [named]
