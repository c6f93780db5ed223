"""Which band a score falls into, the lower end included, or which one the votes decide (表决通过)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kaohe.tally.rounding import round_text, unrounded_text
from kaohe.tally.scheme.scheme import Scheme
from kaohe.tally.scheme.tiers import Band


def band_score(score: Fraction, decimals: int | None) -> Fraction:
    """Return the score that is looked up: rounded first where the scheme asks for it."""
    return score if decimals is None else Fraction(round_text(score, decimals))


def band_index(bands: Sequence[Band], score: Fraction) -> int:
    """Return the index of the band, 0 for the best; the last one takes whatever is left."""
    return next(
        (index for index, band in enumerate(bands) if band.start is not None and score >= band.start), len(bands) - 1
    )


def band_step(bands: Sequence[Band], score: Fraction, decimals: int | None) -> str:
    """Say how a score came to its band."""
    looked_up = band_score(score, decimals)
    index = band_index(bands, looked_up)
    band, above = bands[index], bands[index - 1].start if index else None
    rounded = "" if decimals is None else f"先四舍五入到 {decimals} 位小数得 {round_text(score, decimals)}，"
    # A band from 0 on, or from below it, is what all other bands leave: nobody's score is held against a number there.
    if band.start is not None and (band.start > 0 or above is None):
        return f"{rounded}{unrounded_text(looked_up)} ≥ {unrounded_text(band.start)}，为{band.label}"
    return f"{rounded}{unrounded_text(looked_up)} < {unrounded_text(above or Fraction(0))}，为{band.label}"


def exceeds(votes: int, share: Fraction, base: int) -> bool:
    """Whether some votes are more than a share of a base; exactly the share is not enough."""
    return votes > share * base


def voted_band(scheme: Scheme, votes: Sequence[int], base: int) -> int:
    """Return the index of the first band whose grades together exceed its share of ``base``, else the last.

    ``votes`` are those of each grade, the best one first.
    """
    found = (
        index
        for index, band in enumerate(scheme.bands)
        if band.over is not None and exceeds(sum(votes[: band.grades]), band.over, base)
    )
    return next(found, len(scheme.bands) - 1)
