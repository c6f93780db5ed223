"""Clients that mean harm: ``python -m faults.hostile_clients ATTACK PORT FROM PATH TICKET SHARED_CODE``.

Each is a process of its own, and its connections come from the loopback address FROM, so that a phone can have another
address or the very same one.
"""

from __future__ import annotations

import resource
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
LINES = 400
"""More than the server of the tests may have: opened as fast as it goes."""
LINES_HELD = 3000
SIGN_IN = "/desk/sign-in"


@dataclass(frozen=True)
class Target:
    """Whom a client attacks, from which address, and what it knows of the meeting."""

    port: int
    source: str
    path: str
    ticket: str
    shared_code: str

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(self.source, 0))

    def post(self, raw: bytes) -> bytes:
        """All that comes back; nothing where the server breaks off."""
        with suppress(OSError), self.connect() as line:
            with suppress(OSError):
                line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65536), b""))
        return b""

    def repeat(self, make: Callable[[], bytes], times: int = 1) -> None:
        """Post what is made, again and again, on so many connections at once."""

        def work() -> None:
            while True:
                self.post(make())

        for _ in range(times):
            threading.Thread(target=work).start()


def request(path: str, body: bytes | None = None, headers: str = "") -> bytes:
    if body is None:
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{FORM}{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
    )


def draw_request(path: str, shared_code: str) -> bytes:
    """What a phone's script sends for a ticket, with a number of its own."""
    body = f"pool={shared_code}&draw={secrets.token_hex(16)}".encode()
    return request(f"{path}/ticket", body, "X-Kaohe-Script: 1\r\n")


def pipelining(at: Target) -> None:
    """Send pages' requests without waiting for one of them."""
    with at.connect() as line:
        wanted = request(at.path) * 200
        threading.Thread(target=_read_for_ever, args=(line,), daemon=True).start()
        while True:
            line.sendall(wanted)


def slow_lines(at: Target) -> None:
    """Hold more connections than the server may have, each in the middle of a head, and open new ones all the time."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    lines: list[socket.socket] = []
    while True:
        with suppress(OSError):
            lines.append(at.connect())
            lines[-1].sendall(f"POST {at.path} HTTP/1.1\r\nX-Slow: ".encode())
        if len(lines) > LINES:
            time.sleep(0.005)
            lines = lines[-LINES_HELD:]


def big_forms(at: Target) -> None:
    """Post ten megabytes of empty fields to a page that nobody is signed in to, and long ballots without a ticket."""
    at.repeat(lambda: request(at.path, b"a&" * 49_000))
    form = request(SIGN_IN, b"a&" * 5_000_000)
    at.repeat(lambda: form, times=2)


def renderings(at: Target) -> None:
    """Ask for the whole form again and again, half of the times with a ticket that is good."""
    at.repeat(lambda: request(at.path, b"back=1"), times=32)
    at.repeat(lambda: request(at.path, f"ticket={at.ticket}&back=1".encode()), times=32)


def draining(at: Target) -> None:
    """Draw every ticket that the shared code has."""
    at.repeat(lambda: draw_request(at.path, at.shared_code), times=8)


def guesses(at: Target) -> None:
    """Guess at the passwords of many accounts at once."""
    page = at.post(request(SIGN_IN))
    cookie = page.partition(b"Set-Cookie: ")[2].partition(b";")[0].decode()
    token = page.partition(b'name="csrf_token"')[2].partition(b'value="')[2].partition(b'"')[0].decode()
    assert cookie
    assert token

    def guess() -> bytes:
        body = f"csrf_token={token}&name={secrets.token_hex(4)}&password=wrong".encode()
        return request(SIGN_IN, body, f"Cookie: {cookie}\r\n")

    at.repeat(guess, times=30)


ATTACKS = {attack.__name__: attack for attack in (pipelining, slow_lines, big_forms, renderings, draining, guesses)}


def _read_for_ever(line: socket.socket) -> None:
    with suppress(OSError):
        while line.recv(65536):
            pass


if __name__ == "__main__":
    name, port, *rest = sys.argv[1:]
    target = Target(int(port), *rest)
    with target.connect():
        pass
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    ATTACKS[name](target)
