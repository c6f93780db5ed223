"""The organizer's console: signing in, setting a meeting up, holding it."""

from __future__ import annotations

from kaohe.web.organizer import (  # noqa: F401 - importing a module hangs its views on the blueprint
    accounts,
    challenging,
    checking,
    hall,
    holding,
    inputs,
    installation,
    keeping,
    key,
    meetings,
    own_account,
    own_schemes,
    paper,
    result,
    scheme,
    scheme_text,
    second_person,
    signing_in,
    speaking,
    spot_votes,
    subjects,
    tickets,
    voters,
)
from kaohe.web.organizer.blueprint import organizer

__all__ = ["organizer"]
