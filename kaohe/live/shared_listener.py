"""Shares one change listener among all watchers of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kaohe.storage.change_feed import ChangeListener, supports_notifications


class SharedListener:
    """Listens while at least one watcher has joined; never wakes anybody where the database cannot notify."""

    def __init__(self) -> None:
        """Not connected until somebody joins."""
        self._joining = threading.Lock()
        self._wakers: set[Callable[[], None]] = set()
        self._listener: ChangeListener | None = None

    @property
    def is_connected(self) -> bool:
        """Whether every change is heard of at this moment, so that nobody need poll."""
        listener = self._listener
        return listener is not None and listener.is_connected

    def join(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` at every change from now on. Needs an application context."""
        with self._joining:
            self._wakers.add(wake)
            if self._listener is None and supports_notifications():
                self._listener = ChangeListener(self._wake_all)

    def leave(self, wake: Callable[[], None]) -> None:
        """Stop calling ``wake``; idempotent. The last one to leave closes the connection."""
        with self._joining:
            self._wakers.discard(wake)
            if not self._wakers and self._listener is not None:
                self._listener.stop()
                self._listener = None

    def _wake_all(self) -> None:
        for wake in tuple(self._wakers):
            wake()
