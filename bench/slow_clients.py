"""Slow clients: connections whose requests never become whole, as a hall's dead spots and a vandal make them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from bench.phones import BurstSeen, Phone, burst
from kaohe.server.connection import HEADERS_SECONDS

_CLOSED_WITHIN_SECONDS = 3
"""After its time is over; the server looks once a second."""


async def vote_beside(port: int, path: str, phones: Sequence[Phone], slow: int) -> tuple[BurstSeen, int]:
    """(what the voters have seen, slow connections that were held longer than the head of a request may take)."""
    held = await hold_slowly(port, slow)
    due = time.monotonic() + HEADERS_SECONDS + _CLOSED_WITHIN_SECONDS
    ended = asyncio.Event()
    trickling = asyncio.create_task(trickle(held, ended))
    await asyncio.sleep(1.5)
    seen = await burst(port, path, phones)
    await asyncio.sleep(due - time.monotonic())
    still = sum(not writer.transport.is_closing() for writer in held)
    ended.set()
    await trickling
    for writer in held:
        writer.transport.abort()
    return seen, still


async def hold_slowly(port: int, count: int) -> list[asyncio.StreamWriter]:
    """So many connections whose requests never become whole; each has sent its first line."""
    held: list[asyncio.StreamWriter] = []
    for first in range(0, count, 200):
        opened = await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", port) for _ in range(min(200, count - first)))
        )
        for _, writer in opened:
            writer.write(b"POST /v/nowhere/1 HTTP/1.1\r\nHost: localhost\r\n")
            held.append(writer)
    return held


async def trickle(held: list[asyncio.StreamWriter], until: asyncio.Event) -> None:
    """One header line, then one byte for each connection now and then, until told to stop."""
    number = 0
    while not until.is_set():
        for writer in held:
            writer.write(b"X" if number else b"X-Slow: ")
        number += 1
        await asyncio.sleep(1)
