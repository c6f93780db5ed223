"""Check characters of what is typed from a key sheet (钥匙单): they tell which group of four was misread.

The characters stand for numbers below 31, a prime. Every second one makes a word, and so do the others; in each word
the numbers and the numbers times their place both sum to zero. One wrong character in a word gives itself away: the
plain sum is how far it is off, the other one how far times where. Two wrong ones in a word are always noticed, and may
point at a third place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kaohe.domain.ticket_codes import ALPHABET

CHECKS = 4
"""Check characters at the end, two for each word."""
_GROUP = 4
_WORDS = 2
_BETWEEN = re.compile(r"[\s\-—–]+")


def with_checks(body: str) -> str:
    """Append the check characters to ``body``, which has an even length up to 56."""
    words = [[ALPHABET.index(character) for character in body[start::_WORDS]] for start in range(_WORDS)]
    for word in words:
        total, moment = _sums(word)
        place = len(word) + 1
        last = (place * total - moment) % len(ALPHABET)
        word += [(-total - last) % len(ALPHABET), last]
    return "".join(ALPHABET[number] for pair in zip(*words, strict=True) for number in pair)


def misread(typed: str, length: int) -> str:
    """What is wrong with what was typed, in a sentence; '' where it is whole and its checks are right.

    ``length`` is that of the whole text, check characters included.
    """
    code = typed_letters(typed)
    strange = {number for number, character in enumerate(code) if character not in ALPHABET}
    if strange and len(code) == length:
        return f"{_groups_at(strange)}有单子上不会出现的字符，请对照钥匙单改正。"
    if len(code) != length:
        pieces = [piece for piece in _BETWEEN.split(typed.strip()) if piece]
        short = next((number for number, piece in enumerate(pieces, 1) if len(piece) != _GROUP), 0)
        where = f"，请先看第 {short} 组" if short and len(pieces) > 1 else ""
        return f"应有 {length} 个字符，现在是 {len(code)} 个{where}。每组 4 个，请对照钥匙单补齐。"
    suspects, is_certain = _suspects(code)
    if is_certain and not suspects:
        return ""
    first = f"请先核对{_groups_at(suspects)}" if suspects else "不止一处有误"
    return f"输入的与钥匙单不符：{first}，再逐组核对后重新输入。"


def typed_letters(typed: str) -> str:
    """What was typed from a sheet, without what people put between its characters."""
    return _BETWEEN.sub("", typed[:500].upper())


def _suspects(code: str) -> tuple[set[int], bool]:
    """The places that the checks point at, and whether they explain all that is wrong."""
    places, is_certain = set(), True
    for start in range(_WORDS):
        word = [ALPHABET.index(character) for character in code[start::_WORDS]]
        total, moment = (each % len(ALPHABET) for each in _sums(word))
        at = moment * pow(total, -1, len(ALPHABET)) % len(ALPHABET) if total else 0
        if 0 < at <= len(word):
            places.add((at - 1) * _WORDS + start)
        elif total or moment:
            is_certain = False
    return places, is_certain


def _sums(word: Sequence[int]) -> tuple[int, int]:
    return sum(word), sum(place * number for place, number in enumerate(word, 1))


def _groups_at(places: set[int]) -> str:
    def numbers() -> Iterator[str]:
        for group in sorted({place // _GROUP + 1 for place in places}):
            yield str(group)

    return f"第 {'、'.join(numbers())} 组"
