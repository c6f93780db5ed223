"""The keys of ballot boxes, and what names an envelope: its tag, its digest, the receipt that is cut from that."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kaohe.domain.errors import KeyWrong
from kaohe.domain.sheet_checks import CHECKS, misread, typed_letters, with_checks
from kaohe.domain.ticket_codes import ALPHABET, grouped

_KEY_BODY = 52
_KEY_LENGTH = _KEY_BODY + CHECKS
KEY_GROUPS = _KEY_LENGTH // 4
"""Groups of four characters on a key sheet."""
_RECEIPT_LENGTH = 12
_FINGERPRINT_LENGTH = 16
"""79 bits: nobody finds a second key with the fingerprint of a given one."""
TAG_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Envelope:
    """One sealed ballot. ``tag`` is no function of the ticket."""

    group_key: str
    tag: bytes
    box: bytes

    @property
    def digest(self) -> bytes:
        """The digest of the envelope, from which its receipt is cut."""
        return envelope_digest(self.tag, self.box)


@dataclass(frozen=True, slots=True)
class BoxKey:
    """The key pair of one round's ballot box."""

    private: bytes

    @classmethod
    def new(cls) -> BoxKey:
        """A fresh pair from the system's randomness."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> bytes:
        """The half that seals."""
        return X25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw()

    @property
    def text(self) -> str:
        """The private half as it stands on the key sheet (钥匙单): fourteen groups of four."""
        body = letters_of(int.from_bytes(self.private, "big"), _KEY_BODY)
        return grouped(with_checks(body))


def read_key(typed: str) -> BoxKey:
    """The key that a teller typed or scanned.

    Raises:
        KeyWrong: it is not a whole key, or its check characters are wrong; it says which group to look at first.
    """
    if wrong := misread(typed, _KEY_LENGTH):
        raise KeyWrong(wrong)
    number = number_in(typed_letters(typed)[:_KEY_BODY])
    if number >= 1 << 256:
        raise KeyWrong
    return BoxKey(number.to_bytes(32, "big"))


def letters_of(number: int, length: int) -> str:
    """The lowest ``length`` digits of a number, the lowest first, in the alphabet of slips and sheets."""
    characters = []
    for _ in range(length):
        number, index = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[index])
    return "".join(characters)


def number_in(letters: str) -> int:
    """The number that ``letters_of`` wrote."""
    number = 0
    for character in reversed(letters):
        number = number * len(ALPHABET) + ALPHABET.index(character)
    return number


def key_digest(public_key: bytes) -> bytes:
    """What stands for a public half wherever people compare it."""
    return hashlib.sha256(b"kaohe key|" + public_key).digest()


def fingerprint(public_key: bytes) -> str:
    """What people compare by eye: four groups of four characters that stand for the public half."""
    return grouped(_letters(key_digest(public_key), _FINGERPRINT_LENGTH))


def retry_digest(round_id: str, nonce: str) -> bytes:
    """What the ticket stores to recognize a retry. Never derived from the choices."""
    return hashlib.sha256(f"kaohe retry|{round_id}|{nonce}".encode()).digest()


def envelope_tag(round_id: str, nonce: str) -> bytes:
    """What the envelope keeps so that whoever has the nonce finds it: sixteen bytes.

    Tag and retry digest come from one nonce of the phone's by one-way functions of their own, so
    nobody without the nonce can tell that they belong together. A box takes no tag twice.
    """
    return hashlib.sha256(f"kaohe receipt|{round_id}|{nonce}".encode()).digest()[:TAG_LENGTH]


def envelope_digest(tag: bytes, box: bytes) -> bytes:
    """What a receipt commits to: the stored envelope itself. Whoever seals it anew gets another digest."""
    return hashlib.sha256(b"kaohe envelope|" + tag + box).digest()


def receipt(digest: bytes) -> str:
    """The receipt (回执) of the envelope with this digest: it proves inclusion, and tells nobody the content."""
    return grouped(_letters(digest, _RECEIPT_LENGTH))


def receipt_list(digests: Iterable[bytes]) -> list[str]:
    """The receipts of some envelopes, sorted; one that stands twice is numbered from its second time on.

    No two have the same by chance. Somebody with two tickets can search for such a pair, and must not stop a count.
    """
    times: Counter[str] = Counter()
    found = []
    for code in sorted(map(receipt, digests)):
        times[code] += 1
        found.append(code if times[code] == 1 else f"{code}-{times[code]}")
    return sorted(found)


def ticket_digest(pepper: bytes, code: str) -> bytes:
    """What is stored of a ticket code. The pepper lives outside the database."""
    return hmac.digest(pepper, b"kaohe ticket|" + code.encode(), "sha256")


def _letters(digest: bytes, length: int) -> str:
    return letters_of(int.from_bytes(digest, "big"), length)
