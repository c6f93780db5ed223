"""One event to many screens: encoded once, and a slow screen skips to the newest."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

HEARTBEAT_SECONDS = 15.0
"""Keeps both ends, and any proxy between them, aware of whether the connection is alive."""
HEARTBEAT = b": still here\n\n"
_RETRY_FROM_MS, _RETRY_SPREAD_MS = 1_000, 4_000


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event, ready for the wire."""

    id: str
    payload: bytes


def encode_event(name: str, event_id: str, data: str) -> Event:
    """The event in the format of ``text/event-stream``; empty lines of ``data`` are left out."""
    lines = (f"data: {line.strip()}\n" for line in data.splitlines() if line.strip())
    return Event(event_id, f"event: {name}\nid: {event_id}\n{''.join(lines)}\n".encode())


class Line(Protocol):
    """A viewer's connection that takes a whole message at once and never makes the sender wait."""

    def push(self, message: bytes) -> None:
        """Send ``message``, or keep the newest one until the viewer has taken what was sent before."""


class Channel:
    """Holds the newest event and gives it to any number of viewers.

    A viewer either waits for it in ``listen`` (plain threads, and greenlets where gevent has patched threading), or its
    ``Line`` is pushed to: waking five thousand greenlets one after the other takes seconds, writing to as many sockets
    a part of one.
    """

    def __init__(self, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        """A channel on which nothing has been published."""
        self._heartbeat_seconds = heartbeat_seconds
        self._newest: Event | None = None
        # Each picture has an event of its own, set once. Waking thousands of greenlets takes less than half as long as
        # with a condition, whose waiters take its lock one after the other.
        self._published = threading.Event()
        self._publishing = threading.Lock()
        self._lines: set[Line] = set()

    def publish(self, event: Event) -> None:
        """Make ``event`` the newest and wake every viewer. Publishing the newest again wakes nobody."""
        with self._publishing:
            if self._newest is None or self._newest.id != event.id:
                self._newest = event
                published, self._published = self._published, threading.Event()
                published.set()
                self._push(event.payload)

    def beat(self) -> None:
        """Send a heartbeat on every line."""
        with self._publishing:
            self._push(HEARTBEAT)

    def join(self, line: Line, seen: str | None) -> None:
        """Push to this line from now on, beginning with what is newer than the event ``seen``."""
        line.push(_pause_for_reconnecting())
        with self._publishing:
            if self._newest is not None and self._newest.id != seen:
                line.push(self._newest.payload)
            self._lines.add(line)

    def leave(self, line: Line) -> None:
        """Push to this line no more. Idempotent."""
        with self._publishing:
            self._lines.discard(line)

    def listen(self, seen: str | None) -> Iterator[bytes]:
        """Yield every event newer than ``seen``, forever, and a heartbeat while there is none."""
        yield _pause_for_reconnecting()
        while True:
            # Taken before the newest event is read, so that no event can fall between the two.
            published = self._published
            newest = self._newest
            if newest is not None and newest.id != seen:
                seen = newest.id
                yield newest.payload
            elif not published.wait(self._heartbeat_seconds):
                yield HEARTBEAT

    def _push(self, message: bytes) -> None:
        for line in self._lines:
            line.push(message)


def _pause_for_reconnecting() -> bytes:
    # Screens that lost the same server come back at different moments.
    return f"retry: {_RETRY_FROM_MS + secrets.randbelow(_RETRY_SPREAD_MS)}\n\n".encode()
