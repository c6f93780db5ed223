"""Ten thousand strings of chance go into our files and come back through our own import as what they were."""

from __future__ import annotations

import csv
import io
import random

from office_rows import read_rows

from kaohe.reports.csv_sheets import csv_bytes, guarded
from kaohe.reports.sheet import Column, Sheet, printable
from kaohe.reports.xlsx import workbook

STRINGS = 10_000
PLANES = [(0x00, 0x7F), (0x00, 0xFFFF), (0x4E00, 0x9FFF), (0xD800, 0xDFFF), (0x10000, 0x10FFFF), (0x202A, 0x202E)]
STARTS = [
    "",
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\x00",
    "＝",
    "＋",
    "－",
    "＠",
    "{=",
    "'",
    "''=",
    '"',
    ",",
    ";",
    "_x0041_",
]


def strings() -> list[str]:
    chance = random.Random(20261121)
    return [
        chance.choice(STARTS)
        + "".join(chr(chance.randint(*chance.choice(PLANES))) for _ in range(chance.randrange(14)))
        for _ in range(STRINGS)
    ]


def test_every_string_comes_back_out_of_a_csv_file() -> None:
    wanted = strings()
    content = csv_bytes([str(number), guarded(text), "末"] for number, text in enumerate(wanted))
    assert [row[1] for row in read_rows("意见.csv", content)] == [printable(text) for text in wanted]
    cells = [row[1] for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))]


def test_every_string_comes_back_out_of_a_workbook() -> None:
    wanted = strings()
    sheet = Sheet("意见", "意见", columns=(Column("意见"), Column("末")), rows=tuple((text, "末") for text in wanted))
    rows = read_rows("意见.xlsx", workbook([sheet]))[2:]
    assert [row[0] for row in rows] == [printable(text) for text in wanted]
