"""Clients that mean harm, each in a process of its own: ``python -m faults.hostile_clients ATTACK PORT PATH …``."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def request(path: str, body: bytes | None = None, headers: str = "") -> bytes:
    if body is None:
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{FORM}{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
    )


def pipelining(port: int, path: str, *_: str) -> None:
    """Send pages' requests without waiting for one of them."""
    with connect(port) as line:
        wanted = request(path) * 200
        threading.Thread(target=_read_for_ever, args=(line,), daemon=True).start()
        while True:
            line.sendall(wanted)


def big_forms(port: int, path: str, *_: str) -> None:
    """Post ten megabytes of empty fields to a page that nobody is signed in to, and long ballots without a ticket."""
    threading.Thread(target=_repeat, args=(port, request(path, b"a&" * 49_000))).start()
    _repeat(port, request("/desk/sign-in", b"a&" * 5_000_000), times=2)


ATTACKS = {attack.__name__: attack for attack in (pipelining, big_forms)}


def _repeat(port: int, raw: bytes, times: int = 1) -> None:
    def work() -> None:
        while True:
            _post(port, raw)

    workers = [threading.Thread(target=work) for _ in range(times)]
    for worker in workers:
        worker.start()


def _post(port: int, raw: bytes) -> bytes:
    with suppress(OSError), connect(port) as line:
        with suppress(OSError):
            line.sendall(raw)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))
    return b""


def _read_for_ever(line: socket.socket) -> None:
    with suppress(OSError):
        while line.recv(65536):
            pass


if __name__ == "__main__":
    name, port, *rest = sys.argv[1:]
    with connect(int(port)):
        pass
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    ATTACKS[name](int(port), *rest)
