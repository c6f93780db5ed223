"""Real files, made by the programs that offices use or by libraries that write their formats."""

from __future__ import annotations

import io
import zipfile

import odswriter
import openpyxl
import pytest
import xlwt
from office_rows import read_rows

from kaohe.domain.errors import KaoheError

ROSTER = [["姓名", "单位"], ["张三", "办公室"], ["李四", "财务科"]]


def make_xlsx(rows, change=None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def make_xls(rows) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    for row_number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(row_number, column, cell)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def make_ods(rows) -> bytes:
    target = io.BytesIO()
    with odswriter.writer(target) as book:
        sheet = book.new_sheet("名单")
        for row in rows:
            sheet.writerow(row)
    return target.getvalue()


def change_member(archive: bytes, name: str, change) -> bytes:
    """The same zip archive with one member's bytes changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in source.infolist():
            data = source.read(member)
            copy.writestr(member.filename, change(data) if member.filename == name else data)
    return target.getvalue()


def refusal_of(filename: str, content: bytes) -> KaoheError:
    with pytest.raises(KaoheError) as caught:
        read_rows(filename, content)
    return caught.value


def code_of(filename: str, content: bytes) -> str:
    return refusal_of(filename, content).code
