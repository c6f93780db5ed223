"""Which connections wait for whom, and which of them is closed when there are too many.

Kept in memory only. An address is known as a number under a key that the process makes at its start, and forgotten with
its last connection.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

LINES_AT_MOST = 60_000
"""Connections of a server whose system sets no limit."""
_FILES_KEPT_SHARE = 4
_FILES_KEPT_AT_MOST = 256
"""Files left for the database, for templates, and for newcomers about to be closed: a quarter, at most this many."""


class Cuttable(Protocol):
    """One client's connection."""

    overdue_at: float
    """When a request that has begun must be whole, by the monotonic clock."""

    def cut(self) -> None:
        """Close it; whoever serves it is woken and ends."""


@dataclass(slots=True)
class _Caller:
    """All connections of one address."""

    count: int = 0
    idle: dict[Cuttable, None] = field(default_factory=dict)


class ClientLines:
    """Every open connection of a server, and those that nobody is being answered on, the longest idle first."""

    def __init__(self, files_at_most: int | None, proxies: Collection[str] = ()) -> None:
        """``files_at_most`` is the system's limit on open files; ``proxies`` are addresses that speak for many."""
        files = files_at_most or LINES_AT_MOST
        self.most = files - min(_FILES_KEPT_AT_MOST, files // _FILES_KEPT_SHARE)
        self._most_of_one = self.most // 2
        self._proxies = frozenset(proxies)
        self._key = secrets.token_bytes(16)
        self._callers: dict[bytes, _Caller] = {}
        self._lines: dict[Cuttable, bytes] = {}
        self._idle: dict[Cuttable, None] = {}

    def caller_of(self, address: object) -> bytes:
        """What stands for a client's address while this process lives; b'' for a proxy that was declared."""
        # An IPv4 client of a listener for both families comes with its address inside one of IPv6.
        host = str(address[0] if isinstance(address, tuple) else address).removeprefix("::ffff:")
        if host in self._proxies:
            return b""
        return hashlib.blake2b(host.encode(), key=self._key, digest_size=8).digest()

    def join(self, line: Cuttable, caller: bytes) -> bool:
        """Take a new connection in, at the cost of the longest idle one where there are too many; False: close it."""
        known = self._callers.get(caller)
        if caller and known is not None and known.count >= self._most_of_one:
            if not _cut_first(known.idle):
                return False
        elif len(self._lines) >= self.most and not _cut_first(self._idle):
            return False
        self._lines[line] = caller
        self._callers.setdefault(caller, _Caller()).count += 1
        self.wait(line)
        return True

    def leave(self, line: Cuttable) -> None:
        """Forget a connection that is closed."""
        self.work(line)
        caller = self._lines.pop(line)
        known = self._callers[caller]
        known.count -= 1
        if not known.count:
            del self._callers[caller]

    def wait(self, line: Cuttable) -> None:
        """Note that the server waits for this client's next request."""
        self._idle[line] = self._callers[self._lines[line]].idle[line] = None

    def work(self, line: Cuttable) -> None:
        """Note that a request of this client is being answered, so that its connection is left alone."""
        self._idle.pop(line, None)
        self._callers[self._lines[line]].idle.pop(line, None)

    def cut_overdue(self) -> None:
        """Close every connection whose request should have been whole by now."""
        moment = time.monotonic()
        for line in [line for line in self._lines if line.overdue_at < moment]:
            line.cut()


def _cut_first(idle: dict[Cuttable, None]) -> bool:
    line = next(iter(idle), None)
    if line is None:
        return False
    del idle[line]
    line.cut()
    return True
