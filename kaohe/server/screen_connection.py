"""A live screen's connection: sends at once, and never lets a slow screen hold up the others."""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import lru_cache
from typing import Any

import gevent

from kaohe.live.fanout import HEARTBEAT

PATIENCE_SECONDS = 60
"""How long a screen may lag behind before its connection is closed; it then reconnects by itself."""


@lru_cache(maxsize=4)
def _chunk(message: bytes) -> bytes:
    """One piece of a chunked body; made once for all the screens that are sent the same message."""
    return b"%x\r\n%b\r\n" % (len(message), message)


class ScreenConnection:
    """Pushes messages into one socket. A screen that is behind is sent the newest message next, and no other."""

    def __init__(self, sock: Any, *, is_chunked: bool) -> None:  # noqa: ANN401 - gevent ships no types
        """``sock`` is gevent's socket; the head of the reply has been sent."""
        self._socket = sock
        self._is_chunked = is_chunked
        self._is_behind = False
        self._newest: bytes | None = None

    def push(self, message: bytes) -> None:
        """Send ``message`` without waiting, or keep the newest one for when the screen has caught up."""
        if self._is_behind:
            # A waiting picture shows well enough that the server is alive.
            if message is not HEARTBEAT:
                self._newest = message
            return
        data = _chunk(message) if self._is_chunked else message
        # Not as an argument of `send`, which an encrypted socket does not heed. Nobody else has a turn meanwhile.
        patience = self._socket.gettimeout()
        self._socket.settimeout(0.0)
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            # The reader of the same socket notices that the screen has gone.
            return
        finally:
            self._socket.settimeout(patience)
        if sent < len(data):
            self._is_behind = True
            gevent.spawn(self._catch_up, data[sent:])

    def _catch_up(self, rest: bytes) -> None:
        with suppress(OSError), gevent.Timeout(PATIENCE_SECONDS, exception=False):
            self._socket.sendall(rest)
            while self._newest is not None:
                message, self._newest = self._newest, None
                self._socket.sendall(_chunk(message) if self._is_chunked else message)
            self._is_behind = False
        if self._is_behind:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
