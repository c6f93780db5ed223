"""Ticket slips (二维码票): what is printed on A4, cut apart and handed out at the door.

A slip carries no serial number. Slips are printed in the order of their codes, which are random, so that neither a
slip's place on a page nor its page tells when it was issued.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from kaohe.reports.csv_sheets import csv_bytes, guarded

SLIPS_A_PAGE: Final = 10
SLIPS_A_DOCUMENT: Final = 500
"""What a browser lays out and prints without stalling: fifty pages."""

_QUIET_ZONE: Final = 4
"""The white border that the QR standard asks for, in modules."""

# Any of the eight masks can be read. Trying all of them to find the prettiest takes eight times as long.
_MASK: Final = 3


@dataclass(frozen=True, slots=True)
class Slip:
    """One ticket as it is printed; ``code_text`` is the ticket code in groups of four."""

    code_text: str
    group_label: str
    meeting_title: str
    unit: str
    url: str
    signer_text: str
    """The fingerprint of the meeting's key, which the wall shows too."""


@dataclass(frozen=True, slots=True)
class PrintedSlip:
    """A slip with its QR code: an SVG of ``viewBox="0 0 qr_size qr_size"`` and one path."""

    slip: Slip
    qr_size: int
    qr_path: str


def qr_svg_path(url: str) -> tuple[int, str]:
    """The side of the QR code in modules, white border included, and its dark modules as one SVG path.

    Error correction M: a slip may be folded or smudged over 15 % of its code. The same text gives the same path.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=_MASK)
    code.add_data(url)
    code.make(fit=True)
    runs = (
        f"M{start + _QUIET_ZONE} {row + _QUIET_ZONE}h{length}v1h-{length}z"
        for row, modules in enumerate(code.modules)
        for start, length in _dark_runs(modules)
    )
    return len(code.modules) + 2 * _QUIET_ZONE, "".join(runs)


def printed_slip(slip: Slip) -> PrintedSlip:
    """The slip with its QR code."""
    return PrintedSlip(slip, *qr_svg_path(slip.url))


def slip_pages(slips: Iterable[Slip]) -> Iterator[list[PrintedSlip]]:
    """Pages of slips with their QR codes, drawn as they are asked for (about a millisecond each)."""
    waiting = iter(slips)
    while page := list(islice(waiting, SLIPS_A_PAGE)):
        yield list(map(printed_slip, page))


def slips_page_chunks(slips: Sequence[Slip]) -> list[Sequence[Slip]]:
    """The slips of one print job after the other, each small enough for a browser; none for no slips."""
    return [slips[at : at + SLIPS_A_DOCUMENT] for at in range(0, len(slips), SLIPS_A_DOCUMENT)]


def tickets_csv(slips: Iterable[Slip]) -> bytes:
    """The tickets for an office that prints its own: 票种, 票码, 网址; UTF-8 with its mark."""
    rows = ([guarded(slip.group_label), guarded(slip.code_text), guarded(slip.url)] for slip in slips)
    return csv_bytes([["票种", "票码", "网址"], *rows])


def _dark_runs(modules: Sequence[bool | None]) -> Iterator[tuple[int, int]]:
    """Where the dark stretches of a row begin, and how long they are."""
    start = None
    for column, is_dark in enumerate([*modules, False]):
        if is_dark and start is None:
            start = column
        elif not is_dark and start is not None:
            yield start, column - start
            start = None
