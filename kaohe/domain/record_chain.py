"""The chained record of acts (操作记录): each entry holds the digest of the one before it, and is signed.

Whoever changes, removes or reorders one entry changes every digest after it, among them the head that is printed on
the sheets and photographed in the hall. There is never an entry per ballot: that would be an order of ballots.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

REPLACED = "replaced_secrets"
"""The act after which another key signs the record; it names the public half of the one before."""
MILESTONE_LABELS: Final[Mapping[str, str]] = {
    "opened": "开始投票",
    "closed": "结束投票",
    "stripped": "拆票",
    "counted": "开箱计票",
    "published": "公布结果",
    "corrected": "更正结果",
    "purged": "清除选票",
    "voided_round": "本轮作废",
}
"""The acts after which the head of the record is announced, as people call them."""
_HEAD_GROUPS = 8
_GROUP = 4


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One act as it stands in the chain; digests are hexadecimal, lower case."""

    seq: int
    """Its number in the record of its meeting, from 1."""
    at: str
    """UTC, as :func:`chain_time` writes it."""
    actor: str
    act: str
    detail: Mapping[str, str]
    prev: str
    digest: str
    signature: str
    """Ed25519 over the digest, hexadecimal."""


def chain_time(at: datetime) -> str:
    """An aware time as it enters the chain: the same text on every database."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def chain_start(meeting_id: str) -> str:
    """What the first entry of a meeting's record is chained to."""
    return hashlib.sha256(f"kaohe record|{meeting_id}".encode()).hexdigest()


def entry_digest(seq: int, at: str, actor: str, act: str, detail: Mapping[str, str], prev: str) -> str:
    """SHA-256 over the canonical JSON of one entry."""
    content = {"act": act, "actor": actor, "at": at, "detail": dict(detail), "prev": prev, "seq": seq}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def head_text(digest: str) -> str:
    """A head as people compare it by eye (操作记录校验码): eight groups of four, 128 bits."""
    return " ".join(digest[seq : seq + _GROUP] for seq in range(0, _HEAD_GROUPS * _GROUP, _GROUP))


def sign(signing_key: bytes, message: bytes) -> bytes:
    """The installation's signature under ``message``."""
    return Ed25519PrivateKey.from_private_bytes(signing_key).sign(message)


def public_half(signing_key: bytes) -> bytes:
    """What anybody may check the installation's signatures with."""
    return Ed25519PrivateKey.from_private_bytes(signing_key).public_key().public_bytes_raw()


def key_fingerprint(public_key: bytes) -> str:
    """A public half as people compare it by eye: four groups of four."""
    return head_text(hashlib.sha256(public_key).hexdigest())[:19]


def is_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is the one under ``message`` by the holder of the other half."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def acts_of_round(entries: Sequence[ChainEntry], number: int) -> dict[str, Mapping[str, str]]:
    """What the record says of one round: by act, the detail of the latest entry.

    An entry that names no round, such as that of a purge, speaks of every one.
    """
    return {entry.act: entry.detail for entry in entries if entry.detail.get("round", str(number)) == str(number)}


def broken_at(meeting_id: str, entries: Sequence[ChainEntry], public_key: bytes | None) -> int | None:
    """The number of the first entry that is not what was recorded; None for a record that is whole.

    ``public_key`` is that of the latest entries; where nobody knows it (None), the chain alone covers them. Where the
    secrets were replaced on the way, that act is signed by the new key and names the former one, which the entries
    before it are held to; '' where nobody knows that.
    """
    prev = chain_start(meeting_id)
    keys = _keys_of(entries, public_key)
    for seq, (entry, key) in enumerate(zip(entries, keys, strict=True), start=1):
        digest = entry_digest(entry.seq, entry.at, entry.actor, entry.act, entry.detail, prev)
        if (entry.seq, entry.prev, entry.digest) != (seq, prev, digest):
            return seq
        if key is not None:
            try:
                signature = bytes.fromhex(entry.signature)
            except ValueError:
                return seq
            if signature.hex() != entry.signature or not is_signed(key, signature, digest.encode()):
                return seq
        prev = digest
    return None


def _keys_of(entries: Sequence[ChainEntry], public_key: bytes | None) -> list[bytes | None]:
    """Which key has signed each entry; None where nobody knows it any more."""
    found: list[bytes | None] = []
    key = public_key
    for entry in reversed(entries):
        found.append(key)
        if entry.act == REPLACED:
            key = _former_key(entry)
    return found[::-1]


def _former_key(entry: ChainEntry) -> bytes | None:
    try:
        return bytes.fromhex(entry.detail["former_key"]) or None
    except (ValueError, TypeError, KeyError):
        # No such key has signed anything.
        return bytes(1)
