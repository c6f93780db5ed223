"""The watchers of one process hear together when another server has changed something."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kaohe.storage.change_feed import Listener, can_listen


class Hearing:
    """Listens while anybody wants to be woken; hears nothing where the database has no bell."""

    def __init__(self) -> None:
        """Nobody listens."""
        self._joining = threading.Lock()
        self._wakers: set[Callable[[], None]] = set()
        self._listener: Listener | None = None

    @property
    def is_good(self) -> bool:
        """Whether nothing can be missed at this moment."""
        listener = self._listener
        return listener is not None and listener.is_listening

    def join(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` at every ring from now on. Needs an application context."""
        with self._joining:
            self._wakers.add(wake)
            if self._listener is None and can_listen():
                self._listener = Listener(self._wake_all)

    def leave(self, wake: Callable[[], None]) -> None:
        """Wake no more; idempotent. Whoever leaves last ends the listening."""
        with self._joining:
            self._wakers.discard(wake)
            if not self._wakers and self._listener is not None:
                self._listener.stop()
                self._listener = None

    def _wake_all(self) -> None:
        for wake in tuple(self._wakers):
            wake()
