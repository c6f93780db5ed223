"""A real PostgreSQL server of the tests' own, in a folder that goes away with them."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

_USER = "postgres"


@dataclass(frozen=True)
class PostgreSQLServer:
    """One running server that listens on a socket file only."""

    folder: Path
    binaries: Path
    options: str = ""
    """Further options of the server's."""

    @classmethod
    def start(cls, options: str = "") -> PostgreSQLServer:
        server = cls(_new_folder(), _find_binaries(), options)
        data = str(server.folder / "data")
        server._run("initdb", "-D", data, "-U", _USER, "--auth=trust", "--encoding=UTF8", "--no-sync")
        server.come_back()
        return server

    def come_back(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c max_connections=100 {self.options}"
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self._run("pg_ctl", "-D", data, "-w", "-o", options, "-l", log, "start")

    def copy(self) -> PostgreSQLServer:
        """A running standby of this one."""
        other = PostgreSQLServer(_new_folder(), self.binaries, self.options)
        other.become_copy_of(self)
        return other

    def become_copy_of(self, primary: PostgreSQLServer) -> None:
        """Start as a standby of another one; what was here is thrown away."""
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        copied = ("-D", str(data), "-h", str(primary.folder), "-U", _USER, "-X", "stream", "-c", "fast", "--no-sync")
        self._run("pg_basebackup", "-R", *copied)
        self.come_back()

    def promote(self) -> None:
        """Let a standby take writes."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "promote")

    def go_away(self) -> None:
        """As in a crash; what is committed is there again when it comes back."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def freeze(self) -> None:
        """Every process of it stands still: the system answers on the network for it, and it says nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had been."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Every process of it ends at once, also one that stands still."""
        self._signal(signal.SIGKILL)
        for left in self.folder.glob(".s.PGSQL.*"):
            # It had no time to; and where nobody reaps it, its number is one of a process for ever.
            left.unlink()

    def _signal(self, number: signal.Signals) -> None:
        master = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        tasks = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for process in (master, *map(int, tasks)):
            with suppress(ProcessLookupError):  # the backend of somebody who has just left
                os.kill(process, number)

    def stop(self) -> None:
        with suppress(RuntimeError):  # a test may have ended while it was away
            self.go_away()
        shutil.rmtree(self.folder)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{_USER}@/{name}?host={self.folder}"

    def create_database(self, template: str = "template0") -> str:
        name = f"kaohe_{secrets.token_hex(6)}"
        self.tell(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        self.tell(f'DROP DATABASE "{name}" WITH (FORCE)')

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a question that whoever runs the server may ask."""
        with self.connected("postgres") as connection:
            return connection.execute(statement.encode()).fetchall()

    def connected(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection to one of its databases; every statement is a transaction."""
        return psycopg.connect(f"postgresql://{_USER}@/{name}?host={self.folder}", autocommit=True)

    def tell(self, statement: str) -> None:
        """A statement without an answer."""
        with self.connected("postgres") as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        as_root = os.geteuid() == 0
        # A server that inherits pipes would keep them open and hang whoever waits for the tests' output.
        with (self.folder / f"{program}.out").open("w") as output:
            done = subprocess.run(
                [str(self.binaries / program), *arguments],
                user=_USER if as_root else None,
                group=pwd.getpwnam(_USER).pw_gid if as_root else None,
                extra_groups=[] if as_root else None,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{(self.folder / f'{program}.out').read_text()}")


class LentDatabases:
    """Migrated databases that one test after another uses: making one takes half a second, emptying it does not."""

    def __init__(self, server: PostgreSQLServer, template: str) -> None:
        self._server, self._template = server, template
        self._free: list[str] = []
        self._shape: tuple[Any, ...] = ()

    def lend(self) -> str:
        """The name of an empty one, for one test alone."""
        if self._free:
            return self._free.pop()
        name = self._server.create_database(self._template)
        with self._server.connected(name) as connection:
            self._shape = connection.execute(_SHAPE).fetchone() or ()
        return name

    def take_back(self, name: str) -> None:
        """End whoever is still connected and throw away all rows; a database that was altered is thrown away itself."""
        with self._server.connected(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            try:
                is_same = connection.execute(_SHAPE).fetchone() == self._shape
            except psycopg.errors.UndefinedTable:
                is_same = False
            if is_same:
                # Truncated, not deleted from: what a test looks for in the files is not to be another test's.
                used = [row[0] for row in connection.execute(_USED_TABLES)]
                if used:
                    connection.execute(f"TRUNCATE {', '.join(used)} CASCADE".encode())
        if is_same:
            self._free.append(name)
        else:
            self._server.drop_database(name)


_SHAPE = (
    "SELECT (SELECT max(oid) FROM pg_class), (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute),"
    " (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_proc),"
    " (SELECT count(*) FROM pg_attrdef), (SELECT count(*) FROM pg_publication), (SELECT count(*) FROM pg_policy),"
    " (SELECT count(*) FROM pg_rewrite), (SELECT count(*) FROM pg_class WHERE relrowsecurity),"
    " (SELECT count(*) FROM pg_db_role_setting), (SELECT string_agg(version_num, ' ') FROM alembic_version)"
)
_USED_TABLES = (
    "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    " AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0"
)


def _new_folder() -> Path:
    # Not below pytest's own folder: that is closed to others, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="kaohe-postgresql-"))
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, so root lends the folder to the server's own user.
        shutil.chown(folder, _USER)
    return folder


def _find_binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("PostgreSQL's server programs (initdb, pg_ctl) are not installed: run `make system`")
    return Path(on_path).resolve().parent
