"""A pooler between kaohe and PostgreSQL is told from PostgreSQL itself, and from a relay that changes nothing."""

from __future__ import annotations

import secrets
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from databases import PostgreSQLServer

from kaohe.config import Config
from kaohe.factory import create_app
from kaohe.storage.starting import DatabaseUnusable, bring_up_to_date, close_database

_KEY_OF_PROCESS = b"K"


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _copy_messages(source: socket.socket, target: socket.socket) -> None:
    """As PgBouncer: what the server says is passed on, but for the key that its process is called by."""
    with suppress(OSError, struct.error), source.makefile("rb") as stream:
        while kind := stream.read(1):
            head = stream.read(4)
            body = stream.read(struct.unpack("!i", head)[0] - 4)
            target.sendall(kind + head + (secrets.token_bytes(len(body)) if kind == _KEY_OF_PROCESS else body))
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def relay(server: PostgreSQLServer, *, is_pooler: bool) -> Iterator[str]:
    """The address of something between; which database is asked for is left to the caller."""

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as upstream:
                upstream.connect(f"{server.folder}/.s.PGSQL.5432")
                asking = threading.Thread(target=_copy, args=(self.request, upstream))
                asking.start()
                (_copy_messages if is_pooler else _copy)(upstream, self.request)
                asking.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        port = listening.server_address[1]
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/{{}}?sslmode=disable&gssencmode=disable"
        listening.shutdown()


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("is_pooler", [True, False])
def test_a_pooler_is_refused_at_the_start_and_a_relay_is_not(
    tmp_path: Path, postgresql: PostgreSQLServer, *, is_pooler: bool
) -> None:
    name = postgresql.create_database()
    with relay(postgresql, is_pooler=is_pooler) as address:
        app = create_app(Config(tmp_path, address.format(name), is_testing=True))
        with app.app_context():
            if is_pooler:
                with pytest.raises(DatabaseUnusable, match="PgBouncer"):
                    bring_up_to_date()
            else:
                bring_up_to_date()
            close_database()
    postgresql.drop_database(name)
