"""Slips to print and cut."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from kaohe.reports.ticket_slips import (
    Slip,
    qr_svg_path,
    slip_pages,
    slips_page_chunks,
    tickets_csv,
)

URL = "http://192.168.100.200:8000/v/k7m2/a#ABCDEFGHJKMN2345"


def slips(count):
    return [
        Slip(
            f"ABCD-EFGH-JKMN-{number * 7919 % 10_000:04}",
            "中层干部",
            "2026年度民主测评",
            "XX局",
            f"{URL}{number:04}",
            "",
        )
        for number in range(count)
    ]


def drawn(size, path):
    """The dark modules that a path paints."""
    dark = set()
    for x, y, length, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path):
        assert length == back
        dark |= {(int(y), int(x) + step) for step in range(int(length))}
    assert re.sub(r"M\d+ \d+h\d+v1h-\d+z", "", path) == ""
    return [[(row, column) in dark for column in range(size)] for row in range(size)]


def test_the_path_paints_the_code_that_the_standard_asks_for():
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4, mask_pattern=3)
    code.add_data(URL)
    assert drawn(*qr_svg_path(URL)) == [[bool(module) for module in row] for row in code.get_matrix()]


def test_the_code_has_three_corners_and_a_white_border():
    size, path = qr_svg_path(URL)
    painted = drawn(size, path)
    assert not any(any(line) for line in (*painted[:4], *painted[size - 4 :]))
    assert not any(any(line[:4]) or any(line[size - 4 :]) for line in painted)
    corners = [
        painted[4][4:11],
        painted[4][size - 11 : size - 4],
        painted[size - 5][4:11],
        painted[size - 5][size - 11 : size - 4],
    ]
    assert [all(corner) for corner in corners] == [True, True, True, False]


def test_slips_come_ten_to_a_page_and_none_is_lost():
    pages = list(slip_pages(slips(23)))
    assert [len(page) for page in pages] == [10, 10, 3]
    assert [printed.slip for page in pages for printed in page] == slips(23)
    assert pages[0][0].qr_size == qr_svg_path(slips(1)[0].url)[0]


def test_five_thousand_slips_are_ten_documents():
    chunks = slips_page_chunks(slips(5_000))
    assert [len(chunk) for chunk in chunks] == [500] * 10
    assert [slip for chunk in chunks for slip in chunk] == slips(5_000)
    assert slips_page_chunks([]) == []


def test_tickets_as_csv_have_three_columns_and_are_guarded():
    rows = list(csv.reader(io.StringIO(tickets_csv([Slip("ABCD", "=群众", "t", "u", URL, "")]).decode("utf-8-sig"))))
    assert rows == [["票种", "票码", "网址"], ["'=群众", "ABCD", URL]]


def test_every_code_to_scan_is_drawn_on_a_white_ground_of_its_own():
    templates = Path(__file__).parents[2] / "templates"
    drawn = {
        path.relative_to(templates).as_posix(): found
        for path in templates.rglob("*.html")
        if (found := re.findall(r'viewBox="0 0 {{[^>]*>\s*(<\w+)', path.read_text(encoding="utf-8")))
    }
    assert drawn == {"components/qr.html": ["<rect"], "projector/parts.html": ["<rect"]}


def test_a_slip_and_a_ballot_on_paper_never_share_a_word():
    """What is scanned is 二维码票; 纸质票 is the blank ballot filled in by hand, and only its pages say so."""
    root = Path(__file__).parents[2]
    pages = [path for path in (root / "templates").rglob("*.html") if "纸质票" in path.read_text(encoding="utf-8")]
    assert {path.relative_to(root / "templates" / "organizer").as_posix() for path in pages} == {
        *("chair/acts.html", "chair/chair.html", "chair/numbers.html", "chair/paper.html"),
        *("setup/blank_ballot.html", "setup/tickets.html"),
    }
    tickets = (root / "templates" / "organizer" / "setup" / "tickets.html").read_text(encoding="utf-8")
    assert set(re.findall(r"..纸质票..", tickets)) == {"空白纸质票</", "空白纸质票发给", "在“纸质票补录"}
