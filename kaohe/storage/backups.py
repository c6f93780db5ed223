"""Copies of the embedded database: made while ballots come in, inspected, and restored.

A copy holds what the database holds at one moment, and never the secrets file: without that its tickets are digests
and its ballots are sealed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, NullPool, create_engine, func, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kaohe.domain.errors import BackupBroken, BackupRefused, DatabaseInUse
from kaohe.domain.record_chain import ChainEntry
from kaohe.storage.atomic_files import publish, sync
from kaohe.storage.clock import now
from kaohe.storage.database import Transaction
from kaohe.storage.installation import this_config
from kaohe.storage.migrating import is_of_this_version
from kaohe.storage.record import chain_of
from kaohe.storage.storage_faults import DatabaseBusy
from kaohe.storage.tables import (
    BallotRow,
    Base,
    ChallengeRow,
    EnvelopeRow,
    MeetingRow,
    ReceiptRow,
    RecordEntryRow,
    RoundRow,
    TicketRow,
)

_COUNTED_ROWS = (EnvelopeRow, ReceiptRow, ChallengeRow, BallotRow)


@dataclass(frozen=True, slots=True)
class RoundContents:
    """Row counts of one round."""

    meeting_id: str
    round_id: str
    spent: int
    envelopes: int
    receipts: int
    """Of opened envelopes; opened ballots themselves may lie in pieces, with ballots on paper among them."""
    challenges: int
    """Spent tickets whose envelopes are left out of the count."""
    is_opened: bool
    """Whether anything that only an opened box has is there."""
    is_done: bool
    """Whether it was counted or voided: envelopes that are left then have lost their tickets, and stay closed."""

    @property
    def is_sealed(self) -> bool:
        """Whether there are ballots in a box that is still to be opened."""
        return bool(self.envelopes) and not self.is_done

    @property
    def is_whole(self) -> bool:
        """Whether each spent ticket has its envelope in a sealed box, or its receipt or challenge in an opened one."""
        if self.envelopes:
            return self.spent == self.envelopes and not self.is_opened
        return self.spent == self.receipts + self.challenges


@dataclass(frozen=True, slots=True)
class DatabaseContents:
    """What a database holds, as far as a backup is judged by it."""

    titles: dict[str, str]
    """The title of each meeting by its id."""
    rounds: tuple[RoundContents, ...]
    records: dict[str, list[ChainEntry]]
    """The whole record of acts of each meeting, and under '' that of the installation."""


def database_path() -> Path | None:
    """The file of the embedded database; None where PostgreSQL serves."""
    url = make_url(this_config().database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def has_content(path: Path) -> bool:
    """Whether a database file holds anything; whoever was stopped before he made the database leaves an empty one."""
    return path.exists() and path.stat().st_size > 0


def copy_database(target: Path) -> None:
    """Write the embedded database as it stands at one moment to a new file, durably, while others go on writing.

    ``VACUUM INTO`` reads one consistent view and writes rows in the order of their keys, without deleted ones.

    Raises:
        BackupRefused: the file cannot be written, or is there already.
        DatabaseBusy: another process holds the database.
    """
    source = database_path()
    if source is None or not source.is_file():
        raise BackupRefused("这里没有内嵌数据库可以备份。")
    unfinished = target.with_name(f".{target.name}.part")
    try:
        if target.exists():
            raise BackupRefused(f"文件 {target} 已经存在，不会覆盖，请换一个文件名。")
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(source, timeout=10)) as connection:
            # What SQLite sorts goes into no file of the system's temporary folder.
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        sync(unfinished)
        # A link and not a rename: a file that somebody has put there meanwhile is not overwritten.
        publish(unfinished, target)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise DatabaseBusy from error
        raise BackupRefused(f"备份没有写成，请检查 {target.parent} 的权限和剩余空间，再试一次。") from error


@contextmanager
def opened_copy(path: Path) -> Iterator[Transaction]:
    """Open a database file read-only, once it is found to be sound.

    Raises:
        BackupBroken: it is no database of kaohe's, of another version, or damaged, at any time while it is read.
    """
    engine = create_engine(f"sqlite:///file:{_escaped(path)}?mode=ro&uri=true", poolclass=NullPool)
    try:
        with Transaction(engine) as session:
            if session.connection().exec_driver_sql("PRAGMA integrity_check").scalars().all() != ["ok"]:
                raise BackupBroken
            if not is_of_this_version(session.connection()):
                raise BackupBroken("备份文件是由另一个版本的程序建立的，请用建立它的版本恢复，再升级。")
            yield session
    except DBAPIError as error:
        raise BackupBroken from error
    finally:
        engine.dispose()


def contents_of(session: Session) -> DatabaseContents:
    """What a database holds."""
    titles = {row.id: row.title for row in session.execute(select(MeetingRow.id, MeetingRow.title))}
    ids: Sequence[str | None] = session.scalars(select(RecordEntryRow.meeting_id).distinct()).all()
    return DatabaseContents(
        titles=titles,
        rounds=tuple(_rounds(session)),
        records={meeting_id or "": chain_of(session, meeting_id) for meeting_id in {*ids, *titles}},
    )


@contextmanager
def exclusive_file_access(path: Path) -> Iterator[None]:
    """Hold a SQLite file so that no other process can use it, with its log folded into its one file.

    Raises:
        DatabaseInUse: another process has it open.
    """
    # Leaving WAL mode needs an exclusive lock, which fails as long as any other process has the file open.
    with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise DatabaseInUse from error
            # A damaged database is a reason to restore: it is set aside as it is.
            mode = "delete"
        if mode != "delete":
            raise DatabaseInUse
        yield


def put_in_place(copy: Path, current: Path) -> Path | None:
    """Put a copy where the database is, durably; returns where the replaced database now lies, if there was one.

    At every moment there is a whole database at ``current``: the old one or the new one.

    Raises:
        BackupRefused: the copy could not be written; the database is what it was.
    """
    unfinished = current.with_name(f".{current.name}.restoring")
    kept = _free_name(current) if has_content(current) else None
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        shutil.copyfile(copy, unfinished)
        sync(unfinished)
        if kept is not None:
            try:
                os.link(current, kept)
            except OSError:
                # A file system without links, such as a memory stick's.
                shutil.copy2(current, kept)
                sync(kept)
        for leftover in ("-wal", "-shm"):
            # What belongs to the replaced file would be read as the new one's; it has been folded in, or is damaged.
            path = current.with_name(current.name + leftover)
            if path.exists() and kept is not None:
                path.replace(kept.with_name(kept.name + leftover))
        unfinished.replace(current)
        sync(current.parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise BackupRefused(
            f"恢复没有完成，请检查 {current.parent} 的权限和剩余空间；原来的数据库仍在使用。"
        ) from error
    return kept


def _rounds(session: Session) -> Iterator[RoundContents]:
    is_done = RoundRow.counted_at.is_not(None) | RoundRow.void_reason.is_not(None)
    for round_id, meeting_id, done in session.execute(select(RoundRow.id, RoundRow.meeting_id, is_done)).all():
        in_round = {row: _count(session, row, row.round_id == round_id) for row in _COUNTED_ROWS}
        yield RoundContents(
            meeting_id,
            round_id,
            spent=_count(session, TicketRow, TicketRow.round_id == round_id, TicketRow.is_spent.is_(True)),
            envelopes=in_round[EnvelopeRow],
            receipts=in_round[ReceiptRow],
            challenges=in_round[ChallengeRow],
            is_opened=bool(in_round[BallotRow] or in_round[ReceiptRow]),
            is_done=bool(done),
        )


def _count(session: Session, row: type[Base], *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(row).where(*where)) or 0


def _free_name(current: Path) -> Path:
    stamp = f"{now().astimezone():%Y%m%d-%H%M%S}"
    names = (current.with_name(f"{current.stem}-replaced-{stamp}{more}{current.suffix}") for more in _endings())
    return next(name for name in names if not name.exists())


def _endings() -> Iterator[str]:
    yield ""
    yield from (f"-{number}" for number in range(2, 1000))


def _escaped(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
