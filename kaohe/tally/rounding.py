"""The one place that rounds: 四舍五入, on exact fractions, once, at the end."""

from __future__ import annotations

from fractions import Fraction

from kaohe.tally.model import Figure

MOST_DECIMALS = 4
_UNROUNDED_DECIMALS = 6


def round_text(exact: Fraction, decimals: int) -> str:
    """Print ``exact`` with 0 to 4 decimals; a half goes up, below zero away from zero.

    Integers only: a binary float would print 88.125 as 88.12. A result of zero carries no sign.

    Raises:
        ValueError: for any other number of decimals.
    """
    if not 0 <= decimals <= MOST_DECIMALS:
        raise ValueError(f"decimals must be 0 to {MOST_DECIMALS}, not {decimals}")
    # Whole numbers: a fraction would be reduced by its greatest common divisor each time.
    scaled, parts = abs(exact.numerator) * 10**decimals, exact.denominator
    units = (2 * scaled + parts) // (2 * parts)
    sign = "-" if exact < 0 and units else ""
    whole, part = divmod(units, 10**decimals)
    return f"{sign}{whole}.{part:0{decimals}d}" if decimals else f"{sign}{whole}"


def figure(exact: Fraction, decimals: int) -> Figure:
    """Keep the exact number beside the text that every screen and sheet prints."""
    return Figure(exact, round_text(exact, decimals))


def optional_figure(exact: Fraction | None, decimals: int) -> Figure | None:
    """Do the same for a number that may not exist."""
    return None if exact is None else figure(exact, decimals)


def percent_text(part: Fraction) -> str:
    """Write a share of 1 as per cent, unrounded where it ends: 3/10 → ``30%``."""
    return f"{unrounded_text(part * 100)}%"


def unrounded_text(exact: Fraction) -> str:
    """Write ``exact`` for a person who redoes the sum: never rounded, ``…`` where digits are left off.

    The digits are cut, not rounded, because half up looks only at the next digit: whoever rounds the cut number to
    4 decimals or fewer gets what :func:`round_text` gets from the exact one.
    """
    scaled, rest = divmod(abs(exact.numerator) * 10**_UNROUNDED_DECIMALS, exact.denominator)
    whole, part = divmod(scaled, 10**_UNROUNDED_DECIMALS)
    text = f"{'-' if exact < 0 else ''}{whole}.{part:0{_UNROUNDED_DECIMALS}d}"
    return f"{text}…" if rest else text.rstrip("0").rstrip(".")
