"""Long lists: page by page on the screen, and whole as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from flask import Response, request, url_for

from kaohe.reports.csv_sheets import csv_text
from kaohe.reports.sheet import Sheet, file_stem
from kaohe.reports.xlsx import workbook
from kaohe.storage.read_views import end_read_view

_EXCEL_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV_TYPE: Final = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Paging:
    """Which lines of a list a page shows, and the ways to the pages beside it."""

    start: int
    end: int
    """``lines[start:end]``."""
    text: str
    """Which page of how many; '' where there is one."""
    earlier_url: str
    later_url: str


def paging(endpoint: str, count: int, lines_of_a_page: int, **kept: str) -> Paging:
    """The page that the address asks for with ``page``, else the nearest there is.

    ``kept`` is what the addresses of the pages beside it say too.
    """
    last = max(0, count - 1) // lines_of_a_page
    number = min(max(0, (request.args.get("page", 1, int) or 1) - 1), last)
    said: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return Paging(
        start=number * lines_of_a_page,
        end=(number + 1) * lines_of_a_page,
        text=f"第 {number + 1} 页，共 {last + 1} 页" if last else "",
        earlier_url=url_for(endpoint, **said, page=number) if number else "",
        later_url=url_for(endpoint, **said, page=number + 2) if number < last else "",
    )


def excel_file(sheet: Sheet, *more: Sheet) -> Response:
    """The sheets as one Excel workbook, named by the title of the first."""
    # A file is made slowly enough not to keep a view of the database open meanwhile.
    end_read_view()
    return attached(workbook([sheet, *more]), _EXCEL_TYPE, f"{file_stem(sheet.title)}.xlsx")


def csv_file(sheet: Sheet) -> Response:
    """The sheet as a text file, named by its title."""
    end_read_view()
    return attached(csv_text(sheet), _CSV_TYPE, f"{file_stem(sheet.title)}.csv")


def attached(content: bytes, media_type: str, name: str) -> Response:
    """A file to be saved under a Chinese name; what reads nothing but ASCII gets a plain one (RFC 5987)."""
    response = Response(content, content_type=media_type)
    plain = f"kaohe.{name.rpartition('.')[2]}"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    return response
