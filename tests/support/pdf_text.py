"""What stands in a PDF of ours: the text that a reader would copy, line by line, and the fonts that are inside."""

from __future__ import annotations

import re
import zlib

_STREAM = re.compile(rb"/Length (\d+)[^<>]*>>\s*stream\r?\n")
_FONT = re.compile(r"/(F\d+) (\d+) 0 R")
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def embedded_fonts(pdf: bytes) -> set[str]:
    """The names of the fonts whose letters are in the file."""
    return {name.decode() for name in re.findall(rb"/FontName /[A-Z]{6}\+(\S+)", pdf)}


def lines_of(pdf: bytes) -> list[str]:
    """Every run of letters in the order of drawing, by the table with which a reader copies text."""
    maps, lines = _tables(pdf), []
    font = b""
    for page in _streams(pdf):
        if b" Tj" not in page:
            continue
        for found in _SHOWN.finditer(page):
            if found[1]:
                font = found[1]
                continue
            codes = _ESCAPED.sub(_plain, found[2])
            table = maps[font.decode()]
            lines.append("".join(table[codes[at : at + 2]] for at in range(0, len(codes), 2)))
    return lines


def narrowings(pdf: bytes) -> list[str]:
    """The per cent of their own width in which lines are set, where it is not all of it."""
    found = [scale.decode() for page in _streams(pdf) for scale in re.findall(rb"([\d.]+) Tz", page)]
    return [scale for scale in found if scale != "100.00"]


def _plain(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    return bytes([int(sign, 8)]) if sign.isdigit() else _LETTERS.get(sign, sign)


def _tables(pdf: bytes) -> dict[str, dict[bytes, str]]:
    objects = {int(m[1]): m[2] for m in re.finditer(rb"(?<!\d)(\d+) 0 obj\b(.*?)\bendobj", pdf, re.DOTALL)}
    tables = {}
    for name, number in _FONT.findall(pdf.decode("latin-1")):
        to_unicode = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
        assert to_unicode is not None
        tables[name] = _table(next(iter(_streams(objects[int(to_unicode[1])]))).decode("latin-1"))
    return tables


def _table(text: str) -> dict[bytes, str]:
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for code, shown in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[bytes.fromhex(code)] = bytes.fromhex(shown).decode("utf-16-be")
    return found


def _streams(pdf: bytes) -> list[bytes]:
    found = []
    for head in _STREAM.finditer(pdf):
        content = pdf[head.end() : head.end() + int(head[1])]
        found.append(zlib.decompress(content) if content.startswith(b"x\x9c") else content)
    return found
