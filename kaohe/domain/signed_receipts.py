"""Signed receipts (签名回执): the server's word for one envelope, which it cannot take back.

A signature stands over meeting, round and the digest of the envelope, which is one of its tag and its content. It says
nothing of what was chosen. The same envelope always gets the same signature, so that a phone that asks again, on
another server too, hears the same; and no signature tells which ballots came in together.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kaohe.domain.errors import ReceiptUnreadable
from kaohe.domain.record_chain import is_signed

_DIGEST_LENGTH = 32
_SIGNED = re.compile(r"KAOHE1\.([A-Za-z0-9_-]{1,40})\.([0-9]{1,6})\.([A-Za-z0-9_-]{128})")


@dataclass(frozen=True, slots=True)
class ReceiptSigner:
    """Signs the receipts of one round."""

    meeting_id: str
    round_number: int
    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, signing_key: bytes, meeting_id: str, round_number: int) -> ReceiptSigner:
        """One that signs with the private half of the meeting's key (``meeting_keys``)."""
        return cls(meeting_id, round_number, Ed25519PrivateKey.from_private_bytes(signing_key))

    def signed(self, digest: bytes) -> str:
        """The signed receipt of the envelope with this digest, as its QR code holds it."""
        signature = self._key.sign(_message(self.meeting_id, self.round_number, digest))
        return f"KAOHE1.{self.meeting_id}.{self.round_number}.{urlsafe_b64encode(digest + signature).decode()}"


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """What such a text says; whether it is true is for ``is_by`` to tell."""

    meeting_id: str
    round_number: int
    digest: bytes
    signature: bytes

    def is_by(self, public_key: bytes) -> bool:
        """Whether the holder of this key's other half has signed it."""
        return is_signed(public_key, self.signature, _message(self.meeting_id, self.round_number, self.digest))


def read_signed_receipt(text: str) -> SignedReceipt:
    """What ``ReceiptSigner.signed`` wrote, blanks and line ends in between passed over.

    Raises:
        ReceiptUnreadable: it is no such text, or not the whole of one.
    """
    found = _SIGNED.fullmatch("".join(text.split()))
    if found is None:
        raise ReceiptUnreadable
    said = urlsafe_b64decode(found[3])
    return SignedReceipt(found[1], int(found[2]), said[:_DIGEST_LENGTH], said[_DIGEST_LENGTH:])


def digests_text(digests: Iterable[bytes]) -> str:
    """The digests of all envelopes that were in a box when it was stripped, sorted, as ``envelopes.txt`` holds them."""
    return "".join(f"{digest.hex()}\n" for digest in sorted(digests))


def _message(meeting_id: str, round_number: int, digest: bytes) -> bytes:
    return f"kaohe signed-receipt|{meeting_id}|{round_number}|".encode() + digest
