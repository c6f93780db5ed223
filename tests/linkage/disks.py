"""Copies of everything that either database and the server leave on disks."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import psycopg
from linkage.evidence import Dump, TableRow

NEAR_THE_BALLOT = ("tickets", "envelopes", "envelope_digests", "ballots", "comments", "receipts", "screens")
_WAL_HEADER, _FRAME_HEADER = 32, 24
_READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
connection.execute("SELECT count(*) FROM tickets").fetchone()
print("reading", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Disks:
    """Where one installation keeps things."""

    data: Path
    logs: tuple[Path, ...]
    postgresql: PostgreSQLDisks | None = None

    @property
    def database(self) -> Path:
        return self.data / "kaohe.sqlite3"

    def dump(self, round_id: str, *, has_secrets: bool) -> Dump:
        """Everything as it is now; the secrets file only where the attacker may have it."""
        files = {
            path.relative_to(self.data).as_posix(): path.read_bytes()
            for path in sorted(self.data.rglob("*"))
            if path.is_file() and (has_secrets or path.name != "secrets.json")
        }
        files.update({f"log/{path.name}": path.read_bytes() for path in self.logs if path.exists()})
        if self.postgresql is not None:
            return self.postgresql.dump(round_id, files)
        with tempfile.TemporaryDirectory() as folder:
            backup = Path(folder, "backup.sqlite3")
            connection = sqlite3.connect(self.database)
            connection.execute("VACUUM INTO ?", (str(backup),))
            connection.close()
            files["backup.sqlite3"] = backup.read_bytes()
            return Dump(files, 4096, sqlite_tables(files["kaohe.sqlite3"], files.get("kaohe.sqlite3-wal", b"")))


def sqlite_tables(
    database: bytes, wal: bytes = b"", only: tuple[str, ...] = NEAR_THE_BALLOT
) -> dict[str, list[TableRow]]:
    """The tables of a copied database as its administrator sees them, in their natural order."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.sqlite3")
        copy.write_bytes(database)
        if wal:
            copy.with_name("copy.sqlite3-wal").write_bytes(wal)
        connection = sqlite3.connect(copy)
        connection.row_factory = sqlite3.Row
        tables = {}
        for table in only:
            try:
                found = connection.execute(f"SELECT rowid AS hidden_rowid, * FROM {table}").fetchall()
            except sqlite3.OperationalError:
                found = connection.execute(f"SELECT * FROM {table}").fetchall()
            tables[table] = [_sqlite_row(dict(row)) for row in found]
        connection.close()
    return tables


def _sqlite_row(values: dict[str, object]) -> TableRow:
    rowid = values.pop("hidden_rowid", None)
    return TableRow(values, {} if rowid is None else {"rowid": (int(str(rowid)),)})


class WalRecorder(AbstractContextManager["WalRecorder"]):
    """Every page image that SQLite's log has held while it ran, also those overwritten later.

    A reader that stays in its transaction keeps SQLite from beginning the log anew, so that not one page is missed
    however busy the machine is. It is a process of its own: this one copies the files, and closing any of them would
    give up the locks that it holds on them.
    """

    def __init__(self, database: Path | None) -> None:
        self.images: list[bytes] = []
        self.commits: list[int] = []
        self._database = database
        self._reader: subprocess.Popen[bytes] | None = None

    @classmethod
    def of(cls, disks: Disks) -> Self:
        return cls(None if disks.postgresql is not None else disks.database)

    def __enter__(self) -> Self:
        if self._database is not None:
            self._reader = subprocess.Popen(
                [sys.executable, "-c", _READER, str(self._database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            assert self._reader.stdout is not None
            assert self._reader.stdout.readline() == b"reading\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the log, and let it be begun anew."""
        if self._reader is None or self._database is None:
            return
        self._take(self._database.with_name(f"{self._database.name}-wal").read_bytes())
        self._reader.communicate()
        self._reader = None

    def _take(self, log: bytes) -> None:
        page_size, salts = int.from_bytes(log[8:12], "big"), log[16:24]
        commit = 0
        for start in range(_WAL_HEADER, len(log) - _FRAME_HEADER - page_size + 1, _FRAME_HEADER + page_size):
            frame = log[start : start + _FRAME_HEADER + page_size]
            if frame[8:16] != salts:
                # What follows was written before the log was last begun anew.
                break
            self.images.append(frame[_FRAME_HEADER:])
            self.commits.append(commit)
            commit += bool(int.from_bytes(frame[4:8], "big"))


@dataclass(frozen=True)
class PostgreSQLDisks:
    """A PostgreSQL server's folder, its programs, and one database in it."""

    url: str
    folder: Path
    binaries: Path
    known: dict[str, float] = field(default_factory=dict)

    @property
    def _plain_url(self) -> str:
        parts = urlsplit(self.url)
        return f"postgresql://postgres@/{parts.path.lstrip('/')}?host={parse_qs(parts.query)['host'][0]}"

    def dump(self, round_id: str, files: dict[str, bytes]) -> Dump:
        with psycopg.connect(self._plain_url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            tables = {table: self._rows(connection, table) for table in NEAR_THE_BALLOT}
            (number,) = connection.execute(
                "SELECT oid FROM pg_database WHERE datname = current_database()"
            ).fetchone() or (0,)
            dead = connection.execute("CREATE EXTENSION IF NOT EXISTS pageinspect") and [
                row for table in NEAR_THE_BALLOT for row in self._raw_tuples(connection, table)
            ]
        files["pageinspect"] = b"\n".join(dead)
        data = self.folder / "data"
        for path in sorted((data / "base" / str(number)).iterdir()):
            # The server throws files away while it is being copied.
            with suppress(FileNotFoundError):
                files[f"base/{path.name}"] = path.read_bytes()
        for path in sorted((data / "pg_wal").glob("0*")):
            # Segments that were finished before this game began hold other meetings only.
            with suppress(FileNotFoundError):
                if path.stat().st_mtime >= self.known.setdefault("began", path.stat().st_mtime):
                    files[f"pg_wal/{path.name}"] = path.read_bytes()
        files["log/postgresql"] = (self.folder / "log").read_bytes()
        files["pg_dump"] = subprocess.run(
            [self.binaries / "pg_dump", "--no-owner", self._plain_url], capture_output=True, check=True
        ).stdout
        return Dump(files, 8192, tables)

    @staticmethod
    def _rows(connection: psycopg.Connection[tuple[object, ...]], table: str) -> list[TableRow]:
        cursor = connection.execute(
            f"SELECT xmin::text::bigint, (ctid::text::point)[0]::int, (ctid::text::point)[1]::int, * FROM {table}"
        )
        names = [column.name for column in cursor.description or []][3:]
        return [
            TableRow(
                dict(zip(names, row[3:], strict=True)),
                {"xmin": (int(str(row[0])),), "ctid": (int(str(row[1])), int(str(row[2])))},
            )
            for row in cursor.fetchall()
        ]

    @staticmethod
    def _raw_tuples(connection: psycopg.Connection[tuple[object, ...]], table: str) -> list[bytes]:
        found = connection.execute(
            f"SELECT t_data FROM generate_series(0, pg_relation_size('{table}') / 8192 - 1) page,"
            f" heap_page_items(get_raw_page('{table}', page::int)) WHERE t_data IS NOT NULL"
        )
        return [bytes(row[0]) for row in found.fetchall()]
