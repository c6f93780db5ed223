"""Clients that mean harm, each in a process of its own: ``python -m faults.hostile_clients ATTACK PORT PATH …``."""

from __future__ import annotations

import itertools
import resource
import socket
import sys
import threading
import time
from contextlib import suppress

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
LINES = 400
"""More than the server of the tests may have."""


def say_begun() -> None:
    """Tell the test that the attack goes on from here."""
    sys.stdout.write("begun\n")
    sys.stdout.flush()


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


def slow_lines(port: int, path: str, *_: str) -> None:
    """Open more connections than the server may have, and send each request's head byte by byte."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    lines: list[socket.socket] = []
    for number in itertools.count():
        if len(lines) == LINES and number == LINES:
            say_begun()
        if len(lines) >= LINES:
            time.sleep(0.02)
            lines.pop(0).close()
        line = connect(port)
        lines.append(line)
        with suppress(OSError):
            line.sendall(f"POST {path} HTTP/1.1\r\nX-Slow: {number}".encode())


def big_forms(port: int, path: str, *_: str) -> None:
    """Post ten megabytes of empty fields to a page that nobody is signed in to, and long ballots without a ticket."""
    threading.Thread(target=_repeat, args=(port, request(path, b"a&" * 49_000))).start()
    _repeat(port, request("/desk/sign-in", b"a&" * 5_000_000), times=2)


def renderings(port: int, path: str, *_: str) -> None:
    """Ask for the whole form again and again, without a ticket."""
    _repeat(port, request(path, b"back=1"), times=24)


def renderings_with_a_ticket(port: int, path: str, ticket: str, *_: str) -> None:
    """Ask for the whole form again and again, with a ticket that is good."""
    _repeat(port, request(path, f"ticket={ticket}&back=1".encode()), times=24)


def guesses(port: int, *_: str) -> None:
    """Guess at passwords, many at once."""
    page = _post(port, request("/desk/sign-in"))
    cookie = page.partition(b"Set-Cookie: ")[2].partition(b";")[0].decode()
    token = page.partition(b'name="csrf_token"')[2].partition(b'value="')[2].partition(b'"')[0].decode()
    body = f"csrf_token={token}&name=nobody&password=wrong".encode()
    _repeat(port, request("/desk/sign-in", body, f"Cookie: {cookie}\r\n"), times=30)


ATTACKS = {
    attack.__name__: attack
    for attack in (
        pipelining,
        slow_lines,
        big_forms,
        renderings,
        renderings_with_a_ticket,
        guesses,
    )
}


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
    if name != slow_lines.__name__:
        say_begun()
    ATTACKS[name](int(port), *rest)
