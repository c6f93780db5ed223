"""A QR code in a terminal, two modules in one character."""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_L

_QUIET_ZONE = 2
# Any of the eight masks can be read, and choosing one saves trying all.
_MASK = 3
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def qr_lines(url: str) -> list[str]:
    """The lines of the code, to be printed dark on light."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=_QUIET_ZONE, mask_pattern=_MASK)
    code.add_data(url)
    code.make(fit=True)
    rows = [[bool(module) for module in row] for row in code.get_matrix()]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
