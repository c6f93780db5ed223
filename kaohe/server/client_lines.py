"""Which connections wait for whom, and which of them is closed when there are too many.

Kept in memory only. An address is known as a number under a key that the process makes at its start, and forgotten with
its last connection.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

LINES_AT_MOST = 60_000
"""Connections of a server whose system sets no limit."""
_FILES_KEPT_SHARE = 4
_CLOSING_SHARE = 4
"""Of the files that are left, a quarter is for connections that were told to give way and are not closed yet."""
_FILES_KEPT_AT_MOST = 256
"""Files left for the database, for templates, and for newcomers about to be closed: a quarter, at most this many."""


class Cuttable(Protocol):
    """One client's connection."""

    overdue_at: float
    """When a request that has begun must be whole, by the monotonic clock."""

    def cut(self) -> None:
        """Close it; whoever serves it is woken and ends."""


class _Waiting:
    """Connections on which nobody is being answered, those that have waited longest first."""

    def __init__(self) -> None:
        self.idle: dict[Cuttable, None] = {}
        """Answered before, and silent since: a browser opens another one without a word."""
        self.arriving: dict[Cuttable, None] = {}
        """New, or in the middle of a request's head."""

    def discard(self, line: Cuttable) -> None:
        self.idle.pop(line, None)
        self.arriving.pop(line, None)


@dataclass(slots=True)
class _Caller:
    """All connections of one address."""

    count: int = 0
    waiting: _Waiting = field(default_factory=_Waiting)


class ClientLines:
    """Every open connection of a server, and which of them can give way."""

    def __init__(self, files_at_most: int | None, proxies: Collection[str] = ()) -> None:
        """``files_at_most`` is the system's limit on open files; ``proxies`` are addresses that speak for many."""
        files = files_at_most or LINES_AT_MOST
        self.most = files - min(_FILES_KEPT_AT_MOST, files // _FILES_KEPT_SHARE)
        self._most_of_one = self.most // 2
        self._closing_at_most = (files - self.most) // _CLOSING_SHARE
        self._proxies = frozenset(proxies)
        self._key = secrets.token_bytes(16)
        self._callers: dict[bytes, _Caller] = {}
        self._lines: dict[Cuttable, bytes] = {}
        self._waiting = _Waiting()

    def caller_of(self, address: object) -> bytes:
        """What stands for a client's address while this process lives; b'' for a proxy that was declared."""
        # An IPv4 client of a listener for both families comes with its address inside one of IPv6.
        host = str(address[0] if isinstance(address, tuple) else address).removeprefix("::ffff:")
        if host in self._proxies:
            return b""
        return hashlib.blake2b(host.encode(), key=self._key, digest_size=8).digest()

    def join(self, line: Cuttable, caller: bytes) -> bool:
        """Take a new connection in; False where there is no room and nobody can give way.

        Where there are too many an idle connection gives way, one of the same address before all others, and where
        none is idle one that has not sent a whole head. An address with half of all connections makes its own give way.
        """
        known = self._callers.get(caller)
        own = known.waiting if caller and known is not None else _Waiting()
        beyond_half = known.count - self._most_of_one if caller and known is not None else -1
        beyond = max(beyond_half, len(self._lines) - self.most)
        if beyond >= 0:
            others = own if beyond_half >= 0 else self._waiting
            yielding = _first(own.idle, others.idle, own.arriving, others.arriving)
            if yielding is None or beyond >= self._closing_at_most:
                return False
            self.work(yielding)
            yielding.cut()
        self._lines[line] = caller
        self._callers.setdefault(caller, _Caller()).count += 1
        self.arrive(line)
        return True

    def leave(self, line: Cuttable) -> None:
        """Forget a connection that is closed."""
        self.work(line)
        caller = self._lines.pop(line)
        known = self._callers[caller]
        known.count -= 1
        if not known.count:
            del self._callers[caller]

    def arrive(self, line: Cuttable) -> None:
        """Note that this client has begun to send a request."""
        for waiting in self._rooms(line):
            waiting.idle.pop(line, None)
            waiting.arriving[line] = None

    def wait(self, line: Cuttable) -> None:
        """Note that the server waits for this client's next request."""
        for waiting in self._rooms(line):
            waiting.idle[line] = None

    def work(self, line: Cuttable) -> None:
        """Note that a request of this client is being answered, so that its connection is left alone."""
        for waiting in self._rooms(line):
            waiting.discard(line)

    def _rooms(self, line: Cuttable) -> tuple[_Waiting, _Waiting]:
        return self._waiting, self._callers[self._lines[line]].waiting

    def cut_overdue(self) -> None:
        """Close every connection whose request should have been whole by now."""
        moment = time.monotonic()
        for line in [line for line in self._lines if line.overdue_at < moment]:
            line.cut()


def _first(*waiting: dict[Cuttable, None]) -> Cuttable | None:
    return next(itertools.chain(*waiting), None)
