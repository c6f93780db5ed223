"""Phones: many connections to one server, as few instructions each as Python allows."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RETRY = re.compile(rb"\r\nretry-after: *(\d+)", re.IGNORECASE)
RECEIPT = re.compile(rb'data-receipt="([^"]+)"')


@dataclass(slots=True)
class Reply:
    """What came back."""

    status: int
    head: bytes
    body: bytes

    @property
    def receipt(self) -> str | None:
        """The receipt on the page, if it is one of a stored ballot."""
        found = RECEIPT.search(self.body)
        return found[1].decode() if self.status == 200 and found else None  # noqa: PLR2004 - HTTP's own number

    @property
    def retry_after(self) -> float:
        """How long the server asks to wait."""
        found = _RETRY.search(self.head)
        return float(found[1]) if found else 0.0


class Line(asyncio.Protocol):
    """One connection that is kept open; one request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._waiter: asyncio.Future[Reply] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer = self._buffer + data if self._buffer else data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        found = _LENGTH.search(buffer, 0, end)
        length = int(found[1]) if found else 0
        if len(buffer) < end + 4 + length:
            return
        self._buffer = b""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(Reply(int(buffer[9:12]), buffer[: end + 2], buffer[end + 4 :]))

    def connection_lost(self, exc: Exception | None) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def ask(self, request: bytes) -> asyncio.Future[Reply]:
        """Send a whole request; the reply comes once it is whole, or ConnectionError."""
        assert self._transport is not None
        if self._transport.is_closing():
            raise ConnectionResetError
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiter

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()


async def connect(port: int, host: str = "127.0.0.1", local: str | None = None) -> Line:
    """A new connection. ``local`` is the loopback address to call from, for more than 28,000 at once."""
    _, line = await asyncio.get_running_loop().create_connection(
        Line, host, port, local_addr=(local, 0) if local else None
    )
    return line


def get_request(path: str) -> bytes:
    """A page as a phone asks for it."""
    return f"GET {path} HTTP/1.1\r\nHost: kaohe\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def post_request(path: str, body: bytes) -> bytes:
    """A ballot as a phone's script posts it."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: kaohe\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nX-Kaohe-Script: 1\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Tally:
    """What happened to a number of requests."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The latency, in seconds, that this share of the requests did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0


async def post_through(port: int, requests: Sequence[bytes], connections: int) -> Tally:
    """Send every request once, as fast as ``connections`` lines with one request each in flight allow."""
    tally = Tally()
    lines = await asyncio.gather(*(connect(port) for _ in range(connections)))
    waiting = iter(requests)

    async def work(line: Line) -> None:
        for request in waiting:
            begun = time.perf_counter()
            reply = await line.ask(request)
            tally.latencies.append(time.perf_counter() - begun)
            if reply.status != 200:  # noqa: PLR2004 - HTTP's own number
                tally.errors.append(f"{reply.status}: {reply.body[:200]!r}")

    begun = time.perf_counter()
    await asyncio.gather(*(work(line) for line in lines))
    tally.seconds = time.perf_counter() - begun
    for line in lines:
        line.close()
    return tally
