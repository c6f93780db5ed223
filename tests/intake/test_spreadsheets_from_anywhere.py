"""Any bytes whatever give rows or a refusal: the reader is what a stranger's file meets first."""

from __future__ import annotations

import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake.office_files import ROSTER, make_ods, make_xls, make_xlsx

from kaohe.domain.errors import KaoheError
from kaohe.domain.office_tables.reading import read_roster
from kaohe.intake.refusals import SpreadsheetRefusal
from kaohe.intake.spreadsheets import read_sheets

REAL_FILES = [make_xlsx(ROSTER), make_xls(ROSTER), make_ods(ROSTER)]
STARTS = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"%PDF"]


def read_or_refuse(content: bytes) -> None:
    sheets = None
    with contextlib.suppress(SpreadsheetRefusal):
        sheets = read_sheets("名单.xlsx", content)
    if sheets is not None:
        assert all(sheet.rows[-1] for sheet in sheets)
        assert all(isinstance(cell, str) for sheet in sheets for row in sheet.rows for cell in row)
        read_roster(sheets)


@given(st.sampled_from(STARTS), st.binary(max_size=2_000))
@settings(max_examples=300, deadline=None)
def test_random_bytes_give_rows_or_a_refusal(start, rest):
    read_or_refuse(start + rest)


@given(
    st.sampled_from(REAL_FILES),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
    st.floats(0, 1),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_workbooks_give_rows_or_a_refusal(content, changes, kept):
    damaged = bytearray(content)
    for place, value in changes:
        damaged[int(place * len(damaged))] = value
    read_or_refuse(bytes(damaged[: max(600, int(len(damaged) * (0.5 + kept)))]))


@given(st.text(max_size=500), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_rows_or_a_refusal(text, encoding):
    with contextlib.suppress(UnicodeEncodeError):
        read_or_refuse(text.encode(encoding))


def test_every_refusal_is_one_of_ours():
    refusals = SpreadsheetRefusal.__subclasses__()
    assert issubclass(SpreadsheetRefusal, KaoheError)
    assert {refusal.code for refusal in refusals} == {
        "spreadsheet_broken",
        "spreadsheet_encrypted",
        "spreadsheet_too_large",
        "spreadsheet_wrong_type",
        "spreadsheet_empty",
    }
    assert {refusal.http_code for refusal in refusals} == {413, 422}
