"""What a file is, told from its bytes: names lie, and office systems rename freely."""

from __future__ import annotations

import struct
import zipfile
from enum import Enum, auto
from io import BytesIO
from typing import Final

from kaohe.domain.errors import KaoheError
from kaohe.intake.refusals import SpreadsheetBroken, SpreadsheetEncrypted, SpreadsheetTooLarge, SpreadsheetWrongType

MAX_UNPACKED_BYTES: Final = 50_000_000
MAX_RATIO: Final = 100
RATIO_FREE_BYTES: Final = 1_000_000
"""Archives that unpack to less than this may be packed as tightly as they like."""
MAX_MEMBERS: Final = 2_000

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC: Final = b"PK\x03\x04"

_NAMED_KINDS: Final = (
    (b"%PDF", "PDF 文件"),
    (b"\xff\xd8\xff", "图片"),
    (b"\x89PNG\r\n", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"Rar!\x1a\x07", "压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"PK\x05\x06", "空的压缩包"),
    (b"{\\rtf", "Word 文档"),
    (b"MZ", "程序文件"),
    (b"\x7fELF", "程序文件"),
)
_MARKUP_STARTS: Final = (b"<html", b"<!doctype", b"<table", b"<meta", b"<head", b"<?xml", b"<div", b"<style")
_MARKUP_TEXT: Final = "这是网页格式的表格。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。"

_DOCUMENT_TEXT: Final = "这是文字文档，不是电子表格。请把名单放进 Excel 表格后再上传。"
_ODF: Final = b"application/vnd.oasis.opendocument."
_LOCKED: Final = 0x1
"""The bit of a zip member that is encrypted."""

_BIFF_GLOBALS: Final = (b"\x09\x08\x10\x00\x00\x06\x05\x00", b"\x09\x08\x08\x00\x00\x05\x05\x00")
_FILEPASS: Final = 0x2F
_BOUNDSHEET: Final = 0x85


class FileKind(Enum):
    """The families that are read."""

    XLSX = auto()
    ODS = auto()
    XLS = auto()
    TEXT = auto()


def kind_of(content: bytes) -> FileKind:
    """The family of a file; refuses every other kind, and every archive that is unsafe to unpack.

    Raises: a SpreadsheetRefusal. Reads archive directories only, never a member of any size.
    """
    if content.startswith(ZIP_MAGIC):
        return _kind_of_archive(content)
    if content.startswith(OLE_MAGIC):
        return _kind_of_ole(content)
    for magic, label in _NAMED_KINDS:
        # Two letters alone may begin an honest text, so these kinds must also hold a NUL as such files do.
        if content.startswith(magic) and (len(magic) > 2 or b"\0" in content[:1024]):  # noqa: PLR2004 -- see above
            raise SpreadsheetWrongType(f"这是{label}，不是电子表格。请上传 .xlsx、.xls、.ods 或 .csv 文件。")
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:16].lower().startswith(_MARKUP_STARTS):
        raise SpreadsheetWrongType(_MARKUP_TEXT)
    return FileKind.TEXT


def _kind_of_archive(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _kind_of_members(archive)
    except KaoheError:
        raise
    except Exception as error:  # zipfile and zlib raise a dozen kinds of errors for damaged archives
        raise SpreadsheetBroken from error


def _kind_of_members(archive: zipfile.ZipFile) -> FileKind:
    members = archive.infolist()
    names = {member.filename for member in members}
    check_bomb(members)
    if "encrypted-package" in names or any(member.flag_bits & _LOCKED for member in members):
        raise SpreadsheetEncrypted
    if "xl/workbook.xml" in names:
        return FileKind.XLSX
    if "xl/workbook.bin" in names:
        raise SpreadsheetWrongType("这是 .xlsb 格式，请用 Excel 另存为 .xlsx 后再上传。")
    media_type = _read_start(archive, "mimetype") if "mimetype" in names else b""
    if media_type.startswith(_ODF + b"spreadsheet"):
        if "META-INF/manifest.xml" in names and b"encryption-data" in _read_start(archive, "META-INF/manifest.xml"):
            raise SpreadsheetEncrypted
        return FileKind.ODS
    if "word/document.xml" in names or media_type.startswith(_ODF + b"text"):
        raise SpreadsheetWrongType(_DOCUMENT_TEXT)
    raise SpreadsheetWrongType


def check_bomb(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that unpacks to more than is reasonable: ``SpreadsheetTooLarge``."""
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    is_dense = unpacked > RATIO_FREE_BYTES and unpacked > MAX_RATIO * packed
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES or is_dense:
        raise SpreadsheetTooLarge


def _read_start(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(1_000_000)


def _kind_of_ole(content: bytes) -> FileKind:
    if _has_stream(content, "EncryptedPackage") or _is_locked_biff(content):
        raise SpreadsheetEncrypted
    if _has_stream(content, "Workbook") or _has_stream(content, "Book"):
        return FileKind.XLS
    if _has_stream(content, "WordDocument"):
        raise SpreadsheetWrongType(_DOCUMENT_TEXT)
    if not _has_stream(content, "Root Entry"):
        raise SpreadsheetBroken
    raise SpreadsheetWrongType


def _has_stream(content: bytes, name: str) -> bool:
    """Whether the compound file's directory lists a stream: entries are 128 bytes, aligned, the name first."""
    encoded = name.encode("utf-16-le") + b"\0\0"
    at = content.find(encoded)
    while at >= 0:
        if at % 128 == 0 and content[at + 64 : at + 66] == len(encoded).to_bytes(2, "little"):
            return True
        at = content.find(encoded, at + 1)
    return False


def _is_locked_biff(content: bytes) -> bool:
    """Whether a FILEPASS record stands among the first records of an .xls workbook."""
    for marker in _BIFF_GLOBALS:
        at = content.find(marker)
        end = at + 4_096
        while 0 <= at < end and at + 4 <= len(content):
            record, length = struct.unpack_from("<HH", content, at)
            if record == _FILEPASS:
                return True
            if record == _BOUNDSHEET:
                break
            at += 4 + length
    return False
