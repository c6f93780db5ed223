"""The signing key of a meeting: the one key that a printed slip can name.

Slips outlive the key of a ballot box: each round has a box of its own, and so has each vote on the spot. The meeting's
key vouches for all of them. It is an Ed25519 pair that is worked out from the installation's signing secret, so that it
is the same from the first ticket on, on every server of the installation, and lies in no database.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from kaohe.domain.envelopes import fingerprint, key_digest
from kaohe.domain.record_chain import public_half, sign

_PICTURE_SIDE = 7
"""Squares on each side of a key's picture, of which the right half mirrors the left one: 28 bits."""


@dataclass(frozen=True, slots=True)
class MeetingKey:
    """The pair with which one meeting, its rounds and its votes on the spot are signed."""

    private: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """The half that anybody may check signatures with."""
        return public_half(self.private)

    @property
    def fingerprint(self) -> str:
        """What the slips carry."""
        return fingerprint(self.public)

    def sign(self, statement: bytes) -> bytes:
        """The signature under a statement, which begins with a word for its kind, so that none passes for another."""
        return sign(self.private, statement)


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A public half as people compare it: characters, and a picture for comparing at a glance."""

    label: str
    text: str
    picture: str
    """The path of an SVG on a square of seven units a side."""


def shown_key(label: str, public_key: bytes) -> ShownKey:
    """How a key is shown; phones draw the same."""
    digest = key_digest(public_key)
    squares = (
        f"M{column} {row}h1v1h-1z"
        for row in range(_PICTURE_SIDE)
        for column in range(_PICTURE_SIDE)
        if digest[row] >> min(column, _PICTURE_SIDE - 1 - column) & 1
    )
    return ShownKey(label, fingerprint(public_key), "".join(squares))


def derive_meeting_key(signing_secret: bytes, meeting_id: str) -> MeetingKey:
    """The key of a meeting; always the same one, which tells nothing of the secret or of another meeting's key."""
    return MeetingKey(hmac.digest(signing_secret, f"kaohe meeting key|{meeting_id}".encode(), "sha256"))


def round_key_statement(round_id: str, public_key: bytes) -> bytes:
    """What is signed of a round: to which key its ballots are sealed. Phones write the same bytes."""
    return f"kaohe round key|{round_id}|{public_key.hex()}".encode()
