"""Ballots as no honest phone sends them: made by chance, some of them right."""

from __future__ import annotations

import random
import secrets
import string
from collections.abc import Sequence
from urllib.parse import quote_plus

_ODD = (
    "",
    " ",
    "0",
    "-1",
    "1e999",
    "99999999999999999999999999",
    "true",
    "null",
    "[]",
    '{"a":{"b":[1]}}',
    "__proto__",
    "constructor",
    "优秀",
    "excellent ",
    "EXCELLENT",
    "invalid",
    "skipped",
    "\x00",
    "\u202e\u200b",
    "𠮷" * 50,
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "=1+1",
    "\r\nSet-Cookie: a=b",
    "%00%ff%c0%80",
    "a" * 5000,
)


def odd_body(chance: random.Random, codes: Sequence[str], items: Sequence[str], marks: Sequence[str]) -> bytes:
    """One posted body; about one in ten is a ballot that may be taken."""
    pairs = [("ticket", chance.choice(codes)), ("nonce", secrets.token_hex(16)), ("round", "1")]
    pairs += [(item, chance.choice(marks)) for item in items]
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3, 6))):
        _spoil(chance, pairs)
    body = "&".join(f"{_written(chance, name)}={_written(chance, value)}" for name, value in pairs).encode()
    if chance.random() < 0.03:
        place = chance.randrange(len(body))
        body = body[:place] + chance.choice((b"", b"\xff", b"&&==", b"%", b";", secrets.token_bytes(20))) + body[place:]
    if chance.random() < 0.02:
        body = body[: chance.randrange(len(body))]
    return body


def _spoil(chance: random.Random, pairs: list[tuple[str, str]]) -> None:
    if not pairs:
        return
    place = chance.randrange(len(pairs))
    name, value = pairs[place]
    kind = chance.randrange(8)
    if kind == 0:
        del pairs[place]
    elif kind == 1:
        pairs.append((name, value))
    elif kind == 2:
        pairs[place] = (name, chance.choice(_ODD))
    elif kind == 3:
        pairs[place] = (chance.choice((*_ODD, "i.", "c.", "i.s1", "i.x.overall", f"c.{name[2:4]}", f"{name}[]")), value)
    elif kind == 4:
        pairs.insert(place, (chance.choice(("back", "admin", "group", "weight", "i.s1.none", "csrf_token")), "1"))
    elif kind == 5:
        pairs[place] = (name, "".join(chance.choices(string.printable, k=chance.randrange(60))))
    elif kind == 6:
        pairs.reverse()
    else:
        pairs[place] = (name, value.swapcase())


def _written(chance: random.Random, text: str) -> str:
    return text if chance.random() < 0.02 else quote_plus(text)
