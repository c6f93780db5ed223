"""Numbers as people type and read them: exact, with no rounding on the way."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_MOST_PLACES = 12
"""As many decimals are read; a number that needs more is written as a fraction."""
_TYPED = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12}|/[0-9]{1,12})?")


def number_text(exact: Fraction) -> str:
    """A number so that typing it again gives the same: 92.5 where a decimal says it, else a fraction such as 100/3."""
    places = next((places for places in range(_MOST_PLACES + 1) if (exact * 10**places).denominator == 1), None)
    if not places:
        return str(exact)
    digits = str(abs(exact * 10**places)).rjust(places + 1, "0")
    return f"{'-' if exact < 0 else ''}{digits[:-places]}.{digits[-places:]}"


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
