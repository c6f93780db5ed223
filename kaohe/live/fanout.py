"""One event to many screens: encoded once, and a slow screen skips to the newest."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass

HEARTBEAT_SECONDS = 15.0
"""So that both ends, and whatever stands between them, learn that the line is alive, or is not."""
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


class Channel:
    """Holds the newest event and lets any number of viewers wait for a newer one.

    Plain threads wait in it, and greenlets where gevent has patched threading.
    """

    def __init__(self, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        """A channel on which nothing has been published."""
        self._heartbeat_seconds = heartbeat_seconds
        self._newest: Event | None = None
        # Each picture has a bell of its own, rung once. Waking thousands of greenlets so takes less than half the
        # time that a condition takes, whose waiters get hold of its lock one after the other.
        self._bell = threading.Event()
        self._publishing = threading.Lock()

    def publish(self, event: Event) -> None:
        """Make ``event`` the newest and wake every viewer. Publishing the newest again wakes nobody."""
        with self._publishing:
            if self._newest is None or self._newest.id != event.id:
                self._newest = event
                rung, self._bell = self._bell, threading.Event()
                rung.set()

    def listen(self, seen: str | None) -> Iterator[bytes]:
        """Yield whatever is newer than the event ``seen``, for ever; a heartbeat where nothing is."""
        # Screens that lost the same server come back at different moments.
        yield f"retry: {_RETRY_FROM_MS + secrets.randbelow(_RETRY_SPREAD_MS)}\n\n".encode()
        while True:
            # Taken before the look at the newest event, so that no event can fall between the two.
            bell = self._bell
            newest = self._newest
            if newest is not None and newest.id != seen:
                seen = newest.id
                yield newest.payload
            elif not bell.wait(self._heartbeat_seconds):
                yield HEARTBEAT
