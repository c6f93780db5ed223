"""The tellers' key in three shares (钥匙单分存), any two of which open the box.

The arithmetic is SLIP-39's, from its reference library: a share is an ordinary SLIP-39 share of the private half, and
any tool of that standard can join two of them. Only its writing is ours. The standard's words are English, and tellers
would have to type twenty of them; so a share is written like the whole key, in groups of four with check characters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import randbits

from shamir_mnemonic.shamir import EncryptedMasterSecret, ShareGroup, recover_ems, split_ems
from shamir_mnemonic.share import Share
from shamir_mnemonic.utils import MnemonicError

from kaohe.domain.envelopes import BoxKey, letters_of, number_in
from kaohe.domain.errors import KeyWrong, ShareForeign, ShareRepeated, ShareWrong
from kaohe.domain.sheet_checks import CHECKS, misread, typed_letters, with_checks
from kaohe.domain.ticket_codes import grouped

SHARE_COUNT = 3
SHARES_NEEDED = 2
SHARE_GROUPS = 15
"""Groups of four characters on a sheet."""
_SET_BITS = 15
_SECRET_BITS = 256
_BODY = 56
_LENGTH = _BODY + CHECKS
_EXPONENT = 0
"""Of the standard's key stretching, which guards a passphrase; there is none here."""


@dataclass(frozen=True, slots=True)
class KeyShare:
    """One of the three sheets. Alone it says nothing about the key."""

    number: int
    """1 to 3, as printed on its sheet."""
    set_number: int
    """Equal on the three sheets that were made together."""
    value: bytes

    @property
    def text(self) -> str:
        """The share as it stands on its sheet: fifteen groups of four."""
        number = (int.from_bytes(self.value, "big") << _SET_BITS | self.set_number) * 4 + self.number
        body = letters_of(number, _BODY)
        return grouped(with_checks(body))

    @property
    def digest(self) -> str:
        """What the server keeps of a share, to know it again. It is 256 random bits, so nobody finds it by trying."""
        return hashlib.sha256(b"kaohe share|" + self.text.encode()).hexdigest()


def split_key(key: BoxKey) -> tuple[KeyShare, ...]:
    """Three shares of ``key``, fresh at every call."""
    secret = EncryptedMasterSecret.from_master_secret(
        key.private, b"", randbits(_SET_BITS), extendable=True, iteration_exponent=_EXPONENT
    )
    (shares,) = split_ems(1, [(SHARES_NEEDED, SHARE_COUNT)], secret)
    return tuple(KeyShare(share.index + 1, share.identifier, share.value) for share in shares)


def read_share(typed: str) -> KeyShare:
    """The share that a teller typed or scanned.

    Raises:
        ShareWrong: it is not a whole share, or its check characters are wrong; it says which group to look at first.
    """
    if wrong := misread(typed, _LENGTH):
        raise ShareWrong(wrong)
    rest, number = divmod(number_in(typed_letters(typed)[:_BODY]), 4)
    value, set_number = divmod(rest, 1 << _SET_BITS)
    if value >= 1 << _SECRET_BITS or not 1 <= number <= SHARE_COUNT:
        raise ShareWrong
    return KeyShare(number, set_number, value.to_bytes(_SECRET_BITS // 8, "big"))


def read_shares(typed: str) -> tuple[KeyShare, ...]:
    """One share, or two typed one after the other.

    Raises:
        ShareWrong: anything else.
    """
    code = typed_letters(typed)
    if len(code) == SHARES_NEEDED * _LENGTH:
        return read_share(code[:_LENGTH]), read_share(code[_LENGTH:])
    return (read_share(typed),)


def join_shares(shares: Sequence[KeyShare]) -> BoxKey:
    """The key that two shares make.

    Raises:
        ShareRepeated: the same sheet twice.
        ShareForeign: sheets that were not made together.
        KeyWrong: they make no key.
    """
    if len({share.set_number for share in shares}) > 1:
        raise ShareForeign
    if len({share.number for share in shares}) < SHARES_NEEDED:
        raise ShareRepeated
    group = ShareGroup()
    for share in shares:
        group.add(_standard_share(share))
    try:
        return BoxKey(recover_ems({0: group}).decrypt(b""))
    except MnemonicError as error:
        raise KeyWrong from error


def _standard_share(share: KeyShare) -> Share:
    return Share(
        identifier=share.set_number,
        extendable=True,
        iteration_exponent=_EXPONENT,
        group_index=0,
        group_threshold=1,
        group_count=1,
        index=share.number - 1,
        member_threshold=SHARES_NEEDED,
        value=share.value,
    )
