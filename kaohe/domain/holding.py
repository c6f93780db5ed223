"""Which schemes a meeting can be held by: those that leave something to vote on."""

from __future__ import annotations

from kaohe.domain.errors import SchemeNotHeld
from kaohe.tally.scheme import Scheme


def can_be_held(scheme: Scheme) -> bool:
    """Whether there is something to vote on; a score made of imports and earlier periods alone is only computed."""
    return any(section.scheme.has_votes for section in scheme.sections)


def require_held(scheme: Scheme) -> Scheme:
    """``scheme``, where a meeting can be held by it.

    Raises:
        SchemeNotHeld: it cannot.
    """
    if not can_be_held(scheme):
        raise SchemeNotHeld
    return scheme
