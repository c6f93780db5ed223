"""Sealed ballots (封票): the only form in which ballots are stored while voting is open.

A row that redeems a ticket and a row that stores a ballot, written in one transaction, are a link whatever their keys
are. So the ballot is sealed to the round's public key before storage sees it, all at one length: on the phone, so that
neither the network nor the server sees it, or by the server for phones that cannot. Nobody can tell which it was.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as Hpke

from kaohe.domain.ballots import BallotStyle, longest_body
from kaohe.domain.ballots.phone_forms import phone_form
from kaohe.domain.envelopes import TAG_LENGTH, BoxKey, fingerprint
from kaohe.domain.errors import KeyWrong, RoundChanged, SealMalformed
from kaohe.domain.meeting_keys import MeetingKey, round_key_statement

_CANARY = b"kaohe canary"
_TAG, _RETRY = (re.compile(f"[0-9a-f]{{{2 * length}}}") for length in (TAG_LENGTH, 32))
_BASE64 = re.compile(r"[A-Za-z0-9_-]*")


class Suite(Protocol):
    """One way of sealing; its counterpart for phones is ``kaohe.suite`` in ``static/js/phone-seal``."""

    number: int
    """The first byte of every envelope that is sealed in this way."""
    added: int
    """By how many bytes the sealed text is longer than the plain one."""

    def seal(self, plain: bytes, public_key: bytes, info: bytes) -> bytes:
        """``plain`` so that only the private half opens it, and only with this ``info``."""
        ...

    def open(self, sealed: bytes, private_key: bytes, info: bytes) -> bytes:
        """What was sealed.

        Raises:
            KeyWrong: another key, another ``info``, or changed bytes.
        """
        ...


class HpkeX25519:
    """HPKE base mode (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305."""

    number = 1
    added = 32 + 16
    _hpke = Hpke(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)

    def seal(self, plain: bytes, public_key: bytes, info: bytes) -> bytes:
        """The encapsulated key, and the sealed text behind it."""
        return bytes(self._hpke.encrypt(plain, X25519PublicKey.from_public_bytes(public_key), info=info))

    def open(self, sealed: bytes, private_key: bytes, info: bytes) -> bytes:
        """The plain text.

        Raises:
            KeyWrong: another key, another ``info``, or changed bytes.
        """
        try:
            return bytes(self._hpke.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), info=info))
        except (InvalidTag, ValueError) as error:
            raise KeyWrong from error


SUITES: dict[int, Suite] = {suite.number: suite for suite in (HpkeX25519(),)}
"""Every suite whose envelopes are opened, by number."""
_SUITE = SUITES[1]
"""The one that seals."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What an envelope is sealed for. It stands outside of the seal, and the envelope opens with no other."""

    round_id: str
    form_key: str
    form_digest: str
    key_id: str
    plain_length: int

    @property
    def box_length(self) -> int:
        """The one length of all envelopes of the form."""
        return 1 + self.plain_length + _SUITE.added

    def info(self, tag: bytes) -> bytes:
        """The bytes that are bound; with the tag, so that nobody can cast a copy of another voter's envelope."""
        parts = ("kaohe ballot", self.round_id, self.form_key, self.form_digest, self.key_id, tag.hex())
        return "|".join(parts).encode()


def binding_of(style: BallotStyle, public_key: bytes) -> Binding:
    """What the envelopes of one form of a round are sealed for."""
    form = phone_form(style)
    return Binding(style.round_id, style.key, form.digest, fingerprint(public_key), style.plain_length)


def seal_document(style: BallotStyle, public_key: bytes, meeting_key: MeetingKey) -> str:
    """What ``static/js/phone-seal`` seals with, as JSON in ASCII; the meeting's key vouches for the round's."""
    form = phone_form(style)
    document = {
        "suite": _SUITE.number,
        "round": style.round_id,
        "key": fingerprint(public_key),
        "publicKey": public_key.hex(),
        "signer": meeting_key.public.hex(),
        "signature": meeting_key.sign(round_key_statement(style.round_id, public_key)).hex(),
        "formKey": form.key,
        "form": form.text,
        "unsealed": longest_body(style),
    }
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"))


class Sealer:
    """Seals ballots of one form of a round."""

    def __init__(self, public_key: bytes, binding: Binding) -> None:
        """``public_key`` is the raw public half of the round's box."""
        self._key = public_key
        self.binding = binding

    def seal(self, plain: bytes, tag: bytes) -> bytes:
        """``plain`` so that only the private half opens it, as the envelope with this tag."""
        return bytes([_SUITE.number]) + _SUITE.seal(plain, self._key, self.binding.info(tag))


class Opener:
    """Opens the envelopes of one round."""

    def __init__(self, key: BoxKey) -> None:
        """``key`` must be the round's own; ``opens_canary`` tells whether it is."""
        self._key = key.private

    def open(self, box: bytes, binding: Binding, tag: bytes) -> bytes:
        """The plain bytes that were sealed.

        Raises:
            KeyWrong: another key, round, form or tag, a changed envelope, or one of an unknown suite.
        """
        suite = SUITES.get(box[0]) if box else None
        if suite is None:
            raise KeyWrong
        return suite.open(box[1:], self._key, binding.info(tag))


@dataclass(frozen=True, slots=True)
class PhoneSealed:
    """A ballot that a phone has sealed, and what stands outside of the seal."""

    form_digest: str
    key_id: str
    tag: bytes
    retry: bytes
    """Functions of the phone's nonce, which itself stays there until its holder shows it."""
    box: bytes


def read_sealed(*, form: str, key: str, tag: str, retry: str, box: str) -> PhoneSealed:
    """The fields of a posted envelope: hexadecimal digits, the box in base64 for addresses without padding.

    Raises:
        SealMalformed: they are not that.
    """
    if not (_TAG.fullmatch(tag) and _RETRY.fullmatch(retry) and _BASE64.fullmatch(box)):
        raise SealMalformed
    try:
        raw = base64.urlsafe_b64decode(box + "=" * (-len(box) % 4))
    except binascii.Error as error:
        raise SealMalformed from error
    return PhoneSealed(form, key, bytes.fromhex(tag), bytes.fromhex(retry), raw)


def require_fit(sealed: PhoneSealed, binding: Binding) -> None:
    """Let pass an envelope that says that it was sealed for this round, form and key, before its ticket is spent.

    Raises:
        RoundChanged: it was sealed for another key or another edition of the form.
        SealMalformed: no envelope of the form has this length, or no suite this number.
    """
    if (sealed.form_digest, sealed.key_id) != (binding.form_digest, binding.key_id):
        raise RoundChanged
    if len(sealed.box) != binding.box_length or sealed.box[0] not in SUITES:
        raise SealMalformed


def new_canary(public_key: bytes, round_id: str) -> bytes:
    """Seal a known text: whoever opens it holds the right key."""
    return Sealer(public_key, _canary_binding(round_id)).seal(_CANARY, b"")


def opens_canary(key: BoxKey, canary: bytes, round_id: str) -> bool:
    """Whether ``key`` is the one that the canary was sealed to."""
    try:
        return Opener(key).open(canary, _canary_binding(round_id), b"") == _CANARY
    except KeyWrong:
        return False


def _canary_binding(round_id: str) -> Binding:
    return Binding(round_id, "", "", "", len(_CANARY))
