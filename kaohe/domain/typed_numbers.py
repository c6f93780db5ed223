"""Numbers as people type and read them: exact, with no rounding on the way."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_TYPED = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12}|/[0-9]{1,12})?")


def number_text(exact: Fraction) -> str:
    """A number so that typing it again gives the same: a decimal where one ends, else a fraction such as 100/3."""
    rest, places = exact.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    for factor in (2, 5):
        while rest % factor == 0:
            rest, places = rest // factor, places + 1
    if rest != 1:
        return str(exact)
    scaled = abs(exact.numerator) * 10**places // exact.denominator
    whole, part = divmod(scaled, 10**places)
    sign = "-" if exact < 0 else ""
    return f"{sign}{whole}.{part:0{places}d}".rstrip("0").rstrip(".") if places else f"{sign}{whole}"


def plain_number(typed: str) -> str:
    """What was typed, without full-width digits, spaces and a trailing per cent sign."""
    return unicodedata.normalize("NFKC", typed).strip().removesuffix("%").strip()


def read_number(typed: str) -> Fraction | None:
    """The exact number that was typed, such as 30, 33.5 or 100/3; None where it is none."""
    plain = plain_number(typed)
    if not _TYPED.fullmatch(plain) or (("/" in plain) and not int(plain.partition("/")[2])):
        return None
    return Fraction(plain)


def read_whole(typed: str) -> int | None:
    """The whole number from 0 on that was typed; None where it is none."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    return int(plain) if re.fullmatch(r"[0-9]{1,9}", plain) else None
