"""Phones: many connections to one server, as few instructions each as Python allows."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RETRY = re.compile(rb"\r\nretry-after: *(\d+)", re.IGNORECASE)
_CLOSED = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
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
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Put together what comes in pieces."""
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
        """Tell whoever waits."""
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
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def post_request(path: str, body: bytes) -> bytes:
    """A ballot as a phone's script posts it."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nX-Kaohe-Script: 1\r\n"
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
    retries: int = 0

    def percentile(self, share: float) -> float:
        """The latency, in seconds, that this share of the requests did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def per_second(self) -> float:
        """How many replies came in a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0


async def post_through(port: int, requests: Sequence[bytes], connections: int, *, good: int = 200) -> Tally:
    """Send every request once, as fast as ``connections`` lines with one request each in flight allow.

    Replies with another status than ``good`` are noted as errors.
    """
    tally = Tally()
    lines = await asyncio.gather(*(connect(port) for _ in range(connections)))
    waiting = iter(requests)

    async def work(line: Line) -> None:
        for request in waiting:
            begun = time.perf_counter()
            reply = await line.ask(request)
            tally.latencies.append(time.perf_counter() - begun)
            if reply.status != good:
                tally.errors.append(f"{reply.status}: {reply.body[:200]!r}")
            if _CLOSED.search(reply.head):
                line.close()
                line = await connect(port)
        line.close()

    begun = time.perf_counter()
    await asyncio.gather(*(work(line) for line in lines))
    tally.seconds = time.perf_counter() - begun
    return tally


@dataclass(slots=True)
class Phone:
    """One voter of a burst: what it holds, and when it begins."""

    ticket: str
    request: bytes
    begins: float
    thinks: float
    is_hasty: bool
    """Whether it sends its ballot twice at once, as a double tap or a lost reply does."""
    is_certain: bool = False
    """Whether it has heard that its ballot is stored."""


class _Burst:
    """Phones that get the page, think, and post until the ballot is certain."""

    def __init__(self, port: int, path: str, give_up: float) -> None:
        self._port, self._page, self._give_up = port, get_request(path), give_up
        self._begun = time.perf_counter()
        self.pages, self.posts, self.taps = Tally(), Tally(), Tally()

    async def vote(self, phone: Phone) -> None:
        """Do all that one voter does."""
        await asyncio.sleep(max(0.0, phone.begins - (time.perf_counter() - self._begun)))
        line = await self._get_page()
        await asyncio.sleep(phone.thinks)
        tapped = time.perf_counter()
        if phone.is_hasty:
            await asyncio.gather(self._send(line, phone, tapped), self._send(None, phone, tapped))
        else:
            await self._send(line, phone, tapped)
        self.pages.seconds = self.posts.seconds = time.perf_counter() - self._begun

    async def _get_page(self) -> Line:
        while True:
            try:
                line = await connect(self._port)
                asked = time.perf_counter()
                reply = await line.ask(self._page)
            except OSError:
                self.pages.retries += 1
                await asyncio.sleep(0.2)
            else:
                self.pages.latencies.append(time.perf_counter() - asked)
                if reply.status != 200:  # noqa: PLR2004 - HTTP's own number
                    self.pages.errors.append(str(reply.status))
                return line

    async def _send(self, line: Line | None, phone: Phone, tapped: float) -> None:
        until, tries = time.perf_counter() + self._give_up, 0
        while time.perf_counter() < until:
            wait = 0.0
            try:
                line = line or await connect(self._port)
                asked = time.perf_counter()
                reply = await line.ask(phone.request)
                self.posts.latencies.append(time.perf_counter() - asked)
                if self._is_final(reply):
                    if reply.receipt and not phone.is_certain:
                        phone.is_certain = True
                        self.taps.latencies.append(time.perf_counter() - tapped)
                    line.close()
                    return
                wait = reply.retry_after
            except OSError:
                line = None
            tries += 1
            self.posts.retries += 1
            await asyncio.sleep(wait + secrets.randbelow(1000) / 1000 * min(8, 0.25 * 2**tries))
        self.posts.errors.append("gave up")

    def _is_final(self, reply: Reply) -> bool:
        if reply.receipt:
            self.posts.receipts.append(reply.receipt)
        elif reply.status < 500:  # noqa: PLR2004 - a refusal is final, a fault is not
            self.posts.errors.append(f"{reply.status}: {reply.body[-300:]!r}")
        else:
            return False
        return True


@dataclass(frozen=True, slots=True)
class BurstSeen:
    """What a hall has seen."""

    pages: Tally
    posts: Tally
    """Every single reply to a ballot, those to its second sending included."""
    taps: Tally
    """One for each phone: from the tap until it knew that its ballot was stored, however often it had to ask."""


async def burst(port: int, path: str, phones: Sequence[Phone], *, give_up: float = 120.0) -> BurstSeen:
    """Let every phone get the page, think, and post until its ballot is certain."""
    crowd = _Burst(port, path, give_up)
    await asyncio.gather(*(crowd.vote(phone) for phone in phones))
    return BurstSeen(crowd.pages, crowd.posts, crowd.taps)


def phones_of(codes: Sequence[str], body: Callable[[str, str], bytes], path: str, *, seconds: float) -> list[Phone]:
    """One phone for each ticket, spread evenly over ``seconds``; every tenth sends twice."""
    chance = secrets.SystemRandom()
    return [
        Phone(
            code,
            post_request(path, body(code, secrets.token_hex(16))),
            begins=chance.random() * seconds * 0.9,
            thinks=chance.random() * seconds * 0.1,
            is_hasty=number % 10 == 0,
        )
        for number, code in enumerate(codes)
    ]
