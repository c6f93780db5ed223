"""Challenge codes (抽查码) of the tellers' own ballots, and how likely they are to catch a cheat."""

from __future__ import annotations

import re
from fractions import Fraction
from math import comb

from kaohe.domain.envelopes import envelope_tag

CHALLENGES_WORTH = 20
_A_TENTH = 10
_BETWEEN = re.compile(r"[\s\-—–]+")


def read_challenge(round_id: str, typed: str) -> tuple[bytes, ...]:
    """The tags of the envelopes that a typed code may stand for: as it is, and without what people put between.

    A phone with scripts has a nonce of hexadecimal digits; other clients choose letters, hyphens and underscores.
    """
    plain = typed.strip()[:100]
    bare = _BETWEEN.sub("", plain)
    return tuple(envelope_tag(round_id, nonce) for nonce in dict.fromkeys((plain, bare, bare.lower())))


def suggested_challenges(voters: int) -> int:
    """A tenth of the room or twenty, whichever is smaller; nobody needs to cheat a room of fewer than ten."""
    return min(CHALLENGES_WORTH, voters // _A_TENTH)


def chance_of_detection(ballots: int, altered: int, challenges: int) -> Fraction:
    """How likely at least one of some challenges is among the altered ballots, all drawn blindly from one box.

    Raises:
        ValueError: more are altered, or challenged, than there are ballots.
    """
    if not 0 <= altered <= ballots or not 0 <= challenges <= ballots:
        msg = "parts of the box only"
        raise ValueError(msg)
    return 1 - Fraction(comb(ballots - altered, challenges), comb(ballots, challenges))
