"""The organizer's console: signing in, setting a meeting up, holding it."""

from __future__ import annotations

from kaohe.web.organizer import (  # noqa: F401 - importing a module hangs its views on the blueprint
    accounts,
    checking,
    hall,
    holding,
    key,
    meetings,
    result,
    scheme,
    signing_in,
    speaking,
    subjects,
    tickets,
    voters,
)
from kaohe.web.organizer.blueprint import organizer

__all__ = ["organizer"]
