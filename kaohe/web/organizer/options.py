"""One choice out of several, as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """A radio button, tick box or line of a list."""

    value: str
    label: str
    is_chosen: bool
    hint: str = ""
