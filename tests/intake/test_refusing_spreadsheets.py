"""Files that are not read: each with its code, a sentence that says what to do, and no harm done."""

from __future__ import annotations

import io
import struct
import time
import zipfile

import msoffcrypto.format.ooxml
import pytest
from intake.office_files import ROSTER, change_member, code_of, make_ods, make_xls, make_xlsx, refusal_of

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(100)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
DOC = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    + bytes(504)
    + "WordDocument".encode("utf-16-le").ljust(64, b"\0")
    + b"\x1a\0"
    + bytes(446)
)


def make_zip(members) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def encrypt_xlsx() -> bytes:
    target = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(make_xlsx(ROSTER))).encrypt("密码", target)
    return target.getvalue()


def encrypt_xls() -> bytes:
    """An .xls whose WRITEACCESS record is turned into the FILEPASS record of a locked one."""
    content = make_xls(ROSTER)
    at = content.index(struct.pack("<HH", 0x5C, 112))
    return content[:at] + struct.pack("<H", 0x2F) + content[at + 2 :]


def encrypt_ods() -> bytes:
    entry = b'<manifest:encryption-data manifest:checksum-type="SHA1/1K"/></manifest:manifest>'
    return change_member(
        make_ods(ROSTER), "META-INF/manifest.xml", lambda data: data.replace(b"</manifest:manifest>", entry)
    )


def lock_zip() -> bytes:
    """An archive whose members are marked as locked, as a zip program with a password leaves them."""
    content = bytearray(make_xlsx(ROSTER))
    for magic, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = content.find(magic)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(magic, at + 1)
    return bytes(content)


@pytest.mark.parametrize("encrypted", [encrypt_xlsx(), encrypt_xls(), encrypt_ods(), lock_zip()])
def test_a_locked_workbook_asks_for_its_password_to_be_taken_off(encrypted):
    refusal = refusal_of("名单.xlsx", encrypted)
    assert (refusal.code, refusal.http_code) == ("spreadsheet_encrypted", 422)
    assert "请先取消密码再上传" in refusal.message


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n%\xe2\xe3",
        JPEG,
        PNG,
        DOC,
        make_zip({"word/document.xml": "<w/>"}),
        make_zip({"ppt/presentation.xml": "<p/>"}),
        make_zip({"a.txt": "名单"}),
        make_zip({"xl/workbook.bin": "x"}),
        make_zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
        "<html><table><tr><td>张三".encode(),
        b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>",
        b"Rar!\x1a\x07\x00...",
        b"MZ\x90\x00\x03" + bytes(60),
        b"abc\x00def",
    ],
)
@pytest.mark.parametrize("name", ["名单.csv", "名单.docx"])
def test_other_kinds_of_files_are_told_so_whatever_their_name(content, name):
    refusal = refusal_of(name, content)
    assert (refusal.code, refusal.http_code) == ("spreadsheet_wrong_type", 422)
    assert "请" in refusal.message


@pytest.mark.parametrize(
    "content",
    [
        make_xlsx(ROSTER)[:2000],
        make_xlsx(ROSTER)[:-30],
        b"PK\x03\x04" + b"x" * 200,
        change_member(make_xlsx(ROSTER), "xl/workbook.xml", lambda _: b"<broken"),
        change_member(make_xlsx(ROSTER), "xl/worksheets/sheet1.xml", lambda data: data[: len(data) // 2]),
        change_member(make_ods(ROSTER), "content.xml", lambda data: data[: len(data) // 2]),
        make_xls(ROSTER)[:1500],
        b"\xff\xfe\x00",
        b"\x81\x00\x99\x00 ruins",
    ],
)
def test_broken_files_are_refused_as_broken(content):
    refusal = refusal_of("名单.xlsx", content)
    assert (refusal.code, refusal.http_code) == ("spreadsheet_broken", 422)


def test_a_cell_longer_than_any_table_holds_is_broken():
    assert code_of("名单.csv", b'"a,' + b"a" * 200_000) == "spreadsheet_broken"


def test_text_that_no_encoding_explains_is_broken():
    assert code_of("名单.csv", "张三\n".encode() + b"\xff\xff\xfe") == "spreadsheet_broken"


@pytest.mark.parametrize(
    "content",
    [b"", b" \r\n\t ", b"\xef\xbb\xbf", b"\xff\xfe", b",,,\n,,\n", make_xlsx([]), make_xls([[""]]), make_ods([[" "]])],
)
def test_files_without_a_word_are_refused_as_empty(content):
    assert code_of("名单.xlsx", content) == "spreadsheet_empty"


def test_ten_megabytes_are_the_limit():
    refusal = refusal_of("名单.csv", b"a" * (10 * 1024 * 1024 + 1))
    assert (refusal.code, refusal.http_code) == ("spreadsheet_too_large", 413)


@pytest.mark.parametrize(
    "content",
    [
        make_zip({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 60_000_000}),
        make_zip({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 5_000_000}),
        make_zip({f"xl/{number}.xml": b"" for number in range(2_001)}),
    ],
)
def test_zip_bombs_are_refused_within_a_second(content):
    start = time.monotonic()
    assert code_of("名单.xlsx", content) == "spreadsheet_too_large"
    assert time.monotonic() - start < 1


def test_a_member_that_unpacks_to_more_than_its_header_says_is_not_unpacked():
    honest = make_zip({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 30_000_000})
    lying = honest.replace((30_000_000).to_bytes(4, "little"), (3_000).to_bytes(4, "little"))
    assert code_of("名单.xlsx", lying) == "spreadsheet_broken"


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "CW1", "A20001"])
def test_a_cell_far_away_is_refused_and_does_not_take_the_memory(cell):
    def place(sheet):
        sheet[cell] = "末"

    assert code_of("名单.xlsx", make_xlsx(ROSTER, place)) == "spreadsheet_too_large"


def test_text_with_too_many_rows_or_columns_is_refused():
    assert code_of("a.csv", "张三\n".encode() * 20_001) == "spreadsheet_too_large"
    assert code_of("a.csv", b"a," * 100 + b"a") == "spreadsheet_too_large"


def test_entities_in_a_workbook_are_not_expanded():
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + "lol" * 1000 + '">'
    for letter, before in ("ba", "cb", "dc", "ed"):
        bomb += f'<!ENTITY {letter} "' + f"&{before};" * 100 + '">'
    bomb += "]>"

    def plant(data: bytes) -> bytes:
        return bomb.encode() + data.replace(b"<sheetData>", b'<sheetData><row r="9"><c t="str"><v>&e;</v></c></row>')

    start = time.monotonic()
    assert (
        code_of("名单.xlsx", change_member(make_xlsx(ROSTER), "xl/worksheets/sheet1.xml", plant))
        == "spreadsheet_broken"
    )
    assert time.monotonic() - start < 5
