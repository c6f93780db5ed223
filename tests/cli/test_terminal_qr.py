from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_L

from kaohe.cli.terminal_qr import qr_lines

URL = "http://192.168.8.8:8000/v/c5943ern/1#T6HS2ZXEEQ8BTNT9"
UPPER, LOWER = "▀█", "▄█"


def test_the_code_in_the_terminal_has_every_module_and_a_white_border() -> None:
    lines = qr_lines(URL)
    drawn = [[character in half for character in line] for line in lines for half in (UPPER, LOWER)]
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, border=2, mask_pattern=3)
    code.add_data(URL)
    expected = [[bool(module) for module in row] for row in code.get_matrix()]
    assert drawn[: len(expected)] == expected
    assert not any(any(row) for row in (*drawn[:2], *drawn[len(expected) - 2 :]))
