"""Live screens: many streams into one server, each picture timed at every one of them."""

from __future__ import annotations

import asyncio
import time
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
