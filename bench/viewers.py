"""Live screens: many streams into one server, each picture timed at every one of them."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Screens:
    """What the viewers of one server saw."""

    opened: int = 0
    lost: int = 0
    ready_after: float = 0.0
    """Seconds until every viewer had its first picture."""
    arrivals: list[tuple[bytes, float]] = field(default_factory=list)
    """(id of the picture, when it was whole at a viewer)."""

    def lags(self) -> list[float]:
        """How much later than at the first viewer each picture came at each viewer, in seconds, sorted."""
        first: dict[bytes, float] = {}
        for picture, at in self.arrivals:
            first[picture] = min(at, first.get(picture, at))
        return sorted(at - first[picture] for picture, at in self.arrivals)


class _Screen(asyncio.Protocol):
    def __init__(self, screens: Screens, request: bytes) -> None:
        self._screens, self._request = screens, request
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)
        self._screens.opened += 1

    def data_received(self, data: bytes) -> None:
        """Put together what comes in pieces."""
        self._rest += data
        *whole, self._rest = self._rest.split(b"\n\n")
        for event in whole:
            at = event.find(b"id: ")
            if at >= 0:
                picture = event[at + 4 : at + 24]
                self._screens.arrivals.append((picture, time.perf_counter()))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        del exc
        self._screens.lost += 1


async def open_screens(port: int, path: str, count: int, screens: Screens) -> list[asyncio.Transport]:
    """``count`` streams from a few loopback addresses; returns once all are connected."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    transports: list[asyncio.Transport] = []
    for begin in range(0, count, 100):
        made = await asyncio.gather(
            *(
                loop.create_connection(lambda: _Screen(screens, request), "127.0.0.1", port)
                for _ in range(begin, min(begin + 100, count))
            )
        )
        transports += [transport for transport, _ in made]
    return transports


@dataclass(eq=False)
class LastingScreen:
    """A screen that comes back by itself, as a browser's ``EventSource`` does, and says which picture it has seen."""

    reads: bool = True
    newest: bytes = b""
    """The id of the picture that is shown."""
    text: bytes = b""
    pictures: int = 0
    is_connected: bool = False
    """Whether the server has answered on the present connection."""
    comings: int = 0
    """How often a server has answered."""
    pause_seconds: float = 3.0
    """How long it waits before it comes back: what the server asked for last; a browser's own choice until then."""

    async def watch(self, port: int, path: str, address: str) -> None:
        """Show what comes, for ever."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._listen(*await self._connect(port, address), path)
            await asyncio.sleep(self.pause_seconds)

    async def _connect(self, port: int, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sock = socket.socket()
        sock.setblocking(False)  # noqa: FBT003 - the socket's own word
        if not self.reads:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            sock.bind((address, 0))
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        except OSError:
            sock.close()
            raise
        return await asyncio.open_connection(sock=sock, limit=2**16)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
        try:
            seen = f"Last-Event-ID: {self.newest.decode()}\r\n" if self.newest else ""
            head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{seen}\r\n"
            writer.write(head.encode())
            await reader.readuntil(b"\r\n\r\n")
            self.is_connected = True
            self.comings += 1
            while True:
                while not self.reads:  # noqa: ASYNC110 - a test lets it read again
                    await asyncio.sleep(0.05)
                self._show(await reader.readuntil(b"\n\n"))
        finally:
            self.is_connected = False
            writer.close()

    def _show(self, event: bytes) -> None:
        at = event.find(b"id: ")
        if event.startswith(b"retry: "):
            self.pause_seconds = int(event.removeprefix(b"retry: ")) / 1000
        elif at >= 0:
            self.newest, self.text = event[at + 4 : at + 24], event
            self.pictures += 1


def addresses(count: int) -> list[str]:
    """Loopback addresses for so many connections to one port, a few thousand each."""
    return [f"127.0.0.{2 + number % 8}" for number in range(count)]
