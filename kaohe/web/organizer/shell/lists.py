"""Long lists: page by page on the screen, and whole as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, url_for

from kaohe.reports.csv_sheets import csv_text
from kaohe.reports.sheet import Sheet, file_stem
from kaohe.reports.xlsx import workbook
from kaohe.storage.read_views import end_read_view
from kaohe.web.asked import asked_number
from kaohe.web.attachments import attached


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


def paging(endpoint: str, count: int, lines_of_a_page: int, at: int = 0, /, **kept: str) -> Paging:
    """The page that the address asks for with ``page``, else the one that holds the line ``at``.

    Where the list is shorter by now it is the last one, as its text says. ``kept`` is what the addresses of the pages
    beside it say too.

    Raises:
        NotFound: the address asks for no number.
    """
    last = max(0, count - 1) // lines_of_a_page
    asked = asked_number("page")
    number = at // lines_of_a_page if asked is None else min(max(0, asked - 1), last)
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
    return attached(workbook([sheet, *more]), f"{file_stem(sheet.title)}.xlsx")


def csv_file(sheet: Sheet) -> Response:
    """The sheet as a text file, named by its title."""
    end_read_view()
    return attached(csv_text(sheet), f"{file_stem(sheet.title)}.csv")
