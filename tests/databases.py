"""A real PostgreSQL server of the tests' own, in a folder that goes away with them."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
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

    @classmethod
    def start(cls) -> PostgreSQLServer:
        # Not below pytest's own folder: that is closed to others, and a socket's path must be short.
        folder = Path(tempfile.mkdtemp(prefix="kaohe-postgresql-"))
        server = cls(folder, _find_binaries())
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root, so root lends the folder to the server's own user.
            shutil.chown(folder, _USER)
        server._run("initdb", "-D", str(folder / "data"), "-U", _USER, "--auth=trust", "--encoding=UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=100"
        server._run("pg_ctl", "-D", str(folder / "data"), "-w", "-o", options, "-l", str(folder / "log"), "start")
        return server

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{_USER}@/{name}?host={self.folder}"

    def create_database(self, template: str = "template0") -> str:
        name = f"kaohe_{secrets.token_hex(6)}"
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        self._sql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a question that whoever runs the server may ask."""
        with psycopg.connect(f"postgresql://{_USER}@/postgres?host={self.folder}", autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def _sql(self, statement: str) -> None:
        with psycopg.connect(f"postgresql://{_USER}@/postgres?host={self.folder}", autocommit=True) as connection:
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


def _find_binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("PostgreSQL's server programs (initdb, pg_ctl) are not installed: run `make system`")
    return Path(on_path).resolve().parent
