"""The code on a ticket (票码): sixteen characters, the last of which checks the others.

The alphabet leaves out 0, I, L, O and U, so that nothing on a slip can be read two ways. Its
31 characters are a prime number of them, which makes a weighted sum catch every single wrong
character and every swap of two.
"""

from __future__ import annotations

import secrets
import unicodedata

from kaohe.domain.errors import TicketMistyped

ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16
POOL_CODE_LENGTH = 8
_GROUP = 4


def new_ticket_code() -> str:
    """A fresh code with 74 bits of the system's randomness."""
    return _with_check("".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH - 1)))


def new_pool_code() -> str:
    """A fresh code for the projector's shared QR (会场码): eight characters, quickly typed."""
    return _with_check("".join(secrets.choice(ALPHABET) for _ in range(POOL_CODE_LENGTH - 1)))


def code_from_bytes(seed: bytes) -> str:
    """The ticket code that belongs to 16 or more uniformly random bytes; always the same one."""
    number = int.from_bytes(seed, "big")
    characters = []
    for _ in range(CODE_LENGTH - 1):
        number, index = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[index])
    return _with_check("".join(characters))


def read_code(typed: str, length: int = CODE_LENGTH) -> str:
    """The code that a person typed, without spaces, hyphens or lower case.

    Raises:
        TicketMistyped: nothing was typed, or the length, a character or the check character is wrong.
    """
    code = unicodedata.normalize("NFKC", typed[:100]).upper().replace("L", "1").replace("I", "1")
    code = "".join(character for character in code if character not in " -—–·_\t\r\n")
    if not code:
        raise TicketMistyped(f"还没有输入，请照票面或大屏幕输入 {length} 位的码。")
    if len(code) != length or any(c not in ALPHABET for c in code) or _with_check(code[:-1]) != code:
        raise TicketMistyped
    return code


def grouped(code: str) -> str:
    """The code as people see it, in groups of four."""
    return "-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP))


def _with_check(body: str) -> str:
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(body, start=1))
    return body + ALPHABET[total % len(ALPHABET)]
