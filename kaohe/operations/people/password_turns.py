"""Who has a password checked, and when: a check takes a tenth of a second, and there is one place to do it.

Kept in the memory of each server.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kaohe.domain.errors import TooManySignIns


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for a check."""

    key: str = ""
    """Shared by all requests of one machine; '' where it is not known, or a proxy speaks for many."""
    is_known: bool = False
    """Whether somebody has signed in with this browser before."""


NOBODY = Caller()
CALLER_KEY = "kaohe.caller"
"""Under which a request to sign in, and no other, says who its caller is."""
PLACES = 8
PLACES_OF_STRANGERS = 7
"""One place is kept for a browser that has signed in before."""
PLACES_OF_ONE = 4
"""Of one caller."""


@dataclass(eq=False, slots=True)
class Place:
    """Where a check waits, and is made."""

    name: str
    key: str


class PasswordTurns:
    """At most eight checks in flight, one for each account, and among those that wait the callers take turns."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._changed = threading.Condition()
        self._waiting: list[Place] = []
        self._checked: Place | None = None
        self._served: dict[str, int] = {}

    @contextmanager
    def turn(self, name: str, caller: Caller) -> Iterator[None]:
        """Wait for the turn of a check of this account's password, and hold it.

        Raises:
            TooManySignIns: a check of this account is in flight, or too many of all or of this caller.
        """
        place = self.take(name, caller)
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._checked is None and self._next() is place)
                self._waiting.remove(place)
                self._checked = place
            yield
        finally:
            self.leave(place)

    def take(self, name: str, caller: Caller) -> Place:
        """A place for a check of this account's password, to wait at until its turn.

        Raises:
            TooManySignIns: a check of this account is in flight, or too many of all or of this caller.
        """
        with self._changed:
            taken = [*self._waiting, *([self._checked] if self._checked else [])]
            if (
                any(other.name == name for other in taken)
                or len(taken) >= (PLACES if caller.is_known else PLACES_OF_STRANGERS)
                or (caller.key and not caller.is_known and [p.key for p in taken].count(caller.key) >= PLACES_OF_ONE)
            ):
                raise TooManySignIns
            place = Place(name, caller.key)
            self._waiting.append(place)
            return place

    def leave(self, place: Place) -> None:
        """Give a place back, whether its turn has come or not."""
        with self._changed:
            if self._checked is place:
                self._checked = None
                self._served[place.key] = self._served.get(place.key, 0) + 1
            else:
                self._waiting.remove(place)
            if not self._waiting:
                self._served.clear()
            self._changed.notify_all()

    def _next(self) -> Place:
        """Of all that wait, the first one of the caller who has been served the least since the place was empty."""
        return min(self._waiting, key=lambda place: self._served.get(place.key, 0))


PASSWORD_TURNS = PasswordTurns()
"""Of this process."""
